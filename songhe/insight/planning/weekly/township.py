"""One area's week: visits by annealing; calls.py then spaces the calls between them."""

import numpy as np

from songhe.insight.planning.reasons import Reason
from songhe.insight.planning.weekly import kernel
from songhe.insight.planning.weekly.model import DAYS, VISIT, Item, Rules

NEVER = 1e7
LOOK = 50_000  # steps between two looks at the clock


class Township:
    """Tasks (visits owed) and routes (helper × day) of one area as arrays for the kernel."""

    def __init__(self, people, helpers, owed, travel, rules: Rules, *, pins, forbids, urgent, was, first_day):
        self.people, self.helpers, self.rules, self.first_day = people, helpers, rules, first_day
        self.number = {h.id: j for j, h in enumerate(helpers)}
        self.owed, self.pins, self.forbids = owed, pins, forbids
        points = np.array([(p.x, p.y) for p in people] + [(h.x, h.y) for h in helpers], dtype=float).reshape(-1, 2)
        self.way = travel(points)
        self.dist = np.ascontiguousarray(self.way.minutes.astype(np.float64))
        self.urgent = urgent
        self.tasks = []  # (person number, which of the person's visits, of how many, fixed day or None, tier)
        for i, p in enumerate(people):
            duty = owed.get(p.id)
            if duty and not duty.excused:
                self.tasks += [(i, j, duty.visits, None, duty.tier) for j in range(duty.visits)]
        self.index = {p.id: i for i, p in enumerate(people)}
        self.tasks += [(self.index[u.person], 0, 1, u.day, 0) for u in urgent if u.person in self.index]
        self._routes()
        self._tasks(was)

    def _routes(self):
        rules, helpers = self.rules, self.helpers
        own_calls = np.zeros(len(helpers))
        for p in self.people:
            duty = self.owed.get(p.id)
            if duty and not duty.excused and p.own in self.number:
                own_calls[self.number[p.own]] += duty.calls * rules.call_minutes
        minutes = np.array(
            [[h.minutes[d] if d >= self.first_day else 0 for d in range(DAYS)] for h in helpers], dtype=float
        )
        worked = np.maximum(minutes.sum(axis=1), 1e-9)
        # calls take their share of every working day; what is left is for visits and travel
        kept = minutes * np.minimum(1.0, own_calls / worked)[:, None]
        self.minutes = minutes
        self.room = np.where(minutes > 0, np.maximum(minutes - kept, 0.0), 0.0).ravel()
        cap = np.array([h.cap if h.cap is not None else minutes[j].sum() for j, h in enumerate(helpers)], dtype=float)
        self.week_room = np.minimum(cap, worked)
        self.base_work = np.minimum(own_calls, self.week_room)
        self.helper = np.repeat(np.arange(len(helpers)), DAYS).astype(np.int64)
        self.day = np.tile(np.arange(DAYS), len(helpers)).astype(np.int64)

    def _day_prices(self, task):
        i, j, count, fixed, tier = task
        rules, person = self.rules, self.people[i]
        price = np.zeros(DAYS)
        price[: self.first_day] = NEVER
        if fixed is not None:
            price[:] = NEVER
            price[fixed] = 0.0
            return price
        if count > 1:
            # each of several visits has its own part of the days worked, best in its middle, so that they are spaced
            worked = np.flatnonzero(self.minutes.sum(axis=0) > 0)
            part = worked[j * len(worked) // count : (j + 1) * len(worked) // count]
            if len(part):
                outside = np.ones(DAYS, bool)
                outside[part] = False
                price[outside] = NEVER
                middle = (j + 0.5) * (int(worked[-1]) + 1) / count - 0.5
                price += rules.rest * (np.arange(DAYS) - middle) ** 2
        rested = self.owed[person.id].rested
        if rested is not None:
            price += rules.rest * np.maximum(0, rules.apart - (rested + np.arange(DAYS)))
        price += {1: rules.early, 2: rules.early / 2}.get(tier, 0.0) * np.arange(DAYS)
        pin = self.pins.get(person.id)
        if pin and pin.day is not None:
            free = price[pin.day]
            price[:] = NEVER
            price[pin.day] = free
        return price

    def _tasks(self, was):
        people, rules = self.people, self.rules
        n, H = len(self.tasks), len(self.helpers)
        self.n, self.R = n, H * DAYS
        self.able = np.ones((H, n), np.bool_)
        for v, (i, *_rest) in enumerate(self.tasks):
            p = people[i]
            for refused in p.refuses | self.forbids.get(p.id, frozenset()):
                if refused in self.number:
                    self.able[self.number[refused], v] = False
            pin = self.pins.get(p.id)
            if pin and pin.helper is not None:
                mine = self.number.get(pin.helper)
                self.able[:, v] = [j == mine for j in range(H)]
        self.day_price = np.array([self._day_prices(t) for t in self.tasks]).reshape(n, DAYS)
        self.own = np.array([self.number.get(people[t[0]].own, -1) for t in self.tasks], np.int64)
        self.leave = np.full(n, rules.leave_own)
        self.length = np.full(n, float(rules.visit_minutes))
        self.price = np.array([rules.undone * {0: 8, 1: 4, 2: 2}.get(t[4], 1) for t in self.tasks], float)
        self.was = np.full(n, -1, np.int64)
        self.keep = np.full(n, rules.keep)
        self.order_was = np.zeros(n, np.int64)
        for v, task in enumerate(self.tasks):
            before = was.get((people[task[0]].id, task[1])) if task[3] is None else None
            if before and before[0] in self.number:
                self.was[v] = self.number[before[0]] * DAYS + before[1]
                self.order_was[v] = before[2]
        self.loc = np.array(
            [t[0] for t in self.tasks] + [len(people) + j for j in range(H) for _ in range(DAYS)] * 2, np.int64
        )
        if n:
            self._neighbours()

    def _neighbours(self):
        n, H = self.n, len(self.helpers)
        at = self.loc[:n]
        ways = self.dist[np.ix_(at, at)].copy()
        np.fill_diagonal(ways, np.inf)
        size = max(1, min(24, n - 1))
        self.near = np.argsort(ways, axis=1, kind="stable")[:, :size].astype(np.int64)
        if n == 1:
            self.near[:] = 0
        self.homes = np.zeros((n, min(28, self.R)), np.int64)
        open_days = self.room.reshape(H, DAYS) > 0
        for v in range(n):
            way = self.dist[len(self.people) + np.arange(H), at[v]]
            score = np.repeat(way + np.where(np.arange(H) == self.own[v], 0.0, self.leave[v]), DAYS)
            score = score + np.where(open_days.ravel() & np.repeat(self.able[:, v], DAYS), 0.0, 1e9)
            score = score + np.tile(np.minimum(self.day_price[v], 1e8), H)
            self.homes[v] = np.argsort(score, kind="stable")[: self.homes.shape[1]]


class Search:
    """The state of one annealing run over a township."""

    def __init__(self, t: Township, seed: int):
        n, R = t.n, t.R
        self.t = t
        self.nxt, self.prv = np.zeros(n + 2 * R, np.int64), np.zeros(n + 2 * R, np.int64)
        self.nxt[n : n + R] = np.arange(n + R, n + 2 * R)
        self.prv[n + R :] = np.arange(n, n + R)
        self.rte = np.full(n + 2 * R, -1, np.int64)
        self.rte[n : n + R] = np.arange(R)
        self.rte[n + R :] = np.arange(R)
        self.used = np.zeros(R)
        self.work = t.base_work.copy()
        self.out, self.where = np.arange(max(1, n), dtype=np.int64), np.arange(max(1, n), dtype=np.int64)
        self.tally = np.array([n, 0], np.int64)
        self.totals = np.array([0.0, float(t.price.sum()) if n else 0.0])
        self.rng = np.array([(seed * 0x9E3779B97F4A7C15 + 0x2545F491) % (1 << 64) or 1], np.uint64)

    def run(self, steps, hot, cold):
        t = self.t
        kernel.anneal(
            steps, float(hot), float(cold), t.n, t.R, t.near, t.able, t.dist, t.loc, t.length, t.own, t.leave, t.day_price,
            t.was, t.keep, t.helper, t.day, t.room, t.week_room, t.rules.balance, t.price, self.prv, self.nxt, self.rte,
            self.used, self.work, self.out, self.where, self.tally, self.rng, t.homes, self.totals,
        )  # fmt: skip

    def settle(self, routes):
        """Start from given routes {route number: [tasks]}; a task that no longer fits is left out."""
        t, n, R = self.t, self.t.n, self.t.R
        inside = np.zeros(n, bool)
        for r, tasks in routes.items():
            at, h = n + r, t.helper[r]
            for v in tasks:
                if inside[v] or not t.able[h, v] or t.day_price[v, t.day[r]] >= 1e6:
                    continue
                end = n + R + r
                more = (
                    t.dist[t.loc[at], t.loc[v]]
                    + t.dist[t.loc[v], t.loc[end]]
                    - t.dist[t.loc[at], t.loc[end]]
                    + t.length[v]
                )
                if self.used[r] + more > t.room[r] or self.work[h] + more > t.week_room[h]:
                    continue
                self.nxt[at], self.prv[v], self.nxt[v], self.prv[end] = v, at, end, v
                self.rte[v] = r
                self.used[r] += more
                self.work[h] += more
                self.totals[0] += more - t.length[v]
                self.totals[1] += self._fit(v, r) - t.price[v]
                inside[v] = True
                at = v
        left = np.flatnonzero(~inside)
        self.where[:] = -1
        self.out[: len(left)] = left
        self.where[left] = np.arange(len(left))
        self.tally[kernel.OUT] = len(left)

    def _fit(self, v, r):
        t = self.t
        price = float(t.day_price[v, t.day[r]])
        if t.own[v] >= 0 and t.helper[r] != t.own[v]:
            price += float(t.leave[v])
        if t.was[v] >= 0 and t.was[v] != r:
            price += float(t.keep[v])
        return price

    def objective(self):
        return float(self.totals.sum() + self.t.rules.balance * (self.work**2).sum())

    def routes(self):
        n, R = self.t.n, self.t.R
        nxt = self.nxt.tolist()
        found = {}
        for r in range(R):
            x, route = nxt[n + r], []
            while x < n:
                route.append(x)
                x = nxt[x]
            if route:
                found[r] = route
        return found


def _stretch(search: Search, steps: int, heat: float, spent) -> None:
    """So many steps at one heat, ended early when the clock has run out (looked at every so often)."""
    while steps > 0 and spent() < 1.0:
        search.run(min(steps, LOOK), heat, heat)
        steps -= LOOK


def solve(t: Township, *, steps: int, seed: int, spent, resumed: bool) -> tuple[dict, float]:
    """Best routes {helper × day: visits in order} after `steps` (fewer when `spent()` reaches 1)."""
    if t.n == 0:
        return {}, 0.0
    search = Search(t, seed)
    if resumed:
        begin = {}
        for v in range(t.n):
            if t.was[v] >= 0:
                begin.setdefault(int(t.was[v]), []).append(v)
        for tasks in begin.values():
            tasks.sort(key=lambda v: t.order_was[v])
        search.settle(begin)
    way = float(np.median(t.dist[t.dist > 0])) if (t.dist > 0).any() else 1.0
    hot, cold = (3.0, 0.1) if resumed else (max(4.0, 1.5 * way), 0.15)
    best, kept = None, None
    parts = 60
    for i in range(parts):
        share = max(i / (parts - 1), spent())  # a clock that runs out cools sooner, so that what is there is fit to use
        if share >= 1.0 and i < parts - 1:
            break
        heat = hot * (cold / hot) ** share
        _stretch(search, max(1, steps // parts), heat, spent)
        if share >= 0.5 or resumed:
            value = search.objective()
            if best is None or value < best - 1e-9:
                best, kept = value, search.routes()
    if kept is None:  # no time at all
        search.run(min(steps, LOOK), cold, cold)
        best, kept = search.objective(), search.routes()
    return kept, best


def visit_items(t: Township, routes: dict) -> tuple[list[Item], list[Reason]]:
    """Contacts in order, and why each visit that found no room was left."""
    items, planned = [], set()
    for r, tasks in routes.items():
        h, d = t.helpers[t.helper[r]], int(t.day[r])
        at, clock = t.loc[t.n + r], 0.0
        for order, v in enumerate(tasks):
            i, _j, _, fixed, _ = t.tasks[v]
            step = float(t.dist[at, i])
            clock += step
            p = t.people[i]
            items.append(Item(p.id, h.id, d, VISIT, order, clock, step, _why(t, v, h, d, fixed)))
            clock += t.rules.visit_minutes
            at = t.loc[v]
            planned.add(v)
    return items, [_left(t, v) for v in range(t.n) if v not in planned]


def _why(t, v, h, d, fixed):
    p = t.people[t.tasks[v][0]]
    pin = t.pins.get(p.id)
    if fixed is not None:
        return "urgent"
    if pin and pin.helper is not None:
        return "pinned"
    if p.own == h.id:
        return "own"
    if p.own is None or p.own not in t.number:
        return "no_own_helper"
    if t.minutes[t.number[p.own], d] <= 0:
        return "own_off"
    return "balance_or_travel"


def _left(t: Township, v: int) -> Reason:
    i, _, _, _fixed, _ = t.tasks[v]
    p = t.people[i]
    who = [j for j in range(len(t.helpers)) if t.able[j, v]]
    if not t.helpers:
        return Reason("no_helper", p.id, "本片没有帮扶人员。", "There is no helper in this area.")
    if not who:
        return Reason(
            "nobody_allowed", p.id, "指定或回避的设置使任何人都不能上门,请放宽其中一项。",
            "Pins and refusals leave nobody who may come; loosen one of them.",
        )  # fmt: skip
    days = [d for d in range(7) if t.day_price[v, d] < 1e6]
    if not any(t.room[j * 7 + d] > 0 for j in who for d in days):
        return Reason(
            "nobody_working",
            p.id,
            "允许的日子里,能上门的人都休息。",
            "On the days allowed, everyone who may come is off.",
        )
    way = min(2 * t.dist[len(t.people) + j, i] for j in who) + t.rules.visit_minutes
    if way > max(t.room[j * 7 + d] for j in who for d in days):
        return Reason(
            "too_far", p.id, f"往返加探访要 {way:.0f} 分钟,超过任何人一天可用的时间。",
            f"There and back with the visit takes {way:.0f} minutes, more than anyone has in a day.",
        )  # fmt: skip
    return Reason(
        "hours_used_up", p.id, "本片人员的工时已用于更优先的对象,请增加人手或延长可用时间。",
        "The hours of this area went to people who come first; add helpers or hours.",
    )  # fmt: skip

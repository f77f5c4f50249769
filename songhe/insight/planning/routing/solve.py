"""Rounds by annealing: a whole county day as one problem, from an empty plan, within a budget."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from songhe.insight.planning.budget import Budget
from songhe.insight.planning.keeping import EVERY, Keeper
from songhe.insight.planning.reasons import Reason
from songhe.insight.planning.routing import anneal as kernel
from songhe.insight.planning.routing.model import Call, Day, Routes, refuse_impossible, why_alone

NEAR = 32
HOMES = 12
CHUNK = 50_000
AGAIN = 0.75  # share of the budget after which the best plan is warmed up once more


class Tables:
    """The day as integer arrays, visits renumbered so that neighbours on the ground are neighbours in memory."""

    def __init__(self, day: Day):
        self.day = day
        alone = [why_alone(day, v) for v in day.visits]
        self.impossible = [r for r in alone if r is not None]
        keep = np.array([i for i, r in enumerate(alone) if r is None], dtype=np.int64)
        # nearest-neighbour order over places keeps the rows of the travel matrix that are used together close together
        self.ids = keep[self._ground_order(day, keep)] if len(keep) else keep
        visits = [day.visits[i] for i in self.ids]
        vehicles = day.vehicles
        n, V = len(visits), len(vehicles)
        self.n, self.V = n, V
        place = np.array([v.place for v in visits] + [k.base for k in vehicles] * 2, np.int64)
        used, self.loc = np.unique(place, return_inverse=True)
        _, first = np.unique(place, return_index=True)
        rank = np.argsort(np.argsort(first))  # places in the order in which they first occur
        self.loc = rank[self.loc].astype(np.int64)
        order = used[np.argsort(first)]
        self.dist = np.ascontiguousarray(np.asarray(day.travel)[np.ix_(order, order)].astype(np.int32))
        self.opens = np.array([v.window[0] for v in visits] + [k.shift[0] for k in vehicles] * 2, np.int64)
        self.shuts = np.array([v.window[1] for v in visits] + [k.shift[1] for k in vehicles] * 2, np.int64)
        self.serv = np.array([v.duration for v in visits], np.int64)
        self.demand = np.array([v.load for v in visits], np.int64)
        self.price = np.array([v.price for v in visits], np.int64)
        self.cap = np.array([k.capacity for k in vehicles], np.int64)
        self.fixed = np.array([k.fixed for k in vehicles], np.int64)
        self.longest = np.array([k.longest for k in vehicles], np.int64)
        names = sorted({v.skill for v in visits})
        has = np.array([[s in k.skills for s in names] for k in vehicles], np.bool_).reshape(V, len(names))
        self.able = (
            np.ascontiguousarray(has[:, [names.index(v.skill) for v in visits]]) if n else np.zeros((V, 0), np.bool_)
        )
        self.near, self.homes = self._near(), self._homes()

    @staticmethod
    def _ground_order(day, keep):
        """Greedy chain through the visits by travel: cheap, and good enough for locality."""
        places = np.array([day.visits[i].place for i in keep])
        unique, back = np.unique(places, return_inverse=True)
        t = np.asarray(day.travel)
        left = np.ones(len(unique), bool)
        at, chain = 0, np.empty(len(unique), np.int64)
        for r in range(len(unique)):
            left[at] = False
            chain[r] = at
            if r + 1 < len(unique):
                way = np.where(left, t[unique[at], unique], np.iinfo(np.int64).max)
                at = int(np.argmin(way))
        position = np.empty(len(unique), np.int64)
        position[chain] = np.arange(len(unique))
        return np.argsort(position[back], kind="stable")

    def _near(self):
        n = self.n
        if n < 2:
            return np.zeros((n, 1), np.int64)
        near = np.empty((n, min(NEAR, n - 1)), np.int64)
        lo, hi, serv = self.opens[:n], self.shuts[:n], self.serv
        rows = self.loc[:n]
        for i in range(n):
            to, back = self.dist[rows[i], rows].astype(float), self.dist[rows, rows[i]].astype(float)
            wait = np.maximum(0, lo - (hi[i] + serv[i] + to))
            late = np.maximum(0, lo[i] + serv[i] + to - hi)
            wait_b = np.maximum(0, lo[i] - (hi + serv + back))
            late_b = np.maximum(0, lo + serv + back - hi[i])
            cost = np.minimum(to + 0.2 * wait + late, back + 0.2 * wait_b + late_b)
            cost[i] = np.inf
            best = np.argpartition(cost, near.shape[1] - 1)[: near.shape[1]]
            near[i] = best[np.argsort(cost[best], kind="stable")]
        return near

    def _homes(self):
        n, V = self.n, self.V
        out = np.zeros((n, min(HOMES, V)), np.int64)
        bases = self.loc[n : n + V]
        for i in range(n):
            way = self.dist[bases, self.loc[i]].astype(float)
            way = np.where(self.able[:, i], way, 1e15 + way)
            # among vehicles at one base each visit looks at others, so that none is forgotten
            turned = np.roll(np.arange(V), -((i * 7919) % V))
            out[i] = turned[np.argsort(way[turned], kind="stable")][: out.shape[1]]
        return out


class Chain:
    """One run of the annealing: routes as linked lists, visits left out, and the best routes at the end of a chunk."""

    def __init__(self, t: Tables, seed: int):
        n, V = t.n, t.V
        nodes = n + 2 * V
        self.t = t
        self.nxt, self.prv = np.zeros(nodes, np.int64), np.zeros(nodes, np.int64)
        self.nxt[n : n + V] = np.arange(n + V, nodes)
        self.prv[n + V :] = np.arange(n, n + V)
        self.veh = np.full(nodes, -1, np.int64)
        self.ear = np.zeros(nodes, np.int64)
        self.ear[n : n + V] = t.opens[n : n + V]
        self.load = np.zeros(V, np.int64)
        self.out = np.arange(max(1, n), dtype=np.int64)
        self.where = np.arange(max(1, n), dtype=np.int64)
        self.tally = np.zeros(4, np.int64)
        self.tally[kernel.PRICE] = t.price.sum()
        self.tally[kernel.OUT] = n
        self.rng = np.array([(seed * 0x9E3779B97F4A7C15 + 0x632BE5AB) % (1 << 64) or 1], np.uint64)
        self.best, self.best_routes = None, None

    @property
    def cost(self):
        return int(self.tally[kernel.TRAVEL] + self.tally[kernel.PRICE])

    def run(self, steps, hot, cold):
        t = self.t
        kernel.anneal(
            steps, float(hot), float(cold), t.n, t.V, t.near, t.able, t.cap, self.load, t.demand, t.price, t.opens, t.shuts,
            t.serv, t.dist, t.loc, self.prv, self.nxt, self.veh, self.ear, self.out, self.where, self.tally, self.rng,
            t.homes, t.fixed, t.longest,
        )  # fmt: skip

    def keep(self):
        if self.best is None or self.cost < self.best:
            self.best, self.best_routes = self.cost, self.routes()

    def routes(self):
        n, V = self.t.n, self.t.V
        nxt = self.nxt.tolist()
        found = []
        for k in range(V):
            x, route = nxt[n + k], []
            while x < n:
                route.append(x)
                x = nxt[x]
            found.append(route)
        return found

    def load_routes(self, routes):
        """Start from given routes (lists of own visit numbers); visits in none are left out."""
        t = self.t
        n, V = t.n, t.V
        self.veh[:] = -1
        travel, inside = 0, np.zeros(n, bool)
        for k, route in enumerate(routes):
            at, clock = n + k, int(t.opens[n + k])
            self.load[k] = 0
            for v in route:
                clock += int(t.dist[t.loc[at], t.loc[v]])
                travel += int(t.dist[t.loc[at], t.loc[v]])
                clock = max(clock, int(t.opens[v]))
                self.nxt[at], self.prv[v], self.veh[v], self.ear[v] = v, at, k, clock
                clock += int(t.serv[v])
                self.load[k] += t.demand[v]
                inside[v] = True
                at = v
            end = n + V + k
            self.nxt[at], self.prv[end] = end, at
            if route:
                travel += int(t.dist[t.loc[at], t.loc[end]]) + int(t.fixed[k])
        left = np.flatnonzero(~inside)
        self.where[:] = -1
        self.out[: len(left)] = left
        self.where[left] = np.arange(len(left))
        self.tally[kernel.OUT] = len(left)
        self.tally[kernel.TRAVEL] = travel
        self.tally[kernel.PRICE] = int(t.price[left].sum())


def _heat(t):
    """Start and end temperature from the ways that plans are made of: to the nearest neighbours."""
    if t.n < 2:
        return 10.0, 1.0
    width = min(8, t.near.shape[1])
    way = float(np.mean([t.dist[t.loc[i], t.loc[t.near[i, :width]]].mean() for i in range(t.n)]))
    way = max(1.0, way)
    return 1.0 * way, 0.05 * way


def _temperature(spent, hot, cold, again):
    """A short very hot start that finds room for everybody, then a slow fall; after 0.75 a second, milder fall: from high
    up when visits are still left out, else only a little."""
    if again is not None and spent >= AGAIN:
        high = hot * (0.6 if again else 0.12)
        return high * (cold / high) ** ((spent - AGAIN) / (1.0 - AGAIN))
    if spent < 0.1:
        return 3.0 * hot * (1.0 / 3.0) ** (spent / 0.1)
    return hot * (cold / hot) ** ((spent - 0.1) / (AGAIN - 0.1))


def _climb(t, budget, seed, start, hot, cold, offer):
    chain = Chain(t, seed)
    again, mark = None, EVERY
    if start is not None:
        chain.load_routes(start)
        chain.keep()
    chunk = CHUNK if budget.steps is None else max(1, min(CHUNK, budget.steps // 50))
    while (spent := budget.spent()) < 1.0 and t.n:
        if start is not None:
            heat = 0.2 * hot * (0.2 * hot / cold) ** -spent
        else:
            if spent >= AGAIN and again is None:
                chain.keep()
                again = bool(chain.tally[kernel.OUT] > 0)
                chain.load_routes(chain.best_routes)
            heat = _temperature(spent, hot, cold, again)
        chain.run(chunk, heat, heat)
        budget.done += chunk
        if spent > 0.5 or start is not None:
            chain.keep()
        if spent >= mark:
            offer(chain)
            mark = spent + EVERY
        budget.tell(spent, chain.cost)
    chain.keep()
    return chain


def _named(t, routes, impossible=()):
    """Routes of the search's own visit numbers as Routes of the day."""
    return routes_of(
        t.day, {t.day.vehicles[k].id: [int(t.ids[v]) for v in r] for k, r in enumerate(routes)}, impossible
    )


def _offering(t, keeper):
    """Offers the better of a chain's best and its present routes; while it is hot, the best is not looked after."""

    refused = {r.subject for r in t.impossible}
    apart = sum(v.price for v in t.day.visits if v.id in refused)

    def offer(chain):
        if chain.best is not None and chain.best <= chain.cost:
            keeper.offer(apart + chain.best, lambda: _named(t, chain.best_routes, t.impossible))
        else:
            keeper.offer(apart + chain.cost, lambda: _named(t, chain.routes(), t.impossible))

    return offer


def solve(
    day: Day, *, budget: Budget, seed: int = 1, threads: int = 1, start: Routes | None = None,
    keep: Callable[[Routes], None] | None = None,
) -> Routes:  # fmt: skip
    """The best rounds found. ``start`` resumes from (or re-plans around) earlier routes; ``keep`` is given each better plan
    now and then. Same seed and steps: same plan.

    Raises ImpossibleInputError; single visits nobody could do are left out with the reason before the search starts.
    """
    refuse_impossible(day)
    t = Tables(day)
    own = {int(v): i for i, v in enumerate(t.ids)}
    begin = None
    if start is not None:
        begin = [[own[i] for i in start.chosen.get(k.id, []) if i in own] for k in day.vehicles]
    hot, cold = _heat(t)
    offer = _offering(t, Keeper(keep, np.inf if start is None else start.cost))
    budgets = [budget, *(budget.fork() for _ in range(threads - 1))]
    with ThreadPoolExecutor(max_workers=threads) as pool:
        runs = [pool.submit(_climb, t, b, seed + 7919 * i, begin, hot, cold, offer) for i, b in enumerate(budgets)]
        chains = [r.result() for r in runs]
    best = min(chains, key=lambda c: c.best)
    return _named(t, best.best_routes, t.impossible)


def routes_of(day: Day, chosen: dict[str, list[int]], impossible=()) -> Routes:
    """Times of given routes (visit numbers by vehicle id), their price, and the reason of everything left out."""
    t = np.asarray(day.travel)
    vehicles = {k.id: k for k in day.vehicles}
    routes, travel, cost, done = {}, 0, 0, set()
    for name, visits in chosen.items():
        k = vehicles[name]
        at, clock, calls = k.base, k.shift[0], []
        for i in visits:
            v = day.visits[i]
            arrive = clock + int(t[at, v.place])
            travel += int(t[at, v.place])
            begin = max(arrive, v.window[0])
            calls.append(Call(v.id, arrive, begin, begin + v.duration))
            at, clock = v.place, begin + v.duration
            done.add(i)
        if visits:
            travel += int(t[at, k.base])
            cost += k.fixed
        routes[name] = calls
    known = {r.subject for r in impossible}
    left = list(impossible)
    for i, v in enumerate(day.visits):
        if i in done:
            continue
        cost += v.price
        if v.id not in known:
            left.append(
                Reason(
                    "hours_used_up",
                    v.id,
                    "有人会做,但在其时间窗内人员工时或装载已排满,插入任何路线都会违反约束。",
                    "Somebody could do it, but in its window everyone's hours or loads are taken: no route has room.",
                )
            )
    return Routes(routes, travel, travel + cost, left, {k: list(v) for k, v in chosen.items()})


def _span(day: Day, k, visits) -> int:
    """Working time of a route that leaves as late as it can without making anything later: found by shifting the start."""
    t = np.asarray(day.travel)
    if not visits:
        return 0
    stops = [day.visits[i] for i in visits]
    latest = k.shift[1] - int(t[stops[-1].place, k.base]) - stops[-1].duration
    latest = min(latest, stops[-1].window[1])
    for here, after in zip(stops[-2::-1], stops[:0:-1], strict=True):
        latest = min(here.window[1], latest - int(t[here.place, after.place]) - here.duration)
    leave = max(k.shift[0], latest - int(t[k.base, stops[0].place]))

    # waiting that the last possible start does not need is cut by leaving at the time that still ends earliest
    def end(start):
        at, clock = k.base, start
        for v in stops:
            clock = max(clock + int(t[at, v.place]), v.window[0]) + v.duration
            at = v.place
        return clock + int(t[at, k.base])

    return min(end(s) - s for s in (k.shift[0], leave, max(k.shift[0], leave - (end(leave) - end(k.shift[0])))))


def violations(day: Day, chosen: dict[str, list[int]]) -> list[Reason]:
    """Check routes against every rule, in the plainest way; empty when all hold."""
    t = np.asarray(day.travel)
    found, seen = [], set()
    for k in day.vehicles:
        at, clock, load = k.base, k.shift[0], 0
        for i in chosen.get(k.id, []):
            v = day.visits[i]
            clock = max(clock + int(t[at, v.place]), v.window[0])
            load += v.load
            if clock > v.window[1]:
                found.append(Reason("late", v.id, f"晚到 {clock - v.window[1]}。", f"Late by {clock - v.window[1]}."))
            if v.skill not in k.skills:
                found.append(Reason("skill", v.id, "技能不符。", "The skill is missing."))
            if i in seen:
                found.append(Reason("twice", v.id, "重复安排。", "Planned twice."))
            seen.add(i)
            at, clock = v.place, clock + v.duration
        if k.longest >= 0 and _span(day, k, chosen.get(k.id, [])) > k.longest:
            found.append(Reason("longest", k.id, "超过最长工作时间。", "Works longer than allowed."))
        if chosen.get(k.id) and clock + int(t[at, k.base]) > k.shift[1]:
            found.append(Reason("shift", k.id, "超过下班时间。", "Back after the shift ends."))
        if load > k.capacity:
            found.append(Reason("load", k.id, "超载。", "Overloaded."))
    return found


def warm_up() -> None:
    """Compile the kernel (or load it from the cache) on a tiny day, before any clock runs."""
    from songhe.insight.planning.routing.model import Vehicle, Visit

    visits = tuple(Visit(str(i), i + 1, 1, (0, 90)) for i in range(3))
    solve(Day(visits, (Vehicle("a", 0, (0, 99)),), np.ones((4, 4), np.int64)), budget=Budget(steps=50))

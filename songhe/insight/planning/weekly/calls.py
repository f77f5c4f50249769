"""One area's calls, spaced between its visits."""

import numpy as np

from songhe.insight.planning.reasons import Reason
from songhe.insight.planning.weekly.model import CALL, DAYS, Item
from songhe.insight.planning.weekly.township import Township


class _Calls:
    """Placing calls: minutes left for each helper and day after visits and travel, and the days each person has contact."""

    def __init__(self, t: Township, items, done_calls):
        self.t = t
        self.free = t.minutes.copy()
        self.days = {p.id: list(done_calls.get(p.id, ())) for p in t.people}
        self.count, self.calls = {}, []
        last = {}
        for it in items:
            j = t.number[it.helper]
            self.free[j, it.day] -= it.travel + t.rules.visit_minutes
            self.days[it.person].append(it.day)
            if (j, it.day) not in last or last[j, it.day].order < it.order:
                last[j, it.day] = it
        for (j, d), it in last.items():
            self.free[j, d] -= float(t.dist[t.index[it.person], len(t.people) + j])
        caps = np.array([h.cap if h.cap is not None else 1e9 for h in t.helpers], dtype=float)
        self.week = caps - (t.minutes - self.free).sum(axis=1)

    def fits(self, j, d):
        need = self.t.rules.call_minutes - 1e-9
        return d >= self.t.first_day and self.free[j, d] >= need and self.week[j] >= need

    def place(self, p, j, d, why):
        k = self.count.get((j, d), 0)
        self.count[j, d] = k + 1
        self.free[j, d] -= self.t.rules.call_minutes
        self.week[j] -= self.t.rules.call_minutes
        self.days[p.id].append(d)
        self.calls.append(Item(p.id, self.t.helpers[j].id, d, CALL, k, 0.0, 0.0, why))

    def best_day(self, p, j):
        """The day furthest from this person's other contacts; among equals the one with most minutes left."""
        can = [d for d in range(self.t.first_day, DAYS) if self.fits(j, d)]
        if not can:
            return None
        gap = {d: min([abs(d - e) for e in self.days[p.id]], default=DAYS) for d in can}
        return max(can, key=lambda d: (min(gap[d], 2), self.free[j, d] / max(1.0, self.t.minutes[j, d]), gap[d], -d))

    def who(self, p):
        """Helpers to ask, in order: the own one, then those nearest."""
        t = self.t
        banned = p.refuses | t.forbids.get(p.id, frozenset())
        pin = t.pins.get(p.id)
        first = [pin.helper] if pin and pin.helper else []
        order = [t.number[h] for h in [*first, p.own] if h in t.number and h not in banned]
        near = np.argsort(t.dist[len(t.people) :, t.index[p.id]], kind="stable")[:8]
        return list(dict.fromkeys(order + [int(j) for j in near if t.helpers[int(j)].id not in banned]))


def call_items(t: Township, items: list[Item], done_calls: dict, was_calls: dict) -> tuple[list[Item], list[Reason]]:
    """Calls on days as far from the visits and from each other as the week allows, by the own helper when there are minutes.

    `done_calls[person]`: days with calls already made. `was_calls[person]`: (helper, day) told before, kept where possible.
    """
    desk = _Calls(t, items, done_calls)
    owed = [p for p in t.people if t.owed.get(p.id) and not t.owed[p.id].excused]
    owed.sort(key=lambda p: t.owed[p.id].tier)
    left_of = {p.id: t.owed[p.id].calls for p in owed}
    for p in owed:
        banned = p.refuses | t.forbids.get(p.id, frozenset())
        for h, d in was_calls.get(p.id, ()):
            j = t.number.get(h)
            if left_of[p.id] > 0 and j is not None and h not in banned and desk.fits(j, d) and d not in desk.days[p.id]:
                desk.place(p, j, d, "own" if h == p.own else "own_full")
                left_of[p.id] -= 1
    missing = []
    for p in owed:
        for _ in range(left_of[p.id]):
            for j in desk.who(p):
                d = desk.best_day(p, j)
                if d is not None:
                    desk.place(p, j, d, "own" if t.helpers[j].id == p.own else "own_full")
                    break
            else:
                missing.append(
                    Reason(
                        "call_no_minutes",
                        p.id,
                        "本人及邻近帮扶人员都没有通话时间了,请增加人手或时间。",
                        "Neither the own helper nor those nearby have minutes left for a call; add helpers or hours.",
                    )
                )
    return desk.calls, missing

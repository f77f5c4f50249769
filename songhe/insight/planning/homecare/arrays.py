"""Rounds as the integer arrays the kernel works on, and the kernel's state."""

from dataclasses import dataclass, field

import numpy as np

from songhe.insight.planning.homecare import anneal as kernel
from songhe.insight.planning.homecare.instance import AFTER, TOGETHER, Rounds

SPREAD = 8  # places of the global order for each person; the free ones let people move without shifting others
NEAR = 40  # neighbours in time and travel tried for each person
NEVER = 1 << 60
OVERTIME_WEIGHT = 1000  # a minute past the shift costs as much as this many minutes of travel: it is given up last


def _scale(rounds: Rounds) -> int:
    """The smallest power of ten that makes every number whole, kept small enough for 32-bit distances."""
    numbers = [rounds.distances.ravel()]
    for p in rounds.recipients:
        numbers.append(np.array([*p.window, *p.gap, *(s.duration for s in p.services)]))
    values = np.concatenate(numbers)
    high = max(1.0, float(rounds.distances.max(initial=1.0)))
    scale = 1
    while scale < 10_000 and np.abs(values * scale - np.rint(values * scale)).max() > 1e-6:
        scale *= 10
    scale = max(scale, 100)
    while scale > 1 and high * scale >= 2**30:
        scale //= 10
    return scale


@dataclass
class Tables:
    """The instance for the kernel. ``m`` visits, ``K`` carers; ``visits[p]`` are the visits of person p (-1: none)."""

    m: int
    K: int
    scale: int
    kind: np.ndarray
    gap_lo: np.ndarray
    gap_hi: np.ndarray
    opens: np.ndarray
    shuts: np.ndarray
    visits: np.ndarray
    nvis: np.ndarray
    pat: np.ndarray
    serv: np.ndarray
    loc: np.ndarray
    dist: np.ndarray
    able: np.ndarray
    skilled: np.ndarray
    nskilled: np.ndarray
    ends: np.ndarray
    rests: np.ndarray
    begins: np.ndarray
    near: np.ndarray = field(default=None)


def _neighbours(t: Tables) -> np.ndarray:
    """For each person the others that fit beside: short way, little waiting, no lateness, in the better of both orders."""
    places = t.loc[t.visits[:, 0]]
    way = t.dist[np.ix_(places, places)].astype(float)
    length = t.serv[t.visits[:, 0]]
    wait = np.maximum(0, t.opens[None, :] - (t.shuts[:, None] + length[:, None] + way))
    tardy = np.maximum(0, (t.opens[:, None] + length[:, None] + way) - t.shuts[None, :])
    cost = way + 0.3 * wait + tardy
    cost = np.minimum(cost, cost.T)
    np.fill_diagonal(cost, np.inf)
    size = max(1, min(NEAR, len(places) - 1))
    return np.ascontiguousarray(np.argsort(cost, axis=1, kind="stable")[:, :size].astype(np.int64))


def tables(rounds: Rounds) -> Tables:
    people, carers = rounds.recipients, rounds.carers
    n, count, scale = len(people), len(carers), _scale(rounds)
    visits = np.full((n, 2), -1, np.int64)
    pat, serv, skills = [], [], []
    for i, p in enumerate(people):
        for j, s in enumerate(p.services):
            visits[i, j] = len(pat)
            pat.append(i)
            serv.append(round(s.duration * scale))
            skills.append(s.skill)
    m = len(pat)
    able = np.array(
        [[skills[v] in c.skills and c.id not in people[pat[v]].refuses for v in range(m)] for c in carers],
        dtype=np.bool_,
    ).reshape(count, m)
    nskilled = able.sum(axis=0).astype(np.int64)
    skilled = np.zeros((m, count), np.int64)
    for v in range(m):
        skilled[v, : nskilled[v]] = np.flatnonzero(able[:, v])
    places = [people[i].place for i in pat] + [c.base for c in carers] * 2
    shifts = any(c.shift for c in carers)
    rests = np.full((count, 3), -1, np.int64)
    if any(c.rest for c in carers):
        rests[:] = 0
        for k, c in enumerate(carers):
            if c.rest:
                rests[k] = [round(x * scale) for x in (c.rest.earliest, c.rest.latest, c.rest.length)]
    t = Tables(
        m=m,
        K=count,
        scale=scale,
        kind=np.array([{TOGETHER: 1, AFTER: 2}.get(p.kind, 0) for p in people], np.int64),
        gap_lo=np.array([round(p.gap[0] * scale) for p in people], np.int64),
        gap_hi=np.array([round(p.gap[1] * scale) for p in people], np.int64),
        opens=np.array([int(np.ceil(p.window[0] * scale - 1e-6)) for p in people], np.int64),
        shuts=np.array([int(np.floor(p.window[1] * scale + 1e-6)) for p in people], np.int64),
        visits=visits,
        nvis=np.array([len(p.services) for p in people], np.int64),
        pat=np.array(pat, np.int64),
        serv=np.array(serv, np.int64),
        loc=np.array(places, np.int64),
        dist=np.rint(rounds.distances * scale).astype(np.int32),
        able=able,
        skilled=skilled,
        nskilled=nskilled,
        ends=np.array([round(c.shift[1] * scale) if c.shift else NEVER for c in carers], np.int64)
        if shifts
        else np.full(count, -1, np.int64),
        rests=rests,
        begins=np.array([round(c.shift[0] * scale) if c.shift else 0 for c in carers], np.int64),
    )
    t.near = _neighbours(t) if n > 1 else np.zeros((n, 1), np.int64)
    return t


def greedy(t: Tables) -> tuple[np.ndarray, np.ndarray]:
    """(order of people, carer of each visit): people by the middle of their window, each to the carer it costs least."""
    order = np.argsort(t.opens + t.shuts, kind="stable")
    car = np.zeros(t.m, np.int64)
    free = t.begins.astype(float)
    at = t.loc[t.m : t.m + t.K].copy()
    for p in order:
        used = -1
        for v in t.visits[p, : t.nvis[p]]:
            way = t.dist[at, t.loc[v]]
            start = np.maximum(t.opens[p], free + way)
            cost = way + 2.0 * np.maximum(0, start - t.shuts[p]) + 0.3 * (start - free)
            cost = np.where(t.able[:, v], cost, np.inf)
            if used >= 0:
                cost[used] = np.inf
            k = int(np.argmin(cost))
            if not np.isfinite(cost[k]):
                # the only skilled carer is taken by the partner visit: exchange with whoever can do the partner's part
                first = t.visits[p, 0]
                others = [j for j in np.flatnonzero(t.able[:, first]) if j != used]
                k, car[first] = used, others[0]
            used = k
            car[v] = k
            free[k] = start[k] + t.serv[v]
            at[k] = t.loc[v]
    return order, car


class State:
    """One chain of the annealing: routes, times, random numbers and the best order and carers met so far."""

    def __init__(self, t: Tables, seed: int, order: np.ndarray, car: np.ndarray, weight: np.ndarray):
        n, nodes = len(t.kind), t.m + 2 * t.K
        top = -(-n * SPREAD // 64) * 64
        self.t, self.weight = t, weight
        self.order = np.full(top, kernel.FREE, np.int64)
        self.slot = np.zeros(n, np.int64)
        for i, p in enumerate(order):
            self.slot[p] = (2 * i + 1) * top // (2 * n)
        self.order[self.slot] = np.arange(n)
        self.car = car.copy()
        self.prv, self.nxt = np.zeros(nodes, np.int64), np.zeros(nodes, np.int64)
        self.fin, self.rested = np.zeros(nodes, np.int64), np.zeros(nodes, np.int64)
        self.fin[t.m : t.m + t.K] = t.begins
        self.late = np.zeros(t.m, np.int64)
        self.dirty = np.zeros(top // 64, np.uint64)
        self.tally = np.zeros(8, np.int64)
        self.rng = np.array([(seed * 0x9E3779B97F4A7C15 + 0x1D872B41) % (1 << 64) or 1], np.uint64)
        self.mix = np.array([50, 62, 85], np.int64)
        self.best_car, self.best_slot = self.car.copy(), self.slot.copy()
        self.settle()
        self.tally[kernel.BEST] = int((self.weight * self.tally[:4]).sum())

    def settle(self) -> None:
        t = self.t
        kernel.settle(
            t.m, t.K, t.kind, t.gap_lo, t.gap_hi, t.opens, t.shuts, t.visits, t.nvis, t.pat, t.serv, t.loc, t.dist, t.ends,
            t.rests, self.prv, self.nxt, self.car, self.fin, self.rested, self.late, self.slot, self.order, self.tally,
        )  # fmt: skip

    def anneal(self, steps: int, hot: float, cold: float) -> None:
        t = self.t
        kernel.anneal(
            steps, float(hot), float(cold), t.m, t.K, t.kind, t.gap_lo, t.gap_hi, t.opens, t.shuts, t.visits, t.nvis, t.pat,
            t.serv, t.loc, t.dist, t.able, t.skilled, t.nskilled, t.near, t.ends, t.rests, self.weight, self.prv, self.nxt,
            self.car, self.fin, self.rested, self.late, self.slot, self.order, self.dirty, self.tally, self.rng,
            self.best_car, self.best_slot, self.mix,
        )  # fmt: skip

    def back_to_best(self) -> None:
        self.car[:] = self.best_car
        self.slot[:] = self.best_slot
        self.order[:] = kernel.FREE
        self.order[self.slot] = np.arange(len(self.slot))
        self.settle()

    @property
    def best(self) -> int:
        return int(self.tally[kernel.BEST])

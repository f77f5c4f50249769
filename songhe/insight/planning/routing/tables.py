"""A day as integer arrays for the compiled searches, visits renumbered so that neighbours on the ground are neighbours in
memory."""

from typing import NamedTuple

import numpy as np

from songhe.insight.planning.routing.model import Day, why_alone

NEAR = 32  # neighbours in time and travel beside which a visit may be put
CLOSE = 100  # neighbours on the ground alone, around which rounds are torn up
HOMES = 12  # vehicles whose base is near a visit


class Land(NamedTuple):
    """What does not change while searching. Nodes: ``0..n-1`` visits, ``n+k`` the start of vehicle k, ``n+V+k`` its end;
    ``loc`` is a node's row in ``dist``. ``opens``, ``shuts``: when a node may begin; ``able[k, v]``, ``longest[k]`` as in
    the model; ``near``, ``close``: visits by visit; ``homes``: vehicles by visit."""

    n: int
    V: int
    near: np.ndarray
    close: np.ndarray
    homes: np.ndarray
    able: np.ndarray
    cap: np.ndarray
    demand: np.ndarray
    price: np.ndarray
    fixed: np.ndarray
    longest: np.ndarray
    opens: np.ndarray
    shuts: np.ndarray
    serv: np.ndarray
    dist: np.ndarray
    loc: np.ndarray


class Tables:
    """``land`` for the kernels; ``ids``: the day's number of each own visit; ``impossible``: why single visits fell out."""

    def __init__(self, day: Day):
        self.day = day
        alone = [why_alone(day, v) for v in day.visits]
        self.impossible = [r for r in alone if r is not None]
        keep = np.array([i for i, r in enumerate(alone) if r is None], dtype=np.int64)
        # nearest-neighbour order over places keeps the rows of the travel matrix that are used together close together
        self.ids = keep[_ground_order(day, keep)] if len(keep) else keep
        visits = [day.visits[i] for i in self.ids]
        vehicles = day.vehicles
        n, V = len(visits), len(vehicles)
        self.n, self.V = n, V
        place = np.array([v.place for v in visits] + [k.base for k in vehicles] * 2, np.int64)
        used, loc = np.unique(place, return_inverse=True)
        _, first = np.unique(place, return_index=True)
        rank = np.argsort(np.argsort(first))  # places in the order in which they first occur
        loc = rank[loc].astype(np.int64)
        order = used[np.argsort(first)]
        dist = np.ascontiguousarray(np.asarray(day.travel)[np.ix_(order, order)].astype(np.int32))
        opens = np.array([v.window[0] for v in visits] + [k.shift[0] for k in vehicles] * 2, np.int64)
        shuts = np.array([v.window[1] for v in visits] + [k.shift[1] for k in vehicles] * 2, np.int64)
        serv = np.array([v.duration for v in visits], np.int64)
        names = sorted({v.skill for v in visits})
        has = np.array([[s in k.skills for s in names] for k in vehicles], np.bool_).reshape(V, len(names))
        able = np.ascontiguousarray(has[:, [names.index(v.skill) for v in visits]]) if n else np.zeros((V, 0), np.bool_)
        near, close = _neighbours(n, opens, shuts, serv, dist, loc)
        self.land = Land(
            n, V, near, close, _homes(n, V, able, dist, loc), able,
            np.array([k.capacity for k in vehicles], np.int64), np.array([v.load for v in visits], np.int64),
            np.array([v.price for v in visits], np.int64), np.array([k.fixed for k in vehicles], np.int64),
            np.array([k.longest for k in vehicles], np.int64), opens, shuts, serv, dist, loc,
        )  # fmt: skip

    def way(self) -> float:
        """Mean way to the nearest neighbours, the ways that plans are made of; at least 1."""
        land = self.land
        if self.n < 2:
            return 1.0
        width = min(8, land.near.shape[1])
        ways = [land.dist[land.loc[i], land.loc[land.near[i, :width]]].mean() for i in range(self.n)]
        return max(1.0, float(np.mean(ways)))


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


def _least(cost, count):
    """Indices of the `count` least, least first."""
    best = np.argpartition(cost, count - 1)[:count]
    return best[np.argsort(cost[best], kind="stable")]


def _neighbours(n, opens, shuts, serv, dist, loc):
    """-> (visits near in time and travel, visits near on the ground), both without the visit itself."""
    if n < 2:
        return np.zeros((n, 1), np.int64), np.zeros((n, 1), np.int64)
    near, close = np.empty((n, min(NEAR, n - 1)), np.int64), np.empty((n, min(CLOSE, n - 1)), np.int64)
    lo, hi, rows = opens[:n], shuts[:n], loc[:n]
    for i in range(n):
        to, back = dist[rows[i], rows].astype(float), dist[rows, rows[i]].astype(float)
        wait = np.maximum(0, lo - (hi[i] + serv[i] + to))
        late = np.maximum(0, lo[i] + serv[i] + to - hi)
        wait_b = np.maximum(0, lo[i] - (hi + serv + back))
        late_b = np.maximum(0, lo + serv + back - hi[i])
        cost = np.minimum(to + 0.2 * wait + late, back + 0.2 * wait_b + late_b)
        cost[i] = to[i] = np.inf
        near[i] = _least(cost, near.shape[1])
        close[i] = _least(to, close.shape[1])
    return near, close


def _homes(n, V, able, dist, loc):
    out = np.zeros((n, min(HOMES, V)), np.int64)
    bases = loc[n : n + V]
    for i in range(n):
        way = dist[bases, loc[i]].astype(float)
        way = np.where(able[:, i], way, 1e15 + way)
        # among vehicles at one base each visit looks at others, so that none is forgotten
        turned = np.roll(np.arange(V), -((i * 7919) % V))
        out[i] = turned[np.argsort(way[turned], kind="stable")][: out.shape[1]]
    return out

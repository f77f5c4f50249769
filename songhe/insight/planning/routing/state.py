"""One run of the search: routes as linked lists, visits left out, and the best routes met."""

from typing import NamedTuple

import numpy as np

TRAVEL, PRICE, OUT = range(3)  # of `tally`: travel and fixed prices, price of those left out, how many those are


class State(NamedTuple):
    """What the kernels change in place. ``prv``, ``nxt``: neighbours on a route; ``veh``: the vehicle, -1 for none;
    ``ear``, ``lat``: earliest and latest begin at a node that keep the route; ``load``, ``size``: by vehicle; ``out``: visits
    left out, the first ``tally[OUT]`` of it; ``where``: a visit's place in ``out``, or -1; ``rng``: the state of chance."""

    prv: np.ndarray
    nxt: np.ndarray
    veh: np.ndarray
    ear: np.ndarray
    lat: np.ndarray
    load: np.ndarray
    size: np.ndarray
    out: np.ndarray
    where: np.ndarray
    tally: np.ndarray
    rng: np.ndarray


def blank(land, seed: int) -> State:
    """Everybody left out, every vehicle at its base."""
    n, V = land.n, land.V
    nodes = n + 2 * V
    prv, nxt = np.zeros(nodes, np.int64), np.zeros(nodes, np.int64)
    nxt[n : n + V] = np.arange(n + V, nodes)
    prv[n + V :] = np.arange(n, n + V)
    ear = np.zeros(nodes, np.int64)
    ear[n : n + V] = land.opens[n : n + V]
    rng = np.array([(seed * 0x9E3779B97F4A7C15 + 0x632BE5AB) % (1 << 64) or 1], np.uint64)
    return State(
        prv, nxt, np.full(nodes, -1, np.int64), ear, land.shuts.copy(), np.zeros(V, np.int64), np.zeros(V, np.int64),
        np.arange(max(1, n), dtype=np.int64), np.arange(max(1, n), dtype=np.int64),
        np.array([0, land.price.sum(), n], np.int64), rng,
    )  # fmt: skip


class Chain:
    """A state with the best routes it has been in."""

    def __init__(self, land, seed: int):
        self.land, self.state = land, blank(land, seed)
        self.best, self._best_nxt = None, None

    @property
    def cost(self) -> int:
        return int(self.state.tally[TRAVEL] + self.state.tally[PRICE])

    def keep(self) -> None:
        """Remember the present routes if they are the best so far."""
        if self.best is None or self.cost < self.best:
            self.best, self._best_nxt = self.cost, self.state.nxt.copy()

    def routes(self) -> list[list[int]]:
        return self._routes(self.state.nxt)

    @property
    def best_routes(self) -> list[list[int]]:
        return self._routes(self._best_nxt)

    def _routes(self, links):
        n, V = self.land.n, self.land.V
        nxt = links.tolist()
        found = []
        for k in range(V):
            x, route = nxt[n + k], []
            while x < n:
                route.append(x)
                x = nxt[x]
            found.append(route)
        return found

    def load_routes(self, routes: list[list[int]]) -> None:
        """Start from given routes (lists of own visit numbers); visits in none are left out."""
        land, s = self.land, self.state
        n, V = land.n, land.V
        s.veh[:] = -1
        travel, inside = 0, np.zeros(n, bool)
        for k, route in enumerate(routes):
            at, clock = n + k, int(land.opens[n + k])
            s.load[k] = 0
            for v in route:
                way = int(land.dist[land.loc[at], land.loc[v]])
                clock += way
                travel += way
                clock = max(clock, int(land.opens[v]))
                s.nxt[at], s.prv[v], s.veh[v], s.ear[v] = v, at, k, clock
                clock += int(land.serv[v])
                s.load[k] += land.demand[v]
                inside[v] = True
                at = v
            end = n + V + k
            s.nxt[at], s.prv[end] = end, at
            if route:
                travel += int(land.dist[land.loc[at], land.loc[end]]) + int(land.fixed[k])
        left = np.flatnonzero(~inside)
        s.where[:] = -1
        s.out[: len(left)] = left
        s.where[left] = np.arange(len(left))
        s.tally[:] = travel, int(land.price[left].sum()), len(left)

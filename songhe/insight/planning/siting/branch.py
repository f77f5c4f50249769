"""Branch and bound for the p-median where its linear relaxation leaves a gap: depth first, each branch bounded by the
Lagrangian kernel on the sites still undecided, warm-started from the multipliers of its parent."""

import numpy as np

from songhe.insight.planning.siting import median_kernels as kernel


class Tree:
    """`limit`: a branch whose bound passes it holds nothing better. `best`/`sites` improve as leaves are found."""

    def __init__(self, cost, count, *, state, mult, best, sites, unit, spent, keeper):
        keep = np.flatnonzero(state >= 0)
        self.cost, self.count, self.keep, self.unit, self.spent = cost, count, keep, unit, spent
        self.keeper = keeper
        part = cost[:, keep]
        by = np.argsort(part, axis=1, kind="stable")
        self.part = part
        self.near_site = np.ascontiguousarray(by.astype(np.int32))
        self.near_cost = np.ascontiguousarray(np.take_along_axis(part, by, 1))
        self.best, self.sites = best, sites
        self.root = (state[keep].astype(np.int64), mult.copy())
        self.nodes = 0
        self.open_bounds = []

    @property
    def limit(self):
        return self.best - self.unit + 1e-6

    def _leaf(self, state, chosen):
        sites = np.flatnonzero((state == 1) | chosen)
        if len(sites) < self.count:
            sites = np.concatenate([sites, np.flatnonzero((state == 0) & ~chosen)[: self.count - len(sites)]])
        total = float(self.part[:, sites].min(axis=1).sum())
        if total < self.best - 1e-9:
            self.best, self.sites = total, self.keep[sites]
            self.keeper.offer(total, lambda: [int(j) for j in self.sites])

    def _look(self, state, mult, root):
        """Bound one branch and fix what its reduced costs decide. -> (bound, branching site or -1)."""
        self.nodes += 1
        value, used = np.zeros(len(state)), np.zeros(len(state))
        steps, pace = (1500, 1.0) if root else (160, 0.5)
        bound = kernel.node_bound(
            self.near_site, self.near_cost, state, self.count, mult, self.limit, steps, pace, 0.7, 12, value, used
        )
        if bound > self.limit:
            return bound, -1
        free = self.count - int((state == 1).sum())
        loose = np.flatnonzero(state == 0)
        if free == 0 or len(loose) <= free:
            chosen = np.zeros(len(state), bool)
            if free:
                chosen[loose] = True
            self._leaf(state, chosen)
            return np.inf, -1
        rank = loose[np.argsort(value[loose], kind="stable")]
        inside, outside = rank[:free], rank[free:]
        chosen = np.zeros(len(state), bool)
        chosen[inside] = True
        self._leaf(state, chosen)
        state[outside[bound + value[outside] - value[inside[-1]] > self.limit]] = -1
        state[inside[bound + value[outside[0]] - value[inside] > self.limit]] = 1
        still = np.flatnonzero(state == 0)
        if len(still) == 0 or int((state == 1).sum()) == self.count:
            self._leaf(state, np.zeros(len(state), bool))
            return np.inf, -1
        return bound, int(still[np.argmax(used[still] - 1e-9 * value[still])])

    def run(self):
        """Search until done or the budget is spent. -> proven lower bound."""
        stack = [(-np.inf, *self.root)]
        first = True
        while stack:
            if self.spent() >= 1.0:
                return min([self.best, *(b for b, _, _ in stack)])
            above, state, mult = stack.pop()
            if above > self.limit:
                continue
            bound, j = self._look(state, mult, first)
            first = False
            if j < 0 or bound > self.limit:
                continue
            bound = max(bound, above)
            without, within = state.copy(), state.copy()
            without[j], within[j] = -1, 1
            stack.append((bound, without, mult.copy()))
            stack.append((bound, within, mult.copy()))
        return self.best

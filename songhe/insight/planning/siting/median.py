"""p-median: where p sites stand so that everybody's way to the nearest is shortest in sum, with a proven bound.

Lagrangian bound (each demand's "exactly one site" relaxed) with interchange for plans; what the bound does not close,
branch and bound finishes on the sites that reduced costs could not decide (see branch.py).
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from songhe.insight.planning.budget import Budget
from songhe.insight.planning.keeping import Keeper
from songhe.insight.planning.siting import branch
from songhe.insight.planning.siting import median_kernels as kernel


@dataclass
class Median:
    """Chosen sites (indices), total cost, proven bound, gap = (cost - bound) / cost, and which site serves each demand."""

    sites: list[int]
    cost: float
    bound: float
    serves: list[int]
    proven: bool
    notes: list[str] = field(default_factory=list)

    @property
    def gap(self) -> float:
        return max(0.0, (self.cost - self.bound) / self.cost) if self.cost else 0.0


class Rows:
    """The cost matrix cut to each demand's nearest sites, by row and by column."""

    def __init__(self, cost: np.ndarray, count: int, must: np.ndarray, width: int | None = None):
        n, sites = cost.shape
        width = int(min(sites, width or max(60, 10 * sites / max(1, count))))
        if width < sites:
            near = np.argpartition(cost, width - 1, axis=1)[:, :width]
        else:
            near = np.tile(np.arange(sites), (n, 1))
        values = np.take_along_axis(cost, near, 1)
        by = np.argsort(values, axis=1, kind="stable")
        self.site = np.ascontiguousarray(np.take_along_axis(near, by, 1).astype(np.int32))
        self.cost = np.ascontiguousarray(np.take_along_axis(values, by, 1).astype(np.float64))
        self.far = cost.max(axis=1)
        flat = self.site.ravel()
        order = np.argsort(flat, kind="stable")
        self.col_dem = (order // width).astype(np.int32)
        self.col_cost = np.ascontiguousarray(self.cost.ravel()[order])
        self.col_ptr = np.searchsorted(flat[order], np.arange(sites + 1)).astype(np.int64)
        self.kept = must.astype(np.bool_)


class _Search:
    """Interchange around a choice of sites; keeps the best seen, priced on the full matrix, and every local best met."""

    def __init__(self, cost, rows, count, keeper):
        self.cost, self.rows, self.count, self.keeper = cost, rows, count, keeper
        n, _sites = cost.shape
        self.buffers = (np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(n), np.zeros(n))
        self.best, self.sites = np.inf, None
        self.elite: list[tuple[float, np.ndarray]] = []

    def try_from(self, chosen, liked=None, rounds=10_000):
        """Improve `chosen` by single exchanges; `liked` limits the sites that may be opened."""
        is_open = np.zeros(self.cost.shape[1], np.bool_)
        is_open[chosen] = True
        allowed = np.ones(len(is_open), np.bool_)
        if liked is not None:
            allowed[:] = False
            allowed[liked] = True
        r = self.rows
        kernel.improve(
            is_open, r.kept, allowed, r.site, r.cost, r.far, r.col_ptr, r.col_dem, r.col_cost, *self.buffers, rounds
        )
        return self.note(np.flatnonzero(is_open))

    def note(self, found):
        """Remember a choice as it is. -> its cost"""
        total = float(self.cost[:, found].min(axis=1).sum())
        self.elite.append((total, found))
        if total < self.best - 1e-9:
            self.best, self.sites = total, found
            self.keeper.offer(total, lambda: [int(j) for j in found])
        return total

    def core(self, most=12):
        """Sites of the best local optima: a small instance whose best combination is often better than each."""
        ranked = sorted(self.elite, key=lambda e: e[0])[:most]
        return np.unique(np.concatenate([sites for _, sites in ranked]))

    def prices(self):
        """Multipliers to start the ascent from: a little above each demand's way to its nearest site in the best plan."""
        ways = np.sort(np.partition(self.cost[:, self.sites], min(1, len(self.sites) - 1), axis=1)[:, :2], axis=1)
        return np.minimum(ways[:, 0] + 0.3 * (ways[:, -1] - ways[:, 0]) + 1e-9, self.rows.cost[:, -1])


def _first(cost, must, count, rng):
    """A spread-out first choice: each next site is the demand-weighted far end of what is served so far, drawn by chance."""
    chosen = list(np.flatnonzero(must))
    if not chosen:
        chosen = [int(np.argmin(cost.sum(axis=0)))]
    way = cost[:, chosen].min(axis=1)
    while len(chosen) < count:
        total = way.sum()
        best = None
        for _ in range(3):
            i = rng.choice(len(way), p=way / total) if total > 0 else rng.integers(len(way))
            j = (
                int(np.argmin(cost[i]))
                if total > 0
                else int(rng.choice(np.setdiff1d(np.arange(cost.shape[1]), chosen)))
            )
            after = np.minimum(way, cost[:, j]).sum()
            if j not in chosen and (best is None or after < best[0]):
                best = (after, j)
        if best is None:
            left = np.setdiff1d(np.arange(cost.shape[1]), chosen)
            best = (0.0, int(left[0]))
        chosen.append(best[1])
        way = np.minimum(way, cost[:, best[1]])
    return np.array(chosen[: max(count, int(must.sum()))])


def _pick(value, must, count):
    """The `count` sites of least value, the kept ones first."""
    ranked = np.where(must, -np.inf, value)
    return np.argpartition(ranked, count - 1)[:count] if count < len(value) else np.arange(len(value))


def _bound(value, chosen):
    return float(value[chosen].sum())


class Ascent:
    """Subgradient ascent on the multipliers; `best` is the highest bound, `best_mult` the multipliers that gave it."""

    def __init__(self, rows, count, must, prices):
        self.rows, self.count, self.must = rows, count, must
        self.mult = prices
        self.best, self.best_mult, self.best_value = -np.inf, self.mult.copy(), None
        self.value = np.zeros(len(must))
        self.slack = np.zeros(len(prices))
        self.prev = np.zeros(len(prices))
        self.pace, self.stale, self.cool = 1.0, 0, 0.7

    def step(self, target):
        r = self.rows
        kernel.site_values(self.mult, r.site, r.cost, self.value)
        chosen = _pick(self.value, self.must, self.count)
        low = float(self.mult.sum()) + _bound(self.value, chosen)
        if low > self.best + 1e-9 * abs(low):
            self.best, self.best_mult, self.best_value, self.stale = low, self.mult.copy(), self.value.copy(), 0
        else:
            self.stale += 1
            if self.stale >= 20:
                self.pace *= self.cool
                self.stale = 0
                self.mult = self.best_mult.copy()
        is_open = np.zeros(len(self.value), np.bool_)
        is_open[chosen] = True
        kernel.slack_of(self.mult, is_open, r.site, r.cost, self.slack)
        move = self.slack + 0.7 * self.prev
        self.prev = move
        size = float(move @ move)
        if size > 0:
            self.mult = np.clip(
                self.mult + self.pace * max(target - low, 1e-6 * abs(target)) / size * move, 0.0, r.cost[:, -1]
            )
        return chosen


def _undecided(ascent, best, must, unit):
    """Sites by reduced cost: (closed for sure, open for sure). A site is closed if forcing it open lifts the bound to the
    best known cost (less one unit when costs are whole), and open if forbidding it does."""
    value, chosen = ascent.best_value, _pick(ascent.best_value, must, ascent.count)
    inside = np.zeros(len(value), np.bool_)
    inside[chosen] = True
    free_in = value[inside & ~must]
    worst_in = free_in.max() if free_in.size else -np.inf
    best_out = value[~inside].min() if (~inside).any() else np.inf
    limit = best - unit + 1e-6
    closed = ~inside & (ascent.best + value - worst_in > limit)
    fixed = inside & (must | (ascent.best + best_out - value > limit))
    return closed, fixed


def _climb(cost, search, ascent, unit, budget):
    """Ascent with interchange from the sites it likes, until the gap is closed, the bound stands still or time is up."""
    sites = cost.shape[1]
    large = sites > 1200
    looks = max(10 * ascent.count, 400)
    iterations, next_look = 0, 20
    limit = 4000 if budget.steps is None else budget.steps
    while iterations < limit and budget.spent() < (0.45 if budget.steps is None else 1.0):
        chosen = ascent.step(search.best)
        iterations += 1
        budget.done += 1
        if iterations >= next_look:
            liked = np.argpartition(ascent.value, looks)[:looks] if large and looks < sites else None
            search.try_from(chosen, liked)
            next_look = int(iterations * 1.25) + 20
            budget.tell(budget.spent(), search.best)
        if search.best - ascent.best < unit - 1e-6 or ascent.pace < (2e-3 if large else 1e-4):
            break
    if search.best - ascent.best >= unit:
        search.try_from(search.sites)


def _combine(cost, search, ascent, must, unit, budget):
    """The best combination of sites that any local optimum uses (branch and bound on that small core)."""
    core = search.core()
    state = np.full(cost.shape[1], -1)
    state[core] = 0
    state[must] = 1
    until = 0.75

    def spent():
        return 1.0 if budget.spent() > until else 0.0

    tree = branch.Tree(
        cost,
        search.count,
        state=state,
        mult=ascent.best_mult,
        best=search.best,
        sites=search.sites,
        unit=unit,
        spent=spent,
        keeper=search.keeper,
    )
    tree.run()
    if tree.best < search.best - 1e-9:
        search.try_from(np.asarray(tree.sites))


def solve(
    cost: np.ndarray,
    count: int,
    *,
    budget: Budget,
    must: np.ndarray | None = None,
    seed: int = 1,
    width: int | None = None,
    start: list[int] | None = None,
    keep: Callable[[list[int]], None] | None = None,
) -> Median:
    """cost[i, j] = weighted way of demand i to site j; `must[j]` marks sites that stand already and are counted.

    `width` keeps that many sites for each demand (default: enough for the multipliers of an ordinary p-median).
    `start` (`count` sites, those that stand among them) is where an earlier run was cut off; `keep` is given each better choice.
    Stops when the bound proves the plan best, or when the budget is spent; the gap says how far.
    """
    cost = np.ascontiguousarray(cost, dtype=np.float64)
    sites = cost.shape[1]
    must = np.zeros(sites, np.bool_) if must is None else must.astype(np.bool_)
    count = max(min(count, sites), int(must.sum()))
    whole = bool((cost == np.rint(cost)).all())
    unit = 1.0 if whole else 1e-7 * max(1.0, float(cost.mean()))
    rng = np.random.default_rng(seed)
    rows = Rows(cost, count, must, width)
    keeper = Keeper(keep)
    search = _Search(cost, rows, count, keeper)
    if start is not None:
        search.note(np.array(sorted(start)))
        search.try_from(search.sites)
    sample = rng.choice(sites, size=min(sites, max(400, 6 * count)), replace=False) if sites > 1200 else None
    search.try_from(_first(cost, must, count, rng), sample)
    ascent = Ascent(rows, count, must, search.prices())
    _climb(cost, search, ascent, unit, budget)
    bound = np.ceil(ascent.best - 1e-6) if whole else ascent.best
    notes = []
    if search.best - bound > unit * 0.5 and ascent.best_value is not None:
        step = unit if whole else 0.0
        if sites > 1200:
            _combine(cost, search, ascent, must, step, budget)
        closed, fixed = _undecided(ascent, search.best, must, step)
        state = np.where(closed, -1, np.where(fixed, 1, 0))
        state[search.sites] = np.maximum(state[search.sites], 0)
        tree = branch.Tree(
            cost, count, state=state, mult=ascent.best_mult, best=search.best, sites=search.sites, unit=step,
            spent=lambda: budget.look(search.best), keeper=keeper,
        )  # fmt: skip
        low = tree.run()
        notes.append(f"branch and bound: {int((state == 0).sum())} sites undecided, {tree.nodes} branches")
        search.best, search.sites = tree.best, np.asarray(tree.sites)
        bound = max(bound, min(low, search.best))
    serves = search.sites[cost[:, search.sites].argmin(axis=1)]
    return Median(
        sites=[int(j) for j in search.sites],
        cost=search.best,
        bound=float(min(bound, search.best)),
        serves=[int(j) for j in serves],
        proven=bool(search.best - bound < max(1e-6, unit * 0.5)),
        notes=notes,
    )

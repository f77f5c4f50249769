"""Maximal coverage without a proof: greedy, annealed exchange, and a Lagrangian ceiling for large instances."""

import numpy as np
from scipy import sparse

from songhe.insight.planning.siting import median
from songhe.insight.planning.siting.cover_kernel import anneal_cover

NEAR = 30


def _greedy(reach, weight, kept, cost, count, money):
    """Open the site that newly reaches most people (for each yuan where money is counted)."""
    chosen = list(np.flatnonzero(kept))
    free = np.ones(len(weight), bool)
    if chosen:
        free &= np.asarray(reach[:, chosen].sum(axis=1)).ravel() == 0
    allowed, left = ~kept, money
    columns = reach.T.tocsr()
    gain = np.asarray(columns @ (weight * free)).ravel().astype(float)
    rows = reach.tocsr()
    for _ in range(count):
        worth = np.where(allowed & (cost <= left + 1e-9), gain / (cost if np.isfinite(money) else 1.0), -1.0)
        j = int(np.argmax(worth))
        if worth[j] < 0:
            break
        chosen.append(j)
        allowed[j] = False
        left -= cost[j]
        newly = columns.indices[columns.indptr[j] : columns.indptr[j + 1]]
        newly = newly[free[newly]]
        free[newly] = False
        for i in newly:
            gain[rows.indices[rows.indptr[i] : rows.indptr[i + 1]]] -= weight[i]
    return np.array(sorted(chosen), dtype=np.int64)


def _alike(reach):
    """For each site the sites that reach most of the same demands."""
    shared = (reach.T @ reach).tocsr()
    sites = shared.shape[0]
    near = np.zeros((sites, min(NEAR, max(1, sites - 1))), np.int64)
    for j in range(sites):
        c = shared.indices[shared.indptr[j] : shared.indptr[j + 1]]
        d = shared.data[shared.indptr[j] : shared.indptr[j + 1]]
        mine = c[np.argsort(-d, kind="stable")]
        mine = mine[mine != j][: near.shape[1]]
        near[j] = np.resize(mine, near.shape[1]) if len(mine) else (j + 1) % sites
    return near


def search(reachable, weight, kept, cost, count, money, *, budget, share, seed, begin=None, found=None) -> np.ndarray:
    """Open sites after greedy (or from `begin`) and annealing for `share` of the budget; `found(value, sites)` of each better
    choice."""
    reach = sparse.csc_matrix(reachable.astype(np.int32))
    stood = kept.copy()
    stood[[] if begin is None else begin] = True
    added = stood & ~kept
    opened = _greedy(reach, weight, stood, cost, count - int(added.sum()), money - float(cost[added].sum()))
    sites = reach.shape[1]
    closed = np.setdiff1d(np.arange(sites), opened).astype(np.int64)
    if not len(opened) or not len(closed):
        return opened
    place, free_place = np.full(sites, -1, np.int64), np.full(sites, -1, np.int64)
    place[opened], free_place[closed] = np.arange(len(opened)), np.arange(len(closed))
    times = np.asarray(reach[:, opened].sum(axis=1)).ravel().astype(np.int64)
    spent = float(cost[opened][~kept[opened]].sum())
    value = float(weight[times > 0].sum())
    now = np.array([value, value, spent])
    best = opened.copy()
    rng = np.array([seed * 0x9E3779B97F4A7C15 % (1 << 64) or 1], np.uint64)
    ptr, dem, near = reach.indptr.astype(np.int64), reach.indices.astype(np.int64), _alike(reach)
    mean = max(1e-9, float(weight.mean()))
    begun = budget.spent()
    chunk, done = 20_000, 0
    until = begun + share
    most = (np.inf if share > 0.1 else 1_000_000) if budget.steps is None else budget.steps
    full = float(weight[reachable.any(axis=1)].sum())  # nobody else can be reached
    while (at := budget.spent()) < until and done < most and now[1] < full - 1e-9:
        passed = max((at - begun) / share, done / most)
        heat = 4.0 * mean * 0.01**passed
        anneal_cover(
            chunk, heat, heat, ptr, dem, near, weight, cost, money, kept, place, free_place, opened, closed, times, best,
            rng, now,
        )  # fmt: skip
        done += chunk
        if found:
            found(float(now[1]), np.sort(best))
        budget.tell(at, now[1])
    return np.sort(best)


def ceiling(reachable, weight, kept, count, start, budget) -> float:
    """Upper bound on the people reached: the Lagrangian of the same choice seen as a p-median with ways 0 or "not reached"."""
    ways = weight[:, None] * (~reachable)
    width = int(reachable.sum(axis=1).max(initial=0)) + 1
    rows = median.Rows(ways, count, kept, width)
    total = int(kept.sum()) + count
    ascent = median.Ascent(rows, total, kept, weight * 0.5)
    target = float(weight.sum() - weight[reachable[:, start].any(axis=1)].sum())
    begun = budget.spent()
    for _ in range(2500):
        ascent.step(target)
        if ascent.pace < 1e-3 or target - ascent.best < 1e-6 or budget.spent() > begun + 0.3:
            break
    return float(weight.sum() - ascent.best)

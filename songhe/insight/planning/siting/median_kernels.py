"""Compiled parts of the p-median: a Lagrangian bound, and interchange of one open site against one closed.

Both work on truncated rows: for each demand its nearest sites, sorted (``near_site``, ``near_cost``), and the same pairs by
site (``col_ptr``, ``col_dem``, ``col_cost``). Truncation keeps the bound valid: a multiplier never exceeds the last kept cost.
"""

from songhe.insight.planning import jit  # noqa: F401  settles the cache folder before numba is imported

import numba as nb  # isort: skip
import numpy as np  # isort: skip


@nb.njit(cache=True, nogil=True)
def site_values(mult, near_site, near_cost, value):
    """value[j] = sum over demands of min(0, cost - multiplier): what opening site j saves at most."""
    value[:] = 0.0
    n, width = near_site.shape
    for i in range(n):
        u = mult[i]
        for c in range(width):
            d = near_cost[i, c]
            if d >= u:
                break
            value[near_site[i, c]] += d - u


@nb.njit(cache=True, nogil=True)
def slack_of(mult, is_open, near_site, near_cost, slack):
    """Subgradient: 1 - number of chosen sites that take demand i. Returns its squared length."""
    n, width = near_site.shape
    total = 0.0
    for i in range(n):
        taken = 0
        for c in range(width):
            if near_cost[i, c] >= mult[i]:
                break
            if is_open[near_site[i, c]]:
                taken += 1
        slack[i] = 1.0 - taken
        total += slack[i] * slack[i]
    return total


@nb.njit(cache=True, nogil=True)
def nearest_two(is_open, near_site, near_cost, far, first, d1, second, d2):
    """Nearest and second nearest open site of each demand; `far` where the truncated row holds none. Returns total cost."""
    n, width = near_site.shape
    total = 0.0
    for i in range(n):
        first[i] = -1
        second[i] = -1
        d1[i] = far[i]
        d2[i] = far[i]
        for c in range(width):
            j = near_site[i, c]
            if is_open[j]:
                if first[i] < 0:
                    first[i] = j
                    d1[i] = near_cost[i, c]
                else:
                    second[i] = j
                    d2[i] = near_cost[i, c]
                    break
        total += d1[i]
    return total


@nb.njit(cache=True, nogil=True)
def best_swap(is_open, kept, allowed, first, d1, d2, col_ptr, col_dem, col_cost, loss, extra, touched, order):
    """The pair (open, close) that lowers the cost most, and by how much. `kept` sites are never closed."""
    sites = is_open.size
    loss[:] = 0.0
    for i in range(first.size):
        if first[i] >= 0:
            loss[first[i]] += d2[i] - d1[i]
    count = 0
    for j in range(sites):
        if is_open[j] and not kept[j]:
            order[count] = j
            count += 1
    if count == 0:
        return -1, -1, 0.0
    ranks = np.argsort(loss[order[:count]])
    best_in, best_out, best = -1, -1, 1e-9
    for j in range(sites):
        if is_open[j] or not allowed[j]:
            continue
        gain = 0.0
        used = 0
        for e in range(col_ptr[j], col_ptr[j + 1]):
            i = col_dem[e]
            d = col_cost[e]
            if d < d2[i]:
                r = first[i]
                if d < d1[i]:
                    gain += d1[i] - d
                    back = d2[i] - d1[i]
                else:
                    back = d2[i] - d
                if r >= 0:
                    if extra[r] == 0.0 and back > 0.0:
                        touched[used] = r
                        used += 1
                    extra[r] += back
        # closing r loses loss[r]; opening j gives back extra[r] of it
        out = -1
        least = 1e300
        for t in range(used):
            r = touched[t]
            if not kept[r] and loss[r] - extra[r] < least:
                least = loss[r] - extra[r]
                out = r
        for t in range(count):
            r = order[ranks[t]]
            if extra[r] == 0.0:
                if loss[r] < least:
                    least = loss[r]
                    out = r
                break
        for t in range(used):
            extra[touched[t]] = 0.0
        if out >= 0 and gain - least > best:
            best, best_in, best_out = gain - least, j, out
    return best_in, best_out, best


@nb.njit(cache=True, nogil=True)
def improve(
    is_open, kept, allowed, near_site, near_cost, far, col_ptr, col_dem, col_cost, first, second, d1, d2, rounds
):
    """Interchange until no swap helps (or `rounds` swaps). Changes is_open; returns the cost."""
    sites = is_open.size
    loss = np.zeros(sites)
    extra = np.zeros(sites)
    touched = np.zeros(sites + near_site.size, np.int64)
    order = np.zeros(sites, np.int64)
    total = nearest_two(is_open, near_site, near_cost, far, first, d1, second, d2)
    for _ in range(rounds):
        j, r, _gain = best_swap(
            is_open, kept, allowed, first, d1, d2, col_ptr, col_dem, col_cost, loss, extra, touched, order
        )
        if j < 0:
            break
        is_open[j] = True
        is_open[r] = False
        # only demands that used r, or that j serves better than their second, change
        total = nearest_two(is_open, near_site, near_cost, far, first, d1, second, d2)
    return total


@nb.njit(cache=True, nogil=True)
def shortest_paths(cost):
    """All shortest ways, in place (Floyd and Warshall), for OR-Library's road networks."""
    n = cost.shape[0]
    for k in range(n):
        for i in range(n):
            via = cost[i, k]
            if via < 1e17:
                for j in range(n):
                    if via + cost[k, j] < cost[i, j]:
                        cost[i, j] = via + cost[k, j]


@nb.njit(cache=True, nogil=True)
def node_bound(near_site, near_cost, state, count, mult, limit, steps, pace, cool, stale_limit, value, used):
    """Lagrangian bound of a branch. state[j]: 1 open for sure, -1 closed, 0 free; `mult` is the start and gets the best.

    value[j] of the best multipliers and used[j] (how often site j was chosen lately) guide branching. Stops at `limit`.
    """
    n, width = near_site.shape
    sites = state.size
    opened = 0
    for j in range(sites):
        if state[j] == 1:
            opened += 1
    free = count - opened
    cap = np.empty(n)
    stop = np.empty(n, np.int64)
    for i in range(n):
        cap[i] = near_cost[i, width - 1]
        stop[i] = width
        for c in range(width):
            if state[near_site[i, c]] == 1:
                cap[i] = near_cost[i, c]
                stop[i] = c
                break
    u = np.minimum(mult, cap)
    best_u = u.copy()
    best = -1e300
    val = np.zeros(sites)
    slack = np.zeros(n)
    prev = np.zeros(n)
    inside = np.zeros(sites, np.bool_)
    used[:] = 0.0
    stale = 0
    for _ in range(steps):
        val[:] = 0.0
        for i in range(n):
            for c in range(stop[i]):
                d = near_cost[i, c]
                if d >= u[i]:
                    break
                val[near_site[i, c]] += d - u[i]
        for j in range(sites):
            if state[j] != 0:
                val[j] = 1e300
        rank = np.argsort(val)
        inside[:] = False
        low = u.sum()
        for r in range(free):
            j = rank[r]
            if val[j] < 1e299:
                inside[j] = True
                low += val[j]
            used[j] *= 1.0
        for j in range(sites):
            used[j] = 0.9 * used[j] + (0.1 if inside[j] else 0.0)
        if low > best + 1e-9 * abs(low):
            best = low
            best_u[:] = u
            value[:] = val
            stale = 0
            if best > limit:
                break
        else:
            stale += 1
            if stale >= stale_limit:
                pace *= cool
                stale = 0
                u[:] = best_u
        if pace < 1e-3:
            break
        size = 0.0
        for i in range(n):
            taken = 0
            for c in range(stop[i]):
                if near_cost[i, c] >= u[i]:
                    break
                if inside[near_site[i, c]]:
                    taken += 1
            # a demand whose multiplier is at its cap is served by the sure site at no extra cost
            g = 1.0 - taken
            if u[i] >= cap[i] and g > 0:
                g = 0.0
            slack[i] = g + 0.7 * prev[i]
            prev[i] = slack[i]
            size += slack[i] * slack[i]
        if size == 0.0:
            break
        step = pace * max(limit * 1.002 - low, 1e-6 * abs(limit)) / size
        for i in range(n):
            u[i] = min(cap[i], max(0.0, u[i] + step * slack[i]))
    mult[:] = best_u
    return best

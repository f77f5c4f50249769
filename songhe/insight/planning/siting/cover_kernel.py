"""Compiled search for maximal coverage: exchange one open site for a closed one, annealed."""

from songhe.insight.planning import jit  # noqa: F401  settles the cache folder before numba is imported

import numba as nb  # isort: skip
import numpy as np  # isort: skip


@nb.njit(cache=True, nogil=True)
def _next(state):
    """xorshift64*, as in the rounds' annealing; the state is the caller's, so runs repeat."""
    x = state[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    state[0] = x
    return (x * np.uint64(2685821657736338717)) >> np.uint64(32)


@nb.njit(cache=True, nogil=True)
def anneal_cover(
    steps, hot, cold, ptr, dem, near, weight, cost, money, kept, place, free_place, opened, closed, times, best_open, rng, now
):  # fmt: skip
    """`opened`/`closed` list site numbers; times[i] counts open sites that reach i; now = [value, best value, spent].

    ptr/dem: demands that each site reaches; near[j]: sites that reach much of the same. Exchanges must keep the money.
    """
    count = opened.size
    others = closed.size
    width = near.shape[1]
    if count == 0 or others == 0:
        return
    fade = (cold / hot) ** (1.0 / max(1, steps))
    temp = hot
    value = now[0]
    for _ in range(steps):
        temp *= fade
        a = np.int64((_next(rng) * np.uint64(count)) >> np.uint64(32))
        j = opened[a]
        if kept[j]:
            continue
        if _next(rng) & np.uint64(3) != np.uint64(0):
            k = near[j, np.int64((_next(rng) * np.uint64(width)) >> np.uint64(32))]
            b = free_place[k]
            if b < 0:
                continue
        else:
            b = np.int64((_next(rng) * np.uint64(others)) >> np.uint64(32))
            k = closed[b]
        if now[2] - cost[j] + cost[k] > money:
            continue
        change = 0.0
        for e in range(ptr[j], ptr[j + 1]):
            i = dem[e]
            times[i] -= 1
            if times[i] == 0:
                change -= weight[i]
        for e in range(ptr[k], ptr[k + 1]):
            i = dem[e]
            if times[i] == 0:
                change += weight[i]
            times[i] += 1
        u = (np.float64(_next(rng)) + 1.0) * (1.0 / 4294967297.0)
        if change >= 0 or change > temp * np.log(u):
            value += change
            now[2] += cost[k] - cost[j]
            opened[a] = k
            closed[b] = j
            place[j], place[k] = -1, a
            free_place[k], free_place[j] = -1, b
            if value > now[1] + 1e-9:
                now[1] = value
                best_open[:] = opened
        else:
            for e in range(ptr[k], ptr[k + 1]):
                times[dem[e]] -= 1
            for e in range(ptr[j], ptr[j + 1]):
                times[dem[e]] += 1
    now[0] = value

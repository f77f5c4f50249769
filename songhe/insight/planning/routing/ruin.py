"""Ruin and recreate: strings of visits that lie near each other are taken out of their rounds and put back one by one where
they cost least (slack induction by string removals, Christiaens and Vanden Berghe 2020), accepted as in annealing.

Large changes where anneal.py makes small ones: it is what takes a whole round away. Whether a visit fits is answered at once
from the earliest and latest begin at its neighbours. A step touches few rounds; what it touched is noted before, and put
back when the result costs more than the step may.
"""

from typing import NamedTuple

from songhe.insight.planning import jit  # noqa: F401  settles the cache folder before numba is imported

import numba as nb  # isort: skip
import numpy as np  # isort: skip

from songhe.insight.planning.routing.anneal import _add_to_out, _below, _drop_from_out, _short_enough  # isort: skip
from songhe.insight.planning.routing.state import OUT, PRICE, TRAVEL  # isort: skip

MEAN = 12.0  # visits taken out in a step, on average
LONGEST = 30  # visits in one string at most
BLINK = 1  # of 128 places looked at are passed over, so that the same ruin is not always mended in the same way
TRIED = 8  # visits left out near the ruin that are tried again, and two from anywhere


class _Notes(NamedTuple):
    """Rounds as they were before the step: ``round``, ``size`` and ``load`` of each, then their visits one after another
    with their times. ``stamp[k]``: the last step that touched k; ``fill``: how many rounds and visits are noted."""

    stamp: np.ndarray
    round: np.ndarray
    size: np.ndarray
    load: np.ndarray
    visit: np.ndarray
    ear: np.ndarray
    lat: np.ndarray
    fill: np.ndarray


@nb.njit(cache=True, nogil=True)
def _way(land, a, b):
    return np.int64(land.dist[land.loc[a], land.loc[b]])


@nb.njit(cache=True, nogil=True)
def _count_anew(land, state):
    """Sizes of rounds and latest begins of all nodes. -> rounds in use"""
    n, V = land.n, land.V
    used = 0
    for k in range(V):
        here = n + V + k
        state.lat[here] = land.shuts[here]
        state.size[k] = 0
        x = state.prv[here]
        while x < n:
            state.lat[x] = min(land.shuts[x], state.lat[here] - _way(land, x, here) - land.serv[x])
            state.size[k] += 1
            here = x
            x = state.prv[x]
        used += state.size[k] > 0
    return used


@nb.njit(cache=True, nogil=True)
def _onward(a, land, state):
    """Earliest begins after node a, until they are what they were. -> whether all windows hold"""
    n = land.n
    t = state.ear[a] + (land.serv[a] if a < n else 0)
    here, x = a, state.nxt[a]
    while x < n:
        t += _way(land, here, x)
        if t < land.opens[x]:
            t = land.opens[x]
        if t == state.ear[x]:
            return True
        if t > land.shuts[x]:
            return False
        state.ear[x] = t
        t += land.serv[x]
        here, x = x, state.nxt[x]
    return t + _way(land, here, x) <= land.shuts[x]


@nb.njit(cache=True, nogil=True)
def _backward(b, land, state):
    """Latest begins before node b, until they are what they were."""
    t = state.lat[b]
    here, y = b, state.prv[b]
    while y < land.n:
        t = min(land.shuts[y], t - _way(land, y, here) - land.serv[y])
        if t == state.lat[y]:
            return
        state.lat[y] = t
        here, y = y, state.prv[y]


@nb.njit(cache=True, nogil=True)
def _note(k, step, land, state, notes):
    """Remember round k as it is, once a step."""
    if notes.stamp[k] == step:
        return
    notes.stamp[k] = step
    i, fill = notes.fill[0], notes.fill[1]
    notes.round[i], notes.size[i], notes.load[i] = k, state.size[k], state.load[k]
    x = state.nxt[land.n + k]
    while x < land.n:
        notes.visit[fill], notes.ear[fill], notes.lat[fill] = x, state.ear[x], state.lat[x]
        fill += 1
        x = state.nxt[x]
    notes.fill[0], notes.fill[1] = i + 1, fill


@nb.njit(cache=True, nogil=True)
def _put_back(land, state, notes):
    n, V = land.n, land.V
    fill = 0
    for i in range(notes.fill[0]):
        k = notes.round[i]
        here = n + k
        for _ in range(notes.size[i]):
            x = notes.visit[fill]
            state.ear[x], state.lat[x], state.veh[x] = notes.ear[fill], notes.lat[fill], k
            state.nxt[here], state.prv[x] = x, here
            here = x
            fill += 1
        state.nxt[here], state.prv[n + V + k] = n + V + k, here
        state.load[k], state.size[k] = notes.load[i], notes.size[i]


@nb.njit(cache=True, nogil=True)
def _take_string(c, most, loose, taken, land, state, notes):
    """Take a string of visits around c out of its round (noted last), sometimes leaving some in its middle.
    -> (how many are loose now, change of travel, whether the round still keeps its windows)"""
    n, V, k = land.n, land.V, state.veh[c]
    size = state.size[k]
    base = notes.fill[1] - size
    place = 0
    while notes.visit[base + place] != c:
        place += 1
    length = 1 + _below(state.rng, min(size, most))
    spared = 0
    if 1 < length < size and _below(state.rng, 2) == 0:
        spared = 1
        while length + spared < size and spared < length and _below(state.rng, 100) != 0:
            spared += 1
    span = length + spared
    low = max(0, place - span + 1)
    first = low + _below(state.rng, min(place, size - span) - low + 1)
    stay = first + 1 + _below(state.rng, length - 1) if spared > 0 else -1
    delta = 0
    for i in range(first, first + span):
        if spared > 0 and stay <= i < stay + spared:
            continue
        x = notes.visit[base + i]
        a, b = state.prv[x], state.nxt[x]
        delta += _way(land, a, b) - _way(land, a, x) - _way(land, x, b)
        state.nxt[a], state.prv[b] = b, a
        state.veh[x] = -1
        state.load[k] -= land.demand[x]
        state.size[k] -= 1
        taken[loose] = x
        loose += 1
    if state.size[k] == 0:
        delta -= land.fixed[k]
    if not _onward(n + k if first == 0 else notes.visit[base + first - 1], land, state):
        return loose, delta, False
    _backward(n + V + k if first + span == size else notes.visit[base + first + span], land, state)
    return loose, delta, True


@nb.njit(cache=True, nogil=True)
def _try_again(seed, loose, taken, land, state):
    """Add visits that were left out: near the seed, and two from anywhere. -> how many are loose now"""
    begin = loose
    for j in range(-1, land.close.shape[1]):
        c = seed if j < 0 else land.close[seed, j]
        if state.where[c] >= 0 and loose - begin < TRIED:
            taken[loose] = c
            loose += 1
    for _ in range(2):
        c = state.out[_below(state.rng, state.tally[OUT])]
        new = True
        for j in range(begin, loose):
            new = new and taken[j] != c
        if new:
            taken[loose] = c
            loose += 1
    return loose


@nb.njit(cache=True, nogil=True)
def _order(loose, taken, key, land, state):
    """In which order they are put back: by chance, the heaviest, the farthest, the nearest or the most pressed for time first."""
    kind = _below(state.rng, 17)
    for i in range(loose):
        c = taken[i]
        if kind < 4:
            key[i] = _below(state.rng, 1 << 30)
        elif kind < 8:
            key[i] = -land.demand[c]
        elif kind < 11:
            far = np.int64(land.dist[land.loc[land.n + land.homes[c, 0]], land.loc[c]])
            key[i] = far if kind == 10 else -far
        elif kind < 13:
            key[i] = land.shuts[c] - land.opens[c]
        elif kind < 15:
            key[i] = land.opens[c]
        else:
            key[i] = -land.shuts[c]
    for i in range(1, loose):
        c, w = taken[i], key[i]
        j = i - 1
        while j >= 0 and key[j] > w:
            taken[j + 1], key[j + 1] = taken[j], key[j]
            j -= 1
        taken[j + 1], key[j + 1] = c, w


@nb.njit(cache=True, nogil=True)
def _cheapest(c, land, state):
    """Where c costs least beside its neighbours or at either end of a round from a near base. -> (node before it or -1, cost)"""
    n, V = land.n, land.V
    dist, loc, ear, lat, nxt, prv = land.dist, land.loc, state.ear, state.lat, state.nxt, state.prv
    best, at = np.int64(1 << 60), -1
    here, demand = loc[c], land.demand[c]
    opens, shuts, serv = land.opens[c], land.shuts[c], land.serv[c]
    width = land.near.shape[1]
    for j in range(width + land.homes.shape[1]):
        u = land.near[c, j] if j < width else n + land.homes[c, j - width]
        k = state.veh[u] if j < width else u - n
        if k < 0 or state.load[k] + demand > land.cap[k] or not land.able[k, c]:
            continue
        for side in range(2):
            if side == 0:
                a, b = u, nxt[u]
            elif u < n:
                a, b = prv[u], u
            else:
                a, b = prv[n + V + k], n + V + k
                if a >= n:
                    break
            direct = np.int64(dist[loc[a], loc[b]])
            cost = np.int64(dist[loc[a], here]) + np.int64(dist[here, loc[b]]) - direct
            if state.size[k] == 0:
                cost += direct + land.fixed[k]
            if cost >= best or _below(state.rng, 128) < BLINK:
                continue
            t = max(opens, ear[a] + (land.serv[a] if a < n else 0) + dist[loc[a], here])
            if t > shuts or t + serv + dist[here, loc[b]] > lat[b]:
                continue
            if land.longest[k] >= 0:
                nxt[a], nxt[c] = c, b
                fits = _short_enough(k, n, land.longest, nxt, land.opens, land.shuts, land.serv, dist, loc)
                nxt[a] = b
                if not fits:
                    continue
            best, at = cost, a
    return at, best


@nb.njit(cache=True, nogil=True)
def _insert(c, a, land, state):
    n = land.n
    k = state.veh[a] if a < n else a - n
    b = state.nxt[a]
    state.nxt[a], state.prv[c], state.nxt[c], state.prv[b] = c, a, b, c
    state.veh[c] = k
    state.load[k] += land.demand[c]
    state.size[k] += 1
    begin = state.ear[a] + (land.serv[a] if a < n else 0) + _way(land, a, c)
    state.ear[c] = max(begin, land.opens[c])
    state.lat[c] = min(land.shuts[c], state.lat[b] - _way(land, c, b) - land.serv[c])
    _onward(c, land, state)
    _backward(c, land, state)


@nb.njit(cache=True, nogil=True)
def _settle(loose, taken, delta, gone, land, state, notes):
    """Keep the step: who is left out, what it costs. -> change in the number of rounds in use"""
    for i in range(loose):
        c = taken[i]
        if state.where[c] >= 0 and state.veh[c] >= 0:
            _drop_from_out(c, state.out, state.where, state.tally)
        elif state.where[c] < 0 and state.veh[c] < 0:
            _add_to_out(c, state.out, state.where, state.tally)
    more = 0
    for i in range(notes.fill[0]):
        more += np.int64(state.size[notes.round[i]] > 0) - np.int64(notes.size[i] > 0)
    state.tally[TRAVEL] += delta
    state.tally[PRICE] += gone
    return more


@nb.njit(cache=True, nogil=True)
def ruin(steps, temp, land, state):
    """`steps` times ruin and recreate at one temperature; the state is changed in place."""
    n, V = land.n, land.V
    rounds = _count_anew(land, state)
    notes = _Notes(
        np.zeros(V, np.int64), np.zeros(V, np.int64), np.zeros(V, np.int64), np.zeros(V, np.int64), np.zeros(n, np.int64),
        np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(2, np.int64),
    )  # fmt: skip
    taken, key = np.zeros(n, np.int64), np.zeros(n, np.int64)
    for step in range(1, steps + 1):
        allow = -temp * np.log((np.float64(_below(state.rng, 1 << 31)) + 1.0) * (1.0 / 2147483649.0))
        notes.fill[:] = 0
        most = max(1, min(LONGEST, (n - state.tally[OUT]) // max(1, rounds)))
        strings = max(1.0, 4.0 * MEAN / (1.0 + most) - 1.0)
        strings = 1 + np.int64(strings * _below(state.rng, 1 << 31) / 2147483648.0)
        seed = _below(state.rng, n)
        loose, delta, good = 0, 0, True
        for j in range(-1, land.close.shape[1]):
            c = seed if j < 0 else land.close[seed, j]
            if state.veh[c] < 0 or notes.stamp[state.veh[c]] == step:
                continue
            _note(state.veh[c], step, land, state, notes)
            loose, change, good = _take_string(c, most, loose, taken, land, state, notes)
            delta += change
            strings -= 1
            if not good or strings == 0:
                break
        gone = 0
        if good:
            if state.tally[OUT] > 0:
                loose = _try_again(seed, loose, taken, land, state)
            _order(loose, taken, key, land, state)
            for i in range(loose):
                c = taken[i]
                at, cost = _cheapest(c, land, state)
                fits = at >= 0 and cost <= land.price[c]
                if fits:
                    _note(state.veh[at] if at < n else at - n, step, land, state, notes)
                    _insert(c, at, land, state)
                    delta += cost
                if fits and state.where[c] >= 0:
                    gone -= land.price[c]
                elif not fits and state.where[c] < 0:
                    gone += land.price[c]
        if good and delta + gone <= allow:
            rounds += _settle(loose, taken, delta, gone, land, state, notes)
        else:
            for i in range(loose):
                state.veh[taken[i]] = -1
            _put_back(land, state, notes)

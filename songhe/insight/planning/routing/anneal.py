"""The annealing kernel for rounds with windows, skills, shifts, capacities and many bases (compiled by numba).

A step first draws what it may cost at most (Metropolis), compares the change of travel, and only then walks the routes it
touches to see whether windows, shifts and loads hold: most steps end after a few look-ups. Plans always keep every rule;
a visit nobody can take yet stands in the list of those left out, at its price.

Nodes: ``0..n-1`` visits, ``n+k`` the start of vehicle k, ``n+V+k`` its end. ``ear[x]`` is the earliest start at node x.
"""

from songhe.insight.planning import jit  # noqa: F401  settles the cache folder before numba is imported

import numba as nb  # isort: skip
import numpy as np  # isort: skip

from songhe.insight.planning.routing.state import OUT, PRICE, TRAVEL  # isort: skip


@nb.njit(cache=True, nogil=True)
def _below(rng, n):
    x = rng[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    rng[0] = x
    return np.int64((((x * np.uint64(2685821657736338717)) >> np.uint64(32)) * np.uint64(n)) >> np.uint64(32))


@nb.njit(cache=True, nogil=True)
def _way(dist, loc, a, b):
    return np.int64(dist[loc[a], loc[b]])


@nb.njit(cache=True, nogil=True)
def _holds(a, n, k, able, nxt, ear, opens, shuts, serv, dist, loc, veh):
    """Whether vehicle k's route from node a on keeps windows, shift and skills; a's own time is as stored."""
    t = ear[a] + (serv[a] if a < n else 0)
    x = nxt[a]
    here = a
    while True:
        t += dist[loc[here], loc[x]]
        if x >= n:
            return t <= shuts[x]
        if t < opens[x]:
            t = opens[x]
        if t > shuts[x] or not able[k, x]:
            return False
        if veh[x] == k and t <= ear[x]:
            # moved-in visits carry -2, so from here on the route is as it was, and nothing is later
            return True
        t += serv[x]
        here = x
        x = nxt[x]


@nb.njit(cache=True, nogil=True)
def _short_enough(k, n, longest, nxt, opens, shuts, serv, dist, loc):
    """Whether vehicle k's route fits in its longest working time when it leaves as late as is wise (windows are known to
    hold). The triple (spent, earliest, latest start) is carried along the route, as in Vidal et al. 2013."""
    if longest[k] < 0:
        return True
    here = n + k
    spent = 0
    early, latest = opens[here], shuts[here]
    x = nxt[here]
    while True:
        shift = spent + dist[loc[here], loc[x]]
        wait = max(0, opens[x] - shift - latest)
        spent = shift + wait
        early = max(opens[x] - shift, early) - wait
        latest = min(shuts[x] - shift, latest)
        if x >= n:
            return spent <= longest[k]
        spent += serv[x]
        if spent > longest[k]:
            return False
        here = x
        x = nxt[x]


@nb.njit(cache=True, nogil=True)
def _store(k, n, V, nxt, prv, ear, opens, serv, dist, loc, veh):
    """Write vehicle k's times and membership along its whole route."""
    here = n + k
    x = nxt[here]
    t = ear[here]
    while x < n:
        prv[x] = here
        veh[x] = k
        t += dist[loc[here], loc[x]]
        if t < opens[x]:
            t = opens[x]
        ear[x] = t
        t += serv[x]
        here = x
        x = nxt[x]
    prv[n + V + k] = here


@nb.njit(cache=True, nogil=True)
def _drop_from_out(v, out, where, tally):
    last = tally[OUT] - 1
    i = where[v]
    w = out[last]
    out[i] = w
    where[w] = i
    where[v] = -1
    tally[OUT] = last


@nb.njit(cache=True, nogil=True)
def _add_to_out(v, out, where, tally):
    out[tally[OUT]] = v
    where[v] = tally[OUT]
    tally[OUT] += 1


@nb.njit(cache=True, nogil=True)
def anneal(steps, hot, cold, land, state):
    """Run `steps` moves while the temperature falls from `hot` to `cold`; the state is changed in place.

    ``lat`` and ``size`` of the state are not kept up: ruin.ruin counts them anew.
    """
    n, V = land.n, land.V
    near, homes, able, cap, demand, price = land.near, land.homes, land.able, land.cap, land.demand, land.price
    fixed, longest, opens, shuts, serv, dist, loc = (
        land.fixed, land.longest, land.opens, land.shuts, land.serv, land.dist, land.loc,
    )  # fmt: skip
    prv, nxt, veh, ear, load = state.prv, state.nxt, state.veh, state.ear, state.load
    out, where, tally, rng = state.out, state.where, state.tally, state.rng
    fade = (cold / hot) ** (1.0 / max(1, steps))
    temp = hot
    width = near.shape[1]
    for _ in range(steps):
        temp *= fade
        u01 = (np.float64(_below(rng, 1 << 31)) + 1.0) * (1.0 / 2147483649.0)
        allow = -temp * np.log(u01)
        kind = _below(rng, 100)
        if tally[OUT] > 0 and _below(rng, 8) == 0:
            v = out[_below(rng, tally[OUT])]
            kind = 0
        else:
            v = _below(rng, n)
            if veh[v] < 0:
                kind = 0
        if kind < 40:
            # ---- relocate one to three visits in a row, or take in one that was left out
            if veh[v] < 0 and _below(rng, 3) == 0 and price[v] < (1 << 40):
                # put in place of another, which is left out instead
                u = near[v, _below(rng, width)]
                if veh[u] < 0 or not able[veh[u], v]:
                    continue
                a, b = prv[u], nxt[u]
                k = veh[u]
                delta = (
                    _way(dist, loc, a, v) + _way(dist, loc, v, b) - _way(dist, loc, a, u) - _way(dist, loc, u, b)
                    + price[u] - price[v]
                )  # fmt: skip
                if delta > allow or load[k] - demand[u] + demand[v] > cap[k]:
                    continue
                nxt[a], nxt[v] = v, b
                veh[v] = -2
                good = _holds(a, n, k, able, nxt, ear, opens, shuts, serv, dist, loc, veh)
                if not good or not _short_enough(k, n, longest, nxt, opens, shuts, serv, dist, loc):
                    nxt[a] = u
                    veh[v] = -1
                    continue
                veh[u] = -1
                load[k] += demand[v] - demand[u]
                _drop_from_out(v, out, where, tally)
                _add_to_out(u, out, where, tally)
                _store(k, n, V, nxt, prv, ear, opens, serv, dist, loc, veh)
                tally[TRAVEL] += delta - price[u] + price[v]
                tally[PRICE] += price[u] - price[v]
            else:
                tail = v
                k0 = veh[v]
                weight = demand[v]
                if k0 >= 0:
                    for _j in range(_below(rng, 3) if _below(rng, 2) == 0 else 0):
                        y = nxt[tail]
                        if y >= n:
                            break
                        tail = y
                        weight += demand[y]
                if _below(rng, 16) == 0 or (veh[v] < 0 and _below(rng, 2) == 0):
                    a = n + homes[v, _below(rng, homes.shape[1])]
                    k = a - n
                    for _j in range(_below(rng, 4)):
                        if nxt[a] < n:
                            a = nxt[a]
                else:
                    a = near[v, _below(rng, width)]
                    if veh[a] < 0:
                        continue
                    k = veh[a]
                    if _below(rng, 2) == 0:
                        # stand before the neighbour: with the tail of the piece next to it
                        if _below(rng, 2) == 0:
                            a = near[tail, _below(rng, width)]
                            if veh[a] < 0:
                                continue
                        a = prv[a]
                        k = veh[a] if a < n else a - n
                if not able[k, v]:
                    continue
                # a must not lie inside the moved piece
                inside = False
                y = v
                while True:
                    if y == a:
                        inside = True
                    if y == tail:
                        break
                    y = nxt[y]
                if inside:
                    continue
                b = nxt[a]
                if k0 >= 0:
                    p, q = prv[v], nxt[tail]
                    if a == p:
                        continue
                    delta = (
                        _way(dist, loc, p, q) - _way(dist, loc, p, v) - _way(dist, loc, tail, q)
                        + _way(dist, loc, a, v) + _way(dist, loc, tail, b) - _way(dist, loc, a, b)
                    )  # fmt: skip
                    if k != k0:
                        if p >= n and q >= n:
                            delta -= fixed[k0]
                        if a >= n and b >= n:
                            delta += fixed[k]
                    gain = 0
                else:
                    p, q = -1, -1
                    gain = price[v]
                    delta = _way(dist, loc, a, v) + _way(dist, loc, v, b) - _way(dist, loc, a, b) - gain
                    if a >= n and b >= n:
                        delta += fixed[k]
                if delta > allow or (k != k0 and load[k] + weight > cap[k]):
                    continue
                # link
                if k0 >= 0:
                    nxt[p] = q
                nxt[a] = v
                nxt[tail] = b
                good = True
                if k0 == k:
                    # same route: walk it whole
                    t = ear[n + k]
                    here = n + k
                    x = nxt[here]
                    while x < n:
                        t += dist[loc[here], loc[x]]
                        if t < opens[x]:
                            t = opens[x]
                        if t > shuts[x]:
                            good = False
                            break
                        t += serv[x]
                        here = x
                        x = nxt[x]
                    if good and t + dist[loc[here], loc[x]] > shuts[x]:
                        good = False
                    good = good and _short_enough(k, n, longest, nxt, opens, shuts, serv, dist, loc)
                else:
                    y = v
                    while True:
                        veh[y] = -2
                        if y == tail:
                            break
                        y = nxt[y]
                    good = _holds(a, n, k, able, nxt, ear, opens, shuts, serv, dist, loc, veh)
                    if good and k0 >= 0:
                        good = _holds(p, n, k0, able, nxt, ear, opens, shuts, serv, dist, loc, veh)
                    good = good and _short_enough(k, n, longest, nxt, opens, shuts, serv, dist, loc)
                    if k0 >= 0:
                        good = good and _short_enough(k0, n, longest, nxt, opens, shuts, serv, dist, loc)
                    if not good:
                        y = v
                        while True:
                            veh[y] = k0
                            if y == tail:
                                break
                            y = nxt[y]
                if not good:
                    nxt[a] = b
                    if k0 >= 0:
                        nxt[p] = v
                        nxt[tail] = q
                    continue
                if k0 < 0:
                    _drop_from_out(v, out, where, tally)
                    load[k] += weight
                elif k != k0:
                    load[k] += weight
                    load[k0] -= weight
                _store(k, n, V, nxt, prv, ear, opens, serv, dist, loc, veh)
                if k0 >= 0 and k != k0:
                    _store(k0, n, V, nxt, prv, ear, opens, serv, dist, loc, veh)
                tally[TRAVEL] += delta + gain
                tally[PRICE] -= gain
        elif kind < 70:
            # ---- two visits on different routes change places
            u = near[v, _below(rng, width)]
            if veh[u] < 0:
                continue
            if _below(rng, 2) == 0:
                u = nxt[u]
                if u >= n:
                    continue
            k, h = veh[v], veh[u]
            if k == h or not able[h, v] or not able[k, u]:
                continue
            a, b, c, d = prv[v], nxt[v], prv[u], nxt[u]
            delta = (
                _way(dist, loc, a, u) + _way(dist, loc, u, b) - _way(dist, loc, a, v) - _way(dist, loc, v, b)
                + _way(dist, loc, c, v) + _way(dist, loc, v, d) - _way(dist, loc, c, u) - _way(dist, loc, u, d)
            )  # fmt: skip
            if delta > allow:
                continue
            shift = demand[u] - demand[v]
            if load[k] + shift > cap[k] or load[h] - shift > cap[h]:
                continue
            nxt[a], nxt[u], nxt[c], nxt[v] = u, b, v, d
            veh[u], veh[v] = -2, -2
            good = _holds(a, n, k, able, nxt, ear, opens, shuts, serv, dist, loc, veh)
            good = good and _holds(c, n, h, able, nxt, ear, opens, shuts, serv, dist, loc, veh)
            good = good and _short_enough(k, n, longest, nxt, opens, shuts, serv, dist, loc)
            good = good and _short_enough(h, n, longest, nxt, opens, shuts, serv, dist, loc)
            if not good:
                nxt[a], nxt[v], nxt[c], nxt[u] = v, b, u, d
                veh[u], veh[v] = h, k
                continue
            load[k] += shift
            load[h] -= shift
            _store(k, n, V, nxt, prv, ear, opens, serv, dist, loc, veh)
            _store(h, n, V, nxt, prv, ear, opens, serv, dist, loc, veh)
            tally[TRAVEL] += delta
        elif kind < 90:
            # ---- two routes exchange their ends: v is followed by what now follows (or starts with) its neighbour u
            u = near[v, _below(rng, width)]
            if veh[u] < 0:
                continue
            k, h = veh[v], veh[u]
            if k == h:
                continue
            a, c = v, prv[u]
            if _below(rng, 8) == 0:
                # empty or full ends: cut before v as well
                a = prv[v]
            b, d = nxt[a], nxt[c]
            ek, eh = n + V + k, n + V + h
            lk, lh = prv[ek], prv[eh]
            delta = -_way(dist, loc, a, b) - _way(dist, loc, c, d)
            if b < n:
                delta -= _way(dist, loc, lk, ek)
            if d < n:
                delta -= _way(dist, loc, lh, eh)
            if d < n:
                delta += _way(dist, loc, a, d) + _way(dist, loc, lh, ek)
            else:
                delta += _way(dist, loc, a, ek)
            if b < n:
                delta += _way(dist, loc, c, b) + _way(dist, loc, lk, eh)
            else:
                delta += _way(dist, loc, c, eh)
            if a >= n and d >= n and b < n:
                delta -= fixed[k]
            if a >= n and b >= n and d < n:
                delta += fixed[k]
            if c >= n and b >= n and d < n:
                delta -= fixed[h]
            if c >= n and d >= n and b < n:
                delta += fixed[h]
            if delta > allow or (b >= n and d >= n):
                continue
            wk = 0
            wh = 0
            good = True
            y = b
            while y < n:
                wk += demand[y]
                if not able[h, y]:
                    good = False
                    break
                y = nxt[y]
            if good:
                y = d
                while y < n:
                    wh += demand[y]
                    if not able[k, y]:
                        good = False
                        break
                    y = nxt[y]
            if not good or load[k] - wk + wh > cap[k] or load[h] - wh + wk > cap[h]:
                continue
            # walk both new ends in full
            t = ear[a] + (serv[a] if a < n else 0)
            here = a
            x = d
            while x < n:
                t += dist[loc[here], loc[x]]
                if t < opens[x]:
                    t = opens[x]
                if t > shuts[x]:
                    good = False
                    break
                t += serv[x]
                here = x
                x = nxt[x]
            if not good or t + dist[loc[here], loc[ek]] > shuts[ek]:
                continue
            t = ear[c] + (serv[c] if c < n else 0)
            here = c
            x = b
            while x < n:
                t += dist[loc[here], loc[x]]
                if t < opens[x]:
                    t = opens[x]
                if t > shuts[x]:
                    good = False
                    break
                t += serv[x]
                here = x
                x = nxt[x]
            if not good or t + dist[loc[here], loc[eh]] > shuts[eh]:
                continue
            nxt[a] = d if d < n else ek
            nxt[c] = b if b < n else eh
            if d < n:
                nxt[lh] = ek
            if b < n:
                nxt[lk] = eh
            if longest[k] >= 0 or longest[h] >= 0:
                good = _short_enough(k, n, longest, nxt, opens, shuts, serv, dist, loc)
                good = good and _short_enough(h, n, longest, nxt, opens, shuts, serv, dist, loc)
                if not good:
                    nxt[a], nxt[c] = b, d
                    if d < n:
                        nxt[lh] = eh
                    if b < n:
                        nxt[lk] = ek
                    continue
            load[k] += wh - wk
            load[h] += wk - wh
            _store(k, n, V, nxt, prv, ear, opens, serv, dist, loc, veh)
            _store(h, n, V, nxt, prv, ear, opens, serv, dist, loc, veh)
            tally[TRAVEL] += delta
        elif kind < 98:
            # ---- two routes change whole middle pieces of up to three visits, each in its order
            u = near[v, _below(rng, width)]
            if veh[u] < 0:
                continue
            k, h = veh[v], veh[u]
            if k == h:
                continue
            tv, tu = v, u
            wv, wu = demand[v], demand[u]
            good = able[h, v] and able[k, u]
            for _j in range(_below(rng, 3)):
                if nxt[tv] < n:
                    tv = nxt[tv]
                    wv += demand[tv]
                    good = good and able[h, tv]
            for _j in range(_below(rng, 3)):
                if nxt[tu] < n:
                    tu = nxt[tu]
                    wu += demand[tu]
                    good = good and able[k, tu]
            if not good:
                continue
            a, b, c, d = prv[v], nxt[tv], prv[u], nxt[tu]
            delta = (
                _way(dist, loc, a, u) + _way(dist, loc, tu, b) - _way(dist, loc, a, v) - _way(dist, loc, tv, b)
                + _way(dist, loc, c, v) + _way(dist, loc, tv, d) - _way(dist, loc, c, u) - _way(dist, loc, tu, d)
            )  # fmt: skip
            if delta > allow or load[k] - wv + wu > cap[k] or load[h] - wu + wv > cap[h]:
                continue
            nxt[a], nxt[tu], nxt[c], nxt[tv] = u, b, v, d
            y = u
            while y != b:
                veh[y] = -2
                y = nxt[y]
            y = v
            while y != d:
                veh[y] = -2
                y = nxt[y]
            good = _holds(a, n, k, able, nxt, ear, opens, shuts, serv, dist, loc, veh)
            good = good and _holds(c, n, h, able, nxt, ear, opens, shuts, serv, dist, loc, veh)
            good = good and _short_enough(k, n, longest, nxt, opens, shuts, serv, dist, loc)
            good = good and _short_enough(h, n, longest, nxt, opens, shuts, serv, dist, loc)
            if not good:
                nxt[a], nxt[tv], nxt[c], nxt[tu] = v, b, u, d
                y = v
                while y != b:
                    veh[y] = k
                    y = nxt[y]
                y = u
                while y != d:
                    veh[y] = h
                    y = nxt[y]
                continue
            load[k] += wu - wv
            load[h] += wv - wu
            _store(k, n, V, nxt, prv, ear, opens, serv, dist, loc, veh)
            _store(h, n, V, nxt, prv, ear, opens, serv, dist, loc, veh)
            tally[TRAVEL] += delta
        else:
            # ---- leave a visit out, at its price
            k = veh[v]
            a, b = prv[v], nxt[v]
            delta = _way(dist, loc, a, b) - _way(dist, loc, a, v) - _way(dist, loc, v, b) + price[v]
            if a >= n and b >= n:
                delta -= fixed[k]
            if delta > allow:
                continue
            nxt[a] = b
            good = _holds(a, n, k, able, nxt, ear, opens, shuts, serv, dist, loc, veh)
            if not good or not _short_enough(k, n, longest, nxt, opens, shuts, serv, dist, loc):
                nxt[a] = v
                continue
            veh[v] = -1
            load[k] -= demand[v]
            _add_to_out(v, out, where, tally)
            _store(k, n, V, nxt, prv, ear, opens, serv, dist, loc, veh)
            tally[TRAVEL] += delta - price[v]
            tally[PRICE] += price[v]

"""The annealing kernel for home service rounds with synchronised carers (compiled by numba).

A state is *one global order of the people served plus a carer for each visit*. Both visits of a person stand at the same
place of the order, so two pairs can never wait for each other in a circle, and start times follow in one pass.
Every number is an integer (the instance's times and distances times ``scale``), so a run repeats exactly.

Nodes: ``0..m-1`` visits, ``m+k`` the start of carer k, ``m+K+k`` the end of carer k.
``slot[p]`` is the place of person p in the global order; places are sparse (``order[s] == -1`` is free), so that a
person can be put between two others without moving anybody else.
"""

from songhe.insight.planning import jit  # noqa: F401  settles the cache folder before numba is imported

import numba as nb  # isort: skip
import numpy as np  # isort: skip
from llvmlite import ir  # isort: skip
from numba.extending import intrinsic  # isort: skip

FREE = -1
SINGLE, TOGETHER, AFTER = 0, 1, 2
# counters kept in the state's `tally`
DIST, LATE, WORST, OVER, BEST, STEPS, TAKEN, WORDS = range(8)


@intrinsic
def _lowest_bit(typingctx, word):
    """Index of the lowest set bit of a non-zero uint64 (one machine instruction)."""
    sig = nb.uint64(nb.uint64)

    def codegen(context, builder, signature, args):
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

    return sig, codegen


@nb.njit(cache=True)
def _draw(rng):
    """xorshift64*: the next raw 64-bit number; the generator is part of the state, so runs repeat."""
    x = rng[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    rng[0] = x
    return x * np.uint64(2685821657736338717)


@nb.njit(cache=True)
def _below(rng, n):
    """A whole number in 0..n-1."""
    return np.int64(((_draw(rng) >> np.uint64(32)) * np.uint64(n)) >> np.uint64(32))


@nb.njit(cache=True)
def _unit(rng):
    return np.float64(_draw(rng) >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@nb.njit(cache=True)
def _mark(dirty, s):
    dirty[s >> 6] |= np.uint64(1) << np.uint64(s & 63)


@nb.njit(cache=True)
def _unlink(v, m, prv, nxt, loc, dist, slot, pat, dirty, log, nlog, car):
    """Take visit v out of its route; returns the change of distance."""
    a, b = prv[v], nxt[v]
    nxt[a] = b
    prv[b] = a
    log[nlog, 0], log[nlog, 1], log[nlog, 2] = v, a, car[v]
    if b < m:
        _mark(dirty, slot[pat[b]])
    return dist[loc[a], loc[b]] - dist[loc[a], loc[v]] - dist[loc[v], loc[b]]


@nb.njit(cache=True)
def _link(v, a, k, m, prv, nxt, loc, dist, slot, pat, dirty, car):
    """Put visit v after node a on carer k's route; returns the change of distance."""
    b = nxt[a]
    nxt[a] = v
    prv[v] = a
    nxt[v] = b
    prv[b] = v
    car[v] = k
    if b < m:
        _mark(dirty, slot[pat[b]])
    return dist[loc[a], loc[v]] + dist[loc[v], loc[b]] - dist[loc[a], loc[b]]


@nb.njit(cache=True)
def _before_slot(k, s, m, nxt, slot, pat):
    """The last node on carer k's route that stands before place s of the order."""
    a = m + k
    b = nxt[a]
    while b < m and slot[pat[b]] < s:
        a = b
        b = nxt[a]
    return a


@nb.njit(cache=True)
def _free_slot(lo, hi, order, rng):
    """A free place strictly between lo and hi, or -1."""
    width = hi - lo - 1
    if width <= 0:
        return -1
    s = lo + 1 + _below(rng, width)
    if order[s] == FREE:
        return s
    for d in range(1, 9):
        if s + d < hi and order[s + d] == FREE:
            return s + d
        if s - d > lo and order[s - d] == FREE:
            return s - d
    return -1


@nb.njit(cache=True)
def respread(order, slot, spare):
    """Spread the people evenly over the sparse places again, in the same order."""
    n = slot.size
    size = order.size
    at = 0
    for s in range(size):
        if order[s] != FREE:
            spare[at] = order[s]
            at += 1
            order[s] = FREE
    for i in range(n):
        s = (2 * i + 1) * size // (2 * n)
        order[s] = spare[i]
        slot[spare[i]] = s


@nb.njit(cache=True)
def _choose_anchor(
    p, v, m, K, near, visits, nvis, car, able, skilled, nskilled, nxt, prv, fin, opens, shuts, serv, rng
):
    """Where visit v of person p may go: a node to stand after, beside a neighbour or at a wished-for time; -1 if none."""
    if _below(rng, 4) != 0:
        for _ in range(6):
            q = near[p, _below(rng, near.shape[1])]
            u = visits[q, _below(rng, nvis[q])]
            if able[car[u], v]:
                return u if _below(rng, 2) == 0 else prv[u]
        return -1
    k = skilled[v, _below(rng, nskilled[v])]
    wish = opens[p] + np.int64(_unit(rng) * 1.3 * (shuts[p] - opens[p]))
    a = m + k
    while nxt[a] < m and fin[nxt[a]] - serv[nxt[a]] < wish:
        a = nxt[a]
    return a


@nb.njit(cache=True)
def _start(p, pair, r0, r1, opens, gap_lo, gap_hi):
    """Earliest starts of both visits of person p when the carers can be there at r0 and r1."""
    t0 = max(opens[p], r0)
    if not pair:
        return t0, t0
    t1 = max(max(opens[p], r1), t0 + gap_lo[p])
    return max(t0, t1 - gap_hi[p]), t1


@nb.njit(cache=True)
def _resting(k, free, way, start, length, rests):
    """Earliest arrival if carer k rests before this stop, or -1 if the rest can wait: it must begin by rests[k, 1]."""
    if rests[k, 2] <= 0:
        return -1
    back = max(free, rests[k, 0]) + rests[k, 2] + way
    if back <= start or start + length > rests[k, 1]:
        return back
    return -1


@nb.njit(cache=True)
def _start_rested(p, pair, v, w, a, b, r0, r1, t0, t1, opens, gap_lo, gap_hi, serv, fin, rested, rests, car):
    """As `_start`, with breaks: a break is taken in a wait that is long enough, or before work that would run past it."""
    q0 = rested[a]
    q1 = rested[b] if pair else 0
    way0 = r0 - fin[a]
    way1 = r1 - fin[b]
    for _ in range(3):
        again = False
        if q0 == 0:
            back = _resting(car[v], fin[a], way0, t0, serv[v], rests)
            if back >= 0:
                q0 = 1
                if back > r0:
                    r0 = back
                    again = True
        if pair and q1 == 0:
            back = _resting(car[w], fin[b], way1, t1, serv[w], rests)
            if back >= 0:
                q1 = 1
                if back > r1:
                    r1 = back
                    again = True
        if not again:
            break
        t0, t1 = _start(p, pair, r0, r1, opens, gap_lo, gap_hi)
    return t0, t1, q0, q1


@nb.njit(cache=True, nogil=True)
def anneal(
    steps, hot, cold, m, K, kind, gap_lo, gap_hi, opens, shuts, visits, nvis, pat, serv, loc, dist, able, skilled,
    nskilled, near, ends, rests, weight, prv, nxt, car, fin, rested, late, slot, order, dirty, tally, rng, best_car, best_slot, mix,
):  # fmt: skip
    """Run `steps` moves while the temperature falls from `hot` to `cold`; state arrays are changed in place.

    One long function on purpose: moves, propagation and undo share some thirty arrays, and calls would cost more than work.
    """
    n = kind.size
    log = np.empty((4 * m + 8, 3), np.int64)
    wrote = np.empty((m + 8, 3), np.int64)
    slots_log = np.empty((8, 2), np.int64)
    spare = np.empty(n, np.int64)
    top = order.size
    words = dirty.size
    cool = (cold / hot) ** (1.0 / max(1, steps))
    temp = hot
    cost = weight[0] * tally[DIST] + weight[1] * tally[LATE] + weight[2] * tally[WORST] + weight[3] * tally[OVER]
    best = tally[BEST]
    taken = 0
    for _step in range(steps):
        temp *= cool
        nlog = 0
        nslots = 0
        delta = 0
        move = _below(rng, 100)
        ok = False
        if move < mix[0]:
            # ---- relocate a person beside a neighbour, or at a wished-for time
            p = _below(rng, n)
            first = _below(rng, nvis[p])
            v = visits[p, first]
            a = _choose_anchor(
                p, v, m, K, near, visits, nvis, car, able, skilled, nskilled, nxt, prv, fin, opens, shuts, serv, rng
            )
            if a >= 0 and a != v:
                k = car[a] if a < m else a - m
                w = -1
                kw = 0
                good = True
                if nvis[p] == 2:
                    w = visits[p, 1 - first]
                    if a == w:
                        good = False
                    kw = car[w]
                    if kw == k or _below(rng, 2) == 0:
                        kw = skilled[w, _below(rng, nskilled[w])]
                        if kw == k:
                            good = False
                if good:
                    delta += _unlink(v, m, prv, nxt, loc, dist, slot, pat, dirty, log, nlog, car)
                    nlog += 1
                    if w >= 0:
                        delta += _unlink(w, m, prv, nxt, loc, dist, slot, pat, dirty, log, nlog, car)
                        nlog += 1
                    old = slot[p]
                    lo = slot[pat[a]] if a < m else -1
                    b = nxt[a]
                    hi = slot[pat[b]] if b < m else top
                    order[old] = FREE
                    s = _free_slot(lo, hi, order, rng)
                    order[old] = p
                    if s >= 0:
                        order[old] = FREE
                        order[s] = p
                        slot[p] = s
                        slots_log[nslots, 0], slots_log[nslots, 1] = p, old
                        nslots += 1
                        delta += _link(v, a, k, m, prv, nxt, loc, dist, slot, pat, dirty, car)
                        if w >= 0:
                            delta += _link(
                                w,
                                _before_slot(kw, s, m, nxt, slot, pat),
                                kw,
                                m,
                                prv,
                                nxt,
                                loc,
                                dist,
                                slot,
                                pat,
                                dirty,
                                car,
                            )
                        _mark(dirty, s)
                        ok = True
                    else:
                        # the places here are used up: undo, spread them again, and go on
                        for i in range(nlog - 1, -1, -1):
                            u = log[i, 0]
                            delta += _link(u, log[i, 1], log[i, 2], m, prv, nxt, loc, dist, slot, pat, dirty, car)
                        for i in range(words):
                            dirty[i] = 0
                        respread(order, slot, spare)
                        continue
        elif move < mix[1]:
            # ---- give one visit to another carer at the same place of the order
            v = _below(rng, m)
            p = pat[v]
            k = skilled[v, _below(rng, nskilled[v])]
            w = visits[p, 1 - (v == visits[p, 1])] if nvis[p] == 2 else -1
            if k != car[v]:
                swap = w >= 0 and car[w] == k
                if not swap or able[car[v], w]:
                    kv = car[v]
                    delta += _unlink(v, m, prv, nxt, loc, dist, slot, pat, dirty, log, nlog, car)
                    nlog += 1
                    if swap:
                        delta += _unlink(w, m, prv, nxt, loc, dist, slot, pat, dirty, log, nlog, car)
                        nlog += 1
                        delta += _link(
                            w,
                            _before_slot(kv, slot[p], m, nxt, slot, pat),
                            kv,
                            m,
                            prv,
                            nxt,
                            loc,
                            dist,
                            slot,
                            pat,
                            dirty,
                            car,
                        )
                    delta += _link(
                        v, _before_slot(k, slot[p], m, nxt, slot, pat), k, m, prv, nxt, loc, dist, slot, pat, dirty, car
                    )
                    _mark(dirty, slot[p])
                    ok = True
        elif move < mix[2]:
            # ---- two people near each other change places (single visits) or carers
            p = _below(rng, n)
            v = visits[p, _below(rng, nvis[p])]
            q = near[p, _below(rng, near.shape[1])]
            u = visits[q, _below(rng, nvis[q])]
            kv, ku = car[v], car[u]
            if p != q and able[ku, v] and able[kv, u]:
                clash = False
                if kv != ku:
                    if nvis[p] == 2 and car[visits[p, 1 - (v == visits[p, 1])]] == ku:
                        clash = True
                    if nvis[q] == 2 and car[visits[q, 1 - (u == visits[q, 1])]] == kv:
                        clash = True
                places = nvis[p] == 1 and nvis[q] == 1 and _below(rng, 4) != 0
                if kv == ku and not places:
                    clash = True
                if not clash:
                    delta += _unlink(v, m, prv, nxt, loc, dist, slot, pat, dirty, log, nlog, car)
                    nlog += 1
                    delta += _unlink(u, m, prv, nxt, loc, dist, slot, pat, dirty, log, nlog, car)
                    nlog += 1
                    if places:
                        sp, sq = slot[p], slot[q]
                        slots_log[nslots, 0], slots_log[nslots, 1] = p, sp
                        nslots += 1
                        slots_log[nslots, 0], slots_log[nslots, 1] = q, sq
                        nslots += 1
                        slot[p], slot[q] = sq, sp
                        order[sp], order[sq] = q, p
                    delta += _link(
                        v,
                        _before_slot(ku, slot[p], m, nxt, slot, pat),
                        ku,
                        m,
                        prv,
                        nxt,
                        loc,
                        dist,
                        slot,
                        pat,
                        dirty,
                        car,
                    )
                    delta += _link(
                        u,
                        _before_slot(kv, slot[q], m, nxt, slot, pat),
                        kv,
                        m,
                        prv,
                        nxt,
                        loc,
                        dist,
                        slot,
                        pat,
                        dirty,
                        car,
                    )
                    _mark(dirty, slot[p])
                    _mark(dirty, slot[q])
                    ok = True
        else:
            # ---- two carers exchange what they do between two places of the order (or until the end)
            v = _below(rng, m)
            k1 = car[v]
            s0 = slot[pat[v]]
            if _below(rng, 2) == 0:
                q = near[pat[v], _below(rng, near.shape[1])]
                k2 = car[visits[q, _below(rng, nvis[q])]]
            else:
                k2 = skilled[v, _below(rng, nskilled[v])]
            if k1 != k2 and able[k2, v]:
                s1 = top
                if _below(rng, 2) == 0:
                    u = v
                    for _ in range(_below(rng, 3)):
                        if nxt[u] < m:
                            u = nxt[u]
                    s1 = slot[pat[u]] + 1
                    if _below(rng, 2) == 0 and nxt[u] < m:
                        s1 = slot[pat[nxt[u]]]
                a1 = prv[v]
                a2 = _before_slot(k2, s0, m, nxt, slot, pat)
                good = True
                e1 = v
                while e1 < m and slot[pat[e1]] < s1:
                    if not able[k2, e1]:
                        good = False
                        break
                    e1 = nxt[e1]
                e2 = nxt[a2]
                if good:
                    while e2 < m and slot[pat[e2]] < s1:
                        if not able[k1, e2]:
                            good = False
                            break
                        e2 = nxt[e2]
                if good:
                    f2 = nxt[a2]
                    # log every moved visit with its old carer; the chains are exchanged whole
                    l1, l2 = prv[e1] if e1 < m else prv[m + K + k1], prv[e2] if e2 < m else prv[m + K + k2]
                    if e1 >= m:
                        e1 = m + K + k1
                    if e2 >= m:
                        e2 = m + K + k2
                    old = dist[loc[a1], loc[v]] + dist[loc[l1], loc[e1]]
                    new = dist[loc[a2], loc[v]] + dist[loc[l1], loc[e2]]
                    has2 = f2 != e2
                    if has2:
                        old += dist[loc[a2], loc[f2]] + dist[loc[l2], loc[e2]]
                        new += dist[loc[a1], loc[f2]] + dist[loc[l2], loc[e1]]
                    else:
                        old += dist[loc[a2], loc[e2]]
                        new += dist[loc[a1], loc[e1]]
                    delta = new - old
                    # exchange
                    nxt[a2] = v
                    prv[v] = a2
                    nxt[l1] = e2
                    prv[e2] = l1
                    if has2:
                        nxt[a1] = f2
                        prv[f2] = a1
                        nxt[l2] = e1
                        prv[e1] = l2
                        _mark(dirty, slot[pat[f2]])
                    else:
                        nxt[a1] = e1
                        prv[e1] = a1
                    u = v
                    while u != e2:
                        car[u] = k2
                        u = nxt[u]
                    if has2:
                        u = f2
                        while u != e1:
                            car[u] = k1
                            u = nxt[u]
                    _mark(dirty, s0)
                    if e1 < m:
                        _mark(dirty, slot[pat[e1]])
                    if e2 < m:
                        _mark(dirty, slot[pat[e2]])
                    # remember how to exchange back
                    nlog = -1
                    log[0, 0], log[0, 1], log[0, 2] = a1, a2, v
                    log[1, 0], log[1, 1], log[1, 2] = e1, e2, k1
                    log[2, 0], log[2, 1], log[2, 2] = l1, l2, k2
                    log[3, 0], log[3, 1] = f2, 1 if has2 else 0
                    ok = True
        if not ok:
            continue
        # ---- the most this step may cost (Metropolis), drawn first so that hopeless steps stop early:
        # lateness can fall by no more than all there is, so distance plus lateness met so far bounds the change from below
        allow = -temp * np.log(_unit(rng) + 1e-300)
        room = allow + weight[1] * tally[LATE] + weight[2] * tally[WORST] + weight[3] * tally[OVER] - weight[0] * delta
        met = 0
        dl = 0
        nw = 0
        worst = tally[WORST]
        rescan = False
        high = 0
        i = 0
        while i < words:
            word = dirty[i]
            if word == 0:
                i += 1
                continue
            if weight[1] * met > room:
                break
            dirty[i] = word & (word - np.uint64(1))
            p = order[(i << 6) + np.int64(_lowest_bit(word))]
            v = visits[p, 0]
            w = visits[p, 1]
            pair = kind[p] != SINGLE
            a = prv[v]
            r0 = fin[a] + dist[loc[a], loc[v]]
            b = a
            r1 = r0
            if pair:
                b = prv[w]
                r1 = fin[b] + dist[loc[b], loc[w]]
            t0, t1 = _start(p, pair, r0, r1, opens, gap_lo, gap_hi)
            q0 = 0
            q1 = 0
            if rests[0, 2] >= 0:
                t0, t1, q0, q1 = _start_rested(
                    p, pair, v, w, a, b, r0, r1, t0, t1, opens, gap_lo, gap_hi, serv, fin, rested, rests, car
                )
            if pair:
                f1 = t1 + serv[w]
                z = max(0, t1 - shuts[p])
                met += z
                if f1 != fin[w] or q1 != rested[w]:
                    wrote[nw, 0], wrote[nw, 1], wrote[nw, 2] = w, fin[w], rested[w]
                    nw += 1
                    fin[w] = f1
                    rested[w] = q1
                    x = nxt[w]
                    if x < m:
                        _mark(dirty, slot[pat[x]])
                    if z != late[w]:
                        if late[w] == worst:
                            rescan = True
                        dl += z - late[w]
                        late[w] = z
                        high = max(high, z)
            f0 = t0 + serv[v]
            z = max(0, t0 - shuts[p])
            met += z
            if f0 != fin[v] or q0 != rested[v]:
                wrote[nw, 0], wrote[nw, 1], wrote[nw, 2] = v, fin[v], rested[v]
                nw += 1
                fin[v] = f0
                rested[v] = q0
                x = nxt[v]
                if x < m:
                    _mark(dirty, slot[pat[x]])
                if z != late[v]:
                    if late[v] == worst:
                        rescan = True
                    dl += z - late[v]
                    late[v] = z
                    high = max(high, z)
        hopeless = i < words
        change = 0
        over = tally[OVER]
        if hopeless:
            while i < words:
                dirty[i] = 0
                i += 1
        else:
            if rescan:
                worst = 0
                for u in range(m):
                    worst = max(worst, late[u])
            else:
                worst = max(worst, high)
            if ends[0] >= 0:
                over = 0
                for k in range(K):
                    x = prv[m + K + k]
                    if x < m:
                        over += max(0, fin[x] + dist[loc[x], loc[m + K + k]] - ends[k])
            change = (
                weight[0] * delta
                + weight[1] * dl
                + weight[2] * (worst - tally[WORST])
                + weight[3] * (over - tally[OVER])
            )
        if not hopeless and change <= allow:
            taken += 1
            tally[DIST] += delta
            tally[LATE] += dl
            tally[WORST] = worst
            tally[OVER] = over
            cost += change
            if cost < best:
                best = cost
                for u in range(m):
                    best_car[u] = car[u]
                for q in range(n):
                    best_slot[q] = slot[q]
        else:
            for j in range(nw - 1, -1, -1):
                u = wrote[j, 0]
                fin[u] = wrote[j, 1]
                rested[u] = wrote[j, 2]
                late[u] = max(0, fin[u] - serv[u] - shuts[pat[u]])
            if nlog < 0:
                a1, a2, v = log[0, 0], log[0, 1], log[0, 2]
                e1, e2, k1 = log[1, 0], log[1, 1], log[1, 2]
                l1, l2, k2 = log[2, 0], log[2, 1], log[2, 2]
                f2 = log[3, 0]
                u = v
                while u != e2:
                    car[u] = k1
                    u = nxt[u]
                if log[3, 1] == 1:
                    u = f2
                    while u != e1:
                        car[u] = k2
                        u = nxt[u]
                    nxt[a2] = f2
                    prv[f2] = a2
                    nxt[l2] = e2
                    prv[e2] = l2
                else:
                    nxt[a2] = e2
                    prv[e2] = a2
                nxt[a1] = v
                prv[v] = a1
                nxt[l1] = e1
                prv[e1] = l1
            else:
                for j in range(nlog):
                    u = log[j, 0]
                    a, b = prv[u], nxt[u]
                    nxt[a] = b
                    prv[b] = a
                for j in range(nslots):
                    order[slot[slots_log[j, 0]]] = FREE
                for j in range(nslots):
                    slot[slots_log[j, 0]] = slots_log[j, 1]
                    order[slots_log[j, 1]] = slots_log[j, 0]
                for j in range(nlog - 1, -1, -1):
                    u, a = log[j, 0], log[j, 1]
                    b = nxt[a]
                    nxt[a] = u
                    prv[u] = a
                    nxt[u] = b
                    prv[b] = u
                    car[u] = log[j, 2]
    tally[BEST] = best
    tally[STEPS] += steps
    tally[TAKEN] += taken


@nb.njit(cache=True)
def settle(
    m, K, kind, gap_lo, gap_hi, opens, shuts, visits, nvis, pat, serv, loc, dist, ends, rests, prv, nxt, car, fin,
    rested, late, slot, order, tally,
):  # fmt: skip
    """Build routes, times and totals afresh from the order and the carers (at the start and after a restart)."""
    for k in range(K):
        nxt[m + k] = m + K + k
        prv[m + K + k] = m + k
    for i in range(4):
        tally[i] = 0
    for s in range(order.size):
        p = order[s]
        if p == FREE:
            continue
        for j in range(nvis[p]):
            v = visits[p, j]
            end = m + K + car[v]
            a = prv[end]
            nxt[a] = v
            prv[v] = a
            nxt[v] = end
            prv[end] = v
            tally[DIST] += dist[loc[a], loc[v]]
        v = visits[p, 0]
        w = visits[p, 1]
        pair = kind[p] != SINGLE
        a = prv[v]
        b = prv[w] if pair else a
        r0 = fin[a] + dist[loc[a], loc[v]]
        r1 = fin[b] + dist[loc[b], loc[w]] if pair else r0
        t0, t1 = _start(p, pair, r0, r1, opens, gap_lo, gap_hi)
        q0 = 0
        q1 = 0
        if rests[0, 2] >= 0:
            t0, t1, q0, q1 = _start_rested(
                p, pair, v, w, a, b, r0, r1, t0, t1, opens, gap_lo, gap_hi, serv, fin, rested, rests, car
            )
        fin[v] = t0 + serv[v]
        rested[v] = q0
        late[v] = max(0, t0 - shuts[p])
        tally[LATE] += late[v]
        tally[WORST] = max(tally[WORST], late[v])
        if pair:
            fin[w] = t1 + serv[w]
            rested[w] = q1
            late[w] = max(0, t1 - shuts[p])
            tally[LATE] += late[w]
            tally[WORST] = max(tally[WORST], late[w])
    for k in range(K):
        x = prv[m + K + k]
        if x < m:
            tally[DIST] += dist[loc[x], loc[m + K + k]]
            if ends[0] >= 0:
                tally[OVER] += max(0, fin[x] + dist[loc[x], loc[m + K + k]] - ends[k])

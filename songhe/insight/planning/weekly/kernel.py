"""Compiled annealing of a township's week of visits: helper, day and order at once.

Routes are (helper, day) pairs, as linked lists. Price = travel + leaving the own helper + days that do not suit + changes
of what people were told + unequal work. The hours of each day and each week are never exceeded; a visit that finds no room
stands in the list of those left out, at its price.
"""

from songhe.insight.planning import jit  # noqa: F401  settles the cache folder before numba is imported

import numba as nb  # isort: skip
import numpy as np  # isort: skip

OUT, STEPS = range(2)


@nb.njit(cache=True, nogil=True)
def _below(rng, n):
    x = rng[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    rng[0] = x
    return np.int64((((x * np.uint64(2685821657736338717)) >> np.uint64(32)) * np.uint64(n)) >> np.uint64(32))


@nb.njit(cache=True, nogil=True)
def _fit(v, r, own, leave, day_price, was, keep, helper, day):
    """What it costs, beside travel, that route r serves visit v."""
    price = day_price[v, day[r]]
    if own[v] >= 0 and helper[r] != own[v]:
        price += leave[v]
    if was[v] >= 0 and was[v] != r:
        price += keep[v]
    return price


@nb.njit(cache=True, nogil=True)
def anneal(
    steps, hot, cold, n, R, near, able, dist, loc, minutes, own, leave, day_price, was, keep, helper, day, room, week_room,
    balance, price, prv, nxt, rte, used, work, out, where, tally, rng, homes, totals,
):  # fmt: skip
    """`able[h, v]` helper may visit, `day_price` >= 1e6 forbids a day. totals = [travel, other prices]; changed in place."""
    fade = (cold / hot) ** (1.0 / max(1, steps))
    temp = hot
    width = near.shape[1]
    for _ in range(steps):
        temp *= fade
        allow = -temp * np.log((np.float64(_below(rng, 1 << 31)) + 1.0) * (1.0 / 2147483649.0))
        v = out[_below(rng, tally[OUT])] if tally[OUT] > 0 and _below(rng, 8) == 0 else _below(rng, n)
        r0 = rte[v]
        kind = _below(rng, 10)
        if r0 < 0 or kind < 6:
            # ---- relocate one to three visits in a row (perhaps turned round), or take one in
            tail = v
            length = 1
            if r0 >= 0 and _below(rng, 2) == 0:
                for _j in range(_below(rng, 3)):
                    if nxt[tail] < n:
                        tail = nxt[tail]
                        length += 1
            pick = _below(rng, 8)
            if pick == 0:
                r = homes[v, _below(rng, homes.shape[1])]
                a = n + r
            elif pick == 1 and r0 >= 0:
                # another day of the same helper
                r = r0 + _below(rng, 7) - day[r0]
                if r < 0 or r >= R or helper[r] != helper[r0]:
                    continue
                a = n + r
                for _j in range(_below(rng, 3)):
                    if nxt[a] < n:
                        a = nxt[a]
            else:
                a = near[v, _below(rng, width)]
                r = rte[a]
                if r < 0:
                    continue
                if _below(rng, 2) == 0:
                    a = prv[a]
            h = helper[r]
            bad = False
            moved = 0.0
            other = 0.0
            inner = 0.0
            turned = 0.0
            y = v
            while True:
                if y == a or not able[h, y] or day_price[y, day[r]] >= 1e6:
                    bad = True
                    break
                moved += minutes[y]
                if r != r0:
                    other += _fit(y, r, own, leave, day_price, was, keep, helper, day)
                    if r0 >= 0:
                        other -= _fit(y, r0, own, leave, day_price, was, keep, helper, day)
                if y == tail:
                    break
                inner += dist[loc[y], loc[nxt[y]]]
                turned += dist[loc[nxt[y]], loc[y]]
                y = nxt[y]
            if bad:
                continue
            b = nxt[a]
            back = length > 1 and _below(rng, 3) == 0
            first, last = (tail, v) if back else (v, tail)
            within = turned if back else inner
            gain = 0.0
            minus = 0.0
            if r0 >= 0:
                p, q = prv[v], nxt[tail]
                if a == p:
                    if not back:
                        continue
                    b = q
                minus = dist[loc[p], loc[q]] - dist[loc[p], loc[v]] - dist[loc[tail], loc[q]] - inner
            else:
                p, q = -1, -1
                gain = price[v]
            if r0 >= 0 and a == p:
                plus = dist[loc[a], loc[first]] + within + dist[loc[last], loc[b]] - dist[loc[a], loc[b]]
            else:
                plus = dist[loc[a], loc[first]] + within + dist[loc[last], loc[b]] - dist[loc[a], loc[b]]
            delta = minus + plus + other - gain
            if r == r0:
                if delta > allow or used[r] + minus + plus > room[r] or work[h] + minus + plus > week_room[h]:
                    continue
                delta += balance * (minus + plus) * (2.0 * work[h] + minus + plus)
                if delta > allow:
                    continue
            else:
                more = moved + plus
                if used[r] + more > room[r]:
                    continue
                less = 0.0
                h0 = -1
                if r0 >= 0:
                    h0 = helper[r0]
                    less = minus - moved
                if h0 == h:
                    if work[h] + more + less > week_room[h]:
                        continue
                    delta += balance * (more + less) * (2.0 * work[h] + more + less)
                else:
                    if work[h] + more > week_room[h]:
                        continue
                    delta += balance * more * (2.0 * work[h] + more)
                    if h0 >= 0:
                        delta += balance * less * (2.0 * work[h0] + less)
                if delta > allow:
                    continue
                if r0 >= 0:
                    used[r0] += less
                    work[h0] += less
                used[r] += more
                work[h] += more
            if r == r0:
                used[r] += minus + plus
                work[h] += minus + plus
            # link
            if r0 >= 0:
                nxt[p] = q
                prv[q] = p
            else:
                i = where[v]
                w = out[tally[OUT] - 1]
                out[i] = w
                where[w] = i
                where[v] = -1
                tally[OUT] -= 1
            if back:
                y = v
                while True:
                    z = nxt[y]
                    nxt[y], prv[y] = prv[y], z
                    rte[y] = r
                    if y == tail:
                        break
                    y = z
            else:
                y = v
                while True:
                    rte[y] = r
                    if y == tail:
                        break
                    y = nxt[y]
            nxt[a] = first
            prv[first] = a
            nxt[last] = b
            prv[b] = last
            totals[0] += minus + plus
            totals[1] += other - gain
        elif kind < 9:
            # ---- two visits change places (also within one route)
            u = near[v, _below(rng, width)]
            r1 = rte[u]
            if r1 < 0 or u == v or nxt[u] == v or nxt[v] == u:
                continue
            h0, h1 = helper[r0], helper[r1]
            if not able[h1, v] or not able[h0, u] or day_price[v, day[r1]] >= 1e6 or day_price[u, day[r0]] >= 1e6:
                continue
            a, b, c, d = prv[v], nxt[v], prv[u], nxt[u]
            one = dist[loc[a], loc[u]] + dist[loc[u], loc[b]] - dist[loc[a], loc[v]] - dist[loc[v], loc[b]]
            two = dist[loc[c], loc[v]] + dist[loc[v], loc[d]] - dist[loc[c], loc[u]] - dist[loc[u], loc[d]]
            other = 0.0
            if r0 != r1:
                other = (
                    _fit(v, r1, own, leave, day_price, was, keep, helper, day)
                    - _fit(v, r0, own, leave, day_price, was, keep, helper, day)
                    + _fit(u, r0, own, leave, day_price, was, keep, helper, day)
                    - _fit(u, r1, own, leave, day_price, was, keep, helper, day)
                )
            delta = one + two + other
            shift = minutes[u] - minutes[v]
            if r0 == r1:
                if used[r0] + one + two > room[r0]:
                    continue
            elif used[r0] + one + shift > room[r0] or used[r1] + two - shift > room[r1]:
                continue
            if h0 == h1:
                x = one + two
                if work[h0] + x > week_room[h0]:
                    continue
                delta += balance * x * (2.0 * work[h0] + x)
            else:
                x, y2 = one + shift, two - shift
                if work[h0] + x > week_room[h0] or work[h1] + y2 > week_room[h1]:
                    continue
                delta += balance * x * (2.0 * work[h0] + x) + balance * y2 * (2.0 * work[h1] + y2)
            if delta > allow:
                continue
            nxt[a], prv[u], nxt[u], prv[b] = u, a, b, u
            nxt[c], prv[v], nxt[v], prv[d] = v, c, d, v
            rte[u], rte[v] = r0, r1
            if r0 == r1:
                used[r0] += one + two
            else:
                used[r0] += one + shift
                used[r1] += two - shift
            work[h0] += one + shift
            work[h1] += two - shift
            totals[0] += one + two
            totals[1] += other
        else:
            # ---- put in place of a less urgent one, or leave out
            a, b = prv[v], nxt[v]
            minus = dist[loc[a], loc[b]] - dist[loc[a], loc[v]] - dist[loc[v], loc[b]]
            h0 = helper[r0]
            if tally[OUT] > 0:
                u = out[_below(rng, tally[OUT])]
                if not able[h0, u] or day_price[u, day[r0]] >= 1e6:
                    continue
                plus = dist[loc[a], loc[u]] + dist[loc[u], loc[b]] - dist[loc[a], loc[b]]
                x = minus + plus + minutes[u] - minutes[v]
                if used[r0] + x > room[r0] or work[h0] + x > week_room[h0]:
                    continue
                other = (
                    _fit(u, r0, own, leave, day_price, was, keep, helper, day)
                    - _fit(v, r0, own, leave, day_price, was, keep, helper, day) + price[v] - price[u]
                )  # fmt: skip
                delta = minus + plus + other + balance * x * (2.0 * work[h0] + x)
                if delta > allow:
                    continue
                nxt[a], prv[u], nxt[u], prv[b] = u, a, b, u
                rte[u], rte[v] = r0, -1
                i = where[u]
                out[i] = v
                where[v] = i
                where[u] = -1
                used[r0] += x
                work[h0] += x
                totals[0] += minus + plus
                totals[1] += other
            else:
                x = minus - minutes[v]
                other = price[v] - _fit(v, r0, own, leave, day_price, was, keep, helper, day)
                if minus + other + balance * x * (2.0 * work[h0] + x) > allow:
                    continue
                nxt[a] = b
                prv[b] = a
                rte[v] = -1
                out[tally[OUT]] = v
                where[v] = tally[OUT]
                tally[OUT] += 1
                used[r0] += x
                work[h0] += x
                totals[0] += minus
                totals[1] += other
    tally[STEPS] += steps

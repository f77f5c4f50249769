"""Rounds by annealing, small steps and large ones in turn: a whole county day as one problem, from an empty plan, within a
budget."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from songhe.insight.planning.budget import Budget
from songhe.insight.planning.keeping import EVERY, Keeper
from songhe.insight.planning.reasons import Reason
from songhe.insight.planning.routing.anneal import anneal
from songhe.insight.planning.routing.model import Call, Day, Routes, refuse_impossible
from songhe.insight.planning.routing.ruin import ruin
from songhe.insight.planning.routing.state import Chain
from songhe.insight.planning.routing.tables import Tables

CHUNK = 50_000  # small steps between two looks at the clock
RUINS = 120  # of so many small steps, one of ruin and recreate: about as much time for either
HOT, COLD, AGAIN = 2.5, 0.02, 0.2  # temperatures, in ways to a near neighbour: at first, at last, and when going on


def _climb(t, budget, seed, start, offer):
    """Falling temperature from an empty plan or a milder one from `start`, in turn by small steps and by ruin."""
    chain = Chain(t.land, seed)
    hot, cold, mark = HOT * t.way(), COLD * t.way(), EVERY
    if start is not None:
        chain.load_routes(start)
        chain.keep()
        hot = AGAIN * t.way()
    chunk = CHUNK if budget.steps is None else max(1, min(CHUNK, budget.steps // 50))
    while (spent := budget.spent()) < 1.0 and t.n:
        heat = hot * (cold / hot) ** spent
        anneal(chunk, heat, heat, t.land, chain.state)
        ruin(max(1, chunk // RUINS), heat, t.land, chain.state)
        budget.done += chunk
        if spent > 0.5 or start is not None:
            chain.keep()
        if spent >= mark:
            offer(chain)
            mark = spent + EVERY
        budget.tell(spent, chain.cost)
    chain.keep()
    return chain


def _named(t, routes, impossible=()):
    """Routes of the search's own visit numbers as Routes of the day."""
    return routes_of(
        t.day, {t.day.vehicles[k].id: [int(t.ids[v]) for v in r] for k, r in enumerate(routes)}, impossible
    )


def _offering(t, keeper):
    """Offers the better of a chain's best and its present routes; while it is hot, the best is not looked after."""

    refused = {r.subject for r in t.impossible}
    apart = sum(v.price for v in t.day.visits if v.id in refused)

    def offer(chain):
        if chain.best is not None and chain.best <= chain.cost:
            keeper.offer(apart + chain.best, lambda: _named(t, chain.best_routes, t.impossible))
        else:
            keeper.offer(apart + chain.cost, lambda: _named(t, chain.routes(), t.impossible))

    return offer


def solve(
    day: Day, *, budget: Budget, seed: int = 1, threads: int = 1, start: Routes | None = None,
    keep: Callable[[Routes], None] | None = None,
) -> Routes:  # fmt: skip
    """The best rounds found. ``start`` resumes from (or re-plans around) earlier routes; ``keep`` is given each better plan
    now and then. Same seed and steps: same plan.

    Raises ImpossibleInputError; single visits nobody could do are left out with the reason before the search starts.
    """
    refuse_impossible(day)
    t = Tables(day)
    own = {int(v): i for i, v in enumerate(t.ids)}
    begin = None
    if start is not None:
        begin = [[own[i] for i in start.chosen.get(k.id, []) if i in own] for k in day.vehicles]
    offer = _offering(t, Keeper(keep, np.inf if start is None else start.cost))
    budgets = [budget, *(budget.fork() for _ in range(threads - 1))]
    with ThreadPoolExecutor(max_workers=threads) as pool:
        runs = [pool.submit(_climb, t, b, seed + 7919 * i, begin, offer) for i, b in enumerate(budgets)]
        chains = [r.result() for r in runs]
    best = min(chains, key=lambda c: c.best)
    return _named(t, best.best_routes, t.impossible)


def routes_of(day: Day, chosen: dict[str, list[int]], impossible=()) -> Routes:
    """Times of given routes (visit numbers by vehicle id), their price, and the reason of everything left out."""
    t = np.asarray(day.travel)
    vehicles = {k.id: k for k in day.vehicles}
    routes, travel, cost, done = {}, 0, 0, set()
    for name, visits in chosen.items():
        k = vehicles[name]
        at, clock, calls = k.base, k.shift[0], []
        for i in visits:
            v = day.visits[i]
            arrive = clock + int(t[at, v.place])
            travel += int(t[at, v.place])
            begin = max(arrive, v.window[0])
            calls.append(Call(v.id, arrive, begin, begin + v.duration))
            at, clock = v.place, begin + v.duration
            done.add(i)
        if visits:
            travel += int(t[at, k.base])
            cost += k.fixed
        routes[name] = calls
    known = {r.subject for r in impossible}
    left = list(impossible)
    for i, v in enumerate(day.visits):
        if i in done:
            continue
        cost += v.price
        if v.id not in known:
            left.append(
                Reason(
                    "hours_used_up",
                    v.id,
                    "有人会做,但在其时间窗内人员工时或装载已排满,插入任何路线都会违反约束。",
                    "Somebody could do it, but in its window everyone's hours or loads are taken: no route has room.",
                )
            )
    return Routes(routes, travel, travel + cost, left, {k: list(v) for k, v in chosen.items()})


def _span(day: Day, k, visits) -> int:
    """Working time of a route that leaves as late as it can without making anything later: found by shifting the start."""
    t = np.asarray(day.travel)
    if not visits:
        return 0
    stops = [day.visits[i] for i in visits]
    latest = k.shift[1] - int(t[stops[-1].place, k.base]) - stops[-1].duration
    latest = min(latest, stops[-1].window[1])
    for here, after in zip(stops[-2::-1], stops[:0:-1], strict=True):
        latest = min(here.window[1], latest - int(t[here.place, after.place]) - here.duration)
    leave = max(k.shift[0], latest - int(t[k.base, stops[0].place]))

    # waiting that the last possible start does not need is cut by leaving at the time that still ends earliest
    def end(start):
        at, clock = k.base, start
        for v in stops:
            clock = max(clock + int(t[at, v.place]), v.window[0]) + v.duration
            at = v.place
        return clock + int(t[at, k.base])

    return min(end(s) - s for s in (k.shift[0], leave, max(k.shift[0], leave - (end(leave) - end(k.shift[0])))))


def violations(day: Day, chosen: dict[str, list[int]]) -> list[Reason]:
    """Check routes against every rule, in the plainest way; empty when all hold."""
    t = np.asarray(day.travel)
    found, seen = [], set()
    for k in day.vehicles:
        at, clock, load = k.base, k.shift[0], 0
        for i in chosen.get(k.id, []):
            v = day.visits[i]
            clock = max(clock + int(t[at, v.place]), v.window[0])
            load += v.load
            if clock > v.window[1]:
                found.append(Reason("late", v.id, f"晚到 {clock - v.window[1]}。", f"Late by {clock - v.window[1]}."))
            if v.skill not in k.skills:
                found.append(Reason("skill", v.id, "技能不符。", "The skill is missing."))
            if i in seen:
                found.append(Reason("twice", v.id, "重复安排。", "Planned twice."))
            seen.add(i)
            at, clock = v.place, clock + v.duration
        if k.longest >= 0 and _span(day, k, chosen.get(k.id, [])) > k.longest:
            found.append(Reason("longest", k.id, "超过最长工作时间。", "Works longer than allowed."))
        if chosen.get(k.id) and clock + int(t[at, k.base]) > k.shift[1]:
            found.append(Reason("shift", k.id, "超过下班时间。", "Back after the shift ends."))
        if load > k.capacity:
            found.append(Reason("load", k.id, "超载。", "Overloaded."))
    return found


def warm_up() -> None:
    """Compile the kernel (or load it from the cache) on a tiny day, before any clock runs."""
    from songhe.insight.planning.routing.model import Vehicle, Visit

    visits = tuple(Visit(str(i), i + 1, 1, (0, 90)) for i in range(3))
    solve(Day(visits, (Vehicle("a", 0, (0, 99)),), np.ones((4, 4), np.int64)), budget=Budget(steps=50))

"""Benchmark rounds (no skills): annealing first, then PyVRP's iterated local search from the annealed plan.

Annealing is far ahead on large days in little time; PyVRP, which may pass through plans that break a rule, wins the last
per cent on days of a few hundred visits.
"""

from collections.abc import Callable

import numpy as np

from songhe.insight.planning.budget import Budget
from songhe.insight.planning.keeping import EVERY, Keeper
from songhe.insight.planning.routing import solve as annealing
from songhe.insight.planning.routing.model import Day, Routes

SMALL = 150  # up to here PyVRP searches on its own after a short annealing; its first plan must not bind it
MIDDLE = 400


class _Stop:
    """PyVRP's stopping rule on our budget; on the way `offer` is given the best it has, now and then."""

    def __init__(self, budget, steps, offer):
        self.budget, self.steps, self.offer = budget, steps, offer
        self.seen, self.mark, self.best = 0, 0.0, None

    def __call__(self, best_cost):
        self.seen += 1
        spent = self.budget.spent() if self.steps is None else self.seen / self.steps
        if self.best is not None and spent >= self.mark:
            self.offer(self.best)
            self.best, self.mark = None, spent + EVERY
        if self.steps is not None and self.seen > self.steps:
            return True
        return self.budget.spent() >= 1.0


def _watched(stop):
    """PyVRP's parameters with `stop` told of each better plan."""
    import pyvrp
    from pyvrp.IteratedLocalSearch import IteratedLocalSearchCallbacks

    class Watch(IteratedLocalSearchCallbacks):
        def on_best(self, best):
            stop.best = best

    return pyvrp.SolveParams(ils=pyvrp.IteratedLocalSearchParams(callbacks=Watch()))


def _data(day: Day):
    import pyvrp

    places = np.asarray(day.travel)
    bases = sorted({k.base for k in day.vehicles})
    order = bases + [v.place for v in day.visits]
    ways = places[np.ix_(order, order)].astype(np.int64)
    dear = max((v.price for v in day.visits), default=0)
    must = dear > ways.max() * 10
    clients = [
        pyvrp.Client(
            location=len(bases) + i,
            delivery=[v.load],
            service_duration=v.duration,
            tw_early=v.window[0],
            tw_late=v.window[1],
            prize=0 if must else v.price,
            required=must,
        )
        for i, v in enumerate(day.visits)
    ]
    kinds, members = {}, []
    for k in day.vehicles:
        key = (k.base, k.shift, k.capacity, k.longest, k.fixed)
        if key not in kinds:
            kinds[key] = len(kinds)
            members.append([])
        members[kinds[key]].append(k.id)
    types = [
        pyvrp.VehicleType(
            num_available=len(members[i]),
            capacity=[capacity],
            start_depot=bases.index(base),
            end_depot=bases.index(base),
            fixed_cost=fixed,
            tw_early=shift[0],
            tw_late=shift[1],
            **({"shift_duration": longest} if longest >= 0 else {}),
        )
        for (base, shift, capacity, longest, fixed), i in kinds.items()
    ]
    locations = [pyvrp.Location(0, 0) for _ in order]
    depots = [pyvrp.Depot(location=i) for i in range(len(bases))]
    data = pyvrp.ProblemData(locations, clients, depots, types, [ways], [ways])
    return data, members


def _initial(data, members, routes: Routes):
    import pyvrp

    kind_of = {name: t for t, names in enumerate(members) for name in names}
    return pyvrp.Solution(
        data,
        [
            pyvrp.Route(data, [int(i) for i in visits], kind_of[name])
            for name, visits in routes.chosen.items()
            if visits
        ],
    )


def _back(day, members, solution):
    """PyVRP's routes onto named vehicles."""
    left = [list(names) for names in members]
    chosen = {k.id: [] for k in day.vehicles}
    for route in solution.routes():
        visits = [int(a.idx) for a in route if a.is_client()]
        chosen[left[route.vehicle_type()].pop(0)] = visits
    return chosen


def solve(
    day: Day, *, budget: Budget, seed: int = 1, threads: int = 1, start: Routes | None = None,
    keep: Callable[[Routes], None] | None = None,
) -> Routes:  # fmt: skip
    """As routing.solve.solve, for days in which every vehicle can do every visit."""
    import pyvrp

    size = len(day.visits)
    share = 0.15 if size <= SMALL else 0.6 if size <= MIDDLE else 0.85
    first = Budget(
        seconds=None if budget.seconds is None else budget.seconds * share,
        steps=None if budget.steps is None else max(1, int(budget.steps * share)),
        now=budget.now, report=budget.report, cancelled=budget.cancelled,
    )  # fmt: skip
    keeper = Keeper(keep, np.inf if start is None else start.cost)
    routes = annealing.solve(
        day, budget=first, seed=seed, threads=threads, start=start, keep=lambda r: keeper.offer(r.cost, lambda: r)
    )
    keeper.offer(routes.cost, lambda: routes)
    budget.done += first.done
    data, members = _data(day)

    def offer(solution):
        if solution.is_feasible():
            better = annealing.routes_of(day, _back(day, members, solution))
            if not annealing.violations(day, better.chosen):
                keeper.offer(better.cost, lambda: better)

    stop = _Stop(budget, None if budget.steps is None else max(10, budget.steps // 20_000), offer)
    begin = None if size <= SMALL and start is None else _initial(data, members, routes)
    found = pyvrp.solve(data, stop, seed=seed, collect_stats=False, initial_solution=begin, params=_watched(stop))
    if not found.is_feasible():
        return routes
    better = annealing.routes_of(day, _back(day, members, found.best))
    if better.cost < routes.cost and not annealing.violations(day, better.chosen):
        return better
    return routes

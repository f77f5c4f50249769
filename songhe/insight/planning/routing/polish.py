"""Benchmark rounds (no skills): annealing first, then PyVRP's iterated local search from the annealed plan.

Annealing is far ahead on large days in little time; PyVRP, which may pass through plans that break a rule, wins the last
per cent on days of a few hundred visits.
"""

import numpy as np

from songhe.insight.planning.budget import Budget
from songhe.insight.planning.routing import solve as annealing
from songhe.insight.planning.routing.model import Day, Routes

SMALL = 150  # up to here PyVRP searches on its own after a short annealing; its first plan must not bind it
MIDDLE = 400


class _Stop:
    """PyVRP's stopping rule on our budget."""

    def __init__(self, budget, steps):
        self.budget, self.steps, self.seen = budget, steps, 0

    def __call__(self, best_cost):
        self.seen += 1
        if self.steps is not None and self.seen > self.steps:
            return True
        return self.budget.spent() >= 1.0


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


def solve(day: Day, *, budget: Budget, seed: int = 1, threads: int = 1) -> Routes:
    """As routing.solve.solve, for days in which every vehicle can do every visit."""
    import pyvrp

    size = len(day.visits)
    share = 0.15 if size <= SMALL else 0.6 if size <= MIDDLE else 0.85
    first = Budget(
        seconds=None if budget.seconds is None else budget.seconds * share,
        steps=None if budget.steps is None else max(1, int(budget.steps * share)),
        now=budget.now, report=budget.report, cancelled=budget.cancelled,
    )  # fmt: skip
    routes = annealing.solve(day, budget=first, seed=seed, threads=threads)
    budget.done += first.done
    data, members = _data(day)
    stop = _Stop(budget, None if budget.steps is None else max(10, budget.steps // 20_000))
    begin = None if size <= SMALL else _initial(data, members, routes)
    found = pyvrp.solve(data, stop, seed=seed, collect_stats=False, initial_solution=begin)
    if not found.is_feasible():
        return routes
    better = annealing.routes_of(day, _back(day, members, found.best))
    if better.cost < routes.cost and not annealing.violations(day, better.chosen):
        return better
    return routes

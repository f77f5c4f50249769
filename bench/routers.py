"""The other routing solvers on the same county day, each given the same seconds on one core. -> {vehicle id: [visit numbers]}."""

import numpy as np

from songhe.insight.planning.routing.model import Day


def _places(day: Day):
    """Bases and visits in one matrix: depots first."""
    bases = sorted({k.base for k in day.vehicles})
    order = bases + [v.place for v in day.visits]
    return bases, np.asarray(day.travel)[np.ix_(order, order)]


def vroom(day: Day, seconds: float) -> dict:
    import datetime

    import vroom as v

    problem = v.Input()
    problem.set_durations_matrix("car", np.asarray(day.travel).astype(np.uint32))
    number = {s: i for i, s in enumerate(sorted({x.skill for x in day.visits}))}
    for k, one in enumerate(day.vehicles):
        skills = {number[s] for s in one.skills if s in number}
        problem.add_vehicle(
            v.Vehicle(k, start=one.base, end=one.base, time_window=v.TimeWindow(*one.shift), skills=skills)
        )
    for i, one in enumerate(day.visits):
        window = [v.TimeWindow(one.window[0], one.window[1])]
        problem.add_job(
            v.Job(i, location=one.place, default_service=one.duration, skills={number[one.skill]}, time_windows=window)
        )
    found = problem.solve(exploration_level=5, nb_threads=1, timeout=datetime.timedelta(seconds=seconds))
    table = found.routes
    chosen = {k.id: [] for k in day.vehicles}
    for vehicle, kind, job in zip(table["vehicle_id"], table["type"], table["id"], strict=True):
        if kind == "job":
            chosen[day.vehicles[int(vehicle)].id].append(int(job))
    return chosen


def pyvrp(day: Day, seconds: float) -> dict:
    import pyvrp as p
    from pyvrp.stop import MaxRuntime

    bases, ways = _places(day)
    kinds = sorted({tuple(sorted(k.skills)) for k in day.vehicles})
    far = int(ways.max()) * 1000
    matrices = []
    for skills in kinds:
        one = ways.astype(np.int64).copy()
        for i, v in enumerate(day.visits):
            if v.skill not in skills:
                one[:, len(bases) + i] = far
                one[len(bases) + i, :] = far
        np.fill_diagonal(one, 0)
        matrices.append(one)
    clients = [
        p.Client(
            location=len(bases) + i, service_duration=v.duration, tw_early=v.window[0], tw_late=v.window[1],
            prize=v.price, required=False,
        )
        for i, v in enumerate(day.visits)
    ]  # fmt: skip
    types = [
        p.VehicleType(
            num_available=1, start_depot=bases.index(k.base), end_depot=bases.index(k.base), tw_early=k.shift[0],
            tw_late=k.shift[1], profile=kinds.index(tuple(sorted(k.skills))),
        )
        for k in day.vehicles
    ]  # fmt: skip
    depots = [p.Depot(location=i) for i in range(len(bases))]
    data = p.ProblemData([p.Location(0, 0)] * len(ways), clients, depots, types, matrices, matrices)
    found = p.solve(data, MaxRuntime(seconds), seed=1, collect_stats=False)
    chosen = {k.id: [] for k in day.vehicles}
    for route in found.best.routes():
        chosen[day.vehicles[route.vehicle_type()].id] = [int(a.idx) for a in route if a.is_client()]
    return chosen


def ortools(day: Day, seconds: float) -> dict:
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    bases, ways = _places(day)
    rows = ways.tolist()
    depots = [bases.index(k.base) for k in day.vehicles]
    manager = pywrapcp.RoutingIndexManager(len(rows), len(day.vehicles), depots, depots)
    model = pywrapcp.RoutingModel(manager)
    cost = model.RegisterTransitMatrix(rows)
    model.SetArcCostEvaluatorOfAllVehicles(cost)
    length = [0] * len(bases) + [v.duration for v in day.visits]
    spent = [[w + length[i] for w in row] for i, row in enumerate(rows)]
    time = model.RegisterTransitMatrix(spent)
    model.AddDimension(time, 40_000, 40_000, False, "time")
    clock = model.GetDimensionOrDie("time")
    for k, one in enumerate(day.vehicles):
        clock.CumulVar(model.Start(k)).SetRange(*one.shift)
        clock.CumulVar(model.End(k)).SetRange(*one.shift)
    for i, v in enumerate(day.visits):
        at = manager.NodeToIndex(len(bases) + i)
        clock.CumulVar(at).SetRange(*v.window)
        model.VehicleVar(at).SetValues([-1] + [k for k, one in enumerate(day.vehicles) if v.skill in one.skills])
        model.AddDisjunction([at], v.price)
    how = pywrapcp.DefaultRoutingSearchParameters()
    how.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    how.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    how.time_limit.FromMilliseconds(int(seconds * 1000))
    found = model.SolveWithParameters(how)
    chosen = {k.id: [] for k in day.vehicles}
    for k, one in enumerate(day.vehicles):
        if found is None:
            break
        at = found.Value(model.NextVar(model.Start(k)))
        while not model.IsEnd(at):
            chosen[one.id].append(manager.IndexToNode(at) - len(bases))
            at = found.Value(model.NextVar(at))
    return chosen


OTHERS = {"vroom": vroom, "pyvrp": pyvrp, "ortools": ortools}

"""Rounds with windows, skills and loads: rules kept, reasons named, runs repeated, files read."""

import numpy as np
import pytest

from songhe.insight.planning.budget import Budget
from songhe.insight.planning.reasons import ImpossibleInputError
from songhe.insight.planning.routing import polish, vrplib_files
from songhe.insight.planning.routing.model import Day, Vehicle, Visit, meal_day
from songhe.insight.planning.routing.ruin import ruin
from songhe.insight.planning.routing.solve import routes_of, solve, violations
from songhe.insight.planning.routing.state import Chain
from songhe.insight.planning.routing.tables import Tables
from tests.insight.planning.worlds import BENCH, needs_bench


def county(n=60, helpers=10, seed=1):
    rng = np.random.default_rng(seed)
    spots = rng.uniform(0, 3000, (n + helpers, 2))
    travel = np.rint(np.sqrt(((spots[:, None] - spots[None]) ** 2).sum(axis=2))).astype(np.int64)
    skills = ["visit", "bath"]
    visits = []
    for i in range(n):
        opens = int(rng.integers(0, 5)) * 3600
        visits.append(
            Visit(f"v{i}", helpers + i, 1200, (opens, opens + 10_800), skills[int(rng.random() < 0.25)], load=1)
        )
    vehicles = [
        Vehicle(f"h{k}", k, (0, 28_800), frozenset(skills if k % 2 else skills[:1]), capacity=14)
        for k in range(helpers)
    ]
    return Day(tuple(visits), tuple(vehicles), travel)


def test_a_day_is_served_and_every_rule_holds():
    day = county()
    plan = solve(day, budget=Budget(steps=300_000), seed=1)
    assert violations(day, plan.chosen) == []
    assert plan.left == []
    assert sorted(i for r in plan.chosen.values() for i in r) == list(range(60))
    assert plan.cost == plan.travel


def in_list_order(day):
    """Each visit, as it stands in the list, to the first helper who can still take it at the end of the round."""
    chosen = {k.id: [] for k in day.vehicles}
    for i in range(len(day.visits)):
        for k in day.vehicles:
            longer = {**chosen, k.id: [*chosen[k.id], i]}
            if not violations(day, longer):
                chosen = longer
                break
    return routes_of(day, chosen)


def test_the_plan_is_far_shorter_than_the_list_order():
    day = county()
    plain = in_list_order(day)
    plan = solve(day, budget=Budget(steps=300_000), seed=1)
    assert violations(day, plain.chosen) == []
    assert len(plan.left) <= len(plain.left)
    assert plan.cost < 0.5 * plain.cost


def test_more_steps_shorten_the_plan():
    day = county()
    first = solve(day, budget=Budget(steps=500), seed=1)
    later = solve(day, budget=Budget(steps=300_000), seed=1)
    assert later.cost < 0.9 * first.cost


def test_a_whole_round_is_taken_away_where_fewer_suffice():
    """Two vans carry what was shared by three: the third price is saved."""
    spots = np.array([[0, 0], *[[50 + 10 * i, 50] for i in range(10)]])
    travel = np.rint(np.sqrt(((spots[:, None] - spots[None]) ** 2).sum(axis=2))).astype(np.int64)
    visits = tuple(Visit(str(i), i + 1, 60, (0, 20_000), load=2) for i in range(10))
    vans = tuple(Vehicle(f"van{k}", 0, (0, 28_800), capacity=10, fixed=100) for k in range(3))
    plan = solve(Day(visits, vans, travel), budget=Budget(steps=50_000), seed=1)
    assert not plan.left
    assert sorted(len(r) for r in plan.chosen.values()) == [0, 5, 5]


def test_the_times_kept_while_ruining_are_those_of_the_routes():
    """Earliest and latest begins are carried along from step to step: they must be what counting anew gives."""
    day = county(80, 12)
    t = Tables(day)
    chain = Chain(t.land, 3)
    heat = t.way()
    ruin(3_000, heat, t.land, chain.state)
    fresh = Chain(t.land, 3)
    fresh.load_routes(chain.routes())
    ruin(0, heat, t.land, fresh.state)
    on = chain.state.veh[: t.n] >= 0
    assert on.sum() > 60
    assert (chain.state.ear[: t.n][on] == fresh.state.ear[: t.n][on]).all()
    assert (chain.state.lat[: t.n][on] == fresh.state.lat[: t.n][on]).all()
    assert (chain.state.size == fresh.state.size).all()
    assert (chain.state.load == fresh.state.load).all()
    assert (chain.state.tally == fresh.state.tally).all()


def test_a_seed_and_a_step_limit_repeat_exactly():
    day = county(40, 7)
    one, two = (solve(day, budget=Budget(steps=50_000), seed=5).chosen for _ in range(2))
    assert one == two


def test_going_on_from_a_plan_is_never_worse():
    day = county(40, 7)
    first = solve(day, budget=Budget(steps=20_000), seed=5)
    assert solve(day, budget=Budget(steps=20_000), seed=6, start=first).cost <= first.cost


@pytest.mark.parametrize(
    ("visit", "code"),
    [
        (Visit("x", 1, 60, (0, 9000), "surgery"), "no_one_with_skill"),
        (Visit("x", 1, 60, (0, 9000), load=99), "load_too_large"),
        (Visit("x", 1, 60, (0, 10)), "window_before_shift"),
        (Visit("x", 1, 9000, (900, 9000)), "window_not_reachable"),
    ],
)
def test_what_nobody_could_do_is_left_out_with_the_reason(visit, code):
    day = Day(
        (visit, Visit("y", 1, 60, (100, 5000))),
        (Vehicle("h", 0, (100, 8000), capacity=5),),
        np.array([[0, 50], [50, 0]]),
    )
    plan = solve(day, budget=Budget(steps=2_000))
    assert [(r.subject, r.code) for r in plan.left] == [("x", code)]
    assert [c.visit for c in plan.routes["h"]] == ["y"]


def test_too_little_time_leaves_the_cheapest_out():
    travel = np.zeros((4, 4), np.int64)
    visits = tuple(Visit(str(i), i + 1, 100, (0, 1000), price=10 if i == 1 else 1000) for i in range(3))
    plan = solve(Day(visits, (Vehicle("h", 0, (0, 200)),), travel), budget=Budget(steps=5_000))
    assert [(r.subject, r.code) for r in plan.left] == [("1", "hours_used_up")]


def test_the_longest_working_time_is_kept():
    day = county(30, 8)
    short = Day(
        day.visits, tuple(Vehicle(k.id, k.base, k.shift, k.skills, 14, longest=9_000) for k in day.vehicles), day.travel
    )
    plan = solve(short, budget=Budget(steps=200_000), seed=1)
    assert violations(short, plan.chosen) == []
    free = solve(day, budget=Budget(steps=200_000), seed=1)
    assert any(r.code == "longest" for r in violations(short, free.chosen))


def test_meals_arrive_while_they_are_warm():
    day = county(20, 8)
    warm = meal_day(day, 3_600)
    assert all(v.window[1] <= max(v.window[0], 0) + 3_600 for v in warm.visits)


def test_the_check_names_every_broken_rule():
    day = county(12, 3)
    wrong = {"h0": [0, 0, *range(1, 12)], "h1": [], "h2": []}
    assert {"twice", "skill", "late", "shift"} <= {r.code for r in violations(day, wrong)}


def test_impossible_days_are_refused():
    day = county(3, 2)
    with pytest.raises(ImpossibleInputError) as refused:
        solve(Day((Visit("x", 99, -1, (9, 3)),), (), day.travel), budget=Budget(steps=1))
    assert {r.code for r in refused.value.reasons} >= {
        "matrix_shape",
        "nobody_working",
        "window_reversed",
        "no_duration",
    }


TINY = """NAME: tiny
TYPE: {kind}
DIMENSION: 6
VEHICLES: 2
CAPACITY: 10
EDGE_WEIGHT_TYPE: EUC_2D
{extra}NODE_COORD_SECTION
1 0 0
2 0 10
3 10 0
4 10 10
5 20 5
6 5 20
DEMAND_SECTION
1 0
2 3
3 3
4 3
5 3
6 3
SERVICE_TIME_SECTION
1 0
2 1
3 1
4 1
5 1
6 1
TIME_WINDOW_SECTION
1 0 500
2 0 500
3 0 500
4 0 500
5 0 500
6 0 500
{sections}DEPOT_SECTION
1
-1
EOF
"""


@pytest.mark.parametrize("kind", ["VRPTW", "MDVRPTW", "PCVRPTW"])
def test_vrplib_files_of_three_kinds(tmp_path, kind):
    prizes = "PRIZE_SECTION\n1 0\n2 100\n3 100\n4 100\n5 1\n6 100\n" if kind == "PCVRPTW" else ""
    bases = "VEHICLES_DEPOT_SECTION\n1 1\n2 1\n" if kind == "MDVRPTW" else ""
    extra = "VEHICLES_MAX_DURATION: 80\n" if kind == "MDVRPTW" else ""
    file = tmp_path / "tiny.vrp"
    file.write_text(TINY.format(kind=kind, extra=extra, sections=prizes + bases), encoding="utf-8")
    bench = vrplib_files.read(str(file))
    assert bench.kind == kind
    plan = polish.solve(bench.day, budget=Budget(steps=30_000), seed=1)
    assert violations(bench.day, plan.chosen) == []
    left = {r.subject for r in plan.left}
    assert left == ({"4"} if kind == "PCVRPTW" else set())
    assert vrplib_files.exact_distance(bench, plan.chosen) * bench.scale == pytest.approx(plan.travel, rel=0.01)


def test_a_solomon_file(tmp_path):
    file = tmp_path / "s.txt"
    rows = "\n".join(
        f"{i} {x} {y} {d} 0 500 {s}" for i, x, y, d, s in [(0, 0, 0, 0, 0), (1, 0, 10, 3, 1), (2, 10, 0, 3, 1)]
    )
    file.write_text(
        "S1\n\nVEHICLE\nNUMBER     CAPACITY\n  2         10\n\nCUSTOMER\n"
        "CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE   TIME\n\n" + rows + "\n",
        encoding="utf-8",
    )
    bench = vrplib_files.read(str(file))
    plan = polish.solve(bench.day, budget=Budget(steps=5_000))
    assert plan.cost / bench.show == pytest.approx(10 + 14.1 + 10)


@needs_bench
@pytest.mark.parametrize(("name", "best"), [("c101", 827.3), ("r201", 1143.2)])
def test_solomon_days_come_close_to_the_best_known(name, best):
    bench = vrplib_files.read(str(BENCH / "vrp" / "solomon" / f"{name}.txt"))
    plan = polish.solve(bench.day, budget=Budget(steps=3_000_000), seed=1)
    assert violations(bench.day, plan.chosen) == []
    assert plan.left == []
    assert plan.cost / bench.show <= best * 1.03

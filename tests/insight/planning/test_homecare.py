"""Home service rounds: the solver against brute force, the checker against broken plans, refusals, repeatability."""

import csv
import itertools
import json

import numpy as np
import pytest

from songhe.insight.planning.budget import Budget
from songhe.insight.planning.homecare.check import check
from songhe.insight.planning.homecare.instance import Carer, Recipient, Rounds, Service, read_rounds
from songhe.insight.planning.homecare.refuse import refusals
from songhe.insight.planning.homecare.routes import plan_from, plan_of
from songhe.insight.planning.homecare.solve import solve
from songhe.insight.planning.reasons import ImpossibleInputError
from tests.insight.planning.worlds import BENCH, copy, needs_bench, rounds_document


def best_by_force(rounds):
    """Every order of people and every choice of carers."""
    n = len(rounds.recipients)
    choices = []
    for p in rounds.recipients:
        able = [[k for k, c in enumerate(rounds.carers) if s.skill in c.skills] for s in p.services]
        choices.append([ks for ks in itertools.product(*able) if len(set(ks)) == len(ks)])
    best = np.inf
    for order in itertools.permutations(range(n)):
        for picked in itertools.product(*choices):
            best = min(best, plan_of(rounds, order, [k for ks in picked for k in ks]).cost)
    return best


@pytest.mark.parametrize("carers", [1, 2])
def test_a_day_with_one_person_ends(carers):
    """Nobody is there to change places with."""
    services = tuple(Service("a", 10.0) for _ in range(carers))
    one = Recipient("p", 2, (0.0, 100.0), services, "single" if carers == 1 else "simultaneous")
    rounds = Rounds("one", (one,), tuple(Carer(c, frozenset("a")) for c in "xy"), np.ones((3, 3)))
    plan = solve(rounds, budget=Budget(steps=20_000), seed=1)
    assert plan.cost == pytest.approx(2.0 * carers / 3)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_small_days_are_solved_to_the_best(seed):
    document = rounds_document(seed, people=5, carers=2)
    rounds = read_rounds(document)
    plan = solve(rounds, budget=Budget(steps=40_000), seed=1)
    assert plan.cost == pytest.approx(best_by_force(rounds), abs=1e-6)
    assert check(document, plan.document(rounds))["feasible"]


@pytest.mark.parametrize("seed", range(6))
def test_the_checker_agrees_with_the_solver(seed):
    document = rounds_document(seed, people=14, carers=4, shifts=True, rest=seed % 2 == 0)
    rounds = read_rounds(document)
    plan = solve(rounds, budget=Budget(steps=60_000), seed=seed)
    verdict = check(document, plan.document(rounds))
    assert verdict["violations"] == []
    assert verdict["cost"] == pytest.approx(plan.cost)
    assert verdict["distance"] == pytest.approx(plan.distance)


def test_the_best_so_far_is_handed_out_and_can_be_gone_on_from():
    document = rounds_document(4, people=16, carers=4)
    rounds = read_rounds(document)
    found = []
    plan = solve(rounds, budget=Budget(steps=40_000), seed=7, keep=found.append)
    assert len(found) >= 1
    costs = [each.cost for each in found]
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] >= plan.cost - 1e-9
    kept = plan_from(rounds, found[0].document(rounds))
    assert solve(rounds, budget=Budget(steps=20_000), seed=1, start=kept).cost <= costs[0] + 1e-9


def test_a_cancelled_run_ends_with_a_plan_that_holds():
    document = rounds_document(4, people=16, carers=4)
    rounds = read_rounds(document)
    asked = []

    def cancelled():
        asked.append(1)
        return len(asked) > 3

    plan = solve(rounds, budget=Budget(steps=10_000_000, cancelled=cancelled), seed=7)
    assert len(asked) < 100
    assert check(document, plan.document(rounds))["feasible"]


def test_a_seed_and_a_step_limit_repeat_exactly():
    rounds = read_rounds(rounds_document(4, people=16, carers=4))
    one, two, other = (solve(rounds, budget=Budget(steps=30_000), seed=s).document(rounds) for s in (7, 7, 8))
    assert one == two
    assert one != other


def test_more_steps_from_an_earlier_plan_are_never_worse():
    rounds = read_rounds(rounds_document(5, people=20, carers=4))
    first = solve(rounds, budget=Budget(steps=500), seed=1)
    again = solve(rounds, budget=Budget(steps=30_000), seed=2, start=plan_from(rounds, first.document(rounds)))
    assert again.cost <= first.cost + 1e-9


def test_two_threads_give_a_plan_no_worse_than_the_first_alone():
    rounds = read_rounds(rounds_document(6, people=12, carers=3))
    one = solve(rounds, budget=Budget(steps=20_000), seed=3)
    two = solve(rounds, budget=Budget(steps=20_000), seed=3, threads=2)
    assert two.cost <= one.cost + 1e-9


def test_a_cancelled_run_stops_at_once_with_a_whole_plan():
    document = rounds_document(6, people=12, carers=3)
    rounds = read_rounds(document)
    seen = []
    budget = Budget(steps=10**9, cancelled=lambda: len(seen) > 3, report=lambda share, cost: seen.append(share))
    plan = solve(rounds, budget=budget, seed=3)
    assert check(document, plan.document(rounds))["feasible"]


def spoiled(document, rounds):
    """The same plan broken in one way at a time: (rule that must be named, solution)."""
    good = solve(rounds, budget=Budget(steps=20_000), seed=1).document(rounds)
    used = next(r for r in good["routes"] if len(r["locations"]) > 1)
    at = good["routes"].index(used)

    def broken(change):
        other = copy(good)
        change(other)
        return other

    def early(s):
        for stop in (x for r in s["routes"] for x in r["locations"]):
            stop["arrival_time"] -= 1000
            stop["departure_time"] -= 1000

    def shorten(s):
        s["routes"][at]["locations"][0]["departure_time"] -= 1

    def nobody(s):
        s["routes"][at]["locations"].pop()

    def twice(s):
        s["routes"][at]["locations"].append(dict(s["routes"][at]["locations"][-1]))

    def stranger(s):
        s["routes"][at]["caregiver_id"] = "x"

    def unskilled(s):
        a = next(r for r in s["routes"] if any(x["service_id"] == "nurse" for x in r["locations"]))
        b = next(r for r in s["routes"] if r["caregiver_id"] == "c0")
        a["caregiver_id"], b["caregiver_id"] = b["caregiver_id"], a["caregiver_id"]

    def apart(kind, by):
        ids = [p["id"] for p in document["patients"] if (p.get("synchronization") or {}).get("type") == kind]

        def change(s):
            stop = next(
                x
                for r in s["routes"]
                for x in r["locations"]
                if x["patient_id"] == ids[0] and x["service_id"] == "nurse"
            )
            stop["arrival_time"] += by
            stop["departure_time"] += by

        return change

    changes = {
        "early": early, "duration": shorten, "missing": nobody, "twice": twice, "carer": stranger, "skill": unskilled,
        "together": apart("simultaneous", 1), "gap": apart("sequential", 40),
    }  # fmt: skip
    return [(rule, broken(change)) for rule, change in changes.items()]


def test_the_checker_names_every_broken_rule():
    document = rounds_document(3, people=9, carers=4)
    for rule, solution in spoiled(document, read_rounds(document)):
        verdict = check(document, solution)
        assert not verdict["feasible"], rule
        assert rule in {v["rule"] for v in verdict["violations"]}, rule
        assert all(v["zh"] and v["en"] for v in verdict["violations"])


def test_shift_break_and_refused_carer_are_checked():
    document = rounds_document(3, people=6, carers=3)
    rounds = read_rounds(document)
    solution = solve(rounds, budget=Budget(steps=5_000), seed=1).document(rounds)
    strict = copy(document)
    for c in strict["caregivers"]:
        c["working_shift"] = [0, 60]
        c["break"] = {"window": [0, 1], "duration": 500}
    strict["patients"][0]["incompatible_caregivers"] = [c["id"] for c in strict["caregivers"]]
    rules = {v["rule"] for v in check(strict, solution)["violations"]}
    assert {"shift", "rest", "refused"} <= rules


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda d: d["patients"][0]["required_caregivers"][0].update(service="surgery"), "no_one_with_skill"),
        (lambda d: [c.update(working_shift=[300, 600]) for c in d["caregivers"]] and d["patients"][0].update(time_window=[10, 20]), "window_before_shift"),
        (lambda d: [c.update(working_shift=[0, 100]) for c in d["caregivers"]] and d["patients"][0].update(time_window=[99, 300]), "window_after_shift"),
        (lambda d: d["patients"][0].update(time_window=[50, 20]), "window_reversed"),
        (lambda d: d["patients"][4]["synchronization"].update(distance=[9, 2]), "gap_reversed"),
        (lambda d: d["patients"][1].update(id="p0"), "duplicate_id"),
        (lambda d: d["distances"].pop(), "matrix_shape"),
        (lambda d: d["distances"][0].__setitem__(1, -1), "matrix_value"),
        (lambda d: d["caregivers"].__delitem__(slice(1, None)) or d["caregivers"][0].update(abilities=["wash", "nurse"]), "needs_two_carers"),
    ],
)  # fmt: skip
def test_impossible_input_is_refused_before_the_solver(change, code):
    document = rounds_document(1, people=7, carers=3)
    change(document)
    rounds = read_rounds(document)
    assert code in {r.code for r in refusals(rounds)}
    with pytest.raises(ImpossibleInputError) as refused:
        solve(rounds, budget=Budget(steps=10))
    assert all(r.zh and r.en for r in refused.value.reasons)


def test_a_day_too_full_for_the_shifts_says_whose_shift_breaks():
    document = rounds_document(2, people=12, carers=2)
    for c in document["caregivers"]:
        c["abilities"] = ["wash", "nurse"]
        c["working_shift"] = [0, 330]
    rounds = read_rounds(document)
    plan = solve(rounds, budget=Budget(steps=20_000), seed=1)
    named = {v["where"] for v in check(document, plan.document(rounds))["violations"] if v["rule"] == "shift"}
    assert named
    assert named == {r.subject for r in plan.broken}


@needs_bench
@pytest.mark.parametrize("name", ["InstanzCPLEX_HCSRP_10_1", "InstanzCPLEX_HCSRP_10_5", "InstanzCPLEX_HCSRP_25_3"])
def test_published_best_values_are_reached(name):
    folder = BENCH / "hhcrsp"
    with (folder / "published_best.csv").open(encoding="utf-8") as f:
        published = {r["instance"]: float(r["cost"]) for r in csv.DictReader(f) if r["cost"]}
    document = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    rounds = read_rounds(document)
    plan = solve(rounds, budget=Budget(steps=600_000), seed=1)
    verdict = check(document, plan.document(rounds))
    assert verdict["feasible"]
    assert verdict["cost"] <= published[name] * 1.003

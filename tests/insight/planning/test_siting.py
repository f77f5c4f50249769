"""Siting: brute force agrees, proofs are proofs, existing sites, money, capacity and fairness bind, reasons are named."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import maximum_flow

from songhe.insight.planning.budget import Budget
from songhe.insight.planning.reasons import ImpossibleInputError
from songhe.insight.planning.siting import apart, choose, coverage, files, median
from songhe.insight.planning.siting.model import Demand, Site
from songhe.insight.planning.travel import straight
from tests.insight.planning.worlds import BENCH, needs_bench


def plain(seed, n=12, sites=9):
    rng = np.random.default_rng(seed)
    people = [
        Demand(f"d{i}", int(rng.integers(1, 50)), *rng.uniform(0, 20, 2), group="village" if i % 3 else "town")
        for i in range(n)
    ]
    spots = [Site(f"s{j}", *rng.uniform(0, 20, 2), cost=float(rng.integers(1, 5))) for j in range(sites)]
    minutes = straight(np.array([(d.x, d.y) for d in people]), np.array([(s.x, s.y) for s in spots])).minutes
    return people, spots, minutes


def budget():
    return Budget(steps=4_000)


@pytest.mark.parametrize("seed", range(8))
def test_the_p_median_is_the_best_of_all_and_proven(seed):
    people, _, minutes = plain(seed, 25, 12)
    cost = np.rint(np.array([d.weight for d in people])[:, None] * minutes)
    found = median.solve(cost, 3, budget=budget())
    best = min(cost[:, list(c)].min(axis=1).sum() for c in itertools.combinations(range(12), 3))
    assert found.cost == best
    assert found.proven
    assert found.bound == best
    assert found.gap == 0


def test_branch_and_bound_closes_what_the_relaxation_leaves_open():
    rng = np.random.default_rng(0)
    gaps = []
    for _ in range(8):
        cost = rng.integers(1, 100, (20, 20)).astype(float)
        np.fill_diagonal(cost, 0)
        found = median.solve(cost, 4, budget=budget())
        best = min(cost[:, list(c)].min(axis=1).sum() for c in itertools.combinations(range(20), 4))
        assert (found.cost, found.bound, found.proven) == (best, best, True)
        gaps.append(bool(found.notes))
    assert any(gaps)


def test_standing_sites_stay_in_the_p_median():
    people, spots, minutes = plain(3)
    kept = [*spots[:2]]
    spots = [Site(s.id, s.x, s.y, existing=s in kept) for s in spots]
    plan = choose.shortest(people, spots, minutes, count=2, within=15, budget=budget())
    assert {s.id for s in kept} <= set(plan.sites)
    assert len(plan.sites) == 4
    assert plan.after["mean_minutes"] < plan.before["mean_minutes"]
    assert len(plan.after["map"]) == len(people)


@pytest.mark.parametrize("seed", range(5))
def test_coverage_is_the_best_of_all_and_proven(seed):
    people, spots, minutes = plain(seed)
    plan = coverage.solve(people, spots, minutes, count=3, within=14, budget=budget())
    weight = np.array([d.weight for d in people])
    best = max((weight * (minutes[:, list(c)] <= 14).any(axis=1)).sum() for c in itertools.combinations(range(9), 3))
    assert plan.objective == pytest.approx(best)
    assert plan.proven
    reached = {d.id for d in people if plan.serves[d.id]}
    assert sum(d.weight for d in people if d.id in reached) == best
    assert {r.subject for r in plan.left} == {d.id for d in people} - reached


def test_money_binds():
    people, spots, minutes = plain(2)
    plan = coverage.solve(people, spots, minutes, count=9, within=14, money=4.0, budget=budget())
    price = {s.id: s.cost for s in spots}
    assert sum(price[s] for s in plan.sites) <= 4.0
    weight = np.array([d.weight for d in people])
    cost = np.array([s.cost for s in spots])
    best = max(
        (weight * (minutes[:, list(c)] <= 14).any(axis=1)).sum()
        for r in range(1, 5)
        for c in itertools.combinations(range(9), r)
        if cost[list(c)].sum() <= 4.0
    )
    assert plan.objective == pytest.approx(best)


def test_capacity_binds():
    people, spots, minutes = plain(2)
    free = coverage.solve(people, spots, minutes, count=2, within=30, budget=budget())
    small = [Site(s.id, s.x, s.y, capacity=30.0) for s in spots]
    tight = coverage.solve(people, small, minutes, count=2, within=30, budget=budget())
    assert tight.objective == pytest.approx(60.0)
    assert free.objective > 60
    assert tight.proven
    assert {r.code for r in tight.left} == {"no_room"}


@pytest.mark.parametrize("seed", range(4))
def test_where_houses_are_full_nobody_is_counted_twice(seed):
    """Served people against the best of all choices, each priced by a plain maximum flow; nobody beyond a site's room."""
    people, spots, minutes = plain(seed)
    small = [Site(s.id, s.x, s.y, capacity=None if j == 0 else 40.0 + 5 * j) for j, s in enumerate(spots)]
    plan = coverage.solve(people, small, minutes, count=3, within=12, budget=budget())

    def flow(chosen):
        n, k = len(people), len(chosen)
        arcs = np.zeros((n + k + 2, n + k + 2), np.int32)
        for i, d in enumerate(people):
            arcs[n + k, i] = d.weight
            for c, j in enumerate(chosen):
                arcs[i, n + c] = d.weight * (minutes[i, j] <= 12)
        for c, j in enumerate(chosen):
            arcs[n + c, n + k + 1] = 10_000 if small[j].capacity is None else int(small[j].capacity)
        return maximum_flow(csr_matrix(arcs), n + k, n + k + 1).flow_value

    assert plan.proven
    assert plan.objective == pytest.approx(max(flow(c) for c in itertools.combinations(range(9), 3)))
    assert plan.objective == pytest.approx(flow([int(s[1:]) for s in plan.sites]))
    for d, where in ((d, plan.serves[d.id]) for d in people):
        assert where is None or minutes[people.index(d), int(where[1:])] <= 12


def test_no_plan_in_time_still_counts_the_room(monkeypatch):
    """The exact model found nothing: what is said of the plan at hand is what its sites hold, not whom they are near."""
    people, spots, minutes = plain(2)
    small = [Site(s.id, s.x, s.y, capacity=30.0) for s in spots]
    monkeypatch.setattr(apart, "solve", lambda *_, **__: None)
    plan = coverage.solve(people, small, minutes, count=2, within=30, budget=budget())
    assert (plan.objective, plan.bound) == (60.0, 60.0)


def test_the_worst_off_group_comes_first_when_asked():
    people = [*(Demand(f"t{i}", 100, 0, 0, group="town") for i in range(3)), Demand("v", 1, 50, 50, group="village")]
    spots = [Site("town", 0, 0), Site("village", 50, 50)]
    minutes = straight(np.array([(d.x, d.y) for d in people]), np.array([(s.x, s.y) for s in spots])).minutes
    many = coverage.solve(people, spots, minutes, count=1, within=15, budget=budget())
    assert many.sites == ["town"]
    assert many.left[0].code == "count_used_up"
    both = coverage.solve(people, spots, minutes, count=2, within=15, fair=True, budget=budget())
    assert both.after["worst_group"]["share"] == 1.0


@pytest.mark.parametrize("seed", range(3))
def test_asked_for_the_worst_off_they_are_never_left_worse(seed):
    """Cut off at once or not: the worst-off group's share is at least that of the plan without the wish."""
    people, spots, minutes = plain(seed, 60, 30)
    people = [replace(d, group=f"g{i % 5}") for i, d in enumerate(people)]
    asked = {"count": 4, "within": 8, "budget": budget()}
    many = coverage.solve(people, spots, minutes, **asked)
    fair = coverage.solve(people, spots, minutes, fair=True, **asked)
    assert fair.after["worst_group"]["share"] >= many.after["worst_group"]["share"] - 1e-9
    assert fair.objective <= many.objective + 1e-6


def test_places_no_site_can_reach_say_so():
    people = [Demand("far", 5, 500, 500), Demand("near", 5, 0, 0)]
    plan = coverage.solve(people, [Site("s", 0, 0)], np.array([[900.0], [0.0]]), count=1, within=15, budget=budget())
    assert [(r.subject, r.code) for r in plan.left] == [("far", "no_site_near")]


def test_impossible_requests_are_refused_with_every_reason():
    _, spots, minutes = plain(1)
    with pytest.raises(ImpossibleInputError) as refused:
        coverage.solve([Demand("x", -1, 0, 0)], spots, minutes, count=50, within=15, budget=budget())
    assert {r.code for r in refused.value.reasons} == {"too_many_sites", "weight", "matrix_shape"}


def test_files_with_chinese_heads_and_their_faults():
    assert files.read_demand("编号,经度,纬度,人数\nA,116.1,30.2,12\n")[0] == Demand("A", 12.0, 116.1, 30.2)
    assert files.read_sites("id,x,y,existing,capacity\nS,1,2,是,40\n")[0].existing
    with pytest.raises(ImpossibleInputError, match="Column missing"):
        files.read_demand("编号,人数\nA,3\n")
    with pytest.raises(ImpossibleInputError, match="not a number"):
        files.read_sites("id,x,y\nS,one,2\n")


def test_pmed_networks():
    cost, p = files.read_pmed("4 4 2\n1 2 3\n2 3 4\n3 4 5\n1 4 100\n")
    assert p == 2
    assert cost[0, 3] == 12
    with pytest.raises(ImpossibleInputError):
        files.read_pmed("3 1 1\n1 2 3\n")


@needs_bench
@pytest.mark.parametrize("number", [1, 6, 13, 20])
def test_published_p_medians_are_reached_and_proven(number):
    folder = BENCH / "pmed"
    best = dict(line.split() for line in (folder / "pmedopt.txt").read_text().splitlines()[1:] if line.strip())
    cost, p = files.read_pmed((folder / f"pmed{number}.txt").read_text())
    found = median.solve(cost, p, budget=budget())
    assert found.cost == float(best[f"pmed{number}"])
    assert found.proven

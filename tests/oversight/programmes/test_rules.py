"""Dates, states, bands, sums and plans: the tables of tests/specs, and what never happens."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songhe.core import bands
from songhe.oversight.programmes import definitions, rules
from tests.core.specs import cases


@pytest.mark.parametrize(("given_cells", "expected"), cases("deadlines"))
def test_deadlines(given_cells, expected):
    written, year, counted_from = given_cells
    span = rules.read_span(written, year=year, counted_from=counted_from)
    found = [span.start, span.end, span.guessed] if span else [None, None, False]
    assert found == expected


@pytest.mark.parametrize(("given_cells", "expected"), cases("goal_states"))
def test_states(given_cells, expected):
    table = definitions.states_on(date(2023, 10, 1))["rows"]
    names = ("started", "known", "met", "in_time", "broken", "past", "days_left", "done", "gone")
    verdict = rules.state_of(rules.Facts(**dict(zip(names, given_cells, strict=True))), table)
    assert [verdict.state, verdict.light] == expected
    assert verdict.row["why"]["zh"]


@pytest.mark.parametrize(("given_cells", "expected"), cases("score_bands"))
def test_bands(given_cells, expected):
    read = [bands.read_band(text) for text in given_cells[0].split(" ")]
    found = [f"{kind} {low:g}-{high:g}" for _at, kind, low, high in bands.band_faults(read, 0, 100)]
    assert sorted(found) == sorted(filter(None, expected[0].split("; ")))


@pytest.mark.parametrize(("given_cells", "expected"), cases("backward_plans"))
def test_plans(given_cells, expected):
    stages = []
    for text in given_cells[1].split(", "):
        reached, how = text.split(" ")
        named, days = how.split("/")
        stages.append((reached, None if named == "-" else date.fromisoformat(named), int(days)))
    plan = rules.backward(given_cells[0], stages)
    assert ", ".join(f"{s.reached} {s.due}{' 倒排' if s.counted else ''}" for s in plan) == expected[0]


cuts = st.lists(st.integers(1, 99), unique=True, min_size=1, max_size=6).map(sorted)


@given(cuts, st.data())
def test_bands_that_meet_have_no_fault_and_one_taken_out_has(points, data):
    edges = [0, *points, 100]
    table = [bands.Band(low, high, True, high == 100) for low, high in pairwise(edges)]
    assert list(bands.band_faults(table, 0, 100)) == []
    gone = data.draw(st.integers(0, len(table) - 1))
    assert list(bands.band_faults(table[:gone] + table[gone + 1 :], 0, 100))


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.lists(st.integers(0, 400), min_size=1, max_size=6))
def test_a_plan_never_runs_backwards_in_time(end, days):
    plan = rules.backward(end, [(f"s{at}", None, n) for at, n in enumerate(days)])
    dues = [step.due for step in plan]
    assert dues == sorted(dues)
    assert dues[-1] == end
    assert dues[0] == end - timedelta(days=sum(days[1:]))


def test_reaching_a_promise():
    assert rules.reaches("=", 13, 12)  # one more centre than promised is no failure
    assert not rules.reaches("=", 11, 10, exact=True)  # ten exemplars are ten
    assert rules.reaches("<=", 5, 5)
    assert not rules.reaches("<=", 6, 5)
    assert rules.reaches("about", 55, 60, tolerance=0.1)
    assert not rules.reaches("about", 53, 60, tolerance=0.1)


def test_the_light_of_a_site():
    plan = rules.backward(
        date(2021, 11, 10), [("site_chosen", date(2021, 4, 10), 0), ("started", None, 30), ("done", None, 160)]
    )
    on = date(2021, 7, 1)
    assert rules.site_light(plan, {"done": date(2021, 6, 1)}, on, 15).reason == "met"  # further than asked
    assert rules.site_light(plan, {"site_chosen": date(2021, 4, 1)}, on, 15).reason == "overdue"
    assert rules.site_light(plan, {"started": date(2021, 6, 1)}, on, 15).reason == "waiting"
    assert rules.site_light(plan, {"started": date(2021, 6, 1)}, date(2021, 10, 30), 15).reason == "due_soon"
    assert (
        rules.site_light(plan, {"started": date(2021, 8, 1)}, on, 15).reason == "overdue"
    )  # begun later than the day asked
    assert rules.site_light(plan, {}, date(2021, 3, 1), 15).colour == "none"

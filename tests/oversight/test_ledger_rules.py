"""The state of an item, case by case, and that no day falls between two states."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songhe.oversight.ledger import definitions, rules
from songhe.oversight.ledger.columns import read_deadline
from songhe.oversight.ledger.rules import Facts

BEGAN, DUE = date(2023, 8, 1), date(2023, 10, 31)
LIMITS = {"due_within_days": 15, "quiet_days": 30}


def state(on, **facts):
    found = rules.state(Facts(starts_on=BEGAN, due_on=DUE, **facts), on=on, **LIMITS)
    return found.name, found.reason, found.light


@pytest.mark.parametrize(
    ("on", "facts", "expected"),
    [
        (date(2023, 7, 1), {}, ("open", "not_begun", "green")),
        (date(2023, 8, 20), {}, ("open", "running", "green")),
        (date(2023, 8, 31), {}, ("open", "running", "green")),
        (date(2023, 9, 1), {}, ("at_risk", "quiet", "yellow")),
        (date(2023, 9, 1), {"progress_on": date(2023, 8, 15)}, ("open", "running", "green")),
        (date(2023, 10, 15), {"progress_on": date(2023, 10, 14)}, ("open", "running", "green")),
        (date(2023, 10, 16), {"progress_on": date(2023, 10, 14)}, ("at_risk", "due_soon", "yellow")),
        (date(2023, 10, 31), {}, ("at_risk", "due_soon", "yellow")),
        (date(2023, 11, 1), {}, ("late", "overdue", "red")),
        (date(2023, 9, 2), {"problem_due": date(2023, 9, 1)}, ("at_risk", "problem", "yellow")),
        (date(2023, 8, 9), {"late_below": 2}, ("at_risk", "below", "yellow")),
        (date(2023, 11, 9), {"asked_on": DUE}, ("awaiting", "asked", "yellow")),
        (date(2023, 11, 9), {"asked_on": date(2023, 11, 1)}, ("awaiting", "asked_late", "red")),
        (date(2023, 11, 9), {"asked_on": DUE, "closed_on": date(2023, 11, 8)}, ("closed", "in_time", "green")),
        (date(2023, 11, 9), {"asked_on": date(2023, 11, 1), "closed_on": date(2023, 11, 8)}, ("closed_late", "after_due", "yellow")),
        (date(2023, 11, 9), {"withdrawn_on": BEGAN, "closed_on": DUE}, ("withdrawn", "withdrawn", "none")),
    ],
)  # fmt: skip
def test_states(on, facts, expected):
    assert state(on, **facts) == expected


days = st.dates(date(2023, 1, 1), date(2024, 12, 31))


@given(days, st.none() | days, st.none() | days, st.integers(0, 3))
def test_every_day_has_one_state_and_lateness_never_heals_by_waiting(on, problem, progress, late_below):
    facts = {"problem_due": problem, "progress_on": progress, "late_below": late_below}
    name, _reason, light = state(on, **facts)
    assert name in rules.STATES
    assert light in ("green", "yellow", "red", "none")
    assert (name == "late") == (on > DUE)
    if name == "late":
        assert state(on + timedelta(days=1), **facts)[0] == "late"


def test_n_of_m():
    assert rules.signed(1, 2, 3) == "short"
    assert rules.signed(2, 2, 3) == "full"
    assert rules.signed(0, 3, 2) == "impossible"


def test_units_are_split_as_people_write_them():
    assert rules.split_units("市民政局、市财政局，卫健委;市民政局") == ["市民政局", "市财政局", "卫健委"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [("10月底前", date(2023, 10, 31)), ("年底前", date(2023, 12, 31)), ("2023-09-30", date(2023, 9, 30)), ("4月上旬", date(2023, 4, 10))],
)  # fmt: skip
def test_deadlines_in_words(words, expected):
    assert read_deadline(words, 2023)[0] == expected


def test_terms_say_where_they_come_from():
    assert definitions.terms().due_within_days == 15

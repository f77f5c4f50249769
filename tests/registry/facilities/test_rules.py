"""The arithmetic: clauses, verdicts, draws, credit codes, rent."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songhe.registry.facilities import rules
from songhe.registry.facilities.rules import Clause, Known, Row

AREA = Clause("floor_area", "floor_area", "≈", 200, tolerance=25, hard="soft")


@pytest.mark.parametrize(
    ("operator", "asked", "actual", "result"),
    [
        (">=", 4, 4, "met"), (">=", 4, 3, "not_met"), ("<=", 1, 1, "met"), ("<=", 1, 2, "not_met"), ("=", 4, 4, "met"),
        ("=", 4, 5, "not_met"), ("≈", 200, 150, "met"), ("≈", 200, 149.9, "not_met"), ("≈", 200, 250, "met"), (">=", 4, None, "unknown"),
    ],
)  # fmt: skip
def test_a_number_against_a_clause(operator, asked, actual, result):
    assert rules.judge(Clause("x", "beds", operator, asked, tolerance=25), actual) == result


def test_an_unknown_operator_is_an_error():
    with pytest.raises(ValueError, match="about"):
        rules.judge(Clause("x", "beds", "about", 1), 1)


def test_what_nobody_recorded_is_unknown_not_zero():
    kitchen = Clause("kitchen", "rooms", ">=", 1, codes=("kitchen",))
    on = date(2023, 9, 30)
    assert rules.look(kitchen, Known(), on).result == "unknown"
    without = Known(rooms={"chess": Row("provision", 1, "棋牌室")})
    found = rules.look(kitchen, without, on)
    assert (found.result, found.lacking) == ("not_met", ("kitchen",))
    held = rules.look(kitchen, Known(rooms={"kitchen": Row("provision", 7, "厨房")}), on)
    assert (held.result, held.rows[0].id) == ("met", 7)


def test_activities_count_only_inside_their_days_and_only_in_use():
    monthly = Clause("monthly", "activity", ">=", 1, codes=("volunteer",), within_days=31)
    row = Row("activity", 1, "")
    on = date(2023, 10, 31)
    seen = Known(status="in_use", activities=[(date(2023, 10, 1), "volunteer", row)])
    assert rules.look(monthly, seen, on).result == "met"
    assert (
        rules.look(monthly, Known(status="in_use", activities=[(date(2023, 9, 30), "volunteer", row)]), on).result
        == "not_met"
    )
    assert rules.look(monthly, Known(status="in_use", activities=[(on, "meal", row)]), on).result == "not_met"
    assert rules.look(monthly, Known(status="done"), on).result == "unknown"


def test_the_four_steps_apply_to_new_estates_only():
    sync = Clause("s", "four_sync", "=", 4, codes=("planning", "building", "acceptance", "delivery"), only="new_estate")
    on, row = date(2023, 1, 1), Row("sync_check", 1, "")
    assert rules.look(sync, Known(sourcing="lease_idle"), on).result == "not_applicable"
    three = dict.fromkeys(("planning", "building", "acceptance"), ("met", row))
    assert rules.look(sync, Known(sourcing="new_estate", sync=three), on).result == "unknown"
    assert (
        rules.look(sync, Known(sourcing="new_estate", sync=three | {"delivery": ("not_met", row)}), on).result
        == "not_met"
    )
    assert rules.look(sync, Known(sourcing="new_estate", sync=three | {"delivery": ("met", row)}), on).result == "met"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([("hard", "met"), ("soft", "not_met")], "pass"), ([("hard", "met"), ("hard", "not_met")], "fail"),
        ([("hard", "unknown"), ("hard", "not_met")], ""), ([("soft", "unknown")], "pass"),
    ],
)  # fmt: skip
def test_the_verdict_follows_the_hard_lines(lines, said):
    assert rules.verdict(lines)[0] == said


def test_credit_codes():
    assert rules.credit_code_fault("91350100M000100Y43") == ""  # the example of GB 32100-2015
    assert rules.credit_code_fault("91350100M000100Y44") == "check"
    assert rules.credit_code_fault("91350100M000100Y4") == "length"
    assert rules.credit_code_fault("9135O100M000100Y43") == "character"


@given(st.text(alphabet=rules._CODE, min_size=17, max_size=17), st.integers(0, 16))
def test_one_wrong_character_of_a_credit_code_shows(stem, at):
    code = stem + rules.credit_code_check(stem)
    other = next(c for c in rules._CODE if c != code[at])
    assert rules.credit_code_fault(code[:at] + other + code[at + 1 :]) == "check"


@given(st.lists(st.uuids().map(str), min_size=1, max_size=30, unique=True), st.text(min_size=1, max_size=8), st.data())
def test_a_draw_can_be_repeated_by_anybody(population, seed, data):
    size = data.draw(st.integers(1, len(population)))
    first = rules.drawn(population, size=size, seed=seed)
    assert len(set(first)) == size
    assert set(first) <= set(population)
    assert rules.drawn(list(reversed(population)), size=size, seed=seed) == first


@pytest.mark.parametrize("bad", [{"size": 0}, {"size": 3}, {"seed": ""}])
def test_a_draw_that_cannot_be_made(bad):
    with pytest.raises(ValueError, match="cannot draw"):
        rules.drawn(["a", "b"], **({"size": 1, "seed": "s"} | bad))


def test_rent_follows_owner_and_lease():
    assert rules.rent_basis("street", "not") == "free"
    assert rules.rent_basis("market", "leased") == "subsidised"
    assert rules.rent_basis("market", "not") == "none"
    assert rules.rent_basis("operator", "not") == "none"


def test_papers_warn_before_they_expire():
    on = date(2023, 10, 1)
    assert rules.expiry(None, on, 60) == ("green", None)
    assert rules.expiry(date(2023, 9, 30), on, 60) == ("red", -1)
    assert rules.expiry(date(2023, 11, 30), on, 60) == ("yellow", 60)
    assert rules.expiry(date(2023, 12, 1), on, 60)[0] == "green"


def test_directions_of_the_walk():
    assert rules.direction("planned", "done") == "on"
    assert rules.direction("done", "started") == "back"
    assert rules.direction("in_use", "closed") == "close"
    assert rules.direction("closed", "in_use") == "reopen"
    assert rules.at_least("accepted") == ["accepted", "in_use"]

"""Money: lines, deductions, bands. Each sum again by hand."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songhe.care.settlement import definitions, rules
from songhe.care.settlement.rules import Facts, Line
from songhe.core.definitions import BadDefinition

TERMS = definitions.on(date(2026, 11, 30))


@pytest.mark.parametrize(
    ("score", "percent", "renew"),
    [("100", 0, True), ("80", 0, True), ("79.9", 5, True), ("70", 5, True), ("69.9", 10, False), ("0", 10, False)],
)
def test_every_score_has_one_band(score, percent, renew):
    row = rules.band_of(Decimal(score), TERMS.bands)
    assert (row["percent"], row["renew"]) == (percent, renew)


@pytest.mark.parametrize(
    ("wrong", "code"), [('"(70,80)"', "band_gap"), ('"[70,80]"', "band_overlap"), ('"70-79"', "bad_range")]
)
def test_bands_with_a_gap_or_an_overlap_are_refused(tmp_path, wrong, code):
    text = definitions.FILE.read_text(encoding="utf-8").replace('"[70,80)"', wrong)
    (tmp_path / "terms.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(BadDefinition) as refused:
        definitions.read(tmp_path / "terms.yaml")
    assert code in {fault.problem.code for fault in refused.value.faults}


def test_points_must_make_a_hundred(tmp_path):
    text = definitions.FILE.read_text(encoding="utf-8").replace("points: 30", "points: 31")
    (tmp_path / "terms.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(BadDefinition, match="101"):
        definitions.read(tmp_path / "terms.yaml")


def line(order: int, person: int, units="1", price="80.00") -> Line:
    return Line(order, person, "bath", Decimal(units), Decimal(price))


def test_persons_and_person_times_are_two_counts():
    total = rules.settled([line(1, 7), line(2, 7), line(3, 8, "1.5", "33.33")], [])
    assert (total.orders, total.persons, total.gross) == (3, 2, Decimal("210.00"))  # 80 + 80 + 50.00 (49.995 rounded)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (Facts(Decimal(1000), 20, 2), {}),
        (Facts(Decimal(1000), 20, 4), {"late_start": "20.00"}),  # 20 % late, 10 points over: 2 %
        (Facts(Decimal(1000), 20, 20), {"late_start": "50.00"}),  # 18 % would be taken, the ceiling is 5 %
        (Facts(Decimal(1000), 20, 0, {5: Decimal(80)}), {"denied_on_call": "80.00"}),
        (Facts(Decimal(1000), 20, 0, None, (1, 2)), {"complaint_upheld": "100.00"}),
        (Facts(Decimal(1000), 20, 0, None, (), Decimal(75), Decimal(5)), {"appraisal": "50.00"}),
        (Facts(Decimal(60), 2, 0, {5: Decimal(80)}, (1,)), {"denied_on_call": "60.00", "complaint_upheld": "0.00"}),
        (Facts(Decimal(0)), {}),
    ],
)
def test_deductions(facts, expected):
    off = {one.rule: str(rules.cents(one.amount)) for one in rules.deductions(facts, TERMS.deductions)}
    assert off == expected


money = st.decimals(0, 500, places=2)


@given(
    st.lists(st.tuples(st.integers(1, 9), money), max_size=30), st.integers(0, 40), st.lists(st.integers(), max_size=9)
)
def test_nothing_is_lost_and_nothing_goes_below_nought(rows, late, upheld):
    lines = [line(n, person, "1", str(price)) for n, (person, price) in enumerate(rows)]
    gross = rules.settled(lines, []).gross
    assert gross == sum(price for _person, price in rows)
    off = rules.deductions(Facts(gross, len(lines), min(late, len(lines)), None, tuple(upheld)), TERMS.deductions)
    total = rules.settled(lines, off)
    assert total.net >= 0
    assert total.net + total.deducted == total.gross


def test_signatures():
    assert [rules.signed(*one) for one in ((1, 2, 3), (2, 2, 3), (0, 3, 2))] == ["waiting", "full", "impossible"]

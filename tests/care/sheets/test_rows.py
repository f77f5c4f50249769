"""What ticks of a row say, and that a typed line says the same."""

from datetime import date

import pytest

from songhe.care.visits import rules
from songhe.care.visits.sheets.rows import contacts

MONDAY = date(2026, 11, 9)
SAME = [
    ({"d1.call"}, "3 d9"),
    ({"d2.call", "d4.call", "d3.visit"}, "3 d10 s11 d12"),
    ({"d2.call", "d2.visit"}, "3 d10 s10 平安"),
    ({"d5.nobody"}, "3 d13 没接"),
    ({"d1.call", "d5.nobody"}, "3 d9 平安 d13 没接"),
    ({"d1.call", "d3.visit", "o.hospital"}, "3 d9 平安 s11 住院"),
    ({"d1.call", "d3.visit", "o.unwell"}, "3 d9 平安 s11 不适"),
    ({"d1.call", "d3.visit", "n.errand", "n.top_up"}, "3 d9 s11 代购 充值"),
    ({"d1.call", "n.errand", "d5.nobody"}, "3 d9 平安 代购 d13 没接"),
]


@pytest.mark.parametrize(("ticked", "line"), SAME)
def test_ticks_say_what_a_line_says(ticked, line):
    found, wrong = contacts(3, ticked, monday=MONDAY)
    typed, problems = rules.parse_line(line, week=MONDAY)
    assert (wrong, problems) == ([], [])
    assert found == typed


@pytest.mark.parametrize(
    ("ticked", "code"),
    [
        ({"d1.call", "d1.nobody"}, "sheet_both"),
        ({"d1.call", "o.away", "o.hospital"}, "sheet_several"),
        ({"o.away"}, "sheet_alone"),
        ({"n.errand"}, "sheet_alone"),
        ({"d1.nobody", "n.errand"}, "sheet_unreached"),
    ],
)
def test_contradictions_are_for_a_person(ticked, code):
    found, (problem,) = contacts(3, ticked, monday=MONDAY)
    assert problem.code == code
    assert "3" in problem.zh
    assert "3" in problem.en
    assert found == [] or code == "sheet_unreached"


def test_an_empty_row_says_nothing():
    assert contacts(3, set(), monday=MONDAY) == ([], [])

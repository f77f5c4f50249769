"""Arithmetic of documents: numbers, lines, pages, headings, dates; where forms disagree."""

from datetime import date

import pytest

from songhe.oversight.bulletins import rules
from tests.core.specs import cases


@pytest.mark.parametrize(("given", "expected"), cases("document_numbers"))
def test_document_numbers(given, expected):
    if expected[0] == "refused":
        with pytest.raises(ValueError, match=r".*"):
            rules.read_number(given[0])
        return
    assert rules.document_number(*rules.read_number(given[0])) == expected[0]


@pytest.mark.parametrize(("given", "expected"), cases("document_lines"))
def test_lines_and_pages(given, expected):
    lines = rules.lines_of("字" * given[0])
    assert [lines, -(-lines // rules.PAGE.lines)] == expected


def test_the_page_holds_22_lines_of_28_characters_and_no_more():
    page = rules.PAGE
    assert page.area == (156, 225)
    assert page.lines_that_fit(page.line_pitch / 20) == 22
    assert page.line_pitch == 579
    assert page.characters_that_fit(page.size) == 27  # 三号 alone is too wide: hence the narrower cell
    assert page.characters_that_fit(page.cell) == 28
    assert page.characters_that_fit(page.size + page.character_space / 4096) == 28
    assert page.characters_that_fit(page.size - 0.25) == 28  # what Word can be told: twentieths of a point


@pytest.mark.parametrize(
    ("level", "number", "said"), [(1, 1, "一、"), (1, 21, "二十一、"), (2, 10, "（十）"), (3, 3, "3."), (4, 2, "（2）")]
)
def test_headings(level, number, said):
    assert rules.heading(level, number) == said


@pytest.mark.parametrize("number", [0, 100])
def test_headings_count_from_one_to_ninety_nine(number):
    with pytest.raises(ValueError, match=str(number)):
        rules.counted(number)


def test_dates_and_page_marks():
    assert rules.day(date(2023, 11, 1)) == "2023年11月1日"
    assert rules.page_mark(1) == "—1—"


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [(90.0, 88.9, "比上月提高1.1个百分点"), (0.0, 100.0, "比上月下降100.0个百分点"), (5.0, 5.0, "与上月持平"), (None, 5.0, ""), (5.0, None, "")],
)  # fmt: skip
def test_changes_are_percentage_points(now, before, said):
    assert rules.change(now, before) == said


def one(form, value, **more):
    return {
        "form": form, "cell": "甲", "caption": "探访率", "place_code": "990101", "place_name": "县", "period": "2026-10",
        "value": value, "indicator": "weekly_visiting", "side": "value", "version": "v1", "basis": "frozen", "as_of": "t1",
        "typed": "",
    } | more  # fmt: skip


@pytest.mark.parametrize(
    ("differs", "why"),
    [
        ({"basis": "revised", "as_of": "t2"}, ["basis"]),
        ({"indicator": "pairing"}, ["indicator"]),
        ({"side": "numerator"}, ["side"]),
        ({"version": "v2", "basis": "revised"}, ["version", "basis"]),
        ({"as_of": "t2"}, ["as_of"]),
        ({"indicator": "", "typed": "typed"}, ["typed"]),
    ],
)
def test_forms_that_disagree_and_why(differs, why):
    (found,) = rules.disagreements([one("省表", 12.5), one("市表", 25.0, **differs)])
    assert found["why"] == why
    assert {e["form"] for e in found["entries"]} == {"省表", "市表"}


def test_forms_that_agree_or_speak_of_other_places_are_no_disagreement():
    assert rules.disagreements([one("省表", 12.5), one("市表", 12.5)]) == []
    assert rules.disagreements([one("省表", 12.5), one("市表", 25.0, place_code="990102")]) == []


def test_one_figure_under_two_captions_is_one_thing():
    (found,) = rules.disagreements([one("省表", 12.5), one("市表", 25.0, caption="巡访率", basis="revised")])
    assert found["why"] == ["basis"]

"""What a correction may hold, and how a text is cut into marked pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songhe.oversight.drafts import rules

ITEM = {
    "value": 21,
    "unit": "个",
    "deadline": "2023-09-30",
    "responsible": ["县民政局"],
    "scope": None,
    "kind": "target",
}


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"value": "21", "unit": "个"}, {}),
        ({"value": "22"}, {"value": 22}),
        ({"value": "1,400"}, {"value": 1400}),
        ({"value": "0.5"}, {"value": 0.5}),
        ({"value": ""}, {"value": None}),
        ({"scope": ""}, {}),
        ({"scope": "甲镇"}, {"scope": "甲镇"}),
        ({"deadline": "2023-10-31"}, {"deadline": "2023-10-31"}),
        ({"responsible": "县民政局"}, {}),
        ({"responsible": "县民政局、县财政局"}, {"responsible": ["县民政局", "县财政局"]}),
        ({"responsible": "县民政局,县财政局"}, {"responsible": ["县民政局", "县财政局"]}),
        ({"kind": "duty"}, {"kind": "duty"}),
    ],
)
def test_only_what_differs_is_kept(said, found):
    assert rules.changes(ITEM, said) == found


@pytest.mark.parametrize(
    ("field", "text"),
    [("value", "二十"), ("value", "nan"), ("value", "1e30"), ("deadline", "10月前"), ("deadline", "2023-02-30"), ("kind", "promise"), ("comparator", "≥")],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_in_both_languages(field, text):
    with pytest.raises(rules.Unreadable) as caught:
        rules.changes(ITEM, {field: text})
    assert caught.value.field == field
    assert caught.value.zh
    assert caught.value.en


def test_the_shorter_mark_wins_and_cuts_are_marked():
    found = rules.pieces("abcdefgh", [(0, 6, "long", "target"), (2, 4, "short", "duty")], [(6, 8)])
    assert [(p["text"], p["id"], p["cut"]) for p in found] == [
        ("ab", "long", False), ("cd", "short", False), ("ef", "long", False), ("gh", "", True),
    ]  # fmt: skip


@given(st.text(max_size=40), st.lists(st.tuples(st.integers(0, 45), st.integers(0, 45)), max_size=6))
def test_no_character_is_lost(text, spans):
    marks = [(min(a, b), max(a, b), f"i{n}", "target") for n, (a, b) in enumerate(spans)]
    found = rules.pieces(text, marks, [])
    assert "".join(p["text"] for p in found) == text
    assert all(p["text"] for p in found)

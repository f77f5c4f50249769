"""GB/T 42195-2022: the tables, and the traps other programs fell into."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songhe.core.definitions import BadDefinition
from songhe.registry.people.assessment import (
    Assessor,
    BadAnswer,
    Findings,
    Unanswered,
    assess,
    check_team,
    load_scale,
    mapped,
    reassessment,
)
from songhe.registry.people.assessment_scale import FILE, in_force
from tests.core.specs import cases

SCALE = load_scale()
FULL = {i.id: i.max for i in SCALE.items}
CLEAR = Findings(coma=False, mental_diagnosis=False, risk_events={})
DAY = date(2026, 11, 1)


def answers_for(total):
    """Answers that sum to a total without touching consciousness, whose 0 means coma."""
    out, left = dict(FULL), 90 - total
    for item in SCALE.items:
        if item.id != "consciousness":
            taken = min(left, item.max)
            out[item.id] -= taken
            left -= taken
    assert left == 0
    return out


@pytest.mark.parametrize(("given_cells", "expected"), cases("ability_levels"))
def test_levels(given_cells, expected):
    total, coma, diagnosis, falls, choking = given_cells
    events = {"fall": falls, "choking": choking}
    result = assess(SCALE, answers_for(total), Findings(coma, diagnosis, events), on=DAY)
    assert result.total == total
    assert [result.initial_level, result.final_level] == expected


@pytest.mark.parametrize(("given_cells", "expected"), cases("reassessment"))
def test_reassessment(given_cells, expected):
    assessed, level, today = given_cells
    due = reassessment(SCALE, level, assessed)
    assert [due.on, due.state(today)] == expected


def test_four_domains_of_26_items_sum_to_90():
    assert [(d.clause, len(d.items), d.max) for d in SCALE.domains] == [
        ("B.1", 8, 32), ("B.2", 4, 15), ("B.3", 9, 28), ("B.4", 5, 15),
    ]  # fmt: skip
    assert len(SCALE.items) == 26
    assert SCALE.max == 90
    unusual = {i.id: i.max for i in SCALE.items if i.max != 4}
    assert unusual == {
        "stairs": 3, "aggression": 1, "depression": 1, "consciousness": 2, "vision": 2, "hearing": 2, "transport": 3,
    }  # fmt: skip
    for item in SCALE.items:
        assert [a.score for a in item.answers] == list(range(item.max, -1, -1))
        assert all(a.zh and a.en for a in item.answers)


@pytest.mark.parametrize("item", SCALE.items, ids=lambda i: i.id)
def test_every_item_blocks_when_unanswered(item):
    for answers in ({**FULL, item.id: None}, {k: v for k, v in FULL.items() if k != item.id}):
        with pytest.raises(Unanswered) as refused:
            assess(SCALE, answers, CLEAR, on=DAY)
        assert refused.value.missing == (item,)
        assert item.zh in refused.value.zh
        assert item.en in refused.value.en


def test_unasked_findings_block_too():
    with pytest.raises(Unanswered) as refused:
        assess(SCALE, {}, Findings(), on=DAY)
    assert len(refused.value.missing) == 29


@pytest.mark.parametrize(
    ("answers", "findings"),
    [
        ({**FULL, "eating": 5}, CLEAR),
        ({**FULL, "eating": -1}, CLEAR),
        ({**FULL, "eating": True}, CLEAR),
        ({**FULL, "eating": 2.5}, CLEAR),
        ({**FULL, "eating": "4"}, CLEAR),
        ({**FULL, "stairs": 4}, CLEAR),
        ({**FULL, "barthel": 4}, CLEAR),
        (FULL, replace(CLEAR, risk_events={"flood": 1})),
        (FULL, replace(CLEAR, risk_events={"fall": -1})),
    ],
)
def test_answers_the_scale_does_not_have_are_refused(answers, findings):
    with pytest.raises(BadAnswer) as refused:
        assess(SCALE, answers, findings, on=DAY)
    assert refused.value.zh
    assert refused.value.en


def test_consciousness_scored_zero_is_coma():
    result = assess(SCALE, {**FULL, "consciousness": 0}, CLEAR, on=DAY)
    assert result.final_level == 4
    assert [c.code for c in result.changes] == ["coma"]


def test_the_doubtful_points_are_parameters():
    def final(total, findings=CLEAR, **changed):
        rules = replace(SCALE.adjustments[0], **changed)
        return assess(replace(SCALE, adjustments=(rules,)), answers_for(total), findings, on=DAY).final_level

    both = Findings(False, True, {"fall": 1, "choking": 1})
    assert (final(70, both), final(70, both, combined="sum")) == (2, 3)
    assert final(70, replace(CLEAR, risk_events={"fall": 1, "lost": 1}), risk_events_counted="max") == 1
    assert final(70, replace(CLEAR, coma=True), coma_level=3) == 3
    assert final(70, replace(CLEAR, risk_events={"fall": 2}), risk_events_least=3) == 1
    assert not SCALE.adjustments[0].confirmed


def test_the_version_of_the_day_counts():
    later = replace(SCALE.adjustments[0], start=date(2027, 1, 1), combined="sum")
    both = (SCALE.adjustments[0], later)
    assert in_force(both, date(2026, 12, 31)).combined == "max"
    assert in_force(both, date(2027, 1, 1)).combined == "sum"
    assert in_force(both, date(2000, 1, 1)).combined == "max"


@given(st.fixed_dictionaries({i.id: st.integers(0, i.max) for i in SCALE.items}), st.booleans(), st.integers(0, 3))
def test_totals_and_levels_hold_together(answers, diagnosis, falls):
    result = assess(SCALE, answers, Findings(False, diagnosis, {"fall": falls}), on=DAY)
    assert result.total == sum(result.subtotals.values()) == sum(answers.values())
    assert result.initial_level <= result.final_level <= 4
    better = assess(SCALE, FULL, CLEAR, on=DAY)
    assert better.final_level <= result.final_level


def test_two_assessors_and_an_informant():
    assert check_team([Assessor(1, medical=True), Assessor(2)], "女儿") == ()
    codes = {p.code for p in check_team([Assessor(1), Assessor(1)], " ")}
    assert codes == {"assessment_two_assessors", "assessment_informant", "assessment_medical"}
    assert [p.level for p in check_team([Assessor(1), Assessor(2)], "本人")] == ["warning"]


def test_words_of_policies_are_data():
    assert mapped(SCALE, "dependent", on=DAY) == {3, 4}
    assert mapped(SCALE, "partly_dependent", on=DAY) == {1, 2}
    assert mapped(SCALE, "consumption_voucher", on=DAY) == {2, 3, 4}
    assert mapped(SCALE, "consumption_voucher", on=date(2024, 1, 1)) == frozenset()
    with pytest.raises(BadAnswer):
        mapped(SCALE, "barthel", on=DAY)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("least: 66, most: 89", "least: 67, most: 89", "level_gap"),
        ("id: hearing", "id: vision", "item_twice"),
        ("{score: 2, zh: 神志清醒，能正确反应", "{score: 3, zh: 神志清醒，能正确反应", "answer_scores"),
        ("combined: max", "combined: mix", "not_allowed"),
        ("months: 12", "months: 0", "out_of_range"),
    ],
)
def test_a_broken_scale_is_refused(tmp_path, old, new, code):
    path = tmp_path / "scale.yaml"
    text = FILE.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadDefinition) as refused:
        load_scale(path)
    assert code in [f.problem.code for f in refused.value.faults]

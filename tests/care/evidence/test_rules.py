"""Each look at the evidence: what it finds, what it leaves alone, and where its line lies."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songhe.care.evidence import definitions, rules
from songhe.care.evidence.rules import Attendance, Fix, Paper, Print
from songhe.core.definitions import BadDefinition

NINE = datetime(2026, 3, 2, 1, tzinfo=UTC)  # 09:00 in Shanghai
HERE, THERE = Fix(120.5, 36.8, 10), Fix(120.9, 36.8, 10)  # 35.6 km apart
TERMS = definitions.on(date(2026, 3, 2)).terms


def at(number: int, minutes: int, length: int = 60, **more) -> Attendance:
    """An order that begins so many minutes after nine; unremarkable unless told otherwise."""
    begun = NINE + timedelta(minutes=minutes)
    ended = begun + timedelta(minutes=length)
    plain = {
        "order": number, "carer": 1, "person": number, "received_at": ended, "day": begun.date(), "least_minutes": 30,
        "start_fix": HERE, "finish_fix": HERE, "device": "d1",
    }  # fmt: skip
    return Attendance(number=number, started_at=begun, finished_at=ended, **(plain | more))


def found(*rows, rule: str = "") -> list[tuple[str, int]]:
    return [(f.rule, f.attendance) for f in rules.look(rows, TERMS) if not rule or f.rule == rule]


def test_an_ordinary_day_raises_nothing():
    assert found(at(1, 0), at(2, 70), at(3, 150)) == []


def test_overlap_names_both_and_forgives_its_grace():
    assert found(at(1, 0), at(2, 50)) == [("overlap", 1), ("overlap", 2)]
    assert found(at(1, 0), at(2, 55)) == []
    assert found(at(1, 0), at(2, 10, carer=2)) == []
    assert found(at(1, 0), at(2, 10, order=1)) == []  # the same order twice is no second order


def test_travel_needs_two_positions_and_forgives_their_accuracy():
    assert found(at(1, 0), at(2, 70, start_fix=THERE)) == [("travel", 2)]
    assert found(at(1, 0), at(2, 100, start_fix=THERE)) == []
    assert found(at(1, 0), at(2, 70, start_fix=replace(THERE, accuracy=30_000))) == []
    assert found(at(1, 0), at(2, 70, start_fix=None)) == [("unlocated", 2)]
    assert found(at(1, 0, start_fix=None, located=False)) == []  # the service asks for none


def test_too_short_is_below_the_catalogue():
    assert found(at(1, 0, 27)) == [("too_short", 1)]
    assert found(at(1, 0, 28)) == []


def test_long_day_names_what_lies_beyond_the_line():
    day = [at(n, n * 130, 120) for n in range(7)]
    assert found(*day) == [("long_day", 5), ("long_day", 6)]


@pytest.mark.parametrize(
    ("papers", "expected"),
    [
        ((Paper("carer", date(2025, 1, 1), None),), []),
        ((Paper("carer", date(2025, 1, 1), date(2026, 3, 2)),), []),
        ((Paper("carer", date(2025, 1, 1), date(2026, 3, 1)),), [("unqualified", 1)]),
        ((Paper("nurse", date(2025, 1, 1), None),), [("unqualified", 1)]),
        ((), [("unqualified", 1)]),
    ],
)
def test_a_paper_holds_through_its_last_day(papers, expected):
    assert found(at(1, 0, needs=("carer",), papers=papers)) == expected
    assert found(at(1, 0, papers=papers)) == []


def test_a_late_entry_is_marked_and_counted_through_the_month():
    rows = [at(n, n * 70, received_at=NINE + timedelta(days=3)) for n in range(7)]
    findings = rules.late_entry(rows, TERMS["late_entry"])
    assert [f.facts["over"] for f in findings] == [0, 0, 0, 0, 0, 1, 1]
    checks = definitions.on(date(2026, 3, 2))
    assert [checks.waits("late_entry", dict(f.facts)) for f in findings] == [False] * 5 + [True] * 2


def test_one_device_for_three_carers():
    rows = [at(n, n * 70, carer=n) for n in range(3)]
    assert found(*rows) == [("one_device", 0), ("one_device", 1), ("one_device", 2)]
    assert found(*rows[:2]) == []
    assert found(*[replace(row, device="") for row in rows]) == []


def test_a_photograph_counts_once_for_each_order():
    one, other = Print(0x0F0F, 0xFF), Print(-1, 0xFF)
    assert found(at(1, 0, photos=(one,)), at(2, 70, photos=(one,))) == [("photo_reused", 2)]
    assert found(at(1, 0, photos=(one,)), at(2, 70, photos=(other,))) == []
    assert found(at(1, 0, photos=(one, one))) == []


@given(
    st.integers(-(2**63), 2**63 - 1), st.sets(st.integers(0, 63), max_size=12), st.sets(st.integers(0, 63), max_size=12)
)
def test_the_quick_way_finds_what_comparing_every_pair_finds(value, first, second):
    def turned(bits):
        raw = (value & (1 << 64) - 1) ^ sum(1 << bit for bit in bits)
        return raw - (1 << 64) if raw >= 1 << 63 else raw

    rows = [at(1, 0, photos=(Print(value, value),)), at(2, 70, photos=(Print(turned(first), turned(second)),))]
    near = max(len(first), len(second)) <= TERMS["photo_reused"]["most_bits"]
    assert bool(found(*rows, rule="photo_reused")) == near


def test_the_sample_is_never_larger_than_what_there_is():
    size = {"confidence_z": 1.96, "margin": 0.05, "expected": 0.1}
    assert [rules.sample_size(n, **size) for n in (0, 1, 10, 100, 1000, 10**6)] == [0, 1, 10, 59, 122, 139]


def test_every_explanation_can_be_filled_in():
    checks = definitions.on(date(2026, 3, 2))
    rows = [
        at(1, 0, 20, needs=("carer",)), at(2, 10, 700, carer=1, start_fix=None, received_at=NINE + timedelta(days=9)),
        at(3, 715, start_fix=THERE, photos=(Print(5, 5),)), at(4, 800, carer=2, photos=(Print(5, 5),)), at(5, 0, carer=3, lacking=("photo",)),
    ]  # fmt: skip
    seen = rules.look(rows, checks.terms)
    assert {f.rule for f in seen} == set(rules.RULES)
    assert "2026" in checks.explained(definitions.DENIED, {"on": "2026-03-02"}, "en")
    for finding in seen:
        for lang in ("zh", "en"):
            assert "{" not in checks.explained(finding.rule, dict(finding.facts), lang)


def test_a_rule_without_its_numbers_is_refused(tmp_path):
    text = definitions.FILE.read_text(encoding="utf-8").replace("{most_kmh: 80, free_km: 1}", "{most_kmh: 80}")
    (tmp_path / "checks.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(BadDefinition, match="travel"):
        definitions.read(tmp_path / "checks.yaml")

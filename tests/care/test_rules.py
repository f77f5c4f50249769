"""Arithmetic of duties and visits against the small tables of tests/specs; no database, no Django."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songhe.care.duties import rules
from songhe.care.visits import rules as visits
from songhe.core.definitions import load
from tests.core.specs import FOLDER, cases

slowly = settings(deadline=None)  # a busy machine is no fault of a rule
BIT = {"living_alone": 1, "left_behind": 4, "care_dependent": 64, "severe_disability": 128, "only_child_loss": 256}


def _tiers():
    data = load(FOLDER.parents[1] / "songhe/definitions/duties/national-monthly.yaml").data
    return [
        rules.Tier(
            tier["id"],
            sum(BIT[c] for c in tier.get("any_of") or []),
            sum(BIT[c] for c in tier.get("all_of") or []),
            tier.get("age_from") or 0,
            tier.get("calls") or 0,
            tier.get("visits") or 0,
        )
        for tier in data["tiers"]
    ], (data["owes"].get("calls") or 0, data["owes"].get("visits") or 0)


def _spans(text):
    out = []
    for part in filter(None, (text or "").split("; ")):
        reason, first, last = part.split()
        out.append(rules.Span(reason, date.fromisoformat(first), None if last == "~" else date.fromisoformat(last)))
    return out


@pytest.mark.parametrize(("given_", "expected"), cases("duties_excused"))
def test_excused(given_, expected):
    first, last, least, spans = given_
    assert rules.excused(first, last, _spans(spans), least) == expected[0]


@pytest.mark.parametrize(("given_", "expected"), cases("duties_tiers"))
def test_tiers(given_, expected):
    circumstances, age, emergencies = given_
    tiers, base = _tiers()
    tier = rules.tier_of(tiers, sum(BIT[code] for code in circumstances.split()), age)
    calls, home = (tier.calls, tier.visits) if tier else base
    raised = [tuple(map(int, e.split("/"))) for e in emergencies.split()]
    assert [tier.name if tier else "", "/".join(map(str, rules.frequency(calls, home, raised)))] == expected


@pytest.mark.parametrize(("given_", "expected"), cases("duties_late"))
def test_late(given_, expected):
    recorded, end, grace = given_
    day = datetime.fromisoformat(recorded).date()
    assert rules.is_late(day, end, grace) is expected[0]


@pytest.mark.parametrize(("given_", "expected"), cases("duties_sheet_lines"))
def test_sheet_lines(given_, expected):
    contacts, wrong = visits.parse_line(str(given_[0]), week=date(2026, 11, 11), rows=9)
    said = "; ".join(
        " ".join([str(c.row), c.mode, c.day.strftime("%m-%d"), c.outcome, *c.needs]) for c in contacts
    ) or " ".join(problem.code for problem in wrong)
    assert said == expected[0]
    assert all(problem.zh and problem.en for problem in wrong)


@slowly
@given(st.text(max_size=60))
def test_any_line_gives_contacts_or_reasons(line):
    contacts, wrong = visits.parse_line(line, week=date(2026, 11, 9), rows=9)
    assert not (contacts and wrong)
    assert bool(contacts or wrong) == bool(line.translate(visits._FULL).split())
    assert all(date(2026, 11, 9) <= contact.day <= date(2026, 11, 15) for contact in contacts)


def test_a_bare_number_is_a_date_of_the_week_before_it_is_a_weekday():
    contacts, _ = visits.parse_line("1 d3", week=date(2026, 11, 30))  # 30 November – 6 December
    assert contacts[0].day == date(2026, 12, 3)


TIER = st.builds(
    rules.Tier, st.just("t"), st.integers(0, 7), st.integers(0, 7), st.sampled_from([0, 60, 80]), st.just(1), st.just(0)
)


@slowly
@given(st.lists(TIER, max_size=4))
def test_a_shadowed_tier_never_applies(tiers):
    applies = {
        next((at for at, tier in enumerate(tiers) if tier.fits(tags, age)), None)
        for tags in range(8) for age in (50, 60, 80)
    }  # fmt: skip
    assert not {later for later, _ in rules.shadowed(tiers)} & applies


DAYS = st.integers(0, 20).map(lambda n: date(2026, 11, 1) + timedelta(days=n))
KINDS = st.sampled_from(
    ["death", "move_out", "move_in", "hospital_in", "hospital_out", "institution_in", "institution_out"]
)


@slowly
@given(st.lists(st.tuples(KINDS, DAYS), max_size=8))
def test_spans_of_events_say_the_same_as_a_walk_day_by_day(told):
    events = [rules.Event(at, kind, on) for at, (kind, on) in enumerate(told)]
    spans = rules.spans_of(events)
    ordered = sorted(events, key=lambda event: (event.on, event.id))
    for n in range(25):
        day = date(2026, 11, 1) + timedelta(days=n)
        standing = set()
        for event in (event for event in ordered if event.on <= day):
            match event.kind:
                case "death":
                    standing.add("deceased")
                case "move_out":
                    standing.add("moved_out")
                case "move_in":
                    standing.discard("moved_out")
                case _:
                    where = event.kind.rpartition("_")[0]
                    standing.add(where) if event.kind.endswith("_in") else standing.discard(where)
        assert {s.reason for s in spans if s.first <= day and (s.last is None or day <= s.last)} == standing


NOW = datetime(2026, 11, 12, 4, 0, tzinfo=UTC)  # noon in Shanghai
LIMITS = visits.Limits(back_days=35, ahead_minutes=10)
FINE = {"person": 7, "mode": "call", "outcome": "well", "occurred_at": "2026-11-12T09:30:00+08:00"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, ""),
        ({"occurred_at": "2026-11-12T12:10:00+08:00"}, ""),
        ({"occurred_at": "2026-11-12T12:10:01+08:00"}, "visit_future"),
        ({"occurred_at": "2026-10-08T00:00:00+08:00"}, ""),
        ({"occurred_at": "2026-10-07T23:59:59+08:00"}, "visit_too_old"),
        ({"occurred_at": "昨天"}, "visit_time"),
        ({"occurred_at": None}, "visit_time"),
        ({"occurred_at": None, "occurred_on": "2026-11-12"}, ""),
        ({"occurred_at": None, "occurred_on": "2026-11-13"}, "visit_future"),
        ({"mode": "letter"}, "visit_mode"),
        ({"outcome": "void"}, "visit_outcome"),
        ({"person": None}, "visit_person"),
        ({"person": True}, "visit_person"),
        ({"needs": ["errand", "errand"]}, ""),
        ({"needs": ["gold"]}, "visit_needs"),
        ({"needs": ["errand"], "outcome": "no_answer"}, "visit_needs"),
        ({"note": "长" * 500}, ""),
        ({"note": "长" * 501}, "visit_note"),
        ({"uuid": "no"}, "visit_uuid"),
    ],
)
def test_a_row_is_fit_or_says_why(change, code):
    row, wrong = visits.clean(FINE | change, now=NOW, limits=LIMITS)
    assert [problem.code for problem in wrong] == ([code] if code else [])
    assert (row is None) == bool(code)


def test_every_fault_is_named_at_once():
    _, wrong = visits.clean({"mode": "x", "outcome": "y"}, now=NOW, limits=LIMITS)
    assert {problem.code for problem in wrong} == {"visit_person", "visit_mode", "visit_outcome", "visit_time"}


def test_a_time_without_zone_is_shanghai_time():
    row, _ = visits.clean(FINE | {"occurred_at": "2026-11-09 00:30"}, now=NOW, limits=LIMITS)
    assert (row.day, row.occurred_at.astimezone(UTC).day) == (date(2026, 11, 9), 8)

"""Periods: the table, and that neighbours tile the calendar."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songhe.core.periods import KINDS, BadPeriod, containing, parse, spanning
from tests.core.specs import cases

DAYS = st.dates(date(1901, 1, 1), date(2198, 12, 31))


def outcome(text):
    try:
        found = parse(text)
    except BadPeriod as refused:
        return [None, None, None, None, refused.code if refused.zh != refused.en else ""]
    return [found.code, found.start, found.end, found.label("zh"), ""]


@pytest.mark.parametrize(("given_cells", "expected"), cases("periods"))
def test_periods(given_cells, expected):
    assert outcome(given_cells[0]) == expected


@given(st.sampled_from(KINDS), DAYS)
def test_neighbours_touch_and_codes_read_back(kind, day):
    period = containing(kind, day)
    assert day in period
    assert period.next().start == period.end + timedelta(days=1)
    assert period.next().previous() == period == period.previous().next()
    assert parse(period.code) == parse(period.label("zh")) == period
    assert period.label("en")


@given(st.text(max_size=20))
def test_bad_text_is_refused_and_nothing_else_happens(text):
    *found, problem = outcome(text)
    assert problem if found[0] is None else parse(found[0])


def test_overlaps_takes_open_ends():
    week = parse("2026-W46")
    assert week.overlaps(None, None)
    assert week.overlaps(date(2026, 11, 15), None)
    assert not week.overlaps(date(2026, 11, 16), None)
    assert week.overlaps(None, date(2026, 11, 9))
    assert not week.overlaps(None, date(2026, 11, 8))


def test_weeks_of_a_month_are_those_that_end_in_it():
    assert [w.code for w in parse("2026-11").within("week")] == [
        "2026-W44",
        "2026-W45",
        "2026-W46",
        "2026-W47",
        "2026-W48",
    ]
    years = [w for y in range(2020, 2030) for w in parse(str(y)).within("week")]
    assert len(set(years)) == len(years) == len(list(spanning("week", years[0].start, years[-1].end)))


def test_kind_can_be_demanded():
    assert parse("2026-W46", "week").kind == "week"
    with pytest.raises(BadPeriod, match="周"):
        parse("2026-11", "week")
    with pytest.raises(BadPeriod):
        containing("fortnight", date(2026, 1, 1))


def test_a_datetime_counts_as_its_day():
    assert containing("day", datetime(2026, 11, 12, 23, 59)) == parse("2026-11-12")
    assert containing("week", datetime(2026, 11, 15, 23, 59)).end == date(2026, 11, 15)


def test_periods_sort_in_time():
    weeks = [parse(c) for c in ("2026-W46", "2025-W01", "2026-W02")]
    assert [w.code for w in sorted(weeks)] == ["2025-W01", "2026-W02", "2026-W46"]

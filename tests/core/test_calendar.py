"""Working days over the seeded table."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songhe.core.calendar import add_working_days, covered_years, next_working_day, seed_rows, working_days
from tests.core.specs import cases

TABLE = {row.day: row.is_working for row in seed_rows()}


@pytest.mark.parametrize(("given_cells", "expected"), cases("working_days"))
def test_working_days(given_cells, expected):
    assert list(add_working_days(*given_cells, TABLE)) == expected


def test_seed_holds_every_day_of_its_years_once():
    rows = list(seed_rows())
    years = covered_years()
    assert [r.day for r in rows] == [date(years[0], 1, 1) + timedelta(days=i) for i in range(len(rows))]
    assert rows[-1].day == date(years[-1], 12, 31)
    assert list(seed_rows(range(2100, 2101))) == []


def test_holidays_carry_their_names():
    names = {r.day: (r.zh, r.is_working) for r in seed_rows(range(2026, 2027))}
    assert names[date(2026, 10, 1)] == ("国庆节", False)
    assert names[date(2026, 2, 14)] == ("春节", True)


def test_an_edited_table_wins():
    table = {**TABLE, date(2026, 11, 23): False}
    assert add_working_days(date(2026, 11, 20), 1, table) == (date(2026, 11, 24), False)


@given(st.dates(date(2005, 1, 1), date(2025, 1, 1)), st.integers(1, 60))
def test_going_there_and_counting_agree(start, n):
    end, assumed = add_working_days(start, n, TABLE)
    assert working_days(start + timedelta(days=1), end, TABLE) == (n, assumed)
    assert next_working_day(end, TABLE)[0] == end


def test_a_term_that_ends_on_a_holiday_ends_after_it():
    assert next_working_day(date(2025, 10, 1), TABLE) == (date(2025, 10, 9), False)
    assert working_days(date(2026, 1, 2), date(2026, 1, 1), TABLE) == (0, False)

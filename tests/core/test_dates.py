"""Date cells: the table, and never a crash."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songhe.core.dates import read_date, read_dates
from tests.core.specs import cases


@pytest.mark.parametrize(("given_cells", "expected"), cases("dates"))
def test_dates(given_cells, expected):
    found = read_date(given_cells[0])
    assert [found.day, found.precision, found.problem.code if found.problem else ""] == expected


@given(st.none() | st.text(max_size=60) | st.floats() | st.integers() | st.booleans() | st.datetimes() | st.dates())
def test_reading_never_crashes_and_always_explains(value):
    found = read_date(value)
    assert found.ok or (found.problem.zh and found.problem.en)
    assert read_dates([value]) == [found]


@given(st.from_regex(r"[0-9〇一二三四五六七八九十年月日号.\-/ :T]{1,20}", fullmatch=True))
def test_near_dates_never_crash(text):
    found = read_date(text)
    assert found.ok or found.problem.code


SHAPES = (
    "{0:%Y-%m-%d}",
    "{0.year}/{0.month}/{0.day}",
    "{0.year}年{0.month}月{0.day}日",
    "{0:%Y%m%d}",
    "{0.year}.{0.month}.{0.day}",
)


@given(st.dates(date(1910, 1, 1), date(2099, 12, 31)), st.sampled_from(SHAPES))
def test_every_day_reads_back_in_every_shape(day, shape):
    assert read_date(shape.format(day)).day == day
    assert read_date((day - date(1899, 12, 30)).days).day == day
    assert read_date(float((day - date(1899, 12, 30)).days) + 0.5).day == day
    assert read_date(datetime(day.year, day.month, day.day, 12)).day == day


def test_chinese_numerals_for_every_day_of_a_year():
    digits = "〇一二三四五六七八九"

    def small(n):
        if n < 10:
            return digits[n]
        tens = "十" if n < 20 else digits[n // 10] + "十"
        return tens + (digits[n % 10] if n % 10 else "")

    for n in range(366):
        day = date(2024, 1, 1) + timedelta(days=n)
        assert read_date(f"二〇二四年{small(day.month)}月{small(day.day)}日").day == day


def test_the_day_excel_invented_does_not_exist():
    assert not read_date(60).ok
    assert not read_date("1900-02-29").ok

"""Working days of the People's Republic of China, counted over a table that the bureau keeps.

    add_working_days(date(2025, 9, 24), 15, table) -> (date(2025, 10, 21), False)

The table maps each known day to whether it is worked (State Council's yearly notice, with its moved weekends 调休). A day
that the table does not hold is taken by the weekday, and the answer says so: True in second place means 暂按周一至周五推算.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import NamedTuple

import chinese_calendar

from songhe.core.problem import Problem

Table = Mapping[date, bool]
_DAY = timedelta(days=1)

ASSUMED = Problem(
    "calendar_assumed",
    "日历尚未收录这段时间的放假安排，暂按周一至周五推算。请在放假通知公布后录入。",
    "The calendar does not hold the holidays of this span yet, so Monday to Friday are taken as working days. "
    "Enter the yearly notice when it is published.",
    "warning",
)


class Row(NamedTuple):
    """One day of the table: the holiday's name on days off for it and on weekends worked for it, else empty."""

    day: date
    is_working: bool
    zh: str
    en: str


_NAMES = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "National Day": "国庆节",
    "Mid-autumn Festival": "中秋节",
    "Anti-Fascist 70th Day": "抗战胜利70周年",
}


def covered_years() -> range:
    """The years whose notices the seed knows: 2004 to the last one published when the library was made."""
    known = chinese_calendar.constants.holidays
    return range(min(known).year, max(known).year + 1)


def seed_rows(years: range | None = None) -> Iterator[Row]:
    """Every day of the covered years, to fill the table with. Years outside the seed's cover are left out, not guessed."""
    cover = covered_years()
    for year in years if years is not None else cover:
        day = date(year, 1, 1)
        while year in cover and day.year == year:
            off, name = chinese_calendar.get_holiday_detail(day)
            name = name or ""
            yield Row(day, not off, _NAMES.get(name, name), name)
            day += _DAY


def is_working(day: date, table: Table) -> tuple[bool, bool]:
    """(worked, assumed)."""
    known = table.get(day)
    return (day.weekday() < 5, True) if known is None else (known, False)


def add_working_days(start: date, n: int, table: Table) -> tuple[date, bool]:
    """The n-th working day after `start` (before it for negative n; `start` for 0), and whether any day was assumed.

    The day of the event does not count: a term begins with the following day (Civil Code, article 201).
    """
    step, left, day, assumed = (_DAY if n >= 0 else -_DAY), abs(n), start, False
    while left:
        day += step
        worked, guess = is_working(day, table)
        assumed |= guess
        left -= worked
    return day, assumed


def working_days(first: date, last: date, table: Table) -> tuple[int, bool]:
    """How many working days lie in [first, last], and whether any day was assumed; 0 if last is before first."""
    count, assumed, day = 0, False, first
    while day <= last:
        worked, guess = is_working(day, table)
        count, assumed, day = count + worked, assumed | guess, day + _DAY
    return count, assumed


def next_working_day(day: date, table: Table) -> tuple[date, bool]:
    """`day` itself if worked, else the next one that is: a term ending on a day off ends then (Civil Code, article 203)."""
    worked, assumed = is_working(day, table)
    while not worked:
        day += _DAY
        worked, guess = is_working(day, table)
        assumed |= guess
    return day, assumed

"""The table of working days as the bureau keeps it: published notices, and over them what staff have entered."""

from datetime import date, timedelta
from functools import cache

from songhe.core import calendar
from songhe.core.models import CalendarDay


@cache
def _published(year: int) -> dict[date, bool]:
    return {row.day: row.is_working for row in calendar.seed_rows(range(year, year + 1))}


def table(first: date, last: date) -> dict[date, bool]:
    """Every known day of the years from `first` to `last`; years without a notice stay out (they are taken by weekday)."""
    years = range(first.year, last.year + 1)
    known = {day: works for year in years for day, works in _published(year).items()}
    entered = CalendarDay.objects.filter(day__gte=date(years[0], 1, 1), day__lte=date(years[-1], 12, 31))
    return known | dict(entered.values_list("day", "is_working"))


def after(start: date, days: int) -> tuple[date, bool]:
    """The n-th working day after `start` (the day itself does not count), and whether any day was assumed."""
    return calendar.add_working_days(start, days, table(start, start + timedelta(days=400)))

"""Spans of time that duties and indicators are counted in: day, ISO week, month, quarter, half-year, year.

    parse("2026-W46")                      -> Period("week", 2026-11-09, 2026-11-15)
    containing("month", date(2026, 2, 5))  -> Period("month", 2026-02-01, 2026-02-28)
    parse("2026-W46").label("zh")          -> "2026年第46周"

Both ends belong to the period. A week is the ISO week (GB/T 7408.1: Monday first, week 1 holds 4 January),
so the week's year can differ from the calendar year of its first days.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, get_args

from songhe.core.problem import Problem, Refused

Kind = Literal["day", "week", "month", "quarter", "half", "year"]
KINDS: tuple[Kind, ...] = get_args(Kind)
FIRST_YEAR, LAST_YEAR = 1900, 2199
_MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
_DAY = timedelta(days=1)
_EN_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
              "November", "December")  # fmt: skip


class BadPeriod(Refused):
    """Text that names no period, or a period that does not exist (week 53 of a 52-week year)."""


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A span from `start` to `end`, both included. Ordered by start, then end."""

    start: date
    end: date
    kind: Kind

    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        """2026-11-12 · 2026-W46 · 2026-11 · 2026-Q4 · 2026-H2 · 2026: what stands in a URL; parse() reads it back."""
        year, month = self.start.year, self.start.month
        match self.kind:
            case "day":
                return self.start.isoformat()
            case "week":
                iso = self.start.isocalendar()
                return f"{iso.year}-W{iso.week:02d}"
            case "month":
                return f"{year}-{month:02d}"
            case "quarter":
                return f"{year}-Q{(month + 2) // 3}"
            case "half":
                return f"{year}-H{1 if month < 7 else 2}"
        return str(year)

    def label(self, lang: str = "zh") -> str:
        """The period in words: 2026年第46周, 2026年下半年; Week 46 of 2026, second half of 2026."""
        return _label_zh(self) if lang.startswith("zh") else _label_en(self)

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    def previous(self) -> Period:
        return containing(self.kind, self.start - _DAY)

    def next(self) -> Period:
        return containing(self.kind, self.end + _DAY)

    def contains(self, day: date) -> bool:
        return self.start <= day <= self.end

    __contains__ = contains

    def overlaps(self, start: date | None, end: date | None) -> bool:
        """Whether any day of [start, end] lies in the period; None is an open end."""
        return (start is None or start <= self.end) and (end is None or end >= self.start)

    def within(self, kind: Kind) -> tuple[Period, ...]:
        """The periods of a kind that *end* in this one: a week counts in the month its Sunday falls in."""
        first = containing(kind, self.start)
        return tuple(p for p in spanning(kind, first.start, self.end) if self.contains(p.end))


def containing(kind: Kind, day: date) -> Period:
    """The period of that kind in which the day lies. Raises BadPeriod outside 1900–2199 or for an unknown kind."""
    if kind not in KINDS:
        raise BadPeriod(_unknown_kind(str(kind)))
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise BadPeriod(_no_such(day.isoformat()))
    day = date(day.year, day.month, day.day)  # a datetime would compare wrongly with dates later
    if kind == "day":
        return Period(day, day, kind)
    if kind == "week":
        monday = day - timedelta(days=day.weekday())
        return Period(monday, monday + timedelta(days=6), kind)
    span = _MONTHS[kind]
    first = (day.month - 1) // span * span + 1
    after = date(day.year + 1, 1, 1) if first + span > 12 else date(day.year, first + span, 1)
    return Period(date(day.year, first, 1), after - _DAY, kind)


def spanning(kind: Kind, first: date, last: date) -> Iterator[Period]:
    """Every period of the kind from the one holding `first` to the one holding `last`, in order."""
    period = containing(kind, first)
    while period.start <= last:
        yield period
        period = period.next()


_SHAPES: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("day", re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})|(\d{4})年(\d{1,2})月(\d{1,2})日")),
    ("week", re.compile(r"(\d{4})-?W(\d{1,2})|(\d{4})年第?(\d{1,2})周")),
    ("quarter", re.compile(r"(\d{4})-?Q([1-4])|(\d{4})年第?([1-4一二三四])季度")),
    ("half", re.compile(r"(\d{4})-?H([12])|(\d{4})年([上下])半年")),
    ("month", re.compile(r"(\d{4})-(\d{1,2})|(\d{4})年(\d{1,2})月")),
    ("year", re.compile(r"(\d{4})|(\d{4})年")),
)
_WORDS = {"上": 1, "下": 2, "一": 1, "二": 2, "三": 3, "四": 4}


def parse(text: str, kind: Kind | None = None) -> Period:
    """Read a period from its code or its Chinese name. Raises BadPeriod, also when `kind` is given and differs."""
    plain = str(text).strip().translate(_FULL_WIDTH).upper()
    for found, shape in _SHAPES:
        match = shape.fullmatch(plain)
        if match:
            if kind is not None and found != kind:
                raise BadPeriod(_wrong_kind(plain, kind))
            return _build(found, plain, [_WORDS.get(g) or int(g) for g in match.groups() if g])
    raise BadPeriod(_unreadable(str(text)))


_FULL_WIDTH = {0xFF10 + i: ord("0") + i for i in range(10)} | {ord("－"): "-", ord("—"): "-", ord("　"): ""}


def _build(kind: Kind, text: str, numbers: list[int]) -> Period:
    try:
        return containing(kind, _first_day(kind, numbers))
    except BadPeriod:
        raise BadPeriod(_no_such(text)) from None
    except ValueError:  # 2026-13, 2026-02-30, week 53 of a year with 52
        raise BadPeriod(_no_such(text)) from None


def _first_day(kind: Kind, numbers: list[int]) -> date:
    match kind, numbers:
        case "day", [year, month, day]:
            return date(year, month, day)
        case "week", [year, week]:
            return date.fromisocalendar(year, week, 1)
        case "year", [year]:
            return date(year, 1, 1)
        case _, [year, part]:
            return date(year, (part - 1) * _MONTHS[kind] + 1, 1)
    raise ValueError(numbers)


def _label_zh(p: Period) -> str:
    year, month = p.start.year, p.start.month
    match p.kind:
        case "day":
            return f"{year}年{month}月{p.start.day}日"
        case "week":
            iso = p.start.isocalendar()
            return f"{iso.year}年第{iso.week}周"
        case "month":
            return f"{year}年{month}月"
        case "quarter":
            return f"{year}年第{'一二三四'[(month - 1) // 3]}季度"
        case "half":
            return f"{year}年{'上' if month < 7 else '下'}半年"
    return f"{year}年"


def _label_en(p: Period) -> str:
    year, month = p.start.year, p.start.month
    match p.kind:
        case "day":
            return f"{p.start.day} {_EN_MONTHS[month - 1]} {year}"
        case "week":
            iso = p.start.isocalendar()
            return f"Week {iso.week} of {iso.year}"
        case "month":
            return f"{_EN_MONTHS[month - 1]} {year}"
        case "quarter":
            return f"Quarter {(month + 2) // 3} of {year}"
        case "half":
            return f"{'First' if month < 7 else 'Second'} half of {year}"
    return str(year)


def _unreadable(text: str) -> Problem:
    return Problem(
        "period_unreadable",
        f"看不懂时间段“{text[:40]}”。请写成 2026-11-12（日）、2026-W46（周）、2026-11（月）、2026-Q4（季）、2026-H2（半年）或 2026（年）。",
        f'"{text[:40]}" is not a period. Write 2026-11-12 (day), 2026-W46 (week), 2026-11 (month), 2026-Q4 (quarter), '
        "2026-H2 (half-year) or 2026 (year).",
    )


def _no_such(text: str) -> Problem:
    return Problem(
        "period_does_not_exist",
        f"时间段“{text[:40]}”不存在，或不在 {FIRST_YEAR}–{LAST_YEAR} 年之间。请核对月份、日期或周次（多数年份只有52周）。",
        f'There is no period "{text[:40]}" between {FIRST_YEAR} and {LAST_YEAR}. Check the month, the day or the week '
        "number (most years have only 52 weeks).",
    )


_KIND_ZH = {"day": "日", "week": "周", "month": "月", "quarter": "季度", "half": "半年", "year": "年"}


def _wrong_kind(text: str, kind: Kind) -> Problem:
    return Problem(
        "period_wrong_kind",
        f"“{text[:40]}”不是按{_KIND_ZH[kind]}的时间段。此处按{_KIND_ZH[kind]}统计，请换成按{_KIND_ZH[kind]}的写法。",
        f'"{text[:40]}" is not a {kind}. This figure is counted by {kind}; give a {kind}.',
    )


def _unknown_kind(kind: str) -> Problem:
    return Problem(
        "period_unknown_kind",
        f"没有“{kind[:40]}”这种时间段。可用：{'、'.join(KINDS)}。",
        f'"{kind[:40]}" is not a kind of period. Use one of: {", ".join(KINDS)}.',
    )

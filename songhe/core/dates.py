"""Dates out of other people's files, in every shape seen so far.

    read_date("2024年1月5日") -> DateReading(day=date(2024, 1, 5), precision="day")
    read_date(45296)          -> the same (Excel's day number)
    read_date("1940-2-30")    -> DateReading(None, problem=no_such_date)

Never raises and never guesses: two-digit years, years of the Republic, lunar dates and 3/4/2024 are refused with the reason.
A month without a day reads as its first day with precision "month"; the caller decides whether that is enough.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

from songhe.core.cells import digits_of, plain
from songhe.core.problem import Problem

EARLIEST, LATEST = date(1850, 1, 1), date(2149, 12, 31)
_EXCEL_ZERO = date(1899, 12, 30)  # day 61 is 1900-03-01; Excel's 60 is a 29 February 1900 that never was
_SERIALS = range(2200, 91_313)  # smaller numbers look like years, larger ones are past LATEST


class DateReading(NamedTuple):
    day: date | None
    precision: Literal["day", "month", ""] = ""
    problem: Problem | None = None

    @property
    def ok(self) -> bool:
        return self.day is not None


_SEPARATED = re.compile(r"(\d{4})\s*[-/.年\\、,_ ]\s*(\d{1,2})\s*[-/.月\\、,_ ]\s*(\d{1,2})\s*[日号]?\.?")
_MONTH = re.compile(r"(\d{4})\s*[-/.年\\]\s*(\d{1,2})\s*月?(?:份|初|中旬|底|上旬|下旬)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_COMPACT_MONTH = re.compile(r"(\d{4})(\d{2})")
_TIME = re.compile(
    r"[T\s]+(?:[上下]午)?\s*\d{1,2}[:：时]\d{1,2}(?:[:：分]\d{1,2}(?:\.\d+)?)?[秒分]?\s*(?:Z|[+-]\d{2}:?\d{2}|[AP]M)?$|(?<=\d)T\d{6}Z?$"
)
_SERIAL = re.compile(r"(\d{3,6})(?:\.\d*)?")
_FLOAT_TAIL = re.compile(r"(\d{8})\.0*")
_TWO_DIGITS = re.compile(r"['’]?\d{2}\s*[-/.年]\s*\d{1,2}(?:\s*[-/.月]\s*\d{1,2}\s*日?)?|\d{6}")
_DAY_FIRST = re.compile(r"\d{1,2}\s*[-/.]\s*\d{1,2}\s*[-/.]\s*\d{4}")
_YEAR = re.compile(r"\d{4}年?")
_ENGLISH = re.compile(r"(\d{1,2})[-\s/]?([A-Za-z]{3,9})[-\s/,.]*(\d{4}|\d{2})")
_ENGLISH_US = re.compile(r"([A-Za-z]{3,9})\.?\s*(\d{1,2}),?\s*(\d{4})")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_OTHER_CALENDARS = re.compile(r"民国|民國|昭和|康德|宣统|光绪")
_LUNAR = re.compile(r"农历|阴历|农曆|旧历|闰|正月|腊月|冬月|初[一二三四五六七八九十]|廿|卅")
_EMPTY = frozenset(["", "无", "不详", "未知", "-", "--", "/", "—", "——", "n/a", "na", "null", "none", "暂无"])
_HAN = {c: str(i) for i, c in enumerate("〇一二三四五六七八九")} | {"零": "0", "○": "0", "Ｏ": "0", "◯": "0", "两": "2"}


def read_date(value: object) -> DateReading:
    """Read one cell. Empty cells and words for nothing give the problem date_empty."""
    if isinstance(value, datetime):
        return _in_range(value.date())
    if isinstance(value, date):
        return _in_range(value)
    if value is None or isinstance(value, bool):
        return _refuse(_empty())
    if isinstance(value, float):
        if not math.isfinite(value) or value < 0:
            return _refuse(_unreadable(str(value)))
        value = str(int(value)) if value < 1e9 else str(value)
    raw = str(value)
    text = digits_of(plain(raw[:80]))
    return _read_text(text) if text.lower() not in _EMPTY else _refuse(_empty())


def read_dates(values: Sequence[object]) -> list[DateReading]:
    """read_date() over a column; equal cells are read once."""
    seen: dict[object, DateReading] = {}
    out = []
    for value in values:
        key = (type(value), value)
        reading = seen.get(key)
        if reading is None:
            reading = seen[key] = read_date(value)
        out.append(reading)
    return out


def _read_text(text: str) -> DateReading:
    if _OTHER_CALENDARS.search(text):
        return _refuse(_other_calendar(text))
    if _LUNAR.search(text):
        return _refuse(_lunar(text))
    text = _TIME.sub("", text).strip()
    if any(c in _HAN for c in text):
        text = _from_han(text)
    for shape in (_SEPARATED, _COMPACT, _FLOAT_TAIL):
        match = shape.fullmatch(text)
        if match and shape is _FLOAT_TAIL:
            match = _COMPACT.fullmatch(match[1])
        if match:
            return _build(int(match[1]), int(match[2]), int(match[3]), text)
    return _read_rest(text)


def _read_rest(text: str) -> DateReading:
    if match := _MONTH.fullmatch(text) or _COMPACT_MONTH.fullmatch(text):
        year, month = int(match[1]), int(match[2])
        if EARLIEST.year <= year <= LATEST.year and (len(text) > 6 or 1 <= month <= 12 or "年" in text):
            return (
                _build(year, month, 1, text)._replace(precision="month")
                if 1 <= month <= 12
                else _refuse(_no_such(text))
            )
    if _YEAR.fullmatch(text) and EARLIEST.year <= int(text[:4]) <= LATEST.year:
        return _refuse(_year_only(text))
    if (match := _SERIAL.fullmatch(text)) and int(match[1]) in _SERIALS:
        return _in_range(_EXCEL_ZERO + timedelta(days=int(match[1])))
    if _TWO_DIGITS.fullmatch(text):
        return _refuse(_two_digits(text))
    if _DAY_FIRST.fullmatch(text):
        return _refuse(_order(text))
    return _read_english(text)


def _read_english(text: str) -> DateReading:
    if match := _ENGLISH.fullmatch(text):
        day, month, year = match[1], match[2], match[3]
    elif match := _ENGLISH_US.fullmatch(text):
        month, day, year = match[1], match[2], match[3]
    else:
        return _refuse(_unreadable(text))
    if month[:3].lower() not in _MONTHS:
        return _refuse(_unreadable(text))
    if len(year) == 2:
        return _refuse(_two_digits(text))
    return _build(int(year), _MONTHS.index(month[:3].lower()) + 1, int(day), text)


def _from_han(text: str) -> str:
    """二〇二四年一月十五日 -> 2024年1月15日; months and days may use 十."""
    year, mark, rest = text.partition("年")
    if not mark:
        return text
    return "".join(_HAN.get(c, c) for c in year) + "年" + re.sub(r"[〇零○一二三四五六七八九十两]+", _small, rest)


def _small(match: re.Match[str]) -> str:
    word = match[0]
    tens, ten, units = word.partition("十")
    if not ten:
        return "".join(_HAN.get(c, c) for c in word)
    return (_HAN.get(tens, "1") if len(tens) <= 1 else "99") + ("".join(_HAN.get(c, c) for c in units) or "0")


def _build(year: int, month: int, day: int, text: str) -> DateReading:
    try:
        return _in_range(date(year, month, day))
    except ValueError:
        return _refuse(_no_such(text))


def _in_range(day: date) -> DateReading:
    return DateReading(day, "day") if EARLIEST <= day <= LATEST else _refuse(_far(day))


def _refuse(problem: Problem) -> DateReading:
    return DateReading(None, "", problem)


def _empty() -> Problem:
    return Problem(
        "date_empty", "日期为空。请填写，如 2024-01-05。", "The date is empty. Enter it, for example 2024-01-05."
    )


def _unreadable(text: str) -> Problem:
    return Problem(
        "date_unreadable",
        f"看不懂日期“{text[:30]}”。请写成 2024-01-05。",
        f'"{text[:30]}" is not a date. Write 2024-01-05.',
    )


def _no_such(text: str) -> Problem:
    return Problem(
        "no_such_date",
        f"日期“{text[:30]}”不存在（没有这个月或这一天）。请核对后重填。",
        f'There is no such day as "{text[:30]}". Check month and day.',
    )


def _far(day: date) -> Problem:
    return Problem(
        "date_range",
        f"日期 {day.isoformat()} 太早或太晚，不像真的。请核对年份。",
        f"The date {day.isoformat()} is too early or too late to be true. Check the year.",
    )


def _two_digits(text: str) -> Problem:
    return Problem(
        "date_two_digit_year",
        f"日期“{text[:30]}”的年份只有两位，无法确定世纪。请写四位年份，如 1940-05-03。",
        f'The year in "{text[:30]}" has two digits, so the century is not known. Write four, as in 1940-05-03.',
    )


def _order(text: str) -> Problem:
    return Problem(
        "date_order",
        f"日期“{text[:30]}”年份在后，分不清月和日。请按年-月-日书写，如 2024-01-05。",
        f'In "{text[:30]}" the year comes last, so day and month cannot be told apart. Write 2024-01-05.',
    )


def _year_only(text: str) -> Problem:
    return Problem(
        "date_year_only",
        f"“{text[:10]}”只有年份。请补上月和日，如 1940-05-03。",
        f'"{text[:10]}" is only a year. Add month and day, as in 1940-05-03.',
    )


def _other_calendar(text: str) -> Problem:
    return Problem(
        "date_other_calendar",
        f"“{text[:30]}”不是公历年份（民国年加1911为公历）。请换算成公历后填写，如 1940-05-03。",
        f'"{text[:30]}" counts years of another era (years of the Republic plus 1911). Write the common date, 1940-05-03.',
    )


def _lunar(text: str) -> Problem:
    return Problem(
        "date_lunar",
        f"“{text[:30]}”像是农历日期。请按身份证填写公历日期，如 1940-05-03。",
        f'"{text[:30]}" looks like a lunar date. Write the date on the ID card, as in 1940-05-03.',
    )

"""Arithmetic of programmes: dates as notices write them, whether a figure reaches what was promised, the state of a goal,
sums and score bands that must agree, and plans counted back from their end. No framework, no clock.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from songhe.core import calendar
from songhe.insight.reading.dates import WORKDAYS, YearContext, find_dates
from songhe.insight.reading.numerals import chinese_number

Number = int | float


@dataclass(frozen=True)
class Span:
    """A date of a notice: from (None where only the end is named), to, and whether a day was assumed or a word is ambiguous."""

    start: date | None
    end: date
    guessed: bool = False
    soft: bool = False


def read_span(written: str, *, year: int, counted_from: date | None = None) -> Span | None:
    """The span of words such as 4月上旬, 6-10月, 10月底前, 年底前 or 15个工作日内 (counted from a day); None if there is none.

    >>> read_span("10月底前", year=2023).end
    datetime.date(2023, 10, 31)
    """
    days = WORKDAYS.search(written if "内" in written else f"{written}内")
    if days and counted_from is not None:
        number = int(days["n"]) if days["n"].isdigit() else chinese_number(days["n"]) or 0
        end, assumed = calendar.add_working_days(counted_from, number, _working_days(counted_from.year))
        return Span(counted_from, end, assumed)
    chars = re.sub(r"\s", "", written).replace("年年", "年")
    found = [
        w for w in find_dates(chars, YearContext(notice=year, plan=year), []) if w.role in ("by", "during", "asof")
    ]
    if not found:
        return None
    last = max(found, key=lambda w: w.until)
    starts = [w.begin for w in found if w.begin]
    return Span(min(starts) if starts else None, last.until, last.guess or bool(last.lost), any(w.soft for w in found))


@cache
def _working_days(year: int) -> Mapping[date, bool]:
    return {row.day: row.is_working for row in calendar.seed_rows(range(year, year + 2))}


def reaches(operator: str, actual: Number, value: Number, *, exact: bool = False, tolerance: float = 0.0) -> bool:
    """Whether a figure is what was promised. "=" of things to build is reached by more as well, unless `exact`."""
    if operator == "<=":
        return actual <= value
    if operator == "about":
        return abs(actual - value) <= tolerance * value
    if operator == "=" and exact:
        return actual == value
    return actual >= value


@dataclass(frozen=True)
class Facts:
    """What the state of a goal depends on. `done` and `gone` are shares, 0 to 1, of what is promised and of the time."""

    started: bool
    known: bool
    met: bool = False
    in_time: bool = True
    broken: bool = False
    past: bool = False
    days_left: int = 0
    done: float = 0.0
    gone: float = 0.0


@dataclass(frozen=True)
class Verdict:
    """State, light, and the row of the table that said so."""

    state: str
    light: str
    row: dict


def state_of(facts: Facts, rows: Sequence[dict]) -> Verdict:
    """The first row of the table whose conditions all hold; the last row has none."""
    for row in rows:
        if all(_holds(facts, name, wanted) for name, wanted in (row.get("when") or {}).items()):
            return Verdict(row["state"], row["light"], row)
    raise ValueError("the last row of a table of states must have no conditions")


def _holds(facts: Facts, name: str, wanted) -> bool:
    if name == "days_left_at_most":
        return facts.days_left <= wanted
    if name == "gone_at_least":
        return facts.gone >= wanted
    if name == "pace_below":  # behind the straight line by more than this share
        return facts.gone > 0 and facts.done < wanted * facts.gone
    return getattr(facts, name) == wanted


CONDITIONS = (
    "started",
    "known",
    "met",
    "in_time",
    "broken",
    "past",
    "days_left_at_most",
    "gone_at_least",
    "pace_below",
)


def share_of_time(start: date | None, end: date, on: date) -> float:
    """How much of the time from start to end is over on a day."""
    if start is None or end <= start:
        return 1.0 if on >= end else 0.0
    return min(1.0, max(0.0, (on - start).days / (end - start).days))


def sums(rows: Iterable[dict], of: str, **only) -> int:
    """The sum of one column over the rows of an annex that fit: sums(rows, "stations", year=2020)."""
    return sum(
        row["shares"].get(of, 0) for row in rows if all(row.get(name) == wanted for name, wanted in only.items())
    )


def town_kind(name: str) -> str:
    """ "street" for 街道 (and their like), "town" for 镇, 乡 and what else stands at that level."""
    return "street" if name.rstrip().endswith(("街道", "街道办事处")) else "town"


@dataclass(frozen=True)
class Step:
    """One stage of a site's plan: due on `due`; `counted` says whether it was counted back or is named in the notice."""

    reached: str
    due: date
    counted: bool


def backward(end: date, stages: Sequence[tuple[str, date | None, int]]) -> list[Step]:
    """The plan of one site, first stage first. `stages`: (status, date named in the notice or None, days it takes), in order.

    The last stage is due at the end; each one before it so many days earlier as the one after it takes, and never later
    than the date the notice names for it.

    >>> [s.due.isoformat() for s in backward(date(2021, 11, 10), [("started", None, 20), ("done", None, 120)])]
    ['2021-07-13', '2021-11-10']
    """
    found: list[Step] = []
    due = end
    for at in range(len(stages) - 1, -1, -1):
        reached, named, _days = stages[at]
        counted = named is None or named > due
        due = due if named is None else min(named, due)
        found.insert(0, Step(reached, due, counted and at < len(stages) - 1))
        due -= timedelta(days=stages[at][2])
    return found


@dataclass(frozen=True)
class SiteLight:
    """A site's light: colour, the reason (met, due_soon, overdue, waiting, unknown), and the step it is about."""

    colour: str
    reason: str
    step: Step | None


def site_light(plan: Sequence[Step], reached: Mapping[str, date], on: date, soon_days: int) -> SiteLight:
    """Red where a step is past its day and not reached, yellow where one is due within `soon_days`, green otherwise."""
    if not reached:
        return SiteLight("red" if plan and plan[0].due < on else "none", "unknown", plan[0] if plan else None)
    open_steps = [step for step in plan if not _reached(step, plan, reached, on)]
    late = [step for step in open_steps if step.due < on]
    if late:
        return SiteLight("red", "overdue", late[0])
    soon = [step for step in open_steps if (step.due - on).days <= soon_days]
    if soon:
        return SiteLight("yellow", "due_soon", soon[0])
    return SiteLight("green", "waiting" if open_steps else "met", open_steps[0] if open_steps else None)


def _reached(step: Step, plan: Sequence[Step], reached: Mapping[str, date], on: date) -> bool:
    """Whether this stage or any later one was reached by the day: a site in use was started."""
    after = [s.reached for s in plan[plan.index(step) :]]
    return any(stage in reached and reached[stage] <= on for stage in after)

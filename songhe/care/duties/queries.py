"""Questions about duties: who is due, who is missing, who was missed, the sums of places, the workload of helpers.

Each starts from `visible_to(post)`: nothing without a post. Jobs and the command line pass `access.SYSTEM`.
"""

import base64
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils import timezone

from songhe.care.duties.models import Duty, Tally
from songhe.core.periods import Period, containing, parse
from songhe.core.refusal import Refusal
from songhe.registry.places.models import AREA_COLUMN, LEVELS, Level, Place


@dataclass(frozen=True)
class Page:
    """Rows of one page, and the cursor of the next ("" at the end)."""

    rows: list
    next: str


@dataclass(frozen=True)
class Sums:
    """One place's (and, if asked, one period's) sums: `owed` does not hold the excused; missed = owed - kept."""

    place_id: int
    level: str
    owed: int
    kept: int
    excused: int
    late: int
    period_start: date | None = None

    @property
    def missed(self) -> int:
        return self.owed - self.kept


@dataclass(frozen=True)
class Load:
    """What one helper owes and has done in one period: people, those kept, contacts."""

    helper_id: int | None
    people: int
    kept: int
    excused: int
    calls_owed: int
    calls_done: int
    visits_owed: int
    visits_done: int


def period_of(period: str | Period) -> Period:
    """A period given as such or as its code."""
    return parse(period) if isinstance(period, str) else period


def duties(*, post, name: str, period: str | Period, place: Place | None = None, helper: int | None = None) -> QuerySet:
    """The duties of one rule and period inside a place, or of one helper, with person, village and helper joined."""
    found = Duty.objects.visible_to(post).filter(name=name, period_start=period_of(period).start)
    if place is not None:
        found = found.filter(_path(place))
    if helper is not None:
        found = found.filter(helper=helper)
    return found.select_related("person", "village", "helper").defer(
        "person__search", "person__id_sealed", "person__phone_sealed", "person__address_sealed", "village__outline"
    )


def _path(place: Place) -> Q:
    """A place with all its ancestors, so that the index on county, town, village is used from its left."""
    if place.kind == "functional":
        return Q(village__functional_area=place)
    if place.level == Level.PROVINCE:
        return Q(village__province=place)
    path = {AREA_COLUMN[place.level]: place.pk}
    for level in (Level.COUNTY, Level.TOWNSHIP):
        above = getattr(place, AREA_COLUMN[level])
        if above and LEVELS.index(level) < LEVELS.index(place.level):
            path[AREA_COLUMN[level]] = above
    return Q(**path)


def due_list(
    *, post, period: str | Period, name: str = "visiting", place: Place | None = None, helper: int | None = None,
    untouched: str = "", after: str = "", limit: int = 50,
) -> Page:  # fmt: skip
    """Those owed and not yet kept, by need: nothing done first, then the more urgent tier, then village by village.

    `untouched="only"` leaves out those with something done. `after` is the `next` of the page before.
    """
    found = duties(post=post, name=name, period=period, place=place, helper=helper).missed()
    if untouched == "only":
        found = found.filter(calls_done=0, visits_done=0)
    return _page(found, after, limit)


_KEYS = ("tier_rank", "village_id", "id")


def _page(found: QuerySet, after: str, limit: int) -> Page:
    """Two steps: the keys of the page from the duties alone, then its rows with everything joined to them.

    The keys come in the order of the index `duty_due`, those with nothing done first: a prefecture's week is not sorted.
    """
    keyed = found.select_related(None).defer(None).order_by(*_KEYS)
    from_begun, *edge = _opened(after) if after else [False]
    keys: list[tuple] = []
    for begun in (False, True)[from_begun:]:
        nothing = Q(calls_done=0, visits_done=0)
        part = keyed.exclude(nothing) if begun else keyed.filter(nothing)
        if edge and begun == from_begun:
            part = part.filter(_beyond(edge))
        keys += [(begun, *key) for key in part.values_list(*_KEYS)[: limit + 1 - len(keys)]]
        if len(keys) > limit:
            break
    more, keys = len(keys) > limit, keys[:limit]
    rows = found.in_bulk([key[-1] for key in keys])
    next_ = base64.urlsafe_b64encode(json.dumps(keys[-1]).encode()).decode() if more else ""
    return Page([rows[key[-1]] for key in keys if key[-1] in rows], next_)


def _beyond(values: list[int]) -> Q:
    beyond = Q()
    for key, value in reversed(list(zip(_KEYS, values, strict=True))):
        beyond = Q(**{f"{key}__gt": value}) | (Q(**{key: value}) & beyond if beyond else Q())
    return beyond


def _opened(after: str) -> list:
    try:
        values = json.loads(base64.urlsafe_b64decode(after.encode()))
        if [type(value) for value in values] == [bool, int, int, int]:
            return values
    except (ValueError, TypeError):
        pass
    raise Refusal(
        "bad_cursor",
        zh="翻页位置无效，请从第一页重新打开。",
        en="The page position is not valid; start from the first page.",
    )


def missed(
    *, post, period: str | Period, name: str = "visiting", place: Place | None = None, helper: int | None = None
):
    """Those owed and not kept: exactly denominator − numerator many. A queryset, village by village."""
    return duties(post=post, name=name, period=period, place=place, helper=helper).missed().order_by("village_id", "id")


def missing_day(period: str | Period) -> date:
    """The day of a period's missing list: the set weekday of a week (Thursday), of a month its last such day."""
    period = period_of(period)
    weekday = settings.MISSING_LIST_WEEKDAY
    if period.kind == "week":
        return period.start + timedelta(days=weekday - 1)
    return period.end - timedelta(days=(period.end.isoweekday() - weekday) % 7)


def missing_list(
    *, post, period: str | Period, name: str = "visiting", place: Place | None = None, as_of: date | None = None,
    after: str = "", limit: int = 50,
) -> Page:  # fmt: skip
    """The missing list as of the end of a day (default: `missing_day`): those whose contacts up to then fall short.

    For today and later days it is the live list; for a past day the facts made up to that day are counted, so that
    Friday can still see what Thursday's list was.
    """
    as_of = as_of or missing_day(period)
    found = duties(post=post, name=name, period=period, place=place).owed()
    if as_of >= min(timezone.localdate(), period_of(period).end):
        return _page(found.missed(), after, limit)
    ids = list(found.values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute("SELECT duty FROM visits_short_on(%s::bigint[], %s)", [ids, as_of])
        short = [pk for (pk,) in cursor.fetchall()]
    return _page(found.filter(pk__in=short), after, limit)


def tally(
    *, post, name: str, periods: str | Period | Iterable[str | Period], place: Place | None = None,
    levels: Sequence[str] = (), by_period: str = "",
) -> list[Sums]:  # fmt: skip
    """Sums of all places of these levels inside `place`, in one statement; without `levels`, of the place itself.

    `levels`: of city, county, township, village. Several periods are added up, or kept apart with `by_period="apart"`.
    Places without any duty do not appear.

    >>> tally(post=post, name="visiting", periods="2026-W46", place=county, levels=("county", "township"))
    [Sums(place_id=7, level='county', owed=4980, kept=4512, …), Sums(place_id=9, level='township', …), …]
    """
    starts = [period_of(p).start for p in ([periods] if isinstance(periods, str | Period) else periods)]
    wanted = list(levels) or [place.level if place is not None else Level.COUNTY]
    columns = [_column(level, place) for level in wanted]
    rows = Tally.objects.visible_to(post).filter(name=name, period_start__in=starts)
    if place is not None:
        rows = rows.inside(place)
    apart = by_period == "apart"
    out = []
    for level, sums in zip(wanted, _grouped(rows, columns, apart), strict=True):
        out += [Sums(pk, level, *values, period_start=start) for pk, start, *values in sums if pk is not None]
    return out


def _column(level: str, place: Place | None) -> str:
    if place is not None and place.level != Level.VILLAGE and level == place.level and place.kind == "functional":
        return "village__functional_area_id"
    return "village__province_id" if level == Level.PROVINCE else AREA_COLUMN[level]


def _grouped(rows: QuerySet, columns: list[str], apart: bool) -> list[list[tuple]]:
    """One statement: the compiled filter of the queryset, grouped by each column in turn (GROUPING SETS)."""
    keys = [*columns, "period_start"]
    sql, params = rows.values_list(*keys, "owed", "kept", "excused", "late").query.sql_with_params()
    names = [f"k{at}" for at in range(len(columns))]
    last = ", p" if apart else ""
    sets = ", ".join(f"({name}{last})" for name in names)
    listed = ", ".join([*names, "p", "owed", "kept", "excused", "late"])
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(f'GROUPING({n})' for n in names)}, {', '.join(names)}, {'p' if apart else 'NULL'}, "
            f"sum(owed), sum(kept), sum(excused), sum(late) FROM ({sql}) AS t({listed}) GROUP BY GROUPING SETS ({sets})",
            params,
        )
        fetched = cursor.fetchall()
    n = len(columns)
    return [[(row[n + at], *row[2 * n :]) for row in fetched if row[at] == 0] for at in range(n)]


def workload(*, post, period: str | Period, name: str = "visiting", place: Place | None = None) -> list[Load]:
    """One row a helper (None: nobody named), the heaviest first."""
    found = Duty.objects.visible_to(post).filter(name=name, period_start=period_of(period).start)
    if place is not None:
        found = found.filter(_path(place))
    owed = Q(excused="")
    rows = found.values("helper_id").annotate(
        people=Count("pk", filter=owed),
        kept_=Count("pk", filter=owed & Q(kept=True)),
        away=Count("pk", filter=~owed),
        **{field: Sum(field, filter=owed, default=0) for field in _CONTACTS},
    )
    loads = [
        Load(row["helper_id"], row["people"], row["kept_"], row["away"], *(row[field] for field in _CONTACTS))
        for row in rows
    ]
    return sorted(loads, key=lambda load: (-load.people, load.helper_id or 0))


_CONTACTS = ("calls_owed", "calls_done", "visits_owed", "visits_done")


def unnamed(*, post, period: str | Period, name: str = "visiting", place: Place | None = None) -> QuerySet:
    """Those owed whom nobody has been named to look in on."""
    return (
        duties(post=post, name=name, period=period, place=place).owed().filter(helper=None).order_by("village_id", "id")
    )


def running(kind: str, on: date | None = None) -> Period:
    """The week or month that runs today."""
    return containing(kind, on or timezone.localdate())


def remaining(duty: Duty) -> tuple[int, int]:
    """Calls and visits still to be made."""
    return max(duty.calls_owed - duty.calls_done, 0), max(duty.visits_owed - duty.visits_done, 0)


def of_person(*, post, person: int, limit: int = 30) -> list[Duty]:
    """A person's duties, the latest period first."""
    found = Duty.objects.visible_to(post).filter(person=person).select_related("rule", "helper")
    return list(found.order_by(F("period_start").desc(), "name")[:limit])

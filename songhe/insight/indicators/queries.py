"""Numbers and the rows behind them: numerator ÷ denominator by place, rolled up in one statement."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from songhe.core import periods
from songhe.core.memory import Memory
from songhe.core.periods import Period
from songhe.core.refusal import Refusal
from songhe.insight.indicators import definitions, rules, sources
from songhe.insight.indicators.definitions import Indicator
from songhe.insight.indicators.models import Frozen
from songhe.registry.places.models import AREA_COLUMN, LEVELS, Place


@dataclass(frozen=True)
class Figure:
    """One indicator, place and period. `frozen` carries the figure kept at month-end, if there is one."""

    indicator: Indicator
    place: Place
    period: Period
    numerator: int
    denominator: int
    light: rules.Light
    frozen: Frozen | None = None

    @property
    def value(self) -> float | None:
        return rules.value(self.numerator, self.denominator)

    def row(self) -> dict:
        """The row that the command line and the API print."""
        return {
            "indicator": self.indicator.name,
            "period": self.period.code,
            "place_code": self.place.code,
            "place_name": self.place.name,
            "level": self.place.level,
            "numerator": self.numerator,
            "denominator": self.denominator,
            "value": self.value,
        }


def _source(indicator: Indicator, period: Period, now: datetime) -> tuple[str, dict]:
    """The SELECT of an indicator's subjects and its bound values. Refuses a period that the indicator does not know."""
    today = timezone.localdate(now)
    if period.kind not in indicator.periods:
        raise Refusal(
            "indicator_period",
            zh=f"“{indicator.title['zh']}”不按{period.label('zh')}这种周期统计，可用：{'、'.join(indicator.periods)}。",
            en=f"“{indicator.title['en']}” is not counted by {period.kind}; use one of {', '.join(indicator.periods)}.",
            field="period",
        )
    values = {"start": period.start, "end": period.end, "on": min(period.end, today), "now": now} | indicator.parameters
    return sources.SOURCES[indicator.query](indicator.parameters, period.kind), values


def _sums(indicator: Indicator, period: Period, now: datetime) -> tuple[str, dict]:
    """A SELECT of counts, `hits` and `owed`, by village and period: those kept with the facts, else one row a subject."""
    subjects, values = _source(indicator, period, now)
    kept = sources.SUMS.get(indicator.query, {}).get(period.kind)
    return (
        kept or f"SELECT {sources.AREAS}, period_start AS period_end, hit::int AS hits, 1 AS owed FROM ({subjects}) s",
        values,
    )


def is_live(indicator: Indicator, period: Period, on: date) -> bool:
    """Whether the figure can be counted now: states are known only while their period runs."""
    return indicator.query not in sources.LIVE_ONLY or period.start <= on <= period.end


def _scope(place: Place) -> tuple[str, dict]:
    if place.kind == "functional":
        return "village_id IN (SELECT id FROM places_place WHERE functional_area_id = %(scope)s)", {"scope": place.pk}
    if place.level == "province":
        return "village_id IN (SELECT id FROM places_place WHERE province_id = %(scope)s)", {"scope": place.pk}
    return f"{AREA_COLUMN[place.level]} = %(scope)s", {"scope": place.pk}


def tally(
    indicator: Indicator, place: Place, period: Period, levels: list[str], now: datetime
) -> dict[int, tuple[int, int]]:
    """{place id: (numerator, denominator)} for the place itself and the levels asked for, in one statement."""
    counts, values = _sums(indicator, period, now)
    scope, bound = _scope(place)
    columns = [AREA_COLUMN[level] for level in levels if level in AREA_COLUMN and level != place.level]
    sets = ", ".join(f"({column})" for column in columns)
    select = f"coalesce({', '.join(columns)})" if columns else "NULL::int"
    sql = f"""
        SELECT {select} AS place, coalesce(sum(hits), 0), coalesce(sum(owed), 0),
               {"grouping(" + ", ".join(columns) + ")" if columns else "0"} AS depth
        FROM ({counts}) s WHERE {scope}
        GROUP BY GROUPING SETS ((){", " if sets else ""}{sets})
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, values | bound)
        rows = cursor.fetchall()
    whole = (1 << len(columns)) - 1
    found = {}
    for pk, hit, owed, depth in rows:
        if depth == whole:
            found[place.pk] = (hit, owed)
        elif pk is not None:
            found[pk] = (hit, owed)
    return found


def figures(
    indicator: Indicator,
    place: Place,
    period: Period,
    *,
    post=None,
    level: str | None = None,
    now: datetime | None = None,
) -> list[Figure]:
    """The place and its children (or everything below it at `level`), each with its figure; zero where nobody is owed.

    Open periods are counted; a closed month shows what was frozen, with the live count beside it in `frozen`.
    """
    now = now or timezone.now()
    on = timezone.localdate(now)
    level = level or place.below
    if level is not None and (level not in LEVELS or LEVELS.index(level) <= LEVELS.index(place.level)):
        raise Refusal(
            "level",
            zh=f"层级“{level}”须低于“{place.get_level_display()}”。可用：{'、'.join(LEVELS[LEVELS.index(place.level) + 1 :])}。",
            en=f"The level “{level}” must be below {place.level}.",
            field="level",
        )
    below = (
        Place.objects.under(place)
        .filter(level=level, kind="division")
        .current(max(period.start, on) if on < period.end else period.end)
    )
    places = [place, *(below.order_by("code") if level else [])]
    if post is not None:
        allowed = set(Place.objects.within(post).filter(pk__in=[p.pk for p in places]).values_list("pk", flat=True))
        places = [p for p in places if p.pk in allowed]
    frozen = _frozen(indicator, places, period)
    counted = tally(indicator, place, period, [level] if level else [], now) if is_live(indicator, period, on) else {}
    return [
        _figure(indicator, p, period, counted, frozen, on)
        for p in places
        if counted or p.pk in frozen or is_live(indicator, period, on)
    ]


def _frozen(indicator: Indicator, places: list[Place], period: Period) -> dict[int, Frozen]:
    """The figure that stands for each place: what was frozen first (revisions hang on it)."""
    rows = Frozen.objects.filter(indicator=indicator.name, period=period.code, place__in=places, revises=None)
    return {row.place_id: row for row in rows.prefetch_related("revisions")}


def frozen(indicator: Indicator, places: list[Place], period: Period) -> dict[int, tuple[int, int]]:
    """{place id: (numerator, denominator)} as it was frozen at the end of a period, in one statement."""
    return {pk: (row.numerator, row.denominator) for pk, row in _frozen(indicator, places, period).items()}


def _figure(indicator, place, period, counted, frozen, on) -> Figure:
    numerator, denominator = counted.get(place.pk, (0, 0))
    kept = frozen.get(place.pk)
    if not counted and kept:
        numerator, denominator = kept.numerator, kept.denominator
    shown = rules.light(
        numerator,
        denominator,
        green=indicator.lights["green"],
        yellow=indicator.lights["yellow"],
        direction=indicator.direction,
        period_end=period.end,
        on=on,
        judged_from=judged_from(period),
    )
    return Figure(indicator, place, period, numerator, denominator, shown, kept)


def judged_from(period: Period) -> date:
    """The first day on which an open period may show red: the missing list's weekday of a week, else its last quarter."""
    if period.kind == "week":
        return period.start + timedelta(days=settings.MISSING_LIST_WEEKDAY - 1)
    return period.end - (period.end - period.start) / 4


def subjects(
    indicator: Indicator,
    place: Place,
    period: Period,
    *,
    side: str,
    after: int = 0,
    size: int = 50,
    now: datetime | None = None,
) -> list[tuple[int, int]]:
    """(subject id, person id) of one side: "numerator", "rest" (denominator without numerator) or "all"; by subject id.

    As many as the figure says: the list a number opens is the number's own SELECT.
    """
    if side not in ("numerator", "rest", "all"):
        raise Refusal("side", zh=f"未知的清单“{side}”。", en=f"Unknown list “{side}”.", field="side")
    now = now or timezone.now()
    source, values = _source(indicator, period, now)
    scope, bound = _scope(place)
    test = {"numerator": "AND hit", "rest": "AND NOT hit", "all": ""}[side]
    sql = f"""SELECT subject_id, person_id FROM ({source}) s WHERE {scope} {test} AND subject_id > %(after)s
              ORDER BY subject_id LIMIT %(size)s"""
    with connection.cursor() as cursor:
        cursor.execute(sql, values | bound | {"after": after, "size": size})
        return cursor.fetchall()


def scoreboard(place: Place, period: Period, *, post=None, now: datetime | None = None) -> list[Figure]:
    """Every indicator's figure for one place in one period, in the order of the definitions' names."""
    wanted = [indicator for indicator in definitions.shipped().values() if period.kind in indicator.periods]
    return _of_place(wanted, place, period, post, now or timezone.now())


def _of_place(wanted: list[Indicator], place: Place, period: Period, post, now: datetime) -> list[Figure]:
    """Figures of the place alone, without those of the places below; a state of many people may be a minute old."""
    if post is not None and not Place.objects.within(post).filter(pk=place.pk).exists():
        return []
    on = timezone.localdate(now)
    kept = Frozen.objects.filter(indicator__in=[i.name for i in wanted], period=period.code, place=place, revises=None)
    frozen = {row.indicator: {place.pk: row} for row in kept.prefetch_related("revisions")}
    counted = _counted([i for i in wanted if is_live(i, period, on)], place, period, now)
    live = {name: {place.pk: counts} for name, counts in counted.items()}
    return [
        _figure(i, place, period, live.get(i.name, {}), frozen.get(i.name, {}), on)
        for i in wanted
        if i.name in live or i.name in frozen
    ]


_states: Memory[tuple, tuple[int, int]] = Memory(seconds=60)  # counted over more than settings.CAPPED_COUNT people


def _counted(wanted: list[Indicator], place: Place, period: Period, now: datetime) -> dict[str, tuple[int, int]]:
    """{indicator: (numerator, denominator)} of one place. No page counts a prefecture's people at every click: see `_states`."""
    database, day = connection.settings_dict["NAME"], timezone.localdate(now)
    keys = {i.name: (database, i.version, place.pk, period.code, day) for i in wanted if i.query in sources.LIVE_ONLY}
    found = {name: counts for name, key in keys.items() if (counts := _states.get(key)) is not None}
    fresh = _tallies([i for i in wanted if i.name not in found], place, period, now)
    for name, counts in fresh.items():
        if name in keys and counts[1] > settings.CAPPED_COUNT:
            _states.put(keys[name], counts)
    return found | fresh


def _tallies(wanted: list[Indicator], place: Place, period: Period, now: datetime) -> dict[str, tuple[int, int]]:
    """The counts of several indicators of one place, in one statement."""
    if not wanted:
        return {}
    scope, bound = _scope(place)
    parts, values = [], dict(bound)
    for at, indicator in enumerate(wanted):
        counts, own = _sums(indicator, period, now)
        renamed = re.sub(
            r"%\((\w+)\)s", lambda m, at=at: f"%({m[1]}_{at})s", counts
        )  # each has its own `start` and `duty`
        parts.append(
            f"SELECT {at} AS at, coalesce(sum(hits), 0), coalesce(sum(owed), 0) FROM ({renamed}) s WHERE {scope}"
        )
        values |= {f"{name}_{at}": value for name, value in own.items()}
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), values)
        return {wanted[at].name: (hit, owed) for at, hit, owed in cursor.fetchall()}


def counted_by(indicator: Indicator, period: Period, today: date) -> Period:
    """The period itself, or the one the indicator is counted by in which it ends (a monthly rate on a weekly board)."""
    if period.kind in indicator.periods:
        return period
    return periods.containing(indicator.periods[0], min(period.end, today))


def board(name: str, place: Place, period: Period, *, post=None, now: datetime | None = None) -> list[dict]:
    """A board's rows in order: {order, title, commitment, figure}; `figure` is None where nothing is counted yet."""
    rows, now = definitions.board(name)["rows"], now or timezone.now()
    by_period: dict[Period, list[Indicator]] = {}
    for indicator in (definitions.named(row["indicator"]) for row in rows if row.get("indicator")):
        by_period.setdefault(counted_by(indicator, period, timezone.localdate(now)), []).append(indicator)
    found = {
        figure.indicator.name: figure
        for asked, wanted in by_period.items()
        for figure in _of_place(wanted, place, asked, post, now)
    }
    return [
        {
            "order": row["order"],
            "title": row["title"],
            "commitment": row.get("commitment", ""),
            "figure": found.get(row.get("indicator")),
        }
        for row in rows
    ]


def series(indicator: Indicator, place: Place, periods: list[Period], now: datetime | None = None) -> list[dict]:
    """The figure of one place over several periods of one kind (13 weeks for the curve), in one statement."""
    now = now or timezone.now()
    span = Period(min(p.start for p in periods), max(p.end for p in periods), periods[0].kind)
    counts, values = _sums(indicator, span, now)
    scope, bound = _scope(place)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT period_end, sum(hits), sum(owed) FROM ({counts}) s WHERE {scope} GROUP BY 1", values | bound
        )
        ends = cursor.fetchall()
    return [_point(p, [(hit, owed) for end, hit, owed in ends if p.contains(end)]) for p in periods]


def _point(period: Period, counts: list[tuple[int, int]]) -> dict:
    """One point of a curve: a month adds up the weeks that end in it."""
    hit, owed = sum(h for h, _ in counts), sum(o for _, o in counts)
    return {"period": period.code, "numerator": hit, "denominator": owed, "value": rules.value(hit, owed)}

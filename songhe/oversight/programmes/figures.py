"""Where a goal's figure comes from: sites and beds on the register, indicators, closed ledger items, evidenced entries.

A source is a function (book, goal, places, on, period) -> {place id: Counted}; a place it knows nothing about is absent,
which shows as 未报. Others add theirs with `add_source` when their app starts (the ledger counts its closed items so).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from functools import cached_property

from django.utils import timezone

from songhe.core import periods
from songhe.core.periods import Period
from songhe.insight.indicators import definitions as indicators
from songhe.insight.indicators import queries as indicator_queries
from songhe.insight.indicators import sources as indicator_sources
from songhe.oversight.programmes import register
from songhe.oversight.programmes.definitions import Goal, Programme
from songhe.oversight.programmes.models import Entry
from songhe.registry.facilities.queries import judging
from songhe.registry.places.models import Place

Number = int | float | Decimal


@dataclass(frozen=True)
class Counted:
    """A figure of one place. `base` is the denominator of a rate, `as_of` the day it holds for; `entry`: typed with a paper
    (`note`), not counted."""

    value: Number
    base: Number | None = None
    as_of: date | None = None
    note: str = ""
    entry: int = 0

    def row(self) -> "Row":
        """What was entered, as one row that stands for all it says."""
        return Row("entry", self.entry, NOWHERE, self.value, on=self.as_of)


@dataclass
class Ground:
    """What is read once about a place for all that is asked of it: sites, bed lots, the places inside. Lives one question
    long; the programmes of one place share it (`Book.ground`)."""

    place: Place
    _far: dict[tuple[str, date], list[tuple[register.Site, date]]] = field(default_factory=dict)
    _levels: dict[str, list[Place]] = field(default_factory=dict)
    _villages: dict[str, list[register.Where]] = field(default_factory=dict)
    _named: dict[str, Place | None] = field(default_factory=dict)

    @cached_property
    def sites(self) -> list[register.Site]:
        return register.sites(self.place)

    @cached_property
    def beds(self) -> list[register.Lot]:
        return register.lots(self.place, self.sites)

    def far(self, status: str, on: date) -> list[tuple[register.Site, date]]:
        """The sites that have come as far as a status on a day, each with since when."""
        if (status, on) not in self._far:
            found = ((site, site.since(status, on)) for site in self.sites)
            self._far[status, on] = [(site, day) for site, day in found if day is not None]
        return self._far[status, on]

    def level(self, level: str) -> list[Place]:
        """Every county, township or village inside, without outlines, in code order."""
        if level not in self._levels:
            rows = Place.objects.under(self.place).filter(kind="division", level=level, valid_to=None)
            self._levels[level] = list(rows.exclude(pk=self.place.pk).defer("outline").order_by("code"))
        return self._levels[level]

    def villages(self, urban: str) -> list[register.Where]:
        """Where each urban community (or rural village) of today lies."""
        if urban not in self._villages:
            rows = Place.objects.under(self.place).filter(
                kind="division", level="village", valid_to=None, urban_rural=urban
            )
            found = rows.values_list("pk", "town", "county", "city", "functional_area")
            self._villages[urban] = [register.Where(*where) for where in found]
        return self._villages[urban]

    def named(self, codes: Iterable[str]) -> dict[str, Place]:
        """{code: place} of those that exist today, without outlines."""
        wanted = list(codes)
        fresh = [code for code in wanted if code not in self._named]
        if fresh:
            rows = {p.code: p for p in Place.objects.filter(code__in=fresh, valid_to=None).defer("outline")}
            self._named |= {code: rows.get(code) for code in fresh}
        return {code: place for code in wanted if (place := self._named[code]) is not None}


@dataclass
class Book:
    """One question about a programme: the ground it stands on, its entries, the day's clock."""

    programme: Programme
    place: Place
    now: datetime = field(default_factory=timezone.now)
    ground: Ground = None  # type: ignore[assignment]

    def __post_init__(self):
        self.ground = self.ground or Ground(self.place)

    @property
    def sites(self) -> list[register.Site]:
        return self.ground.sites

    @property
    def beds(self) -> list[register.Lot]:
        return self.ground.beds

    @cached_property
    def entries(self) -> dict[str, list[Entry]]:
        """Every entry that stands, by goal, the latest last."""
        found: dict[str, list[Entry]] = defaultdict(list)
        for row in Entry.objects.filter(programme=self.programme.id, corrections=None).order_by("as_of", "pk"):
            found[row.goal].append(row)
        return found

    @cached_property
    def functional(self) -> set[int]:
        """Functional areas that have a row of their own in the annex: what lies in them counts there alone."""
        found = self.ground.named(row["place"] for row in self.programme.rows)
        return {place.pk for place in found.values() if place.kind == "functional"}


Source = Callable[[Book, Goal, Sequence[Place], date, Period | None], dict[int, Counted]]


def holders(book: Book, where: register.Where, places: dict[int, Place]) -> Iterable[int]:
    """The asked places that hold a site or bed lot: its functional area if that has a row of its own, else its divisions."""
    if where.functional in book.functional:
        return [pk for pk in (where.functional, where.county, where.city) if pk in places]
    return [pk for pk in (where.village, where.town, where.county, where.city) if pk in places]


@dataclass(frozen=True)
class Row:
    """One thing behind a figure: a site, a lot of beds, a village, a person. `number`: how many it stands for (the beds of a
    lot); `hit`: counted, or in the base alone; `on`: since when."""

    what: str
    id: int
    where: register.Where
    number: Number = 1
    hit: bool = True
    on: date | None = None


NOWHERE = register.Where(None, None, None, None, None)
Rows = Callable[[Book, Goal, date, Period | None], Iterable[Row]]
ROWS: dict[str, Rows] = {}


def grouped(book: Book, rows: Iterable[Row], places: Sequence[Place]) -> dict[int, list[Row]]:
    """{place id: the rows that count for it}; a place in which none lies is absent."""
    by_id: dict[int, Place] = {p.pk: p for p in places}
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        for pk in holders(book, row.where, by_id):
            found[pk].append(row)
    return dict(found)


def summed(rows: Iterable[Row]) -> tuple[Number, Number]:
    """(counted, all) of rows."""
    kept = list(rows)
    return sum(row.number for row in kept if row.hit), sum(row.number for row in kept)


def tally(book: Book, rows: Iterable[Row], places: Sequence[Place]) -> dict[int, tuple[Number, Number]]:
    """{place id: (counted, all)} of the rows that lie in each place; a place in which none lies is absent."""
    return {pk: summed(inside) for pk, inside in grouped(book, rows, places).items()}


def numbers(book: Book, rows: Iterable[Row], places: Sequence[Place], on: date) -> dict[int, Counted]:
    """How many each place has; none is a figure too."""
    sums = tally(book, rows, places)
    return {p.pk: Counted(sums.get(p.pk, (0, 0))[0], as_of=on) for p in places}


def _far_rows(book: Book, goal: Goal, on: date, period: Period | None) -> Iterable[Row]:
    """Sites of the kinds asked for that have come as far; of a goal of new ones, those that came there within it."""
    wanted, since = set(goal.figure["kinds"]), book.programme.start if goal.figure.get("new") else None
    for site, day in book.ground.far(goal.figure["reached"], on):
        if site.kind in wanted and (since is None or (day >= since and site.begun <= book.programme.end)):
            yield Row("site", site.id, site.where, on=day)


def _facilities(book: Book, goal: Goal, places: Sequence[Place], on: date, period: Period | None) -> dict[int, Counted]:
    return numbers(book, _far_rows(book, goal, on, period), places, on) if book.sites else {}


def _bed_rows(book: Book, goal: Goal, on: date, period: Period | None) -> Iterable[Row]:
    """Lots of beds of the kinds asked for whose site is open; converted ones apart from new ones."""
    kinds, converted = set(goal.figure["beds"]), bool(goal.figure.get("converted"))
    since = book.programme.start if goal.figure.get("new") else date.min
    for lot in book.beds:
        if lot.kind in kinds and lot.converted == converted and lot.stands(on) and lot.on >= since:
            yield Row("site", lot.site, lot.where, lot.beds, on=lot.on)


def _beds(book: Book, goal: Goal, places: Sequence[Place], on: date, period: Period | None) -> dict[int, Counted]:
    return numbers(book, _bed_rows(book, goal, on, period), places, on) if book.sites else {}


def _indicator(book: Book, goal: Goal, places: Sequence[Place], on: date, period: Period | None) -> dict[int, Counted]:
    """The rate of the period that holds the day; of a state, today's or the one frozen at a month's end."""
    indicator = indicators.named(goal.figure["indicator"])
    asked = asked_of(indicator, on, period)
    if indicator.query not in indicator_sources.LIVE_ONLY:
        return rates(book, indicator, places, asked, on)
    return _states(book, indicator, places, asked, on)


def asked_of(indicator, on: date, period: Period | None) -> Period:  # type: ignore[no-untyped-def]
    """The period of an indicator that a goal asks for: its own, else the one that holds the day."""
    kind = period.kind if period and period.kind in indicator.periods else indicator.periods[0]
    return period if period and period.kind == kind else periods.containing(kind, on)


def _states(book: Book, indicator, places: Sequence[Place], asked: Period, on: date) -> dict[int, Counted]:  # type: ignore[no-untyped-def]
    """A state of many places: counted while its period runs, else what was frozen for each; villages have none."""
    today = timezone.localdate(book.now)
    if not asked.contains(today) and "month" in indicator.periods:
        asked = periods.containing("month", on)
    wanted = [place for place in places if place.below]
    if indicator_queries.is_live(indicator, asked, today):
        held = _tallied(book, indicator, wanted, asked, book.now)
    else:
        held = indicator_queries.frozen(indicator, wanted, asked)
    return {pk: Counted(hit, base, min(on, asked.end)) for pk, (hit, base) in held.items() if base}


def rates(book: Book, indicator, places: Sequence[Place], asked: Period, on: date) -> dict[int, Counted]:  # type: ignore[no-untyped-def]
    """The rates of a period for many places, counted in one statement; a functional area by itself."""
    now = min(book.now, datetime.combine(on, time.max, timezone.get_current_timezone()))
    held = _tallied(book, indicator, places, asked, now)
    return {pk: Counted(hit, base, min(on, asked.end)) for pk, (hit, base) in held.items() if base}


def _tallied(
    book: Book, indicator, places: Sequence[Place], asked: Period, now: datetime
) -> dict[int, tuple[int, int]]:  # type: ignore[no-untyped-def]
    """{place id: (numerator, denominator)} of many places in one statement; a functional area by itself."""
    plain = [p for p in places if p.kind == "division"]
    levels = sorted({p.level for p in plain} - {book.place.level})
    counted = indicator_queries.tally(indicator, book.place, asked, levels, now) if plain else {}
    for place in places:
        if place.kind != "division":
            counted |= indicator_queries.tally(indicator, place, asked, [], now)
    return {p.pk: counted.get(p.pk, (0, 0)) for p in places}


def entered(book: Book, goal: Goal, places: Sequence[Place], on: date, period: Period | None) -> dict[int, Counted]:
    """The latest entry of each place as of the day (inside the period for what recurs)."""
    asked, found = {p.pk for p in places}, {}
    for row in book.entries.get(goal.id, []):
        if row.place_id in asked and row.as_of <= on and (period is None or row.as_of >= period.start):
            found[row.place_id] = Counted(_plain(row.value), _plain(row.base), row.as_of, row.evidence, row.pk)
    return found


def _plain(value):  # type: ignore[no-untyped-def]
    """Whole numbers as whole numbers."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def _standard_rows(book: Book, goal: Goal, on: date, period: Period | None) -> Iterable[Row]:
    """Facilities that have come as far as asked and for which the standard asks something; counted where all of it is met."""
    wanted, clause = goal.figure["standard"], goal.figure.get("clause")
    far = {site.id: (site.where, day) for site, day in book.ground.far(goal.figure.get("reached") or "in_use", on)}
    judged = judging.results(place=book.place, on=on, standard=wanted, clause=clause or "")
    for pk, results in judged.items():
        if pk in far and set(results) != {"not_applicable"}:
            where, day = far[pk]
            yield Row("site", pk, where, hit=all(one in ("met", "not_applicable") for one in results), on=day)


def shares_of(found: dict[int, list[Row]], on: date) -> dict[int, Counted]:
    """Counted ÷ all for each place that has any."""
    sums = {pk: summed(rows) for pk, rows in found.items()}
    return {pk: Counted(hit, base, on) for pk, (hit, base) in sums.items() if base}


def shares(book: Book, rows: Iterable[Row], places: Sequence[Place], on: date) -> dict[int, Counted]:
    """Counted ÷ all for each of the places that has any."""
    return shares_of(grouped(book, rows, places), on)


def _standard(book: Book, goal: Goal, places: Sequence[Place], on: date, period: Period | None) -> dict[int, Counted]:
    return shares(book, _standard_rows(book, goal, on, period), places, on)


def _operator_rows(book: Book, goal: Goal, on: date, period: Period | None) -> Iterable[Row]:
    """Facilities for which an operator was chosen by the day, by the date of its contract, and has not left since."""
    wanted = {site.id: site.where for site in book.sites if site.kind in goal.figure["kinds"]}
    for pk in sorted(register.operated(wanted, on)):
        yield Row("site", pk, wanted[pk])


def _operators(book: Book, goal: Goal, places: Sequence[Place], on: date, period: Period | None) -> dict[int, Counted]:
    return numbers(book, _operator_rows(book, goal, on, period), places, on) if book.sites else {}


ROWS |= {"facilities": _far_rows, "beds": _bed_rows, "standard": _standard_rows, "operators": _operator_rows}


SOURCES: dict[str, Source] = {
    "facilities": _facilities,
    "beds": _beds,
    "indicator": _indicator,
    "evidence": entered,
    "standard": _standard,
    "operators": _operators,
}


def add_source(name: str, source: Source, rows: Rows | None = None) -> None:
    """Called once, when the app that knows the answer starts (AppConfig.ready); `rows`: what its figures are counted from."""
    SOURCES[name] = source
    if rows:
        ROWS[name] = rows


def count(
    book: Book, goal: Goal, places: Sequence[Place], on: date, period: Period | None = None
) -> dict[int, Counted]:
    """{place id: figure} of one goal on a day; places without a figure are absent.

    Where a goal says so (`entered`), a place of which no row is kept answers with what was entered for it, with its paper.
    """
    found = SOURCES[goal.figure["from"]](book, goal, places, on, period)
    return entered(book, goal, places, on, period) | found if goal.figure.get("entered") else found

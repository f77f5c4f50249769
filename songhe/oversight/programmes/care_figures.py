"""Figures that count what care keeps: signed home-based care beds, communities with meals, meal vehicles, services delivered,
what volunteer groups did, help points against the venues listed.

A bed counts from its first agreement until it ends, where the person lives. Before beds were kept one by one, a site's total
was entered as a lot of home beds: that lot stays as the opening balance, and an agreement of the same site signed on or before
the lot's day is one of the lot's own, never added to it (docs/adr/0009).
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from django.db.models import Count

from songhe.care.agreements import queries as beds
from songhe.care.evidence import queries as evidence
from songhe.care.meals import queries as meals
from songhe.care.meals.terms import SHARES
from songhe.care.volunteering import queries as volunteering
from songhe.core.periods import Period
from songhe.insight.indicators import definitions as indicators
from songhe.oversight.programmes.definitions import Carrier, Goal
from songhe.oversight.programmes.figures import SOURCES, Book, Counted, _evidence, _holder, _rates, add_source
from songhe.oversight.programmes.register import Where
from songhe.registry.facilities.models import BedLot
from songhe.registry.people.queries import kept_file
from songhe.registry.places.models import Place


def _care_beds(book: Book, goal: Goal, places: Sequence[Place], on: date, period: Period | None) -> dict[int, Counted]:
    since = book.programme.start if goal.figure.get("new") else None
    lots = [lot for lot in book.beds if lot.kind == "home" and lot.on <= on and (lot.closed is None or lot.closed > on)]
    opened = opening_days(on)
    signed = [
        bed
        for bed in beds.signed(book.place)
        if bed.signed_on <= on
        and (bed.ended_on is None or bed.ended_on > on)
        and not (bed.facility in opened and bed.signed_on <= opened[bed.facility])
    ]
    if not lots and not signed:
        return {}
    by_id, counts = {p.pk: p for p in places}, dict.fromkeys((p.pk for p in places), 0)
    for lot in lots:
        if since is None or lot.on >= since:
            _add(book, lot.where, lot.beds, by_id, counts)
    for bed in signed:
        if since is None or bed.signed_on >= since:
            _add(book, Where(bed.village, bed.town, bed.county, bed.city, bed.functional), 1, by_id, counts)
    return {pk: Counted(number, as_of=on) for pk, number in counts.items()}


def _add(book: Book, where: Where, number: int, by_id: dict[int, Place], counts: dict[int, int]) -> None:
    for pk in _holder(book, where, by_id):
        counts[pk] += number


def opening_days(on: date) -> dict[int, date]:
    """{site: the day up to which its home beds were entered as totals}."""
    rows = BedLot.objects.filter(kind="home", on__lte=on).order_by("on", "pk").values_list("facility_id", "on")
    return dict(rows)


def _meal_points(
    book: Book, goal: Goal, places: Sequence[Place], on: date, period: Period | None
) -> dict[int, Counted]:
    """One for each community that has meals by the indicator's own rule; of larger places, how many have."""
    indicator = indicators.named("meal_coverage")
    asked = period or _day(on)
    counted = _rates(book, indicator, places, asked, on)
    return {pk: Counted(each.value, as_of=on) for pk, each in counted.items()}


def _day(on: date) -> Period:
    return Period(on, on, "day")


def _vehicles(book: Book, goal: Goal, places: Sequence[Place], on: date, period: Period | None) -> dict[int, Counted]:
    rows = list(meals.vehicles(post=None, place=book.place, on=on).select_related("facility__village"))
    by_id, counts = {p.pk: p for p in places}, dict.fromkeys((p.pk for p in places), 0)
    for row in rows:
        f = row.facility
        where = Where(
            f.village_id, f.town_id, f.county_id, f.city_id, f.village.functional_area_id if f.village else None
        )
        _add(book, where, 1, by_id, counts)
    return {pk: Counted(number, as_of=on) for pk, number in counts.items()} if rows else {}


def _orders(book: Book, goal: Goal, places: Sequence[Place], on: date, period: Period | None) -> dict[int, Counted]:
    """Services delivered at home, as times or as people. What was entered before orders were kept is the opening balance.

    Times: the entered figure and the orders of later days. People: whichever is more, the entered figure or the people of the
    orders, because somebody may stand in both; two files of one person are one.
    """
    told, start = _evidence(book, goal, places, on, period), period.start if period else goal.start
    kept = evidence.served(book.place, start, on).annotate(whose=kept_file())
    rows = list(
        kept.values_list("service_on", "whose", "village", "town", "county", "city", "village__functional_area")
    )
    by_id: dict[int, Place] = {p.pk: p for p in places}
    times: dict[int, int] = defaultdict(int)
    people: dict[int, set[int]] = defaultdict(set)
    for day, whose, *where in rows:
        for pk in _holder(book, Where(*where), by_id):
            opening = told.get(pk)
            if opening is None or opening.as_of is None or day > opening.as_of:
                times[pk] += 1
            people[pk].add(whose)
    if goal.figure["count"] == "times":
        return {pk: Counted(n + (told[pk].value if pk in told else 0), as_of=on) for pk, n in times.items()}
    return {pk: Counted(max(len(who), told[pk].value if pk in told else 0), as_of=on) for pk, who in people.items()}


def _group_activities(
    book: Book, goal: Goal, places: Sequence[Place], on: date, period: Period | None
) -> dict[int, Counted]:
    """What volunteer groups of these kinds did in the period (else since the goal's start), by place."""
    first = period.start if period else goal.start
    rows = volunteering.activities(post=None, place=book.place, first=first, last=on).filter(
        group__kind__in=goal.figure["groups"]
    )
    by_id: dict[int, Place] = {p.pk: p for p in places}
    counts: dict[int, int] = defaultdict(int)
    for *where, number in (
        rows.order_by()
        .values_list("village", "town", "county", "city", "village__functional_area")
        .annotate(n=Count("pk"))
    ):
        for pk in _holder(book, Where(*where), by_id):
            counts[pk] += number
    return {pk: Counted(number, as_of=on) for pk, number in counts.items()}


def _site_share(book: Book, goal: Goal, places: Sequence[Place], on: date, period: Period | None) -> dict[int, Counted]:
    """Sites of these kinds ÷ the venues that each place has listed (the base it entered); no list, no share."""
    listed = {pk: told.base for pk, told in _evidence(book, goal, places, on, period).items() if told.base}
    counted = SOURCES["facilities"](book, goal, places, on, period)
    return {
        pk: Counted(min(counted[pk].value, base), base, on)
        for pk, base in listed.items()
        if pk in counted and counted[pk].value
    }


def _service_kinds(figure: dict, place: Place, on: date) -> int | None:
    """Kinds of services that the government paid for and that were delivered up to a day, of those that were promised."""
    paid = evidence.served(place, date.min, on).filter(funding="entitled")
    return (
        paid.filter(item__kind__in=figure["kinds"]).values("item__kind").distinct().count() if paid.exists() else None
    )


def _meal_sources(_figure: dict, place: Place, on: date) -> int | None:
    """How many of the four (government, diner, society, volunteers) paid anything of the meals counted up to a day."""
    told = meals.total(post=None, place=place, first=date.min, last=on)
    return sum(bool(told[code]) for code, _label in SHARES) if told["meals"] else None


BESIDE = {"service_kinds": _service_kinds, "meal_sources": _meal_sources}


def beside(carrier: Carrier, place: Place, on: date) -> int | None:
    """What a standard or grant stands at, where its definition says what is counted; None while no row is kept."""
    return BESIDE[carrier.figure["from"]](carrier.figure, place, on) if carrier.figure else None


def register() -> None:
    """Called once, when programmes start."""
    for name, source in (
        ("care_beds", _care_beds), ("meal_points", _meal_points), ("meal_vehicles", _vehicles), ("orders", _orders),
        ("group_activities", _group_activities), ("site_share", _site_share),
    ):  # fmt: skip
        add_source(name, source)

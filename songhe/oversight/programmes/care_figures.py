"""Figures that count what care keeps: signed home-based care beds, communities with meals, meal vehicles, services delivered,
what volunteer groups did, help points against the venues listed.

A bed counts from its first agreement until it ends, where the person lives. Before beds were kept one by one, a site's total
was entered as a lot of home beds: that lot stays as the opening balance, and an agreement of the same site signed on or before
the lot's day is one of the lot's own, never added to it (docs/adr/0009).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from songhe.care.agreements import queries as beds
from songhe.care.evidence import queries as evidence
from songhe.care.meals import queries as meals
from songhe.care.meals.terms import SHARES
from songhe.care.volunteering import queries as volunteering
from songhe.core.periods import Period
from songhe.insight.indicators import definitions as indicators
from songhe.oversight.programmes.definitions import Carrier, Goal
from songhe.oversight.programmes.figures import (
    ROWS,
    Book,
    Counted,
    Row,
    add_source,
    entered,
    grouped,
    numbers,
    rates,
    shares_of,
    tally,
)  # fmt: skip
from songhe.oversight.programmes.register import Where
from songhe.registry.facilities.models import BedLot
from songhe.registry.people.queries import kept_file
from songhe.registry.places.models import Place

SITES = ROWS["facilities"]


def _care_bed_rows(book: Book, goal: Goal, on: date, period: Period | None) -> Iterator[Row]:
    """Beds signed one by one, and the lots of sites that had entered totals before."""
    since = book.programme.start if goal.figure.get("new") else date.min
    for lot in book.beds:
        if lot.kind == "home" and lot.stands(on) and lot.on >= since:
            yield Row("site", lot.site, lot.where, lot.beds, on=lot.on)
    opened = opening_days(on)
    for bed in beds.signed(book.place):
        runs = since <= bed.signed_on <= on and (bed.ended_on is None or bed.ended_on > on)
        if runs and not (bed.facility in opened and bed.signed_on <= opened[bed.facility]):
            where = Where(bed.village, bed.town, bed.county, bed.city, bed.functional)
            yield Row("bed", bed.id, where, on=bed.signed_on)


def _care_beds(book: Book, goal: Goal, places: Sequence[Place], on: date, period: Period | None) -> dict[int, Counted]:
    rows = list(_care_bed_rows(book, goal, on, period))
    return numbers(book, rows, places, on) if rows else {}


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
    counted = rates(book, indicator, places, asked, on)
    return {pk: Counted(each.value, as_of=on) for pk, each in counted.items()}


def _day(on: date) -> Period:
    return Period(on, on, "day")


def _vehicle_rows(book: Book, goal: Goal, on: date, period: Period | None) -> Iterator[Row]:
    for row in meals.vehicles(post=None, place=book.place, on=on).select_related("facility__village"):
        f = row.facility
        zone = f.village.functional_area_id if f.village else None
        yield Row("vehicle", row.pk, Where(f.village_id, f.town_id, f.county_id, f.city_id, zone))


def _vehicles(book: Book, goal: Goal, places: Sequence[Place], on: date, period: Period | None) -> dict[int, Counted]:
    rows = list(_vehicle_rows(book, goal, on, period))
    return numbers(book, rows, places, on) if rows else {}


def _orders(book: Book, goal: Goal, places: Sequence[Place], on: date, period: Period | None) -> dict[int, Counted]:
    """Services delivered at home, as times or as people. What was entered before orders were kept is the opening balance.

    Times: the entered figure and the orders of later days. People: whichever is more, the entered figure or the people of the
    orders, because somebody may stand in both; two files of one person are one.
    """
    told = entered(book, goal, places, on, period)
    found = grouped(book, _order_rows(book, goal, on, period), places)
    return {
        pk: Counted(sum(row.number for row in served(goal, told.get(pk), rows)), as_of=on) for pk, rows in found.items()
    }


def served(goal: Goal, opening: Counted | None, rows: Sequence[Row]) -> list[Row]:
    """The rows of one place's figure of orders: what was entered before they were kept, and those that stand beside it."""
    times = goal.figure["count"] == "times"
    told = [opening.row()] if opening else []
    if times:
        return told + [row for row in rows if not (opening and opening.as_of and row.on and row.on <= opening.as_of)]
    people = list({row.id: row for row in rows}.values())
    return told if opening and opening.value >= len(people) else people


def _order_rows(book: Book, goal: Goal, on: date, period: Period | None) -> Iterator[Row]:
    """Orders that count, or the people of them, each on the day of service."""
    kept = evidence.served(book.place, period.start if period else goal.start, on)
    kept = kept.annotate(whose=kept_file()).order_by("service_on", "pk")
    people = goal.figure["count"] == "people"
    fields = ("pk", "whose", "service_on", "village", "town", "county", "city", "village__functional_area")
    for pk, whose, day, *where in kept.values_list(*fields):
        yield Row("person", whose, Where(*where), on=day) if people else Row("order", pk, Where(*where), on=day)


def _group_activities(
    book: Book, goal: Goal, places: Sequence[Place], on: date, period: Period | None
) -> dict[int, Counted]:
    """What volunteer groups of these kinds did in the period (else since the goal's start), by place."""
    sums = tally(book, _activity_rows(book, goal, on, period), places)
    return {pk: Counted(number, as_of=on) for pk, (number, _all) in sums.items()}


def _activity_rows(book: Book, goal: Goal, on: date, period: Period | None) -> Iterator[Row]:
    first, columns = period.start if period else goal.start, ("village", "town", "county", "city", "village__functional_area")  # fmt: skip
    done = volunteering.activities(post=None, place=book.place, first=first, last=on)
    for pk, day, *where in done.filter(group__kind__in=goal.figure["groups"]).values_list("pk", "on", *columns):
        yield Row("activity", pk, Where(*where), on=day)


def _site_share(book: Book, goal: Goal, places: Sequence[Place], on: date, period: Period | None) -> dict[int, Counted]:
    """Sites of these kinds ÷ the venues that each place has listed (the base it entered); no list, no share."""
    told = {pk: one for pk, one in entered(book, goal, places, on, period).items() if one.base}
    found = grouped(book, SITES(book, goal, on, period), places)
    return shares_of({pk: listed(told[pk], rows) for pk, rows in found.items() if pk in told}, on)


def listed(told: Counted, rows: Sequence[Row]) -> list[Row]:
    """The rows of one place's share: sites up to the number of venues, the earliest first, then the venues without one."""
    base = int(told.base or 0)
    inside = sorted(rows, key=lambda row: (row.on or date.max, row.id))[:base]
    left = base - len(inside)
    return [*inside, *([replace(told.row(), number=left, hit=False)] if left else [])]


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
    for name, source, rows in (
        ("care_beds", _care_beds, _care_bed_rows), ("meal_points", _meal_points, None), ("meal_vehicles", _vehicles, _vehicle_rows),
        ("orders", _orders, _order_rows), ("group_activities", _group_activities, _activity_rows), ("site_share", _site_share, SITES),
    ):  # fmt: skip
        add_source(name, source, rows)

"""Meal points with what they served, diners, alerts, who paid what; days, meals and persons counted apart.

use(facility, first, last)        -> Use(days_open=22, meals=431, persons=37, duplicates=2, government=…, …) in fen
points(post=…, place=…, on=…)     -> [Point(facility, use, alerts)]
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Count, Max, Q, QuerySet, Sum

from songhe.care.meals import definitions, rules, terms
from songhe.care.meals.models import Book, Diner, Meal, Service, Vehicle
from songhe.registry.accounts.models import Post
from songhe.registry.facilities.models import Facility, Licence
from songhe.registry.facilities.queries.counting import with_status
from songhe.registry.people.queries import kept_file
from songhe.registry.places.models import Place

WHOSE = kept_file()  # two files of one person are one (ADR 0010)


@dataclass(frozen=True)
class Use:
    """What a point did in a time: days on which somebody ate, meals, different people, second meals; the four shares in fen."""

    days_open: int = 0
    meals: int = 0
    persons: int = 0
    duplicates: int = 0
    government: int = 0
    person: int = 0
    society: int = 0
    volunteer: int = 0

    @property
    def paid(self) -> dict[str, int]:
        return {
            "government": self.government,
            "person": self.person,
            "society": self.society,
            "volunteer": self.volunteer,
        }


@dataclass(frozen=True)
class Point:
    """A point with its use; `alerts` are codes of `ALERTS` with a date or None."""

    facility: Facility
    use: Use
    diners: int = 0
    last: date | None = None
    alerts: list[tuple[str, date | None]] = field(default_factory=list)


ALERTS = ("closed", "silent", "never", "food_expired", "food_ends", "no_food")


def _seen(model, post: Post | None) -> QuerySet:  # type: ignore[no-untyped-def]
    return model.objects.visible_to(post) if post else model.objects.all()


def _uses(meals: QuerySet[Meal], by: str) -> dict[int, Use]:
    counted = Q(state="counted")
    rows = meals.values(by).order_by().annotate(
        days=Count("on", filter=counted, distinct=True), n=Count("pk", filter=counted),
        people=Count(WHOSE, filter=counted, distinct=True), again=Count("pk", filter=Q(state="duplicate")),
        **{f"paid_{part}": Sum(part, filter=counted, default=0) for part in ("government", "person_pays", "society", "volunteer")},
    )  # fmt: skip
    return {
        row[by]: Use(row["days"], row["n"], row["people"], row["again"], row["paid_government"], row["paid_person_pays"],
                     row["paid_society"], row["paid_volunteer"])
        for row in rows
    }  # fmt: skip


def use(facility: Facility, first: date, last: date) -> Use:
    """What one point did from a day to a day (both included)."""
    return _uses(Meal.objects.filter(facility=facility, on__range=(first, last)), "facility").get(facility.pk, Use())


def total(*, post: Post | None, place: Place, first: date, last: date) -> dict[str, int]:
    """Days, meals, persons and shares of all points of a place; a person who ate at two points is one person."""
    rows = _seen(Meal, post).inside(place).filter(on__range=(first, last), state="counted")
    found = rows.aggregate(
        meals=Count("pk"), persons=Count(WHOSE, distinct=True), points=Count("facility", distinct=True),
        days=Count("on", distinct=True), government=Sum("government", default=0), person=Sum("person_pays", default=0),
        society=Sum("society", default=0), volunteer=Sum("volunteer", default=0),
    )  # fmt: skip
    again = _seen(Meal, post).inside(place).filter(on__range=(first, last), state="duplicate").count()
    return found | {"duplicates": again}


def points(*, post: Post | None, place: Place, on: date, first: date | None = None, alert: str = "") -> list[Point]:
    """Meal points that serve or served, by place, with their use since `first` (the month's first day) and what is wrong.

    Stations and mutual-aid homes stand here once they have diners or meals. `alert`: only those with this alert.
    """
    first = first or on.replace(day=1)
    rows = with_status(_seen(Facility, post).inside(place).filter(kind__in=terms.POINT_KINDS), on)
    served = set(_seen(Meal, post).inside(place).filter(on__lte=on).values_list("facility", flat=True).distinct())
    eats = dict(_seen(Diner, post).filter(facility__in=rows.values("pk"), valid_to=None).order_by().values_list("facility").annotate(n=Count("pk")))  # fmt: skip
    always = ("canteen", "meal_point", "partner_restaurant", "central_kitchen")
    rows = rows.filter(Q(kind__in=always) | Q(pk__in=served | set(eats))).exclude(status=None)
    facilities = list(rows.select_related("place", "village", "town").order_by("place__code", "pk"))
    uses = _uses(Meal.objects.filter(facility__in=facilities, on__range=(first, on)), "facility")
    last = dict(Meal.objects.filter(facility__in=facilities, on__lte=on, state="counted").order_by().values_list("facility").annotate(day=Max("on")))  # fmt: skip
    papers = _food(facilities)
    found = [
        Point(
            f,
            uses.get(f.pk, Use()),
            eats.get(f.pk, 0),
            last.get(f.pk),
            _alerts(f, last.get(f.pk), papers.get(f.pk, []), on),
        )
        for f in facilities
    ]
    return [each for each in found if not alert or alert in {code for code, _day in each.alerts}]


def _food(facilities: Iterable[Facility]) -> dict[int, list[Licence]]:
    found: dict[int, list[Licence]] = defaultdict(list)
    for paper in Licence.objects.filter(facility__in=facilities, kind="food", absent_reason=""):
        found[paper.facility_id].append(paper)
    return found


def _alerts(facility: Facility, last: date | None, papers: list[Licence], on: date) -> list[tuple[str, date | None]]:
    scheme = definitions.scheme(facility.place.code, on)
    found: list[tuple[str, date | None]] = []
    if facility.status == "closed":  # type: ignore[attr-defined]
        found.append(("closed", facility.status_on))  # type: ignore[attr-defined]
    elif facility.status == "in_use":  # type: ignore[attr-defined]
        if last is None:
            found.append(("never", None))
        elif (on - last).days > scheme.silent_days:
            found.append(("silent", last))
    ends = [paper.valid_to for paper in papers]
    if not papers:
        found.append(("no_food", None))
    elif None not in ends:
        latest = max(day for day in ends if day)
        if latest < on:
            found.append(("food_expired", latest))
        elif latest <= on + timedelta(days=scheme.warn_days):
            found.append(("food_ends", latest))
    return found


def diners(*, post: Post | None, facility: Facility, on: date, meal: str = "") -> QuerySet[Diner]:
    """Those who eat at a point as a rule on a day, by name; with `meal`, each carries `done` (the meal of today, if counted)."""
    return _dining(post, on).filter(facility=facility).order_by("person__name_sort", "pk")


def _dining(post: Post | None, on: date) -> QuerySet[Diner]:
    during = Q(valid_from__lte=on) & (Q(valid_to=None) | Q(valid_to__gt=on))
    return _seen(Diner, post).filter(during, person__status="living").select_related("person", "village")


def counted(*, facility: Facility, on: date, meal: str) -> dict[int, Meal]:
    """{person id: meal} counted anywhere today among the diners and guests of a point, as far as the caller may see."""
    here = Diner.objects.filter(facility=facility, valid_to=None).values("person")
    rows = Meal.objects.filter(Q(facility=facility) | Q(person__in=here), on=on, meal=meal, state="counted")
    return {row.person_id: row for row in rows.select_related("facility")}


def recent(*, post: Post | None, facility: Facility, size: int = 30) -> QuerySet[Meal]:
    """The latest meals of a point, seconds and voided ones as well."""
    return _seen(Meal, post).filter(facility=facility).select_related("person").order_by("-at", "-pk")[:size]


def book(facility: Facility, month: date) -> tuple[Book | None, int | None]:
    """The month's book that holds and the point's result in fen (income less cost), None while nobody kept it."""
    held = facility.meal_books.filter(month=month).order_by("-pk").first()
    if held is None:
        return None, None
    last = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return held, rules.result_of(held.costs, use(facility, month, last).paid | {"other": held.other})


def serves(facility: Facility, on: date) -> QuerySet[Service]:
    """The villages a point serves on a day."""
    during = Q(valid_from__lte=on) & (Q(valid_to=None) | Q(valid_to__gt=on))
    return facility.serves.filter(during).select_related("village").order_by("village__code")


def vehicles(*, post: Post | None, place: Place, on: date) -> QuerySet[Vehicle]:
    """Vehicles in service on a day, of firms that a post may see."""
    during = Q(valid_from__lte=on) & (Q(valid_to=None) | Q(valid_to__gt=on))
    firms = _seen(Facility, post).inside(place).filter(kind="meal_delivery")
    return (
        Vehicle.objects.filter(during, facility__in=firms)
        .select_related("facility")
        .order_by("facility__name", "plate")
    )


def deliveries(*, post: Post | None, facility: Facility, on: date) -> QuerySet[Diner]:
    """Those to whom a point delivers on a day, village by village: the plain round list."""
    return (
        diners(post=post, facility=facility, on=on)
        .filter(way="deliver")
        .order_by("village__code", "person__name_sort", "pk")
    )


def delivered(*, post: Post | None, place: Place, on: date) -> QuerySet[Diner]:
    """Those to whom any point inside a place delivers on a day: point by point, in the order of its round list."""
    points = _seen(Facility, post).inside(place).filter(kind__in=terms.POINT_KINDS)
    rows = _dining(post, on).filter(way="deliver", facility__in=points)
    rows = rows.select_related("person", "village__parent", "facility__village__parent", "facility__place")
    return rows.order_by("facility__name", "facility_id", "village__code", "person__name_sort", "pk")

"""What a till on the telephone takes along: the points one may count at, and one chosen point with its diners and today's meals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from songhe.care.meals import definitions, terms
from songhe.care.meals.models import Diner, Meal
from songhe.care.meals.queries import diners
from songhe.care.services.models import run_own
from songhe.registry.accounts.models import Post
from songhe.registry.facilities.models import Facility
from songhe.registry.facilities.queries.counting import with_status

MOST_POINTS = 300
ALWAYS = ("canteen", "meal_point", "partner_restaurant", "central_kitchen")  # others stand here once they have diners


@dataclass(frozen=True)
class Seat:
    """Somebody who eats here as a rule. `village` tells people of the same name apart."""

    person: int
    name: str
    village: str
    way: str
    card: str


@dataclass(frozen=True)
class Till:
    """One point for one day. `until`: hours at which breakfast and lunch are over. `counted`: (person, meal, "11:32", elsewhere),
    where `elsewhere` names another point, "" for this one."""

    point: Facility
    until: dict[str, int]
    diners: Sequence[Seat]
    counted: Sequence[tuple[int, str, str, str]]


def points_of(*, post: Post, on: date) -> list[Facility]:
    """Points in use on a day at which a post may count, by name; an operator's: those it runs."""
    eats = Diner.objects.filter(facility=OuterRef("pk"), valid_to=None)
    seen = (
        Facility.objects.visible_to(post).filter(kind__in=terms.POINT_KINDS).filter(Q(kind__in=ALWAYS) | Exists(eats))
    )
    return list(with_status(run_own(seen, post, "pk"), on).filter(status="in_use").order_by("name", "pk")[:MOST_POINTS])


def till_of(*, post: Post, point: Facility, on: date, most: int) -> Till:
    """The till of one of `points_of`; at most so many diners. The caller notes the reading."""
    rows = list(diners(post=post, facility=point, on=on)[:most])
    seats = [
        Seat(row.person_id, row.person.name, row.village.name if row.village else "", row.way, row.tag) for row in rows
    ]
    here = Q(facility=point) | Q(person__in=[row.person_id for row in rows])
    meals = (
        Meal.objects.visible_to(post)
        .filter(here, on=on, state="counted")
        .select_related("facility")
        .order_by("at", "pk")
    )
    counted = [
        (m.person_id, m.meal, f"{timezone.localtime(m.at):%H:%M}", "" if m.facility_id == point.pk else m.facility.name)
        for m in meals
    ]
    return Till(point, dict(definitions.scheme(point.place.code, on).until), seats, counted)

"""Goals read what care keeps row by row; an entered figure is the opening balance, or stands where no row is kept."""

from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.utils import timezone

from songhe.care.evidence.models import Check
from songhe.care.volunteering import actions as volunteers
from songhe.core import periods
from songhe.core.acting import everywhere
from songhe.oversight.programmes import care_figures, definitions, figures
from songhe.oversight.programmes.definitions import Carrier
from songhe.oversight.programmes.models import Entry
from songhe.registry.facilities import actions as sites
from songhe.registry.people import actions as people
from songhe.registry.people.standing import scope_of
from tests.care.evidence.served import Served

SYSTEM = {"by": None, "post": None}
START = date(2020, 1, 1)
pytestmark = pytest.mark.django_db


def goal(**figure):
    return SimpleNamespace(id="g", figure=figure, start=START, recurs=None)


def counted(place, wanted, on, period=None) -> dict:
    book = figures.Book(SimpleNamespace(id="t", rows=[], start=START), place)
    found = figures.count(book, wanted, [place], on, period)
    return {pk: (row.value, row.base) for pk, row in found.items()}


def told(place, value, on, base=None):
    Entry.objects.create(
        programme="t", goal="g", place=place, value=value, base=base, as_of=on, evidence="报表", by=0, **scope_of(place)
    )


def test_times_are_added_to_what_was_entered_and_people_are_not():
    with everywhere():
        served = Served()
        orders = [served.order(day=day, person=served.people[n]) for n, day in enumerate((3, 4, 5))]
        for order in orders:
            served.serve(order)
        first, kept, last = (order.service_on for order in orders)
        place, times, whose = served.place, goal(**{"from": "orders", "count": "times"}), goal(**{"from": "orders", "count": "people"})  # fmt: skip
        assert counted(place, times, last) == {place.pk: (3, None)}
        assert counted(place, times, kept) == {place.pk: (2, None)}  # as of a day
        told(place, 100, first)
        assert counted(place, times, last) == {place.pk: (102, None)}  # the day's own orders are in the entered figure
        assert counted(place, whose, last) == {place.pk: (100, None)}
        Entry.objects.all().delete()
        people.merge(**SYSTEM, kept=served.people[0], absorbed=served.people[1], reason="同一人")
        assert counted(place, whose, last) == {place.pk: (2, None)}  # two files of one person
        Check.objects.filter(order=orders[2]).update(state="refused", decided_at=timezone.now())
        assert counted(place, times, last) == {place.pk: (2, None)}


def test_activities_count_and_where_there_are_none_the_entry_stands(world):
    village = world["990101001001"]
    town, today = village.parent, timezone.localdate()
    month = periods.containing("month", today)
    wanted = goal(**{"from": "group_activities", "groups": ["love_help"], "entered": True})
    with everywhere():
        told(town, 1, today)
        assert counted(town, wanted, today, month) == {town.pk: (1, None)}
        given = {"village": village, "name": "队", "leader": "甲", "members": 5, "on": today - timedelta(days=40)}
        for kind in ("love_help", "elders"):
            group = volunteers.found(**SYSTEM, kind=kind, **given)
            for _n in range(2):
                done = volunteers.record_activity(
                    **SYSTEM, group=group, on=today, kind="visit", volunteers=3, hours=Decimal(2), evidence="签到表"
                )
        assert counted(town, wanted, today, month) == {town.pk: (2, None)}  # of the kind asked for
        volunteers.void_activity(**SYSTEM, activity=group.activities.exclude(pk=done.pk).first(), reason="重复")
        assert counted(town, wanted, today, month) == {town.pk: (2, None)}


def test_a_standard_and_a_grant_say_what_they_stand_at(monkeypatch):
    """R49: kinds of services paid by the government and delivered; R42: who paid for meals. None while nothing is on file."""
    paid = Carrier(
        "R49", "t", "standard", "s", {}, {}, None, "=2", {"from": "service_kinds", "kinds": ["cleaning", "bath"]}
    )
    split = Carrier("R42", "t", "grant", "g", {}, {}, None, "=4", {"from": "meal_sources"})
    with everywhere():
        served = Served()
        first, today = served.order(day=3), timezone.localdate()
        assert (care_figures.beside(paid, served.place, today), care_figures.beside(split, served.place, today)) == (None, None)  # fmt: skip
        served.serve(first)
        served.serve(
            served.order(day=4, person=served.people[1], funding="self", item="bath-home", hands=(0, 1)), given=None
        )
        assert care_figures.beside(paid, served.place, today) == 1  # what was paid by the person does not count
        assert care_figures.beside(paid, served.place, first.service_on - timedelta(days=1)) is None
        told = {"meals": 3, "government": 5, "person": 7, "society": 0, "volunteer": 1}
        monkeypatch.setattr(care_figures.meals, "total", lambda **_given: told)
        assert care_figures.beside(split, served.place, today) == 3
    carried = {
        c.object: c.figure["from"] for p in definitions.shipped().values() for c in definitions.carriers(p) if c.figure
    }
    assert carried == {"purchased_services": "service_kinds", "four_sources": "meal_sources"}


def test_help_points_are_measured_against_the_venues_listed(world):
    village = world["990101001001"]
    town, today = village.parent, timezone.localdate()
    wanted = goal(**{"from": "site_share", "kinds": ["service_point"], "reached": "in_use", "entered": True})
    with everywhere():
        told(town, 3, today - timedelta(days=9), 4)
        assert counted(town, wanted, today) == {town.pk: (3, 4)}  # as entered, until a point is on the register
        made = sites.register(**SYSTEM, place=village, kind="service_point", name="助老服务点", on=today - timedelta(days=8), status="site_chosen")  # fmt: skip
        sites.move(**SYSTEM, facility=made, status="accepted", on=today - timedelta(days=8), paper="验收")
        assert counted(town, wanted, today) == {town.pk: (3, 4)}
        sites.record_activity(
            **SYSTEM, facility=made, on=today - timedelta(days=7), kind="offer", count=1, evidence="x"
        )
        sites.move(**SYSTEM, facility=made, status="in_use", on=today - timedelta(days=7))
        assert counted(town, wanted, today) == {town.pk: (1, 4)}


@pytest.mark.parametrize(
    ("programme", "target", "source"),
    [
        ("dingzhou-2023", "help_points", "site_share"), ("dingzhou-2023", "love_help", "group_activities"),
        ("tangshan-2023", "home_visits", "orders"), ("tangshan-2023", "home_visit_people", "orders"),
        ("tangshan-2023", "home_beds", "care_beds"), ("laixi-2020", "poor_disabled_covered", "indicator"),
        ("dingzhou-2023", "friendly_shops", "facilities"), ("dingzhou-2023", "housekeeping_firms", "facilities"),
        ("dingzhou-2023", "restaurants", "facilities"), ("dingzhou-2023", "meal_vehicles", "meal_vehicles"),
        ("dingzhou-2023", "kitchens", "standard"), ("dingzhou-2023", "meal_coverage", "meal_points"),
        ("dingzhou-2023", "paired_service", "indicator"),
    ],
)  # fmt: skip
def test_what_counts_services_beds_and_meals_is_not_typed(programme, target, source):
    found = definitions.named(programme).goal(target)
    assert found.figure["from"] == source

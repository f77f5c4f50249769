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
from songhe.registry.places.models import Place
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
        ("dingzhou-2023", "paired_service", "indicator"), ("laixi-2020", "destitute_in_centre", "in_institution"),
        ("xuzhou-2017", "rural_standard", "village_share"), ("xuzhou-2017", "rural_care_houses", "village_share"),
    ],
)  # fmt: skip
def test_what_counts_services_beds_and_meals_is_not_typed(programme, target, source):
    found = definitions.named(programme).goal(target)
    assert found.figure["from"] == source


def test_villages_with_a_site_against_all_and_a_place_without_a_register_tells(world):
    village = world["990101001001"]
    town, today = village.parent, timezone.localdate()
    wanted = goal(**{
        "from": "village_share", "kinds": ["day_care_station"], "reached": "accepted", "urban": "rural", "entered": True,
    })  # fmt: skip
    with everywhere():
        inside = Place.objects.filter(town=town, level="village", valid_to=None)
        inside.filter(pk=village.pk).update(urban_rural="rural")
        rural = inside.filter(urban_rural="rural").count()
        told(town, 5, today - timedelta(days=9), 9)
        assert counted(town, wanted, today) == {town.pk: (5, 9)}  # no site is on file: the report stands
        begun = today - timedelta(days=8)
        for name in ("一站", "二站"):  # two in one village are one village
            made = sites.register(**SYSTEM, place=village, kind="day_care_station", name=name, on=begun, status="done")
            assert counted(town, wanted, today) == {town.pk: (0 if name == "一站" else 1, rural)}
            sites.move(**SYSTEM, facility=made, status="accepted", on=today - timedelta(days=2), paper="验收")
        assert counted(town, wanted, today) == {town.pk: (1, rural)}
        assert counted(town, wanted, today - timedelta(days=3)) == {town.pk: (0, rural)}  # as of a day
        inside.update(urban_rural="urban")
        assert counted(town, wanted, today) == {town.pk: (5, 9)}  # no village of the kind asked for


def test_people_in_a_circumstance_who_moved_into_an_institution_as_of_a_day(world):
    village = world["990101001001"]
    place, today = village.county, timezone.localdate()
    wanted = goal(**{"from": "in_institution", "circumstances": ["destitute"], "entered": True})
    days = [today - timedelta(days=n) for n in (90, 60, 30, 10)]
    with everywhere():
        told(place, 7, days[0], 8)
        assert counted(place, wanted, today) == {place.pk: (7, 8)}
        who = [
            people.register(
                **SYSTEM, village=village, name=f"虚构{'甲乙丙丁'[n]}", sex="m", birth=date(1940 + n, 1, 1), on=days[0], source="名册",
                circumstances=("destitute",) if n else ("subsistence_allowance",),
            )
            for n in range(4)
        ]  # fmt: skip
        for person in who[:3]:
            people.record_event(**SYSTEM, person=person, kind="institution_in", on=days[1])
        assert counted(place, wanted, days[0]) == {place.pk: (0, 3)}
        assert counted(place, wanted, days[1]) == {place.pk: (2, 3)}  # the one on an allowance is none of them
        people.record_event(**SYSTEM, person=who[1], kind="institution_out", on=days[2])
        people.record_event(**SYSTEM, person=who[3], kind="death", on=days[3])
        assert counted(place, wanted, days[2]) == {place.pk: (1, 3)}
        assert counted(place, wanted, today) == {place.pk: (1, 2)}
        people.end_circumstance(**SYSTEM, circumstance=who[2].circumstances.get(), valid_to=today)
        assert counted(place, wanted, today) == {place.pk: (0, 1)}

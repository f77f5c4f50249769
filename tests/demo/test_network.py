"""The demo city's network: what it claims of 2021 and 2023 is what the register counts, the same each time it is loaded."""

from datetime import date, timedelta

import pytest

from songhe.core.acting import everywhere
from songhe.demo import network
from songhe.demo.progress import Report
from songhe.registry.facilities import queries
from songhe.registry.facilities.models import Facility, Inspection
from songhe.registry.places.actions import load_shipped
from songhe.registry.places.queries import by_code

TODAY = date(2026, 11, 20)


@pytest.fixture
def city(db):
    with everywhere():
        load_shipped(network.CITY)
        network.load(TODAY, Report("quiet"))
        yield by_code(network.CITY)


def count(city, kind, reached, on):
    return queries.facility_count(place=city, kinds=[kind], reached=reached, on=on)


def test_the_network_of_two_notices(city):
    assert count(city, "day_care_station", "planned", date(2021, 4, 10)) == 33  # R02
    assert count(city, "day_care_station", "started", date(2021, 5, 31)) == 33  # R10
    done = count(city, "day_care_station", "done", date(2021, 10, 31))
    assert 28 <= done < 33  # a few are late
    assert count(city, "day_care_station", "in_use", date(2021, 12, 31)) == 33
    assert count(city, "day_care_station", "planned", date(2023, 9, 30)) == 73  # R54
    assert 60 < count(city, "day_care_station", "in_use", date(2023, 9, 30)) < 73
    planned = queries.facility_counts(place=city, kinds=["day_care_station"], reached="planned", on=date(2023, 9, 30))
    by_street = {by_code(code).pk: n for code, n in network.STREETS.items()}
    assert planned == by_street | {city.pk: 73}
    homes = queries.facility_counts(place=city, kinds=["mutual_aid_home"], reached="planned", on=TODAY)
    assert sorted(homes.values()) == [2] * 21 + [42]  # R53
    assert queries.bed_count(place=city, kinds=["residential", "nursing"], on=date(2021, 11, 30)) == 240  # R03
    assert queries.bed_count(place=city, kinds=["nursing"], on=date(2021, 11, 30), converted=True) == 100  # R04
    assert queries.measure_total(place=city, what="meal_vehicles", on=TODAY) == 12  # R69


def test_everything_is_marked_and_loading_again_adds_nothing(city):
    before = set(Facility.objects.values_list("uid", flat=True))
    assert set(Facility.objects.values_list("origin", flat=True)) == {"demo"}
    assert network.load(TODAY, Report("quiet")) == len(before)
    assert set(Facility.objects.values_list("uid", flat=True)) == before
    assert Inspection.objects.count() == 3


def test_there_is_something_to_look_after(city):
    found = {each.what for each in queries.concerns(post=None, place=city, on=TODAY)}
    assert {"clause", "dormant", "paper"} <= found
    (order,) = queries.orders(post=None, place=city, on=TODAY)
    assert queries.orders_open(post=None, place=city, on=order.due_on) == (1, 0)
    assert queries.orders_open(post=None, place=city, on=order.due_on + timedelta(days=1)) == (1, 1)

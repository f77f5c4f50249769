"""Beds, meals and volunteers: the roll-up against the slow recount, on small worlds filled at random from a seed; programmes."""

import random
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from songhe.care.agreements import actions as beds
from songhe.care.meals import actions as meals
from songhe.care.volunteering import actions as groups
from songhe.care.volunteering.terms import GROUPS
from songhe.core import periods
from songhe.core.refusal import Refusal
from songhe.insight.indicators import definitions, queries
from songhe.insight.indicators.care_sources import read_subject
from songhe.oversight.programmes import care_figures, figures
from songhe.registry.facilities import actions as sites
from songhe.registry.places.models import Place
from tests import world as w
from tests.care.settings import SYSTEM, TODAY, ago, elder, firm, meal, noon, signed_bed, site
from tests.insight.indicators import brute, brute_care

pytestmark = pytest.mark.django_db
KINDS = ("canteen", "meal_point", "partner_restaurant", "day_care_station", "mutual_aid_home")
NAMES = [name for name, each in definitions.shipped().items() if each.query in brute_care.COUNTS]


@pytest.fixture
def world(db):
    from songhe.core.acting import everywhere
    from tests.world import World

    made = World()
    with everywhere():
        Place.objects.filter(code__in=[w.OWN, w.FAR, w.NEXT_COUNTY]).update(urban_rural="urban")
        yield made


def _filled(world, seed: int) -> None:
    """Sites, meals, groups, beds in three counties; some of each closed, voided, late, ended, or not there."""
    chance, villages = random.Random(seed), [world[code] for code in w.VILLAGES]
    people = [
        elder(
            chance.choice(villages),
            f"虚构{n}",
            tags=chance.choice([("destitute",), ("subsistence_allowance", "dementia"), ("living_alone",)]),
        )
        for n in range(8)
    ]
    places = [
        site(chance.choice(villages), chance.choice(KINDS), f"虚构点{n}", since=ago(chance.choice([200, 40, 5])))
        for n in range(6)
    ]
    for place in places:
        if chance.random() < 0.3:
            sites.set_hours(
                **SYSTEM,
                facility=place,
                weekdays=[1, 3, 5],
                opens=timezone.now().time().min.replace(hour=8),
                closes=timezone.now().time().min.replace(hour=17),
                on=ago(60),
            )
        for _n in range(chance.randrange(4)):
            done = sites.record_activity(
                **SYSTEM,
                facility=place,
                on=ago(chance.randrange(60)),
                kind=chance.choice(["volunteer", "festival", "culture"]),
                count=3,
                evidence="表",
            )
            if chance.random() < 0.2:
                sites.void_activity(**SYSTEM, activity=done, reason="错")
        if chance.random() < 0.4:
            meals.serve_village(**SYSTEM, facility=place, village=chance.choice(villages), on=ago(chance.randrange(90)))
        if chance.random() < 0.5:
            meals.keep_book(
                **SYSTEM,
                facility=place,
                month=TODAY.replace(day=1) - timedelta(days=1),
                costs=chance.choice([100, 5000]),
                other=1000,
                evidence="凭证",
            )
    for person in people:
        if chance.random() < 0.6:
            meals.enrol_diner(**SYSTEM, person=person, facility=chance.choice(places), on=ago(chance.randrange(60)))
        for _n in range(4):
            day = ago(chance.randrange(4))
            at = min(noon(day), timezone.now())
            (answer,) = meals.count(**SYSTEM, facility=chance.choice(places), rows=[meal(person, at)])
            if answer.result == "new" and chance.random() < 0.2:
                meals.void(**SYSTEM, meal=answer.meal, reason="错")
    _groups(chance, villages)
    _beds(chance, people, places[0])
    for place in places[:1]:
        sites.move(**SYSTEM, facility=place, status="closed", on=TODAY, reason="停业")


def _groups(chance, villages) -> None:
    for n in range(10):
        group = groups.found(
            **SYSTEM,
            village=chance.choice(villages),
            kind=chance.choice(GROUPS)[0],
            name=f"队{n}",
            leader="虚构",
            members=3,
            on=ago(50),
        )
        for _m in range(chance.randrange(4)):
            doing = groups.record_activity(
                **SYSTEM, group=group, on=ago(chance.randrange(40)), kind="visit", volunteers=1, hours=1, evidence="表"
            )
            if chance.random() < 0.2:
                groups.void_activity(**SYSTEM, activity=doing, reason="错")
        if chance.random() < 0.3:
            groups.dissolve(**SYSTEM, group=group, on=ago(chance.randrange(30)))


def _beds(chance, people, centre) -> None:
    company = firm()
    for person in people:
        try:
            with transaction.atomic():
                bed = signed_bed(person, centre, ago(100), company, minutes=chance.choice([60, 300]))
        except Refusal:
            continue
        for _n in range(chance.randrange(4)):
            beds.serve(
                **SYSTEM, bed=bed, on=ago(chance.randrange(99)), service="clean", minutes=chance.choice([60, 200])
            )
        if chance.random() < 0.3:
            beds.end(**SYSTEM, bed=bed, on=ago(chance.randrange(60)), reason="withdrawn")


@pytest.mark.parametrize("seed", [1, 2])
def test_every_figure_equals_the_slow_recount_and_its_lists(world, seed):
    _filled(world, seed)
    now = timezone.now()
    month, moved = periods.containing("month", TODAY), 0
    asked = [
        month,
        month.previous(),
        periods.containing("week", TODAY),
        periods.containing("day", ago(3)),
        periods.containing("half", TODAY),
    ]
    for name in NAMES:
        indicator = definitions.named(name)
        for period in asked:
            if period.kind not in indicator.periods or not queries.is_live(indicator, period, TODAY):
                continue
            for level in ("county", "township", "village"):
                for figure in queries.figures(indicator, world["990100"], period, level=level, now=now):
                    slow = brute.every(name, indicator, figure.place, period, TODAY, now)
                    assert (figure.numerator, figure.denominator) == slow, (name, period.code, figure.place.code)
            whole = queries.figures(indicator, world["990100"], period, now=now)[0]
            moved += 0 < whole.numerator < whole.denominator
            for side, many in (("all", whole.denominator), ("numerator", whole.numerator)):
                rows = queries.subjects(indicator, world["990100"], period, side=side, size=5000, now=now)
                assert len({number for number, _p in rows}) == len(rows) == many, (name, side)
                _readable(indicator, rows)
    assert moved >= 4  # neither everything nor nothing: the comparison compares something


def _readable(indicator, rows) -> None:
    for number, person in rows:
        read = read_subject(indicator.query, indicator.parameters, number)
        assert (read is None) == (person is not None)
        if read and read.what == "place":
            assert Place.objects.filter(pk=read.id, level="village").exists()


def test_the_board_counts_all_four_in_any_period(world):
    for kind in ("day", "week", "month", "half"):
        rows = queries.board("four_hundreds", world["990101"], periods.containing(kind, TODAY))
        assert [row["commitment"] for row in rows] == ["R68", "R71", "R72", "R73"]
        assert all(row["figure"] is not None for row in rows), kind
    assert rows[2]["figure"].period.kind == "half"
    weekly = queries.board("four_hundreds", world["990101"], periods.containing("week", TODAY))
    assert weekly[2]["figure"].period == periods.containing("month", TODAY)


def test_a_point_counts_from_the_day_it_serves(world):
    indicator = definitions.named("meal_coverage")
    point = site(world[w.FAR], "meal_point", "乙点", since=ago(10))
    meals.serve_village(**SYSTEM, facility=point, village=world[w.OWN], on=ago(5))

    def figure(days: int) -> tuple[int, int]:
        day = periods.containing("day", ago(days))
        found = queries.figures(indicator, world["990101"], day, now=timezone.now())[0]
        return found.numerator, found.denominator

    assert [figure(n) for n in (11, 10, 5, 0)] == [(0, 2), (1, 2), (2, 2), (2, 2)]
    sites.move(**SYSTEM, facility=point, status="closed", on=TODAY, reason="停业")
    assert [figure(n) for n in (1, 0)] == [(2, 2), (0, 2)]


class _Goal:
    def __init__(self, **figure):
        self.id, self.figure = "home_beds", figure


class _Programme:
    start, rows, id = ago(50), (), "none"


def test_home_beds_count_agreements_above_the_opening_balance(world):
    """A lot of the register is the balance at its day: agreements of that site up to the day are its own, later ones add."""
    centre, other, company = site(world[w.OWN]), site(world[w.FAR], name="乙中心"), firm()
    sites.add_beds(**SYSTEM, facility=centre, kind="home", count=150, on=ago(90))
    people = [elder(world[w.OWN], f"虚构{n}") for n in range(4)]
    signed_bed(people[0], centre, ago(95), company)  # inside the lot
    late = signed_bed(people[1], centre, ago(30), company)
    signed_bed(people[2], other, ago(95), company)  # a site without a lot
    beds.end(**SYSTEM, bed=signed_bed(people[3], centre, ago(30), company), on=ago(3), reason="moved")
    book = figures.Book(_Programme(), world["990101"])
    places = [world["990101"], world["990101001"], world[w.OWN]]

    def count(days: int, **figure) -> list[int]:
        found = figures.SOURCES["care_beds"](book, _Goal(**{"from": "care_beds"} | figure), places, ago(days), None)
        return [found[p.pk].value for p in places]

    assert count(0) == [152, 152, 152]
    assert count(4) == [153, 153, 153]
    assert count(92) == [2, 2, 2]  # before the lot's day nothing stood in a total
    assert count(0, new=True) == [1, 1, 1]
    assert late.facility_id in care_figures.opening_days(TODAY)
    assert figures.SOURCES["care_beds"](figures.Book(_Programme(), world["990201"]), _Goal(), [], TODAY, None) == {}


def test_meal_vehicles_and_points_feed_programmes(world):
    firm_ = site(world[w.OWN], "meal_delivery", "送餐企业", use="meal")
    van = meals.add_vehicle(**SYSTEM, facility=firm_, plate="冀x00001", kind="van", on=ago(20))
    book, places = figures.Book(_Programme(), world["990101"]), [world["990101"], world[w.OWN], world[w.FAR]]

    def count(name: str, days: int = 0) -> dict[int, int]:
        found = figures.SOURCES[name](book, _Goal(kinds=["meal_point"]), places, ago(days), None)
        return {pk: each.value for pk, each in found.items()}

    assert count("meal_vehicles") == {places[0].pk: 1, places[1].pk: 1, places[2].pk: 0}
    assert count("meal_vehicles", 21) == {}
    meals.end_vehicle(**SYSTEM, vehicle=van, on=TODAY)
    assert count("meal_vehicles") == {}
    site(world[w.FAR], "meal_point", "乙点", since=ago(10))
    assert count("meal_points") == {places[0].pk: 1, places[1].pk: 0, places[2].pk: 1}


def test_a_months_beds_are_counted_as_of_that_month(world):
    """Minutes entered today for last month move last month's figure, and today's does not know them."""
    bed = signed_bed(elder(world[w.OWN]), site(world[w.OWN]), ago(100), firm(), minutes=60)
    month = periods.containing("month", TODAY).previous()
    indicator = definitions.named("bed_minutes")
    at = datetime.combine(TODAY, datetime.min.time(), timezone.get_current_timezone())
    assert queries.tally(indicator, world["990101"], month, [], at)[world["990101"].pk] == (0, 1)
    beds.serve(**SYSTEM, bed=bed, on=month.start, service="bath", minutes=60)
    assert queries.tally(indicator, world["990101"], month, [], at)[world["990101"].pk] == (1, 1)

"""Meal rounds: everybody once, warm, within the boxes, from the right kitchen; what does not fit is said; too much is refused."""

from datetime import timedelta

import pytest

from songhe.care.meals import actions as meals
from songhe.core.acting import everywhere
from songhe.insight.planning.budget import Budget
from songhe.insight.rounds import meal_rounds, planners
from songhe.registry.accounts.access import acting_as
from songhe.registry.places.models import Place
from tests import world as w
from tests.care.settings import SYSTEM, TODAY, ago, elder, says_no, site

pytestmark = pytest.mark.django_db
SPOTS = {w.OWN: (113.10, 35.10), w.SISTER: (113.16, 35.10)}


@pytest.fixture
def town(db, settings):
    """Two villages 5 km apart, a canteen in each; six people of the first and three of the second have lunch brought, and one
    of the second is on the first one's list."""
    settings.MFA_REQUIRED_FROM = ""
    made = w.World()
    with everywhere():
        for code, (lon, lat) in SPOTS.items():
            Place.objects.filter(pk=made[code].pk).update(longitude=lon, latitude=lat)
        own, sister = Place.objects.get(code=w.OWN), Place.objects.get(code=w.SISTER)
        made.near, made.far = (
            site(own, "canteen", "柳荫食堂", use="meal"),
            site(sister, "canteen", "东河食堂", use="meal"),
        )
        made.people = []
        for village, canteen, names in (
            (own, made.near, "一二三四五六"),
            (sister, made.far, "七八"),
            (sister, made.near, "九"),
        ):
            for n in names:
                one = elder(village, f"赵{n}")
                meals.enrol_diner(**SYSTEM, facility=canteen, person=one, way="deliver", on=ago(10))
                made.people.append(one)
        made.clerk = w.post("township_worker", made["990101001"], username="town")
        made.outsider = w.post("township_worker", made["990201001"], username="outsider")
    return made


def waiting(town, post=None, on=TODAY):
    post = post or town.clerk
    with acting_as(post):
        return meal_rounds.deliveries(post=post, place=town["990101001"], on=on)


def plan(town, **asked):
    diners = waiting(town)
    terms = meal_rounds.meal_terms().asked(**asked)
    with acting_as(town.clerk):
        return diners, meal_rounds.day_rounds(diners=diners, on=TODAY, terms=terms, budget=Budget(steps=20_000))


def test_everybody_is_brought_a_meal_once_from_the_own_kitchen(town):
    diners, found = plan(town)
    brought = [stop.diner.pk for r in found.rounds for stop in r.stops]
    assert len(diners) == 9
    assert sorted(brought) == sorted(d.pk for d in diners)
    assert found.left == []
    assert all(stop.diner.facility_id == r.kitchen.pk for r in found.rounds for stop in r.stops)
    assert all(stop.after <= meal_rounds.meal_terms().warm for r in found.rounds for stop in r.stops)
    assert found.way <= found.plain_way


def test_boxes_and_couriers_bind_and_what_is_left_is_said(town):
    _, found = plan(town, boxes=2, couriers=2)
    assert all(len(r.stops) <= 2 for r in found.rounds)
    assert len(found.left) == 9 - 4 - 2
    assert all(reason.zh and reason.en for _, reason in found.left)


def test_the_nearest_kitchen_may_bring_it(town):
    _, own = plan(town)
    _, shared = plan(town, shared=True)
    ninth = town.people[-1].pk
    assert next(r.kitchen for r in shared.rounds for s in r.stops if s.diner.person_id == ninth).pk == town.far.pk
    assert shared.way < own.way


def test_what_would_be_cold_is_left_with_its_reason(town):
    """The other village is a quarter of an hour away: with ten minutes its guest of this kitchen gets nothing hot."""
    _, found = plan(town, warm=10.0, couriers=6)
    assert [d.person_id for d, _ in found.left] == [town.people[-1].pk]
    assert found.plain_late > 0


def test_only_deliveries_of_the_day_inside_the_area_count(town):
    with everywhere():
        meals.end_diner(**SYSTEM, diner=town.people[0].dining.get(), on=TODAY)
    assert len(waiting(town)) == 8
    assert len(waiting(town, on=TODAY - timedelta(days=11))) == 0
    assert waiting(town, town.outsider) == []


def test_too_many_at_once_and_a_kitchen_nowhere_are_refused(town, monkeypatch):
    monkeypatch.setattr(meal_rounds, "MOST", 3)
    with says_no("too_many_deliveries"):
        plan(town)
    monkeypatch.setattr(meal_rounds, "MOST", 1_500)
    diners = waiting(town)
    for d in diners:
        d.facility.village, d.facility.place = None, town["990101"]
    with says_no("kitchen_nowhere"), acting_as(town.clerk):
        meal_rounds.day_rounds(diners=diners, on=TODAY, terms=meal_rounds.meal_terms(), budget=Budget(steps=100))


def test_without_the_planning_libraries_it_is_refused_in_words(town, monkeypatch):
    """The page is there on a machine that does not plan; only planning says what is missing."""

    def missing(name):
        raise ImportError(name)

    planners.planner.cache_clear()
    monkeypatch.setattr(planners, "import_module", missing)
    with says_no("no_planner"):
        plan(town)

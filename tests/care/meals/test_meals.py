"""A meal is counted once over all points, shares add up, late and wrong ones are told why."""

import uuid
from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from songhe.care.meals import actions, definitions, queries, rules
from songhe.care.meals.models import Meal
from songhe.care.services.actions import workforce
from songhe.core.acting import acting
from songhe.registry.accounts.access import Denied
from songhe.registry.facilities import actions as sites
from songhe.registry.people.models import Person
from songhe.registry.people.queries import files_of, kept_files
from tests import world as w
from tests.care.settings import SYSTEM, TODAY, ago, elder, firm, meal, noon, says_no, site

pytestmark = pytest.mark.django_db


@pytest.fixture
def canteen(world):
    return site(world[w.OWN], "canteen", "甲老年食堂", use="meal")


@pytest.fixture
def other(world):
    return site(world[w.FAR], "meal_point", "乙助餐点", use="meal")


@pytest.fixture
def person(world):
    return elder(world[w.OWN])


def one(facility, row, **more):
    return actions.count(**SYSTEM | more, facility=facility, rows=[row])[0]


def test_a_meal_is_split_among_four_by_the_tier_of_the_day(canteen, person):
    answer = one(canteen, meal(person))
    row = answer.meal
    assert answer.result == "new"
    assert (row.tier, row.price, row.government, row.person_pays, row.society, row.volunteer) == (
        "poor",
        1200,
        600,
        360,
        120,
        120,
    )
    used = queries.use(canteen, TODAY, TODAY)
    assert (used.days_open, used.meals, used.persons, used.paid["person"]) == (1, 1, 1, 360)


def test_the_same_number_makes_one_row(canteen, person):
    row = meal(person)
    assert [one(canteen, row).result, one(canteen, row).result] == ["new", "same"]
    assert one(canteen, row | {"meal": "dinner"}).result == "clash"
    assert Meal.objects.count() == 1


def test_the_same_meal_at_a_second_point_is_marked_and_not_paid_for(canteen, other, person):
    row = meal(person)
    assert one(canteen, meal(person)).stands
    answer = one(other, row)
    assert answer.result == "duplicate"
    assert "甲老年食堂" in answer.problem.zh
    assert (answer.meal.state, answer.meal.government, answer.meal.person_pays) == ("duplicate", 0, 1200)
    assert one(other, row).result == "duplicate"  # sent again
    assert one(other, meal(person, meal="dinner")).result == "new"  # another meal of the same day
    assert queries.total(post=None, place=person.county, first=TODAY, last=TODAY) | {} == {
        "meals": 2, "persons": 1, "points": 2, "days": 1, "government": 600 + 500, "person": 360 + 300, "society": 220, "volunteer": 220,
        "duplicates": 1,
    }  # fmt: skip
    with pytest.raises(IntegrityError, match="one_meal_once"), transaction.atomic():
        Meal.objects.create(**_copy(Meal.objects.filter(state="counted").first()))


def test_two_files_of_one_person_are_one_diner(canteen, world):
    """Merged and merged again, as often as it comes: as many meals, one person; taken apart again, as many as there are files."""
    files = [elder(world[w.OWN]) for _ in range(5)]
    for person in files:
        one(canteen, meal(person))
    for out, into in pairwise(files):
        Person.objects.filter(pk=out.pk).update(merged_into=into)
    span = {"first": TODAY - timedelta(days=3), "last": TODAY}
    assert queries.total(post=None, place=files[0].county, **span)["persons"] == 1
    assert (queries.use(canteen, *span.values()).persons, queries.use(canteen, *span.values()).meals) == (1, 5)
    assert set(files_of(files[-1])) == {person.pk for person in files}
    assert kept_files([files[0].pk, files[3].pk, files[4].pk]) == {files[0].pk: files[4].pk, files[3].pk: files[4].pk}
    assert (
        one(canteen, meal(files[0])).result == "duplicate"
    )  # a till that still shows the oldest file: the person ate already
    Person.objects.filter(pk=files[1].pk).update(merged_into=None)
    assert queries.use(canteen, *span.values()).persons == 2


def _copy(row):
    fields = {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields if f.attname != "id"}
    return fields | {"client_uuid": uuid.uuid4()}


def test_a_second_point_elsewhere_says_no_more_than_it_may(canteen, other, person, world):
    one(canteen, meal(person))
    post = w.post("township_worker", world["990101002"])
    with acting(post.areas(), user_id=post.user_id):
        answer = one(other, meal(person), by=post.user, post=post)
    assert answer.result == "refused"  # the person lives outside this post's area
    assert answer.problem.code == "diner_unknown"


def test_a_card_finds_its_person(canteen, person):
    actions.enrol_diner(**SYSTEM, person=person, facility=canteen, on=ago(10), card="C-77")
    row = meal(person) | {"card": "C-77"}
    row.pop("person")
    assert one(canteen, row).meal.person_id == person.pk
    assert one(canteen, row | {"uuid": uuid.uuid4(), "card": "C-78"}).problem.code == "diner_unknown"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"at": timezone.now() + timedelta(hours=1)}, "meal_future"),
        ({"at": noon(ago(4))}, "meal_too_late"),
        ({"meal": "supper"}, "meal_unknown"),
        ({"way": "by air"}, "meal_unknown"),
    ],
)
def test_what_cannot_be_counted_is_told_why(canteen, person, change, code):
    answer = one(canteen, meal(person) | change)
    assert (answer.result, answer.problem.code) == ("refused", code)
    assert not Meal.objects.exists()


def test_the_young_the_gone_and_a_closed_point(canteen, person, world):
    young = elder(world[w.OWN], "孙虚构", born=ago(59 * 365))
    assert one(canteen, meal(young)).problem.code == "diner_too_young"
    gone = elder(world[w.OWN], "李虚构", status="deceased", status_from=ago(2))
    assert one(canteen, meal(gone)).problem.code == "diner_gone"
    sites.move(**SYSTEM, facility=canteen, status="closed", on=TODAY, reason="停业")
    assert one(canteen, meal(person)).problem.code == "point_closed"


def test_a_voided_meal_frees_the_day(canteen, other, person):
    row = one(canteen, meal(person)).meal
    with says_no("reason_missing"):
        actions.void(**SYSTEM, meal=row, reason=" ")
    actions.void(**SYSTEM, meal=row, reason="点错人")
    assert one(other, meal(person)).result == "new"
    with pytest.raises(Exception, match="只能写明理由作废"), transaction.atomic():
        Meal.objects.filter(pk=row.pk).update(price=1)


def test_rights_and_areas(canteen, person, world):
    helper = w.post("helper", world[w.OWN])
    with acting(helper.areas(), user_id=helper.user_id), pytest.raises(Denied):
        one(canteen, meal(person), by=helper.user, post=helper)
    far = w.post("township_worker", world["990102001"])
    with acting(far.areas(), user_id=far.user_id), says_no("no_such_point"):
        one(canteen, meal(person), by=far.user, post=far)
    assert not Meal.objects.exists()


def test_points_with_their_alerts(canteen, person):
    (found,) = queries.points(post=None, place=person.county, on=TODAY)
    assert {code for code, _day in found.alerts} == {"never", "no_food"}
    sites.license_(**SYSTEM, facility=canteen, kind="food", number="SP1", valid_from=ago(100), valid_to=ago(-20))
    one(canteen, meal(person))
    (found,) = queries.points(post=None, place=person.county, on=TODAY)
    assert found.alerts == [("food_ends", ago(-20))]
    (found,) = queries.points(post=None, place=person.county, on=ago(-21), alert="food_expired")
    assert ("silent", TODAY) in found.alerts
    assert (found.use.meals, found.last) == (1 if ago(-21).month == TODAY.month else 0, TODAY)


def test_books_diners_ranges_and_vehicles(canteen, person, world):
    last_month = TODAY.replace(day=1) - timedelta(days=1)
    with says_no("in_the_future"):
        actions.keep_book(**SYSTEM, facility=canteen, month=TODAY, costs=100, evidence="凭证")
    actions.keep_book(**SYSTEM, facility=canteen, month=last_month, costs=10000, other=2000, evidence="凭证 1")
    assert queries.book(canteen, last_month.replace(day=1))[1] == -8000
    actions.keep_book(**SYSTEM, facility=canteen, month=last_month, costs=1500, other=2000, evidence="凭证 2")
    assert queries.book(canteen, last_month.replace(day=1))[1] == 500
    diner = actions.enrol_diner(**SYSTEM, person=person, facility=canteen, on=ago(5), way="deliver")
    with says_no("one_point_at_a_time"), transaction.atomic():
        actions.enrol_diner(**SYSTEM, person=person, facility=canteen, on=TODAY)
    assert list(queries.deliveries(post=None, facility=canteen, on=TODAY)) == [diner]
    actions.end_diner(**SYSTEM, diner=diner, on=TODAY)
    assert not queries.diners(post=None, facility=canteen, on=TODAY)
    row = actions.serve_village(**SYSTEM, facility=canteen, village=world[w.SISTER], on=ago(5))
    assert [s.village_id for s in queries.serves(canteen, TODAY)] == [world[w.SISTER].pk]
    actions.end_service(**SYSTEM, service=row, on=TODAY)
    assert not queries.serves(canteen, TODAY)
    with says_no("not_a_firm"):
        actions.add_vehicle(**SYSTEM, facility=canteen, plate="冀X00001", kind="van", on=TODAY)


def test_shares_add_up_to_the_price_whatever_it_is():
    for scheme in definitions.schemes():
        for tier in scheme.tiers:
            for price in (0, 1, 7, 99, 999, 1234):
                assert sum(rules.split(price, tier.shares).values()) == price


def test_the_first_tier_that_fits_holds():
    tiers = definitions.scheme("990101", TODAY).tiers
    named = lambda age, *held: getattr(rules.tier_of(tiers, age=age, circumstances=frozenset(held)), "name", None)  # noqa: E731
    assert named(70, "destitute", "care_dependent") == "destitute"
    assert [named(85), named(60), named(59), named(59, "destitute")] == ["aged_80", "aged_60", None, None]


def test_an_operator_counts_at_the_points_it_runs_and_sees_their_diners(canteen, other, person, world):
    actions.enrol_diner(**SYSTEM, person=person, facility=canteen, on=ago(10), card="C-79")
    mine, manager = firm(8), w.post("operator", world["990101"])
    provider = workforce.enrol_provider(
        **SYSTEM, organisation=mine, kinds=["meal"], areas=[world["990101"]], daily_capacity=9, valid_from=ago(30)
    )
    workforce.seat(**SYSTEM, provider=provider, user=manager.user, valid_from=ago(30))
    who = {"by": manager.user, "post": manager}
    with acting(manager.areas(), user_id=manager.user_id), says_no("no_such_point"):
        one(canteen, meal(person), **who)
    sites.choose_operator(
        **SYSTEM, facility=canteen, organisation=mine, selection="tender", contract="1", contract_on=ago(30), valid_from=ago(20)
    )  # fmt: skip
    with acting(manager.areas(), user_id=manager.user_id):
        assert one(canteen, meal(person), **who).result == "new"
        assert [d.person_id for d in queries.diners(post=manager, facility=canteen, on=TODAY)] == [person.pk]
        with says_no("no_such_point"):
            one(other, meal(person), **who)

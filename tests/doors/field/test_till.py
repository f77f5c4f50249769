"""The till on the telephone: one's own points and one point's diners; meals kept once, a second one kept and said, a wrong one returned."""

import json
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from songhe.care.meals import actions
from songhe.care.meals.models import Meal
from songhe.core.acting import acting, everywhere
from songhe.core.models import AuditEvent
from tests import world as w
from tests.care.settings import SYSTEM, ago, elder, meal, site

pytestmark = pytest.mark.django_db


class Street:
    """Two points of a township; `old` eats at the first, with a card; `far` lives in another county."""

    def __init__(self):
        self.world = w.World()
        with everywhere():
            self.first = site(self.world[w.OWN], "canteen", "甲老年食堂", use="meal")
            self.second = site(self.world[w.SISTER], "meal_point", "乙助餐点", use="meal")
            self.closed = site(self.world[w.OWN], "canteen", "丙老年食堂", use="meal")
            from songhe.registry.facilities import actions as sites

            sites.move(**SYSTEM, facility=self.closed, status="closed", on=ago(2), reason="ended")
            self.old, self.guest = elder(self.world[w.OWN]), elder(self.world[w.OWN], "钱虚构")
            self.far = elder(self.world[w.NEXT_COUNTY], "孙虚构")
            actions.enrol_diner(**SYSTEM, person=self.old, facility=self.first, on=ago(9), card="K1")
            self.town = w.post("township_worker", self.world["990101001"])
            self.helper = w.post("helper", self.world[w.OWN])
            self.stranger = w.post("township_worker", self.world["990102001"])

    def row(self, **more) -> dict:
        at = (timezone.now() - timedelta(minutes=1)).isoformat()
        return {"point": str(self.first.uid), "meal": "lunch", "occurred_at": at, "client_at": at} | more


@pytest.fixture
def street(db, settings):
    settings.MFA_REQUIRED_FROM = ""
    return Street()


def listed(post, till="") -> dict:
    client = Client()
    client.force_login(post.user)
    return client.get("/field/list/", {"till": till} if till else {}).json()


def sent(post, *bodies, numbers=()) -> list[tuple[str, str]]:
    client = Client()
    client.force_login(post.user)
    numbers = numbers or [uuid.uuid4() for _body in bodies]
    rows = [
        {"uuid": str(n), "kind": "meal", "post": post.pk, "body": body} for n, body in zip(numbers, bodies, strict=True)
    ]
    answer = client.post(
        "/field/sync/", json.dumps({"owner": post.user_id, "rows": rows}), content_type="application/json"
    )
    told = answer.json()["rows"]
    assert [row["uuid"] for row in told] == [str(n) for n in numbers]
    return [(row["result"], row["code"]) for row in told]


def test_the_list_names_points_and_takes_one_points_diners(street):
    told = listed(street.town)
    assert ([point["name"] for point in told["points"]], told["till"]) == (["乙助餐点", "甲老年食堂"], None)
    till = listed(street.town, str(street.first.uid))["till"]
    assert [(d["person"], d["name"], d["card"]) for d in till["diners"]] == [(street.old.pk, "赵虚构", "K1")]
    assert (till["counted"], set(till["until"])) == ([], {"breakfast", "lunch"})
    with everywhere():
        actions.count(**SYSTEM, facility=street.second, rows=[meal(street.old)])
    ((person, eaten, _at, elsewhere),) = listed(street.town, str(street.first.uid))["till"]["counted"]
    assert (person, eaten, elsewhere) == (street.old.pk, "lunch", "乙助餐点")
    with acting([0], sees_audit="yes"):
        assert AuditEvent.objects.filter(verb="meals.till").count() == 2


def test_nobody_takes_along_what_is_not_theirs(street):
    for post in (street.helper, street.stranger):
        told = listed(post, str(street.first.uid))
        assert (told["points"], told["till"]) == ([], None)
    for wrong in ("x", str(uuid.uuid4()), "' OR 1=1"):
        assert listed(street.town, wrong)["till"] is None
    assert sent(street.stranger, street.row(person=street.old.pk)) == [("returned", "no_such_point")]
    assert sent(street.helper, street.row(person=street.old.pk)) == [("held", "denied")]
    assert sent(street.town, street.row(person=street.far.pk)) == [("returned", "diner_unknown")]
    with everywhere():
        assert not Meal.objects.exists()


def test_meals_are_kept_once_and_a_second_one_is_said(street):
    bodies = street.row(person=street.old.pk), street.row(card="K1", meal="dinner"), street.row(person=street.guest.pk)
    numbers = [uuid.uuid4() for _body in bodies]
    for _again in range(2):
        assert sent(street.town, *bodies, numbers=numbers) == [("kept", "")] * 3
    again = street.row(person=street.old.pk, point=str(street.second.uid))
    for _again in range(2):
        assert sent(street.town, again, numbers=[uuid.UUID(int=7)]) == [("kept", "meal_twice")]
    with everywhere():
        assert sorted(Meal.objects.values_list("state", "channel", "way")) == [
            ("counted", "phone", "dine_in"),
            ("counted", "phone", "dine_in"),
            ("counted", "phone", "dine_in"),
            ("duplicate", "phone", "dine_in"),
        ]


def test_what_cannot_be_comes_back_alone(street):
    wrong = [
        street.row(),
        street.row(person=True),
        street.row(person=2**70),
        street.row(person=street.old.pk, point="x"),
        street.row(person=street.old.pk, point=str(uuid.uuid4())),
        street.row(person=street.old.pk, occurred_at="noon"),
        street.row(person=street.old.pk, meal="supper"),
        street.row(card="K9"),
        street.row(person=street.old.pk, occurred_at=(timezone.now() + timedelta(hours=1)).isoformat()),
        street.row(person=street.old.pk, occurred_at=(timezone.now() - timedelta(days=400)).isoformat()),
        street.row(person=street.old.pk, point=str(street.closed.uid)),
    ]
    answers = sent(street.town, *wrong, street.row(person=street.old.pk))
    assert [code for _result, code in answers] == [
        *["unreadable"] * 4, "no_such_point", "unreadable", "meal_unknown", "diner_unknown", "meal_future", "meal_too_late",
        "point_closed", "",
    ]  # fmt: skip
    assert {result for result, _code in answers[:-1]} == {"returned"}
    with everywhere():
        assert Meal.objects.count() == 1

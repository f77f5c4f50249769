"""Starts and finishes of paid orders from a telephone: one's own orders on the list, kept once, returned with a reason."""

import base64
import json
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from songhe.care.evidence import phone as delivery
from songhe.care.evidence.models import Proof, Stamp
from songhe.care.services import actions as services
from songhe.care.services.models import Order
from songhe.core.acting import acting, everywhere
from songhe.core.models import AuditEvent
from songhe.registry.accounts import access
from songhe.registry.people import sealing
from songhe.registry.people.models import Person
from songhe.registry.people.service_code import code_of
from tests.care.evidence.served import HERE, STROKES, Served, picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def served(settings):
    settings.MFA_REQUIRED_FROM = ""
    with everywhere():
        made = Served()
        now = timezone.now()
        midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
        begin = max(now - timedelta(minutes=10), midnight)
        made.today = made.ask(item="cleaning", when=begin, now=now - timedelta(hours=2))
        act = {"by": None, "post": None, "order": made.today}
        services.dispatch(**act, provider=made.providers[0], workers=made.team[0][:1], starts_at=now)
        services.accept(**act)
        Person.objects.filter(pk=made.today.person_id).update(
            address_sealed=sealing.seal("address", "虚构村 9 号"), phone_sealed=sealing.seal("phone", "0312-2551234")
        )
    return made


def client(post) -> Client:
    made = Client()
    made.force_login(post.user)
    return made


def sent(post, *bodies, numbers=()):
    numbers = numbers or [uuid.uuid4() for _body in bodies]
    rows = [
        {"uuid": str(number), "kind": "delivery", "post": post.pk, "body": body}
        for number, body in zip(numbers, bodies, strict=True)
    ]
    answer = client(post).post(
        "/field/sync/", json.dumps({"owner": post.user_id, "rows": rows}), content_type="application/json"
    )
    return [(row["result"], row["code"]) for row in answer.json()["rows"]]


def step(order, kind, ago, **more):
    at = (timezone.now() - timedelta(minutes=ago)).isoformat()
    return {"order": order.pk, "step": kind, "occurred_at": at, "position": HERE, "device": "d", "client_at": at} | more


def orders_on(post) -> list[dict]:
    return client(post).get("/field/list/").json()["orders"]


def test_the_list_holds_ones_own_orders_with_the_way_there(served):
    carer, other = (served.carer_posts[worker.pk] for worker in served.team[0][:2])
    (one,) = orders_on(carer)
    assert (one["id"], one["name"], one["stamps"], one["beside"]) == (served.today.pk, served.today.person.name, [], [])
    assert (one["address"], one["phone"]) == ("虚构村 9 号", "0312-2551234")
    assert orders_on(other) == []
    with acting([0], sees_audit="yes"):
        (read,) = AuditEvent.objects.filter(verb="people.unmask")
    assert (read.user_id, read.detail["people"]) == (carer.user_id, [served.today.person_id])


def test_the_way_is_gone_when_the_order_leaves_their_hands(served):
    carer = served.carer_posts[served.team[0][0].pk]
    with everywhere():
        services.send_back(by=None, post=None, order=served.today, reason="carer_ill")
    assert orders_on(carer) == []
    with acting([0], sees_audit="yes"):
        assert not AuditEvent.objects.filter(verb="people.unmask").exists()


def test_the_way_is_told_for_today_and_two_days_and_two_carers_know_each_other(served):
    carer, other = (served.carer_posts[worker.pk] for worker in served.team[0][:2])
    now = timezone.now()
    with everywhere():
        made = []
        for days, item, hands in ((2, "bath-home", 2), (3, "cleaning", 1)):
            order = served.ask(item=item, when=now + timedelta(days=days), funding="self")
            services.dispatch(
                by=None, post=None, order=order, provider=served.providers[0], workers=served.team[0][:hands]
            )
            made.append(order)
        assert "address" not in str(orders_on(other))  # given to them, but the provider has not taken it on
        for order in made:
            services.accept(by=None, post=None, order=order)
    seen = {one["id"]: one for one in orders_on(carer)}
    assert set(seen) == {served.today.pk, made[0].pk}
    assert seen[made[0].pk]["beside"] == [served.team[0][1].name]
    (theirs,) = orders_on(other)
    assert (theirs["beside"], theirs["address"]) == ([served.team[0][0].name], "虚构村 9 号")
    with everywhere():
        served.today.refresh_from_db()
    tomorrow = timezone.localdate() + timedelta(days=1)
    with access.acting_as(carer):
        yesterdays = {each.order.pk: each for each in delivery.going(post=carer, user=carer.user, on=tomorrow)}
    assert (yesterdays[served.today.pk].address, yesterdays[served.today.pk].phone) == ("", "")
    assert yesterdays[made[0].pk].address


def test_a_wrong_code_is_kept_and_said(served):
    carer = served.carer_posts[served.team[0][0].pk]
    with everywhere():
        right = code_of(served.today.person)
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    bodies = step(served.today, "start", 9), step(served.today, "finish", 1, code=wrong)
    numbers = [uuid.uuid4(), uuid.uuid4()]
    for _again in range(2):
        assert sent(carer, *bodies, numbers=numbers) == [("kept", ""), ("kept", "code_no")]
    with everywhere():
        assert Order.objects.get(pk=served.today.pk).state == "done"
        assert list(Proof.objects.values_list("kind", flat=True)) == ["code_no"]


def test_a_start_and_a_finish_are_kept_once(served):
    carer = served.carer_posts[served.team[0][0].pk]
    photo = base64.b64encode(picture(3)).decode()
    bodies = step(served.today, "start", 9), step(served.today, "finish", 1, signature=STROKES, photos=[photo], code="")
    numbers = [uuid.uuid4(), uuid.uuid4()]
    for _again in range(2):
        assert sent(carer, *bodies, numbers=numbers) == [("kept", "")] * 2
    with everywhere():
        assert Order.objects.get(pk=served.today.pk).state == "done"
        assert Stamp.objects.count() == 2
        assert sorted(Proof.objects.values_list("kind", flat=True)) == ["photo", "signature"]
    assert client(carer).get("/field/list/").json()["orders"] == []


def test_what_cannot_be_comes_back_alone_and_nothing_of_it_stays(served):
    carer, other = (served.carer_posts[worker.pk] for worker in served.team[0][:2])
    wrong = [
        step(served.today, "finish", 1), step(served.today, "start", -60), {"order": served.today.pk},
        step(served.today, "start", 1, photos=["no base64 %%"]), step(served.today, "pause", 1),
    ]  # fmt: skip
    codes = [code for result, code in sent(carer, *wrong) if result == "returned"]
    assert codes == ["stamp_in_order", "at_ahead", "unreadable", "unreadable", "kind"]
    assert sent(other, step(served.today, "start", 1)) == [("returned", "no_such_order")]
    assert sent(served.clerk, step(served.today, "start", 1)) == [("held", "denied")]
    with everywhere():
        assert Stamp.objects.count() == 0
        assert Order.objects.get(pk=served.today.pk).state == "accepted"

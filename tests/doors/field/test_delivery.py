"""Starts and finishes of paid orders from a telephone: one's own orders on the list, kept once, returned with a reason."""

import base64
import json
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from songhe.care.evidence.models import Proof, Stamp
from songhe.care.services import actions as services
from songhe.care.services.models import Order
from songhe.core.acting import everywhere
from tests.care.evidence.served import HERE, STROKES, Served, picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def served(settings):
    settings.MFA_REQUIRED_FROM = ""
    with everywhere():
        made = Served()
        now = timezone.now()
        made.today = made.ask(item="cleaning", when=now - timedelta(minutes=10), now=now - timedelta(hours=2))
        act = {"by": None, "post": None, "order": made.today}
        services.dispatch(**act, provider=made.providers[0], workers=made.team[0][:1], starts_at=now)
        services.accept(**act)
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


def test_the_list_holds_ones_own_orders_and_no_address(served):
    carer, other = (served.carer_posts[worker.pk] for worker in served.team[0][:2])
    orders = client(carer).get("/field/list/").json()["orders"]
    assert [(o["id"], o["name"], o["stamps"]) for o in orders] == [(served.today.pk, served.today.person.name, [])]
    assert not {"phone", "address"} & set(orders[0])
    assert client(other).get("/field/list/").json()["orders"] == []


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

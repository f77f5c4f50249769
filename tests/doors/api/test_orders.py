"""Service orders over the API: asked for once however often it is sent, listed and shown inside the area only."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from songhe.care.services.models import Order
from songhe.core.acting import everywhere
from tests.care.services.street import Street
from tests.doors.api.conftest import Caller

KEY = {"Idempotency_Key": "one-call"}


@pytest.fixture
def street(db):
    with everywhere():
        return Street()


def test_a_request_is_one_order_however_often_it_is_sent(street):
    call = Caller(street.dispatcher)
    body = {
        "person": street.people[0].pk, "item": "cleaning",
        "wanted_from": (timezone.now() + timedelta(hours=3)).isoformat(),
    }  # fmt: skip
    status, made = call.post("/orders", body, **KEY)
    assert status == 201, made
    assert (made["state"], made["funding"], made["government_pays"]) == ("waiting", "entitled", 32.0)
    assert call.post("/orders", body, **KEY) == (201, made)
    with everywhere():
        assert Order.objects.count() == 1
        street.send(Order.objects.get())
    status, listed = call.get("/orders", place=street.place.code, state="dispatched")
    assert (status, [row["id"] for row in listed["rows"]]) == (200, [made["id"]])
    status, shown = call.get(f"/orders/{made['id']}")
    assert [step["to_state"] for step in shown["steps"]] == ["waiting", "dispatched"]
    assert shown["carers"] == [street.team[0][0].name]
    again = body | {"quantity": 3}
    status, refused = call.post("/orders", again, Idempotency_Key="another-call")
    assert (status, refused["code"]) == (422, "quota_exceeded")
    assert "第五条" in refused["zh"]
    assert call.get("/orders", place=street.place.code, state="nonsense")[0] == 422


def test_outside_the_area_there_is_no_order(street):
    with everywhere():
        order = street.ask()
        outside = street.post("dispatcher", street.towns[1])
    call = Caller(outside)
    assert call.get(f"/orders/{order.pk}")[0] == 404
    assert call.get("/orders", place=street.towns[1].code)[1]["rows"] == []
    body = {"person": street.people[0].pk, "item": "cleaning", "wanted_from": timezone.now().isoformat()}
    assert call.post("/orders", body, **KEY)[0] == 404
    idle = Caller(street.helpers[0])
    assert idle.get(f"/orders/{order.pk}")[0] == 403


def test_the_command_line_lists_and_shows(street, monkeypatch, capsys):
    from songhe.doors.cli import orders

    with everywhere():
        order = street.ask()
        street.send(order)
    monkeypatch.setattr(orders, "django_ready", lambda: None)
    orders.list_(place=street.place.code, state="dispatched", day="", late=False, limit=5, as_json=True)
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["id"], row["carers"], row["item"]) == (order.pk, 1, "cleaning")
    assert street.people[0].name not in str(row)
    orders.show(order.pk, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert [step["to"] for step in told["steps"]] == ["waiting", "dispatched"]
    orders.show(order.pk, as_json=False)
    assert "waiting → dispatched" in capsys.readouterr().out

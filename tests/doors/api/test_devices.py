"""The intake of devices: signed, fresh, counted, safe to send again."""

import json
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from songhe.care.agreements import actions
from songhe.care.agreements.models import Alarm
from songhe.core.acting import everywhere
from songhe.doors.api import limits
from tests import world as w
from tests.care.settings import SYSTEM, ago, elder

pytestmark = pytest.mark.django_db


@pytest.fixture
def gate(world, client):
    """A gateway of the own township with a button in the own village: `gate(rows)` → (status, JSON)."""
    with everywhere():
        gateway, secret = actions.admit(
            **SYSTEM, code="maker-1", name="某品牌平台", speaks_for=w.post("township_worker", world["990101001"])
        )
        actions.install(**SYSTEM, kind="button", serial="BTN-1", on=ago(3), person=elder(world[w.OWN]))
        actions.install(**SYSTEM, kind="door", serial="FAR-1", on=ago(3), person=elder(world[w.NEXT_COUNTY], "钱虚构"))

    def send(rows, *, off=0, key=secret, code="maker-1", body=None):
        body = body if body is not None else json.dumps({"signals": rows}).encode()
        at = str(int((timezone.now() - timedelta(seconds=off)).timestamp()))
        headers = {
            "X-Songhe-Gateway": code,
            "X-Songhe-Time": at,
            "X-Songhe-Signature": actions.signature(key, at, body),
        }
        answer = client.post("/api/devices/signals", body, content_type="application/json", headers=headers)
        return answer.status_code, json.loads(answer.content)

    send.gateway = gateway
    return send


def alarm(serial="BTN-1", **more) -> dict:
    return {"uuid": str(uuid.uuid4()), "serial": serial, "kind": "alarm", "at": timezone.now().isoformat()} | more


def _alarms() -> int:
    with everywhere():
        return Alarm.objects.count()


def test_an_alarm_sent_twice_is_one(gate):
    row = alarm()
    status, first = gate([row])
    assert status == 200, first
    assert first["rows"][0]["result"] == "new"
    assert gate([row])[1]["rows"][0] == first["rows"][0] | {"result": "same"}
    assert gate([row], off=200)[0] == 200  # a slow network
    assert _alarms() == 1


@pytest.mark.parametrize("wrong", [{"off": 301}, {"off": -301}, {"key": "guessed"}, {"code": "maker-2"}])
def test_old_unsigned_and_unknown_messages_are_refused(gate, wrong):
    status, said = gate([alarm()], **wrong)
    assert (status, _alarms()) == (401, 0)
    assert said["zh"]


def test_another_body_under_the_same_signature_is_refused(gate, client):
    body, at = json.dumps({"signals": [alarm()]}).encode(), str(int(timezone.now().timestamp()))
    headers = {"X-Songhe-Gateway": "maker-1", "X-Songhe-Time": at, "X-Songhe-Signature": "0" * 64}
    assert (
        client.post("/api/devices/signals", body, content_type="application/json", headers=headers).status_code == 401
    )
    assert client.post("/api/devices/signals", body, content_type="application/json").status_code == 401


def test_devices_of_another_area_are_unknown_and_bad_rows_are_told(gate):
    assert gate([alarm("FAR-1")])[1]["rows"][0]["result"] == "unknown"
    assert gate([alarm(kind="shout")])[0] == 422
    assert gate([alarm(at="2026-01-01T00:00:00")])[0] == 422  # without a time zone
    assert gate([], body=b"{")[0] == 400
    assert gate([])[0] == 422


def test_a_revoked_gateway_and_an_ended_post_are_silent(gate):
    with everywhere():
        actions.revoke(**SYSTEM, gateway=gate.gateway)
    assert gate([alarm()])[0] == 401


def test_too_many_messages_wait(gate, monkeypatch):
    monkeypatch.setattr(limits, "count", lambda caller, most, wanted=1: 0)
    status, said = gate([alarm()])
    assert (status, said["code"]) == (429, "too_many_calls")
    assert _alarms() == 0

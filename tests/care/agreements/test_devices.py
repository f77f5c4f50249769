"""Signals: an alarm makes one row however often it is sent, repeats belong to the first, silence is dormancy."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from songhe.care.agreements import actions, queries
from songhe.care.agreements.actions import Signal
from songhe.care.agreements.models import Alarm, Device
from songhe.core.acting import acting
from songhe.registry.accounts.access import Denied
from tests import world as w
from tests.care.settings import SYSTEM, TODAY, ago, elder, says_no

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def button(world):
    return actions.install(**SYSTEM, kind="button", serial="BTN-1", on=ago(30), person=elder(world[w.OWN]))


def signal(kind="alarm", minutes=1, serial="BTN-1", **more) -> Signal:
    return Signal(
        **{"uuid": uuid.uuid4(), "serial": serial, "kind": kind, "at": NOW - timedelta(minutes=minutes)} | more
    )


def test_an_alarm_is_one_row_and_its_repeats_belong_to_it(button):
    first, repeat, later = signal(minutes=20), signal(minutes=15), signal(minutes=1)
    answers = actions.receive(**SYSTEM, rows=[first, repeat, later], now=NOW)
    assert [answer.result for answer in answers] == ["new"] * 3
    again = actions.receive(**SYSTEM, rows=[first, repeat], now=NOW)
    assert [(a.result, a.alarm) for a in again] == [("same", answers[0].alarm), ("same", answers[1].alarm)]
    assert Alarm.objects.count() == 3
    rows = {row.pk: row for row in Alarm.objects.all()}
    assert rows[answers[1].alarm].first_id == answers[0].alarm  # within the minutes of the terms
    assert rows[answers[2].alarm].first_id is None
    assert rows[answers[0].alarm].answer_by == NOW + timedelta(minutes=15)
    assert list(queries.alarms(post=None, place=button.village, since=NOW - timedelta(hours=1))) == [rows[answers[2].alarm], rows[answers[0].alarm]]  # fmt: skip


def test_the_last_signal_only_moves_forward_and_never_past_now(button):
    actions.receive(**SYSTEM, rows=[signal("heartbeat", 5, battery=80)], now=NOW)
    actions.receive(**SYSTEM, rows=[signal("heartbeat", 50, battery=10)], now=NOW)
    button.refresh_from_db()
    assert (button.last_signal, button.battery) == (NOW - timedelta(minutes=5), 80)
    actions.receive(**SYSTEM, rows=[signal("event", -600)], now=NOW)
    button.refresh_from_db()
    assert button.last_signal == NOW


def test_an_unknown_device_is_said_and_stops_no_other(button):
    answers = actions.receive(**SYSTEM, rows=[signal(serial="nobody"), signal("heartbeat")], now=NOW)
    assert [answer.result for answer in answers] == ["unknown", "new"]


def test_signals_of_another_area_are_unknown(button, world):
    far = w.post("township_worker", world["990102001"])
    with acting(far.areas(), user_id=far.user_id):
        answers = actions.receive(by=far.user, post=far, rows=[signal()], now=NOW)
        assert [answer.result for answer in answers] == ["unknown"]
    helper = w.post("helper", world[w.OWN])
    with acting(helper.areas(), user_id=helper.user_id), pytest.raises(Denied):
        actions.receive(by=helper.user, post=helper, rows=[signal()], now=NOW)
    assert not Alarm.objects.exists()


def test_silent_devices_are_dormant_until_they_speak(button, world):
    place = world["990101"]
    assert [d.serial for d in queries.dormant(post=None, place=place, now=NOW)] == ["BTN-1"]  # never spoke
    actions.receive(**SYSTEM, rows=[signal("heartbeat")], now=NOW)
    assert queries.dormant(post=None, place=place, now=NOW) == []
    assert queries.dormant(post=None, place=place, now=NOW + timedelta(hours=169)) == [button]
    actions.take_down(**SYSTEM, device=button, on=TODAY, why="老人搬家")
    assert queries.dormant(post=None, place=place, now=NOW + timedelta(hours=169)) == []


def test_a_serial_number_stands_in_one_home(button, world):
    other = elder(world[w.SISTER], "钱虚构")
    with says_no("device_once"):
        actions.install(**SYSTEM, kind="button", serial="BTN-1", on=TODAY, person=other)


def test_a_device_moves_after_it_came_down(button, world):
    actions.take_down(**SYSTEM, device=button, on=ago(1), why="退出服务")
    assert actions.install(
        **SYSTEM, kind="button", serial="BTN-1", on=TODAY, person=elder(world[w.SISTER], "钱虚构")
    ).pk
    assert Device.objects.filter(serial="BTN-1").count() == 2


def test_a_gateway_tells_its_secret_once_and_signs(world):
    post = w.post("township_worker", world["990101001"])
    gateway, secret = actions.admit(**SYSTEM, code="maker-1", name="某品牌平台", speaks_for=post)
    body, time = b'{"signals": []}', str(int(NOW.timestamp()))
    assert actions.signed_by(gateway, time, body, actions.signature(secret, time, body))
    assert not actions.signed_by(gateway, time, body + b" ", actions.signature(secret, time, body))
    assert secret.encode() not in bytes(gateway.secret_sealed)
    assert actions.fresh(time, NOW)
    assert not actions.fresh(time, NOW + timedelta(minutes=6))
    assert not actions.fresh("yesterday", NOW)
    with says_no("gateway_once"):
        actions.admit(**SYSTEM, code="maker-1", name="另一家", speaks_for=post)
    with says_no("post_cannot_signal"):
        actions.admit(**SYSTEM, code="maker-2", name="另一家", speaks_for=w.post("helper", world[w.OWN]))


def _catalogue(**more):
    from songhe.care.services.models import Catalogue, Item

    clock = {"dispatch_minutes": 5, "arrive_minutes": 30}
    catalogue = Catalogue.objects.create(
        name="t", valid_from=ago(100), version="t", title="目录", title_en="t", places=["990000"],
        source={"title": "t", "confirmed": False, "clause": {"zh": "t", "en": "t"}},
        urgencies=dict.fromkeys(("emergency", "soon", "planned"), clock),
    )  # fmt: skip
    given = {"may_order": ["phone", "device"]} | more
    Item.objects.create(
        catalogue=catalogue, code="urgent-help", kind="urgent", name="紧急上门", name_en="Urgent help", unit="次", price=60,
        minutes=30, proofs=["time"], urgency="emergency", **given,
    )  # fmt: skip


def test_an_alarm_opens_one_urgent_request(button):
    from songhe.care.services.models import Order

    _catalogue()
    first, repeat = signal(minutes=3), signal(minutes=1)
    answers = actions.receive(**SYSTEM, rows=[first, repeat], now=NOW)
    order = Order.objects.get()
    assert [answer.request for answer in answers] == [order.pk, order.pk]
    assert (order.channel, order.urgency, order.person_id) == ("device", "emergency", button.person_id)
    assert actions.receive(**SYSTEM, rows=[first], now=NOW)[0].request == order.pk
    assert Order.objects.count() == 1


def test_an_alarm_stands_even_where_nothing_can_be_ordered(button):
    _catalogue(may_order=["phone"])
    (answer,) = actions.receive(**SYSTEM, rows=[signal()], now=NOW)
    assert (answer.result, answer.request) == ("new", None)
    assert Alarm.objects.count() == 1

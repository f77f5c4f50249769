"""What devices send: heartbeats, changes, alarms. One call for a message of many; sent again it changes nothing."""

import hmac
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import IntegrityError, transaction
from django.utils import timezone

from songhe.care.agreements import definitions, requests
from songhe.care.agreements.models import Alarm, Device, Gateway
from songhe.care.agreements.standing import allow
from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post, User
from songhe.registry.people import sealing
from songhe.registry.people.standing import areas_of


@dataclass(frozen=True)
class Signal:
    """One thing a device said. `kind`: heartbeat, event or alarm; `at` carries its time zone."""

    uuid: uuid.UUID
    serial: str
    kind: str
    at: datetime
    battery: int | None = None


@dataclass(frozen=True)
class Answer:
    """new | same (sent before) | clash (the number is taken) | unknown (no such device here); an alarm names its request."""

    uuid: uuid.UUID
    result: str
    alarm: int | None = None
    request: int | None = None


@transaction.atomic
def admit(*, by: User | None, post: Post | None, code: str, name: str, speaks_for: Post) -> tuple[Gateway, str]:
    """A maker's platform may send signals in the name of a post. The secret is told once and kept sealed."""
    user = allow(by, post, "devices.admit")
    if not speaks_for.may("devices.signal"):
        raise Refusal(
            "post_cannot_signal",
            zh="这个岗位不能接收设备信号。请选择乡镇（街道）民政或养老服务科的岗位。",
            en="This post may not take signals in. Choose one of a township or of the bureau's clerks.",
            field="speaks_for",
        )
    if Gateway.objects.filter(code=code).exists():
        raise Refusal("gateway_once", zh="这个编号已经用过。", en="This code is taken.", field="code")
    secret = secrets.token_urlsafe(32)
    made = Gateway.objects.create(
        code=code, name=name.strip(), post=speaks_for, secret_sealed=sealing.seal("gateway", secret), made_by=user
    )
    audit.note("devices.admit", "gateway", made.pk, area_id=speaks_for.place_id, code=code)
    return made, secret


@transaction.atomic
def revoke(*, by: User | None, post: Post | None, gateway: Gateway) -> Gateway:
    """From now on nothing of this gateway is taken in."""
    allow(by, post, "devices.admit")
    gateway.revoked_at = gateway.revoked_at or timezone.now()
    gateway.save(update_fields=["revoked_at"])
    audit.note("devices.revoke", "gateway", gateway.pk, area_id=gateway.post.place_id)
    return gateway


def signature(secret: str, time: str, body: bytes) -> str:
    """Hex HMAC-SHA256 over the time header, a line feed and the body as it is sent."""
    return hmac.new(secret.encode(), time.encode() + b"\n" + body, sha256).hexdigest()


def signed_by(gateway: Gateway, time: str, body: bytes, given: str) -> bool:
    """Whether a message was signed with the gateway's secret; compared in constant time."""
    known = signature(sealing.open_field("gateway", gateway.secret_sealed), time, body)
    return hmac.compare_digest(known, given.lower())


def fresh(time: str, now: datetime) -> bool:
    """Whether the seconds since 1970 that a message names lie within the terms: older ones may be replays."""
    if not time.isascii() or not time.isdecimal() or len(time) > 12:
        return False
    return abs(now.timestamp() - int(time)) <= definitions.devices(timezone.localdate(now)).clock_minutes * 60


@transaction.atomic
def receive(*, by: User | None, post: Post | None, rows: Sequence[Signal], gateway: Gateway | None = None,
            now: datetime | None = None) -> list[Answer]:  # fmt: skip
    """Take signals in, one answer a row in the order sent. An alarm opens a 助急 request, its repeats do not.

    A device's last signal only moves forward and never past now. Rows whose number is known are answered `same`.
    """
    allow(by, post, "devices.signal")
    now = now or timezone.now()
    seen = Device.objects.visible_to(post) if post else Device.objects.all()
    wanted = {row.serial for row in rows}
    found = (
        seen.filter(serial__in=wanted, removed_on=None)
        .select_for_update(of=("self",))
        .select_related("person", "village")
    )
    devices = {device.serial: device for device in found.order_by("pk")}
    known = {
        alarm.uuid: alarm for alarm in Alarm.objects.filter(uuid__in=[row.uuid for row in rows if row.kind == "alarm"])
    }
    answers = []
    for row in rows:
        device = devices.get(row.serial)
        if device is None:
            answers.append(Answer(row.uuid, "unknown"))
            continue
        _spoke(device, row, now)
        answers.append(
            _alarm(device, row, known, gateway, now, by, post) if row.kind == "alarm" else Answer(row.uuid, "new")
        )
    Device.objects.bulk_update(devices.values(), ["last_signal", "battery"])
    alarms = [answer.alarm for answer in answers if answer.result == "new" and answer.alarm]
    audit.note("devices.receive", "gateway", gateway.pk if gateway else None, rows=len(rows), alarms=alarms)
    return answers


def _spoke(device: Device, row: Signal, now: datetime) -> None:
    at = min(row.at, now)
    if device.last_signal is None or at > device.last_signal:
        device.last_signal = at
        device.battery = device.battery if row.battery is None else row.battery


def _alarm(
    device: Device,
    row: Signal,
    known: dict[uuid.UUID, Alarm],
    gateway: Gateway | None,
    now: datetime,
    by: User | None,
    post: Post | None,
) -> Answer:
    if row.uuid in known:
        before = known[row.uuid]
        return Answer(row.uuid, "same", before.pk, before.request)
    terms = definitions.devices(timezone.localdate(now))
    since = row.at - timedelta(minutes=terms.repeat_minutes)
    first = device.alarms.filter(first=None, at__gte=since, at__lte=row.at).order_by("-at").first()
    made = Alarm(
        uuid=row.uuid, device=device, person=device.person, at=min(row.at, now), received_at=now, gateway=gateway, first=first,
        answer_by=now + timedelta(minutes=terms.answer_minutes), **areas_of(device.person),
    )  # fmt: skip
    if first is not None:
        made.request, made.answer_by = first.request, first.answer_by
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError:  # another gateway's message holds this number
        return Answer(row.uuid, "clash")
    if first is None:
        made.request = requests.open_urgent(alarm=made, by=by, post=post)
        made.save(update_fields=["request"])
    known[row.uuid] = made
    return Answer(row.uuid, "new", made.pk, made.request)

"""Signals of devices: one signed message of many, safe to send again, refused when it is old.

A gateway signs with the secret it was told once: `X-Songhe-Signature` is the hex HMAC-SHA256 of `X-Songhe-Time` (seconds since
1970), a line feed and the body as it is sent. A message whose time is off by more than the terms allow is refused, so that
nobody can play an old one back; within that time the numbers of its alarms make sending it again harmless.
"""

import time
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from django.utils import timezone
from ninja import Router
from ninja.security import APIKeyHeader
from pydantic import Field

from songhe.care.agreements import actions, definitions, queries
from songhe.care.agreements.actions import Signal
from songhe.care.agreements.models import Gateway
from songhe.doors.api import limits, shapes
from songhe.doors.api.errors import TooMany, answers
from songhe.doors.api.frame import door
from songhe.registry.accounts.models import Post

router = Router(tags=["devices"])


@dataclass(frozen=True)
class Held:
    """A gateway and the post it speaks for."""

    gateway: Gateway
    post: Post


class Signed(APIKeyHeader):
    """Reads `X-Songhe-Gateway`, `X-Songhe-Time` and `X-Songhe-Signature`."""

    param_name = "X-Songhe-Signature"

    def authenticate(self, request, key: str | None) -> Held | None:
        code, at = request.headers.get("X-Songhe-Gateway", ""), request.headers.get("X-Songhe-Time", "")
        now = timezone.now()
        gateway = queries.gateway(code)
        if (
            gateway is None
            or not key
            or not actions.fresh(at, now)
            or not actions.signed_by(gateway, at, request.body, key)
        ):
            return None
        post, on = gateway.post, timezone.localdate(now)
        if post.valid_from > on or (post.valid_to is not None and post.valid_to <= on):
            return None
        _spend(gateway)
        return Held(gateway, post)


def _spend(gateway: Gateway) -> None:
    """Count one message of this minute. Raises TooMany."""
    most = definitions.devices(timezone.localdate()).per_minute
    if limits.count(-gateway.pk, most) < 1:
        raise TooMany(60 - int(time.time()) % 60)


class SignalIn(shapes.Body):
    """What one device said. The number is made by the sender and kept when it sends again."""

    uuid: UUID
    serial: Annotated[shapes.Line, Field(min_length=1, max_length=64)]
    kind: Literal["heartbeat", "event", "alarm"]
    at: shapes.Instant
    battery: Annotated[int, Field(ge=0, le=100)] | None = None


class SignalsIn(shapes.Body):
    signals: Annotated[list[SignalIn], Field(min_length=1, max_length=200)]


class SignalOut(shapes.Schema):
    """new | same (sent before) | clash (the number is taken) | unknown (no such device in the gateway's area)."""

    uuid: UUID
    result: Literal["new", "same", "clash", "unknown"]
    alarm: int | None = Field(None, description="of an alarm: its number here")
    request: int | None = Field(None, description="of an alarm: the urgent request it opened")


class SignalsOut(shapes.Schema):
    rows: list[SignalOut]


@router.post(
    "/devices/signals",
    auth=Signed(),
    response=answers(SignalsOut, 409, 413),
    operation_id="receive_signals",
    summary="Signals of devices: heartbeats, changes, alarms; signed by a gateway",
)
@door("devices.signal")
def receive(request, body: SignalsIn) -> dict[str, Any]:
    """An alarm opens one urgent request; repeats within the minutes of the terms belong to it. Each row is answered by itself."""
    held: Held = request.auth
    rows = [Signal(row.uuid, row.serial, row.kind, row.at, row.battery) for row in body.signals]
    found = actions.receive(by=held.post.user, post=held.post, rows=rows, gateway=held.gateway)
    return {"rows": [{"uuid": a.uuid, "result": a.result, "alarm": a.alarm, "request": a.request} for a in found]}

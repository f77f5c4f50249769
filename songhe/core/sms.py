"""Short messages out, by the way the city has: printed (console), kept for its own machine (outbox), or sent (http).

send("13800001234", "验证码 …")          # settings.SMS_BACKEND says how; Refusal when it could not be handed over

`http` posts {"to", "text", "at", "id"} as JSON to settings.SMS_URL, with the headers X-Songhe-Time and X-Songhe-Signature =
hex HMAC-SHA256 over "<time>\\n<body>" under settings.SMS_SECRET: a gateway of a few lines checks it and speaks the operator's
own protocol. A message is personal: it is never logged, and kept sealed in the outbox.
"""

import hashlib
import hmac
import json
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.db import connection

from songhe.core.crypto import Keyring
from songhe.core.models import OutgoingMessage
from songhe.core.refusal import Refusal

TO, TEXT = b"outgoing.to", b"outgoing.text"
SECONDS = 8


@dataclass(frozen=True)
class Message:
    """A message that waits in the outbox, opened."""

    pk: int
    to: str
    text: str


def send(to: str, text: str) -> None:
    """Hand one message over. Raises Refusal when the way out does not work."""
    BACKENDS[settings.SMS_BACKEND](to, text)


def _console(to: str, text: str) -> None:
    print(f"SMS {to[:3]}****{to[-4:]}: {text}", file=sys.stderr, flush=True)


def _outbox(to: str, text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT outgoing_put(%s, %s)", [_ring().seal(to, TO), _ring().seal(text, TEXT)])


def _http(to: str, text: str) -> None:
    body = json.dumps({"to": to, "text": text, "at": int(time.time()), "id": str(uuid.uuid4())}).encode()
    moment = str(int(time.time()))
    request = urllib.request.Request(  # noqa: S310 - the address comes from the settings and is checked to be http(s)
        _address(), body, {"Content-Type": "application/json", "X-Songhe-Time": moment, "X-Songhe-Signature": signature(moment, body)}
    )  # fmt: skip
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
            if answer.status // 100 != 2:
                raise _failed()
    except (urllib.error.URLError, OSError):
        raise _failed() from None


def signature(moment: str, body: bytes) -> str:
    """What the gateway compares: hex HMAC-SHA256 over the time and the body."""
    return hmac.new(settings.SMS_SECRET.encode(), moment.encode() + b"\n" + body, hashlib.sha256).hexdigest()


def _address() -> str:
    if not settings.SMS_URL.startswith(("https://", "http://")) or len(settings.SMS_SECRET) < 16:
        raise Refusal(
            "sms_not_set",
            zh="短信接口没有设好（SONGHE_SMS_URL、SONGHE_SMS_SECRET）。请系统管理员设置。",
            en="The way to send messages is not set (SONGHE_SMS_URL, SONGHE_SMS_SECRET). Ask the system administrator.",
        )
    return settings.SMS_URL


def _failed() -> Refusal:
    return Refusal(
        "sms_failed",
        zh="短信没有发出去：短信平台没有答复。请过一会儿再试。",
        en="The message was not sent: the message service did not answer. Try again in a while.",
    )


def waiting(limit: int = 100) -> list[Message]:
    """Messages of the outbox not fetched yet, the oldest first; only for the system's own work (`acting.everywhere`)."""
    rows = OutgoingMessage.objects.filter(state="waiting").order_by("pk")[:limit]
    return [
        Message(row.pk, _ring().open_sealed(row.to_sealed, TO), _ring().open_sealed(row.text_sealed, TEXT))
        for row in rows
    ]


def handed_over(pks: list[int]) -> int:
    """The city's machine has taken these: their text is wiped. How many there were."""
    from django.utils import timezone

    found = OutgoingMessage.objects.filter(pk__in=pks, state="waiting")
    return found.update(state="sent", sent_at=timezone.now(), text_sealed=b"")


@lru_cache(maxsize=2)
def _keyring(secret: str) -> Keyring:
    return Keyring.parse(secret)


def _ring() -> Keyring:
    return _keyring(settings.DATA_KEY)


BACKENDS: dict[str, Callable[[str, str], None]] = {"console": _console, "outbox": _outbox, "http": _http}

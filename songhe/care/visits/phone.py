"""Reads `definitions/visits/phone.yaml`: what the telephone page may keep, for how long, and when a clock is wrong.

in_force(date(2026, 11, 22)).keep_days  -> 3
"""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from songhe.care.duties.definitions import FOLDER
from songhe.core.definitions import Day, Flag, Items, Map, Number, Text, checked
from songhe.registry.people import sealing

FILE = FOLDER / "visits" / "phone.yaml"
_NUMBERS = {
    "keep_days": Number(whole=True, least=1, most=31),
    "session_hours": Number(whole=True, least=0, most=72),
    "sent_days": Number(whole=True, least=1, most=92),
    "clock_minutes": Number(whole=True, least=1, most=60),
    "most_people": Number(whole=True, least=1, most=5000),
    "assess_days": Number(whole=True, least=0, most=400),
    "parcel_rows": Number(whole=True, least=1, most=500),
    "space_percent": Number(whole=True, least=10, most=99),
}
SCHEMA = {
    "source": Map({"title": Text(), "confirmed": Flag()}),
    "versions": Items(Map({"valid_from": Day(), **_NUMBERS})),
}


@dataclass(frozen=True)
class Terms:
    """Days, minutes, names, records and per cent; see the file."""

    valid_from: date
    keep_days: int
    session_hours: int
    sent_days: int
    clock_minutes: int
    most_people: int
    assess_days: int
    parcel_rows: int
    space_percent: int


def read(path: Path = FILE) -> list[Terms]:
    """Every version, oldest first. Raises BadDefinition."""
    return sorted((Terms(**row) for row in checked(path, SCHEMA).data["versions"]), key=lambda t: t.valid_from)


@cache
def _shipped() -> tuple[Terms, ...]:
    return tuple(read())


def in_force(on: date) -> Terms:
    """The version in force on a day; before the first, the first."""
    return next((terms for terms in reversed(_shipped()) if terms.valid_from <= on), _shipped()[0])


def owner_key(user: int) -> bytes:
    """32 bytes that seal a user's list and waiting records on their phone: the same at every sign-in, known to nobody else.

    Derived under the key of the blind indexes, which survives a change of the sealing keys: records sealed before it open.
    """
    return sealing.ring().blind(f"user {user}", "phone.queue")

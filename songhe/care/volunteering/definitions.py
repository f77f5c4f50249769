"""Reads `definitions/volunteering/terms.yaml`.

in_force(date(2026, 11, 22)).offer_warn_days  -> 30
"""

from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path

from songhe.core.definitions import Day, Flag, Items, Map, Number, Text, checked

FILE = Path(str(resources.files("songhe.definitions"))) / "volunteering" / "terms.yaml"
_DAYS = Number(whole=True, least=1, most=365)
SCHEMA = {
    "source": Map({"title": Text(), "confirmed": Flag()}),
    "versions": Items(Map({"valid_from": Day(), "offer_warn_days": _DAYS})),
}


@dataclass(frozen=True)
class Terms:
    """Days; see the file."""

    valid_from: date
    offer_warn_days: int


@cache
def _shipped() -> tuple[Terms, ...]:
    rows = checked(FILE, SCHEMA).data["versions"]
    return tuple(sorted((Terms(**row) for row in rows), key=lambda each: each.valid_from))


def in_force(on: date) -> Terms:
    """The version in force on a day; before the first, the first."""
    return next((each for each in reversed(_shipped()) if each.valid_from <= on), _shipped()[0])

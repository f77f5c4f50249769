"""Reads `definitions/visits/pictures.yaml`: how many days pictures of paper sheets and of visits are kept.

in_force(date(2026, 11, 22)).recorded_days  -> 180
"""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from songhe.care.duties.definitions import FOLDER
from songhe.core.definitions import Day, Flag, Items, Map, Number, Text, checked

FILE = FOLDER / "visits" / "pictures.yaml"
_days = Number(whole=True, least=1, most=3660)
SCHEMA = {
    "source": Map({"title": Text(), "confirmed": Flag()}),
    "versions": Items(Map({"valid_from": Day(), "recorded_days": _days, "dropped_days": _days, "visit_days": _days})),
}


@dataclass(frozen=True)
class Terms:
    """All in days; see the file."""

    valid_from: date
    recorded_days: int
    dropped_days: int
    visit_days: int


def read(path: Path = FILE) -> list[Terms]:
    """Every version, oldest first. Raises BadDefinition."""
    return sorted((Terms(**row) for row in checked(path, SCHEMA).data["versions"]), key=lambda t: t.valid_from)


@cache
def _shipped() -> tuple[Terms, ...]:
    return tuple(read())


def in_force(on: date) -> Terms:
    """The version in force on a day; before the first, the first."""
    return next((terms for terms in reversed(_shipped()) if terms.valid_from <= on), _shipped()[0])

"""Reads `definitions/evidence/voices.yaml`: by when a complaint is answered, an appeal made, an incident told."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from songhe.care.evidence import terms
from songhe.core.definitions import Day, Flag, Items, Map, Number, Text, checked

FILE = Path(__file__).resolve().parents[2] / "definitions" / "evidence" / "voices.yaml"
_days = Number(whole=True, least=1, most=366)
SCHEMA = {
    "id": Text(),
    "source": Map({"title": Text(), "number": Text(required=False), "date": Day(), "confirmed": Flag()}),
    "versions": Items(
        Map(
            {
                "valid_from": Day(),
                "reply_working_days": Map({code: _days for code, _label in terms.COMPLAINT_CHANNELS}),
                "appeal_days": _days,
                "report_hours": Map({code: _days for code, _label in terms.SEVERITIES}),
            }
        )
    ),
}


@dataclass(frozen=True)
class Clocks:
    """Working days by channel, days after the reply, hours by severity."""

    valid_from: date
    reply_working_days: dict[str, int]
    appeal_days: int
    report_hours: dict[str, int]


def read(path: Path = FILE) -> list[Clocks]:
    """Every version, oldest first. Raises BadDefinition."""
    return sorted((Clocks(**row) for row in checked(path, SCHEMA).data["versions"]), key=lambda c: c.valid_from)


@cache
def on(day: date) -> Clocks:
    """The version in force on a day; before the first, the first."""
    found = read()
    return next((clocks for clocks in reversed(found) if clocks.valid_from <= day), found[0])

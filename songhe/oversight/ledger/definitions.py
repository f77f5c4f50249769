"""Reads `definitions/ledger/state.yaml`: when an item is at risk, how soon a reminder is to be answered."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from songhe.core.definitions import Flag, Map, Number, Text, checked

FILE = Path(__file__).resolve().parents[2] / "definitions" / "ledger" / "state.yaml"
_days = Number(whole=True, least=0, most=366)
SCHEMA = {
    "source": Map({"title": Text(), "confirmed": Flag()}),
    "at_risk": Map({"due_within_days": _days, "quiet_days": _days}),
    "reminders": Map({"answer_days": _days}),
}


@dataclass(frozen=True)
class Terms:
    """All in days; `answer_days` are working days."""

    due_within_days: int
    quiet_days: int
    answer_days: int


def read(path: Path = FILE) -> Terms:
    """Raises BadDefinition with file, line and field."""
    data = checked(path, SCHEMA).data
    return Terms(**data["at_risk"], **data["reminders"])


@cache
def terms() -> Terms:
    """The shipped terms, read once a process."""
    return read()

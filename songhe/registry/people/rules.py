"""Arithmetic of a person's file: ages, what an event changes, what may be edited. No database, no clock."""

import os
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

BIRTHDAYS = (60, 65, 80, 90, 100)  # ages at which an entitlement or a queue opens (issue: life events)
OLDEST = 130
MIN_AGE = 60  # 老年人权益保障法 §2: sixty full years


def new_uid(ms: int | None = None) -> uuid.UUID:
    """A UUID of version 7 (RFC 9562): time first, so that a million new files go into the index side by side."""
    stamp = (time.time_ns() // 1_000_000 if ms is None else ms) & (1 << 48) - 1
    low = int.from_bytes(os.urandom(10), "big")
    return uuid.UUID(int=stamp << 80 | 7 << 76 | (low >> 68) << 64 | 2 << 62 | low & (1 << 62) - 1)


def age_on(birth: date, on: date) -> int:
    """Full years on a day; who was born on 29 February turns on 1 March in other years."""
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


def born_to_turn(age: int, on: date) -> list[date]:
    """The birth dates of those who turn `age` on this day (1 March also takes those of 29 February)."""
    year = on.year - age
    days = []
    if (on.month, on.day) != (2, 29) or _leap(year):
        days.append(date(year, on.month, on.day))
    if (on.month, on.day) == (3, 1) and _leap(year) and not _leap(on.year):
        days.append(date(year, 2, 29))
    return days


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def latest_birth(age_from: int, on: date) -> date:
    """The youngest birth date that has reached an age on a day."""
    try:
        return on.replace(year=on.year - age_from)
    except ValueError:  # 29 February
        return date(on.year - age_from, 2, 28)


@dataclass(frozen=True, slots=True)
class Effect:
    """What a life event does: the status it leads to ("" = none), and whether standing duties close or open with it."""

    status: str = ""
    closes: bool = False
    opens: bool = False


EFFECTS = {
    "death": Effect("deceased", closes=True),
    "move_in": Effect("living", opens=True),
    "move_within": Effect(),
    "move_out": Effect("moved_out", closes=True),
    "institution_in": Effect("institution", closes=True),
    "institution_out": Effect("living", opens=True),
    "hospital_in": Effect(closes=True),
    "hospital_out": Effect(opens=True),
}
CLOSING = tuple(kind for kind, effect in EFFECTS.items() if effect.closes)
OPENING = tuple(kind for kind, effect in EFFECTS.items() if effect.opens)


def status_after(events: Iterable[tuple[date, int, str]]) -> tuple[str, date | None]:
    """Status and its first day from events (on, order, kind); death is final whatever is dated later.

    >>> status_after([(date(2026, 1, 2), 1, "institution_in"), (date(2026, 3, 1), 2, "institution_out")])
    ('living', datetime.date(2026, 3, 1))
    """
    status, since = "living", None
    for on, _order, kind in sorted(events):
        effect = EFFECTS.get(kind)
        if effect and effect.status:
            if effect.status == "deceased":
                return "deceased", on
            status, since = effect.status, on
    return status, since


# what `actions.edit` may change: the form's name of a field → the model's columns
SEALED = {"id_number": "id_sealed", "phone": "phone_sealed", "address": "address_sealed"}
EDITABLE = (
    "name", "former_name", "sex", "birth", "id_number", "phone", "address", "longitude", "latitude", "hukou_place",
    "hukou_text", "living", "marital", "ethnicity", "case_file_on",
)  # fmt: skip

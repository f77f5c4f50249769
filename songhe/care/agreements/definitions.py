"""Reads `definitions/beds/`: schemes of home-based care beds by place and day, and the terms of devices.

scheme("370285101201", date(2021, 3, 1)).name      -> "laixi-2020"
devices(date(2026, 11, 22)).dormant_hours["button"] -> 168
"""

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from importlib import resources
from pathlib import Path

from songhe.care.agreements import rules, terms
from songhe.core.definitions import BOTH, BadDefinition, Day, Flag, Items, Map, Number, Text, checked
from songhe.registry.facilities.terms import SERVICES
from songhe.registry.places.rules import nearest

FOLDER = Path(str(resources.files("songhe.definitions"))) / "beds"
_HOURS = Map({kind: Number(whole=True, least=1) for kind, _label in terms.DEVICES})
SCHEMES = {
    "schemes": Items(
        Map(
            {
                "id": Text(pattern=r"[a-z][a-z0-9-]{1,39}", shape="laixi-2020"),
                "places": Items(Text()),
                "valid_from": Day(),
                "valid_to": Day(required=False),
                "title": BOTH,
                "source": Map({"title": Text(), "number": Text(required=False), "date": Day(), "confirmed": Flag()}),
                "levels": Items(Number(whole=True, least=0, most=4)),
                "overlapping": Items(Text(), least=0),
                "exclusions": Items(Map({"test": Text(allowed=rules.TESTS), "clause": BOTH, "number": Text()})),
                "single": Map({"clause": BOTH, "number": Text()}),
                "services": Items(Text(allowed=tuple(code for code, _label in SERVICES))),
                "items": Items(Text(allowed=tuple(code for code, _label in terms.ITEMS))),
                "months": Number(whole=True, least=1, most=120),
                "warn_days": Number(whole=True, least=1, most=365),
            }
        )
    )
}  # fmt: skip
_NUMBERS = ("never_days", "answer_minutes", "repeat_minutes", "clock_minutes", "per_minute", "most_rows")
DEVICES = {
    "source": Map({"title": Text(), "confirmed": Flag()}),
    "versions": Items(
        Map({"valid_from": Day(), "dormant_hours": _HOURS} | {name: Number(whole=True, least=1) for name in _NUMBERS})
    ),
}


@dataclass(frozen=True)
class Exclusion:
    """One line that leaves somebody out: the test (one of `rules.TESTS`, or "second_bed"), the clause to be read, its number."""

    test: str
    clause: dict[str, str]
    number: str


@dataclass(frozen=True)
class Scheme:
    """The terms of beds at a place from a day on; `months` an agreement runs, `warn_days` before its end it is named."""

    name: str
    version: str
    places: tuple[str, ...]
    valid_from: date
    valid_to: date | None
    title: dict[str, str]
    source: dict
    levels: tuple[int, ...]
    overlapping: tuple[str, ...]
    exclusions: tuple[Exclusion, ...]
    single: Exclusion
    services: tuple[str, ...]
    items: tuple[str, ...]
    months: int
    warn_days: int

    def leaves_out(self, facts: rules.Facts) -> Exclusion | None:
        """The exclusion that applies to somebody, or None."""
        tests = [row.test for row in self.exclusions]
        found = rules.excluded_by(facts, tests, levels=self.levels, overlapping=self.overlapping)
        return next((row for row in self.exclusions if row.test == found), None)


@dataclass(frozen=True)
class DeviceTerms:
    """Hours by kind of device, days, minutes and counts; see the file."""

    valid_from: date
    dormant_hours: dict[str, int]
    never_days: int
    answer_minutes: int
    repeat_minutes: int
    clock_minutes: int
    per_minute: int
    most_rows: int


def read_schemes(path: Path = FOLDER / "schemes.yaml") -> tuple[Scheme, ...]:
    """Every scheme. Raises BadDefinition; a name may stand once."""
    doc = checked(path, SCHEMES)
    names = [row["id"] for row in doc.data["schemes"]]
    twice = [at for at, name in enumerate(names) if name in names[:at]]
    if twice:
        raise BadDefinition(
            [doc.fault(("schemes", at, "id"), "name_twice", "名称重复。", "The name stands twice.") for at in twice]
        )
    return tuple(_scheme(row) for row in doc.data["schemes"])


def _scheme(row: dict) -> Scheme:
    plain = json.dumps(row, default=date.isoformat, sort_keys=True, ensure_ascii=False)
    lists = ("places", "levels", "overlapping", "services", "items")
    return Scheme(
        name=row["id"], version=sha256(plain.encode()).hexdigest()[:16], valid_from=row["valid_from"],
        valid_to=row.get("valid_to"), title=row["title"], source=row["source"], months=row["months"],
        warn_days=row["warn_days"], exclusions=tuple(Exclusion(**each) for each in row["exclusions"]),
        single=Exclusion("second_bed", **row["single"]),
        **{name: tuple(row[name]) for name in lists},
    )  # fmt: skip


@cache
def schemes() -> tuple[Scheme, ...]:
    """The shipped schemes, read once a process."""
    return read_schemes()


def scheme(code: str, on: date) -> Scheme:
    """The scheme of a place (by its division code) on a day: the nearest place that has one, else the general terms."""
    return nearest(schemes(), code, on)


def named(name: str) -> Scheme:
    """A scheme by its name; KeyError for an unknown one."""
    return {each.name: each for each in schemes()}[name]


@cache
def _devices() -> tuple[DeviceTerms, ...]:
    rows = checked(FOLDER / "devices.yaml", DEVICES).data["versions"]
    return tuple(sorted((DeviceTerms(**row) for row in rows), key=lambda each: each.valid_from))


def devices(on: date) -> DeviceTerms:
    """The terms of devices in force on a day; before the first, the first."""
    return next((each for each in reversed(_devices()) if each.valid_from <= on), _devices()[0])

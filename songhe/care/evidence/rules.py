"""What in the evidence of a paid order deserves a person's look. Plain data in, findings out; no framework, no clock.

look([attendance, …], terms) -> [Finding(rule="overlap", attendance=7, others=(9,), facts={"minutes": 25, "other": 9}), …]

A finding is a question, never an accusation: somebody decides it, with a reason. What is unknown raises nothing but
"unlocated" (unverified), and only where a position was to be given.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt

EARTH_KM = 6371.0


@dataclass(frozen=True)
class Fix:
    """Where a telephone was: degrees (CGCS2000) and the radius in metres it vouched for."""

    longitude: float
    latitude: float
    accuracy: float = 0.0


@dataclass(frozen=True)
class Print:
    """A photograph's two fingerprints (registry.facilities.photos)."""

    dhash: int
    phash: int


@dataclass(frozen=True)
class Paper:
    """A certificate: its kind, first and last day (None: for good)."""

    kind: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True)
class Attendance:
    """One carer at one order, as it was reported. `day` is the local day it began; `needs` the kinds of paper that
    must hold, `located` whether positions were to be given, `lacking` the proofs that were asked for and did not come.

    `number`: the attendance's own id, `order` the order's (two carers of one order share it).
    """

    number: int
    order: int
    carer: int
    person: int
    started_at: datetime
    finished_at: datetime
    received_at: datetime
    day: date
    least_minutes: int = 0
    needs: tuple[str, ...] = ()
    papers: tuple[Paper, ...] = ()
    start_fix: Fix | None = None
    finish_fix: Fix | None = None
    located: bool = True
    lacking: tuple[str, ...] = ()
    device: str = ""
    photos: tuple[Print, ...] = ()

    @property
    def minutes(self) -> float:
        return (self.finished_at - self.started_at).total_seconds() / 60


@dataclass(frozen=True)
class Finding:
    """One rule met by one attendance. `others`: attendances it is compared with; `facts` fill the rule's explanation."""

    rule: str
    attendance: int
    others: tuple[int, ...]
    facts: Mapping[str, float | int | str]


Terms = Mapping[str, Mapping[str, float]]
"""{rule: {value: number}} as the definitions give them for a day."""


def km_between(a: Fix, b: Fix) -> float:
    """Great-circle distance in kilometres.

    >>> round(km_between(Fix(120.0, 36.0), Fix(120.0, 37.0)))
    111
    """
    lat_a, lat_b = radians(a.latitude), radians(b.latitude)
    half = sin((lat_b - lat_a) / 2) ** 2 + cos(lat_a) * cos(lat_b) * sin(radians(b.longitude - a.longitude) / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(min(1.0, half)))


def _by(rows: Iterable[Attendance], key: Callable[[Attendance], object]) -> dict[object, list[Attendance]]:
    out: dict[object, list[Attendance]] = defaultdict(list)
    for row in rows:
        out[key(row)].append(row)
    for each in out.values():
        each.sort(key=lambda row: (row.started_at, row.number))
    return out


def overlap(rows: Sequence[Attendance], values: Mapping[str, float]) -> list[Finding]:
    """One carer at two orders at once, by more than `grace_minutes`. Both are named."""
    out = []
    for own in _by(rows, lambda row: row.carer).values():
        for at, first in enumerate(own):
            for later in own[at + 1 :]:
                if later.started_at >= first.finished_at:
                    break
                shared = (min(first.finished_at, later.finished_at) - later.started_at).total_seconds() / 60
                if later.order != first.order and shared > values["grace_minutes"]:
                    out += [
                        Finding(
                            "overlap", one.number, (other.number,), {"minutes": round(shared), "other": other.order}
                        )
                        for one, other in ((first, later), (later, first))
                    ]
    return out


def travel(rows: Sequence[Attendance], values: Mapping[str, float]) -> list[Finding]:
    """The way from one order's end to the next one's start would have to be faster than `most_kmh`.

    Only between two known positions, each given the benefit of its accuracy; below `free_km` nothing is asked.
    """
    out = []
    for own in _by(rows, lambda row: row.carer).values():
        for before, after in pairwise(own):
            gap = (after.started_at - before.finished_at).total_seconds() / 3600
            left, reached = before.finish_fix, after.start_fix
            if left is None or reached is None or gap < 0:
                continue
            km = km_between(left, reached) - (left.accuracy + reached.accuracy) / 1000
            if km > values["free_km"] and km > values["most_kmh"] * gap:
                facts = {"km": round(km, 1), "minutes": round(gap * 60), "other": before.order}
                out.append(Finding("travel", after.number, (before.number,), facts))
    return out


def too_short(rows: Sequence[Attendance], values: Mapping[str, float]) -> list[Finding]:
    """Fewer minutes than the catalogue asks, less `grace_minutes`."""
    return [
        Finding("too_short", row.number, (), {"minutes": round(row.minutes), "least": row.least_minutes})
        for row in rows
        if row.minutes < row.least_minutes - values["grace_minutes"]
    ]


def long_day(rows: Sequence[Attendance], values: Mapping[str, float]) -> list[Finding]:
    """A carer's orders of one day add up to more than `most_hours`: the one that crosses the line, and those after it."""
    out = []
    for own in _by(rows, lambda row: (row.carer, row.day)).values():
        sofar = 0.0
        for at, row in enumerate(own):
            sofar += max(row.minutes, 0)
            if sofar > values["most_hours"] * 60:
                facts = {"hours": round(sofar / 60, 1), "most": values["most_hours"], "orders": at + 1}
                out.append(Finding("long_day", row.number, tuple(each.number for each in own[:at]), facts))
    return out


def unqualified(rows: Sequence[Attendance], values: Mapping[str, float]) -> list[Finding]:
    """A paper that the service asks for did not hold on the day."""
    out = []
    for row in rows:
        lacking = [
            kind for kind in row.needs if not any(paper.kind == kind and _holds(paper, row.day) for paper in row.papers)
        ]
        if lacking:
            ended = max((p.valid_to for p in row.papers if p.kind in lacking and p.valid_to), default=None)
            out.append(
                Finding("unqualified", row.number, (), {"needs": "、".join(lacking), "ended": str(ended or "—")})
            )
    return out


def _holds(paper: Paper, day: date) -> bool:
    return paper.valid_from <= day and (paper.valid_to is None or day <= paper.valid_to)


def incomplete(rows: Sequence[Attendance], values: Mapping[str, float]) -> list[Finding]:
    """The contract or catalogue asks for a proof that did not come. Positions are `unlocated`'s."""
    return [Finding("incomplete", row.number, (), {"lacking": "、".join(row.lacking)}) for row in rows if row.lacking]


def unlocated(rows: Sequence[Attendance], values: Mapping[str, float]) -> list[Finding]:
    """A position that was to be given is missing at the start or the end: unverified, neither passed nor failed."""
    return [
        Finding(
            "unlocated", row.number, (), {"start": int(row.start_fix is None), "finish": int(row.finish_fix is None)}
        )
        for row in rows
        if row.located and (row.start_fix is None or row.finish_fix is None)
    ]


def bits_apart(a: int, b: int) -> int:
    """In how many of 64 bits two fingerprints differ (signed numbers as the database keeps them)."""
    return ((a ^ b) & (1 << 64) - 1).bit_count()


def photo_reused(rows: Sequence[Attendance], values: Mapping[str, float]) -> list[Finding]:
    """A photograph whose two fingerprints both lie within `most_bits` of one that came with an earlier order.

    Candidates share one of (most_bits + 1) slices of the first fingerprint: two that differ in fewer bits than there are
    slices have at least one slice in common, so nothing is missed and not every pair is compared.
    """
    most = int(values["most_bits"])
    slices = _slices(most + 1)
    seen: dict[tuple[int, int], list[tuple[Attendance, Print]]] = defaultdict(list)
    out = []
    for row in sorted(rows, key=lambda each: (each.received_at, each.number)):
        twin = _twin(row, seen, slices, most)
        if twin is not None:
            out.append(Finding("photo_reused", row.number, (twin.number,), {"other": twin.order, "day": str(twin.day)}))
        for photo in row.photos:
            for key in _keys(photo.dhash, slices):
                seen[key].append((row, photo))
    return out


def _slices(count: int) -> list[tuple[int, int]]:
    """(shift, mask) of `count` slices that cover 64 bits."""
    edges = [64 * i // count for i in range(count + 1)]
    return [(low, (1 << (high - low)) - 1) for low, high in pairwise(edges)]


def _keys(value: int, slices: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    return [(n, (value >> shift) & mask) for n, (shift, mask) in enumerate(slices)]


def _twin(row: Attendance, seen, slices, most: int) -> Attendance | None:
    for photo in row.photos:
        for key in _keys(photo.dhash, slices):
            for other, known in seen.get(key, ()):
                near = bits_apart(photo.dhash, known.dhash) <= most and bits_apart(photo.phash, known.phash) <= most
                if near and other.order != row.order:
                    return other
    return None


def late_entry(rows: Sequence[Attendance], values: Mapping[str, float]) -> list[Finding]:
    """Reached the server more than `hours` after its end: allowed and marked; beyond `most_a_month` of one carer it is asked.

    `facts["over"]` is 1 beyond the cap.
    """
    out = []
    for own in _by(rows, lambda row: (row.carer, row.day.year, row.day.month)).values():
        late = [row for row in own if row.received_at - row.finished_at > timedelta(hours=values["hours"])]
        for nth, row in enumerate(late, 1):
            hours = round((row.received_at - row.finished_at).total_seconds() / 3600)
            facts = {
                "hours": hours,
                "nth": nth,
                "most": int(values["most_a_month"]),
                "over": int(nth > values["most_a_month"]),
            }
            out.append(Finding("late_entry", row.number, (), facts))
    return out


def one_device(rows: Sequence[Attendance], values: Mapping[str, float]) -> list[Finding]:
    """One telephone reported for more than `most_carers` carers on one day: every order it reported that day is named."""
    out = []
    for (device, _day), own in _by([row for row in rows if row.device], lambda row: (row.device, row.day)).items():
        carers = {row.carer for row in own}
        if len(carers) > values["most_carers"]:
            for row in own:
                others = tuple(each.number for each in own if each.carer != row.carer)
                out.append(Finding("one_device", row.number, others, {"carers": len(carers), "device": device[:8]}))
    return out


RULES: dict[str, Callable[[Sequence[Attendance], Mapping[str, float]], list[Finding]]] = {
    "overlap": overlap,
    "travel": travel,
    "too_short": too_short,
    "long_day": long_day,
    "unqualified": unqualified,
    "unlocated": unlocated,
    "incomplete": incomplete,
    "photo_reused": photo_reused,
    "late_entry": late_entry,
    "one_device": one_device,
}


def look(rows: Sequence[Attendance], terms: Terms) -> list[Finding]:
    """Every finding of the rules that `terms` names, in the order of RULES."""
    return [finding for name, rule in RULES.items() if name in terms for finding in rule(rows, terms[name])]


def sample_size(population: int, *, confidence_z: float, margin: float, expected: float) -> int:
    """How many to call so that the share found lies within ± `margin` of the truth (Cochran, with the finite correction).

    >>> sample_size(1000, confidence_z=1.96, margin=0.05, expected=0.1)
    122
    """
    if population <= 0:
        return 0
    unlimited = confidence_z**2 * expected * (1 - expected) / margin**2
    return min(population, -int(-(unlimited / (1 + (unlimited - 1) / population)) // 1))


@dataclass(frozen=True)
class Quality:
    """How well a rule finds what was planted."""

    planted: int
    raised: int
    hit: int

    @property
    def recall(self) -> float | None:
        return self.hit / self.planted if self.planted else None

    @property
    def precision(self) -> float | None:
        return self.hit / self.raised if self.raised else None


def quality(planted: set, raised: set) -> Quality:
    """Of what was planted and what was raised, the same kind of keys."""
    return Quality(len(planted), len(raised), len(planted & raised))

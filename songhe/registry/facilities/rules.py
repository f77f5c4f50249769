"""Arithmetic of facilities: the walk of statuses, clauses met or not, rent, operators, draws. No framework, no clock.

judge(Clause(operator=">=", value=4, …), actual=3)       -> "not_met"
drawn(["b…", "a…"], size=1, seed="7f3a")                  -> the same one on every machine
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

WALK = ("planned", "site_chosen", "started", "done", "accepted", "in_use")
CLOSED = "closed"
_CODE = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015: digits and letters without I, O, S, V, Z


def at_least(status: str) -> list[str]:
    """The statuses that say a site has come as far as `status`. A closed site has come nowhere.

    >>> at_least("done")
    ['done', 'accepted', 'in_use']
    """
    return list(WALK[WALK.index(status) :])


def direction(before: str, after: str) -> str:
    """ "on", "back", "same", "close" or "reopen": what a change of status means."""
    if after == before:
        return "same"
    if after == CLOSED:
        return "close"
    if before == CLOSED:
        return "reopen"
    return "on" if WALK.index(after) > WALK.index(before) else "back"


def credit_code_check(first17: str) -> str:
    """The 18th character of a unified social credit code (GB 32100-2015: weights 3ⁱ mod 31).

    >>> credit_code_check("91350100M000100Y4")
    '3'
    """
    total = sum(_CODE.index(char) * pow(3, at, 31) for at, char in enumerate(first17))
    return _CODE[(31 - total % 31) % 31]


def credit_code_fault(code: str) -> str:
    """ "" for a sound code, else "length", "character" or "check"."""
    if len(code) != 18:
        return "length"
    if any(char not in _CODE for char in code):
        return "character"
    return "" if credit_code_check(code[:17]) == code[17] else "check"


@dataclass(frozen=True)
class Clause:
    """One line of a standard. `value` is what is asked in `unit`; `codes` name what is counted where it is not a number.

    `tolerance`: percent allowed beside "≈". `hard`: false for 一般, 原则上, 结合实际.
    """

    id: str
    measure: str
    operator: str
    value: float
    codes: tuple[str, ...] = ()
    tolerance: float = 0
    hard: str = "hard"
    within_days: int = 0
    only: str = ""  # a condition under which it applies: "new_estate"


@dataclass(frozen=True)
class Row:
    """One row behind a result, to be opened: the table, its id and what it says."""

    table: str
    id: int
    says: str


@dataclass
class Known:
    """What is on record about one facility on a day. A thing nobody recorded is absent, which is not the same as zero."""

    status: str = ""
    floor_area: tuple[float, Row] | None = None
    beds: dict[str, list[tuple[int, Row]]] = field(default_factory=dict)  # kind → (+ or − beds, row)
    services: dict[str, Row] = field(default_factory=dict)
    rooms: dict[str, Row] = field(default_factory=dict)
    staff: list[tuple[str, Row]] = field(default_factory=list)  # ("dedicated" | "shared", row)
    licences: dict[str, list[tuple[str, Row]]] = field(
        default_factory=dict
    )  # kind → ("valid" | "expired" | "absent", row)
    activities: list[tuple[date, str, Row]] = field(default_factory=list)
    designated: tuple[str, Row] | None = None  # ("yes" | "no" on the contract date, the operation)
    operators_in_town: list[Row] = field(default_factory=list)
    sourcing: str = ""
    sync: dict[str, tuple[str, Row]] = field(default_factory=dict)  # step → (met | not_met, row)
    grades: list[tuple[str, Row]] = field(default_factory=list)


@dataclass(frozen=True)
class Judged:
    """A clause against one facility: result, what was found (None = nobody knows), the rows behind it."""

    clause: Clause
    result: str
    actual: float | None
    rows: tuple[Row, ...] = ()
    lacking: tuple[str, ...] = ()


def judge(clause: Clause, actual: float | None) -> str:
    """met, not_met or unknown, for a number. Raises ValueError for an operator that is none of ≥ ≤ = ≈.

    >>> judge(Clause("a", "floor_area", "≈", 200, tolerance=20), 165)
    'met'
    """
    if actual is None:
        return "unknown"
    match clause.operator:
        case ">=":
            fits = actual >= clause.value
        case "<=":
            fits = actual <= clause.value
        case "=":
            fits = actual == clause.value
        case "≈":
            room = clause.value * clause.tolerance / 100
            fits = clause.value - room <= actual <= clause.value + room
        case _:
            raise ValueError(clause.operator)
    return "met" if fits else "not_met"


def look(clause: Clause, known: Known, on: date) -> Judged:
    """One clause against what is on record on a day."""
    if clause.only == "new_estate" and known.sourcing != "new_estate":
        return Judged(clause, "not_applicable", None)
    actual, rows, lacking = _LOOKS[clause.measure](clause, known, on)
    return Judged(clause, judge(clause, actual), actual, tuple(rows), tuple(lacking))


Found = tuple[float | None, list[Row], list[str]]


def _floor_area(_clause: Clause, known: Known, _on: date) -> Found:
    return (known.floor_area[0], [known.floor_area[1]], []) if known.floor_area else (None, [], [])


def _beds(clause: Clause, known: Known, _on: date) -> Found:
    if not known.beds:
        return None, [], []
    lots = [lot for kind in clause.codes for lot in known.beds.get(kind, [])]
    return sum(count for count, _row in lots), [row for _count, row in lots], []


def _codes(clause: Clause, there: dict[str, Row]) -> Found:
    if not there:
        return None, [], []
    held = [code for code in clause.codes if code in there]
    return len(held), [there[code] for code in held], [code for code in clause.codes if code not in there]


def _services(clause: Clause, known: Known, _on: date) -> Found:
    return _codes(clause, known.services)


def _rooms(clause: Clause, known: Known, _on: date) -> Found:
    return _codes(clause, known.rooms)


def _staff(_clause: Clause, known: Known, _on: date) -> Found:
    if not known.staff:
        return None, [], []
    rows = [row for kind, row in known.staff if kind == "dedicated"]
    return len(rows), rows, []


def _licence(clause: Clause, known: Known, _on: date) -> Found:
    held = [each for kind in clause.codes for each in known.licences.get(kind, [])]
    if not held:
        return None, [], []
    valid = {kind for kind in clause.codes for state, _row in known.licences.get(kind, []) if state == "valid"}
    return len(valid), [row for _state, row in held], [kind for kind in clause.codes if kind not in valid]


def _activity(clause: Clause, known: Known, on: date) -> Found:
    if known.status != "in_use":
        return None, [], []
    since = on - timedelta(days=clause.within_days)
    wanted = set(clause.codes)
    rows = [row for day, kind, row in known.activities if since < day <= on and (not wanted or kind in wanted)]
    return len(rows), rows, []


def _designated(_clause: Clause, known: Known, _on: date) -> Found:
    return (float(known.designated[0] == "yes"), [known.designated[1]], []) if known.designated else (None, [], [])


def _operators(_clause: Clause, known: Known, _on: date) -> Found:
    return (len(known.operators_in_town), known.operators_in_town, []) if known.operators_in_town else (None, [], [])


def _sync(clause: Clause, known: Known, _on: date) -> Found:
    met = [row for result, row in known.sync.values() if result == "met"]
    failed = [row for result, row in known.sync.values() if result == "not_met"]
    lacking = [step for step in clause.codes if known.sync.get(step, ("",))[0] != "met"]
    if not failed and lacking:  # some steps were never looked at, none is known to have failed
        return None, met, lacking
    return len(met), met + failed, lacking


def _grade(clause: Clause, known: Known, _on: date) -> Found:
    rows = [row for grade, row in known.grades if grade in clause.codes]
    return (len(rows), rows, []) if known.grades else (None, [], [])


_LOOKS = {
    "floor_area": _floor_area, "beds": _beds, "services": _services, "rooms": _rooms, "dedicated_staff": _staff,
    "licence": _licence, "activity": _activity, "ltci_designated": _designated, "operators_in_town": _operators,
    "four_sync": _sync, "grade": _grade,
}  # fmt: skip
MEASURES = tuple(_LOOKS)
COUNTED_BY_CODE = ("services", "rooms", "licence", "four_sync")  # measured as a list of what was seen


def measured_number(clause: Clause, measured: dict[str, Any] | None) -> float | None:
    """What an inspector wrote, as the number that is judged: {"value": 203.5} or {"codes": ["kitchen"]}."""
    if measured is None:
        return None
    if "codes" in measured:
        return len(set(clause.codes) & set(measured["codes"]))
    return float(measured["value"])


def verdict(results: Iterable[tuple[str, str]]) -> tuple[str, list[str]]:
    """("pass" | "fail" | "", problems) from (hard | soft, result) pairs. No verdict while a hard line is unknown.

    >>> verdict([("hard", "met"), ("soft", "not_met")])
    ('pass', [])
    """
    hard = [result for weight, result in results if weight == "hard"]
    if "unknown" in hard:
        return "", ["unknown"]
    return ("fail", ["not_met"]) if "not_met" in hard else ("pass", [])


def rent_basis(owner: str, leased: str) -> str:
    """free, subsidised or none: whether the street lends its own rooms, pays towards a lease, or neither.

    Source: 西政办发〔2020〕35号 二(一)1: rooms the street owns are lent free; for rooms of other market owners the street subsidises
    the lease.

    >>> rent_basis("market", "leased")
    'subsidised'
    """
    if owner in ("street", "village"):
        return "free"
    return "subsidised" if owner == "market" and leased == "leased" else "none"


def held_on(valid_from: date, valid_to: date | None, on: date) -> bool:
    """Whether something valid from–to (the last day included) holds on a day."""
    return valid_from <= on and (valid_to is None or on <= valid_to)


def expiry(valid_to: date | None, on: date, warn_days: int) -> tuple[str, int | None]:
    """(red | yellow | green, days left): red once expired, yellow inside the warning time, green before or without end."""
    if valid_to is None:
        return "green", None
    left = (valid_to - on).days
    return ("red" if left < 0 else "yellow" if left <= warn_days else "green"), left


def drawn(population: Sequence[str], *, size: int, seed: str) -> list[str]:
    """`size` of a population, by the order of sha256(seed + ":" + item): anybody with the seed draws the same.

    Raises ValueError when more are asked for than there are, or the seed is empty.
    """
    if not seed or size < 1 or size > len(set(population)):
        raise ValueError(f"cannot draw {size} of {len(set(population))}")
    ranked = sorted(set(population), key=lambda item: (hashlib.sha256(f"{seed}:{item}".encode()).hexdigest(), item))
    return ranked[:size]

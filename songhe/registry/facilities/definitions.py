"""Reads `definitions/standards/*.yaml`: what a facility must have, by whose paper, where and from when; and how sites are inspected.

standards()[0].clauses[0].title["zh"]        -> "建筑面积一般 200 ㎡左右"
inspecting().rectification_days              -> 15
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from songhe.core.definitions import (
    BOTH,
    BadDefinition,
    Day,
    Doc,
    Fault,
    Flag,
    Items,
    Map,
    Number,
    Text,
    check,
    checked,
    load,
)
from songhe.registry.facilities import rules, terms
from songhe.registry.places.models import Place
from songhe.registry.places.rules import codes_above

FOLDER = Path(__file__).resolve().parents[2] / "definitions" / "standards"
INSPECTING = FOLDER / "inspecting.yaml"
_KINDS = tuple(code for code, _label in terms.KINDS)
CODES = {
    "beds": {code for code, _label in terms.BEDS},
    "services": {code for code, _label in terms.SERVICES},
    "rooms": {code for code, _label in terms.ROOMS},
    "licence": {code for code, _label in terms.LICENCES},
    "activity": {code for code, _label in terms.ACTIVITIES},
    "four_sync": {code for code, _label in terms.SYNC_STEPS},
    "operators_in_town": set(_KINDS),
}
_NEED_CODES = ("beds", "services", "rooms", "licence", "four_sync", "operators_in_town", "grade")
_SOURCE = Map(
    {
        "title": Text(),
        "number": Text(required=False),
        "issuer": Text(),
        "date": Day(),
        "confirmed": Flag(),
    }
)
SCHEMA = {
    "id": Text(pattern=r"[a-z][a-z0-9-]{1,39}", shape="dingzhou-2021-station"),
    "title": BOTH,
    "source": _SOURCE,
    "applies_to": Map(
        {
            "kinds": Items(Text(allowed=_KINDS)),
            "places": Items(Text(pattern=r"\d{6}|\d{9}|\d{12}", shape="130682")),
        }
    ),
    "valid_from": Day(),
    "valid_to": Day(required=False),
    "clauses": Items(
        Map(
            {
                "id": Text(pattern=r"[a-z][a-z0-9_]{0,29}", shape="floor_area"),
                "commitment": Text(pattern=r"R\d\d", shape="R05", required=False),
                "title": BOTH,
                "clause": Text(),
                "measure": Text(allowed=rules.MEASURES),
                "codes": Items(Text(), required=False),
                "operator": Text(allowed=(">=", "<=", "=", "≈")),
                "value": Number(least=0),
                "tolerance": Number(least=0, most=100, required=False),
                "unit": Text(),
                "hard": Text(allowed=("hard", "soft")),
                "within_days": Number(whole=True, least=1, most=366, required=False),
                "only": Text(allowed=("new_estate",), required=False),
                "photo": Text(allowed=("required",), required=False),
                "when": Text(allowed=("contract",), required=False),
                "note": Map({"zh": Text(), "en": Text()}, required=False),
            }
        )
    ),
}
INSPECTING_SCHEMA = {
    "source": Map({"title": Text(), "confirmed": Flag()}),
    "team_least": Number(whole=True, least=1, most=20),
    "rectification_days": Number(whole=True, least=1, most=180),
    "photo_bits": Map({"dhash": Number(whole=True, least=0, most=20), "phash": Number(whole=True, least=0, most=20)}),
    "licence_warn_days": Number(whole=True, least=1, most=366),
    "dormant_after_days": Number(whole=True, least=1, most=366),
    "age_limit_days": Number(whole=True, least=1, most=366),
}


@dataclass(frozen=True)
class Term:
    """A clause as written: the arithmetic in `clause`, the words and the source beside it."""

    standard: str
    clause: rules.Clause
    title: dict[str, str]
    unit: str
    where: str  # clause of the paper
    commitment: str
    photo: str
    when: str
    note: dict[str, str]

    @property
    def key(self) -> str:
        return f"{self.standard}.{self.clause.id}"


@dataclass(frozen=True)
class Standard:
    """One paper's requirements for some kinds of facility in some places, from–to."""

    name: str
    version: str
    title: dict[str, str]
    source: dict
    kinds: tuple[str, ...]
    places: tuple[str, ...]
    valid_from: date
    valid_to: date | None
    terms: tuple[Term, ...]

    def applies(self, kind: str, codes: Iterable[str], on: date) -> bool:
        """To a kind of facility at a place (its own code and those above it) on a day."""
        return (
            kind in self.kinds
            and not set(codes).isdisjoint(self.places)
            and rules.held_on(self.valid_from, self.valid_to, on)
        )


@dataclass(frozen=True)
class Inspecting:
    """How sites are inspected here: defaults that a bureau may correct, marked as unconfirmed in the file."""

    team_least: int
    rectification_days: int
    dhash_bits: int
    phash_bits: int
    licence_warn_days: int
    dormant_after_days: int
    age_limit_days: int


def read(folder: Path) -> list[Standard]:
    """Every standard of a folder. Raises BadDefinition with every fault of every file."""
    docs = [load(path) for path in sorted(folder.rglob("*.yaml")) if path.name != INSPECTING.name]
    faults = [fault for doc in docs for fault in _faults(doc)] + _same_name(docs)
    if faults:
        raise BadDefinition(faults)
    return [_standard(doc.data) for doc in docs]


@cache
def standards() -> tuple[Standard, ...]:
    """The shipped standards, read once a process."""
    return tuple(read(FOLDER))


@cache
def inspecting() -> Inspecting:
    """The shipped terms of inspecting, read once a process."""
    data = checked(INSPECTING, INSPECTING_SCHEMA).data
    bits = data["photo_bits"]
    rest = {k: v for k, v in data.items() if k not in ("source", "photo_bits")}
    return Inspecting(dhash_bits=bits["dhash"], phash_bits=bits["phash"], **rest)


def for_facility(kind: str, place: Place, on: date) -> list[Standard]:
    """The standards that a facility of this kind at this place has to meet on a day."""
    codes = codes_above(place.code)
    return [standard for standard in standards() if standard.applies(kind, codes, on)]


def _faults(doc: Doc) -> list[Fault]:
    faults = check(doc, SCHEMA)
    if faults:
        return faults
    seen: set[str] = set()
    for at, row in enumerate(doc.data["clauses"]):
        if row["id"] in seen:
            faults.append(
                doc.fault(("clauses", at, "id"), "clause_twice", "条款编号重复。", "The same clause id stands twice.")
            )
        seen.add(row["id"])
        faults += _code_faults(doc, at, row)
        if row["operator"] == "≈" and not row.get("tolerance"):
            faults.append(doc.fault(("clauses", at, "tolerance"), "tolerance_missing", *_TOLERANCE))
        if row["measure"] == "activity" and not row.get("within_days"):
            faults.append(doc.fault(("clauses", at, "within_days"), "within_missing", *_WITHIN))
    if doc.data.get("valid_to") and doc.data["valid_to"] < doc.data["valid_from"]:
        faults.append(doc.fault(("valid_to",), "dates_in_order", "结束日期早于开始日期。", "It ends before it begins."))
    return faults


def _code_faults(doc: Doc, at: int, row: dict) -> list[Fault]:
    codes, known = row.get("codes") or [], CODES.get(row["measure"])
    if not codes and row["measure"] in _NEED_CODES:
        return [doc.fault(("clauses", at, "codes"), "codes_missing", *_CODES_MISSING)]
    if codes and known is None and row["measure"] != "grade":
        return [doc.fault(("clauses", at, "codes"), "codes_unused", *_CODES_UNUSED)]
    wrong = [code for code in codes if known is not None and code not in known]
    said = ("、".join(wrong), "、".join(sorted(known or ())))
    return [
        doc.fault(("clauses", at, "codes"), "unknown_code", f"不认识“{said[0]}”。可用：{said[1]}。", f"Unknown: {said[0]}. Known: {said[1]}.")
    ] if wrong else []  # fmt: skip


_TOLERANCE = ("“左右”要写明允许相差百分之几。", 'State the tolerance in percent for "about".')
_WITHIN = ("活动要写明看最近多少天。", "State within how many days an activity counts.")
_CODES_MISSING = ("要写明数的是哪些项目。", "Name the things that are counted.")
_CODES_UNUSED = ("这种量不按项目数，请删去 codes。", "This measure does not count by code; take codes out.")


def _same_name(docs: list[Doc]) -> list[Fault]:
    names = [doc.data.get("id") if isinstance(doc.data, dict) else None for doc in docs]
    return [
        doc.fault(("id",), "name_twice", "另一个文件已用此名。", "Another file already has this id.")
        for at, doc in enumerate(docs)
        if names[at] and names[at] in names[:at]
    ]


def _standard(data: dict) -> Standard:
    plain = json.dumps(data, default=date.isoformat, sort_keys=True, ensure_ascii=False)
    return Standard(
        name=data["id"],
        version=hashlib.sha256(plain.encode()).hexdigest()[:16],
        title=data["title"],
        source=data["source"],
        kinds=tuple(data["applies_to"]["kinds"]),
        places=tuple(data["applies_to"]["places"]),
        valid_from=data["valid_from"],
        valid_to=data.get("valid_to"),
        terms=tuple(_term(data["id"], row) for row in data["clauses"]),
    )


def _term(standard: str, row: dict) -> Term:
    clause = rules.Clause(
        id=row["id"],
        measure=row["measure"],
        operator=row["operator"],
        value=row["value"],
        codes=tuple(row.get("codes") or ()),
        tolerance=row.get("tolerance") or 0,
        hard=row["hard"],
        within_days=row.get("within_days") or 0,
        only=row.get("only") or "",
    )
    return Term(
        standard, clause, row["title"], row["unit"], row["clause"], row.get("commitment") or "", row.get("photo") or "",
        row.get("when") or "", row.get("note") or {"zh": "", "en": ""},
    )  # fmt: skip

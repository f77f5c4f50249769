"""The scale itself, read from definitions/assessment/gbt42195.yaml and checked: items, levels, dated parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol, TypeVar

from songhe.core.definitions import BadDefinition, Day, Doc, Fault, Flag, Items, Map, Number, Table, Text, check, load

FILE = Path(__file__).parents[2] / "definitions" / "assessment" / "gbt42195.yaml"


@dataclass(frozen=True, slots=True)
class Answer:
    score: int
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Item:
    """One question. `answers` from best to worst; `confirmed` False where the print was not compared."""

    id: str
    zh: str
    en: str
    max: int
    note: str
    confirmed: bool
    answers: tuple[Answer, ...]

    @property
    def scores(self) -> frozenset[int]:
        return frozenset(a.score for a in self.answers)


@dataclass(frozen=True, slots=True)
class Domain:
    id: str
    clause: str
    zh: str
    en: str
    items: tuple[Item, ...]

    @property
    def max(self) -> int:
        return sum(i.max for i in self.items)


@dataclass(frozen=True, slots=True)
class Level:
    level: int
    least: int
    most: int
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Named:
    """A code with its Chinese and English words."""

    id: str
    zh: str
    en: str
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Adjustments:
    start: date
    source: str
    confirmed: bool
    coma_level: int
    coma_by_score: bool
    mental_diagnosis_steps: int
    risk_event_steps: int
    risk_events_least: int
    risk_events_counted: str
    combined: str
    worst_level: int


@dataclass(frozen=True, slots=True)
class Validity:
    start: date
    source: str
    confirmed: bool
    months: int
    no_expiry_levels: frozenset[int]
    notice_days: int


@dataclass(frozen=True, slots=True)
class Mapping:
    id: str
    zh: str
    en: str
    levels: frozenset[int]
    start: date
    source: str
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Scale:
    """The whole scale. Build it with load_scale()."""

    id: str
    zh: str
    en: str
    number: str
    domains: tuple[Domain, ...]
    levels: tuple[Level, ...]
    findings: tuple[Named, ...]
    risk_types: tuple[Named, ...]
    adjustments: tuple[Adjustments, ...]
    validity: tuple[Validity, ...]
    mappings: tuple[Mapping, ...]
    reasons: tuple[Named, ...]
    living: tuple[Named, ...]

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(i for d in self.domains for i in d.items)

    @property
    def max(self) -> int:
        return sum(d.max for d in self.domains)

    def item(self, name: str) -> Item | None:
        return next((i for i in self.items if i.id == name), None)

    def level_of(self, total: int) -> int:
        return next(v.level for v in self.levels if v.least <= total <= v.most)

    def level(self, number: int) -> Level:
        return next(v for v in self.levels if v.level == number)


class _Dated(Protocol):
    @property
    def start(self) -> date: ...


D = TypeVar("D", bound=_Dated)


def in_force(versions: Sequence[D], on: date) -> D:
    """The version in force on a day: the latest that has begun; before the first one, the first."""
    begun = [v for v in versions if v.start <= on]
    return max(begun, key=lambda v: v.start) if begun else min(versions, key=lambda v: v.start)


_NAMED = Items(Map({"id": Text(), "zh": Text(), "en": Text(), "clause": Text(required=False)}))
_ANSWERS = Items(Map({"score": Number(whole=True, least=0, most=4), "zh": Text(), "en": Text()}), least=2)
_LEVEL = Number(whole=True, least=0, most=4)
_DATED = {"from": Day(), "source": Text(), "confirmed": Flag(required=False)}
_ITEM = Map(
    {"id": Text(), "zh": Text(), "en": Text(), "max": Number(whole=True, least=1, most=4), "note": Text(required=False)}
    | {"confirmed": Flag(required=False), "answers": Items(_ANSWERS.of, required=False, least=2)}
)
SCHEMA: dict[str, Any] = {
    "id": Text(),
    "zh": Text(),
    "en": Text(),
    "source": Map({"title": Text(), "number": Text(), "from": Day()}),
    "answers": Table(_ANSWERS),
    "domains": Items(Map({"id": Text(), "clause": Text(), "zh": Text(), "en": Text(), "items": Items(_ITEM)})),
    "levels": Items(
        Map({"level": _LEVEL, "least": Number(whole=True), "most": Number(whole=True), "zh": Text(), "en": Text()})
    ),
    "findings": _NAMED,
    "risk_types": _NAMED,
    "adjustments": Items(
        Map(
            _DATED
            | {
                "coma_level": _LEVEL,
                "coma_by_score": Flag(),
                "mental_diagnosis_steps": _LEVEL,
                "risk_event_steps": _LEVEL,
            }
            | {"risk_events_least": Number(whole=True, least=1), "risk_events_counted": Text(allowed=("sum", "max"))}
            | {"combined": Text(allowed=("sum", "max")), "worst_level": _LEVEL}
        )
    ),
    "validity": Items(
        Map(
            _DATED
            | {"months": Number(whole=True, least=1), "notice_days": Number(whole=True, least=0)}
            | {"no_expiry_levels": Items(_LEVEL, least=0, required=False)}
        )
    ),
    "mappings": Items(Map(_DATED | {"id": Text(), "zh": Text(), "en": Text(), "levels": Items(_LEVEL)})),
    "reasons": _NAMED,
    "living": _NAMED,
}


def load_scale(path: Path | str = FILE) -> Scale:
    """Read and check a scale; the shipped one is read once. Raises BadDefinition."""
    return _load(Path(path), Path(path).stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _load(path: Path, _changed: int) -> Scale:
    doc = load(path)
    faults = check(doc, SCHEMA) or _check_sums(doc)
    if faults:
        raise BadDefinition(faults)
    data = doc.data
    defaults = {int(k): v for k, v in data["answers"].items()}
    return Scale(
        id=data["id"], zh=data["zh"], en=data["en"], number=data["source"]["number"],
        domains=tuple(_domain(d, defaults) for d in data["domains"]),
        levels=tuple(Level(**v) for v in data["levels"]),
        findings=_named(data["findings"]), risk_types=_named(data["risk_types"]),
        adjustments=tuple(Adjustments(**_dated(v)) for v in data["adjustments"]),
        validity=tuple(Validity(**_with_levels(_dated(v), "no_expiry_levels")) for v in data["validity"]),
        mappings=tuple(Mapping(**_with_levels(_dated(v), "levels")) for v in data["mappings"]),
        reasons=_named(data["reasons"]), living=_named(data["living"]),
    )  # fmt: skip


def _domain(data: dict[str, Any], defaults: dict[int, list[dict[str, Any]]]) -> Domain:
    items = tuple(
        Item(
            i["id"], i["zh"], i["en"], i["max"], i.get("note", ""), i.get("confirmed", True),
            tuple(Answer(**a) for a in i.get("answers") or defaults[i["max"]]),
        )
        for i in data["items"]
    )  # fmt: skip
    return Domain(data["id"], data["clause"], data["zh"], data["en"], items)


def _named(entries: list[dict[str, Any]]) -> tuple[Named, ...]:
    return tuple(Named(**e) for e in entries)


def _dated(entry: dict[str, Any]) -> dict[str, Any]:
    return {"confirmed": True, **{k: v for k, v in entry.items() if k != "from"}, "start": entry["from"]}


def _with_levels(entry: dict[str, Any], key: str) -> dict[str, Any]:
    return {**entry, key: frozenset(entry.get(key) or ())}


def _check_sums(doc: Doc) -> list[Fault]:
    """What the schema cannot say: scores run from the maximum to 0, levels leave no gap, names stand once."""
    faults, names, top = [], set(), 0
    for d, domain in enumerate(doc.data["domains"]):
        for i, item in enumerate(domain["items"]):
            where = ("domains", d, "items", i)
            answers = item.get("answers") or doc.data["answers"].get(str(item["max"]), [])
            if [a["score"] for a in answers] != list(range(item["max"], -1, -1)):
                zh, en = f"答案应从{item['max']}分依次到0分。", f"Answers must run from {item['max']} down to 0."
                faults.append(doc.fault(where, "answer_scores", zh, en))
            if item["id"] in names:
                faults.append(doc.fault(where, "item_twice", f"“{item['id']}”重复。", f'"{item["id"]}" stands twice.'))
            names.add(item["id"])
            top += item["max"]
    covered = sorted(n for v in doc.data["levels"] for n in range(v["least"], v["most"] + 1))
    if covered != list(range(top + 1)):
        zh, en = f"各等级应正好覆盖0至{top}分，不重不漏。", f"Levels must cover 0 to {top} points once each."
        faults.append(doc.fault(("levels",), "level_gap", zh, en))
    return faults

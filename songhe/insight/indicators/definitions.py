"""Indicators as people write them: `definitions/indicators/*.yaml`, checked, with a version that follows the text."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path

from songhe.core.definitions import (
    BOTH,
    BadDefinition,
    Day,
    Items,
    Map,
    Number,
    Table,
    Text,
    Value,
    check,
    checked,
    load_all,
)
from songhe.core.refusal import Refusal
from songhe.insight.indicators import sources

KINDS = ("day", "week", "month", "half")
SCHEMA = {
    "name": Text(pattern=r"[a-z][a-z0-9_]*", shape="a_z"),
    "title": BOTH,
    "why": BOTH,
    "commitment": Text(required=False, pattern=r"R\d\d", shape="R73"),
    "source": Map({"title": Text(), "number": Text(required=False), "date": Day(), "clause": Text(required=False)}),
    "query": Text(allowed=tuple(sources.SOURCES)),
    "parameters": Table(Value(), required=False),
    "subject": Text(allowed=("duty", "person", "escalation", "place", "facility", "bed", "diner")),
    "denominator": BOTH,
    "numerator": BOTH,
    "unit": Text(),
    "operator": Text(allowed=(">=", "<=", "=")),
    "target": Number(),
    "direction": Text(allowed=("up", "down")),
    "periods": Items(Text(allowed=KINDS)),
    "lights": Map({"green": Number(), "yellow": Number()}),
    "acts": BOTH,
}


@dataclass(frozen=True)
class Indicator:
    """One definition. `lights` are bounds in `unit`; `direction` says which side of them is good."""

    name: str
    title: dict
    why: dict
    commitment: str
    source: dict
    query: str
    parameters: dict
    subject: str
    denominator: dict
    numerator: dict
    unit: str
    operator: str
    target: float
    direction: str
    periods: tuple[str, ...]
    lights: dict
    acts: dict
    version: str
    file: str

    def said(self, field: str) -> str:
        """A two-language field in the reader's language."""
        from django.utils.translation import get_language

        return getattr(self, field)["en" if (get_language() or "").startswith("en") else "zh"]


def _folder() -> Path:
    return Path(str(resources.files("songhe.definitions"))) / "indicators"


def read(folder: Path | None = None) -> dict[str, Indicator]:
    """Every definition of a folder by name. Raises BadDefinition with all faults of all files."""
    faults, found = [], {}
    for doc in load_all(folder or _folder()):
        wrong = check(doc, SCHEMA)
        if not wrong:
            wrong = _beyond_schema(doc, found)
        faults += wrong
        if not wrong:
            text = json.dumps(doc.data, ensure_ascii=False, sort_keys=True, default=date.isoformat)
            data = {"commitment": "", "parameters": {}} | doc.data | {"periods": tuple(doc.data["periods"])}
            version = hashlib.sha256(text.encode()).hexdigest()[:16]
            found[data["name"]] = Indicator(**data, version=version, file=doc.name)
    if faults:
        raise BadDefinition(faults)
    return found


def _beyond_schema(doc, found) -> list:
    data, faults = doc.data, []
    if data["name"] in found:
        faults.append(
            doc.fault(("name",), "twice", f"名称“{data['name']}”已被 {found[data['name']].file} 使用。请改名。",
                      f"The name “{data['name']}” is taken by {found[data['name']].file}. Rename it.")
        )  # fmt: skip
    good, fair = data["lights"]["green"], data["lights"]["yellow"]
    if (good < fair) if data["direction"] == "up" else (good > fair):
        faults.append(
            doc.fault(("lights", "yellow"), "lights", "黄灯界线不能好于绿灯界线。请对调或修改。",
                      "The yellow bound may not be better than the green one. Swap or change them.")
        )  # fmt: skip
    return faults


@cache
def shipped() -> dict[str, Indicator]:
    """The definitions in force."""
    return read()


def named(name: str) -> Indicator:
    """One indicator; Refusal for an unknown name, never "everything"."""
    try:
        return shipped()[name]
    except KeyError:
        names = "、".join(shipped())
        raise Refusal(
            "unknown_indicator",
            zh=f"没有名为“{name}”的指标。现有：{names}。",
            en=f"There is no indicator “{name}”. There are: {names}.",
            field="indicator",
        ) from None


BOARD = {
    "name": Text(),
    "title": BOTH,
    "source": Map({"title": Text(), "date": Day()}),
    "rows": Items(
        Map(
            {
                "order": Number(whole=True),
                "commitment": Text(required=False, pattern=r"R\d\d", shape="R73"),
                "title": BOTH,
                "indicator": Text(required=False),
            }
        )
    ),
}


@cache
def board(name: str) -> dict:
    """A board: rates shown together in a given order. A row without an indicator is not counted here yet (未报)."""
    doc = checked(_folder().parent / "boards" / f"{name}.yaml", BOARD)
    wrong = [
        doc.fault(
            ("rows", at, "indicator"),
            "unknown",
            f"没有指标“{row['indicator']}”。",
            f"No indicator “{row['indicator']}”.",
        )
        for at, row in enumerate(doc.data["rows"])
        if row.get("indicator") and row["indicator"] not in shipped()
    ]
    if wrong:
        raise BadDefinition(wrong)
    return doc.data

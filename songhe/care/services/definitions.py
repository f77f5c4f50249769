"""Reads `definitions/services/`: catalogues and the terms of dispatching; every error names file, line and field.

catalogues()            -> [{"name": "dingzhou", "version": "9f…", "items": [...], "entitlements": [...], …}]
terms().answer_minutes  -> {"emergency": 5, "soon": 20, "planned": 120}
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from songhe.care.duties.terms import NEEDS
from songhe.care.services import terms as words
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
    Table,
    Text,
    check,
    checked,
    load_all,
)
from songhe.registry.people.terms import BITS, tags_of

FOLDER = Path(__file__).resolve().parents[2] / "definitions" / "services"


def _of(pairs, *, required: str = "yes") -> Text:
    return Text(allowed=tuple(code for code, _label in pairs), required=required == "yes")


_ID = Text(pattern=r"[a-z][a-z0-9-]{1,39}", shape="bath-home")
_minutes = Number(whole=True, least=1, most=10080)
_codes = Items(Text(allowed=tuple(BITS)), required=False)
_urgency = Map(
    {"dispatch_minutes": _minutes, "arrive_minutes": Number(whole=True, least=1, most=10080, required=False)}
)
SCHEMA = {
    "id": _ID,
    "title": BOTH,
    "places": Items(Text(pattern=r"\d{6}|\d{9}|\d{12}", shape="130682")),
    "source": Map(
        {
            "title": Text(), "number": Text(required=False), "issuer": Text(), "date": Day(), "confirmed": Flag(),
            "clause": BOTH,
        }
    ),
    "valid_from": Day(),
    "valid_to": Day(required=False),
    "urgencies": Map({code: _urgency for code, _label in words.URGENCIES}),
    "items": Items(
        Map(
            {
                "id": _ID, "kind": _of(words.KINDS), "name": BOTH, "unit": Text(), "price": Number(least=0, most=100000),
                "minutes": Number(whole=True, least=1, most=1440), "carers": Number(whole=True, least=1, most=2),
                "qualifications": Items(_of(words.QUALIFICATIONS), least=0, required=False),
                "proofs": Items(_of(words.PROOFS)), "may_order": Items(_of(words.CHANNELS)),
                "urgency": _of(words.URGENCIES), "needs": Items(_of(NEEDS), least=0, required=False),
            }
        )
    ),
    "entitlements": Items(
        Map(
            {
                "id": _ID, "title": BOTH, "clause": BOTH, "any_of": _codes, "all_of": _codes,
                "ability_levels": Items(Number(whole=True, least=0, most=4), required=False),
                "age_from": Number(whole=True, least=0, most=130, required=False), "items": Items(_ID),
                "quota": Number(whole=True, least=1, most=999),
                "government_share": Number(whole=True, least=0, most=100),
            }
        ),
        required=False,
    ),
}  # fmt: skip
_by_urgency = Map({code: _minutes for code, _label in words.URGENCIES})
_price = Number(least=0, most=100000)
TERMS_SCHEMA = {
    "source": Map({"title": Text(), "confirmed": Flag()}),
    "answer_minutes": _by_urgency,
    "window_minutes": _minutes,
    "book_ahead_days": Number(whole=True, least=1, most=366),
    "between_orders_minutes": Number(whole=True, least=0, most=240),
    "ways": Map({"detour": Number(least=1, most=5), "km_an_hour": Number(least=1, most=120)}),
    "prices": Map({"new_face": _price, "full_day": _price, "refused_before": _price}),
    "continuity_days": Number(whole=True, least=0, most=366),
    "offers": Number(whole=True, least=1, most=50),
    "plan": Map(
        {
            "lead_minutes": _minutes, "late_minutes": _minutes,
            "left_undone": Map({code: _minutes for code, _label in words.URGENCIES}),
        }
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Terms:
    """The terms of dispatching; times in minutes, prices in minutes of way."""

    answer_minutes: Mapping[str, int]
    window_minutes: int
    book_ahead_days: int
    between_orders_minutes: int
    ways: Mapping[str, float]
    prices: Mapping[str, float]
    continuity_days: int
    offers: int
    plan: Mapping[str, Any]


@cache
def terms() -> Terms:
    """The shipped terms, read once a process. Raises BadDefinition."""
    data = dict(checked(FOLDER / "dispatch.yaml", TERMS_SCHEMA).data)
    data.pop("source")
    return Terms(**data)


def catalogues(folder: Path | None = None) -> list[dict]:
    """Every version of every catalogue. Raises BadDefinition with every fault of every file."""
    docs = load_all(folder or FOLDER / "catalogues")
    faults = [fault for doc in docs for fault in _faults(doc)] or _overlaps(docs)
    if faults:
        raise BadDefinition(faults)
    return [_row(doc.data) for doc in docs]


def _faults(doc: Doc) -> list[Fault]:
    faults = check(doc, SCHEMA)
    if faults:
        return faults
    data, out = doc.data, []
    codes = [item["id"] for item in data["items"]]
    for at, code in enumerate(codes):
        if code in codes[:at]:
            out.append(doc.fault(("items", at, "id"), "item_twice", *_TWICE))
    for at, rule in enumerate(data.get("entitlements") or []):
        for n, code in enumerate(rule["items"]):
            if code not in codes:
                out.append(doc.fault(("entitlements", at, "items", n), "unknown_item", *_UNKNOWN))
        if not (rule.get("any_of") or rule.get("all_of") or rule.get("ability_levels") or rule.get("age_from")):
            out.append(doc.fault(("entitlements", at), "owed_to_all", *_TO_ALL))
    return out


_TWICE = ("项目编号重复。", "The same item id stands twice.")
_UNKNOWN = ("目录里没有这个项目。请先在 items 里写明。", "The catalogue has no such item. Add it to items first.")
_TO_ALL = ("没有写明给谁，等于给所有人。请至少写一个条件。", "No condition: it would be owed to everybody. Name one.")


def _overlaps(docs: list[Doc]) -> list[Fault]:
    """Two versions of one catalogue in force on the same day."""
    out = []
    rows = sorted(docs, key=lambda doc: (doc.data["id"], doc.data["valid_from"]))
    for before, after in pairwise(rows):
        end = before.data.get("valid_to") or date.max
        if before.data["id"] == after.data["id"] and end > after.data["valid_from"]:
            out.append(
                after.fault(
                    ("valid_from",), "versions_overlap", f"与 {before.name} 的日期重叠。", f"Overlaps {before.name}."
                )
            )
    return out


def _row(data: dict) -> dict:
    plain = json.loads(json.dumps(data, default=date.isoformat, ensure_ascii=False))
    text = json.dumps(plain, sort_keys=True, ensure_ascii=False)
    return {
        "name": data["id"], "version": hashlib.sha256(text.encode()).hexdigest()[:16], "title": data["title"]["zh"],
        "title_en": data["title"]["en"], "places": data["places"], "source": plain["source"],
        "urgencies": plain["urgencies"], "valid_from": data["valid_from"], "valid_to": data.get("valid_to"),
        "items": [_item(row, at) for at, row in enumerate(data["items"])],
        "entitlements": [_entitlement(row, at, data) for at, row in enumerate(data.get("entitlements") or [])],
    }  # fmt: skip


def _item(row: dict, at: int) -> dict:
    return {
        "code": row["id"], "kind": row["kind"], "name": row["name"]["zh"], "name_en": row["name"]["en"],
        "unit": row["unit"], "price": str(row["price"]), "minutes": row["minutes"], "carers": row["carers"],
        "qualifications": row.get("qualifications") or [], "proofs": row["proofs"], "may_order": row["may_order"],
        "urgency": row["urgency"], "needs": row.get("needs") or [], "position": at,
    }  # fmt: skip


def _entitlement(row: dict, at: int, data: dict) -> dict:
    return {
        "code": row["id"], "title": row["title"]["zh"], "title_en": row["title"]["en"],
        "clause": {**row["clause"], "where": data["source"]["title"]}, "any_of": tags_of(row.get("any_of") or []),
        "all_of": tags_of(row.get("all_of") or []), "ability_levels": row.get("ability_levels") or [],
        "age_from": row.get("age_from") or 0, "items": row["items"], "quota": row["quota"],
        "government_share": row["government_share"], "position": at,
    }  # fmt: skip


@cache
def units() -> Mapping[str, tuple[str, str]]:
    """{"次": ("visit", "visits")}: what services are counted in. Raises BadDefinition."""
    schema = {"units": Items(Map({"zh": Text(), "en": Text(), "many": Text()}))}
    return {row["zh"]: (row["en"], row["many"]) for row in checked(FOLDER / "units.yaml", schema).data["units"]}


def unit_in(language: str, unit: str, number: float = 1) -> str:
    """A unit as a page says it: "次", in English "visit" or, of another number than one, "visits"."""
    if not language.startswith("en") or unit not in units():
        return unit
    one, many = units()[unit]
    return one if number == 1 else many


@cache
def area_codes() -> Mapping[str, str]:
    """{division code: telephone area code}. Raises BadDefinition."""
    schema = {
        "source": Map({"title": Text(), "confirmed": Flag()}),
        "codes": Table(Text(pattern=r"0\d{2,3}", shape="0312")),
    }
    return dict(checked(FOLDER / "area_codes.yaml", schema).data["codes"])

"""Reads `definitions/duties/*.yaml` and `definitions/visits/follow_up.yaml`; every error names file, line and field.

rule_rows()            -> [{"name": "visiting", "version": "9f…", "owed_to": 1039, "tiers": [...], …}]
follow_up().back_days  -> 35
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from songhe.care.duties import rules
from songhe.care.duties.terms import BY, MODES, NEEDS, STEPS
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
    load_all,
)
from songhe.registry.people.terms import BITS, tags_of

FOLDER = Path(__file__).resolve().parents[2] / "definitions"
FOLLOW_UP = FOLDER / "visits" / "follow_up.yaml"

_codes = Items(Text(allowed=tuple(BITS)))
_modes = Items(Text(allowed=tuple(code for code, _ in MODES)), least=0)
SCHEMA = {
    "id": Text(pattern=r"[a-z][a-z0-9-]{1,39}", shape="visiting"),
    "commitment": Text(required=False),
    "title": BOTH,
    "source": Map(
        {
            "title": Text(),
            "number": Text(required=False),
            "issuer": Text(),
            "date": Day(),
            "confirmed": Flag(),
            "clause": BOTH,
        }
    ),
    "period": Text(allowed=("week", "month")),
    "by": Text(allowed=tuple(code for code, _ in BY)),
    "owed_to": _codes,
    "owes": Map(
        {
            "calls": Number(whole=True, least=0, most=99, required=False),
            "call_modes": Items(_modes.of, least=0, required=False),
            "visits": Number(whole=True, least=0, most=99, required=False),
            "visit_modes": Items(_modes.of, least=0, required=False),
        }
    ),
    "tiers": Items(
        Map(
            {
                "id": Text(pattern=r"[a-z][a-z0-9_]{0,23}", shape="high_risk"),
                "title": BOTH,
                "any_of": Items(_codes.of, required=False),
                "all_of": Items(_codes.of, required=False),
                "age_from": Number(whole=True, least=0, most=130, required=False),
                "calls": Number(whole=True, least=0, most=99, required=False),
                "visits": Number(whole=True, least=0, most=99, required=False),
                "confirmed": Flag(required=False),
            }
        ),
        required=False,
    ),
    "excuse_min_days": Number(whole=True, least=1, most=31),
    "late_after_days": Number(whole=True, least=0, most=31),
    "valid_from": Day(),
    "valid_to": Day(required=False),
}
FOLLOW_UP_SCHEMA = {
    "source": Map({"title": Text(), "confirmed": Flag()}),
    "ladder": Items(
        Map(
            {"step": Text(allowed=tuple(code for code, _ in STEPS)), "minutes": Number(whole=True, least=1, most=10080)}
        )
    ),
    "need_days": Map({code: Number(whole=True, least=0, most=365) for code, _ in NEEDS}),
    "limits": Map(
        {
            "back_days": Number(whole=True, least=0, most=366),
            "ahead_minutes": Number(whole=True, least=0, most=120),
            "excuse_days": Number(whole=True, least=1, most=366),
        }
    ),
}


@dataclass(frozen=True)
class FollowUp:
    """`ladder`: [(step, minutes)] in order; `need_days`: {need: days}; limits in days and minutes."""

    ladder: list[tuple[str, int]]
    need_days: dict[str, int]
    back_days: int
    ahead_minutes: int
    excuse_days: int


def rule_rows(folder: Path | None = None) -> list[dict]:
    """The fields of a `Rule` for each definition. Raises BadDefinition with every fault of every file."""
    return list(_read(folder)) if folder else list(_shipped())


@cache
def _shipped() -> tuple[dict, ...]:
    return tuple(_read(FOLDER / "duties"))


def _read(folder: Path) -> list[dict]:
    docs = load_all(folder)
    faults = [fault for doc in docs for fault in _faults(doc)] + _same_name(docs)
    if faults:
        raise BadDefinition(faults)
    return [_row(doc.data) for doc in docs]


def _faults(doc: Doc) -> list[Fault]:
    faults = check(doc, SCHEMA)
    if faults:
        return faults
    data, out = doc.data, []
    for kind in ("call", "visit"):
        if data["owes"].get(f"{kind}s") and not data["owes"].get(f"{kind}_modes"):
            out.append(doc.fault(("owes", f"{kind}_modes"), "modes_missing", *_MODES_MISSING))
    if not (data["owes"].get("calls") or data["owes"].get("visits")):
        out.append(doc.fault(("owes",), "nothing_owed", *_NOTHING))
    tiers = _tiers(data)
    for later, earlier in rules.shadowed(tiers):
        first = tiers[earlier].name
        out.append(doc.fault(("tiers", later), "tier_overlap", _OVERLAP[0] % first, _OVERLAP[1] % first))
    return out


_MODES_MISSING = ("欠几次就要写明哪些方式算数。", "Where something is owed, name the ways of contact that count.")
_NOTHING = ("至少要欠一次通话或上门。", "At least one call or visit must be owed.")
_OVERLAP = (
    "与前面的“%s”重叠：符合这一级的人都已归入前一级，它永远用不上。请调整次序或条件。",
    'Overlaps "%s" above: whoever fits here already fits there, so it can never apply. Change the order or the conditions.',
)


def _same_name(docs: list[Doc]) -> list[Fault]:
    seen: dict[str, str] = {}
    out = []
    for doc in docs:
        name = doc.data.get("id") if isinstance(doc.data, dict) else None
        if name in seen:
            out.append(
                doc.fault(("id",), "name_twice", f"{seen[name]} 已用此名。", f"{seen[name]} already has this id.")
            )
        elif name:
            seen[name] = doc.name
    return out


def _tiers(data: dict) -> list[rules.Tier]:
    return [
        rules.Tier(
            name=tier["id"],
            any_of=tags_of(tier.get("any_of") or []),
            all_of=tags_of(tier.get("all_of") or []),
            age_from=tier.get("age_from") or 0,
            calls=tier.get("calls") or 0,
            visits=tier.get("visits") or 0,
        )
        for tier in data.get("tiers") or []
    ]


def _row(data: dict) -> dict:
    plain = json.loads(json.dumps(data, default=date.isoformat, ensure_ascii=False))
    text = json.dumps(plain, sort_keys=True, ensure_ascii=False)
    titles = {tier["id"]: tier["title"] for tier in data.get("tiers") or []}
    return {
        "name": data["id"],
        "version": hashlib.sha256(text.encode()).hexdigest()[:16],
        "commitment": data.get("commitment") or "",
        "title": data["title"]["zh"],
        "title_en": data["title"]["en"],
        "source": plain["source"],
        "period_kind": data["period"],
        "owed_to": tags_of(data["owed_to"]),
        "by": data["by"],
        "calls_owed": data["owes"].get("calls") or 0,
        "visits_owed": data["owes"].get("visits") or 0,
        "call_modes": data["owes"].get("call_modes") or [],
        "visit_modes": data["owes"].get("visit_modes") or [],
        "tiers": [vars(tier) | {"title": titles[tier.name]} for tier in _tiers(data)],
        "excuse_min_days": data["excuse_min_days"],
        "late_after_days": data["late_after_days"],
        "valid_from": data["valid_from"],
        "valid_to": data.get("valid_to"),
        "definition": plain,
    }


def read_follow_up(path: Path = FOLLOW_UP) -> FollowUp:
    """The ladder, the terms and the limits. Raises BadDefinition, also when a step stands twice."""
    doc = checked(path, FOLLOW_UP_SCHEMA)
    steps = [rung["step"] for rung in doc.data["ladder"]]
    twice = [at for at, step in enumerate(steps) if step in steps[:at]]
    if twice:
        raise BadDefinition([doc.fault(("ladder", at, "step"), "step_twice", *_STEP_TWICE) for at in twice])
    return FollowUp(
        [(rung["step"], rung["minutes"]) for rung in doc.data["ladder"]], doc.data["need_days"], **doc.data["limits"]
    )


_STEP_TWICE = ("同一步骤出现了两次。", "The same step stands twice.")


@cache
def follow_up() -> FollowUp:
    """The shipped ladder, terms and limits, read once a process."""
    return read_follow_up()

"""Reads `definitions/evidence/checks.yaml`: which looks are taken at the evidence of an order, with what numbers, since when.

on(date(2026, 11, 22)).terms["travel"]  -> {"most_kmh": 80, "free_km": 1}
"""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from django.utils.translation import gettext as _

from songhe.care.evidence.rules import RULES, Terms
from songhe.care.services.terms import PROOFS, QUALIFICATIONS
from songhe.core.definitions import (
    BOTH,
    BadDefinition,
    Day,
    Fault,
    Flag,
    Items,
    Map,
    Number,
    Table,
    Text,
    check,
    load,
)

FILE = Path(__file__).resolve().parents[2] / "definitions" / "evidence" / "checks.yaml"
VALUES = {
    "overlap": {"grace_minutes"},
    "travel": {"most_kmh", "free_km"},
    "too_short": {"grace_minutes"},
    "long_day": {"most_hours"},
    "unqualified": set(),
    "unlocated": set(),
    "incomplete": set(),
    "photo_reused": {"most_bits"},
    "late_entry": {"hours", "most_a_month"},
    "one_device": {"most_carers"},
    "denied": set(),
}
"""The numbers each rule needs; `rules.RULES` says what they mean."""
DENIED = "denied"  # raised by a call-back, not by a look
DECIDES = ("person", "nobody", "over_cap")
VERIFIES = ("code", "call_back")
SCHEMA = {
    "id": Text(),
    "source": Map({"title": Text(), "number": Text(required=False), "date": Day(), "confirmed": Flag()}),
    "clause": BOTH,
    "rules": Items(
        Map(
            {
                "id": Text(allowed=(*RULES, DENIED)),
                "title": BOTH,
                "why": BOTH,
                "explain": BOTH,
                "decides": Text(allowed=DECIDES),
                "versions": Items(Map({"valid_from": Day(), "values": Table(Number(least=0), required=False)})),
            }
        )
    ),
    "verified_by": Items(Text(allowed=VERIFIES), least=0),
    "entry": Map({"most_days": Number(whole=True, least=1, most=366)}),
    "call_back": Map(
        {
            "confidence_z": Number(least=1, most=4),
            "margin": Number(least=0.001, most=0.5),
            "expected": Number(least=0.001, most=0.999),
            "within_days": Number(whole=True, least=1, most=92),
        }
    ),
}


@dataclass(frozen=True)
class Checks:
    """What holds on one day. `rules`: {id: its text}; `terms`: {id: its numbers}; `call_back` sizes the sample."""

    rules: dict[str, dict]
    terms: Terms
    clause: dict
    source: dict
    verified_by: tuple[str, ...]
    most_days: int
    call_back: dict

    def waits(self, rule: str, facts: dict) -> bool:
        """Whether a finding has to be decided by a person before the order can be settled."""
        decides = self.rules[rule]["decides"]
        return decides == "person" or (decides == "over_cap" and bool(facts.get("over")))

    def explained(self, rule: str, facts: dict, lang: str) -> str:
        """The rule's sentence with the finding's facts in it."""
        told = {name: _in_words(value) if name in ("lacking", "needs") else value for name, value in facts.items()}
        return self.rules[rule]["explain"][lang].format_map(told)


def _in_words(codes: str) -> str:
    """ "signature、photo" as it is said: 服务对象签字、照片."""
    words = {code: str(label) for code, label in [*PROOFS, *QUALIFICATIONS]}
    return _("、").join(words.get(code, code) for code in codes.split("、"))


def read(path: Path = FILE) -> dict:
    """The checked definition. Raises BadDefinition: unknown rules, numbers that are missing or not known, rules twice."""
    doc = load(path)
    faults = check(doc, SCHEMA) or [*_numbers(doc), *_twice(doc)]
    if faults:
        raise BadDefinition(faults)
    return doc.data


def _numbers(doc) -> list[Fault]:
    out = []
    for at, rule in enumerate(doc.data["rules"]):
        for n, version in enumerate(rule["versions"]):
            given, needed = set(version.get("values") or {}), VALUES[rule["id"]]
            if given != needed:
                words = "、".join(sorted(needed)) or "—"
                out.append(doc.fault(("rules", at, "versions", n, "values"), "values", f"“{rule['id']}”须且只须给出：{words}。", f"“{rule['id']}” takes exactly: {words}."))  # fmt: skip
    return out


def _twice(doc) -> list[Fault]:
    ids = [rule["id"] for rule in doc.data["rules"]]
    return [
        doc.fault(("rules", at, "id"), "twice", f"规则“{name}”写了两次。", f"The rule “{name}” stands twice.")
        for at, name in enumerate(ids)
        if name in ids[:at]
    ]


@cache
def _shipped() -> dict:
    return read()


@cache
def on(day: date) -> Checks:
    """What the shipped definition says on a day; a rule that has not begun is left out."""
    data = _shipped()
    rules, terms = {}, {}
    for rule in data["rules"]:
        begun = sorted((v for v in rule["versions"] if v["valid_from"] <= day), key=lambda v: v["valid_from"])
        if begun:
            rules[rule["id"]] = rule
            terms[rule["id"]] = begun[-1].get("values") or {}
    return Checks(
        rules=rules, terms=terms, clause=data["clause"], source=data["source"], verified_by=tuple(data["verified_by"]),
        most_days=data["entry"]["most_days"], call_back=data["call_back"],
    )  # fmt: skip

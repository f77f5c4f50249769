"""Reads `definitions/meals/schemes.yaml`: tiers, shares and prices of meals by place and day.

scheme("130682001001", date(2026, 11, 22)).prices["lunch"]   -> 1200 (fen)
"""

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from importlib import resources
from pathlib import Path

from songhe.care.meals import rules, terms
from songhe.core.definitions import BOTH, BadDefinition, Day, Flag, Items, Map, Number, Text, checked
from songhe.registry.people.terms import BITS
from songhe.registry.places.rules import nearest

FILE = Path(str(resources.files("songhe.definitions"))) / "meals" / "schemes.yaml"
_PERCENT = Number(whole=True, least=0, most=100)
_ANY_OF = Items(Text(allowed=tuple(BITS)), least=0, required=False)
SCHEMA = {
    "schemes": Items(
        Map(
            {
                "id": Text(pattern=r"[a-z][a-z0-9-]{1,39}", shape="laixi-2020"),
                "places": Items(Text()),
                "valid_from": Day(),
                "valid_to": Day(required=False),
                "title": BOTH,
                "source": Map({"title": Text(), "number": Text(required=False), "date": Day(), "confirmed": Flag()}),
                "least_age": Number(whole=True, least=0, most=120),
                "prices": Map({code: Number(whole=True, least=0) for code, _label in terms.MEALS}),
                "until": Map({code: Number(whole=True, least=1, most=23) for code in ("breakfast", "lunch")}),
                "tiers": Items(
                    Map(
                        {
                            "id": Text(),
                            "title": BOTH,
                            "circumstances": _ANY_OF,
                            "least_age": Number(whole=True, least=0, most=120, required=False),
                            "shares": Map(dict.fromkeys(rules.PAYERS, _PERCENT)),
                        }
                    )
                ),
                "silent_days": Number(whole=True, least=1, most=365),
                "late_days": Number(whole=True, least=0, most=31),
                "warn_days": Number(whole=True, least=1, most=365),
            }
        )
    )
}


@dataclass(frozen=True)
class Scheme:
    """Terms of meals at a place from a day on. `prices` in fen by meal."""

    name: str
    version: str
    places: tuple[str, ...]
    valid_from: date
    valid_to: date | None
    title: dict[str, str]
    source: dict
    least_age: int
    prices: dict[str, int]
    until: dict[str, int]
    tiers: tuple[rules.Tier, ...]
    silent_days: int
    late_days: int
    warn_days: int


def read(path: Path = FILE) -> tuple[Scheme, ...]:
    """Every scheme. Raises BadDefinition; the shares of a tier add up to a hundred."""
    doc = checked(path, SCHEMA)
    faults = [
        doc.fault(
            ("schemes", at, "tiers", n, "shares"), "not_a_hundred", "四方分担之和应为 100。", "The shares must add up to 100."
        )
        for at, row in enumerate(doc.data["schemes"])
        for n, tier in enumerate(row["tiers"])
        if sum(tier["shares"].values()) != 100
    ]  # fmt: skip
    if faults:
        raise BadDefinition(faults)
    return tuple(_scheme(row) for row in doc.data["schemes"])


def _scheme(row: dict) -> Scheme:
    plain = json.dumps(row, default=date.isoformat, sort_keys=True, ensure_ascii=False)
    tiers = tuple(
        rules.Tier(t["id"], t["title"], tuple(t.get("circumstances") or ()), t.get("least_age") or row["least_age"], t["shares"])
        for t in row["tiers"]
    )  # fmt: skip
    rest = {
        k: row[k]
        for k in (
            "valid_from",
            "title",
            "source",
            "least_age",
            "prices",
            "until",
            "silent_days",
            "late_days",
            "warn_days",
        )
    }
    return Scheme(
        name=row["id"], version=sha256(plain.encode()).hexdigest()[:16], places=tuple(row["places"]),
        valid_to=row.get("valid_to"), tiers=tiers, **rest,
    )  # fmt: skip


@cache
def schemes() -> tuple[Scheme, ...]:
    """The shipped schemes, read once a process."""
    return read()


def scheme(code: str, on: date) -> Scheme:
    """The scheme of a place (by its division code) on a day: the nearest place that has one, else the general terms."""
    return nearest(schemes(), code, on)


def tier_titles() -> dict[str, dict[str, str]]:
    """{tier: title} of every scheme."""
    return {tier.name: tier.title for each in schemes() for tier in each.tiers}

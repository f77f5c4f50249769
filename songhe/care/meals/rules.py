"""Arithmetic of meals: which tier somebody belongs to, who pays what, whether a point is silent. No framework, no clock.

split(1200, {"government": 50, "person": 30, "society": 10, "volunteer": 10})
    -> {"government": 600, "person": 360, "society": 120, "volunteer": 120}        (fen)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

PAYERS = ("government", "person", "society", "volunteer")


@dataclass(frozen=True)
class Tier:
    """Who belongs to it (any of `circumstances`, or the age) and which per cent of a meal each of the four pays."""

    name: str
    title: dict[str, str]
    circumstances: tuple[str, ...]
    least_age: int
    shares: Mapping[str, int]


def age_on(birth: date, on: date) -> int:
    """Full years on a day."""
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


def tier_of(tiers: Sequence[Tier], *, age: int, circumstances: frozenset[str]) -> Tier | None:
    """The first tier that fits: one of its circumstances, or old enough where it names none. None: pays for themselves."""
    for tier in tiers:
        if tier.circumstances:
            if age >= tier.least_age and circumstances & set(tier.circumstances):
                return tier
        elif age >= tier.least_age:
            return tier
    return None


def split(price: int, shares: Mapping[str, int]) -> dict[str, int]:
    """A price in fen shared out by per cent, each rounded down; what is left over after rounding the person pays.

    >>> split(999, {"government": 33, "person": 47, "society": 10, "volunteer": 10})["government"]
    329
    """
    parts = {payer: price * shares.get(payer, 0) // 100 for payer in PAYERS}
    parts["person"] += price - sum(parts.values())
    return parts


def meal_at(hour: int, until: Mapping[str, int]) -> str:
    """The meal that is served at an hour; `until`: the hour at which breakfast and lunch are over.

    >>> meal_at(12, {"breakfast": 10, "lunch": 15})
    'lunch'
    """
    return "breakfast" if hour < until["breakfast"] else "lunch" if hour < until["lunch"] else "dinner"


def result_of(costs: int, incomes: Mapping[str, int]) -> int:
    """A point's month in fen: what came in less what it cost; below zero is a loss."""
    return sum(incomes.values()) - costs

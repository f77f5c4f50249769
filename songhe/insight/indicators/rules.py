"""Arithmetic of indicators: the value, and the light with its reason."""

from dataclasses import dataclass
from datetime import date

LIGHTS = ("green", "yellow", "red", "none")


def value(numerator: int, denominator: int) -> float | None:
    """Numerator ÷ denominator in percent, one decimal; None when nobody is in the denominator.

    Halves up, but only a full count reads 100.0 and only an empty one 0.0: 9,999 of 10,000 is 99.9, for a four-100%
    target must not look met while one person is missing.
    """
    if denominator == 0:
        return None
    tenths = (2000 * numerator + denominator) // (2 * denominator)
    if tenths >= 1000 and numerator < denominator:
        tenths = 999
    if tenths == 0 and numerator > 0:
        tenths = 1
    return tenths / 10


@dataclass(frozen=True)
class Light:
    """`colour` of LIGHTS; `reason` is a code: met, near, far, nobody, too_early."""

    colour: str
    reason: str


def light(
    numerator: int, denominator: int, *, green: float, yellow: float, direction: str, period_end: date, on: date,
    judged_from: date,
) -> Light:  # fmt: skip
    """The light of a figure. While a period runs, nobody is judged before `judged_from` (its missing list):
    what is not done yet shows yellow at worst, because the week is not over.
    """
    if denominator == 0:
        return Light("none", "nobody")
    share = numerator * 100 / denominator
    good = share >= green if direction == "up" else share <= green
    if good:
        return Light("green", "met")
    fair = share >= yellow if direction == "up" else share <= yellow
    if fair:
        return Light("yellow", "near")
    if direction == "up" and on <= period_end and on < judged_from:
        return Light("yellow", "too_early")
    return Light("red", "far")

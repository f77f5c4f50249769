"""Arithmetic of indicators: the value, and the light with its reason."""

from dataclasses import dataclass
from datetime import date

LIGHTS = ("green", "yellow", "red", "none")


def value(numerator: int, denominator: int) -> float | None:
    """Numerator ÷ denominator in percent, one decimal; None when nobody is in the denominator.

    Rounded towards failure: 999 of 1,000 never shows as 100.0.
    """
    if denominator == 0:
        return None
    share = numerator * 100 / denominator
    shown = round(share, 1)
    if shown == 100 and numerator < denominator:
        return 99.9
    if shown == 0 and numerator > 0:
        return 0.1
    return shown


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

"""Points won on the parts of a formula, with the arithmetic in words, and what they make out of 100.

scored(Part("visiting", 50, full=100, zero=60), 96.0)  -> (45.0, "50 ×（96.0 − 60）÷（100 − 60）＝ 45.0")
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

TENTH = Decimal("0.1")


@dataclass(frozen=True)
class Part:
    """One line of a formula: full points at `full`, none at `zero`, straight between; `full` may lie below `zero`."""

    id: str
    points: float
    full: float
    zero: float


def tenth(value: float | Decimal) -> Decimal:
    """To one decimal, halves up, as an official rounds on paper."""
    return Decimal(str(value)).quantize(TENTH, ROUND_HALF_UP)


def scored(part: Part, value: float) -> tuple[Decimal, str]:
    """(points won, the formula with its numbers)."""
    share = (Decimal(str(value)) - Decimal(str(part.zero))) / (Decimal(str(part.full)) - Decimal(str(part.zero)))
    won = tenth(Decimal(str(part.points)) * min(max(share, Decimal(0)), Decimal(1)))
    words = f"{part.points:g} ×（{value:g} − {part.zero:g}）÷（{part.full:g} − {part.zero:g}）"
    if share > 1:
        return won, f"{words} ＞ {part.points:g}，计 {won}"
    return (won, f"{words} ＜ 0，计 0.0") if share < 0 else (won, f"{words} ＝ {won}")


def total(won: Sequence[tuple[Part, Decimal]]) -> Decimal | None:
    """The score out of 100: parts without a base are left out and the rest stands for the whole; None if nothing is left."""
    of = sum(Decimal(str(part.points)) for part, _points in won)
    if not of:
        return None
    return tenth(sum(points for _part, points in won) * 100 / of)

"""Arithmetic of appraisal and choice: scores with their formula in words, grades by bands, who is chosen by votes.

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


@dataclass(frozen=True)
class Band:
    """Scores from `start` (included) up to `end` (not included, but for the highest band)."""

    grade: dict
    start: float
    end: float


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


def grade(score: Decimal, bands: Sequence[Band]) -> dict:
    """The grade of a score; bands are contiguous from 0 to 100 (checked when the definition is read)."""
    for band in bands:
        if score >= Decimal(str(band.start)):
            return band.grade
    return bands[-1].grade


def band_faults(bands: Sequence[Band]) -> list[tuple[int, str, float, float]]:
    """(which band, "order" | "gap" | "overlap" | "top" | "bottom", from, to) for bands from high to low."""
    out: list[tuple[int, str, float, float]] = []
    for at, band in enumerate(bands):
        if band.start >= band.end:
            out.append((at, "order", band.start, band.end))
    if bands and bands[0].end != 100:
        out.append((0, "top", bands[0].end, 100))
    for at in range(1, len(bands)):
        above, here = bands[at - 1].start, bands[at].end
        if here != above:
            out.append((at, "gap" if here < above else "overlap", min(here, above), max(here, above)))
    if bands and bands[-1].start != 0:
        out.append((len(bands) - 1, "bottom", 0, bands[-1].start))
    return out


@dataclass(frozen=True)
class Choice:
    """`elected`: ids in by votes alone; `tied`: ids level at the last place, of whom `places` more may be chosen."""

    elected: tuple[int, ...]
    tied: tuple[int, ...] = ()
    places: int = 0


def chosen(votes: dict[int, int], limit: int) -> Choice:
    """The `limit` ids with the most votes. Without a vote nobody is in. A tie over the last place is not broken here."""
    order = sorted((pk for pk in votes if votes[pk] > 0), key=lambda pk: (-votes[pk], pk))
    if len(order) <= limit:
        return Choice(tuple(order))
    bar = votes[order[limit - 1]]
    if votes[order[limit]] != bar:
        return Choice(tuple(order[:limit]))
    above = tuple(pk for pk in order if votes[pk] > bar)
    level = tuple(pk for pk in order if votes[pk] == bar)
    return Choice(above, level, limit - len(above))

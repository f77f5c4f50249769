"""Arithmetic of appraisal and choice: grades by bands, who is chosen by votes. Points are `core.scores`."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Band:
    """Scores from `start` (included) up to `end` (not included, but for the highest band)."""

    grade: dict
    start: float
    end: float


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

"""The rows behind a figure: exactly what was counted, and what stands in its base alone. Their numbers add up to the figure.

Sites, lots of beds, villages, people, orders, lines of the ledger stand for themselves; a figure that was entered stands as its
entry, one that an indicator counted as its place (the indicator keeps its own lists).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from songhe.oversight.programmes import care_figures, figures
from songhe.oversight.programmes.definitions import Goal
from songhe.oversight.programmes.figures import NOWHERE, Book, Counted, Row
from songhe.oversight.programmes.queries import Line


@dataclass(frozen=True)
class Behind:
    """`rows` of a figure; `numerator` and `base` are what their numbers add up to."""

    rows: tuple[Row, ...]

    @property
    def numerator(self) -> figures.Number:
        return figures.summed(self.rows)[0]

    @property
    def base(self) -> figures.Number:
        return figures.summed(self.rows)[1]

    def side(self, side: str) -> list[Row]:
        """`counted`, `rest` (in the base alone) or `all`."""
        return [row for row in self.rows if side == "all" or row.hit == (side == "counted")]


def of_areas(goal: Goal, line: Line) -> bool:
    """Whether a line counts its sub-areas (how many of them have enough), not what lies in them."""
    return bool(line.places and goal.each and goal.value is not None)


def behind(book: Book, line: Line, *, areas: bool = False) -> Behind:
    """The rows of a line's figure. `areas`: of a line that counts its sub-areas, these; else what lies in them."""
    goal = line.goal
    if areas and of_areas(goal, line):
        return Behind(tuple(_area(part.place.pk, part.actual or 0, goal) for part in line.places))
    on = min(line.on, line.deadline) if line.period else line.on
    if on < line.start:
        return Behind(())
    places = list({p.pk: p for p in ([part.place for part in line.places] or [line.place])}.values())
    source = goal.figure["from"]
    counted = figures.count(book, goal, places, on, line.period)
    lying = figures.ROWS[source](book, goal, on, line.period) if source in figures.ROWS else ()
    found = figures.grouped(book, lying, places)
    told = figures.entered(book, goal, places, on, line.period) if source in _MIXED else {}
    kept = (row for p in places if p.pk in counted for row in _of(goal, p.pk, counted[p.pk], found.get(p.pk, []), told.get(p.pk)))  # fmt: skip
    return Behind(tuple(kept))


_MIXED = ("orders", "site_share")  # an entry and rows stand side by side


def _area(place: int, actual: figures.Number, goal: Goal) -> Row:
    return Row("area", place, NOWHERE, hit=actual >= goal.each["value"])


def _of(goal: Goal, place: int, counted: Counted, rows: Sequence[Row], told: Counted | None) -> list[Row]:
    source = goal.figure["from"]
    if counted.entry:
        return _split(counted.row(), counted)
    if source == "orders":
        return care_figures.served(goal, told, rows)
    if source == "site_share" and told:
        return care_figures.listed(told, rows)
    return list(rows) if source in figures.ROWS else _split(Row("area", place, NOWHERE, counted.value), counted)


def _split(row: Row, counted: Counted) -> list[Row]:
    """A figure that stands for many as one row, with a second for what its base holds besides."""
    left = (counted.base or 0) - counted.value
    hits = [row] if counted.value else []
    return [*hits, replace(row, number=left, hit=False)] if left > 0 else hits

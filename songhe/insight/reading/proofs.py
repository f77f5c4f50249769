"""Prove a table by its totals: columns, groups of rows printed apart, rows with an empty cell."""

from collections import Counter
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from songhe.insight.reading.tables import Table


def prove(table: "Table", leftovers: list[float]) -> None:
    """Set `proven`, the groups and years of the rows, and list what does not add up in `problems`."""
    if not table.rows:
        return
    if (len(table.years) > 1 and len(table.columns) % len(table.years)) or (
        len(table.years) > 1 and not any(c.year for c in table.columns)
    ):
        _groups(table, leftovers)
    elif table.totals:
        _one_total(table, leftovers)


def _sums(rows: list, width: int) -> list[float]:
    return [sum(r.cells[c] or 0 for r in rows) for c in range(width)]


def _groups(table: "Table", leftovers: list[float]) -> None:
    """The rows fall into one run a year; the only cut whose sums are all printed is the right one."""
    width, numbers = len(table.columns), Counter(leftovers)
    for total in table.totals:
        numbers.update(c for c in total.cells if c is not None)
    good = []
    for cuts in combinations(range(1, len(table.rows)), len(table.years) - 1):
        edges = [0, *cuts, len(table.rows)]
        sums = [_sums(table.rows[a:b], width) for a, b in pairwise(edges)]
        need = Counter(n for group in sums for n in group)
        if all(numbers[n] >= k for n, k in need.items()):
            good.append((edges, sums))
        if len(table.rows) > 80 and len(table.years) > 2:
            break
    if len(good) != 1:
        table.problems.append({"code": "groups_unproven", "years": table.years})
        return
    edges, sums = good[0]
    for g, (a, b) in enumerate(pairwise(edges)):
        for row in table.rows[a:b]:
            row.group = g
    table.proven, table.group_sums = True, sums


def _one_total(table: "Table", leftovers: list[float]) -> None:
    width, total = len(table.columns), table.totals[-1]
    _place_missing(table, total)
    sums = _sums(table.rows, width)
    if any(c is None for c in total.cells) and leftovers:
        for c, value in enumerate(total.cells):
            if value is None and sums[c] in leftovers:
                total.cells[c] = sums[c]
    wrong = [
        c
        for c in range(width)
        if total.cells[c] is not None and abs(sums[c] - (total.cells[c] or 0)) > 1e-6 and table.columns[c].unit != "%"
    ]
    for c in wrong:
        table.problems.append(
            {"code": "sum_differs", "column": table.columns[c].subject, "printed": total.cells[c], "sum": sums[c]}
        )
    table.proven = not wrong and all(c is not None for c in total.cells)
    table.group_sums = [sums]


def _place_missing(table: "Table", total: object) -> None:
    """A row with an empty cell lost its place: the one placing that makes the totals hold is taken."""
    width = len(table.columns)
    short = [r for r in table.rows if r.doubtful and None in r.cells]
    if len(short) != 1 or any(c is None for c in total.cells):  # type: ignore[attr-defined]
        return
    row = short[0]
    values = [c for c in row.cells if c is not None]
    others = _sums([r for r in table.rows if r is not row], width)
    fits = []
    for places in combinations(range(width), len(values)):
        cells: list[float | None] = [None] * width
        for place, value in zip(places, values, strict=True):
            cells[place] = value
        if all(abs(others[c] + (cells[c] or 0) - total.cells[c]) < 1e-6 for c in range(width)):  # type: ignore[attr-defined]
            fits.append(cells)
    if len(fits) == 1:
        row.cells, row.uncertain, row.doubtful = fits[0], False, set()

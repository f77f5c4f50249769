"""Shares of places: the rows of a notice's annex, gathered by place and year; what they add up to is one goal.

A column is a target of the text when its shares add up to it (家庭养老床位 1400 = 150 + 150 + …); a column no target names
becomes a goal of its own, whose value is the sum. A share of a place nobody here knows stays a goal with its scope.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Column:
    """Shares of one thing: the rows they come from, and the target of the text they add up to, if one does."""

    id: str
    rows: tuple[dict, ...]
    target: dict | None

    @property
    def total(self) -> int:
        return sum(int(row["value"]) for row in self.rows)


@dataclass(frozen=True)
class Shared:
    """Columns, the rows of the annex they make, and the allocations that stand alone."""

    columns: list[Column] = field(default_factory=list)
    annex: list[dict] = field(default_factory=list)
    alone: list[dict] = field(default_factory=list)


def share_out(targets: list[dict], allocations: list[dict], code_of: Callable[[str], str | None]) -> Shared:
    """Sort allocations into columns of an annex. `code_of` leads from a place's name to its code, or to nothing."""
    groups: dict[tuple, list[dict]] = {}
    for row in allocations:
        groups.setdefault((row.get("parent"), row.get("subject"), row.get("unit")), []).append(row)
    taken: set[str] = set()
    columns: list[Column] = []
    alone: list[dict] = []
    for rows in groups.values():
        if not _fit(rows, code_of):
            alone += rows
            continue
        whole = _whole(rows, [target for target in targets if target["id"] not in taken])
        if whole:
            taken.add(whole["id"])
        columns.append(Column(whole["id"] if whole else rows[0]["id"], tuple(rows), whole))
    return Shared(columns, _annex(columns, code_of), alone)


def year_of(row: dict) -> int | None:
    """The year a share is due in."""
    return int(row["deadline"][:4]) if row.get("deadline") else None


def _fit(rows: list[dict], code_of: Callable[[str], str | None]) -> bool:
    """Whole numbers of two or more places, each known and named once a year."""
    keys = Counter((code_of(row.get("scope") or ""), year_of(row)) for row in rows)
    whole = all(isinstance(row.get("value"), int | float) and row["value"] == int(row["value"]) for row in rows)
    return (
        whole and len({code for code, _year in keys}) > 1 and all(code for code, _ in keys) and max(keys.values()) == 1
    )


def _whole(rows: list[dict], targets: Iterable[dict]) -> dict | None:
    """The target that the shares add up to: the one they were read under, else the only one alike."""
    total, unit = sum(row["value"] for row in rows), rows[0].get("unit")
    fits = [t for t in targets if t.get("value") == total and t.get("unit") == unit and not t.get("per")]
    parent = rows[0].get("parent")
    named = [t for t in fits if parent and parent == f"{t.get('subject')} {t.get('value')}{t.get('unit')}"]
    subject = rows[0].get("subject") or ""
    alike = [t for t in fits if t.get("subject") and (t["subject"] in subject or subject in t["subject"])]
    found = named or alike or (fits if len(fits) == 1 and total > 3 else [])
    return found[0] if found else None


def _annex(columns: list[Column], code_of: Callable[[str], str | None]) -> list[dict]:
    """A row for each place and year: year by year, within one in the order of the notice."""
    found: dict[tuple, dict] = {}
    for column in columns:
        for row in column.rows:
            code, year = code_of(row["scope"]), year_of(row)
            line = found.setdefault((code, year), {"place": code, "name": row["scope"], "shares": {}})
            if year:
                line["year"] = year
            line["shares"][column.id] = int(row["value"])
            if row.get("uncertain"):
                line["uncertain"] = {
                    "zh": "原件此处行列粘连，按阅读次序取数，经人工确认。",
                    "en": "Rows run together in the original; read in order and confirmed by a person.",
                }
    return sorted(found.values(), key=lambda line: line.get("year", 0))

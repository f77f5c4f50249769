"""What a reading yields: items and warnings, with spans in the squeezed text until they are handed out."""

import copy
import datetime as dt
from dataclasses import dataclass, field

from songhe.insight.reading.quantities import Quantity
from songhe.insight.reading.sentence import Sentence

QUOTE = 30


@dataclass
class Item:
    """One promise, fact, standard, duty, sum, share or date. `start`/`end` index the squeezed text."""

    kind: str
    start: int
    end: int
    subject: str = ""
    value: float | None = None
    value_max: float | None = None
    unit: str | None = None
    comparator: str | None = None
    modality: str | None = None
    scope: str | None = None
    begin: dt.date | None = None
    deadline: dt.date | None = None
    deadline_written: str | None = None
    other_deadlines: list[dt.date] = field(default_factory=list)
    asof: dt.date | None = None
    responsible: list[str] = field(default_factory=list)
    cooperating: list[str] = field(default_factory=list)
    per: str | None = None
    parent: str | None = None
    title: str | None = None
    confidence: float = 0.9
    table: int | None = None
    row: int | None = None
    uncertain: bool = False
    implied: bool = False
    mentions: list[tuple[int, int]] = field(default_factory=list)
    implied_parent: bool = False
    fallback: str = ""
    follows: bool = False
    at: int = 0

    def key(self) -> str:
        """How another item names this one as its parent: 新增养老机构床位 240张."""
        return f"{self.subject} {self.value}{self.unit}"

    def copy(self, **changes: object) -> "Item":
        """A twin with some fields changed."""
        twin = copy.copy(self)
        for name, value in changes.items():
            setattr(twin, name, value)
        return twin


@dataclass
class Warn:
    """A doubt a person must answer. `code` is stable; the sentence is made in warnings.py."""

    code: str
    spans: list[tuple[int, int]]
    facts: dict


def quote_span(s: Sentence, q: Quantity) -> tuple[int, int]:
    """Up to 30 characters of the clause that hold the number."""
    start, end = s.clause(q.start)
    start = max(start, q.end - 20) if q.end - start > 20 else start
    end = min(max(end, q.end), start + QUOTE)
    return min(start, q.start), max(end, q.end)


def words_span(start: int, end: int) -> tuple[int, int]:
    """At most 30 characters from the start."""
    return start, min(end, start + QUOTE)

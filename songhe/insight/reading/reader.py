"""The whole reading: text or bytes in, one plain dictionary out."""

import datetime as dt
from collections.abc import Iterable

from songhe.insight.reading.blocks import cut_blocks
from songhe.insight.reading.bodies import find_bodies
from songhe.insight.reading.checks import check
from songhe.insight.reading.cleaning import find_cuts
from songhe.insight.reading.dates import When
from songhe.insight.reading.document import describe
from songhe.insight.reading.grammar import Reader, read_items
from songhe.insight.reading.indicators import find_indicators
from songhe.insight.reading.merging import merge
from songhe.insight.reading.output import as_result
from songhe.insight.reading.progress import find_progress
from songhe.insight.reading.sources import load
from songhe.insight.reading.tables import find_tables, name_by_sums, table_items, take_deadlines
from songhe.insight.reading.text import squeeze


def read(source: str | bytes, *, name: str = "", on: dt.date | None = None, places: Iterable[str] = ()) -> dict:
    """Read a notice.

    source: its text, or the bytes of a .txt, .html, .docx or .pdf (told apart by content, helped by `name`).
    on: the day the notice is taken to be of when it gives no date itself. places: names known in the area.
    Returns {title, issuer, document_number, published, effective, kind, text, body_spans, cuts, items, tables, bodies,
    warnings}; every span is [start, end) in `text`. Raises ReadingError with a code and Chinese and English words.
    """
    raw = load(source, name)
    known = frozenset(places)
    cuts = find_cuts(raw)
    text = squeeze(raw, cuts)
    paper = describe(text, cuts, on)
    tables = find_tables(text, known)
    listed, regions = find_indicators(
        text, paper.year, paper.period.begin.year if paper.period and paper.period.begin else None
    )
    tables = [t for t in tables if not any(a < t.end and t.start < b for a, b in regions)]
    taken = sorted([*((t.start, t.end) for t in tables), *regions])
    cells = [c for c in find_progress(text) if not any(a < c.end and c.start < b for a, b in taken)]
    blocks = cut_blocks(text, taken, [edge for c in cells for edge in (c.start, c.end)])
    reader = read_items(text, paper, blocks, known, cells)
    for item in listed:
        if item.kind == "target" and item.deadline is None and paper.period:
            item.begin, item.deadline = paper.period.begin, paper.period.until
    reader.items += listed
    _add_tables(reader, tables)
    at = max(text.chars.find(paper.title), 0)
    items = merge(reader.items, (at, at + len(paper.title)))
    warnings = [*reader.warnings, *check(text, paper, items, tables)]
    return as_result(text, cuts, paper, items, tables, warnings, find_bodies(text), blocks)


def _add_tables(reader: Reader, tables: list) -> None:
    period = reader.paper.period
    if period is None and reader.paper.kind == "bulletin":  # what a bulletin calls planned is planned for its year
        year = reader.paper.plan_year
        period = When(0, 0, dt.date(year, 1, 1), dt.date(year, 12, 31), "during", "")
    for number, table in enumerate(tables, 1):
        name_by_sums(table, reader.items)
        made = table_items(table, number, period.until if period else None, period.begin if period else None)
        take_deadlines(table, made, reader.items)
        reader.items += made

"""The dictionary handed out: plain types only, every span in the original text."""

import re

from songhe.insight.reading.blocks import Block
from songhe.insight.reading.document import Paper
from songhe.insight.reading.items import QUOTE, Item, Warn
from songhe.insight.reading.tables import Table
from songhe.insight.reading.text import Cut, Text
from songhe.insight.reading.warnings import sentence


def as_result(
    text: Text,
    cuts: list[Cut],
    paper: Paper,
    items: list[Item],
    tables: list[Table],
    warnings: list[Warn],
    bodies: list[dict],
    blocks: list[Block],
) -> dict:
    """Put the parts together."""
    return {
        "title": paper.title,
        "issuer": paper.issuer,
        "document_number": paper.document_number,
        "published": _iso(paper.published),
        "effective": _iso(paper.effective),
        "kind": paper.kind,
        "traditional": text.traditional,
        "text": text.raw,
        "body_spans": [list(text.span(b.start, b.end)) for b in blocks if b.end > b.start],
        "cuts": [{"span": [c.start, min(c.end, len(text.raw))], "why": c.why} for c in cuts],
        "items": [_item(text, item, n) for n, item in enumerate(items, 1)],
        "tables": [_table(text, table, n) for n, table in enumerate(tables, 1)],
        "bodies": bodies,
        "warnings": _warnings(text, warnings),
    }


def _iso(day: object) -> str | None:
    return day.isoformat() if day else None  # type: ignore[attr-defined]


def _short(raw: str, start: int, end: int) -> tuple[int, int]:
    """A quote that runs over a stretch that was cut away ends before it grows long."""
    while end - start > QUOTE and len("".join(raw[start:end].split())) > QUOTE + 10:
        end -= 1
    return start, end


def _item(text: Text, item: Item, number: int) -> dict:
    start, end = _short(text.raw, *text.span(*_unique(text, item)))
    return {
        "id": f"i{number}",
        "kind": item.kind,
        "quote": text.raw[start:end],
        "span": [start, end],
        "subject": item.subject or (item.title or ""),
        "title": item.title,
        "value": item.value,
        "value_max": item.value_max,
        "unit": item.unit,
        "comparator": item.comparator,
        "modality": item.modality,
        "scope": item.scope,
        "start": _iso(item.begin),
        "deadline": _iso(item.deadline),
        "deadline_written": item.deadline_written,
        "alt_deadlines": [_iso(d) for d in item.other_deadlines],
        "asof": _iso(item.asof),
        "responsible": item.responsible,
        "cooperating": item.cooperating,
        "per": item.per,
        "parent": item.parent,
        "table": item.table,
        "row": item.row,
        "uncertain": item.uncertain,
        "implied": item.implied,
        "mentions": [list(text.span(a, b)) for a, b in item.mentions],
        "confidence": item.confidence,
    }


def _unique(text: Text, item: Item) -> tuple[int, int]:
    """A quote that occurs once says which place is meant: it is lengthened, within 30 characters, until it does."""
    start, end = item.start, item.end
    while (
        end - start < QUOTE
        and end < len(text.chars)
        and text.chars.count(text.chars[start:end], max(0, start - 4000), start + 8000) > 1
    ):
        end += 1
    return start, end


def _table(text: Text, table: Table, number: int) -> dict:
    start, end = text.span(table.start, table.end)
    years = table.years if len(table.group_sums) > 1 else []
    return {
        "id": number,
        "title": table.title,
        "span": [start, end],
        "proven": table.proven,
        "columns": [{"subject": c.subject, "unit": c.unit, "scale": c.scale, "year": c.year} for c in table.columns],
        "rows": [
            {
                "name": r.name,
                "cells": r.cells,
                "uncertain": r.uncertain,
                "year": years[r.group] if years else None,
                "span": list(text.span(r.start, r.end)),
            }
            for r in table.rows
        ],
        "totals": [{"name": r.name, "cells": r.cells, "year": None} for r in table.totals],
        "sums": [{"year": years[g] if years else None, "cells": s} for g, s in enumerate(table.group_sums)],
        "problems": table.problems,
    }


def _warnings(text: Text, warnings: list[Warn]) -> list[dict]:
    unique: dict[tuple, dict] = {}
    for warn in warnings:
        spans = [list(text.span(a, b)) for a, b in warn.spans]
        key = (warn.code, tuple(map(tuple, spans)))
        if key not in unique:
            zh, en = sentence(warn.code, warn.facts)
            unique[key] = {
                "id": f"w{len(unique) + 1}",
                "code": warn.code,
                "zh": zh,
                "en": en,
                "spans": spans,
                "facts": warn.facts,
            }
    return list(unique.values())


def plain(words: str) -> str:
    """Words without white space, for comparing quotes."""
    return re.sub(r"\s+", "", words)

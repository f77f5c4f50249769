"""A roster file as frames of plain text, chunk by chunk, whatever it came as: .csv, .xlsx or .xls.

    with open_roster(path) as roster:
        roster.titles      # {"id_number": "身份证号", …}: the file's own header above each field
        for frame in roster.frames():   # polars: "line" (row number seen in the spreadsheet) and one text column a field
            ...

A plain CSV goes through polars, everything else cell by cell through core.tabular; both give the same frames (tested).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from songhe.core.cells import plain, text_of
from songhe.core.problem import Problem
from songhe.core.tabular import _FOOTER as FOOTER
from songhe.core.tabular import BadTable, Table, open_table
from songhe.registry.people.roster.columns import FIELDS, NEEDED, SYNONYMS, TITLES

CHUNK = 25_000  # rows a frame
FAST_FROM = 200_000  # bytes; below it the plain reader is as quick


def cell_text(value: Any) -> str:
    """One cell as text: a date in ISO form, a number that lost digits in scientific form, everything else as it prints."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and abs(value) >= 1e15:
        return f"{value:.5g}"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return text_of(value)


@dataclass(slots=True)
class Roster:
    """An opened roster. `problems` are about the file as a whole; `unread` are headers nobody knows."""

    table: Table
    path: Path
    titles: dict[str, str]
    problems: tuple[Problem, ...]
    unread: tuple[str, ...]
    chunk: int
    fast: bool = True

    def frames(self) -> Iterator[pl.DataFrame]:
        """Frames of at most `chunk` rows, in file order, each with "line" and the fields that the file has."""
        if self.fast and self.table.kind == "csv" and self.path.stat().st_size >= FAST_FROM:
            frame = _read_plain_csv(self.path, self.table)
            if frame is not None:
                yield from frame.iter_slices(self.chunk)
                return
        yield from self._by_cells()

    def _by_cells(self) -> Iterator[pl.DataFrame]:
        places = list(self.table.fields.items())
        rows = iter(self.table)
        while part := list(islice(rows, self.chunk)):
            lines = pl.Series("line", [n for n, _ in part], dtype=pl.Int64)
            columns = [
                pl.Series(name, [cell_text(cells[at]) for _, cells in part], dtype=pl.String).str.strip_chars()
                for name, at in places
            ]
            yield pl.DataFrame([lines, *columns])

    def close(self) -> None:
        self.table.close()

    def __enter__(self) -> Roster:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_roster(path: Path, *, chunk: int | None = None, fast: bool = True, place_given: bool = False) -> Roster:
    """Open a roster file; `place_given`: every row belongs to one village that the importer names. Raises BadTable.

    Raises core.tabular.BadTable also when a needed column is missing.
    """
    table = open_table(path, SYNONYMS)
    needed = [*NEEDED] if place_given else [*NEEDED, "village"]
    if "village_code" in table.fields and "village" in needed:
        needed.remove("village")
    missing = table.missing(needed)
    if missing:
        table.close()
        raise BadTable(_missing([TITLES[f] for f in missing]))
    titles = {f: table.header[at] for f, at in table.fields.items()}
    return Roster(table, path, titles, table.problems, table.unknown(), chunk or CHUNK, fast)


def _read_plain_csv(path: Path, table: Table) -> pl.DataFrame | None:
    """The body of a comma-separated file in one go; None when only the careful reader can tell what it means."""
    encoding = table._file.encoding
    source: Path | bytes = path
    if encoding != "utf-8-sig":
        source = path.read_bytes().decode(encoding).encode()
    head = source[:65_536] if isinstance(source, bytes) else _head(path)
    header = _header_line(head.removeprefix(b"\xef\xbb\xbf"), table)
    if header is None:
        return None
    schema = {f"c{i}": pl.String for i in range(len(header))}
    try:
        frame = pl.read_csv(
            source, has_header=False, infer_schema=False, schema=schema, empty_string_is_null=False, row_index_name="line",
            row_index_offset=1, extra_columns="raise", missing_columns="raise", glob=False,
        )  # fmt: skip
    except (pl.exceptions.PolarsError, OSError, ValueError):
        return None
    if list(frame.row(table.header_row - 1)[1:]) != header:
        return None  # the careful reader counted the lines otherwise
    return _body(frame, table)


def _head(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(65_536)


def _header_line(head: bytes, table: Table) -> list[str] | None:
    """The header's cells if commas cut this file and all its first lines equally, as the careful reader found them."""
    sample = head[: head.rfind(b"\n") + 1].decode("utf-8", "replace")
    try:
        top = list(csv.reader(io.StringIO(sample, newline="")))
    except csv.Error:
        return None
    if len(top) < table.header_row:
        return None
    header = top[table.header_row - 1]
    same = all(len(row) == len(header) for row in top[:-1] if row)
    if not same or any(at >= len(header) or plain(header[at]) != table.header[at] for at in table.fields.values()):
        return None
    return header


def _body(frame: pl.DataFrame, table: Table) -> pl.DataFrame:
    """Rows below the header with the known fields only; blank rows and footers left out as core.tabular does."""
    width = frame.width - 1
    cells = [pl.col(f"c{i}").fill_null("") for i in range(width)]
    filled = pl.sum_horizontal([(c != "").cast(pl.Int32) for c in cells])
    first = pl.coalesce([pl.when(c != "").then(c) for c in cells])
    footer = (filled <= 4) & first.str.contains(FOOTER.pattern)
    body = frame.slice(table.header_row).filter((filled > 0) & ~footer.fill_null(False))
    fields = [pl.col(f"c{at}").fill_null("").str.strip_chars().alias(name) for name, at in table.fields.items()]
    return body.select(pl.col("line").cast(pl.Int64), *fields)


def _missing(titles: list[str]) -> Problem:
    names = "、".join(titles)
    return Problem(
        "column_missing",
        f"表头中找不到：{names}。请补上这些列（可下载模板），或把列名改成模板中的写法。",
        f"The header lacks: {names}. Add these columns (see the template) or rename them as in the template.",
    )


assert set(NEEDED) <= set(FIELDS)

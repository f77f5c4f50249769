"""Tables out of other people's files (.xlsx, .xls, .csv), of any size, and back.

    with open_table(path, {"name": ("姓名", "老人姓名"), "id_number": ("身份证号", "公民身份号码")}) as table:
        table.problems                       # missing or doubled headers, sheets left out
        for row, cells in table.records(("name", "id_number"), text=("id_number",)):
            ...                              # row is the number seen in Excel, from 1; cells in the order asked

The header row is found under title rows; two-row headers and merged cells are understood; totals and signatures below are
left out. What cannot be read safely (encrypted, damaged, a zip bomb, a cell at the far corner) raises BadTable with what,
why and what to do. Writing (template, returned, write_xlsx, write_csv) is in songhe.core.workbook, re-exported here.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import python_calamine as calamine

from songhe.core import tabular_words as words
from songhe.core.cells import plain, text_of
from songhe.core.problem import Problem
from songhe.core.tabular_guard import DEFAULT, BadTable, Limits, guard_xlsx
from songhe.core.workbook import OWN_SHEETS, Column, returned, template, write_csv, write_xlsx

__all__ = ["BadTable", "Column", "Limits", "Table", "open_table", "returned", "template", "write_csv", "write_xlsx"]

Source = Path | str | bytes | BinaryIO
Cells = Sequence[Any]
HEADER_SEARCH = 30  # rows from the top in which the header must stand
_FOOTER = re.compile(
    r"^(?:合计|总计|小计|填表人|填报人|填报单位|制表人?|审核人?|负责人|联系人|备注|说明|注|填表日期)(?:[:：\s]|$)"
)
_NOTE = re.compile(r"[(（\[【].*?[)）\]】]")


def normal(header: object) -> str:
    """A header without spaces, line breaks, stars and bracketed remarks, in small letters: " *姓 名(必填)" -> "姓名"."""
    text = plain(text_of(header))
    bare = _NOTE.sub("", text) or text
    return re.sub(r"[\s*＊:：_]", "", bare).lower()


@dataclass(slots=True)
class Table:
    """An opened table. Iterate once, or take records(); close it, or use `with`."""

    kind: str
    sheet: str
    header: tuple[str, ...]
    header_row: int
    fields: dict[str, int]
    problems: tuple[Problem, ...]
    footers: list[tuple[int, str]]
    _rows: Iterator[tuple[int, Cells]]
    _file: Any = None

    def __iter__(self) -> Iterator[tuple[int, Cells]]:
        """(row number from 1, raw cells as wide as the header) for every row below the header that is not empty."""
        width = len(self.header)
        for number, cells in self._rows:
            if not any(c not in ("", None) for c in cells):
                continue
            first = next((c for c in cells if c not in ("", None)), "")
            if isinstance(first, str) and _FOOTER.match(first) and sum(c not in ("", None) for c in cells) <= 4:
                self.footers.append((number, first))
                continue
            yield number, (cells if len(cells) == width else [*cells[:width], *[""] * (width - len(cells))])

    def records(self, wanted: Sequence[str], text: Collection[str] = ()) -> Iterator[tuple[int, list[Any]]]:
        """The wanted fields in order; absent columns and empty cells give None; `text` fields never come as numbers."""
        places = [(self.fields.get(f), f in text) for f in wanted]
        for number, cells in self:
            yield number, [_cell(cells[at], as_text) if at is not None else None for at, as_text in places]

    def unknown(self) -> tuple[str, ...]:
        """Headers that no synonym names; their columns are not read."""
        used = set(self.fields.values())
        return tuple(h for i, h in enumerate(self.header) if h and i not in used)

    def missing(self, needed: Sequence[str]) -> tuple[str, ...]:
        return tuple(f for f in needed if f not in self.fields)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def __enter__(self) -> Table:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _cell(value: Any, as_text: bool) -> Any:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        value = value.strip()
        if value[:1] == "'" and value[1:2] in ("=", "+", "-", "@"):  # the guard that write_csv puts before a formula
            value = value[1:]
        return value or None
    return text_of(value) if as_text else value


def open_table(
    source: Source,
    synonyms: Mapping[str, Collection[str]] | None = None,
    *,
    sheet: str | None = None,
    limits: Limits = DEFAULT,
) -> Table:
    """Open a file by what is in it, not by its name. `synonyms`: field -> the headers it may stand under.

    Without synonyms the header is the first row with at least two different texts and nothing else, and `fields` is empty.
    Raises BadTable.
    """
    stream, size = _stream(source)
    if size == 0:
        raise BadTable(words.empty_file())
    if size > limits.file_bytes:
        raise BadTable(words.too_big(size, limits.file_bytes))
    start = stream.read(4096)
    stream.seek(0)
    lookup = {normal(h): field for field, names in (synonyms or {}).items() for h in (field, *names)}
    if start.startswith(b"PK"):
        return _open_workbook(stream, "xlsx", lookup, sheet, limits)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        return _open_workbook(stream, "xls", lookup, sheet, limits)
    if re.match(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|table|\?xml|meta)", start, re.I):
        raise BadTable(words.html_file())
    return _open_csv(stream, start, lookup, limits)


def _stream(source: Source) -> tuple[BinaryIO, int]:
    if isinstance(source, bytes):
        return io.BytesIO(source), len(source)
    stream = open(source, "rb") if isinstance(source, (str, Path)) else source  # noqa: SIM115 - Table.close() closes it
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    return stream, size


# workbooks -----------------------------------------------------------------------------------------------------------


def _open_workbook(stream: BinaryIO, kind: str, lookup: Mapping[str, str], sheet: str | None, limits: Limits) -> Table:
    facts = guard_xlsx(stream, limits) if kind == "xlsx" else None
    stream.seek(0)
    try:
        book = calamine.load_workbook(stream)
        names = [m.name for m in book.sheets_metadata if m.visible == calamine.SheetVisibleEnum.Visible]
        if sheet is not None:
            if sheet not in names:
                raise BadTable(words.no_sheet(sheet, names))
            names = [sheet]
        found = [(name, book.get_sheet_by_name(name)) for name in names[: limits.sheets]]
        tops = [(name, s, _top(s), _merged(s, facts is None or facts.merged)) for name, s in found]
    except calamine.PasswordError:
        raise BadTable(words.encrypted()) from None
    except calamine.CalamineError as error:
        raise BadTable(words.damaged(str(error))) from None
    best = max(tops, key=lambda t: _recognised(t[2], lookup), default=None)
    if best is None or not any(any(c != "" for c in row) for row in best[2]):
        raise BadTable(words.empty_file())
    name, chosen, top, merged = best
    if chosen.width > limits.columns:
        raise BadTable(words.too_many_columns(chosen.width, limits.columns))
    others = [n for n, s, _, _ in tops if n != name and s.height and n not in OWN_SHEETS]
    notes = [words.other_sheets(name, others)] if others and sheet is None else []
    rows = enumerate(chosen.iter_rows(), 1)
    return _table(kind, name, top, _filled(rows, merged), lookup, notes, stream)


def _top(sheet: Any) -> list[list[Any]]:
    return [list(row) for row in islice(sheet.iter_rows(), HEADER_SEARCH + 1)]


def _merged(sheet: Any, any_merged: bool) -> dict[int, list[tuple[int, int]]]:
    """Row (from 1) where a tall merged cell begins -> (column, last row); columns as iter_rows counts them."""
    out: dict[int, list[tuple[int, int]]] = {}
    if not any_merged or not sheet.start:
        return out
    left = sheet.start[1]
    for (top, first, *_), (bottom, last, *_) in sheet.merged_cell_ranges or ():
        if bottom > top and first == last and first >= left:
            out.setdefault(top + 1, []).append((first - left, bottom + 1))
    return out


def _filled(rows: Iterator[tuple[int, Cells]], merged: dict[int, list[tuple[int, int]]]) -> Iterator[tuple[int, Cells]]:
    """The rows with tall merged cells (a village's name beside its people) written into every row they cover."""
    if not merged:
        yield from rows
        return
    open_cells: dict[int, tuple[int, Any]] = {}
    for number, cells in rows:
        for column, bottom in merged.get(number, ()):
            if column < len(cells):
                open_cells[column] = (bottom, cells[column])
        if open_cells and any(c != "" for c in cells):
            cells = list(cells)
            for column, (_, value) in open_cells.items():
                cells[column] = value
        open_cells = {c: v for c, v in open_cells.items() if v[0] > number}
        yield number, cells


# text files ----------------------------------------------------------------------------------------------------------


def _open_csv(stream: BinaryIO, start: bytes, lookup: Mapping[str, str], limits: Limits) -> Table:
    encoding = _encoding(stream, start)
    stream.seek(0)
    reader = io.TextIOWrapper(stream, encoding, newline="")
    sample = reader.read(65_536)
    stream.seek(0)
    reader.detach()
    if "\0" in sample:
        raise BadTable(words.not_text())
    text = io.TextIOWrapper(stream, encoding, newline="")
    rows = _csv_rows(csv.reader(text, delimiter=_delimiter(sample)), limits)
    top = list(islice(rows, HEADER_SEARCH + 1))
    if not any(any(cells) for _, cells in top):
        raise BadTable(words.empty_file())

    def all_rows() -> Iterator[tuple[int, Cells]]:
        yield from top
        yield from rows

    return _table("csv", "", [list(cells) for _, cells in top], all_rows(), lookup, [], text)


def _csv_rows(reader: Any, limits: Limits) -> Iterator[tuple[int, Cells]]:
    number = 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, UnicodeError):
            raise BadTable(words.csv_broken(number + 1)) from None
        number += 1
        if len(cells) > limits.columns:
            raise BadTable(words.too_many_columns(len(cells), limits.columns))
        yield number, cells


def _encoding(stream: BinaryIO, start: bytes) -> str:
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    for name in ("utf-8-sig", "gb18030"):
        if _decodes(stream, name):
            return name
    raise BadTable(words.encoding())


def _decodes(stream: BinaryIO, name: str) -> bool:
    stream.seek(0)
    decoder = codecs.getincrementaldecoder(name)()
    try:
        while block := stream.read(1 << 20):
            decoder.decode(block)
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(sample: str) -> str:
    """The sign that cuts the first lines into the same number of cells, most of them."""
    lines = [re.sub(r'"[^"]*"', "", line) for line in sample.splitlines()[:20] if line.strip()]
    best = ("", 0)
    for sign in ",\t;|，":
        counts = sorted(line.count(sign) for line in lines)
        middle = counts[len(counts) // 2] if counts else 0
        if middle > best[1]:
            best = (sign, middle)
    return best[0] or ","


# the header ----------------------------------------------------------------------------------------------------------


def _recognised(top: list[list[Any]], lookup: Mapping[str, str]) -> int:
    return max((len({lookup[k] for c in row if (k := normal(c)) in lookup}) for row in top), default=0)


def _table(
    kind: str,
    sheet: str,
    top: list[list[Any]],
    rows: Iterator[tuple[int, Cells]],
    lookup: Mapping[str, str],
    notes: list[Problem],
    file: Any,
) -> Table:
    at, header, depth = _find_header(top, lookup)
    fields, doubled = _map(header, lookup)
    notes = notes + [words.header_twice(header[i], header[j]) for i, j in doubled]
    below = ((number, cells) for number, cells in rows if number > at + depth)
    return Table(kind, sheet, header, at + depth, fields, tuple(notes), [], below, file)


def _find_header(top: list[list[Any]], lookup: Mapping[str, str]) -> tuple[int, tuple[str, ...], int]:
    """(rows above the header, the header, how many rows it takes). Raises BadTable if no row can be one."""
    scored = [(len({lookup[k] for c in row if (k := normal(c)) in lookup}), -i) for i, row in enumerate(top)]
    score, minus = max(scored, default=(0, 0))
    if lookup and score == 0:
        raise BadTable(
            words.no_header([text_of(c) for c in max(top, key=lambda r: sum(c != "" for c in r), default=[])])
        )
    at = -minus if lookup else _first_texts(top)
    row = [text_of(c) for c in top[at]]
    below = [text_of(c) for c in top[at + 1]] if at + 1 < len(top) else []
    depth = 1
    if lookup and any(normal(c) in lookup for c in below) and not any(re.search(r"\d{4}", c) for c in below):
        row = [b if b and normal(b) in lookup else a or b for a, b in _pairs(row, below)]
        depth = 2
    if at and lookup:  # a name merged over two rows stands in the row above the best one
        above = [text_of(c) for c in top[at - 1]]
        row = [a or (b if normal(b) in lookup else "") for a, b in _pairs(row, above)]
    while row and not row[-1]:
        row.pop()
    return at, tuple(plain(c) for c in row), depth


def _pairs(a: list[str], b: list[str]) -> list[tuple[str, str]]:
    size = max(len(a), len(b))
    return list(zip(a + [""] * (size - len(a)), b + [""] * (size - len(b)), strict=True))


def _first_texts(top: list[list[Any]]) -> int:
    for i, row in enumerate(top):
        filled = [c for c in row if c not in ("", None)]
        if len(filled) > 1 and len(set(map(str, filled))) == len(filled) and all(isinstance(c, str) for c in filled):
            return i
    return next(i for i, row in enumerate(top) if any(c not in ("", None) for c in row))


def _map(header: Sequence[str], lookup: Mapping[str, str]) -> tuple[dict[str, int], list[tuple[int, int]]]:
    """field -> column; pairs of columns that name the same field (the first one counts)."""
    fields: dict[str, int] = {}
    doubled = []
    for column, title in enumerate(header):
        field = lookup.get(normal(title))
        if field in fields:
            doubled.append((fields[field], column))
        elif field is not None:
            fields[field] = column
    return fields, doubled

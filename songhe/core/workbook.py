"""Tables on the way out: exports, templates to fill in, and files returned with the errors written beside the rows.

    write_xlsx(stream, [Column("姓名"), Column("身份证号", required=True)], rows, watermark="…", notes=["…"])
    template(columns) -> bytes      returned(header, rows, {12: [("身份证号", "校验码不符……")]}) -> bytes

Everything that is not declared a number or a date is written as text, so an 18-digit number keeps its digits and a cell that
begins with = + - @ stays a text and never becomes a formula (in CSV it gets a leading apostrophe, which reading removes).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, BinaryIO, Literal, TextIO

import xlsxwriter

from songhe.core.cells import text_of

Kind = Literal["text", "number", "date"]
NOTES_SHEET, HELP_SHEET, LISTS_SHEET = "导出说明", "填写说明", "选项"
OWN_SHEETS = frozenset([NOTES_SHEET, HELP_SHEET, LISTS_SHEET])  # never taken for data when the file comes back
SHEET_ROWS = 1_000_000
ERRORS_TITLE = "错误说明（系统填写，重新导入时会忽略）"
_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_FORMULA = re.compile(r"[=+\-@\t\r]")
_NO_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LONG_DIGITS = re.compile(r"\d{12,}X?|0\d+")
_CELL_TEXT = 32_767  # Excel's own limit


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what stands above it, how wide it is in characters, what may be chosen, what to explain."""

    title: str
    kind: Kind = "text"
    width: int = 14
    required: bool = False
    choices: tuple[str, ...] = ()
    hint: str = ""
    example: str = ""


def write_xlsx(
    stream: BinaryIO,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Any]],
    *,
    sheet: str = "名单",
    watermark: str = "",
    notes: Sequence[str] = (),
) -> int:
    """Write the rows as they come (memory stays flat), a new sheet every million; returns how many there were.

    `watermark` (who, when, for what) stands in the page header and footer of every sheet; `notes` on a sheet of their own.
    """
    with xlsxwriter.Workbook(stream, {**_OPTIONS, "constant_memory": True}) as book:
        formats = _formats(book)
        count, page, out = 0, 0, None
        for row in rows:
            if out is None or count == page * SHEET_ROWS:
                page += 1
                out = _sheet(book, sheet if page == 1 else f"{sheet}{page}", columns, formats, watermark)
            count += 1
            _write_row(out, count - (page - 1) * SHEET_ROWS, columns, row, formats)
        if out is None:
            _sheet(book, sheet, columns, formats, watermark)
        if notes or watermark:
            _notes(book, [watermark, *notes], formats)
    return count


def write_csv(stream: TextIO, columns: Sequence[Column], rows: Iterable[Sequence[Any]], *, watermark: str = "") -> int:
    """Write text for spreadsheets (open the file with encoding="utf-8-sig", newline=""); returns how many rows.

    Long numbers end in a tab so that a spreadsheet opening the file keeps all their digits. The watermark is the last row.
    """
    out = csv.writer(stream)
    out.writerow([_csv_cell(c.title, "text") for c in columns])
    count = 0
    for row in rows:
        out.writerow([_csv_cell(v, c.kind) for v, c in zip(row, columns, strict=True)])
        count += 1
    if watermark:
        out.writerow([_csv_cell("说明：" + watermark, "text")])
    return count


def template(columns: Sequence[Column], *, sheet: str = "名单", watermark: str = "") -> bytes:
    """An empty form: text-typed columns, drop-down lists, a frozen header, hints at the cell, and a sheet that explains."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {**_OPTIONS, "in_memory": True}) as book:
        formats = _formats(book)
        out = _sheet(book, sheet, columns, formats, watermark)
        _explain(book, columns, formats)
        lists = book.add_worksheet(LISTS_SHEET) if any(c.choices for c in columns) else None
        for at, column in enumerate(columns):
            _validate(out, lists, at, column)
        if lists is not None:
            lists.hide()
    return stream.getvalue()


def returned(
    header: Sequence[str],
    rows: Iterable[tuple[int, Sequence[Any]]],
    errors: Mapping[int, Sequence[tuple[str, str]]],
    *,
    sheet: str = "名单",
    watermark: str = "",
) -> bytes:
    """The file that came in, with its errors: `rows` are (row number, raw cells), `errors` row number -> (header, reason).

    Bad cells are red; the last column says what is wrong; the rows can be filtered by it, corrected and sent again.
    """
    columns = [Column(h) for h in header]
    places = {h: i for i, h in reversed(list(enumerate(header)))}
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {**_OPTIONS, "constant_memory": True}) as book:
        formats = _formats(book)
        out = _sheet(book, sheet, [*columns, Column(ERRORS_TITLE, width=60)], formats, watermark)
        at = 0
        for at, (number, cells) in enumerate(rows, 1):
            faults = errors.get(number, ())
            bad = {places[title] for title, _ in faults if title in places}
            for column in range(len(header)):
                value = cells[column] if column < len(cells) else ""
                out.write_string(at, column, _text(value), formats["bad" if column in bad else "text"])
            if faults:
                reasons = "；".join(f"{title}：{reason}" if title else reason for title, reason in faults)
                out.write_string(at, len(header), _text(f"原第{number}行 {reasons}"), formats["reason"])
        out.autofilter(0, 0, at, len(header))
    return stream.getvalue()


# parts ---------------------------------------------------------------------------------------------------------------


def _formats(book: Any) -> dict[str, Any]:
    head = {"bold": True, "bg_color": "#E8F1EC", "border": 1, "text_wrap": True, "valign": "vcenter", "num_format": "@"}
    return {
        "head": book.add_format(head),
        "needed": book.add_format({**head, "font_color": "#AD352F"}),
        "text": book.add_format({"num_format": "@"}),
        "number": book.add_format({"num_format": "General"}),
        "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        "bad": book.add_format({"num_format": "@", "bg_color": "#FBE3E1", "font_color": "#AD352F"}),
        "reason": book.add_format({"num_format": "@", "font_color": "#AD352F", "text_wrap": True}),
        "note": book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"}),
    }


def _sheet(book: Any, name: str, columns: Sequence[Column], formats: dict[str, Any], watermark: str) -> Any:
    out = book.add_worksheet(re.sub(r"[\[\]:*?/\\']", "", name)[:31] or "Sheet")
    for at, column in enumerate(columns):
        out.set_column(at, at, column.width, formats[column.kind])
        title = column.title + ("*" if column.required else "")
        out.write_string(0, at, _text(title), formats["needed" if column.required else "head"])
    out.freeze_panes(1, 0)
    out.repeat_rows(0)
    out.set_landscape()
    out.set_paper(9)
    if watermark:
        safe = _text(watermark).replace("&", "&&")[:200]
        out.set_header(f"&C{safe}")
        out.set_footer(f"&L{safe[:120]}&R&P/&N")
    return out


def _write_row(out: Any, at: int, columns: Sequence[Column], row: Sequence[Any], formats: dict[str, Any]) -> None:
    for place, (value, column) in enumerate(zip(row, columns, strict=True)):
        if value is None or value == "":
            continue
        if column.kind == "number" and isinstance(value, (int, float)) and not isinstance(value, bool):
            out.write_number(at, place, value, formats["number"])
        elif column.kind == "date" and isinstance(value, (date, datetime)) and value.year >= 1900:
            out.write_datetime(at, place, value, formats["date"])
        else:
            out.write_string(at, place, _text(value), formats["text"])


def _notes(book: Any, notes: Sequence[str], formats: dict[str, Any]) -> None:
    out = book.add_worksheet(NOTES_SHEET)
    out.set_column(0, 0, 90)
    for at, note in enumerate(n for n in notes if n):
        out.write_string(at, 0, _text(note), formats["note"])


def _explain(book: Any, columns: Sequence[Column], formats: dict[str, Any]) -> None:
    out = book.add_worksheet(HELP_SHEET)
    out.set_column(0, 0, 22)
    out.set_column(1, 1, 8)
    out.set_column(2, 3, 50)
    for at, title in enumerate(("列名", "必填", "怎么填", "例子或可选项")):
        out.write_string(0, at, title, formats["head"])
    for at, column in enumerate(columns, 1):
        cells = (
            column.title,
            "是" if column.required else "否",
            column.hint,
            column.example or "、".join(column.choices),
        )
        for place, cell in enumerate(cells):
            out.write_string(at, place, _text(cell), formats["note"])
    out.freeze_panes(1, 0)


def _validate(out: Any, lists: Any, at: int, column: Column) -> None:
    rule: dict[str, Any] = {"validate": "any"}
    if column.choices and lists is not None:
        lists.write_column(0, at, column.choices)
        letter = xlsxwriter.utility.xl_col_to_name(at, True)
        rule = {
            "validate": "list",
            "source": f"={LISTS_SHEET}!{letter}$1:{letter}${len(column.choices)}",
            "error_type": "warning",
        }
        rule |= {"error_title": "请从下拉选项中选", "error_message": "填写的内容不在选项中，导入时可能被退回。"}
    if column.hint:
        rule |= {"input_title": column.title[:32], "input_message": column.hint[:255]}
    if len(rule) > 1:
        out.data_validation(1, at, 100_000, at, rule)


def _text(value: Any) -> str:
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        value = value.date()
    return _NO_XML.sub("", text_of(value))[:_CELL_TEXT]


def _csv_cell(value: Any, kind: Kind) -> str:
    text = _text(value)
    if kind == "number" and isinstance(value, (int, float)):
        return text
    if _FORMULA.match(text):
        return "'" + text
    return text + "\t" if _LONG_DIGITS.fullmatch(text) else text

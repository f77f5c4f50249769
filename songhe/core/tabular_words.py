"""What tabular.py says about a file it cannot or will not read."""

from __future__ import annotations

from collections.abc import Sequence

from songhe.core.problem import Problem


def empty_file() -> Problem:
    return Problem(
        "file_empty",
        "文件里没有内容。请确认选对了文件，数据在可见的工作表中。",
        "The file holds nothing. Check that it is the right file and that the data are on a visible sheet.",
    )


def too_big(size: int, most: int) -> Problem:
    return Problem(
        "file_too_big",
        f"文件有 {size >> 20} MB，最多 {most >> 20} MB。请拆成几个文件，或另存为 CSV。",
        f"The file has {size >> 20} MB, the limit is {most >> 20} MB. Split it or save it as CSV.",
    )


def html_file() -> Problem:
    return Problem(
        "file_html",
        "这是改了扩展名的网页，不是表格文件。请用表格软件打开，另存为 .xlsx 后再导入。",
        "This is a web page under another name, not a workbook. Open it in a spreadsheet and save it as .xlsx.",
    )


def not_text() -> Problem:
    return Problem(
        "file_not_text",
        "这不是表格文件（内容是二进制）。请导入 .xlsx、.xls 或 .csv。",
        "This is no table (the content is binary). Import .xlsx, .xls or .csv.",
    )


def not_a_workbook(has_password: bool) -> Problem:
    if has_password:
        return encrypted()
    return Problem(
        "file_not_workbook",
        "这是压缩包或其他格式，不是 .xlsx 表格。请先解压，或另存为 .xlsx 后再导入。",
        "This is an archive or another format, not an .xlsx workbook. Unpack it or save it as .xlsx.",
    )


def encrypted() -> Problem:
    return Problem(
        "file_encrypted",
        "文件有打开密码，无法读取。请去掉密码后另存，再导入。",
        "The file is protected by a password. Save it without one and import it again.",
    )


def damaged(detail: str) -> Problem:
    return Problem(
        "file_damaged",
        f"文件已损坏，无法读取（{detail[:80]}）。请用表格软件打开并另存一份，再导入。",
        f"The file is damaged ({detail[:80]}). Open it in a spreadsheet, save a copy and import that.",
    )


def bomb() -> Problem:
    return Problem(
        "file_bomb",
        "文件解压后异常庞大，为安全起见不予读取。请把数据复制到新建的表格中再导入。",
        "The file unfolds to an abnormal size and is not read, for safety. Copy the data into a new workbook.",
    )


def far_corner(rows: int, columns: int) -> Problem:
    return Problem(
        "file_far_corner",
        f"表格范围达到 {rows} 行、{columns} 列，多半是远处有误填的单元格。请删除数据以外的行和列，或复制到新表再导入。",
        f"The sheet spans {rows} rows and {columns} columns, most likely through a stray cell far away. Delete the rows and "
        "columns beyond the data, or copy them into a new workbook.",
    )


def too_many_columns(count: int, most: int) -> Problem:
    return Problem(
        "too_many_columns",
        f"表格有 {count} 列，最多 {most} 列。请删除多余的列，或检查分隔符。",
        f"The table has {count} columns, the limit is {most}. Delete the surplus ones or check the delimiter.",
    )


def no_sheet(name: str, known: Sequence[str]) -> Problem:
    return Problem(
        "no_such_sheet",
        f"没有名为“{name[:31]}”的工作表。可选：{'、'.join(known)}。",
        f'There is no sheet "{name[:31]}". Choose from: {", ".join(known)}.',
    )


def other_sheets(used: str, others: Sequence[str]) -> Problem:
    return Problem(
        "other_sheets",
        f"只读取了工作表“{used}”，其余未读：{'、'.join(others)}。如需导入请分别选择。",
        f'Only the sheet "{used}" was read; not read: {", ".join(others)}. Import them one by one if needed.',
        "warning",
    )


def no_header(seen: Sequence[str]) -> Problem:
    some = "、".join(s[:12] for s in seen if s)[:100]
    return Problem(
        "no_header",
        f"前30行里找不到认识的表头（看到：{some}）。请使用本系统的模板，或把第一行改成模板的列名。",
        f"No known header in the first 30 rows (seen: {some}). Use the template, or name the columns as it does.",
    )


def header_twice(first: str, second: str) -> Problem:
    return Problem(
        "header_twice",
        f"“{first}”和“{second}”是同一项，只读取前一列。请删去一列。",
        f'"{first}" and "{second}" mean the same field; only the first is read. Delete one.',
        "warning",
    )


def encoding() -> Problem:
    return Problem(
        "file_encoding",
        "文字编码既不是 UTF-8 也不是 GB18030，无法读取。请用表格软件打开后另存为 .xlsx 或 UTF-8 的 CSV。",
        "The text is neither UTF-8 nor GB18030. Open it in a spreadsheet and save it as .xlsx or as UTF-8 CSV.",
    )


def csv_broken(row: int) -> Problem:
    return Problem(
        "csv_broken",
        f"第{row}行附近无法读取，常见原因是引号不成对。请检查该行，或另存为 .xlsx 再导入。",
        f"The file cannot be read near row {row}; most often a quotation mark is not closed. Check it or save as .xlsx.",
    )

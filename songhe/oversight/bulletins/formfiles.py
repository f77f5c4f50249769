"""A superior's own form as a file: the places in it that wait for a number, and the file with them filled in.

A place is a cell with a name of its own (Excel: 名称管理器), or 【名称】 written into a cell or a paragraph. Nothing in a file is run.
"""

import io
import zipfile

from songhe.core.problem import Refused
from songhe.core.refusal import Refusal
from songhe.core.tabular_guard import Limits, guard_xlsx
from songhe.oversight.bulletins.templating import FIELD

MOST_BYTES = 10 << 20
_UNFOLDED = 200 << 20
_TEXT, _PARAGRAPH = "{%s}t", "{%s}p"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def slots(content: bytes, kind: str) -> list[str]:
    """The names of the places to fill, in the order of the file. Refusal for a file that is none, or has none."""
    guard(content, kind)
    found = list(dict.fromkeys(_in_workbook(content) if kind == "xlsx" else _in_document(content)))
    if not found:
        raise Refusal(
            "no_slots",
            zh="文件里没有可填的位置。请在 Excel 里给单元格定义名称，或在要填数的地方写【名称】，再上传。",
            en="The file has no place to fill. Name cells in Excel, or write 【name】 where a number goes, then upload it again.",
            field="file",
        )
    return found


def filled(content: bytes, kind: str, values: dict) -> bytes:
    """The file with every named place filled; places without a value are left as they are."""
    return _fill_workbook(content, values) if kind == "xlsx" else _fill_document(content, values)


def guard(content: bytes, kind: str) -> None:
    """Refusal for what is not a plain .xlsx or .docx of reasonable size."""
    if kind not in ("xlsx", "docx"):
        raise Refusal("form_kind", zh="只收 .xlsx 和 .docx。请另存为其中一种再上传。", en="Only .xlsx and .docx are taken. Save it as one of them.", field="file")  # fmt: skip
    if len(content) > MOST_BYTES:
        raise Refusal("form_size", zh="文件超过 10 MB。请删去图片再上传。", en="The file is larger than 10 MB. Take pictures out.", field="file")  # fmt: skip
    try:
        if kind == "xlsx":
            guard_xlsx(io.BytesIO(content), Limits(file_bytes=MOST_BYTES, unfolded_bytes=_UNFOLDED, cells=2_000_000))
        else:
            _guard_document(content)
    except Refused as wrong:
        raise Refusal("form_file", zh=wrong.zh, en=wrong.en, field="file") from wrong


def _guard_document(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            good = "word/document.xml" in archive.namelist() and sum(p.file_size for p in parts) <= _UNFOLDED
    except zipfile.BadZipFile:
        good = False
    if not good:
        raise Refusal("form_file", zh="这不是能打开的 Word 文件。请用 Word 另存为 .docx 再上传。", en="This is no readable Word file. Save it as .docx in Word.", field="file")  # fmt: skip


def _book(content: bytes):
    from openpyxl import load_workbook

    return load_workbook(io.BytesIO(content))


def _named_cells(book) -> dict[str, tuple]:
    """{name: (sheet, coordinate)} for names of single cells."""
    found = {}
    for name, defined in book.defined_names.items():
        for sheet, coordinate in defined.destinations:
            if sheet in book.sheetnames and ":" not in coordinate:
                found[name] = (book[sheet], coordinate.replace("$", ""))
    return found


def _texts(book):
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and FIELD.search(cell.value):
                    yield cell


def _in_workbook(content: bytes) -> list[str]:
    book = _book(content)
    return [*_named_cells(book), *(name for cell in _texts(book) for name in FIELD.findall(cell.value))]


def _fill_workbook(content: bytes, values: dict) -> bytes:
    book = _book(content)
    for name, (sheet, coordinate) in _named_cells(book).items():
        if name in values:
            _put(sheet[coordinate], values[name])
    for cell in _texts(book):
        whole = FIELD.fullmatch(cell.value.strip())
        if whole and whole[1] in values:
            _put(cell, values[whole[1]])
        else:
            _put(cell, _said(cell.value, values))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _put(cell, value) -> None:
    """A number stays a number; a text that looks like a formula stays text."""
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"


def _said(text: str, values: dict) -> str:
    return FIELD.sub(lambda found: str(values[found[1]]) if found[1] in values else found[0], text)


def _paragraphs(document):
    """Every paragraph of the body, its tables, headers and footers, as XML."""
    roots = [document.element.body]
    for section in document.sections:
        roots += [section.header._element, section.footer._element]
    for root in roots:
        yield from root.iter(_PARAGRAPH % _WORD)


def _in_document(content: bytes) -> list[str]:
    from docx import Document

    return [
        name
        for paragraph in _paragraphs(Document(io.BytesIO(content)))
        for name in FIELD.findall("".join(t.text or "" for t in paragraph.iter(_TEXT % _WORD)))
    ]


def _fill_document(content: bytes, values: dict) -> bytes:
    from docx import Document

    document = Document(io.BytesIO(content))
    for paragraph in _paragraphs(document):
        texts = list(paragraph.iter(_TEXT % _WORD))
        joined = "".join(t.text or "" for t in texts)
        if FIELD.search(joined):  # Word cuts a name into runs as it likes: the first one takes the whole text
            texts[0].text = _said(joined, values)
            for rest in texts[1:]:
                rest.text = ""
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()

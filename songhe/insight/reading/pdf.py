"""The text of a PDF in reading order, tables as lines of tabs. Scripts, passwords and endless files are refused."""

import io
import itertools
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from songhe.insight.reading.errors import ReadingError

MAX_PAGES = 400
ACTIVE = re.compile(rb"/(?:JavaScript|JS|Launch|EmbeddedFile|RichMedia|SubmitForm|ImportData)\b")
ACTIVE_KEYS = ("JavaScript", "JS", "Launch", "RichMedia", "SubmitForm", "ImportData", "EmbeddedFiles")


def pdf_text(data: bytes) -> str:
    """Every page's text; a table that pdfplumber finds is written row by row in its place."""
    import pdfplumber
    from pdfminer.pdfdocument import PDFEncryptionError, PDFPasswordIncorrect
    from pdfminer.pdfexceptions import PDFException
    from pdfminer.psparser import PSException
    from pdfplumber.utils.exceptions import PdfminerException

    logging.getLogger("pdfminer").setLevel(logging.ERROR)
    if re.search(rb"/Encrypt\b", data) and _locked(data):
        raise ReadingError("encrypted_pdf")
    if ACTIVE.search(data):
        raise ReadingError("active_pdf")
    try:
        with pdfplumber.open(io.BytesIO(data)) as pdf:
            _refuse_active(pdf.doc)
            if len(pdf.pages) > MAX_PAGES:
                raise ReadingError("too_many_pages", limit=MAX_PAGES)
            with _quick(data) as quick:
                pages = [quick(n) or _page(page) for n, page in enumerate(pdf.pages)]
    except ReadingError:
        raise
    except (PDFPasswordIncorrect, PDFEncryptionError) as problem:
        raise ReadingError("encrypted_pdf") from problem
    except PdfminerException as problem:
        inner = problem.args[0] if problem.args else None
        code = "encrypted_pdf" if isinstance(inner, PDFPasswordIncorrect | PDFEncryptionError) else "bad_pdf"
        raise ReadingError(code) from problem
    except (
        PDFException,
        PSException,
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
        AssertionError,
        RecursionError,
        OverflowError,
        ZeroDivisionError,
        OSError,
        NotImplementedError,
        MemoryError,
        UnicodeError,
    ) as problem:
        raise ReadingError("bad_pdf") from problem  # a broken file can fail anywhere inside the parser
    text = "\n".join(pages)
    if not text.strip():
        raise ReadingError("scanned_pdf")
    return text


def _locked(data: bytes) -> bool:
    """A password is asked for, or the marks cannot be read."""
    from pdfminer.pdfdocument import PDFDocument
    from pdfminer.pdfparser import PDFParser

    try:
        PDFDocument(PDFParser(io.BytesIO(data)))
    except Exception:  # whatever a hostile file raises here, it is not readable without its key
        return True
    return False


def _refuse_active(doc: object) -> None:
    """Objects inside compressed streams are looked at too; at most a bounded number."""
    seen = 0
    for xref in getattr(doc, "xrefs", []):
        for number in xref.get_objids():
            seen += 1
            if seen > 20000:
                return
            try:
                thing = doc.getobj(number)  # type: ignore[attr-defined]
            except Exception:  # noqa: S112  (a broken object is not an active one)
                continue
            if _active(thing):
                raise ReadingError("active_pdf")


def _active(thing: object) -> bool:
    """A script or an action anywhere inside one object; references are looked at as objects of their own."""
    stack, steps = [thing], 0
    while stack and steps < 5000:
        node, steps = stack.pop(), steps + 1
        keys = node if isinstance(node, dict) else getattr(node, "attrs", None)
        if isinstance(keys, dict):
            if any(key in keys for key in ACTIVE_KEYS) or getattr(keys.get("S"), "name", "") in ACTIVE_KEYS:
                return True
            stack.extend(keys.values())
        elif isinstance(node, list):
            stack.extend(node)
    return False


@contextmanager
def _quick(data: bytes) -> Iterator[Callable[[int], str | None]]:
    """pdfium reads a page of plain lines forty times faster: used where nothing is ruled and the lines run downwards."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:
        yield lambda _: None
        return
    try:
        yield lambda n: _plain_page(document, n)
    finally:
        document.close()


def _plain_page(document: object, number: int) -> str | None:
    import pypdfium2

    try:
        page = document[number]  # type: ignore[index]
        if (
            sum(
                1
                for _, o in zip(
                    range(5), page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_PATH], max_depth=3), strict=False
                )
                if o
            )
            >= 4
        ):
            return None
        lines = page.get_textpage()
        tops = [lines.get_rect(i)[3] for i in range(min(lines.count_rects(), 3000))]
        if sum(b > a + 6 for a, b in itertools.pairwise(tops)):
            return None
        words = lines.get_text_range().replace("\r\n", "\n").replace("\ufffe", "")
    except (pypdfium2.PdfiumError, IndexError, ValueError, OSError):
        return None
    return words if words.strip() else None


def _page(page: object) -> str:
    """Lines above, between and below the tables of one page; memory is given back at once."""
    try:
        ruled = len(page.rects) + len(page.lines) + len(page.curves)  # type: ignore[attr-defined]
        tables = page.find_tables() if 4 <= ruled <= 6000 else []  # type: ignore[attr-defined]
        tables = [t for t in tables if len(t.rows) > 1 and max((len(r.cells) for r in t.rows), default=0) > 1]
        if not tables:
            return page.extract_text() or ""  # type: ignore[attr-defined]
        return _around(page, sorted(tables, key=lambda t: t.bbox[1]))
    finally:
        page.close()  # type: ignore[attr-defined]


def _around(page: object, tables: list) -> str:
    parts, top = [], page.bbox[1]  # type: ignore[attr-defined]
    left, _, right, bottom = page.bbox  # type: ignore[attr-defined]
    for table in tables:
        if table.bbox[1] > top + 1:
            parts.append(page.crop((left, top, right, table.bbox[1])).extract_text() or "")  # type: ignore[attr-defined]
        for row in table.extract():
            parts.append("\t".join(re.sub(r"\s*\n\s*", "", cell or "") for cell in row))
        top = max(top, min(table.bbox[3], bottom))
    if bottom > top + 1:
        parts.append(page.crop((left, top, right, bottom)).extract_text() or "")  # type: ignore[attr-defined]
    return "\n".join(p for p in parts if p)

"""The text of a .docx: paragraphs to lines, table rows to lines of tabs. Sizes are checked before anything is unpacked."""

import io
import zipfile

from lxml import etree

from songhe.insight.reading.errors import ReadingError

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MAX_UNPACKED = 60_000_000
MAX_DOCUMENT = 40_000_000
MAX_RATIO = 150
MAX_FILES = 3000


def docx_text(data: bytes) -> str:
    """Read word/document.xml only; macros, pictures and links are never opened."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            xml = _document(archive, len(data))
    except (
        zipfile.BadZipFile,
        KeyError,
        EOFError,
        NotImplementedError,
        RuntimeError,
        OSError,
        ValueError,
        zipfile.LargeZipFile,
    ) as problem:
        if isinstance(problem, ReadingError):
            raise
        raise ReadingError("bad_docx") from problem
    return _text(xml)


def _document(archive: zipfile.ZipFile, size: int) -> bytes:
    entries = archive.infolist()
    total = sum(e.file_size for e in entries)
    if len(entries) > MAX_FILES or total > MAX_UNPACKED or (total > 5_000_000 and total > MAX_RATIO * max(size, 1)):
        raise ReadingError("zip_bomb")
    entry = archive.getinfo("word/document.xml")
    if entry.file_size > MAX_DOCUMENT or (
        entry.file_size > 2_000_000 and entry.file_size > MAX_RATIO * max(entry.compress_size, 1)
    ):
        raise ReadingError("zip_bomb")
    with archive.open(entry) as stream:  # the header may lie: never read more than the limit
        xml = stream.read(MAX_DOCUMENT + 1)
    if len(xml) > MAX_DOCUMENT:
        raise ReadingError("zip_bomb")
    return xml


def _text(xml: bytes) -> str:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
    )
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as problem:
        raise ReadingError("bad_docx") from problem
    body = root.find(f"{W}body")
    if body is None:
        raise ReadingError("bad_docx")
    lines: list[str] = []
    for child in body.iterchildren():
        _block(child, lines, 0)
    return "\n".join(lines)


def _block(node: etree._Element, lines: list[str], depth: int) -> None:
    if node.tag == f"{W}p":
        lines.append(_words(node))
    elif node.tag == f"{W}tbl":
        _table(node, lines, depth)
    elif node.tag in (f"{W}sdt", f"{W}sdtContent", f"{W}ins", f"{W}customXml", f"{W}smartTag") and depth < 20:
        for child in node.iterchildren():
            _block(child, lines, depth + 1)


def _table(table: etree._Element, lines: list[str], depth: int) -> None:
    """A row a line; a cell that spans columns leaves the others empty, one merged downwards repeats nothing."""
    for row in table.iterchildren(f"{W}tr"):
        cells: list[str] = []
        for cell in row.iterchildren(f"{W}tc"):
            words = "".join(_words(p) for p in cell.iter(f"{W}p"))
            span = cell.find(f"{W}tcPr/{W}gridSpan")
            cells.append(words.replace("\t", " ").replace("\n", " "))
            width = span.get(f"{W}val", "1") if span is not None else "1"
            cells += [""] * (min(int(width), 40) - 1 if width.isdigit() else 0)
        lines.append("\t".join(cells))


def _words(paragraph: etree._Element) -> str:
    """Runs, tabs and line breaks; deleted text is left out, numbering is not known here."""
    parts: list[str] = []
    for node in paragraph.iter(f"{W}t", f"{W}tab", f"{W}br", f"{W}cr", f"{W}noBreakHyphen"):
        if node.tag == f"{W}t":
            parts.append(node.text or "")
        elif node.tag == f"{W}noBreakHyphen":
            parts.append("-")
        elif node.tag in (f"{W}br", f"{W}cr"):
            parts.append("\n")
        elif node.getparent().tag == f"{W}r":
            parts.append(" ")
    return "".join(parts)

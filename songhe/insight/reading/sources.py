"""Take a file apart into its text, within limits, in memory, without touching the network."""

import re

from songhe.insight.reading.errors import ReadingError

MAX_BYTES = 30_000_000
MAX_CHARS = 600_000


def load(source: str | bytes, name: str = "") -> str:
    """The text of a pasted string or of a file's bytes; table cells stand apart by tabs."""
    if isinstance(source, str):
        return checked(source)
    if len(source) > MAX_BYTES:
        raise ReadingError("too_big", limit="30 MB")
    kind = sniff(source, name)
    if kind == "pdf":
        from songhe.insight.reading.pdf import pdf_text  # pdfplumber is slow to import

        return checked(pdf_text(source))
    if kind == "docx":
        from songhe.insight.reading.docx import docx_text

        return checked(docx_text(source))
    text = decode(source)
    if kind == "html" or looks_like_html(text):
        from songhe.insight.reading.html import html_text

        return checked(html_text(text))
    return checked(text)


def sniff(data: bytes, name: str) -> str:
    """pdf, docx, html or txt; by what the file is, not by what it is called."""
    head = data[:1024].lstrip()
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return "docx"
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise ReadingError("old_word")
    suffix = name.lower().rpartition(".")[2] if "." in name else ""
    if suffix in ("pdf",):
        raise ReadingError("bad_pdf")
    if suffix == "docx":
        raise ReadingError("bad_docx")
    if suffix in ("html", "htm", "xhtml", "shtml"):
        return "html"
    if suffix in ("", "txt", "text", "md", "csv"):
        return "txt"
    if suffix in ("doc", "wps", "xls"):
        raise ReadingError("old_word")
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ReadingError("unknown_type", kind=suffix)
    return "txt"


def decode(data: bytes) -> str:
    """UTF-8, UTF-16 by its mark, else GB18030 (the family Chinese offices write)."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    text = data.decode("gb18030", errors="replace")
    if text.count("\ufffd") > max(3, len(text) // 200):
        broken = data.decode("utf-8", errors="replace")
        if broken.count("\ufffd") <= max(3, len(broken) // 200):
            return broken
        raise ReadingError("not_text")
    return text


def looks_like_html(text: str) -> bool:
    """A page saved under another name."""
    return (
        bool(re.match(r"\s*(?:<!doctype html|<html|<\?xml[^>]*>\s*<html)", text[:300], re.I))
        or len(re.findall(r"</?(?:div|p|span|td|tr|table|br)\b", text[:20000], re.I)) > 20
    )


def checked(text: str) -> str:
    """Refuse what is empty, endless or no Chinese text."""
    if not text.strip():
        raise ReadingError("empty")
    if len(text) > MAX_CHARS:
        raise ReadingError("too_long", limit=f"{MAX_CHARS:,}")
    sample = text if len(text) <= 200_000 else text[:100_000] + text[-100_000:]
    odd = sum(1 for c in sample if c == "\ufffd" or c == "\0" or (c < " " and c not in "\t\n\r\f\v"))
    if odd > max(20, len(sample) * 0.05):
        raise ReadingError("not_text")
    chinese = len(re.findall(r"[\u3400-\u9fff]", sample))
    if chinese == 0:
        raise ReadingError("no_chinese")
    if len(sample) > 5000 and chinese < len(sample) * 0.02:
        raise ReadingError("not_text")
    return text.replace("\r\n", "\n").replace("\r", "\n")

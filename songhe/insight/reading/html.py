"""The text of a web page: blocks to lines, table cells to tabs; scripts, menus and footers are dropped."""

import re

from lxml import etree
from lxml import html as lxml_html

from songhe.insight.reading.errors import ReadingError

DROP = {
    "script",
    "style",
    "noscript",
    "template",
    "iframe",
    "object",
    "embed",
    "svg",
    "canvas",
    "form",
    "button",
    "select",
    "input",
    "head",
    "nav",
    "footer",
    "aside",
}
BLOCK = {
    "p",
    "div",
    "section",
    "article",
    "header",
    "main",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "li",
    "ul",
    "ol",
    "dl",
    "dt",
    "dd",
    "tr",
    "table",
    "blockquote",
    "pre",
    "figure",
    "figcaption",
    "center",
    "hr",
    "tbody",
    "thead",
    "caption",
}
MAX_NODES = 400_000


def html_text(page: str) -> str:
    """The visible text of a page; nothing is fetched, entities are not expanded from outside."""
    parser = lxml_html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    page = re.sub(r"^\s*<\?xml[^>]*\?>", "", page.replace("\0", ""))
    try:
        root = lxml_html.document_fromstring(page, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError) as problem:
        raise ReadingError("empty") from problem
    parts: list[str] = []
    title = root.findtext(".//title")
    _walk(root, parts)
    text = "".join(parts)
    text = re.sub(r"[ \t\r]*\n[ \t\r]*(?:\n[ \t\r]*)+", "\n\n", text)
    heading = (title or "").strip()
    if heading and heading[:12] not in text[:3000] and re.search("通知|方案|意见|计划|规划|答复|公告", heading):
        text = f"{heading}\n{text}"
    return text


def _walk(root: etree._Element, parts: list[str]) -> None:
    """Iterative, so that deep nesting cannot exhaust the stack."""
    stack: list[tuple[etree._Element, bool]] = [(root, False)]
    count = 0
    while stack:
        node, leaving = stack.pop()
        tag = node.tag if isinstance(node.tag, str) else ""
        if leaving:
            if tag in BLOCK:
                parts.append("\n")
            elif tag in ("td", "th") and node.getnext() is not None:
                parts.append("\t")
            parts.append(_flat(node.tail, node.getparent()))
            continue
        count += 1
        if count > MAX_NODES:
            raise ReadingError("too_long", limit=f"{MAX_NODES:,}")
        if not tag or tag in DROP or _hidden(node):
            parts.append(_flat(node.tail, node.getparent()))
            continue
        if tag in BLOCK or tag == "br":
            parts.append("\n")
        parts.append(_flat(node.text, node))
        stack.append((node, True))
        stack.extend((child, False) for child in reversed(node))


def _flat(words: str | None, inside: etree._Element | None) -> str:
    """Line ends in HTML source are only spaces, but in <pre> they count; between table rows nothing stands."""
    if not words:
        return ""
    tag = inside.tag if inside is not None and isinstance(inside.tag, str) else ""
    if tag in ("table", "tr", "tbody", "thead"):
        return words.strip()
    return words if tag == "pre" else re.sub(r"\s*\n\s*", " ", words)


def _hidden(node: etree._Element) -> bool:
    style = (node.get("style") or "").replace(" ", "").lower()
    return "display:none" in style or node.get("hidden") is not None

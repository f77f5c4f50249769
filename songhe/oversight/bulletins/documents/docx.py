"""A content as .docx in the layout of GB/T 9704-2012 (python-docx)."""

import io
import zipfile
from datetime import datetime

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.enum.text import WD_BREAK, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Emu, Mm, Pt, RGBColor

from songhe.oversight.bulletins.documents import fonts
from songhe.oversight.bulletins.rules import PAGE, PT_PER_MM, TWIPS_PER_PT

RED = RGBColor(0xD7, 0x00, 0x0F)
LINE = Pt(PAGE.line_pitch / TWIPS_PER_PT)
CELL = Pt(16)
# Narrower by the difference between cell and type, rounded up to Word's twentieth of a point: 28 characters a line.
SQUEEZE = -(int((PAGE.size - PAGE.cell) * TWIPS_PER_PT) + 1)
LINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"
MARK_TOP = Mm(35)  # 7.2.4: from the top of the type area to the organ's mark


def docx(content: dict) -> bytes:
    """The document's bytes; the same content gives the same bytes."""
    document = Document()
    _page(document)
    _styles(document)
    _head(document, content)
    for block in content["blocks"]:
        _BLOCKS[block["kind"]](document, block, content.get("site", ""))
    _close(document, content)
    if content.get("annex"):
        _annex(document, content["annex"], content.get("site", ""))
    if content.get("edition"):
        _edition(document, content["edition"])
    return _same_bytes(document, content)


def _page(document) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(PAGE.width), Mm(PAGE.height)
    section.top_margin, section.bottom_margin = Mm(PAGE.top), Mm(PAGE.bottom)
    section.left_margin, section.right_margin = Mm(PAGE.left), Mm(PAGE.right)
    section.header_distance, section.footer_distance = Mm(15), Mm(PAGE.bottom - 7 - 5)  # 7.5: 7 mm below the type area
    grid = section._sectPr.find(qn("w:docGrid"))
    if grid is None:
        grid = OxmlElement("w:docGrid")
        section._sectPr.append(grid)
    # 22 lines; the 28 characters come from SQUEEZE: with w:charSpace LibreOffice gives each character two cells.
    grid.attrib.clear()
    grid.set(qn("w:type"), "linesAndChars")
    grid.set(qn("w:linePitch"), str(PAGE.line_pitch))
    document.settings.odd_and_even_pages_header_footer = True
    for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
        footer.is_linked_to_previous = False
        _page_number(footer.paragraphs[0], side)


def _page_number(paragraph, side: str) -> None:
    """—1—, 四号 宋体, one character in from the outer edge."""
    paragraph.style = "Normal"
    paragraph.alignment = ALIGN.RIGHT if side == "right" else ALIGN.LEFT
    setattr(paragraph.paragraph_format, f"{side}_indent", Pt(14))
    for kind, text in (("text", "—"), ("begin", ""), ("code", "PAGE"), ("separate", ""), ("text", "1"), ("end", ""), ("text", "—")):  # fmt: skip
        run = paragraph.add_run(text if kind == "text" else "")
        _face(run, fonts.SONG, 14)
        if kind == "code":
            code = OxmlElement("w:instrText")
            code.set(qn("xml:space"), "preserve")
            code.text = text
            run._r.append(code)
        elif kind != "text":
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._r.append(mark)


def _styles(document) -> None:
    for fonts_of in document.styles.element.iter(qn("w:rFonts")):
        for name in [name for name in fonts_of.attrib if "heme" in name]:  # a theme's face would win over ours
            del fonts_of.attrib[name]
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:eastAsia"), "zh-CN")
    body = document.styles["Normal"]
    _face(body, fonts.FANG_SONG, PAGE.size)
    form = body.paragraph_format
    form.line_spacing, form.space_before, form.space_after = LINE, Pt(0), Pt(0)
    form.widow_control = False  # a line moved to the next page would leave 21
    _ordered(body.element.get_or_add_pPr(), "w:snapToGrid", {"w:val": "0"}, before=("w:spacing", "w:ind", "w:jc"))
    _ordered(body.element.get_or_add_rPr(), "w:spacing", {"w:val": str(SQUEEZE)}, before=("w:sz", "w:szCs"))
    for name, face, size, align in (
        ("公文标题", fonts.SONG_TITLE, 22, ALIGN.CENTER), ("公文正文", fonts.FANG_SONG, PAGE.size, ALIGN.JUSTIFY),
        ("一级标题", fonts.HEI, PAGE.size, None), ("二级标题", fonts.KAI, PAGE.size, None),
        ("表格文字", fonts.FANG_SONG, 12, None), ("数据说明", fonts.FANG_SONG, 12, ALIGN.LEFT), ("版记", fonts.FANG_SONG, 14, None),
    ):  # fmt: skip
        style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = body
        _face(style, face, size)
        style.paragraph_format.alignment = align
    document.styles["公文标题"].paragraph_format.line_spacing = Pt(32)
    for name in ("公文正文", "一级标题", "二级标题"):
        _indent(document.styles[name].element.get_or_add_pPr())
    document.styles["表格文字"].paragraph_format.line_spacing = Pt(18)
    document.styles["数据说明"].paragraph_format.line_spacing = Pt(20)
    document.styles["版记"].paragraph_format.line_spacing = Pt(24)
    document.styles["版记"].paragraph_format.tab_stops.add_tab_stop(Emu(_WIDE * 635) - Mm(8), WD_TAB_ALIGNMENT.RIGHT)


def _face(thing, face: str, size: float) -> None:
    """Both the Latin and the East Asian face, of a style or a run (python-docx sets the Latin one only)."""
    thing.font.size = Pt(size)
    named = thing.element.get_or_add_rPr().get_or_add_rFonts()
    for script, name in (("ascii", fonts.LATIN), ("hAnsi", fonts.LATIN), ("cs", fonts.LATIN), ("eastAsia", face)):
        named.set(qn(f"w:{script}"), name)


def _indent(properties) -> None:
    """Two characters: by characters for Word, and in twips beside it for readers that know no characters."""
    indent = properties.find(qn("w:ind"))
    if indent is None:
        indent = _ordered(properties, "w:ind", {}, before=("w:jc",))
    indent.set(qn("w:firstLineChars"), "200")
    indent.set(qn("w:firstLine"), str(int(2 * PAGE.cell * TWIPS_PER_PT)))


def _ordered(parent, tag: str, values: dict, before: tuple[str, ...]):
    """A child element in the place the schema wants: before the first of `before` that is there."""
    made = OxmlElement(tag)
    for name, value in values.items():
        made.set(qn(name), value)
    after = next((child for child in parent if child.tag in [qn(name) for name in before]), None)
    parent.append(made) if after is None else after.addprevious(made)
    return made


def _head(document, content: dict) -> None:
    """The red mark, the number, the red line, the title, whom it is to."""
    mark = document.add_paragraph(style="Normal")
    mark.alignment = ALIGN.CENTER
    mark.paragraph_format.space_before = MARK_TOP
    size = min(42, 420 / max(1, len(content["mark"])))
    mark.paragraph_format.line_spacing = Pt(size * 1.3)
    run = mark.add_run(content["mark"])
    _face(run, fonts.SONG_TITLE, size)
    run.font.color.rgb = RED
    document.add_paragraph()
    number = document.add_paragraph(content["number"] or content.get("draft", ""))
    number.alignment = ALIGN.CENTER
    _border(number, {"bottom": 12}, "D7000F", space=11)
    document.add_paragraph()
    title = document.add_paragraph(content["title"], style="公文标题")
    title.paragraph_format.space_before = LINE
    if content.get("demo"):
        document.add_paragraph(content["demo"]).alignment = ALIGN.CENTER
    document.add_paragraph()
    if content["to"]:
        document.add_paragraph(content["to"]).alignment = ALIGN.JUSTIFY


_AFTER_BORDERS = ("w:pBdr", "w:snapToGrid", "w:spacing", "w:ind", "w:jc")
_WIDE = int(PAGE.area[0] * PT_PER_MM * TWIPS_PER_PT)


def _border(paragraph, sides: dict[str, int], colour: str, space: int = 0) -> None:
    """Lines above or below a paragraph: {side: thickness in eighths of a point}."""
    borders = _ordered(paragraph._p.get_or_add_pPr(), "w:pBdr", {}, before=_AFTER_BORDERS[1:])
    for side, eighths in sides.items():
        values = {"w:val": "single", "w:sz": str(eighths), "w:space": str(space), "w:color": colour}
        _ordered(borders, f"w:{side}", values, before=())


def _heading(document, block: dict, site: str) -> None:
    document.add_paragraph(block["text"], style="一级标题" if block["level"] == 1 else "二级标题")


def _text(document, block: dict, site: str) -> None:
    paragraph = document.add_paragraph(style="公文正文")
    for part in block["runs"]:
        if isinstance(part, str):
            paragraph.add_run(part)
        else:
            _note_mark(paragraph, part["note"])


def _note_mark(paragraph, number: int) -> None:
    """〔1〕 raised, leading to its note in the annex."""
    link = OxmlElement("w:hyperlink")
    link.set(qn("w:anchor"), f"note{number}")
    run = paragraph.add_run(f"〔{number}〕")
    run.font.superscript = True
    link.append(run._r)
    paragraph._p.append(link)


def _table(document, block: dict, site: str) -> None:
    caption = document.add_paragraph(block["caption"], style="表格文字")
    caption.alignment, caption.paragraph_format.keep_with_next = ALIGN.CENTER, True
    table = document.add_table(rows=0, cols=len(block["head"]), style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    for at, cells in enumerate([block["head"], *block["rows"]]):
        row = table.add_row()
        for place, cell in zip(row.cells, cells, strict=True):
            _cell(place.paragraphs[0], cell if isinstance(cell, dict) else {"text": cell}, site, head=at == 0)
        _keep_row(row, head=at == 0)
    if block.get("widths"):
        _widths(table, block["widths"])


def _widths(table, shares: list[int]) -> None:
    """Columns by their percentages; each cell says it too, for readers that look there."""
    table.autofit = False
    for column, share in zip(table.columns, shares, strict=True):
        column.width = Emu(_WIDE * 635 * share // 100)
        for cell in column.cells:
            cell.width = column.width


def _cell(paragraph, cell: dict, site: str, *, head: bool) -> None:
    paragraph.style = "表格文字"
    paragraph.alignment = ALIGN.CENTER
    run = paragraph.add_run(cell["text"])
    if head:
        _face(run, fonts.HEI, 12)
    if cell.get("url") and site:
        _linked(paragraph, run, site + cell["url"])
    if cell.get("note"):
        _note_mark(paragraph, cell["note"])


def _linked(paragraph, run, url: str) -> None:
    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), paragraph.part.relate_to(url, LINK, is_external=True))
    link.append(run._r)
    paragraph._p.append(link)


def _keep_row(row, *, head: bool) -> None:
    properties = row._tr.get_or_add_trPr()
    for tag in ("w:cantSplit", "w:tblHeader") if head else ("w:cantSplit",):
        properties.append(OxmlElement(tag))


def _close(document, content: dict) -> None:
    """附件说明, then the organ centred over its date, the date four characters from the right edge (7.3.5)."""
    if content.get("annex"):
        document.add_paragraph()
        document.add_paragraph(f"附件：{content['annex']['title']}", style="公文正文")
    signed = content["signed"]
    document.add_paragraph().paragraph_format.keep_with_next = True
    document.add_paragraph().paragraph_format.keep_with_next = True
    wide = _width(signed["date"]) if signed["date"] else 9
    for text, right in ((signed["organ"], 4 + (wide - len(signed["organ"])) / 2), (signed["date"], 4)):
        paragraph = document.add_paragraph(text)
        paragraph.alignment = ALIGN.RIGHT
        paragraph.paragraph_format.right_indent = Emu(int(max(0, right) * CELL))
        paragraph.paragraph_format.keep_with_next = text == signed["organ"]


def _width(text: str) -> float:
    """Width in characters: digits are half as wide."""
    return sum(0.5 if letter.isascii() else 1 for letter in text)


def _annex(document, annex: dict, site: str) -> None:
    document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
    _face(document.add_paragraph(style="Normal").add_run("附件"), fonts.HEI, PAGE.size)
    document.add_paragraph()
    document.add_paragraph(annex["title"], style="公文标题")
    document.add_paragraph()
    for note in annex["notes"]:
        paragraph = document.add_paragraph(style="数据说明")
        _bookmark(paragraph, note["n"])
        paragraph.add_run(f"〔{note['n']}〕{note['text']}")
        if note.get("url"):
            run = paragraph.add_run(site + note["url"])
            if site:
                _linked(paragraph, run, site + note["url"])
            paragraph.add_run("。")


def _bookmark(paragraph, number: int) -> None:
    for tag in ("w:bookmarkStart", "w:bookmarkEnd"):
        mark = OxmlElement(tag)
        mark.set(qn("w:id"), str(number))
        if tag == "w:bookmarkStart":
            mark.set(qn("w:name"), f"note{number}")
        paragraph._p.append(mark)


def _edition(document, edition: dict) -> None:
    """版记 at the foot of the last page: copies to, printed by, printed on, between two heavier lines (7.4)."""
    lines = [f"抄送：{edition['copies']}"] if edition.get("copies") else []
    lines.append(f"{edition['printed_by']}\t{edition['printed_on']}")
    table = document.add_table(rows=0, cols=1)
    for text in lines:
        paragraph = table.add_row().cells[0].paragraphs[0]
        paragraph.style = "版记"
        paragraph.add_run(text)
    table.columns[0].width = Emu(_WIDE * 635)
    _to_the_foot(table)
    document.add_paragraph(style="数据说明")  # what the table at the foot is anchored to


def _to_the_foot(table) -> None:
    properties = table._tbl.tblPr
    values = {"w:leftFromText": "0", "w:rightFromText": "0", "w:vertAnchor": "margin", "w:horzAnchor": "margin",
              "w:tblpXSpec": "center", "w:tblpYSpec": "bottom"}  # fmt: skip
    _ordered(properties, "w:tblpPr", values, before=("w:tblW", "w:jc", "w:tblLayout", "w:tblLook"))
    borders = _ordered(properties, "w:tblBorders", {}, before=("w:tblLayout", "w:tblLook"))
    for side, eighths in (("top", 8), ("bottom", 8), ("insideH", 6)):
        values = {"w:val": "single", "w:sz": str(eighths), "w:space": "0", "w:color": "000000"}
        _ordered(borders, f"w:{side}", values, before=())


_BLOCKS = {"heading": _heading, "text": _text, "table": _table}


def _same_bytes(document, content: dict) -> bytes:
    """Saved with the content's own time in its properties and no clock in the archive."""
    said = document.core_properties
    said.title, said.author, said.comments = content["title"], content["signed"]["organ"], ""
    said.created = said.modified = datetime.fromisoformat(content["made_at"]).replace(tzinfo=None)
    said.last_modified_by, said.revision, said.language = content["signed"]["organ"], 1, "zh-CN"
    first = io.BytesIO()
    document.save(first)
    second = io.BytesIO()
    with zipfile.ZipFile(first) as made, zipfile.ZipFile(second, "w", zipfile.ZIP_DEFLATED) as kept:
        for name in made.namelist():
            kept.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), made.read(name), zipfile.ZIP_DEFLATED)
    return second.getvalue()

"""The same content as PDF (WeasyPrint): pages that look as the .docx does, without an office program."""

import logging
from html import escape

from songhe.oversight.bulletins.documents import fonts
from songhe.oversight.bulletins.rules import PAGE

_NUMBER = f'content: "—" counter(page) "—"; font: 14pt {fonts.css(fonts.SONG)}; vertical-align: top; padding-top: 7mm;'
STYLE = f"""
@page {{ size: {PAGE.width}mm {PAGE.height}mm; margin: {PAGE.top}mm {PAGE.right}mm {PAGE.bottom}mm {PAGE.left}mm; }}
@page :right {{ @bottom-right {{ {_NUMBER} padding-right: 14pt; }} }}
@page :left {{ @bottom-left {{ {_NUMBER} padding-left: 14pt; }} }}
body {{ font: {PAGE.size}pt/{PAGE.area[1] / PAGE.lines - 0.001:.3f}mm {fonts.css(fonts.FANG_SONG)}; margin: 0;
  letter-spacing: {PAGE.cell - PAGE.size - 0.005:.3f}pt; text-align: justify; widows: 1; orphans: 1;
  font-feature-settings: "chws" 0, "palt" 0, "halt" 0; }}
p {{ margin: 0; text-indent: 2em; overflow-wrap: anywhere; }}
.mark {{ color: #d7000f; font-family: {fonts.css(fonts.SONG_TITLE)}; text-align: center; text-indent: 0; padding-top: 35mm;
  line-height: 1.3; letter-spacing: 0; }}
.number {{ text-align: center; text-indent: 0; margin-top: 1lh; padding-bottom: 4mm; border-bottom: 0.5mm solid #d7000f; }}
.title {{ font: 22pt/32pt {fonts.css(fonts.SONG_TITLE)}; text-align: center; text-indent: 0; margin: 58pt 0 0; letter-spacing: 0; }}
.demo, .centre {{ text-align: center; text-indent: 0; }}
.to {{ text-indent: 0; margin-top: 1lh; }}
.h1 {{ font-family: {fonts.css(fonts.HEI)}; break-after: avoid; }}
.h2 {{ font-family: {fonts.css(fonts.KAI)}; break-after: avoid; }}
sup {{ font-size: 60%; line-height: 0; }}
a {{ color: inherit; text-decoration: none; }}
table {{ border-collapse: collapse; width: 100%; font-size: 12pt; line-height: 18pt; letter-spacing: 0; }}
caption {{ font-size: 12pt; line-height: 18pt; text-align: center; }}
th, td {{ border: 0.25mm solid #000; padding: 0.5mm 1mm; text-align: center; font-weight: normal; }}
th {{ font-family: {fonts.css(fonts.HEI)}; }}
tr {{ break-inside: avoid; }}
.signed {{ text-align: right; text-indent: 0; break-inside: avoid; margin-top: 2lh; }}
.signed span {{ display: inline-block; white-space: nowrap; text-align: center; margin-right: 4em; }}
.annex {{ break-before: page; }}
.annex h2 {{ font: {PAGE.size}pt {fonts.css(fonts.HEI)}; margin: 0 0 1lh; }}
.annex .title {{ margin: 0 0 29pt; }}
.note {{ font-size: 12pt; line-height: 20pt; letter-spacing: 0; text-indent: 2em; }}
.foot {{ margin-top: 2lh; font-size: 14pt; line-height: 24pt; letter-spacing: 0; border-top: 0.35mm solid #000; border-bottom: 0.35mm solid #000; break-inside: avoid; }}
.foot div {{ padding: 0 14pt; }}
.foot div + div {{ border-top: 0.25mm solid #000; }}
.foot .right {{ float: right; }}
"""


def pdf(content: dict) -> bytes:
    """The document's bytes. WeasyPrint is loaded here, not with the app: it takes seconds."""
    from weasyprint import HTML

    logging.getLogger("fontTools").setLevel(logging.ERROR)
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    return HTML(string=page(content), base_url="about:blank", url_fetcher=_nothing_from_outside).write_pdf()


def _nothing_from_outside(url: str, *_args, **_kwargs):
    raise ValueError(f"a document fetches nothing: {url}")


def page(content: dict) -> str:
    """The HTML that is set; every value escaped."""
    size = min(42, 420 / max(1, len(content["mark"])))
    site = content.get("site", "")
    parts = [
        f'<p class="mark" style="font-size: {size:.2f}pt">{escape(content["mark"])}</p>',
        f'<p class="number">{escape(content["number"] or content.get("draft", "")) or "&nbsp;"}</p>',
        f'<h1 class="title">{escape(content["title"])}</h1>',
        f'<p class="demo">{escape(content["demo"])}</p>' if content.get("demo") else "",
        f'<p class="to">{escape(content["to"])}</p>' if content["to"] else "",
        *(_BLOCKS[block["kind"]](block, site) for block in content["blocks"]),
        _closing(content),
        _annex(content["annex"], site) if content.get("annex") else "",
        _edition(content["edition"]) if content.get("edition") else "",
    ]
    head = (
        f'<title>{escape(content["title"])}</title><meta name="author" content="{escape(content["signed"]["organ"])}">'
    )
    made = f'<meta name="dcterms.created" content="{escape(content["made_at"])}">'
    return f'<!doctype html><html lang="zh-CN"><meta charset="utf-8">{head}{made}<style>{STYLE}</style>{"".join(parts)}</html>'


def _mark(number: int) -> str:
    return f'<sup><a href="#note{number}">〔{number}〕</a></sup>'


def _heading(block: dict, site: str) -> str:
    return f'<p class="h{1 if block["level"] == 1 else 2}">{escape(block["text"])}</p>'


def _text(block: dict, site: str) -> str:
    return f"<p>{''.join(escape(part) if isinstance(part, str) else _mark(part['note']) for part in block['runs'])}</p>"


def _table(block: dict, site: str) -> str:
    def cell(tag: str, value) -> str:
        one = value if isinstance(value, dict) else {"text": value}
        text = escape(one["text"])
        if one.get("url") and site:
            text = f'<a href="{escape(site + one["url"])}">{text}</a>'
        return f"<{tag}>{text}{_mark(one['note']) if one.get('note') else ''}</{tag}>"

    head = "".join(cell("th", value) for value in block["head"])
    rows = "".join(f"<tr>{''.join(cell('td', value) for value in row)}</tr>" for row in block["rows"])
    columns = "".join(f'<col style="width: {share}%">' for share in block.get("widths", []))
    return f"<table><caption>{escape(block['caption'])}</caption><colgroup>{columns}</colgroup><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _closing(content: dict) -> str:
    annex = f"<p>&nbsp;</p><p>附件：{escape(content['annex']['title'])}</p>" if content.get("annex") else ""
    signed = content["signed"]
    return f'{annex}<p class="signed"><span>{escape(signed["organ"])}<br>{escape(signed["date"])}</span></p>'


def _annex(annex: dict, site: str) -> str:
    notes = "".join(
        f'<p class="note" id="note{note["n"]}">〔{note["n"]}〕{escape(note["text"])}{_address(note, site)}</p>'
        for note in annex["notes"]
    )
    return f'<section class="annex"><h2>附件</h2><p class="title">{escape(annex["title"])}</p>{notes}</section>'


def _address(note: dict, site: str) -> str:
    if not note.get("url"):
        return ""
    address = escape(site + note["url"])
    return f'<a href="{address}">{address}</a>。' if site else f"{address}。"


def _edition(edition: dict) -> str:
    copies = f"<div>抄送：{escape(edition['copies'])}</div>" if edition.get("copies") else ""
    printed = f'<div><span class="right">{escape(edition["printed_on"])}</span>{escape(edition["printed_by"])}</div>'
    return f'<div class="foot">{copies}{printed}</div>'


_BLOCKS = {"heading": _heading, "text": _text, "table": _table}

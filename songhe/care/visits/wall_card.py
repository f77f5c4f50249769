"""The card on an older person's wall: whom to call, in letters that can be read from the bed. A5 lying down, as PDF."""

from datetime import date
from html import escape

import segno
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from songhe.care.visits.sheets.draw import FONT
from songhe.registry.people.family import numbers_for
from songhe.registry.people.models import Person
from songhe.registry.people.service_code import MARK

ROOM, BESIDE_CODE = 74.0, 58.0  # mm for the table of numbers, alone and below the person's own code
_STYLE = (
    "@page { size: 210mm 148mm; margin: 9mm } * { margin: 0; padding: 0 }"
    f" body {{ font-family: {FONT}; color: #000; font-weight: 700 }}"
    " h1 { font-size: 21pt; border-bottom: 1.2mm solid #144a41; padding-bottom: 2mm; margin-bottom: 3mm }"
    " .line { font-size: 19pt; margin-bottom: 3.5mm } .blank { border-bottom: .5mm solid #000 }"
    " table { width: 100%; border-collapse: collapse } td { padding: 0 2mm; border-bottom: .3mm solid #999 }"
    " .code { float: right; width: 72mm; height: 30mm; margin: 0 0 3mm 5mm; border: .8mm solid #144a41 }"
    " .square { float: left; margin: 2mm } .square svg { width: 26mm; height: 26mm } .what { font-size: 13pt; margin-top: 2mm }"
    " .digits { font-size: 25pt; line-height: 1.15 } .code .small { margin: 0 1mm 0 0; font-size: 9pt } .clear { clear: both }"
    " .coded .line { font-size: 15pt; line-height: 1.25; margin: 0 80mm 2mm 0 }"
    " .tel { white-space: nowrap }"
    " td.n { font-size: 1.25em; text-align: right; white-space: nowrap } p.small { font-size: 10pt; font-weight: 400; margin-top: 3mm }"
)


def wall_card(person: Person, *, helper: str, on: date, code: str = "") -> bytes:
    """The card of one person: helper, village, numbers that hold in their village on a day. Telephone lines are left to fill in.

    `code`: the person's own (registry.people.service_code), in digits and as a square to photograph; without it the card has none.
    """
    from weasyprint import HTML  # takes seconds to import: only where something is printed

    english = (get_language() or "").startswith("en")
    codes = [place.code for place in person.village.trail()]
    numbers = numbers_for(codes, on)
    height = min(
        15.0, (BESIDE_CODE if code else ROOM) / max(1, len(numbers))
    )  # a city may add its own: all stay on one card
    rows = "".join(
        f"<tr style='height:{height:.1f}mm;font-size:{height * 1.6:.1f}pt'><td>{escape(row['title']['en' if english else 'zh'])}</td>"
        f"<td class='n'>{escape(row['number'])}</td></tr>"
        for row in numbers
    )
    blank = "<span class='blank'>" + "&#8195;" * 9 + "</span>"
    number = f"<span class='tel'>{escape(_('电话：'))}{blank}</span>"
    demo = f" · {escape(_('演示'))}" if person.origin == "demo" else ""
    first = escape(_("我的帮扶人员：%(name)s") % {"name": helper}) if helper else escape(_("我的帮扶人员：")) + blank
    body = (
        f"<h1>{escape(_('有事打电话'))}{demo}</h1>{_own_code(code)}"
        f"<p class='line'>{first} {number}</p>"
        f"<p class='line'>{escape(str(person.village))} {number}</p><table class='clear'>{rows}</table>"
        f"<p class='small'>{escape(_('%(day)s 印。号码有变，请村里换一张。') % {'day': date_format(on, 'Y-m-d')})}</p>"
    )
    lang = "en" if english else "zh-CN"
    html = f"<!doctype html><html lang='{lang}'><head><title>{escape(_('有事打电话'))}</title><style>{_STYLE}</style></head><body class='{'coded' if code else ''}'>{body}</body></html>"
    return HTML(string=html, url_fetcher=_nothing).write_pdf()


def _own_code(code: str) -> str:
    """The corner with the person's own code: six large digits, the same as a square, and what it is for."""
    if not code:
        return ""
    square = segno.make(f"{MARK}{code}", error="m", micro=False).svg_inline(scale=2, border=2)
    return (
        f"<div class='code'><div class='square'>{square}</div><p class='what'>{escape(_('我的服务码'))}</p>"
        f"<p class='digits'>{code[:3]}&#8201;{code[3:]}</p>"
        f"<p class='small'>{escape(_('服务做完了再报，不要提前告诉别人。'))}</p></div>"
    )


def _nothing(url: str):
    raise ValueError(f"a card fetches nothing: {url[:60]}")

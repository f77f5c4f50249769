"""Stored sheets as a PDF to print: names by row, the week's days, the marks explained. Who prints is in the audit already."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from songhe.care.duties.terms import NEEDS
from songhe.care.visits.models import OUTCOMES, Sheet
from songhe.care.visits.sheets import draw, layout
from songhe.core.periods import containing
from songhe.registry.people.models import Person


def pdf_of(sheets: Sequence[Sheet], *, post) -> bytes:
    """All pages of these sheets as one PDF. A person whom the post no longer sees stands as a blank name."""
    pages = [page for sheet in sheets for page in _pages(sheet, post)]
    geometry = sheets[0].layout if sheets else layout.layout()
    return draw.pdf(pages, geometry, _words(), "en" if (get_language() or "").startswith("en") else "zh-CN")


def _pages(sheet: Sheet, post) -> list[draw.Page]:
    rows = list(sheet.rows.order_by("row").values_list("row", "person_id"))
    known = Person.objects.visible_to(post).filter(pk__in=[person for _row, person in rows])
    people = {person.pk: person for person in known.only("name", "origin")}
    week = containing("week", sheet.period_start)
    most, pages = sheet.layout["rows"], []
    invented = any(person.origin == "demo" for person in people.values())
    for first in range(0, len(rows), most):
        here = rows[first : first + most]
        number = first // most + 1
        code = layout.Code(sheet.number, number, len(here), week.code, sheet.village.code)
        pages.append(
            draw.Page(
                code=code,
                title=_("探访纸单"),
                facts=[
                    _("帮扶人员 %(helper)s · %(village)s") % {"helper": sheet.helper, "village": sheet.village},
                    f"{week.code} · {date_format(week.start, 'Y-m-d')} – {date_format(week.end, 'm-d')}",
                    _("单号在方码左边；第 %(page)s 页，共 %(pages)s 页")
                    % {"page": number, "pages": -(-len(rows) // most)},
                ],
                days=[(date_format(day, "D"), str(day.day)) for day in _days(week.start)],
                rows=[(row, people[person].name if person in people else "") for row, person in here],
                demo=_("演示") if invented else "",
            )
        )
    return pages


def _days(monday: date) -> list[date]:
    return [monday + timedelta(days=at) for at in range(7)]


def _words() -> draw.Words:
    short = {
        "o.unwell": _("不适"), "o.hospital": _("住院"), "o.away": _("外出"), "o.refused": _("拒绝"),
        "n.top_up": _("缴费"), "n.errand": _("代购"), "n.call_family": _("亲属"), "n.comfort": _("谈心"),
        "n.doctor": _("就医"), "n.other": _("其他"),
    }  # fmt: skip
    return draw.Words(
        marks=(_("电"), _("上"), _("没")),
        columns=short,
        row=_("行"),
        name=_("姓名"),
        outcome=_("情况"),
        needs=_("需要"),
        note=_("备注"),
        foot=(
            _("电：电话联系上；上：上门见到；没：没人接或没人应门（请当天报村里）。在当天的格里打勾，平安不用另写。"),
            _("“情况”“需要”说的是这一周最后一次探访。勾错了，把格子涂满。请勿折角、勿遮四角黑块。"),
        ),
    )


def column_said(column: str, monday: date) -> str:
    """A column in words, for whoever decides a box: "周二 10日 电话"."""
    kind, _dot, mark = column.partition(".")
    if kind == "o":
        return str(dict(OUTCOMES)[mark])
    if kind == "n":
        return str(dict(NEEDS)[mark])
    day = _days(monday)[int(kind[1]) - 1]
    word = {"call": _("电话联系上"), "visit": _("上门见到"), "nobody": _("没人接、没人应门")}[mark]
    return f"{date_format(day, 'D j')} · {word}"

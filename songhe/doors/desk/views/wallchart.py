"""挂图作战: every site of a programme on one screen and on one sheet of A3, with its plan counted back from the end."""

from functools import partial

from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from songhe.core import audit
from songhe.doors.desk.scope import scope_of
from songhe.doors.desk.views.programmes.lines import day_asked, link, page, place_for, site_url
from songhe.oversight.programmes import queries, wallchart
from songhe.oversight.programmes.definitions import said
from songhe.oversight.programmes.wallchart import Cell, Row, Sheet
from songhe.registry.accounts.access import door
from songhe.registry.facilities.terms import STATUSES
from songhe.registry.places.queries import by_code

WORDS = dict(STATUSES)
SHAPES = {"green": "●", "yellow": "▲", "red": "■", "none": "○"}
SHORT = (("农村互助幸福院", "院"), ("居家社区养老服务站", "站"), ("居家社区养老服务中心", "中心"), ("日间照料服务站", "站"), ("街道居家养老服务中心", "中心"), ("区域性居家养老服务中心", "中心"), ("互助幸福院", "院"), ("日间照料中心", ""))  # fmt: skip


def _chart(request, name: str) -> dict:
    request.scope = scope_of(request)
    on = day_asked(request)
    programme = queries.programme_for(request.post, name)
    place = place_for(request, by_code(programme.place))
    found = wallchart.sheets(programme=programme, on=on, place=None if place.code == programme.place else place)
    make = partial(_sheet, request=request)
    return {
        "programme": programme,
        "title": programme.said("title"),
        "place": place,
        "sheets": [make(sheet) for sheet in found if sheet.rows],
        "pdf_url": link(request, "programme-wall-pdf", name, area=request.GET.get("area")),
        "back_url": link(request, "programme", name, area=request.GET.get("area")),
    }


def _sheet(sheet: Sheet, request) -> dict:
    cells = sum(len(row.cells) for row in sheet.rows)
    return {
        "id": sheet.plan["id"],
        "title": said(sheet.plan["title"]),
        "confirmed": sheet.plan["confirmed"],
        "steps": [
            {
                "word": WORDS[step.reached],
                "due": step.due,
                "counted": step.counted,
                "past": step.due < day_asked(request),
            }
            for step in sheet.steps
        ],
        "lights": [(colour, SHAPES[colour], sheet.lights[colour]) for colour in ("red", "yellow", "green", "none")],
        "statuses": [
            (WORDS[status], sheet.statuses[status]) for status, _label in STATUSES if status in sheet.statuses
        ],
        "rows": [_row(row) for row in sheet.rows],
        "count": cells,
        "dense": cells > 300,
    }


def _row(row: Row) -> dict:
    return {
        "name": str(row.place),
        "owed": row.owed,
        "done": sum(cell.light.reason == "met" for cell in row.cells),
        "missing": row.missing,
        "cells": [_cell(cell) for cell in row.cells],
    }


def _cell(cell: Cell) -> dict:
    site = cell.site
    name = site.name
    for long, short in SHORT:
        name = name.replace(long, short)
    return {
        "name": name,
        "full": site.name,
        "light": cell.light.colour,
        "shape": SHAPES[cell.light.colour],
        "status": WORDS.get(cell.status, ""),
        "why": _why(cell),
        "url": site_url(site.uid),
        "demo": site.origin == "demo",
        "plan": [
            {"word": WORDS[step.reached], "due": step.due, "reached": cell.reached.get(step.reached)}
            for step in cell.plan
        ],
    }


def _why(cell: Cell) -> str:
    """The reason of a site's light in one line."""
    step = cell.light.step
    due = date_format(step.due, "Y-m-d") if step else ""
    word = WORDS[step.reached] if step else ""
    return {
        "met": _("全部节点已完成"),
        "waiting": _("下一节点“%(step)s”%(due)s 到期") % {"step": word, "due": due},
        "due_soon": _("“%(step)s”将于 %(due)s 到期，尚未完成") % {"step": word, "due": due},
        "overdue": _("“%(step)s”应于 %(due)s 完成，已过期") % {"step": word, "due": due},
        "unknown": _("没有登记过状态"),
    }[cell.light.reason]


@door("programmes.view")
def chart(request, name):
    """The chart on one screen; every light opens its reason."""
    return page(request, "desk/wall_chart.html", _chart(request, name))


@door("programmes.view")
def pdf(request, name):
    """The same on one sheet of A3, landscape."""
    from weasyprint import CSS, HTML  # takes seconds to import: only where a sheet is printed

    context = _chart(request, name)
    on = day_asked(request)
    text = render_to_string(
        "desk/wall_chart_sheet.html", context | {"on": on, "on_text": date_format(on)}, request=None
    )
    audit.note(
        "programmes.print_wall_chart", "programme", area_id=context["place"].pk, programme=name, on=on.isoformat()
    )
    style = CSS(filename=finders.find("desk/wall-sheet.css"))
    sheet = HTML(string=text, url_fetcher=_nothing_fetched).write_pdf(stylesheets=[style])
    answer = HttpResponse(sheet, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{name}-{on.isoformat()}.pdf"'
    return answer


def _nothing_fetched(url: str):
    """A printed sheet loads nothing from anywhere."""
    raise ValueError(url)

"""What every page of programmes shows of a line and of a programme: light, words, figures, why; the day asked for."""

import re
from datetime import date

from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from songhe.core.refusal import Refusal
from songhe.oversight.programmes import definitions, queries, terms
from songhe.oversight.programmes.definitions import Carrier, Goal, Programme, said
from songhe.oversight.programmes.queries import Line
from songhe.registry.places.models import Place

STATES, KINDS, SOURCES = dict(terms.STATES), dict(terms.KINDS), dict(terms.SOURCES)
ORDER = {
    state: at for at, state in enumerate(("late", "at_risk", "no_figure", "on_track", "not_due", "met_late", "met"))
}


def day_asked(request) -> date:
    """`?on=2021-10-20`; today without it. Refusal for what is no day."""
    text = request.GET.get("on", "")
    if not text:
        return timezone.localdate()
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        raise Refusal(
            "day", zh=f"“{text}”不是日期。请写成 2021-10-20。", en=f'"{text}" is no date. Write 2021-10-20.', field="on"
        )
    return day


def link(request, name: str, *args, **more) -> str:
    """An address of the section with the same day."""
    query = {"on": request.GET.get("on")} | more
    text = "&".join(f"{k}={v}" for k, v in query.items() if v)
    return reverse(name, args=args) + (f"?{text}" if text else "")


def place_for(request, own: Place) -> Place:
    """Where a page looks: a programme's own place for those above or at it, else the post's place inside it."""
    here = request.scope.place
    if here.pk != own.pk and own.pk in (here.town_id, here.county_id, here.city_id, here.province_id):
        return here
    if Place.objects.within(request.post).filter(pk=own.pk).exists():
        return own
    return request.post.place


def page(request, template: str, context: dict, status: int = 200):
    """A page of the section: the day asked for, no period."""
    on = day_asked(request)
    back_in_time = on != timezone.localdate()
    return render(
        request, template, {"on": on, "back_in_time": back_in_time, "period": None, "on_text": date_format(on)} | context, status=status
    )  # fmt: skip


def tabs(request, here: str) -> list[dict]:
    """The pages of the section."""
    offered = [
        ("programmes", _("全部工程")), ("programmes-leader", _("领导一页")), ("programmes-owed", _("乡镇承担")),
        ("programmes-commitments", _("承诺清单")),
    ]  # fmt: skip
    return [
        {"label": label, "url": link(request, name, area=request.GET.get("area")), "current": name == here, "count": ""}
        for name, label in offered
    ]


def site_url(uid: str) -> str:
    """The page of a site, where this installation has one."""
    try:
        return reverse("facility", args=[uid])
    except NoReverseMatch:
        return ""


def in_order(lines: list[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: (ORDER[line.state], line.deadline))


def programme_row(request, programme: Programme, lines: list[Line]) -> dict:
    counts = queries.counts(lines)
    light = next((one for one in ("red", "yellow", "green") if any(line.light == one for line in lines)), "none")
    source = programme.data["source"]
    return {
        "programme": programme,
        "title": programme.said("title"),
        "light": light,
        "source": " ".join(filter(None, [source["issuer"], source.get("number"), source["date"].isoformat()])),
        "form": dict(terms.FORMS)[programme.data["form"]],
        "from": programme.start,
        "to": programme.end,
        "running": programme.start <= day_asked(request) <= programme.end,
        "counts": [(state, STATES[state], counts.get(state, 0)) for state in STATES],
        "late": counts.get("late", 0),
        "at_risk": counts.get("at_risk", 0),
        "met": counts.get("met", 0) + counts.get("met_late", 0),
        "unknown": counts.get("no_figure", 0),
        "all": len(lines),
        "url": link(request, "programme", programme.id, area=request.GET.get("area")),
    }


def standing(line: Line, request) -> dict:
    """A line for templates: light, words, figures, why."""
    goal = line.goal
    unit = said(goal.definition.get("unit"))
    return {
        "line": line,
        "id": goal.id,
        "title": goal.said("subject"),
        "light": line.light,
        "state": STATES[line.state],
        "kind": KINDS[goal.kind],
        "commitments": "、".join(goal.definition.get("commitments") or []),
        "modality": goal.definition.get("modality") or "",
        "target": target_text(line),
        "actual": actual_text(line),
        "share": min(100, round(100 * float(line.actual) / float(line.target)))
        if line.actual is not None and line.target
        else 0,
        "deadline": line.deadline,
        "written": goal.definition["deadline"]["written"],
        "lead": bodies(goal, "lead"),
        "help": bodies(goal, "help"),
        "source": SOURCES[goal.figure["from"]],
        "unit": unit,
        "note": goal.said("note"),
        "literal": goal.said("literal"),
        "url": link(request, "programme-goal", goal.programme, goal.id, area=request.GET.get("area")),
        "why": why(line),
        "behind": [part for part in line.places if part.state in ("late", "at_risk")],
    }


def bodies(goal: Goal, field: str) -> str:
    """The names of the units that lead or cooperate."""
    names = {b["id"]: said(b["name"]) for b in definitions.named(goal.programme).data["bodies"]}
    return "、".join(names[one] for one in goal.definition.get(field) or [])


def number(value) -> str:
    """12 · 1,400 · 99.9; 未报 where nobody knows."""
    if value is None:
        return _("未报")
    return f"{value:,.1f}".removesuffix(".0") if isinstance(value, float) else f"{value:,}"


def target_text(line: Line) -> str:
    """≥ 42 个（每乡镇 ≥ 2）."""
    goal = line.goal
    sign, unit = terms.SIGNS[goal.operator], said(goal.definition.get("unit"))
    whole = with_unit(f"{sign} {number(line.target)}", unit)
    if not goal.each or (line.target == goal.each["value"] and not line.places):
        return whole
    each = _("每%(area)s %(sign)s %(value)s") % {
        "area": LEVELS[goal.each["level"]], "sign": sign, "value": number(goal.each["value"]),
    }  # fmt: skip
    return each if goal.operator == "<=" else f"{whole}（{each}）"


LEVELS = {
    "township": gettext_lazy("乡镇（街道）"), "street": gettext_lazy("街道"), "town": gettext_lazy("乡镇"), "village": gettext_lazy("村（社区）"), "community": gettext_lazy("社区"),
}  # fmt: skip


EVERY = {
    "week": gettext_lazy("每周"), "month": gettext_lazy("每月"), "quarter": gettext_lazy("每季度"), "half": gettext_lazy("每半年"), "year": gettext_lazy("每年"),
}  # fmt: skip


def held_to(carrier: Carrier) -> str:
    """What a commitment is held to with its areas, periods and unit in words: 每乡镇 ≥2, 每月 ≤5名."""
    said_as = {level: _("每%(area)s") % {"area": word} for level, word in LEVELS.items()}
    said_as |= {f"/{period}": str(word) for period, word in EVERY.items()}
    words = " ".join(said_as.get(part, part) for part in carrier.value.split(" "))
    unit = carrier.unit or {"zh": ""}
    words = words.replace(unit["zh"], with_unit("", said(unit)), 1) if unit["zh"] else words
    return re.sub(r"(?<=\d)-(?=\d\d)", f"{JOINER}-{JOINER}", words)


JOINER = "\u2060"  # keeps a day on one line in a narrow column


def with_unit(text: str, unit: str) -> str:
    """72个, 72 stations: a word in Latin letters stands apart from the number."""
    return f"{text} {unit}" if unit[:1].isascii() and unit[:1].isalpha() else f"{text}{unit}"


def actual_text(line: Line) -> str:
    """96.0% (96/100), or a count with its unit."""
    if line.actual is None:
        return _("未报")
    unit = said(line.goal.definition.get("unit"))
    if line.base:
        return f"{with_unit(number(line.actual), unit)} ({number(line.numerator)}/{number(line.base)})"
    return with_unit(number(line.actual), unit)


def why(line: Line) -> dict:
    """What 为什么 shows: the row of the table, the value, the threshold, the day, who is to act."""
    goal = line.goal
    source = definitions.named(goal.programme).data["source"]
    rule = said(line.verdict.row.get("why"))
    table = definitions.states_source()
    return {
        "rule": f"{STATES[line.state]}{_('：')}{rule}（{table['title']}{'' if table['confirmed'] else _('，未经核对')}）",
        "value": actual_text(line),
        "threshold": f"{target_text(line)}{_('；')}{date_format(line.deadline)}（{goal.definition['deadline']['written']}）",
        "date": line.as_of or line.on,
        "actor": bodies(goal, "lead"),
        "source": " ".join(
            filter(None, [source["title"], source.get("number"), *(goal.definition.get("commitments") or [])])
        ),
    }

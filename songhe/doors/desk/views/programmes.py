"""工程: what was promised, where it stands on a day and why; who owes what; the leader's one page."""

from collections import Counter
from datetime import date

from django.contrib import messages
from django.http import FileResponse, Http404
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from songhe.core import audit, periods
from songhe.core.refusal import Refusal
from songhe.doors.desk.forms.programmes import CorrectionForm, EntryForm
from songhe.doors.desk.rows_behind import beside_url, rows_url
from songhe.doors.desk.scope import Scope, scope_of
from songhe.insight.indicators import queries as indicators
from songhe.oversight.ledger import actions as ledger_actions
from songhe.oversight.ledger import queries as ledger
from songhe.oversight.programmes import actions, definitions, queries, terms
from songhe.oversight.programmes.care_figures import beside
from songhe.oversight.programmes.definitions import Goal, Programme, entered, said
from songhe.oversight.programmes.models import Entry
from songhe.oversight.programmes.queries import Line
from songhe.registry.accounts import queries as accounts
from songhe.registry.accounts.access import door
from songhe.registry.places.models import Place
from songhe.registry.places.queries import by_code

STATES, KINDS, SOURCES = dict(terms.STATES), dict(terms.KINDS), dict(terms.SOURCES)
LATE = ("late", "at_risk", "no_figure")
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


def place_for(request, programme: Programme) -> Place:
    """Where a page looks: the programme's own place for those above or at it, else the post's place inside it."""
    own = by_code(programme.place)
    here = request.scope.place
    if here.pk != own.pk and own.pk in (here.town_id, here.county_id, here.city_id, here.province_id):
        return here
    if Place.objects.within(request.post).filter(pk=own.pk).exists():
        return own
    return request.post.place


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


def amount(value, unit: str) -> str:
    """A number and its unit: 12个, 12 sites, 96%."""
    return f"{number(value)}{' ' if unit[:1].isascii() and unit[:1].isalpha() else ''}{unit}"


def target_text(line: Line) -> str:
    """≥ 42 个（每乡镇 ≥ 2）."""
    goal = line.goal
    sign, unit = terms.SIGNS[goal.operator], said(goal.definition.get("unit"))
    whole = f"{sign} {amount(line.target, unit)}"
    if not goal.each or (line.target == goal.each["value"] and not line.places):
        return whole
    each = _("每%(area)s %(sign)s %(value)s") % {
        "area": LEVELS[goal.each["level"]], "sign": sign, "value": number(goal.each["value"]),
    }  # fmt: skip
    return each if goal.operator == "<=" else f"{whole}（{each}）"


LEVELS = {
    "township": gettext_lazy("乡镇（街道）"), "street": gettext_lazy("街道"), "town": gettext_lazy("乡镇"), "village": gettext_lazy("村（社区）"), "community": gettext_lazy("社区"),
}  # fmt: skip


def actual_text(line: Line) -> str:
    """96.0% (96/100), or a count with its unit."""
    if line.actual is None:
        return _("未报")
    unit = said(line.goal.definition.get("unit"))
    if line.base:
        return f"{amount(line.actual, unit)} ({number(line.numerator)}/{number(line.base)})"
    return amount(line.actual, unit)


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


def page(request, template: str, context: dict, status: int = 200):
    """A page of the section: the day asked for, no period."""
    on = day_asked(request)
    back_in_time = on != timezone.localdate()
    return render(
        request, template, {"on": on, "back_in_time": back_in_time, "period": None, "on_text": date_format(on)} | context, status=status
    )  # fmt: skip


def _sorted(lines: list[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: (ORDER[line.state], line.deadline))


@door("programmes.view")
def index(request):
    """Every programme of the area with its lights."""
    request.scope = scope_of(request)
    on = day_asked(request)
    rows = []
    for programme in queries.programmes_for(request.post):
        place = place_for(request, programme)
        lines = queries.status(programme=programme, on=on, place=place)
        rows.append(_programme_row(request, programme, lines))
    rows.sort(key=lambda row: (not row["running"], -row["programme"].start.toordinal()))
    context = {"rows": rows, "tabs": tabs(request, "programmes"), "may_draft": request.post.may("programmes.draft")}
    return page(request, "desk/programmes.html", context)


def _programme_row(request, programme: Programme, lines: list[Line]) -> dict:
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


@door("programmes.view")
def one(request, name):
    """One programme: targets, milestones in time, the annex by town and year, its papers and doubts."""
    request.scope = scope_of(request)
    on = day_asked(request)
    programme = queries.programme_for(request.post, name)
    place = place_for(request, programme)
    lines = queries.status(programme=programme, on=on, place=place)
    targets = [line for line in lines if line.goal.section == "targets"]
    milestones = sorted((line for line in lines if line.goal.section == "milestones"), key=lambda line: line.deadline)
    data = programme.data
    context = {
        "programme": programme,
        "title": programme.said("title"),
        "place": place,
        "whole": place.code == programme.place,
        "targets": [standing(line, request) for line in _sorted(targets)],
        "milestones": [standing(line, request) for line in milestones],
        "head": _programme_row(request, programme, lines),
        "annex": _annex(programme, targets, request),
        "papers": _papers(programme),
        "problems": _problems(request, programme, on),
        "ledger_count": ledger.items(post=request.post, programme=programme.id).count()
        if request.post.may("ledger.view")
        else 0,
        "ledger_url": link(request, "ledger", programme=programme.id) if request.post.may("ledger.view") else "",
        "may_lay_out": request.post.may("ledger.manage")
        and place.code == programme.place
        and _unlaid(request, programme),
        "notes": [{"id": note["id"], "text": said(note)} for note in data.get("notes") or []],
        "bodies": [body | {"title": said(body["name"]), "does": said(body.get("literal"))} for body in data["bodies"]],
        "rest": _rest(programme, place, on, request),
        "walls": bool(data.get("backward")),
        "wall_url": link(request, "programme-wall", programme.id),
        "back_url": link(request, "programmes"),
    }
    return page(request, "desk/programme.html", context)


def _unlaid(request, programme: Programme) -> bool:
    """Whether some target or milestone has no line in the ledger yet."""
    there = set(ledger.items(post=request.post, programme=programme.id).order_by().values_list("target", flat=True))
    return any((goal.figure.get("item") or goal.id) not in there for goal in programme.goals)


def _problems(request, programme: Programme, on: date) -> list[dict]:
    """What the ledger's lines of a programme say is in the way, the open ones by their day."""
    if not request.post.may("ledger.view"):
        return []
    return [
        {"problem": row, "url": reverse("ledger-item", args=[row.item_id]), "overdue": row.due_on < on}
        for row in ledger.problems(post=request.post, programme=programme.id, on=on)
    ]


@door("ledger.manage")
def lay_out(request, name):
    """Put every target and milestone of a programme into the ledger, shared out over the places."""
    request.scope = scope_of(request)
    programme = queries.programme_for(request.post, name)
    if request.method != "POST":
        return redirect("programme", programme.id)
    made = ledger_actions.lay_out(programme=programme.id, by=request.user, post=request.post)
    messages.success(request, _("已列入台账 %(n)s 项，责任单位、期限和各地份额照通知。") % {"n": len(made)})
    return redirect(link(request, "ledger", programme=programme.id))


def _papers(programme: Programme) -> list[dict]:
    data = programme.data
    own = data["source"] | {"role": _("本文件")}
    above = [paper | {"role": _("上位文件"), "said": said(paper.get("note"))} for paper in data.get("upstream") or []]
    before = [paper | {"role": _("被替代文件")} for paper in data.get("supersedes") or []]
    return [own, *above, *before]


def _rest(programme: Programme, place: Place, on: date, request) -> list[dict]:
    """What carries a commitment without being a target: duties, standards, grants, consultations, papers, scope."""
    shown = [
        c
        for c in definitions.carriers(programme)
        if c.kind not in ("target", "recurring", "ceiling", "achieved", "milestone")
    ]
    shown += definitions.uncommitted(programme)
    return [
        {"id": c.commitment or c.object, "kind": KINDS[c.kind], "title": said(c.title), "literal": said(c.literal), "note": said(c.note), "value": c.value,
         "counted": bool(c.figure), "actual": beside(c, place, on), "url": beside_url(c, place, request)}
        for c in shown
    ]  # fmt: skip


def _annex(programme: Programme, targets: list[Line], request) -> dict | None:
    """The allocation table: a row a place, a column a target, each cell what is done of what is owed; sums both ways."""
    annex = programme.data.get("annex")
    if not annex:
        return None
    columns = list(queries.allocation(programme))
    by_id = {line.goal.id: line for line in targets}
    heads = [by_id[c].goal.said("subject") if c in by_id else programme.goal(c).said("subject") for c in columns]
    parts = {c: {part.place.code: part for part in by_id[c].places} if c in by_id else {} for c in columns}
    types = annex.get("types") or {}
    rows = [
        {
            "name": row["name"],
            "year": row.get("year") or "",
            "type": said(types.get(row.get("type"))) if row.get("type") else "",
            "uncertain": said(row.get("uncertain")),
            "cells": [_cell(row["shares"].get(c), parts[c].get(row["place"])) for c in columns],
            "url": link(request, "programmes-owed", area=row["place"]),
        }
        for row in annex["rows"]
    ]
    return {
        "title": said(annex["title"]),
        "years": any(row["year"] for row in rows),
        "types": any(row["type"] for row in rows),
        "heads": heads,
        "rows": rows,
        "sums": _sums(programme, columns, types),
    }


def _cell(owed: int | None, part: Line | None) -> dict:
    return {
        "owed": owed,
        "done": None if part is None or part.actual is None else part.actual,
        "light": part.light if part else "none",
    }


def _sums(programme: Programme, columns: list[str], types: dict) -> list[dict]:
    found = queries.allocation(programme)
    years = found[columns[0]]["by_year"] if columns else {}
    rows = [
        {"name": _("%(year)s 年合计") % {"year": year}, "cells": [found[c]["by_year"][year] for c in columns]}
        for year in years
    ]
    rows += [
        {"name": _("%(kind)s合计") % {"kind": said(types[kind])}, "cells": [found[c]["by_type"][kind] for c in columns]}
        for kind in found[columns[0]]["by_type"]
    ]
    return [*rows, {"name": _("总计"), "cells": [found[c]["total"] for c in columns]}]


@door("programmes.view")
def goal(request, name, goal):
    """One target: where it stands by place, what was entered with which evidence, and the form for the next figure."""
    request.scope = scope_of(request)
    on = day_asked(request)
    programme = queries.programme_for(request.post, name)
    wanted = programme.goal(goal)
    place = place_for(request, programme)
    line = queries.standing_of(programme=programme, goal=wanted, on=on, place=place)
    offered = _may_report(request, programme, wanted)
    form = _entry_form(request, wanted, offered)
    if request.method == "POST":
        answer = _enter(request, programme, wanted, offered, form)
        if answer is not None:
            return answer
    context = {
        "programme": programme,
        "goal": wanted,
        "title": wanted.said("subject"),
        "head": standing(line, request) if line else None,
        "parts": [_part(part, request) for part in line.places] if line else [],
        "letter": _letter(line, request) if line else None,
        "rows_url": rows_url(wanted, line, request) if line else "",
        "ledger": _ledger_of(request, programme, wanted),
        "literal": wanted.said("literal"),
        "denominator": wanted.said("denominator"),
        "entries": _entries(request, programme, wanted),
        "form": form,
        "scope_said": wanted.said("scope"),
        "back_url": link(request, "programme", name, area=request.GET.get("area")),
        "back_label": programme.said("title"),
    }
    return page(request, "desk/programme_goal.html", context, status=422 if form is not None and form.is_bound else 200)


def _letter(line: Line, request) -> dict | None:
    """The letter that a late goal (or one at risk) calls for, for those who may draft it: its kind's words and address."""
    kinds = {"late": ("supervision", _("起草督办单")), "at_risk": ("reminder", _("起草提醒函"))}
    if line.state not in kinds or not request.post.may("bulletins.draft"):
        return None
    kind, label = kinds[line.state]
    given = {"programme": line.goal.programme, "goal": line.goal.id, "place": line.place.code}
    return {"label": label, "url": link(request, "letter-new", kind, **given)}


def _ledger_of(request, programme: Programme, goal: Goal) -> dict | None:
    """The ledger's lines of a goal: how many, and the page that lists them."""
    if not request.post.may("ledger.view"):
        return None
    found = ledger.items(post=request.post, programme=programme.id, target=goal.figure.get("item") or goal.id)
    return {"count": found.count(), "url": link(request, "ledger", programme=programme.id, target=goal.figure.get("item") or goal.id)}  # fmt: skip


def _part(part: Line, request) -> dict:
    return {
        "rows_url": rows_url(part.goal, part, request) if part.actual is not None else "",
        "letter": _letter(part, request),
        "place": part.place,
        "light": part.light,
        "state": STATES[part.state],
        "actual": actual_text(part),
        "target": number(part.target) if part.target else "",
        "as_of": part.as_of,
        "evidence": part.evidence,
        "url": link(request, "programmes-owed", area=part.place.code),
    }


def _may_report(request, programme: Programme, wanted: Goal) -> list[Place]:
    """The places for which this post may write the figure down."""
    if not entered(wanted) or not request.post.may("programmes.enter"):
        return []
    asked = actions.reporters(programme, wanted)
    inside = set(Place.objects.within(request.post).filter(pk__in=[p.pk for p in asked]).values_list("pk", flat=True))
    return [place for place in asked if place.pk in inside]


def _entry_form(request, wanted: Goal, offered: list[Place]) -> EntryForm | None:
    if not offered:
        return None
    rate = "rate" if said(wanted.definition.get("unit")) == queries.PERCENT else ""
    if request.method == "POST":
        return EntryForm(request.POST, request.FILES, places=offered, rate=rate)
    first = next((p for p in offered if p.code == request.GET.get("area")), offered[0])
    return EntryForm(places=offered, rate=rate, initial={"place": first.code})


def _enter(request, programme: Programme, wanted: Goal, offered: list[Place], form: EntryForm | None):
    if form is None:
        raise Http404
    if not form.is_valid():
        return None
    given = form.cleaned_data
    place = next(p for p in offered if p.code == given.pop("place"))
    try:
        actions.enter_figure(
            programme=programme.id, goal=wanted.id, place=place, by=request.user, post=request.post,
            value=given["value"], base=given.get("base"), as_of=given["as_of"], evidence=given["evidence"], file=given["file"],
            note=given["note"],
        )  # fmt: skip
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return None
    messages.success(request, _("已登记：%(place)s %(value)s。") % {"place": place, "value": number(given["value"])})
    return redirect(request.get_full_path())


def _entries(request, programme: Programme, wanted: Goal) -> list[dict]:
    found = queries.entries_of(post=request.post, programme=programme, goal=wanted)
    names = accounts.users_in(entry.by for entry in found)
    gone = {entry.corrects_id for entry in found}
    may = request.post.may("programmes.enter")
    return [
        {
            "entry": entry,
            "by": names.get(entry.by, _("系统")),
            "corrected": entry.pk in gone,
            "value": number(entry.value.normalize() if entry.value % 1 else int(entry.value)),
            "base": number(int(entry.base)) if entry.base else "",
            "correct_url": reverse("programme-correct", args=[entry.pk]) if may and entry.pk not in gone else "",
            "file_url": reverse("programme-evidence", args=[entry.pk]) if entry.file else "",
        }
        for entry in found
    ]


def _entry(request, pk: int) -> Entry:
    entry = Entry.objects.visible_to(request.post).filter(pk=pk).select_related("place").first()
    if entry is None:
        raise Http404
    return entry


@door("programmes.enter")
def correct(request, pk):
    """A wrong figure is put right by a new row; the old one stays and is shown struck out."""
    request.scope = scope_of(request)
    entry = _entry(request, pk)
    form = CorrectionForm(request.POST or None, initial={"value": entry.value, "base": entry.base})
    back = reverse("programme-goal", args=[entry.programme, entry.goal])
    if request.method == "POST" and form.is_valid():
        try:
            actions.correct_figure(entry=entry, by=request.user, post=request.post, **form.cleaned_data)
            messages.success(request, _("已更正，原来的一条仍保留备查。"))
            return redirect(back)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    wanted = definitions.named(entry.programme).goal(entry.goal)
    context = {"entry": entry, "form": form, "title": wanted.said("subject"), "back_url": back}
    return page(request, "desk/programme_correct.html", context, status=422 if form.is_bound else 200)


@door("programmes.view")
def evidence(request, pk):
    """The evidence file of an entry; every opening is written down."""
    entry = _entry(request, pk)
    if not entry.file:
        raise Http404
    audit.note("programmes.open_evidence", "entry", entry.pk, area_id=entry.place_id, hash=entry.file_hash[:16])
    return FileResponse(entry.file.open("rb"), as_attachment=True, filename=entry.file.name.rsplit("/", 1)[-1])


@door("programmes.view")
def owed(request):
    """Everything a township owes under all programmes, with its own figures."""
    request.scope = scope = scope_of(request)
    on = day_asked(request)
    place = scope.place
    found = queries.owed_by(place=place, on=on, post=request.post)
    groups = [
        {
            "title": programme.said("title"),
            "url": link(request, "programme", programme.id, area=place.code),
            "rows": [standing(line, request) | {"share_line": line} for line in _sorted(lines)],
            "row": programme.row_of(place.code),
        }
        for programme, lines in found
    ]
    below = [] if found else _townships(scope, on)
    context = {
        "groups": groups,
        "place": place,
        "tabs": tabs(request, "programmes-owed"),
        "choices": [{"name": str(p), "url": link(request, "programmes-owed", area=p.code)} for p in below],
    }
    return page(request, "desk/programmes_owed.html", context)


def _townships(scope: Scope, on: date) -> list[Place]:
    """The townships to choose from, functional areas of an annex among them."""
    inside = Place.objects.within(scope.post).filter(level="township", valid_to=None)
    return list(inside.filter(scope.place.whole_q()).defer("outline").order_by("code")[:400])


@door("programmes.view")
def commitments(request):
    """Every commitment with what carries it, what the notice says and how it is read."""
    request.scope = scope_of(request)
    rows = [
        {
            "id": carrier.commitment,
            "programme": definitions.named(carrier.programme).said("title"),
            "kind": KINDS[carrier.kind],
            "title": said(carrier.title),
            "literal": said(carrier.literal),
            "value": carrier.value,
            "note": said(carrier.note),
            "url": link(request, "programme-goal", carrier.programme, carrier.object)
            if carrier.kind in ("target", "recurring", "ceiling", "achieved", "milestone")
            else link(request, "programme", carrier.programme),
        }
        for programme in queries.programmes_for(request.post)
        for carrier in definitions.carriers(programme)
    ]
    rows.sort(key=lambda row: row["id"])
    return page(
        request, "desk/programmes_commitments.html", {"rows": rows, "tabs": tabs(request, "programmes-commitments")}
    )


@door("programmes.view")
def leader(request):
    """One page: what is late, who is stuck, the four 100 %, and the money, which is not there yet."""
    request.scope = scope = scope_of(request)
    on = day_asked(request)
    late: list[dict] = []
    stuck: dict[str, dict] = {}
    heads = []
    rates: dict[str, dict] = {}
    for programme in queries.programmes_for(request.post):
        if on < programme.start:
            continue
        lines = queries.status(programme=programme, on=on, place=place_for(request, programme))
        if not queries.running_on(programme, on) and not any(line.state in ("late", "at_risk") for line in lines):
            continue  # over, and nothing of it is still owed
        heads.append(_programme_row(request, programme, lines))
        late += [
            standing(line, request) | {"programme": programme.said("title")} for line in lines if line.state == "late"
        ]
        for line in lines:
            _stuck(stuck, line, request)
            if line.base and said(line.goal.definition.get("unit")) == queries.PERCENT:
                for name in line.goal.definition.get("commitments") or []:
                    rates.setdefault(name, standing(line, request))
    late.sort(key=lambda row: row["deadline"])
    tasks = _tasks(request, scope, on)
    worst = sorted(stuck.values(), key=lambda row: (-row["late"], -row["at_risk"], row["place"].code))
    context = {
        "heads": heads,
        "late": late,
        "tasks": tasks,
        "units": _units(tasks),
        "stuck": [row for row in worst if row["late"] or row["at_risk"]][:15],
        "four": [row | {"told": rates.get(row["commitment"])} for row in four_hundreds(scope, on)],
        "tabs": tabs(request, "programmes-leader"),
    }
    return page(request, "desk/programmes_leader.html", context)


def _tasks(request, scope: Scope, on: date) -> list[dict]:
    """The ledger's lines that are late on the day, those of the targets above left out: they stand there already."""
    if not request.post.may("ledger.view"):
        return []
    found = ledger.items(post=request.post, place=scope.place).filter(sub_items=None).exclude(kind="target")
    return [
        {"line": line, "url": reverse("ledger-item", args=[line.item.pk])}
        for line in ledger.lines(found, on=on, states_wanted=["late"])
    ]


def _units(tasks: list[dict]) -> list[tuple[str, int]]:
    """Which unit holds up how many of them, most first."""
    return Counter(row["line"].item.lead_unit for row in tasks).most_common()


def _stuck(found: dict[str, dict], line: Line, request) -> None:
    """Count a goal's late and endangered parts against the place that owes them."""
    for part in line.places:
        if part.state in ("late", "at_risk") and part.place.level in ("township", "county"):
            row = found.setdefault(
                part.place.code,
                {
                    "place": part.place,
                    "late": 0,
                    "at_risk": 0,
                    "what": [],
                    "url": link(request, "programmes-owed", area=part.place.code),
                },
            )
            row[part.state] += 1
            if part.state == "late" and len(row["what"]) < 3:
                row["what"].append(line.goal.said("subject"))


def four_hundreds(scope: Scope, on: date) -> list[dict]:
    """The board of four rates in the week of the day; a rate nobody counts yet says so."""
    week = periods.containing("week", on)
    rows = []
    for row in indicators.board("four_hundreds", scope.place, week, post=scope.post):
        figure = row["figure"]
        name = figure.indicator.name if figure else ""
        rows.append(
            {
                "title": row["title"]["en" if (get_language() or "").startswith("en") else "zh"],
                "figure": figure,
                "light": figure.light.colour if figure else "none",
                "url": scope.link(reverse("indicator", args=[name]), period=figure.period.code) if figure else "",
                "commitment": row["commitment"],
            }
        )
    return rows


def site_url(uid: str) -> str:
    """The page of a site, where this installation has one."""
    try:
        return reverse("facility", args=[uid])
    except NoReverseMatch:
        return ""

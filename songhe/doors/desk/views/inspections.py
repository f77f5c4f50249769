"""Checks of sites: the list, a new one from the standards, one with its lines, photographs, order, second look, signature."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from songhe.core import audit
from songhe.core.problem import Refused
from songhe.core.refusal import Refusal
from songhe.doors.desk.facility_scope import (
    RESULT_LIGHTS,
    english,
    facility_or_404,
    link,
    number,
    section,
    site_scope,
    words,
)
from songhe.doors.desk.forms import facilities as f
from songhe.registry.accounts import queries as accounts
from songhe.registry.accounts.access import door, require
from songhe.registry.facilities import actions, queries, terms
from songhe.registry.people import safekeeping

RESULTS, KINDS, VERDICTS = dict(terms.RESULTS), dict(terms.INSPECTIONS), dict(terms.VERDICTS)
MOST = 200


@door("facilities.view")
def index(request):
    """Inspections of a place and the rectification orders that are still open."""
    scope, on = site_scope(request)
    state = request.GET.get("state", "")
    rows = list(queries.inspections(post=request.post, place=scope.place, state=state)[:MOST])
    views = (("", _("全部")), ("open", _("检查中")), ("failed", _("待整改复查")), ("to-sign", _("待签字")))
    context = {
        "tabs": section(request, "inspections"),
        "views": [
            {
                "label": label,
                "url": link(scope, "inspections", state=name or None),
                "current": name == state,
                "count": "",
            }
            for name, label in views
        ],
        "rows": [_listed(scope, row) for row in rows],
        "orders": [
            {
                "order": order,
                "facility": order.inspection.facility,
                "url": link(scope, "inspection", order.inspection_id),
                "light": "red" if order.due_on < on else "yellow",
                "days": (order.due_on - on).days,
            }
            for order in queries.orders(post=request.post, place=scope.place, on=on)[:MOST]
        ],
        "period": None,
    }
    return render(request, "desk/inspections.html", context)


def _listed(scope, row) -> dict:
    state, light = _state(row)
    return {
        "row": row,
        "url": link(scope, "inspection", row.pk),
        "state": state,
        "light": light,
        "kind": KINDS[row.kind],
    }


def _state(row) -> tuple[str, str]:
    if not row.verdict:
        return _("检查中"), "yellow"
    if row.verdict == "fail":
        return (_("不合格，已复查"), "none") if getattr(row, "again", None) else (_("不合格，待整改"), "red")
    return (_("合格，已签字"), "green") if row.signed_on else (_("合格，待签字"), "yellow")


@door("facilities.inspect")
def new(request, uid):
    """A visit begins: the checklist comes from the standards that hold for this site on the day."""
    scope, on = site_scope(request)
    facility = facility_or_404(request, uid, on)
    initial = {
        "on": scope.today,
        "kind": "acceptance" if facility.status == "done" else "spot",
        "team": f"{request.user}\n",
    }
    form = f.InspectForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.open_inspection(by=request.user, post=request.post, facility=facility, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            return redirect(link(scope, "inspection", made.pk))
    context = {
        "form": form, "facility": facility, "title": _("开始检查"), "lead": _("检查表按当天适用的标准生成，生成后不再变动。"),
        "back_url": link(scope, "facility", uid), "period": None,
    }  # fmt: skip
    return render(request, "desk/facility_form.html", context, status=422 if form.errors else 200)


@door("facilities.view")
def one(request, pk):
    """One inspection. POST `do`: lines, conclude, repair, again, sign; each asks for its own permission in the action."""
    scope, _on = site_scope(request)
    row = queries.inspection(post=request.post, pk=pk)
    if row is None:
        raise Http404
    audit.note("facilities.read", "facility", row.facility_id, area_id=row.facility.place_id, inspection=pk)
    lines = list(row.lines.prefetch_related("photos", "repairs"))
    do = request.POST.get("do", "")
    bound = _forms(request, row, lines, do, scope)
    if request.method == "POST":
        if do not in _DO:
            raise Http404
        require(request.post, _DO[do][0])
        form = bound[_DO[do][1]]
        if form is None or form.is_valid():
            try:
                to = _DO[do][2](request, row, form)
            except (Refusal, Refused) as refusal:
                request.undo = True  # half of a form is not kept: the lines before the refused one go back as well
                said = str(refusal) if isinstance(refusal, Refusal) else refusal.text("en" if english() else "zh")
                if form is None:
                    bound["problem"] = said
                else:
                    form.add_error(None, said)
            else:
                return redirect(link(scope, "inspection", to.pk))
    wrong = bound["problem"] or any(form.errors for form in bound.values() if hasattr(form, "errors"))
    return render(
        request, "desk/inspection.html", _context(request, scope, row, lines, bound), status=422 if wrong else 200
    )


def _forms(request, row, lines, do: str, scope) -> dict:
    """Every form of the page, the one that was sent with what was sent."""
    sent = lambda name: request.POST if do == name else None  # noqa: E731
    files = request.FILES if do == "lines" else None
    today = {"on": scope.today}
    return {
        "lines": f.LinesForm(sent("lines"), files, lines=lines, english=english()),
        "conclude": f.ConcludeForm(sent("conclude")),
        "repair": f.RepairForm(sent("repair"), initial=today, prefix=request.POST.get("line") or None),
        "again": f.AgainForm(sent("again"), initial=today | {"team": "\n".join(row.team)}, prefix="again"),
        "sign": f.EndForm(sent("sign"), initial=today, prefix="sign"),
        "problem": "",
    }


def _lines(request, row, form):
    for line in form.lines:
        measured, remark = form.said(line), form.cleaned_data[f"remark_{line.pk}"]
        if (measured, remark) != (line.measured, line.remark):
            actions.record_line(by=request.user, post=request.post, line=line, measured=measured, remark=remark)
        if photo := form.cleaned_data.get(f"photo_{line.pk}"):
            actions.add_photo(by=request.user, post=request.post, inspection=row, line=line, data=photo.read())
    messages.success(request, _("检查项已保存。"))
    return row


def _conclude(request, row, form):
    after = actions.conclude(by=request.user, post=request.post, inspection=row, **form.cleaned_data)
    messages.success(request, _("结论：%(verdict)s") % {"verdict": VERDICTS[after.verdict]})
    return row


def _repair(request, row, form):
    line = row.lines.filter(pk=request.POST["line"]).first() if request.POST.get("line", "").isdecimal() else None
    if line is None:
        raise Http404
    actions.repair(by=request.user, post=request.post, line=line, **form.cleaned_data)
    messages.success(request, _("已登记整改情况，等待复查。"))
    return row


def _again(request, row, form):
    return actions.reinspect(by=request.user, post=request.post, inspection=row, **form.cleaned_data)


def _sign(request, row, form):
    after = actions.sign_off(by=request.user, post=request.post, inspection=row, on=form.cleaned_data["on"])
    messages.success(request, _("已签字。") if row.kind != "acceptance" else _("已签字，设施状态为“已验收”。"))
    return after


_DO = {
    "lines": ("facilities.inspect", "lines", _lines),
    "conclude": ("facilities.inspect", "conclude", _conclude),
    "repair": ("facilities.report", "repair", _repair),
    "again": ("facilities.inspect", "again", _again),
    "sign": ("facilities.sign", "sign", _sign),
}


def _context(request, scope, row, lines, bound) -> dict:
    state, light = _state(row)
    may = {name: request.post.may(f"facilities.{name}") for name in ("inspect", "report", "sign")}
    by_line = {each["line"].pk: each for each in bound["lines"].rows()}
    again = getattr(row, "again", None)
    names = accounts.users_in([row.by, row.concluded_by or 0, row.signed_by or 0])
    return {
        "inspection": row,
        "facility": row.facility,
        "kind": KINDS[row.kind],
        "state": state,
        "light": light,
        "lines": [_line(scope, line, by_line[line.pk], bound, request) for line in lines],
        "forms": bound,
        "order": getattr(row, "rectification", None),
        "again_url": link(scope, "inspection", again.pk) if again else "",
        "again_of_url": link(scope, "inspection", row.again_of_id) if row.again_of_id else "",
        "facility_url": link(scope, "facility", row.facility.uid),
        "back_url": link(scope, "inspections"),
        "open": not row.verdict and may["inspect"],
        "may_repair": row.verdict == "fail" and not again and may["report"],
        "may_again": row.verdict == "fail" and not again and may["inspect"],
        "may_sign": row.verdict == "pass" and not row.signed_on and may["sign"],
        "concluded_by": names.get(row.concluded_by, _("系统")),
        "signed_by": names.get(row.signed_by, _("系统")),
        "period": None,
    }


def _line(scope, line, fields, bound, request) -> dict:
    definition = line.definition
    sign = {">=": "≥", "<=": "≤"}.get(definition["operator"], definition["operator"])
    measured = line.measured or {}
    shown = (
        "、".join(str(f.WORDS.get(code, code)) for code in measured["codes"])
        if "codes" in measured
        else number(measured.get("value"))
    )
    registered = line.registered or {}
    mine = request.POST.get("line") == str(line.pk)
    return {
        "line": line,
        "fields": fields,
        "title": words(definition["title"]),
        "asked": f"{sign} {number(definition['value'])} {definition['unit']}",
        "hard": definition["hard"] == "hard",
        "where": definition["where"],
        "registered": number(registered.get("value")) or _("没有登记"),
        "registered_rows": registered.get("rows", []),
        "measured": shown or _("没有"),
        "result": RESULTS[line.result],
        "light": RESULT_LIGHTS[line.result],
        "photos": [{"photo": p, "url": link(scope, "facility-photo", p.pk)} for p in line.photos.all()],
        "repairs": line.repairs.all(),
        "repair_form": bound["repair"] if mine else f.RepairForm(initial={"on": scope.today}, prefix=str(line.pk)),
        "failed": line.result == "not_met",
    }


@door("facilities.view")
def photo(request, pk):
    """A photograph, opened for this reader; every opening is in the audit."""
    found = queries.photo(post=request.post, pk=pk)
    if found is None:
        raise Http404
    audit.note("facilities.photo.read", "facility", found.facility_id, photo=pk)
    with safekeeping.opened(found.stored_as) as path:
        answer = HttpResponse(path.read_bytes(), content_type="image/jpeg")
    answer["Cache-Control"] = "private, no-store"
    return answer


@door("facilities.view")
def draws(request):
    """Random draws with their seeds; whoever may inspect draws another."""
    scope, on = site_scope(request)
    form = f.DrawForm(request.POST or None, initial={"size": 3, "kinds": ["day_care_station"]})
    if request.method == "POST":
        require(request.post, "facilities.inspect")
        if form.is_valid():
            try:
                made = actions.draw(by=request.user, post=request.post, place=scope.place, on=on, **form.cleaned_data)
            except Refusal as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            else:
                messages.success(request, _("抽中 %(n)s 处，种子 %(seed)s。") % {"n": made.size, "seed": made.seed})
                return redirect(link(scope, "facility-draws"))
    rows = list(queries.draws(post=request.post, place=scope.place)[:50])
    drawn = queries.by_ids(post=request.post, ids=[pk for row in rows for pk in row.drawn])
    kinds = dict(terms.KINDS)
    context = {
        "tabs": section(request, "facility-draws"),
        "form": form,
        "may": request.post.may("facilities.inspect"),
        "rows": [
            {
                "draw": row,
                "kinds": "、".join(str(kinds[kind]) for kind in row.kinds),
                "drawn": [
                    {"facility": drawn[pk], "url": link(scope, "facility", drawn[pk].uid)}
                    for pk in row.drawn
                    if pk in drawn
                ],
                "of": len(row.population),
            }
            for row in rows
        ],
        "period": None,
    }
    return render(request, "desk/facility_draws.html", context, status=422 if form.errors else 200)

"""投诉与事故: taken in with a clock, answered, appealed, ended; incidents told in time or late."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from songhe.care.evidence import actions, queries, terms
from songhe.care.volunteering import queries as merchants
from songhe.core import audit
from songhe.doors.desk.forms import settle as shapes
from songhe.doors.desk.scope import scope_of
from songhe.doors.desk.service_scope import link, section
from songhe.doors.desk.settle_scope import done
from songhe.registry.accounts.access import door, require
from songhe.registry.people import sealing

PAGE = 100
NEXT = {"open": ("reply",), "replied": ("appeal", "close"), "appealed": ("reply", "close"), "closed": ()}


def _who(request) -> dict:
    return {"by": request.user, "post": request.post}


def _row(complaint, today) -> dict:
    waits = complaint.state in ("open", "appealed")
    left = (complaint.reply_due_on - today).days
    light = "none" if not waits else "red" if left < 0 else "yellow" if left <= 2 else "green"
    return {"complaint": complaint, "light": light, "waits": waits}


@door("complaints.view")
def index(request):
    """Complaints by the day their reply is due; the incidents of the last quarter."""
    request.scope = scope = scope_of(request)
    view = request.GET.get("view", "open")
    found = queries.complaints(post=request.post, place=scope.place, open_only="yes" if view == "open" else "")
    since = scope.today - timedelta(days=92)
    context = {
        "tabs": section(request, "complaints"), "period": None,
        "views": [
            {"label": label, "url": link(scope, "complaints", view=name), "current": name == view, "count": ""}
            for name, label in (("open", _("待办理")), ("all", _("全部")))
        ],
        "rows": [_row(row, scope.today) | {"url": link(scope, "complaint", row.pk)} for row in found[:PAGE]],
        "incidents": queries.incidents(post=request.post, place=scope.place, since=since)[:PAGE],
        "new_url": link(scope, "complaint-new"), "incident_url": link(scope, "incident-new"),
        "may": {"handle": request.post.may("complaints.handle"), "report": request.post.may("incidents.report")},
    }  # fmt: skip
    return render(request, "desk/complaints.html", context)


@door("complaints.handle")
def new(request):
    """A complaint as it came, by telephone, hotline or letter."""
    request.scope = scope = scope_of(request)
    providers = queries.providers(timezone.localdate())
    merchant = _merchant(request, scope.today)
    form = shapes.ComplaintForm(
        request.POST or None, providers=providers, initial={"order": request.GET.get("order", "")}
    )
    made: list = []
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        chosen, number = given.pop("provider"), given.pop("order")
        provider = next((p for p in providers if str(p.pk) == chosen), None)
        order = queries.order(post=request.post, pk=number) if number else None
        if number and order is None:
            form.add_error("order", _("没有这张订单，或不在您的辖区内。"))
        elif done(form, lambda: made.append(actions.complain(place=merchant.place if merchant else scope.place, facility=merchant, order=order, provider=provider, **given, **_who(request)))):  # fmt: skip
            messages.success(request, _("已受理，编号 %(n)s，请于 %(d)s 前答复。") % {"n": made[0].number, "d": made[0].reply_due_on})  # fmt: skip
            return redirect(link(scope, "complaint", made[0].pk))
    about = (
        _("投诉对象：%(name)s。答复期限按渠道推算。") % {"name": merchant.name}
        if merchant
        else _("答复期限按渠道推算。")
    )
    back = link(scope, "merchant", merchant.uid) if merchant else link(scope, "complaints")
    context = {"form": form, "title": _("受理投诉"), "lead": about, "back": back, "period": None}
    return render(request, "desk/oversight_form.html", context, status=422 if form.errors else 200)


def _merchant(request, on):
    """The friendly merchant that `?about=` names; 404 for one that is not there."""
    if not request.GET.get("about"):
        return None
    try:
        found = merchants.merchant(post=request.post, uid=UUID(request.GET["about"]), on=on)
    except ValueError:
        found = None
    if found is None:
        raise Http404
    return found


@door("complaints.view")
def one(request, pk):
    """One complaint with its steps; the next one is taken here."""
    request.scope = scope = scope_of(request)
    complaint = queries.complaint(post=request.post, pk=pk)
    if complaint is None:
        raise Http404
    do = request.POST.get("do", "")
    forms = {name: shapes.StepForm(request.POST if do == name else None, to=name, prefix=name) for name in NEXT[complaint.state]}  # fmt: skip
    if request.method == "POST":
        require(request.post, "complaints.handle")
        form = forms.get(do)
        if form is not None and form.is_valid():
            verb = getattr(actions, do)
            if done(form, lambda: verb(complaint=complaint, **form.cleaned_data, **_who(request))):
                messages.success(request, _("已登记。"))
                return redirect(link(scope, "complaint", complaint.pk))
    may = request.post.may("complaints.handle")
    audit.note("complaints.read", "complaint", complaint.pk, area_id=complaint.place_id)
    context = _row(complaint, scope.today) | {
        "tabs": section(request, "complaints"), "steps": complaint.steps.all(), "period": None,
        "text": sealing.open_field("complaint", complaint.text_sealed),
        "contact": sealing.open_field("complainant", complaint.contact_sealed) if may else "",
        "forms": [(name, label, forms[name]) for name, label in (("reply", _("答复")), ("appeal", _("申请复核")), ("close", _("办结"))) if name in forms],
        "may": may, "back": link(scope, "complaints"), "states": dict(terms.COMPLAINT_STATES),
    }  # fmt: skip
    errors = any(form.errors for form in forms.values())
    return render(request, "desk/complaint.html", context, status=422 if errors else 200)


@door("incidents.report")
def incident(request):
    """Something went wrong at a service."""
    request.scope = scope = scope_of(request)
    form = shapes.IncidentForm(request.POST or None, initial={"order": request.GET.get("order", "")})
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        order = queries.order(post=request.post, pk=given.pop("order"))
        if order is None:
            form.add_error("order", _("没有这张订单，或不在您的辖区内。"))
        elif done(form, lambda: actions.report_incident(order=order, **given, **_who(request))):
            messages.success(request, _("事故已报告。"))
            back = "complaints" if request.post.may("complaints.view") else "workbench"
            return redirect(link(scope, back))
    context = {"form": form, "title": _("报告事故"), "lead": _("先救人，后报告；晚报也要报。"), "back": link(scope, "complaints"), "period": None}  # fmt: skip
    return render(request, "desk/oversight_form.html", context, status=422 if form.errors else 200)

"""运营机构: operators with their papers and designations, what they run here; papers that run out."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from songhe.core.refusal import Refusal
from songhe.doors.desk.facility_scope import link, section, site_scope
from songhe.doors.desk.forms import facilities as f
from songhe.registry.accounts.access import door
from songhe.registry.facilities import actions, definitions, queries, rules

ADDS = {
    "licence": (gettext_lazy("登记证照"), f.LicenceForm, actions.license_),
    "designation": (gettext_lazy("登记长护险定点"), f.DesignationForm, actions.designate),
    "appraisal": (gettext_lazy("登记评价"), f.AppraisalForm, actions.appraise),
}


@door("facilities.view")
def index(request):
    """Operators by name or credit code, with how many sites of this place each runs."""
    scope, on = site_scope(request)
    q = request.GET.get("q", "").strip()
    counts = queries.operator_counts(post=request.post, place=scope.place, on=on)
    rows = list(queries.organisations(q=q)[:200])
    context = {
        "tabs": section(request, "operators"),
        "rows": [{"row": row, "url": link(scope, "operator", row.pk), "sites": counts.get(row.pk, 0)} for row in rows],
        "q": q,
        "new_url": link(scope, "operator-new") if request.post.may("facilities.edit") else "",
        "period": None,
    }
    return render(request, "desk/operators.html", context)


@door("facilities.edit")
def new(request):
    """An operator is put on file; the check digit of its credit code must fit."""
    scope, _on = site_scope(request)
    form = f.OrganisationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.register_organisation(by=request.user, post=request.post, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("已登记。"))
            return redirect(link(scope, "operator", made.pk))
    context = {"form": form, "title": _("登记运营机构"), "back_url": link(scope, "operators"), "period": None}
    return render(request, "desk/facility_form.html", context, status=422 if form.errors else 200)


def _organisation(pk):
    found = queries.organisations().filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@door("facilities.view")
def one(request, pk):
    """One operator: papers, designations, appraisals, and the sites of this area that it runs."""
    scope, on = site_scope(request)
    row = _organisation(pk)
    warn = definitions.inspecting().licence_warn_days
    context = {
        "organisation": row,
        "licences": [
            {"row": paper, "light": light, "days": days}
            for paper in row.licences.order_by("kind", "-valid_from")
            for light, days in [rules.expiry(paper.valid_to, on, warn)]
        ],
        "designations": [
            {"row": each, "holds": rules.held_on(each.valid_from, each.valid_to, on)}
            for each in row.designations.order_by("-valid_from")
        ],
        "appraisals": row.appraisals.order_by("-on"),
        "sites": [
            {"operation": op, "url": link(scope, "facility", op.facility.uid)}
            for op in queries.operated_by(post=request.post, organisation=row, on=on)
        ],
        "add": {what: link(scope, "operator-add", pk, what) for what in ADDS}
        if request.post.may("facilities.edit")
        else {},
        "back_url": link(scope, "operators"),
        "period": None,
    }
    return render(request, "desk/operator.html", context)


@door("facilities.edit")
def add(request, pk, what):
    """A paper, a designation or an appraisal of an operator."""
    if what not in ADDS:
        raise Http404
    scope, _on = site_scope(request)
    row = _organisation(pk)
    title, kind, verb = ADDS[what]
    form = kind(
        request.POST if request.method == "POST" else None, initial={"on": scope.today, "valid_from": scope.today}
    )
    if request.method == "POST" and form.is_valid():
        try:
            verb(by=request.user, post=request.post, organisation=row, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("已登记。"))
            return redirect(link(scope, "operator", pk))
    context = {"form": form, "title": title, "lead": str(row), "back_url": link(scope, "operator", pk), "period": None}
    return render(request, "desk/facility_form.html", context, status=422 if form.errors else 200)


@door("facilities.view")
def papers(request):
    """Licences of a place's sites and of whoever runs them: those that ran out or soon will, first."""
    scope, on = site_scope(request)
    due = "" if request.GET.get("show") == "all" else "due"
    found = queries.papers(post=request.post, place=scope.place, on=on, due_only=due)
    context = {
        "tabs": section(request, "facility-papers"),
        "views": [
            {"label": _("要续办的"), "url": link(scope, "facility-papers"), "current": bool(due), "count": ""},
            {"label": _("全部"), "url": link(scope, "facility-papers", show="all"), "current": not due, "count": ""},
        ],
        "rows": [
            {
                "paper": paper,
                "url": link(scope, "facility", paper.licence.facility.uid)
                if paper.licence.facility
                else link(scope, "operator", paper.licence.organisation_id),
            }
            for paper in found[:300]
        ],
        "warn_days": definitions.inspecting().licence_warn_days,
        "period": None,
    }
    return render(request, "desk/facility_papers.html", context)

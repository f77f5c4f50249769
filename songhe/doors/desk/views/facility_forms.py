"""What is entered about a site: one page a form, each handing its fields to one action."""

from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from songhe.core.refusal import Refusal
from songhe.doors.desk.facility_scope import facility_or_404, link, site_scope
from songhe.doors.desk.forms import facilities as f
from songhe.registry.accounts.access import door, require
from songhe.registry.facilities import actions, queries
from songhe.registry.places.queries import by_code, villages


@dataclass(frozen=True)
class Entry:
    """A form about a site: its words, the permission it needs, the action it calls, the tab it leads back to."""

    title: str
    form: type[forms.Form]
    verb: Callable
    permission: str = "facilities.edit"
    tab: str = "overview"
    lead: str = ""


ENTRIES = {
    "site": Entry(gettext_lazy("选址"), f.SiteForm, actions.choose_site),
    "status": Entry(
        gettext_lazy("推进状态"), f.StatusForm, actions.move, lead=gettext_lazy("每一步都留下日期和经办人；已投用以活动记录为准。")
    ),
    "beds": Entry(gettext_lazy("登记床位"), f.BedsForm, actions.add_beds),
    "rooms": Entry(gettext_lazy("登记功能房间"), f.RoomsForm, actions.provide),
    "services": Entry(gettext_lazy("登记服务项目"), f.ServicesForm, actions.provide),
    "staff": Entry(gettext_lazy("登记工作人员"), f.StaffForm, actions.name_staff),
    "hours": Entry(gettext_lazy("设置开放时间"), f.HoursForm, actions.set_hours),
    "measure": Entry(gettext_lazy("登记实测值"), f.MeasureForm, actions.measure),
    "licence": Entry(gettext_lazy("登记证照"), f.LicenceForm, actions.license_),
    "operator": Entry(gettext_lazy("选定运营机构"), f.OperatorForm, actions.choose_operator),
    "premises": Entry(gettext_lazy("登记用房"), f.PremisesForm, actions.take_premises),
    "sync": Entry(gettext_lazy("四同步核查"), f.SyncForm, actions.check_sync),
    "activity": Entry(
        gettext_lazy("登记活动"), f.ActivityForm, actions.record_activity, "facilities.report", "activity",
        gettext_lazy("设施在不在用，看这里的记录。"),
    ),
    "appraisal": Entry(gettext_lazy("登记评价"), f.AppraisalForm, actions.appraise),
    "rename": Entry(gettext_lazy("更正名称和位置"), f.RenameForm, actions.rename),
}  # fmt: skip


@door("facilities.edit")
def new(request):
    """A site is put on file."""
    scope, _on = site_scope(request)
    initial = {"on": scope.today, "place": scope.place.code, "kind": request.GET.get("kind", "")}
    form = f.NewForm(request.POST or None, initial=initial, places=_places(request, scope.place))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            place = by_code(data.pop("place"), post=request.post)
            made = actions.register(by=request.user, post=request.post, place=place, **data)
        except Refusal as refusal:
            _refused(form, refusal)
        else:
            messages.success(request, _("已登记。"))
            return redirect(link(scope, "facility", made.uid))
    context = {"form": form, "title": _("登记设施"), "back_url": link(scope, "facilities"), "period": None}
    return render(request, "desk/facility_form.html", context, status=422 if form.errors else 200)


@door("facilities.view")
def add(request, uid, what):
    """One form about one site; which permission it needs stands in ENTRIES."""
    entry = ENTRIES.get(what)
    if entry is None:
        raise Http404
    scope, on = site_scope(request)
    require(request.post, entry.permission)
    facility = facility_or_404(request, uid, on)
    form = _form(request, entry, what, facility, scope)
    if request.method == "POST" and form.is_valid():
        try:
            entry.verb(by=request.user, post=request.post, facility=facility, **_given(request, what, form))
        except Refusal as refusal:
            _refused(form, refusal)
        else:
            messages.success(request, _("已登记。"))
            return redirect(link(scope, "facility", uid, tab=None if entry.tab == "overview" else entry.tab))
    context = {
        "form": form,
        "facility": facility,
        "title": entry.title,
        "lead": entry.lead,
        "back_url": link(scope, "facility", uid),
        "period": None,
    }
    return render(request, "desk/facility_form.html", context, status=422 if form.errors else 200)


def _form(request, entry: Entry, what: str, facility, scope) -> forms.Form:
    given = request.POST if request.method == "POST" else None
    today = scope.today
    initial = {"on": today, "valid_from": today, "contract_on": today}
    more: dict = {}
    if what == "site":
        more["places"] = [(v.code, str(v)) for v in villages(facility.town or facility.place, today)]
    if what == "operator":
        more["organisations"] = [(each.pk, str(each)) for each in queries.organisations()]
    if what == "rename":
        initial = {name: getattr(facility, name) for name in entry.form.base_fields}
    return entry.form(given, initial=initial, **more)


def _given(request, what: str, form: forms.Form) -> dict:
    """The fields as the action takes them."""
    data = dict(form.cleaned_data)
    if what in ("rooms", "services"):
        data["what"] = what[:-1]
    if what == "site":
        data["village"] = by_code(data["village"], post=request.post)
    if what == "operator":
        data["organisation"] = queries.organisations().get(pk=data["organisation"])
    return data


ENDS = {
    "staff": (gettext_lazy("工作人员离岗"), f.EndForm, "staff", actions.end_staff, "facilities.edit", "overview"),
    "provision": (gettext_lazy("停止房间或服务"), f.EndForm, "provisions", actions.end_provision, "facilities.edit", "overview"),
    "operation": (gettext_lazy("结束运营"), f.EndForm, "operations", actions.end_operation, "facilities.edit", "overview"),
    "activity": (
        gettext_lazy("作废活动记录"), f.VoidActivityForm, "activities", actions.void_activity, "facilities.report", "activity",
    ),
}  # fmt: skip
_NAMES = {"staff": "staff", "provision": "provision", "operation": "operation", "activity": "activity"}


@door("facilities.view")
def end(request, uid, what, pk):
    """Something ends: a member of staff, a room, a service, an operator; or an activity is voided."""
    if what not in ENDS:
        raise Http404
    title, kind, rows, verb, permission, tab = ENDS[what]
    scope, on = site_scope(request)
    require(request.post, permission)
    facility = facility_or_404(request, uid, on)
    row = getattr(facility, rows).filter(pk=pk).first()
    if row is None:
        raise Http404
    form = kind(request.POST if request.method == "POST" else None, initial={"on": scope.today})
    if request.method == "POST" and form.is_valid():
        try:
            verb(by=request.user, post=request.post, **{_NAMES[what]: row}, **form.cleaned_data)
        except Refusal as refusal:
            _refused(form, refusal)
        else:
            messages.success(request, _("已登记。"))
            return redirect(link(scope, "facility", uid, tab=None if tab == "overview" else tab))
    context = {
        "form": form, "facility": facility, "title": title, "lead": _says(what, row), "back_url": link(scope, "facility", uid),
        "period": None,
    }  # fmt: skip
    return render(request, "desk/facility_form.html", context, status=422 if form.errors else 200)


def _says(what: str, row) -> str:
    """Which row it is."""
    if what == "staff":
        return f"{row.name} · {row.get_role_display()}"
    if what == "operation":
        return str(row.organisation)
    if what == "activity":
        return f"{row.on} · {row.get_kind_display()} · {row.count}"
    return str(f.WORDS.get(row.code, row.code))


def _places(request, place) -> list[tuple[str, str]]:
    """The places that a new site may stand in: villages of the area, and townships for sites not chosen yet."""
    found = villages(place, request.scope.today)
    rows = [(v.code, f"{v.parent} › {v}" if v.parent_id else str(v)) for v in found]
    towns = {v.parent.code: str(v.parent) for v in found if v.parent_id and v.parent.level == "township"}
    inside = place.level != "village"
    return (
        [(code, _("%(town)s（未选址）") % {"town": name}) for code, name in sorted(towns.items())] if inside else []
    ) + rows


def _refused(form: forms.Form, refusal: Refusal) -> None:
    form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))

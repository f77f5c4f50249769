"""护理员和服务机构: who serves, on what papers, when; joined, trained, away, gone."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from songhe.care.services import actions, queries, terms
from songhe.care.services.models import Provider, Worker
from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.doors.desk.forms.orders import (
    AbsenceForm,
    CertificateForm,
    LeaveForm,
    ProviderForm,
    ShiftForm,
    TrainingForm,
    WorkerForm,
)
from songhe.doors.desk.service_scope import link, section, service_scope
from songhe.registry.accounts.access import door
from songhe.registry.facilities.models import Organisation
from songhe.registry.people import sealing
from songhe.registry.places.queries import by_code

MOST = 300


@door("services.view")
def index(request):
    """Everybody who serves here, provider by provider, with papers that run out."""
    scope = service_scope(request)
    text = request.GET.get("provider", "")
    found = queries.workers(post=request.post, on=scope.today, provider=int(text) if text.isdigit() else None)
    shown = list(found[:MOST])
    load = queries.planned_minutes([worker.pk for worker in shown], scope.today)
    context = {
        "tabs": section(request, "workers"),
        "rows": [
            {
                "worker": worker,
                "url": link(scope, "worker", worker.pk),
                "minutes": round(load.get(worker.pk, 0)),
                "is_demo": worker.origin == "demo",
            }
            for worker in shown
        ],
        "options": [("", _("全部")), *((str(p.pk), str(p)) for p in queries.providers(post=request.post))],
        "chosen": text,
        "may": request.post.may("services.workers"),
        "new_url": link(scope, "worker-new"),
        "capped": len(shown) == MOST,
        "period": None,
    }
    return render(request, "desk/workers.html", context)


FORMS = {
    "certificate": (CertificateForm, actions.certify),
    "shifts": (ShiftForm, None),
    "absence": (AbsenceForm, actions.absent),
    "training": (TrainingForm, actions.train),
    "leave": (LeaveForm, actions.leave),
}


@door("services.view")
def one(request, pk):
    """One worker: papers, week, absences, trainings; each thing added by its own small form."""
    scope = service_scope(request)
    worker = queries.workers(post=request.post, on=scope.today).filter(pk=pk).first()
    if worker is None:
        raise Http404
    may, do = request.post.may("services.workers"), request.POST.get("do", "")
    forms = {name: form(request.POST if do == name else None, prefix=name) for name, (form, _act) in FORMS.items()}
    if request.method == "POST" and may and do in forms and forms[do].is_valid():
        try:
            _add(request, worker, do, forms[do])
        except Refusal as refusal:
            forms[do].add_error(refusal.field if refusal.field in forms[do].fields else None, str(refusal))
        else:
            messages.success(request, _("已保存。"))
            return redirect(link(scope, "workers") if do == "leave" else link(scope, "worker", pk))
    audit.note("services.read_worker", "worker", worker.pk, area_id=worker.place_id)
    certificates = worker.certificates.order_by("kind", "-valid_from")
    context = {
        "tabs": section(request, "workers"),
        "worker": worker,
        "phone": sealing.masked_value("phone", sealing.open_field("phone", worker.phone_sealed)),
        "certificates": [(row, _valid(row, scope.today)) for row in certificates],
        "shifts": worker.shifts.on(scope.today).order_by("weekday", "starts"),
        "absences": worker.absences.order_by("-starts_on")[:10],
        "trainings": worker.trainings.order_by("-on")[:10],
        "days": dict(ShiftForm.base_fields["days"].choices),
        "areas": list(worker.areas.all()) or list(worker.provider.areas.all()),
        "forms": forms if may else {},
        "back_url": link(scope, "workers"),
        "bad": do,
        "period": None,
    }
    return render(request, "desk/worker.html", context, status=422 if any(f.errors for f in forms.values()) else 200)


def _valid(row, today) -> str:
    """Light of a certificate: out, within sixty days, good."""
    if row.valid_to is None:
        return "green"
    days = (row.valid_to - today).days
    return "red" if days < 0 else "yellow" if days < 60 else "green"


def _add(request, worker: Worker, do: str, form) -> None:
    common = {"by": request.user, "post": request.post, "worker": worker}
    if do == "shifts":
        actions.set_shifts(**common, week=form.week(), valid_from=form.cleaned_data["valid_from"])
    else:
        FORMS[do][1](**common, **form.cleaned_data)


@door("services.workers")
def new(request):
    """A worker comes on file."""
    scope = service_scope(request)
    known = {str(p.pk): p for p in queries.providers(post=request.post)}
    start = {"place": scope.place.code, "valid_from": scope.today, "daily_minutes": 480}
    form = WorkerForm(request.POST or None, providers=[(pk, str(p)) for pk, p in known.items()], initial=start)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            place = by_code(data.pop("place"), post=request.post)
            made = actions.enrol_worker(
                by=request.user, post=request.post, **(data | {"provider": known[data["provider"]], "place": place})
            )
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("已登记 %(name)s。请接着登记证书和班次。") % {"name": made.name})
            return redirect(link(scope, "worker", made.pk))
    return _form(request, scope, form, _("登记护理员"), "workers")


def _form(request, scope, form, title: str, back: str):
    context = {
        "tabs": section(request, back),
        "form": form,
        "title": title,
        "back_url": link(scope, back),
        "period": None,
    }
    return render(request, "desk/service_form.html", context, status=422 if form.errors else 200)


@door("services.view")
def providers(request):
    """Who gives services here."""
    scope = service_scope(request)
    kinds = dict(terms.KINDS)
    found = list(queries.providers(post=request.post).prefetch_related("areas"))
    seen = Worker.objects.visible_to(request.post).on(scope.today)
    staff: dict[int, int] = {}
    for provider in seen.values_list("provider", flat=True):
        staff[provider] = staff.get(provider, 0) + 1
    context = {
        "tabs": section(request, "providers"),
        "rows": [
            {
                "provider": provider,
                "kinds": _("、").join(str(kinds[kind]) for kind in provider.kinds),
                "areas": _("、").join(str(place) for place in provider.areas.all()),
                "staff": staff.get(provider.pk, 0),
                "url": link(scope, "workers", provider=provider.pk),
                "is_demo": provider.origin == "demo",
            }
            for provider in found
        ],
        "may": request.post.may("services.workers") and request.post.role != "operator",
        "new_url": link(scope, "provider-new"),
        "period": None,
    }
    return render(request, "desk/providers.html", context)


@door("services.workers")
def provider_new(request):
    """A registered organisation begins to give services in the area looked at."""
    scope = service_scope(request)
    taken = Provider.objects.on(scope.today).values("organisation")  # unscoped: which organisations already serve
    free = Organisation.objects.exclude(pk__in=taken).order_by("name")[:500]  # unscoped: organisations are public
    form = ProviderForm(
        request.POST or None, organisations=[(str(o.pk), str(o)) for o in free], initial={"valid_from": scope.today}
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        firm = next(o for o in free if str(o.pk) == data["organisation"])
        try:
            actions.enrol_provider(
                by=request.user, post=request.post, **(data | {"organisation": firm}), areas=[scope.place]
            )
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("已登记。请接着登记护理员。"))
            return redirect(link(scope, "providers"))
    return _form(request, scope, form, _("登记服务机构"), "providers")

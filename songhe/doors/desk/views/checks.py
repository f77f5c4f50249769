"""凭据核定, 抽样回访: what rules ask about orders, decided by a person; orders drawn for a call."""

from datetime import timedelta

from django.contrib import messages
from django.http import FileResponse, Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from songhe.care.evidence import actions, queries, terms
from songhe.care.evidence.models import Flag, Sample
from songhe.core import audit
from songhe.doors.desk.duty_scope import person_url
from songhe.doors.desk.forms import settle as shapes
from songhe.doors.desk.scope import scope_of
from songhe.doors.desk.service_scope import item_name, link, section
from songhe.doors.desk.settle_scope import done, flag_row, rule_titles
from songhe.registry.accounts.access import door, require
from songhe.registry.accounts.rules import names_people

PAGE = 50


def _who(request) -> dict:
    return {"by": request.user, "post": request.post}


@door("evidence.view")
def index(request):
    """Flags that wait, by rule; ticked ones are decided together, with one reason."""
    request.scope = scope = scope_of(request)
    rule, view = request.GET.get("rule", ""), request.GET.get("view", "waiting")
    form = shapes.DecideForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and _decided(request, form):
        return redirect(link(scope, "checks", rule=rule or None))
    found = queries.flags(post=request.post, place=scope.place, rule=rule, waiting="" if view == "all" else "yes")
    if view == "all":
        found = found.exclude(verdict="")
    rows = [flag_row(flag) | {"item": item_name(flag.order.item)} for flag in found[:PAGE]]
    counts = queries.waiting_by_rule(post=request.post, place=scope.place)
    titles = rule_titles()
    tabs = [("", _("全部"), sum(counts.values()))] + [(name, titles.get(name, name), n) for name, n in counts.items()]
    context = {
        "tabs": section(request, "checks"), "form": form, "rows": rows, "view": view, "period": None,
        "rules": [{"label": label, "url": link(scope, "checks", rule=name or None), "current": name == rule, "count": n} for name, label, n in tabs],
        "may": request.post.may("evidence.decide") and view != "all", "ticked": request.POST.getlist("flag"),
        "other_url": link(scope, "checks", view=None if view == "all" else "all"),
    }  # fmt: skip
    audit.note("people.list", "evidence", area_id=scope.place.pk, rows=len(rows))
    return render(request, "desk/checks.html", context, status=422 if form.errors else 200)


def _decided(request, form) -> bool:
    require(request.post, "evidence.decide")
    chosen = [int(pk) for pk in request.POST.getlist("flag") if pk.isdecimal()]
    if form.is_valid() and not chosen:
        form.add_error(None, _("还没有选提示。请先在表里勾选要核定的。"))
    if form.errors:
        return False
    flags = list(Flag.objects.visible_to(request.post).filter(pk__in=chosen))
    if not done(form, lambda: actions.decide(flags=flags, **form.cleaned_data, **_who(request))):
        return False
    messages.success(request, _("已核定 %(n)s 条提示。") % {"n": len(flags)})
    return True


@door("evidence.view")
def one(request, pk):
    """One order's evidence: who began and ended when and where, what came with it, what was asked and answered."""
    request.scope = scope = scope_of(request)
    order = queries.order(post=request.post, pk=pk)
    if order is None:
        raise Http404
    crew = queries.crew_of(order, post=request.post)
    decide, enter = shapes.DecideForm(None), shapes.OverrideForm(None, workers=crew)
    if request.method == "POST" and request.POST.get("do") == "decide":
        decide = shapes.DecideForm(request.POST)
        if _decided(request, decide):
            return redirect(link(scope, "check", order.pk))
    elif request.method == "POST":
        enter = shapes.OverrideForm(request.POST, workers=crew)
        if _entered(request, enter, order, crew):
            return redirect(link(scope, "check", order.pk))
    found = queries.evidence_of(order, post=request.post)
    audit.note("people.read", "order", order.pk, area_id=order.village_id, page="evidence")
    context = found | {
        "tabs": section(request, "checks"), "order": order, "item": item_name(order.item), "decide": decide, "enter": enter,
        "rows": [flag_row(flag) for flag in found["flags"]], "back": link(scope, "checks"), "period": None,
        "may": {"decide": request.post.may("evidence.decide"), "override": request.post.may("evidence.override")},
        "light": {"accepted": "green", "refused": "red"}.get(getattr(found["check"], "state", ""), "yellow"),
    }  # fmt: skip
    return render(request, "desk/check.html", context, status=422 if decide.errors or enter.errors else 200)


def _entered(request, form, order, crew) -> bool:
    if not form.is_valid():
        return False
    given = dict(form.cleaned_data)
    worker = next(w for w in crew if str(w.pk) == given.pop("worker"))
    if not done(form, lambda: actions.override(order=order, worker=worker, **given, **_who(request))):
        return False
    messages.success(request, _("已补录。"))
    return True


@door("evidence.view")
def photo(request, pk):
    """A photograph that came with an order; looking at it is kept."""
    with queries.picture(pk, post=request.post) as path:
        return FileResponse(open(path, "rb"), content_type="image/jpeg", headers={"Cache-Control": "no-store"})


@door("callbacks.make")
def callbacks(request):
    """Months drawn for calling back, with how far each has come; draw another."""
    request.scope = scope = scope_of(request)
    providers = queries.providers(timezone.localdate())
    over = scope.today.replace(day=1) - timedelta(days=1)  # the month that is over is the one to draw
    form = shapes.DrawForm(request.POST or None, providers=providers, initial={"month": f"{over:%Y-%m}"})
    made: list[Sample] = []
    if request.method == "POST" and form.is_valid():
        provider = next(p for p in providers if str(p.pk) == form.cleaned_data["provider"])
        month = form.cleaned_data["month"]
        if done(form, lambda: made.append(actions.draw(place=scope.place, provider=provider, month=month, **_who(request)))):  # fmt: skip
            return redirect(link(scope, "callback", made[0].pk))
    found = queries.samples(post=request.post, place=scope.place)[:PAGE]
    rows = [{"sample": row, "url": link(scope, "callback", row.pk), "called": row.call_backs.exclude(outcome="unreached").count()} for row in found]  # fmt: skip
    context = {"tabs": section(request, "callbacks"), "form": form, "rows": rows, "period": None}
    return render(request, "desk/callbacks.html", context, status=422 if form.errors else 200)


@door("callbacks.make")
def callback(request, pk):
    """The orders drawn, those not reached first; each answer is one call."""
    request.scope = scope = scope_of(request)
    sample = queries.samples(post=request.post, place=request.post.place).filter(pk=pk).first()
    if sample is None:
        raise Http404
    form = shapes.CallForm(request.POST or None)
    orders = queries.to_call(sample, post=request.post)
    if request.method == "POST" and form.is_valid():
        order = next((o for o, _c in orders if str(o.pk) == request.POST.get("order")), None)
        if order is None:
            raise Http404
        if done(form, lambda: actions.call_back(order=order, sample=sample, **form.cleaned_data, **_who(request))):
            messages.success(request, _("已登记 %(n)s 号单的回访。") % {"n": order.number})
            return redirect(link(scope, "callback", sample.pk))
    outcomes, named = dict(terms.CALL_OUTCOMES), names_people(request.post.role)
    rows = [
        {"order": o, "item": item_name(o.item), "said": outcomes[c.outcome] if c else "", "open": c is None or c.outcome == "unreached", "person_url": person_url(o.person) if named else ""}
        for o, c in orders
    ]  # fmt: skip
    audit.note("people.list", "sample", sample.pk, area_id=scope.place.pk, rows=len(rows))
    context = {
        "tabs": section(request, "callbacks"), "sample": sample, "rows": rows, "form": form, "period": None,
        "back": link(scope, "callbacks"), "sent": request.POST.get("order", ""),
    }  # fmt: skip
    return render(request, "desk/callback.html", context, status=422 if form.errors else 200)

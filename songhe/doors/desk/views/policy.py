"""暂停, 应急加密, 周期与规则: what suspends a duty, what raises it, and by which rule it stands."""

from datetime import timedelta

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from songhe.care.duties import actions, boards
from songhe.care.duties.terms import MODES
from songhe.core import audit, periods
from songhe.core.refusal import Refusal
from songhe.doors.desk.duty_scope import WEEKLY, link, person_url, rule_title, said, section, ways_back
from songhe.doors.desk.forms.visits import EmergencyForm, ExcuseForm
from songhe.doors.desk.scope import scope_of
from songhe.registry.accounts import queries as accounts
from songhe.registry.accounts.access import door, require
from songhe.registry.people.dossier import person_by_uid


@door("duties.view")
def excuses(request):
    """Excuses that stand today, those ending first on top."""
    request.scope = scope = scope_of(request)
    found = boards.excuses(post=request.post, place=scope.place, on=scope.today)
    audit.note("people.list", "excuse", area_id=scope.place.pk, rows=len(found))
    context = {
        "tabs": section(request, "excuses"),
        "rows": _excuses(found, scope.today),
        "may": request.post.may("duties.excuse"),
        "back": request.get_full_path(),
        "period": None,
    }
    return render(request, "desk/excuses.html", context)


def _excuses(found, today) -> list[dict]:
    names = accounts.users_in(row.by for row in found)
    return [
        {
            "excuse": row,
            "person_url": person_url(row.person),
            "by": names.get(row.by, _("系统")),
            "stands": row.withdrawn_at is None,
            "soon": row.ends_on is not None and row.ends_on <= today + timedelta(days=3),
        }
        for row in found
    ]


@door("duties.excuse")
def excuse_new(request):
    """Why somebody need not be visited from–to (`?person=uid`), beside what stands already."""
    request.scope = scope = scope_of(request)
    person = person_by_uid(request.post, request.GET.get("person", ""))
    back = ways_back(request, link(scope, "excuses"))
    initial = {"starts_on": scope.today, "reason": request.GET.get("reason", "")}
    form = ExcuseForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.excuse(person=person, by=request.user, post=request.post, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("已登记暂停：%(name)s。到期后自动恢复应访。") % {"name": person.name})
            return redirect(back)
    audit.note("people.read", "person", person.pk, area_id=person.village_id, page="excuse")
    context = {
        "person": person,
        "person_url": person_url(person),
        "form": form,
        "rows": _excuses(boards.excuses(post=request.post, person=person.pk), scope.today),
        "may": True,
        "back": back,
        "here": request.get_full_path(),
        "period": None,
    }
    return render(request, "desk/excuse_new.html", context, status=422 if form.errors else 200)


@door("duties.excuse")
@require_POST
def excuse_withdraw(request, pk):
    """Take an excuse back: the duties it suspended count again."""
    request.scope = scope = scope_of(request)
    excuse = boards.excuse(post=request.post, pk=pk)
    if excuse is None:
        raise Http404
    actions.withdraw_excuse(excuse=excuse, by=request.user, post=request.post)
    messages.success(request, _("已撤回暂停：%(name)s 恢复应访。") % {"name": excuse.person.name})
    return redirect(ways_back(request, link(scope, "excuses")))


@door("duties.view")
def emergency(request):
    """Disaster mode: what is on, and (for whoever manages duties) raising it for an area and a span."""
    request.scope = scope = scope_of(request)
    may = request.post.may("duties.manage")
    form = EmergencyForm(request.POST or None, initial=_emergency_defaults(scope)) if may else None
    if request.method == "POST":
        require(request.post, "duties.manage")
        if form.is_valid():
            try:
                actions.start_emergency(
                    rule=WEEKLY, place=scope.place, by=request.user, post=request.post, **form.cleaned_data
                )
            except Refusal as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            else:
                messages.success(request, _("已加密：%(place)s 的应访次数立即提高。") % {"place": scope.place})
                return redirect(link(scope, "emergency"))
    found = boards.emergencies(post=request.post, place=scope.place, since=scope.today - timedelta(days=365))
    names = accounts.users_in(row.by for row in found)
    context = {
        "tabs": section(request, "emergency"),
        "rows": [_emergency(row, scope, names, may) for row in found],
        "form": form,
        "period": None,
    }
    return render(request, "desk/emergency.html", context, status=422 if form and form.errors else 200)


def _emergency_defaults(scope) -> dict:
    rule = boards.rule_named(WEEKLY)
    return {
        "starts_on": scope.today,
        "ends_on": scope.today + timedelta(days=6),
        "calls": rule.calls_owed + 2,
        "visits": rule.visits_owed + 1,
    }


def _emergency(row, scope, names: dict, may: bool) -> dict:
    over = row.ended_at is not None or row.ends_on < scope.today
    on = not over and row.starts_on <= scope.today
    return {
        "emergency": row,
        "by": names.get(row.by, _("系统")),
        "state": _("已提前解除") if row.ended_at else _("已结束") if over else _("进行中") if on else _("未开始"),
        "light": "red" if on else "yellow" if not over else "none",
        "may_end": may and not over and row.place_id in _inside(scope),
    }


def _inside(scope) -> set[int]:
    """The place looked at and those above it inside the post's area: an emergency of one of them may be ended here."""
    return {pk for pk in (scope.place.pk, scope.place.town_id, scope.place.county_id) if pk}


@door("duties.manage")
@require_POST
def emergency_end(request, pk):
    request.scope = scope = scope_of(request)
    found = boards.emergency(post=request.post, pk=pk)
    if found is None:
        raise Http404
    actions.end_emergency(emergency=found, by=request.user, post=request.post)
    messages.success(request, _("已解除：%(place)s 的应访次数恢复。") % {"place": found.place})
    return redirect(link(scope, "emergency"))


@door("duties.view")
def opened(request):
    """Periods opened, those that should be and are not, and the rules with their sources."""
    request.scope = scope = scope_of(request)
    may = request.post.may("duties.manage")
    if request.method == "POST":
        require(request.post, "duties.manage")
        made = actions.open_period(
            place=scope.place, rule=request.POST.get("rule", ""), period=request.POST.get("period", ""), by=request.user,
            post=request.post,
        )  # fmt: skip
        messages.success(request, _("已开启：应访 %(owed)s 人。再次开启不会重复。") % {"owed": made.owed})
        return redirect(link(scope, "periods"))
    waiting = boards.not_opened(post=request.post, place=scope.place, on=scope.today)
    since = parse_date(request.GET.get("since", "") or "") or scope.today - timedelta(weeks=13)
    context = {
        "tabs": section(request, "periods"),
        "waiting": [{"adoption": a, "rule": r, "title": rule_title(r), "period": p} for a, r, p in waiting],
        "rows": [
            {"opening": row, "title": rule_title(row.rule), "period": periods.containing(row.rule.period_kind, row.period_start)}
            for row in boards.openings(post=request.post, place=scope.place, since=since)
        ],
        "rules": [_rule(rule) for rule in boards.rules_in_force()],
        "adoptions": boards.adoptions(post=request.post, place=scope.place, on=scope.today),
        "choices": [(rule.name, rule_title(rule), periods.containing(rule.period_kind, scope.today).code) for rule in boards.rules_in_force()],
        "only_waiting": request.GET.get("missing") == "only",
        "may": may,
        "today": timezone.localdate(),
        "period": None,
    }  # fmt: skip
    return render(request, "desk/periods.html", context)


def _rule(rule) -> dict:
    """A rule in words: who is owed what, from which paper."""
    source = rule.source
    words = dict(MODES)
    return {
        "rule": rule,
        "title": rule_title(rule),
        "source": " ".join(
            filter(None, [source.get("title"), source.get("number"), source.get("issuer"), source.get("date")])
        ),
        "clause": said(source.get("clause", "")),
        "confirmed": source.get("confirmed", False),
        "calls": "、".join(str(words[mode]) for mode in rule.call_modes),
        "visits": "、".join(str(words[mode]) for mode in rule.visit_modes),
        "tiers": [
            {
                "title": said(tier.get("title") or tier.get("name", "")),
                "calls": tier.get("calls"),
                "visits": tier.get("visits"),
            }
            for tier in rule.tiers
        ],
    }

"""排班: the week's plan of a township, its map and sheets, what-if with the price at once, told or left."""

import time
from datetime import date, timedelta

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from songhe.core import audit, periods
from songhe.core.refusal import Refusal
from songhe.doors.desk.duty_scope import section
from songhe.doors.desk.forms.plans import WISHES, day_choices
from songhe.doors.desk.plan_map import drawing
from songhe.doors.desk.scope import Scope, scope_of
from songhe.insight.planning.budget import Budget
from songhe.insight.planning.weekly.changes import REASONS
from songhe.insight.rounds import actions, queries
from songhe.insight.rounds.models import Plan
from songhe.registry.accounts import queries as accounts
from songhe.registry.accounts.access import door
from songhe.registry.places.models import Level

SECONDS = 20.0  # the longest a page waits for a plan; what is best by then is kept
WHY = {
    "own": ("本人的帮扶人员", "own helper"),
    "own_off": ("本人的帮扶人员这天不在", "own helper is off that day"),
    "own_full": ("帮扶人员时间已满", "own helper has no minutes left"),
    "no_own_helper": ("还没有帮扶人员", "nobody is named yet"),
    "balance_or_travel": ("均衡工作量或顺路", "evens out work, or lies on the way"),
    "pinned": ("按要求指定", "as the planner asked"),
    "urgent": ("紧急探访", "urgent need"),
}


def _said(pair: tuple[str, str]) -> str:
    return pair[1] if (get_language() or "").startswith("en") else pair[0]


def _budget() -> Budget:
    return Budget(seconds=SECONDS, now=time.monotonic)


def _scope(request) -> Scope:
    """Area and week of the request; a page about one plan takes both from the plan."""
    request.scope = scope = scope_of(request)
    request.period_kinds = ("week",)
    if scope.period.kind != "week":
        day = min(scope.period.end, max(scope.period.start, scope.today))
        scope = Scope(scope.post, scope.place, periods.containing("week", day), scope.today)
    request.scope = scope
    return scope


def _scope_of_plan(request, plan: Plan) -> Scope:
    request.scope = scope = Scope(request.post, plan.place, periods.parse(plan.period), timezone.localdate())
    request.period_kinds = ("week",)
    return scope


@door("duties.view")
def index(request):
    """Townships with their plans; a township's own plan; a village's contacts of the week."""
    scope = _scope(request)
    if scope.place.level == Level.VILLAGE:
        return _village(request, scope)
    if scope.place.level == Level.TOWNSHIP:
        standing = queries.in_force(post=request.post, place=scope.place, period=scope.period)
        if standing and "all" not in request.GET:
            return redirect("plan", pk=standing.pk)
        return _town(request, scope)
    lines = queries.towns(post=request.post, place=scope.place, period=scope.period)
    context = {
        "tabs": section(request, "plans"),
        "lines": [{"line": line, "url": scope.link(reverse("plans"), area=line.place.code)} for line in lines],
        "planned": sum(line.in_force is not None for line in lines),
        "next_week_url": _next_week(scope),
    }
    return render(request, "desk/plan_towns.html", context)


def _next_week(scope: Scope) -> str:
    """The frame's own arrows stop at today; plans are made ahead."""
    following = scope.period.next()
    return scope.link(reverse("plans"), period=following.code) if scope.period.end >= scope.today else ""


def _town(request, scope: Scope):
    """A township without a plan in force: its drafts, and the button that makes one."""
    found = queries.plans_of(post=request.post, place=scope.place, period=scope.period)
    context = {
        "tabs": section(request, "plans"),
        "plans": [_shown(plan) for plan in found],
        "may": request.post.may("plans.make") and scope.period.end >= scope.today,
        "make_url": scope.link(reverse("plan-make")),
        "next_week_url": _next_week(scope),
    }
    return render(request, "desk/plan_town.html", context)


def _village(request, scope: Scope):
    """What a village's people are told: each helper's contacts of the week that lie here."""
    rows = queries.village_week(post=request.post, place=scope.place, period=scope.period)
    audit.note("people.list", "plan", area_id=scope.place.pk, rows=len(rows))
    context = {
        "tabs": section(request, "plans"),
        "helpers": [_sheet(week) for week in queries.by_helper(rows)],
        "mine": request.user.pk,
        "next_week_url": _next_week(scope),
    }
    return render(request, "desk/plan_village.html", context)


def _shown(plan: Plan) -> dict:
    """A plan with its state in words."""
    state = (
        (_("已停用"), "none")
        if plan.ended_at
        else (_("执行中"), "green")
        if plan.told_at
        else (_("试排，未下达"), "yellow")
    )
    return {
        "plan": plan, "url": reverse("plan", args=[plan.pk]), "state": state[0], "light": state[1],
        "saved": round(100 * (1 - plan.way / plan.naive_way)) if plan.naive_way > 0 else None,
        "by": accounts.users_in([plan.made_by]).get(plan.made_by),
    }  # fmt: skip


@door("plans.make")
@require_POST
def make(request):
    """Plan the week from nothing, as a draft."""
    scope = _scope(request)
    plan = actions.make_week(
        place=scope.place, period=scope.period, by=request.user, post=request.post, budget=_budget()
    )
    messages.success(request, _("已排好，尚未下达。看过无误后请下达。"))
    return redirect("plan", pk=plan.pk)


@door("duties.view")
def one(request, pk):
    """A plan: its price, what differs from the one before, routes, what is left, and what-if."""
    return _page(request, queries.plan(post=request.post, pk=pk))


def _page(request, plan: Plan, bound: dict | None = None, error: str = ""):
    scope = _scope_of_plan(request, plan)
    rows = queries.items(post=request.post, plan=plan)
    audit.note("people.list", "plan", plan.pk, area_id=scope.place.pk, rows=len(rows))
    sheets = queries.by_helper(rows)
    days = [(n, plan.week_start + timedelta(days=n)) for n in range(7)]
    changes = queries.changes(post=request.post, plan=plan)
    hands = queries.hands(changes)
    may = request.post.may("plans.make") and plan.ended_at is None and scope.period.end >= scope.today
    day = _day(request, rows, scope.today)
    context = {
        "tabs": section(request, "plans"),
        "plan": plan,
        "shown": _shown(plan),
        "notes": [note["en" if (get_language() or "").startswith("en") else "zh"] for note in plan.notes],
        "basis": _said((plan.basis, plan.basis_en)),
        "difference": queries.difference(plan, plan.parent) if plan.parent else None,
        "compare_url": reverse("plan-compare", args=[plan.pk, plan.parent_id]) if plan.parent else "",
        "hands": [_change(row) for row in hands],
        "others": [_change(row) for row in changes if row not in hands],
        "left": [{"row": row, "why": _said((row.zh, row.en))} for row in queries.left(post=request.post, plan=plan)],
        "sheets": [_line(plan, week, days) for week in sheets],
        "days": [day_ for _n, day_ in days],
        "day": day,
        "day_tabs": [
            {"label": label, "url": f"?day={plan.week_start + timedelta(days=int(n))}#map", "current": plan.week_start + timedelta(days=int(n)) == day}
            for n, label in day_choices(days)
        ],
        "map": drawing(plan.place, [row for row in rows if row.on == day], scope.today),
        "wishes": _wishes(plan, rows),
        "forms": _forms(request, plan, rows, scope, bound) if may else [],
        "people": _people(rows) if may else {},
        "error": error,
        "may": may,
        "all_url": scope.link(reverse("plans"), all="yes"),
        "next_week_url": _next_week(scope),
    }  # fmt: skip
    return render(request, "desk/plan.html", context, status=422 if error or bound else 200)


def _day(request, rows, today: date) -> date | None:
    """The day on the map: the one asked for, else today, else the first with anything planned."""
    planned = sorted({row.on for row in rows if row.kind == "visit"})
    try:
        return date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return next((day for day in planned if day >= today), planned[-1] if planned else None)


def _change(row) -> dict:
    return {"row": row, "why": _said(REASONS.get(row.reason, (row.reason, row.reason)))}


def _line(plan: Plan, week: queries.HelperWeek, days) -> dict:
    """One helper's row of the table: contacts of each day, and the way to the sheet."""
    items = week.items
    return {
        "helper": week.helper,
        "url": reverse("plan-route", args=[plan.pk, week.helper.pk]),
        "people": week.people,
        "cells": [
            {"visits": sum(i.kind == "visit" for i in week.days.get(day, ())), "calls": sum(i.kind == "call" for i in week.days.get(day, ()))}
            for _n, day in days
        ],
        "way": round(sum(item.way for item in items)),
        "others": sum(item.why not in ("own", "pinned") for item in items),
    }  # fmt: skip


def _sheet(week: queries.HelperWeek) -> dict:
    """A helper's week in order, for print and for the village's page."""
    return {
        "helper": week.helper,
        "days": [
            {"on": on, "rows": [{"item": item, "why": _said(WHY.get(item.why, (item.why, item.why))), "own": item.why == "own"} for item in week.days[on]]}
            for on in sorted(week.days)
        ],
        "people": week.people,
    }  # fmt: skip


def _people(rows) -> dict[str, str]:
    return {str(row.person_id): f"{row.person.name} · {row.village}" for row in rows}


def _wishes(plan: Plan, rows) -> list[str]:
    """What was asked of this plan, in words."""
    people = {str(row.person_id): row.person.name for row in rows}
    wishes = plan.wishes
    ids = [*(wishes.get("ill") or {}), *(h for _p, h, _d in wishes.get("pins") or () if h), *(h for _p, h in wishes.get("forbids") or ())]  # fmt: skip
    names = {str(pk): str(user) for pk, user in accounts.users_in(int(pk) for pk in ids).items()}
    label = dict(day_choices([(n, plan.week_start + timedelta(days=n)) for n in range(7)]))
    said = []
    for helper, days in (wishes.get("ill") or {}).items():
        said.append(_("%(who)s 来不了：%(days)s") % {"who": names.get(helper, helper), "days": _("、").join(label[str(d)] for d in days)})  # fmt: skip
    for person, day, why in wishes.get("urgent") or ():
        said.append(_("紧急探访 %(who)s：%(day)s，%(why)s") % {"who": people.get(person, ""), "day": label[str(day)], "why": why})  # fmt: skip
    for person, helper, day in wishes.get("pins") or ():
        given = {"who": people.get(person, ""), "helper": names.get(helper or "", ""), "day": label[str(day)] if day is not None else _("哪天都行")}  # fmt: skip
        text = _("%(who)s 由 %(helper)s 去：%(day)s") if helper else _("%(who)s 定在 %(day)s 上门")
        said.append(text % given)
    for person, helper in wishes.get("forbids") or ():
        said.append(_("%(who)s 不由 %(helper)s 去") % {"who": people.get(person, ""), "helper": names.get(helper, "")})
    return said


def _forms(request, plan: Plan, rows, scope: Scope, bound: dict | None) -> list[dict]:
    first = max(0, (scope.today - plan.week_start).days)
    days = day_choices([(n, plan.week_start + timedelta(days=n)) for n in range(first, 7)])
    helpers = [(str(user.pk), f"{user}") for user in queries.helpers_of(post=request.post, plan=plan)]
    given = {"people": _people(rows), "helpers": helpers, "days": days}
    return [
        {
            "do": do,
            "title": title,
            "form": (bound or {}).get(do) or form(prefix=do, **given),
            "open": bool(bound and do in bound),
        }
        for do, (title, form) in WISHES.items()
    ]


@door("plans.make")
@require_POST
def try_out(request, pk):
    """What if: a draft beside the plan, with its price and who changes hands."""
    plan = queries.plan(post=request.post, pk=pk)
    scope = _scope_of_plan(request, plan)
    do = request.POST.get("do", "")
    if do not in WISHES:
        return redirect("plan", pk=pk)
    rows = queries.items(post=request.post, plan=plan)
    blank = next(each["form"] for each in _forms(request, plan, rows, scope, None) if each["do"] == do)
    form = type(blank)(request.POST, prefix=do, people=_people(rows), **_choices_of(blank))
    if not form.is_valid():
        return _page(request, plan, {do: form})
    swap = form.swap() if do == "swap" else None
    try:
        draft = actions.try_out(
            plan=plan, wishes=form.wishes(), swap=swap, by=request.user, post=request.post, budget=_budget()
        )
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return _page(request, plan, {do: form})
    return redirect("plan", pk=draft.pk)


def _choices_of(form) -> dict:
    """The choices a form was made with, without its "please choose"."""
    helpers = list(form.fields["helper"].choices)[1:] if "helper" in form.fields else []
    days = list(form.fields["days"].choices) if "days" in form.fields else list(form.fields["day"].choices)[1:] if "day" in form.fields else []  # fmt: skip
    return {"helpers": helpers, "days": days}


@door("plans.make")
@require_POST
def tell(request, pk):
    """Put a draft in force."""
    plan = queries.plan(post=request.post, pk=pk)
    try:
        actions.tell(plan=plan, by=request.user, post=request.post)
    except Refusal as refusal:
        return _page(request, plan, error=str(refusal))
    messages.success(request, _("已下达。请打印路线单，或通知有变动的帮扶人员和老人。"))
    return redirect("plan", pk=pk)


@door("plans.make")
@require_POST
def leave(request, pk):
    """Put a draft aside and go back to where it came from."""
    plan = queries.plan(post=request.post, pk=pk)
    try:
        actions.leave(plan=plan, by=request.user, post=request.post)
    except Refusal as refusal:
        return _page(request, plan, error=str(refusal))
    if plan.parent_id:
        return redirect("plan", pk=plan.parent_id)
    return redirect(_scope_of_plan(request, plan).link(reverse("plans")))


@door("duties.view")
def route(request, pk, helper):
    """One helper's route list, to print; `?day=2026-11-23` for one day."""
    return _routes(request, pk, helper)


@door("duties.view")
def routes(request, pk):
    """Every helper's route list, a page each."""
    return _routes(request, pk, None)


def _routes(request, pk, helper):
    plan = queries.plan(post=request.post, pk=pk)
    scope = _scope_of_plan(request, plan)
    try:
        on = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        on = None
    rows = queries.items(post=request.post, plan=plan, helper=helper, on=on)
    audit.note("people.list", "plan", pk, area_id=scope.place.pk, rows=len(rows), printed="yes")
    context = {
        "plan": plan,
        "shown": _shown(plan),
        "sheets": [_sheet(week) for week in queries.by_helper(rows)],
        "basis": _said((plan.basis, plan.basis_en)),
        "now": timezone.now(),
        "back_url": reverse("plan", args=[pk]),
        "period": None,
    }
    return render(request, "desk/plan_routes.html", context)


@door("duties.view")
def compare(request, pk, other):
    """Two plans of the same township side by side: figures, and who changes."""
    one_, second = queries.plan(post=request.post, pk=pk), queries.plan(post=request.post, pk=other)
    if (one_.place_id, one_.period) != (second.place_id, second.period):
        raise Refusal(
            "not_comparable",
            zh="只能比较同一乡镇、同一周的两份排班。",
            en="Only two plans of the same township and week can be compared.",
        )
    scope = _scope_of_plan(request, one_)
    rows = queries.between(post=request.post, one=second, other=one_)
    audit.note("people.list", "plan", pk, area_id=scope.place.pk, rows=len(rows), other=other)
    context = {
        "tabs": section(request, "plans"),
        "one": _shown(one_),
        "other": _shown(second),
        "difference": queries.difference(one_, second),
        "rows": rows,
        "choices": [
            {"shown": _shown(plan), "url": reverse("plan-compare", args=[pk, plan.pk]), "current": plan.pk == second.pk}
            for plan in queries.plans_of(post=request.post, place=one_.place, period=scope.period)
            if plan.pk != pk
        ],
        "back_url": reverse("plan", args=[pk]),
    }
    return render(request, "desk/plan_compare.html", context)

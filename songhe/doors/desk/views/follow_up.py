"""无应答与转办: open ladders with their timers, found needs with their deadlines, until each is closed."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from songhe.care.duties import boards as duty_boards
from songhe.care.duties.terms import STEPS
from songhe.care.visits import actions, boards
from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.doors.desk.duty_scope import link, person_url, section, ways_back
from songhe.doors.desk.forms.visits import ClosureForm, HandForm, ReferralForm, ResultForm, StepForm
from songhe.doors.desk.scope import scope_of
from songhe.registry.accounts import queries as accounts
from songhe.registry.accounts.access import door, require
from songhe.registry.people.dossier import person_by_uid


def timer(due, now) -> dict:
    """How long is left, or since when it is overdue, in words; with its light."""
    late = due < now
    minutes = int(abs((due - now).total_seconds()) // 60)
    if minutes < 60:
        span = ngettext("%(n)s 分钟", "%(n)s 分钟", minutes) % {"n": minutes}
    elif minutes < 48 * 60:
        hours, rest = divmod(minutes, 60)
        span = _("%(h)s 小时 %(m)s 分") % {"h": hours, "m": rest}
    else:
        span = ngettext("%(n)s 天", "%(n)s 天", minutes // 1440) % {"n": minutes // 1440}
    if late:
        return {"text": _("超时 %(span)s") % {"span": span}, "light": "red", "due": due}
    return {"text": _("还剩 %(span)s") % {"span": span}, "light": "yellow" if minutes <= 60 else "none", "due": due}


def deadline(due_on, today) -> dict:
    """The same for a day."""
    days = (due_on - today).days
    if days < 0:
        return {"text": ngettext("逾期 %(n)s 天", "逾期 %(n)s 天", -days) % {"n": -days}, "light": "red"}
    if days == 0:
        return {"text": _("今天到期"), "light": "yellow"}
    return {"text": ngettext("还剩 %(n)s 天", "还剩 %(n)s 天", days) % {"n": days}, "light": "none"}


def ladder_row(row, scope, now) -> dict:
    return {
        "escalation": row,
        "person": row.person,
        "step": dict(STEPS).get(row.step, row.step),
        "timer": timer(row.due_at, now),
        "url": link(scope, "escalation", row.pk),
        "person_url": person_url(row.person),
    }


def need_row(row, scope) -> dict:
    return {
        "referral": row,
        "person": row.person,
        "need": row.get_need_display(),
        "deadline": deadline(row.due_on, scope.today),
        "url": link(scope, "referral", row.pk),
        "person_url": person_url(row.person),
    }


@door("duties.view")
def escalations(request):
    """Open ladders, the longest overdue first; `overdue=only`."""
    request.scope = scope = scope_of(request)
    overdue = "only" if request.GET.get("overdue") == "only" else ""
    now = timezone.now()
    found = boards.escalations_open(post=request.post, place=scope.place, overdue=overdue, now=now)
    page = boards.paged(found, ("due_at", "pk"), request.GET.get("after", ""))
    counts = boards.totals(post=request.post, place=scope.place, now=now)
    audit.note("people.list", "escalation", area_id=scope.place.pk, rows=len(page.rows))
    context = {
        "tabs": section(request, "escalations"),
        "views": _views(scope, "escalations", counts, overdue),
        "rows": [ladder_row(row, scope, now) for row in page.rows],
        "next_url": link(scope, "escalations", overdue=overdue, after=page.next) if page.next else "",
        "now": now,
        "period": None,
    }
    return render(request, "desk/escalations.html", context)


def _views(scope, name: str, counts: dict, overdue: str) -> list[dict]:
    return [
        {"label": _("全部未了结"), "url": link(scope, name), "current": not overdue, "count": counts[name]},
        {
            "label": _("已超时") if name == "escalations" else _("已逾期"),
            "url": link(scope, name, overdue="only"),
            "current": bool(overdue),
            "count": counts[f"{name}_overdue"],
        },
    ]


@door("duties.view")
def escalation(request, pk):
    """One ladder: every step that was tried, what is next and until when; record a step, or close it."""
    request.scope = scope = scope_of(request)
    row = boards.escalation(post=request.post, pk=pk)
    if row is None:
        raise Http404
    audit.note("people.read", "person", row.person_id, area_id=row.village_id, page="escalation")
    closing = request.POST.get("do") == "close"
    given = request.POST if request.method == "POST" else None
    step, closure = (
        StepForm(None if closing else given, prefix="step"),
        ClosureForm(given if closing else None, prefix="close"),
    )
    if request.method == "POST":
        require(request.post, "visits.record")
        form = closure if closing else step
        if form.is_valid():
            try:
                said = _step(request, row, form, closing)
            except Refusal as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, said)
                return redirect(link(scope, "escalation", pk))
    steps = list(row.steps.order_by("at", "pk"))
    names = accounts.users_in([each.by for each in steps] + [row.closed_by or 0])
    now = timezone.now()
    context = ladder_row(row, scope, now) | {
        "steps": [
            {"step": dict(STEPS).get(each.step, each.step), "at": each.at, "by": names.get(each.by, _("系统")),
             "result": _result(each.result), "reached": each.reached}
            for each in steps
        ],
        "ladder": _ladder(row),
        "step_form": step,
        "close_form": closure,
        "may": request.post.may("visits.record") and row.closed_at is None,
        "call_url": link(scope, "visit-new", person=row.person.uid, call="yes", back=request.get_full_path())
        if request.post.may("people.unmask") and request.post.may("visits.record")
        else "",
        "closed_by": names.get(row.closed_by, ""),
        "closure": _result(row.closure),
        "back_url": link(scope, "escalations"),
        "period": None,
    }  # fmt: skip
    return render(request, "desk/escalation.html", context, status=422 if step.errors or closure.errors else 200)


def _ladder(row) -> list[dict]:
    """The steps in order, with the one that is due now."""
    codes = [code for code, _label in STEPS]
    at = codes.index(row.step)
    return [
        {"label": label, "state": "done" if n < at else "now" if n == at and row.closed_at is None else "later"}
        for n, (_code, label) in enumerate(STEPS)
    ]


def _result(text: str) -> str:
    """What the system itself wrote, in words."""
    said = {
        "no_answer": _("没有人接听或应门"),
        "overdue": _("超时未处理，自动转下一步"),
        "reached": _("联系上了"),
        "void": _("原记录作废"),
    }
    return str(said.get(text, text))


def _step(request, row, form, closing: bool) -> str:
    if closing:
        actions.close_escalation(
            escalation=row, closure=form.cleaned_data["closure"], by=request.user, post=request.post
        )
        return _("已了结。")
    data = form.cleaned_data
    after = actions.step(
        escalation=row, result=data["result"], reached=data["reached"], by=request.user, post=request.post
    )
    if after.closed_at:
        return _("已联系上，升级结束。")
    return _("已转到下一步：%(step)s。") % {"step": dict(STEPS)[after.step]}


@door("duties.view")
def referrals(request):
    """Open needs, the longest overdue first; `overdue=only`, `to=me`."""
    request.scope = scope = scope_of(request)
    overdue = "only" if request.GET.get("overdue") == "only" else ""
    mine = request.user.pk if request.GET.get("to") == "me" else None
    found = boards.referrals_open(post=request.post, place=scope.place, overdue=overdue, to_user=mine, on=scope.today)
    page = boards.paged(found, ("due_on", "pk"), request.GET.get("after", ""))
    audit.note("people.list", "referral", area_id=scope.place.pk, rows=len(page.rows))
    counts = boards.totals(post=request.post, place=scope.place)
    context = {
        "tabs": section(request, "referrals"),
        "views": _views(scope, "referrals", counts, overdue) if mine is None else [],
        "rows": [need_row(row, scope) for row in page.rows],
        "mine": mine,
        "mine_url": link(scope, "referrals", to=None if mine else "me"),
        "next_url": link(scope, "referrals", overdue=overdue, to="me" if mine else None, after=page.next)
        if page.next
        else "",
        "period": None,
    }
    return render(request, "desk/referrals.html", context)


@door("duties.view")
def referral(request, pk):
    """One need: hand it on with a deadline, or close it with what came of it."""
    request.scope = scope = scope_of(request)
    row = boards.referral(post=request.post, pk=pk)
    if row is None:
        raise Http404
    audit.note("people.read", "person", row.person_id, area_id=row.village_id, page="referral")
    handing = request.POST.get("do") == "hand"
    given = request.POST if request.method == "POST" else None
    close = ResultForm(None if handing else given, prefix="close")
    hand = HandForm(
        given if handing else None,
        prefix="hand",
        people=_people(request, row),
        initial={"to_user": row.to_user_id, "due_on": row.due_on},
    )
    if request.method == "POST":
        require(request.post, "visits.record")
        form = hand if handing else close
        if form.is_valid():
            try:
                said = _settle(request, row, form, handing)
            except Refusal as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            else:
                messages.success(request, said)
                return redirect(link(scope, "referral", pk) if handing else link(scope, "referrals"))
    names = accounts.users_in([row.opened_by, row.closed_by or 0])
    context = need_row(row, scope) | {
        "close_form": close,
        "hand_form": hand,
        "may": request.post.may("visits.record") and row.closed_at is None,
        "opened_by": names.get(row.opened_by, _("系统")),
        "closed_by": names.get(row.closed_by, ""),
        "back_url": link(scope, "referrals"),
        "order_url": link(scope, "service-call", referral=row.pk)
        if request.post.may("services.take") and row.closed_at is None
        else "",
        "period": None,
    }
    return render(request, "desk/referral.html", context, status=422 if close.errors or hand.errors else 200)


def _people(request, row) -> list[tuple[int, str]]:
    found = duty_boards.helpers_for(post=request.post, place=row.village)
    people = [(user.pk, f"{user} · {post.get_role_display()} · {post.place}") for user, post in found]
    if request.user.pk not in {pk for pk, _label in people}:
        people.insert(0, (request.user.pk, f"{request.user} · {_('我本人')}"))
    return people


def _settle(request, row, form, handing: bool) -> str:
    if handing:
        to = accounts.users_in([form.cleaned_data["to_user"]])[form.cleaned_data["to_user"]]
        actions.hand_referral(
            referral=row, to_user=to, due_on=form.cleaned_data["due_on"], by=request.user, post=request.post
        )
        return _("已交办给 %(name)s。") % {"name": to}
    actions.close_referral(referral=row, result=form.cleaned_data["result"], by=request.user, post=request.post)
    return _("已办结。")


@door("visits.record")
def referral_new(request):
    """A need that came without a visit: a relative telephoned (`?person=uid`)."""
    request.scope = scope = scope_of(request)
    person = person_by_uid(request.post, request.GET.get("person", ""))
    form = ReferralForm(request.POST or None)
    back = ways_back(request, link(scope, "referrals"))
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.open_referral(person=person, by=request.user, post=request.post, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("已转办，%(day)s 前办结。") % {"day": made.due_on})
            return redirect(back)
    audit.note("people.read", "person", person.pk, area_id=person.village_id, page="referral")
    context = {"person": person, "person_url": person_url(person), "form": form, "back": back, "period": None}
    return render(request, "desk/referral_new.html", context, status=422 if form.errors else 200)

"""登记探访: one contact in few taps, its correction as a new row, and the telephone number by an audited step."""

from datetime import timedelta
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from songhe.care.duties import boards as duty_boards
from songhe.care.duties.terms import MODES, NEEDS
from songhe.care.visits import actions, boards
from songhe.care.visits.models import OUTCOMES
from songhe.core import audit
from songhe.core.periods import containing
from songhe.core.refusal import Refusal
from songhe.doors.desk.duty_scope import WEEKLY, link, person_url, ways_back
from songhe.doors.desk.forms.visits import AmendForm, VisitForm, VoidForm
from songhe.doors.desk.scope import scope_of
from songhe.registry.accounts import queries as accounts
from songhe.registry.accounts.access import door
from songhe.registry.people import actions as people
from songhe.registry.people import terms
from songhe.registry.people.dossier import person_by_uid

SUSPENDING = {"hospital": "hospital", "away": "away", "refused": "refused"}


@door("visits.record")
def create(request):
    """The form of one contact (`?person=uid`). `call=yes`: the number is opened, audited, and the phone dials it."""
    request.scope = scope = scope_of(request)
    uid = request.POST.get("person") or request.GET.get("person", "")
    if not uid:
        return redirect(link(scope, "duties"))
    person = person_by_uid(request.post, uid)
    now = timezone.localdate()
    duty = duty_boards.duty_now(post=request.post, person=person.pk, name=WEEKLY, period=containing("week", now))
    makers = _makers(request, duty)
    back = ways_back(request, link(scope, "duties"))
    form = VisitForm(request.POST or None, makers=makers, initial=VisitForm.fresh(_mode(request)))
    if request.method == "POST" and form.is_valid():
        try:
            after = _save(request, person, form)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect(after or _onwards(request, back))
    audit.note("people.read", "person", person.pk, area_id=person.village_id, page="visit")
    context = {
        "person": person,
        "age": person.age(now),
        "tags": terms.labels_of(person.tags),
        "person_url": person_url(person),
        "duty": duty,
        "form": form,
        "number": _number(request, person),
        "may_call": request.post.may("people.unmask"),
        "call_url": link(scope, "visit-new", person=person.uid, call="yes", back=back, then=request.GET.get("then")),
        "recent": _recent(request, person, now),
        "ladder": boards.escalations_open(post=request.post, place=person.village).filter(person=person).first(),
        "back": back,
        "then": request.POST.get("then") or request.GET.get("then", ""),
        "now": timezone.now(),
        "period": None,
    }
    return render(request, "desk/visit_new.html", context, status=422 if form.errors else 200)


def _mode(request) -> str:
    """What is most likely being recorded: the way asked for, a call just made, else nothing is chosen."""
    asked = "call" if request.GET.get("call") == "yes" else request.GET.get("mode", "")
    return asked if asked in dict(MODES) else ""


def _makers(request, duty) -> list[tuple[str, str]]:
    """Whose visit it is, when somebody else may enter it: oneself, or the named helper."""
    if (
        duty is None
        or duty.helper is None
        or duty.helper_id == request.user.pk
        or not request.post.may("visits.enter_for")
    ):
        return []
    return [("", _("我本人")), (str(duty.helper_id), _("%(name)s（代录）") % {"name": duty.helper})]


def _number(request, person) -> str:
    """The clear number after the audited step, or ""."""
    if request.method != "GET" or request.GET.get("call") != "yes":
        return ""
    number = people.unmask(by=request.user, post=request.post, person=person, field="phone", reason="电话探访")
    return number or "-"


def _recent(request, person, today) -> list[dict]:
    rows = boards.recent(post=request.post, person=person.pk, since=today - timedelta(days=35), limit=4)
    names = accounts.users_in(row.made_by for row in rows)
    return [visit_shown(row, names) for row in rows]


def visit_shown(row, names: dict) -> dict:
    """A record for templates: words, who, and where it can be corrected."""
    return {
        "visit": row,
        "mode": dict(MODES).get(row.mode, row.mode),
        "outcome": dict(OUTCOMES).get(row.outcome, row.outcome),
        "needs": [dict(NEEDS).get(need, need) for need in row.needs],
        "by": names.get(row.made_by, ""),
        "entered_by": names.get(row.entered_by, "") if row.entered_by != row.made_by else "",
        "url": reverse("visit-amend", args=[row.occurred_on.isoformat(), row.id]),
        "tone": "none" if row.outcome == "void" else "green" if row.counts else "yellow",
    }


def _save(request, person, form) -> str:
    """Record, say what stands now; answers where to go first if the outcome suspends the duty."""
    maker = int(form.cleaned_data.get("made_by") or 0)
    row = form.row(person.pk)
    channel = "landline" if maker else "desk"
    with transaction.atomic():  # a refusal takes back this much only: the page is still to be shown
        (answer,) = actions.record(
            [row], by=request.user, post=request.post, channel=channel, entered_for=maker or None
        )
    day = form.cleaned_data["occurred_on"]
    week = containing("week", day)
    duty = duty_boards.duty_now(post=request.post, person=person.pk, name=WEEKLY, period=week)
    said = _("已登记：%(name)s，%(mode)s，%(outcome)s。") % {
        "name": person.name,
        "mode": dict(MODES)[row["mode"]],
        "outcome": dict(OUTCOMES)[row["outcome"]],
    }
    if duty is not None:
        said += _("通话 %(calls)s，上门 %(visits)s。") % {
            "calls": f"{duty.calls_done}/{duty.calls_owed}",
            "visits": f"{duty.visits_done}/{duty.visits_owed}",
        }
    if timezone.localdate() > week.end:
        said += _("计入 %(week)s，标为补录。") % {"week": week.code}
    messages.success(request, said)
    if row["outcome"] == "no_answer" and answer.result == "new":
        messages.warning(request, _("没有联系上：已开始无应答升级，请按步骤在限时内处理。"))
    reason = SUSPENDING.get(row["outcome"])
    if reason and request.post.may("duties.excuse"):
        messages.info(request, _("如果这段时间不能探访，请登记暂停的起止日期；否则仍算应访。"))
        back = ways_back(request, reverse("duties"))
        return f"{reverse('excuse-new')}?{_query(person=person.uid, reason=reason, back=back)}"
    if row["outcome"] == "deceased":
        messages.warning(request, _("请在老人的档案里登记去世，职责才会关闭。"))
    return ""


def _query(**given) -> str:
    return urlencode(given)


def _onwards(request, back: str) -> str:
    """Back to the list, at the next person."""
    then = request.POST.get("then", "")
    return f"{back.partition('#')[0]}#p-{then}" if then else back


@door("visits.record")
def amend(request, day, pk):
    """A record, what came before and after it, and the form that puts a corrected row in its place (or voids it)."""
    request.scope = scope = scope_of(request)
    visit = boards.record(post=request.post, on=parse_date(day), pk=pk) if _is_day(day) else None
    if visit is None:
        raise Http404
    chain = boards.history(post=request.post, visit=visit)
    person = duty_boards.people_named(post=request.post, pks=[visit.person_id]).get(visit.person_id)
    if person is None:
        raise Http404
    audit.note("people.read", "person", person.pk, area_id=person.village_id, page="visit-amend")
    back = ways_back(request, link(scope, "visit-new", person=person.uid))
    voiding = request.POST.get("do") == "void"
    form, void = _forms(request, visit, voiding)
    if request.method == "POST" and (void if voiding else form).is_valid():
        try:
            _correct(request, visit, form, void if voiding else None)
        except Refusal as refusal:
            (void if voiding else form).add_error(None, str(refusal))
        else:
            messages.success(request, _("已作废。") if voiding else _("已更正，原记录保留在下面的经过里。"))
            newest = boards.history(post=request.post, visit=visit)[-1]
            url = reverse("visit-amend", args=[newest.occurred_on.isoformat(), newest.id])
            return redirect(f"{url}?{_query(back=back)}")
    names = accounts.users_in(row.made_by for row in chain) | accounts.users_in(row.entered_by for row in chain)
    newest = chain[-1]
    context = {
        "person": person,
        "person_url": person_url(person),
        "visit": visit,
        "shown": visit_shown(visit, names),
        "chain": [visit_shown(row, names) | {"current": row.id == visit.id} for row in chain[::-1]],
        "newest_url": "" if newest.id == visit.id else visit_shown(newest, names)["url"],
        "form": form,
        "void": void,
        "voided": newest.outcome == "void",
        "back": back,
        "period": None,
    }
    return render(request, "desk/visit_amend.html", context, status=422 if form.errors or void.errors else 200)


def _is_day(text: str) -> bool:
    try:
        return parse_date(text) is not None
    except ValueError:
        return False


def _forms(request, visit, voiding: bool) -> tuple[AmendForm, VoidForm]:
    initial = {
        "mode": visit.mode, "outcome": visit.outcome, "occurred_on": visit.occurred_on, "needs": visit.needs,
        "note": visit.note,
    }  # fmt: skip
    given = request.POST if request.method == "POST" else None
    form = AmendForm(None if voiding else given, initial=initial, prefix="new")
    return form, VoidForm(given if voiding else None, prefix="void")


def _correct(request, visit, form: AmendForm, void: VoidForm | None) -> None:
    if void is not None:
        actions.void(visit=visit, reason=void.cleaned_data["reason"], by=request.user, post=request.post)
        return
    changes = form.changes(visit)
    if not changes:
        raise Refusal(
            "nothing_changed",
            zh="没有改动，所以没有保存。请改正有误的项。",
            en="Nothing differs, so nothing was saved. Correct what is wrong.",
        )
    actions.amend(visit=visit, changes=changes, reason=form.cleaned_data["reason"], by=request.user, post=request.post)

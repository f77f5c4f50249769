"""会议: bodies with their members, meetings with agenda and minutes, decisions followed to their end; data asked and answered."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from songhe.doors.desk.forms import meetings as shapes
from songhe.doors.desk.forms.oversight import ReasonForm, read_day
from songhe.doors.desk.oversight import done, places_for, state_shown, tabs
from songhe.doors.desk.scope import scope_of
from songhe.oversight.participation import actions, queries, rules
from songhe.oversight.participation.definitions import bodies as shipped
from songhe.oversight.participation.models import MARKS
from songhe.registry.accounts.access import door, require

MEETING = {
    "planned": gettext_lazy("待召开"), "due": gettext_lazy("待出纪要"), "held": gettext_lazy("已召开"),
    "called_off": gettext_lazy("已取消"),
}  # fmt: skip
REQUEST = {
    "open": gettext_lazy("待答复"), "late": gettext_lazy("逾期未答复"), "answered": gettext_lazy("已答复"),
    "answered_late": gettext_lazy("逾期答复"),
}  # fmt: skip


def _meeting_shown(row, on) -> dict:
    state = queries.state_of(row, on)
    return {"meeting": row, "state": MEETING[state], "light": rules.MEETING_LIGHTS[state], "name": state}


def _followed_shown(each) -> dict:
    return {
        "decision": each.decision,
        "item": each.item,
        "state": state_shown(each.state) if each.state else None,
        "url": reverse("ledger-item", args=[each.item.pk]) if each.item else "",
    }


@door("meetings.view")
def index(request):
    """Bodies, meetings, and every decision with what became of it."""
    request.scope = scope = scope_of(request)
    found = queries.followed(post=request.post, on=scope.today, place=scope.place)
    context = {
        "tabs": tabs(request, "meetings"),
        "bodies": list(queries.bodies(post=request.post, place=scope.place, on=scope.today)),
        "meetings": [
            _meeting_shown(row, scope.today) for row in queries.meetings(post=request.post, place=scope.place)[:50]
        ],
        "decisions": [_followed_shown(each) for each in found[:200]],
        "may": request.post.may("meetings.manage"),
        "body_url": scope.link(reverse("body-new"), period=None),
        "period": None,
    }
    return render(request, "desk/meetings.html", context)


@door("meetings.manage")
def body_new(request):
    """Set a body up, from a paper's definition or by hand."""
    request.scope = scope = scope_of(request)
    language = "en" if (get_language() or "").startswith("en") else "zh"
    offered = [(name, f"{row.title[language]}（{row.size}）") for name, row in shipped().items()]
    form = shapes.BodyForm(request.POST or None, definitions=offered, places=places_for(scope))
    made: list = []

    def verb():
        made.append(actions.found_body(**form.cleaned_data, by=request.user, post=request.post))

    if request.method == "POST" and form.is_valid() and done(form, verb):
        messages.success(request, _("已设立，请核对成员单位。"))
        return redirect("body", pk=made[0].pk)
    return _form(request, form, _("设立议事协调机构"), scope.link(reverse("meetings"), period=None))


def _form(request, form, title: str, back: str, lead: str = ""):
    """A page with one form."""
    context = {"form": form, "title": title, "lead": lead, "back": back, "period": None}
    return render(request, "desk/oversight_form.html", context, status=422 if form.errors else 200)


def _body(request, pk):
    row = queries.body(post=request.post, pk=pk)
    if row is None:
        raise Http404
    return row


@door("meetings.view")
def body(request, pk):
    """Who sits in a body as of a day (`on=`), who sat before; a seat given or ended."""
    request.scope = scope = scope_of(request)
    row = _body(request, pk)
    on = read_day(request.GET.get("on", ""), scope.today)
    form = shapes.SeatForm(request.POST or None, groups=row.groups)
    if request.method == "POST":
        require(request.post, "meetings.manage")
        if form.is_valid() and done(form, lambda: actions.give_seat(body=row, **form.cleaned_data, by=request.user, post=request.post)):  # fmt: skip
            messages.success(request, _("已增加成员单位。"))
            return redirect("body", pk=pk)
    seats = queries.seats(row, on)
    context = {
        "body": row, "seats": seats, "on": on, "form": form, "may": request.post.may("meetings.manage"),
        "presumed": sum(seat.certainty == "presumed" for seat in seats),
        "former": row.memberships.exclude(pk__in=[seat.pk for seat in seats]).order_by("valid_to"),
        "meetings": [_meeting_shown(each, scope.today) for each in queries.meetings(post=request.post).filter(body=row)[:50]],
        "back": scope.link(reverse("meetings"), period=None), "today": scope.today, "period": None,
    }  # fmt: skip
    return render(request, "desk/body.html", context, status=422 if form.errors else 200)


@door("meetings.manage")
def seat_end(request, pk, seat):
    """A unit leaves a body today."""
    row = _body(request, pk)
    membership = row.memberships.filter(pk=seat).first()
    if membership is None or request.method != "POST":
        raise Http404
    today = scope_of(request).today
    actions.end_membership(membership=membership, on=today, by=request.user, post=request.post)
    messages.success(request, _("“%(unit)s”的席位已结束。") % {"unit": membership.unit})
    return redirect("body", pk=pk)


@door("meetings.manage")
def new(request, pk):
    """Convene a body."""
    request.scope = scope_of(request)
    row = _body(request, pk)
    form = shapes.MeetingForm(request.POST or None)
    made: list = []

    def verb():
        made.append(actions.convene(body=row, **form.cleaned_data, by=request.user, post=request.post))

    if request.method == "POST" and form.is_valid() and done(form, verb):
        return redirect("meeting", pk=made[0].pk)
    return _form(request, form, _("召集会议"), reverse("body", args=[pk]), row.name)


@door("meetings.view")
def one(request, pk):
    """A meeting: agenda, who came, minutes, decisions. `do` says which form was sent."""
    request.scope = scope = scope_of(request)
    row = queries.meeting(post=request.post, pk=pk)
    if row is None:
        raise Http404
    do = request.POST.get("do", "")
    forms = {
        "minutes": shapes.MinutesForm(request.POST if do == "minutes" else None, initial={"text": _latest(row)}, prefix="minutes"),
        "decide": shapes.DecisionForm(request.POST if do == "decide" else None, prefix="decide"),
        "call_off": ReasonForm(request.POST if do == "call_off" else None, prefix="off"),
    }  # fmt: skip
    if request.method == "POST":
        require(request.post, "meetings.manage")
        said = _carried_out(request, row, do, forms)
        if said:
            messages.success(request, said)
            return redirect("meeting", pk=pk)
    found = queries.followed(post=request.post, on=scope.today, meeting=row)
    wrong = any(form.errors for form in forms.values())
    context = {
        **_meeting_shown(row, scope.today),
        "forms": forms,
        "attendance": [{"seat": seat, "mark": mark, "word": dict(MARKS).get(mark, "")} for seat, mark in queries.attendance(row)],
        "marks": MARKS, "minutes": row.minutes.order_by("-version"), "agenda": row.agenda.all(),
        "decisions": [_followed_shown(each) for each in found],
        "places": places_for(scope), "may": request.post.may("meetings.manage") and not row.called_off,
        "begun": row.on <= scope.today, "back": scope.link(reverse("meetings"), period=None), "period": None,
    }  # fmt: skip
    return render(request, "desk/meeting.html", context, status=422 if wrong else 200)


def _latest(row) -> str:
    last = row.minutes.order_by("-version").first()
    return last.text if last else ""


def _carried_out(request, row, do: str, forms: dict) -> str:
    """What was done, in words; "" when a form has errors (or nothing was asked)."""
    who = {"by": request.user, "post": request.post}
    if do == "attendance":
        seats = {str(seat.pk): seat for seat, _mark in queries.attendance(row)}
        marks = {seats[key]: request.POST[f"mark-{key}"] for key in seats if request.POST.get(f"mark-{key}")}
        return _("已登记 %(n)s 家的到会情况。") % {"n": actions.mark_attendance(meeting=row, marks=marks, **who)}
    if do == "take_on":
        return _taken_on(request, row, who)
    form = forms.get(do)
    if form is None or not form.is_valid():
        return ""
    verbs = {"minutes": actions.keep_minutes, "decide": actions.decide, "call_off": actions.call_off}
    words = {"minutes": _("纪要已保存。"), "decide": _("决定已登记，请转入台账。"), "call_off": _("会议已取消。")}
    return words[do] if done(form, lambda: verbs[do](meeting=row, **form.cleaned_data, **who)) else ""


def _taken_on(request, row, who) -> str:
    given = request.POST.get("decision", "")
    decision = row.decisions.filter(pk=int(given)).first() if given.isdecimal() else None
    if decision is None:
        raise Http404
    chosen = request.POST.get("place", "")
    place = next((each for each in places_for(request.scope) if str(each.pk) == chosen), None)
    item = actions.take_on(decision=decision, place=place, **who)
    return _("已列入台账：%(number)s。") % {"number": item.number}


# data requests -------------------------------------------------------------------------------------------------------


def _request_shown(row, on) -> dict:
    state = queries.request_state(row, on)
    return {"request_row": row, "state": REQUEST[state], "light": rules.REQUEST_LIGHTS[state], "name": state}


@door("meetings.view")
def requests(request):
    """Data asked between departments: unanswered first, by deadline."""
    request.scope = scope = scope_of(request)
    only = request.GET.get("state", "")
    found = queries.requests(post=request.post, place=scope.place)
    if only == "late":
        found = found.filter(answered_on=None, due_on__lt=scope.today)
    here = scope.link(reverse("data-requests"), period=None)
    rows = [_request_shown(row, scope.today) for row in found[:200]]
    context = {
        "tabs": tabs(request, "data-requests"), "rows": rows, "only": only,
        "views": [
            {"label": _("全部"), "url": here, "current": only != "late"},
            {"label": _("超期未答复"), "url": f"{here}&state=late", "current": only == "late"},
        ], "may": request.post.may("meetings.manage"),
        "new_url": scope.link(reverse("data-request-new"), period=None), "period": None,
    }  # fmt: skip
    return render(request, "desk/data_requests.html", context)


@door("meetings.manage")
def request_new(request):
    """Log a request."""
    request.scope = scope = scope_of(request)
    form = shapes.DataRequestForm(request.POST or None, places=places_for(scope))
    made: list = []

    def verb():
        made.append(actions.ask_data(**form.cleaned_data, by=request.user, post=request.post))

    if request.method == "POST" and form.is_valid() and done(form, verb):
        messages.success(request, _("已登记，%(day)s 前应答复。") % {"day": made[0].due_on})
        return redirect("data-request", pk=made[0].pk)
    return _form(request, form, _("登记数据申请"), scope.link(reverse("data-requests"), period=None))


@door("meetings.view")
def data_request(request, pk):
    """One request with its answers, and the form for the next."""
    request.scope = scope = scope_of(request)
    row = queries.request(post=request.post, pk=pk)
    if row is None:
        raise Http404
    form = shapes.ReplyForm(request.POST or None)
    if request.method == "POST":
        require(request.post, "meetings.manage")
        if form.is_valid() and done(form, lambda: actions.reply(request=row, **form.cleaned_data, by=request.user, post=request.post)):  # fmt: skip
            messages.success(request, _("答复已登记。"))
            return redirect("data-request", pk=pk)
    context = {
        **_request_shown(row, scope.today), "form": form, "replies": row.replies.order_by("-pk"),
        "may": request.post.may("meetings.manage") and not row.answered_on,
        "back": scope.link(reverse("data-requests"), period=None), "period": None,
    }  # fmt: skip
    return render(request, "desk/data_request.html", context, status=422 if form.errors else 200)

"""台账: lines with their lights, one line with its whole history, and a form for each verb."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.encoding import escape_uri_path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from songhe.core import audit
from songhe.doors.desk.forms import ledger as shapes
from songhe.doors.desk.forms.oversight import ReasonForm, read_day
from songhe.doors.desk.oversight import STATES, done, places_for, state_shown, tabs
from songhe.doors.desk.scope import scope_of
from songhe.doors.desk.views.imports import XLSX, sent
from songhe.oversight.ledger import actions, evidence, layouts, queries, rules
from songhe.oversight.ledger.access import items_of
from songhe.oversight.ledger.columns import FIELDS
from songhe.oversight.ledger.models import Change, CloseOut, Problem, Progress
from songhe.oversight.programmes import definitions as programmes
from songhe.registry.accounts import queries as accounts
from songhe.registry.accounts.access import door, require

PAGE = 50
FILTERS = ("programme", "target", "unit", "q", "kind")


def _found(request, scope, on) -> tuple[list[queries.Line], dict]:
    """(every line of the filters, the filters); the state is chosen afterwards, so that the counts show all."""
    given = {name: request.GET[name] for name in FILTERS if request.GET.get(name)}
    return queries.lines(queries.items(post=request.post, place=scope.place, **given), on=on), given


def found_lines(request, scope, on) -> tuple[list[queries.Line], dict]:
    """(the lines of the filters and of the state asked for, the filters with the state)."""
    found, given = _found(request, scope, on)
    state = request.GET.get("state", "")
    return [line for line in found if not state or line.state.name == state], given | (
        {"state": state} if state else {}
    )


@door("ledger.view")
def index(request):
    """Lines of an area by deadline, with counts by state (`state=late`), as of a day (`on=2023-10-20`)."""
    request.scope = scope = scope_of(request)
    on = read_day(request.GET.get("on", ""), scope.today)
    found, given = _found(request, scope, on)
    state = request.GET.get("state", "")
    shown = [line for line in found if not state or line.state.name == state]
    after = int(request.GET["after"]) if request.GET.get("after", "").isdecimal() else 0
    day = {"on": on.isoformat()} if on != scope.today else {}

    def here(**changes) -> str:
        return scope.link(reverse("ledger"), period=None, **(given | day | {"state": state or None} | changes))

    page = list(islice(shown, after, after + PAGE))
    counts = queries.counts(found)
    context = {
        "tabs": tabs(request, "ledger"),
        "states": [{"label": _("全部"), "url": here(state=None), "current": not state, "count": len(found)}]
        + [
            {"label": STATES[name], "url": here(state=name), "current": state == name, "count": counts[name]}
            for name in rules.STATES
            if counts[name] or state == name
        ],
        "rows": [_row(line) for line in page],
        "count": len(shown),
        "next_url": here(after=after + PAGE) if after + PAGE < len(shown) else "",
        "given": given,
        "chips": [{"label": f"{label}：{programme_title(given[name]) if name == 'programme' else given[name]}", "url": here(**{name: None})}
                  for name, label in (("programme", _("工程")), ("unit", _("单位")), ("q", _("查找"))) if name in given],
        "programmes": [("", _("全部工程")), *((p, programme_title(p)) for p in queries.programmes(post=request.post, place=scope.place))],
        "units": [("", _("全部单位")), *((u, u) for u in queries.units(post=request.post, place=scope.place))],
        "layouts": list(queries.layouts(post=request.post)),
        "query": request.GET.urlencode(),
        "on": on,
        "state": state,
        "as_of": on != scope.today,
        "waiting": queries.waiting_for(post=request.post),
        "may": _rights(request.post),
        "period": None,
    }  # fmt: skip
    return render(request, "desk/ledger.html", context)


def _rights(post) -> dict[str, bool]:
    return {name: post.may(f"ledger.{name}") for name in ("manage", "progress", "sign", "approve")}


def programme_title(name: str) -> str:
    """The title of a programme in force, in the reader's language; the name itself where there is none."""
    found = programmes.in_force().get(name)
    return found.said("title") if found else name


def _row(line: queries.Line) -> dict:
    return {
        "item": line.item,
        "programme": programme_title(line.item.programme) if line.item.programme else "",
        "due_on": line.due_on,
        "state": state_shown(line.state),
        "progress": line.progress,
        "url": reverse("ledger-item", args=[line.item.pk]),
    }


def _goal_url(row) -> str:
    """The page of the goal that a line was laid out from, at the line's place: its counted figure stands there."""
    found = programmes.in_force().get(row.programme)
    if found is None or row.target not in {goal.id for goal in found.goals}:
        return ""
    return f"{reverse('programme-goal', args=[row.programme, row.target])}?area={row.place.code}"


@door("ledger.view")
def export(request):
    """Exactly the lines that are filtered, as .xlsx; `layout=` fills out a bureau's own form."""
    request.scope = scope = scope_of(request)
    on = read_day(request.GET.get("on", ""), scope.today)
    lines, _given = found_lines(request, scope, on)
    chosen = request.GET.get("layout", "")
    layout = queries.layouts(post=request.post).filter(pk=int(chosen)).first() if chosen.isdecimal() else None
    content = layouts.filled(lines=lines, layout=layout, on=on, by=request.user, post=request.post)
    return sent(content, _("台账_%(place)s_%(day)s.xlsx") % {"place": scope.place, "day": f"{on:%Y%m%d}"}, XLSX)


@door("ledger.manage")
def new(request):
    """Take an item on; `parent=` makes it a sub-item."""
    request.scope = scope = scope_of(request)
    given = request.POST.get("parent") or request.GET.get("parent", "")
    parent = queries.item(post=request.post, pk=int(given)) if given.isdecimal() else None
    initial = {"programme": parent.programme, "target": parent.target, "lead_unit": parent.lead_unit} if parent else {}
    form = shapes.ItemForm(request.POST or None, places=places_for(scope), initial=initial)
    made: list = []

    def verb():
        made.append(actions.open_item(parent=parent, by=request.user, post=request.post, **form.cleaned_data))

    if request.method == "POST" and form.is_valid() and done(form, verb):
        messages.success(request, _("已列入台账：%(number)s。") % {"number": made[0].number})
        return redirect("ledger-item", pk=made[0].pk)
    context = {"form": form, "parent": parent, "back": scope.link(reverse("ledger"), period=None), "period": None}
    return render(request, "desk/ledger_new.html", context, status=422 if form.errors else 200)


def _item(request, pk):
    row = queries.item(post=request.post, pk=pk)
    if row is None:
        raise Http404
    return row


@door("ledger.view")
def one(request, pk):
    """A line: what was promised, how it stands and why, what may be done, everything that happened."""
    request.scope = scope = scope_of(request)
    row = _item(request, pk)
    below = queries.lines(items_of(request.post).filter(parent=row).select_related("place").order_by("pk"), on=scope.today, states_wanted=rules.STATES)  # fmt: skip
    events = queries.events(row)
    files = list(row.evidence.all())
    close_out = row.close_outs.filter(state__in=("waiting", "closed")).prefetch_related("signers__user").first()
    audit.note("ledger.read", "ledger_item", row.pk, area_id=evidence.area_of(row))
    (line,) = queries.lines([row], on=scope.today, states_wanted=rules.STATES)
    context = {
        "item": row,
        "state": state_shown(line.state),
        "line": line,
        "programme": programme_title(row.programme),
        "goal_url": _goal_url(row) if request.post.may("programmes.view") else "",
        "parent_url": reverse("ledger-item", args=[row.parent_id]) if row.parent else "",
        "below": [_row(each) for each in below],
        "problems": row.problems.order_by("settled_on", "due_on"),
        "change": row.changes.filter(verdict="").first(),
        "close_out": close_out,
        "events": _told(events),
        "files": files,
        "twins": evidence.twins(files, post=request.post),
        "verbs": _verbs(request, row, close_out, "late" if line.state.name == "late" else ""),
        "may": _rights(request.post),
        "back": scope.link(reverse("ledger"), period=None),
        "people": accounts.users_in([row.opened_by]),
        "today": scope.today,
        "period": None,
    }
    return render(request, "desk/ledger_item.html", context)


HEADS = {
    "opened": (gettext_lazy("列入台账"), "plus"), "progress": (gettext_lazy("进展"), "visit"),
    "problem": (gettext_lazy("问题"), "warning"), "coordination": (gettext_lazy("协调"), "users"),
    "change": (gettext_lazy("提出目标变更"), "edit"), "decided": (gettext_lazy("审批目标变更"), "check"),
    "asked": (gettext_lazy("申请销号"), "export"), "signed": (gettext_lazy("销号签字"), "check"),
    "reminder": (gettext_lazy("催办"), "clock"), "finding": (gettext_lazy("督导"), "eye"),
}  # fmt: skip


def _told(events: list[dict]) -> list[dict]:
    names = accounts.users_in(event["by"] or 0 for event in events)
    labels = dict(FIELDS) | {"withdrawn_on": _("撤销日期")}
    for event in events:
        event["head"], event["icon"] = HEADS[event["kind"]]
        event["who"] = names.get(event["by"], _("系统"))
        if event["kind"] in ("change", "decided"):
            row = event["row"]
            event["diff"] = [
                (labels.get(name, name), row.before.get(name) or "—", row.after[name]) for name in row.after
            ]
    return events


# verbs ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Verb:
    """A form and the action it calls. `run(request, item, ref, data)`; `ref` is the row of `of` named in the address."""

    title: str
    permission: str
    form: type[forms.Form]
    run: Callable
    said: str
    of: type | None = None
    lead: str = ""


def _who(request) -> dict:
    return {"by": request.user, "post": request.post}


def _close(request, item, ref, data):
    people = accounts.users_in(data["signers"])
    return actions.ask_close(
        item=item, statement=data["statement"], signers=list(people.values()), needed=data["needed"],
        files=data["files"], **_who(request),
    )  # fmt: skip


VERBS = {
    "progress": Verb(gettext_lazy("登记进展"), "ledger.progress", shapes.ProgressForm,
        lambda r, item, ref, data: actions.record_progress(item=item, **data, **_who(r)), gettext_lazy("进展已登记。")),
    "amend": Verb(gettext_lazy("更正进展"), "ledger.progress", shapes.AmendForm,
        lambda r, item, ref, data: actions.record_progress(item=item, amends=ref, **data, **_who(r)),
        gettext_lazy("已更正，原记录保留。"), Progress),
    "problem": Verb(gettext_lazy("登记问题"), "ledger.progress", shapes.ProblemForm,
        lambda r, item, ref, data: actions.raise_problem(item=item, **data, **_who(r)), gettext_lazy("已列入问题清单。")),
    "coordinate": Verb(gettext_lazy("登记协调"), "ledger.progress", shapes.CoordinationForm,
        lambda r, item, ref, data: actions.coordinate(problem=ref, **data, **_who(r)), gettext_lazy("协调结果已登记。"), Problem),
    "change": Verb(gettext_lazy("提出目标变更"), "ledger.manage", shapes.ChangeForm,
        lambda r, item, ref, data: actions.propose_change(item=item, changes={k: v for k, v in data.items() if k != "reason" and v not in (None, "")}, reason=data["reason"], **_who(r)),
        gettext_lazy("已提交，等待审批。"), lead=gettext_lazy("只填要改的项。批准之前，台账上的目标不变。")),
    "withdraw": Verb(gettext_lazy("申请撤销"), "ledger.manage", shapes.WithdrawForm,
        lambda r, item, ref, data: actions.propose_change(item=item, changes=shapes.WithdrawForm.changes(None), reason=data["reason"], **_who(r)),
        gettext_lazy("已提交，等待审批。")),
    "decide": Verb(gettext_lazy("审批目标变更"), "ledger.approve", shapes.DecideForm,
        lambda r, item, ref, data: actions.decide_change(change=ref, **data, **_who(r)), gettext_lazy("已审批。"), Change),
    "close": Verb(gettext_lazy("申请销号"), "ledger.progress", shapes.CloseForm, _close, gettext_lazy("已申请销号，等待签字。")),
    "sign": Verb(gettext_lazy("销号签字"), "ledger.sign", shapes.SignForm,
        lambda r, item, ref, data: actions.sign(close_out=ref, **data, **_who(r)), gettext_lazy("已签字。"), CloseOut),
    "reopen": Verb(gettext_lazy("重新打开"), "ledger.manage", ReasonForm,
        lambda r, item, ref, data: actions.reopen(item=item, reason=data["reason"], **_who(r)), gettext_lazy("已重新打开。")),
    "remind": Verb(gettext_lazy("催办"), "ledger.manage", shapes.RemindForm,
        lambda r, item, ref, data: actions.remind(item=item, **data, **_who(r)), gettext_lazy("已生成催办单，请打印送达。")),
}  # fmt: skip


def _verbs(request, row, close_out, late: str) -> list[dict]:
    """What this post may do with the line now, most usual first."""
    if row.withdrawn_on:
        return []
    names = ["reopen"] if row.closed_on else ["progress", "problem", "remind", "change", "withdraw"]
    if not row.closed_on and close_out is None:
        names.insert(2, "close")
    letter = "supervision" if late else "reminder"
    letters = [
        {"label": _("起草督办单") if late else _("起草提醒函"), "icon": "mail", "kind": "",
         "url": f"{reverse('letter-new', args=[letter])}?item={row.pk}"}
    ] if request.post.may("bulletins.draft") and not row.closed_on else []  # fmt: skip
    icons = {"progress": "visit", "problem": "warning", "close": "check", "remind": "clock", "change": "edit", "withdraw": "close", "reopen": "undo"}  # fmt: skip
    return [
        {"label": VERBS[name].title, "icon": icons[name], "url": reverse("ledger-act", args=[row.pk, name]),
         "kind": "primary" if name == "progress" else ""}
        for name in names if request.post.may(VERBS[name].permission)
    ] + letters  # fmt: skip


@door("ledger.view")
def act(request, pk, verb):
    """The form of one verb (`ref=` names the row it is about), and its carrying out."""
    request.scope = scope_of(request)
    row, what = _item(request, pk), VERBS.get(verb)
    if what is None:
        raise Http404
    require(request.post, what.permission)
    ref = _ref(request, row, what)
    form = what.form(request.POST or None, request.FILES or None, **_shape(request, row, verb))
    if verb in ("progress", "amend") and row.quantity is None:
        del form.fields["done"]
    result: list = []
    if request.method == "POST" and form.is_valid() and done(form, lambda: result.append(what.run(request, row, ref, form.cleaned_data))):  # fmt: skip
        messages.success(request, what.said)
        return redirect("ledger-reminder", pk=result[0].pk) if verb == "remind" else redirect("ledger-item", pk=pk)
    context = {
        "item": row, "verb": what, "form": form, "ref": ref, "name": verb, "back": reverse("ledger-item", args=[pk]),
        "diff": _told([{"kind": "change", "by": ref.by, "row": ref}])[0]["diff"] if verb == "decide" else [],
        "period": None,
    }  # fmt: skip
    return render(request, "desk/ledger_act.html", context, status=422 if form.errors else 200)


def _ref(request, row, what: Verb):
    if what.of is None:
        return None
    given = request.POST.get("ref") or request.GET.get("ref", "")
    found = {
        Progress: row.progress, Problem: row.problems, Change: row.changes, CloseOut: row.close_outs,
    }[what.of].filter(pk=int(given)).first() if given.isdecimal() else None  # fmt: skip
    if found is None:
        raise Http404
    return found


def _shape(request, row, verb: str) -> dict:
    """What a form needs to know beside the request."""
    if verb == "close":
        people = [(user.pk, f"{user} · {post.get_role_display()} · {post.place}")
                  for user, post in queries.signers_for(row) if user.pk != request.user.pk]  # fmt: skip
        return {"people": people, "initial": {"needed": row.signers_needed}}
    if verb == "remind":
        return {"initial": {"to_unit": row.lead_unit}}
    return {}


@door("ledger.view")
def file(request, pk):
    """A file of evidence, in clear for whoever may see the item; the reading is audited."""
    row = evidence.one(post=request.post, pk=pk)
    if row is None:
        raise Http404
    with evidence.opened(row, post=request.post) as (path, kind):
        response = FileResponse(path.open("rb"), content_type=kind)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{escape_uri_path(row.name)}"
    response["Cache-Control"] = "no-store"
    return response


@door("ledger.view")
def reminder(request, pk):
    """催办单: as it is printed; the answer is entered below it."""
    request.scope = scope = scope_of(request)
    row = queries.reminder(post=request.post, pk=pk)
    if row is None:
        raise Http404
    form = shapes.AnswerForm(request.POST or None)
    if request.method == "POST":
        require(request.post, "ledger.progress")
        if form.is_valid() and done(form, lambda: actions.answer_reminder(reminder=row, **form.cleaned_data, **_who(request))):  # fmt: skip
            messages.success(request, _("答复已登记。"))
            return redirect("ledger-item", pk=row.item_id)
    (line,) = queries.lines([row.item], on=scope.today, states_wanted=rules.STATES)
    context = {
        "reminder": row, "item": row.item, "form": form, "state": state_shown(line.state), "line": line,
        "sender": accounts.users_in([row.by]).get(row.by, ""), "may": _rights(request.post), "level": STATES[row.level],
        "back": reverse("ledger-item", args=[row.item_id]), "period": None,
    }  # fmt: skip
    return render(request, "desk/ledger_reminder.html", context, status=422 if form.errors else 200)

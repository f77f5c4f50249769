"""One programme: its targets and milestones, its problems and papers, laying it out in the ledger."""

from datetime import date

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from songhe.doors.desk.rows_behind import beside_url
from songhe.doors.desk.scope import scope_of
from songhe.doors.desk.views.programmes.annex import table
from songhe.doors.desk.views.programmes.lines import (
    KINDS,
    day_asked,
    held_to,
    in_order,
    link,
    page,
    place_for,
    programme_row,
    standing,
)
from songhe.oversight.ledger import actions as ledger_actions
from songhe.oversight.ledger import queries as ledger
from songhe.oversight.programmes import definitions, queries
from songhe.oversight.programmes.care_figures import beside
from songhe.oversight.programmes.definitions import Programme, said
from songhe.registry.accounts.access import door
from songhe.registry.places.models import Place


@door("programmes.view")
def one(request, name):
    """One programme: targets, milestones in time, the annex by town and year, its papers and doubts."""
    request.scope = scope_of(request)
    on = day_asked(request)
    programme = queries.programme_for(request.post, name)
    (book,) = queries.open_books([programme])
    place = place_for(request, book.place)
    lines = queries.status(programme=programme, on=on, place=place, book=book)
    targets = [line for line in lines if line.goal.section == "targets"]
    milestones = sorted((line for line in lines if line.goal.section == "milestones"), key=lambda line: line.deadline)
    data = programme.data
    context = {
        "programme": programme,
        "title": programme.said("title"),
        "place": place,
        "whole": place.code == programme.place,
        "targets": [standing(line, request) for line in in_order(targets)],
        "milestones": [standing(line, request) for line in milestones],
        "head": programme_row(request, programme, lines),
        "annex": table(programme, targets, request),
        "papers": _papers(programme),
        "problems": _problems(request, programme, on),
        "ledger_count": ledger.items(post=request.post, programme=programme.id).count()
        if request.post.may("ledger.view")
        else 0,
        "ledger_url": link(request, "ledger", programme=programme.id) if request.post.may("ledger.view") else "",
        "may_lay_out": request.post.may("ledger.manage")
        and place.code == programme.place
        and _unlaid(request, programme),
        "notes": [{"id": note["id"], "text": said(note)} for note in data.get("notes") or []],
        "bodies": [body | {"title": said(body["name"]), "does": said(body.get("literal"))} for body in data["bodies"]],
        "rest": _rest(programme, place, on, request),
        "walls": bool(data.get("backward")),
        "wall_url": link(request, "programme-wall", programme.id),
        "back_url": link(request, "programmes"),
    }
    return page(request, "desk/programme.html", context)


def _unlaid(request, programme: Programme) -> bool:
    """Whether some target or milestone has no line in the ledger yet."""
    there = set(ledger.items(post=request.post, programme=programme.id).order_by().values_list("target", flat=True))
    return any((goal.figure.get("item") or goal.id) not in there for goal in programme.goals)


def _problems(request, programme: Programme, on: date) -> list[dict]:
    """What the ledger's lines of a programme say is in the way, the open ones by their day."""
    if not request.post.may("ledger.view"):
        return []
    return [
        {"problem": row, "url": reverse("ledger-item", args=[row.item_id]), "overdue": row.due_on < on}
        for row in ledger.problems(post=request.post, programme=programme.id, on=on)
    ]


@door("ledger.manage")
def lay_out(request, name):
    """Put every target and milestone of a programme into the ledger, shared out over the places."""
    request.scope = scope_of(request)
    programme = queries.programme_for(request.post, name)
    if request.method != "POST":
        return redirect("programme", programme.id)
    made = ledger_actions.lay_out(programme=programme.id, by=request.user, post=request.post)
    messages.success(request, _("已列入台账 %(n)s 项，责任单位、期限和各地份额照通知。") % {"n": len(made)})
    return redirect(link(request, "ledger", programme=programme.id))


def _papers(programme: Programme) -> list[dict]:
    data = programme.data
    own = data["source"] | {"role": _("本文件")}
    above = [paper | {"role": _("上位文件"), "said": said(paper.get("note"))} for paper in data.get("upstream") or []]
    before = [paper | {"role": _("被替代文件")} for paper in data.get("supersedes") or []]
    return [own, *above, *before]


def _rest(programme: Programme, place: Place, on: date, request) -> list[dict]:
    """What carries a commitment without being a target: duties, standards, grants, consultations, papers, scope."""
    shown = [
        c
        for c in definitions.carriers(programme)
        if c.kind not in ("target", "recurring", "ceiling", "achieved", "milestone")
    ]
    shown += definitions.uncommitted(programme)
    return [
        {"id": c.commitment or c.object, "kind": KINDS[c.kind], "title": said(c.title), "literal": said(c.literal), "note": said(c.note), "value": held_to(c),
         "counted": bool(c.figure), "actual": beside(c, place, on), "url": beside_url(c, place, request)}
        for c in shown
    ]  # fmt: skip

"""One target: where it stands by place, what was entered, the letter it calls for."""

from django.utils.translation import gettext as _

from songhe.doors.desk.rows_behind import rows_url
from songhe.doors.desk.scope import scope_of
from songhe.doors.desk.views.programmes.entries import enter, entries, entry_form, may_report
from songhe.doors.desk.views.programmes.lines import (
    STATES,
    actual_text,
    day_asked,
    link,
    number,
    page,
    place_for,
    standing,
)
from songhe.oversight.ledger import queries as ledger
from songhe.oversight.programmes import queries
from songhe.oversight.programmes.definitions import Goal, Programme
from songhe.oversight.programmes.queries import Line
from songhe.registry.accounts.access import door


@door("programmes.view")
def goal(request, name, goal):
    """One target: where it stands by place, what was entered with which evidence, and the form for the next figure."""
    request.scope = scope_of(request)
    on = day_asked(request)
    programme = queries.programme_for(request.post, name)
    wanted = programme.goal(goal)
    (book,) = queries.open_books([programme])
    line = queries.line_of(book, wanted, book.place, place_for(request, book.place), on)
    offered = may_report(request, programme, wanted)
    form = entry_form(request, wanted, offered)
    if request.method == "POST":
        answer = enter(request, programme, wanted, offered, form)
        if answer is not None:
            return answer
    context = {
        "programme": programme,
        "goal": wanted,
        "title": wanted.said("subject"),
        "head": standing(line, request) if line else None,
        "parts": [_part(part, request) for part in line.places] if line else [],
        "letter": _letter(line, request) if line else None,
        "rows_url": rows_url(wanted, line, request) if line else "",
        "ledger": _ledger_of(request, programme, wanted),
        "literal": wanted.said("literal"),
        "denominator": wanted.said("denominator"),
        "entries": entries(request, programme, wanted),
        "form": form,
        "scope_said": wanted.said("scope"),
        "back_url": link(request, "programme", name, area=request.GET.get("area")),
        "back_label": programme.said("title"),
    }
    return page(request, "desk/programme_goal.html", context, status=422 if form is not None and form.is_bound else 200)


def _letter(line: Line, request) -> dict | None:
    """The letter that a late goal (or one at risk) calls for, for those who may draft it: its kind's words and address."""
    kinds = {"late": ("supervision", _("起草督办单")), "at_risk": ("reminder", _("起草提醒函"))}
    if line.state not in kinds or not request.post.may("bulletins.draft"):
        return None
    kind, label = kinds[line.state]
    given = {"programme": line.goal.programme, "goal": line.goal.id, "place": line.place.code}
    return {"label": label, "url": link(request, "letter-new", kind, **given)}


def _ledger_of(request, programme: Programme, goal: Goal) -> dict | None:
    """The ledger's lines of a goal: how many, and the page that lists them."""
    if not request.post.may("ledger.view"):
        return None
    found = ledger.items(post=request.post, programme=programme.id, target=goal.figure.get("item") or goal.id)
    return {"count": found.count(), "url": link(request, "ledger", programme=programme.id, target=goal.figure.get("item") or goal.id)}  # fmt: skip


def _part(part: Line, request) -> dict:
    return {
        "rows_url": rows_url(part.goal, part, request) if part.actual is not None else "",
        "letter": _letter(part, request),
        "place": part.place,
        "light": part.light,
        "state": STATES[part.state],
        "actual": actual_text(part),
        "target": number(part.target) if part.target else "",
        "as_of": part.as_of,
        "evidence": part.evidence,
        "url": link(request, "programmes-owed", area=part.place.code),
    }

"""纸单: the sheet of one helper and one week, printed with row numbers, and typed in again one keyboard line a row."""

import uuid
from datetime import timedelta

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from songhe.care.duties import boards as duty_boards
from songhe.care.duties.terms import MODES, NEEDS
from songhe.care.visits import actions, boards, rules
from songhe.care.visits.models import OUTCOMES
from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.doors.desk.duty_scope import link, section
from songhe.doors.desk.scope import scope_of
from songhe.registry.accounts import queries as accounts
from songhe.registry.accounts.access import door
from songhe.registry.people import terms

MOST_LINES = 400


def _sheet_number(helper: int, week: str, people: list[int]) -> uuid.UUID:
    """The same helper, week and rows are the same sheet: typed twice, nothing is recorded twice."""
    return uuid.uuid5(uuid.NAMESPACE_OID, f"songhe sheet {helper} {week} {','.join(map(str, people))}")


def _asked(request, scope) -> tuple[list[tuple[str, str]], int | None]:
    """The helpers offered, and the one chosen."""
    offered = [
        (str(user.pk), f"{user} · {post.place}")
        for user, post in duty_boards.helpers_for(post=request.post, place=scope.place)
    ]
    asked = request.POST.get("helper") or request.GET.get("helper", "")
    return offered, int(asked) if asked.isdigit() and asked in dict(offered) else None


def _rows(request, scope, helper: int | None) -> list[dict]:
    if helper is None:
        return []
    people = boards.sheet(post=request.post, helper=helper, on=min(scope.period.end, scope.today))
    return [
        {"at": at, "person": person, "age": person.age(scope.today), "tags": terms.labels_of(person.tags)}
        for at, person in enumerate(people, 1)
    ]


@door("visits.enter_for")
def quick_entry(request):
    """Choose helper and week, type one line a row, see what it says, save the whole sheet at once."""
    request.scope = scope = scope_of(request)
    request.period_kinds = ("week",)
    if scope.period.kind != "week":
        return redirect(link(scope, "quick-entry", period=None))
    offered, helper = _asked(request, scope)
    rows = _rows(request, scope, helper)
    text = request.POST.get("lines", "")
    seen = [] if helper is None else preview(text, scope.period.start, [row["person"] for row in rows])
    wrong = sum(bool(line["problems"]) for line in seen)
    error = ""
    if request.method == "POST" and helper is not None and request.POST.get("do") == "save":
        if not seen:
            error = _("还没有写任何一行。")
        elif wrong:
            error = _("有 %(n)s 行看不懂，整张都没有保存。请改正标出的行。") % {"n": wrong}
        elif request.POST.get("people", "") != _people_text(rows):
            error = _("名单在您填写时变了（有人调整了帮扶关系），行号可能对不上。请对照左边的名单核对后再保存。")
        else:
            try:
                return _save(request, scope, helper, rows, text)
            except Refusal as refusal:
                error = str(refusal)
    if helper is not None:
        audit.note("people.list", "sheet", helper, area_id=scope.place.pk, rows=len(rows))
    context = {
        "tabs": section(request, "quick-entry"),
        "offered": [("", _("请选择")), *offered],
        "chosen": str(helper or ""),
        "rows": rows,
        "people": _people_text(rows),
        "text": text,
        "seen": seen,
        "fit": sum(len(line["contacts"]) for line in seen),
        "wrong": wrong,
        "error": error,
        "week": scope.period,
        "example": _example(scope.period.start),
        "sheet_url": link(scope, "paper-sheet", helper=helper) if helper else "",
        "here": link(scope, "quick-entry", helper=helper),
    }
    return render(request, "desk/quick_entry.html", context, status=422 if error else 200)


def _people_text(rows: list[dict]) -> str:
    return ",".join(str(row["person"].pk) for row in rows)


def _example(monday) -> str:
    """A line that could stand on this very sheet."""
    tuesday, thursday = (monday + timedelta(days=at) for at in (1, 3))
    well = "well" if (get_language() or "").startswith("en") else "平安"
    return f"1 d{tuesday.day} d{thursday.day} s{tuesday.day} {well}"


def preview(text: str, monday, people: list) -> list[dict]:
    """Each line as the system reads it: whose row, which contacts, or what is wrong, in words."""
    language = "en" if (get_language() or "").startswith("en") else "zh"
    seen = []
    for number, line in enumerate(text.splitlines()[:MOST_LINES], 1):
        if not line.strip():
            continue
        contacts, problems = rules.parse_line(line, week=monday, rows=len(people))
        seen.append(
            {
                "number": number,
                "line": line.strip(),
                "person": people[contacts[0].row - 1] if contacts else None,
                "contacts": [_contact(contact) for contact in contacts],
                "problems": [problem.text(language) for problem in problems],
            }
        )
    return seen


def _contact(contact) -> str:
    words = [
        dict(MODES)[contact.mode],
        date_format(contact.day, "m-d D"),
        dict(OUTCOMES)[contact.outcome],
        *(dict(NEEDS)[need] for need in contact.needs),
    ]
    return " ".join(str(word) for word in words)


def _save(request, scope, helper: int, rows: list[dict], text: str):
    people = [row["person"].pk for row in rows]
    with transaction.atomic():
        answers = actions.record_sheet(
            [line for line in text.splitlines()[:MOST_LINES] if line.strip()], people=people, helper=helper,
            week=scope.period, sheet=_sheet_number(helper, scope.period.code, people), by=request.user, post=request.post,
        )  # fmt: skip
    new = sum(answer.result == "new" for answer in answers)
    messages.success(
        request,
        _("已保存 %(new)s 条探访；%(same)s 条以前已录，没有重复。") % {"new": new, "same": len(answers) - new}
        if new < len(answers)
        else _("已保存 %(new)s 条探访。") % {"new": new},
    )
    return redirect(link(scope, "quick-entry", helper=helper))


@door("visits.enter_for")
def sheet(request):
    """The sheet to print: row numbers, names, seven days to mark, the marks explained."""
    request.scope = scope = scope_of(request)
    request.period_kinds = ("week",)
    _offered, helper = _asked(request, scope)
    if helper is None:
        return redirect(link(scope, "quick-entry"))
    rows = _rows(request, scope, helper)
    audit.note("people.list", "sheet", helper, area_id=scope.place.pk, rows=len(rows), printed="yes")
    context = {
        "helper": accounts.users_in([helper])[helper],
        "rows": rows,
        "days": [scope.period.start + timedelta(days=at) for at in range(7)],
        "week": scope.period,
        "number": str(_sheet_number(helper, scope.period.code, [row["person"].pk for row in rows]))[:8],
        "back_url": link(scope, "quick-entry", helper=helper),
    }
    return render(request, "desk/paper_sheet.html", context)

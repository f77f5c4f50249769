"""键盘补录 and 电话代录: a returned sheet typed one keyboard line a row, a call reported by telephone recorded by one line."""

import uuid
from dataclasses import replace
from datetime import timedelta

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from songhe.care.duties import boards as duty_boards
from songhe.care.duties.terms import MODES, NEEDS
from songhe.care.visits import actions, boards, queries, rules
from songhe.care.visits.models import OUTCOMES
from songhe.care.visits.sheets import layout
from songhe.core import audit
from songhe.core.periods import containing
from songhe.core.problem import Problem
from songhe.core.refusal import Refusal
from songhe.doors.desk.duty_scope import link, section
from songhe.doors.desk.forms.visits import LandlineForm
from songhe.doors.desk.scope import scope_of
from songhe.registry.accounts import queries as accounts
from songhe.registry.accounts.access import door
from songhe.registry.people import terms

MOST_LINES = 400
_GONE = Problem(
    "line_gone",
    "这一行的老人已不在您的辖区，不能由您登记。请转给现在的村（社区）。",
    "The person of this row has left your area. Hand it to the village they live in now.",
)


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


def _printed(request):
    """The stored sheet whose number was typed or followed, or None; Refusal for a number that is none."""
    asked = layout.tidy_number(request.POST.get("sheet") or request.GET.get("sheet") or "")
    if not asked:
        return None
    found = queries.sheet_by_number(post=request.post, number=asked)
    if found is None:
        raise Refusal(
            "sheet_unknown",
            zh="没有这张纸单，或不在您的辖区内。请照纸单核对九位单号。",
            en="There is no such sheet, or it is outside your area. Check the nine characters printed on it.",
            field="sheet",
        )
    return found


def _rows_printed(request, scope, printed) -> list[dict]:
    """The rows as they were printed, whoever looks after these people now."""
    rows = dict(printed.rows.values_list("row", "person_id"))
    known = duty_boards.people_named(post=request.post, pks=list(rows.values()))
    return [
        {
            "at": at,
            "person": known[person],
            "age": known[person].age(scope.today),
            "tags": terms.labels_of(known[person].tags),
        }
        for at, person in sorted(rows.items())
        if person in known
    ]


def _rows(request, scope, helper: int | None, printed=None) -> list[dict]:
    if printed is not None:
        return _rows_printed(request, scope, printed)
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
    printed = _printed(request)
    if printed is not None:  # the sheet knows its own week
        request.scope = scope = replace(scope, period=containing("week", printed.period_start))
    if scope.period.kind != "week":
        return redirect(link(scope, "quick-entry", period=None))
    offered, helper = _asked(request, scope)
    helper = printed.helper_id if printed else helper
    rows = _rows(request, scope, helper, printed)
    text = request.POST.get("lines", "")
    seen = [] if helper is None else preview(text, scope.period.start, {row["at"]: row["person"] for row in rows})
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
                return _save(request, scope, helper, rows, text, printed)
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
        "sheet_url": link(scope, "paper-sheet", helper=helper) if helper and printed is None else "",
        "here": link(scope, "quick-entry", helper=helper, sheet=printed.number if printed else None),
        "printed": printed,
    }
    return render(request, "desk/quick_entry.html", context, status=422 if error else 200)


def _people_text(rows: list[dict]) -> str:
    return ",".join(str(row["person"].pk) for row in rows)


def _example(monday) -> str:
    """A line that could stand on this very sheet."""
    tuesday, thursday = (monday + timedelta(days=at) for at in (1, 3))
    well = "well" if (get_language() or "").startswith("en") else "平安"
    return f"1 d{tuesday.day} d{thursday.day} s{tuesday.day} {well}"


def preview(text: str, monday, people: dict) -> list[dict]:
    """Each line as the system reads it: whose row, which contacts, or what is wrong, in words."""
    language = "en" if (get_language() or "").startswith("en") else "zh"
    seen = []
    for number, line in enumerate(text.splitlines()[:MOST_LINES], 1):
        if not line.strip():
            continue
        contacts, problems = rules.parse_line(line, week=monday, rows=max(people, default=0))
        if contacts and contacts[0].row not in people:
            contacts, problems = [], [_GONE]
        seen.append(
            {
                "number": number,
                "line": line.strip(),
                "person": people[contacts[0].row] if contacts else None,
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


def _save(request, scope, helper: int, rows: list[dict], text: str, printed=None):
    people = [row["person"].pk for row in rows]
    lines = [line for line in text.splitlines()[:MOST_LINES] if line.strip()]
    with transaction.atomic():
        if printed is not None:
            answers = actions.sheet_lines(lines, sheet=printed, by=request.user, post=request.post)
        else:
            answers = actions.record_sheet(
                lines, people=people, helper=helper, week=scope.period, by=request.user, post=request.post,
                sheet=_sheet_number(helper, scope.period.code, people),
            )  # fmt: skip
    new = sum(answer.result == "new" for answer in answers)
    messages.success(
        request,
        _("已保存 %(new)s 条探访；%(same)s 条以前已录，没有重复。") % {"new": new, "same": len(answers) - new}
        if new < len(answers)
        else _("已保存 %(new)s 条探访。") % {"new": new},
    )
    return redirect(link(scope, "quick-entry", helper=helper, sheet=printed.number if printed else None))


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


@door("visits.enter_for")
def landline(request):
    """A helper is on the telephone: their people by row, one line and Enter records the call, saying who entered it for whom."""
    request.scope = scope = scope_of(request)
    offered, helper = _asked(request, scope)
    scope = replace(scope, period=containing("week", scope.today))
    rows = _rows(request, scope, helper)
    people = {row["at"]: row["person"] for row in rows}
    form = LandlineForm(request.POST or None)
    if request.method == "POST" and helper is not None and form.is_valid():
        try:
            return _called(request, scope, helper, people, form.cleaned_data)
        except Refusal as refusal:
            form.add_error("line", str(refusal))
    if helper is not None:
        audit.note("people.list", "sheet", helper, area_id=scope.place.pk, rows=len(rows), page="landline")
    if not form.is_bound:
        form = LandlineForm(initial={"call": uuid.uuid4()})
    recent = (
        boards.entered_today(post=request.post, by=request.user.pk, for_helper=helper, on=scope.today) if helper else []
    )
    names = duty_boards.people_named(post=request.post, pks=[visit.person_id for visit in recent])
    context = {
        "tabs": section(request, "landline"),
        "offered": [("", _("请选择")), *offered],
        "chosen": str(helper or ""),
        "helper": accounts.users_in([helper])[helper] if helper else None,
        "rows": rows,
        "form": form,
        "here": link(scope, "landline", helper=helper, period=None),
        "done": [
            {
                "visit": visit,
                "name": names[visit.person_id].name if visit.person_id in names else "",
                "said": " ".join(
                    str(w)
                    for w in [
                        dict(MODES)[visit.mode],
                        dict(OUTCOMES)[visit.outcome],
                        *(dict(NEEDS)[n] for n in visit.needs),
                    ]
                ),
                "url": reverse("visit-amend", args=[visit.occurred_on.isoformat(), visit.id]),
            }
            for visit in recent
        ],
        "period": None,
    }
    return render(request, "desk/landline.html", context, status=422 if form.errors else 200)


def called_line(line: str, today) -> str:
    """A telephone line without a contact means a call today: `3 没接` is `3 d12 没接`."""
    number, *words = line.split()
    contact = any(rules.parse_line(f"{number} {word}", week=today)[0] for word in words)
    return line if contact else " ".join([number, f"d{today.day}", *words])


def _called(request, scope, helper: int, people: dict, given: dict):
    if not given["line"].split():
        raise Refusal("line_row", zh="请先写行号。", en="Write the row number first.")
    line = called_line(given["line"], scope.today)
    contacts, problems = rules.parse_line(line, week=scope.today, rows=max(people, default=0))
    if problems:
        raise Refusal(problems[0].code, zh=problems[0].zh, en=problems[0].en)
    order = [people[at].pk for at in sorted(people)]
    with transaction.atomic():
        actions.record_sheet(
            [line], people=order, helper=helper, week=scope.period, sheet=given["call"], by=request.user, post=request.post,
            channel="landline",
        )  # fmt: skip
    said = "; ".join(_contact(contact) for contact in contacts)
    person = people[contacts[0].row]
    text = _("已代 %(helper)s 登记：%(person)s，%(said)s（录入人：%(me)s）。")
    messages.success(
        request,
        text % {"helper": accounts.users_in([helper])[helper], "person": person.name, "said": said, "me": request.user},
    )
    return redirect(link(scope, "landline", helper=helper, period=None))

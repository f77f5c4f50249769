"""纸单: sheets of a week printed, their photographs taken in, unsure boxes decided beside their pictures, then recorded."""

import base64
import tempfile
from pathlib import Path

from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from songhe.care.duties import boards as duty_boards
from songhe.care.duties.terms import MODES, NEEDS
from songhe.care.visits import actions, paper, queries
from songhe.care.visits.actions.paper import contacts_of, ticked
from songhe.care.visits.models import OUTCOMES
from songhe.care.visits.sheets import read as reading
from songhe.care.visits.sheets.flat import cut
from songhe.care.visits.sheets.judge import SURE
from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.doors.desk.duty_scope import link, section, ways_back
from songhe.doors.desk.forms.visits import SheetPhotoForm
from songhe.doors.desk.scope import scope_of
from songhe.registry.accounts.access import door
from songhe.registry.people import safekeeping


@door("visits.enter_for")
def index(request):
    """Who gets a sheet this week, which are printed, which came back, and where to upload a photograph."""
    request.scope = scope = scope_of(request)
    request.period_kinds = ("week",)
    if scope.period.kind != "week":
        return redirect(link(scope, "sheets", period=None))
    posted = request.method == "POST"
    form = SheetPhotoForm(request.POST if posted else None, request.FILES if posted else None)
    if posted and form.is_valid():
        found = _take_in(request, form)
        if found is not None:
            return found
    context = {
        "tabs": section(request, "sheets"),
        "rows": _rows(request, scope),
        "form": form,
        "week": scope.period,
        "print_url": link(scope, "sheets-print"),
        "period_text": scope.period.code,
    }
    return render(request, "desk/sheets.html", context, status=422 if form.errors else 200)


def _take_in(request, form):
    """Where to go after reading the files, or None with the reasons on the form."""
    scans = []
    for file in form.cleaned_data["files"]:
        try:
            with transaction.atomic():
                scans += actions.take_in(
                    data=file.read(), by=request.user, post=request.post, number=form.cleaned_data["number"]
                )
        except Refusal as refusal:
            field = "number" if refusal.code in ("sheet_no_code", "sheet_bad_number") else "files"
            form.add_error(field, f"{file.name}{_('：')}{refusal}")
    if form.errors:
        if scans:
            messages.success(request, _("另有 %(n)s 页读出来了，在下面的表里可以核对。") % {"n": len(scans)})
        return None
    return redirect("sheet-scan", pk=scans[0].pk)


def _rows(request, scope) -> list[dict]:
    """A line a helper: their people here, what was printed, what came back."""
    printed: dict[int, list] = {}
    for sheet in queries.sheets(post=request.post, place=scope.place, monday=scope.period.start):
        printed.setdefault(sheet.helper_id, []).append(sheet)
    scans: dict[int, list] = {}
    for scan in queries.scans(post=request.post, sheet_ids=[s.pk for found in printed.values() for s in found]):
        scans.setdefault(scan.sheet_id, []).append(scan)
    loads = queries.people_by_helper(post=request.post, place=scope.place, on=min(scope.period.end, scope.today))
    rows = []
    for user, post in duty_boards.helpers_for(post=request.post, place=scope.place):
        if user.pk in loads or user.pk in printed:
            sheets = [{"sheet": sheet, "scans": scans.get(sheet.pk, [])} for sheet in printed.get(user.pk, [])]
            rows.append({"user": user, "place": post.place, "people": loads.get(user.pk, 0), "sheets": sheets})
    return rows


@door("visits.enter_for")
@require_POST
def print_pdf(request):
    """The sheets of one helper, or of everybody who has people here, as one PDF. Sheets are made once, then only printed."""
    request.scope = scope = scope_of(request)
    asked = request.POST.get("helper", "")
    rows = _rows(request, scope)
    wanted = [row for row in rows if row["people"] and asked in ("all", str(row["user"].pk))]
    made = []
    for row in wanted:
        made += actions.print_sheets(
            by=request.user, post=request.post, helper=row["user"], week=scope.period, place=scope.place
        )
    if not made:
        raise Refusal(
            "sheet_nobody",
            zh="这里没有可打印的纸单：没有哪位帮扶人员在这里有帮扶对象。请先在“帮扶人员”里指定。",
            en="There is no sheet to print: no helper looks after anybody here. Name helpers first.",
        )
    response = HttpResponse(paper.pdf_of(made, post=request.post), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="sheets-{scope.place.code}-{scope.period.code}.pdf"'
    response["Cache-Control"] = "no-store"
    return response


def _scan(request, pk):
    found = queries.scan(post=request.post, pk=pk)
    if found is None:
        raise Http404(pk)
    return found


@door("visits.enter_for")
@never_cache
def scan(request, pk):
    """A photographed page: unsure boxes beside their pictures, what the page then says, and one button to record it."""
    row = _scan(request, pk)
    request.scope = scope = scope_of(request)
    decided = dict(row.decided)
    error = ""
    if request.method == "POST":
        decided = {
            key: request.POST[f"box {key}"] for key in row.boxes if request.POST.get(f"box {key}") in ("yes", "no")
        }
        try:
            return _close(request, row, decided)
        except Refusal as refusal:
            error = str(refusal)
    audit.note("people.list", "sheet", row.sheet_id, area_id=row.village_id, page="sheet-scan")
    people = _people(request, row)
    names = {at: person.name if person else _("（已不在辖区）") for at, person in people.items()}
    context = {
        "scan": row,
        "sheet": row.sheet,
        "demo": any(person and person.origin == "demo" for person in people.values()),
        "boxes": _unsure(row, names, decided) if row.state == "review" else [],
        "lines": _lines(row, names, decided),
        "error": error,
        "picture_url": reverse("sheet-picture", args=[row.pk]) if row.stored_as else "",
        "typed_url": link(scope, "quick-entry", sheet=row.sheet.number, period=None),
        "back": ways_back(request, link(scope, "sheets", period=_week(row), area=None)),
        "more": _waiting(request, row),
        "period": None,
    }
    return render(request, "desk/sheet_scan.html", context, status=422 if error else 200)


def _close(request, row, decided):
    """Record or drop, then on to the next page that waits."""
    if request.POST.get("do") == "drop":
        actions.drop_scan(scan=row, by=request.user, post=request.post)
        messages.success(request, _("已放弃这张照片，没有登记。"))
    else:
        with transaction.atomic():
            answers = actions.settle(scan=row, decided=decided, by=request.user, post=request.post)
        new = sum(answer.result == "new" for answer in answers)
        said = _("已登记 %(new)s 条探访；%(same)s 条以前已录，没有重复。") % {"new": new, "same": len(answers) - new}
        messages.success(request, said)
    waiting = _waiting(request, row)
    if waiting:
        return redirect("sheet-scan", pk=waiting[0].pk)
    return redirect(link(scope_of(request), "sheets", period=_week(row), area=None))


def _waiting(request, row) -> list:
    """Other pages of this village's week that wait for a person."""
    sheets = queries.sheets(post=request.post, place=row.sheet.village, monday=row.sheet.period_start)
    found = queries.scans(post=request.post, sheet_ids=[sheet.pk for sheet in sheets])
    return [each for each in found if each.state == "review" and each.pk != row.pk]


def _week(row) -> str:
    year, week, _day = row.sheet.period_start.isocalendar()
    return f"{year}-W{week:02d}"


def _people(request, row) -> dict:
    """The file of each row of the sheet; None where it has left the area."""
    rows = dict(row.sheet.rows.values_list("row", "person_id"))
    people = duty_boards.people_named(post=request.post, pks=list(rows.values()))
    return {at: people.get(person) for at, person in rows.items()}


def _unsure(row, names, decided) -> list[dict]:
    """The boxes to decide, each with its picture, the row's other ticks being in `lines`."""
    _found, wrong = contacts_of(row, decided)
    keys = [
        key
        for key, (yes, sure, _doubt) in row.boxes.items()
        if sure < SURE or key in decided or (yes and int(key.split(" ")[0]) in wrong)
    ]
    if not keys:
        return []
    flat = _flat(row)
    why = {
        "weak": _("笔迹太淡或太小"), "filled": _("涂满了：是改错，还是勾得重？"), "stray": _("像是旁边的笔画或折痕"),
        "frame": _("格子被遮住或看不清"),
    }  # fmt: skip
    size = row.sheet.layout["box"]
    out = []
    for key in sorted(keys, key=lambda key: int(key.split(" ")[0])):
        at, column = key.split(" ")
        x, y = row.places[key]
        near = reading.picture(cut(flat, x - 6, y - 2.6, size + 12, size + 5.2))
        out.append(
            {
                "key": key,
                "row": int(at),
                "name": names[int(at)],
                "column": paper.column_said(column, row.sheet.period_start),
                "why": why.get(row.boxes[key][2], _("和同一行的别的格子矛盾")),
                "picture": "data:image/png;base64," + base64.b64encode(near).decode(),
                "said": decided.get(key, ""),
            }
        )
    return out


def _flat(row):
    with safekeeping.opened(row.stored_as) as path:
        return reading.decoded(path.read_bytes())


def _lines(row, names, decided) -> list[dict]:
    """What the page says, row by row, in words."""
    language = "en" if (get_language() or "").startswith("en") else "zh"
    found, wrong = contacts_of(row, decided)
    said: dict[int, list[str]] = {}
    for contact in found:
        words = [dict(MODES)[contact.mode], f"{contact.day.month}-{contact.day.day}", dict(OUTCOMES)[contact.outcome]]
        said.setdefault(contact.row, []).append(
            " ".join(str(w) for w in [*words, *(dict(NEEDS)[n] for n in contact.needs)])
        )
    return [
        {
            "row": at,
            "name": names[at],
            "contacts": said.get(at, []),
            "problems": [problem.text(language) for problem in wrong.get(at, ())],
        }
        for at in sorted(ticked(row, decided).keys() | said.keys())
    ]


@door("visits.enter_for")
@never_cache
def picture(request, pk):
    """The whole page, drawn flat; 404 once its days are over."""
    row = _scan(request, pk)
    if not row.stored_as:
        raise Http404(pk)
    audit.note("people.list", "sheet", row.sheet_id, area_id=row.village_id, page="sheet-picture")
    with safekeeping.opened(row.stored_as) as path:
        copy = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
        copy.write(Path(path).read_bytes())
        copy.seek(0)
    return FileResponse(copy, content_type="image/png")

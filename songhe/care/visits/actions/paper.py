"""Paper sheets: printed, taken in as a photograph, decided where the picture is unsure, recorded."""

import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from songhe.care.duties.access import SYSTEM, allowed, user_id
from songhe.care.duties.models import Duty
from songhe.care.visits import queries
from songhe.care.visits.actions.record import Answer
from songhe.care.visits.actions.sheet import record_contacts, record_sheet
from songhe.care.visits.models import Sheet, SheetRow, SheetScan
from songhe.care.visits.rules import Contact
from songhe.care.visits.sheets import layout as layouts
from songhe.care.visits.sheets import read as reading
from songhe.care.visits.sheets import rows as ticks
from songhe.care.visits.sheets.judge import SURE
from songhe.core import audit
from songhe.core.periods import Period, containing
from songhe.core.problem import Problem
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import User
from songhe.registry.people import safekeeping
from songhe.registry.places.models import Place

LARGEST_FILE = 20 * 1024 * 1024


@transaction.atomic
def print_sheets(*, by: User | int, post, helper: User | int, week: Period, place: Place | None = None) -> list[Sheet]:
    """The sheets of a helper for a week, one a village; printed again with the same people it is the same sheet.

    Raises Refusal when the helper looks after nobody there.
    """
    allowed(post, "visits.enter_for")
    held = queries.helper_people(
        post=post, helper=user_id(helper), on=min(week.end, max(week.start, timezone.localdate()))
    )
    held = held.inside(place) if place is not None else held
    by_village: dict[Place, list[int]] = {}
    for assignment in held:
        by_village.setdefault(assignment.village, []).append(assignment.person_id)
    if not by_village:
        raise Refusal(
            "sheet_nobody",
            zh="这名帮扶人员在这里没有帮扶对象，没有可打印的纸单。请先指定老人，或换一个地区。",
            en="This helper looks after nobody here, so there is no sheet. Name people for them first, or choose another area.",
            field="helper",
        )
    return [
        _sheet(user_id(helper), week, village, people, user_id(by))
        for village, people in sorted(by_village.items(), key=lambda pair: pair[0].code)
    ]


def _sheet(helper: int, week: Period, village: Place, people: list[int], by: int) -> Sheet:
    before = Sheet.objects.filter(helper=helper, period_start=week.start, village=village).order_by("-pk").first()
    if before and list(before.rows.order_by("row").values_list("person_id", flat=True)) == people:
        audit.note("sheets.print", "sheet", before.pk, area_id=village.pk, rows=len(people), again="yes")
        return before
    made = Sheet.objects.create(
        number=layouts.new_number(), helper_id=helper, period_start=week.start, layout=layouts.layout(),
        printed_by=by, **village.areas(),
    )  # fmt: skip
    duties = Duty.objects.filter(person__in=people, period_start=week.start, helper=helper)
    owed = dict(duties.values_list("person_id", "pk"))
    SheetRow.objects.bulk_create(
        SheetRow(sheet=made, row=at, person_id=person, duty_id=owed.get(person)) for at, person in enumerate(people, 1)
    )
    audit.note("sheets.print", "sheet", made.pk, area_id=village.pk, rows=len(people))
    return made


@transaction.atomic
def take_in(*, data: bytes, by: User | int, post, number: str = "") -> list[SheetScan]:
    """Read a photographed page (or a scanned PDF of several) and keep what was read for a person to look at.

    Nothing is recorded yet. The same file again is the same page, not a second one. `number`: the sheet's number as typed,
    where its square code cannot be read (page 1, unless it ends in "/2"). Raises Refusal: no picture, corners covered,
    unknown sheet; then none of its pages is kept.
    """
    allowed(post, "visits.enter_for")
    if len(data) > LARGEST_FILE:
        raise _refused(_FILE_TOO_LARGE)
    try:
        return [_page(grey, data, at, number, post, user_id(by)) for at, grey in enumerate(reading.pages(data), 1)]
    except reading.Unreadable as wrong:
        raise _refused(wrong.problem) from None


def _page(grey, data: bytes, at: int, number: str, post, by: int) -> SheetScan:
    code = reading.code_of(grey)
    sheet, page = _named(post, code, number)
    digest = hashlib.sha256(b"%d " % at + data).hexdigest()
    known = SheetScan.objects.filter(sheet=sheet, sha256=digest).first()
    if known is not None and known.state != "dropped":
        return known
    rows = rows_of_page(sheet, page)
    read = reading.read_picture(grey, sheet.layout, rows=len(rows), code=code)
    return _kept(known or SheetScan(sheet=sheet, sha256=digest), page, rows[0].row - 1, read, by)


def _kept(scan: SheetScan, page: int, first: int, read: reading.Reading, by: int) -> SheetScan:
    sheet = scan.sheet
    scan.page, scan.state, scan.decided, scan.closed_at, scan.closed_by = page, "review", {}, None, None
    scan.taken_in_by = by
    for name in ("village_id", "town_id", "county_id", "city_id"):
        setattr(scan, name, getattr(sheet, name))
    scan.boxes = {f"{row + first} {column}": [int(box.ticked), box.confidence, box.doubt] for (row, column), box in read.boxes.items()}  # fmt: skip
    scan.places = {
        f"{row + first} {column}": [round(x, 2), round(y, 2)] for (row, column), (x, y) in read.places.items()
    }
    with tempfile.NamedTemporaryFile(suffix=".png") as clear:
        clear.write(reading.picture(read.flat))
        clear.flush()
        scan.stored_as = safekeeping.keep(
            Path(clear.name), f"sheets/{sheet.period_start:%Y/%m}/{sheet.number}-{page}.sealed"
        )
    scan.save()
    audit.note("sheets.take_in", "sheet", sheet.pk, area_id=sheet.village_id, page=page, unsure=len(read.unsure))
    return scan


def _named(post, code: layouts.Code | None, number: str) -> tuple[Sheet, int]:
    """The sheet a page belongs to: by its code, or by the number typed."""
    typed, _, page = layouts.tidy_number(number).partition("/")
    if code is None and not typed:
        raise _refused(_NO_CODE)
    if code is None and not layouts.is_number(typed):
        raise _refused(_BAD_NUMBER)
    name, at = (code.number, code.page) if code else (typed, int(page) if page.isdecimal() else 1)
    sheet = queries.sheet_by_number(post=post, number=name)
    if sheet is None or not rows_of_page(sheet, at):
        raise _refused(_UNKNOWN_SHEET)
    return sheet, at


def rows_of_page(sheet: Sheet, page: int) -> list[SheetRow]:
    """The rows that stand on one page of a sheet."""
    most = sheet.layout["rows"]
    return list(sheet.rows.filter(row__gt=(page - 1) * most, row__lte=page * most).order_by("row"))


def ticked(scan: SheetScan, decided: Mapping[str, str] | None = None) -> dict[int, set[str]]:
    """{row: ticked columns}: what is sure as read, what is not as a person decided; a decision always wins."""
    decided = scan.decided if decided is None else decided
    out: dict[int, set[str]] = {}
    for key, (yes, _confidence, _doubt) in scan.boxes.items():
        row, column = key.split(" ")
        said = decided.get(key)
        if said == "yes" or (said is None and yes):
            out.setdefault(int(row), set()).add(column)
    return out


def undecided(scan: SheetScan, decided: Mapping[str, str]) -> list[str]:
    """The boxes that are unsure and that nobody has decided."""
    return [key for key, (_, sure, _) in scan.boxes.items() if sure < SURE and decided.get(key) not in ("yes", "no")]


def contacts_of(scan: SheetScan, decided: Mapping[str, str]) -> tuple[list[Contact], dict[int, list[Problem]]]:
    """What the page says, with the decisions: contacts, and contradictions by row."""
    found: list[Contact] = []
    wrong: dict[int, list[Problem]] = {}
    for row, columns in sorted(ticked(scan, decided).items()):
        more, problems = ticks.contacts(row, columns, monday=scan.sheet.period_start)
        found += more
        if problems:
            wrong[row] = problems
    return found, wrong


@transaction.atomic
def settle(*, scan: SheetScan, decided: Mapping[str, str], by: User | int, post, now=None) -> list[Answer]:
    """Record a page after its unsure boxes were decided ({"3 d2.call": "yes" | "no"}; sure ones may be corrected too).

    Raises Refusal while a box is undecided or ticks contradict each other, RowsRefused for contacts that cannot be
    recorded (a day still to come, say). The same page again adds nothing.
    """
    allowed(post, "visits.enter_for")
    row = _open(post, scan)
    decided = {key: said for key, said in decided.items() if key in row.boxes and said in ("yes", "no")}
    left = undecided(row, decided)
    if left:
        raise Refusal(
            "sheet_undecided",
            zh=f"还有 {len(left)} 个看不准的格子没有决定。请对着图逐个选“勾了”或“没勾”。",
            en=f"{len(left)} unsure boxes are not decided. Look at each picture and choose ticked or not.",
        )
    found, wrong = contacts_of(row, decided)
    if wrong:
        said = [problem for problems in wrong.values() for problem in problems]
        raise Refusal(said[0].code, zh=" ".join(p.zh for p in said[:5]), en=" ".join(p.en for p in said[:5]))
    people = _people(row.sheet)
    answers = record_contacts(
        found, people=people, helper=row.sheet.helper_id, sheet=row.sheet.namespace, by=by,
        post=None if post is SYSTEM else post, channel="paper", now=now,
    )  # fmt: skip
    row.decided, row.state, row.recorded = decided, "recorded", sum(answer.result == "new" for answer in answers)
    row.closed_at, row.closed_by = timezone.now(), user_id(by)
    row.save(update_fields=["decided", "state", "recorded", "closed_at", "closed_by"])
    audit.note(
        "sheets.settle", "sheet", row.sheet_id, area_id=row.village_id, page=row.page, decided=len(decided),
        new=row.recorded, same=len(answers) - row.recorded,
    )  # fmt: skip
    return answers


@transaction.atomic
def drop_scan(*, scan: SheetScan, by: User | int, post) -> SheetScan:
    """A picture that is of no use: nothing is recorded from it."""
    allowed(post, "visits.enter_for")
    row = _open(post, scan)
    row.state, row.closed_at, row.closed_by = "dropped", timezone.now(), user_id(by)
    row.save(update_fields=["state", "closed_at", "closed_by"])
    audit.note("sheets.drop", "sheet", row.sheet_id, area_id=row.village_id, page=row.page)
    return row


def _open(post, scan: SheetScan) -> SheetScan:
    rows = SheetScan.objects.visible_to(post).select_for_update(of=("self",)).select_related("sheet")
    row = rows.filter(pk=scan.pk).first()
    if row is None:
        raise _refused(_UNKNOWN_SHEET)
    if row.state != "review":
        raise Refusal(
            "sheet_closed",
            zh="这张照片已经处理过了。要再登记，请重新上传。",
            en="This picture has been dealt with. Upload it again to record more.",
        )
    return row


def _people(sheet: Sheet) -> dict[int, int]:
    return dict(sheet.rows.values_list("row", "person_id"))


def sheet_lines(
    lines: Sequence[str], *, sheet: Sheet, by: User | int, post, partial: str = "", now=None
) -> list[Answer]:
    """Keyboard lines typed from a stored sheet: rows, people, helper and week are the sheet's own."""
    people = _people(sheet)
    return record_sheet(
        lines, people=[people[row] for row in sorted(people)], helper=sheet.helper_id,
        week=containing("week", sheet.period_start), sheet=sheet.namespace, by=by, post=post, partial=partial, now=now,
    )  # fmt: skip


def _refused(problem: Problem) -> Refusal:
    return Refusal(problem.code, zh=problem.zh, en=problem.en, field="file")


_FILE_TOO_LARGE = Problem("sheet_file_large", "文件超过 20 MB。请用普通画质重新拍。", "The file exceeds 20 MB. Take the picture at the usual quality.")  # fmt: skip
_NO_CODE = Problem(
    "sheet_no_code",
    "看不清纸单上的方码。请把它旁边的单号（九位）填在“单号”里再传一次。",
    "The square code cannot be read. Type the number printed beside it (nine characters) and upload again.",
)
_BAD_NUMBER = Problem(
    "sheet_bad_number", "单号不对，最后一位校验不符。请照纸单重新填写。", "That number is not right: its last character does not fit. Type it again from the sheet."
)  # fmt: skip
_UNKNOWN_SHEET = Problem(
    "sheet_unknown",
    "没有这张纸单，或不在您的辖区内。请核对单号，或请打印它的乡镇办理。",
    "There is no such sheet, or it is outside your area. Check the number, or ask the township that printed it.",
)

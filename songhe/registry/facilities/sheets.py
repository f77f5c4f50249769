"""The register of facilities as a spreadsheet: out as it is filtered, a form to fill in, in again with a preview.

    sheet = preview(file, place=…, by=user, post=post)   # counts and errors; nothing changes
    confirm(sheet, by=user, post=post)                   # the good rows, once
    returned_file(sheet, by=user, post=post)             # the same file with its errors written in

A row brings a site that is not on file yet. One that is (same place, kind and name) is left as it is: facts of a known site
are added on its own page, with their day and evidence, never by overwriting.
"""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from songhe.core import audit, tabular
from songhe.core.cells import plain, text_of
from songhe.core.dates import read_date
from songhe.core.incoming import digest, name_of, on_disk
from songhe.core.problem import Problem
from songhe.core.refusal import Refusal
from songhe.core.tabular import normal
from songhe.core.workbook import Column
from songhe.registry.accounts.models import Post, User
from songhe.registry.facilities import queries, terms
from songhe.registry.facilities.actions.enrol import Enrolment, enrol
from songhe.registry.facilities.actions.sites import EDIT, refuse_place
from songhe.registry.facilities.models import Facility, ImportSheet
from songhe.registry.facilities.standing import allow, inside, scope_of
from songhe.registry.people import safekeeping
from songhe.registry.people.standing import outside_area
from songhe.registry.places.models import Place

KINDS, STATUSES = dict(terms.KINDS), dict(terms.STATUSES)
BEDS = {"day": "day_beds", "community": "community_beds", "residential": "residential_beds", "nursing": "nursing_beds"}
COLUMNS = {
    "code": Column("区划代码", width=14, hint="12 位村（社区）代码；还没有选址的写 9 位乡镇（街道）代码。写了代码，后两列可以不写。"),
    "town": Column("乡镇（街道）", width=16),
    "village": Column("村（社区）", width=16),
    "kind": Column("类型", width=26, required=True, choices=tuple(str(label) for label in KINDS.values())),
    "name": Column("名称", width=30, required=True),
    "status": Column("状态", width=10, required=True, choices=tuple(str(label) for label in STATUSES.values())),
    "on": Column("状态日期", "date", width=12, required=True, hint="从哪一天起是这个状态，不能晚于今天。"),
    "location": Column("位置", width=30),
    "project": Column("所属工程", width=20),
    "floor_area": Column("建筑面积（㎡）", "number", width=12),
    "day_beds": Column("日间照料床位", "number", width=10),
    "community_beds": Column("社区养老床位", "number", width=10),
    "residential_beds": Column("全托床位", "number", width=10, hint="不含改造的床位；改造的在设施页登记，另计。"),
    "nursing_beds": Column("护理型床位", "number", width=10),
}  # fmt: skip
OUT = [*COLUMNS.values(), Column("运营机构", width=24), Column("最近活动", "date", width=12), Column("编号", width=38)]
NEEDED = ("kind", "name", "status", "on")
LONGEST = {"name": 100, "location": 200, "project": 60}
NUMBERS = ("floor_area", *BEDS.values())
SYNONYMS: Mapping[str, tuple[str, ...]] = {name: (column.title,) for name, column in COLUMNS.items()} | {
    "code": ("区划代码", "行政区划代码", "村（社区）代码"), "town": ("乡镇（街道）", "乡镇", "街道"),
    "village": ("村（社区）", "村", "社区", "村居"), "kind": ("类型", "设施类型", "机构类型"),
    "name": ("名称", "设施名称", "机构名称"), "on": ("状态日期", "日期"), "location": ("位置", "地址"),
}  # fmt: skip


# out -----------------------------------------------------------------------------------------------------------------


def export(*, by: User | None, post: Post | None, place: Place, on: date, **filters: str) -> bytes:
    """Exactly the sites that the same filters list, as .xlsx with who took them out and when. Raises Refusal, Denied."""
    allow(by, post, "facilities.view")
    sites = queries.all_listed(post=post, place=place, on=on, **filters)
    stream = io.BytesIO()
    mark = f"{by} {post.get_role_display()} {post.place}" if by and post else "系统"
    rows = _out(sites, on)
    count = tabular.write_xlsx(
        stream, OUT, rows, sheet="机构设施", watermark=f"{mark} {timezone.localtime():%Y-%m-%d %H:%M} 导出，截至 {on}"
    )
    audit.note("facilities.export", "facility", None, area_id=place.pk, rows=count, on=on.isoformat())
    return stream.getvalue()


def _out(sites: list[Facility], on: date) -> Iterator[list[Any]]:
    known = queries.known_of(sites, on)
    for site in sites:
        had = known[site.pk]
        beds = {name: sum(number for number, _row in had.beds.get(kind, [])) or "" for kind, name in BEDS.items()}
        yield [
            site.place.code, str(site.town or ""), str(site.village or ""), str(KINDS[site.kind]), site.name,
            str(STATUSES.get(site.status, "")), site.status_on, site.location, site.project,
            had.floor_area[0] if had.floor_area else "", *(beds[name] for name in BEDS.values()), site.operator_name or "",
            site.last_activity, str(site.uid),
        ]  # fmt: skip


def form() -> bytes:
    """An empty sheet to fill in, with the words that may be chosen."""
    return tabular.template(list(COLUMNS.values()), sheet="机构设施")


# in ------------------------------------------------------------------------------------------------------------------


@dataclass
class Reading:
    """What a file says: rows to take in, how many are on file already, what is wrong."""

    rows: list[Enrolment] = field(default_factory=list)
    total: int = 0
    unchanged: int = 0
    faults: list[tuple[int, str, Problem]] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        bad = len({row for row, _name, _problem in self.faults})
        return {"rows": self.total, "added": len(self.rows), "unchanged": self.unchanged, "rejected": bad}

    def errors(self) -> list[dict]:
        return [
            {"row": row, "column": COLUMNS[name].title, "reason": said.zh, "reason_en": said.en}
            for row, name, said in self.faults
        ]


@transaction.atomic
def preview(file: Any, *, place: Place, by: User | None, post: Post | None) -> ImportSheet:
    """Read a file and say what would happen; the original is kept, sealed. Raises Refusal or Denied."""
    user = allow(by, post, EDIT)
    if not inside(post, place):
        raise outside_area(place)
    with on_disk(file) as path:
        found = _read(path, place, post)
        stored = safekeeping.keep(path, f"facilities/{timezone.localdate():%Y/%m}/{uuid4().hex}.sealed")
        made = ImportSheet.objects.create(
            place=place, file_name=name_of(file), sha256=digest(path), stored_as=stored, by=user, errors=found.errors(),
            **found.counts(), **scope_of(place),
        )  # fmt: skip
    audit.note("facilities.import.preview", "facility_sheet", made.pk, area_id=place.pk, **found.counts())
    return made


@transaction.atomic
def confirm(sheet: ImportSheet, *, by: User | None, post: Post | None) -> ImportSheet:
    """Take the good rows of a previewed file in, once; bad ones stay out. Raises Refusal or Denied."""
    allow(by, post, EDIT)
    row = _mine(sheet, post)
    if row.state != "previewed":
        raise Refusal(
            "sheet_done", zh="这个文件已经导入过。要再导入，请重新上传。", en="This file was taken in already. Upload it again to repeat."
        )  # fmt: skip
    with safekeeping.opened(row.stored_as) as path:
        found = _read(path, row.place, post)
    if found.rows:
        enrol(by=by, post=post, rows=found.rows)
    row.state, row.errors = "done", found.errors()
    for name, count in found.counts().items():
        setattr(row, name, count)
    row.save()
    audit.note("facilities.import", "facility_sheet", row.pk, area_id=row.place_id, **found.counts())
    return row


def returned_file(sheet: ImportSheet, *, by: User | None, post: Post | None) -> bytes:
    """The file as it came, with what is wrong written into its rows. Raises Refusal or Denied."""
    allow(by, post, EDIT)
    row = _mine(sheet, post)
    faults: dict[int, list[tuple[str, str]]] = {}
    for error in row.errors:
        faults.setdefault(error["row"], []).append((error["column"], error["reason"]))
    with safekeeping.opened(row.stored_as) as path, _opened(path) as table:
        made = tabular.returned(table.header, list(table), faults, watermark=f"{row.file_name} 批次{row.pk}")
    audit.note("facilities.import.returned", "facility_sheet", row.pk, area_id=row.place_id, rows=len(faults))
    return made


def _mine(sheet: ImportSheet, post: Post | None) -> ImportSheet:
    seen = ImportSheet.objects.visible_to(post) if post else ImportSheet.objects.all()
    row = seen.select_for_update(of=("self",)).select_related("place").filter(pk=sheet.pk).first()
    if row is None:
        raise Refusal("no_such_sheet", zh="没有这个导入批次，或不在您的辖区内。", en="There is no such batch, or it is outside your area.")  # fmt: skip
    return row


def _opened(path: Any) -> tabular.Table:
    try:
        return tabular.open_table(path, SYNONYMS)
    except tabular.BadTable as bad:
        raise Refusal(bad.problem.code, zh=bad.problem.zh, en=bad.problem.en, field="file") from bad


def _read(path: Any, place: Place, post: Post | None) -> Reading:
    """Every row of a file. Raises Refusal for one without the columns that are needed."""
    found = Reading()
    with _opened(path) as table:
        missing = [COLUMNS[name].title for name in NEEDED if name not in table.fields]
        if missing:
            raise Refusal(
                "columns_missing", zh=f"文件里没有这些列：{'、'.join(missing)}。请下载模板，按模板填。",
                en=f"Columns are missing: {', '.join(missing)}. Fetch the form and fill that in.", field="file",
            )  # fmt: skip
        places = _Places(place)
        on_file = set(Facility.objects.inside(place).values_list("place_id", "kind", "name"))
        for number, cells in table.records(list(COLUMNS), text=[n for n in COLUMNS if n not in ("on", *NUMBERS)]):
            found.total += 1
            _row(number, dict(zip(COLUMNS, cells, strict=True)), found, places, on_file, post)
    return found


class _Places:
    """Where a row may lie: by code, or by the names of town and village."""

    def __init__(self, place: Place):
        rows = list(Place.objects.under(place).filter(valid_to=None).select_related("parent").defer("outline"))
        self.root, self.by_code = place, {row.code: row for row in rows}
        self.by_name: dict[tuple[str, str], list[Place]] = {}
        for row in rows:
            if row.level in ("township", "village"):
                town = row if row.level == "township" else row.parent
                for t in ("", *_names(town)):
                    for v in ("",) if row is town else _names(row):
                        self.by_name.setdefault((t, v), []).append(row)

    def find(self, code: str, town: str, village: str) -> Place | None:
        if code:
            return self.by_code.get(code)
        found = {row.pk: row for row in self.by_name.get((town, village), [])} if town or village else {}
        return next(iter(found.values())) if len(found) == 1 else None


def _names(place: Place | None) -> set[str]:
    return {place.name, place.short_name} - {""} if place else set()


def _row(number: int, cells: dict, found: Reading, places: _Places, on_file: set, post: Post | None) -> None:
    said = {name: plain(text_of(value)) if value not in (None, "") else "" for name, value in cells.items()}
    wrong: list[tuple[str, Problem]] = []
    place = places.find(said["code"], said["town"], said["village"])
    if place is None:
        wrong.append(("code", _NO_PLACE))
    kind, status = _coded(KINDS, said["kind"]), _coded(STATUSES, said["status"])
    wrong += [
        (name, Problem("unknown", f"“{said[name]}”不是可选的{COLUMNS[name].title}。可选：{'、'.join(COLUMNS[name].choices)}。", f"“{said[name]}” cannot be chosen. Use one of: {', '.join(known)}."))
        for name, code, known in (("kind", kind, KINDS), ("status", status, STATUSES)) if not code
    ]  # fmt: skip
    wrong += [
        (name, Problem("long", f"最多 {most} 字。", f"At most {most} characters."))
        for name, most in LONGEST.items() if len(said[name]) > most
    ]  # fmt: skip
    if not said["name"]:
        wrong.append(("name", Problem("empty", "名称不能为空。", "The name is missing.")))
    day = read_date(cells["on"])
    if day.problem is not None and day.day is None:
        wrong.append(("on", day.problem))
    elif day.day and day.day > timezone.localdate():
        wrong.append(("on", Problem("ahead", f"{day.day} 还没有到。", f"{day.day} has not come yet.")))
    numbers = {name: _number(cells[name], name, wrong) for name in NUMBERS}
    if place and status:
        wrong += _stands(place, status, post)
    if wrong or place is None or day.day is None:
        found.faults += [(number, name, problem) for name, problem in wrong]
        return
    key = (place.pk, kind, said["name"])
    if key in on_file:
        found.unchanged += 1
        return
    on_file.add(key)
    source = f"导入第{number}行"
    found.rows.append(
        Enrolment(
            place=place, kind=kind, name=said["name"], walk=[(status, day.day, source)], location=said["location"],
            project=said["project"],
            beds=[(b, "new", "", int(numbers[name]), day.day) for b, name in BEDS.items() if numbers[name]],
            measures=[("floor_area", numbers["floor_area"], day.day, source)] if numbers["floor_area"] else [],
        )
    )  # fmt: skip


_NO_PLACE = Problem(
    "no_place",
    "找不到这个地点。请写 12 位村（社区）代码（没选址的写 9 位乡镇代码），或写本地区内的乡镇和村名；同名的须写代码。",
    "No such place. Write the 12-digit code of the village (9 digits while no site is chosen), or names inside this area; a name that "
    "stands twice needs its code.",
)


def _stands(place: Place, status: str, post: Post | None) -> list[tuple[str, Problem]]:
    try:
        refuse_place(post, place, status)
    except Refusal as refusal:
        return [("code", Problem(refusal.code, refusal.zh, refusal.en))]
    return []


def _coded(known: dict, words: str) -> str:
    """The code of a label (its bracketed remark may be left out) or the code itself; "" if unknown."""
    bare = normal(words) if words else ""
    return next((code for code, label in known.items() if bare and bare in (normal(code), normal(str(label)))), "")


def _number(value: Any, name: str, wrong: list[tuple[str, Problem]]) -> float:
    text = plain(text_of(value)) if value not in (None, "") else ""
    if not text:
        return 0
    try:
        number = float(text)
    except ValueError:
        number = -1
    whole = name == "floor_area" or number == int(number)
    if not 0 <= number < 1_000_000 or not whole:
        wrong.append((name, Problem("number", f"“{text[:20]}”不是可用的数。", f"“{text[:20]}” is no usable number.")))
        return 0
    return number

"""A bureau's own Excel layout: learnt once from a sample, then used to bring ledgers in and to fill the same form out.

layout = save_layout(name="民政局台账", file=sample, columns=["number", "title", "", …], by=…, post=…, place=…)
sheet = preview(layout=layout, file=upload, place=…, year=2023, by=…, post=…)      # nothing changes
confirm(sheet=sheet, by=…, post=…)                                                 # one transaction
content = filled(layout=layout, lines=queries.lines(…), post=…, by=…)
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from songhe.core import audit, tabular
from songhe.core.cells import plain, text_of
from songhe.core.incoming import digest, on_disk
from songhe.core.problem import Problem, Refused
from songhe.core.refusal import Refusal
from songhe.oversight.ledger import actions, rules
from songhe.oversight.ledger.access import allow, place_scope, within
from songhe.oversight.ledger.columns import FIELDS, NEEDED, SYNONYMS, read_deadline, read_number
from songhe.oversight.ledger.evidence import area_of
from songhe.oversight.ledger.models import Item, Layout, Sheet
from songhe.oversight.ledger.models import Problem as Hindrance
from songhe.oversight.ledger.queries import Line
from songhe.registry.accounts.models import Post, User
from songhe.registry.people import safekeeping
from songhe.registry.places.models import Place

OWN = ("number", "title", "programme", "place", "lead_unit", "cooperating_units", "person", "quantity", "unit", "starts_on",
       "due_on", "progress", "done", "problem", "state", "closed_on")  # fmt: skip
"""Columns of an export without a layout."""


# learning ------------------------------------------------------------------------------------------------------------


def headers_of(file: Any) -> list[dict]:
    """[{title, field}] of a sample: each header with the field it seems to hold ("" if none). Raises Refusal."""
    with on_disk(file) as path, _opened(path, SYNONYMS) as table:
        guessed = {column: name for name, column in table.fields.items()}
        return [{"title": title, "field": guessed.get(at, "")} for at, title in enumerate(table.header)]


@transaction.atomic
def save_layout(
    *, name: str, file: Any, columns: Sequence[str], place: Place, by: User | None, post: Post | None
) -> Layout:
    """Keep which field each column of the sample holds ("" leaves one out). Raises Refusal: a field twice, a needed one missing."""
    user = allow(by, post, "ledger.manage")
    within(post, place)
    with on_disk(file) as path:
        with _opened(path, SYNONYMS) as table:
            header, header_row, sheet, kind = table.header, table.header_row, table.sheet, table.kind
        _sound(header, columns)
        if Layout.objects.filter(name=name.strip(), **_of(place)).exists():
            raise Refusal("layout_twice", zh=f"已有名为“{name}”的版式。请换个名称。", en=f"There is a layout “{name}” already. Choose another name.", field="name")  # fmt: skip
        if not name.strip():
            raise Refusal("name_missing", zh="请给版式起个名称。", en="Give the layout a name.", field="name")
        stored = safekeeping.keep(path, f"ledger/layouts/{uuid4().hex}.sealed") if kind == "xlsx" else ""
    made = Layout.objects.create(
        name=name.strip(), sheet=sheet[:31], header_row=header_row, sample=stored, by=user, **place_scope(place),
        columns=[{"title": title, "field": given} for title, given in zip(header, columns, strict=True)],
    )  # fmt: skip
    audit.note("ledger.layout", "ledger_layout", made.pk, area_id=area_of(made), columns=len(header))
    return made


def _of(place: Place) -> dict:
    return {name: value for name, value in place_scope(place).items() if name in ("county_id", "town_id")}


def _sound(header: Sequence[str], columns: Sequence[str]) -> None:
    if len(columns) != len(header):
        raise Refusal("columns_count", zh=f"样表有 {len(header)} 列，只对应了 {len(columns)} 列。", en=f"The sample has {len(header)} columns, {len(columns)} were given.")  # fmt: skip
    names = dict(FIELDS)
    given = [name for name in columns if name]
    for name in given:
        if name not in names:
            raise Refusal(
                "unknown_field", zh=f"没有“{name}”这一项。", en=f"There is no field “{name}”.", field="columns"
            )
        if given.count(name) > 1:
            raise Refusal("field_twice", zh=f"有两列都对应“{names[name]}”。一项只能对应一列。", en=f"Two columns are both {name}. One column for each.", field="columns")  # fmt: skip
    missing = [str(names[name]) for name in NEEDED if name not in given]
    if missing:
        raise Refusal("field_missing", zh=f"还缺：{'、'.join(missing)}。没有这些列，台账就追不了责、算不出逾期。", en=f"Missing: {', '.join(missing)}. Without them nobody is answerable and nothing can be late.", field="columns")  # fmt: skip


def _opened(path: Path, synonyms: dict) -> tabular.Table:
    try:
        return tabular.open_table(path, synonyms)
    except tabular.BadTable as bad:
        problem = bad.problem
        raise Refusal(problem.code, zh=problem.zh, en=problem.en, field="file") from bad


# reading -------------------------------------------------------------------------------------------------------------


@dataclass
class Reading:
    """What a file says, row by row: `rows` to carry out, `errors` with row, column and reason."""

    rows: list[dict] = field(default_factory=list)
    errors: list[dict] = field(default_factory=list)


def read(layout: Layout, path: Path, *, place: Place, year: int) -> Reading:
    """Every row of a file by its layout. Raises Refusal for a file that does not have the layout's columns."""
    synonyms = {column["field"]: (column["title"],) for column in layout.columns if column["field"]}
    found = Reading()
    below = {name: row for row in _places_below(place) for name in (row.name, row.short_name)}
    with _opened(path, synonyms) as table:
        missing = [name for name in NEEDED if name not in table.fields]
        if missing:
            titles = "、".join(synonyms[name][0] for name in missing)
            raise Refusal("other_layout", zh=f"这个文件没有“{titles}”列，不是版式“{layout.name}”。请核对文件或另选版式。", en=f"This file has no column {titles}: it is not of the layout “{layout.name}”. Check the file or choose another layout.", field="file")  # fmt: skip
        wanted = list(synonyms)
        for number, cells in table.records(wanted, text=[n for n in wanted if n not in ("starts_on", "due_on")]):
            values = dict(zip(wanted, cells, strict=True))
            _read_row(number, values, found, synonyms, below, place, year)
    return found


def _places_below(place: Place) -> list[Place]:
    return [place, *Place.objects.filter(parent=place, valid_to=None)]


def _read_row(
    number: int, values: dict, found: Reading, titles: dict, below: dict[str, Place], place: Place, year: int
) -> None:  # fmt: skip
    row: dict[str, Any] = {"row": number}
    wrong = []
    for name, value in values.items():
        try:
            row |= _value(name, value, year, below, place)
        except Refused as refused:
            wrong.append((name, refused.problem))
    for name in NEEDED:
        if not row.get(name) and name not in [bad for bad, _problem in wrong]:
            wrong.append((name, Problem("missing", "不能为空。", "Must not be empty.")))
    start, due = row.get("starts_on"), row.get("due_on")
    if start and due and due < start:
        wrong.append(("due_on", Problem("order", f"完成期限早于开始日期 {start}。", f"Before the start, {start}.")))
    if wrong:
        found.errors += [
            {"row": number, "column": titles[name][0], "reason": p.zh, "reason_en": p.en} for name, p in wrong
        ]
        return
    found.rows.append(row)


def _value(name: str, value: Any, year: int, below: dict[str, Place], place: Place) -> dict:
    words = plain(text_of(value)) if value not in (None, "") else ""
    if name in ("due_on", "starts_on"):
        if not words:
            return {name: None}
        day, literal = read_deadline(value, year)
        return {name: day} | ({"due_literal": literal} if name == "due_on" else {})
    if name in ("quantity", "done"):
        number = read_number(value)
        if number is not None and number <= 0 and name == "quantity":
            raise Refused(Problem("quantity", "数量须大于 0。", "A quantity is more than 0."))
        return {name: number}
    if name == "problem" and words in ("无", "暂无", "没有", "/", "-"):
        return {}
    if name == "cooperating_units":
        return {name: rules.split_units(words)}
    if name == "place":
        if words and words not in below:
            raise Refused(Problem("place", f"“{place}”没有叫“{words[:20]}”的下级地区。", f"“{place}” has no place called “{words[:20]}”."))  # fmt: skip
        return {"place": below[words].pk} if words else {}
    return {name: words}


# bringing in ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def preview(
    *, layout: Layout, file: Any, place: Place, year: int, by: User | None, post: Post | None, name: str = ""
) -> Sheet:
    """Read a file and say what would happen; the original is kept. Raises Refusal."""
    user = allow(by, post, "ledger.manage")
    within(post, place)
    with on_disk(file) as path:
        found = read(layout, path, place=place, year=year)
        plan = _plan(layout, found)
        stored = safekeeping.keep(path, f"ledger/{timezone.localdate():%Y/%m}/{uuid4().hex}.sealed")
        made = Sheet.objects.create(
            layout=layout, place=place, year=year, by=user, stored_as=stored, sha256=digest(path),
            file_name=(name or Path(str(getattr(file, "name", file))).name)[:200], errors=found.errors,
            rejected=len({error["row"] for error in found.errors}), **plan.counts(), **place_scope(place),
        )  # fmt: skip
    audit.note("ledger.sheet.preview", "ledger_sheet", made.pk, area_id=area_of(made), **plan.counts())
    return made


@dataclass
class Plan:
    """Rows sorted: new lines, known lines with new words, and those that bring nothing new."""

    added: list[dict] = field(default_factory=list)
    reported: list[tuple[Item, dict]] = field(default_factory=list)
    unchanged: int = 0

    def counts(self) -> dict[str, int]:
        return {"added": len(self.added), "reported": len(self.reported), "unchanged": self.unchanged}


def _plan(layout: Layout, found: Reading) -> Plan:
    known = list(Item.objects.filter(layout=layout, withdrawn_on=None))
    numbered = {item.layout_number: item for item in known if item.layout_number}
    named = {(item.title, item.lead_unit, item.place_id): item for item in known}
    plan, errors = Plan(), found.errors
    seen: dict[Any, int] = {}
    for row in found.rows:
        key = row.get("number") or (row["title"], row["lead_unit"], row.get("place"))
        if key in seen:
            said = Problem("twice", f"与第{seen[key]}行重复。", f"The same as row {seen[key]}.")
            errors.append({"row": row["row"], "column": "", "reason": said.zh, "reason_en": said.en})
            continue
        seen[key] = row["row"]
        item = numbered.get(row.get("number") or "") or named.get((row["title"], row["lead_unit"], row.get("place")))
        if item is None:
            plan.added.append(row)
        elif moved := _moved(item, row):
            errors.append({"row": row["row"], **moved})
        elif _news(item, row):
            plan.reported.append((item, row))
        else:
            plan.unchanged += 1
    return plan


def _moved(item: Item, row: dict) -> dict | None:
    """A file may report, it may not move a target: that needs a reason and an approver."""
    for name, label in (("due_on", "完成期限"), ("quantity", "数量"), ("lead_unit", "牵头单位"), ("title", "事项")):
        if row.get(name) and row[name] != getattr(item, name):
            return {
                "column": label,
                "reason": f"与台账不同（台账为 {getattr(item, name)}）。目标变更须在事项页写明理由并经审批，不能随表导入。",
                "reason_en": f"Differs from the ledger ({getattr(item, name)}). A target changes on the item's page with a "
                "reason and an approver, not by a file.",
            }
    return None


def _news(item: Item, row: dict) -> bool:
    words, problem = row.get("progress") or "", row.get("problem") or ""
    last = item.progress.filter(amended_by=None).order_by("on", "pk").last()
    fresh = bool(words) and (last is None or last.text != words)
    counted = row.get("done") is not None and (last is None or last.done != row["done"])
    return fresh or counted or bool(problem and not item.problems.filter(text=problem).exists())


@transaction.atomic
def confirm(*, sheet: Sheet, by: User | None, post: Post | None) -> Sheet:
    """Carry out a previewed file: new lines, progress and problems of known ones; bad rows stay out. Once. Raises Refusal."""
    allow(by, post, "ledger.manage")
    seen = Sheet.objects.visible_to(post) if post else Sheet.objects.all()
    row = seen.select_for_update(of=("self",)).filter(pk=sheet.pk).first()
    if row is None or row.state != "previewed":
        raise Refusal("sheet_done", zh="这个文件已导入过，或不在您的辖区内。", en="This file was imported already, or is outside your area.")  # fmt: skip
    with safekeeping.opened(row.stored_as) as path:
        found = read(row.layout, path, place=row.place, year=row.year)
    plan = _plan(row.layout, found)
    for new in plan.added:
        item = _open(row, new, by, post)
        _report(item, new, by, post)
    for item, new in plan.reported:
        _report(item, new, by, post)
    row.state, row.errors = "done", found.errors
    row.rejected = len({error["row"] for error in found.errors})
    for name, count in plan.counts().items():
        setattr(row, name, count)
    row.save()
    audit.note("ledger.sheet.confirm", "ledger_sheet", row.pk, area_id=area_of(row), **plan.counts())
    return row


def _open(sheet: Sheet, new: dict, by: User | None, post: Post | None) -> Item:
    place = Place.objects.get(pk=new["place"]) if new.get("place") else sheet.place
    texts = ("detail", "programme", "target", "commitment", "source_document", "person", "unit", "due_literal")
    return actions.open_item(
        by=by, post=post, place=place, kind="import", title=new["title"][:200], lead_unit=new["lead_unit"][:60],
        due_on=new["due_on"], starts_on=new.get("starts_on"), quantity=new.get("quantity"),
        cooperating_units=new.get("cooperating_units") or [], layout=sheet.layout,
        layout_number=(new.get("number") or "")[:40],
        **{name: (new.get(name) or "")[: Item._meta.get_field(name).max_length or 4000] for name in texts},
    )  # fmt: skip


def _report(item: Item, new: dict, by: User | None, post: Post | None) -> None:
    words, done = new.get("progress") or "", new.get("done")
    last = item.progress.filter(amended_by=None).order_by("on", "pk").last()
    counted = done if item.quantity is not None else None
    if (words or counted is not None) and (last is None or (last.text, last.done) != (words or last.text, counted)):
        actions.record_progress(item=item, text=words or f"累计完成 {done}", done=counted, by=by, post=post)
    problem = new.get("problem") or ""
    if problem and not item.problems.filter(text=problem).exists():
        today = timezone.localdate()
        actions.raise_problem(
            item=item, text=problem, owner_unit=item.lead_unit, due_on=max(today, item.due_on), by=by, post=post
        )


# filling out ---------------------------------------------------------------------------------------------------------


def filled(
    *, lines: Sequence[Line], by: User | None, post: Post | None, layout: Layout | None = None, on: date | None = None
) -> bytes:
    """The lines as .xlsx: in the layout's own form (its sample, refilled) or in the house's columns. Audited. Raises Denied."""
    allow(by, post, "ledger.view")
    day = on or timezone.localdate()
    who = f"{by} {post.get_role_display()} {post.place}" if by and post else "系统"
    mark = f"{who} {timezone.localtime():%Y-%m-%d %H:%M} 导出，截至 {day}"
    names = [column["field"] for column in layout.columns] if layout else list(OWN)
    open_ones = _open_problems(lines) if "problem" in names else {}
    rows = [[_shown(line, name, open_ones) for name in names] for line in lines]
    audit.note("ledger.export", "ledger_item", rows=len(rows), layout=layout.pk if layout else None)
    if layout and layout.sample:
        return _refilled(layout, rows, mark)
    titles = [column["title"] for column in layout.columns] if layout else [str(dict(FIELDS)[name]) for name in OWN]
    kinds = {"quantity": "number", "done": "number", "starts_on": "date", "due_on": "date", "closed_on": "date"}
    out = io.BytesIO()
    columns = [tabular.Column(t, kinds.get(n, "text"), 40 if n == "title" else 16) for t, n in zip(titles, names, strict=True)]  # fmt: skip
    tabular.write_xlsx(out, columns, rows, sheet="台账", watermark=mark)
    return out.getvalue()


def _open_problems(lines: Sequence[Line]) -> dict[int, str]:
    """{item id: its unsettled problems in words}."""
    out: dict[int, str] = {}
    rows = Hindrance.objects.filter(item__in=[line.item.pk for line in lines], settled_on=None).order_by("pk")
    for pk, text in rows.values_list("item", "text"):
        out[pk] = f"{out[pk]}；{text}" if pk in out else text
    return out


def _shown(line: Line, name: str, problems: dict[int, str]) -> Any:
    item, last = line.item, line.progress
    match name:
        case "":
            return ""
        case "number":
            return item.layout_number or item.number
        case "cooperating_units":
            return "、".join(item.cooperating_units)
        case "due_on":
            return line.due_on
        case "progress":
            return last.text if last else ""
        case "done":
            return last.done if last else None
        case "problem":
            return problems.get(item.pk, "")
        case "state":
            return STATE_ZH[line.state.name]
        case "place":
            return str(item.place)
    value = getattr(item, name)
    return float(value) if name == "quantity" and value is not None else value


STATE_ZH = {"open": "推进中", "at_risk": "有风险", "late": "逾期", "awaiting": "待销号", "closed": "已销号",
            "closed_late": "逾期销号", "withdrawn": "已撤销"}  # fmt: skip


def _refilled(layout: Layout, rows: list[list[Any]], mark: str) -> bytes:
    """The sample with its rows taken out and these put in: titles, widths, heads and letterheads stay as the bureau has them."""
    import openpyxl  # slow to load, needed here only

    with safekeeping.opened(layout.sample) as path:
        book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()))
    sheet = book[layout.sheet] if layout.sheet in book.sheetnames else book.active
    first = layout.header_row + 1
    styles = [sheet.cell(first, at + 1)._style for at in range(len(layout.columns))]
    for merged in [m for m in sheet.merged_cells.ranges if m.min_row >= first]:
        sheet.unmerge_cells(str(merged))
    sheet.delete_rows(first, max(sheet.max_row - first + 1, 1))
    for down, row in enumerate(rows):
        for at, value in enumerate(row):
            cell = sheet.cell(first + down, at + 1)
            cell.value = float(value) if hasattr(value, "normalize") else value
            cell._style = styles[at]
            if isinstance(value, str) and value[:1] == "=":
                cell.data_type = "s"  # a text, never a formula
            if isinstance(value, date):
                cell.number_format = "yyyy-mm-dd"
    sheet.oddFooter.center.text = mark.replace("&", "&&")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()

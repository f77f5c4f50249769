"""What is wrong with a programme beyond its fields: names nobody knows, dates out of order, sums and bands that disagree."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches

from songhe.core import bands
from songhe.core.yamldoc import Doc, Fault, Where
from songhe.oversight.programmes import rules

GOALS = ("targets", "milestones")
CARRIERS = (*GOALS, "bodies", "scopes", "duties", "standards", "grants", "consultations", "papers")


@dataclass(frozen=True)
class Known:
    """Names that a programme may use; an empty set is not asked (nothing of that kind exists here yet)."""

    duties: set[str] = field(default_factory=set)
    indicators: set[str] = field(default_factory=set)
    standards: set[str] = field(default_factory=set)
    grants: set[str] = field(default_factory=set)
    facility_kinds: set[str] = field(default_factory=set)
    bed_kinds: set[str] = field(default_factory=set)
    statuses: set[str] = field(default_factory=set)
    places: Callable[[str], bool] = lambda code: True


def beyond_schema(doc: Doc, known: Known) -> list[Fault]:
    """Every fault that needs more than one field to see. The document has passed the schema."""
    checks = (_dates, _twice, _goals, _names, _annex, _bands, _consultations, _oddities, _backward)
    return sorted((fault for check in checks for fault in check(doc, known)), key=lambda fault: fault.line)


def _each(doc: Doc, *sections: str) -> Iterator[tuple[Where, dict]]:
    for section in sections:
        for at, row in enumerate(doc.data.get(section) or []):
            yield (section, at), row


def _unknown(doc: Doc, where: Where, name: str, known: set[str], zh: str, en: str) -> Iterator[Fault]:
    if known and name not in known:
        near = get_close_matches(name, sorted(known), 1, 0.5)
        hint, hint_en = (f"是否想写“{near[0]}”？", f'Did you mean "{near[0]}"? ') if near else ("", "")
        names = "、".join(sorted(known))
        yield doc.fault(
            where, "unknown_name", f"没有名为“{name}”的{zh}。{hint}现有：{names}。",
            f'There is no {en} "{name}". {hint_en}Known: {names}.',
        )  # fmt: skip


def _dates(doc: Doc, known: Known) -> Iterator[Fault]:
    data = doc.data
    if data["to"] < data["from"]:
        yield doc.fault(
            ("to",), "ends_before_start", f"结束日期 {data['to']} 早于开始日期 {data['from']}。请核对年份和月份。",
            f"It ends on {data['to']}, before it starts on {data['from']}. Check year and month.",
        )  # fmt: skip
    for where, goal in _each(doc, *GOALS):
        deadline = goal["deadline"]
        start = goal.get("start") or data["from"]
        reported = goal.get("reported")
        if deadline["date"] < start and not reported:
            yield doc.fault(
                (*where, "deadline", "date"), "deadline_before_start",
                f"期限 {deadline['date']} 早于开始日期 {start}。请改期限，或写明更早的 start。",
                f"The deadline {deadline['date']} is before the start {start}. Change it, or give an earlier start.",
            )  # fmt: skip
        span = rules.read_span(deadline["written"], year=data["year"], counted_from=deadline.get("counted_from"))
        if (span is None or span.end != deadline["date"]) and not goal.get("note"):
            said = span.end.isoformat() if span else "—"
            yield doc.fault(
                (*where, "deadline", "date"), "deadline_read_otherwise",
                f"“{deadline['written']}”按日期规则应为 {said}，这里写的是 {deadline['date']}。请改正，或在 note 里写明理由。",
                f'By the date rules "{deadline["written"]}" is {said}, but {deadline["date"]} stands here. '
                "Correct it, or say why in note.",
            )  # fmt: skip


def _twice(doc: Doc, known: Known) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for where, row in _each(doc, *CARRIERS):
        name = row["id"]
        if name in seen:
            yield doc.fault(
                (*where, "id"), "twice", f"“{name}”已在 {seen[name]} 用过。请改名。",
                f'"{name}" is used already in {seen[name]}. Rename it.',
            )  # fmt: skip
        seen.setdefault(name, f"{where[0]}[{where[1] + 1}]")


def _goals(doc: Doc, known: Known) -> Iterator[Fault]:
    for where, goal in _each(doc, *GOALS):
        if goal.get("value") is None and not goal.get("each"):
            yield doc.fault(
                (*where, "value"), "no_value", "没有目标值。请写 value，或写 each（每个下级地区的值）。",
                "There is no value. Write value, or each (the value for every sub-area).",
            )  # fmt: skip
        if not goal.get("operator"):
            yield doc.fault(
                (*where, "operator"), "no_operator", "没有比较方式。请写 >=、<=、= 或 about。",
                "There is no operator. Write >=, <=, = or about.",
            )  # fmt: skip
        if goal.get("operator") == "about" and goal.get("tolerance") is None:
            yield doc.fault(
                (*where, "tolerance"), "no_tolerance", "“约”须写明允许偏差 tolerance，如 0.1。",
                '"about" needs a tolerance, 0.1 for example.',
            )  # fmt: skip
        shares = goal.get("shares_of")
        columns = {name for row in (doc.data.get("annex") or {}).get("rows", []) for name in row["shares"]}
        if shares:
            yield from _unknown(doc, (*where, "shares_of"), shares, columns or {"—"}, "分解列", "column of the annex")


def _names(doc: Doc, known: Known) -> Iterator[Fault]:
    data = doc.data
    bodies = {body["id"] for body in data["bodies"]}
    targets = {goal["id"] for goal in data.get("targets") or []}
    yield from _place(doc, ("place",), data["place"], known)
    for where, goal in _each(doc, *GOALS):
        for field_name in ("lead", "help"):
            for at, name in enumerate(goal.get(field_name) or []):
                yield from _unknown(
                    doc, (*where, field_name, at), name, bodies, "单位（见 bodies）", "body (see bodies)"
                )
        if goal.get("of"):
            yield from _unknown(doc, (*where, "of"), goal["of"], targets, "目标", "target")
        for code in [*(goal.get("only") or {}).get("places", []), *(goal.get("each") or {}).get("places", [])]:
            yield from _place(doc, where, code, known)
        yield from _figure(doc, (*where, "figure"), goal["figure"], known)
    for where, row in _each(doc, "duties"):
        yield from _unknown(doc, (*where, "duty"), row["duty"], known.duties, "常态责任（definitions/duties）", "duty")
    for where, row in _each(doc, "standards"):
        if row.get("standard"):
            yield from _unknown(doc, (*where, "standard"), row["standard"], known.standards, "标准", "standard")
    for where, row in _each(doc, "grants"):
        if row.get("scheme"):
            yield from _unknown(
                doc, (*where, "scheme"), row["scheme"], known.grants or {"—"}, "奖补办法", "grant scheme"
            )
    for where, row in _each(doc, "scopes"):
        for at, code in enumerate(row.get("places") or []):
            yield from _place(doc, (*where, "places", at), code, known)


NEEDS = {
    "facilities": ("kinds", "reached"), "beds": ("beds",), "indicator": ("indicator",), "ledger": ("item",), "evidence": (),
    "standard": ("standard",), "care_beds": (), "meal_points": ("kinds",), "meal_vehicles": (), "orders": ("count",),
    "group_activities": ("groups",), "site_share": ("kinds", "reached"),
    "operators": ("kinds",), "awards": (), "village_share": ("kinds", "reached", "urban"), "in_institution": ("circumstances",),
}  # fmt: skip


def _figure(doc: Doc, where: Where, figure: dict, known: Known) -> Iterator[Fault]:
    for name in NEEDS[figure["from"]]:
        if not figure.get(name):
            yield doc.fault(
                (*where, name), "missing", f"来源“{figure['from']}”须写明“{name}”。",
                f'The source "{figure["from"]}" needs "{name}".',
            )  # fmt: skip
    for at, kind in enumerate(figure.get("kinds") or []):
        yield from _unknown(doc, (*where, "kinds", at), kind, known.facility_kinds, "设施种类", "kind of facility")
    for at, kind in enumerate(figure.get("beds") or []):
        yield from _unknown(doc, (*where, "beds", at), kind, known.bed_kinds, "床位种类", "kind of bed")
    if figure.get("reached"):
        yield from _unknown(doc, (*where, "reached"), figure["reached"], known.statuses, "建设状态", "status")
    if figure.get("indicator"):
        yield from _unknown(doc, (*where, "indicator"), figure["indicator"], known.indicators, "指标", "indicator")
    if figure.get("standard"):
        yield from _unknown(doc, (*where, "standard"), figure["standard"], known.standards, "标准", "standard")


def _place(doc: Doc, where: Where, code: str, known: Known) -> Iterator[Fault]:
    if not known.places(code):
        yield doc.fault(
            where, "unknown_place", f"没有区划代码为 {code} 的地点。请核对，或先导入区划。",
            f"There is no place with code {code}. Check it, or import the places first.",
        )  # fmt: skip


def _annex(doc: Doc, known: Known) -> Iterator[Fault]:
    annex = doc.data.get("annex")
    if not annex:
        return
    targets = {goal["id"] for goal in doc.data.get("targets") or []}
    years = range(doc.data["from"].year, doc.data["to"].year + 1)
    types = set(annex.get("types") or {})
    seen: set[tuple] = set()
    for at, row in enumerate(annex["rows"]):
        where: Where = ("annex", "rows", at)
        yield from _place(doc, (*where, "place"), row["place"], known)
        for name in row["shares"]:
            yield from _unknown(doc, (*where, "shares", name), name, targets, "目标", "target")
        if row.get("type"):
            yield from _unknown(
                doc, (*where, "type"), row["type"], types or {"—"}, "单位类别（见 types）", "type (see types)"
            )
        if row.get("year") and row["year"] not in years:
            yield doc.fault(
                (*where, "year"), "year_outside", f"{row['year']} 年不在工程期间（{years[0]}–{years[-1]}）内。",
                f"The year {row['year']} lies outside the programme ({years[0]}–{years[-1]}).",
            )  # fmt: skip
        key = (row["place"], row.get("year"))
        if key in seen:
            yield doc.fault(
                (*where, "place"), "twice", f"“{row['name']}”出现了两次。", f'"{row["name"]}" stands twice.'
            )
        seen.add(key)
    yield from _printed_sums(doc, annex)
    yield from _whole_sums(doc, annex)


def _printed_sums(doc: Doc, annex: dict) -> Iterator[Fault]:
    for at, printed in enumerate(annex["sums"]):
        only = {name: printed[name] for name in ("year", "type") if printed.get(name) is not None}
        found = rules.sums(annex["rows"], printed["of"], **only)
        if found != printed["is"]:
            among = "、".join(f"{name}={value}" for name, value in only.items()) or "全部 all"
            yield doc.fault(
                ("annex", "sums", at, "is"), "sum_disagrees",
                f"“{printed['of']}”（{among}，见{printed['where']}）应为 {printed['is']}，各行相加为 {found}。"
                "请逐行核对；按年份和按单位类别的两种合计都要对上。",
                f'"{printed["of"]}" ({among}, {printed["where"]}) should be {printed["is"]}, but the rows add up to {found}. '
                "Check the rows; the sums by year and by type must both agree.",
            )  # fmt: skip


def _whole_sums(doc: Doc, annex: dict) -> Iterator[Fault]:
    """A target with a share in the annex has the sum of its shares as its value."""
    for where, goal in _each(doc, "targets"):
        column = goal.get("shares_of") or goal["id"]
        rows = [row for row in annex["rows"] if column in row["shares"]]
        if not rows or goal.get("value") is None:
            continue
        only = {name: value for name, value in (goal.get("only") or {}).items() if name in ("year", "type")}
        found = rules.sums(rows, column, **only)
        if found != goal["value"]:
            yield doc.fault(
                (*where, "value"), "sum_disagrees",
                f"目标值为 {goal['value']:g}，分解表相加为 {found}。请核对目标或分解表。",
                f"The target is {goal['value']:g}, but the shares of the annex add up to {found}. Check either.",
            )  # fmt: skip


def _bands(doc: Doc, known: Known) -> Iterator[Fault]:
    for at, table in enumerate(doc.data.get("bands") or []):
        ranges = [row["range"] for row in table["rows"]]
        yield from bands.table_faults(doc, ("bands", at, "rows"), ranges, table["least"], table["most"])


def _consultations(doc: Doc, known: Known) -> Iterator[Fault]:
    for where, row in _each(doc, "consultations"):
        days = row["working_days"]
        span = rules.read_span(f"{days}个工作日内", year=doc.data["year"], counted_from=row["published"])
        if span and span.end != row["closes"] and not row.get("note"):
            yield doc.fault(
                (*where, "closes"), "deadline_read_otherwise",
                f"自 {row['published']} 起 {days} 个工作日应截至 {span.end}，这里写的是 {row['closes']}。",
                f"{days} working days from {row['published']} end on {span.end}, but {row['closes']} stands here.",
            )  # fmt: skip


def _oddities(doc: Doc, known: Known) -> Iterator[Fault]:
    told = {note["id"] for note in doc.data.get("notes") or []}
    for where, row in _each(doc, *CARRIERS):
        for at, name in enumerate(row.get("oddities") or []):
            yield from _unknown(
                doc, (*where, "oddities", at), name, told or {"—"}, "疑点说明（见 notes）", "note (see notes)"
            )
            if not row.get("note"):
                yield doc.fault(
                    (*where, "note"), "note_missing", "标了疑点就要在 note 里写明怎样理解。",
                    "Where an oddity is named, note must say how it is read.",
                )  # fmt: skip


def _backward(doc: Doc, known: Known) -> Iterator[Fault]:
    milestones = {goal["id"] for section in GOALS for goal in doc.data.get(section) or []}
    for where, plan in _each(doc, "backward"):
        yield from _unknown(doc, (*where, "end"), plan["end"], milestones, "目标或时间节点", "target or milestone")
        for at, kind in enumerate(plan["kinds"]):
            yield from _unknown(doc, (*where, "kinds", at), kind, known.facility_kinds, "设施种类", "kind of facility")
        for at, stage in enumerate(plan["stages"]):
            here = (*where, "stages", at)
            yield from _unknown(doc, (*here, "reached"), stage["reached"], known.statuses, "建设状态", "status")
            if stage.get("milestone"):
                yield from _unknown(
                    doc, (*here, "milestone"), stage["milestone"], milestones, "目标或时间节点", "target or milestone"
                )

"""Drafts as the reader of notices writes them (`insight.reading.to_programme`): looser fields, the same sense of order."""

from collections.abc import Iterator

from songhe.core.definitions import Day, Flag, Items, Map, Number, Text, Value, check
from songhe.core.yamldoc import Doc, Fault, Where
from songhe.oversight.programmes import definitions

ROW: dict[str, Value] = {
    "id": Text(),
    "subject": Text(required=False),
    "title": Text(required=False),
    "op": Text(allowed=(">=", "<=", "=", "about"), required=False),
    "value": Number(least=0, required=False),
    "value_max": Number(least=0, required=False),
    "unit": Text(required=False),
    "per": Text(allowed=("日", "周", "月", "季度", "半年", "年"), required=False),
    "scope": Text(required=False),
    "parent": Text(required=False),
    "soft": Text(required=False),
    "from": Text(pattern=r"\d{4}-\d\d-\d\d", shape='"2023-08-01"', required=False),
    "deadline": Text(pattern=r"\d{4}-\d\d-\d\d", shape='"2023-10-31"', required=False),
    "deadline_written": Text(required=False),
    "lead": Items(Text(), required=False),
    "help": Items(Text(), required=False),
    "as_of": Text(required=False),
    "existing": Text(required=False),
    "uncertain": Value(required=False),
    "quote": Text(required=False),
    "spans": Items(Items(Number(whole=True, least=0)), required=False),
}
SECTIONS = ("targets", "allocations", "milestones", "duties", "standards", "grants", "baseline")
SCHEMA: dict[str, Value] = {
    "id": Text(pattern=r"[a-z][a-z0-9-]{1,39}", shape="qingyuan-2022"),
    "status": Text(allowed=("draft",)),
    "title": Map({"zh": Text(), "en": Text(required=False)}),
    "source": Map(
        {
            "title": Text(required=False),
            "issuer": Text(required=False),
            "number": Text(required=False),
            "date": Text(required=False),
            "in_force_from": Text(required=False),
        }
    ),
    **{name: Items(Map(ROW), required=False) for name in SECTIONS},
    "bodies": Items(Map({"name": Text(), "span": Items(Number(whole=True))}), required=False),
    "answered": Items(Map({"warning": Text(), "said": Text(), "answer": Text()}), required=False),
    "reviewed": Flag(required=False),
    "reviewed_on": Day(required=False),
}


def faults(doc: Doc) -> list[Fault]:
    """Everything wrong with a reader's draft: fields, names that do not exist, dates out of order, shares that do not add up."""
    plain = _plain_dates(doc)
    found = check(plain, SCHEMA)
    return found or sorted([*_order(plain), *_twice(plain), *_shares(plain), *_names(plain)], key=lambda f: f.line)


def _plain_dates(doc: Doc) -> Doc:
    """Dates written without quotes are read as dates; here both ways are the same."""

    def plain(value):
        if isinstance(value, dict):
            return {k: plain(v) for k, v in value.items()}
        if isinstance(value, list):
            return [plain(v) for v in value]
        return value.isoformat() if hasattr(value, "isoformat") else value

    return Doc(doc.path, {k: plain(v) if k != "reviewed_on" else v for k, v in doc.data.items()}, doc.lines)


def _rows(doc: Doc, *sections: str) -> Iterator[tuple[Where, dict]]:
    for section in sections or SECTIONS:
        for at, row in enumerate(doc.data.get(section) or []):
            yield (section, at), row


def _order(doc: Doc) -> Iterator[Fault]:
    for where, row in _rows(doc):
        if row.get("from") and row.get("deadline") and row["deadline"] < row["from"]:
            yield doc.fault(
                (*where, "deadline"), "deadline_before_start", f"期限 {row['deadline']} 早于开始日期 {row['from']}。请核对年份和月份。",
                f"The deadline {row['deadline']} is before the start {row['from']}. Check year and month.",
            )  # fmt: skip
        if row.get("value_max") is not None and row.get("value") is not None and row["value_max"] < row["value"]:
            yield doc.fault(
                (*where, "value_max"),
                "range",
                "上限小于下限。请核对。",
                "The upper value is below the lower one. Check it.",
            )


def _twice(doc: Doc) -> Iterator[Fault]:
    seen: set[str] = set()
    for where, row in _rows(doc):
        if row["id"] in seen:
            yield doc.fault(
                (*where, "id"), "twice", f"“{row['id']}”用了两次。请改名。", f'"{row["id"]}" is used twice.'
            )
        seen.add(row["id"])


def _shares(doc: Doc) -> Iterator[Fault]:
    """Allocations that name their target add up to it."""
    targets = {row["id"]: (where, row) for where, row in _rows(doc, "targets")}
    sums: dict[str, float] = {}
    for _where, row in _rows(doc, "allocations"):
        parent = row.get("parent")
        if parent and parent in targets and row.get("value") is not None:
            sums[parent] = sums.get(parent, 0) + row["value"]
    for name, total in sums.items():
        where, row = targets[name]
        if row.get("value") is not None and total != row["value"]:
            yield doc.fault(
                (*where, "value"), "sum_disagrees", f"目标值为 {row['value']:g}，分解相加为 {total:g}。请核对。",
                f"The target is {row['value']:g}, but its shares add up to {total:g}. Check either.",
            )  # fmt: skip


def _names(doc: Doc) -> Iterator[Fault]:
    duties = definitions.known().duties
    for where, row in _rows(doc, "duties"):
        name = row.get("existing")
        if name and name.isascii() and name not in duties:
            names = "、".join(sorted(duties))
            yield doc.fault(
                (*where, "existing"), "unknown_name", f"没有名为“{name}”的常态责任。现有：{names}。",
                f'There is no duty "{name}". There are: {names}.',
            )  # fmt: skip

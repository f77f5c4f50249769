"""Doubts about the paper itself: sums, contradictions, dates out of order, characters that were lost."""

import re
from collections import defaultdict

from songhe.insight.reading.document import Paper
from songhe.insight.reading.items import Item, Warn
from songhe.insight.reading.merging import _key
from songhe.insight.reading.tables import Table
from songhe.insight.reading.text import Text

LOST = [
    (
        "lost_number",
        re.compile(
            r"(?:不少于|不低于|不超过|达到|新增|新建|建成|完成)(?:%|张(?=[床、,。;])|所(?=[\u4e00-\u9fff]{0,6}(?:学校|幼儿园|卫生院)|[,。;])|家(?=[、,。;])|处(?=[、,。;])|名(?=[、,。;])|(?<=[新不])个(?=[、,。;]))"
        ),
    ),
    (
        "lost_unit",
        re.compile(
            r"(?<![\d.])\d{2,7}/[人户床张月年亩](?![\d])"
            r"|(?:不少于|不低于|不超过|至少)\d{1,6}(?=(?:城乡|农村|社区|养老|城市|乡镇|村级|公益|老年|床位|学校))"
        ),
    ),
    ("lost_words", re.compile(r"[\u4e00-\u9fff]\(\)")),
    ("joined_numbers", re.compile(r"\d{1,3}(?:\.\d+)?%\d{1,3}(?:\.\d+)?%")),
    ("lost_digits", re.compile(r"(?<![\d.,号])20[1-3]\d\d{1,4}(?=[项件])")),
]


def check(text: Text, paper: Paper, items: list[Item], tables: list[Table]) -> list[Warn]:
    """Every doubt, each with the spans it stands on."""
    found = [Warn(code, [(a, b)], facts) for code, a, b, facts in paper.warnings]
    found += _lost(text)
    found += _own_number(text, paper)
    stated: dict[str | None, list[Item]] = defaultdict(list)
    for item in items:
        if (
            item.kind == "target"
            and item.table is None
            and (item.value or 0) > 1
            and item.comparator in ("=", ">=")
            and not re.match("各|每", item.scope or "")
        ):
            stated[item.unit].append(item)
    for table in tables[:200]:
        found += _table(table, stated)
    found += _parts(items)
    found += _order(items)
    found += _contradictions(items)
    found += _consultation(items, paper)
    found += _guessed(items)
    return found


def _lost(text: Text) -> list[Warn]:
    found = []
    for code, pattern in LOST:
        by_words: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for m in list(pattern.finditer(text.chars))[:200]:
            by_words[m.group(0)].append(m.span())
        found += [
            Warn(code, spans, {"words": words}) for words, spans in list(by_words.items())[:40]
        ]  # said once for all its places
    return found


def _own_number(text: Text, paper: Paper) -> list[Warn]:
    """冀办字(2021)3: a document number without its 号 lost its brackets too."""
    return [
        Warn("lost_number_mark", [m.span()], {"words": m.group(0)})
        for m in re.finditer(r"[\u4e00-\u9fff]{1,6}\(20\d\d\)\d{1,3}(?!\d|号|年)", text.chars)
    ]


def _table(table: Table, stated: dict[str | None, list[Item]]) -> list[Warn]:
    found = []
    span = (table.start, table.end)
    for problem in table.problems:
        found.append(Warn(problem["code"], [span], {k: v for k, v in problem.items() if k != "code"}))
    for row in table.rows:
        if row.uncertain:
            found.append(Warn("uncertain_row", [(row.start, row.end)], {"row": row.name}))
    for c, column in enumerate(table.columns):
        if column.unit == "%" or not table.rows:
            continue
        total = sum(r.cells[c] or 0 for r in table.rows) * column.scale
        whole = [i for i in stated[column.unit][:400] if _alike(i.subject, column.subject)]
        if whole and not any(abs((i.value or 0) - total) < 1e-6 for i in whole) and len(whole) == 1:
            found.append(
                Warn(
                    "annex_differs",
                    [(whole[0].start, whole[0].end), span],
                    {"subject": column.subject, "body": whole[0].value, "annex": total},
                )
            )
    return found


def _alike(a: str, b: str) -> bool:
    a, b = _key(a), _key(b)
    return bool(a and b) and (a in b or b in a) and min(len(a), len(b)) >= 3


def _parts(items: list[Item]) -> list[Warn]:
    """Shares named after a whole must add up to it."""
    found = []
    groups: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        if item.parent and item.kind == "allocation" and item.table is None:
            groups[item.parent].append(item)
    for key, parts in groups.items():
        whole = next((i for i in items if i.key() == key), None)
        total = sum(p.value or 0 for p in parts)
        if (
            whole
            and whole.value
            and len(parts) > 1
            and abs(total - whole.value) > 1e-6
            and not any(p.implied_parent for p in parts[:1] if total < whole.value)
        ):
            found.append(
                Warn(
                    "parts_differ",
                    [(whole.start, whole.end), *((p.start, p.end) for p in parts)],
                    {"subject": whole.subject, "whole": whole.value, "parts": total},
                )
            )
    return found


def _order(items: list[Item]) -> list[Warn]:
    return [
        Warn(
            "deadline_before_start",
            [(i.start, i.end)],
            {"start": i.begin.isoformat(), "deadline": i.deadline.isoformat()},
        )
        for i in items
        if i.begin and i.deadline and i.deadline < i.begin
    ]


def _contradictions(items: list[Item]) -> list[Warn]:
    """The same subject, scope, unit and deadline with another number."""
    found: list[Warn] = []
    seen: dict[tuple, Item] = {}
    for item in items:
        if (
            item.kind != "target"
            or item.value is None
            or item.table is not None
            or len(_key(item.subject)) < 4
            or item.implied
        ):
            continue
        key = (_key(item.subject), item.scope, item.unit, item.comparator, item.deadline)
        other = seen.setdefault(key, item)
        if other is not item and other.value != item.value and len(found) < 50:
            found.append(
                Warn(
                    "contradiction",
                    [(other.start, other.end), (item.start, item.end)],
                    {"subject": item.subject, "first": other.value, "second": item.value},
                )
            )
    return found


def _consultation(items: list[Item], paper: Paper) -> list[Warn]:
    """A plan that starts before its consultation ends."""
    ends = [
        i
        for i in items
        if i.kind == "schedule"
        and i.deadline
        and re.search(r"征求|意见|建议|反馈", f"{i.subject}{i.title}")
        and re.search(r"征求|意见|建议", f"{i.title}")
    ]
    found = []
    for end in ends:
        if end.deadline is None:
            continue
        early = [
            (i, i.deadline)
            for i in items
            if i.kind == "schedule" and i not in ends and i.deadline and i.deadline <= end.deadline
        ]
        if early and (paper.kind == "consultation" or re.search("公众|征求", f"{end.title}{end.subject}")):
            found.append(
                Warn(
                    "starts_before_consultation_ends",
                    [(end.start, end.end), *((i.start, i.end) for i, _ in early)],
                    {"ends": end.deadline.isoformat(), "first": min(day for _, day in early).isoformat()},
                )
            )
    return found


def _guessed(items: list[Item]) -> list[Warn]:
    return [
        Warn(
            "month_before",
            [(i.start, i.end)],
            {"words": i.deadline_written, "read": i.deadline.isoformat(), "or": i.other_deadlines[0].isoformat()},
        )
        for i in items
        if i.other_deadlines and i.deadline
    ]

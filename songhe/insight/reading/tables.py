"""Tables in a text, and the items their rows make.

What totals prove is taken; what they cannot prove is marked uncertain, never guessed in silence.
"""

import datetime as dt
import re
from dataclasses import dataclass, field

from songhe.insight.reading.columns import Column, column_names, read_column
from songhe.insight.reading.items import Item
from songhe.insight.reading.places import named_institution, named_place
from songhe.insight.reading.proofs import prove
from songhe.insight.reading.rows import TOTAL, Row, is_name, parse_columns, parse_rows
from songhe.insight.reading.text import Text
from songhe.insight.reading.tokens import Token, tokens_of

SENTENCE = re.compile(r"[。;!?]|,[^,]{6,}")
ABOUT_PLACES = re.compile(r"乡镇|街道|镇街|县|区|市|地区|单位|机构|学校|社区|村|名称")


@dataclass
class Table:
    """Rows between chars[start:end]. `years` names the groups of rows when the paper prints them apart."""

    start: int
    end: int
    title: str
    columns: list[Column]
    rows: list[Row]
    totals: list[Row] = field(default_factory=list)
    years: list[int] = field(default_factory=list)
    proven: bool = False
    problems: list[dict] = field(default_factory=list)
    group_sums: list[list[float]] = field(default_factory=list)
    head_words: str = ""


def find_tables(text: Text, known: frozenset[str] = frozenset()) -> list[Table]:
    """Every table of place or institution rows, in order."""
    tokens = tokens_of(text)
    tables: list[Table] = []
    i, skip = 0, 0
    while i < len(tokens):
        token = tokens[i]
        starts = token.num is None and is_name(token.words) and i + 1 < len(tokens)
        if token.num == 1 or (starts and tokens[i + 1].cell):
            # the last heading stands before the index of the first row: 床位(张) 1 西山镇 3 10
            first = (
                i + 1
                if starts and tokens[i + 1].num == 1 and i + 2 < len(tokens) and is_name(tokens[i + 2].words)
                else i
            )
            table, used = _at(text, tokens, first, known)
            if table is None and first != i:
                table, used = _at(text, tokens, i, known)
            if table:
                tables.append(table)
                i = used + 1
                continue
        if starts and i >= skip and tokens[i + 1].num is None:
            table, used = _sideways(tokens, i, known)
            skip = used if table is None else 0
            if table:
                tables.append(table)
                i = used + 1
                continue
        i += 1
    return tables


def _at(text: Text, tokens: list[Token], i: int, known: frozenset[str]) -> tuple[Table | None, int]:
    # a run is looked at only a bounded number of times: the window keeps the whole search linear
    window = tokens[i : i + 3000]
    base = window[0].i
    for token in window:
        token.i -= base
    try:
        parsed = parse_rows(window, 0)
    finally:
        for token in window:
            token.i += base
    if parsed is None:
        return None, i
    body = [r for r in parsed.rows if not TOTAL.match(r.name)]
    pieces, head_start = _head(tokens, i)
    if not _believable(body, "".join(pieces), known):
        return None, i
    names, title, years, unit = column_names(pieces, len(body[0].cells))
    table = Table(
        head_start,
        parsed.last.end,
        title,
        [read_column(n, unit) for n in names],
        body,
        [r for r in parsed.rows if TOTAL.match(r.name)],
        years,
        head_words=" ".join(pieces),
    )
    prove(table, [t.num for t in parsed.leftovers if t.num is not None])
    return table, parsed.last.i


def _sideways(tokens: list[Token], i: int, known: frozenset[str]) -> tuple[Table | None, int]:
    """A table printed column after column. Without one, says how far the run of names goes."""
    end = i
    while end < len(tokens) and end - i < 200 and tokens[end].num is None and is_name(tokens[end].words):
        end += 1
    found = parse_columns(tokens, i) if end - i >= 3 and end < len(tokens) and tokens[end].num is not None else None
    if found is None:
        return None, end
    names, heads, columns, last = found
    rows = [
        Row(name, tokens[i].start, last.end, [c[n].num for c in columns], units=[c[n].unit for c in columns])
        for n, name in enumerate(names)
    ]
    if not _believable(rows, "", known):
        return None, end
    pieces, start = _head(tokens, i)
    place = {t.words: t for t in tokens[i:end]}
    for row in rows:
        row.start, row.end = place[row.name].start, place[row.name].end
    table = Table(
        start,
        last.end,
        "".join(pieces)[-40:],
        [read_column(h, None) for h in heads],
        rows,
        head_words=" ".join([*pieces, *heads]),
    )
    return table, last.i


def _believable(body: list[Row], head: str, known: frozenset[str]) -> bool:
    """Rows of places or institutions; numbers in prose are not."""
    if len(body) < 2 or any(len(r.name) > 24 for r in body):
        return False
    places = sum(1 for r in body if r.name in known or named_place(r.name) or named_institution(r.name))
    if places >= len(body) * 0.6:
        return len(body) > 2 or places == 2
    return (
        bool(ABOUT_PLACES.search(head))
        and len(body) > 2
        and all(2 <= len(r.name) <= (14 if re.search(r"(?:机构|单位|学校|企业|医院)名?称?", head) else 6) for r in body)
        and not re.search(r"指标|项目名称|内容", head)
    )


def _head(tokens: list[Token], i: int) -> tuple[list[str], int]:
    """The heading words before the first row: back to the table's title or the end of the prose."""
    words: list[str] = []
    start = tokens[i].start
    for j in range(i - 1, max(-1, i - 70), -1):
        token = tokens[j]
        if SENTENCE.search(token.words) or len(token.words) > 45:
            break
        words.append(token.words)
        start = token.start
        if re.search(r"(?:表|清单|一览|明细)\d?(?:\([^)]{1,12}\))?$", token.words) and len("".join(words)) > 4:
            before = tokens[j - 1].words if j else ""
            if not re.search(r"附件|附表|\d年", before + token.words[:6]) and len(token.words) < 8:
                continue
            break
    return words[::-1], start


def _whole_of(table: Table, c: int, items: list[Item]) -> Item | None:
    """The one target of the text that the column adds up to."""
    total = sum(r.cells[c] or 0 for r in table.rows) * table.columns[c].scale
    fits = [
        i
        for i in items
        if i.kind == "target"
        and i.table is None
        and i.value == total
        and (i.value or 0) > 3
        and (i.unit != "%" or table.columns[c].unit == "%")
    ]
    alike = [i for i in fits if table.columns[c].subject in i.subject or i.subject in table.columns[c].subject]
    return alike[0] if alike else fits[0] if len(fits) == 1 else None


def name_by_sums(table: Table, items: list[Item]) -> None:
    """A column without a unit is what the text's target is that it adds up to: 8+7+12+11 = 38 公里 of footpath."""
    for c, column in enumerate(table.columns):
        whole = _whole_of(table, c, items) if column.guessed and len(table.rows) > 1 else None
        if whole and whole.unit:
            column.unit, column.guessed = whole.unit, False
            if re.fullmatch(r"第\d+列", column.subject) and whole.subject:
                column.subject = whole.subject


def take_deadlines(table: Table, made: list[Item], items: list[Item]) -> None:
    """Shares are due when their whole is, where the text dates the whole within the same year."""
    for c in range(len(table.columns)):
        whole = _whole_of(table, c, items)
        for item in made if whole else []:
            if item.kind == "allocation" and item.subject == table.columns[c].subject and whole and whole.deadline:
                item.parent = whole.key()
                if whole.deadline_written and (
                    item.deadline is None
                    or (item.deadline.year == whole.deadline.year and len(whole.deadline_written) <= 16)
                ):
                    item.deadline, item.begin = whole.deadline, whole.begin


def table_items(table: Table, number: int, period: dt.date | None, period_begin: dt.date | None) -> list[Item]:
    """An allocation (or a done fact) for each cell; totals are kept for checking and make no items."""
    made: list[Item] = []
    title_year = re.search(r"(20\d\d)年?度?", table.title)
    done = bool(re.search(r"完成情况|进展情况|统计表|现状|完成表|汇总表", table.title)) and not re.search(
        "计划|任务|目标", table.title
    )
    for n, row in enumerate(table.rows, 1):
        for c, value in enumerate(row.cells):
            if value is None or c >= len(table.columns):
                continue
            column = table.columns[c]
            year = (
                table.years[row.group]
                if table.group_sums and len(table.years) > 1 and len(table.group_sums) > 1
                else column.year
            )
            year = year or (
                int(title_year.group(1)) if title_year and not re.search(r"20\d\d年?[-—至~]", table.title) else None
            )
            tense = column.tense or ("done" if done else None)
            unit, scale = _cell_unit(row, c, column)
            item = Item(
                kind="achieved" if tense == "done" else "allocation",
                start=row.start,
                end=min(row.end, row.start + 40),
                value=_times(value, scale),
                unit=unit,
                comparator="=",
                subject=column.subject,
                scope=row.name,
                table=number,
                row=n,
                uncertain=c in row.doubtful,
                confidence=0.5 if c in row.doubtful else (0.97 if table.proven else 0.85),
            )
            item.at = row.start
            if year and item.kind == "allocation":
                item.begin, item.deadline = dt.date(year, 1, 1), dt.date(year, 12, 31)
            elif item.kind == "allocation":
                item.begin, item.deadline = period_begin, period
            made.append(item)
    return made


def _cell_unit(row: Row, c: int, column: Column) -> tuple[str, int]:
    printed = row.units[c] if c < len(row.units) else None
    if not printed:
        return column.unit, column.scale
    if printed.startswith("万"):
        return printed[1:], 10_000
    return printed, 1


def _times(value: float, scale: int) -> float:
    result = round(value * scale, 4)
    return int(result) if result == int(result) else result

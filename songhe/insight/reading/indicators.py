"""Tables of indicators: a name, a unit, a value for the base year and one for the goal.

序号|指标|单位|2020年|2025年|属性 in lines or flattened a cell a line.
"""

import datetime as dt
import re
from dataclasses import dataclass

from songhe.insight.reading.columns import scaled
from songhe.insight.reading.items import Item
from songhe.insight.reading.numerals import tidy
from songhe.insight.reading.text import Text
from songhe.insight.reading.tokens import Token, tokens_of
from songhe.insight.reading.vocabulary import vocabulary

NAME = re.compile(
    r"^(?:主要|具体|核心)?(?:指标|指标名称|指标内容|项目|项目名称|建设项目|目标任务|任务指标|任务名称|任务|重点任务|工作任务|主要任务|任务内容|事项|工作事项|实事项目|项目内容|建设内容|工作内容)$"
)
UNIT = re.compile(r"^(?:计量)?单位$")
VALUE = re.compile(
    r"^(?:(20\d\d)年?(?:底)?)?(现状值?|基期值?|基数|实际值?|完成值?|完成情况|目标值?|目标任务|任务数?|规划值?|预期值?|计划数?|计划|数量|总量|年度目标|年度任务|合计)?(?:\((?:20\d\d)年\))?$"
)
OTHER = re.compile(
    r"^(?:序号|类别|领域|类型|分类|属性|指标属性|性质|指标性质|备注|责任单位|责任部门|牵头单位|牵头部门|年均增长.*|增速.*|数据来源)$"
)
NUMBER = re.compile(
    r"(?P<sign>[≥≤<>约]=?|不低于|不少于|不超过)?(?P<n>\d{1,9}(?:\.\d{1,4})?)(?P<scale>[万亿])?(?P<unit>%|‰|个百分点|个|张|家|所|处|人|名|户|平方米|人次)?(?P<tail>以上|左右|以内|以下)?"
)
AIMED = re.compile(r"目标|计划|任务|规划|预期")
DONE = re.compile(r"现状|基期|基数|实际|完成")
SIGNS = {
    "≥": ">=",
    ">": ">=",
    "不低于": ">=",
    "不少于": ">=",
    "≤": "<=",
    "<": "<=",
    "不超过": "<=",
    "约": "about",
    "以上": ">=",
    "左右": "about",
    "以内": "<=",
    "以下": "<=",
}


@dataclass
class Head:
    """Where each kind of column stands; `values` are (position, year, done)."""

    width: int
    name: int
    unit: int | None
    values: list[tuple[int, int | None, bool]]
    labels: int


def find_indicators(text: Text, year: int, begins: int | None = None) -> tuple[list[Item], list[tuple[int, int]]]:
    """The items of every indicator table, and the stretches of text they take up. `year` is the paper's.

    `begins` is the first year it plans for: a column of that year is planned, not where things stood.
    """
    tokens = tokens_of(text)
    items: list[Item] = []
    regions: list[tuple[int, int]] = []
    i = 0
    while i < len(tokens):
        head = (
            _head(tokens, i, year, begins)
            if NAME.match(tokens[i].words) or tokens[i].words in ("序号", "类别")
            else None
        )
        if head:
            found, end = _rows(tokens, i + head.width, head, len(regions) + 1)
            if found:
                items += found
                regions.append((tokens[i].start, tokens[end - 1].end))
                i = end
                continue
        i += 1
    return items, regions


def _head(tokens: list[Token], i: int, year: int, begins: int | None = None) -> Head | None:
    name = unit = None
    values: list[tuple[int, int | None, bool]] = []
    n = i
    while n < len(tokens) and n - i < 12:
        words = tokens[n].words
        if NAME.match(words) and name is None:
            name = n - i
        elif UNIT.match(words):
            unit = n - i
        elif (m := VALUE.match(words)) and words and name is not None:
            values.append((n - i, int(m.group(1)) if m.group(1) else _bracketed(words), bool(DONE.search(words))))
        elif not OTHER.match(words):
            break
        n += 1
    if name is None or not values or (unit is None and len(values) < 2):
        return None
    dated = [y for _, y, _ in values if y]
    if len(values) > 1 and not any(d for _, _, d in values):  # the first of several years is where things stood
        first = min(dated, default=0)
        first = min(first, year) if begins is None or begins > first else 0
        values = [
            (at, y, y is not None and not AIMED.search(tokens[i + at].words) and (y < year or y == first))
            for at, y, _ in values
        ]
    return Head(n - i, name, unit, values, 0)


def _bracketed(words: str) -> int | None:
    m = re.search(r"\((20\d\d)年\)", words)
    return int(m.group(1)) if m else None


def _rows(tokens: list[Token], i: int, head: Head, number: int) -> tuple[list[Item], int]:
    items: list[Item] = []
    row = 0
    while i < len(tokens):
        for width in (head.width, head.width - 1):  # a merged first column is printed once
            cells = tokens[i : i + width]
            made = _row(cells, head, head.width - width, row + 1, number)
            if made is not None:
                items += made
                i += width
                row += 1
                break
        else:
            break
    return items, i


def _row(cells: list[Token], head: Head, missing: int, row: int, number: int) -> list[Item] | None:
    last = max(at for at, _, _ in head.values) - missing
    if len(cells) <= last or head.name - missing < 0:
        return None
    subject = cells[head.name - missing].words
    printed = cells[head.unit - missing].words if head.unit is not None else ""
    bracket = re.search(r"\(([^()]{1,8})\)$", subject)
    unit, factor = scaled(printed or (bracket.group(1) if bracket else ""))
    if (
        len(subject) < 3
        or re.fullmatch(r"[\d.]+", subject)
        or (head.unit is not None and unit not in vocabulary().units and printed not in ("", "-", "—"))
    ):
        return None
    made: list[Item] = []
    for at, year, done in head.values:
        cell = cells[at - missing]
        m = NUMBER.fullmatch(cell.words)
        if not m:
            if cell.blank:
                continue
            return None
        value = float(m["n"]) * {"万": 10_000, "亿": 100_000_000}.get(m["scale"] or "", 1) * factor
        shown = vocabulary().units[m["unit"]].canonical if m["unit"] else unit or vocabulary().unit_of_thing(subject)
        sign = SIGNS.get((m["sign"] or "").rstrip("=")) or SIGNS.get(m["tail"] or "", "=")
        item = Item(
            kind="achieved" if done else "target",
            start=cells[0].start,
            end=min(cells[-1].end, cells[0].start + 40),
            value=tidy(value),
            unit=shown,
            comparator=sign,
            subject=re.sub(r"\([^()]{1,8}\)$", "", subject),
            table=number,
            row=row,
            at=cell.start,
        )
        if year and not done:
            item.begin, item.deadline = None, dt.date(year, 12, 31)
        elif year:
            item.asof = dt.date(year, 12, 31)
        made.append(item)
    return made or None

"""Rows of a flattened table: a name and k numbers, numbered or not, one a line or all in a stream."""

import re
from collections import Counter
from dataclasses import dataclass, field

from songhe.insight.reading.text import LINE
from songhe.insight.reading.tokens import Token

TOTAL = re.compile(
    r"^(?:合计|总计|小计|共计|总数|全[市县区省州](?:合计|总计|总数)?|汇总|[\u4e00-\u9fff]{1,6}(?:合计|小计|总计))$"
)
NAME = re.compile(r"[\u4e00-\u9fff·A-Za-z()、]{2,24}")
UNIT_FIRST = re.compile(r"[年月日个处家所张名次条项户元万亿的等间座部套人]")


@dataclass
class Row:
    """A name and its numbers; None where the cell is empty. `group` is the part of the table it stands in."""

    name: str
    start: int
    end: int
    cells: list[float | None]
    uncertain: bool = False
    group: int = 0
    units: list[str | None] = field(default_factory=list)
    doubtful: set[int] = field(default_factory=set)


@dataclass
class Parsed:
    """Rows, the numbers left over, and the last token used."""

    rows: list[Row]
    leftovers: list[Token]
    last: Token


def is_name(words: str) -> bool:
    """May these words name a row?"""
    return bool(NAME.fullmatch(words)) and not (UNIT_FIRST.match(words) and len(words) < 3)


def runs_from(tokens: list[Token], i: int) -> list[tuple[list[Token], list[Token]]]:
    """Pairs (names, numbers) from token i until prose begins."""
    runs: list[tuple[list[Token], list[Token]]] = []
    names: list[Token] = []
    numbers: list[Token] = []
    for token in tokens[i:]:
        if token.num is not None or (token.blank and names):
            numbers.append(token)
        elif is_name(token.words) and len(names) < 8:
            if numbers:
                runs.append((names, numbers))
                names, numbers = [], []
            names.append(token)
        else:
            break
    if numbers:
        runs.append((names, numbers))
    return runs


def parse_rows(tokens: list[Token], i: int) -> Parsed | None:
    """The rows that start at token i, or None."""
    runs = runs_from(tokens, i)
    if len(runs) < 2:
        return None
    lead = runs[0][1] if not runs[0][0] else []
    pairs = runs[1:] if lead else runs
    return _indexed(pairs, lead) or _by_lines(pairs, tokens) or _plain(pairs)


def _width(lengths: list[int]) -> int:
    common = Counter(n for n in lengths if n).most_common(1)
    return common[0][0] if common else 0


def _row(names: list[Token], numbers: list[Token], width: int = 0) -> Row:
    row = Row(
        "".join(t.words for t in names),
        names[0].start,
        (numbers or names)[-1].end,
        [t.num for t in numbers],
        units=[t.unit for t in numbers],
    )
    if width > len(numbers):
        row.cells += [None] * (width - len(numbers))
        row.units += [None] * (width - len(numbers))
        row.uncertain = True
        row.doubtful = set(range(width))
    return row


def _indexed(pairs: list[tuple[list[Token], list[Token]]], lead: list[Token]) -> Parsed | None:
    """Rows numbered 1, 2, 3 …: the number of the next row closes each run; rows fused by the PDF share a run."""
    if not lead or lead[-1].num != 1:
        return None
    groups: list[tuple[list[Token], list[Token]]] = []
    expected = 2
    for names, numbers in pairs:
        following = next(
            (
                n
                for n in (4, 3, 2, 1)
                if len(numbers) > n and [t.num for t in numbers[-n:]] == list(range(expected, expected + n))
            ),
            0,
        )
        groups.append((names, numbers[: len(numbers) - following] if following else numbers))
        if not following:
            break
        expected += following
    if len(groups) < 3:
        return None
    width = _width([len(numbers) for names, numbers in groups[:-1] if len(names) == 1]) or _width(
        [len(n) for _, n in groups[:-1]]
    )
    rows: list[Row] = []
    leftovers: list[Token] = []
    for names, numbers in groups:
        if len(names) > 1 and len(numbers) == len(names) * width and width > 0:
            rows += _fused(names, numbers, width)
        else:
            rows.append(_row(names, numbers[:width], width))
            leftovers += numbers[width:]
    last = (groups[-1][1] or groups[-1][0])[-1]
    for names, numbers in pairs[len(groups) :]:
        if names and TOTAL.match("".join(t.words for t in names)):
            rows.append(_row(names, numbers[:width], width))
            leftovers += numbers[width:]
        else:
            leftovers += numbers
        last = numbers[-1]
        if len(leftovers) > 60:
            break
    return Parsed(rows, leftovers, last)


def _fused(names: list[Token], numbers: list[Token], width: int) -> list[Row]:
    """Rows printed column by column: A B 1 1 13 6 → A 1 13, B 1 6. Where they differ, whose is whose is a guess."""
    m = len(names)
    rows = []
    for r, name in enumerate(names):
        row = _row([name], [numbers[c * m + r] for c in range(width)])
        row.start, row.end = names[0].start, numbers[-1].end
        row.doubtful = {c for c in range(width) if len({numbers[c * m + x].num for x in range(m)}) > 1}
        row.uncertain = bool(row.doubtful)
        rows.append(row)
    return rows


def _by_lines(pairs: list[tuple[list[Token], list[Token]]], tokens: list[Token]) -> Parsed | None:
    """Rows on a line each; a number at the start of a line is the next row's index."""
    rows: list[Row] = []
    last: list[Token] = []
    for k, (names, numbers) in enumerate(pairs):
        cells = list(numbers)
        if len(cells) > 1 and all(t.gap >= LINE for t in cells):
            return None
        if k + 1 < len(pairs) and cells[-1].gap >= LINE and pairs[k + 1][0][0].gap < LINE:
            cells.pop()
        if not names or not cells:
            return None
        own_line = names[0].gap >= LINE or (
            names[0].i > 0 and tokens[names[0].i - 1].gap >= LINE and tokens[names[0].i - 1].num is not None
        )
        if k and not own_line:
            break
        cut = next((n for n, t in enumerate(cells) if n and t.gap >= LINE), len(cells))
        cells = cells[:cut]
        rows.append(_row(names, cells))
        last.append(cells[-1])
        if cut < len(numbers) and k + 1 < len(pairs) and numbers[cut:] and cut != len(numbers) - 1:
            break
    return _fit(rows, last)


def _plain(pairs: list[tuple[list[Token], list[Token]]]) -> Parsed | None:
    """Unnumbered rows in a stream: a name and always the same count of numbers; or a cell a line with an index before each name."""
    named = [(names, numbers) for names, numbers in pairs if names]
    return _fit([_row(n, c) for n, c in named], [c[-1] for _, c in named], strict=True)


def _fit(rows: list[Row], last: list[Token], strict: bool = False) -> Parsed | None:
    """Keep the rows up to the first that is too wide; short rows stay as uncertain."""
    width = _width([len(r.cells) for r in rows])
    fitting = sum(len(r.cells) == width for r in rows)
    if width == 0 or fitting < 2 or fitting < len(rows) * (0.75 if strict else 0.5):
        return None
    kept: list[Row] = []
    for row in rows:
        if len(row.cells) > width:
            if strict and not kept:
                return None
            row.cells, row.units = row.cells[:width], row.units[:width]
            row.uncertain = True
        elif len(row.cells) < width:
            missing = width - len(row.cells)
            row.cells += [None] * missing
            row.units += [None] * missing
            row.uncertain, row.doubtful = True, set(range(width))
        kept.append(row)
    return Parsed(kept, [], last[len(kept) - 1])


def parse_columns(tokens: list[Token], i: int) -> tuple[list[str], list[str], list[list[Token]], Token] | None:
    """A table printed column after column: names first, then each heading with one number a name.

    乡镇 A镇 B镇 C镇 站点 5 6 7 床位 50 60 70 → (names, headings, numbers of each heading, last token)
    """
    names: list[Token] = []
    j = i
    while j < len(tokens) and j - i < 200 and tokens[j].num is None and is_name(tokens[j].words):
        names.append(tokens[j])
        j += 1
    if len(names) < 3:
        return None
    runs = runs_from(tokens, j - 1)
    for width in range(len(names) - 1, 1, -1):
        found = _columns_of(runs, names, width)
        if found:
            return found
    return None


def _columns_of(
    runs: list, names: list[Token], width: int
) -> tuple[list[str], list[str], list[list[Token]], Token] | None:
    """Read the runs as columns of `width` numbers (one more where a total is printed)."""
    heads: list[str] = []
    columns: list[list[Token]] = []
    for head, numbers in runs:
        if len(numbers) not in (width, width + 1) or not head:
            break
        heads.append("".join(t.words for t in head))
        columns.append(numbers)
    if not columns or (len(columns) == 1 and len(columns[0]) < 3):
        return None
    first = len(names) - 1  # the last name is the first heading
    chosen = [t.words for t in names[first - width : first]] if first >= width else []
    if chosen and TOTAL.match(chosen[-1]):
        chosen = chosen[:-1]
        columns = [c[:-1] for c in columns]
    elif any(len(c) == width + 1 for c in columns):
        if any(sum(t.num or 0 for t in c[:-1]) != c[-1].num for c in columns if len(c) == width + 1):
            return None
        columns = [c[:width] for c in columns]
    return (chosen, heads, columns, columns[-1][-1]) if len(chosen) >= 2 else None

"""Lists of progress: a task, who, by when, how far it is; printed a cell a line or with the cells of a row parted by bars.

What a task's cell promises is a target by the date of its row, and what the cells of progress say has been done.
"""

import re
from dataclasses import dataclass

from songhe.insight.reading.text import LINE, Text

TASK = re.compile(r"^.{0,10}(?:任务|项目|事项|内容|目标|指标|工作|实事)(?:名称|内容|\(.{1,12}\))?$")
DONE = re.compile(r"^.{0,8}(?:进展|完成情况|落实情况|推进情况|实施情况|成效|办理情况|目前情况)(?:情况)?.{0,12}$")
WHEN = re.compile(r"时[限间]|期限|节点")
DATE = re.compile(
    r"^(?:20\d\d年)?(?:\d{1,2}月(?:\d{1,2}日|底|末|上旬|中旬|下旬)?|年底|年末|[上下]半年|\d季度末?)(?:之?前|完成)?$"
)
HEADS = 8
HEAD_WIDTH = 16


@dataclass
class Cell:
    """chars[start:end] of one cell; done for progress; `due` is where the row's date stands, if the row has one."""

    start: int
    end: int
    done: bool
    due: tuple[int, int] | None = None


def find_progress(text: Text) -> list[Cell]:
    """The cells of tasks and of progress of every such list, in order."""
    lines = _lines(text)
    cells: list[Cell] = []
    i = 0
    while i < len(lines):
        heads = _heads(text, lines, i)
        if heads:
            found, i = _rows(text, lines, i + len(heads), heads)
            cells += found
        else:
            i += 1
    return cells


def _lines(text: Text) -> list[tuple[int, int]]:
    """Printed lines, and the cells of lines that have bars."""
    starts = [0, *(i for i in range(1, len(text.chars)) if text.gap[i] >= LINE)]
    pieces = []
    for a, b in zip(starts, [*starts[1:], len(text.chars)], strict=True):
        at = a
        for m in re.finditer(r"\|", text.chars[a:b]) if "|" in text.chars[a:b] else ():
            pieces.append((at, a + m.start()))
            at = a + m.end()
        pieces.append((at, b))
    return [(a, b) for a, b in pieces if b > a]


def _heads(text: Text, lines: list[tuple[int, int]], i: int) -> list[str] | None:
    """The headings from 序号 to the last one of progress, or None."""
    if text.chars[slice(*lines[i])] != "序号":
        return None
    words = []
    for a, b in lines[i : i + HEADS]:
        if b - a > HEAD_WIDTH or text.chars[a:b].isdigit():
            break
        words.append(text.chars[a:b])
    done = [n for n, w in enumerate(words) if n and DONE.match(w)]
    named = any(TASK.match(w) for w in words[1 : done[0]]) if done else False
    return words if named and i + len(words) < len(lines) else None


def _rows(text: Text, lines: list[tuple[int, int]], i: int, heads: list[str]) -> tuple[list[Cell], int]:
    chars, cells, number = text.chars, [], 0
    due: tuple[int, int] | None = None
    task = next(n for n, w in enumerate(heads) if n and TASK.match(w))
    first_done = next(n for n, w in enumerate(heads) if n and DONE.match(w))
    while i < len(lines) and chars[slice(*lines[i])] == str(number + 1):
        number += 1
        stop = next((n for n in range(i + 1, min(i + 60, len(lines))) if chars[slice(*lines[n])] == str(number + 1)), 0)
        row = lines[i + 1 : stop or i + len(heads)]
        dates = [cell for cell in row if DATE.match(chars[slice(*cell)])]
        due = dates[-1] if dates else due if any(WHEN.search(w) for w in heads) else None
        whole = len(row) == len(heads) - 1
        for n, (a, b) in enumerate(row, 1):
            if n == task or (not whole and n == 1):
                cells.append(Cell(a, b, False, due))
            elif n >= first_done if whole else n == len(row) > 1 and b - a > HEAD_WIDTH:
                cells.append(Cell(a, b, True))
        i += 1 + len(row)
    return cells, i

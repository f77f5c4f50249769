"""Paragraphs and headings of a squeezed text.

A heading is a numbered start (一、(一)1.(1)第一阶段) or a short line without a full stop; what follows stands under it.
"""

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from songhe.insight.reading.text import LINE, SPACE, Text

MARKS = [  # level, pattern
    (1, re.compile(r"第[一二三四五六七八九十百]{1,4}(?:章|部分|编)|[壹贰叁参肆伍陆柒捌玖拾]{1,2}、")),
    (2, re.compile(r"[一二三四五六七八九十]{1,3}、")),
    (3, re.compile(r"[((][一二三四五六七八九十]{1,3}[))]")),
    (4, re.compile(r"第[一二三四五六七八九十百]{1,5}条(?!例)")),
    (5, re.compile(r"\d{1,2}(?:[、.](?!\d)|\.(?=20\d\d年))")),
    (6, re.compile(r"[((]\d{1,2}[))]")),
    (7, re.compile(r"[①-⑳]")),
    (7, re.compile(r"[—]{2}|[●■◆▲○•·]\s?")),
]
ORDINAL = re.compile(r"(?:[一二三四五六七八九十]是|第[一二三四五六七八九十]阶段[:,。(]?|第[一二三四五六七八九十],)")
STOPS = "。!?;:"
INDEX = re.compile(r"\d{1,3}(?![年月日号时点分至])(?=[\u4e00-\u9fff])")
MAX_SENTENCE = 1200


@dataclass
class Block:
    """chars[start:end] of one paragraph; `title_end` closes its heading part (== start when it has none)."""

    start: int
    end: int
    level: int = 9
    title_end: int = 0
    heads: list["Block"] = field(default_factory=list)
    number: int = 0


def cut_blocks(text: Text, skip: list[tuple[int, int]], cells: Iterable[int] = ()) -> list[Block]:
    """Blocks in order, leaving out the table regions in `skip`; `cells` are places where one must end."""
    edges = _edges(text, skip, cells)
    blocks: list[Block] = []
    stack: list[Block] = []
    for number, (start, end) in enumerate(edges):
        start += _index_length(text, start)
        level, mark_end = _mark(text.chars, start, end)
        block = Block(start, end, level, start, number=number)
        block.title_end = _title_end(text, block, mark_end)
        if level < 9 or block.title_end == end:
            if level == 9:
                block.level = 8
            while stack and stack[-1].level >= block.level:
                stack.pop()
            block.heads = list(stack)
            if block.title_end > block.start:
                stack.append(block)
        else:
            block.heads = list(stack)
        blocks.append(block)
    return blocks


def _index_length(text: Text, start: int) -> int:
    """How long a bare row number is that opens a line ("3 家庭养老床位…"): it counts nothing. 0 when there is none."""
    m = INDEX.match(text.chars, start)
    opens = start == 0 or text.gap[start] >= LINE
    return m.end() - start if m and opens and text.gap[m.end()] >= SPACE else 0


def _edges(text: Text, skip: list[tuple[int, int]], cells: Iterable[int] = ()) -> list[tuple[int, int]]:
    chars, size = text.chars, len(text.chars)
    soft = _soft_breaks(text)
    cuts = {0, size, *cells}
    for i in range(1, size):
        gap = text.gap[i]
        if (gap >= LINE and i not in soft) or (
            (gap >= SPACE or chars[i - 1] in "。;:") and _starts_item(chars, i, gap)
        ):
            cuts.add(i)
    for start, end in skip:
        cuts |= {start, end}
    ordered = sorted(cuts)
    inside = (
        [(a, b) for a, b in itertools.pairwise(ordered) if not any(s <= a < e for s, e in skip)]
        if skip
        else list(itertools.pairwise(ordered))
    )
    return [piece for a, b in inside if b > a for piece in _bounded(chars, a, b)]


def _bounded(chars: str, start: int, end: int) -> list[tuple[int, int]]:
    """A paragraph of monstrous length is cut so that every later step stays linear."""
    limit = 20 * MAX_SENTENCE
    return [(a, min(a + limit, end)) for a in range(start, end, limit)]


def _starts_item(chars: str, i: int, gap: int) -> bool:
    if chars[i] in "一二三四五六七八九十((第①②③④⑤⑥⑦⑧⑨⑩壹贰叁参肆伍陆柒捌玖拾" or chars[i].isdigit():
        for level, mark in MARKS:
            hit = mark.match(chars, i)
            if hit and level < 7:
                if level == 5 and not (gap or chars[i - 1] in "。;:"):
                    return False
                # a bracketed number inside a sentence ("(1)…;(2)…") starts an item only after a stop
                return gap >= SPACE or chars[i - 1] in "。;:"
            if hit:
                return True
    return False


def _soft_breaks(text: Text) -> set[int]:
    """Line ends that only wrap a printed line. A text is wrapped when many lines stop at one width in mid-sentence."""
    starts = [0] + [i for i in range(1, len(text.chars)) if text.gap[i] >= LINE]
    lines = list(zip(starts, [*starts[1:], len(text.chars)], strict=True))
    wide = [_display(text.chars[a:b]) for a, b in lines]  # as printed: two columns a Chinese character, one a digit
    open_ended = [
        w for (a, b), w in zip(lines, wide, strict=True) if b - a >= 15 and text.chars[b - 1] not in STOPS + "))”》,、|"
    ]
    if len(lines) < 4 or len(open_ended) < 3:
        return set()
    width = sorted(open_ended)[int(len(open_ended) * 0.75)]
    if max(wide) > width * 1.6 + 12 and sum(w > width * 1.2 for w in wide) > len(wide) * 0.03:
        return set()
    full = sum(width - 8 <= n <= width + 8 for n in open_ended)
    if full < 3 or full < len(open_ended) * 0.5:
        return set()
    soft = set()
    for ((a, b), (c, _)), w in zip(itertools.pairwise(lines), wide, strict=False):
        if (
            w >= width - 10
            and text.chars[b - 1] not in "。!?;:|"
            and "|" not in text.chars[a:b]
            and not _mark(text.chars, c, len(text.chars))[1]
            and not (_index_length(text, a) or _index_length(text, c))
        ):
            soft.add(c)
    return soft


def _display(words: str) -> int:
    return sum(1 if c.isascii() else 2 for c in words)


def _mark(chars: str, start: int, end: int) -> tuple[int, int]:
    for level, mark in MARKS:
        hit = mark.match(chars, start, end)
        if hit:
            return level, hit.end()
    return 9, 0


def _title_end(text: Text, block: Block, mark_end: int) -> int:
    """The heading part ends at the first stop, a wide gap, or with a short line."""
    chars, start, end = text.chars, block.start, block.end
    stop = next((i for i in range(max(start, mark_end), min(end, start + 60)) if chars[i] in "。;!?"), None)
    if block.level >= 9:
        short = end - start <= 34 and chars[end - 1] not in "。;,、:!?" and stop is None
        return end if short and not re.search(r"[,;]", chars[start:end]) else start
    colon = chars.find(":", max(start, mark_end), min(end, start + 24))
    if 0 <= colon < (stop if stop is not None else end):
        return colon + 1
    gap = next((i for i in range(mark_end + 2, min(end, start + 26)) if text.gap[i] >= SPACE), None)
    if (
        gap
        and block.level <= 3
        and not re.search(r"[,。;:(]", chars[start:gap])
        and not chars[gap - 1].isdigit()
        and gap - mark_end >= 3
        and (stop is None or gap < stop)
    ):
        return gap
    if stop is not None and stop - start <= 45:
        title = chars[start:stop]
        return start if stop + 1 >= end and re.search(r"\d", title[mark_end - start :]) and "," in title else stop + 1
    return end if end - start <= 45 and stop is None and "," not in chars[start:end] else start


def sentences(chars: str, start: int, end: int) -> list[tuple[int, int]]:
    """Sentences of chars[start:end]: cut at 。!? outside brackets and quotes."""
    found, depth, a = [], 0, start
    for i in range(start, end):
        c = chars[i]
        if c in "(《“":
            depth += 1
        elif c in ")》”":
            depth = max(0, depth - 1)
        if (c in "。!?" and (depth == 0 or i - a > 300)) or i - a > MAX_SENTENCE:
            # a bracketed note that follows its stop belongs to the sentence: 。(市民政局负责)
            found.append((a, i + 1))
            a, depth = i + 1, 0
    if a < end:
        found.append((a, end))
    return found


def segments(chars: str, start: int, end: int, stops: str = ";") -> list[tuple[int, int]]:
    """Pieces of chars[start:end] between the stops, brackets respected."""
    found, depth, a = [], 0, start
    for i in range(start, end):
        c = chars[i]
        if c in "(《":
            depth += 1
        elif c in ")》":
            depth = max(0, depth - 1)
        if c in stops and depth == 0:
            found.append((a, i))
            a = i + 1
    if a < end:
        found.append((a, end))
    return found

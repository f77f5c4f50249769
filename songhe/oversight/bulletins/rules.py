"""Arithmetic of an official document: numbers, dates, headings, and what fits on a page. No framework, no clock.

Measures follow GB/T 9704-2012 (党政机关公文格式): A4, top margin 37 mm, left 28 mm, type area 156 × 225 mm, 22 lines of 28
characters, body in 三号 (16 pt). 28 × 16 pt are 448 pt and the type area is 442.2 pt wide, so every character stands in a cell
a little narrower than itself: that is the character grid (w:docGrid) Word's own 公文 settings write.
"""

import re
from dataclasses import dataclass
from datetime import date

PT_PER_MM = 72 / 25.4
TWIPS_PER_PT = 20


@dataclass(frozen=True)
class Page:
    """A sheet in mm and what has to fit on it; `size` is the body's type size in pt."""

    width: float = 210.0
    height: float = 297.0
    top: float = 37.0
    bottom: float = 35.0
    left: float = 28.0
    right: float = 26.0
    lines: int = 22
    characters: int = 28
    size: float = 16.0

    @property
    def area(self) -> tuple[float, float]:
        """Width and height of the type area (版心) in mm."""
        return self.width - self.left - self.right, self.height - self.top - self.bottom

    @property
    def line_pitch(self) -> int:
        """Height of a line in twips: the type area's height over its lines, cut off, so that the last line still fits."""
        return int(self.area[1] * PT_PER_MM * TWIPS_PER_PT / self.lines)

    @property
    def cell(self) -> float:
        """Width of a character's cell in pt."""
        return self.area[0] * PT_PER_MM / self.characters

    @property
    def character_space(self) -> int:
        """w:charSpace of w:docGrid: the cell's difference from the type size, in 4096ths of a point, cut towards narrower."""
        return int((self.cell - self.size) * 4096) - 1

    def lines_that_fit(self, line_pt: float) -> int:
        """Lines of that height on one page."""
        return int(self.area[1] * PT_PER_MM / line_pt + 1e-6)

    def characters_that_fit(self, advance_pt: float) -> int:
        """Full-width characters of that advance in one line."""
        return int(self.area[0] * PT_PER_MM / advance_pt + 1e-6)


PAGE = Page()
_DIGITS = "〇一二三四五六七八九"


def lines_of(text: str, page: Page = PAGE, indent: int = 2) -> int:
    """How many lines a paragraph of full-width characters takes, its first line indented by `indent` characters."""
    return max(1, -(-(len(text) + indent) // page.characters))


def counted(number: int) -> str:
    """1–99 as Chinese counting: 一, 十, 十二, 二十, 九十九. ValueError outside."""
    if not 1 <= number <= 99:
        raise ValueError(number)
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else _DIGITS[tens] + "十"
    return head + (_DIGITS[ones] if ones else "")


def heading(level: int, number: int) -> str:
    """The number before a heading, GB/T 9704-2012 7.3.3: 一、 then （一） then 1. then （1）."""
    return (f"{counted(number)}、", f"（{counted(number)}）", f"{number}.", f"（{number}）")[level - 1]


def document_number(word: str, year: int, serial: int) -> str:
    """发文字号: the organ's word, the year in six-cornered brackets, a serial without 第 and without leading zeros (7.2.5).

    >>> document_number("定民通报", 2023, 5)
    '定民通报〔2023〕5号'
    """
    if not word or not 1900 <= year <= 2199 or serial < 1:
        raise ValueError((word, year, serial))
    return f"{word}〔{year}〕{serial}号"


_NUMBER = re.compile(r"(?P<word>[一-鿿A-Za-z]+)[〔\[［(（](?P<year>\d{4})[〕\]］)）]0*(?P<serial>[1-9]\d*)号?")


def read_number(text: str) -> tuple[str, int, int]:
    """(word, year, serial) of a document number, also of one typed with the wrong brackets. ValueError otherwise."""
    found = _NUMBER.fullmatch(text.replace(" ", ""))
    if found is None:
        raise ValueError(text)
    return found["word"], int(found["year"]), int(found["serial"])


def day(on: date) -> str:
    """成文日期 with Arabic digits, month and day without leading zero (7.3.5): 2023年11月1日."""
    return f"{on.year}年{on.month}月{on.day}日"


def page_mark(number: int) -> str:
    """The page number between two dashes (7.5): —1—."""
    return f"—{number}—"


def share(numerator: int, denominator: int, value: float | None) -> str:
    """A rate never without its base: 88.9%（8/9）; 无应办（0/0）."""
    shown = "无应办" if value is None else f"{value:.1f}%"
    return f"{shown}（{numerator}/{denominator}）"


def change(now: float | None, before: float | None) -> str:
    """The change between two values in percent, in percentage points; empty where one of them is missing."""
    if now is None or before is None:
        return ""
    difference = round(now - before, 1)
    if difference == 0:
        return "与上月持平"
    return f"比上月{'提高' if difference > 0 else '下降'}{abs(difference):.1f}个百分点"


WHY = {
    "typed": ("有一处是手填的", "one of them was typed by hand"),
    "indicator": ("取自不同的指标", "taken from different indicators"),
    "side": ("一处取分子、一处取分母或比率", "one takes the numerator, another the denominator or the rate"),
    "version": ("指标定义的版本不同", "the indicator's definition has changed between them"),
    "basis": ("一处用封存数、一处用修订数", "one uses the frozen figure, another the revised one"),
    "as_of": ("两次填报之间有修订", "a revision came between the two"),
}


def disagreements(filled: list[dict]) -> list[dict]:
    """Where forms say different things about one thing, and why.

    `filled`: values of forms ({"form", "caption", "place_code", "value", "indicator", "side", "version", "basis", "as_of",
    "typed", …}). Two values are about one thing when they carry the same caption, or the same side of the same indicator, for
    one place and month. → [{"caption", "place_code", "place_name", "period", "entries", "why": [codes of WHY]}].
    """
    groups: dict[tuple, list[dict]] = {}
    for one in filled:
        where = (one["place_code"], one["period"])
        groups.setdefault(("caption", "".join(one["caption"].split()), *where), []).append(one)
        if one["indicator"]:
            groups.setdefault(("figure", one["indicator"], one["side"], *where), []).append(one)
    found, seen = [], set()
    for entries in groups.values():
        members = frozenset((e["form"], e["cell"]) for e in entries)
        if len({str(e["value"]) for e in entries}) < 2 or members in seen:
            continue
        seen.add(members)
        first = entries[0]
        found.append(
            {k: first[k] for k in ("caption", "place_code", "place_name", "period")}
            | {"entries": entries, "why": _why(entries)}
        )
    return found


def _why(entries: list[dict]) -> list[str]:
    """The first things that differ; a later sign is told only where the earlier ones are the same."""
    if any(e["typed"] for e in entries):
        return ["typed"]
    reasons = [name for name in ("indicator", "side", "version", "basis") if len({e[name] for e in entries}) > 1]
    if "indicator" in reasons and "version" in reasons:  # two indicators have two definitions anyway
        reasons.remove("version")
    return reasons or ["as_of"]

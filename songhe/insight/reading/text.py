"""A text squeezed and normalised for matching, with the way back to every original character.

Raw "建成 １２ 處" becomes "建成12处"; `at[2]` is the raw index of the "１".
"""

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache

NONE, SPACE, WIDE, LINE, BLANK = range(5)
_INVISIBLE = {"\u200b", "\u200c", "\u200d", "\ufeff", "\u2060", "\u00ad", "\u200e", "\u200f"}
_SAME = {
    "﹝": "〔",
    "﹞": "〕",
    "﹙": "(",
    "﹚": ")",
    "﹪": "%",
    "﹣": "-",
    "−": "-",
    "‐": "-",
    "‑": "-",
    "–": "-",
    "〜": "~",
    "～": "~",
    "∼": "~",
    "．": ".",
    "﹐": ",",
    "﹑": "、",
    "「": "“",
    "」": "”",
    "『": "“",
    "』": "”",
    "〞": "”",
    "〝": "“",
    "﹔": ";",
    "﹕": ":",
    "︰": ":",
    "﹥": ">",
    "﹤": "<",
    "✕": "×",
}
_CJK = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")


@dataclass(frozen=True)
class Cut:
    """A stretch of raw text left out, with the reason."""

    start: int
    end: int
    why: str


@dataclass
class Text:
    """`chars` normalised and squeezed; `at` raw index of each; `gap` how wide the white space before it was."""

    raw: str
    chars: str = ""
    at: list[int] = field(default_factory=list)
    gap: bytearray = field(default_factory=bytearray)
    traditional: bool = False

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The raw span of chars[start:end]."""
        if start >= end or start >= len(self.at):
            edge = self.at[min(start, len(self.at) - 1)] if self.at else 0
            return edge, edge
        return self.at[start], self.at[end - 1] + 1

    def original(self, start: int, end: int) -> str:
        """The raw words of chars[start:end]."""
        a, b = self.span(start, end)
        return self.raw[a:b]


@cache
def _converter():
    from opencc import OpenCC  # heavy dictionaries: only when a traditional text comes in

    return OpenCC("t2s")


def simplified(text: str) -> tuple[str, bool]:
    """The text in simplified script with every offset kept, and whether it was traditional.

    Phrase conversion may change a line's length; such a line is converted character by character.
    """
    sample = text[:20000]
    if len(_CJK.findall(sample)) == 0:
        return text, False
    turned = _converter().convert(sample)
    changed = sum(a != b for a, b in zip(sample, turned, strict=False))
    if changed < 8 and changed * 12 < len(_CJK.findall(sample)):
        return text, False
    lines = []
    for line in text.split("\n"):
        new = _converter().convert(line)
        if len(new) != len(line):
            new = "".join(c if len(c1 := _converter().convert(c)) != 1 else c1 for c in line)
        lines.append(new)
    return "\n".join(lines), True


def normal_char(char: str) -> str:
    """One character in half width, compatibility forms folded; always one character."""
    if char in _SAME:
        return _SAME[char]
    if "\u4e00" <= char <= "\u9fff" or char < "\u0080":
        return char
    folded = unicodedata.normalize("NFKC", char)
    return folded if len(folded) == 1 else char


def _joins(before: str, after: str) -> bool:
    """White space between these two is dropped: all but between two digits or two Latin letters."""
    return not (before.isascii() and after.isascii() and before.isalnum() and after.isalnum())


def squeeze(raw: str, cuts: list[Cut] | None = None) -> Text:
    """Normalise and squeeze, leaving the cuts out."""
    plain, traditional = simplified(raw)
    text = Text(raw=raw, traditional=traditional)
    celled = _celled(plain)
    out: list[str] = []
    pending, skips = NONE, sorted(cuts or [], key=lambda c: c.start)
    which, i, size = 0, 0, len(plain)
    while i < size:
        if which < len(skips) and i >= skips[which].start:
            whole_lines = "\n" in raw[skips[which].start : skips[which].end] or skips[which].start == 0
            pending = max(pending, LINE if whole_lines else SPACE)
            i, which = max(i, skips[which].end), which + 1
            continue
        char = plain[i]
        if char in _INVISIBLE or (unicodedata.category(char) in ("Cc", "Cf", "Co", "Cs") and char not in "\n\r\t\f\v"):
            i += 1
            continue
        if char == "\t" and out and i in celled and pending < LINE:
            char = "|"
        if char.isspace():
            pending = _wider(pending, char)
            i += 1
            continue
        char = normal_char(char)
        if pending and out and not _joins(out[-1], char):
            out.append(" ")
            text.at.append(i)
            text.gap.append(NONE)
        out.append(char)
        text.at.append(i)
        text.gap.append(pending if out else NONE)
        pending = NONE
        i += 1
    text.chars = "".join(out)
    return _common_era(text) if traditional else text


REPUBLIC = re.compile(
    r"(?<![\d.])(?:9\d|1[0-4]\d)(?=年(?:度|底|内|起|至|到|前|全年|\d{1,2}月|[,，上下)）。;；、]|$|[\u4e00-\u9fff]))"
)


def _common_era(text: Text) -> Text:
    """Years of the Republic (民國114年, 115年底前) as years of the common era; both ways back to the raw text are kept."""
    hits = list(REPUBLIC.finditer(text.chars))
    if "民国" not in text.chars and (len(hits) < 2 or re.search(r"20[0-4]\d年", text.chars)):
        return text
    out, at, gap, last = [], [], bytearray(), 0
    for m in hits:
        a, b = m.span()
        out += [text.chars[last:a], str(int(m.group(0)) + 1911)]
        where, width = text.at[a:b], text.gap[a:b]
        at += [*text.at[last:a], *where, *where[-1:] * (4 - len(where))]
        gap += text.gap[last:a] + width + bytes(4 - len(width))
        last = b
    return Text(
        text.raw, "".join([*out, text.chars[last:]]), [*at, *text.at[last:]], gap + text.gap[last:], text.traditional
    )


def _celled(plain: str) -> set[int]:
    """The tabs of lines with two or more: they part the cells of a table, and "|" stands for them."""
    found: set[int] = set()
    for m in re.finditer(r"[^\n]*\t[^\n]*\t[^\n]*", plain):
        if len(m.group(0)) < 4000:
            found |= {m.start() + n for n, c in enumerate(m.group(0)) if c == "\t"}
    return found


def _wider(pending: int, char: str) -> int:
    if char in "\n\r\f\v\u2028\u2029\x85":
        return BLANK if pending >= LINE and char == "\n" else LINE
    if char in "\t\u3000" and pending < LINE:
        return WIDE
    return max(pending, SPACE) if pending != SPACE else WIDE

"""A text cut at every white space: the stream of names and numbers in which flattened tables are found."""

import re
from dataclasses import dataclass

from songhe.insight.reading.numerals import tidy
from songhe.insight.reading.text import LINE, NONE, SPACE, Text

NUMBER = re.compile(r"(?:[≥≤<>约]=?)?-?(?:\d{1,3}(?:,\d{3})+|\d{1,9})(?:\.\d{1,4})?%?")
COUNTED = re.compile(
    r"(\d{1,9}(?:\.\d{1,4})?)(个|家|处|所|座|张|名|人|户|套|台|辆|万元|元|次|场|平方米|公里|亩|人次|间|万人|万亩|条|件)"
)
EMPTY = frozenset(("", "-", "—", "--", "——", "/", "―", "无"))


@dataclass
class Token:
    """A run of characters between white space. `num` when it is a number; `gap` the space before it; `i` its place in the stream."""

    i: int
    start: int
    end: int
    words: str
    gap: int
    num: float | None = None
    unit: str | None = None

    @property
    def blank(self) -> bool:
        """A dash that stands for nothing."""
        return self.words in EMPTY

    @property
    def cell(self) -> bool:
        """A number or a dash."""
        return self.num is not None or self.blank


def tokens_of(text: Text) -> list[Token]:
    """Cut the squeezed text at every white space of the original.

    Two headings in one cell ("2020" "年建设计划") and a spaced word ("合" "计") are put together.
    """
    chars, start = text.chars, 0
    tokens: list[Token] = []
    bounds = [i for i in range(1, len(chars)) if text.gap[i] > NONE or chars[i] == " "]
    for end in [*bounds, len(chars)]:
        a = start + 1 if start < len(chars) and chars[start] == " " else start
        if "|" in chars[a:end]:
            _cells(tokens, text, a, end)
        elif end > a:
            _add(tokens, _token(chars[a:end], a, end, text.gap[a] or (SPACE if a != start else NONE)))
        start = end
    for i, token in enumerate(tokens):
        token.i = i
    return tokens


def _cells(tokens: list[Token], text: Text, start: int, end: int) -> None:
    """Cells parted by "|"; two bars in a row hold an empty cell."""
    chars, a = text.chars, start
    for b in [*(i for i in range(start, end) if chars[i] == "|"), end]:
        gap = text.gap[a] if a < end else SPACE
        if b > a:
            _add(tokens, _token(chars[a:b], a, b, gap or SPACE))
        elif a > start and b < end and not text.gap[b]:
            tokens.append(Token(0, b, b, "", SPACE))
        a = b + 1


def _token(words: str, start: int, end: int, gap: int) -> Token:
    token = Token(0, start, end, words, gap)
    if NUMBER.fullmatch(words):
        token.num = tidy(float(re.sub(r"[,%≥≤<>=约]", "", words)))
        token.unit = "%" if words.endswith("%") else None
    else:
        m = COUNTED.fullmatch(words)
        if m:
            token.num, token.unit = tidy(float(m.group(1))), m.group(2)
    return token


def _add(tokens: list[Token], token: Token) -> None:
    last = tokens[-1] if tokens else None
    if (
        last
        and re.fullmatch(r"20\d\d(?:[-~]20\d\d)?", last.words)
        and re.match(r"年(?!级)", token.words)
        and token.gap < LINE
    ):
        tokens[-1] = Token(0, last.start, token.end, last.words + token.words, last.gap)
    elif last and last.words in ("合", "总", "小", "共") and token.words == "计":
        tokens[-1] = Token(0, last.start, token.end, last.words + "计", last.gap)
    else:
        tokens.append(token)

"""Chinese personal names: cleaned, turned into search and sort keys, and read aloud (pinyin).

    keys("张三")     -> NameKeys(sort="zhang san", initials=("zs",), grams=("张", "三", "张三"))
    keys("单秀英")   -> sort "shan xiu ying", initials ("sxy", "dxy"): the second only because the surname table says so
    keys("尉迟敬德") -> sort "yu chi jing de", initials ("ycjd",)

A surname is read by songhe.core.surnames, a given name by one plain reading a character: offering every reading of every
character finds 王 under y and the whole village under anything. Characters without a known reading stand for themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from pypinyin import Style, pinyin

from songhe.core.cells import plain
from songhe.core.problem import Problem
from songhe.core.surnames import ALSO, COMPOUND, SINGLE

# readings usual in given names where the dictionary's first one is another
_GIVEN = {
    "长": "chang", "了": "liao", "还": "huan", "地": "di", "得": "de", "单": "dan", "曾": "zeng", "解": "jie",
    "翟": "zhai", "盖": "gai", "查": "cha", "仇": "qiu", "莘": "xin", "晟": "sheng", "朴": "pu", "区": "qu", "佴": "nai",
    "柏": "bai", "卜": "bu", "宓": "mi", "缪": "miao", "阚": "kan", "於": "yu", "隗": "wei", "覃": "qin", "种": "zhong",
    "调": "tiao", "弹": "tan", "车": "che", "都": "du", "石": "shi", "祭": "ji", "乐": "le", "召": "zhao", "秘": "mi",
}  # fmt: skip
_DOTS = dict.fromkeys(map(ord, "•‧∙⋅・･．.●﹒⸱᛫"), "·")
_LATIN = re.compile(r"[A-Za-z]")
_BRACKETS = re.compile(r"[(（\[【].*?[)）\]】]")
_ODD = re.compile(r"[0-9!@#$%^&*_+=|\\<>?/;:\"~`，,。；：？！、《》“”]")

_readings: dict[str, str] = {}
_keys: dict[str, NameKeys] = {}
_CACHE = 400_000  # distinct names kept; a prefecture has about 300,000 different ones


class NameKeys(NamedTuple):
    """`sort`: syllables with spaces; `initials`: the main one first; `grams`: single characters, then neighbours."""

    sort: str
    initials: tuple[str, ...]
    grams: tuple[str, ...]


class NameReading(NamedTuple):
    """A name from a cell, cleaned, with what was doubted; `name` is None if it cannot be one."""

    name: str | None
    problems: tuple[Problem, ...] = ()

    @property
    def ok(self) -> bool:
        return self.name is not None


def clean(text: str) -> str:
    """One spelling: half-width, no spaces between Chinese characters, one kind of dot in minority names."""
    if text.isalpha() and not text.isascii():
        return text
    out = plain(text).translate(_DOTS)
    if not _LATIN.search(out):
        return out.replace(" ", "").strip("·")
    return re.sub(r" +", " ", out).strip("· ")


def read_name(value: object) -> NameReading:
    """A personal name from a cell. Remarks in brackets are taken off with a warning; digits and signs refuse it."""
    if value is None or value == "":
        return NameReading(None, (_empty(),))
    raw = str(value)
    if raw.isalpha() and 2 <= len(raw) <= 4 and not raw.isascii():
        return NameReading(raw)
    name = clean(_BRACKETS.sub("", raw))
    if not name:
        return NameReading(None, (_empty(),))
    if _ODD.search(name) or not any(c.isalpha() for c in name):
        return NameReading(None, (_not_a_name(raw),))
    if len(name) > 50:
        return NameReading(None, (_too_long(len(name)),))
    notes = []
    if _BRACKETS.search(raw):
        notes.append(_remark(raw))
    if len(name) == 1:
        notes.append(_single())
    return NameReading(name, tuple(notes))


def split(name: str) -> tuple[str, str]:
    """Surname and given name: ("尉迟", "敬德"), ("张", "三"); a name with a dot has no surname: ("", name)."""
    if "·" in name or not name:
        return "", name
    if len(name) > 2 and name[:2] in COMPOUND:
        return name[:2], name[2:]
    return (name[0], name[1:]) if len(name) > 1 and not name.isascii() else ("", name)


def syllables(name: str) -> tuple[str, ...]:
    """One reading for each character, without tones, ü as v: ("zhang", "san"). Latin words stay words."""
    if name.isascii():
        return tuple(name.lower().split())
    surname, given = split(name)
    if len(surname) == 2:
        head: tuple[str, ...] = COMPOUND[surname]
    else:
        head = (SINGLE.get(surname) or _read(surname),) if surname else ()
    return head + tuple(_read(c) for c in given if c != "·" and c != " ")


def keys(name: str) -> NameKeys:
    """The search and sort keys of one cleaned name."""
    found = _keys.get(name)
    if found is None:
        if len(_keys) >= _CACHE:
            _keys.clear()
        found = _keys[name] = _make(name)
    return found


def keys_many(names: Iterable[str]) -> list[NameKeys]:
    """keys() over a column: about a million a few seconds, faster the more names repeat."""
    return [keys(n) for n in names]


def grams(text: str) -> tuple[str, ...]:
    """Single characters and neighbouring pairs, each once, dots and spaces left out: what a name index stores and asks."""
    letters = text.replace("·", "").replace(" ", "")
    if len(letters) == 3 and letters[0] != letters[1] != letters[2] != letters[0]:  # most names, without a dict
        a, b, c = letters[0], letters[1], letters[2]
        return a, b, c, a + b, b + c
    pairs = [letters[i : i + 2] for i in range(len(letters) - 1)]
    return tuple(dict.fromkeys([*letters, *pairs]))


def _make(name: str) -> NameKeys:
    parts = syllables(name)
    surname, _ = split(name)
    first = "".join([p[0] for p in parts if p])
    other = ALSO.get(surname)
    initials = (first, other[0] + first[1:]) if other and other[0] != first[0] else (first,)
    return NameKeys(" ".join(parts), initials, grams(name))


def _read(char: str) -> str:
    found = _readings.get(char)
    if found is None:
        found = _GIVEN.get(char) or pinyin(char, style=Style.NORMAL, errors="default")[0][0].lower()
        if not found.isascii():
            found = char  # no dictionary knows it (very rare characters): it stands for itself
        _readings[char] = found
    return found


def _empty() -> Problem:
    return Problem("name_empty", "姓名为空。请填写姓名。", "The name is empty. Enter it.")


def _not_a_name(text: str) -> Problem:
    return Problem(
        "name_characters",
        f"“{text[:20]}”里有数字或符号，不像姓名，可能是串列。请核对后重填。",
        f'"{text[:20]}" holds digits or signs and looks like no name; the columns may have slipped. Check it.',
    )


def _too_long(count: int) -> Problem:
    return Problem(
        "name_length",
        f"姓名有{count}个字，超过50个。请核对是否串列。",
        f"The name has {count} characters, more than 50. Check whether the columns have slipped.",
    )


def _remark(text: str) -> Problem:
    return Problem(
        "name_remark",
        f"姓名“{text[:20]}”里的括号备注没有计入姓名。请把备注填到备注栏，曾用名填到曾用名栏。",
        f'The remark in brackets in "{text[:20]}" was not taken as part of the name. Put remarks and former names in '
        "their own columns.",
        "warning",
    )


def _single() -> Problem:
    return Problem(
        "name_single",
        "姓名只有一个字，已照收。请核对是否缺字。",
        "The name has one character; it was taken as it is. Check whether one is missing.",
        "warning",
    )

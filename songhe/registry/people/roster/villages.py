"""Which village a roster means: by code, by name in the importer's area, with suggestions when there is no such village.

    where = Villages([Village(7, "130682001200", "东关村民委员会", "东关村", 3, "北城街道", "定州市", 3, 2, 1)])
    where.find("", "东关", "")        -> (7, None)
    where.find("", "东管村", "")      -> (None, Problem: 没有这个村…您是不是要填：东关村（北城街道）)

Knows no framework.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

from songhe.core.cells import digits_of, plain
from songhe.core.problem import Problem

_SUFFIX = re.compile(r"(?:社区居民委员会|社区居委会|居民委员会|村民委员会|村委会|居委会|社区|行政村|村)$")
_SIGNS = re.compile(r"[\s,，、.。()（）\[\]【】\-—·]")


@dataclass(frozen=True, slots=True)
class Village:
    """A village as rosters name it; `instead` names what an ended village became."""

    id: int
    code: str
    name: str
    short: str
    town_id: int | None
    town: str | None
    county: str | None
    county_id: int | None = None
    city_id: int | None = None
    instead: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return f"{self.short}（{self.town}）" if self.town else self.short


class Villages:
    """The villages an importer may write to; `only`: every row without a village of its own belongs to this one."""

    def __init__(self, now: Iterable[Village], ended: Iterable[Village] = (), only: Village | None = None):
        self.now, self.only = list(now), only
        self.by_id = {v.id: v for v in self.now}
        self.by_code = {v.code: v for v in self.now}
        self.ended_code = {v.code: v for v in ended}
        self._names: dict[str, list[Village]] = {}
        for village in self.now:
            for key in dict.fromkeys(
                (_bare(village.name), _bare(village.short), _stem(village.name), _stem(village.short))
            ):
                self._names.setdefault(key, []).append(village)
        self._ended: dict[str, list[Village]] = {}
        for village in self.ended_code.values():
            for key in dict.fromkeys((_bare(village.name), _bare(village.short), _stem(village.short))):
                self._ended.setdefault(key, []).append(village)
        self._towns = sorted(
            {(t, v.town or "") for v in self.now for t in (_bare(v.town or ""), _town_stem(v.town or ""))},
            key=lambda p: -len(p[0]),
        )
        self._counties = sorted({_bare(v.county) for v in self.now if v.county}, key=len, reverse=True)

    def find(self, code: str, name: str, town: str) -> tuple[int | None, Problem | None]:
        """The id of the village meant, or what is wrong."""
        code, name, town = digits_of(plain(code)).replace(" ", ""), _bare(name), _bare(town)
        if not (code or name):
            return (self.only.id, None) if self.only else (None, _empty())
        if code.endswith(".0"):
            code = code[:-2]
        if code and not (len(code) in (6, 9) and name):
            return self._by_code(code, name)
        found = self._named(name, town)
        if len(code) in (6, 9):
            found = [v for v in found if v.code.startswith(code)]
        if len(found) == 1:
            return found[0].id, None
        if found:
            return None, _several(name, [v.label for v in found[:6]])
        return None, self._unknown(name, town)

    def _by_code(self, code: str, name: str) -> tuple[int | None, Problem | None]:
        village = self.by_code.get(code)
        if village is None:
            gone = self.ended_code.get(code)
            return None, _gone(gone) if gone else _no_code(code, self._near(name, ""))
        if name and village not in self._named(name, ""):
            return None, _contradiction(code, village.label, name)
        return village.id, None

    def _named(self, name: str, town: str) -> list[Village]:
        found = self._look(name)
        if not found:
            name, inside = self._without_prefix(name)
            found, town = self._look(name), inside or town
        if town and found:
            stem = _town_stem(town)
            return [v for v in found if stem == _town_stem(v.town or "") or _bare(v.town or "").startswith(stem)]
        return found

    def _look(self, name: str) -> list[Village]:
        exact = [v for v in self._names.get(name, ()) if name in (_bare(v.name), _bare(v.short))]
        return exact or self._names.get(_stem(name), [])

    def _without_prefix(self, name: str) -> tuple[str, str]:
        """定州市清风店镇东关村 -> ("东关村", "清风店镇")."""
        for county in self._counties:
            if name.startswith(county) and len(name) > len(county):
                name = name[len(county) :]
                break
        for key, _town in self._towns:
            if (
                key
                and name.startswith(key)
                and len(name) > len(key)
                and (key[-1] in "镇乡道" or self._look(name[len(key) :]))
            ):
                return name[len(key) :], key
        return name, ""

    def _unknown(self, name: str, town: str) -> Problem:
        ended = self._ended.get(name) or self._ended.get(_stem(name))
        if ended:
            return _gone(ended[0])
        elsewhere = self._named(name, "") if town else []
        if elsewhere:
            return _other_town(name, town, [v.label for v in elsewhere[:3]])
        return _no_such(name, self._near(self._without_prefix(name)[0], town))

    def _near(self, name: str, town: str) -> list[str]:
        """Up to three villages with the most similar names, those of the town first."""
        if not name:
            return []
        stem = _stem(name)
        scored = []
        for village in self.now:
            ratio = SequenceMatcher(None, stem, _stem(village.short), autojunk=False).ratio()
            if ratio >= 0.5:
                here = bool(town) and town in (_bare(village.town or ""), _town_stem(village.town or ""))
                scored.append((-ratio - (0.2 if here else 0), village.code, village.label))
        return [label for _, _, label in sorted(scored)[:3]]


def _bare(text: str) -> str:
    return _SIGNS.sub("", plain(text))


def _stem(text: str) -> str:
    bare = _bare(text)
    return _SUFFIX.sub("", bare) or bare


def _town_stem(text: str) -> str:
    bare = _bare(text)
    return re.sub(r"(?:街道办事处|街道|镇|乡)$", "", bare) or bare


def _perhaps(near: list[str]) -> tuple[str, str]:
    if not near:
        return "请核对名称，或填写12位区划代码。", "Check the name or give the 12-digit code."
    return f"您是不是要填：{'、'.join(near)}？", f"Did you mean {', '.join(near)}?"


def _empty() -> Problem:
    return Problem(
        "village_empty",
        "没有写明村（社区）。请填写村（社区）名称或12位区划代码。",
        "No village is given. Enter its name or its 12-digit code.",
    )


def _no_such(name: str, near: list[str]) -> Problem:
    zh, en = _perhaps(near)
    return Problem(
        "village_unknown", f"您的辖区内没有“{name[:30]}”。{zh}", f'There is no "{name[:30]}" in your area. {en}'
    )


def _no_code(code: str, near: list[str]) -> Problem:
    zh, en = _perhaps(near)
    return Problem(
        "village_code_unknown",
        f"您的辖区内没有区划代码 {code[:14]}。{zh}",
        f"There is no village with code {code[:14]} in your area. {en}",
    )


def _several(name: str, labels: list[str]) -> Problem:
    return Problem(
        "village_ambiguous",
        f"有几个“{name[:30]}”：{'、'.join(labels)}。请填写乡镇（街道）或12位区划代码。",
        f'Several villages are called "{name[:30]}": {", ".join(labels)}. Add the township or the 12-digit code.',
    )


def _other_town(name: str, town: str, labels: list[str]) -> Problem:
    return Problem(
        "village_in_other_town",
        f"“{town[:20]}”下没有“{name[:30]}”。您是不是要填：{'、'.join(labels)}？",
        f'"{town[:20]}" has no "{name[:30]}". Did you mean {", ".join(labels)}?',
    )


def _contradiction(code: str, label: str, name: str) -> Problem:
    return Problem(
        "village_contradiction",
        f"区划代码 {code} 是{label}，与名称“{name[:30]}”不一致。请改正其中一个。",
        f'Code {code} is {label}, which is not "{name[:30]}". Correct one of them.',
    )


def _gone(village: Village) -> Problem:
    now_zh = f"现为{'、'.join(village.instead)}，请改填。" if village.instead else "请改填现在的村（社区）。"
    now_en = f"It is now {', '.join(village.instead)}." if village.instead else "Enter the present village."
    return Problem("village_ended", f"{village.label}已撤销。{now_zh}", f"{village.label} no longer exists. {now_en}")

"""Are these two records the same person? Points for and against, with the reasons, tuned to names of two or three characters.

    likeness(Traits("张秀英", "female", date(1941, 3, 5)), Traits("张秀瑛", "female", date(1941, 5, 3), phone=…))
    -> Likeness(score=…, reasons=(same_sound, birth_transposed, …))

In a county hundreds share 张秀英, so a name alone never reaches POSSIBLE; a birth date, the tail of an ID number, a telephone
or a village must speak too. The weights follow the log-odds idea of Fellegi and Sunter (1969), rounded to whole points:
ten points are about one thousandfold of evidence for a coincidence between strangers of one county. The score only orders
candidates for a person who decides; nothing is merged by it.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date

from songhe.core.names import split, syllables
from songhe.core.surnames import ALSO

LIKELY, POSSIBLE = 60, 45


@dataclass(frozen=True, slots=True)
class Traits:
    """What is compared. `phone` may be a blind index, `village` any key, `id_tail` the last four characters or ""."""

    name: str
    sex: str = ""
    birth: date | None = None
    id_tail: str = ""
    phone: Hashable = None
    village: Hashable = None
    former: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    code: str
    points: int
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Likeness:
    """0 to 100; `reasons` strongest first, those against with negative points."""

    score: int
    reasons: tuple[Reason, ...]

    @property
    def verdict(self) -> str:
        return "likely" if self.score >= LIKELY else "possible" if self.score >= POSSIBLE else "unlikely"


def likeness(a: Traits, b: Traits) -> Likeness:
    """Compare two records; the order does not matter."""
    found = [_name(a, b), _birth(a.birth, b.birth), _tail(a.id_tail, b.id_tail), _sex(a.sex, b.sex)]
    found.append(_same(a.phone, b.phone, Reason("phone_same", 18, "电话相同", "same telephone")))
    found.append(_same(a.village, b.village, Reason("village_same", 8, "同村（社区）", "same village or community")))
    reasons = sorted((r for r in found if r), key=lambda r: (-r.points, r.code))
    return Likeness(max(0, min(100, sum(r.points for r in reasons))), tuple(reasons))


def _same(a: Hashable, b: Hashable, reason: Reason) -> Reason | None:
    return reason if a not in (None, "") and a == b else None


def _name(a: Traits, b: Traits) -> Reason:
    if a.name == b.name:
        return Reason("name_same", 30, "姓名相同", "same name")
    if a.name in b.former or b.name in a.former or (set(a.former) & set(b.former)):
        return Reason("name_former", 26, "与曾用名相同", "same as a former name")
    return _near_name(a.name, b.name)


def _near_name(a: str, b: str) -> Reason:
    sound_a, sound_b = syllables(a), syllables(b)
    if sound_a == sound_b or _by_other_reading(a, b):
        return Reason("name_sound", 22, "姓名同音不同字", "same sound, other characters")
    if tuple(map(_dialect, sound_a)) == tuple(map(_dialect, sound_b)):
        return Reason("name_near_sound", 16, "姓名读音相近", "similar sound")
    (family_a, given_a), (family_b, given_b) = split(a), split(b)
    if family_a == family_b and len(given_a) == len(given_b) == 2:
        if given_a == given_b[::-1]:
            return Reason("name_swapped", 14, "名字两字颠倒", "given name turned round")
        if given_a[0] == given_b[0] or given_a[1] == given_b[1]:
            return Reason("name_one_other", 6, "名字有一字不同", "one character of the given name differs")
    if family_a == family_b and {len(given_a), len(given_b)} == {1, 2} and (given_a in given_b or given_b in given_a):
        return Reason("name_one_missing", 10, "名字少一字", "one character of the given name missing")
    if given_a == given_b and len(given_a) == 2:
        return Reason("surname_other", 0, "名同姓不同", "same given name, other surname")
    return Reason("name_other", -25, "姓名不同", "other name")


def _by_other_reading(a: str, b: str) -> bool:
    """单 heard as dan and written 丹: the surname's other reading equals the other one's."""
    (family_a, _), (family_b, _) = split(a), split(b)
    heads_a = {ALSO.get(family_a), syllables(a)[0] if a else None}
    heads_b = {ALSO.get(family_b), syllables(b)[0] if b else None}
    return bool((heads_a & heads_b) - {None}) and syllables(a)[1:] == syllables(b)[1:]


def _dialect(syllable: str) -> str:
    """What many speakers do not tell apart: zh/z, ch/c, sh/s, n/l, f/h, -ng/-n."""
    for long, short in (("zh", "z"), ("ch", "c"), ("sh", "s")):
        if syllable.startswith(long):
            syllable = short + syllable[2:]
    if syllable[:1] in "nf":
        syllable = {"n": "l", "f": "h"}.get(syllable[:1], "") + syllable[1:]
    return syllable[:-1] if syllable.endswith("ng") else syllable


def _birth(a: date | None, b: date | None) -> Reason | None:
    if a is None or b is None:
        return None
    if a == b:
        return Reason("birth_same", 30, "出生日期相同", "same birth date")
    if a.year == b.year and (a.month, a.day) == (b.day, b.month):
        return Reason("birth_transposed", 20, "出生月日颠倒", "day and month turned round")
    if (a.month, a.day) == (b.month, b.day) and abs(a.year - b.year) == 1:
        return Reason(
            "birth_year_apart", 14, "出生年差一年（可能按虚岁）", "one year apart (perhaps counted in nominal age)"
        )
    text_a, text_b = a.isoformat(), b.isoformat()
    if sum(x != y for x, y in zip(text_a, text_b, strict=True)) == 1:
        return Reason("birth_one_digit", 15, "出生日期只差一个数字", "birth dates differ in one digit")
    if a.year == b.year and (1, 1) in ((a.month, a.day), (b.month, b.day)):
        return Reason("birth_default", 8, "同年，其中一个登记为1月1日", "same year, one registered as 1 January")
    if 15 <= abs((a - b).days) <= 55:
        return Reason("birth_lunar", 8, "相差约一月（可能一个是农历）", "about a month apart (one may be lunar)")
    if a.year == b.year:
        return Reason("birth_year", 2, "出生年相同", "same birth year")
    return Reason("birth_other", -20, "出生日期不同", "other birth date")


def _tail(a: str, b: str) -> Reason | None:
    if not a or not b:
        return None
    if a == b:
        return Reason("tail_same", 25, "身份证后四位相同", "same last four of the ID number")
    if len(a) == len(b):
        differ = [i for i in range(len(a)) if a[i] != b[i]]
        swapped = (
            len(differ) == 2
            and differ[1] == differ[0] + 1
            and a[differ[0]] == b[differ[1]]
            and a[differ[1]] == b[differ[0]]
        )
        if len(differ) == 1 or swapped:
            return Reason("tail_near", 8, "身份证后四位只差一处", "last four of the ID number differ in one place")
    return Reason("tail_other", -12, "身份证后四位不同", "other last four of the ID number")


def _sex(a: str, b: str) -> Reason | None:
    if not a or not b:
        return None
    return (
        Reason("sex_same", 2, "性别相同", "same sex") if a == b else Reason("sex_other", -20, "性别不同", "other sex")
    )

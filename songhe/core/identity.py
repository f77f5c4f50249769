"""Numbers by which people are known in China, as text and digits only: citizen ID numbers, telephone numbers; and masks.

    read_id("99０6821940 0101123x") -> IdReading(number="99068219400101123X", birth=…, sex="male", problems=(id_repaired,))
    read_phone("+86 138-0000-1234") -> PhoneReading(number="13800001234", kind="mobile", …)
    mask_id("99068219400101123X")   -> "9906**********123X"

ID number: GB 11643-1999 (six digits of area, eight of birth date, three of sequence, one check character by ISO 7064
MOD 11-2). Numbers beginning 81/82/83 are residence permits of Hong Kong, Macao and Taiwan residents, those beginning 9
foreigners' permanent residence cards (2023 pattern: 9, province, three-digit nationality); the same check digit holds.
A strange area code only warns: a refusal at the counter is worse than a warning.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from operator import mul
from typing import Literal, NamedTuple

from songhe.core import identity_words as words
from songhe.core.cells import digits_of, plain
from songhe.core.problem import Problem

Sex = Literal["male", "female"]
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"
PROVINCES = frozenset(  # GB/T 2260, the first two digits
    f"{n}"
    for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83))
    for n in range(first, last + 1)
)
OLDEST = 130  # years; nobody's confirmed age is higher

_NUMBER = re.compile(r"[1-9][0-9]{16}[0-9X]")
_SCIENCE = re.compile(r"[+-]?\d(\.\d*)?E\+?\d+", re.I)
_FLOAT_TAIL = re.compile(r"(\d+)\.0*")
_JUNK = re.compile(r"[\s\-–—_.·,，、:：*/]")
_LOOKALIKE = {ord("x"): "X", ord("Х"): "X", ord("х"): "X", ord("×"): "X", ord("χ"): "X", ord("Χ"): "X"}


class IdReading(NamedTuple):
    """`number` is the 18-character form, or None if the cell cannot be used.

    `kind`: resident · permit (Hong Kong, Macao, Taiwan residents) · foreigner · specimen (99…: invented people).
    """

    number: str | None
    kind: str = ""
    birth: date | None = None
    sex: Sex | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def ok(self) -> bool:
        return self.number is not None


def check_character(first17: str) -> str:
    """The 18th character of an ID number from its first 17 digits (ISO 7064 MOD 11-2)."""
    return CHECKS[(_area_sum(first17[:6]) + _birth_part(first17[6:14])[1] + _sequence_sum(first17[14:17])) % 11]


def read_id(value: object, today: date | None = None) -> IdReading:
    """Read an ID number from a cell of any shape. Never raises; `today` makes future and impossible ages errors."""
    if value is None or value == "":
        return IdReading(None, problems=(words.id_empty(),))
    if isinstance(value, str) and _NUMBER.fullmatch(value):  # the common case, kept short: rosters have millions
        return _checked_id(value, [], today)
    text, notes, fault = _id_text(value)
    if fault:
        return IdReading(None, problems=(fault,))
    if len(text) == 15 and text.isdigit():
        first17 = text[:6] + "19" + text[6:]
        text = first17 + check_character(first17)
        notes.append(words.id_fifteen())
    if not _NUMBER.fullmatch(text):
        return IdReading(None, problems=(_shape_fault(text),))
    return _checked_id(text, notes, today)


def read_ids(values: Sequence[object], today: date | None = None) -> list[IdReading]:
    """read_id() over a column."""
    return [read_id(v, today) for v in values]


def _id_text(value: object) -> tuple[str, list[Problem], Problem | None]:
    """The cell as digits and X, what was repaired, and a fault if Excel has already eaten digits."""
    if isinstance(value, float):
        if abs(value) >= 1e15:
            return "", [], words.id_as_number(f"{value:.5g}")
        value = int(value) if value.is_integer() else value
    raw = value if isinstance(value, str) else str(value)
    text = digits_of(plain(raw)).translate(_LOOKALIKE).upper()
    if _SCIENCE.fullmatch(text):
        return "", [], words.id_as_number(text)
    tail = _FLOAT_TAIL.fullmatch(text)
    if tail:
        text = tail[1]
    text = _JUNK.sub("", text)
    return text, ([words.id_repaired()] if text != raw.strip() else []), None


def _shape_fault(text: str) -> Problem:
    if not text:
        return words.id_empty()
    if re.fullmatch(r"\d{17}|\d{14}|\d{16}|\d{19,}", text) or (len(text) != 18 and re.fullmatch(r"\d+X?", text)):
        return words.id_length(len(text))
    if text[:1] == "0":
        return words.id_leading_zero()
    return words.id_characters(text)


def _checked_id(text: str, notes: list[Problem], today: date | None) -> IdReading:
    birth, birth_sum = _birth_part(text[6:14])
    if CHECKS[(_area_sum(text[:6]) + birth_sum + _sequence_sum(text[14:17])) % 11] != text[17]:
        return IdReading(None, problems=(words.id_lost_digits() if text.endswith("000") else words.id_check(),))
    if birth is None:
        return IdReading(None, problems=(words.id_birth(text[6:14]),))
    if birth.year < 1850 or (today and (birth > today or today.year - birth.year > OLDEST)):
        return IdReading(None, problems=(words.id_birth_range(birth),))
    kind = _kind(text)
    if kind == "unknown":
        notes.append(words.id_area(text[:6]))
        kind = "resident"
    return IdReading(text, kind, birth, "male" if text[16] in "13579" else "female", tuple(notes))


# The weighted sum of a number is that of its three parts, and a roster has few different areas and birth dates: each part is
# worked out once, which reads a column twice as fast.
@lru_cache(maxsize=65_536)
def _area_sum(digits: str) -> int:
    return sum(map(mul, map(int, digits), WEIGHTS[:6]))


@lru_cache(maxsize=1_000)
def _sequence_sum(digits: str) -> int:
    return sum(map(mul, map(int, digits), WEIGHTS[14:]))


@lru_cache(maxsize=65_536)
def _birth_part(digits: str) -> tuple[date | None, int]:
    total = sum(map(mul, map(int, digits), WEIGHTS[6:14]))
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])), total
    except ValueError:
        return None, total


def _kind(text: str) -> str:
    if text[0] == "9":
        return "specimen" if text[1] == "9" else "foreigner"
    if text[:2] in ("81", "82", "83"):
        return "permit"
    return "resident" if text[:2] in PROVINCES else "unknown"


# telephone numbers -------------------------------------------------------------------------------------------------

PhoneKind = Literal["mobile", "landline", "local", "hotline", ""]


class PhoneReading(NamedTuple):
    """`number` in one spelling: 13800001234 · 0312-2551234 · 0312-2551234-801 · 12349; None if it cannot be used."""

    number: str | None
    kind: PhoneKind = ""
    others: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def ok(self) -> bool:
        return self.number is not None


_PLAIN_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_MOBILE = re.compile(r"(?:(?:\+|00)?86|0)?(1[3-9]\d{9})")
_LANDLINE = re.compile(r"(?:(?:\+|00)?86)?(0?(?:10|2\d)|0?[3-9]\d{2})-?([2-8]\d{6,7})(?:-(\d{1,6}))?")
_LOCAL = re.compile(r"([2-8]\d{6,7})(?:-(\d{1,6}))?")
_HOTLINE = re.compile(r"11[0249]|12[0-9]|1[02]\d{3}|9[56]\d{3,6}|[48]00-?\d{3}-?\d{4}")
_SEVERAL = re.compile(r"[,，、;；/|\n]|或|和|\s{2,}")
_EXTENSION = re.compile(r"(?:转|EXT\.?|分机|#|\*)+", re.I)
_LABEL = re.compile(r"^(?:手机号?码?|联系电话|电话|固话|座机|宅电|TEL)[:.]?", re.I)


def read_phone(value: object, area_code: str = "") -> PhoneReading:
    """Read a telephone number from a cell. Several in one cell: the first is taken, the rest are in `others`.

    `area_code` ("0312") completes landlines written without one; without it they are kept as kind "local" with a warning.
    """
    if value is None or value == "":
        return PhoneReading(None, problems=(words.phone_empty(),))
    if isinstance(value, str) and _PLAIN_MOBILE.fullmatch(value):
        return PhoneReading(value, "mobile")
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    raw = digits_of(plain(str(value)))
    if _SCIENCE.fullmatch(raw):
        return PhoneReading(None, problems=(words.phone_as_number(raw),))
    parts = [p for p in (_LABEL.sub("", part.strip()) for part in _SEVERAL.split(raw)) if p]
    found = [r for r in (_one_phone(part, area_code) for part in parts) if r[0]]
    if not found:
        return PhoneReading(None, problems=(_phone_fault(raw),))
    notes = [words.phone_several(len(parts))] if len(parts) > 1 else []
    number, kind = found[0]
    if kind == "local":
        notes.append(words.phone_local())
    if not notes and number != str(value).strip():
        notes.append(words.phone_repaired())
    return PhoneReading(number, kind, tuple(n for n, _ in found[1:]), tuple(notes))


def read_phones(values: Sequence[object], area_code: str = "") -> list[PhoneReading]:
    """read_phone() over a column."""
    return [read_phone(v, area_code) for v in values]


def _one_phone(text: str, area_code: str) -> tuple[str, PhoneKind]:
    tail = _FLOAT_TAIL.fullmatch(text)
    text = _EXTENSION.sub("-", tail[1] if tail else text)
    text = re.sub(r"[\s()（）\[\].·—–−]", lambda m: "-" if m[0] in ")）—–−" else "", text).strip("-")
    text = re.sub(r"-+", "-", text)
    digits = text.replace("-", "")
    if match := _MOBILE.fullmatch(digits):
        return match[1], "mobile"
    if _HOTLINE.fullmatch(text):
        return digits, "hotline"
    if match := _LANDLINE.fullmatch(text) or _LANDLINE.fullmatch(digits):
        code = match[1] if match[1].startswith("0") else "0" + match[1]
        # a spreadsheet eats the leading 0: ten or eleven bare digits are a landline all the same
        if match[1].startswith("0") or "-" in text or len(digits) >= 10:
            return code + "-" + match[2] + (f"-{match[3]}" if match[3] else ""), "landline"
    if match := _LOCAL.fullmatch(text) or _LOCAL.fullmatch(digits):
        rest = match[1] + (f"-{match[2]}" if match[2] else "")
        return (f"{area_code}-{rest}", "landline") if area_code else (rest, "local")
    return "", ""


def _phone_fault(text: str) -> Problem:
    digits = re.sub(r"\D", "", text)
    if not digits:
        return words.phone_empty() if not text else words.phone_characters(text)
    if digits.startswith("1") and len(digits) != 11:
        return words.phone_length(len(digits))
    return words.phone_shape(text)


# masks -------------------------------------------------------------------------------------------------------------


def mask_id(number: str) -> str:
    """The first four and the last four characters stay: 9906**********123X."""
    return number[:4] + "*" * (len(number) - 8) + number[-4:] if len(number) > 8 else "*" * len(number)


def mask_phone(number: str) -> str:
    """138****1234; a landline keeps its area code and last four digits; a hotline is no secret."""
    if len(number) == 11 and number.isdigit():
        return f"{number[:3]}****{number[-4:]}"
    if _HOTLINE.fullmatch(number):
        return number
    code, dash, rest = number.partition("-") if number.startswith("0") else ("", "", number)
    body = rest.split("-")[0]
    return code + dash + "*" * max(len(body) - 4, 3) + (body[-4:] if len(body) > 6 else "")


def mask_name(name: str) -> str:
    """王* · 王*山 · 欧**山: the first and, from three characters on, the last character stay."""
    shown = [c for c in name if c]
    if len(shown) <= 1:
        return "*" * len(shown)
    if len(shown) == 2:
        return shown[0] + "*"
    return shown[0] + "*" * (len(shown) - 2) + shown[-1]


# 李村店村: a 村 in the middle of a name ends nothing
_VILLAGE = re.compile(
    r".*?(?:村民委员会|居民委员会|村委会|居委会|社区|.村(?![街路镇乡庄店营屯寨堡集沟桥]|委会|民委员会)|嘎查)"
)
_TOWN = re.compile(r".*?(?:街道|[镇乡](?!村)|苏木|区|县|市)")


def mask_address(address: str) -> str:
    """What follows the village or community is hidden; without one, what follows the last town, county or city name."""
    if not address:
        return ""
    match = _VILLAGE.match(address)
    if not match:
        town = list(_TOWN.finditer(address))
        kept = address[: town[-1].end()] if town else ""
    else:
        kept = match[0]
    return kept + ("****" if len(kept) < len(address) or not match else "")

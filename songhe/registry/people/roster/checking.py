"""Every cell of a roster checked: a frame of raw text in, a frame of clean values and the list of what is wrong out.

    checked = check(frame, villages, today=date(2026, 11, 22))
    checked.good     # one row for each usable line: "line", "key", "name", "id_number", "sex", "birth", "village_id", …
    checked.faults   # Fault(line=7, field="id_number", problem=Problem("id_check", …))

Cells that need no repair pass in columns (numpy, polars); the others are read one distinct value at a time by the same
readers that the entry form uses, so a reason is the same whichever way a cell went (`fast=False` sends all the slow way).
Knows no framework and no clock.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import polars as pl

from songhe.core import identity, names
from songhe.core.cells import plain
from songhe.core.dates import read_date
from songhe.core.problem import Problem
from songhe.registry.people.assessment import load_scale, reassessment
from songhe.registry.people.roster import columns, words
from songhe.registry.people.roster.examining import Fault, Sheet
from songhe.registry.people.roster.villages import Villages
from songhe.registry.people.rules import MIN_AGE, OLDEST, latest_birth

NO_CIRCUMSTANCE = frozenset(["正常", "普通", "一般", "一般老人", "普通老人", "否", "其他", "其他老人", "健康"])
BITS = {code: 1 << at for at, code in enumerate(columns.CIRCUMSTANCES)}
_SPLIT = re.compile(r"[、，,;；/|+\s]+")
_ADDRESS_ODD = r"[^\p{Han}0-9A-Za-z#\-~.]"


@dataclass(slots=True)
class Checked:
    """`good`: the usable lines; `faults`: why the others are not; `notes`: doubts and repairs that refuse nothing."""

    good: pl.DataFrame
    faults: list[Fault] = field(default_factory=list)
    notes: list[Fault] = field(default_factory=list)


def check(frame: pl.DataFrame, where: Villages, *, today: date, fast: bool = True) -> Checked:
    """Check a frame of raw text (see reading.py). Order of findings: by line, then by column."""
    sheet = Sheet(frame, fast)
    clean: dict[str, pl.Series] = {"line": sheet.lines}
    clean["name"] = _names(sheet)
    clean |= _identity(sheet, today)
    clean |= _born(sheet, clean, today)
    clean["phone"] = _phone(sheet, "phone")
    clean["village_id"] = _village(sheet, where)
    clean["address"] = _address(sheet)
    clean |= _circumstances(sheet, today)
    clean |= _plain_fields(sheet)
    clean |= _ability(sheet, today)
    clean["case_file_on"] = _day(sheet, "case_file_on", today)
    clean["verified_on"] = _day(sheet, "verified_on", today)
    clean |= _contact(sheet)
    good = pl.DataFrame([series.alias(name) for name, series in clean.items()]).filter(pl.Series(~sheet.bad))
    order = {name: at for at, name in enumerate(columns.FIELDS)}
    for found in (sheet.faults, sheet.notes):
        found.sort(key=lambda f: (f.line, order.get(f.field, 99)))
    return Checked(good, sheet.faults, sheet.notes)


_HAN = r"^[\x{4E00}-\x{9FFF}]{2,4}$"


def _names(sheet: Sheet) -> pl.Series:
    raw = sheet.text("name")
    clean = raw.str.contains(_HAN) if sheet.fast else pl.repeat(False, len(raw), eager=True, dtype=pl.Boolean)
    slow = sheet.distinct("name", raw, _name, pl.String, skip=clean)
    return pl.select(pl.when(clean).then(raw).otherwise(slow)).to_series()


def _name(text: str) -> tuple[str | None, tuple[Problem, ...]]:
    reading = names.read_name(text)
    if reading.name and len(reading.name) > 40:
        return None, (words.too_long("姓名", "name", len(reading.name), 40),)
    return reading.name, reading.problems


# the ID number and what it says --------------------------------------------------------------------------------------

_ID = r"^[1-9][0-9]{5}(?:18|19|20)[0-9]{9}[0-9X]$"
_POWERS = 10 ** np.arange(16, -1, -1, dtype=np.int64)
_KNOWN = sorted({*identity.PROVINCES, *(f"9{n}" for n in range(10))})


def _identity(sheet: Sheet, today: date) -> dict[str, pl.Series]:
    """number, birth, sex and the 17 digits as an integer, by which doubles are found."""
    raw = sheet.text("id_number")
    clean = _clean_ids(raw, today) if sheet.fast else pl.repeat(False, len(raw), eager=True, dtype=pl.Boolean)

    def read(text: str) -> tuple[str | None, tuple[Problem, ...]]:
        reading = identity.read_id(text, today)
        return reading.number, reading.problems

    slow = sheet.distinct("id_number", raw, read, pl.String, skip=clean)
    number = pl.select(pl.when(clean).then(raw).otherwise(slow)).to_series()
    birth = number.str.slice(6, 8).str.to_date("%Y%m%d", strict=False)
    odd = number.str.slice(16, 1).cast(pl.Int8, strict=False) % 2
    sex = pl.select(pl.when(odd == 1).then(pl.lit("m")).when(odd == 0).then(pl.lit("f"))).to_series()
    key = number.str.slice(0, 17).cast(pl.Int64, strict=False)
    return {"id_number": number, "birth": birth, "sex": sex, "key": key}


def _clean_ids(raw: pl.Series, today: date) -> pl.Series:
    """Which numbers are right as they stand: shape, check character, a date in range, a known first pair of digits."""
    shaped = raw.str.contains(_ID) & raw.str.slice(0, 2).is_in(_KNOWN)
    born = raw.str.slice(6, 8).str.to_date("%Y%m%d", strict=False)
    shaped &= born.is_between(date(max(1850, today.year - OLDEST), 1, 1), today).fill_null(False)
    where = shaped.arg_true()
    if not len(where):
        return shaped
    digits = np.frombuffer("".join(raw.gather(where).to_list()).encode("ascii"), np.uint8).reshape(-1, 18)
    sums = (digits[:, :17].astype(np.int32) - 48) @ np.array(identity.WEIGHTS, dtype=np.int32)
    expected = np.frombuffer(identity.CHECKS.encode(), np.uint8)[sums % 11]
    out = shaped.to_numpy().copy()
    out[where.to_numpy()] = expected == digits[:, 17]
    return pl.Series(out)


def _born(sheet: Sheet, clean: dict[str, pl.Series], today: date) -> dict[str, pl.Series]:
    """The sex and birth columns, if any, compared with what the ID number says; the number counts."""
    stated = sheet.distinct("sex", sheet.text("sex"), _sex, pl.String)
    sheet.say_where("sex", (stated != clean["sex"]), words.sex_differs())

    def read(text: str) -> tuple[date | None, tuple[Problem, ...]]:
        reading = read_date(text)
        if reading.problem and reading.problem.code != "date_empty":
            return None, (reading.problem,)
        if reading.day and reading.day > today:
            return None, (words.future("出生日期", "birth date", reading.day),)
        return (reading.day if reading.precision == "day" else None), ()

    day = sheet.distinct("birth", sheet.text("birth"), read, pl.Date)
    sheet.say_where("birth", (day != clean["birth"]), words.birth_differs())
    young = clean["birth"] > latest_birth(MIN_AGE, today)
    sheet.say_where("id_number", young, words.young(MIN_AGE))
    return {}


_SEX = {"男": "m", "女": "f", "男性": "m", "女性": "f", "1": "m", "2": "f", "M": "m", "F": "f", "m": "m", "f": "f"}


def _sex(text: str) -> tuple[str | None, tuple[Problem, ...]]:
    if not text:
        return None, ()
    found = _SEX.get(plain(text))
    return found, () if found else (words.not_among("性别", "sex", text, ("男", "女")),)


# telephones, places, addresses ---------------------------------------------------------------------------------------

_MOBILE = r"^1[3-9][0-9]{9}$"


def _phone(sheet: Sheet, name: str) -> pl.Series:
    raw = sheet.text(name)
    clean = (raw == "") | raw.str.contains(_MOBILE) if sheet.fast else (raw == "")

    def read(text: str) -> tuple[str | None, tuple[Problem, ...]]:
        reading = identity.read_phone(text)
        return reading.number, reading.problems

    slow = sheet.distinct(name, raw, read, pl.String, skip=clean)
    return pl.select(pl.when(raw == "").then(None).when(clean).then(raw).otherwise(slow)).to_series()


def _village(sheet: Sheet, where: Villages) -> pl.Series:
    parts = [sheet.text(n) for n in ("village_code", "village", "town")]
    joined = pl.select(pl.concat_str([pl.lit(p) for p in parts], separator="\x1f")).to_series()

    def read(text: str) -> tuple[int | None, tuple[Problem, ...]]:
        found, problem = where.find(*text.split("\x1f"))
        return found, (problem,) if problem else ()

    name = (
        "village" if "village" in sheet.frame.columns or "village_code" not in sheet.frame.columns else "village_code"
    )
    return sheet.distinct(name, joined, read, pl.Int64)


def _address(sheet: Sheet) -> pl.Series:
    raw = sheet.text("address")
    clean = ~raw.str.contains(_ADDRESS_ODD) & (raw.str.len_chars() <= 200) if sheet.fast else raw == ""
    slow = sheet.distinct("address", raw, lambda t: _short(t, "居住地址", "address", 200), pl.String, skip=clean)
    return pl.select(pl.when(raw == "").then(None).when(clean).then(raw).otherwise(slow)).to_series()


def _short(text: str, zh: str, en: str, most: int) -> tuple[str | None, tuple[Problem, ...]]:
    value = re.sub(r"\s+", " ", plain(text))
    if len(value) > most:
        return None, (words.too_long(zh, en, len(value), most),)
    return value or None, ()


# how they are --------------------------------------------------------------------------------------------------------

_CIRCUMSTANCE = {plain(word): code for code, all_words in columns.CIRCUMSTANCES.items() for word in all_words}


def _circumstances(sheet: Sheet, today: date) -> dict[str, pl.Series]:
    """The bits of the circumstances named in one column or in a yes/no column each."""

    def read(text: str) -> tuple[int | None, tuple[Problem, ...]]:
        bits, whole = 0, plain(text)
        parts = [whole] if whole in _CIRCUMSTANCE else [p for p in _SPLIT.split(whole) if p]
        for part in parts:
            code = _CIRCUMSTANCE.get(part)
            if code is None and part not in NO_CIRCUMSTANCE:
                return None, (
                    words.not_among("困难情形", "circumstance", part, [w[0] for w in columns.CIRCUMSTANCES.values()]),
                )
            bits |= BITS[code] if code else 0
        return bits, ()

    bits = sheet.distinct("circumstances", sheet.text("circumstances"), read, pl.Int32).fill_null(0)
    for name in [n for n in sheet.frame.columns if n.startswith("is_")]:
        bit = BITS[name[3:]]
        bits = bits | sheet.distinct(
            name, sheet.text(name), lambda t, n=name, b=bit: _yes(t, n, b), pl.Int32
        ).fill_null(0)
    return {"tags": bits, "circumstance_from": _day(sheet, "circumstance_from", today)}


def _yes(text: str, name: str, bit: int) -> tuple[int | None, tuple[Problem, ...]]:
    said = plain(text).lower()
    if not said or said in columns.NO:
        return 0, ()
    if said in columns.YES or said == columns.TITLES[name]:
        return bit, ()
    return None, (words.not_among(columns.TITLES[name], name[3:], text, ("是", "否")),)


def _plain_fields(sheet: Sheet) -> dict[str, pl.Series]:
    living = {plain(word): code for code, all_words in columns.LIVING.items() for word in all_words}

    def read_living(text: str) -> tuple[str | None, tuple[Problem, ...]]:
        if not text:
            return None, ()
        code = living.get(plain(text))
        return code, () if code else (
            words.not_among("居住方式", "living arrangement", text, [w[0] for w in columns.LIVING.values()]),
        )

    def read_ethnicity(text: str) -> tuple[str | None, tuple[Problem, ...]]:
        value, problems = _short(text, "民族", "ethnicity", 20)
        return (value + "族" if value and len(value) == 1 else value), problems

    def shorter(name: str, zh: str, most: int) -> pl.Series:
        return sheet.distinct(name, sheet.text(name), lambda t: _short(t, zh, name, most), pl.String)

    return {
        "living": sheet.distinct("living", sheet.text("living"), read_living, pl.String),
        "ethnicity": sheet.distinct("ethnicity", sheet.text("ethnicity"), read_ethnicity, pl.String),
        "marital": shorter("marital", "婚姻状况", 10),
        "hukou": shorter("hukou", "户籍地", 120),
        "former_name": shorter("former_name", "曾用名", 40),
        "source": shorter("source", "来源", 60),
    }


def _ability(sheet: Sheet, today: date) -> dict[str, pl.Series]:
    levels = {plain(word): level for level, all_words in columns.LEVELS.items() for word in all_words}

    def read(text: str) -> tuple[int | None, tuple[Problem, ...]]:
        if not text:
            return None, ()
        level = levels.get(plain(text))
        return level, () if level is not None else (words.level(text, [w[0] for w in columns.LEVELS.values()]),)

    level = sheet.distinct("ability_level", sheet.text("ability_level"), read, pl.Int16)
    on = _day(sheet, "ability_on", today)
    sheet.say_where("ability_on", level.is_not_null() & on.is_null(), words.undated())
    return {"ability_level": level, "ability_on": on, "ability_due": _due(level, on)}


def _due(level: pl.Series, on: pl.Series) -> pl.Series:
    """When the result stops holding, by the validity rule in force on its day."""
    dated = level.is_not_null() & on.is_not_null()
    if not dated.any():
        return pl.repeat(None, len(level), dtype=pl.Date, eager=True)
    scale = load_scale()
    pairs = zip(level.to_list(), on.to_list(), dated.to_list(), strict=True)
    return pl.Series([reassessment(scale, lv, day).on if both else None for lv, day, both in pairs], dtype=pl.Date)


_DAYS = {"circumstance_from": ("情形起始日期", "start of the circumstance"), "ability_on": ("评估日期", "assessment date"),
         "case_file_on": ("建档日期", "case-file date"), "verified_on": ("核实日期", "date of check")}  # fmt: skip


def _day(sheet: Sheet, name: str, today: date) -> pl.Series:
    def read(text: str) -> tuple[date | None, tuple[Problem, ...]]:
        reading = read_date(text)
        if reading.problem:
            return None, () if reading.problem.code == "date_empty" else (reading.problem,)
        if reading.day and reading.day > today:
            return None, (words.future(*_DAYS[name], reading.day),)
        return reading.day, ()

    return sheet.distinct(name, sheet.text(name), read, pl.Date)


def _contact(sheet: Sheet) -> dict[str, pl.Series]:
    relations = {plain(word): code for code, all_words in columns.RELATIONS.items() for word in all_words}

    def read_name(text: str) -> tuple[str | None, tuple[Problem, ...]]:
        return _name(text) if text else (None, ())

    name = sheet.distinct("contact_name", sheet.text("contact_name"), read_name, pl.String)
    relation = sheet.distinct(
        "contact_relation",
        sheet.text("contact_relation"),
        lambda t: (relations.get(plain(t), "other") if t else None, ()),
        pl.String,
    )
    return {"contact_name": name, "contact_relation": relation, "contact_phone": _phone(sheet, "contact_phone")}

"""What the roster check says about a cell it doubts: what is wrong, why, what to do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from songhe.core.problem import Problem


def too_long(zh: str, en: str, count: int, most: int) -> Problem:
    return Problem(
        "too_long",
        f"{zh}有{count}个字，超过{most}个。请核对是否串列，或缩短。",
        f"The {en} has {count} characters, more than {most}. Check whether the columns have slipped, or shorten it.",
    )


def not_among(zh: str, en: str, text: str, choices: Sequence[str]) -> Problem:
    return Problem(
        "not_among",
        f"{zh}“{text[:20]}”不在可填范围内。请填：{'、'.join(choices)}。",
        f'The {en} "{text[:20]}" is not one of the choices. Enter one of: {", ".join(choices)}.',
    )


def level(text: str, choices: Sequence[str]) -> Problem:
    return Problem(
        "ability_level",
        f"能力等级“{text[:20]}”不是 GB/T 42195-2022 的等级。请填：{'、'.join(choices)}；其他量表的结果不能换算，请另行登记。",
        f'"{text[:20]}" is not a level of GB/T 42195-2022. Enter one of: {", ".join(choices)}. Results of other scales are '
        "never converted; record them beside it.",
    )


def future(zh: str, en: str, day: date) -> Problem:
    return Problem(
        "date_future", f"{zh} {day} 在今天之后。请核对年份。", f"The {en} {day} lies in the future. Check the year."
    )


def double(line: int) -> Problem:
    return Problem(
        "double_in_file",
        f"与第{line}行的身份证号码相同。请核对，一人只留一行。",
        f"The ID number is the same as in row {line}. Check it and keep one row for each person.",
    )


def taken() -> Problem:
    return Problem(
        "taken_elsewhere",
        "该证件号已在您的辖区以外建档，不能重复建档。请核对号码；确已迁来的，请上级民政部门办理迁入。",
        "This ID number already has a file outside your area. Check it; if the person has moved here, ask the civil affairs "
        "office above you to move the file.",
    )


def deceased() -> Problem:
    return Problem(
        "deceased_on_file",
        "该老人的档案已登记为去世或迁出，名单没有改动它。请核对名单是否过时；登记有误的，请先撤销该事件。",
        "This person's file says deceased or moved away, and the roster did not change it. Check whether the roster is out of "
        "date; if the file is wrong, undo that event first.",
    )


def sex_differs() -> Problem:
    return Problem(
        "sex_differs",
        "性别与身份证号码不一致，已按身份证号码。请核对。",
        "The sex differs from the ID number; the number was followed. Check it.",
        "warning",
    )


def birth_differs() -> Problem:
    return Problem(
        "birth_differs",
        "出生日期与身份证号码不一致，已按身份证号码。请核对（可能是农历或写错）。",
        "The birth date differs from the ID number; the number was followed. Check it (it may be lunar or mistyped).",
        "warning",
    )


def young(age: int) -> Problem:
    return Problem(
        "young",
        f"按身份证号码未满{age}周岁，已照收。请核对号码。",
        f"By the ID number this person is not yet {age}; the row was taken. Check the number.",
        "warning",
    )


def undated() -> Problem:
    return Problem(
        "ability_undated",
        "有能力等级而没有评估日期，无法推算何时复评。请补填评估日期。",
        "There is a level but no assessment date, so the re-assessment cannot be planned. Add the date.",
        "warning",
    )

"""What identity.py says about a number it doubts: what is wrong, why, what to do."""

from __future__ import annotations

from datetime import date

from songhe.core.problem import Problem


def _show(text: str) -> str:
    """Enough of the cell to find it, never the whole number: error lists are kept and sent around."""
    return text[:20] if len(text) < 10 else f"{text[:4]}…{text[-2:]}"


def id_empty() -> Problem:
    return Problem("id_empty", "身份证号码为空。请填写18位号码。", "The ID number is empty. Enter all 18 characters.")


def id_as_number(text: str) -> Problem:
    return Problem(
        "id_scientific",
        f"身份证号码变成了数字“{text[:20]}”，后几位已经丢失，无法还原。请把该列设为“文本”格式后重新填写，或使用本系统的模板。",
        f'The ID number became the number "{text[:20]}" and its last digits are lost for good. Format the column as text '
        "and enter it again, or use the template.",
    )


def id_lost_digits() -> Problem:
    return Problem(
        "id_lost_digits",
        "身份证号码末三位是000且校验不符，很可能被表格软件吃掉了末尾数字。请对照证件重填，并把该列设为“文本”格式。",
        "The ID number ends in 000 and its check digit does not fit: a spreadsheet has most likely dropped the last "
        "digits. Enter it again from the card with the column formatted as text.",
    )


def id_check() -> Problem:
    return Problem(
        "id_check",
        "身份证号码校验码不符，说明至少有一位数字写错。请对照证件逐位核对。",
        "The check digit does not fit, so at least one digit is wrong. Compare it with the card digit by digit.",
    )


def id_length(count: int) -> Problem:
    return Problem(
        "id_length",
        f"身份证号码有{count}位，应为18位（旧证15位）。请对照证件补齐或删去多余数字。",
        f"The ID number has {count} characters; it must have 18 (old cards 15). Complete it from the card.",
    )


def id_leading_zero() -> Problem:
    return Problem(
        "id_leading_zero",
        "身份证号码不会以0开头。请对照证件核对是否串列或填错。",
        "An ID number never starts with 0. Check whether the columns have slipped.",
    )


def id_characters(text: str) -> Problem:
    return Problem(
        "id_characters",
        f"“{_show(text)}”不是身份证号码：只能是数字，末位可为X。请对照证件重填；军官证、护照等请填在“其他证件”。",
        f'"{_show(text)}" is not an ID number: only digits, the last may be X. Enter it from the card; put other '
        "documents under other papers.",
    )


def id_birth(text: str) -> Problem:
    return Problem(
        "id_birth",
        f"身份证号码中的出生日期“{text}”不存在。请对照证件核对第7至14位。",
        f'The birth date "{text}" in the ID number does not exist. Check characters 7 to 14 against the card.',
    )


def id_birth_range(birth: date) -> Problem:
    return Problem(
        "id_birth_range",
        f"身份证号码中的出生日期 {birth.isoformat()} 不可能（在将来，或年龄超过130岁）。请对照证件核对第7至14位。",
        f"The birth date {birth.isoformat()} in the ID number is impossible (in the future, or older than 130). "
        "Check characters 7 to 14 against the card.",
    )


def id_area(code: str) -> Problem:
    return Problem(
        "id_area",
        f"身份证号码开头的地区码 {code} 不常见，已照收。请留意核对。",
        f"The area code {code} at the start is unusual; the number was taken as it is. Please check it.",
        "warning",
    )


def id_fifteen() -> Problem:
    return Problem(
        "id_fifteen",
        "15位旧身份证号码已换算为18位。",
        "The old 15-digit ID number was turned into 18 characters.",
        "fixed",
    )


def id_repaired() -> Problem:
    return Problem(
        "id_repaired",
        "身份证号码中的全角字符、空格、横线或小数点已自动清理。",
        "Full-width characters, spaces, dashes or a decimal tail were removed from the ID number.",
        "fixed",
    )


def phone_empty() -> Problem:
    return Problem("phone_empty", "电话为空。请填写手机或固定电话。", "The telephone number is empty. Enter one.")


def phone_as_number(text: str) -> Problem:
    return Problem(
        "phone_scientific",
        f"电话变成了数字“{text[:20]}”，数字已丢失。请把该列设为“文本”格式后重新填写。",
        f'The telephone number became the number "{text[:20]}" and lost digits. Format the column as text and enter it again.',
    )


def phone_characters(text: str) -> Problem:
    return Problem(
        "phone_characters",
        f"“{text[:12]}”中没有数字，不是电话。没有电话请留空。",
        f'"{text[:12]}" holds no digits. Leave the cell empty if there is no telephone.',
    )


def phone_length(count: int) -> Problem:
    return Problem(
        "phone_length",
        f"手机号码应为11位，这里有{count}位。请核对后重填。",
        f"A mobile number has 11 digits, this one {count}. Check it and enter it again.",
    )


def phone_shape(text: str) -> Problem:
    return Problem(
        "phone_shape",
        f"“{_show(text)}”不像手机、固定电话（区号-号码）或热线号码。请核对后重填。",
        f'"{_show(text)}" looks like no mobile, landline (area code and number) or hotline. Check it and enter it again.',
    )


def phone_several(count: int) -> Problem:
    return Problem(
        "phone_several",
        f"一格里有{count}个电话，已取第一个，其余作为备用。",
        f"There are {count} numbers in one cell; the first is used, the others are kept as spare.",
        "warning",
    )


def phone_local() -> Problem:
    return Problem(
        "phone_no_area_code",
        "固定电话缺区号，已照收。请补写区号，例如 0312-2551234。",
        "The landline has no area code; it was taken as it is. Add the code, for example 0312-2551234.",
        "warning",
    )


def phone_repaired() -> Problem:
    return Problem(
        "phone_repaired",
        "电话中的空格、横线、国家代码或小数点已自动整理。",
        "Spaces, dashes, the country code or a decimal tail in the telephone number were tidied.",
        "fixed",
    )

"""Numbers as notices write them: 1,200 5.6万 三百余 百分之八十 三分之二 八成."""

import re

DIGITS = {
    "零": 0,
    "〇": 0,
    "○": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
POWERS = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_ONE = "[零〇一二两三四五六七八九十百千]"
CHINESE = rf"{_ONE}{{1,12}}(?:[万亿]{_ONE}{{1,8}})+万?|{_ONE}{{1,12}}"
ARABIC = r"\d{1,4}亿\d{1,3}(?:,\d{3}|\d)?(?=万)|\d{1,4}万(?:\d,\d{3}|\d{4})(?![\d.万])|\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?: \d{3})+(?!\d)|\d{1,15}(?:\.\d{1,6})?"


def chinese_number(words: str) -> int | None:
    """The value of Chinese numerals, or None when they do not form a number.

    >>> chinese_number("二百三十"), chinese_number("二〇二三"), chinese_number("十五")
    (230, 2023, 15)
    """
    if not words or any(w not in DIGITS and w not in POWERS for w in words):
        return None
    if not any(w in POWERS for w in words):
        return int("".join(str(DIGITS[w]) for w in words)) if len(words) > 1 else DIGITS[words]
    total, section, digit = 0, 0, 0
    for word in words:
        if word in DIGITS:
            digit = DIGITS[word]
        elif POWERS[word] >= 10_000:
            total += (section + digit) * POWERS[word]
            section, digit = 0, 0
        else:
            section += (digit or (1 if word == "十" or (section == 0 and word == words[0]) else 0)) * POWERS[word]
            digit = 0
    # 二百五 means 250
    if digit and len(words) >= 2 and words[-2] in "百千万" and words[-1] in DIGITS:
        return total + section + digit * POWERS[words[-2]] // 10
    return total + section + digit


def arabic_number(words: str) -> float | int:
    """The value of Arabic digits with separators.

    >>> arabic_number("1,200"), arabic_number("5.6")
    (1200, 5.6)
    """
    if "亿" in words:  # 1亿2000万: the 万 that follows is the unit
        high, low = words.split("亿")
        return int(high) * 10_000 + int(low.replace(",", ""))
    if "万" in words:  # 13万2450
        high, low = words.split("万")
        return int(high) * 10_000 + int(low.replace(",", ""))
    plain = re.sub(r"[, ]", "", words)
    return float(plain) if "." in plain else int(plain)


def tidy(value: float) -> float | int:
    """An integer when it is one: 56000.0 → 56000."""
    rounded = round(value, 6)
    return int(rounded) if rounded == int(rounded) else rounded

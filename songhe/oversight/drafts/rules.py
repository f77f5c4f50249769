"""What may be said about a line of a notice, and how its text is shown: plain data, no framework."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal, InvalidOperation

NUMBERS, DAYS, LISTS = ("value", "value_max"), ("start", "deadline"), ("responsible", "cooperating")
TEXTS = ("kind", "subject", "title", "unit", "comparator", "modality", "scope", "per")
KINDS = ("target", "allocation", "schedule", "duty", "standard", "budget", "achieved")
SIGNS = (">=", "<=", "=", "about", ">", "<")
SURE = 0.9  # the reader's own confidence from which a person may take lines over in one go


class Unreadable(ValueError):
    """A correction that is no number, day or kind: `field` and what it must look like, in both languages."""

    def __init__(self, field: str, zh: str, en: str):
        super().__init__(field)
        self.field, self.zh, self.en = field, zh, en


def changes(item: dict, said: dict[str, str]) -> dict:
    """What differs between an item and the form's text fields. Raises Unreadable.

    >>> changes({"value": 21, "unit": "个"}, {"value": "22", "unit": "个"})
    {'value': 22}
    """
    found = {}
    for name, text in said.items():
        value = _value(name, text.strip())
        if value != (item.get(name) if item.get(name) not in ("", []) else _nothing(name)):
            found[name] = value
    return found


def _nothing(name: str) -> list | None:
    return [] if name in LISTS else None


def _value(name: str, text: str) -> object:
    if name in LISTS:
        return [part for part in text.replace("，", "、").replace(",", "、").replace("\n", "、").split("、") if part]
    if not text:
        return None
    if name in NUMBERS:
        return _number(name, text)
    if name in DAYS:
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            raise Unreadable(
                name, f"“{text}”不是日期。请写成 2023-09-30。", f"“{text}” is no date. Write it as 2023-09-30."
            ) from None
    if name == "kind" and text not in KINDS:
        raise Unreadable(name, f"没有“{text}”这一类。", f"There is no kind “{text}”.")
    if name == "comparator" and text not in SIGNS:
        raise Unreadable(name, f"没有“{text}”这种比较。", f"There is no comparison “{text}”.")
    return text


def _number(name: str, text: str) -> int | float:
    try:
        number = Decimal(text.replace(",", ""))
    except InvalidOperation:
        raise Unreadable(
            name,
            f"“{text}”不是数。请只写数字，例如 33 或 0.5。",
            f"“{text}” is no number. Write digits only, such as 33 or 0.5.",
        ) from None
    if not number.is_finite() or abs(number) > 10**15:
        raise Unreadable(name, f"“{text}”太大。", f"“{text}” is too large.")
    return int(number) if number == number.to_integral_value() else float(number)


def pieces(text: str, spans: Iterable[tuple[int, int, str, str]], cuts: Iterable[tuple[int, int]]) -> list[dict]:
    """The text in order as [{text, id, kind, cut}]: where marks overlap the shortest wins; cut passages are marked so.

    spans: (start, end, item id, kind).
    """
    marks = sorted(spans, key=lambda s: s[0] - s[1])  # long ones first, short ones paint over them
    owner: list[int] = [-1] * len(text)
    for at, (start, end, _id, _kind) in enumerate(marks):
        owner[max(start, 0) : end] = [at] * (min(end, len(text)) - max(start, 0))
    for start, end in cuts:
        owner[start:end] = [-2] * (min(end, len(text)) - start)
    out: list[dict] = []
    for at, char in enumerate(text):
        if out and owner[at] == owner[at - 1]:
            out[-1]["text"] += char
            continue
        mark = marks[owner[at]] if owner[at] >= 0 else None
        out.append(
            {"text": char, "id": mark[2] if mark else "", "kind": mark[3] if mark else "", "cut": owner[at] == -2}
        )
    return out


def sure(item: dict) -> bool:
    """Whether a line may be taken over together with others, without being looked at alone."""
    return item["confidence"] >= SURE and not item["uncertain"] and not item["implied"]

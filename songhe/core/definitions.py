"""YAML definitions, read so that every error can name the file, the line and the field.

    doc = load(path)                      -> Doc: .data (plain dicts, lists, str, int, float, bool, date), .line("owed", 0)
    doc = checked(path, {"id": Text(), "source": Map({"title": Text(), "clause": Text(required=False)})})
    str(BadDefinition)                    -> duties/visiting.yaml:12 owed.calls：应为整数，现为“两”。

Stricter than YAML: a key may stand once; only true/false are booleans (so `on`, `no` and `12:30` stay text); a number with
a leading zero stays text (it is a code); anchors and aliases are refused, because an error must point at one place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from songhe.core.yamldoc import BadDefinition, Doc, Fault, Where, dotted, load, load_all, loads

__all__ = [
    "BOTH", "BadDefinition", "Day", "Doc", "Fault", "Flag", "Items", "Map", "Number", "Table", "Text", "Value",
    "check", "checked", "dotted", "load", "load_all", "loads",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Value:
    """Anything; the base of the kinds below. An absent or empty value is a fault unless `required=False`."""

    required: bool = True


@dataclass(frozen=True, kw_only=True)
class Text(Value):
    """Text; `allowed` names the possible values, `pattern` the whole shape with `shape` as its name in a message."""

    allowed: tuple[str, ...] | None = None
    pattern: str = ""
    shape: str = ""


@dataclass(frozen=True, kw_only=True)
class Number(Value):
    """A number, whole if `whole`, between `least` and `most` (both included)."""

    whole: bool = False
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True, kw_only=True)
class Flag(Value):
    """true or false."""


@dataclass(frozen=True, kw_only=True)
class Day(Value):
    """A date, 2026-11-22."""


@dataclass(frozen=True)
class Items(Value):
    """A list of one kind of thing; `least` entries."""

    of: Value
    least: int = 1


@dataclass(frozen=True)
class Map(Value):
    """Named fields; an unknown one is a fault, with the nearest known name as suggestion."""

    fields: dict[str, Value]


@dataclass(frozen=True)
class Table(Value):
    """A mapping with free names (ids) and one kind of value."""

    of: Value


BOTH = Map({"zh": Text(), "en": Text()})  # a text in both languages


def check(doc: Doc, schema: Value | dict[str, Value]) -> list[Fault]:
    """Every fault of the document against the schema, in the order of the file."""
    faults: list[Fault] = []
    _check(doc, Map(schema) if isinstance(schema, dict) else schema, doc.data, (), faults)
    return sorted(faults, key=lambda f: f.line)


def checked(path: Path | str, schema: Value | dict[str, Value]) -> Doc:
    """load() and check() in one. Raises BadDefinition with all faults."""
    doc = load(path)
    faults = check(doc, schema)
    if faults:
        raise BadDefinition(faults)
    return doc


def _check(doc: Doc, rule: Value, value: Any, where: Where, faults: list[Fault]) -> None:
    if value is None or value == "":
        if rule.required:
            faults.append(doc.fault(where, *_missing(where)))
        return
    match rule:
        case Map():
            if _is(doc, dict, value, where, faults):
                _check_fields(doc, rule, value, where, faults)
        case Table():
            if _is(doc, dict, value, where, faults):
                for key, part in value.items():
                    _check(doc, rule.of, part, (*where, key), faults)
        case Items():
            if _is(doc, list, value, where, faults):
                _check_items(doc, rule, value, where, faults)
        case Text():
            if _is(doc, str, value, where, faults):
                _check_text(doc, rule, value, where, faults)
        case Number():
            _check_number(doc, rule, value, where, faults)
        case Flag():
            _is(doc, bool, value, where, faults)
        case Day():
            _is(doc, date, value, where, faults)


def _check_fields(doc: Doc, rule: Map, value: dict[str, Any], where: Where, faults: list[Fault]) -> None:
    for key in value:
        if key not in rule.fields:
            faults.append(doc.fault((*where, key), *_unknown(key, list(rule.fields))))
    for key, part in rule.fields.items():
        if key in value or part.required:
            _check(doc, part, value.get(key), (*where, key), faults)


def _check_items(doc: Doc, rule: Items, value: list[Any], where: Where, faults: list[Fault]) -> None:
    if len(value) < rule.least:
        zh, en = (
            f"至少要有{rule.least}项，现有{len(value)}项。",
            f"Needs at least {rule.least} entries, has {len(value)}.",
        )
        faults.append(doc.fault(where, "too_few", zh, en))
    for i, part in enumerate(value):
        _check(doc, rule.of, part, (*where, i), faults)


def _check_text(doc: Doc, rule: Text, value: str, where: Where, faults: list[Fault]) -> None:
    if rule.allowed is not None and value not in rule.allowed:
        faults.append(doc.fault(where, *_not_allowed(value, list(rule.allowed))))
    elif rule.pattern and not re.fullmatch(rule.pattern, value):
        shape = rule.shape or rule.pattern
        faults.append(
            doc.fault(
                where,
                "bad_shape",
                f"“{value[:40]}”的写法不对，应为{shape}。",
                f'"{value[:40]}" should look like {shape}.',
            )
        )


def _check_number(doc: Doc, rule: Number, value: Any, where: Where, faults: list[Fault]) -> None:
    kinds = (int,) if rule.whole else (int, float)
    if isinstance(value, bool) or not isinstance(value, kinds):
        faults.append(doc.fault(where, *_wrong_type("int" if rule.whole else "float", value)))
    elif (rule.least is not None and value < rule.least) or (rule.most is not None and value > rule.most):
        bounds = [f"{sign} {bound:g}" for sign, bound in (("≥", rule.least), ("≤", rule.most)) if bound is not None]
        zh, en = (
            f"{value:g} 超出范围，应{'且'.join(bounds)}。",
            f"{value:g} is out of range; it must be {' and '.join(bounds)}.",
        )
        faults.append(doc.fault(where, "out_of_range", zh, en))


def _is(doc: Doc, kind: type, value: Any, where: Where, faults: list[Fault]) -> bool:
    if isinstance(value, kind):
        return True
    faults.append(doc.fault(where, *_wrong_type(kind.__name__, value)))
    return False


_TYPES = {
    "str": ("文字（数字代码请加引号）", "text (put quotes around a code)"), "int": ("整数", "a whole number"), "float": ("数字", "a number"),
    "bool": ("true 或 false", "true or false"), "date": ("日期，如 2026-11-22", "a date such as 2026-11-22"),
    "list": ("列表（每行以“- ”开头）", "a list (each line starts with \"- \")"), "dict": ("若干“名称: 值”", "fields (name: value)"),
}  # fmt: skip


def _wrong_type(kind: str, value: Any) -> tuple[str, str, str]:
    zh, en = _TYPES[kind]
    return "wrong_type", f"应为{zh}，现为“{str(value)[:40]}”。", f'Must be {en}, but is "{str(value)[:40]}".'


def _missing(where: Where) -> tuple[str, str, str]:
    name = where[-1] if where else ""
    return "missing", f"缺少“{name}”，或其值为空。请补上。", f'"{name}" is missing or empty. Add it.'


def _nearest(word: str, known: list[str]) -> tuple[str, str]:
    close = get_close_matches(word, known, 1, 0.5)
    return (f"是否想写“{close[0]}”？", f'Did you mean "{close[0]}"? ') if close else ("", "")


def _unknown(key: str, known: list[str]) -> tuple[str, str, str]:
    zh, en = _nearest(key, known)
    return (
        "unknown_key",
        f"不认识“{key}”。{zh}可用：{'、'.join(known)}。",
        f'Unknown field "{key}". {en}Known: {", ".join(known)}.',
    )


def _not_allowed(value: str, allowed: list[str]) -> tuple[str, str, str]:
    zh, en = _nearest(value, allowed)
    return (
        "not_allowed",
        f"“{value[:40]}”不在可选值之内。{zh}可用：{'、'.join(allowed)}。",
        f'"{value[:40]}" is not one of the possible values. {en}Use: {", ".join(allowed)}.',
    )

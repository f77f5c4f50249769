"""What was typed into a form, read as the file keeps it: the same readers as the roster import."""

from datetime import date
from typing import Any

from songhe.core import identity, names
from songhe.core.likeness import Traits
from songhe.core.problem import Problem
from songhe.core.refusal import Refusal
from songhe.registry.people import rules, sealing
from songhe.registry.people.models import Person


def _refusal(field: str, problem: Problem) -> Refusal:
    return Refusal(problem.code, zh=problem.zh, en=problem.en, field=field)


def _first_error(field: str, problems: tuple[Problem, ...]) -> Refusal:
    return _refusal(field, next(p for p in problems if p.level == "error"))


def clean(values: dict[str, Any], *, on: date) -> dict[str, Any]:
    """Typed values as the file keeps them: the same readers as the import. Raises Refusal naming the field."""
    out = {}
    for field, value in values.items():
        if field not in rules.EDITABLE:
            raise Refusal(
                "unknown_field",
                zh=f"档案里没有“{field}”这一项，或不能在这里修改。",
                en=f"The file has no field “{field}”, or it is not changed here.",
                field=field,
            )
        out[field] = _clean(field, value, on)
    return out


def _clean(field: str, value: Any, on: date) -> Any:
    if field == "name":
        reading = names.read_name(value)
        if reading.name is None:
            raise _first_error(field, reading.problems)
        return reading.name
    if field == "id_number":
        if value in (None, ""):
            return ""
        reading = identity.read_id(value, on)
        if reading.number is None:
            raise _first_error(field, reading.problems)
        return reading.number
    if field == "phone":
        if value in (None, ""):
            return ""
        reading = identity.read_phone(value)
        if reading.number is None:
            raise _first_error(field, reading.problems)
        return reading.number
    return value.strip() if isinstance(value, str) else value


def traits_of(person: Person) -> Traits:
    """What core.likeness compares."""
    number = sealing.open_field("id_number", person.id_sealed)
    former = tuple(part for part in person.former_name.replace("，", "、").split("、") if part)
    phone = bytes(person.phone_blind) if person.phone_blind else None
    return Traits(person.name, person.sex, person.birth, number[-4:], phone, person.village_id, former)

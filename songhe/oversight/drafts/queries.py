"""Questions about drafts: the list, one with its rulings, and what a confirmed one is made of."""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

import yaml

from songhe.care.duties import definitions as duties
from songhe.insight.reading import ReadingError, to_answer_key, to_programme
from songhe.oversight.drafts import making, rules, terms
from songhe.oversight.drafts.models import NoticeDraft, Ruling
from songhe.registry.places.models import Place


@dataclass(frozen=True)
class Line:
    """One item as it stands: what was read, the last ruling on it, and what it says now."""

    item: dict
    ruling: Ruling | None
    now: dict

    @property
    def state(self) -> str:
        """ "" while nobody has said anything, else accept, correct, merge or reject."""
        return self.ruling.what if self.ruling else ""


def rulings_of(draft: NoticeDraft) -> dict[str, Ruling]:
    """The last ruling on each item and warning."""
    return {ruling.about: ruling for ruling in draft.rulings.order_by("pk")}


def lines_of(draft: NoticeDraft, rulings: dict[str, Ruling] | None = None) -> list[Line]:
    """Every item in text order."""
    found = rulings_of(draft) if rulings is None else rulings
    return [_line(item, found.get(item["id"])) for item in draft.reading["items"]]


def _line(item: dict, ruling: Ruling | None) -> Line:
    return Line(item, ruling, item | (ruling.changes if ruling and ruling.what == "correct" else {}))


def decisions_of(draft: NoticeDraft, programme: str = "", rulings: dict[str, Ruling] | None = None) -> dict:
    """The rulings as `insight.reading.to_programme` takes them; a line without a ruling is not taken over."""
    items, warnings = {}, {}
    for about, ruling in (rulings_of(draft) if rulings is None else rulings).items():
        if ruling.what == "answer":
            warnings[about] = ruling.words
        else:
            items[about] = {"do": ruling.what}
            if ruling.what == "correct":
                items[about]["changes"] = ruling.changes
            if ruling.what == "merge":
                items[about]["into"] = ruling.into
    return {"items": items, "warnings": warnings, "default": "reject", "id": programme or draft.programme or "draft"}


def open_questions(draft: NoticeDraft, rulings: dict[str, Ruling]) -> tuple[int, int]:
    """How many lines and how many warnings still have no answer."""
    lines = sum(item["id"] not in rulings for item in draft.reading["items"])
    return lines, sum(warning["id"] not in rulings for warning in draft.reading["warnings"])


def sure_and_open(draft: NoticeDraft, rulings: dict[str, Ruling]) -> list[str]:
    """Lines that the reader is sure of and nobody has ruled on."""
    return [item["id"] for item in draft.reading["items"] if item["id"] not in rulings and rules.sure(item)]


def as_definition(draft: NoticeDraft, programme: str) -> str:
    """The YAML as it would be confirmed now, each row with its span. Raises ReadingError (open warnings, nothing taken over)."""
    titles = list(_duties())
    return to_programme(draft.reading, decisions_of(draft, programme), {"duties": titles})


def as_programme(draft: NoticeDraft, *, place: Place, on: date) -> str:
    """The confirmed definition as the programmes of this house are written; it is checked when it is adopted."""
    inside = list(Place.objects.under(place).current(on).exclude(level="village").values_list("name", "code"))
    times = Counter(name for name, _code in inside)
    known = making.Known(
        places={name: code for name, code in inside if times[name] == 1},  # of two 城关镇 nobody knows which is meant
        facility_kinds=terms.FACILITY_NOUNS,
        duties=_duties(),
    )
    made = making.programme_of(yaml.safe_load(draft.definition), place=place.code, on=on.isoformat(), known=known)
    return yaml.safe_dump(_days(made), allow_unicode=True, sort_keys=False, width=160)


def _duties() -> dict[str, str]:
    """Standing duties of this house by their Chinese title."""
    return {row["title"]: row["name"] for row in duties.rule_rows()}


_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def _days(value: Any, name: str = "") -> Any:
    """Dates as YAML dates; words that only look like one stay words."""
    if isinstance(value, dict):
        return {key: _days(each, key) for key, each in value.items()}
    if isinstance(value, list):
        return [_days(each, name) for each in value]
    is_day = name in ("from", "to", "date", "start", "as_of") and isinstance(value, str) and _DAY.fullmatch(value)
    return date.fromisoformat(value) if is_day else value


def as_answer_key(draft: NoticeDraft) -> list[dict]:
    """What was confirmed, in the form of the answer key, so that the next reader can be tested on it."""
    return to_answer_key(draft.reading, decisions_of(draft), draft.programme or f"draft-{draft.pk}")


__all__ = [
    "Line", "ReadingError", "as_answer_key", "as_definition", "as_programme", "decisions_of", "lines_of", "open_questions", "rulings_of",
    "sure_and_open",
]  # fmt: skip

"""Questions about drafts: the list, one with its rulings, and what a confirmed one is made of."""

from dataclasses import dataclass

from songhe.insight.reading import ReadingError, to_answer_key, to_programme
from songhe.oversight.drafts import rules
from songhe.oversight.drafts.models import NoticeDraft, Ruling


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


def as_definition(draft: NoticeDraft, programme: str, known: dict[str, list[str]] | None = None) -> str:
    """The YAML as it would be confirmed now. Raises ReadingError (open warnings, nothing taken over)."""
    return to_programme(draft.reading, decisions_of(draft, programme), known)


def as_answer_key(draft: NoticeDraft) -> list[dict]:
    """What was confirmed, in the form of the answer key, so that the next reader can be tested on it."""
    return to_answer_key(draft.reading, decisions_of(draft), draft.programme or f"draft-{draft.pk}")


__all__ = [
    "Line", "ReadingError", "as_answer_key", "as_definition", "decisions_of", "lines_of", "open_questions", "rulings_of",
    "sure_and_open",
]  # fmt: skip

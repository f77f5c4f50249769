"""From a reading and a person's decisions to a draft programme, every line linked to the words it stands on.

decisions = {
    "items": {"i1": {"do": "accept"}, "i2": {"do": "correct", "changes": {"value": 12}},
              "i3": {"do": "merge", "into": "i1"}, "i4": {"do": "reject"}},
    "warnings": {"w1": "原件为 2021 年 3 月"},     # the answer to each warning, in the person's words
    "default": "reject",                          # what becomes of items without a decision
    "id": "qingyuan-2022",
}
"""

import re
from collections.abc import Mapping

import yaml

from songhe.insight.reading.errors import ReadingError

DO = ("accept", "correct", "merge", "reject")
CHANGEABLE = frozenset(
    (
        "kind",
        "subject",
        "title",
        "value",
        "value_max",
        "unit",
        "comparator",
        "modality",
        "scope",
        "start",
        "deadline",
        "responsible",
        "cooperating",
        "per",
        "parent",
    )
)
SECTIONS = {
    "target": "targets",
    "allocation": "allocations",
    "schedule": "milestones",
    "duty": "duties",
    "standard": "standards",
    "budget": "grants",
    "achieved": "baseline",
}
PREFIX = {
    "targets": "t",
    "allocations": "a",
    "milestones": "m",
    "duties": "d",
    "standards": "s",
    "grants": "g",
    "baseline": "b",
}


class _Plain(yaml.SafeDumper):
    """No anchors: a definition's error must point at one place."""

    def ignore_aliases(self, data: object) -> bool:
        """Write every value out."""
        return True


def to_programme(result: dict, decisions: dict, known: Mapping[str, list[str]] | None = None) -> str:
    """The YAML of a draft programme. Raises ReadingError when a warning is unanswered or nothing was accepted.

    known: names that exist already, by section ({"duties": ["每周探访"], "standards": [...]}); near ones are proposed.
    """
    answers = decisions.get("warnings", {})
    open_ids = [w["id"] for w in result["warnings"] if not str(answers.get(w["id"], "")).strip()]
    if open_ids:
        raise ReadingError("blocked", count=len(open_ids), ids="、".join(open_ids[:12]))
    items = decided(result, decisions)
    if not items:
        raise ReadingError("no_items")
    programme: dict = {
        "id": decisions.get("id") or "draft",
        "status": "draft",
        "title": {"zh": result["title"]},
        "source": _without_nothing(
            {
                "title": result["title"],
                "issuer": result["issuer"],
                "number": result["document_number"],
                "date": result["published"],
                "in_force_from": result["effective"],
            }
        ),
    }
    for kind, section in SECTIONS.items():
        rows = [
            _row(item, PREFIX[section], n, (known or {}).get(section, []))
            for n, item in enumerate((i for i in items if i["kind"] == kind), 1)
        ]
        if rows:
            programme[section] = rows
    if result["bodies"]:
        programme["bodies"] = [{"name": b["name"], "span": b["span"]} for b in result["bodies"]]
    if answers:
        programme["answered"] = [
            {"warning": w["code"], "said": w["zh"], "answer": str(answers[w["id"]])} for w in result["warnings"]
        ]
    return yaml.dump(programme, Dumper=_Plain, allow_unicode=True, sort_keys=False, width=120)


def decided(result: dict, decisions: dict) -> list[dict]:
    """The accepted items with corrections made and merged spans gathered, in text order."""
    said = decisions.get("items", {})
    default = decisions.get("default", "reject")
    by_id = {i["id"]: dict(i, spans=[i["span"], *i["mentions"]]) for i in result["items"]}
    kept: list[dict] = []
    merges: list[tuple[dict, str]] = []
    for item_id, item in by_id.items():
        decision = said.get(item_id, {"do": default})
        do = decision.get("do", "")
        if (
            do not in DO
            or set(decision.get("changes", {})) - CHANGEABLE
            or (do == "merge" and decision.get("into") not in by_id)
        ):
            raise ReadingError("bad_decision", key=f"{item_id}: {decision}")
        if do == "merge":
            merges.append((item, decision["into"]))
        elif do != "reject":
            item.update(decision.get("changes", {}))
            item["corrected"] = do == "correct"
            kept.append(item)
    for item, into in merges:
        by_id[into]["spans"] += item["spans"]
    return kept


def to_answer_key(result: dict, decisions: dict, notice: str) -> list[dict]:
    """What a person confirmed, in the form of the answer key, so that the next reader is tested on it."""
    names = (
        "kind",
        "quote",
        "subject",
        "value",
        "value_max",
        "unit",
        "comparator",
        "scope",
        "start",
        "deadline",
        "per",
        "title",
        "modality",
    )
    rows = []
    for item in decided(result, decisions):
        row = {
            "notice": notice,
            **{n: item.get(n) for n in names},
            "responsible": "、".join(item["responsible"]) or None,
        }
        if item.get("corrected"):
            row["note"] = "人工更正"
        rows.append(row)
    return rows


def _row(item: dict, prefix: str, number: int, known: list[str]) -> dict:
    """One line of the programme: what it says, its numbers, and where it stands in the notice."""
    row = {
        "id": f"{prefix}{number}",
        "subject": item["subject"],
        "title": item["title"] if item["kind"] == "schedule" else None,
        "op": item["comparator"],
        "value": item["value"],
        "value_max": item["value_max"],
        "unit": item["unit"],
        "per": item["per"],
        "scope": item["scope"],
        "parent": item["parent"],
        "soft": item["modality"],
        "from": item["start"],
        "deadline": item["deadline"],
        "deadline_written": item["deadline_written"],
        "lead": item["responsible"] or None,
        "help": item["cooperating"] or None,
        "as_of": item["asof"],
        "existing": nearest(item["subject"], known),
        "uncertain": item["uncertain"] or None,
        "quote": re.sub(r"\s+", "", item["quote"]),
        "spans": [list(s) for s in item["spans"]],
    }
    return _without_nothing(row)


def nearest(subject: str, known: list[str]) -> str | None:
    """The existing name most like the subject, when more than half of its pairs of characters are shared."""
    pairs = {subject[i : i + 2] for i in range(len(subject) - 1)}
    best, score = None, 0.5
    for name in known:
        theirs = {name[i : i + 2] for i in range(len(name) - 1)}
        share = len(pairs & theirs) / max(1, min(len(pairs), len(theirs)))
        if share > score:
            best, score = name, share
    return best


def _without_nothing(row: dict) -> dict:
    return {k: v for k, v in row.items() if v is not None}

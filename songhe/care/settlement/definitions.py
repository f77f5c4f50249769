"""Reads `definitions/settlement/terms.yaml`: what is deducted, how operators are appraised, which band means what.

on(date(2026, 11, 30)).bands[1]["percent"]  -> 5
"""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from songhe.care.settlement import rules
from songhe.core import bands, scores
from songhe.core.definitions import (
    BOTH,
    BadDefinition,
    Day,
    Fault,
    Flag,
    Items,
    Map,
    Number,
    Table,
    Text,
    check,
    load,
)

FILE = Path(__file__).resolve().parents[2] / "definitions" / "settlement" / "terms.yaml"
MEASURES = ("accepted", "in_time", "call_back", "rating", "complaints")
SCHEMA = {
    "id": Text(),
    "source": Map({"title": Text(), "number": Text(required=False), "date": Day(), "confirmed": Flag()}),
    "clause": BOTH,
    "deductions": Items(
        Map(
            {
                "id": Text(allowed=("denied_on_call", "complaint_upheld", "late_start", "appraisal")),
                "title": BOTH,
                "how": Text(allowed=tuple(rules.HOW)),
                "versions": Items(Map({"valid_from": Day(), "values": Table(Number(least=0), required=False)})),
            }
        ),
        least=0,
    ),
    "appraisal": Map(
        {
            "scheme": BOTH,
            "parts": Items(
                Map(
                    {
                        "id": Text(allowed=MEASURES),
                        "title": BOTH,
                        "points": Number(least=0.1, most=100),
                        "full": Number(),
                        "zero": Number(),
                    }
                )
            ),
            "bands": Items(
                Map({"range": Text(), "grade": BOTH, "renew": Flag(), "percent": Number(least=0, most=100)}), least=2
            ),
        }
    ),
}


@dataclass(frozen=True)
class Terms:
    """What holds on one day. `deductions`: (id, how, values) in order; `titles` by id."""

    clause: dict
    source: dict
    deductions: tuple[tuple[str, str, dict], ...]
    titles: dict[str, dict]
    scheme: dict
    parts: tuple[dict, ...]
    bands: tuple[dict, ...]

    def part(self, row: dict) -> scores.Part:
        return scores.Part(row["id"], row["points"], row["full"], row["zero"])


def read(path: Path = FILE) -> dict:
    """The checked definition. Raises BadDefinition: numbers missing, points that do not make 100, gaps and overlaps."""
    doc = load(path)
    faults = check(doc, SCHEMA)
    if not faults:
        rows = doc.data["appraisal"]["bands"]
        faults = [
            *_values(doc),
            *_points(doc),
            *bands.table_faults(doc, ("appraisal", "bands"), [row["range"] for row in rows], 0, 100),
        ]
    if faults:
        raise BadDefinition(faults)
    return doc.data


def _values(doc) -> list[Fault]:
    out = []
    for at, row in enumerate(doc.data["deductions"]):
        needed = rules.VALUES[row["how"]]
        for n, version in enumerate(row["versions"]):
            if set(version.get("values") or {}) != needed:
                words = "、".join(sorted(needed)) or "—"
                out.append(doc.fault(("deductions", at, "versions", n, "values"), "values", f"“{row['how']}”须且只须给出：{words}。", f"“{row['how']}” takes exactly: {words}."))  # fmt: skip
    return out


def _points(doc) -> list[Fault]:
    parts = doc.data["appraisal"]["parts"]
    total = sum(part["points"] for part in parts)
    out = [
        doc.fault(("appraisal", "parts", at, "full"), "full_zero", "满分线和零分线不能相同。", "Full and zero marks must differ.")
        for at, part in enumerate(parts)
        if part["full"] == part["zero"]
    ]  # fmt: skip
    if abs(total - 100) > 1e-9:
        out.append(doc.fault(("appraisal", "parts"), "points", f"各项分值合计应为 100，现为 {total:g}。", f"The points must make 100; they make {total:g}."))  # fmt: skip
    return out


@cache
def _shipped() -> dict:
    return read()


@cache
def on(day: date) -> Terms:
    """What the shipped definition says on a day; a deduction that has not begun is left out."""
    data = _shipped()
    found = []
    for row in data["deductions"]:
        begun = sorted((v for v in row["versions"] if v["valid_from"] <= day), key=lambda v: v["valid_from"])
        if begun:
            found.append((row["id"], row["how"], begun[-1].get("values") or {}))
    appraisal = data["appraisal"]
    return Terms(
        clause=data["clause"], source=data["source"], deductions=tuple(found), titles={r["id"]: r["title"] for r in data["deductions"]},
        scheme=appraisal["scheme"], parts=tuple(appraisal["parts"]), bands=tuple(appraisal["bands"]),
    )  # fmt: skip

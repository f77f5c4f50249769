"""Reads `definitions/awards/*.yaml` and `definitions/appraisal/*.yaml`; every error names file, line and field.

award("township-exemplar").limit             -> Limit("<=", 5, "named")
formula("township-visiting").bands[0].grade  -> {"zh": "优秀", "en": "excellent"}
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from songhe.core import scores
from songhe.core.definitions import (
    BOTH,
    BadDefinition,
    Day,
    Doc,
    Fault,
    Flag,
    Items,
    Map,
    Number,
    Text,
    check,
    load_all,
)
from songhe.core.refusal import Refusal
from songhe.insight.indicators import definitions as indicators
from songhe.oversight.awards import rules
from songhe.oversight.programmes import definitions as programmes
from songhe.oversight.programmes.definitions import Goal, limits, most

FOLDER = Path(__file__).resolve().parents[2] / "definitions"
LEVELS = ("city", "county", "township", "village")
AWARDS = {
    "id": Text(),
    "programme": Text(),
    "awards": Items(
        Map(
            {
                "id": Text(pattern=r"[a-z][a-z0-9-]{1,59}", shape="township-exemplar"),
                "title": BOTH,
                "goal": Text(),
                "level": Text(allowed=LEVELS),
                "period": Text(allowed=("month", "quarter", "half", "year")),
                "counts": Text(allowed=("named", "elected")),
                "publicity_working_days": Number(whole=True, least=1, most=60),
                "valid_from": Day(),
                "valid_to": Day(required=False),
            }
        )
    ),
}
FORMULA = {
    "id": Text(pattern=r"[a-z][a-z0-9-]{1,59}", shape="township-visiting"),
    "title": BOTH,
    "source": Map({"title": Text(), "number": Text(required=False), "date": Day(), "confirmed": Flag()}),
    "unit": Text(allowed=("county", "township", "village")),
    "period": Text(allowed=("week", "month", "half")),
    "parts": Items(
        Map(
            {
                "id": Text(pattern=r"[a-z][a-z0-9_]*", shape="visiting"),
                "title": BOTH,
                "indicator": Text(),
                "points": Number(least=0.1, most=100),
                "full": Number(),
                "zero": Number(),
            }
        )
    ),
    "no_base": Text(allowed=("left_out",)),
    "bands": Items(Map({"grade": BOTH, "from": Number(least=0, most=100), "to": Number(least=0, most=100)})),
}


@dataclass(frozen=True)
class Limit:
    operator: str
    count: int
    counts: str


@dataclass(frozen=True)
class Award:
    """One award; how many, by which clause of which paper, is its programme's goal to say. `level`: of a round's place."""

    name: str
    programme: str
    goal: str
    commitment: str
    title: dict
    clause: dict
    source: dict
    level: str
    period: str
    limit: Limit
    publicity_working_days: int
    valid_from: date
    valid_to: date | None
    version: str


@dataclass(frozen=True)
class Formula:
    """An appraisal: parts that make 100 points, bands that leave no score without a grade."""

    name: str
    title: dict
    source: dict
    unit: str
    period: str
    parts: tuple[dict, ...]
    bands: tuple[rules.Band, ...]
    version: str
    text: dict

    def part(self, row: dict) -> scores.Part:
        return scores.Part(row["id"], row["points"], row["full"], row["zero"])


def _plain(data: dict) -> dict:
    return json.loads(json.dumps(data, default=date.isoformat, ensure_ascii=False))


def _version(data: dict) -> str:
    return hashlib.sha256(json.dumps(_plain(data), sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]


def read_awards(folder: Path | None = None) -> dict[str, Award]:
    """Every award by id. Raises BadDefinition with all faults of all files."""
    faults: list[Fault] = []
    found: dict[str, Award] = {}
    for doc in load_all(folder or FOLDER / "awards"):
        wrong = check(doc, AWARDS)
        faults += wrong
        if wrong:
            continue
        for at, row in enumerate(doc.data["awards"]):
            wrong = _award_faults(doc, at, row, found)
            faults += wrong
            if not wrong:
                found[row["id"]] = _award(doc.data, row)
    if faults:
        raise BadDefinition(faults)
    return found


def _award_faults(doc: Doc, at: int, row: dict, found: dict[str, Award]) -> list[Fault]:
    out = []
    if row["id"] in found:
        out.append(doc.fault(("awards", at, "id"), "twice", f"“{row['id']}”已经用过。", f"“{row['id']}” is taken."))
    if row.get("valid_to") and row["valid_to"] <= row["valid_from"]:
        out.append(
            doc.fault(("awards", at, "valid_to"), "dates", "失效日期须晚于生效日期。", "It must end after it begins.")
        )
    goals = _limited(doc.data["programme"])
    if row["goal"] not in goals:
        zh, en = "、".join(goals) or "无", ", ".join(goals) or "none"
        out.append(doc.fault(("awards", at, "goal"), "unknown_goal", f"“{doc.data['programme']}”没有定名额的目标“{row['goal']}”。可用：{zh}。", f"“{doc.data['programme']}” has no goal “{row['goal']}” that sets a number. Known: {en}."))  # fmt: skip
    return out


def _limited(programme: str) -> dict[str, Goal]:
    """The goals of a shipped programme that say how many may or must be chosen."""
    found = programmes.shipped().get(programme)
    return {goal.id: goal for goal in found.goals if limits(goal)} if found else {}


def _award(data: dict, row: dict) -> Award:
    programme, goal = programmes.shipped()[data["programme"]], _limited(data["programme"])[row["goal"]]
    commitments = goal.definition.get("commitments") or [""]
    return Award(
        name=row["id"], programme=programme.id, goal=goal.id, commitment=commitments[0], title=row["title"],
        clause=goal.definition["literal"], source=_plain(programme.data["source"]), level=row["level"],
        period=row["period"], limit=Limit(goal.operator, most(goal), row["counts"]),
        publicity_working_days=row["publicity_working_days"], valid_from=row["valid_from"],
        valid_to=row.get("valid_to"), version=_version({"award": row, "goal": goal.definition}),
    )  # fmt: skip


def read_formulas(folder: Path | None = None) -> dict[str, Formula]:
    """Every appraisal by id. Raises BadDefinition: unknown indicators, points that do not make 100, gaps and overlaps."""
    faults: list[Fault] = []
    found: dict[str, Formula] = {}
    for doc in load_all(folder or FOLDER / "appraisal"):
        wrong = check(doc, FORMULA)
        if not wrong:
            wrong = _formula_faults(doc)
        faults += wrong
        if not wrong:
            found[doc.data["id"]] = _formula(doc.data)
    if faults:
        raise BadDefinition(faults)
    return found


def _formula_faults(doc: Doc) -> list[Fault]:
    out, data, known = [], doc.data, indicators.shipped()
    for at, part in enumerate(data["parts"]):
        if part["indicator"] not in known:
            out.append(doc.fault(("parts", at, "indicator"), "unknown_indicator", f"没有指标“{part['indicator']}”。可用：{'、'.join(known)}。", f"There is no indicator “{part['indicator']}”. Known: {', '.join(known)}."))  # fmt: skip
        elif data["period"] not in known[part["indicator"]].periods:
            out.append(doc.fault(("parts", at, "indicator"), "period", f"“{part['indicator']}”不按这种周期统计。", f"“{part['indicator']}” is not counted by {data['period']}."))  # fmt: skip
        if part["full"] == part["zero"]:
            out.append(doc.fault(("parts", at, "full"), "full_zero", "满分线和零分线不能相同。", "Full and zero marks must differ."))  # fmt: skip
    points = sum(part["points"] for part in data["parts"])
    if abs(points - 100) > 1e-9:
        out.append(doc.fault(("parts",), "points", f"各项分值合计 {points:g}，应为 100。", f"The points make {points:g}; they must make 100."))  # fmt: skip
    return out + [_band_fault(doc, *fault) for fault in rules.band_faults(_bands(data))]


_BAND = {
    "order": ("下限不能高于或等于上限。", "The lower end must be below the upper one."),
    "top": ("最高一档须到 100，现到 {0:g}。", "The highest band must end at 100, it ends at {0:g}."),
    "bottom": ("最低一档须从 0 起，现从 {1:g} 起。", "The lowest band must begin at 0, it begins at {1:g}."),
    "gap": (
        "与上一档之间有空缺：{0:g} 到 {1:g} 分没有等次。",
        "A gap below the band above: {0:g} to {1:g} has no grade.",
    ),
    "overlap": (
        "与上一档重叠：{0:g} 到 {1:g} 分有两个等次。",
        "Overlaps the band above: {0:g} to {1:g} has two grades.",
    ),
}


def _band_fault(doc: Doc, at: int, code: str, low: float, high: float) -> Fault:
    zh, en = _BAND[code]
    return doc.fault(("bands", at), f"band_{code}", zh.format(low, high), en.format(low, high))


def _bands(data: dict) -> list[rules.Band]:
    return [rules.Band(band["grade"], band["from"], band["to"]) for band in data["bands"]]


def _formula(data: dict) -> Formula:
    return Formula(
        name=data["id"], title=data["title"], source=_plain(data["source"]), unit=data["unit"], period=data["period"],
        parts=tuple(data["parts"]), bands=tuple(_bands(data)), version=_version(data), text=_plain(data),
    )  # fmt: skip


@cache
def awards() -> dict[str, Award]:
    """The shipped awards, read once a process."""
    return read_awards()


@cache
def formulas() -> dict[str, Formula]:
    return read_formulas()


def award(name: str) -> Award:
    """One award; Refusal for an unknown name."""
    if name not in awards():
        raise Refusal("unknown_award", zh=f"没有名为“{name}”的评选。", en=f"There is no award “{name}”.", field="award")
    return awards()[name]


def formula(name: str) -> Formula:
    if name not in formulas():
        raise Refusal("unknown_formula", zh=f"没有名为“{name}”的考核办法。", en=f"There is no appraisal “{name}”.", field="definition")  # fmt: skip
    return formulas()[name]

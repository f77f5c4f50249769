"""Ability assessment by GB/T 42195-2022: answers in, sub-totals, total and level out. Pure: no framework, no clock.

    scale = load_scale()
    result = assess(scale, {"eating": 4, …all 26}, Findings(coma=False, mental_diagnosis=False, risk_events={}), on=day)
    result.total, result.initial_level, result.final_level     # 90, 0, 0: more points are better, a higher level is worse

An unanswered item is never a zero: assess() raises Unanswered with the list. What the standard leaves open, or what was not
checked against its print, is a dated parameter in definitions/assessment/gbt42195.yaml, not code.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from songhe.core.problem import Problem, Refused
from songhe.registry.people.assessment_scale import Adjustments, Item, Named, Scale, in_force, load_scale

__all__ = [
    "Assessor", "BadAnswer", "Due", "Findings", "Result", "Scale", "Step", "Unanswered",
    "assess", "check_team", "load_scale", "mapped", "reassessment",
]  # fmt: skip


class Unanswered(Refused):
    """Items or findings without an answer; `missing` lists them in the order of the form."""

    def __init__(self, missing: Sequence[Item | Named]):
        zh, en = "、".join(m.zh for m in missing), ", ".join(m.en for m in missing)
        super().__init__(
            Problem(
                "assessment_unanswered",
                f"还有{len(missing)}项没有作答：{zh}。全部作答后才能得出等级，未答不能按0分计。",
                f"{len(missing)} items have no answer: {en}. A level needs all of them; no answer is not zero points.",
            )
        )
        self.missing = tuple(missing)


class BadAnswer(Refused):
    """A score that the item does not have, or a name that the scale does not know."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What form A adds. None means not asked, and blocks. `risk_events`: type -> times in 30 days (3 means 3 or more)."""

    coma: bool | None = None
    mental_diagnosis: bool | None = None
    risk_events: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One reason for which the level was changed (form C.4). `to` is a level, `by` a number of levels."""

    code: str
    zh: str
    en: str
    by: int = 0
    to: int | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """Form C: `subtotals` by domain id, in the order of the form; `parameters` the adjustments in force on the day."""

    subtotals: dict[str, int]
    total: int
    initial_level: int
    changes: tuple[Step, ...]
    final_level: int
    parameters: Adjustments = field(repr=False)


def assess(scale: Scale, answers: Mapping[str, Any], findings: Findings, *, on: date) -> Result:
    """Score one assessment held on `on`. Raises Unanswered, BadAnswer."""
    _refuse_bad(scale, answers, findings)
    _refuse_missing(scale, answers, findings)
    subtotals = {d.id: sum(answers[i.id] for i in d.items) for d in scale.domains}
    total = sum(subtotals.values())
    initial = scale.level_of(total)
    rules = in_force(scale.adjustments, on)
    changes = tuple(_changes(answers, findings, rules))
    return Result(subtotals, total, initial, changes, _final(initial, changes, rules), rules)


def _refuse_bad(scale: Scale, answers: Mapping[str, Any], findings: Findings) -> None:
    for name, score in answers.items():
        item = scale.item(name)
        if item is None:
            raise BadAnswer(_unknown(name))
        if score is not None and (isinstance(score, bool) or score not in item.scores):
            raise BadAnswer(_bad_score(item, score))
    known = {r.id for r in scale.risk_types}
    for name, times in (findings.risk_events or {}).items():
        if name not in known:
            raise BadAnswer(_unknown(name))
        if isinstance(times, bool) or not isinstance(times, int) or times < 0:
            raise BadAnswer(_bad_times(times))


def _refuse_missing(scale: Scale, answers: Mapping[str, Any], findings: Findings) -> None:
    missing: list[Item | Named] = [i for i in scale.items if answers.get(i.id) is None]
    missing += [f for f in scale.findings if getattr(findings, f.id) is None]
    if missing:
        raise Unanswered(missing)


def _changes(answers: Mapping[str, Any], findings: Findings, rules: Adjustments) -> Iterable[Step]:
    if findings.coma or (rules.coma_by_score and answers["consciousness"] == 0):
        zh, en = f"处于昏迷状态，直接定为{rules.coma_level}级", f"in coma: level {rules.coma_level} directly"
        yield Step("coma", zh, en, to=rules.coma_level)
    if findings.mental_diagnosis:
        by = rules.mental_diagnosis_steps
        zh, en = f"确诊痴呆或其他精神行为障碍，加重{by}级", f"diagnosed dementia or mental disorder: {by} level worse"
        yield Step("mental_diagnosis", zh, en, by=by)
    counts = (findings.risk_events or {}).values()
    times = sum(counts) if rules.risk_events_counted == "sum" else max(counts, default=0)
    if times >= rules.risk_events_least:
        by = rules.risk_event_steps
        zh, en = (
            f"近30天发生{times}次照护风险事件，加重{by}级",
            f"{times} care-risk events in 30 days: {by} level worse",
        )
        yield Step("risk_events", zh, en, by=by)


def _final(initial: int, changes: Sequence[Step], rules: Adjustments) -> int:
    direct = [c.to for c in changes if c.to is not None]
    steps = [c.by for c in changes if c.to is None]
    moved = (sum(steps) if rules.combined == "sum" else max(steps)) if steps else 0
    return max([min(initial + moved, rules.worst_level), *direct])


# the people who assess -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Assessor:
    """`key`: anything that tells two people apart. `medical`: has a medical background."""

    key: Any
    medical: bool = False


def check_team(assessors: Sequence[Assessor], informant: str) -> tuple[Problem, ...]:
    """Two different assessors and an informant must sign form C; one assessor should have a medical background."""
    problems = []
    if len({a.key for a in assessors}) < 2:
        problems.append(_TWO)
    if not informant.strip():
        problems.append(_INFORMANT)
    if not any(a.medical for a in assessors):
        problems.append(_MEDICAL)
    return tuple(problems)


# how long it holds, and what policies make of it -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Due:
    """`on`: the first day the result no longer holds (None: it never expires); `opens`: when it enters the queue."""

    on: date | None
    opens: date | None

    def state(self, today: date) -> str:
        """current · opening (in the queue) · overdue."""
        if self.on is None or self.opens is None or today < self.opens:
            return "current"
        return "opening" if today < self.on else "overdue"


def reassessment(scale: Scale, final_level: int, assessed_on: date) -> Due:
    """When the next assessment is due, by the validity rule in force on the day of this one."""
    rule = in_force(scale.validity, assessed_on)
    if final_level in rule.no_expiry_levels:
        return Due(None, None)
    due = _months_later(assessed_on, rule.months)
    return Due(due, due - timedelta(days=rule.notice_days))


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def mapped(scale: Scale, word: str, *, on: date) -> frozenset[int]:
    """The levels that a policy's word ("dependent", "partly_dependent") means on a day; empty before it is in force."""
    entries = [m for m in scale.mappings if m.id == word]
    if not entries:
        raise BadAnswer(_unknown(word))
    live = [m for m in entries if m.start <= on]
    return max(live, key=lambda m: m.start).levels if live else frozenset()


def _unknown(name: str) -> Problem:
    return Problem(
        "assessment_unknown_name",
        f"量表里没有“{name[:40]}”。请使用量表文件中的名称。",
        f'The scale has no "{name[:40]}". Use the names in the scale\'s file.',
    )


def _bad_score(item: Item, score: Any) -> Problem:
    return Problem(
        "assessment_bad_score",
        f"“{item.zh}”不能评为 {str(score)[:10]} 分，只能是 0 至 {item.max} 的整数。",
        f'"{item.en}" cannot score {str(score)[:10]}; only whole points from 0 to {item.max}.',
    )


def _bad_times(times: Any) -> Problem:
    return Problem(
        "assessment_bad_times",
        f"事件次数“{str(times)[:10]}”不对，应为0、1、2或3（3次及以上）。",
        f'"{str(times)[:10]}" is not a number of events; give 0, 1, 2 or 3 (three or more).',
    )


_TWO = Problem(
    "assessment_two_assessors",
    "需要两名不同的评估员签名。请补上第二名评估员。",
    "Two different assessors must sign. Add the second one.",
)
_INFORMANT = Problem(
    "assessment_informant",
    "缺少信息提供者签名。请填写提供信息的本人、亲属或照护者。",
    "The informant is missing. Name the person, relative or carer who gave the information.",
)
_MEDICAL = Problem(
    "assessment_medical",
    "两名评估员都没有登记医学背景。标准希望至少一名具有医学背景，请核对。",
    "Neither assessor is registered with a medical background; at least one should have it. Please check.",
    "warning",
)

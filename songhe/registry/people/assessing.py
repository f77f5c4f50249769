"""Verbs: ability assessments: the national standard in full, other scales beside it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction

from songhe.core import audit
from songhe.core.problem import Refused
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post, User
from songhe.registry.people.assessment import Assessor, Findings, assess, check_team, load_scale, reassessment
from songhe.registry.people.models import Assessment, Person
from songhe.registry.people.standing import allow, areas_of, locked


@transaction.atomic
def record_assessment(
    *,
    by: User | None,
    post: Post | None,
    person: Person,
    on: date,
    answers: Mapping[str, Any],
    findings: Findings,
    assessors: Sequence[Assessor],
    assessor_names: Sequence[str],
    informant: str,
    informant_relation: str = "",
    reason: str = "first",
    agency: str = "",
) -> Assessment:
    """An assessment by GB/T 42195-2022: all 26 items, two assessors, an informant. Raises Refusal, also for unanswered items.

    The newest one by date gives the person's level; an older one entered late does not.
    """
    user = allow(by, post, "assessment.record")
    row = locked(post, person)
    for problem in check_team(assessors, informant):
        if problem.level == "error":
            raise Refusal(problem.code, zh=problem.zh, en=problem.en, field="assessors")
    scale = load_scale()
    if reason not in {known.id for known in scale.reasons}:
        raise Refusal(
            "unknown_reason", zh=f"没有“{reason}”这种评估原因。", en=f"There is no reason “{reason}”.", field="reason"
        )
    try:
        result = assess(scale, answers, findings, on=on)
    except Refused as refused:
        raise Refusal(refused.code, zh=refused.problem.zh, en=refused.problem.en, field="answers") from None
    due = reassessment(scale, result.final_level, on)
    changes = [{"code": c.code, "zh": c.zh, "en": c.en, "by": c.by, "to": c.to} for c in result.changes]
    made = Assessment.objects.create(
        person=row, scale=scale.id, version=scale.number[:40], reason=reason, on=on,
        answers={"items": dict(answers), "findings": _plain(findings)}, subtotals=result.subtotals, total=result.total,
        initial_level=result.initial_level, adjustments=changes, level=result.final_level, assessors=list(assessor_names),
        informant=informant, informant_relation=informant_relation, agency=agency, valid_to=due.on, recorded_by=user,
        **areas_of(row),
    )  # fmt: skip
    newest = row.ability_on is None or row.ability_on <= on
    if newest:
        row.ability_level, row.ability_on, row.ability_due = result.final_level, on, due.on
        row.changed_by = user
        row.save(update_fields=["ability_level", "ability_on", "ability_due", "changed_by", "changed_at"])
    audit.note("people.record_assessment", "person", row.pk, area_id=row.village_id, scale=scale.id, newest=newest)
    return made


def _plain(findings: Findings) -> dict:
    return {
        "coma": findings.coma,
        "mental_diagnosis": findings.mental_diagnosis,
        "risk_events": dict(findings.risk_events or {}),
    }


@transaction.atomic
def record_other_scale(
    *,
    by: User | None,
    post: Post | None,
    person: Person,
    scale: str,
    on: date,
    result: str,
    total: int | None = None,
    agency: str = "",
    valid_to: date | None = None,
) -> Assessment:
    """The result of another scale (Barthel, 长护险 …) as it was given: kept beside, never converted into a level."""
    user = allow(by, post, "assessment.record")
    row = locked(post, person)
    if scale == "gbt42195":
        raise Refusal(
            "use_full_form",
            zh="国标评估须填 26 项，请用评估表录入。",
            en="The national standard needs all 26 items: use its form.",
            field="scale",
        )
    made = Assessment.objects.create(
        person=row, scale=scale, version=scale, reason="other", on=on, total=total, result_text=result[:60], agency=agency,
        valid_to=valid_to, recorded_by=user, **areas_of(row),
    )  # fmt: skip
    audit.note("people.record_assessment", "person", row.pk, area_id=row.village_id, scale=scale)
    return made

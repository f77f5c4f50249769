"""Nobody answers: again → neighbour → door → family → police, each with its time limit, until the person is reached."""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from songhe.care.duties.access import allowed, user_id
from songhe.care.duties.models import Rung
from songhe.care.visits.models import Escalation, EscalationStep
from songhe.core import audit
from songhe.core.refusal import Refusal


@transaction.atomic
def step(
    *, escalation: Escalation, result: str, reached: str, by, post, now: datetime | None = None
) -> Escalation:  # fmt: skip
    """What the current step brought: `reached="yes"` closes the ladder, `"no"` begins the next step.

    After the last step the ladder stays there, overdue, until somebody closes it.
    """
    allowed(post, "visits.record")
    now = now or timezone.now()
    current = _open(escalation, post)
    if reached not in ("yes", "no") or not result.strip():
        raise Refusal(
            "result_needed",
            zh="请写明这一步的结果，以及是否联系上（yes/no）。",
            en="Say what this step brought and whether the person was reached (yes/no).",
            field="result",
        )
    EscalationStep.objects.create(
        escalation=current, step=current.step, at=now, by=user_id(by), result=result.strip()[:200],
        reached=reached == "yes",
    )  # fmt: skip
    if reached == "yes":
        current.closed_at, current.closed_by, current.closure = now, user_id(by), "reached"
    else:
        _climb(current, now)
    current.save(update_fields=["step", "due_at", "closed_at", "closed_by", "closure"])
    detail = {"escalation": current.pk, "reached": reached, "step": current.step}
    audit.note("escalation.step", "person", current.person_id, area_id=current.village_id, **detail)
    return current


@transaction.atomic
def close_escalation(*, escalation: Escalation, closure: str, by, post, now: datetime | None = None) -> Escalation:
    """Emergency closure: what was found, in words (brought to hospital, was at the daughter's, died)."""
    allowed(post, "visits.record")
    current = _open(escalation, post)
    if not closure.strip():
        raise Refusal("closure_needed", zh="请写明最后的情况。", en="Say how it ended.", field="closure")
    current.closed_at, current.closed_by, current.closure = now or timezone.now(), user_id(by), closure.strip()[:200]
    current.save(update_fields=["closed_at", "closed_by", "closure"])
    audit.note("escalation.close", "person", current.person_id, area_id=current.village_id, escalation=current.pk)
    return current


def _open(escalation: Escalation, post) -> Escalation:
    seen = Escalation.objects.visible_to(post) if post else Escalation.objects.all()
    current = seen.select_for_update(of=("self",)).filter(pk=escalation.pk).first()
    if current is None:
        raise Refusal("escalation_outside_area", zh="这条预警不在您的辖区内。", en="This alarm is outside your area.")
    if current.closed_at is not None:
        raise Refusal("already_closed", zh="这条预警已经结束。", en="This alarm is already closed.")
    return current


def _climb(current: Escalation, now: datetime) -> None:
    rungs = list(Rung.objects.all())
    at = next((n for n, rung in enumerate(rungs) if rung.step == current.step), len(rungs) - 1)
    rung = rungs[min(at + 1, len(rungs) - 1)]
    current.step, current.due_at = rung.step, now + timedelta(minutes=rung.within_minutes)


_OVERDUE = """
WITH late AS (
    SELECT e.id, e.step AS was, n.step, n.within_minutes
    FROM visits_escalation e JOIN duties_rung c ON c.step = e.step
    CROSS JOIN LATERAL (SELECT * FROM duties_rung WHERE position > c.position ORDER BY position LIMIT 1) n
    WHERE e.closed_at IS NULL AND e.due_at < %(now)s ORDER BY e.id FOR UPDATE OF e SKIP LOCKED
), tried AS (
    INSERT INTO visits_escalationstep (escalation_id, step, at, by, result, reached)
    SELECT id, was, %(now)s, %(by)s, 'overdue', false FROM late
)
UPDATE visits_escalation e SET step = l.step, due_at = %(now)s + make_interval(mins => l.within_minutes)
FROM late l WHERE l.id = e.id
"""


@transaction.atomic
def climb_overdue(*, by, post=None, now: datetime | None = None) -> int:
    """Steps whose time is up pass to the next; a job runs it every few minutes. Returns how many moved."""
    allowed(post, "visits.record")
    with connection.cursor() as cursor:
        cursor.execute(_OVERDUE, {"now": now or timezone.now(), "by": user_id(by)})
        moved = cursor.rowcount
    if moved:
        audit.note("escalation.climb_overdue", "escalation", None, moved=moved)
    return moved

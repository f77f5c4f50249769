"""Amending: a wrong record is never edited, a new row stands in its place and says why."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from songhe.care.duties.access import SYSTEM, allowed, user_id
from songhe.care.duties.definitions import follow_up
from songhe.care.duties.models import Duty
from songhe.care.visits import rules
from songhe.care.visits.actions.needs import add_referrals
from songhe.care.visits.actions.record import Answer, RowsRefused, send
from songhe.care.visits.models import Escalation, Referral, Visit
from songhe.core.refusal import Refusal

CHANGEABLE = {"mode", "outcome", "occurred_at", "occurred_on", "needs", "note"}


@transaction.atomic
def amend(*, visit: Visit, changes: Mapping, reason: str, by, post, now: datetime | None = None) -> Answer:
    """Put a corrected row in place of a record and count the duties it touches again. Who, what and why are kept.

    `changes`: any of mode, outcome, occurred_at or occurred_on, needs, note. Another person: void this one and record
    anew. Refused: a record already amended (amend the newer one), one older than records may be entered, no reason.
    """
    now = now or timezone.now()
    _refuse(visit, reason, by, post, now)
    if unknown := set(changes) - CHANGEABLE:
        raise Refusal(
            "cannot_change",
            zh=f"不能更正：{'、'.join(sorted(unknown))}。换人请作废后重新登记。",
            en=f"Cannot be changed: {', '.join(sorted(unknown))}. For another person void this record and enter a new one.",
        )
    raw = {
        "mode": visit.mode, "outcome": visit.outcome, "occurred_at": visit.occurred_at, "needs": visit.needs,
        "note": visit.note,
    }  # fmt: skip
    if "occurred_on" in changes:
        raw.pop("occurred_at")
    raw |= dict(changes) | {"person": visit.person_id, "uuid": _number(visit)}
    row, wrong = rules.clean(raw, now=now, limits=rules.Limits(follow_up().back_days, follow_up().ahead_minutes))
    if row is None:
        raise RowsRefused([Answer(raw["uuid"], visit.person_id, "refused", problems=tuple(wrong))])
    answer = _put(visit, row, row.outcome, reason)
    if answer.result == "new":
        _recount(visit, row)
        _follow(visit, set(row.needs) if row.outcome in rules.REACHED else set(), by, note=row.note)
    return answer


@transaction.atomic
def void(*, visit: Visit, reason: str, by, post, now: datetime | None = None) -> Answer:
    """The record should not exist (wrong person, entered twice): a row says so, and nothing counts it any more."""
    now = now or timezone.now()
    _refuse(visit, reason, by, post, now)
    row = rules.Row(_number(visit), visit.person_id, visit.mode, "void", visit.occurred_at)
    answer = _put(visit, row, "void", reason)
    if answer.result == "new":
        _recount(visit, row)
        _follow(visit, set(), by, note="")
        Escalation.objects.filter(
            person=visit.person_id, visit_id=visit.id, closed_at=None, steps=None
        ).update(closed_at=now, closed_by=user_id(by), closure="void")  # fmt: skip
    return answer


def _number(visit: Visit) -> uuid.UUID:
    """One number for the amendment of a record: of two at the same moment only one can be written."""
    return uuid.uuid5(visit.client_uuid, "amended")


def _put(visit: Visit, row: rules.Row, outcome: str, reason: str) -> Answer:
    sent = {
        "uuid": str(row.uuid), "person": row.person, "mode": row.mode, "outcome": outcome,
        "occurred_at": row.occurred_at.isoformat(), "made_by": visit.made_by, "channel": visit.channel,
        "needs": row.needs, "note": row.note, "amends": visit.id, "amend_reason": reason.strip(),
        # it was written down when the first row came: a correction of spelling does not make a record late
        "recorded_at": visit.recorded_at.isoformat(),
    }  # fmt: skip
    (answer,) = send([sent], partial=False).values()
    if answer.result == "clash":
        raise Refusal(
            "already_amended",
            zh="这条记录已被更正过。请打开最新的一条再改。",
            en="This record has already been amended. Open the newest one and change that.",
        )
    if answer.problems:
        raise RowsRefused([answer])
    return answer


def _refuse(visit: Visit, reason: str, by, post, now: datetime) -> None:
    own = user_id(by) in (visit.made_by, visit.entered_by)
    allowed(post, "visits.record" if own else "visits.enter_for")
    if post and post is not SYSTEM and not Visit.objects.visible_to(post).filter(pk=visit.pk).exists():
        raise Refusal(
            "visit_outside_area", zh="这条记录不在您的辖区内。", en="This record is outside your area.", field="visit"
        )
    if not reason.strip() or len(reason.strip()) > 120:
        raise Refusal(
            "reason_needed",
            zh="更正须写明理由，最多 120 字。",
            en="An amendment needs a reason of at most 120 characters.",
            field="reason",
        )
    if visit.outcome == "void":
        raise Refusal(
            "already_void", zh="这条记录已作废，请重新登记。", en="This record is void; enter a new one.", field="visit"
        )
    back = follow_up().back_days
    if visit.occurred_on < now.astimezone(rules.ZONE).date() - timedelta(days=back):
        raise Refusal(
            "visit_too_old",
            zh=f"{visit.occurred_on} 的记录超过 {back} 天，不能更正；确有差错请走指标修订。",
            en=f"The record of {visit.occurred_on} is more than {back} days old; correct the figure by a revision.",
            field="visit",
        )


def _recount(visit: Visit, row: rules.Row) -> None:
    days = {visit.occurred_on, row.day}
    touched = Q()
    for day in days:
        touched |= Q(period_start__lte=day, period_start__gte=day - timedelta(days=31), period_end__gte=day)
    ids = list(Duty.objects.filter(touched, person=visit.person_id).values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute("SELECT visits_recount(%s::bigint[])", [ids])


def _follow(visit: Visit, needs: set[str], by, note: str) -> None:
    """Referrals opened by the record and its amendments: those no longer true are closed, new ones opened."""
    chain = _chain(visit)
    opened = Referral.objects.filter(person=visit.person_id, visit_id__in=chain)
    had = set(opened.values_list("need", flat=True))
    opened.filter(closed_at=None).exclude(need__in=needs).update(
        closed_at=timezone.now(), closed_by=user_id(by), result="登记更正"
    )
    add_referrals(visit, sorted(needs - had), note, user_id(by))


def _chain(visit: Visit) -> list[int]:
    ids, before = [visit.id], visit.amends
    while before is not None:
        ids.append(before)
        earlier = Visit.objects.filter(person=visit.person_id, id=before).first()
        before = earlier.amends if earlier else None
    return ids

"""Disaster mode: more calls and visits for an area and a span, and back."""

from datetime import date

from django.db import connection, transaction
from django.utils import timezone

from songhe.care.duties.access import allowed, user_id
from songhe.care.duties.models import Duty, Emergency, Rule
from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.registry.places.models import Place


@transaction.atomic
def start_emergency(
    *, rule: str, place: Place, starts_on: date, ends_on: date, calls: int, visits: int, reason: str, by, post=None,
    on: date | None = None,
) -> Emergency:  # fmt: skip
    """Owe at least `calls` and `visits` in every period the span touches; duties of open periods rise at once.

    A period that has ended stays as it was: what was kept is never made missed afterwards.
    """
    allowed(post, "duties.manage", place)
    _refuse(rule, starts_on, ends_on, calls, visits, reason)
    _pass_gate()
    made = Emergency.objects.create(
        name=rule, place=place, starts_on=starts_on, ends_on=ends_on, calls_owed=calls, visits_owed=visits,
        reason=reason.strip(), by=user_id(by),
    )  # fmt: skip
    raised = _set_again(made, on or timezone.localdate())
    detail = {"rule": rule, "from": str(starts_on), "to": str(ends_on), "calls": calls, "visits": visits}
    audit.note("duties.start_emergency", "emergency", made.pk, area_id=place.pk, duties=raised, **detail)
    return made


@transaction.atomic
def end_emergency(*, emergency: Emergency, by, post=None, on: date | None = None) -> Emergency:
    """Lift it before its end; duties of open periods fall back to what else holds. Doing it twice changes nothing."""
    allowed(post, "duties.manage", emergency.place)
    _pass_gate()
    lifted = Emergency.objects.filter(pk=emergency.pk, ended_at=None).update(
        ended_at=timezone.now(), ended_by=user_id(by)
    )
    emergency.refresh_from_db()
    if lifted:
        lowered = _set_again(emergency, on or timezone.localdate())
        audit.note(
            "duties.end_emergency", "emergency", emergency.pk, area_id=emergency.place_id, duties=lowered
        )  # fmt: skip
    return emergency


def _set_again(emergency: Emergency, today: date) -> int:
    touched = Duty.objects.inside(emergency.place).filter(
        name=emergency.name,
        period_end__gte=max(today, emergency.starts_on),
        period_start__lte=emergency.ends_on,
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT duties_raise(%s::bigint[])", [list(touched.values_list("pk", flat=True))])
        return cursor.fetchone()[0]


def _pass_gate() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT duties_pass()")


def _refuse(rule: str, first: date, last: date, calls: int, visits: int, reason: str) -> None:
    if not Rule.objects.filter(name=rule, retired_at=None).exists():
        raise Refusal("no_such_rule", zh=f"没有名为“{rule}”的规则。", en=f'There is no rule "{rule}".', field="rule")
    if last < first:
        raise Refusal(
            "dates_out_of_order",
            zh=f"结束日期 {last} 早于开始日期 {first}。请改正日期。",
            en=f"The end {last} is before the start {first}. Correct the dates.",
            field="ends_on",
        )
    if not (0 <= calls <= 99 and 0 <= visits <= 99 and calls + visits):
        raise Refusal(
            "bad_frequency",
            zh="应急频次须为 0–99，且通话和上门至少一项大于 0。",
            en="The emergency frequency must be 0–99, with at least one call or visit.",
            field="calls",
        )
    if not reason.strip():
        raise Refusal(
            "reason_needed",
            zh="请写明应急加密的事由（如：暴雨红色预警）。",
            en="Say why the frequency is raised (a red rainstorm warning, for example).",
            field="reason",
        )

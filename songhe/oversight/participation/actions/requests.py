"""Verbs: one department asks another for data; the answer, in time or not."""

from datetime import date

from django.db import transaction
from django.utils import timezone

from songhe.core import audit, workdays
from songhe.core.refusal import Refusal
from songhe.oversight.ledger.access import allow, place_scope, within
from songhe.oversight.ledger.evidence import area_of
from songhe.oversight.participation.access import fresh, words
from songhe.oversight.participation.definitions import answer_days
from songhe.oversight.participation.models import OUTCOMES, DataReply, DataRequest
from songhe.registry.accounts.models import Post, User
from songhe.registry.places.models import Place


@transaction.atomic
def ask_data(
    *,
    place: Place,
    asking_unit: str,
    asked_unit: str,
    subject: str,
    purpose: str,
    by: User | None,
    post: Post | None,
    basis: str = "",
    asked_on: date | None = None,
    due_on: date | None = None,
    origin: str = "entered",
) -> DataRequest:
    """Log a request; without `due_on` it is due after the working days of participation/data_requests.yaml. Raises Refusal."""
    user = allow(by, post, "meetings.manage")
    within(post, place)
    asking = words(asking_unit, "asking_unit", "请写明申请单位。", "Name the unit that asks.")
    asked = words(asked_unit, "asked_unit", "请写明提供单位。", "Name the unit that is asked.")
    if asking == asked:
        raise Refusal(
            "same_unit", zh="申请单位和提供单位不能相同。", en="A unit does not ask itself.", field="asked_unit"
        )
    start = asked_on or timezone.localdate()
    due, assumed = (due_on, False) if due_on else workdays.after(start, answer_days())
    if due < start:
        raise Refusal("due_in_past", zh="答复期限不能早于申请日期。", en="The answer cannot be due before the request.", field="due_on")  # fmt: skip
    made = DataRequest.objects.create(
        place=place, asking_unit=asking, asked_unit=asked, basis=basis.strip(), asked_on=start, due_on=due, by=user,
        subject=words(subject, "subject", "请写明需要什么数据。", "Say which data are needed."), origin=origin,
        purpose=words(purpose, "purpose", "请写明用途。", "Say what for."), calendar="assumed" if assumed else "known",
        **place_scope(place),
    )  # fmt: skip
    audit.note("meetings.data.ask", "data_request", made.pk, area_id=area_of(made), due_on=due.isoformat())
    return made


@transaction.atomic
def reply(
    *,
    request: DataRequest,
    outcome: str,
    by: User | None,
    post: Post | None,
    text: str = "",
    on: date | None = None,
    until: date | None = None,
) -> DataReply:
    """What came back: provided, partly, refused (why) or postponed (until when, once). Raises Refusal."""
    user = allow(by, post, "meetings.manage")
    row = fresh(post, request)
    on = on or timezone.localdate()
    if row.answered_on:
        raise Refusal("answered_before", zh="这项申请已经答复。", en="This request was answered already.")
    if outcome not in dict(OUTCOMES):
        raise Refusal("outcome", zh="请选择答复结果。", en="Choose what came back.", field="outcome")
    if not row.asked_on <= on <= timezone.localdate():
        raise Refusal("reply_day", zh="答复日期须在申请之后，且不晚于今天。", en="The answer lies between the request and today.", field="on")  # fmt: skip
    if outcome == "refused":
        words(text, "text", "不予提供须写明理由。", "A refusal says why.")
    if outcome == "postponed":
        _postponable(row, until)
    made = DataReply.objects.create(
        request=row, outcome=outcome, text=text.strip()[:300], on=on, by=user,
        until=until if outcome == "postponed" else None,
    )  # fmt: skip
    if outcome == "postponed":
        row.due_on = until
    else:
        row.answered_on = on
    row.save(update_fields=["due_on", "answered_on"])
    audit.note("meetings.data.reply", "data_request", row.pk, area_id=area_of(row), outcome=outcome)
    return made


def _postponable(row: DataRequest, until: date | None) -> None:
    if until is None or until <= row.due_on:
        raise Refusal("until", zh="请写明延到哪一天，须晚于原期限。", en="Say until when; it must be after the first deadline.", field="until")  # fmt: skip
    if row.replies.filter(outcome="postponed").exists():
        raise Refusal("postponed_before", zh="只能延期一次。", en="A request is postponed once only.", field="outcome")

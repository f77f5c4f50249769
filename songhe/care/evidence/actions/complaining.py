"""Complaints with their clock, answers and appeals; incidents told in time or late."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from songhe.care.evidence import terms, voices
from songhe.care.evidence.models import Complaint, ComplaintStep, Incident
from songhe.care.evidence.standing import allow, in_words, inside, order_of, outside_area, reason_given, scope_of
from songhe.care.services.models import Dispatch, Order, Provider
from songhe.core import audit, workdays
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post, User
from songhe.registry.facilities.models import Facility
from songhe.registry.people import sealing
from songhe.registry.people.models import Person
from songhe.registry.places.models import Place


@transaction.atomic
def complain(
    *, by: User | None, post: Post | None, place: Place, channel: str, subject: str, text: str, order: Order | None = None,
    provider: Provider | None = None, person: Person | None = None, contact: str = "", reference: str = "",
    received_at: datetime | None = None, origin: str = "entered", facility: Facility | None = None,
) -> Complaint:  # fmt: skip
    """Take a complaint in; its reply is due so many working days later, by its channel. Text and contact are sealed.

    About an order: person and provider follow from it. About a friendly merchant: `facility`. Raises Refusal, Denied.
    """
    user = allow(by, post, "complaints.handle")
    if not inside(post, place):
        raise outside_area(place)
    _among(channel, terms.COMPLAINT_CHANNELS, "channel")
    _among(subject, terms.SUBJECTS, "subject")
    if not text.strip():
        raise Refusal("text_missing", zh="请写明投诉内容。", en="Say what the complaint is about.", field="text")
    received_at = received_at or timezone.now()
    day = timezone.localdate(received_at)
    if received_at > timezone.now() + timedelta(minutes=10):
        raise Refusal("in_the_future", zh="收到时间不能晚于现在。", en="It cannot have come after now.", field="received_at")  # fmt: skip
    row = order_of(post, order, lock="no") if order else None
    due, _guessed = workdays.after(day, voices.on(day).reply_working_days[channel])
    made = Complaint.objects.create(
        place=place, facility=facility, order=row, provider=provider or _provider_of(row), person=person or (row.person if row else None),
        channel=channel, reference=reference.strip()[:40], subject=subject, text_sealed=sealing.seal("complaint", text.strip()),
        contact_sealed=sealing.seal("complainant", contact.strip()), received_at=received_at, reply_due_on=due, by=user,
        origin=origin, **scope_of(row.village if row else place),
    )  # fmt: skip
    audit.note("complaints.open", "complaint", made.pk, area_id=place.pk, channel=channel, about=subject)
    return made


def _among(code: str, choices, field: str) -> None:
    if code not in dict(choices):
        raise Refusal("not_a_choice", zh="请从列出的选项中选择。", en="Choose one of the options.", field=field)


def _provider_of(order: Order | None) -> Provider | None:
    if order is None:
        return None
    last = Dispatch.objects.filter(order=order).order_by("-pk").select_related("provider").first()
    return last.provider if last else None


@transaction.atomic
def reply(
    *, by: User | None, post: Post | None, complaint: Complaint, finding: str, text: str, on: date | None = None
) -> ComplaintStep:  # fmt: skip
    """Answer a complaint (or an appeal): upheld, partly, or not, and what was said. Raises Refusal."""
    _among(finding, terms.FINDINGS, "finding")
    return _step(by, post, complaint, "replied", text, on, finding)


@transaction.atomic
def appeal(
    *, by: User | None, post: Post | None, complaint: Complaint, text: str, on: date | None = None
) -> ComplaintStep:  # fmt: skip
    """Whoever complained is not satisfied and asks for another look, within the days allowed. Raises Refusal."""
    on = on or timezone.localdate()
    replied = ComplaintStep.objects.filter(complaint=complaint, to_state="replied").order_by("-pk").first()
    days = voices.on(on).appeal_days
    if replied is not None and (on - replied.on).days > days:
        raise Refusal(
            "appeal_late",
            zh=f"答复已过 {days} 天，不能再申请复核。有新情况的，请另立一件。",
            en=f"More than {days} days have passed since the reply. Open a new complaint if something new has come up.",
            field="on",
        )
    return _step(by, post, complaint, "appealed", text, on, "")


@transaction.atomic
def close(
    *, by: User | None, post: Post | None, complaint: Complaint, text: str, on: date | None = None
) -> ComplaintStep:  # fmt: skip
    """The end of a complaint that was answered. Raises Refusal."""
    return _step(by, post, complaint, "closed", text, on, "")


def _step(by, post, complaint: Complaint, to_state: str, text: str, on: date | None, finding: str) -> ComplaintStep:
    user = allow(by, post, "complaints.handle")
    seen = Complaint.objects.visible_to(post) if post else Complaint.objects.all()
    row = seen.filter(pk=complaint.pk).first()
    if row is None:
        raise Refusal("no_such_complaint", zh="没有这件投诉，或不在您的辖区内。", en="There is no such complaint, or it is outside your area.")  # fmt: skip
    if to_state not in terms.COMPLAINT_MOVES[row.state]:
        raise Refusal(
            "complaint_step_legal",
            zh=f"这件投诉现在是“{row.get_state_display()}”，不能这样办。请先看最新办理情况。",
            en=f"This complaint is “{row.state}” now and cannot become “{to_state}”. Look at it as it is.",
        )
    made = ComplaintStep(
        complaint=row, from_state=row.state, to_state=to_state, finding=finding, text=reason_given(text, "text"),
        on=on or timezone.localdate(), by=user,
    )  # fmt: skip
    with in_words():
        made.save(force_insert=True)
    complaint.refresh_from_db()
    audit.note(f"complaints.{to_state}", "complaint", row.pk, area_id=row.place_id, finding=finding)
    return made


@transaction.atomic
def report_incident(
    *, by: User | None, post: Post | None, order: Order, kind: str, severity: str, occurred_at: datetime, text: str,
    now: datetime | None = None, origin: str = "entered",
) -> Incident:  # fmt: skip
    """Something went wrong at a service. Told late is told all the same, and shown as late. Raises Refusal, Denied."""
    user = allow(by, post, "incidents.report")
    _among(kind, terms.INCIDENTS, "kind")
    _among(severity, terms.SEVERITIES, "severity")
    row = order_of(post, order, lock="no")
    told = reason_given(text[:200], "text") and text.strip()
    now = now or timezone.now()
    if occurred_at > now:
        raise Refusal("in_the_future", zh="发生时间不能晚于现在。", en="It cannot have happened after now.", field="occurred_at")  # fmt: skip
    hours = voices.on(timezone.localdate(occurred_at)).report_hours[severity]
    made = Incident.objects.create(
        place=row.village, order=row, provider=_provider_of(row), person=row.person, kind=kind, severity=severity,
        occurred_at=occurred_at, reported_at=now, due_at=occurred_at + timedelta(hours=hours), by=user, origin=origin,
        text_sealed=sealing.seal("incident", told), **scope_of(row.village),
    )  # fmt: skip
    audit.note("incidents.report", "order", row.pk, area_id=row.village_id, kind=kind, severity=severity, late=int(now > made.due_at))  # fmt: skip
    return made

"""Verbs: convene, mark who came, keep the minutes, decide, take a decision into the ledger, call a meeting off."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.oversight.ledger.access import allow, place_scope
from songhe.oversight.ledger.actions import open_item
from songhe.oversight.ledger.evidence import area_of
from songhe.oversight.ledger.models import Item
from songhe.oversight.participation.access import fresh, words
from songhe.oversight.participation.models import (
    MARKS,
    AgendaItem,
    Attendance,
    Body,
    Decision,
    Meeting,
    Membership,
    Minutes,
)
from songhe.registry.accounts.models import Post, User
from songhe.registry.places.models import Place


@transaction.atomic
def convene(
    *,
    body: Body,
    on: date,
    agenda: Sequence[tuple[str, str]],
    by: User | None,
    post: Post | None,
    title: str = "",
    venue: str = "",
    chair: str = "",
    origin: str = "entered",
) -> Meeting:
    """A meeting of a body; `agenda`: (point, reporting unit) in order. Its number follows the last one. Raises Refusal."""
    user = allow(by, post, "meetings.manage")
    row = fresh(post, body)
    if (row.valid_to and on >= row.valid_to) or on < row.valid_from:
        raise Refusal("body_not_then", zh=f"“{row}”在 {on} 不存在。", en=f"“{row}” does not exist on {on}.", field="on")
    points = [(point.strip(), unit.strip()) for point, unit in agenda if point.strip()]
    if not points:
        raise Refusal("agenda_missing", zh="请至少写一项议程。", en="Give at least one point of the agenda.", field="agenda")  # fmt: skip
    number = (row.meetings.aggregate(last=Max("number"))["last"] or 0) + 1
    made = Meeting.objects.create(
        body=row, place=row.place, number=number, title=title.strip() or f"{row.name}第{number}次会议", on=on,
        venue=venue.strip(), chair=chair.strip(), by=user, origin=origin, **place_scope(row.place),
    )  # fmt: skip
    AgendaItem.objects.bulk_create(
        AgendaItem(meeting=made, order=order, title=point[:200], reporter_unit=unit[:60])
        for order, (point, unit) in enumerate(points, start=1)
    )
    audit.note("meetings.convene", "meeting", made.pk, area_id=area_of(made), number=number, points=len(points))
    return made


def _running(post: Post | None, meeting: Meeting) -> Meeting:
    row = fresh(post, meeting)
    if row.called_off:
        raise Refusal("called_off", zh="这次会议已取消。", en="This meeting was called off.")
    return row


def _begun(post: Post | None, meeting: Meeting) -> Meeting:
    row = _running(post, meeting)
    if row.on > timezone.localdate():
        raise Refusal(
            "not_yet_held",
            zh=f"会议定在 {row.on}，还没有召开。",
            en=f"The meeting is on {row.on} and has not been held.",
        )
    return row


@transaction.atomic
def mark_attendance(*, meeting: Meeting, marks: Mapping[Membership, str], by: User | None, post: Post | None) -> int:
    """Who came. Only changed marks are added; returns how many. Raises Refusal for a unit that was no member that day."""
    user = allow(by, post, "meetings.manage")
    row = _begun(post, meeting)
    allowed = {m.pk for m in row.body.memberships.filter(valid_from__lte=row.on).exclude(valid_to__lte=row.on)}
    known = {a.membership_id: a.mark for a in row.attendance.order_by("pk")}
    fresh_rows = []
    for membership, mark in marks.items():
        if membership.pk not in allowed:
            raise Refusal("no_member_then", zh=f"“{membership}”在开会那天不是成员。", en=f"“{membership}” was no member on that day.", field="marks")  # fmt: skip
        if mark not in dict(MARKS):
            raise Refusal(
                "mark", zh="请选择出席、代会、请假或缺席。", en="Present, deputy, leave or absent.", field="marks"
            )
        if known.get(membership.pk) != mark:
            fresh_rows.append(Attendance(meeting=row, membership=membership, mark=mark, by=user))
    Attendance.objects.bulk_create(fresh_rows)
    audit.note("meetings.attendance", "meeting", row.pk, area_id=area_of(row), marks=len(fresh_rows))
    return len(fresh_rows)


@transaction.atomic
def keep_minutes(*, meeting: Meeting, text: str, by: User | None, post: Post | None) -> Minutes:
    """The minutes, or their next version; the one before stays. Raises Refusal."""
    user = allow(by, post, "meetings.manage")
    row = _begun(post, meeting)
    kept = words(text, "text", "请写会议纪要。", "Write the minutes.")
    last = row.minutes.order_by("-version").first()
    if last and last.text == kept:
        raise Refusal("nothing_changed", zh="与现有纪要相同，没有另存。", en="The same as the minutes that are kept.", field="text")  # fmt: skip
    made = Minutes.objects.create(meeting=row, version=(last.version if last else 0) + 1, text=kept, by=user)
    audit.note("meetings.minutes", "meeting", row.pk, area_id=area_of(row), version=made.version)
    return made


@transaction.atomic
def decide(
    *,
    meeting: Meeting,
    text: str,
    lead_unit: str,
    due_on: date,
    by: User | None,
    post: Post | None,
    cooperating_units: Iterable[str] = (),
) -> Decision:
    """One decision: what, which unit, until when. Raises Refusal."""
    user = allow(by, post, "meetings.manage")
    row = _begun(post, meeting)
    if due_on < row.on:
        raise Refusal("due_before_meeting", zh="完成期限不能早于会议日期。", en="The deadline cannot be before the meeting.", field="due_on")  # fmt: skip
    order = (row.decisions.aggregate(last=Max("order"))["last"] or 0) + 1
    made = Decision.objects.create(
        meeting=row, order=order, text=words(text, "text", "请写明决定。", "Say what was decided.")[:200], due_on=due_on,
        lead_unit=words(lead_unit, "lead_unit", "请写明牵头单位。", "Name the lead unit."),
        cooperating_units=list(cooperating_units), by=user,
    )  # fmt: skip
    audit.note("meetings.decide", "meeting", row.pk, area_id=area_of(row), decision=made.pk)
    return made


@transaction.atomic
def take_on(
    *,
    decision: Decision,
    by: User | None,
    post: Post | None,
    place: Place | None = None,
    signers_needed: int = 1,
    origin: str = "entered",
) -> Item:
    """A decision becomes a line of the ledger, followed there to its closing. Once. Raises Refusal."""
    allow(by, post, "meetings.manage")
    row = _begun(post, decision.meeting)
    decision = Decision.objects.select_for_update(of=("self",)).get(pk=decision.pk)
    if decision.item_id:
        raise Refusal("taken_on_before", zh="这项决定已经列入台账。", en="This decision is in the ledger already.")
    item = open_item(
        by=by, post=post, place=place or row.place, kind="decision", title=decision.text, lead_unit=decision.lead_unit,
        cooperating_units=decision.cooperating_units, starts_on=row.on, due_on=decision.due_on,
        source_document=f"{row.title}（{row.on}）决定第{decision.order}项"[:200], signers_needed=signers_needed,
        origin=origin,
    )  # fmt: skip
    decision.item = item
    decision.save(update_fields=["item"])
    audit.note("meetings.take_on", "meeting", row.pk, area_id=area_of(row), decision=decision.pk, item=item.pk)
    return item


@transaction.atomic
def call_off(*, meeting: Meeting, reason: str, by: User | None, post: Post | None) -> Meeting:
    """A meeting that will not be held, with the reason. Raises Refusal once minutes are kept."""
    allow(by, post, "meetings.manage")
    row = _running(post, meeting)
    if row.minutes.exists():
        raise Refusal("was_held", zh="已有纪要的会议不能取消。", en="A meeting with minutes was held and cannot be called off.")  # fmt: skip
    row.called_off = words(reason, "reason", "取消会议须写明理由。", "Say why it is called off.")[:200]
    row.save(update_fields=["called_off"])
    audit.note("meetings.call_off", "meeting", row.pk, area_id=area_of(row))
    return row

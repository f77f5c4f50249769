"""Excuses: given by hand, or following from life events; they suspend a duty, they do not fail it."""

from collections import defaultdict
from datetime import date, timedelta

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from songhe.care.duties import rules
from songhe.care.duties.access import SYSTEM, allowed, user_id
from songhe.care.duties.definitions import follow_up
from songhe.care.duties.models import Duty, Excuse
from songhe.care.duties.terms import OFFERED_EXCUSES
from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.registry.people.models import LifeEvent, Merge, Person

_OPEN_ENDED = {"hospital", "institution", "moved_out", "deceased"}


@transaction.atomic
def excuse(
    *, person: Person, reason: str, starts_on: date, ends_on: date | None = None, note: str = "", by, post=None,
    on: date | None = None,
) -> Excuse:  # fmt: skip
    """Suspend the duties of a person from–to, both included. Periods covered long enough no longer count either way.

    Refused: unknown reason, dates out of order, absence or refusal without an end; for a post also: further back than
    visits may be entered, days already past without a note (the system brings in older ones).
    """
    allowed(post, "duties.excuse")
    _refuse_outside(person, post)
    _refuse_excuse(reason, starts_on, ends_on)
    if post and post is not SYSTEM:
        _refuse_past(starts_on, note, on or timezone.localdate())
    _pass_gate()
    areas = {name: getattr(person, name) for name in ("village_id", "town_id", "county_id", "city_id")}
    made = Excuse.objects.create(
        person=person, reason=reason, note=note, starts_on=starts_on, ends_on=ends_on, by=user_id(by), **areas
    )
    settle({person.pk: (starts_on, ends_on)})
    span = {"from": starts_on.isoformat(), "to": ends_on.isoformat() if ends_on else None}
    detail = {"excuse": made.pk, "reason": reason} | span
    audit.note("duties.excuse", "person", person.pk, area_id=person.village_id, **detail)
    return made


@transaction.atomic
def withdraw_excuse(*, excuse: Excuse, by, post=None) -> Excuse:
    """Take an excuse back; the duties it suspended count again. Doing it twice changes nothing."""
    allowed(post, "duties.excuse")
    _refuse_outside(excuse.person, post)
    _pass_gate()
    withdrawn = Excuse.objects.filter(pk=excuse.pk, withdrawn_at=None).update(
        withdrawn_at=timezone.now(), withdrawn_by=user_id(by)
    )
    excuse.refresh_from_db()
    if withdrawn:
        settle({excuse.person_id: (excuse.starts_on, excuse.ends_on)})
        detail = {"excuse": excuse.pk, "reason": excuse.reason}
        audit.note("duties.withdraw_excuse", "person", excuse.person_id, area_id=excuse.village_id, **detail)
    return excuse


def settle(spans: dict[int, tuple[date, date | None]]) -> int:
    """Decide again which duties of these people are excused, in every period their span touches."""
    touched = Q()
    for person, (first, last) in spans.items():
        inside = Q(person=person, period_end__gte=first)
        touched |= inside & Q(period_start__lte=last) if last else inside
    ids = list(Duty.objects.filter(touched).order_by("pk").values_list("pk", flat=True)) if spans else []
    if not ids:
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT duties_settle(%s::bigint[])", [ids])
        return cursor.fetchone()[0]


def _pass_gate() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT duties_pass()")


def _refuse_outside(person: Person, post) -> None:
    if post and not Person.objects.visible_to(post).filter(pk=person.pk).exists():
        raise Refusal(
            "person_outside_area",
            zh="这位老人不在您的辖区内，不能登记。请核对，或找老人现居住地的工作人员办理。",
            en="This person is outside your area. Check, or ask the staff where the person lives now.",
            field="person",
        )


def _refuse_excuse(reason: str, first: date, last: date | None) -> None:
    limits = follow_up()
    if reason not in dict(OFFERED_EXCUSES):
        words = "、".join(str(word) for _, word in OFFERED_EXCUSES)
        raise Refusal(
            "unknown_reason",
            zh=f"没有“{reason}”这种事由。可选：{words}。",
            en=f'"{reason}" is no reason. Choose one of: {", ".join(code for code, _ in OFFERED_EXCUSES)}.',
            field="reason",
        )
    if last is not None and last < first:
        raise Refusal(
            "dates_out_of_order",
            zh=f"结束日期 {last} 早于开始日期 {first}。请改正日期。",
            en=f"The end {last} is before the start {first}. Correct the dates.",
            field="ends_on",
        )
    if last is None and reason not in _OPEN_ENDED:
        raise Refusal(
            "end_needed",
            zh="外出、拒绝等事由须写明结束日期，到期再问一次；不能无限期停访。",
            en="An absence or refusal needs an end date, then somebody asks again; visits cannot stop without end.",
            field="ends_on",
        )
    if last is not None and reason not in _OPEN_ENDED and (last - first).days >= limits.excuse_days:
        raise Refusal(
            "excuse_too_long",
            zh=f"一次最多登记 {limits.excuse_days} 天。请把结束日期改到 {first + timedelta(days=limits.excuse_days - 1)} 或更早，到期再登记。",
            en=f"At most {limits.excuse_days} days at a time. End it by {first + timedelta(days=limits.excuse_days - 1)}; enter it again then.",
            field="ends_on",
        )


def _refuse_past(first: date, note: str, today: date) -> None:
    limits = follow_up()
    if first < today - timedelta(days=limits.back_days):
        raise Refusal(
            "excuse_too_old",
            zh=f"开始日期早于 {limits.back_days} 天前，不能补登。历史周期已统计；确有差错请走指标修订。",
            en=f"The start is more than {limits.back_days} days back. Those periods are counted; correct the figure by a revision.",
            field="starts_on",
        )
    if first < today and not note.strip():
        raise Refusal(
            "note_needed",
            zh="补登过去日期的暂停须写明说明（谁证实的、为何迟登）。",
            en="An excuse for past days needs a note (who confirms it, why it comes late).",
            field="note",
        )


@transaction.atomic
def apply_events(*, by, post=None, on: date | None = None, people: list[int] | None = None) -> int:
    """Bring the excuses that follow from life events in step: new ones made, those of undone events withdrawn.

    Looks at people with a duty since the last 35 days (or at `people`). Returns how many excuses changed.
    """
    allowed(post, "duties.excuse")
    since = (on or timezone.localdate()) - timedelta(days=follow_up().back_days)
    mine = people if people is not None else Duty.objects.filter(period_end__gte=since).values("person")
    events = defaultdict(list)
    for event in LifeEvent.objects.filter(person__in=mine, kind__in=rules.EXCUSING).order_by("person", "on", "pk"):
        events[event.person_id].append(event)
    standing = defaultdict(list)
    for row in Excuse.objects.filter(person__in=list(events), withdrawn_at=None).exclude(event_id=None):
        standing[row.person_id].append(row)
    _pass_gate()
    spans, made, gone = {}, [], []
    for person, told in events.items():
        new, old = _difference(told, standing[person], user_id(by))
        if new or old:
            made, gone = made + new, gone + old
            ends = [row.ends_on for row in new + old]
            spans[person] = (min(row.starts_on for row in new + old), None if None in ends else max(ends))
    Excuse.objects.filter(pk__in=[row.pk for row in gone]).update(withdrawn_at=timezone.now(), withdrawn_by=user_id(by))
    Excuse.objects.bulk_create(made)
    for chunk in _chunks(spans):
        settle(chunk)
    if made or gone:
        audit.note("duties.apply_events", "excuse", None, made=len(made), withdrawn=len(gone))
    return len(made) + len(gone)


@transaction.atomic
def follow_merges(*, on: date | None = None) -> int:
    """Duties of merged files in periods that still run (or ended within the last 35 days): the absorbed file owes
    nothing, its visits count with the kept one; an undone merge goes back. Nightly. Returns how many were looked at."""
    since = (on or timezone.localdate()) - timedelta(days=follow_up().back_days)
    pairs = Merge.objects.filter(Q(undone_at=None) | Q(undone_at__date__gte=since)).values_list("kept", "absorbed")
    people = {person for pair in pairs for person in pair}
    ids = list(Duty.objects.filter(person__in=people, period_end__gte=since).values_list("pk", flat=True))
    if ids:
        with connection.cursor() as cursor:
            # the facts' own function, called by its name: that app stands above this one
            cursor.execute("SELECT duties_settle(%s::bigint[]), visits_recount(%s::bigint[])", [ids, ids])
    return len(ids)


def _difference(told: list[LifeEvent], standing: list[Excuse], by: int) -> tuple[list[Excuse], list[Excuse]]:
    """Excuses to make and excuses to withdraw for one person."""
    live = [rules.Event(event.pk, event.kind, event.on) for event in told if event.undone_at is None]
    wanted = {(span.event, span.reason, span.first, span.last) for span in rules.spans_of(live)}
    here = {(row.event_id, row.reason, row.starts_on, row.ends_on): row for row in standing}
    origin = {event.pk: event for event in told}
    new = [
        Excuse(
            person_id=origin[event].person_id, reason=reason, starts_on=first, ends_on=last, event_id=event, by=by,
            village_id=origin[event].village_id, town_id=origin[event].town_id,
            county_id=origin[event].county_id, city_id=origin[event].city_id,
        )
        for event, reason, first, last in sorted(wanted - set(here), key=str)
    ]  # fmt: skip
    return new, [row for key, row in here.items() if key not in wanted]


def _chunks(spans: dict, size: int = 500) -> list[dict]:
    items = list(spans.items())
    return [dict(items[at : at + size]) for at in range(0, len(items), size)]

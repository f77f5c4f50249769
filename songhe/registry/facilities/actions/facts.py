"""Dated facts about a site: beds, rooms and services, staff, measured values, hours, 四同步, activities."""

from collections.abc import Iterable
from datetime import date, time
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post, User
from songhe.registry.facilities import definitions, terms
from songhe.registry.facilities.models import (
    Activity,
    BedLot,
    Facility,
    Measure,
    Provision,
    Schedule,
    Staff,
    SyncCheck,
)
from songhe.registry.facilities.queries.counting import beds_now
from songhe.registry.facilities.standing import allow, kept, not_ahead, site

EDIT, REPORT = "facilities.edit", "facilities.report"


@transaction.atomic
def add_beds(
    *, by: User | None, post: Post | None, facility: Facility, kind: str, count: int, on: date, origin: str = "new",
    from_kind: str = "", evidence: str = "",
) -> BedLot:  # fmt: skip
    """Beds set up, converted or taken away. No more can be converted or taken away than stand there on that day."""
    user = allow(by, post, EDIT)
    row = site(post, facility)
    taken = {"converted": from_kind, "removed": kind}.get(origin)
    if taken and beds_now(row, not_ahead(on)).get(taken, 0) < count:
        raise Refusal(
            "too_few_beds",
            zh=f"{on} 该类型床位不足 {count} 张，不能改造或撤减这么多。请核对张数和日期。",
            en=f"Fewer than {count} such beds stand there on {on}. Check number and date.",
            field="count",
        )
    lot = BedLot(
        facility=row,
        kind=kind,
        count=count,
        on=not_ahead(on),
        origin=origin,
        from_kind=from_kind,
        evidence=evidence,
        by=user,
    )
    kept(lot)
    audit.note(
        "facilities.beds",
        "facility",
        row.pk,
        area_id=row.place_id,
        kind=kind,
        origin=origin,
        count=count,
        on=on.isoformat(),
    )
    return lot


@transaction.atomic
def measure(
    *,
    by: User | None,
    post: Post | None,
    facility: Facility,
    what: str,
    value: Decimal | float,
    on: date,
    source: str = "",
) -> Measure:
    """A number measured on a day: floor area, seats, vehicles. The latest one holds."""
    user = allow(by, post, EDIT)
    row = site(post, facility)
    made = Measure(facility=row, what=what, value=Decimal(str(value)), on=not_ahead(on), source=source, by=user)
    kept(made)
    audit.note("facilities.measure", "facility", row.pk, area_id=row.place_id, what=what, on=on.isoformat())
    return made


@transaction.atomic
def provide(
    *,
    by: User | None,
    post: Post | None,
    facility: Facility,
    what: str,
    codes: Iterable[str],
    on: date,
    detail: str = "",
) -> list[Provision]:
    """Rooms (`what="room"`) or services (`"service"`) that are there from a day on; those already there stay as they are."""
    user = allow(by, post, EDIT)
    row = site(post, facility)
    known = {code for code, _label in (terms.ROOMS if what == "room" else terms.SERVICES)}
    codes = list(dict.fromkeys(codes))
    if wrong := set(codes) - known:
        raise Refusal(
            "unknown_provision",
            zh=f"不认识：{'、'.join(sorted(wrong))}。",
            en=f"Unknown: {', '.join(sorted(wrong))}.",
            field="codes",
        )
    held = set(row.provisions.filter(what=what, valid_to=None).values_list("code", flat=True))
    made = [
        kept(Provision(facility=row, what=what, code=code, valid_from=not_ahead(on), detail=detail, by=user))
        for code in codes
        if code not in held
    ]
    audit.note("facilities.provide", "facility", row.pk, area_id=row.place_id, what=what, codes=[p.code for p in made])
    return made


@transaction.atomic
def end_provision(*, by: User | None, post: Post | None, provision: Provision, on: date) -> Provision:
    """A room or service ends; its last day is `on`."""
    allow(by, post, EDIT)
    row = site(post, provision.facility)
    provision.valid_to = not_ahead(on)
    kept(provision)
    audit.note(
        "facilities.end_provision", "facility", row.pk, area_id=row.place_id, code=provision.code, on=on.isoformat()
    )
    return provision


@transaction.atomic
def name_staff(
    *, by: User | None, post: Post | None, facility: Facility, name: str, role: str, dedicated: str, on: date,
    certificate: str = "",
) -> Staff:  # fmt: skip
    """Somebody works there from a day on; `dedicated` or `shared`."""
    user = allow(by, post, EDIT)
    row = site(post, facility)
    made = Staff(
        facility=row, name=name.strip(), role=role, dedicated=dedicated, certificate=certificate, valid_from=on, by=user
    )
    kept(made)
    audit.note("facilities.staff", "facility", row.pk, area_id=row.place_id, role=role, dedicated=dedicated)
    return made


@transaction.atomic
def end_staff(*, by: User | None, post: Post | None, staff: Staff, on: date) -> Staff:
    """Somebody's last day there."""
    allow(by, post, EDIT)
    row = site(post, staff.facility)
    staff.valid_to = max(not_ahead(on), staff.valid_from)
    kept(staff)
    audit.note("facilities.end_staff", "facility", row.pk, area_id=row.place_id, on=on.isoformat())
    return staff


@transaction.atomic
def set_hours(
    *,
    by: User | None,
    post: Post | None,
    facility: Facility,
    weekdays: Iterable[int],
    opens: time,
    closes: time,
    on: date,
) -> Schedule:
    """When it is open from a day on. `weekdays`: ISO numbers, 1 = Monday."""
    user = allow(by, post, EDIT)
    row = site(post, facility)
    days = sorted(set(weekdays))
    if not days or not set(days) <= set(range(1, 8)):
        raise Refusal(
            "weekdays", zh="请至少选一天，周一到周日。", en="Choose at least one day of the week.", field="weekdays"
        )
    made = Schedule(facility=row, weekdays=days, opens=opens, closes=closes, valid_from=on, by=user)
    kept(made)
    audit.note("facilities.hours", "facility", row.pk, area_id=row.place_id, weekdays=days)
    return made


@transaction.atomic
def check_sync(
    *,
    by: User | None,
    post: Post | None,
    facility: Facility,
    estate: str,
    step: str,
    result: str,
    on: date,
    evidence: str = "",
) -> SyncCheck:
    """One of the four synchronous steps of a new estate's facility was looked at: met or not_met."""
    user = allow(by, post, EDIT)
    row = site(post, facility)
    made = SyncCheck(
        facility=row, estate=estate, step=step, result=result, on=not_ahead(on), evidence=evidence, by=user
    )
    kept(made)
    audit.note("facilities.sync", "facility", row.pk, area_id=row.place_id, step=step, result=result, on=on.isoformat())
    return made


@transaction.atomic
def record_activity(
    *, by: User | None, post: Post | None, facility: Facility, on: date, kind: str, count: int, evidence: str
) -> Activity:
    """Something took place there. Refused: in the future, too long ago, without evidence, with nobody there."""
    user = allow(by, post, REPORT)
    row = site(post, facility)
    days = (timezone.localdate() - not_ahead(on)).days
    if user and days > definitions.inspecting().age_limit_days:
        raise Refusal(
            "too_long_ago",
            zh=f"{on} 已过去 {days} 天，超过可补登的期限。请写成书面说明交上级核定。",
            en=f"{on} is {days} days ago, beyond what may be entered late. Hand in a written statement instead.",
            field="on",
        )
    made = Activity(facility=row, on=on, kind=kind, count=count, evidence=evidence.strip(), by=user)
    kept(made)
    audit.note(
        "facilities.activity", "facility", row.pk, area_id=row.place_id, kind=kind, count=count, on=on.isoformat()
    )
    return made


@transaction.atomic
def void_activity(*, by: User | None, post: Post | None, activity: Activity, reason: str) -> Activity:
    """A wrong activity no longer counts: a new row says so and why; the old one stays to be read."""
    user = allow(by, post, REPORT)
    row = site(post, activity.facility)
    if activity.voids_id or Activity.objects.filter(voids=activity).exists():
        raise Refusal("voided", zh="这条活动记录已经作废。", en="This activity is voided already.")
    if not reason.strip():
        raise Refusal("reason_missing", zh="作废必须写明理由。", en="Say why it is voided.", field="reason")
    made = Activity(
        facility=row, on=activity.on, kind=activity.kind, count=0, evidence=activity.evidence, voids=activity,
        reason=reason.strip(), by=user,
    )  # fmt: skip
    kept(made)
    audit.note("facilities.void_activity", "facility", row.pk, area_id=row.place_id, activity=activity.pk)
    return made

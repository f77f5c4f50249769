"""What is put right in a home, the devices put up and taken down, and the minutes of service."""

from datetime import date
from decimal import Decimal

from django.db import transaction

from songhe.care.agreements.models import Bed, Care, Device, Retrofit
from songhe.care.agreements.standing import EDIT, allow, bed_of, not_ahead, saved
from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post, User
from songhe.registry.people.models import Person
from songhe.registry.people.standing import areas_of, locked


@transaction.atomic
def retrofit(
    *, by: User | None, post: Post | None, bed: Bed, item: str, on: date, cost: Decimal | float, evidence: str = ""
) -> Retrofit:
    """One thing put right in the home, after the agreement was signed."""
    user = allow(by, post, EDIT)
    row = bed_of(post, bed)
    _refuse_unsigned(row)
    made = saved(
        Retrofit(bed=row, item=item, on=not_ahead(on), cost=Decimal(str(cost)), evidence=evidence.strip(), by=user)
    )
    audit.note("beds.retrofit", "bed", row.pk, area_id=row.village_id, item=item, on=on.isoformat())
    return made


def _refuse_unsigned(bed: Bed) -> None:
    if not bed.agreements.exists() or bed.ended_on is not None:
        raise Refusal(
            "not_signed",
            zh="三方协议还没有签，或床位已终止，不能登记改造、设备和服务。",
            en="The agreement is not signed, or the bed has ended: no retrofit, device or service can be entered.",
        )


@transaction.atomic
def install(
    *, by: User | None, post: Post | None, kind: str, serial: str, on: date, bed: Bed | None = None,
    person: Person | None = None, spot: str = "", origin: str = "entered",
) -> Device:  # fmt: skip
    """A device is put up in somebody's home, with or without a bed. One serial number stands in one home."""
    user = allow(by, post, EDIT)
    row = bed_of(post, bed) if bed else None
    if row is not None:
        _refuse_unsigned(row)
    file = locked(post, row.person if row else person)
    if not serial.strip():
        raise Refusal("no_serial", zh="请填写设备序列号。", en="Name the serial number.", field="serial")
    made = saved(
        Device(
            person=file, bed=row, kind=kind, serial=serial.strip(), spot=spot.strip(), installed_on=not_ahead(on), by=user,
            origin=origin, **areas_of(file),
        )
    )  # fmt: skip
    audit.note("devices.install", "device", made.pk, area_id=made.village_id, kind=kind, on=on.isoformat())
    return made


@transaction.atomic
def take_down(*, by: User | None, post: Post | None, device: Device, on: date, why: str) -> Device:
    """A device comes down; its serial number may stand elsewhere from then on."""
    allow(by, post, EDIT)
    seen = Device.objects.visible_to(post) if post else Device.objects.all()
    row = seen.select_for_update(of=("self",)).filter(pk=device.pk, removed_on=None).first()
    if row is None:
        raise Refusal(
            "no_such_device", zh="没有这台设备，或已拆除。", en="There is no such device, or it is down already."
        )
    if not why.strip():
        raise Refusal("reason_missing", zh="请写明拆除原因。", en="Say why it is taken down.", field="why")
    row.removed_on, row.removed_why = max(not_ahead(on), row.installed_on), why.strip()[:120]
    row.save(update_fields=["removed_on", "removed_why"])
    audit.note("devices.take_down", "device", row.pk, area_id=row.village_id, on=on.isoformat())
    return row


@transaction.atomic
def serve(
    *, by: User | None, post: Post | None, bed: Bed, on: date, service: str, minutes: int, evidence: str = ""
) -> Care:
    """Minutes of service in the home on a day that an agreement covers."""
    user = allow(by, post, EDIT)
    row = bed_of(post, bed)
    _refuse_unsigned(row)
    if not row.agreements.filter(starts_on__lte=not_ahead(on), ends_on__gte=on).exists():
        raise Refusal(
            "outside_agreement",
            zh=f"{on} 不在任何一份协议的期限内，不能登记服务。请先续签或核对日期。",
            en=f"No agreement covers {on}. Renew it first, or check the date.",
            field="on",
        )
    made = saved(Care(bed=row, on=on, service=service, minutes=minutes, evidence=evidence.strip(), by=user))
    audit.note("beds.serve", "bed", row.pk, area_id=row.village_id, minutes=minutes, on=on.isoformat())
    return made


@transaction.atomic
def void_care(*, by: User | None, post: Post | None, care: Care, reason: str) -> Care:
    """Wrong minutes no longer count: a new row says so and why; the old one stays to be read."""
    user = allow(by, post, EDIT)
    row = bed_of(post, care.bed)
    if care.voids_id or Care.objects.filter(voids=care).exists():
        raise Refusal("voided", zh="这条服务记录已经作废。", en="This row is voided already.")
    if not reason.strip():
        raise Refusal("reason_missing", zh="作废必须写明理由。", en="Say why it is voided.", field="reason")
    made = saved(Care(bed=row, on=care.on, service=care.service, minutes=0, voids=care, reason=reason.strip(), by=user))
    audit.note("beds.void_care", "bed", row.pk, area_id=row.village_id, care=care.pk)
    return made

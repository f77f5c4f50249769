"""The walk of a bed: survey, assessment, plan, agreement, retrofit, acceptance, renewal, end."""

from datetime import date

from django.db import transaction

from songhe.care.agreements import definitions, terms
from songhe.care.agreements.models import Agreement, Bed, Step
from songhe.care.agreements.standing import (
    ACCEPT,
    EDIT,
    allow,
    bed_of,
    not_ahead,
    reached,
    refuse_left_out,
    refuse_second_bed,
    saved,
    stepped,
)
from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post, User
from songhe.registry.facilities.models import Facility, Organisation
from songhe.registry.people.models import Assessment, Person
from songhe.registry.people.standing import areas_of, locked


def _noted(verb: str, bed: Bed, **detail) -> None:
    audit.note(f"beds.{verb}", "bed", bed.pk, area_id=bed.village_id, **detail)


@transaction.atomic
def survey(
    *, by: User | None, post: Post | None, person: Person, facility: Facility, on: date, note: str = "",
    origin: str = "entered",
) -> Bed:  # fmt: skip
    """Somebody looked at the home: the bed is begun. Refused for whoever is left out (with the clause) or has one already."""
    user = allow(by, post, EDIT)
    file = locked(post, person)
    refuse_left_out(file, not_ahead(on))
    refuse_second_bed(file, on)
    scheme = definitions.scheme(file.village.code, on)
    bed = saved(
        Bed(
            person=file, facility=_serving(post, facility), scheme=scheme.name, scheme_version=scheme.version, opened_on=on,
            origin=origin, created_by=user, **areas_of(file),
        )
    )  # fmt: skip
    stepped(bed, "surveyed", on, user, note)
    _noted("survey", bed, person=file.pk, on=on.isoformat())
    return bed


def _serving(post: Post | None, facility: Facility) -> Facility:
    seen = Facility.objects.visible_to(post) if post else Facility.objects.all()
    row = seen.filter(pk=facility.pk).first()
    if row is None:
        raise Refusal(
            "no_such_facility", zh="没有这处服务机构，或不在您的辖区内。", en="There is no such site in your area.", field="facility"
        )  # fmt: skip
    return row


@transaction.atomic
def assess(*, by: User | None, post: Post | None, bed: Bed, on: date, assessment: Assessment | None = None) -> Step:
    """The ability assessment the bed rests on: one of this person's on file; the latest if none is named."""
    user = allow(by, post, EDIT)
    row = bed_of(post, bed)
    found = assessment or row.person.assessments.exclude(level=None).order_by("-on", "-pk").first()
    if found is None or found.person_id != row.person_id or found.level is None:
        raise Refusal(
            "no_assessment",
            zh="这位老人还没有能力评估结果。请先由两名评估员评估并录入，再办这一步。",
            en="There is no ability assessment of this person on file. Have one made by two assessors first.",
            field="assessment",
        )
    refuse_left_out(row.person, on)
    step = stepped(row, "assessed", on, user, assessment=found.pk, level=found.level)
    _noted("assess", row, assessment=found.pk, level=found.level)
    return step


@transaction.atomic
def plan(
    *, by: User | None, post: Post | None, bed: Bed, on: date, services: list[str], minutes: int, items: list[str],
    note: str = "",
) -> Step:  # fmt: skip
    """What will be done each month, and what is put right in the home. Words must be those of the scheme."""
    user = allow(by, post, EDIT)
    row = bed_of(post, bed)
    scheme = definitions.named(row.scheme)
    wrong = [code for code in services if code not in scheme.services]
    wrong += [code for code in items if code not in scheme.items]
    if wrong or not services or minutes < 1:
        raise Refusal(
            "plan_incomplete",
            zh=f"计划要写明服务项目和每月分钟数{'，不在办法内：' + '、'.join(wrong) if wrong else ''}。",
            en=f"A plan names services and minutes a month{'; not in the scheme: ' + ', '.join(wrong) if wrong else ''}.",
            field="services" if wrong or not services else "minutes",
        )
    step = stepped(row, "planned", on, user, note, services=services, minutes=minutes, items=items)
    _noted("plan", row, minutes=minutes, services=services)
    return step


@transaction.atomic
def sign(
    *, by: User | None, post: Post | None, bed: Bed, number: str, on: date, starts_on: date, ends_on: date, signer: str,
    signer_name: str, organisation: Organisation, government: str, minutes: int | None = None,
) -> Agreement:  # fmt: skip
    """The three parties sign. Whether the person is left out is asked again on this day; minutes default to the plan's."""
    user = allow(by, post, EDIT)
    row = bed_of(post, bed)
    refuse_left_out(row.person, not_ahead(on))
    stepped(row, "signed", on, user, number=number.strip())
    made = _agreement(row, user, number=number, on=on, starts_on=starts_on, ends_on=ends_on, signer=signer,
                      signer_name=signer_name, organisation=organisation, government=government, minutes=minutes)  # fmt: skip
    _noted("sign", row, agreement=made.pk, on=on.isoformat())
    return made


def _agreement(
    bed: Bed, user: int, *, on: date, minutes: int | None, number: str, signer_name: str, **given
) -> Agreement:
    planned = bed.steps.filter(kind="planned").order_by("-pk").values_list("detail", flat=True).first() or {}
    return saved(
        Agreement(
            bed=bed, signed_on=on, number=number.strip(), signer_name=signer_name.strip(), by=user,
            minutes=planned.get("minutes", 0) if minutes is None else minutes, services=planned.get("services", []), **given,
        )
    )  # fmt: skip


@transaction.atomic
def fit(*, by: User | None, post: Post | None, bed: Bed, on: date, note: str = "") -> Step:
    """Retrofit and devices are done. Refused while neither a retrofit nor a device is on record."""
    user = allow(by, post, EDIT)
    row = bed_of(post, bed)
    retrofits, devices = row.retrofits.count(), row.devices.filter(removed_on=None).count()
    if not retrofits and not devices:
        raise Refusal(
            "nothing_fitted",
            zh="还没有登记任何改造项目或设备，不能办结这一步。请先逐项登记。",
            en="No retrofit and no device is on record. Enter them first.",
        )
    step = stepped(row, "fitted", on, user, note, retrofits=retrofits, devices=devices)
    _noted("fit", row, retrofits=retrofits, devices=devices)
    return step


@transaction.atomic
def accept(*, by: User | None, post: Post | None, bed: Bed, on: date, paper: str, note: str = "") -> Step:
    """The government side has seen it and accepts. Refused for the person who fitted it, and without a paper."""
    user = allow(by, post, ACCEPT)
    row = bed_of(post, bed)
    if not paper.strip():
        raise Refusal("no_paper", zh="请填写验收表编号。", en="Name the acceptance form.", field="paper")
    if user and row.steps.filter(kind="fitted", by=user).exists():
        raise Refusal(
            "accepted_by_another",
            zh="办理改造的人不能给自己验收。请由另一人验收。",
            en="Whoever entered the fitting may not accept it. Somebody else has to.",
        )
    step = stepped(row, "accepted", on, user, note, paper=paper.strip()[:60])
    _noted("accept", row, on=on.isoformat())
    return step


@transaction.atomic
def renew(
    *, by: User | None, post: Post | None, bed: Bed, number: str, on: date, starts_on: date, ends_on: date, signer: str,
    signer_name: str, organisation: Organisation, government: str, minutes: int | None = None,
) -> Agreement:  # fmt: skip
    """A further agreement after the last; it may not overlap. Refused for whoever is left out by now."""
    user = allow(by, post, EDIT)
    row = bed_of(post, bed)
    refuse_left_out(row.person, not_ahead(on))
    stepped(row, "renewed", on, user, number=number.strip())
    made = _agreement(row, user, number=number, on=on, starts_on=starts_on, ends_on=ends_on, signer=signer,
                      signer_name=signer_name, organisation=organisation, government=government, minutes=minutes)  # fmt: skip
    _noted("renew", row, agreement=made.pk, on=on.isoformat())
    return made


@transaction.atomic
def end(*, by: User | None, post: Post | None, bed: Bed, on: date, reason: str, note: str = "") -> Step:
    """The bed ends on a day, for a reason. Devices still up are to be taken down: they stay on the list until they are."""
    user = allow(by, post, EDIT)
    row = bed_of(post, bed)
    if reason not in dict(terms.END_REASONS):
        raise Refusal("end_reason", zh="请选择终止原因。", en="Choose the reason.", field="reason")
    before = reached(row)
    step = stepped(row, "ended", on, user, note, reason=reason, reached=before)
    row.ended_on = on
    row.save(update_fields=["ended_on"])
    _noted("end", row, reason=reason, on=on.isoformat())
    return step

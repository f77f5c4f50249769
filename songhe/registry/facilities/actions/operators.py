"""Operators and their papers; who operates which site, chosen how; on which premises."""

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Q

from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post, User
from songhe.registry.facilities import definitions, rules
from songhe.registry.facilities.models import (
    Appraisal,
    Designation,
    Facility,
    Licence,
    Operation,
    Organisation,
    Premises,
)
from songhe.registry.facilities.standing import allow, kept, site
from songhe.registry.places.models import Place

EDIT = "facilities.edit"


@transaction.atomic
def register_organisation(
    *, by: User | None, post: Post | None, name: str, credit_code: str, kind: str, place: Place | None = None,
    origin: str = "entered",
) -> Organisation:  # fmt: skip
    """Put an operator on file. The credit code's check digit must fit (GB 32100-2015); a code stands once."""
    user = allow(by, post, EDIT)
    code = credit_code.strip().upper().replace(" ", "")
    if fault := rules.credit_code_fault(code):
        zh, en = _CODE_FAULTS[fault]
        raise Refusal("credit_code", zh=zh, en=en, field="credit_code")
    if Organisation.objects.filter(credit_code=code).exists():
        raise Refusal(
            "credit_code_once",
            zh="这个统一社会信用代码已有登记。请直接选用已登记的机构。",
            en="This credit code is on file already. Use the organisation that is registered.",
            field="credit_code",
        )
    made = Organisation(name=name.strip(), credit_code=code, kind=kind, place=place, origin=origin, by=user)
    kept(made)
    audit.note("facilities.organisation", "organisation", made.pk, area_id=place.pk if place else None, kind=kind)
    return made


_CODE_FAULTS = {
    "length": (
        "统一社会信用代码应为 18 位。请对照营业执照核对。",
        "A unified social credit code has 18 characters. Check it against the licence.",
    ),
    "character": (
        "统一社会信用代码里有不该出现的字符（不用字母 I、O、S、V、Z）。请对照营业执照核对。",
        "The credit code holds a character that cannot occur (I, O, S, V and Z are not used). Check it.",
    ),
    "check": (
        "统一社会信用代码最后一位校验码不符，可能抄错了一位。请对照营业执照核对。",
        "The last character of the credit code does not fit the others: one may be miscopied. Check it.",
    ),
}


@transaction.atomic
def license_(
    *, by: User | None, post: Post | None, kind: str, valid_from: date, organisation: Organisation | None = None,
    facility: Facility | None = None, number: str = "", issuer: str = "", valid_to: date | None = None,
    absent_reason: str = "",
) -> Licence:  # fmt: skip
    """A licence of an organisation or of a facility; or the reason why there is none. The newest of a kind holds."""
    user = allow(by, post, EDIT)
    row = site(post, facility) if facility else None
    made = Licence(
        organisation=organisation, facility=row, kind=kind, number=number.strip(), issuer=issuer, valid_from=valid_from,
        valid_to=valid_to, absent_reason=absent_reason, by=user,
    )  # fmt: skip
    kept(made)
    _noted("facilities.licence", organisation, row, kind=kind, valid_to=valid_to.isoformat() if valid_to else "")
    return made


@transaction.atomic
def designate(
    *, by: User | None, post: Post | None, organisation: Organisation, valid_from: date, valid_to: date | None = None,
    number: str = "", agency: str = "",
) -> Designation:  # fmt: skip
    """An organisation is designated by long-term care insurance, from–to."""
    user = allow(by, post, EDIT)
    made = Designation(
        organisation=organisation, valid_from=valid_from, valid_to=valid_to, number=number, agency=agency, by=user
    )
    kept(made)
    _noted("facilities.designate", organisation, None, valid_from=valid_from.isoformat())
    return made


@transaction.atomic
def appraise(
    *, by: User | None, post: Post | None, scheme: str, on: date, organisation: Organisation | None = None,
    facility: Facility | None = None, score: Decimal | None = None, grade: str = "", valid_to: date | None = None,
) -> Appraisal:  # fmt: skip
    """A score or a grade under a named scheme; one of them must be given."""
    user = allow(by, post, EDIT)
    row = site(post, facility) if facility else None
    if score is None and not grade.strip():
        raise Refusal("score_or_grade", zh="请填得分或等级。", en="Give a score or a grade.", field="grade")
    made = Appraisal(
        organisation=organisation,
        facility=row,
        on=on,
        scheme=scheme,
        score=score,
        grade=grade.strip(),
        valid_to=valid_to,
        by=user,
    )
    kept(made)
    _noted("facilities.appraise", organisation, row, scheme=scheme, on=on.isoformat())
    return made


@transaction.atomic
def choose_operator(
    *, by: User | None, post: Post | None, facility: Facility, organisation: Organisation, selection: str,
    contract_on: date, valid_from: date, contract: str = "", exception: str = "", valid_to: date | None = None,
) -> Operation:  # fmt: skip
    """An organisation operates a site from a day on; the one before ends that day.

    Where a standard asks for it (Laixi, R29): the 长护险 designation must hold on the contract date (refused otherwise), and a
    second operator in one street is let through only with a reason, because the rule says 原则上.
    """
    user = allow(by, post, EDIT)
    row = site(post, facility)
    for standard in definitions.for_facility(row.kind, row.place, contract_on):
        for term in standard.terms:
            if term.when == "contract":
                _refuse_operator(term, row, organisation, contract_on, exception)
    running = Operation.objects.filter(
        Q(valid_to=None) | Q(valid_to__gt=valid_from), facility=row, valid_from__lt=valid_from
    )
    running.update(valid_to=valid_from)
    made = Operation(
        facility=row, organisation=organisation, selection=selection, contract=contract, contract_on=contract_on,
        exception=exception.strip(), valid_from=valid_from, valid_to=valid_to, by=user,
    )  # fmt: skip
    kept(made)
    audit.note(
        "facilities.operator", "facility", row.pk, area_id=row.place_id, organisation=organisation.pk, selection=selection,
        exception="stated" if exception else "",
    )  # fmt: skip
    return made


def _refuse_operator(term, facility: Facility, organisation: Organisation, on: date, exception: str) -> None:
    if term.clause.measure == "ltci_designated" and not designated_on(organisation, on):
        raise Refusal(
            "not_designated",
            zh=f"“{organisation}”在签约日 {on} 没有有效的长期护理保险定点资质，不能选为运营组织（{term.where}）。请先登记定点资质，或改选。",
            en=f"“{organisation}” held no long-term care insurance designation on the contract date {on} ({term.where}). Register it first, or choose another.",
            field="organisation",
        )
    if term.clause.measure == "operators_in_town":
        others = operators_in_town(facility.town_id, term.clause.codes, on).exclude(facility=facility)
        count = others.exclude(organisation=organisation).values("organisation").distinct().count() + 1
        if rules.judge(term.clause, count) == "not_met" and not exception.strip():
            raise Refusal(
                "second_operator",
                zh=f"同一街道（乡镇）已有其他组织运营同类设施；{term.title['zh']}（{term.where}）。确需例外的，请写明例外理由。",
                en=f"Another organisation already operates here; {term.title['en']} ({term.where}). State a reason for the exception.",
                field="exception",
            )


def designated_on(organisation: Organisation, on: date) -> bool:
    """Whether a 长护险 designation holds on a day (its last day included)."""
    held = Designation.objects.filter(organisation=organisation, valid_from__lte=on)
    return held.filter(Q(valid_to=None) | Q(valid_to__gte=on)).exists()


def operators_in_town(town_id: int | None, kinds, on: date):
    """Operations of these kinds of facility in one township that run on a day."""
    running = Operation.objects.filter(Q(valid_to=None) | Q(valid_to__gt=on), valid_from__lte=on)
    return running.filter(facility__town=town_id, facility__kind__in=kinds)


@transaction.atomic
def end_operation(*, by: User | None, post: Post | None, operation: Operation, on: date) -> Operation:
    """An operator leaves; `on` is the first day without it."""
    allow(by, post, EDIT)
    row = site(post, operation.facility)
    operation.valid_to = max(on, operation.valid_from)
    kept(operation)
    audit.note("facilities.end_operation", "facility", row.pk, area_id=row.place_id, on=on.isoformat())
    return operation


@transaction.atomic
def take_premises(
    *, by: User | None, post: Post | None, facility: Facility, sourcing: str, owner: str, leased: str, valid_from: date,
    detail: str = "",
) -> Premises:  # fmt: skip
    """Where the rooms come from, from a day on; the premises before end that day. The rent basis follows (rules.rent_basis)."""
    user = allow(by, post, EDIT)
    row = site(post, facility)
    Premises.objects.filter(facility=row, valid_to=None, valid_from__lt=valid_from).update(valid_to=valid_from)
    made = Premises(
        facility=row, sourcing=sourcing, owner=owner, leased=leased, detail=detail, valid_from=valid_from, by=user
    )
    kept(made)
    audit.note(
        "facilities.premises",
        "facility",
        row.pk,
        area_id=row.place_id,
        sourcing=sourcing,
        basis=rules.rent_basis(owner, leased),
    )
    return made


def _noted(verb: str, organisation: Organisation | None, facility: Facility | None, **detail) -> None:
    subject, pk = ("organisation", organisation.pk) if organisation else ("facility", facility.pk if facility else None)
    audit.note(verb, subject, pk, area_id=facility.place_id if facility else None, **detail)

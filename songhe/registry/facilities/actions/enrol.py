"""A register that already exists comes in at once: sites with their history, in one transaction and a few statements.

enrol(by=…, post=…, rows=[Enrolment(place=village, kind="day_care_station", name="…", walk=[("planned", day, ""), …])])

The same rules as one by one: statuses in date order, 已验收 with the paper of the acceptance, 已投用 with an activity.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from uuid import NAMESPACE_URL, uuid5

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post, User
from songhe.registry.facilities.actions.sites import refuse_place
from songhe.registry.facilities.models import (
    Activity,
    BedLot,
    Facility,
    Licence,
    Measure,
    Operation,
    Organisation,
    Premises,
    Provision,
    Schedule,
    Staff,
    StatusChange,
    SyncCheck,
)
from songhe.registry.facilities.standing import allow, by_name, in_words, not_ahead, scope_of
from songhe.registry.places.models import Place


@dataclass
class Enrolment:
    """One site as an older register knows it. Each list holds plain values in the order of its comment."""

    place: Place
    kind: str
    name: str
    walk: list[tuple[str, date, str]]  # status, day, paper
    location: str = ""
    venue: str = ""
    project: str = ""
    beds: list[tuple[str, str, str, int, date]] = field(default_factory=list)  # kind, origin, from_kind, count, day
    measures: list[tuple[str, float, date, str]] = field(default_factory=list)  # what, value, day, source
    rooms: list[tuple[str, date]] = field(default_factory=list)
    services: list[tuple[str, date]] = field(default_factory=list)
    staff: list[tuple[str, str, str, date]] = field(default_factory=list)  # name, role, dedicated, day
    licences: list[tuple[str, str, date, date | None]] = field(default_factory=list)  # kind, number, from, to
    activities: list[tuple[date, str, int, str]] = field(default_factory=list)  # day, kind, count, evidence
    operator: tuple[Organisation, str, str, date] | None = None  # organisation, selection, contract, day
    premises: tuple[str, str, str, date] | None = None  # sourcing, owner, leased, day
    sync: list[tuple[str, str, str, date]] = field(default_factory=list)  # estate, step, result, day
    hours: tuple[list[int], time, time, date] | None = None


@transaction.atomic
def enrol(*, by: User | None, post: Post | None, rows: Iterable[Enrolment], origin: str = "entered") -> list[Facility]:
    """Take in a register. A site's id follows from place, kind and name, so that it is the same wherever it is taken in.

    All or none; one audit row. Raises Refusal with the name of the site that is wrong."""
    user = allow(by, post, "facilities.edit")
    rows = list(rows)
    for row in rows:
        refuse_place(post, row.place, max((status for status, *_ in row.walk), key=_far))
    facilities = [
        Facility(
            uid=uuid5(NAMESPACE_URL, f"songhe:{row.place.code}:{row.kind}:{row.name}"),
            place=row.place, kind=row.kind, name=row.name, location=row.location, venue=row.venue, project=row.project,
            origin=origin, created_by=user, **scope_of(row.place),
        )
        for row in rows
    ]  # fmt: skip
    _all(Facility, facilities)
    pairs = list(zip(facilities, rows, strict=True))
    for model, made in _facts(pairs, user).items():
        _all(model, made)
    audit.note("facilities.enrol", "facility", None, sites=len(rows), origin=origin)
    return facilities


def _far(status: str) -> int:
    return 0 if status in ("planned", "closed") else 1


def _facts(pairs: list[tuple[Facility, Enrolment]], user: int) -> dict[type[models.Model], list[models.Model]]:
    """Every dated fact, activities before the statuses that stand on them."""
    facts: dict[type[models.Model], list[models.Model]] = {
        model: []
        for model in (
            BedLot,
            Measure,
            Provision,
            Staff,
            Licence,
            Operation,
            Premises,
            Schedule,
            SyncCheck,
            Activity,
            StatusChange,
        )
    }
    for site, row in pairs:
        base = {"facility": site, "by": user}
        facts[BedLot] += [
            BedLot(**base, kind=kind, origin=origin, from_kind=before, count=count, on=not_ahead(on))
            for kind, origin, before, count, on in row.beds
        ]
        facts[Measure] += [
            Measure(**base, what=what, value=Decimal(str(value)), on=not_ahead(on), source=source)
            for what, value, on, source in row.measures
        ]
        for what, held in (("room", row.rooms), ("service", row.services)):
            facts[Provision] += [Provision(**base, what=what, code=code, valid_from=on) for code, on in held]
        facts[Staff] += [
            Staff(**base, name=name, role=role, dedicated=dedicated, valid_from=on)
            for name, role, dedicated, on in row.staff
        ]
        facts[Licence] += [
            Licence(**base, kind=kind, number=number, valid_from=first, valid_to=last)
            for kind, number, first, last in row.licences
        ]
        facts[Activity] += [
            Activity(**base, on=not_ahead(on), kind=kind, count=count, evidence=evidence)
            for on, kind, count, evidence in row.activities
        ]
        facts[StatusChange] += [
            StatusChange(**base, status=status, on=not_ahead(on), paper=paper) for status, on, paper in row.walk
        ]
        facts[SyncCheck] += [
            SyncCheck(**base, estate=estate, step=step, result=result, on=not_ahead(on))
            for estate, step, result, on in row.sync
        ]
        facts[Operation] += _operation(base, row)
        facts[Premises] += _premises(base, row)
        facts[Schedule] += _schedule(base, row)
    return facts


def _operation(base: dict, row: Enrolment) -> list[Operation]:
    if row.operator is None:
        return []
    who, selection, contract, on = row.operator
    return [Operation(**base, organisation=who, selection=selection, contract=contract, contract_on=on, valid_from=on)]


def _premises(base: dict, row: Enrolment) -> list[Premises]:
    if row.premises is None:
        return []
    sourcing, owner, leased, on = row.premises
    return [Premises(**base, sourcing=sourcing, owner=owner, leased=leased, valid_from=on)]


def _schedule(base: dict, row: Enrolment) -> list[Schedule]:
    if row.hours is None:
        return []
    weekdays, opens, closes, on = row.hours
    return [Schedule(**base, weekdays=weekdays, opens=opens, closes=closes, valid_from=on)]


def _all(model: type[models.Model], rows: list) -> None:
    """Check each row's own fields, then write them together; what the database refuses becomes its sentence."""
    for row in rows:
        empty = {f.name for f in row._meta.fields if f.is_relation or getattr(row, f.attname) is None}
        try:
            row.clean_fields(exclude=empty)
        except ValidationError as wrong:
            site = getattr(row, "facility", row)
            refusal = in_words(wrong)
            raise Refusal(
                refusal.code, zh=f"{site}：{refusal.zh}", en=f"{site}: {refusal.en}", field=refusal.field
            ) from None
    try:
        model._default_manager.bulk_create(rows, batch_size=1000)
    except IntegrityError as error:
        raise by_name(model, error) from None

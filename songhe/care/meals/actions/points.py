"""What stands around a meal point: its diners, the villages it serves, its vehicles and its monthly books."""

from datetime import date, timedelta

from django.db import transaction

from songhe.care.meals.models import Book, Diner, Service, Vehicle
from songhe.care.meals.standing import EDIT, allow, found_in, kept, not_ahead, point
from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post, User
from songhe.registry.facilities.models import Facility
from songhe.registry.people.models import Person
from songhe.registry.people.standing import areas_of, inside, locked, outside_area
from songhe.registry.places.models import Place


@transaction.atomic
def enrol_diner(
    *, by: User | None, post: Post | None, person: Person, facility: Facility, on: date, way: str = "dine_in", card: str = "",
    origin: str = "entered",
) -> Diner:  # fmt: skip
    """Somebody eats at this point as a rule from a day on. One point at a time; a card belongs to one person."""
    user = allow(by, post, EDIT)
    row, file = point(post, facility), locked(post, person)
    made = kept(
        Diner(
            person=file, facility=row, way=way, tag=card.strip(), valid_from=on, by=user, origin=origin, **areas_of(file)
        )
    )  # fmt: skip
    audit.note("meals.enrol", "person", file.pk, area_id=file.village_id, facility=row.pk, on=on.isoformat())
    return made


@transaction.atomic
def end_diner(*, by: User | None, post: Post | None, diner: Diner, on: date) -> Diner:
    """They no longer eat here from a day on; the card is free for somebody else."""
    allow(by, post, EDIT)
    row = found_in(
        Diner, post, diner.pk, "没有这条就餐登记，或不在您的辖区内。", "There is no such diner in your area."
    )
    row.valid_to = max(on, row.valid_from + timedelta(days=1))
    kept(row)
    audit.note("meals.end_diner", "person", row.person_id, area_id=row.village_id, on=on.isoformat())
    return row


@transaction.atomic
def serve_village(*, by: User | None, post: Post | None, facility: Facility, village: Place, on: date) -> Service:
    """A village or community is served by this point from a day on."""
    user = allow(by, post, EDIT)
    row = point(post, facility)
    if not inside(post, village):
        raise outside_area(village)
    made = kept(Service(facility=row, valid_from=on, by=user, **village.areas()))
    audit.note("meals.serve", "facility", row.pk, area_id=village.pk, village=village.code, on=on.isoformat())
    return made


@transaction.atomic
def end_service(*, by: User | None, post: Post | None, service: Service, on: date) -> Service:
    """The point no longer serves a village from a day on."""
    allow(by, post, EDIT)
    row = found_in(
        Service, post, service.pk, "没有这条供餐范围，或不在您的辖区内。", "There is no such row in your area."
    )
    row.valid_to = max(on, row.valid_from)
    kept(row)
    audit.note("meals.end_service", "facility", row.facility_id, area_id=row.village_id, on=on.isoformat())
    return row


@transaction.atomic
def add_vehicle(
    *, by: User | None, post: Post | None, facility: Facility, plate: str, kind: str, on: date, inspected_to: date | None = None
) -> Vehicle:  # fmt: skip
    """A firm delivers with this vehicle from a day on; a plate stands with one firm."""
    user = allow(by, post, EDIT)
    row = point(post, facility)
    if row.kind != "meal_delivery":
        raise Refusal(
            "not_a_firm", zh="送餐车登记在送餐企业名下。", en="Vehicles are entered for delivery firms.", field="plate"
        )
    made = kept(
        Vehicle(facility=row, plate=plate.strip().upper(), kind=kind, valid_from=on, inspected_to=inspected_to, by=user)
    )
    audit.note("meals.vehicle", "facility", row.pk, area_id=row.place_id, vehicle=made.pk, on=on.isoformat())
    return made


@transaction.atomic
def end_vehicle(*, by: User | None, post: Post | None, vehicle: Vehicle, on: date) -> Vehicle:
    """The vehicle is out of service from a day on."""
    allow(by, post, EDIT)
    row = point(post, vehicle.facility)
    vehicle.valid_to = max(on, vehicle.valid_from)
    kept(vehicle)
    audit.note("meals.end_vehicle", "facility", row.pk, area_id=row.place_id, vehicle=vehicle.pk, on=on.isoformat())
    return vehicle


@transaction.atomic
def keep_book(
    *, by: User | None, post: Post | None, facility: Facility, month: date, costs: int, evidence: str, other: int = 0
) -> Book:  # fmt: skip
    """What a month cost and brought in beside the meals, in fen. Entered again, the latest holds. Refused before it is over."""
    user = allow(by, post, EDIT)
    row = point(post, facility)
    first = month.replace(day=1)
    not_ahead((first + timedelta(days=31)).replace(day=1), "month")
    if not evidence.strip():
        raise Refusal(
            "no_evidence", zh="请填写账目依据（凭证号、报表）。", en="Name the voucher or report.", field="evidence"
        )
    made = kept(Book(facility=row, month=first, costs=costs, other=other, evidence=evidence.strip(), by=user))
    audit.note("meals.book", "facility", row.pk, area_id=row.place_id, month=first.isoformat())
    return made

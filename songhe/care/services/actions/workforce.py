"""Providers and care workers: on file, certified, on shift, away, trained, gone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal

from django.db import transaction

from songhe.care.services import terms
from songhe.care.services.models import (
    Absence,
    Certificate,
    Crew,
    Provider,
    Seat,
    Shift,
    Training,
    Worker,
    own,
)
from songhe.care.services.standing import allow, in_words
from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post, User
from songhe.registry.facilities.models import Organisation
from songhe.registry.people import sealing
from songhe.registry.people.standing import inside, scope_of
from songhe.registry.places.models import Place

MANAGE = "services.workers"


@dataclass(frozen=True)
class Paper:
    """A certificate as it is shown when somebody comes on file; `valid_to` is its last day, None for good."""

    kind: str
    valid_from: date
    valid_to: date | None = None
    number: str = ""
    issuer: str = ""


@transaction.atomic
def enrol_provider(
    *, by: User | None, post: Post | None, organisation: Organisation, kinds: Sequence[str], areas: Sequence[Place],
    daily_capacity: int, valid_from: date, phone: str = "", longitude: float | None = None,
    latitude: float | None = None, origin: str = "entered",
) -> Provider:  # fmt: skip
    """A registered organisation gives services of these kinds in these areas from a day on."""
    user = allow(by, post, MANAGE)
    unknown = [kind for kind in kinds if kind not in dict(terms.KINDS)]
    if unknown or not kinds:
        raise Refusal("kinds", zh="请选择服务类别。", en="Choose kinds of service that exist.", field="kinds")
    _refuse_outside(post, areas)
    made = Provider(
        organisation=organisation, kinds=list(kinds), daily_capacity=daily_capacity, valid_from=valid_from, phone=phone,
        longitude=longitude, latitude=latitude, origin=origin, by=user,
    )  # fmt: skip
    with in_words():
        made.save()
    made.areas.set(areas)
    audit.note("services.enrol_provider", "provider", made.pk, organisation=organisation.pk, kinds=list(kinds))
    return made


@transaction.atomic
def seat(*, by: User | None, post: Post | None, provider: Provider, user: User, valid_from: date) -> Seat:
    """An account speaks for a provider from a day on."""
    allow(by, post, MANAGE)
    _own(post, provider)
    made = Seat(provider=provider, user=user, valid_from=valid_from)
    with in_words():
        made.save()
    audit.note("services.seat", "provider", provider.pk, user=user.pk)
    return made


@transaction.atomic
def enrol_worker(
    *, by: User | None, post: Post | None, provider: Provider, name: str, sex: str, place: Place, daily_minutes: int,
    valid_from: date, areas: Sequence[Place] = (), phone: str = "", user: User | None = None,
    longitude: float | None = None, latitude: float | None = None, origin: str = "entered", papers: Sequence[Paper] = (),
    week: Mapping[int, tuple[time, time]] | None = None,
) -> Worker:  # fmt: skip
    """A care worker of a provider, stationed at a place inside the area, with papers and week if they are at hand.

    Without `areas` they serve where the provider does.
    """
    actor = allow(by, post, MANAGE)
    _own(post, provider)
    _refuse_outside(post, [place, *areas])
    made = Worker(
        provider=provider, name=name.strip(), sex=sex, place=place, daily_minutes=daily_minutes, valid_from=valid_from,
        user=user, phone_sealed=sealing.seal("phone", phone), longitude=longitude or place.longitude,
        latitude=latitude or place.latitude, origin=origin, by=actor, **scope_of(place),
    )  # fmt: skip
    if not made.name or not 0 < daily_minutes <= 24 * 60:
        raise Refusal(
            "worker_fields",
            zh="请填姓名和每日最多服务分钟（1 至 1440）。",
            en="Give a name and the minutes a day (1 to 1440).",
            field="name",
        )
    unknown = [paper.kind for paper in papers if paper.kind not in dict(terms.QUALIFICATIONS)]
    if unknown:
        raise Refusal("kind", zh="请选择证书种类。", en="Choose a kind of certificate.", field="kind")
    with in_words():
        made.save()
    if areas:
        made.areas.set(areas)
    with in_words():
        Certificate.objects.bulk_create(Certificate(worker=made, by=actor, **vars(paper)) for paper in papers)
        Shift.objects.bulk_create(
            Shift(worker=made, weekday=day, starts=a, ends=b, valid_from=valid_from)
            for day, (a, b) in (week or {}).items()
        )
    audit.note("services.enrol_worker", "worker", made.pk, area_id=place.pk, provider=provider.pk)
    return made


@transaction.atomic
def certify(
    *, by: User | None, post: Post | None, worker: Worker, kind: str, valid_from: date, valid_to: date | None = None,
    number: str = "", issuer: str = "",
) -> Certificate:  # fmt: skip
    """A certificate with its last day; a renewed one is a new row."""
    user = allow(by, post, MANAGE)
    row = _worker(post, worker)
    if kind not in dict(terms.QUALIFICATIONS):
        raise Refusal("kind", zh="请选择证书种类。", en="Choose a kind of certificate.", field="kind")
    made = Certificate(
        worker=row, kind=kind, number=number.strip(), issuer=issuer, valid_from=valid_from, valid_to=valid_to, by=user
    )
    with in_words():
        made.save()
    audit.note("services.certify", "worker", row.pk, area_id=row.place_id, kind=kind, valid_to=str(valid_to or ""))
    return made


@transaction.atomic
def set_shifts(
    *, by: User | None, post: Post | None, worker: Worker, week: Mapping[int, tuple[time, time]], valid_from: date
) -> list[Shift]:
    """The week a worker is on duty from a day on: {weekday (Monday 0): (from, to)}; what held before ends that day."""
    allow(by, post, MANAGE)
    row = _worker(post, worker)
    Shift.objects.filter(worker=row, valid_to=None, valid_from__gte=valid_from).delete()
    Shift.objects.filter(worker=row, valid_to=None).update(valid_to=valid_from)
    made = [Shift(worker=row, weekday=day, starts=a, ends=b, valid_from=valid_from) for day, (a, b) in week.items()]
    with in_words():
        Shift.objects.bulk_create(made)
    audit.note("services.set_shifts", "worker", row.pk, area_id=row.place_id, days=sorted(week))
    return made


@transaction.atomic
def absent(
    *, by: User | None, post: Post | None, worker: Worker, starts_on: date, ends_on: date, reason: str = ""
) -> Absence:
    """A worker is away (both days included). Orders already planned for those days are refused: give them to others first."""
    user = allow(by, post, MANAGE)
    row = _worker(post, worker)
    planned = Crew.objects.filter(
        worker=row, live=True, dispatch__order__state__in=("dispatched", "accepted"),
        dispatch__order__service_on__range=(starts_on, ends_on),
    ).count()  # fmt: skip
    if planned:
        raise Refusal(
            "orders_planned",
            zh=f"{row} 这几天还有 {planned} 张已派的单。请先改派，再登记请假。",
            en=f"{row} still has {planned} orders on those days. Give them to others first.",
            field="starts_on",
        )
    made = Absence(worker=row, starts_on=starts_on, ends_on=ends_on, reason=reason[:60], by=user)
    with in_words():
        made.save()
    audit.note("services.absent", "worker", row.pk, area_id=row.place_id, days=f"{starts_on}/{ends_on}")
    return made


@transaction.atomic
def train(
    *, by: User | None, post: Post | None, worker: Worker, on: date, title: str, hours: Decimal, passed: str = "passed"
) -> Training:
    """A training somebody took part in."""
    user = allow(by, post, MANAGE)
    row = _worker(post, worker)
    made = Training.objects.create(worker=row, on=on, title=title.strip()[:80], hours=hours, passed=passed, by=user)
    audit.note("services.train", "worker", row.pk, area_id=row.place_id, on=str(on))
    return made


@transaction.atomic
def leave(*, by: User | None, post: Post | None, worker: Worker, on: date) -> Worker:
    """A worker leaves; `on` is the first day without them. Orders that still name them are refused."""
    allow(by, post, MANAGE)
    row = _worker(post, worker)
    planned = Crew.objects.filter(
        worker=row, live=True, dispatch__order__state__in=terms.HELD, dispatch__order__service_on__gte=on
    ).count()
    if planned:
        raise Refusal(
            "orders_planned",
            zh=f"{row} 还有 {planned} 张未完成的单。请先改派，再登记离职。",
            en=f"{row} still has {planned} open orders. Give them to others first.",
            field="on",
        )
    row.valid_to = on
    with in_words():
        row.save(update_fields=["valid_to"])
    audit.note("services.leave", "worker", row.pk, area_id=row.place_id, on=str(on))
    return row


def _own(post: Post | None, provider: Provider) -> None:
    """A provider's manager manages their own provider; others one that serves somewhere in their area."""
    if post is None:
        return
    if post.role == "operator":
        mine = own(Provider.objects.filter(pk=provider.pk), post, "pk").exists()
    else:
        mine = any(inside(post, place) or covers(place, post.place) for place in provider.areas.all())
    if not mine:
        raise Refusal(
            "provider_outside",
            zh=f"“{provider}”不由您管理。请联系县级民政部门。",
            en=f"“{provider}” is not yours to manage. Ask the county office.",
            field="provider",
        )


def covers(above: Place, below: Place) -> bool:
    """Whether a place is another or stands above it."""
    return above.pk in {below.pk, below.town_id, below.county_id, below.city_id, below.province_id}


def _refuse_outside(post: Post | None, places: Sequence[Place]) -> None:
    for place in places:
        if not inside(post, place):
            raise Refusal(
                "outside_area",
                zh=f"“{place}”不在您的辖区内。请选辖区内的地点。",
                en=f"“{place}” is outside your area. Choose a place inside it.",
                field="place",
            )


def _worker(post: Post | None, worker: Worker) -> Worker:
    seen = Worker.objects.visible_to(post) if post else Worker.objects.all()
    row = seen.filter(pk=worker.pk).first()
    if row is None:
        raise Refusal(
            "no_such_worker",
            zh="没有这名护理员，或不由您管理。请回到名单重新查找。",
            en="There is no such worker, or they are not yours to manage. Look them up again.",
        )
    return row

"""Who can come: crews of qualified workers with room, the nearest and best known first."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from songhe.care.services import definitions, rules, terms
from songhe.care.services.models import Absence, Certificate, Crew, Dispatch, Order, Provider, Shift, Worker
from songhe.registry.people.queries import files_of

_SHOWN = (
    "name", "longitude", "latitude", "daily_minutes", "valid_from", "valid_to", "provider__kinds", "provider__valid_from",
    "provider__valid_to", "provider__daily_capacity", "provider__organisation__name", "place__longitude", "place__latitude",
)  # fmt: skip
Workload = Callable[[Sequence[int], date], Mapping[int, float]]


@dataclass(frozen=True)
class Choice:
    """An offer with its rows, for a screen. `way` in minutes; `known`: how many of the crew the person knows."""

    provider: Provider
    workers: list[Worker]
    starts_at: datetime
    way: int
    known: int
    refused: str = ""

    @property
    def key(self) -> str:
        """What a form sends back: provider and workers."""
        return f"{self.provider.pk}:" + ",".join(str(w.pk) for w in self.workers)


def planned_minutes(workers: Sequence[int], on: date) -> dict[int, float]:
    """Minutes of orders booked for each worker on a day."""
    live = Crew.objects.filter(worker__in=workers, live=True, dispatch__order__service_on=on)
    rows = live.values_list("worker").annotate(minutes=Sum("dispatch__order__minutes"))
    return {worker: float(minutes) for worker, minutes in rows}


def nothing_else(_workers: Sequence[int], _on: date) -> dict[int, float]:
    """Nobody has anything planned but orders: the workload used unless another is handed in."""
    return {}


def choices(
    *, post, order: Order, now: datetime | None = None, workload: Workload = nothing_else, most: int | None = None
) -> list[Choice]:
    """Crews for an order in its window, cheapest first, each further provider's best before a provider's second.

    Qualified on the day, serving the place, on shift, not away, free for the whole time and within their minutes and their
    provider's orders of the day. `workload(worker ids, day)` gives minutes planned beside the orders; a planner's may be handed in.
    """
    now = now or timezone.now()
    terms_ = definitions.terms()
    earliest = max(order.wanted_from, now)
    latest = max(order.wanted_to, order.arrive_due_at, earliest)
    on = timezone.localdate(earliest)
    workers = list(qualified(post, order, on))
    if not workers:
        return []
    refused = refused_by(order)
    hands = _hands(order, workers, on, workload)
    found = rules.offers(
        hands, carers=order.carers, minutes=order.minutes, earliest=earliest, latest=latest, spot=spot_of(order),
        prices=terms_.prices, ways=terms_.ways, gap=terms_.between_orders_minutes, refused=refused,
        most=most or terms_.offers,
    )  # fmt: skip
    by_pk = {worker.pk: worker for worker in workers}
    known = {hand.worker for hand in hands if hand.known}
    return [_choice(offer, by_pk, known, refused) for offer in found]


def _choice(offer: rules.Offer, workers: Mapping[int, Worker], known: set[int], refused: Mapping[int, str]) -> Choice:
    crew = [workers[pk] for pk in offer.workers]
    return Choice(
        crew[0].provider, crew, offer.starts_at, round(offer.way / len(crew)),
        sum(1 for pk in offer.workers if pk in known), refused.get(offer.provider, ""),
    )  # fmt: skip


def stages(post, order: Order, on: date) -> list[tuple[str, QuerySet[Worker]]]:
    """Who could come on a day, narrowed rule by rule: [(name of the rule, whoever is left after it)], the last who may come.

    Names: employed, provider (kind and area), capacity (orders a day), area (the worker's own), absence, certificate.
    """
    above = _above(order)
    serving = Provider.areas.through.objects.filter(place__in=above).values("provider")
    providers = Provider.objects.on(on).filter(kinds__contains=[order.item.kind], pk__in=serving)
    seen = Worker.objects.visible_to(post) if post else Worker.objects.all()
    employed = seen.on(on)
    near = employed.filter(provider__in=providers)
    room = near.exclude(provider__in=_full(on))
    narrowed = Worker.areas.through.objects.filter(worker=OuterRef("pk"))
    local = room.filter(~Exists(narrowed) | Exists(narrowed.filter(place__in=above)))
    there = local.exclude(pk__in=Absence.objects.filter(starts_on__lte=on, ends_on__gte=on).values("worker"))
    found = there
    for code in order.item.qualifications:
        valid = Certificate.objects.filter(Q(valid_to=None) | Q(valid_to__gte=on), kind=code, valid_from__lte=on)
        found = found.filter(pk__in=valid.values("worker"))
    return [
        ("employed", employed), ("provider", near), ("capacity", room), ("area", local), ("absence", there),
        ("certificate", found),
    ]  # fmt: skip


def _full(on: date) -> QuerySet:
    taken = Dispatch.objects.filter(ended_at=None, order__service_on=on).values("provider").annotate(rows=Count("pk"))
    return taken.filter(rows__gte=F("provider__daily_capacity")).values("provider")


def qualified(post, order: Order, on: date) -> QuerySet[Worker]:
    """Whoever may take an order on a day, whatever else they have to do."""
    return stages(post, order, on)[-1][1].select_related("provider__organisation", "place").only(*_SHOWN)


def _above(order: Order) -> list[int]:
    village = order.village
    above = (village.pk, village.town_id, village.county_id, village.city_id, village.province_id)
    return [pk for pk in above if pk is not None]


def _hands(order: Order, workers: Sequence[Worker], on: date, workload: Workload) -> list[rules.Hand]:
    numbers = [worker.pk for worker in workers]
    load = dict(workload(numbers, on))
    known = known_to(order, numbers)
    busy: dict[int, list] = {}
    booked = Crew.objects.filter(worker__in=numbers, live=True, dispatch__order__service_on=on)
    for pk, during, minutes in booked.values_list("worker_id", "during", "dispatch__order__minutes"):
        busy.setdefault(pk, []).append((during.lower, during.upper))
        load[pk] = load.get(pk, 0.0) + minutes
    duty = duty_of(numbers, on)
    return [
        rules.Hand(
            worker.pk, worker.provider_id, (worker.longitude, worker.latitude) if worker.longitude else None,
            load.get(worker.pk, 0.0), worker.daily_minutes, worker.pk in known, busy.get(worker.pk, ()),
            duty.get(worker.pk, ()),
        )
        for worker in workers
    ]  # fmt: skip


def duty_of(workers: Sequence[int], on: date) -> dict[int, list[tuple[datetime, datetime]]]:
    """{worker: [(start, end)]} of the shifts of a day."""
    zone = ZoneInfo(settings.TIME_ZONE)
    out: dict[int, list[tuple[datetime, datetime]]] = {}
    shifts = Shift.objects.on(on).filter(worker__in=workers, weekday=on.weekday())
    for worker, starts, ends in shifts.values_list("worker_id", "starts", "ends"):
        out.setdefault(worker, []).append((_at(on, starts, zone), _at(on, ends, zone)))
    return out


def _at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, zone)


def known_to(order: Order, workers: Sequence[int]) -> set[int]:
    """Who of these came to the person lately."""
    since = order.service_on - timedelta(days=definitions.terms().continuity_days)
    came = Crew.objects.filter(
        worker__in=workers, live=True, dispatch__order__person__in=files_of(order.person_id),
        dispatch__order__state__in=terms.DELIVERED, dispatch__order__service_on__gte=since,
    )  # fmt: skip
    return set(came.values_list("worker_id", flat=True))


def refused_by(order: Order) -> dict[int, str]:
    """Providers from whom this order came back, and why."""
    back = Dispatch.objects.filter(order=order).exclude(ended_at=None)
    return dict(back.order_by("ended_at").values_list("provider_id", "end_reason"))


def spot_of(order: Order) -> rules.Spot | None:
    """Where the person lives, else the middle of the village."""
    for place in (order.person, order.village):
        if place.longitude is not None and place.latitude is not None:
            return place.longitude, place.latitude
    return None

"""Reads a day: orders that wait, who may take each by the same rules as one order's offers, what stands already, the ways."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from math import ceil
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Q
from django.utils import timezone

from songhe.care.services import definitions, terms
from songhe.care.services.models import Crew, Dispatch, Order, Worker
from songhe.care.services.queries import Workload, duty_of, known_to, orders, qualified, refused_by, spot_of, stages
from songhe.core.refusal import Refusal
from songhe.insight.dispatching import saying
from songhe.insight.dispatching.model import Ask, Booked, Day, Hand, Left, Point, Stretch
from songhe.insight.rounds.definitions import week_terms
from songhe.insight.rounds.positions import drawn_points, way_for
from songhe.insight.rounds.queries import workload
from songhe.registry.places.models import Place

MOST = 300  # orders planned at once; beyond it the most pressing come first and the others are said to be left


def day(*, post, place: Place, on: date, now: datetime | None = None, load: Workload | None = None) -> Day:
    """The orders of a day inside `place` that wait, and everybody who may go. Raises Refusal for a day that is over."""
    now = now or timezone.now()
    if on < timezone.localdate(now):
        raise Refusal(
            "day_over",
            zh=f"{on} 已经过去，不能再排。请选今天或以后的日子。",
            en=f"{on} is over and cannot be planned. Choose today or a later day.",
            field="on",
        )
    midnight = datetime.combine(on, time(0), ZoneInfo(settings.TIME_ZONE))
    waiting = _waiting(post, place, on)
    left = [Left(order, saying.too_many(MOST)) for order in waiting[MOST:]]
    able = {order.pk: list(qualified(post, order, on)) for order in waiting[:MOST]}
    workers = {worker.pk: worker for found in able.values() for worker in found}
    found = Day(on, midnight, [], {}, left, _room(on, workers.values()), lambda a, b: 0, ("", ""), [])
    found.hands = _hands(found, workers, now, load or workload(post))
    drawn = drawn_points([order.village for order in waiting[:MOST] if spot_of(order) is None], on)
    placed = {order.pk: spot_of(order) or drawn.get(order.village_id) for order in waiting[:MOST]}
    if used := sum(spot_of(order) is None and order.village_id in drawn for order in waiting[:MOST]):
        found.notes.append(saying.drawn(used))
    _measure(found, [*placed.values(), *_points(found.hands.values())], place)
    for order in waiting[:MOST]:
        _sort(found, post, order, able[order.pk], placed[order.pk], now)
    _notes(found)
    return found


def waiting_by_day(*, post, place: Place, first: date, last: date) -> dict[date, int]:
    """{day: orders that wait to be dispatched for it}, days without any left out."""
    found = orders(post=post, place=place).filter(state__in=terms.TO_DISPATCH, service_on__range=(first, last))
    return dict(found.order_by("service_on").values_list("service_on").annotate(n=Count("pk")))


def _waiting(post, place: Place, on: date) -> list[Order]:
    found = orders(post=post, place=place, day=on.isoformat()).filter(state__in=terms.TO_DISPATCH)
    found = found.select_related("person", "village__parent", "item").defer("person__search", "village__outline")
    return list(found.order_by("dispatch_due_at", "pk"))


def _room(on: date, workers: Iterable[Worker]) -> dict[int, int]:
    most = {worker.provider_id: worker.provider.daily_capacity for worker in workers}
    held = Dispatch.objects.filter(provider__in=most, ended_at=None, order__service_on=on)
    taken = Counter(held.values_list("provider_id", flat=True))
    return {pk: most[pk] - taken[pk] for pk in most}


def _hands(day: Day, workers: dict[int, Worker], now: datetime, load: Workload) -> dict[int, Hand]:
    duty, busy, other = duty_of(list(workers), day.on), _busy(day, workers), load(list(workers), day.on)
    soonest = _minute(day, now) + definitions.terms().plan["lead_minutes"]
    found = {}
    for pk, worker in workers.items():
        booked = tuple(busy.get(pk, ()))
        hours = sorted((_minute(day, a), _minute(day, b)) for a, b in duty.get(pk, ()))
        loaded = other.get(pk, 0.0) + sum(each.order.minutes for each in booked)
        base = _base(worker)
        free = [s for a, b in hours for s in _free(pk, max(a, soonest), b, base, booked)]
        found[pk] = Hand(worker, tuple(free), max(0.0, worker.daily_minutes - loaded), loaded, booked)
    return found


def _minute(day: Day, at: datetime) -> int:
    return ceil((at - day.midnight).total_seconds() / 60)


def _busy(day: Day, workers: Iterable[int]) -> dict[int, list[Booked]]:
    """What is dispatched already, also what reaches into the day from another one."""
    during = (day.midnight, day.midnight + timedelta(days=1))
    rows = Crew.objects.filter(worker__in=workers, live=True).filter(
        Q(dispatch__order__service_on=day.on) | Q(during__overlap=during)
    )
    rows = rows.select_related("dispatch__order__person", "dispatch__order__village", "dispatch__order__item")
    rows = rows.defer("dispatch__order__person__search", "dispatch__order__village__outline")
    found = defaultdict(list)
    for row in rows.order_by("during", "pk"):
        order = row.dispatch.order
        start, end = _minute(day, row.during.lower), _minute(day, row.during.upper)
        found[row.worker_id].append(Booked(order, start, end, spot_of(order)))
    return found


def _base(worker: Worker) -> Point | None:
    """Where a day begins: the worker's own point, else that of the place they are stationed in."""
    for at in (worker, worker.place):
        if at.longitude is not None and at.latitude is not None:
            return at.longitude, at.latitude
    return None


def _free(worker: int, start: int, end: int, base: Point | None, booked: Iterable[Booked]) -> list[Stretch]:
    found, at = [], base
    for each in booked:
        if each.end <= start or each.start >= end:
            continue
        if each.start > start:
            found.append(Stretch(worker, start, each.start, at, each.point))
        start, at = max(start, each.end), each.point
    if start < end:
        found.append(Stretch(worker, start, end, at, base))
    return found


def _points(hands: Iterable[Hand]) -> list[Point | None]:
    return [point for hand in hands for s in hand.stretches for point in (s.leaves, s.returns)]


def _measure(day: Day, points: Iterable[Point | None], place: Place) -> None:
    """Ways between all points, as the week's rounds measure them; from or to nowhere known: the terms' own minutes."""
    known = sorted({point for point in points if point is not None})
    index = {point: i for i, point in enumerate(known)}
    travel = way_for(place, week_terms().door)(known)
    table, unknown, door = travel.minutes, definitions.terms().between_orders_minutes, ceil(week_terms().door)

    def minutes(a: Point | None, b: Point | None) -> int:
        if a is None or b is None:
            return unknown
        return door if a == b else ceil(table[index[a], index[b]] - 1e-9)

    day.minutes, day.basis = minutes, travel.basis


def _sort(day: Day, post, order: Order, able: list[Worker], point: Point | None, now: datetime) -> None:
    """Into the plan, or aside with the rule that keeps it out."""
    if point is None:
        day.left.append(Left(order, saying.no_position()))
        return
    if len(able) < order.carers:
        day.left.append(Left(order, _who_is_missing(post, order, day.on)))
        return
    away = refused_by(order)
    fresh = [worker for worker in able if worker.provider_id not in away]
    if _crews(fresh, order.carers):
        able = fresh
    if not _crews(able, order.carers):
        day.left.append(Left(order, saying.not_together(order.carers)))
        return
    opens, wish, limit = _window(day, order, now)
    free = [w.pk for w in able if day.hands[w.pk].stretches]
    roomy = [pk for pk in free if day.hands[pk].left >= order.minutes]
    timely = [pk for pk in roomy if day.fits(pk, point, opens, limit, order.minutes)]
    for found, reason in ((free, saying.no_shift), (roomy, saying.day_full), (timely, saying.no_time)):
        if not _crews([day.hands[pk].worker for pk in found], order.carers):
            day.left.append(Left(order, reason(len(able), order.carers)))
            return
    known = frozenset(known_to(order, timely))
    day.asks.append(Ask(order, point, opens, wish, limit, frozenset(timely), known))


def _window(day: Day, order: Order, now: datetime) -> tuple[int, int, int]:
    opens = max(_minute(day, order.wanted_from), _minute(day, now) if day.on == timezone.localdate(now) else 0)
    wish = max(opens, _minute(day, order.wanted_to))
    return opens, wish, wish + definitions.terms().plan["late_minutes"]


def _crews(workers: Iterable[Worker], size: int) -> list[int]:
    """Providers with enough of these workers for a crew."""
    count = Counter(worker.provider_id for worker in workers)
    return sorted(pk for pk, n in count.items() if n >= size)


def _who_is_missing(post, order: Order, on: date):
    """The first rule after which too few are left."""
    for name, found in stages(post, order, on):
        if found.count() < order.carers:
            return saying.missing(name, order)
    return saying.missing("certificate", order)


def _notes(day: Day) -> None:
    nowhere = sum(_base(hand.worker) is None for hand in day.hands.values())
    unknown = definitions.terms().between_orders_minutes
    day.notes.append(saying.SHIFTS)
    if nowhere:
        day.notes.append(saying.no_base(nowhere, unknown))

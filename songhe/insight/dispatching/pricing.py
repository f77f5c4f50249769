"""What a day costs in minutes of way and lateness, as planned and as it would be with each order given to its first offer."""

from collections import defaultdict
from collections.abc import Mapping

from songhe.care.services import definitions, rules
from songhe.insight.dispatching.model import Ask, Day, Price, Stretch, Visit


def price_of(day: Day, rounds: Mapping[int, list[Visit]], *, left: int) -> Price:
    """Ways to the visits and onward, less what the worker would drive anyway; lateness counted once an order."""
    travel, late = 0, {}
    for visits in rounds.values():
        by_stretch = defaultdict(list)
        for v in visits:
            by_stretch[day.stretch_of(v.worker, v.start)].append(v)
            late[v.ask.pk] = v.late
        for s, held in by_stretch.items():
            travel += sum(v.way for v in held)
            if s is not None:
                travel += day.minutes(held[-1].ask.point, s.returns) - _anyway(day, s)
    return Price(travel, sum(late.values()), left, len(late))


def _anyway(day: Day, s: Stretch) -> int:
    return 0 if s.leaves == s.returns else day.minutes(s.leaves, s.returns)


def one_by_one(day: Day, asks: list[Ask], *, already: int) -> Price:
    """The price of taking the list from the top, each order to its first offer, as the page of one order proposes it.

    Times are then those at which the worker can be there, counted with the same ways.
    """
    terms = definitions.terms()
    busy: dict[int, list] = {pk: [(day.at(b.start), day.at(b.end)) for b in h.booked] for pk, h in day.hands.items()}
    load = {pk: hand.load for pk, hand in day.hands.items()}
    room, given = dict(day.room), []
    for ask in asks:
        hands = [
            _as_offered(day, pk, ask, busy[pk], load[pk])
            for pk in sorted(ask.allowed)
            if room[day.hands[pk].worker.provider_id] > 0
        ]
        offers = rules.offers(
            hands, carers=ask.order.carers, minutes=ask.order.minutes, earliest=day.at(ask.opens), latest=day.at(ask.wish),
            spot=ask.point, prices=terms.prices, ways=terms.ways, gap=terms.between_orders_minutes, most=1,
        )  # fmt: skip
        for offer in offers:
            start = round((offer.starts_at - day.midnight).total_seconds() / 60)
            given.append((start, ask, offer.workers))
            room[offer.provider] -= 1
            for worker in offer.workers:
                busy[worker].append((offer.starts_at, day.at(start + ask.order.minutes)))
                load[worker] += ask.order.minutes
    return price_of(day, _laid(day, given), left=already + len(asks) - len(given))


def _as_offered(day: Day, pk: int, ask: Ask, busy: list, load: float) -> rules.Hand:
    hand = day.hands[pk]
    duty = _joined(hand)
    return rules.Hand(
        pk, hand.worker.provider_id, hand.stretches[0].leaves, load, hand.worker.daily_minutes, pk in ask.known,
        tuple(busy), tuple((day.at(a), day.at(b)) for a, b in duty),
    )  # fmt: skip


def _joined(hand) -> list[tuple[int, int]]:
    """The stretches with what stands between them: the hours on duty that are left."""
    spans = sorted([(s.start, s.end) for s in hand.stretches] + [(b.start, b.end) for b in hand.booked])
    found: list[tuple[int, int]] = []
    for a, b in spans:
        if found and a <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], b))
        else:
            found.append((a, b))
    return found


def _laid(day: Day, given: list[tuple[int, Ask, tuple[int, ...]]]) -> dict[int, list[Visit]]:
    """Orders given one by one as they would go: nobody is at two places at once, a crew begins when its last is there."""
    rounds: dict[int, list[Visit]] = defaultdict(list)
    stretch = {}
    for start, ask, crew in sorted(given, key=lambda g: (g[0], g[1].pk)):
        begins, ways = start, {}
        for worker in crew:
            s = day.stretch_of(worker, start)
            before = rounds[worker][-1] if rounds[worker] and stretch.get(worker) == s else None
            at, free = (before.ask.point, before.end) if before else (s.leaves, s.start) if s else (None, start)
            ways[worker] = day.minutes(at, ask.point)
            stretch[worker] = s
            begins = max(begins, free + ways[worker])
        for worker in crew:
            rounds[worker].append(Visit(ask, worker, begins, ways[worker]))
    return rounds

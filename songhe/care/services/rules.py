"""Arithmetic of services: who is entitled, who pays what, which crew comes first. Plain data; no framework, no clock."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import combinations
from math import cos, hypot, radians
from typing import Protocol

CENT = Decimal("0.01")


class Owed(Protocol):
    """What of an entitlement the rule below looks at."""

    any_of: int
    all_of: int
    ability_levels: Sequence[int]
    age_from: int
    items: Sequence[str]


def fits(rule: Owed, *, item: str, tags: int, level: int | None, age: int) -> bool:
    """Whether an entitlement covers a service for somebody; nobody assessed fits a rule that asks for a level."""
    return (
        item in rule.items
        and (not rule.any_of or bool(tags & rule.any_of))
        and tags & rule.all_of == rule.all_of
        and (not rule.ability_levels or level in rule.ability_levels)
        and age >= rule.age_from
    )


def shares(price: Decimal, quantity: int, government_share: int) -> tuple[Decimal, Decimal]:
    """(government, person) of a price, to the cent; the two always add up to the whole.

    >>> shares(Decimal("40.00"), 2, 80)
    (Decimal('64.00'), Decimal('16.00'))
    """
    whole = price * quantity
    government = (whole * government_share / 100).quantize(CENT, ROUND_HALF_UP)
    return government, whole - government


# who comes -------------------------------------------------------------------------------------------------------------

Spot = tuple[float, float]  # longitude, latitude


def way_minutes(a: Spot | None, b: Spot | None, *, detour: float, km_an_hour: float, unknown: float) -> float:
    """Minutes from one place to another along a straight line made longer; `unknown` where a position is missing."""
    if a is None or b is None:
        return unknown
    km = hypot((a[0] - b[0]) * 111.32 * cos(radians((a[1] + b[1]) / 2)), (a[1] - b[1]) * 110.57)
    return km * detour / km_an_hour * 60


@dataclass(frozen=True)
class Hand:
    """A worker who could come: from where, minutes planned that day of those they may work, whether the person knows them.

    `busy`: [(start, end)] of what is planned; `duty`: [(start, end)] of the shifts of that day.
    """

    worker: int
    provider: int
    spot: Spot | None
    planned: float
    daily: float
    known: bool
    busy: Sequence[tuple[datetime, datetime]] = ()
    duty: Sequence[tuple[datetime, datetime]] = ()


@dataclass(frozen=True)
class Offer:
    """A crew and when it starts. `price` in minutes: way, new faces, full days; `reasons` are what made it up."""

    provider: int
    workers: tuple[int, ...]
    starts_at: datetime
    price: float
    way: float
    reasons: Mapping[str, float] = field(default_factory=dict)


def free_start(
    hands: Iterable[Hand], *, earliest: datetime, latest: datetime, minutes: int, gap: int
) -> datetime | None:
    """The first moment in the window at which all these hands are on duty and free for `minutes`, or None.

    `latest` is the last moment to start. Looks at the beginning of the window, of each shift and after each thing planned.
    """
    hands = list(hands)
    rest = timedelta(minutes=gap)
    moments = {earliest}
    for hand in hands:
        moments |= {start for start, _end in hand.duty} | {end + rest for _start, end in hand.busy}
    length = timedelta(minutes=minutes)
    for moment in sorted(m for m in moments if earliest <= m <= latest):
        if all(_is_free(hand, moment, moment + length, rest) for hand in hands):
            return moment
    return None


def _is_free(hand: Hand, start: datetime, end: datetime, rest: timedelta) -> bool:
    on_duty = any(a <= start and end <= b for a, b in hand.duty)
    return on_duty and all(end + rest <= a or b + rest <= start for a, b in hand.busy)


def offers(
    hands: Sequence[Hand],
    *,
    carers: int,
    minutes: int,
    earliest: datetime,
    latest: datetime,
    spot: Spot | None,
    prices: Mapping[str, float],
    ways: Mapping[str, float],
    gap: int,
    refused: Iterable[int] = (),
    most: int = 5,
    way: Callable[[Spot | None, Spot | None], float] | None = None,
) -> list[Offer]:
    """Crews of one provider each, the cheapest first: the way there, faces the person does not know, days already full.

    Of the workers of a provider the twelve cheapest alone are paired: more never changed the first offer in trials of the
    shape used here, and pairs grow with the square.
    """
    measure = way or (lambda a, b: way_minutes(a, b, unknown=gap, **ways))
    away = set(refused)
    found = []
    for provider in sorted({hand.provider for hand in hands}):
        team = [(hand, measure(hand.spot, spot)) for hand in hands if hand.provider == provider]
        team = [(hand, far) for hand, far in team if hand.planned + minutes <= hand.daily]
        team.sort(key=lambda pair: (_price(*pair, prices)[0], pair[0].worker))
        for crew in combinations(team[:12], carers):
            start = free_start((h for h, _far in crew), earliest=earliest, latest=latest, minutes=minutes, gap=gap)
            if start is not None:
                found.append(_offer(provider, crew, start, prices, away))
    found.sort(key=lambda offer: (offer.price, offer.starts_at, offer.workers))
    return _spread(found, most)


def _spread(found: list[Offer], most: int) -> list[Offer]:
    """The best first; each further provider's best before a provider's second, so that a refusal has somewhere to go."""
    best: dict[int, Offer] = {}
    for offer in found:
        best.setdefault(offer.provider, offer)
    head = sorted(best.values(), key=lambda offer: offer.price)
    rest = [offer for offer in found if best[offer.provider] is not offer]
    return [*head, *rest][:most]


def _price(hand: Hand, far: float, prices: Mapping[str, float]) -> tuple[float, dict[str, float]]:
    parts = {"way": far}
    if not hand.known:
        parts["new_face"] = prices["new_face"]
    if hand.planned:
        parts["full_day"] = prices["full_day"] * hand.planned / hand.daily
    return sum(parts.values()), parts


def _offer(provider: int, crew, start: datetime, prices: Mapping[str, float], away: set[int]) -> Offer:
    reasons: dict[str, float] = {}
    for hand, far in crew:
        for name, minutes in _price(hand, far, prices)[1].items():
            reasons[name] = reasons.get(name, 0.0) + minutes
    if provider in away:
        reasons["refused_before"] = prices["refused_before"]
    return Offer(
        provider, tuple(hand.worker for hand, _far in crew), start, sum(reasons.values()), reasons["way"], reasons
    )

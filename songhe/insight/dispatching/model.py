"""What a day of dispatching is made of. Times are whole minutes after midnight of the day; ways are whole minutes."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from songhe.care.services.models import Order, Provider, Worker
from songhe.insight.planning.reasons import Reason

Point = tuple[float, float]
BASE = "base"


@dataclass(frozen=True)
class Booked:
    """An order a worker holds already: it stays where it is. `point` is None where nobody knows the place."""

    order: Order
    start: int
    end: int
    point: Point | None


@dataclass(frozen=True)
class Stretch:
    """Time a worker has between two things that stand: from where it begins and to where it leads, None if not known."""

    worker: int
    start: int
    end: int
    leaves: Point | None
    returns: Point | None


@dataclass(frozen=True)
class Hand:
    """A worker with the stretches free that day and the minutes of service left of those they may give."""

    worker: Worker
    stretches: tuple[Stretch, ...]
    left: float
    load: float
    booked: tuple[Booked, ...]


@dataclass(frozen=True)
class Ask:
    """An order that waits. It may begin from `opens`; after `wish` it is late, after `limit` nobody is sent.

    `allowed`: workers by whom the rules let it be done and who have the time when nothing else is planned.
    """

    order: Order
    point: Point
    opens: int
    wish: int
    limit: int
    allowed: frozenset[int]
    known: frozenset[int]

    @property
    def pk(self) -> int:
        return self.order.pk


@dataclass(frozen=True)
class Left:
    """An order that is not in the plan, and the rule that did it."""

    order: Order
    reason: Reason


@dataclass(frozen=True)
class Wishes:
    """What the dispatcher asks: order → worker who is to go, (order, worker) pairs not to be, orders set aside today."""

    pins: dict[int, int] = field(default_factory=dict)
    forbids: frozenset[tuple[int, int]] = frozenset()
    aside: frozenset[int] = frozenset()


@dataclass
class Day:
    """Everything a plan of the day needs. `room`: orders each provider can still take; `minutes(a, b)`: the way."""

    on: date
    midnight: datetime
    asks: list[Ask]
    hands: dict[int, Hand]
    left: list[Left]
    room: dict[int, int]
    minutes: Callable[[Point | None, Point | None], int]
    basis: tuple[str, str]
    notes: list[tuple[str, str]]

    def at(self, minute: int) -> datetime:
        return self.midnight + timedelta(minutes=minute)

    def provider(self, worker: int) -> Provider:
        return self.hands[worker].worker.provider

    def stretch_of(self, worker: int, start: int) -> Stretch | None:
        """The stretch of a worker in which a moment lies, if one does."""
        return next((s for s in self.hands[worker].stretches if s.start <= start < s.end), None)

    def fits(self, worker: int, point: Point, opens: int, limit: int, length: int) -> bool:
        """Whether a worker could do it in some stretch with nothing else planned, ways there and onward counted."""
        for s in self.hands[worker].stretches:
            start = max(opens, s.start + self.minutes(s.leaves, point))
            if start <= limit and start + length + self.minutes(point, s.returns) <= s.end:
                return True
        return False


@dataclass(frozen=True)
class Visit:
    """One worker at one order. `way`: minutes of travel to it; `late`: minutes after the window."""

    ask: Ask
    worker: int
    start: int
    way: int

    @property
    def end(self) -> int:
        return self.start + self.ask.order.minutes

    @property
    def late(self) -> int:
        return max(0, self.start - self.ask.wish)


@dataclass(frozen=True)
class Price:
    """`travel`: minutes of way beyond what the workers drive anyway; `late`: minutes after the windows; `left`: orders undone."""

    travel: int
    late: int
    left: int
    done: int

    def less(self, other: "Price") -> "Price":
        return Price(self.travel - other.travel, self.late - other.late, self.left - other.left, self.done - other.done)


@dataclass
class Found:
    """The plan of a day: visits by worker in order, what is left, its price and that of assigning one by one."""

    rounds: dict[int, list[Visit]]
    left: list[Left]
    price: Price
    naive: Price

    def crews(self) -> dict[int, list[Visit]]:
        """{order: its visits}"""
        found = defaultdict(list)
        for visits in self.rounds.values():
            for visit in visits:
                found[visit.ask.pk].append(visit)
        return dict(found)

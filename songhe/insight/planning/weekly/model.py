"""A week of standing duties: who calls and visits whom, on which day and in which order. Plain data in, plan out.

Days are 0 (Monday) to 6. Minutes are working minutes. Places are (lon, lat) or km, as `planning.travel` takes them.

Example::

    people = [Person("p1", 116.01, 30.2, own="h1")]
    helpers = [Helper("h1", 116.0, 30.2, minutes=(120,) * 5 + (0, 0))]
    duties = [Duty("p1", calls=2, visits=1)]
"""

from dataclasses import dataclass, field

from songhe.insight.planning.reasons import Reason

DAYS = 7
CALL, VISIT = "call", "visit"
EFFORT = 8_000  # annealing steps for each visit owed
EFFORT_AGAIN = 2_500  # and when only a part of a told plan changes


@dataclass(frozen=True)
class Person:
    """``own``: the helper this person is paired with; ``refuses``: helpers this person does not want; ``area``: township."""

    id: str
    x: float
    y: float
    own: str | None = None
    area: str = ""
    refuses: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Helper:
    """``minutes[day]``: working minutes for duties on each day (0: day off); ``cap``: most minutes a week."""

    id: str
    x: float
    y: float
    minutes: tuple[int, ...] = (240, 240, 240, 240, 240, 0, 0)
    area: str = ""
    cap: int | None = None


@dataclass(frozen=True)
class Duty:
    """What is owed to a person this week. ``tier`` 1 is served first. ``excused`` names why nothing is owed (in hospital,
    away). ``rested``: days since the last visit before this week's Monday, so that visits are spaced over the weeks."""

    person: str
    calls: int = 2
    visits: int = 1
    tier: int = 3
    excused: str = ""
    rested: int | None = None


@dataclass(frozen=True)
class Pin:
    """A planner's wish that binds: this person's visits by this helper, on this day, or both."""

    person: str
    helper: str | None = None
    day: int | None = None


@dataclass(frozen=True)
class Forbid:
    """This helper is not to visit or call this person."""

    person: str
    helper: str


@dataclass(frozen=True)
class Urgent:
    """A need found during the week: one more visit, on this day, before all others."""

    person: str
    day: int
    why: str = ""


@dataclass(frozen=True)
class Rules:
    """Prices in minutes of travel, and lengths. Every one can be set by the county; none is a rule of law."""

    visit_minutes: int = 30
    call_minutes: int = 8
    leave_own: float = 60.0  # price of a visit by somebody other than the own helper
    balance: float = 0.0015  # price of unequal work: this times the square of each helper's minutes
    keep: float = 40.0  # price of changing helper or day of something already told to people (re-planning)
    early: float = 0.6  # price a day for tier 1 to wait (tier 2: half of it, tier 3: none)
    rest: float = 6.0  # price for each day by which two visits of the same person come closer than `apart`
    apart: int = 4  # days wished between visits of one person across weeks
    undone: float = 600.0  # price of a tier-3 visit not planned; twice for tier 2, four times for tier 1


@dataclass(frozen=True)
class Item:
    """One contact of the plan. ``order`` within helper and day; ``start`` minutes after the helper sets out (calls first)."""

    person: str
    helper: str
    day: int
    kind: str
    order: int
    start: float
    travel: float = 0.0
    why: str = ""


@dataclass
class WeekPlan:
    """Contacts, what was left undone and why, and the figures by which two plans are compared."""

    items: list[Item]
    undone: list[Reason]
    excused: list[Reason]
    travel: float
    work: dict[str, float]
    basis: tuple[str, str] = ("", "")
    price: float = 0.0
    bound_note: str = ""
    notes: list[str] = field(default_factory=list)

    @property
    def spread(self) -> float:
        """Standard deviation of the helpers' minutes of work, travel included."""
        values = list(self.work.values())
        if not values:
            return 0.0
        mean = sum(values) / len(values)
        return (sum((v - mean) ** 2 for v in values) / len(values)) ** 0.5

    def route(self, helper: str, day: int) -> list[Item]:
        """One helper's sheet for a day, calls first, then visits in order."""
        return sorted((i for i in self.items if i.helper == helper and i.day == day), key=lambda i: i.order)

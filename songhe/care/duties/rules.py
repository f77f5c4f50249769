"""Arithmetic of duties: which tier, how often, excused or not, late or not. Plain data in, no clock, no framework.

The database says the same in `sql/0001_duties.sql` for many rows at once; the tests hold the two together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Tier:
    """Whoever has one of `any_of` (0: anybody) and all of `all_of` and at least the age. Bits of circumstances."""

    name: str
    any_of: int
    all_of: int
    age_from: int
    calls: int
    visits: int

    def fits(self, tags: int, age: int) -> bool:
        return (
            (not self.any_of or bool(tags & self.any_of)) and tags & self.all_of == self.all_of and age >= self.age_from
        )


@dataclass(frozen=True)
class Span:
    """An excuse: from–to, both included; an open end is None. `event` is the life event it follows from, if any."""

    reason: str
    first: date
    last: date | None
    event: int | None = None


@dataclass(frozen=True)
class Event:
    """A life event of one person, undone ones left out."""

    id: int
    kind: str
    on: date


def tier_of(tiers: Sequence[Tier], tags: int, age: int) -> Tier | None:
    """The first tier that fits; None: the rule's ordinary frequency."""
    return next((tier for tier in tiers if tier.fits(tags, age)), None)


def shadowed(tiers: Sequence[Tier]) -> list[tuple[int, int]]:
    """Pairs (later, earlier) where the later tier can never apply, because whoever fits it fits the earlier one."""
    return [
        (later, earlier)
        for later in range(len(tiers))
        for earlier in range(later)
        if _covers(tiers[earlier], tiers[later])
    ][:20]


def _covers(wide: Tier, narrow: Tier) -> bool:
    some = not wide.any_of or bool(wide.any_of & narrow.all_of) or (
        bool(narrow.any_of) and narrow.any_of & wide.any_of == narrow.any_of
    )  # fmt: skip
    return some and wide.all_of & narrow.all_of == wide.all_of and wide.age_from <= narrow.age_from


def frequency(calls: int, visits: int, emergencies: Iterable[tuple[int, int]] = ()) -> tuple[int, int]:
    """Calls and visits owed: the base, or the highest of the emergencies that are on; never less than the base."""
    raised = [(calls, visits), *emergencies]
    return max(c for c, _ in raised), max(v for _, v in raised)


def days_covered(first: date, last: date, spans: Iterable[Span]) -> int:
    """How many days of first..last lie in at least one span."""
    covered: set[date] = set()
    for span in spans:
        day, end = max(first, span.first), min(last, span.last or last)
        while day <= end:
            covered.add(day)
            day += DAY
    return len(covered)


def excused(first: date, last: date, spans: Sequence[Span], least: int) -> str:
    """The reason that suspends the duty of first..last, or "": excuses must cover at least `least` days.

    With several excuses, that of the most days is named (then the earlier one). `first` is the day of joining for
    somebody who came on file during the period.
    """
    inside = [span for span in spans if days_covered(first, last, [span])]
    if not inside or days_covered(first, last, inside) < least:
        return ""
    return max(inside, key=lambda span: (days_covered(first, last, [span]), -span.first.toordinal())).reason


def is_kept(done: tuple[int, int], owed: tuple[int, int]) -> bool:
    """Enough calls and enough visits."""
    return done[0] >= owed[0] and done[1] >= owed[1]


def is_late(recorded_on: date, period_end: date, late_after_days: int) -> bool:
    """A record that came after its own period counts for that period and is marked."""
    return recorded_on > period_end + timedelta(days=late_after_days)


def may_join(today: date, period_end: date, least: int) -> bool:
    """Somebody who comes on file joins the running period when at least `least` days of it are left, today included."""
    return (period_end - today).days + 1 >= least


_STAYS = {"institution": ("institution_in", "institution_out"), "hospital": ("hospital_in", "hospital_out")}
EXCUSING = ("death", "move_out", "move_in", *(kind for pair in _STAYS.values() for kind in pair))


def spans_of(events: Sequence[Event]) -> list[Span]:
    """The excuses that follow from a person's life events.

    Death: for good. Moving out: until a later moving in. Hospital and institution: from the day of going in to the day
    before coming out; a stay that ends the day it began excuses nothing, a second going in while inside changes nothing.
    """
    ordered = sorted(events, key=lambda event: (event.on, event.id))
    spans = []
    for reason, (enters, leaves) in _STAYS.items():
        spans += _stays(ordered, reason, enters, leaves)
    spans += _stays(ordered, "moved_out", "move_out", "move_in")
    deaths = [event for event in ordered if event.kind == "death"]
    spans += [Span("deceased", deaths[0].on, None, deaths[0].id)] if deaths else []
    return sorted(spans, key=lambda span: (span.first, span.event or 0))


def _stays(ordered: Sequence[Event], reason: str, enters: str, leaves: str) -> list[Span]:
    spans, since = [], None
    for event in ordered:
        if event.kind == enters and since is None:
            since = event
        elif event.kind == leaves and since is not None:
            if event.on > since.on:
                spans.append(Span(reason, since.on, event.on - DAY, since.id))
            since = None
    if since is not None:
        spans.append(Span(reason, since.on, None, since.id))
    return spans

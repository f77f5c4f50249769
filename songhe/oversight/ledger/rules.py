"""The state of an item, from dates and counts alone. Nobody types it.

    state(Facts(starts_on=…, due_on=…), on=date(2023, 10, 20), due_within_days=15, quiet_days=30)
    -> State("at_risk", "due_soon")

Order: withdrawn, closed (late when the closing was asked for after the deadline), awaiting sign-off, late, at risk, open.
"""

from dataclasses import dataclass
from datetime import date, timedelta

STATES = ("open", "at_risk", "late", "awaiting", "closed", "closed_late", "withdrawn")
OPEN_STATES = ("open", "at_risk", "late", "awaiting")
CLOSED_STATES = ("closed", "closed_late")
LIGHTS = {"open": "green", "at_risk": "yellow", "late": "red", "awaiting": "yellow", "closed": "green",
          "closed_late": "yellow", "withdrawn": "none"}  # fmt: skip


@dataclass(frozen=True)
class Facts:
    """What is known of an item on a day. `asked_on`: the close-out that waits or was signed; `problem_due`: the earliest
    deadline of an unsettled problem; `progress_on`: the newest entry; `late_below`: sub-items that are late."""

    starts_on: date
    due_on: date
    asked_on: date | None = None
    closed_on: date | None = None
    withdrawn_on: date | None = None
    problem_due: date | None = None
    progress_on: date | None = None
    late_below: int = 0


@dataclass(frozen=True)
class State:
    """`name` of STATES; `reason`: withdrawn, in_time, after_due, asked, asked_late, overdue, due_soon, problem, below, quiet, running, not_begun."""

    name: str
    reason: str

    @property
    def light(self) -> str:
        return "red" if self.reason == "asked_late" else LIGHTS[self.name]


def state(facts: Facts, *, on: date, due_within_days: int, quiet_days: int) -> State:
    """The state as of a day; facts later than the day must not be handed in."""
    if facts.withdrawn_on:
        return State("withdrawn", "withdrawn")
    if facts.closed_on:
        late = (facts.asked_on or facts.closed_on) > facts.due_on
        return State("closed_late", "after_due") if late else State("closed", "in_time")
    if facts.asked_on:
        return State("awaiting", "asked_late" if facts.asked_on > facts.due_on else "asked")
    if on > facts.due_on:
        return State("late", "overdue")
    reason = _risk(facts, on, due_within_days, quiet_days)
    if reason:
        return State("at_risk", reason)
    return State("open", "not_begun" if on < facts.starts_on else "running")


def _risk(facts: Facts, on: date, due_within_days: int, quiet_days: int) -> str:
    """Why an item that is not late may become so, or ""; the first that holds."""
    if facts.late_below:
        return "below"
    if facts.problem_due and on > facts.problem_due:
        return "problem"
    if facts.due_on - on <= timedelta(days=due_within_days):
        return "due_soon"
    last = max(facts.starts_on, facts.progress_on or facts.starts_on)
    return "quiet" if on - last > timedelta(days=quiet_days) else ""


def signed(agreed: int, needed: int, named: int) -> str:
    """Answers "full" once N of M agree; "short" while they still can; "impossible" when N is more than are named."""
    if needed > named:
        return "impossible"
    return "full" if agreed >= needed else "short"


def split_units(text: str) -> list[str]:
    """市民政局、市财政局，市卫健委 -> three names, in order, each once."""
    for mark in "，,；;/\n":
        text = text.replace(mark, "、")
    return list(dict.fromkeys(part.strip() for part in text.split("、") if part.strip()))

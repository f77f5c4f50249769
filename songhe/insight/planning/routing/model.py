"""A day of rounds: visits with windows, skills and loads; vehicles (helpers, carers, meal vans) with bases and shifts.

Times are whole seconds (or any whole unit). ``travel[i, j]`` is between places; a visit or a base names its place.
"""

from dataclasses import dataclass, field

import numpy as np

from songhe.insight.planning.reasons import ImpossibleInputError, Reason


@dataclass(frozen=True)
class Visit:
    """``window``: when it may start. ``price``: what leaving it out costs, in the unit of travel."""

    id: str
    place: int
    duration: int
    window: tuple[int, int]
    skill: str = ""
    load: int = 0
    price: int = 10_800


@dataclass(frozen=True)
class Vehicle:
    """A helper or van: where it starts and ends, when it works, what it can do and carry. ``fixed``: price of using it;
    ``longest``: most time between leaving and coming back (-1: only the shift binds)."""

    id: str
    base: int
    shift: tuple[int, int]
    skills: frozenset[str] = frozenset({""})
    capacity: int = 1 << 30
    fixed: int = 0
    longest: int = -1


@dataclass(frozen=True)
class Day:
    visits: tuple[Visit, ...]
    vehicles: tuple[Vehicle, ...]
    travel: np.ndarray


@dataclass(frozen=True)
class Call:
    """One stop of a route, with its times."""

    visit: str
    arrive: int
    start: int
    leave: int


@dataclass
class Routes:
    """Routes by vehicle id, total travel, and what was left out with the constraint that did it."""

    routes: dict[str, list[Call]]
    travel: int
    cost: int
    left: list[Reason] = field(default_factory=list)
    chosen: dict[str, list[int]] = field(default_factory=dict)


def meal_day(day: Day, warm: int) -> Day:
    """The same day with each meal's latest warm time: no start later than `warm` after the vehicle's first departure.

    Kitchens open with their vehicles' shifts; a meal must be handed over within `warm` of the earliest shift that can
    bring it, so its window is cut to that.
    """
    first = min(v.shift[0] for v in day.vehicles)
    visits = tuple(
        Visit(
            v.id,
            v.place,
            v.duration,
            (v.window[0], min(v.window[1], max(first, v.window[0]) + warm)),
            v.skill,
            v.load,
            v.price,
        )
        for v in day.visits
    )
    return Day(visits, day.vehicles, day.travel)


def refuse_impossible(day: Day) -> None:
    """Raise ImpossibleInputError for input no plan can be made from (single visits nobody can do are left out instead)."""
    found = []
    t = day.travel
    places = [v.place for v in day.visits] + [v.base for v in day.vehicles]
    if t.ndim != 2 or t.shape[0] != t.shape[1] or (places and max(places) >= t.shape[0]):
        found.append(Reason("matrix_shape", "", "时间矩阵与地点数不符。", "The travel matrix does not fit the places."))
    elif (np.asarray(t) < 0).any():
        found.append(Reason("matrix_value", "", "时间矩阵有负数。", "The travel matrix holds a negative value."))
    if not day.vehicles:
        found.append(Reason("nobody_working", "", "当天没有人员上班。", "Nobody works that day."))
    for v in day.visits:
        if v.window[0] > v.window[1]:
            found.append(Reason("window_reversed", v.id, "时间窗起点晚于终点。", "The window opens after it shuts."))
        if v.duration < 0:
            found.append(Reason("no_duration", v.id, "时长为负。", "The duration is negative."))
    found += [
        Reason("shift_reversed", k.id, "班次起点晚于终点。", "The shift starts after its end.")
        for k in day.vehicles
        if k.shift[0] > k.shift[1]
    ]
    if found:
        raise ImpossibleInputError(found)


def why_alone(day: Day, v: Visit) -> Reason | None:
    """Why nobody at all could do this visit, even with an empty day; None when somebody could."""
    skilled = [k for k in day.vehicles if v.skill in k.skills]
    if not skilled:
        return Reason("no_one_with_skill", v.id, f"没有人能做“{v.skill}”。", f"Nobody can do “{v.skill}”.")
    carry = [k for k in skilled if v.load <= k.capacity]
    if not carry:
        return Reason("load_too_large", v.id, "一次装不下。", "The load is larger than any vehicle.")
    for k in carry:
        there = k.shift[0] + int(day.travel[k.base, v.place])
        start = max(there, v.window[0])
        if start <= v.window[1] and start + v.duration + int(day.travel[v.place, k.base]) <= k.shift[1]:
            return None
    if all(v.window[1] < k.shift[0] for k in carry):
        return Reason(
            "window_before_shift", v.id, "时间窗在所有人上班之前就结束。", "The window shuts before any shift starts."
        )
    return Reason(
        "window_not_reachable", v.id, "会做的人都赶不到,或来不及在下班前返回。",
        "Nobody with the skill can be there in the window and back before the shift ends.",
    )  # fmt: skip

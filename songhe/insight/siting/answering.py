"""The plan: villages chosen in order, who is reached before and after, how far from the best, what stays out and why, the price
of what the planner has fixed. Plain arithmetic on a Ground; nothing is read or stored."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from songhe.insight.planning.budget import Budget
from songhe.insight.planning.siting.model import Demand, Site
from songhe.insight.rounds.planners import planner
from songhe.insight.siting.asked import SHORTEST, Asked, refuse
from songhe.insight.siting.gathering import Ground, Spot, Standing, people_by_group


@dataclass(frozen=True)
class Chosen:
    """A new site: what it adds to those before it in the list, in people within the minutes and in minutes saved."""

    spot: Spot
    rank: int
    people: int
    saved: float
    pinned: bool


@dataclass(frozen=True)
class Row:
    """A village: minutes to the nearest site before (None: there was none) and after, and who serves it then.

    `why` if it stays out: "far" (nothing in time), "count" (`near` would reach it), "never" (`near` would, and was ruled out).
    """

    spot: Spot
    before: float | None
    after: float
    was: bool
    now: bool
    by: Spot | Standing
    why: str = ""
    near: Spot | None = None


@dataclass(frozen=True)
class Group:
    """A township, or urban and rural: people, of them reached before and after."""

    name: str
    people: int
    before: int
    after: int

    @property
    def share(self) -> float:
        return self.after / self.people if self.people else 0.0


@dataclass(frozen=True)
class Price:
    """What fixing costs: people fewer within the minutes, and minutes more for each person; `least`: the free plan may be better still."""

    people: int
    minutes: float
    least: bool


@dataclass
class Answer:
    """`worth` is the plan's value (people reached, or person-minutes), `bound` what no other choice can pass."""

    asked: Asked
    chosen: list[Chosen]
    rows: list[Row]
    groups: list[Group]
    people: int
    before: int
    after: int
    mean_before: float | None
    mean_after: float
    worth: float
    bound: float
    gap: float
    proven: bool
    dropped: frozenset[str]
    price: Price | None = None

    @property
    def worst(self) -> Group | None:
        """The group least reached after; None where all are reached alike."""
        shares = [g for g in self.groups if g.people]
        least = min(shares, key=lambda g: g.share, default=None)
        return least if least and least.share < max(g.share for g in shares) else None

    @property
    def more(self) -> int:
        """People that another choice could reach at most beyond this one (coverage)."""
        return max(0, round(self.bound - self.worth))


@dataclass(frozen=True)
class _Found:
    chosen: list[int]  # numbers of spots
    worth: float
    bound: float
    gap: float
    proven: bool


def answer(ground: Ground, asked: Asked, budget: Callable[[], Budget]) -> Answer:
    """Choose, and where villages are fixed choose once more without, for the price. Raises Refusal (asked.refuse).

    `budget()` is asked for each run: one, two where the worst-off come first, twice as many where villages are fixed.
    Nobody worst-off fares worse by asking for them first: the better of both plans is kept.
    """
    codes = ground.codes
    wanted = asked.only(set(codes))
    refuse(wanted, set(codes))
    dropped = (asked.must | asked.never) - set(codes)
    made = _answer(ground, wanted, _find(ground, wanted, budget), dropped)
    if wanted == wanted.free():
        return made
    free = _answer(ground, wanted.free(), _find(ground, wanted.free(), budget), dropped)
    minutes = made.mean_after - free.mean_after
    return replace(made, price=Price(free.after - made.after, minutes, not free.proven))


def _find(ground: Ground, asked: Asked, budget: Callable[[], Budget]) -> _Found:
    codes = ground.codes
    must = sorted(codes[code] for code in asked.must)
    if len(must) == asked.count:
        return _fixed(ground, asked, must)
    planner("siting.warm")  # compiling (once in a process) is not part of the time asked for
    plan = _solved(ground, replace(asked, fair=""), must, budget(), None)
    if not asked.fair:
        return plan
    fair = _solved(ground, asked, must, budget(), plan.chosen)
    return max(fair, plan, key=lambda each: (_worst_share(ground, asked, each.chosen), each.worth))


def _solved(ground: Ground, asked: Asked, must: list[int], budget: Budget, start: list[int] | None) -> _Found:
    """One run of the solver; `start`: spots of a plan to set out from."""
    from songhe.insight.planning.siting import choose, coverage  # loaded when somebody asks (planners.planner)

    open_to = [i for code, i in ground.codes.items() if code not in asked.never]
    old = len(ground.standing)
    sites = [Site(f"s{j}", *one.point, existing=True) for j, one in enumerate(ground.standing)]
    sites += [Site(str(i), *ground.spots[i].point, existing=i in must) for i in open_to]
    demand = [
        Demand(str(i), s.people, *s.point, group=s.group if asked.fair else "") for i, s in enumerate(ground.spots)
    ]
    minutes = ground.minutes[:, _columns(ground, open_to)]
    given = {"count": asked.count - len(must), "within": asked.minutes, "budget": budget}
    if start is not None:
        given["start"] = [*range(old), *(old + open_to.index(i) for i in start)]
    if asked.goal == SHORTEST:
        plan = choose.shortest(demand, sites, minutes, **given)
    else:
        plan = coverage.solve(demand, sites, minutes, fair=bool(asked.fair), **given)
    chosen = [int(name) for name in plan.sites if not name.startswith("s")]
    return _Found(chosen, plan.objective, plan.bound, plan.gap, plan.proven)


def _worst_share(ground: Ground, asked: Asked, chosen: list[int]) -> float:
    """The share reached in the least reached group."""
    now: Counter = Counter()
    for spot, way in zip(ground.spots, ground.minutes[:, _columns(ground, chosen)].min(axis=1), strict=True):
        now[spot.group] += spot.people * bool(way <= asked.minutes)
    return min(now[name] / n for name, n in people_by_group(ground.spots).items() if n)


def _fixed(ground: Ground, asked: Asked, must: list[int]) -> _Found:
    """Every new site is fixed: nothing is left to choose."""
    way = ground.minutes[:, _columns(ground, must)].min(axis=1)
    people = np.array([s.people for s in ground.spots])
    worth = float((people * way).sum() if asked.goal == SHORTEST else people[way <= asked.minutes].sum())
    return _Found(must, worth, worth, 0.0, True)


def _columns(ground: Ground, chosen: list[int]) -> list[int]:
    old = len(ground.standing)
    return [*range(old), *(old + i for i in chosen)]


def _answer(ground: Ground, asked: Asked, found: _Found, dropped: frozenset[str]) -> Answer:
    people = np.array([s.people for s in ground.spots])
    rows = _rows(ground, asked, found.chosen)
    was, now = Counter(), Counter()
    for row in rows:
        was[row.spot.group] += row.spot.people * row.was
        now[row.spot.group] += row.spot.people * row.now
    total = int(people.sum())
    old = bool(ground.standing)
    return Answer(
        asked=asked,
        chosen=_in_order(ground, asked, found.chosen),
        rows=rows,
        groups=[Group(name, n, was[name], now[name]) for name, n in people_by_group(ground.spots).items()],
        people=total,
        before=sum(was.values()),
        after=sum(now.values()),
        mean_before=sum(r.before * r.spot.people for r in rows if r.before is not None) / total if old else None,
        mean_after=sum(r.after * r.spot.people for r in rows) / total,
        worth=found.worth,
        bound=found.bound,
        gap=found.gap,
        proven=found.proven,
        dropped=dropped,
    )


def _rows(ground: Ground, asked: Asked, chosen: list[int]) -> list[Row]:
    old = len(ground.standing)
    places: list[Spot | Standing] = [*ground.standing, *(ground.spots[i] for i in chosen)]
    after = ground.minutes[:, _columns(ground, chosen)]
    by, new = after.argmin(axis=1), after.min(axis=1)
    before = ground.minutes[:, :old].min(axis=1) if old else None
    could = ground.minutes[:, [old + i for i in ground.candidates]]
    rows = []
    for i, spot in enumerate(ground.spots):
        was = before is not None and bool(before[i] <= asked.minutes)
        now = bool(new[i] <= asked.minutes)
        why, near = ("", None) if now else _why(ground, asked, could[i])
        rows.append(
            Row(spot, None if before is None else float(before[i]), float(new[i]), was, now, places[by[i]], why, near)
        )
    return rows


def _why(ground: Ground, asked: Asked, could: np.ndarray) -> tuple[str, Spot | None]:
    """Which constraint keeps a village out: nothing in time, the number of sites, or what was ruled out."""
    reachable = [
        (float(m), ground.spots[i]) for m, i in zip(could, ground.candidates, strict=True) if m <= asked.minutes
    ]
    if not reachable:
        return "far", None
    allowed = [each for each in reachable if each[1].place.code not in asked.never]
    near = min(allowed or reachable, key=lambda each: (each[0], each[1].place.code))[1]
    return ("count" if allowed else "never"), near


def _in_order(ground: Ground, asked: Asked, chosen: list[int]) -> list[Chosen]:
    """The chosen one by one, each time the one that adds most: what each adds to those above it."""
    old = len(ground.standing)
    people = np.array([s.people for s in ground.spots], dtype=float)
    way = ground.minutes[:, :old].min(axis=1) if old else np.full(len(people), np.inf)
    left, found = list(chosen), []
    while left:
        gains = []
        for i in left:
            mine = np.minimum(way, ground.minutes[:, old + i])
            reached = float(people[(mine <= asked.minutes) & ~(way <= asked.minutes)].sum())
            saved = float((people * (np.minimum(way, 1e6) - np.minimum(mine, 1e6))).sum())
            gains.append(((saved, reached) if asked.goal == SHORTEST else (reached, saved), -i, reached, saved))
        best = max(gains)
        i = -best[1]
        spot = ground.spots[i]
        saved = best[3] if np.isfinite(way).all() else 0.0  # the very first site saves nobody a known way
        found.append(Chosen(spot, len(found) + 1, int(best[2]), saved, spot.place.code in asked.must))
        way = np.minimum(way, ground.minutes[:, old + i])
        left.remove(i)
    return found

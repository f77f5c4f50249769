"""From a day and wishes to proposals: who goes where and when, what is left and why, against assigning one by one.

Each stretch of free time is a carer of the solver with a base of its own: the way from what stands before it and to what
stands after it. Each order has stand-ins that nobody else may use; one that they serve is left undone. What the solver does
not know (minutes a day, orders a provider can take, lateness beyond the limit, a crew of one provider) is looked at
afterwards, forbidden where it was broken, and calculated again.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from songhe.care.services import definitions
from songhe.insight.dispatching import saying
from songhe.insight.dispatching.model import Ask, Day, Found, Left, Stretch, Visit, Wishes
from songhe.insight.dispatching.pricing import one_by_one, price_of
from songhe.insight.planning.budget import Budget
from songhe.insight.planning.reasons import Reason
from songhe.insight.rounds.planners import planner

TURNS = 4  # times the solver may be asked again after something it does not know was broken
FIRST = 0.55  # share of the budget for the first time
DAY = 24 * 60
NODE, PIN = "any", "pin"


@dataclass(frozen=True)
class Effort:
    """How long to calculate: seconds of a clock, or steps, which repeat exactly for a seed."""

    seconds: float = 0.0
    steps: int = 0
    clock: Callable[[], float] | None = None
    seed: int = 1

    def share(self, part: float) -> Budget:
        if self.steps:
            return Budget(steps=max(1, int(self.steps * part)))
        return Budget(seconds=self.seconds * part, now=self.clock)


@dataclass
class _Rules:
    """What is known so far: who may do each order, from which provider a crew comes, what was given up and why."""

    asks: dict[int, Ask]
    allowed: dict[int, set[int]]
    crew: dict[int, list[int]] = field(default_factory=dict)
    given_up: dict[int, Reason] = field(default_factory=dict)
    pins: Mapping[int, int] = field(default_factory=dict)

    def who(self, pk: int, day: Day) -> set[int]:
        """Workers who may do it now; for a crew those of the provider whose turn it is."""
        if pk not in self.crew:
            return self.allowed[pk]
        return {w for w in self.allowed[pk] if self.crew[pk] and day.hands[w].worker.provider_id == self.crew[pk][0]}


def plan(day: Day, *, wishes: Wishes | None = None, effort: Effort) -> Found:
    """The best plan found within the effort. Writes nothing; repeats for steps and a seed."""
    wishes = wishes or Wishes()
    known, left = _wished(day, wishes)
    reasons: dict[int, Reason] = {}
    rounds: dict[int, list[Visit]] = {}
    lowest = float("inf")
    for turn in range(TURNS + 1):
        open_ = [ask for pk, ask in known.asks.items() if pk not in known.given_up]
        raw = _solved(day, open_, known, effort, FIRST if turn == 0 else (1 - FIRST) / TURNS) if open_ else {}
        kept, why = _without(day, raw, known)
        if (cost := _cost(day, kept, known)) < lowest:
            lowest, rounds, reasons = cost, kept, known.given_up | why
        if not _amended(day, raw, known, last=turn == TURNS):
            break
    known.given_up = known.given_up | reasons
    done = {v.ask.pk for visits in rounds.values() for v in visits}
    left += [Left(ask.order, _why(day, ask, known)) for pk, ask in known.asks.items() if pk not in done]
    naive = one_by_one(day, [ask for ask in day.asks if ask.pk not in wishes.aside], already=len(day.left))
    counted = sum(each.reason.code != "aside" for each in left)
    return Found(rounds, left, price_of(day, rounds, left=counted), naive)


def _wished(day: Day, wishes: Wishes) -> tuple[_Rules, list[Left]]:
    """The rules of the day with what the dispatcher asks, and what is left before anything is calculated."""
    left = list(day.left)
    known = _Rules({}, {}, pins=wishes.pins)
    for ask in day.asks:
        if ask.pk in wishes.aside:
            left.append(Left(ask.order, saying.aside()))
            continue
        may = {w for w in ask.allowed if (ask.pk, w) not in wishes.forbids}
        pinned = wishes.pins.get(ask.pk)
        providers = _providers(day, ask, may)
        if pinned in may:
            providers = [p for p in providers if p == day.hands[pinned].worker.provider_id]
        if not providers or (pinned is not None and pinned not in may):
            reason = saying.pin_cannot(_name(day, pinned)) if pinned is not None else saying.nobody_left()
            left.append(Left(ask.order, reason))
            continue
        if pinned is not None and ask.order.carers == 1:
            may = {pinned}
        known.asks[ask.pk], known.allowed[ask.pk] = ask, may
        if ask.order.carers > 1:
            known.crew[ask.pk] = providers
    return known, left


def _name(day: Day, worker: int | None) -> str:
    return day.hands[worker].worker.name if worker in day.hands else ""


def _providers(day: Day, ask: Ask, may: Iterable[int]) -> list[int]:
    """Providers with a whole crew for an order, the one with the nearest crew first."""
    near = defaultdict(list)
    for worker in may:
        hand = day.hands[worker]
        near[hand.worker.provider_id].append(min(day.minutes(s.leaves, ask.point) for s in hand.stretches))
    size = ask.order.carers
    whole = {pk: sum(sorted(ways)[:size]) for pk, ways in near.items() if len(ways) >= size}
    return sorted(whole, key=lambda pk: (whole[pk], pk))


# the solver -------------------------------------------------------------------------------------------------------------


def _solved(day: Day, asks: list[Ask], known: _Rules, effort: Effort, part: float) -> dict[int, list[Visit]]:
    """What the solver finds, as visits by worker; orders served by a stand-in are not in it."""
    solve = planner("homecare.solve")
    stretches = [s for pk in sorted(day.hands) for s in day.hands[pk].stretches]
    rounds, by_id, shift = _instance(day, asks, stretches, known)
    budget = effort.share(part)
    budget.begin()
    found = solve.solve(rounds, budget=budget, seed=effort.seed, weights=(1, 1, 0))
    return _visits(day, found.routes, {str(ask.pk): ask for ask in asks}, by_id, shift)


def _instance(day: Day, asks: list[Ask], stretches: list[Stretch], known: _Rules):
    """(rounds for the solver, {carer id: stretch}, minutes by which its clock is ahead)."""
    from songhe.insight.planning.homecare.instance import SINGLE, TOGETHER, Carer, Recipient, Rounds, Service

    undone = definitions.terms().plan["left_undone"]
    shift = max(undone.values())
    n, m = len(asks), len(stretches)
    way = np.zeros((n + m + n, n + m + n))
    for i, a in enumerate(asks):
        way[i, :n] = [0 if a is b else day.minutes(a.point, b.point) for b in asks]
        for j, s in enumerate(stretches):
            way[n + j, i], way[i, n + j] = day.minutes(s.leaves, a.point), day.minutes(a.point, s.returns)
        half = undone[a.order.urgency] / 2
        way[n + m + i, i] = way[i, n + m + i] = half
    pinned = {worker: {PIN + str(pk) for pk, w in known.pins.items() if w == worker} for worker in known.pins.values()}
    by_id = {f"s{j}": s for j, s in enumerate(stretches)}
    carers = [
        Carer(key, frozenset({NODE} | pinned.get(s.worker, set())), n + j, (s.start + shift, s.end + shift))
        for j, (key, s) in enumerate(by_id.items())
    ]
    spare: dict[int, list[str]] = {ask.pk: [f"x{ask.pk}.{k}" for k in range(ask.order.carers)] for ask in asks}
    for i, ask in enumerate(asks):
        skills = frozenset({NODE, PIN + str(ask.pk)})
        carers += [Carer(key, skills, n + m + i, (0, shift + DAY + 4 * shift)) for key in spare[ask.pk]]
    every = {carer.id for carer in carers}
    people = []
    for i, ask in enumerate(asks):
        may = known.who(ask.pk, day)
        mine = {key for key, s in by_id.items() if s.worker in may and _roomy(day, s, ask)} | set(spare[ask.pk])
        first = PIN + str(ask.pk) if ask.pk in known.pins else NODE
        services = [Service(first, ask.order.minutes), Service(NODE, ask.order.minutes)][: ask.order.carers]
        kind = TOGETHER if len(services) == 2 else SINGLE
        window = (ask.opens + shift, ask.wish + shift)
        people.append(Recipient(str(ask.pk), i, window, tuple(services), kind, refuses=frozenset(every - mine)))
    return Rounds(day.on.isoformat(), tuple(people), tuple(carers), way), by_id, shift


def _roomy(day: Day, s: Stretch, ask: Ask) -> bool:
    """Whether an order fits into a stretch with nothing else in it."""
    start = max(ask.opens, s.start + day.minutes(s.leaves, ask.point))
    return start <= ask.limit and start + ask.order.minutes + day.minutes(ask.point, s.returns) <= s.end


def _visits(day: Day, routes, asks: dict[str, Ask], by_id: dict[str, Stretch], shift: int) -> dict[int, list[Visit]]:
    found = defaultdict(list)
    for key, stops in routes.items():
        if key not in by_id:
            continue
        s, at = by_id[key], by_id[key].leaves
        for stop in stops:
            ask = asks[stop.person]
            found[s.worker].append(Visit(ask, s.worker, round(stop.start) - shift, day.minutes(at, ask.point)))
            at = ask.point
    return {worker: sorted(visits, key=lambda v: v.start) for worker, visits in sorted(found.items())}


# what the solver does not know ------------------------------------------------------------------------------------------


def _faults(day: Day, rounds: dict[int, list[Visit]], known: _Rules) -> list[tuple[int, int | None, Reason]]:
    """(order, worker to be forbidden for it or None to give it up, why): at most one for each worker, crew and provider."""
    late = definitions.terms().plan["late_minutes"]
    found: list[tuple[int, int | None, Reason]] = []
    crews = defaultdict(set)
    for worker, visits in rounds.items():
        hand = day.hands[worker]
        crowded = [v for v in visits if v.late > late or not _back(day, v, visits)]
        if crowded:
            worst = min(crowded, key=lambda v: (_rank(v.ask), -v.late, v.ask.pk))
            found.append((worst.ask.pk, None, saying.crowded(len(worst.ask.allowed), late)))
        elif sum(v.ask.order.minutes for v in visits) > hand.left:
            least = min(visits, key=lambda v: (v.ask.pk in known.pins, _rank(v.ask), v.ask.order.minutes, -v.ask.pk))
            found.append((least.ask.pk, worker, saying.over_daily(hand.worker.name)))
        for v in visits:
            crews[v.ask.pk].add(worker)
    for pk, crew in crews.items():
        if len(crew) < known.asks[pk].order.carers:
            found.append((pk, None, saying.not_together(known.asks[pk].order.carers)))
    return found + _full(day, crews, known)


def _full(day: Day, crews: Mapping[int, set[int]], known: _Rules) -> list[tuple[int, int | None, Reason]]:
    held = defaultdict(list)
    for pk, crew in crews.items():
        held[day.hands[min(crew)].worker.provider_id].append(pk)
    found = []
    for provider, orders in held.items():
        over = len(orders) - max(0, day.room[provider])
        name = str(day.provider(min(crews[orders[0]])))
        for pk in sorted(orders, key=lambda pk: (_rank(known.asks[pk]), -pk))[: max(0, over)]:
            found.append((pk, min(crews[pk]), saying.provider_full(name)))
    return found


def _rank(ask: Ask) -> int:
    """How dear it is to leave it: the cheapest is given up first."""
    return definitions.terms().plan["left_undone"][ask.order.urgency]


def _back(day: Day, visit: Visit, visits: list[Visit]) -> bool:
    """Whether the worker is where they have to be when the stretch ends."""
    s = day.stretch_of(visit.worker, visit.start)
    if s is None:
        return False
    last = max((v for v in visits if s.start <= v.start < s.end), key=lambda v: v.start)
    return last is not visit or visit.end + day.minutes(visit.ask.point, s.returns) <= s.end


def _amended(day: Day, rounds: dict[int, list[Visit]], known: _Rules, *, last: bool) -> bool:
    """Forbid what was broken, so that it is calculated again; False when nothing was, or when this was the last time."""
    faults = [] if last else _faults(day, rounds, known)
    for pk, worker, reason in faults:
        if pk in known.given_up:
            continue
        turns = known.crew.get(pk, [])
        if len(turns) > 1:  # another provider's crew may have the time
            turns.pop(0)
        elif worker is None or pk in known.crew:
            known.given_up[pk] = reason
        else:
            same = day.hands[worker].worker.provider_id if reason.code == "provider_full" else None
            known.allowed[pk] -= {
                w for w in known.allowed[pk] if w == worker or day.hands[w].worker.provider_id == same
            }
            if not known.allowed[pk]:
                known.given_up[pk] = reason
    served = {v.ask.pk for visits in rounds.values() for v in visits}
    for pk, turns in known.crew.items():
        if not last and not faults and pk not in served and pk not in known.given_up and len(turns) > 1:
            turns.pop(0)
            faults = [(pk, None, saying.not_together(2))]
    return bool(faults)


def _without(
    day: Day, rounds: dict[int, list[Visit]], known: _Rules
) -> tuple[dict[int, list[Visit]], dict[int, Reason]]:
    """The plan without what is broken, and why each went: taking something out only leaves more time."""
    why: dict[int, Reason] = {}
    while faults := _faults(day, rounds, known):
        gone, _worker, reason = faults[0]
        why.setdefault(gone, reason)
        rounds = {w: kept for w, vs in rounds.items() if (kept := [v for v in vs if v.ask.pk != gone])}
    return {worker: _ways(day, visits) for worker, visits in rounds.items()}, why


def _cost(day: Day, rounds: dict[int, list[Visit]], known: _Rules) -> float:
    """Minutes of way and lateness, and what each order left undone counts."""
    done = {v.ask.pk for visits in rounds.values() for v in visits}
    price = price_of(day, rounds, left=0)
    return price.travel + price.late + sum(_rank(ask) for pk, ask in known.asks.items() if pk not in done)


def _ways(day: Day, visits: list[Visit]) -> list[Visit]:
    """The same visits with the way from whatever comes before now."""
    found, before = [], None
    for v in visits:
        s = day.stretch_of(v.worker, v.start)
        same = before is not None and s == day.stretch_of(v.worker, before.start)
        at = before.ask.point if same and before else s.leaves if s else None
        found.append(Visit(v.ask, v.worker, v.start, day.minutes(at, v.ask.point)))
        before = v
    return found


def _why(day: Day, ask: Ask, known: _Rules) -> Reason:
    if ask.pk in known.pins:
        return saying.pin_cannot(_name(day, known.pins[ask.pk]))
    late = definitions.terms().plan["late_minutes"]
    return known.given_up.get(ask.pk) or saying.crowded(len(ask.allowed), late)

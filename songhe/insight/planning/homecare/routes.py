"""From an order and carers to routes with exact times, and to the benchmark's solution document."""

import math
from dataclasses import dataclass

from songhe.insight.planning.homecare.instance import AFTER, SINGLE, Rounds
from songhe.insight.planning.reasons import Reason


@dataclass(frozen=True)
class Stop:
    person: str
    skill: str
    start: float
    end: float


@dataclass(frozen=True)
class Plan:
    """Routes by carer id, the figures of the objective, and what a later run needs to go on (``order``, ``carer_of``)."""

    routes: dict[str, list[Stop]]
    distance: float
    total_tardiness: float
    max_tardiness: float
    rests: dict[str, float]
    broken: list[Reason]
    order: list[int]
    carer_of: list[int]

    @property
    def cost(self) -> float:
        return (self.distance + self.total_tardiness + self.max_tardiness) / 3

    def document(self, rounds: Rounds) -> dict:
        """The benchmark's solution format; arrival_time is the start of the service."""
        return {
            "routes": [
                {
                    "caregiver_id": carer,
                    "locations": [
                        {
                            "patient_id": s.person,
                            "service_id": s.skill,
                            "arrival_time": s.start,
                            "departure_time": s.end,
                        }
                        for s in stops
                    ],
                }
                for carer, stops in self.routes.items()
            ],
            "global_ordering": [rounds.recipients[p].id for p in self.order],
        }


class _Clock:
    """Where each carer is and from when free, as the day is laid down in the global order."""

    def __init__(self, rounds):
        self.carers = rounds.carers
        self.way = rounds.distances.tolist()
        self.at = [c.base for c in rounds.carers]
        self.free = [c.shift[0] if c.shift else 0.0 for c in rounds.carers]
        self.rest_at = [None] * len(rounds.carers)

    def reach(self, k, place):
        return self.free[k] + self.way[self.at[k]][place]

    def rest_before(self, k, place, start, length):
        """The arrival after a break, when it is due or fits in the wait; None when it can come later."""
        rest = self.carers[k].rest
        if rest is None or self.rest_at[k] is not None:
            return None
        begin = max(self.free[k], rest.earliest)
        back = begin + rest.length + self.way[self.at[k]][place]
        if back <= start or start + length > rest.latest:
            return begin, back
        return None


def _starts(p, reach):
    first = max(p.window[0], reach[0])
    if p.kind == SINGLE:
        return [first]
    second = max(p.window[0], reach[1], first + p.gap[0])
    if second - first > p.gap[1]:
        first = second - p.gap[1]
        while second - first > p.gap[1]:
            first = math.nextafter(first, math.inf)
    return [first, second] if p.kind == AFTER else [second, second]


def _lay(p, ks, clock):
    reach = [clock.reach(k, p.place) for k in ks]
    starts = _starts(p, reach)
    for _ in range(3):
        again = False
        for j, k in enumerate(ks):
            found = clock.rest_before(k, p.place, starts[j], p.services[j].duration)
            if found:
                clock.rest_at[k] = found[0]
                if found[1] > reach[j]:
                    reach[j] = found[1]
                    again = True
        if not again:
            break
        starts = _starts(p, reach)
    return starts


def plan_of(rounds: Rounds, order, carer_of) -> Plan:
    """Lay the day down once in floating point, exactly as a checker would add it up."""
    clock = _Clock(rounds)
    routes = {c.id: [] for c in rounds.carers}
    distance, tardy, base = 0.0, [0.0], []
    at = 0
    for p in rounds.recipients:
        base.append(at)
        at += len(p.services)
    for i in order:
        p = rounds.recipients[i]
        ks = [int(carer_of[base[i] + j]) for j in range(len(p.services))]
        starts = _lay(p, ks, clock)
        for j, k in enumerate(ks):
            distance += clock.way[clock.at[k]][p.place]
            clock.at[k], clock.free[k] = p.place, starts[j] + p.services[j].duration
            tardy.append(max(0.0, starts[j] - p.window[1]))
            routes[rounds.carers[k].id].append(Stop(p.id, p.services[j].skill, starts[j], clock.free[k]))
    broken = []
    for k, c in enumerate(rounds.carers):
        if not routes[c.id]:
            continue
        home = clock.way[clock.at[k]][c.base]
        distance += home
        if c.shift and clock.free[k] + home > c.shift[1] + 1e-6:
            over = clock.free[k] + home - c.shift[1]
            broken.append(
                Reason(
                    "shift",
                    c.id,
                    f"回到出发点时已超过下班时间 {over:g},当天人手不够,请增派或减少服务。",
                    f"Back {over:g} after the shift ends: too few carers that day; add one or drop services.",
                )
            )
    return Plan(
        routes=routes,
        distance=distance,
        total_tardiness=sum(tardy),
        max_tardiness=max(tardy),
        rests={c.id: clock.rest_at[k] for k, c in enumerate(rounds.carers) if clock.rest_at[k] is not None},
        broken=broken,
        order=[int(i) for i in order],
        carer_of=[int(k) for k in carer_of],
    )


def plan_from(rounds: Rounds, document: dict) -> Plan:
    """A plan to go on from, read back from a solution document (resume after a restart)."""
    where = {}
    for route in document["routes"]:
        for stop in route["locations"]:
            where[str(stop["patient_id"]), stop["service_id"]] = (str(route["caregiver_id"]), stop["arrival_time"])
    index = {c.id: k for k, c in enumerate(rounds.carers)}
    carer_of = [index[where[p.id, s.skill][0]] for p in rounds.recipients for s in p.services]
    place = {pid: i for i, pid in enumerate(document.get("global_ordering", []))}
    begun = [min(where[p.id, s.skill][1] for s in p.services) for p in rounds.recipients]
    keys = [place.get(p.id, begun[i]) for i, p in enumerate(rounds.recipients)]
    return plan_of(rounds, sorted(range(len(keys)), key=keys.__getitem__), carer_of)

"""送餐路线: who of today's deliveries goes with which courier in which order, while it is warm, from one or several kitchens.

People and kitchens come from the meal registers, positions as for the weekly rounds, the order from the routing planner.
Nothing is stored: the list is made again from the registers whenever it is wanted.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib import resources
from itertools import pairwise
from pathlib import Path

import numpy as np

from songhe.care.meals import queries as meals
from songhe.care.meals.models import Diner
from songhe.core.definitions import Flag, Map, Number, Text, checked
from songhe.core.refusal import Refusal
from songhe.insight.planning.budget import Budget
from songhe.insight.planning.reasons import Reason
from songhe.insight.planning.routing.model import Day, Vehicle, Visit, meal_day
from songhe.insight.rounds.planners import planner
from songhe.insight.rounds.positions import Point, Spots, spots_of, way_for
from songhe.registry.facilities.models import Facility
from songhe.registry.places.models import Level, Place

MOST = 1_500  # deliveries planned at once
LEFT_OUT = 24 * 3600  # the price of one that is not delivered, in seconds of travel
SCHEMA = {
    "source": Map({"title": Text(), "confirmed": Flag()}),
    "minutes": Map(
        {
            "handover": Number(least=0, most=60),
            "door": Number(least=0, most=60),
            "warm": Number(least=5, most=240),
            "courier": Number(least=0, most=240),
        }
    ),
    "boxes": Number(whole=True, least=1, most=500),
    "couriers": Number(whole=True, least=1, most=50),
}


@dataclass(frozen=True)
class MealTerms:
    """Minutes at a door, between two doors at one point, until the last handover, and worth one more courier; meals a courier
    carries, couriers of each kitchen; ``shared``: any kitchen may bring anybody's meal."""

    handover: float
    door: float
    warm: float
    courier: float
    boxes: int
    couriers: int
    source: str
    shared: bool = False

    def asked(self, **given) -> "MealTerms":
        return replace(self, **given)


def read(file: Path) -> MealTerms:
    """Raises BadDefinition with every fault."""
    data = checked(file, SCHEMA).data
    minutes = {name: float(value) for name, value in data["minutes"].items()}
    return MealTerms(**minutes, boxes=data["boxes"], couriers=data["couriers"], source=data["source"]["title"])


@cache
def meal_terms() -> MealTerms:
    """The shipped ones."""
    return read(Path(str(resources.files("songhe.definitions"))) / "planning" / "meals.yaml")


@dataclass(frozen=True)
class Stop:
    """A handover: minutes after leaving the kitchen."""

    diner: Diner
    after: float


@dataclass(frozen=True)
class CourierRound:
    """One courier's way: `way` minutes on the road, `back` minutes until back at the kitchen."""

    kitchen: Facility
    number: int
    stops: list[Stop]
    way: float
    back: float


@dataclass(frozen=True)
class DayRounds:
    """`plain_way`, `plain_late`: minutes on the road and handovers too late when each list is carried out as it stands, box
    by box; `drawn`: villages whose point is only drawn; `basis`: how ways were found (zh, en)."""

    rounds: list[CourierRound]
    left: list[tuple[Diner, Reason]]
    way: float
    plain_way: float
    plain_late: int
    drawn: int
    basis: tuple[str, str]


def deliveries(*, post, place: Place, on: date) -> list[Diner]:
    """Everybody to whom a point inside a place delivers on a day, point by point, village by village."""
    return list(meals.delivered(post=post, place=place, on=on))


def day_rounds(*, diners: list[Diner], on: date, terms: MealTerms, budget: Budget, seed: int = 1) -> DayRounds:
    """Rounds for these deliveries. Raises Refusal when there are too many at once or a kitchen has no position."""
    if len(diners) > MOST:
        raise Refusal(
            "too_many_deliveries",
            zh=f"一次最多排 {MOST} 份送餐，这里有 {len(diners)} 份。请选一个乡镇（街道）。",
            en=f"At most {MOST} deliveries are planned at once and there are {len(diners)} here. Choose a township.",
            field="area",
        )
    ground = _Ground(diners, on)
    kitchens = {d.facility_id: d.facility for d in diners}
    points = [ground.kitchen(k) for k in kitchens.values()] + [ground.diner(d) for d in diners]
    found = way_for(ground.town, terms.door)(points)
    day = _day(diners, list(kitchens.values()), np.rint(found.minutes * 60).astype(np.int64), terms)
    routing = planner("routing.solve")
    budget.begin()
    plan = routing.solve(day, budget=budget, seed=seed)
    number, rounds = dict.fromkeys(kitchens, 0), []
    for vehicle in day.vehicles:
        calls = plan.routes[vehicle.id]
        if not calls:
            continue
        kitchen = list(kitchens.values())[vehicle.base]
        number[kitchen.pk] += 1
        rounds.append(_round(day, plan.chosen[vehicle.id], calls, vehicle, kitchen, number[kitchen.pk], diners))
    plain_way, plain_late = _as_listed(diners, list(kitchens), day.travel, terms)
    return DayRounds(
        rounds, [(diners[int(r.subject)], r) for r in plan.left], plan.travel / 60, plain_way, plain_late,
        ground.drawn(), found.basis,
    )  # fmt: skip


class _Ground:
    """Points of kitchens and of people: their own, else their village's."""

    def __init__(self, diners: list[Diner], on: date):
        self.on, self.seen = on, set()
        self.spots: dict[int, Spots] = {}
        self.town = self._town(diners[0].village)

    @staticmethod
    def _town(place: Place) -> Place | None:
        if place.level == Level.VILLAGE:
            return place.parent
        return place if place.level == Level.TOWNSHIP else None

    def _spot(self, place: Place) -> Point:
        town = self._town(place)
        if town.pk not in self.spots:
            self.spots[town.pk] = spots_of(town, self.on)
        spots = self.spots[town.pk]
        self.seen.add(place.pk)
        return spots.villages.get(place.pk, spots.middle)

    def diner(self, diner: Diner) -> Point:
        person = diner.person
        if person.longitude is not None and person.latitude is not None:
            return person.longitude, person.latitude
        return self._spot(diner.village)

    def kitchen(self, kitchen: Facility) -> Point:
        if kitchen.longitude is not None and kitchen.latitude is not None:
            return kitchen.longitude, kitchen.latitude
        place = kitchen.village or kitchen.place
        if self._town(place) is None:
            raise Refusal(
                "kitchen_nowhere",
                zh=f"“{kitchen.name}”没有登记经纬度，也不在某个乡镇（街道）内。请先在机构页补上位置。",
                en=f"“{kitchen.name}” has no position and lies in no township. Enter its position on its page first.",
                field="area",
            )
        return self._spot(place)

    def drawn(self) -> int:
        return sum(len(s.drawn & self.seen) for s in self.spots.values())


def _day(diners, kitchens, travel, terms: MealTerms) -> Day:
    at = {k.pk: i for i, k in enumerate(kitchens)}
    visits = tuple(
        Visit(
            str(i), len(kitchens) + i, round(terms.handover * 60), (0, 24 * 3600), "" if terms.shared else str(d.facility_id),
            load=1, price=LEFT_OUT,
        )
        for i, d in enumerate(diners)
    )  # fmt: skip
    couriers = tuple(
        Vehicle(
            f"{k.pk}.{c}", at[k.pk], (0, 24 * 3600), frozenset([""] if terms.shared else [str(k.pk)]), terms.boxes,
            round(terms.courier * 60),
        )
        for k in kitchens
        for c in range(terms.couriers)
    )  # fmt: skip
    return meal_day(Day(visits, couriers, travel), round(terms.warm * 60))


def _round(day: Day, chosen, calls, vehicle, kitchen, number, diners) -> CourierRound:
    places = [vehicle.base, *(day.visits[i].place for i in chosen), vehicle.base]
    way = sum(int(day.travel[a, b]) for a, b in pairwise(places))
    back = calls[-1].leave + int(day.travel[places[-2], vehicle.base])
    stops = [Stop(diners[i], call.start / 60) for i, call in zip(chosen, calls, strict=True)]
    return CourierRound(kitchen, number, stops, way / 60, back / 60)


def _as_listed(diners, kitchens, travel, terms: MealTerms) -> tuple[float, int]:
    """Each kitchen's list carried out in its order, a full box at a time: minutes on the road, and handovers too late."""
    lists = defaultdict(list)
    for i, d in enumerate(diners):
        lists[kitchens.index(d.facility_id)].append(len(kitchens) + i)
    way, late = 0, 0
    for base, doors in lists.items():
        for first in range(0, len(doors), terms.boxes):
            at, clock = base, 0
            for door in doors[first : first + terms.boxes]:
                clock += int(travel[at, door])
                late += clock > terms.warm * 60
                way += int(travel[at, door])
                clock += round(terms.handover * 60)
                at = door
            way += int(travel[at, base])
    return way / 60, late

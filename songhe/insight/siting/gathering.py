"""People and sites by village out of the registers, with positions as far as they are known, and the ways between them."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from django.conf import settings
from django.db.models import Count

from songhe.core.refusal import Refusal
from songhe.insight.planning import travel
from songhe.insight.rounds.positions import Point, drawn_points, way_for
from songhe.insight.siting.asked import URBAN, WALK, Asked
from songhe.insight.siting.definitions import SitingTerms, siting_terms
from songhe.registry.facilities.models import Facility
from songhe.registry.facilities.queries import facilities_reached
from songhe.registry.people.queries import people_query
from songhe.registry.places.models import Level, Place
from songhe.registry.places.queries import villages

WALKED = (
    "按步行估算：直线距离×1.35，每小时 {kmh:g} 公里（{source}），非实际道路",
    "on foot, estimated: straight lines × 1.35 at {kmh:g} km an hour ({source}), not from roads",
)


@dataclass(frozen=True)
class Spot:
    """A village: how many people are asked about, the group it counts in, its point if one is known; `drawn`: only from the
    schematic map."""

    place: Place
    town: str
    group: str
    people: int
    point: Point | None
    drawn: bool = False


@dataclass(frozen=True)
class Standing:
    """A site that stands: `by_village` if only its village's point is known, `inside` the area asked about or next to it."""

    facility: Facility
    point: Point | None
    by_village: bool
    inside: bool


@dataclass
class Ground:
    """`minutes[i, j]` from spot i to: the standing sites in their order, then the spots themselves (candidates).

    `unplaced` and `adrift` have no position: they are named, and take no part. `candidates`: numbers of spots without a site.
    """

    place: Place
    spots: list[Spot]
    unplaced: list[Spot]
    standing: list[Standing]
    adrift: list[Facility]
    candidates: list[int]
    minutes: np.ndarray
    basis: tuple[str, str]

    @property
    def codes(self) -> dict[str, int]:
        """Villages that can be chosen: code → number of the spot."""
        return {self.spots[i].place.code: i for i in self.candidates}

    def print_of(self) -> tuple:
        """Everything that an answer depends on, to compare: two grounds with the same print have the same answer."""
        people = tuple((s.place.pk, s.group, s.people) for s in self.spots)
        return people, tuple(s.facility.pk for s in self.standing), tuple(self.candidates), hash(self.minutes.tobytes())


def ground(*, post, place: Place, asked: Asked, on: date) -> Ground:
    """Read the area. Refused: too many villages for a page, no positions at all, nobody counted. Raises Denied without people.view."""
    terms = siting_terms()
    found = _spots(post, place, asked, on)
    _refuse_size(place, found, terms)
    placed, unplaced = [s for s in found if s.point], [s for s in found if not s.point]
    if not placed:
        raise Refusal(
            "no_positions",
            zh=f"“{place}”的 {len(found)} 个村（社区）都没有坐标，无法测算。请先在“区划”里导入村的经纬度。",
            en=f'None of the {len(found)} villages of "{place}" has a position, so nothing can be planned. Bring in their coordinates on the page of places first.',
            field="place",
        )
    if not sum(s.people for s in placed):
        raise Refusal(
            "nobody_counted",
            zh=f"“{place}”有坐标的村里没有符合条件的老年人，无法测算。请换“为哪些老人”，或先登记档案。",
            en=f'No older people of this kind are on file in the villages of "{place}" that have a position. Choose other people, or register them first.',
            field="whom",
        )
    standing, adrift = _standing(post, place, asked, on)
    way = _way(placed[0].place, place, asked, terms)
    minutes, basis = way([*(s.point for s in standing), *(s.point for s in placed)])
    old = len(standing)
    minutes = minutes[old:]
    held = {s.facility.village_id for s in standing} | {f.village_id for f in adrift}
    near = [j for j, s in enumerate(standing) if s.inside or _matters(minutes, j, old, asked)]
    return Ground(
        place=place,
        spots=placed,
        unplaced=unplaced,
        standing=[standing[j] for j in near],
        adrift=adrift,
        candidates=[i for i, s in enumerate(placed) if s.place.pk not in held],
        minutes=minutes[:, [*near, *range(old, minutes.shape[1])]],
        basis=basis,
    )


def _spots(post, place: Place, asked: Asked, on: date) -> list[Spot]:
    counted = dict(
        people_query(post, place=place, on=on, status="living", circumstance=asked.whom)
        .order_by()
        .values_list("village_id")
        .annotate(n=Count("pk"))
    )
    here = list(villages(place, on).filter(kind="division").within(post).defer("outline"))
    towns = len({v.parent_id for v in here})
    by_urban = asked.fair == URBAN or (asked.fair == "" and towns == 1)
    drawn = drawn_points(here, on)
    return [
        Spot(
            v, str(v.parent), v.urban_rural or "unknown" if by_urban else str(v.parent), counted.get(v.pk, 0),
            _point(v) or drawn.get(v.pk), v.pk in drawn,
        )
        for v in here
    ]  # fmt: skip


def _point(row: Place | Facility) -> Point | None:
    return (row.longitude, row.latitude) if row.longitude is not None and row.latitude is not None else None


def _refuse_size(place: Place, found: list[Spot], terms: SitingTerms) -> None:
    if len(found) > terms.most_villages:
        raise Refusal(
            "too_large",
            zh=f"“{place}”有 {len(found)} 个村（社区），一页最多测算 {terms.most_villages} 个。请选到县（市、区）或乡镇。",
            en=f'"{place}" has {len(found)} villages; a page plans {terms.most_villages} at most. Choose a county or a township.',
            field="place",
        )


def _standing(post, place: Place, asked: Asked, on: date) -> tuple[list[Standing], list[Facility]]:
    """Sites of the kind in operation in the post's whole area: a neighbour's serves too. And those whose place nobody knows."""
    asking = {"post": post, "kinds": [asked.kind], "reached": "site_chosen" if asked.built else "in_use", "on": on}
    inside = set(facilities_reached(place=place, **asking).values_list("pk", flat=True))
    rows = facilities_reached(place=post.place, **asking).select_related("village__parent").order_by("pk")
    drawn = drawn_points([row.village for row in rows if row.village and not _point(row)], on)
    found, adrift = [], []
    for row in rows:
        own, of_village = _point(row), _point(row.village) or drawn.get(row.village_id) if row.village else None
        if own or of_village:
            found.append(Standing(row, own or of_village, own is None, row.pk in inside))
        elif row.pk in inside:
            adrift.append(row)
    return found, adrift


def _way(village: Place, place: Place, asked: Asked, terms: SitingTerms):
    """points → (minutes between all of them, basis in words)."""
    if asked.how == WALK:
        said = tuple(text.format(kmh=terms.walk_kmh, source=terms.source) for text in WALKED)
        return lambda points: (travel.straight(np.array(points)).km / terms.walk_kmh * 60, said)
    ride = way_for(village, 0.0) if place.level not in (Level.PROVINCE, Level.CITY) else _ride(village, place)

    def found(points):
        made = ride(points)
        return made.minutes, made.basis

    return found


def _ride(village: Place, place: Place):
    """Across counties only a file of the whole city will do: one county's roads lead nowhere in the next."""
    file = Path(settings.VAR) / "roads" / f"{place.code}.geojson"
    return way_for(village, 0.0, file) if file.is_file() else travel.straight


def _matters(minutes: np.ndarray, j: int, old: int, asked: Asked) -> bool:
    """A site outside the area counts where somebody reaches it in time, or has none nearer."""
    mine = minutes[:, j]
    return bool((mine <= asked.minutes).any() or (mine <= minutes[:, :old].min(axis=1)).any())


def people_by_group(spots: list[Spot]) -> Counter:
    """People of each group."""
    found: Counter = Counter()
    for spot in spots:
        found[spot.group] += spot.people
    return found

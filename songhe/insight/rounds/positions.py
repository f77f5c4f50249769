"""Where people and helpers are, as well as it is known, and in words how well; and how long the ways between are."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import numpy as np
from django.conf import settings

from songhe.core.refusal import Refusal
from songhe.insight.planning import travel
from songhe.registry.places.models import Place
from songhe.registry.places.queries import map_of

Point = tuple[float, float]


@dataclass(frozen=True)
class Spots:
    """Points (longitude, latitude) of a township's villages, its middle, and the villages whose point is only drawn."""

    villages: dict[int, Point]
    middle: Point
    drawn: frozenset[int]
    names: dict[int, str]


def _middle(points: list[Point]) -> Point:
    return (sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points))


def spots_of(town: Place, on: date) -> Spots:
    """A village's own point; one without is put where the schematic map draws it, and counted as such."""
    found: dict[int, Point] = {}
    drawn, names = set(), {}
    cells = {f["properties"]["code"]: f["geometry"]["coordinates"][0] for f in map_of(town, on)["features"]}
    for village in Place.objects.filter(parent=town, kind="division").current(on).defer("outline"):
        names[village.pk] = str(village)
        if village.longitude is not None and village.latitude is not None:
            found[village.pk] = (village.longitude, village.latitude)
        elif village.code in cells:
            found[village.pk] = _middle([(p[0], p[1]) for p in cells[village.code][:-1]])
            drawn.add(village.pk)
    own = (town.longitude, town.latitude) if town.longitude is not None and town.latitude is not None else None
    middle = own or (_middle(list(found.values())) if found else (0.0, 0.0))
    return Spots(found, middle, frozenset(drawn), names)


def drawn_points(villages: Iterable[Place], on: date) -> dict[int, Point]:
    """{id: point} on the schematic map for villages without one of their own, where it is drawn inside a real outline."""
    found: dict[int, Point] = {}
    towns = {v.parent_id: v.parent for v in villages if v.parent and (v.longitude is None or v.latitude is None)}
    for town in towns.values():
        spots = spots_of(town, on)
        found |= {pk: spots.villages[pk] for pk in spots.drawn if travel.in_degrees(np.array([spots.villages[pk]]))}
    return found


def way_for(town: Place, door: float, roads: Path | None = None) -> Callable[[list], travel.Travel]:
    """Ways by the county's own roads (`roads`, else `var/roads/<code>.geojson` of county or city), else by straight lines.

    Two doors known only by their village stand at one point; from one to the next it takes `door` minutes.
    """
    file = roads or _roads_file(town)
    if file is None:
        return lambda points: _next_door(travel.straight(points), door)
    lines = _roads(str(file), file.stat().st_mtime_ns)
    return lambda points: _next_door(travel.by_road(points, lines), door)


def _next_door(found: travel.Travel, door: float) -> travel.Travel:
    minutes = np.where(found.minutes <= 0, door, found.minutes)
    np.fill_diagonal(minutes, 0.0)
    return travel.Travel(minutes, found.km, found.basis)


def _roads_file(town: Place) -> Path | None:
    folder = Path(settings.VAR) / "roads"
    above = [place.code for place in (town.county, town.city) if place is not None]
    return next((folder / f"{code}.geojson" for code in above if (folder / f"{code}.geojson").is_file()), None)


@lru_cache(maxsize=4)
def _roads(path: str, _changed: int) -> dict:
    try:
        return json.loads(Path(path).read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise Refusal(
            "roads_unreadable",
            zh=f"道路文件 {Path(path).name} 读不了：{error}。请换成 GeoJSON 线文件，或先移走它按直线估算。",
            en=f"The roads file {Path(path).name} cannot be read: {error}. Put a GeoJSON of lines, or take it away to plan by straight lines.",
            field="roads",
        ) from error

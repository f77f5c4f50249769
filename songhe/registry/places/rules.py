"""Arithmetic of places: levels from codes, short names, urban or rural by name, and schematic cells for the map.

Cells are drawn from points, not from boundaries; whoever shows them writes 示意图 beside them.
"""

from collections.abc import Collection, Sequence
from datetime import date
from math import cos, pi, radians, sin, sqrt
from typing import Protocol, TypeVar

Point = tuple[float, float]
Ring = list[Point]

_SUFFIXES = ("社区居民委员会", "居民委员会", "村民委员会", "社区居委会", "居委会", "村委会")


class Laid(Protocol):
    """A dated definition that holds at places (division codes, or "*"), from–to (`valid_to` not included)."""

    @property
    def places(self) -> Collection[str]: ...
    @property
    def valid_from(self) -> date: ...
    @property
    def valid_to(self) -> date | None: ...


S = TypeVar("S", bound=Laid)


def short_name(name: str, level: str) -> str:
    """周村民委员会 → 周村; 新谊社区居民委员会 → 新谊社区; other levels keep their names."""
    if level != "village":
        return name
    for suffix in _SUFFIXES:
        if name.endswith(suffix) and len(name) > len(suffix):
            stem = name[: -len(suffix)]
            ending = (
                "社区" if "社区" in suffix else ("村" if suffix.startswith("村") and not stem.endswith("村") else "")
            )
            return stem + ending
    return name


def urban_rural(name: str, level: str) -> tuple[str, str]:
    """("urban" | "rural" | "", basis): by the village's own name, until the statistical class is imported."""
    if level != "village":
        return "", ""
    if name.endswith(("村民委员会", "村委会", "生产队")):
        return "rural", "名称"
    if "社区" in name or name.endswith(("居民委员会", "居委会")):
        return "urban", "名称"
    return "", ""


def level_of(code: str) -> str:
    """Level by the form of a division code: 6 digits (…0000 province, …00 city), 9 township, 12 village.

    Raises ValueError for other forms; functional areas bring their level themselves.
    """
    if not code.isdigit() or len(code) not in (6, 9, 12):
        raise ValueError(code)
    if len(code) == 6:
        return "province" if code.endswith("0000") else "city" if code.endswith("00") else "county"
    return "township" if len(code) == 9 else "village"


def codes_above(code: str) -> list[str]:
    """A division code and those it lies in, the nearest first.

    >>> codes_above("130682003001")
    ['130682003001', '130682003', '130682', '130600', '130000']
    """
    return list(dict.fromkeys([code, code[:9], code[:6], code[:4] + "00", code[:2] + "0000"]))


def nearest(schemes: Sequence[S], code: str, on: date) -> S:
    """The scheme of a place on a day: of the nearest place that has one in force, else the general terms (place "*").

    Among several of one place the latest; where none is in force yet, the first general one.
    """
    valid = [each for each in schemes if each.valid_from <= on and (each.valid_to is None or on < each.valid_to)]
    for wanted in (*codes_above(code), "*"):
        found = [each for each in valid if wanted in each.places]
        if found:
            return max(found, key=lambda each: each.valid_from)
    return next(each for each in schemes if "*" in each.places)


def _clip(ring: Ring, a: float, b: float, c: float) -> Ring:
    """The part of a ring where a·x + b·y ≤ c (Sutherland–Hodgman, one half-plane)."""
    kept: Ring = []
    for i, here in enumerate(ring):
        before = ring[i - 1]
        inside, was = a * here[0] + b * here[1] <= c, a * before[0] + b * before[1] <= c
        if inside != was:
            run = a * (here[0] - before[0]) + b * (here[1] - before[1])
            t = (c - a * before[0] - b * before[1]) / run
            kept.append((before[0] + t * (here[0] - before[0]), before[1] + t * (here[1] - before[1])))
        if inside:
            kept.append(here)
    return kept


def cells(outline: Ring, points: Sequence[Point]) -> list[Ring]:
    """For each point the part of the outline that is nearest to it (a Voronoi cell)."""
    result = []
    for i, (x, y) in enumerate(points):
        ring = outline
        for j, (u, v) in enumerate(points):
            if i != j and ring:
                ring = _clip(ring, u - x, v - y, (u * u + v * v - x * x - y * y) / 2)
        result.append(ring)
    return result


def area_and_centre(ring: Ring) -> tuple[float, Point]:
    """Signed area and centroid of a ring; a ring without area has its first point as the centre."""
    area = cx = cy = 0.0
    for i, (x, y) in enumerate(ring):
        u, v = ring[i - 1]
        cross = u * y - x * v
        area, cx, cy = area + cross, cx + (u + x) * cross, cy + (v + y) * cross
    if abs(area) < 1e-15:
        return 0.0, ring[0] if ring else (0.0, 0.0)
    return area / 2, (cx / (3 * area), cy / (3 * area))


def _holds(ring: Ring, point: Point) -> bool:
    x, y = point
    inside = False
    for i, (u, v) in enumerate(ring):
        p, q = ring[i - 1]
        if (v > y) != (q > y) and x < (p - u) * (y - v) / (q - v) + u:
            inside = not inside
    return inside


def spread(outline: Ring, known: Sequence[Point | None], rounds: int = 12) -> list[Point]:
    """A point for everybody: known ones stay, the others are spread evenly over what is left (same in, same out)."""
    golden = pi * (3 - sqrt(5))
    _, (cx, cy) = area_and_centre(outline)
    reach = max(sqrt((x - cx) ** 2 + (y - cy) ** 2) for x, y in outline)
    candidates = [
        (cx + reach * sqrt(k / 600) * cos(k * golden), cy + reach * sqrt(k / 600) * sin(k * golden)) for k in range(600)
    ]
    candidates = [p for p in candidates if _holds(outline, p)] or [(cx, cy)]
    placed: list[Point] = [p for p in known if p]
    fresh: list[Point] = []
    for _ in range(sum(p is None for p in known)):
        best = max(
            candidates,
            key=lambda p: min(((p[0] - x) ** 2 + (p[1] - y) ** 2 for x, y in placed + fresh), default=0.0),
        )
        fresh.append(best)
    free = iter(fresh)
    points = [p or next(free) for p in known]
    for _ in range(rounds if fresh else 0):
        drawn = cells(outline, points)
        points = [p if known[i] or not drawn[i] else area_and_centre(drawn[i])[1] for i, p in enumerate(points)]
    return points


def flat(ring: Ring) -> tuple[Ring, float]:
    """Longitudes shrunk by cos(latitude) so that distances compare; returns the ring and the factor."""
    factor = cos(radians(sum(y for _, y in ring) / len(ring)))
    return [(x * factor, y) for x, y in ring], factor

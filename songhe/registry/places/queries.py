"""Questions about places: by code, children as of a day, and the map of a place's children."""

from datetime import date
from functools import lru_cache

from django.db.models import Q, QuerySet

from songhe.core.refusal import Refusal
from songhe.registry.places import rules
from songhe.registry.places.models import Place, PlaceChange


def by_code(code: str, *, post=None) -> Place:
    """The place with this code today; Refusal when there is none (or none that the post may see)."""
    places = Place.objects.within(post) if post else Place.objects.all()
    known = places.filter(code=code, valid_to=None).select_related("parent")
    place = known.first() if code.isascii() and code.isalnum() else None  # anything else, NUL too, is no code
    if place is None:
        raise Refusal(
            "unknown_place",
            zh=f"没有区划代码为 {code} 的地点，或不在您的辖区内。请核对 6、9 或 12 位代码。",
            en=f"There is no place with code {code}, or it is outside your area. Check the 6-, 9- or 12-digit code.",
            field="place",
        )
    return place


def children(place: Place, on: date) -> QuerySet[Place]:
    """The places directly below, as of a day, in code order."""
    return Place.objects.filter(parent=place).current(on).order_by("code")


def villages(place: Place, on: date) -> QuerySet[Place]:
    """Every village of a place, as of a day, with the township it lies in; in code order."""
    return Place.objects.under(place).filter(level="village").current(on).select_related("parent").order_by("code")


def changes(post, *, limit: int = 200) -> list[PlaceChange]:
    """Merges, splits and renamings that touch what a post may open, the latest first, with the places before and after."""
    inside = Place.objects.within(post).values("pk")
    touched = PlaceChange.objects.filter(Q(before__in=inside) | Q(after__in=inside)).distinct()
    return list(touched.prefetch_related("before", "after").order_by("-on", "-pk")[:limit])


def change(post, pk: int) -> PlaceChange | None:
    """One change that touches what a post may open."""
    return next((row for row in changes(post, limit=10_000) if row.pk == pk), None)


def _largest_ring(geometry: dict) -> rules.Ring:
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    rings = [[(float(x), float(y)) for x, y, *_ in polygon[0]] for polygon in polygons]
    return max(rings, key=lambda ring: abs(rules.area_and_centre(ring)[0]))


def _ring_of(place: Place, on: date) -> rules.Ring:
    """The outline of a place: its own, else its schematic cell inside its parent; a square where nothing is known."""
    if place.outline:
        return _largest_ring(place.outline)
    if place.parent_id and place.level in ("township", "village"):
        for feature in map_of(place.parent, on)["features"]:
            if feature["properties"]["code"] == place.code:
                return _largest_ring(feature["geometry"])
    return [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]


def map_of(place: Place, on: date) -> dict:
    """GeoJSON of the children; `schematic` says whether cells were drawn from points (示意图) or are real outlines."""
    below = list(children(place, on))
    key = tuple((c.pk, c.longitude, c.latitude, c.outline is not None) for c in below)
    return _draw(place.pk, key, on)


@lru_cache(maxsize=256)
def _draw(place_pk: int, key: tuple, on: date) -> dict:
    place = Place.objects.select_related("parent").get(pk=place_pk)
    below = [c for c in children(place, on) if c.kind == "division"]
    if not below:
        return {"type": "FeatureCollection", "schematic": False, "features": []}
    if all(c.outline for c in below):
        shapes, schematic = [c.outline for c in below], False
    else:
        shapes, schematic = _schematic(_ring_of(place, on), below), True
    features = [
        {"type": "Feature", "properties": {"code": c.code, "name": str(c)}, "geometry": shape}
        for c, shape in zip(below, shapes, strict=True)
    ]
    return {"type": "FeatureCollection", "schematic": schematic, "features": features}


def _schematic(outline: rules.Ring, below: list[Place]) -> list[dict]:
    ring, factor = rules.flat(outline)
    known = [(c.longitude * factor, c.latitude) if c.longitude and c.latitude else None for c in below]
    points = rules.spread(ring, known)
    shapes = []
    for cell, point in zip(rules.cells(ring, points), points, strict=True):
        corners = cell or [point]
        coordinates = [[round(x / factor, 5), round(y, 5)] for x, y in [*corners, corners[0]]]
        shapes.append({"type": "Polygon", "coordinates": [coordinates]})
    return shapes

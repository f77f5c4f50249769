"""How long the way is. A city's own matrix or roads when it has them, else straight lines made longer and slower.

Units: coordinates in degrees (lon, lat) or in km (x, y); times in minutes.
"""

from dataclasses import dataclass

import numpy as np

DETOUR = 1.35  # a way by road against the straight line
# an estimate for county roads, used only where nothing better is known, and named as such in every plan:
# km/h below 3 km, below 10 km, and beyond
STEPS_KM = (3.0, 10.0)
SPEED_KMH = (18.0, 28.0, 38.0)
STOP_MINUTES = 1.5  # getting on and off the road; not counted between two doors at the same place
STRAIGHT = ("直线距离×1.35估算,非实际道路", "estimated from straight lines × 1.35, not from roads")
ROADS = ("按本地道路数据计算", "computed on the city's own roads")


@dataclass(frozen=True)
class Travel:
    """``minutes[i, j]`` from point i to point j, ``km`` likewise, and how it was found (zh, en)."""

    minutes: np.ndarray
    km: np.ndarray
    basis: tuple[str, str] = STRAIGHT


def in_degrees(points: np.ndarray) -> bool:
    """Whether all points are (lon, lat) in China."""
    low, high = np.array([73, 3]), np.array([136, 54])
    return bool(len(points)) and bool(((points > low) & (points < high)).all())


def to_km(points: np.ndarray) -> np.ndarray:
    """(lon, lat) in degrees -> km east and north of the middle; (x, y) in km are handed back as they are."""
    points = np.asarray(points, dtype=float).reshape(-1, 2)
    if not in_degrees(points):
        return points
    middle = points.mean(axis=0)
    scale = np.array([111.32 * np.cos(np.radians(middle[1])), 110.57])
    return (points - middle) * scale


def minutes_of(road_km: np.ndarray) -> np.ndarray:
    speed = np.where(road_km < STEPS_KM[0], SPEED_KMH[0], np.where(road_km < STEPS_KM[1], SPEED_KMH[1], SPEED_KMH[2]))
    return road_km / speed * 60 + np.where(road_km > 0, STOP_MINUTES, 0.0)


def straight(points: np.ndarray, others: np.ndarray | None = None) -> Travel:
    """Estimated travel between all points (or from points to others), from straight lines."""
    own = np.asarray(points, dtype=float).reshape(-1, 2)
    if others is None:
        a = b = to_km(own)
    else:
        both = to_km(np.vstack([own, np.asarray(others, dtype=float).reshape(-1, 2)]))
        a, b = both[: len(own)], both[len(own) :]
    km = np.sqrt(((a[:, None, :] - b[None, :, :]) ** 2).sum(axis=2)) * DETOUR
    return Travel(minutes_of(km), km)


def given(minutes, km=None) -> Travel:
    """A matrix the city hands in (minutes)."""
    minutes = np.asarray(minutes, dtype=float)
    return Travel(
        minutes, np.asarray(km, dtype=float) if km is not None else minutes, ("采用给定的时间矩阵", "the given matrix")
    )


def _road_graph(geojson, kmh):
    """Lines -> (node coordinates in km, sparse matrix of minutes)."""
    from scipy.sparse import csr_matrix

    lines, speeds = [], []
    for feature in geojson["features"]:
        shape = feature["geometry"]
        parts = shape["coordinates"] if shape["type"] == "MultiLineString" else [shape["coordinates"]]
        if shape["type"] not in ("LineString", "MultiLineString"):
            continue
        for part in parts:
            lines.append(np.asarray([p[:2] for p in part], dtype=float))
            speeds.append(float((feature.get("properties") or {}).get("kmh") or kmh))
    if not lines:
        raise ValueError("no roads in the file")
    points = np.round(np.vstack(lines), 6)
    nodes, index = np.unique(points, axis=0, return_inverse=True)
    index = index.ravel()
    at, tails, heads, speed = 0, [], [], []
    for line, v in zip(lines, speeds, strict=True):
        ids = index[at : at + len(line)]
        at += len(line)
        tails.append(ids[:-1])
        heads.append(ids[1:])
        speed.append(np.full(len(ids) - 1, v))
    a, b, v = np.concatenate(tails), np.concatenate(heads), np.concatenate(speed)
    return nodes, a, b, v, csr_matrix


def by_road(points: np.ndarray, geojson: dict, *, kmh: float = 30.0) -> Travel:
    """Shortest ways on the city's own lines (GeoJSON LineStrings; property ``kmh`` may give a speed).

    Points join the network at its nearest node, by a straight line at walking-car speed; pairs the network does not
    connect fall back to the straight-line estimate.
    """
    from scipy.sparse.csgraph import dijkstra
    from scipy.spatial import cKDTree

    nodes, a, b, v, csr_matrix = _road_graph(geojson, kmh)
    both = to_km(np.vstack([np.asarray(points, dtype=float).reshape(-1, 2), nodes]))
    here, net = both[: len(points)], both[len(points) :]
    length = np.sqrt(((net[a] - net[b]) ** 2).sum(axis=1))
    graph = csr_matrix((np.maximum(length / v * 60, 1e-6), (a, b)), shape=(len(net), len(net)))
    away, join = cKDTree(net).query(here)
    used, back = np.unique(join, return_inverse=True)
    ways = dijkstra(graph, directed=False, indices=used)[:, used]
    access = away * DETOUR / SPEED_KMH[0] * 60
    minutes = ways[np.ix_(back, back)] + access[:, None] + access[None, :] + STOP_MINUTES
    fallback = straight(points)
    minutes = np.where(np.isfinite(minutes), minutes, fallback.minutes)
    np.fill_diagonal(minutes, 0.0)
    return Travel(minutes, fallback.km, ROADS)

"""The map of one day's routes: villages and visits as points, each helper's way as a line; the table beside it says the same."""

from collections import defaultdict
from datetime import date

from songhe.insight.rounds.models import PlanItem
from songhe.insight.rounds.positions import spots_of
from songhe.registry.places.models import Place

WIDTH, HEIGHT, EDGE = 640, 440, 56
CROWDED = 15  # more villages than this: only those visited that day are named
SHADES = 8  # colours in the stylesheet (.way-1 … .way-8); beyond them lines differ by number alone


def drawing(town: Place, rows: list[PlanItem], on: date) -> dict:
    """{width, height, villages: [{x, y, name}], ways: [{number, helper, shade, points, stops: [{x, y, order, name}]}], drawn}."""
    spots = spots_of(town, on)
    visits = [row for row in rows if row.kind == "visit"]
    at = {row.pk: _point(row, spots) for row in visits}
    scale = scale_of([*spots.villages.values(), *at.values()])
    by_helper: dict[int, list[PlanItem]] = defaultdict(list)
    for row in sorted(visits, key=lambda r: (r.helper.name, r.helper_id, r.position)):
        by_helper[row.helper_id].append(row)
    ways = []
    for number, held in enumerate(by_helper.values(), 1):
        stops = _apart([scale(at[row.pk]) for row in held])
        ways.append(
            {
                "number": number,
                "helper": held[0].helper,
                "shade": (number - 1) % SHADES + 1,
                "points": " ".join(f"{x:.1f},{y:.1f}" for x, y in stops),
                "stops": [
                    {"x": f"{x:.1f}", "y": f"{y:.1f}", "order": order, "name": row.person.name}
                    for order, ((x, y), row) in enumerate(zip(stops, held, strict=True), 1)
                ],
            }
        )
    named = {row.village_id for row in visits} if len(spots.villages) > CROWDED else set(spots.villages)
    shown = [{"x": f"{x:.1f}", "y": f"{y:.1f}", "name": spots.names[pk] if pk in named else ""} for pk, (x, y) in ((pk, scale(p)) for pk, p in spots.villages.items())]  # fmt: skip
    return {"width": WIDTH, "height": HEIGHT, "villages": shown, "ways": ways, "drawn": len(spots.drawn)}


def _point(row: PlanItem, spots) -> tuple[float, float]:
    person = row.person
    if person.longitude is not None and person.latitude is not None:
        return person.longitude, person.latitude
    return spots.villages.get(row.village_id, spots.middle)


def scale_of(points: list[tuple[float, float]]):
    """Longitude and latitude to the drawing, north up, the same scale both ways at 40° north."""
    xs, ys = [x * 0.766 for x, _ in points] or [0.0], [y for _, y in points] or [0.0]
    wide, high = max(max(xs) - min(xs), 1e-9), max(max(ys) - min(ys), 1e-9)
    factor = min((WIDTH - 2 * EDGE) / wide, (HEIGHT - 2 * EDGE) / high)
    left, top = (WIDTH - factor * wide) / 2, (HEIGHT - factor * high) / 2
    return lambda p: (left + (p[0] * 0.766 - min(xs)) * factor, top + (max(ys) - p[1]) * factor)


def _apart(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Stops at the same village side by side, so that each number can be read."""
    seen: dict[tuple[float, float], int] = defaultdict(int)
    found = []
    for x, y in points:
        key = (round(x), round(y))
        k = seen[key]
        seen[key] += 1
        found.append((x + 15 * (k % 6), y + 15 * (k // 6)))
    return found

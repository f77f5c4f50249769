"""The map of a siting plan, before and after: villages by whether they are reached, sites that stand, new ones by number."""

from songhe.doors.desk.plan_map import HEIGHT, WIDTH, scale_of
from songhe.insight.siting.answering import Answer
from songhe.insight.siting.gathering import Ground

NAMED = 25  # more villages than this: only those chosen are named


def drawings(ground: Ground, made: Answer) -> dict:
    """{width, height, maps: [{after, villages: [{x, y, r, reached, name}], standing: [{x, y}], new: [{x, y, rank, name}]}]}."""
    scale = scale_of([*(s.point for s in ground.spots), *(s.point for s in ground.standing)])
    most = max(row.spot.people for row in made.rows) or 1
    chosen = {each.spot.place.pk for each in made.chosen}
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "maps": [_one(ground, made, scale, most, chosen, late) for late in (False, True)],
    }


def _one(ground, made, scale, most, chosen, late) -> dict:
    villages = []
    for row in made.rows:
        spot = row.spot
        named = len(made.rows) <= NAMED and not (late and spot.place.pk in chosen)
        size = 4 + 8 * (spot.people / most) ** 0.5
        reached = row.now if late else row.was
        villages.append(_at(scale(spot.point), r=f"{size:.1f}", reached=reached, name=str(spot.place) if named else ""))
    new = [_at(scale(c.spot.point), rank=c.rank, name=str(c.spot.place)) for c in made.chosen] if late else []
    standing = [_at(scale(s.point), name=s.facility.name) for s in ground.standing]
    return {"after": late, "villages": villages, "standing": standing, "new": new}


def _at(point: tuple[float, float], **more) -> dict:
    return {"x": f"{point[0]:.1f}", "y": f"{point[1]:.1f}"} | more

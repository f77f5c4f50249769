"""Cutting a prefecture into areas small enough to plan as one: townships where given, else halves of the map."""

import numpy as np

LARGEST = 700  # people in one area: its travel matrix stays in the processor's cache


def _halve(index, points, out):
    if len(index) <= LARGEST:
        out.append(index)
        return
    spread = points[index].max(axis=0) - points[index].min(axis=0)
    order = index[np.argsort(points[index, int(np.argmax(spread))], kind="stable")]
    middle = len(order) // 2
    _halve(order[:middle], points, out)
    _halve(order[middle:], points, out)


def areas(people, helpers) -> list[tuple[list[int], list[int]]]:
    """-> [(people, helpers)] by number. A person goes where the own helper is, else to the nearest helper's area."""
    if not helpers:
        return [(list(range(len(people))), [])]
    spots = np.array([(h.x, h.y) for h in helpers], dtype=float)
    named = {h.id: j for j, h in enumerate(helpers)}
    own = np.array([named.get(p.own, -1) for p in people], dtype=int)
    lost = np.flatnonzero(own < 0)
    if len(lost):
        from scipy.spatial import cKDTree

        places = np.array([(people[i].x, people[i].y) for i in lost], dtype=float)
        near = cKDTree(spots).query(places)[1]
        by_area = {}
        for j, h in enumerate(helpers):
            by_area.setdefault(h.area, []).append(j)
        for i, j in zip(lost, near, strict=True):
            mine = by_area.get(people[i].area) if people[i].area else None
            if mine and j not in mine:
                away = ((spots[mine] - (people[i].x, people[i].y)) ** 2).sum(axis=1)
                j = mine[int(np.argmin(away))]
            own[i] = j
    load = np.bincount(own, minlength=len(helpers)) if len(own) else np.zeros(len(helpers), int)
    groups = {}
    for j, h in enumerate(helpers):
        groups.setdefault(h.area, []).append(j)
    found = []
    for members in groups.values():
        index = np.array(members)
        if load[index].sum() <= LARGEST:
            found.append(index)
            continue
        pieces = []
        # halve by people, not by helpers: repeat each helper as often as it has people
        _halve(np.repeat(index, np.maximum(load[index], 1)), spots, pieces)
        taken = set()
        for piece in pieces:
            part = [j for j in dict.fromkeys(piece.tolist()) if j not in taken]
            taken.update(part)
            if part:
                found.append(np.array(part))
    area_of = np.empty(len(helpers), int)
    for a, index in enumerate(found):
        area_of[index] = a
    of = [[] for _ in found]
    for i, j in enumerate(own):
        of[area_of[j]].append(i)
    return [(of[a], [int(j) for j in index]) for a, index in enumerate(found)]

"""Ticked or not, how sure, and why not surer: a box is sure only where its frame stands as printed and the ink is plain."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from songhe.care.visits.sheets.flat import SCALE, cut
from songhe.care.visits.sheets.unreadable import BLURRED, Unreadable

SURE = 0.9  # from here on a box needs nobody's eye
_EDGE = 0.55  # mm inside the frame that may hold the frame's own ink


@dataclass(frozen=True)
class Box:
    """One box: the better guess, how sure (0…1), and why not surer: "", weak, filled, stray, frame."""

    ticked: bool
    confidence: float
    doubt: str = ""

    @property
    def sure(self) -> bool:
        return self.confidence >= SURE


def judge(ink: Any, places: dict, frames: dict, geometry: dict) -> dict[tuple[int, str], Box]:
    plain = float(np.median(list(frames.values())))
    if plain < 0.12:
        raise Unreadable(BLURRED)
    noise = _noise(ink, places, geometry)
    seen = {key: _look(ink, x, y, geometry, noise) for key, (x, y) in places.items()}
    columns = [column for column, _ in geometry["columns"]]
    beside = {column: columns[max(0, at - 1) : at] + columns[at + 1 : at + 2] for at, column in enumerate(columns)}
    out = {}
    for (row, column), look in seen.items():
        others = [seen[key].amount for name in beside[column] if (key := (row, name)) in seen]
        others += [seen[key].amount for at in (row - 1, row + 1) if (key := (at, column)) in seen]
        out[row, column] = judged(look, frames[row, column] / plain, max(others, default=0.0))
    return out


@dataclass(frozen=True)
class Look:
    """What is inside a frame. `amount` of ink over the whole inside, and in its `middle`; `across`: how far the longest
    trace reaches, in box widths; `room`: the radius of the largest blank spot, in mm; `faint`: ink under the threshold;
    `entering`: ink just outside the frame; `through`: a trace goes out on two opposite sides."""

    amount: float
    middle: float
    across: float
    room: float
    faint: float
    entering: float
    through: bool


def _noise(ink: Any, places: dict, geometry: dict) -> float:
    """The unevenness of empty paper inside boxes: the lower quartile of their standard deviations."""
    spread = []
    for x, y in places.values():
        inside = cut(ink, x + _EDGE, y + _EDGE, geometry["box"] - 2 * _EDGE, geometry["box"] - 2 * _EDGE)
        spread.append(float(inside.std()))
    return float(np.percentile(spread, 25))


def _look(ink: Any, x: float, y: float, geometry: dict, noise: float) -> Look:
    import cv2

    size = geometry["box"]
    inner = size - 2 * _EDGE
    inside = cut(ink, x + _EDGE, y + _EDGE, inner, inner)
    floor = float(np.percentile(inside, 20)) if inside.size else 0.0
    level = max(0.11, 4.5 * noise) + min(floor, 0.08)
    marked = np.where(inside > level, inside, 0)
    third = inside.shape[0] // 4
    middle = marked[third:-third, third:-third]
    across, room = 0.0, inner / 2
    if marked.any():
        _, _, stats, _ = cv2.connectedComponentsWithStats((marked > 0).astype(np.uint8), connectivity=8)
        across = float(max(np.hypot(s[2], s[3]) for s in stats[1:]) / (inner * SCALE))
        room = float(cv2.distanceTransform((marked == 0).astype(np.uint8), cv2.DIST_L2, 3).max()) / SCALE
    faint = float(np.clip(cv2.GaussianBlur(inside, (0, 0), 2) - max(floor, 0.0), 0, 1).max()) if inside.size else 0.0
    left, right, above, below = _around(ink, x, y, size, level)
    through = min(left, right) > 0.03 or min(above, below) > 0.03
    return Look(
        float(marked.mean()), float(middle.mean()), across, room, faint, max(left, right, above, below), through
    )


def _around(ink: Any, x: float, y: float, size: float, level: float) -> list[float]:
    """Ink in the gaps left, right, above and below the frame: strokes that come or go."""
    gap, off = 0.55, 0.35
    parts = [
        cut(ink, x - off - gap, y, gap, size), cut(ink, x + size + off, y, gap, size),
        cut(ink, x, y - off - gap, size, gap), cut(ink, x, y + size + off, size, gap),
    ]  # fmt: skip
    return [float(np.where(part > level, part, 0).mean()) if part.size else 0.0 for part in parts]


EMPTY, WEAK, PLAIN, HEAVY, FULL = 0.006, 0.03, 0.055, 0.37, 0.5  # ink as a share of the inside
TIGHT, ROOMY = 0.62, 0.95  # radius in mm of the largest blank spot that scribbling leaves, and that any tick leaves


def judged(look: Look, frame: float, beside: float) -> Box:
    """The verdict on a box. `frame`: how its frame stands against the page's usual one; `beside`: the ink of its neighbours."""
    blackened = look.amount > 0.56 or (look.room < 0.55 and look.amount > 0.42)
    ticked = look.amount >= WEAK and look.across >= 0.25 and not blackened
    if frame < 0.5:
        return Box(ticked, 0.3, "frame")
    if look.amount <= EMPTY and look.across < 0.3:
        doubtful = look.faint > 0.06 and look.amount > 0.001
        return Box(False, 0.6, "weak") if doubtful else Box(False, round(min(0.999, 0.999 - 4 * look.amount), 3))
    if look.amount > FULL or look.room < TIGHT or (look.room < ROOMY and look.amount > HEAVY):
        return Box(ticked, 0.5, "filled")  # scribbled out, or a heavy tick: nobody but a person can tell
    if look.through and look.amount < 0.16:
        return Box(ticked and look.amount >= 0.06, 0.5, "stray")  # a crease, a line drawn through the row
    if look.amount >= PLAIN and look.across >= 0.5 and look.middle >= 0.02:
        if look.entering > 0.05 and look.amount < 0.11 and beside > look.amount * 1.2:
            return Box(ticked, 0.5, "stray")
        return Box(True, round(min(0.999, 0.93 + (look.amount - PLAIN)), 3))
    if look.entering > 0.02 and look.middle < 0.02:
        return Box(False, 0.5, "stray")
    return Box(ticked, 0.55, "weak")

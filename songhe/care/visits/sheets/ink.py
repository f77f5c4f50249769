"""Ink on the flat page, and where each printed frame really lies."""

from typing import Any

import numpy as np

from songhe.care.visits.sheets.flat import SCALE, cut
from songhe.care.visits.sheets.unreadable import NO_BOXES, Unreadable

_REACH = 1.0  # mm a frame may lie from where the corner marks put it


def ink_of(flat: Any, geometry: dict) -> Any:
    """How much darker than the paper around it each pixel is: 0 paper … 1 as black as the corner marks."""
    import cv2

    small = cv2.resize(flat, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (15, 15))  # 7.5 mm: wider than a blackened box
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, kernel)
    paper = cv2.GaussianBlur(paper, (0, 0), 4)
    paper = cv2.resize(paper, (flat.shape[1], flat.shape[0]), interpolation=cv2.INTER_LINEAR).astype(np.float32)
    dark = np.clip(1.0 - cv2.GaussianBlur(flat, (3, 3), 0).astype(np.float32) / np.maximum(paper, 8.0), 0, 1)
    return np.clip(dark / max(0.25, _blackness(flat, geometry)), 0, 1.2)


def _blackness(flat: Any, geometry: dict) -> float:
    """The contrast of the corner marks' borders against the paper beside them."""
    found = []
    size = geometry["marker"]
    for x, y in geometry["markers"].values():
        black = np.percentile(cut(flat, x, y, size, size), 15)
        white = np.percentile(cut(flat, x - 3, y - 3, size + 6, size + 6), 92)
        found.append(1.0 - black / max(white, 1))
    return float(np.median(found))


def settle(ink: Any, places: dict, geometry: dict) -> tuple[dict, dict]:
    """Where each frame really lies, smoothed over its neighbours; and how plainly it stands there (0…1)."""
    import cv2

    size, line = geometry["box"], geometry["line"]
    outer = round((size + line) * SCALE)
    wide = max(2, round((line + 0.1) * SCALE))
    frame = np.zeros((outer, outer), np.float32)
    frame[:wide], frame[-wide:], frame[:, :wide], frame[:, -wide:] = 1, 1, 1, 1
    seek = frame / frame.sum() - (1 - frame) / max((1 - frame).sum(), 1) * 0.35
    reach = round(_REACH * SCALE)
    keys, shifts, trust = list(places), [], []
    for key in keys:
        x, y = places[key]
        part = _window(
            ink, round((x - line / 2) * SCALE) - reach, round((y - line / 2) * SCALE) - reach, outer + 2 * reach
        )
        score = cv2.matchTemplate(np.minimum(part, 0.8), seek, cv2.TM_CCORR)
        at = np.unravel_index(int(score.argmax()), score.shape)
        shifts.append((at[1] - reach, at[0] - reach))
        trust.append(float(score.max()))
    moved = _smoothed(np.array([places[key] for key in keys]), np.array(shifts, float), np.array(trust))
    settled, frames = {}, {}
    for key, (dx, dy) in zip(keys, moved, strict=True):
        x, y = places[key][0] + dx / SCALE, places[key][1] + dy / SCALE
        settled[key] = (x, y)
        frames[key] = _standing(ink, x, y, size, line)
    return settled, frames


def _window(ink: Any, left: int, top: int, side: int) -> Any:
    out = np.zeros((side, side), np.float32)
    high, wide = ink.shape
    a, b, c, d = max(0, top), min(high, top + side), max(0, left), min(wide, left + side)
    if a < b and c < d:
        out[a - top : b - top, c - left : d - left] = ink[a:b, c:d]
    return out


def _smoothed(where: Any, shifts: Any, trust: Any) -> Any:
    """Each shift as the weighted median of those within 20 mm: a pen stroke pulls one box, never its whole neighbourhood."""
    out = np.empty_like(shifts)
    for at, place in enumerate(where):
        near = np.abs(where - place).max(axis=1) < 20.0
        weights = np.maximum(trust[near], 1e-3)
        for axis in (0, 1):
            values = shifts[near, axis]
            order = np.argsort(values)
            summed = np.cumsum(weights[order])
            out[at, axis] = values[order][np.searchsorted(summed, summed[-1] / 2)]
    return out


def _standing(ink: Any, x: float, y: float, size: float, line: float) -> float:
    """How plainly a frame stands at a place: the weakest but one of eight half sides, as ink across the printed line."""
    half = max(1, round((line / 2 + 0.12) * SCALE))
    sides = []
    for along in range(2):
        for begin in (0.15, 0.5):
            a, b = round((x + size * begin) * SCALE), round((x + size * (begin + 0.35)) * SCALE)
            c, d = round((y + size * begin) * SCALE), round((y + size * (begin + 0.35)) * SCALE)
            for edge in (0.0, size):
                if along == 0:
                    row = round((y + edge) * SCALE)
                    strip = ink[max(0, row - half) : row + half + 1, a:b]
                    sides.append(float(strip.max(axis=0).mean()) if strip.size else 0.0)
                else:
                    column = round((x + edge) * SCALE)
                    strip = ink[c:d, max(0, column - half) : column + half + 1]
                    sides.append(float(strip.max(axis=1).mean()) if strip.size else 0.0)
    return sorted(sides)[1]


def rows_there(places: dict, frames: dict, geometry: dict) -> tuple[dict, dict]:
    """Without a code: the rows whose frames stand there, from the first on without a gap."""
    rows = 0
    while rows < geometry["rows"]:
        plain = [frames[rows + 1, column] for column, _ in geometry["columns"]]
        if float(np.median(plain)) < 0.2:
            break
        rows += 1
    if rows == 0:
        raise Unreadable(NO_BOXES)
    kept = [key for key in places if key[0] <= rows]
    return {key: places[key] for key in kept}, {key: frames[key] for key in kept}

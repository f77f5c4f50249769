"""The page as if scanned straight, from the corner marks; and its square code."""

from typing import Any

import numpy as np

from songhe.care.visits.sheets import layout as layouts
from songhe.care.visits.sheets.unreadable import BENT, NO_CORNERS, TOO_SMALL, Unreadable

SCALE = 8  # pixels a millimetre of the flat page
LARGEST_SIDE = 4200


def cut(flat: Any, x: float, y: float, width: float, height: float) -> Any:
    """A part of the flat page, in millimetres."""
    top, left = max(0, round(y * SCALE)), max(0, round(x * SCALE))
    return flat[top : round((y + height) * SCALE), left : round((x + width) * SCALE)]


def flatten(grey: Any, geometry: dict) -> Any:
    """The page as if scanned straight, SCALE pixels a millimetre. Raises Unreadable without three of the corner marks."""
    import cv2

    side = max(grey.shape)
    if side > LARGEST_SIDE:
        grey = cv2.resize(grey, None, fx=LARGEST_SIDE / side, fy=LARGEST_SIDE / side, interpolation=cv2.INTER_AREA)
    found = _markers(grey)
    if len(found) < 3:
        raise Unreadable(NO_CORNERS)
    size = geometry["marker"]
    corners = np.array([[0, 0], [size, 0], [size, size], [0, size]], np.float32)
    paper, seen = [], []
    for name, points in found.items():
        paper.append(np.array(geometry["markers"][str(name)], np.float32) + corners)
        seen.append(points)
    source, target = np.concatenate(seen), np.concatenate(paper) * SCALE
    matrix, _ = cv2.findHomography(source, target, 0)
    if matrix is None:
        raise Unreadable(NO_CORNERS)
    away = cv2.perspectiveTransform(source[None], matrix)[0] - target
    if np.abs(away).max() > 3.0 * SCALE:
        raise Unreadable(BENT)
    if _pixels_a_millimetre(found, size) < 3.0:
        raise Unreadable(TOO_SMALL)
    width, height = (round(side * SCALE) for side in geometry["paper"])
    return cv2.warpPerspective(grey, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=255)


def _pixels_a_millimetre(found: dict, size: float) -> float:
    sides = [np.linalg.norm(p[at] - p[(at + 1) % 4]) for p in found.values() for at in range(4)]
    return float(np.median(sides)) / size


def _markers(grey: Any) -> dict[int, Any]:
    """The corner marks seen: {id: four corners, clockwise from its upper left}."""
    import cv2

    detector = cv2.aruco.ArucoDetector(
        cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50), cv2.aruco.DetectorParameters()
    )
    found: dict[int, Any] = {}
    for tried in (grey, None):
        if tried is None:  # again with the light evened out
            tried = cv2.createCLAHE(3.0, (8, 8)).apply(cv2.GaussianBlur(grey, (3, 3), 0))
        corners, ids, _ = detector.detectMarkers(tried)
        for points, name in zip(corners, [] if ids is None else ids.ravel(), strict=True):
            if int(name) in layouts.MARKER_BITS and int(name) not in found:
                found[int(name)] = points.reshape(4, 2).astype(np.float32)
        if len(found) == 4:
            break
    return {name: _sharpened(grey, points) for name, points in found.items()}


def _sharpened(grey: Any, points: Any) -> Any:
    import cv2

    side = float(np.linalg.norm(points[0] - points[1]))
    reach = max(2, round(side / 22))
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 40, 0.02)
    return cv2.cornerSubPix(grey, points.reshape(-1, 1, 2).copy(), (reach, reach), (-1, -1), stop).reshape(4, 2)


def read_code(flat: Any, grey: Any, geometry: dict) -> layouts.Code | None:
    """What the square code says: the usual reader on several renderings of its place, a second reader, the whole picture."""
    import cv2

    x, y, size = geometry["qr"]
    part = cut(flat, x - 1, y - 1, size + 2, size + 2)
    large = cv2.resize(part, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    _, black = cv2.threshold(cv2.GaussianBlur(large, (5, 5), 0), 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    local = cv2.adaptiveThreshold(
        cv2.GaussianBlur(large, (5, 5), 0), 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, 101, 8
    )
    readers = [cv2.QRCodeDetector(), cv2.QRCodeDetectorAruco()]
    for picture_of_it in (large, black, local, part, grey):
        for reader in readers:
            try:
                text = reader.detectAndDecode(picture_of_it)[0]
            except (cv2.error, UnicodeDecodeError):
                continue
            code = layouts.parse_code(text or "")
            if code:
                return code
    return None

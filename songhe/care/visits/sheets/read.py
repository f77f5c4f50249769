"""Which boxes of a photographed or scanned sheet are ticked: pixels in, boxes with a confidence out.

reading = read(data)                      # bytes of a PNG or JPEG; a grey picture as array goes to `read_picture`
reading.code.number, reading.boxes[(3, "d2.call")].ticked, .confidence       -> "7K3M9QXAB", True, 0.99
reading.crop(3, "d2.call")                -> PNG bytes of the box and its surroundings, for a person to decide

How: the four corner marks give the perspective; the page is drawn flat at 8 pixels a millimetre; each printed frame is
found again near its place (paper bends); ink is what is darker than the paper around it, so shadows do not matter.
A box is sure only where its frame stands as printed and the ink says plainly yes or no. A blackened box, a weak trace, a
stroke that comes in from the box beside it, a frame not found: the confidence stays under SURE, and a person decides.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from songhe.care.visits.sheets import layout as layouts
from songhe.core.problem import Problem

SCALE = 8  # pixels a millimetre of the flat page
SURE = 0.9  # from here on a box needs nobody's eye
MOST_PAGES = 60
MOST_PIXELS = 60_000_000
LARGEST_SIDE = 4200
_EDGE = 0.55  # mm inside the frame that may hold the frame's own ink
_REACH = 1.0  # mm a frame may lie from where the corner marks put it


class Unreadable(Exception):
    """The picture as a whole cannot be read; `problem` says why and what to do."""

    def __init__(self, problem: Problem):
        super().__init__(problem.zh)
        self.problem = problem
        self.code, self.zh, self.en = problem.code, problem.zh, problem.en


@dataclass(frozen=True)
class Box:
    """One box: the better guess, how sure (0…1), and why not surer: "", weak, filled, stray, frame."""

    ticked: bool
    confidence: float
    doubt: str = ""

    @property
    def sure(self) -> bool:
        return self.confidence >= SURE


@dataclass
class Reading:
    """A page read. `code` is None where the square code could not be read: then somebody types the sheet's number."""

    code: layouts.Code | None
    geometry: dict
    boxes: dict[tuple[int, str], Box]
    flat: Any = field(repr=False, default=None)
    places: dict[tuple[int, str], tuple[float, float]] = field(repr=False, default_factory=dict)

    @property
    def unsure(self) -> list[tuple[int, str]]:
        return [key for key, box in self.boxes.items() if not box.sure]

    def crop(self, row: int, column: str, margin: float = 3.2) -> bytes:
        """The box and a little around it as PNG."""
        x, y = self.places[row, column]
        size = self.geometry["box"]
        return picture(cut(self.flat, x - margin, y - margin, size + 2 * margin, size + 2 * margin))


def picture(pixels: Any) -> bytes:
    """A grey array as PNG."""
    import cv2

    return cv2.imencode(".png", pixels, [cv2.IMWRITE_PNG_COMPRESSION, 6])[1].tobytes()


def cut(flat: Any, x: float, y: float, width: float, height: float) -> Any:
    """A part of the flat page, in millimetres."""
    top, left = max(0, round(y * SCALE)), max(0, round(x * SCALE))
    return flat[top : round((y + height) * SCALE), left : round((x + width) * SCALE)]


def pages(data: bytes) -> list[Any]:
    """The pages of a file as grey arrays: one for a picture, each page of a PDF. Raises Unreadable."""
    if not data.startswith(b"%PDF"):
        return [decoded(data)]
    try:
        import cv2  # noqa: F401 - asked for here, so that a scan says the same as a picture
        import pypdfium2
    except ImportError:
        raise Unreadable(_NO_READER) from None

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:
        raise Unreadable(_NO_PICTURE) from None
    try:
        if len(document) > MOST_PAGES:
            raise Unreadable(_MANY_PAGES)
        return [_rendered(document[at]) for at in range(len(document))]
    finally:
        document.close()


def _rendered(page: Any) -> Any:
    width, height = page.get_size()
    scale = min(200 / 72, LARGEST_SIDE / max(width, height, 1))
    return np.array(page.render(scale=scale, grayscale=True).to_pil().convert("L"))


def read(data: bytes, geometry: dict | None = None) -> Reading:
    """Read one picture. Raises Unreadable."""
    return read_picture(decoded(data), geometry)


def decoded(data: bytes) -> Any:
    """The picture as a grey array, turned as its camera says. Raises Unreadable."""
    import io

    from PIL import Image, UnidentifiedImageError

    try:
        import cv2
    except ImportError:
        raise Unreadable(_NO_READER) from None

    try:
        with Image.open(io.BytesIO(data)) as head:
            width, height = head.size
            known = head.format in ("PNG", "JPEG", "TIFF", "BMP", "WEBP")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        known, width, height = False, 0, 0
    if not known:
        raise Unreadable(_NO_PICTURE)
    if width * height > MOST_PIXELS:
        raise Unreadable(_TOO_LARGE)
    grey = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    if grey is None:
        raise Unreadable(_NO_PICTURE)
    return grey


def code_of(grey: Any) -> layouts.Code | None:
    """The square code of a page, or None. Raises Unreadable where the corner marks are not seen."""
    geometry = layouts.layout()
    return _code(flatten(grey, geometry), grey, geometry)


def read_picture(
    grey: Any, geometry: dict | None = None, *, rows: int | None = None, code: layouts.Code | None = None
) -> Reading:
    """Read a grey picture (uint8, rows × columns). Raises Unreadable.

    `geometry`: the sheet's own layout, else today's; `rows` on the page and its `code` where they are known already.
    """
    geometry = geometry or layouts.layout()
    flat = flatten(grey, geometry)
    code = code or _code(flat, grey, geometry)
    known = rows or (code.rows if code else None)
    places = layouts.boxes(geometry, known or geometry["rows"])
    ink = _ink(flat, geometry)
    places, frames = _settle(ink, places, geometry)
    if known is None:
        places, frames = _rows_there(places, frames, geometry)
    boxes = _judge(ink, places, frames, geometry)
    return Reading(code, geometry, boxes, flat, places)


# the page, flat ----------------------------------------------------------------------------------------------------


def flatten(grey: Any, geometry: dict) -> Any:
    """The page as if scanned straight, SCALE pixels a millimetre. Raises Unreadable without three of the corner marks."""
    import cv2

    side = max(grey.shape)
    if side > LARGEST_SIDE:
        grey = cv2.resize(grey, None, fx=LARGEST_SIDE / side, fy=LARGEST_SIDE / side, interpolation=cv2.INTER_AREA)
    found = _markers(grey)
    if len(found) < 3:
        raise Unreadable(_NO_CORNERS)
    size = geometry["marker"]
    corners = np.array([[0, 0], [size, 0], [size, size], [0, size]], np.float32)
    paper, seen = [], []
    for name, points in found.items():
        paper.append(np.array(geometry["markers"][str(name)], np.float32) + corners)
        seen.append(points)
    source, target = np.concatenate(seen), np.concatenate(paper) * SCALE
    matrix, _ = cv2.findHomography(source, target, 0)
    if matrix is None:
        raise Unreadable(_NO_CORNERS)
    away = cv2.perspectiveTransform(source[None], matrix)[0] - target
    if np.abs(away).max() > 3.0 * SCALE:
        raise Unreadable(_BENT)
    if _pixels_a_millimetre(found, size) < 3.0:
        raise Unreadable(_TOO_SMALL)
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


# the square code ---------------------------------------------------------------------------------------------------


def _code(flat: Any, grey: Any, geometry: dict) -> layouts.Code | None:
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


# ink ---------------------------------------------------------------------------------------------------------------


def _ink(flat: Any, geometry: dict) -> Any:
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


def _settle(ink: Any, places: dict, geometry: dict) -> tuple[dict, dict]:
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


def _rows_there(places: dict, frames: dict, geometry: dict) -> tuple[dict, dict]:
    """Without a code: the rows whose frames stand there, from the first on without a gap."""
    rows = 0
    while rows < geometry["rows"]:
        plain = [frames[rows + 1, column] for column, _ in geometry["columns"]]
        if float(np.median(plain)) < 0.2:
            break
        rows += 1
    if rows == 0:
        raise Unreadable(_NO_BOXES)
    kept = [key for key in places if key[0] <= rows]
    return {key: places[key] for key in kept}, {key: frames[key] for key in kept}


# judgement ---------------------------------------------------------------------------------------------------------


def _judge(ink: Any, places: dict, frames: dict, geometry: dict) -> dict[tuple[int, str], Box]:
    plain = float(np.median(list(frames.values())))
    if plain < 0.12:
        raise Unreadable(_BLURRED)
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


_NO_PICTURE = Problem(
    "sheet_no_picture",
    "这不是能读的图片。请上传手机照片（JPG）或扫描件（PNG、PDF）。",
    "This is no picture that can be read. Upload a photograph (JPG) or a scan (PNG, PDF).",
)
_NO_READER = Problem(
    "sheet_no_reader",
    "本机没有安装识读组件（opencv-python-headless），不能读照片。请用键盘录入，或请系统管理员运行 make setup。",
    "What reads pictures (opencv-python-headless) is not installed here. Type the sheet, or ask for `make setup`.",
)
_TOO_LARGE = Problem(
    "sheet_too_large",
    "图片超过 6000 万像素。请用普通画质重新拍一张。",
    "The picture has more than 60 million pixels. Take it again at the usual quality.",
)
_MANY_PAGES = Problem(
    "sheet_many_pages", "文件超过 60 页。请分开上传。", "The file has more than 60 pages. Upload it in parts."
)
_TOO_SMALL = Problem(
    "sheet_too_small",
    "照片里的纸单太小，格子看不清。请靠近些，让整张纸占满画面再拍。",
    "The sheet is too small in the picture to see its boxes. Go nearer so that the paper fills the picture.",
)
_NO_CORNERS = Problem(
    "sheet_no_corners",
    "找不到纸单四角的黑色方块（至少要看到三个）。请把整张纸拍进去，不要遮住四角。",
    "The black squares at the sheet's corners were not found (three are needed). Take the whole sheet, corners uncovered.",
)
_BENT = Problem(
    "sheet_bent",
    "纸张弯折太厉害，格子对不上。请把纸压平再拍。",
    "The paper is bent too much for the boxes to fit. Lay it flat and take it again.",
)
_BLURRED = Problem(
    "sheet_blurred",
    "照片太模糊，格子的边框都看不清。请对好焦、拿稳再拍一张。",
    "The picture is too blurred to see the frames of the boxes. Focus, hold still and take it again.",
)
_NO_BOXES = Problem(
    "sheet_no_boxes",
    "四角找到了，但看不到格子。请确认是本系统打印的探访纸单。",
    "The corners are there but no boxes. Make sure this is a visiting sheet printed by this system.",
)

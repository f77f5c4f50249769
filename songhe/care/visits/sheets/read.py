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
from songhe.care.visits.sheets.flat import LARGEST_SIDE, cut, flatten, read_code
from songhe.care.visits.sheets.ink import ink_of, rows_there, settle
from songhe.care.visits.sheets.judge import Box, judge
from songhe.care.visits.sheets.unreadable import MANY_PAGES, NO_PICTURE, NO_READER, TOO_LARGE, Unreadable

MOST_PAGES = 60
MOST_PIXELS = 60_000_000


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


def pages(data: bytes) -> list[Any]:
    """The pages of a file as grey arrays: one for a picture, each page of a PDF. Raises Unreadable."""
    if not data.startswith(b"%PDF"):
        return [decoded(data)]
    try:
        import cv2  # noqa: F401 - asked for here, so that a scan says the same as a picture
        import pypdfium2
    except ImportError:
        raise Unreadable(NO_READER) from None

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:
        raise Unreadable(NO_PICTURE) from None
    try:
        if len(document) > MOST_PAGES:
            raise Unreadable(MANY_PAGES)
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
        raise Unreadable(NO_READER) from None

    try:
        with Image.open(io.BytesIO(data)) as head:
            width, height = head.size
            known = head.format in ("PNG", "JPEG", "TIFF", "BMP", "WEBP")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        known, width, height = False, 0, 0
    if not known:
        raise Unreadable(NO_PICTURE)
    if width * height > MOST_PIXELS:
        raise Unreadable(TOO_LARGE)
    grey = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    if grey is None:
        raise Unreadable(NO_PICTURE)
    return grey


def code_of(grey: Any) -> layouts.Code | None:
    """The square code of a page, or None. Raises Unreadable where the corner marks are not seen."""
    geometry = layouts.layout()
    return read_code(flatten(grey, geometry), grey, geometry)


def read_picture(
    grey: Any, geometry: dict | None = None, *, rows: int | None = None, code: layouts.Code | None = None
) -> Reading:
    """Read a grey picture (uint8, rows × columns). Raises Unreadable.

    `geometry`: the sheet's own layout, else today's; `rows` on the page and its `code` where they are known already.
    """
    geometry = geometry or layouts.layout()
    flat = flatten(grey, geometry)
    code = code or read_code(flat, grey, geometry)
    known = rows or (code.rows if code else None)
    places = layouts.boxes(geometry, known or geometry["rows"])
    ink = ink_of(flat, geometry)
    places, frames = settle(ink, places, geometry)
    if known is None:
        places, frames = rows_there(places, frames, geometry)
    boxes = judge(ink, places, frames, geometry)
    return Reading(code, geometry, boxes, flat, places)

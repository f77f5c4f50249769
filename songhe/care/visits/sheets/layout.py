"""Where everything stands on a weekly sheet, in millimetres from the upper left corner of an A4 page lying down.

layout("week1")               -> {"paper": [297, 210], "markers": {…}, "qr": […], "box": 4.6, "columns": […], …}
boxes(layout, rows=2)         -> {(1, "d1.call"): (38.0, 47.4), …}      upper left corner of each box
Code("7K3M9QXAB", 1, 15, "2026-W46", "990101001001").text()
                              -> "SONGHE1:7K3M9QXAB:1:15:2026-W46:990101001001"

A sheet keeps its layout as data beside its rows, so that one returned years later is read by the geometry it was printed
with. The code on it names the sheet, the page, how many rows stand on it, the week and the village: nobody.
"""

import re
import secrets
from dataclasses import dataclass

CURRENT = "week1"
ROWS = 15
# The bits of four ArUco markers (dictionary 4x4, ids 0–3) with their black border; they say which corner is which.
MARKER_BITS = {
    0: ("000000", "010110", "001010", "000110", "000100", "000000"),
    1: ("000000", "000000", "011110", "010010", "010100", "000000"),
    2: ("000000", "000110", "000110", "000100", "011010", "000000"),
    3: ("000000", "010010", "010010", "001000", "001100", "000000"),
}  # fmt: skip
OUTCOMES = ("unwell", "hospital", "away", "refused")
NEEDS = ("top_up", "errand", "call_family", "comfort", "doctor", "other")
DAY_MARKS = ("call", "visit", "nobody")
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no 0 1 I L O U: easily mistaken in handwriting
_NUMBER = re.compile(rf"[{_ALPHABET}]{{9}}")
_CODE = re.compile(r"SONGHE1:([2-9A-Z]{9}):(\d{1,2}):(\d{1,2}):(\d{4}-W\d{2}):(\d{12})")


def layout(name: str = CURRENT) -> dict:
    """The geometry of a kind of sheet, as plain data to be kept with each sheet. Raises KeyError."""
    return {"week1": _week1}[name]()


def _week1() -> dict:
    columns: list[list] = []
    for day in range(1, 8):
        left = 38.0 + (day - 1) * 20.2
        columns += [[f"d{day}.{mark}", round(left + at * 6.2, 2)] for at, mark in enumerate(DAY_MARKS)]
    columns += [[f"o.{code}", round(182.0 + at * 7.6, 2)] for at, code in enumerate(OUTCOMES)]
    columns += [[f"n.{code}", round(214.5 + at * 7.6, 2)] for at, code in enumerate(NEEDS)]
    return {
        "name": "week1",
        "paper": [297.0, 210.0],
        "marker": 9.0,
        "markers": {"0": [8.0, 8.0], "1": [280.0, 8.0], "2": [280.0, 193.0], "3": [8.0, 193.0]},
        "qr": [249.0, 6.0, 25.0],
        "box": 4.6,
        "line": 0.3,
        "columns": columns,
        "first": 46.0,
        "pitch": 9.4,
        "rows": ROWS,
    }


def boxes(geometry: dict, rows: int) -> dict[tuple[int, str], tuple[float, float]]:
    """The upper left corner of every box of a page with so many rows: {(row on the page, column): (x, y)}."""
    inset = (geometry["pitch"] - geometry["box"]) / 2
    return {
        (row, column): (x, geometry["first"] + (row - 1) * geometry["pitch"] + inset)
        for row in range(1, rows + 1)
        for column, x in geometry["columns"]
    }


@dataclass(frozen=True)
class Code:
    """What the square code on a page says. `rows`: how many rows stand on this page."""

    number: str
    page: int
    rows: int
    week: str
    village: str

    def text(self) -> str:
        return f"SONGHE1:{self.number}:{self.page}:{self.rows}:{self.week}:{self.village}"


def parse_code(text: str) -> Code | None:
    """The code read from a page, or None if it is not one of ours."""
    found = _CODE.fullmatch(text.strip())
    if not found or not is_number(found[1]) or not 1 <= int(found[3]) <= ROWS or int(found[2]) < 1:
        return None
    return Code(found[1], int(found[2]), int(found[3]), found[4], found[5])


def new_number() -> str:
    """A sheet's number: eight drawn characters and one that checks them, to be typed where the code cannot be read."""
    body = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    return body + _check(body)


def is_number(text: str) -> bool:
    """Whether the text is a sheet's number with its check character right."""
    return bool(_NUMBER.fullmatch(text)) and _check(text[:8]) == text[8]


def tidy_number(text: str) -> str:
    """What somebody typed, as a number: without blanks and dashes, in capitals."""
    return re.sub(r"[\s\-–—·]", "", text).upper()


def _check(body: str) -> str:
    """Weighted by place, so that a wrong character or two changed about is noticed (weights 1…8, modulo 30 letters + 1)."""
    total = sum((at + 2) * _ALPHABET.index(letter) for at, letter in enumerate(body))
    return _ALPHABET[total % 29]

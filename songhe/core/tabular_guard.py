"""What must be asked of a workbook before any library unfolds it in memory.

An .xlsx is a zip of XML. A few kilobytes can unfold to gigabytes, and one cell at the far corner of a sheet makes a reader lay
out seventeen thousand million empty ones. One pass over the parts counts both; it also tells whether cells are merged.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from dataclasses import dataclass
from typing import BinaryIO

from songhe.core import tabular_words as words
from songhe.core.problem import Refused


class BadTable(Refused):
    """A file that cannot be read as a table."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is taken in at once."""

    file_bytes: int = 300 << 20
    unfolded_bytes: int = 3 << 30
    part_ratio: int = 400  # a sheet of equal rows folds about 100 to 1
    columns: int = 500
    cells: int = 60_000_000
    sheets: int = 20


DEFAULT = Limits()
_BLOCK = 1 << 20
_ROW = re.compile(rb'<row [^>]*?r="(\d{1,8})"')
_WIDE = re.compile(rb' r="([A-Z]{2,4})\d')


@dataclass(frozen=True, slots=True)
class Facts:
    merged: bool


def guard_xlsx(stream: BinaryIO, limits: Limits) -> Facts:
    """Read every part once, counting. Raises BadTable."""
    try:
        with zipfile.ZipFile(stream) as archive:
            parts = archive.infolist()
            names = {p.filename for p in parts}
            if "xl/workbook.xml" not in names:
                raise BadTable(words.not_a_workbook("EncryptedPackage" in names))
            if sum(p.file_size for p in parts) > limits.unfolded_bytes or len(parts) > 5000:
                raise BadTable(words.bomb())
            merged = False
            for part in parts:
                if part.file_size > _BLOCK and part.file_size > part.compress_size * limits.part_ratio:
                    raise BadTable(words.bomb())
                if part.filename.startswith("xl/worksheets/") and part.filename.endswith(".xml"):
                    merged |= _guard_sheet(archive, part, limits)
                else:
                    _drain(archive, part)
            return Facts(merged)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        if isinstance(error, BadTable):
            raise
        raise BadTable(words.damaged(str(error))) from None


def _drain(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Reading to the end checks length and checksum against what the zip's list of parts promised."""
    with archive.open(part) as content:
        while content.read(_BLOCK):
            pass


def _guard_sheet(archive: zipfile.ZipFile, part: zipfile.ZipInfo, limits: Limits) -> bool:
    rows, columns, merged, rest = 0, 26, False, b""
    with archive.open(part) as content:
        while block := content.read(_BLOCK):
            text = rest + block
            wide = set(_WIDE.findall(text))
            if wide:
                columns = max(columns, *map(_column, wide))
            last = text.rfind(b"<row ")
            match = _ROW.match(text, last) if last >= 0 else None
            rows = max(rows, int(match[1])) if match else rows
            merged = merged or b"<mergeCell " in text
            rest = text[-200:]
            if rows * columns > limits.cells or columns > 16_384:
                raise BadTable(words.far_corner(rows, columns))
    return merged


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number

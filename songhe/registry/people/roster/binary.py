"""Rows for PostgreSQL's COPY … (FORMAT binary): sealed cells go as they are, three times quicker to take in than hexadecimal text.

    body([ints4([1, 2]), texts(["张三", None])], 2) -> the bytes between copy_start() and copy_end(), 2 fields a row

A column is a list of pieces, one for each row: the field's length in four bytes and its value, or NULL (length −1).
Format: PostgreSQL documentation, COPY, "Binary Format"; arrays as array_send writes them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from itertools import chain
from struct import pack
from typing import Any

import numpy as np
import polars as pl

START = b"PGCOPY\n\xff\r\n\0" + bytes(8)
END = b"\xff\xff"
NULL = b"\xff\xff\xff\xff"
EPOCH = date(2000, 1, 1)
TEXT_OID = 25
_LENGTHS = [n.to_bytes(4, "big") for n in range(4096)]

Column = Sequence[bytes]


def field(value: bytes | None) -> bytes:
    """One field: its length and its bytes."""
    return NULL if value is None else len(value).to_bytes(4, "big") + value


def body(columns: Sequence[Column], fields: int) -> bytes:
    """All rows; `fields` is how many fields one row has (a piece may hold several)."""
    if not columns or not len(columns[0]):
        return b""
    heads = [fields.to_bytes(2, "big")] * len(columns[0])
    return b"".join(chain.from_iterable(zip(heads, *columns, strict=True)))


def fixed(parts: Sequence[tuple[np.ndarray, int]]) -> list[bytes]:
    """Several columns without nulls as one piece a row: (array of rows, bytes a value); numbers come big-endian."""
    count = len(parts[0][0])
    width = sum(4 + size for _, size in parts)
    block = np.empty((count, width), np.uint8)
    at = 0
    for values, size in parts:
        block[:, at : at + 4] = np.frombuffer(size.to_bytes(4, "big"), np.uint8)
        block[:, at + 4 : at + 4 + size] = np.ascontiguousarray(values).view(np.uint8).reshape(count, size)
        at += 4 + size
    flat = block.tobytes()
    return [flat[start : start + width] for start in range(0, count * width, width)]


def cells(values: Sequence[bytes | None]) -> tuple[Column, Column]:
    """A bytea column as two pieces a row, so that nothing is copied twice."""
    lengths = [NULL if v is None else _LENGTHS[len(v)] if len(v) < 4096 else len(v).to_bytes(4, "big") for v in values]
    return lengths, [v or b"" for v in values]


def by_value(column: pl.Series, make: Callable[[Any], bytes]) -> list[bytes]:
    """A column of few different values: each made once; a null makes NULL."""
    made = {value: NULL if value is None else make(value) for value in column.unique().to_list()}
    return [made[value] for value in column.to_list()]


def text(value: str) -> bytes:
    return field(value.encode())


def day(value: date) -> bytes:
    return field(pack(">i", (value - EPOCH).days))


def int2(value: int) -> bytes:
    return field(pack(">h", value))


def int8(value: int | None) -> bytes:
    return field(None if value is None else pack(">q", value))


def array_head(elements: Iterable[str], more: int, more_bytes: int) -> bytes:
    """The beginning of a text[] field with these elements, to be followed by `more` elements of `more_bytes` in all."""
    encoded = [element.encode() for element in elements]
    inside = b"".join(len(e).to_bytes(4, "big") + e for e in encoded)
    head = pack(">iiiii", 1, 0, TEXT_OID, len(encoded) + more, 1)
    return (len(head) + len(inside) + more_bytes).to_bytes(4, "big") + head + inside

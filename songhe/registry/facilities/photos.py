"""A photograph's two 64-bit fingerprints, alike for copies that were resized, compressed again or lightened.

dhash: brightness of neighbouring cells (9×8). phash: signs of the 64 lowest frequencies (32×32, DCT-II). Written by hand
because both are twenty lines and the packages that offer them bring scipy. Both must be near for two pictures to be one.
"""

import io
from functools import cache

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from songhe.core.problem import Problem, Refused

LARGEST = 40_000_000  # pixels: a telephone's picture has 12 to 50 million; more is a trap, not a photograph
SIDE = 1600  # pixels kept on the longer side
FLAT = 4.0  # grey levels: a picture that varies less than this shows nothing (a covered lens, an empty sheet)


class BadPhoto(Refused):
    """Not a photograph that can prove anything."""


def read(data: bytes) -> Image.Image:
    """The picture, upright and in RGB, at most 1600 pixels long. Raises BadPhoto for anything else than a JPEG, PNG or WebP."""
    try:
        opened = Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP"))
        if opened.width * opened.height > LARGEST:
            raise BadPhoto(
                Problem(
                    "photo_large",
                    "照片像素太大。请用手机普通画质拍摄。",
                    "The picture is too large. Use an ordinary size.",
                )
            )
        opened.draft("RGB", (SIDE, SIDE))  # a JPEG is decoded at a half or a quarter where that is enough
        picture = ImageOps.exif_transpose(opened).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        raise BadPhoto(
            Problem("photo_unreadable", "读不出这张照片。请上传 JPG、PNG 或 WebP 格式的原图。",
                    "This file cannot be read as a picture. Send a JPEG, PNG or WebP.")
        ) from None  # fmt: skip
    picture.thumbnail((SIDE, SIDE))
    grey = np.asarray(picture.convert("L").resize((32, 32)), dtype=float)
    if grey.std() < FLAT:
        raise BadPhoto(
            Problem("photo_blank", "照片几乎没有内容（全黑、全白或一片颜色），不能作为凭据。请重新拍摄。",
                    "The picture shows nothing (all one colour). Take it again.")
        )  # fmt: skip
    return picture


def stripped(picture: Image.Image) -> bytes:
    """The picture as a JPEG without anything the telephone wrote into it (position, owner, model)."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()


def _signed(bits: np.ndarray) -> int:
    """64 truth values as a signed 64-bit number, as PostgreSQL keeps it."""
    return int(np.packbits(bits.reshape(-1)).view(">i8")[0])


def dhash(picture: Image.Image) -> int:
    """Whether each cell is darker than its right neighbour, 8 rows of 8."""
    grey = np.asarray(picture.convert("L").resize((9, 8), Image.Resampling.LANCZOS), dtype=np.int16)
    return _signed(grey[:, 1:] > grey[:, :-1])


@cache
def _cosines() -> np.ndarray:
    n = 32
    k, x = np.arange(8)[:, None], np.arange(n)[None, :]
    return np.cos(np.pi * (2 * x + 1) * k / (2 * n))


def phash(picture: Image.Image) -> int:
    """Whether each of the 64 lowest frequencies lies above their median; the mean brightness is left out of the median."""
    grey = np.asarray(picture.convert("L").resize((32, 32), Image.Resampling.LANCZOS), dtype=float)
    low = _cosines() @ grey @ _cosines().T
    return _signed(low > np.median(low.reshape(-1)[1:]))


def bits_apart(a: int, b: int) -> int:
    """In how many of 64 bits two fingerprints differ."""
    return ((a ^ b) & (1 << 64) - 1).bit_count()

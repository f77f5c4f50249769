"""One photograph stays one, however it was saved; two photographs stay two."""

import io

import pytest
from PIL import Image

from songhe.registry.facilities import photos
from tests.registry.facilities.sites import picture


def prints(data: bytes) -> tuple[int, int]:
    image = photos.read(data)
    return photos.dhash(image), photos.phash(image)


def apart(a: bytes, b: bytes) -> tuple[int, int]:
    (da, pa), (db, pb) = prints(a), prints(b)
    return photos.bits_apart(da, db), photos.bits_apart(pa, pb)


@pytest.mark.parametrize("number", range(6))
@pytest.mark.parametrize("change", [{"size": 960}, {"quality": 40}, {"light": 1.12}])
def test_a_copy_is_recognised(number, change):
    d, p = apart(picture(number), picture(number, **change))
    assert d <= 6
    assert p <= 8


def test_different_pictures_are_different():
    for number in range(20):
        d, p = apart(picture(number), picture(number + 100))
        assert d > 6 or p > 8


def test_hashes_fit_a_signed_bigint():
    for number in range(30):
        assert all(-(2**63) <= value < 2**63 for value in prints(picture(number)))


@pytest.mark.parametrize("data", [b"", b"not a picture", b"%PDF-1.7 ..."])
def test_what_is_no_picture_is_refused(data):
    with pytest.raises(photos.BadPhoto, match="读不出"):
        photos.read(data)


def test_an_empty_picture_proves_nothing():
    out = io.BytesIO()
    Image.new("RGB", (400, 300), "white").save(out, "PNG")
    with pytest.raises(photos.BadPhoto, match="几乎没有内容"):
        photos.read(out.getvalue())


def test_nothing_of_the_telephone_is_kept():
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x0110] = "某某手机"
    Image.open(io.BytesIO(picture(1))).save(out, "JPEG", exif=exif)
    assert not Image.open(io.BytesIO(photos.stripped(photos.read(out.getvalue())))).getexif()

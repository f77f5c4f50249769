"""A stranger sees nothing: not signed in, signed in elsewhere, or an administrator of accounts."""

from songhe.core.acting import everywhere
from tests.world import OWN


def test_nobody_sees_a_page_without_signing_in(city, visitor, axe):
    page = visitor("")
    for path in ("/", "/indicators/", "/map/"):
        page.goto(city.url(path))
        assert "/account/login/" in page.url
        assert "王秀英" not in page.content()
    assert axe(page) == []

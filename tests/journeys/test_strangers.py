"""A stranger sees nothing: not signed in, signed in elsewhere, or an administrator of accounts."""

from tests.world import NAMES, OWN

PAGES = (
    "/", "/duties/", "/duties/missing/", "/duties/unanswered/", "/duties/referrals/", "/duties/helpers/", "/duties/excuses/",
    "/people/", "/indicators/", "/map/",
)  # fmt: skip


def test_nobody_sees_a_page_without_signing_in(city, visitor, axe):
    page = visitor("")
    for path in PAGES:
        page.goto(city.url(path))
        assert "/account/login/" in page.url
        assert not any(name in page.content() for name in NAMES)
    assert axe(page) == []


def test_a_helper_of_another_city_sees_nobody_of_this_one(city, visitor):
    page = visitor("stranger")
    uids = [str(person.uid) for person in city.people[OWN]]
    for path in PAGES:
        page.goto(city.url(path))
        assert not any(uid in page.content() for uid in uids), path
    for path in (f"/visits/new/?person={uids[0]}&call=yes", f"/duties/?area={OWN}", f"/people/{uids[0]}/"):
        answer = page.goto(city.url(path))
        assert answer.status in (400, 403, 404), path
        assert not any(name in page.inner_text("body") for name in NAMES)


def test_an_administrator_of_accounts_sees_no_older_person(city, visitor):
    page = visitor("sysadmin")
    for path in PAGES[1:]:
        answer = page.goto(city.url(path))
        assert answer.status in (403, 200)
        assert not any(name in page.content() for name in NAMES), path

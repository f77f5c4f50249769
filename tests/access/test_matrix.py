"""Role × area over every address of the desk, the API and SQL as the app's role: nothing outside the area, ever."""

import io
import re
import zipfile

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from songhe.registry.accounts import rules
from songhe.registry.places.models import Place
from tests import world as w
from tests.access import addresses
from tests.access.addresses import BODIES, LISTS, OBJECTS, QUERIES

# every role once where it usually stands, and the two that reach furthest at every kind of area
# every role once where it usually stands, and those that reach furthest at every kind of area
ROLES = [
    ("leader", "990101"), ("community_clerk", "990101"), ("secretary", "990101"), ("finance", "990101"),
    ("township_worker", "990101001"), ("village_worker", w.OWN), ("assessor", "990101"), ("operator", "990101"),
    ("dispatcher", "990101"), ("care_worker", w.OWN), ("volunteer_leader", w.OWN), ("inspector", "990101"),
    ("system_admin", "990101"), ("security_admin", "990101"), ("audit_admin", "990101"),
]  # fmt: skip
AREAS = [("helper", w.OWN), ("clerk", "990101002"), ("clerk", w.AREA), ("clerk", "999001")]


@pytest.fixture
def _plain_refusals(monkeypatch):
    """Pages that refuse are drawn as their sentence alone: most of the matrix are refusals, and only the sentence could tell."""
    from songhe.doors.desk import errors

    def drawn(request, template, context=None, status=200):
        return HttpResponse(str((context or {}).get("refusal", "")), status=status)

    monkeypatch.setattr(errors, "render", drawn)


def shown(response) -> str:
    """What the reader gets, as text; a workbook is opened."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            body = b"".join(book.read(name) for name in book.namelist())
    for codec in ("utf-8-sig", "gb18030"):
        try:
            return body.decode(codec)
        except UnicodeDecodeError:
            continue
    return body.decode("utf-8", "replace")


def plain(html: str) -> str:
    """A page without its tags, for messages."""
    return re.sub(r"(<[^>]+>|\s)+", " ", html)


class Reader:
    """Somebody signed in with one post, who remembers what they were asked and what they saw."""

    def __init__(self, realm, role, code):
        self.realm, self.role, self.code = realm, role, code
        self.post = w.post(role, realm[code])
        self.client = Client()
        self.client.force_login(self.post.user)
        self.outside = realm.marks_outside(code)

    def ask(self, method, url, data=None, said=""):
        """Ask; whatever comes back must hold no mark from outside, except what the reader typed."""
        response = getattr(self.client, method)(url, data or {})
        assert response.status_code < 500, f"{self.role} at {self.code}: {method} {url} → {response.status_code}"
        text = shown(response)
        typed = url + str(data or "") + said
        for village, marks in self.outside.items():
            for mark in marks:
                assert mark not in text or mark in typed, (
                    f"{self.role} at {self.code} was shown {mark} of {village}: {method} {url}"
                )
        return response.status_code, text

    def read(self, pattern, path, query) -> str:
        """The page as text; "" when it was refused, which it must be without the page's permission."""
        status, text = self.ask("get", path, query)
        if not self.may(pattern):
            assert status == 403, f"{self.role}: {path} answered {status} without {pattern.callback.door}"
        return text if status == 200 else ""

    def may(self, pattern) -> bool:
        need = pattern.callback.door
        return need == "signed-in" or rules.allows(self.role, need)


def _questions(name, village):
    """(path, query) for one address and one village."""
    extras = QUERIES.get(name, lambda v: [{}])(village)
    if name in LISTS:
        return [(reverse(name), extra) for extra in extras]
    return [(reverse(name, args=args), extra) for args in OBJECTS[name](village) for extra in extras]


def test_every_address_is_in_the_table():
    pages = addresses.desk()
    known = LISTS | set(OBJECTS) | set(addresses.FREE)
    assert set(pages) - known == set(), "say in tests/access/addresses.py how to ask these"
    assert known - set(pages) == set(), "these no longer exist: take them out of tests/access/addresses.py"
    for name, each in pages.items():
        if name not in addresses.FREE:  # those are never asked here
            assert bool(each.pattern.converters) == (name in OBJECTS), name


@pytest.mark.slow
@pytest.mark.usefixtures("_plain_refusals")
def test_reading_by_role(realm):
    """Every role where it usually stands: a page opens to whoever holds its permission, and to nobody else."""
    for role, code in ROLES:
        _read_everything(Reader(realm, role, code), most=1)


@pytest.mark.slow
@pytest.mark.usefixtures("_plain_refusals")
def test_reading_by_area(realm):
    """Those who may look at most, at every kind of area: what is inside is seen, what is outside never."""
    for role, code in AREAS:
        _read_everything(Reader(realm, role, code), most=3)


def test_a_province_sees_all_of_it_and_no_more(realm):
    """Its cities, and its counties that belong to no city."""
    reader = Reader(realm, "leader", "990000")
    page = addresses.desk()["people"]
    for code, village in realm.villages.items():
        assert village.names[0] in reader.read(page, reverse("people"), {"area": code})
    elsewhere = Place.objects.create(
        code="980000", name="别省", short_name="别省", level="province", valid_from=w.SINCE, source="t"
    )
    other = w.post("leader", elsewhere)
    client = Client()
    client.force_login(other.user)
    assert not any(mark in shown(client.get(reverse("people"))) for v in realm.villages.values() for mark in v.marks)


def _read_everything(reader, most):
    """Every page: the post's own area and a village of it; then a village outside, in the address and as the area asked for.

    `most` ways of asking for each page, of those that addresses.QUERIES knows.
    """
    realm, inside = reader.realm, reader.realm.inside(reader.code)
    near = realm.villages[min(inside)]
    far = realm.villages[next(v for v in (w.OTHER_CITY, w.SISTER) if v not in inside)]
    own = 0
    for name, pattern in addresses.desk().items():
        if name in addresses.FREE:
            continue
        for path, query in _questions(name, near)[:most]:
            text = reader.read(pattern, path, query | {"area": reader.code})
            own += any(name in text for name in near.names)
        if not reader.may(pattern):
            continue
        for path, query in _questions(name, far)[:most]:
            reader.read(pattern, path, query | {"area": reader.code})
        if name in LISTS:
            reader.read(pattern, reverse(name), {"area": far.code})
    looks = rules.allows(reader.role, "people.view")
    assert own > 3 if looks else own == 0, f"{reader.role} at {reader.code}: {own} pages showed people"


def _state(realm, code) -> list[tuple]:
    """Everything that belongs to a village, as the tables hold it."""
    from django.db import connection

    from songhe.core import acting

    pk, rows = realm[code].pk, []
    with acting.everywhere(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.columns WHERE column_name = 'village_id' AND table_schema = 'public' "
            "AND table_name NOT LIKE 'visits_visit\\_2%%' ORDER BY 1"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(
                f"SELECT '{table}', count(*), md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM {table} t WHERE village_id = %s",
                [pk],
            )
            rows += cursor.fetchall()
        for table in ("contact", "consent", "benefit"):
            cursor.execute(
                f"SELECT '{table}', count(*), md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM people_{table} t "
                "JOIN people_person p ON p.id = t.person_id WHERE p.village_id = %s", [pk],
            )  # fmt: skip
            rows += cursor.fetchall()
    return rows


WRITERS = [("clerk", "990101001"), ("clerk", w.AREA), ("helper", w.OWN), ("system_admin", "990101001")]


@pytest.mark.slow
@pytest.mark.usefixtures("_plain_refusals")
def test_writing(realm):
    """Whatever is sent to whatever address about somebody outside, nothing outside changes and nothing of it is shown."""
    far = realm.villages[w.OTHER_CITY]
    before = _state(realm, far.code)
    for role, code in WRITERS:
        reader = Reader(realm, role, code)
        for name in sorted(LISTS | set(OBJECTS)):
            _write(reader, name, far)
        assert _state(realm, far.code) == before, f"{role} at {code} changed something in {far.code}"


def _write(reader, name, village):
    pattern = addresses.desk()[name]
    path, query = _questions(name, village)[-1]
    for body in [{}, *BODIES.get(name, lambda v: [])(village)]:
        for area in (reader.code, village.code) if name in LISTS and body else (reader.code,):
            asked = "&".join(f"{k}={v}" for k, v in (query | {"area": area}).items())
            status, _ = reader.ask("post", f"{path}?{asked}", body, said=asked)
            assert reader.may(pattern) or status in (403, 405), f"{reader.role}: {path} answered {status}"


def test_the_same_writes_work_inside(realm):
    """The bodies above are real ones: inside the area they change something (or the test above would prove nothing)."""
    reader = Reader(realm, "clerk", "990000")
    village = realm.villages[w.OWN]
    before = dict.fromkeys(row[0] for row in _state(realm, w.OWN)) | {row[0]: row for row in _state(realm, w.OWN)}
    for name in ("visit-new", "referral", "referral-new", "excuse-new", "helpers-end", "visit-amend"):
        for path, query in _questions(name, village)[:1]:
            asked = "&".join(f"{k}={v}" for k, v in (query | {"area": w.OWN}).items())
            for body in BODIES[name](village)[:1]:
                status, text = reader.ask("post", f"{path}?{asked}", body)
                assert status == 302, f"{name}: {status} {plain(text)[-900:]}"
    after = {row[0]: row for row in _state(realm, w.OWN)}
    changed = {table for table in after if after[table] != before.get(table)}
    assert {"visits_visit", "visits_referral", "duties_excuse", "duties_assignment"} <= changed


def test_without_a_post_there_is_nothing(realm):
    """Signed in but posted nowhere; and a stranger: no page shows anybody."""
    from songhe.registry.accounts.models import User

    nobody = User.objects.create(username="nobody", name="无岗位")
    for signed_in in (True, False):
        client = Client()
        if signed_in:
            client.force_login(nobody)
        for name, _pattern in addresses.desk().items():
            if name in addresses.FREE:
                continue
            for path, query in _questions(name, realm.villages[w.OWN]):
                for method in ("get", "post"):
                    response = getattr(client, method)(path, query)
                    shut = (302, 403, 405, 401) if name.startswith("field-") else (302, 403, 405)  # the phone's JSON
                    assert response.status_code in shut, f"{method} {path}: {response.status_code}"
                    if response.status_code == 302:
                        assert "/account/login/" in response["Location"]
                    assert not any(
                        mark in shown(response) for mark in realm.villages[w.OWN].marks if mark not in str(query)
                    )

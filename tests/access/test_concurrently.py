"""Many posts at once on a few connections: nobody's areas stay behind on a connection for whoever comes next."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client

from songhe.core import acting
from songhe.registry.accounts import access, actions
from songhe.registry.people.models import Person
from tests import world as w
from tests.access.test_matrix import shown

CONNECTIONS, ROUNDS = 4, 12
POSTS = [
    ("helper", w.OWN), ("helper", w.SISTER), ("village_worker", w.OTHER_CITY), ("township_worker", "990101002"),
    ("clerk", "990102"), ("clerk", w.AREA), ("leader", "990200"), ("leader", "990000"), ("system_admin", "990000"),
]  # fmt: skip


@pytest.fixture
def crowd(transactional_db, settings):
    """(post, session client, token, marks it may never see, villages it may) for each; committed, so that threads see it."""
    from tests.access.village import Realm

    settings.MFA_REQUIRED_FROM = ""
    realm = Realm()
    out = []
    for role, code in POSTS:
        post = w.post(role, realm[code])
        client = Client()
        client.force_login(post.user)
        token = actions.issue_token(post=post, name="test", by=None)
        inside = set() if role == "system_admin" else realm.inside(code)
        marks = [m for v, village in realm.villages.items() if v not in inside for m in village.names]
        out.append((post, client, token, marks, inside))
    return realm, out


def test_interleaved_requests(crowd):
    """Hundreds of requests of nine posts, shuffled over four threads with a connection each."""
    realm, posts = crowd
    gate = threading.Barrier(CONNECTIONS)

    def worker(number):
        gate.wait()
        try:
            return [
                _ask(realm, *posts[(number * 5 + turn * 7) % len(posts)], turn)
                for turn in range(ROUNDS * len(posts) // 2)
            ]
        finally:
            connection.close()

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        answers = [answer for done in pool.map(worker, range(CONNECTIONS)) for answer in done]
    assert len(answers) > 200
    assert sum(seen for seen in answers) > 50, "those who may look must see somebody"


def _ask(realm, post, client, token, marks, inside, turn) -> bool:
    """One request, on the desk, in the API or in SQL; whether it showed somebody."""
    kind = ("desk", "api", "sql", "batch")[turn % 4]
    if kind == "desk":
        text = _page(client)
    elif kind == "api":
        text = _api(token, "get", f"/api/people?place={post.place.code}&size=200")
    elif kind == "batch":
        text = _api(token, "post", "/api/people/search", {"text": "阚"})
    else:
        with access.acting_as(post):
            villages = set(Person.objects.values_list("village__code", flat=True))
        assert villages == inside, f"{post}: {villages}"
        return bool(villages)
    leaked = [mark for mark in marks if mark in text]
    assert not leaked, f"{post} was shown {leaked} ({kind})"
    return any(name in text for v in inside for name in realm.villages[v].names)


def _page(client) -> str:
    """A fresh client with the same session: a client is not made for two threads."""
    own = Client()
    own.cookies = client.cookies
    return shown(own.get("/people/"))


def _api(token, method, path, body=None) -> str:
    sent = {"headers": {"Authorization": f"Bearer {token}"}}
    if body is not None:
        sent |= {"data": json.dumps(body), "content_type": "application/json"}
    return getattr(Client(), method)(path, **sent).content.decode()


def test_a_failure_leaves_nothing_on_the_connection(crowd):
    """After a request that broke in the middle, the next one on the same connection starts with nothing."""
    _realm, posts = crowd
    post = posts[7][0]
    with pytest.raises(ZeroDivisionError), access.acting_as(post):  # noqa: PT012
        assert Person.objects.exists()
        raise ZeroDivisionError
    assert not Person.objects.exists()
    with pytest.raises(Exception, match="division by zero"), access.acting_as(post), connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")
    assert not Person.objects.exists()
    with acting.acting([]):
        assert not Person.objects.exists()


def test_nested_contexts_end_where_they_began(crowd):
    realm, posts = crowd
    outer, inner = posts[0][0], posts[2][0]

    def villages():
        return set(Person.objects.values_list("village__code", flat=True))

    with access.acting_as(outer):
        with access.acting_as(inner):
            assert villages() == {w.OTHER_CITY}
        assert villages() == {w.OWN}
        with pytest.raises(ZeroDivisionError), access.acting_as(inner):
            raise ZeroDivisionError
        assert villages() == {w.OWN}
        with acting.everywhere():
            assert villages() == set(realm.villages)
        assert villages() == {w.OWN}
    assert villages() == set()


def test_recording_at_once_makes_one_row(crowd):
    """The same record sent by eight callers at one moment: one fact, eight answers that agree."""
    import uuid

    from django.utils import timezone

    from songhe.care.visits.models import Visit

    realm, posts = crowd
    token, person = posts[0][2], realm.villages[w.OWN].twin
    body = {
        "uuid": str(uuid.uuid4()), "person": person.pk, "mode": "call", "outcome": "well",
        "occurred_at": timezone.now().isoformat(),
    }  # fmt: skip
    gate = threading.Barrier(8)

    def send(at):
        gate.wait()
        try:
            path, sent = ("/api/visits", body) if at % 2 else ("/api/visits/batch", {"rows": [body]})
            return json.loads(_api(token, "post", path, sent))
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = [answer["rows"][0] if "rows" in answer else answer for answer in pool.map(send, range(8))]
    assert sorted(answer["result"] for answer in answers) == ["new"] + ["same"] * 7
    assert len({answer["visit"] for answer in answers}) == 1
    with acting.everywhere():
        assert Visit.objects.filter(client_uuid=body["uuid"]).count() == 1


def test_one_idempotency_key_at_once_does_the_work_once(crowd):
    from datetime import timedelta

    from django.utils import timezone

    from songhe.care.duties.models import Excuse

    realm, posts = crowd
    token, person = posts[3][2], realm.villages[w.FAR].person
    today = timezone.localdate()
    body = {
        "person": person.pk,
        "reason": "away",
        "starts_on": today.isoformat(),
        "ends_on": (today + timedelta(days=2)).isoformat(),
    }
    gate = threading.Barrier(6)

    def send(_at):
        gate.wait()
        try:
            sent = {"Authorization": f"Bearer {token}", "Idempotency-Key": "one-key"}
            return Client().post(
                "/api/duties/excuses", data=json.dumps(body), content_type="application/json", headers=sent
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(send, range(6)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    with acting.everywhere():
        assert Excuse.objects.filter(person=person).count() == 1

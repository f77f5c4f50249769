"""`Idempotency-Key`: the same key does the work once, for its own post, and never for a different request."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from songhe.care.duties.models import Excuse
from songhe.core import acting
from tests.world import OTHER_CITY, OWN, SISTER


@pytest.fixture
def excuse(world):
    today = timezone.localdate()
    return {
        "person": world.people[OWN][0].pk, "reason": "away", "starts_on": today.isoformat(),
        "ends_on": (today + timedelta(days=5)).isoformat(), "note": "看儿子",
    }  # fmt: skip


def _excuses():
    with acting.everywhere():
        return Excuse.objects.count()


def test_sent_twice_done_once(call, excuse):
    first = call.post("/duties/excuses", excuse, Idempotency_Key="k-1")
    again = call.answer("post", "/duties/excuses", excuse, {"Idempotency-Key": "k-1"})
    assert first[0] == again.status_code == 201
    assert again.json() == first[1]
    assert again["Idempotency-Replayed"] == "true"
    assert _excuses() == 1


def test_a_key_belongs_to_one_request(call, excuse):
    assert call.post("/duties/excuses", excuse, Idempotency_Key="k-1")[0] == 201
    status, said = call.post("/duties/excuses", excuse | {"reason": "refused"}, Idempotency_Key="k-1")
    assert (status, said["code"]) == (409, "idempotency_key_reused")
    assert _excuses() == 1


@pytest.mark.parametrize("key", ["", "键", "a b", "x" * 81])
def test_a_key_is_needed(call, excuse, key):
    headers = {"Idempotency-Key": key} if key else {}
    answer = call.answer("post", "/duties/excuses", excuse, headers)
    assert answer.status_code == 422
    assert answer.json()["field"] == "Idempotency-Key"
    assert _excuses() == 0


def test_a_refused_request_frees_its_key(call, excuse):
    assert call.post("/duties/excuses", excuse | {"ends_on": None}, Idempotency_Key="k-1")[0] == 422
    assert call.post("/duties/excuses", excuse, Idempotency_Key="k-1")[0] == 201


def test_another_posts_key_is_another_key(call, caller, excuse):
    assert call.post("/duties/excuses", excuse, Idempotency_Key="k-1")[0] == 201
    other = caller("township_worker", "990101001")
    assert other.post("/duties/excuses", excuse | {"note": "别的"}, Idempotency_Key="k-1")[0] == 201


def test_replies_are_seen_by_their_post_only(call, caller, excuse, world):
    call.post("/duties/excuses", excuse, Idempotency_Key="k-1")
    other = caller("clerk", "990101").post_held
    for areas, post, seen in (
        ([world["990101"].pk], call.post_held.pk, 1),
        ([world["990101"].pk], other.pk, 0),
        ([0], 0, 0),
    ):
        with acting.acting(areas, post_id=post), connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM api_reply")
            assert cursor.fetchone()[0] == seen


def test_nobody_is_excused_outside_the_area(caller, excuse, world):
    call = caller("village_worker", OWN)
    for at, code in enumerate((SISTER, OTHER_CITY)):
        sent = excuse | {"person": world.people[code][0].pk}
        assert call.post("/duties/excuses", sent, Idempotency_Key=f"k-{at}")[0] == 404
    assert _excuses() == 0

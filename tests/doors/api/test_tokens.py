"""A token does what its post does, as long as both live; on the slow way and on the fast one."""

from datetime import timedelta

import pytest
from django.utils import timezone

from songhe.registry.accounts import actions
from songhe.registry.accounts.models import Token
from tests.world import OWN


def _both(call, visit, world):
    """The status of a read and of a record."""
    return call.get("/me")[0], call.post("/visits", visit(world.people[OWN][0]))[0]


def test_a_living_token_speaks_for_its_post(call):
    status, me = call.get("/me")
    assert (status, me["role"], me["place"]["code"]) == (200, "clerk", "990101")
    assert "people.view" in me["permissions"]
    assert "audit.view" not in me["permissions"]


@pytest.mark.parametrize(
    "sent", [None, "", "Bearer", "Bearer sh_", "Bearer nonsense", "Basic sh_x", "bearer", "Bearer sh_" + "x" * 5000]
)
def test_no_token_no_answer(client, world, sent):
    for method, path in (("get", "/api/me"), ("post", "/api/visits"), ("get", "/api/people?place=990101")):
        answer = getattr(client, method)(path, headers={"Authorization": sent} if sent is not None else {})
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"].startswith("Bearer")
        assert answer.json()["code"] == "no_token"


def test_a_session_opens_nothing_in_the_api(client, call):
    client.force_login(call.post_held.user)
    assert client.get("/api/me").status_code == 401


def _revoke(call):
    actions.revoke_token(token=Token.objects.get(post=call.post_held), by=None)


def _expire(call):
    Token.objects.filter(post=call.post_held).update(expires_at=timezone.now() - timedelta(seconds=1))


def _end_post(call):
    actions.end_post(post=call.post_held, on=timezone.localdate(), by=None)


def _end_post_quietly(call):
    type(call.post_held).objects.filter(pk=call.post_held.pk).update(valid_to=timezone.localdate())


def _begin_later(call):
    tomorrow = timezone.localdate() + timedelta(days=1)
    type(call.post_held).objects.filter(pk=call.post_held.pk).update(valid_from=tomorrow)


def _lock(call):
    actions.set_active(user=call.post_held.user, active="locked", by=None)


@pytest.mark.parametrize("ending", [_revoke, _expire, _end_post, _end_post_quietly, _begin_later, _lock])
def test_what_ends_a_token_ends_it_at_once(call, visit, world, ending):
    assert _both(call, visit, world) == (200, 201)
    ending(call)
    assert _both(call, visit, world) == (401, 401)


def test_a_changed_role_or_place_holds_at_once(call, visit, world):
    person = world.people[OWN][0]
    assert call.post("/visits", visit(person))[0] == 201
    posts = type(call.post_held).objects.filter(pk=call.post_held.pk)
    posts.update(place=world["990102"])
    assert call.post("/visits", visit(person))[0] == 401  # what was remembered of the post no longer holds
    assert call.post("/visits", visit(person))[0] == 404  # read again: the person is outside the area
    posts.update(place=world["990101"], role="leader")
    assert {call.post("/visits", visit(person))[0] for _ in range(2)} <= {401, 403}
    assert call.post("/visits", visit(person))[0] == 403


def test_a_refusal_names_who_may(caller):
    status, said = caller("leader", "990101").post(
        "/duties/excuses", {"person": 1, "reason": "away", "starts_on": "2026-11-02"}, Idempotency_Key="k"
    )
    assert (status, said["code"]) == (403, "forbidden")
    assert "养老服务科员" in said["who"]
    assert "登记暂停事由" in said["zh"]


def test_administrators_reach_no_file(caller):
    for role in ("system_admin", "security_admin", "audit_admin"):
        call = caller(role, "990000")
        assert call.get("/people", place="990101")[0] == 403
        assert call.get("/duties/due", place="990101", period="2026-W46")[0] == 403
        assert call.get("/me")[0] == 200

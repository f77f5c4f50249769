"""A caller with a token; models are imported inside, because this file is read before Django is set up."""

import json
import uuid
from datetime import timedelta

import pytest


class Caller:
    """One token and what it is answered: `call.get("/people", place="990101")` → (status, JSON)."""

    def __init__(self, post, days: int = 30):
        from django.test import Client

        from songhe.registry.accounts.actions import issue_token

        self.post_held, self.client = post, Client(raise_request_exception=True)
        self.token = issue_token(post=post, name="test", by=None, days=days)
        self.headers = {"Authorization": f"Bearer {self.token}"}

    def answer(self, method, path, body=None, headers=None, **query):
        sent = {"headers": self.headers | (headers or {}), "query_params": query}
        if body is not None:
            sent |= {
                "data": body if isinstance(body, str | bytes) else json.dumps(body),
                "content_type": "application/json",
            }
        return getattr(self.client, method)("/api" + path, **sent)

    def get(self, path, **query):
        return self._read(self.answer("get", path, **query))

    def post(self, path, body, **headers):
        return self._read(
            self.answer("post", path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        )

    @staticmethod
    def _read(response):
        return response.status_code, json.loads(response.content)


@pytest.fixture
def world(db):
    from tests.world import World

    return World()


@pytest.fixture
def call(world):
    """A clerk of the first county."""
    from tests import world as w

    return Caller(w.post("clerk", world["990101"]))


@pytest.fixture
def caller(world):
    """`caller("helper", OWN)`: a caller of any role anywhere."""
    from tests import world as w

    return lambda role, code, **post: Caller(w.post(role, world[code], **post))


@pytest.fixture
def visit(world):
    """A record as a phone sends it."""
    from django.utils import timezone

    def made(person, **more):
        when = (timezone.now() - timedelta(minutes=5)).isoformat()
        base = {"uuid": str(uuid.uuid4()), "person": person.pk, "mode": "call", "outcome": "well", "occurred_at": when}
        return base | more

    return made


@pytest.fixture(autouse=True)
def _nothing_remembered():
    """What a process remembers of tokens and leases does not pass from one test to the next."""
    from songhe.doors.api import keys, limits

    keys._known.clear()
    limits._left.clear()

"""schemathesis against the application: whatever the description allows is answered as described, and never with a 5xx."""

import json
import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

from songhe.care.services import actions as services
from songhe.core import periods
from songhe.core.acting import everywhere
from songhe.insight.indicators import definitions
from tests.care import services as catalogued
from tests.world import OWN

EXAMPLES = int(os.environ.get("SONGHE_FUZZ", "15"))  # for each operation and mode; raise it for a long run


@pytest.fixture
def _connection_kept():
    """A whole WSGI request ends by letting go of a connection that is inside a transaction: this test's own."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.slow
@pytest.mark.usefixtures("_connection_kept")
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_the_application_conforms(call, world, mode):
    """Right questions are answered as described, wrong ones refused as described; both by every operation."""
    from songhe.config.wsgi import application

    with everywhere():
        services.sync_catalogues(by=None, folder=Path(catalogued.__file__).parent)
    described = schemathesis.openapi.from_wsgi("/api/openapi.json", application)
    operations = [result.ok() for result in described.get_all_operations()]
    assert len(operations) >= 12
    for operation in operations:
        _ask(operation, mode, {"Authorization": f"Bearer {call.token}"}, world.people[OWN][0].pk)


def _ask(operation, mode, headers, person):
    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def run(case):
        if mode is GenerationMode.POSITIVE:
            _fit(case, person)
        case.call_and_validate(headers=headers)

    run()


def _fit(case, person):
    """Put in what exists and is in force, which no description can say: a place, a running period, a person, today."""
    now = timezone.now()
    known = definitions.shipped().get((case.path_parameters or {}).get("name", ""))
    period = periods.containing(known.periods[0] if known else "week", timezone.localdate()).code
    fitting = {
        "code": "990101", "place": "990101", "period": period, "level": "village", "person": person,
        "on": timezone.localdate().isoformat(), "occurred_at": now.isoformat(), "starts_on": timezone.localdate().isoformat(),
        "day": timezone.localdate().isoformat(), "ends_on": (timezone.localdate() + timedelta(days=3)).isoformat(),
        "wanted_from": (now + timedelta(hours=1)).isoformat(), "wanted_to": (now + timedelta(hours=3)).isoformat(),
    }  # fmt: skip
    for part in (case.path_parameters, case.query, case.body):
        if isinstance(part, dict):
            part.update({name: value for name, value in fitting.items() if name in part})
    if (
        isinstance(case.body, dict) and "item" in case.body
    ):  # an item of the catalogue, at one's own cost: no right is needed
        case.body |= {"item": "cleaning", "funding": "self", "channel": "phone"}
    if isinstance(case.query, dict) and re.match(r"\d{4}-\d\d-\d\d~", str(case.query.get("after", ""))):
        case.query["after"] = f"{timezone.localdate()}~1"  # a day that exists
    if isinstance(case.body, dict) and case.body.get("outcome") not in ("well", "needs", "unwell"):
        case.body.pop("needs", None)  # who was not reached has told of no need
    if isinstance(case.body, dict) and "starts_on" in case.body:
        case.body["ends_on"] = fitting["ends_on"]


def test_it_is_openapi_31_and_complete(client):
    answer = client.get("/api/openapi.json")
    said = json.loads(answer.content)
    assert said["openapi"].startswith("3.1")
    for path, operations in said["paths"].items():
        for method, operation in operations.items():
            assert operation["security"], f"{method} {path} is open"
            assert operation["summary"]
            assert {"401", "403", "429"} <= set(operation["responses"]), f"{method} {path}"


def test_documentation_fetches_nothing(client):
    for path in ("/api/docs", "/api/redoc", "/api/"):
        answer = client.get(path)
        assert answer.status_code in (401, 404)
        assert b"<script" not in answer.content

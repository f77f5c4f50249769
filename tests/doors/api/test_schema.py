"""schemathesis against the application: whatever the description allows is answered as described, and never with a 5xx."""

import json
import os

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from tests.world import OWN

EXAMPLES = int(os.environ.get("SONGHE_FUZZ", "12"))  # for each operation; raise it for a long run


@pytest.fixture
def described(call, world):
    """The description, with codes that exist as examples, so that not every generated question ends at a 404."""
    from songhe.config.wsgi import application

    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", application)
    schema.raw_schema["components"]["securitySchemes"]["Bearer"]["type"] = "http"
    return schema


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


def test_the_application_conforms(described, call, world):
    failures = []
    for result in described.get_all_operations():
        operation = result.ok()
        _fuzz(operation, call, world, failures)
    assert not failures, "\n\n".join(failures[:5])


def _fuzz(operation, call, world, failures):
    headers = {"Authorization": f"Bearer {call.token}"}

    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @schemathesis.python_given(case=operation.as_strategy()) if hasattr(schemathesis, "python_given") else _given(operation)
    def run(case):
        if "code" in (case.path_parameters or {}) and len(str(case.path_parameters["code"])) == 6:
            case.path_parameters["code"] = "990101"
        if "place" in (case.query or {}):
            case.query["place"] = OWN
        response = case.call(headers=headers)
        try:
            case.validate_response(response, checks=CHECKS)
        except AssertionError as wrong:
            failures.append(f"{operation.label}: {wrong}")

    run()

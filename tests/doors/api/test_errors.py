"""Every way to be wrong has one shape: a code, what is wrong and what to do in Chinese and in English."""

import pytest

from tests.world import OTHER_CITY, OWN, SISTER


def _fault(answer):
    said = answer.json()
    assert set(said) <= {"code", "zh", "en", "field", "errors", "who", "retry_after"}
    assert said["code"]
    assert any("\u4e00" <= char <= "\u9fff" for char in said["zh"])
    assert said["en"].isprintable()
    assert answer["Content-Type"].startswith("application/json")
    assert answer["Cache-Control"] == "no-store"
    return answer.status_code, said


@pytest.mark.parametrize(
    ("path", "query", "status", "field"),
    [
        ("/nowhere", {}, 404, None),
        ("/people/not-a-uuid", {}, 422, "uid"),
        ("/people/00000000-0000-7000-8000-000000000000", {}, 404, None),
        ("/people", {}, 422, "place"),
        ("/people", {"place": "99"}, 422, "place"),
        ("/people", {"place": "990101", "sex": "f"}, 422, "sex"),
        ("/people", {"place": "990101", "circumstance": "rich"}, 422, "circumstance"),
        ("/people", {"place": "990101", "size": "201"}, 422, "size"),
        ("/people", {"place": "990101", "after": "eyJ9"}, 409, "after"),
        ("/people", {"place": "990201"}, 404, "place"),
        ("/places/990101", {"x": "1"}, 422, "x"),
        ("/places/1", {}, 422, "code"),
        ("/indicators/riches/figures", {"place": "990101", "period": "2026-W46"}, 422, "name"),
        ("/indicators/weekly_visiting/figures", {"place": "990101", "period": "2026-46"}, 422, "period"),
        ("/indicators/weekly_visiting/figures", {"place": "990101", "period": "2027-W53"}, 422, None),
        ("/indicators/weekly_visiting/figures", {"place": "990101", "period": "2026-02-30"}, 422, None),
        ("/indicators/weekly_visiting/figures", {"place": OWN, "period": "2026-W46", "level": "county"}, 422, "level"),
        ("/duties/due", {"place": "990101", "period": "2026-W46", "after": "AAAA"}, 409, None),
    ],
)  # fmt: skip
def test_wrong_questions(call, path, query, status, field):
    got, said = _fault(call.answer("get", path, **query))
    assert got == status, said
    assert said.get("field") == field


def test_a_parameter_given_twice(call):
    got, said = _fault(call.client.get("/api/people?place=990101&place=990201", headers=call.headers))
    assert (got, said["code"], said["field"]) == (422, "parameter_twice", "place")


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
def test_other_methods(call, method):
    answer = call.answer(method, "/people")
    assert _fault(answer)[0] == 405
    assert answer["Allow"] == "GET"


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b'{"text": "\\ud800"}', b'{"text": NaN}', b"[1]", b'"x"', b""])
def test_bodies_that_are_no_answer(call, body):
    for path in ("/people/search", "/visits", "/visits/batch"):
        assert _fault(call.answer("post", path, body))[0] in (400, 422)


def test_a_body_too_big(call, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    for path in ("/people/search", "/visits", "/visits/batch"):
        assert _fault(call.answer("post", path, b'{"text": "' + b"x" * 2000 + b'"}'))[0] == 413


def test_a_foreign_host(call, settings):
    settings.ALLOWED_HOSTS = ["songhe.example"]
    assert _fault(call.answer("get", "/me"))[0] == 400


def test_every_wrong_field_is_named_and_no_value_repeated(call):
    sent = {"uuid": "99068219400101123X", "person": "7", "mode": "telepathy", "occurred_at": 5, "colour": "red"}
    got, said = _fault(call.answer("post", "/visits", sent))
    assert got == 422
    assert {fault["field"] for fault in said["errors"]} == {
        "uuid",
        "person",
        "mode",
        "outcome",
        "occurred_at",
        "colour",
    }
    assert "99068219400101123X" not in str(said)


def test_text_that_cannot_be_kept(call):
    got, said = _fault(call.answer("post", "/people/search", {"text": "王\u0000"}))
    assert (got, said["code"]) == (422, "text")


def test_a_cursor_made_up_by_hand_breaks_nothing(call):
    import base64
    import json

    for value in (
        ["name", "\u0000", 1],
        ["name", "a", 10**30],
        ["name", 1, 1],
        ["birth", "2026-13-01", 1],
        {},
        7,
        ["name", "a", True],
    ):
        after = base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
        assert call.answer("get", "/people", place="990101", after=after).status_code in (200, 409, 422)
    for value in ([False, 1, 1, 10**30], [1, 2], {}, 7, [None] * 4):
        after = base64.urlsafe_b64encode(json.dumps(value).encode()).decode()
        assert call.answer("get", "/duties/due", place="990101", period="2026-W46", after=after).status_code in (
            200,
            409,
            422,
        )


def test_absent_and_outside_read_alike(call, world):
    """Nobody can find out who exists elsewhere by comparing refusals."""
    elsewhere = _fault(call.answer("get", f"/people/{world.people[OTHER_CITY][0].uid}"))
    nowhere = _fault(call.answer("get", "/people/00000000-0000-7000-8000-000000000000"))
    assert elsewhere == nowhere
    outside, nothing = (_fault(call.answer("get", f"/places/{code}")) for code in (OTHER_CITY, "999999"))
    assert outside[0] == nothing[0] == 404
    assert outside[1]["zh"].replace(OTHER_CITY, "999999") == nothing[1]["zh"]


def test_what_fails_inside_is_said_and_leaves_nothing(call, world, monkeypatch):
    from songhe.core import audit
    from songhe.registry.people import queries

    def broken(*args, **kwargs):
        audit.note("people.read", "person", 1)
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(queries, "person_file", broken)
    call.client.raise_request_exception = False
    got, said = _fault(call.answer("get", f"/people/{world.people[SISTER][0].uid}"))
    assert (got, said["code"]) == (500, "unexpected")
    assert "fault of ours" not in str(said)

"""Every answer that is not a success: JSON `{code, zh, en, field?, errors?}`, the same shape for every door of the API."""

import logging
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as Invalid
from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import Field

from songhe.core.problem import Refused
from songhe.core.refusal import Refusal
from songhe.doors.api import reasons
from songhe.doors.api.reasons import Said
from songhe.registry.accounts.access import Denied

log = logging.getLogger("songhe.api")


class Fault(Schema):
    """One thing that is wrong with one field."""

    code: str
    zh: str
    en: str
    field: str


class Error(Schema):
    """What was refused, why, and what to do, in Chinese and English; `code` is stable for programs."""

    code: str
    zh: str
    en: str
    field: str | None = Field(None, description="the input that is meant, if one")
    errors: list[Fault] | None = Field(None, description="of a 422: every field that is wrong")
    who: list[str] | None = Field(None, description="of a 403: the roles that may do this")
    retry_after: int | None = Field(None, description="of a 429: seconds to wait")


class TooMany(Exception):
    """A token has used up its calls; `wait` in seconds."""

    def __init__(self, wait: int):
        super().__init__(wait)
        self.wait = wait


class Unknown(Exception):
    """Query parameters that may not stand there; `faults` [(name, sentences)]."""

    def __init__(self, faults: list[tuple[str, Said]]):
        super().__init__(faults)
        self.faults = faults


class Absent(Exception):
    """No such thing inside the post's area (or anywhere: the answer is the same, so that nobody can probe)."""

    def __init__(self, said: Said = reasons.ABSENT, field: str = ""):
        super().__init__(said.code)
        self.said, self.field = said, field


def plain(status: int, said: Said, **more: Any) -> HttpResponse:
    """An error without a request at hand; absent keys are left out."""
    return write(status, {"code": said.code, "zh": said.zh, "en": said.en} | more)


def write(status: int, body: dict) -> HttpResponse:
    from songhe.doors.api.shapes import to_json

    kept = {key: value for key, value in body.items() if value not in (None, "")}
    return HttpResponse(to_json(kept), status=status, content_type="application/json; charset=utf-8")


# Refusals of these codes name something that does not exist or lies outside the area.
_ABSENT = {"unknown_place", "unknown_indicator", "no_such_person", "outside_area", "unknown_person", "no_such_visit",
           "programme_outside_area"}  # fmt: skip

_STALE = {"bad_cursor"}  # was right once: the list has moved on


def status_of(refusal: Refusal) -> int:
    """404 for what is not there, 422 for a wrong input, 409 for a rule that says no in this state."""
    if refusal.code in _ABSENT or refusal.code.startswith(("unknown_", "no_such_")):
        return 404
    return 422 if refusal.field and refusal.code not in _STALE else 409


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    return write(status_of(refusal), {"code": refusal.code, "zh": refusal.zh, "en": refusal.en, "field": refusal.field})


def _problem(request: HttpRequest, bad: Refused) -> HttpResponse:
    return write(422, {"code": bad.code, "zh": bad.zh, "en": bad.en})


def _denied(request: HttpRequest, denied: PermissionDenied) -> HttpResponse:
    said = reasons.denied(denied.what, denied.who) if isinstance(denied, Denied) else reasons.FORBIDDEN
    return plain(403, said, who=denied.who if isinstance(denied, Denied) else None)


def _invalid(request: HttpRequest, wrong: ValidationError) -> HttpResponse:
    return invalid([reasons.of_field(error) for error in wrong.errors])


def invalid(faults: list[tuple[str, Said]]) -> HttpResponse:
    """422 with every wrong field, the first one in front."""
    rows = [{"code": said.code, "zh": said.zh, "en": said.en, "field": field} for field, said in faults]
    return write(422, rows[0] | {"errors": rows})


def _unknown(request: HttpRequest, error: Unknown) -> HttpResponse:
    return invalid(error.faults)


def _model_invalid(request: HttpRequest, wrong: Invalid) -> HttpResponse:
    text = " ".join(wrong.messages)
    return plain(422, Said("invalid", text, text))


def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
    return plain(error.status_code, reasons.NOT_JSON if error.status_code == 400 else reasons.BAD)


def _unauthorized(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    response = plain(401, reasons.NO_TOKEN)
    response["WWW-Authenticate"] = 'Bearer realm="songhe"'
    return response


def _too_many(request: HttpRequest, error: TooMany) -> HttpResponse:
    response = plain(429, reasons.TOO_MANY, retry_after=error.wait)
    response["Retry-After"] = str(error.wait)
    return response


def _unexpected(request: HttpRequest, error: Exception) -> HttpResponse:
    raise error  # the door's frame logs it and answers 500


def teach(api: NinjaAPI) -> None:
    """Give the API its way to say no."""
    handlers = {
        Refusal: refused,
        Refused: _problem,
        PermissionDenied: _denied,
        ValidationError: _invalid,
        Invalid: _model_invalid,
        HttpError: _http,
        AuthenticationError: _unauthorized,
        Unknown: _unknown,
        TooMany: _too_many,
        Absent: lambda request, error: plain(404, error.said, field=error.field or None),
        Http404: lambda request, error: plain(404, reasons.ABSENT),
        RequestDataTooBig: lambda request, error: plain(413, reasons.TOO_BIG),
        SuspiciousOperation: lambda request, error: plain(400, reasons.BAD),
        BadRequest: lambda request, error: plain(400, reasons.BAD),
        UnreadablePostError: lambda request, error: plain(400, reasons.BAD),
        DataError: lambda request, error: plain(422, reasons.OUT_OF_RANGE),
        Exception: _unexpected,
    }
    for kind, handler in handlers.items():
        api.add_exception_handler(kind, handler)


_WORDS = {
    400: "not JSON",
    401: "no token, or one that is expired, revoked or of an ended post",
    403: "the post may not do this; `who` may",
    404: "no such thing inside the post's area",
    405: "no such method here",
    409: "a rule or an earlier call with the same key says no",
    413: "the body is too big",
    422: "an input is wrong",
    429: "too many calls",
}


def answers(success: Any, *more: int, status: int = 200) -> dict:
    """The `response=` of an operation: its success and the errors that it can give."""
    return {status: success} | dict.fromkeys((400, 401, 403, 404, 422, 429, *more), Error)

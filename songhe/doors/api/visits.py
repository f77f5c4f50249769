"""Recording what happened: one visit, or up to five hundred from a phone that was offline."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import TypeAdapter, ValidationError

from songhe.care.visits.actions import Answer
from songhe.core.problem import Problem
from songhe.doors.api import errors, keys, reasons, recording, shapes
from songhe.doors.api.errors import answers
from songhe.doors.api.reasons import Said
from songhe.doors.api.recording import quick_door
from songhe.doors.api.shapes import BatchIn, VisitIn

router = Router(tags=["visits"])
_ONE = TypeAdapter(VisitIn)
_REFUSED = {"unknown": (404, reasons.UNKNOWN_PERSON, "person"), "clash": (409, reasons.UUID_CLASH, "uuid")}


def _body(schema: type) -> dict:
    """The OpenAPI of a body that the operation reads by itself, straight from the bytes."""
    content = {"application/json": {"schema": schema.model_json_schema(ref_template=shapes.REF)}}
    return {"requestBody": {"required": True, "content": content}}


@router.post(
    "/visits",
    auth=keys.QuickBearer(),
    response=answers(shapes.VisitOut, 409, 413) | {201: shapes.VisitOut},
    operation_id="record_visit",
    summary="Record one contact",
    openapi_extra=_body(VisitIn),
)
@quick_door
def record_one(request: HttpRequest) -> HttpResponse:
    """Durable when answered: the fact, the duty's tally, what follows from it and the audit row are one transaction.

    201 the first time; 200 when this UUID was recorded before with the same content; 409 when it holds something else.
    """
    try:
        visit = _ONE.validate_json(request.body)
    except ValidationError as wrong:
        return _wrong(wrong)
    (answer,) = recording.record(request.auth, [visit.model_dump()])
    if answer.result == "refused":
        return errors.invalid([_problem(each) for each in answer.problems])
    if answer.result in _REFUSED:
        status, said, field = _REFUSED[answer.result]
        return errors.plain(status, said, field=field)
    text = f'{{"uuid":"{answer.uuid}","visit":{answer.visit_id},"person":{answer.person},"result":"{answer.result}"}}'
    return HttpResponse(text, status=201 if answer.result == "new" else 200, content_type=shapes.JSON)


@router.post(
    "/visits/batch",
    auth=keys.QuickBearer(),
    response=answers(shapes.BatchOut, 413),
    operation_id="record_visits",
    summary="Record up to 500 contacts; each row is answered by itself",
)
@quick_door
def record_many(request: HttpRequest, batch: BatchIn) -> HttpResponse:
    """A wrong row is answered with its reason and does not stop the others. Safe to send again: a UUID makes one row."""
    read = [_faults(raw) for raw in batch.rows]
    fit = [raw for raw, faults in zip(batch.rows, read, strict=True) if not faults]
    kept = iter(recording.record(request.auth, fit) if fit else [])
    out = [
        _refused(at, batch.rows[at], faults) if faults else _answered(at, next(kept)) for at, faults in enumerate(read)
    ]
    count = [row["result"] for row in out]
    new, same = count.count("new"), count.count("same")
    body = {"new": new, "same": same, "refused": len(out) - new - same, "rows": out}
    return HttpResponse(shapes.to_json(body), content_type=shapes.JSON)


_KEYS = frozenset(VisitIn.model_fields)
_TEXT: dict[str, str] = {"uuid": "missing", "occurred_at": "missing"}
_IF_ANY: dict[str, tuple[type, str]] = {
    "needs": (list, "list_type"),
    "note": (str, "string_type"),
    "client_at": (str, "string_type"),
}


def _faults(raw: dict[str, Any]) -> list[tuple[str, Said]]:
    """What keeps a row from being read at all; the rest is for `care.visits.rules`, which says what is wrong in words."""
    found = []
    if not _KEYS.issuperset(raw):
        found = [(name[:60], reasons.said_of("extra_forbidden", {})) for name in raw if name not in _KEYS]
    for name, kind in _TEXT.items():
        if type(raw.get(name)) is not str:
            found.append((name, reasons.said_of(kind, {})))
    for name, (shape, kind) in _IF_ANY.items():
        if raw.get(name) is not None and type(raw[name]) is not shape:
            found.append((name, reasons.said_of(kind, {})))
    return found


def _wrong(wrong: ValidationError) -> HttpResponse:
    found = wrong.errors(include_url=False, include_input=False)
    if found[0]["type"] == "json_invalid":
        return errors.plain(400, reasons.NOT_JSON)
    return errors.invalid([reasons.of_field(error) for error in found])


def _problem(problem: Problem) -> tuple[str, Said]:
    return _FIELD.get(problem.code, problem.code.removeprefix("visit_")), Said(problem.code, problem.zh, problem.en)


_FIELD = {"visit_time": "occurred_at", "visit_future": "occurred_at", "visit_too_old": "occurred_at"}


def _answered(at: int, answer: Answer) -> dict:
    row: dict[str, Any] = {"row": at, "uuid": str(answer.uuid), "result": answer.result, "visit": answer.visit_id}
    if answer.problems:
        field, said = _problem(answer.problems[0])
        row |= {"code": said.code, "zh": said.zh, "en": said.en, "field": field}
    return row


def _refused(at: int, raw: dict, faults: list[tuple[str, Said]]) -> dict:
    field, said = faults[0]
    uuid = raw.get("uuid")
    return {
        "row": at, "uuid": uuid[:60] if isinstance(uuid, str) else None, "result": "refused", "code": said.code,
        "zh": said.zh, "en": said.en, "field": field,
    }  # fmt: skip

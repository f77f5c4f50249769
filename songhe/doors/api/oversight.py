"""Oversight: programmes with where each goal stands, facilities with their clauses, the ledger's lines by state."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from django.utils import timezone
from ninja import Path, Query, Router
from pydantic import Field

from songhe.doors.api import shapes
from songhe.doors.api.errors import Absent, answers
from songhe.doors.api.frame import door
from songhe.oversight.ledger import queries as ledger
from songhe.oversight.ledger import rules as ledger_rules
from songhe.oversight.programmes import queries as programmes
from songhe.oversight.programmes.definitions import Programme
from songhe.registry.accounts.models import Post
from songhe.registry.facilities import queries as facilities
from songhe.registry.facilities import terms
from songhe.registry.places.models import Place
from songhe.registry.places.queries import by_code

router = Router(tags=["oversight"])
ProgrammeId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$", examples=["laixi-2020"])]
Words = dict[str, str]


class ProgrammeOut(shapes.Schema):
    """A notice as a running programme; `starts_on` and `ends_on` are its own days."""

    id: str
    title: Words
    place: str = Field(description="division code of the place it belongs to")
    starts_on: date
    ends_on: date
    source: dict[str, Any]
    version: str


class GoalOut(shapes.Schema):
    """One target or milestone on a day: what is promised, what is reached, the state and why."""

    id: str
    kind: Literal["target", "milestone", "ceiling", "achieved", "recurring"]
    commitments: list[str]
    subject: Words
    scope: dict[str, Any]
    operator: str
    hard: bool
    target: float
    each: dict[str, Any] | None
    unit: str
    actual: float | None
    numerator: float | None
    base: float | None
    as_of: date | None
    period: str | None
    deadline: date
    written: str = Field(description="the deadline in the notice's own words")
    state: str
    light: Literal["green", "yellow", "red", "none"]
    why: Words
    source: str = Field(description="where the figure comes from")
    reported: str | None


class FacilityOut(shapes.Schema):
    """A site with its status as of the day."""

    uid: UUID
    name: str
    kind: str
    status: str | None = Field(None, description="null before it was on file")
    status_on: date | None = None
    place: str = Field(description="division code; a township while no village is chosen")
    place_name: str
    operator: str | None = None
    last_activity: date | None = None
    demo: bool = Field(description="an invented site (演示)")


class Facilities(shapes.Schema):
    rows: list[FacilityOut]
    count: int
    next: str | None = Field(None, description="give it as `after` to go on; null at the end")


class ClauseOut(shapes.Schema):
    """One clause of a standard at one site; `rows` are what it was judged by."""

    clause: str
    title: Words
    operator: str
    value: float | None
    unit: str
    hard: bool
    actual: float | None
    result: Literal["met", "not_met", "unknown", "not_applicable"]
    rows: list[dict[str, Any]]


class SiteOut(FacilityOut):
    clauses: list[ClauseOut]


class LedgerCount(shapes.Schema):
    """How many lines of the ledger are in a state on a day."""

    state: Literal[ledger_rules.STATES]  # type: ignore[valid-type]
    lines: int


class DayFilter(shapes.Schema):
    on: shapes.Day | None = Field(None, description="as of this day; today without it")


class StatusFilter(DayFilter):
    place: shapes.Code | None = Field(None, description="the programme's own place without it, or the post's inside it")


class FacilityFilter(DayFilter):
    place: shapes.Code
    kind: Literal[tuple(dict(terms.KINDS))] | None = None  # type: ignore[valid-type]
    status: Literal[tuple(dict(terms.STATUSES))] | None = None  # type: ignore[valid-type]
    after: Annotated[str, Field(pattern=r"^[0-9A-Z]{1,12}~[0-9]{1,18}$")] | None = None
    size: shapes.Size = 50


class LedgerFilter(DayFilter):
    place: shapes.Code
    programme: ProgrammeId | None = None


@router.get(
    "/programmes",
    response=answers(list[ProgrammeOut]),
    operation_id="programmes",
    summary="The programmes of the post's place, of those above and inside",
)
@door("programmes.view")
def listed(request):
    return [_programme(each) for each in programmes.programmes_for(request.auth.post)]


def _programme(found: Programme) -> dict:
    return {
        "id": found.id, "title": found.data["title"], "place": found.place, "starts_on": found.start,
        "ends_on": found.end, "source": found.data["source"], "version": found.version,
    }  # fmt: skip


@router.get(
    "/programmes/{programme}/status",
    response=answers(list[GoalOut], 409),
    operation_id="programme_status",
    summary="Where every goal of a programme stands on a day",
)
@door("programmes.view")
def status(request, programme: Path[ProgrammeId], filters: Query[StatusFilter]):
    post = request.auth.post
    found = programmes.programme_for(post, programme)
    place = by_code(filters.place, post=post) if filters.place else _own(post, found)
    lines = programmes.status(programme=found, on=filters.on or timezone.localdate(), place=place)
    return [line.row() for line in lines]


def _own(post: Post, programme: Programme) -> Place:
    own = by_code(programme.place)
    return own if Place.objects.within(post).filter(pk=own.pk).exists() else post.place


@router.get(
    "/facilities",
    response=answers(Facilities, 409),
    operation_id="facilities",
    summary="Facilities of a place, in the order of places",
)
@door("facilities.view")
def sites(request, filters: Query[FacilityFilter]):
    post = request.auth.post
    page = facilities.listed(
        post=post, place=by_code(filters.place, post=post), on=filters.on or timezone.localdate(),
        kind=filters.kind or "", status=filters.status or "", after=filters.after or "", size=filters.size,
    )  # fmt: skip
    return {"rows": [_facility(row) for row in page.rows], "count": page.count, "next": page.after or None}


@router.get(
    "/facilities/{uid}",
    response=answers(SiteOut),
    operation_id="facility",
    summary="One facility with each clause of its standards: met, not met or unknown",
)
@door("facilities.view")
def site(request, uid: Path[UUID], filters: Query[DayFilter]):
    on = filters.on or timezone.localdate()
    found = facilities.one(post=request.auth.post, uid=uid, on=on)
    if found is None:
        raise Absent()
    operation = facilities.holdings(found, on).operation
    found.operator_name = operation.organisation.name if operation else None
    return _facility(found) | {"clauses": [_clause(*each) for each in facilities.site_judged(found, on)]}


def _facility(row) -> dict:  # type: ignore[no-untyped-def]
    return {
        "uid": row.uid, "name": row.name, "kind": row.kind, "status": row.status, "status_on": row.status_on,
        "place": row.place.code, "place_name": str(row.place), "operator": row.operator_name,
        "last_activity": row.last_activity, "demo": row.origin == "demo",
    }  # fmt: skip


def _clause(term, judged) -> dict:  # type: ignore[no-untyped-def]
    return {
        "clause": term.key, "title": term.title, "operator": term.clause.operator, "value": term.clause.value,
        "unit": term.unit, "hard": term.clause.hard == "hard", "actual": judged.actual, "result": judged.result,
        "rows": [{"table": row.table, "id": row.id, "says": row.says} for row in judged.rows],
    }  # fmt: skip


@router.get(
    "/ledger/counts",
    response=answers(list[LedgerCount]),
    operation_id="ledger_counts",
    summary="How many lines of the ledger (台账) are in each state on a day",
)
@door("ledger.view")
def ledger_counts(request, filters: Query[LedgerFilter]):
    post, on = request.auth.post, filters.on or timezone.localdate()
    chosen = {"programme": filters.programme} if filters.programme else {}
    rows = ledger.items(post=post, place=by_code(filters.place, post=post), **chosen)
    found = ledger.counts(ledger.lines(rows, on=on, states_wanted=ledger_rules.STATES))
    return [{"state": state, "lines": lines} for state, lines in found.items()]

"""Duties: who is still due, who was missed, and excuses with a name and a reason."""

from typing import Annotated, Literal

from django.utils import timezone
from ninja import Header, Query, Router
from pydantic import Field

from songhe.care.duties import actions, queries
from songhe.care.duties.models import Duty
from songhe.core import audit, periods
from songhe.core.periods import Period
from songhe.doors.api import shapes
from songhe.doors.api.errors import Absent, answers
from songhe.doors.api.frame import door
from songhe.doors.api.reasons import KEY
from songhe.doors.api.replies import once
from songhe.registry.people.models import Person
from songhe.registry.places.queries import by_code

router = Router(tags=["duties"])
Cursor = Annotated[str, Field(max_length=300, pattern=r"^[A-Za-z0-9_=-]*$", description="`next` of the page before")]


class DutyFilter(shapes.Schema):
    place: shapes.Code
    period: shapes.PeriodCode
    rule: Annotated[shapes.Line, Field(max_length=40)] = "visiting"
    after: Cursor = ""
    size: shapes.Size = 50


def _shown(duty: Duty) -> dict:
    kind = "week" if (duty.period_end - duty.period_start).days == 6 else "month"
    return {
        "id": duty.pk,
        "person": duty.person_id,
        "name": duty.person.name,
        "village": duty.village.code,
        "village_name": str(duty.village),
        "rule": duty.name,
        "period": Period(duty.period_start, duty.period_end, kind).code,
        "tier": duty.tier,
        "calls_owed": duty.calls_owed,
        "calls_done": duty.calls_done,
        "visits_owed": duty.visits_owed,
        "visits_done": duty.visits_done,
        "kept": duty.kept,
        "late": duty.late,
        "excused": duty.excused,
        "helper": duty.helper.name if duty.helper else None,
    }


def _page(request, filters: DutyFilter, ask, verb: str) -> dict:
    post = request.auth.post
    place = by_code(filters.place, post=post)
    period = periods.parse(filters.period)
    page = ask(post=post, period=period, name=filters.rule, place=place, after=filters.after, limit=filters.size)
    audit.note(verb, "place", place.pk, area_id=place.pk, rule=filters.rule, period=period.code, rows=len(page.rows))
    return {"rows": [_shown(duty) for duty in page.rows], "next": page.next or None}


@router.get(
    "/duties/due",
    response=answers(shapes.Duties, 409),
    operation_id="duties_due",
    summary="Owed and not yet kept, most needed first",
)
@door("duties.view")
def due(request, filters: Query[DutyFilter]):
    return _page(request, filters, queries.due_list, "duties.due")


@router.get(
    "/duties/missed",
    response=answers(shapes.Duties, 409),
    operation_id="duties_missed",
    summary="The missing list: as many rows as denominator − numerator",
)
@door("duties.view")
def missed(request, filters: Query[DutyFilter]):
    """Of a period that still runs: not yet kept. Pages in the order of need; read all pages for the whole list."""
    return _page(request, filters, queries.due_list, "duties.missed")


class ExcuseIn(shapes.Body):
    """Why a person need not be visited from–to, both included. An end may be left open for hospital and the like."""

    person: shapes.Number
    reason: Literal["away", "hospital", "refused", "institution", "moved_out", "deceased", "other"]
    starts_on: shapes.Day
    ends_on: shapes.Day | None = None
    note: Annotated[shapes.Line, Field(max_length=200)] = ""


class ExcuseOut(shapes.Schema):
    id: int
    person: int
    reason: str
    starts_on: shapes.date
    ends_on: shapes.date | None = None


Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key", pattern=KEY, description="the same key again gives the same answer and does nothing"
    ),
]


@router.post(
    "/duties/excuses",
    response=answers(ExcuseOut, 409, 413, status=201),
    operation_id="excuse",
    summary="Suspend a person's duties, with a reason",
)
@door("duties.excuse")
@once
def excuse(request, body: ExcuseIn, key: Key):
    post = request.auth.post
    person = Person.objects.visible_to(post).filter(pk=body.person).first()
    if person is None:
        raise Absent(field="person")
    made = actions.excuse(**body.model_dump() | {"person": person}, by=post.user, post=post, on=timezone.localdate())
    return 201, {
        "id": made.pk,
        "person": made.person_id,
        "reason": made.reason,
        "starts_on": made.starts_on.isoformat(),
        "ends_on": made.ends_on.isoformat() if made.ends_on else None,
    }

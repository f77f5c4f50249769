"""Service orders: the list, one with its history, and a request that is an order at once."""

from typing import Annotated, Literal

from ninja import Path, Query, Router
from pydantic import Field

from songhe.care.services import actions, queries
from songhe.care.services.models import Order
from songhe.core import audit
from songhe.doors.api import shapes
from songhe.doors.api.duties import Key
from songhe.doors.api.errors import Absent, answers
from songhe.doors.api.frame import door
from songhe.doors.api.replies import once
from songhe.registry.accounts.models import Post
from songhe.registry.accounts.rules import names_people
from songhe.registry.people.models import Person
from songhe.registry.places.queries import by_code

router = Router(tags=["orders"])
State = Literal["waiting", "dispatched", "accepted", "serving", "done", "called_back", "rated", "cancelled", "returned"]
Cursor = Annotated[
    str, Field(max_length=40, pattern=r"^(\d{4}-\d{2}-\d{2}~\d{1,18})?$", description="`next` of the page before")
]


class OrderFilter(shapes.Schema):
    place: shapes.Code
    state: State | Literal["open", ""] = ""
    day: shapes.Day | None = None
    late: Literal["only", ""] = ""
    after: Cursor = ""
    size: shapes.Size = 50


class OrderOut(shapes.Schema):
    """An order. Eligibility, price and who pays are those of `service_on` and never change."""

    id: int
    number: str
    person: int
    name: str
    village: str
    item: str
    kind: str
    quantity: int
    state: State
    urgency: str
    channel: str
    funding: Literal["entitled", "self"]
    government_pays: float
    person_pays: float
    service_on: shapes.date
    wanted_from: shapes.datetime
    wanted_to: shapes.datetime
    dispatch_due_at: shapes.datetime
    arrive_due_at: shapes.datetime
    started_at: shapes.datetime | None = None
    finished_at: shapes.datetime | None = None
    provider: str | None = None
    carers: list[str]


class StepOut(shapes.Schema):
    from_state: str
    to_state: State
    at: shapes.datetime
    recorded_at: shapes.datetime
    reason: str
    provider: str


class OrderWhole(OrderOut):
    steps: list[StepOut]


class Orders(shapes.Schema):
    rows: list[OrderOut]
    next: str | None = None


class OrderIn(shapes.Body):
    """A service for somebody in a window of time. Without `funding`: entitled where a rule covers it, else self-paid."""

    person: shapes.Number
    item: Annotated[
        shapes.Line, Field(min_length=1, max_length=40, description="code of the catalogue in force that day")
    ]
    wanted_from: shapes.Moment
    wanted_to: shapes.Moment | None = None
    channel: Literal["phone", "family", "station", "found_need", "plan", "device"] = "phone"
    quantity: shapes.Few = 1
    funding: Literal["entitled", "self", ""] = ""
    caller: Annotated[shapes.Line, Field(max_length=40)] = ""
    note: Annotated[shapes.Line, Field(max_length=300)] = ""


def _shown(order: Order, post: Post) -> dict:
    held = order.live[0] if getattr(order, "live", None) else None
    plain = (
        "number", "quantity", "state", "urgency", "channel", "funding", "government_pays", "person_pays", "service_on",
        "wanted_from", "wanted_to", "dispatch_due_at", "arrive_due_at", "started_at", "finished_at",
    )  # fmt: skip
    return {name: getattr(order, name) for name in plain} | {
        "id": order.pk,
        "government_pays": float(order.government_pays),
        "person_pays": float(order.person_pays),
        "person": order.person_id,
        "name": order.person.name if names_people(post.role) else f"P{order.person_id}",
        "village": order.village.code,
        "item": order.item.code,
        "kind": order.item.kind,
        "provider": str(held.provider) if held else None,
        "carers": [crew.worker.name for crew in held.crew.all()] if held else [],
    }


@router.get(
    "/orders", response=answers(Orders, 409), operation_id="orders", summary="Orders of a place, the newest day first"
)
@door("services.view")
def index(request, filters: Query[OrderFilter]):
    post = request.auth.post
    place = by_code(filters.place, post=post)
    given = {"state": filters.state, "late": filters.late, "day": filters.day.isoformat() if filters.day else ""}
    rows, after = queries.page(post=post, place=place, after=filters.after, limit=filters.size, **given)
    audit.note("people.list", "orders", None, area_id=place.pk, rows=len(rows), channel="api")
    return {"rows": [_shown(row, post) for row in rows], "next": after or None}


@router.get(
    "/orders/{pk}", response=answers(OrderWhole, 404), operation_id="order", summary="One order with every step"
)
@door("services.view")
def one(request, pk: Path[shapes.Pk]):
    found = queries.order(post=request.auth.post, pk=pk)
    if found is None:
        raise Absent(field="pk")
    audit.note("people.read", "person", found.person_id, area_id=found.village_id, order=found.pk, channel="api")
    steps = [
        {
            "from_state": told.step.from_state, "to_state": told.step.to_state, "at": told.step.at,
            "recorded_at": told.step.recorded_at, "reason": told.step.reason, "provider": told.provider,
        }
        for told in queries.history(found)
    ]  # fmt: skip
    return _shown(found, request.auth.post) | {"steps": steps}


@router.post(
    "/orders", response=answers(OrderOut, 404, 409, 413, status=201), operation_id="request_service",
    summary="Request a service: it is an order at once",
)  # fmt: skip
@door("services.take")
@once
def ask(request, body: OrderIn, key: Key):
    post = request.auth.post
    person = Person.objects.visible_to(post).filter(pk=body.person).first()
    if person is None:
        raise Absent(field="person")
    made = actions.request(by=post.user, post=post, **body.model_dump() | {"person": person})
    return 201, {name: _plain(value) for name, value in _shown(made, post).items()}


def _plain(value):
    return value.isoformat() if hasattr(value, "isoformat") else value

"""What goes in and out, as OpenAPI shows it. Bodies refuse unknown keys; numbers and texts are not converted into each other."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError
from pydantic_core import to_json as _to_json

from songhe.doors.api.reasons import LINE, PERIOD, PLACE_CODE

BIG = 2**63 - 1
JSON = "application/json; charset=utf-8"
REF = "#/components/schemas/{model}"


def to_json(value: Any) -> bytes:
    return _to_json(value, ensure_ascii=False)


def _only_text(value: Any) -> Any:
    if not isinstance(value, str):
        raise PydanticCustomError("string_type", "Must be text")
    return value


def _whole(value: Any) -> Any:
    """JSON's 16.0 is a whole number, true and "16" are not."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise PydanticCustomError("int_type", "Must be a whole number")
    return value


def _years(value: date) -> date:
    if not 1900 <= value.year <= 2199:
        raise PydanticCustomError("date_range", "Outside 1900–2199")
    return value


Pk = Annotated[int, Field(ge=1, le=BIG)]
Number = Annotated[int, Field(ge=1, le=BIG), BeforeValidator(_whole)]  # in a body: a JSON number, no text, no true
Few = Annotated[int, Field(ge=1, le=31), BeforeValidator(_whole)]
Line = Annotated[str, Field(pattern=LINE)]
Code = Annotated[
    str, Field(pattern=PLACE_CODE, description="division code of 6, 9 or 12 digits", examples=["130682001"])
]
PeriodCode = Annotated[
    str,
    Field(pattern=PERIOD, description="day, ISO week, month or half-year", examples=["2026-W46", "2026-11", "2026-H2"]),
]
Day = Annotated[date, BeforeValidator(_only_text), AfterValidator(_years)]
Instant = Annotated[AwareDatetime, BeforeValidator(_only_text)]  # a device clock may be wrong by years
Moment = Annotated[AwareDatetime, BeforeValidator(_only_text), AfterValidator(_years)]
Size = Annotated[int, Field(ge=1, le=200)]


class Body(BaseModel):
    """A body refuses keys it does not know."""

    model_config = ConfigDict(extra="forbid")


class PlaceOut(Schema):
    """A place of any level. `functional` areas are not divisions; their villages stay in their division."""

    code: str
    name: str
    short_name: str
    level: Literal["province", "city", "county", "township", "village"]
    kind: Literal["division", "functional"]
    parent: str | None = Field(None, description="code of the place above")
    urban_rural: str
    valid_from: date
    valid_to: date | None = None


class Me(Schema):
    """The post that a token speaks for."""

    user: str
    role: str
    place: PlaceOut
    permissions: list[str]
    valid_to: date | None = Field(None, description="the post is held until the day before")
    token_expires_at: datetime
    calls_a_minute: int


class FigureOut(Schema):
    """Numerator ÷ denominator of one indicator, place and period; `value` in percent, one decimal, null where nobody is owed."""

    indicator: str
    period: str
    place_code: str
    place_name: str
    level: str
    numerator: int
    denominator: int
    value: float | None
    light: Literal["green", "yellow", "red", "none"]
    reason: str
    frozen: "FrozenOut | None" = Field(None, description="the figure kept at month-end, if there is one")


class FrozenOut(Schema):
    numerator: int
    denominator: int
    frozen_at: datetime


class IndicatorOut(Schema):
    """A definition: what is counted, of whom, and why."""

    name: str
    version: str
    title: dict[str, str]
    why: dict[str, str]
    denominator: dict[str, str]
    numerator: dict[str, str]
    subject: str
    unit: str
    operator: str
    target: float
    direction: Literal["up", "down"]
    periods: list[str]
    source: dict[str, Any]


class SubjectOut(Schema):
    """One row that a figure counts: the duty, person or escalation, and the person it is about."""

    subject: int
    person: int


class Subjects(Schema):
    rows: list[SubjectOut]
    next: int | None = Field(None, description="give it as `after` to go on; null at the end")


Mode = Literal["call", "video", "home_visit", "home_service"]
Outcome = Literal["well", "needs", "unwell", "no_answer", "refused", "hospital", "away", "deceased"]
Need = Literal[
    "top_up", "errand", "call_family", "comfort", "doctor", "meal", "bath", "cleaning", "repair", "safety", "other"
]


class VisitIn(Body):
    """One contact that happened. `uuid` is made where the record is made; sent again with the same content it changes nothing."""

    uuid: Annotated[UUID, BeforeValidator(_only_text)]
    person: Number
    mode: Mode
    outcome: Outcome
    occurred_at: Moment
    needs: Annotated[list[Need], Field(max_length=11)] = []
    note: Annotated[Line, Field(max_length=500)] = ""
    client_at: Instant | None = Field(None, description="the device's clock when it was written down")


class VisitOut(Schema):
    """`new`: recorded now; `same`: this UUID and content were recorded before."""

    uuid: UUID
    visit: int
    person: int
    result: Literal["new", "same"]


# A row is described strictly and taken loosely: what does not fit is answered row by row, not refused as a whole.
_ROWS = {"items": {"anyOf": [VisitIn.model_json_schema(ref_template=REF), {"type": "object"}]}}


class BatchIn(Body):
    """At most 500 records. Each row is judged by itself: a wrong one is answered and does not stop the others."""

    rows: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=500, json_schema_extra=_ROWS)]


class RowOut(Schema):
    """The answer to one row, in the order sent."""

    row: int = Field(description="from 0, in the order sent")
    uuid: str | None = None
    result: Literal["new", "same", "clash", "unknown", "refused"]
    visit: int | None = None
    code: str | None = None
    zh: str | None = None
    en: str | None = None
    field: str | None = None


class BatchOut(Schema):
    new: int
    same: int
    refused: int
    rows: list[RowOut]


class PersonRow(Schema):
    """A line of a list: nothing sealed, numbers masked."""

    id: int
    uid: UUID
    name: str
    sex: Literal["m", "f"]
    birth: date
    age: int
    village: str = Field(description="division code")
    village_name: str
    status: str
    circumstances: list[str]
    ability_level: int | None
    helper_named: bool
    demo: bool = Field(description="an invented person (演示)")


class PersonOut(PersonRow):
    """One file. ID number, telephone and address are masked; unmasking is done on the desk, with a reason."""

    former_name: str
    id_number: str
    phone: str
    address: str
    living: str
    status_from: date | None
    ability_on: date | None
    ability_due: date | None
    case_file_on: date | None
    source: str
    verified_on: date | None
    changed_at: datetime


class People(Schema):
    rows: list[PersonRow]
    next: str | None = Field(None, description="give it as `after` to go on; null at the end")


class SearchIn(Body):
    """Name, pinyin initials, the last four of an ID number, or a whole telephone or ID number. In the body, so that it stands in no log."""

    text: Annotated[Line, Field(min_length=1, max_length=60)]
    place: Code | None = None
    size: Annotated[int, Field(ge=1, le=50), BeforeValidator(_whole)] = 20


class DutyOut(Schema):
    """What is owed to one person in one period, and the tally of what was done."""

    id: int
    person: int
    name: str
    village: str
    village_name: str
    rule: str
    period: str
    tier: str
    calls_owed: int
    calls_done: int
    visits_owed: int
    visits_done: int
    kept: bool
    late: bool
    excused: str
    helper: str | None = None


class Duties(Schema):
    rows: list[DutyOut]
    next: int | None = None

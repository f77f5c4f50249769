"""People inside the area: lists, search, one file. Numbers and addresses are masked; every read stands in the audit."""

from typing import Annotated, Any, Literal
from uuid import UUID

from django.utils import timezone
from ninja import Path, Query, Router
from pydantic import Field

from songhe.core import audit
from songhe.doors.api import shapes
from songhe.doors.api.errors import answers
from songhe.doors.api.frame import door
from songhe.registry.people import queries, rules, terms
from songhe.registry.people.models import Person
from songhe.registry.places.models import Place
from songhe.registry.places.queries import by_code

router = Router(tags=["people"])
Circumstance = Literal[("any", *terms.BITS)]  # type: ignore[valid-type]
Status = Literal[("all", *dict(terms.STATUSES))]  # type: ignore[valid-type]
Age = Annotated[int, Field(ge=0, le=rules.OLDEST)]


class PeopleFilter(shapes.Schema):
    place: shapes.Code
    circumstance: Circumstance | None = None
    status: Status | None = Field(None, description="without it: living and in an institution")
    age_from: Age | None = None
    age_to: Age | None = None
    ability: Annotated[int, Field(ge=0, le=4)] | None = None
    helper: Literal["named", "missing"] | None = None
    sort: Literal["name", "birth", "-birth"] = "name"
    after: Annotated[
        str, Field(max_length=600, pattern=r"^[A-Za-z0-9_=-]*$", description="`next` of the page before")
    ] = ""
    size: shapes.Size = 50


def _row(person: Person, on) -> dict[str, Any]:
    return {
        "id": person.pk,
        "uid": person.uid,
        "name": person.name,
        "sex": person.sex,
        "birth": person.birth,
        "age": rules.age_on(person.birth, on),
        "village": person.village.code,
        "village_name": str(person.village),
        "status": person.status,
        "circumstances": terms.codes_of(person.tags),
        "ability_level": person.ability_level,
        "helper_named": person.helper_named,
        "demo": person.origin == "demo",
    }


def _page(request, verb: str, place: Place, filters: dict[str, Any], **page: Any) -> dict[str, Any]:
    found = queries.people_list(request.auth.post, place=place, count="no", **page, **filters)
    names = sorted(name for name, value in filters.items() if value is not None)
    audit.note(verb, "place", place.pk, area_id=place.pk, rows=len(found.rows), filters=names)
    on = timezone.localdate()
    return {"rows": [_row(person, on) for person in found.rows], "next": found.after or None}


@router.get(
    "/people", response=answers(shapes.People, 409), operation_id="people", summary="People of a place, page by page"
)
@door("people.view")
def listed(request, filters: Query[PeopleFilter]):
    asked = filters.model_dump()
    page = {name: asked.pop(name) for name in ("sort", "after", "size")}
    place = by_code(asked.pop("place"), post=request.auth.post)
    return _page(request, "people.list", place, asked, **page)


@router.post(
    "/people/search",
    response=answers(shapes.People, 409, 413),
    operation_id="search_people",
    summary="Find people by name, initials, telephone or ID number",
)
@door("people.view")
def search(request, body: shapes.SearchIn):
    """A POST that changes nothing: what is looked for may be personal and must not stand in an address."""
    post = request.auth.post
    place = by_code(body.place, post=post) if body.place else post.place
    return _page(request, "people.search", place, {"q": body.text}, size=body.size)


@router.get("/people/{uid}", response=answers(shapes.PersonOut), operation_id="person", summary="One file, masked")
@door("people.view")
def one(request, uid: Path[UUID]):
    found = queries.person_file(request.auth.post, uid)
    person, masked = found["person"], found["masked"]
    return _row(person, timezone.localdate()) | {
        "former_name": person.former_name,
        "id_number": masked["id_number"],
        "phone": masked["phone"],
        "address": masked["address"],
        "living": person.living,
        "status_from": person.status_from,
        "ability_on": person.ability_on,
        "ability_due": person.ability_due,
        "case_file_on": person.case_file_on,
        "source": person.source,
        "verified_on": person.verified_on,
        "changed_at": person.changed_at,
    }

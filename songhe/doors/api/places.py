"""Places: the post's own, one, and what is directly below."""

from django.utils import timezone
from ninja import Path, Router

from songhe.doors.api import shapes
from songhe.doors.api.errors import answers
from songhe.doors.api.frame import door
from songhe.doors.api.limits import limit
from songhe.registry.accounts.rules import PERMISSIONS
from songhe.registry.places import queries
from songhe.registry.places.models import Place

router = Router(tags=["places"])


def shown(place: Place) -> dict:
    return {
        "code": place.code,
        "name": place.name,
        "short_name": place.short_name,
        "level": place.level,
        "kind": place.kind,
        "parent": place.parent.code if place.parent_id else None,
        "urban_rural": place.urban_rural,
        "valid_from": place.valid_from,
        "valid_to": place.valid_to,
    }


@router.get("/me", response=answers(shapes.Me), operation_id="me", summary="The post this token speaks for")
@door("signed-in")
def me(request):
    post = request.auth.post
    return {
        "user": post.user.name,
        "role": post.role,
        "place": shown(post.place),
        "permissions": sorted(name for name in PERMISSIONS if post.may(name)),
        "valid_to": post.valid_to,
        "token_expires_at": request.auth.expires_at,
        "calls_a_minute": limit(),
    }


@router.get(
    "/places/{code}", response=answers(shapes.PlaceOut), operation_id="place", summary="One place inside the area"
)
@door("signed-in")
def place(request, code: Path[shapes.Code]):
    return shown(queries.by_code(code, post=request.auth.post))


@router.get(
    "/places/{code}/children",
    response=answers(list[shapes.PlaceOut]),
    operation_id="place_children",
    summary="The places directly below, today",
)
@door("signed-in")
def children(request, code: Path[shapes.Code]):
    above = queries.by_code(code, post=request.auth.post)
    below = queries.children(above, timezone.localdate()).select_related("parent")
    return [shown(p) for p in below.within(request.auth.post)]

"""Who may call an action of care: a post that holds the permission, where it holds it; or the system's own jobs."""

from django.db import connection
from django.db.models import Q

from songhe.core.refusal import Refusal
from songhe.registry.accounts.access import require
from songhe.registry.accounts.models import Post, User
from songhe.registry.places.models import Place


class _System:
    """Stands for a post where the system itself asks: `visible_to(SYSTEM)` adds no filter. Row-level security still does:
    only inside `core.acting.everywhere()` does it see every area."""

    place = None

    def rows_q(self) -> Q:
        return Q()

    places_q = inside_q = rows_q


SYSTEM = _System()


def allowed(post: Post | _System | None, permission: str, place: Place | None = None) -> None:
    """Raises Denied without the permission, Refusal for a place outside the post's area.

    Without a post only the system's own work passes: it runs inside `core.acting.everywhere()`, which no door opens.
    """
    if (post is None or post is SYSTEM) and _is_everywhere():
        return
    post = None if post is SYSTEM else post
    require(post, permission)
    if place is not None and not covers(post, place):
        raise Refusal(
            "place_outside_area",
            zh=f"“{place}”不在您的辖区内，不能办理。请换成辖区内的地点，或找上级办理。",
            en=f'"{place}" is outside your area. Choose a place inside it, or ask the level above.',
            field="place",
        )


def covers(post: Post, place: Place) -> bool:
    """Whether the post's place is this place or stands above it."""
    above = {place.pk, place.town_id, place.county_id, place.city_id, place.province_id, place.functional_area_id}
    return post.place_id in above


def user_id(by: User | int) -> int:
    """The account that acts, given as a user or as its id (0: the system)."""
    return by if isinstance(by, int) else by.pk


def _is_everywhere() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 0 = ANY(app_areas())")
        return cursor.fetchone()[0]

"""Where a round or an appraisal belongs, and whether whoever acts may act on it. Awards stand alone: they know no ledger."""

from songhe.core.refusal import Refusal
from songhe.oversight.awards.models import Round
from songhe.registry.accounts.models import Post
from songhe.registry.people.standing import allow, inside, outside_area
from songhe.registry.places.models import Level, Place

__all__ = ["allow", "area_of", "fresh", "place_scope", "within"]


def place_scope(place: Place) -> dict[str, int | None]:
    """Scope columns of a row that belongs to a place of any level. A functional area's rows are its county's."""
    if place.level == Level.VILLAGE and place.kind == "division":
        return place.areas()
    town = place.town_id if place.kind == "division" else None
    return {"village_id": None, "town_id": town, "county_id": place.county_id, "city_id": place.city_id}


def within(post: Post | None, place: Place) -> Place:
    """The place itself when the post covers it; raises Refusal."""
    if not inside(post, place):
        raise outside_area(place)
    return place


def fresh(post: Post | None, row: Round) -> Round:
    """The round as it is now, locked: whoever counts nominations or votes counts alone. Raises Refusal."""
    seen = Round.objects.visible_to(post) if post else Round.objects.all()
    found = seen.select_for_update(of=("self",)).filter(pk=row.pk).first()
    if found is None:
        raise Refusal("no_such_round", zh="没有这轮评选，或不在您的辖区内。", en="There is no such round, or it is outside your area.")  # fmt: skip
    return found


def area_of(row) -> int | None:
    return row.village_id or row.town_id or row.county_id or row.city_id

"""Where a line of the ledger belongs, and whether whoever acts may act on it."""

from django.db.models import QuerySet

from songhe.core.refusal import Refusal
from songhe.oversight.ledger.models import Item
from songhe.registry.accounts.models import Post, User
from songhe.registry.people.standing import allow, inside, outside_area
from songhe.registry.places.models import Level, Place

__all__ = ["allow", "items_of", "locked", "place_scope", "within"]


def place_scope(place: Place) -> dict[str, int | None]:
    """Scope columns of a row that belongs to a place of any level. A functional area's rows are its county's."""
    if place.level == Level.VILLAGE and place.kind == "division":
        return place.areas()
    town = place.town_id if place.kind == "division" else None
    return {"village_id": None, "town_id": town, "county_id": place.county_id, "city_id": place.city_id}


def within(post: Post | None, place: Place) -> Place:
    """The place itself when the post covers it; raises Refusal (also for a province: ledgers are kept below it)."""
    if place.level == Level.PROVINCE:
        raise Refusal(
            "place_too_high",
            zh="台账按市、县、乡镇、村建立，不建到省级。请选择省以下的地区。",
            en="Ledgers are kept by city, county, township and village. Choose a place below the province.",
            field="place",
        )
    if not inside(post, place):
        raise outside_area(place)
    return place


def items_of(post: Post | None) -> QuerySet[Item]:
    """The lines a post may see; without a post (the system's own jobs) what PostgreSQL lets through."""
    return Item.objects.visible_to(post) if post else Item.objects.all()


def locked(post: Post | None, item: Item) -> Item:
    """The item's row, fresh and locked; raises Refusal when it is not in the post's area or was withdrawn."""
    row = items_of(post).select_for_update(of=("self",)).filter(pk=item.pk).first()
    if row is None:
        raise Refusal(
            "no_such_item",
            zh="没有这个台账事项，或不在您的辖区内。请回到台账重新查找。",
            en="There is no such item, or it is outside your area. Look it up in the ledger again.",
        )
    if row.withdrawn_on:
        raise Refusal(
            "item_withdrawn",
            zh="这个事项已经撤销，不能再办理。",
            en="This item was withdrawn; nothing more can be recorded on it.",
        )
    return row


def user_of(by: User | int | None) -> int:
    return by if isinstance(by, int) else (by.pk if by else 0)

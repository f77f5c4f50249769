"""On whose authority, in which village, on whose file: the three questions every verb of this app asks first."""

from django.db import connection
from django.db.models import QuerySet

from songhe.core.refusal import Refusal
from songhe.registry.accounts.access import Denied, require
from songhe.registry.accounts.models import Post, User
from songhe.registry.accounts.rules import FAMILY_MAY
from songhe.registry.people.models import Person
from songhe.registry.places.models import Level, Place


def everywhere_now() -> bool:
    """Whether this transaction runs as the system's own job (`core.acting.everywhere`)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 0 = ANY(app_areas())")
        return cursor.fetchone()[0]


def family_now() -> bool:
    """Whether this transaction acts for one person on a family member's link (`people.family.acting_for`)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT app_family_person() IS NOT NULL")
        return cursor.fetchone()[0]


def allow(by: User | None, post: Post | None, permission: str) -> int:
    """The acting user's id, when they may. The system's own jobs give neither `by` nor `post` and act everywhere (id 0).

    Nor does a family member's door, which may do little (`rules.FAMILY_MAY`) and for one person only: that PostgreSQL's policies
    see to. Raises accounts.access.Denied.
    """
    if post is None and everywhere_now():
        return by.pk if by else 0
    if post is None and by is None and permission in FAMILY_MAY and family_now():
        return 0
    require(post, permission)
    if by is None or post.user_id != by.pk:  # a post speaks for its own holder only
        raise Denied(permission)
    return by.pk


def inside(post: Post | None, place: Place) -> bool:
    """Whether a place lies in a post's area."""
    return post is None or Place.objects.under(post.place).filter(pk=place.pk).exists()


def check_village(post: Post | None, village: Place, on) -> Place:
    """The village itself when it is one, exists on the day and lies in the post's area; raises Refusal."""
    if village.level != Level.VILLAGE:
        raise Refusal(
            "not_a_village",
            zh=f"“{village}”不是村或社区。请选到村（社区）一级。",
            en=f"“{village}” is not a village or community. Choose one.",
            field="village",
        )
    if village.valid_to is not None and village.valid_to <= on:
        raise Refusal(
            "village_ended",
            zh=f"“{village}”已于 {village.valid_to} 撤销。请选择合并或更名后的村（社区）。",
            en=f"“{village}” ended on {village.valid_to}. Choose the village that came of it.",
            field="village",
        )
    if not inside(post, village):
        raise outside_area(village)
    return village


def outside_area(village: Place) -> Refusal:
    return Refusal(
        "outside_area",
        zh=f"“{village}”不在您的辖区内，不能登记到那里。请由该村所在乡镇办理。",
        en=f"“{village}” is outside your area. Ask the township it belongs to.",
        field="village",
    )


def locked(post: Post | None, person: Person, *, merged_too: bool = False) -> Person:
    """The person's row, fresh and locked, when it lies in the post's area; raises Refusal."""
    people = Person.objects.all() if post is None else Person.objects.visible_to(post)
    row = people.select_for_update(of=("self",)).filter(pk=person.pk).first()
    if row is None:
        raise Refusal(
            "no_such_person",
            zh="没有这份档案，或已不在您的辖区内。请回到名单重新查找。",
            en="There is no such file, or it has left your area. Look it up again.",
        )
    if row.merged_into_id and not merged_too:
        raise Refusal(
            "merged",
            zh="这份档案已合并到另一份档案，不能再修改。请打开合并后的档案。",
            en="This file was merged into another and cannot be changed. Open the one it was merged into.",
        )
    return row


def areas_of(person: Person) -> dict[str, int | None]:
    """The four scope columns for a row about a person who lives where the file says."""
    return {f"{level}_id": getattr(person, f"{level}_id") for level in ("village", "town", "county", "city")}


def scope_of(place: Place) -> dict[str, int | None]:
    """The four scope columns for a row that belongs to a place of any level (an import batch, a county's)."""
    if place.level == Level.VILLAGE and place.kind == "division":
        return place.areas()
    if place.kind == "functional":
        member = place.members.order_by("pk").first()
        return (
            member.areas()
            if member
            else {"village_id": None, "town_id": None, "county_id": place.county_id, "city_id": None}
        )
    return {"village_id": None, "town_id": place.town_id, "county_id": place.county_id, "city_id": place.city_id}


def scope(post: Post | None, place: Place | None) -> QuerySet[Person]:
    """People of a post's area, or of a place inside it; merged files left out. Raises Refusal outside the area.

    Without a post (the system's own jobs) everything that PostgreSQL's own rule lets through.
    """
    people = Person.objects.visible_to(post) if post else Person.objects.all()
    if place is not None:
        if post is not None and not Place.objects.under(post.place).filter(pk=place.pk).exists():
            raise Refusal(
                "outside_area",
                zh=f"“{place}”不在您的辖区内。",
                en=f"“{place}” is outside your area.",
                field="place",
            )
        people = people.inside(place)
    return people.filter(merged_into=None)

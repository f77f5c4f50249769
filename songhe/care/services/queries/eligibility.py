"""Which catalogue holds where and when, and what somebody is entitled to on a day."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from songhe.care.services import rules
from songhe.care.services.models import Catalogue, Entitlement, Item, Quota
from songhe.core.refusal import Refusal
from songhe.registry.people.models import Assessment, Person
from songhe.registry.people.queries import circumstances_on
from songhe.registry.people.terms import tags_of
from songhe.registry.places.models import Place
from songhe.registry.places.rules import codes_above


def catalogue_for(place: Place, on: date) -> Catalogue:
    """The catalogue in force at a place on a day, the nearest place's own before its city's. Raises Refusal where none is."""
    codes = codes_above(place.code)
    found = list(Catalogue.objects.in_force(on).filter(places__overlap=codes))
    if not found:
        raise Refusal(
            "no_catalogue",
            zh=f"“{place}”在 {on} 没有有效的服务目录，不能下单。请县级民政部门先发布目录。",
            en=f"No service catalogue is in force for “{place}” on {on}. The county office must publish one first.",
            field="item",
        )
    return min(found, key=lambda c: min(codes.index(code) for code in c.places if code in codes))


def items_for(place: Place, on: date, *, channel: str = "") -> list[Item]:
    """What can be ordered at a place on a day, in the catalogue's own order; only what `channel` may order, if given."""
    found = Item.objects.filter(catalogue=catalogue_for(place, on)).select_related("catalogue")
    return list(found.filter(may_order__contains=[channel]) if channel else found)


@dataclass(frozen=True)
class Standing:
    """Somebody as of a day: `level` None where no assessment holds; `tags` the circumstances that hold then."""

    level: int | None
    tags: int
    age: int


@dataclass(frozen=True)
class Right:
    """What of an item is paid for somebody on a day. `rule` None: nothing, self-paid only."""

    standing: Standing
    rule: Entitlement | None
    used: int = 0

    @property
    def left(self) -> int:
        return max(0, self.rule.quota - self.used) if self.rule else 0


def standing(person: Person, on: date) -> Standing:
    """Level, circumstances and age as of a day, from dated rows: what is asked today about another day holds then."""
    newest = (
        Assessment.objects.filter(Q(valid_to=None) | Q(valid_to__gte=on), person=person, scale="gbt42195", on__lte=on)
        .order_by("-on", "-pk")
        .values_list("level", flat=True)
        .first()
    )
    return Standing(newest, tags_of(circumstances_on([person.pk], on)[person.pk]), person.age(on))


def rights(person: Person, items: list[Item], on: date) -> dict[str, Right]:
    """{item code: Right} for items of one catalogue; four statements however many items."""
    now = standing(person, on)
    if not items:
        return {}
    owed = list(Entitlement.objects.filter(catalogue=items[0].catalogue_id))
    month = on.replace(day=1)
    used = dict(Quota.objects.filter(person=person, month=month).values_list("entitlement", "used"))
    out = {}
    for item in items:
        rule = next(
            (r for r in owed if rules.fits(r, item=item.code, tags=now.tags, level=now.level, age=now.age)), None
        )
        out[item.code] = Right(now, rule, used.get(rule.code, 0) if rule else 0)
    return out

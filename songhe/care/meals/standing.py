"""Which point, which diner, on whose authority: what every verb of this app asks first."""

from datetime import date

from django.db.models import Model, Q

from songhe.care.meals import rules, terms
from songhe.care.meals.definitions import Scheme
from songhe.care.services.models import run_own
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post
from songhe.registry.facilities.models import Facility
from songhe.registry.facilities.standing import kept, not_ahead
from songhe.registry.people.models import Circumstance, Person
from songhe.registry.people.standing import allow

__all__ = ["COUNT", "EDIT", "VIEW", "allow", "found_in", "kept", "not_ahead", "point", "tier"]
VIEW, COUNT, EDIT = "meals.view", "meals.count", "meals.edit"


def point(post: Post | None, facility: Facility) -> Facility:
    """The meal point's row when it lies in the post's area (an operator's: it runs it) and serves meals; raises Refusal."""
    seen = Facility.objects.visible_to(post) if post else Facility.objects.all()
    row = run_own(seen, post, "pk").select_related("place", "village").filter(pk=facility.pk).first()
    if row is None or (row.kind not in terms.POINT_KINDS and row.kind != "meal_delivery"):
        raise Refusal(
            "no_such_point",
            zh="没有这处助餐点，或不在您的辖区内。请回到助餐点名单重新查找。",
            en="There is no such meal point, or it lies outside your area. Look it up again.",
            field="facility",
        )
    return row


def found_in(model: type[Model], post: Post | None, pk: int, zh: str, en: str):  # type: ignore[no-untyped-def]
    """A row of a table that the post may see, locked; Refusal otherwise."""
    seen = model.objects.visible_to(post) if post else model.objects.all()  # type: ignore[attr-defined]
    row = seen.select_for_update(of=("self",)).filter(pk=pk).first()
    if row is None:
        raise Refusal("no_such_row", zh=zh, en=en)
    return row


def tier(person: Person, scheme: Scheme, on: date) -> rules.Tier | None:
    """The tier of a person on a day: by what held on that day, not today."""
    during = Q(valid_from__lte=on) & (Q(valid_to=None) | Q(valid_to__gt=on))
    held = frozenset(Circumstance.objects.filter(during, person=person).values_list("kind", flat=True))
    return rules.tier_of(scheme.tiers, age=person.age(on), circumstances=held)

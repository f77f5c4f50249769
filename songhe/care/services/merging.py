"""Two files become one: their orders stay where they were made (frozen), their quota becomes one quota."""

from django.db.models import Max, Sum
from django.db.models.functions import TruncMonth

from songhe.care.services.models import Order, Quota
from songhe.registry.people.hanging import Hanging
from songhe.registry.people.models import Person
from songhe.registry.people.queries import files_of


def _recount(person: Person) -> None:
    """A file's quota again, from the orders of all files it stands for; a merged file itself draws on nothing.

    What two files drew apart may be more than one person is granted: it stands, and nothing more fits.
    """
    Quota.objects.filter(person=person).update(used=0)
    if person.merged_into_id:
        return
    drawn = Order.objects.filter(person__in=files_of(person)).exclude(entitlement="").exclude(state="cancelled")
    rows = drawn.order_by().annotate(month=TruncMonth("service_on")).values("entitlement", "month")
    for row in rows.annotate(used=Sum("quantity"), granted=Max("quota_granted")):
        Quota.objects.update_or_create(
            person=person, entitlement=row["entitlement"], month=row["month"],
            defaults={"used": row["used"], "granted": max(row["used"], row["granted"])},
        )  # fmt: skip


def _follow(out: Person, into: Person) -> list[int]:
    _back([], into, out)
    return []


def _back(_moved: list[int], into: Person, out: Person) -> None:
    _recount(into)
    _recount(out)


HANGING = (Hanging("quotas", _follow, _back),)

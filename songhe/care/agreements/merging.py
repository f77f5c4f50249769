"""Two files become one: the bed that runs and its devices follow the person; one bed a person still holds."""

from django.utils import timezone

from songhe.care.agreements import definitions
from songhe.care.agreements.models import Bed, Device
from songhe.core.refusal import Refusal
from songhe.registry.people.hanging import Hanging
from songhe.registry.people.models import Person
from songhe.registry.people.standing import areas_of


def _follow_beds(out: Person, into: Person) -> list[int]:
    """Beds of the absorbed file, ended ones too; refused with the clause where both files have a running one."""
    if Bed.objects.filter(person__in=(out, into), ended_on=None).count() > 1:
        clause = definitions.scheme(into.village.code, timezone.localdate()).single
        raise Refusal(
            "two_running_beds",
            zh=f"两份档案各有一张在办或在用的家庭养老床位：{clause.clause['zh']}（{clause.number}）。请先终止其中一张，再合并。",
            en=f"Each file has a running home-based care bed: {clause.clause['en']} ({clause.number}). End one of them, then merge.",
            field="reason",
        )
    ids = list(Bed.objects.filter(person=out).values_list("pk", flat=True))
    _laid(ids, out, into)
    return ids


def _laid(ids: list[int], giver: Person, taker: Person) -> None:
    """A running bed stands where the person lives; what has ended stays where it was."""
    rows = Bed.objects.filter(pk__in=ids, person=giver)
    rows.filter(ended_on=None).update(**areas_of(taker))
    rows.update(person=taker)


def _follow_devices(out: Person, into: Person) -> list[int]:
    ids = list(Device.objects.filter(person=out).values_list("pk", flat=True))
    _hung(ids, out, into)
    return ids


def _hung(ids: list[int], giver: Person, taker: Person) -> None:
    rows = Device.objects.filter(pk__in=ids, person=giver)
    rows.filter(removed_on=None).update(**areas_of(taker))
    rows.update(person=taker)


HANGING = (
    Hanging("care_beds", _follow_beds, _laid),
    Hanging("devices", _follow_devices, _hung),
)

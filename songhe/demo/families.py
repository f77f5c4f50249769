"""Three daughters and sons with the family page: one may see and arrange all, one services and days, one only that all is well.

Only the digest of a link is kept, so a demo that starts makes fresh ones and prints them; those of the start before end.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Min, Q
from django.utils import timezone

from songhe.care.services.actions import request_by_family
from songhe.care.services.models import Order
from songhe.core.refusal import Refusal
from songhe.demo.staff import name_for
from songhe.registry.people import family
from songhe.registry.people.actions import add_contact
from songhe.registry.people.models import Contact, Person
from songhe.registry.people.terms import FAMILY_SCOPES

SYSTEM = {"by": None, "post": None}
ALL = tuple(code for code, _label in FAMILY_SCOPES)
# (relation, telephone number, what the person agreed to)
FAMILIES = (
    ("daughter", "15400009001", ALL),
    ("son", "15400009002", ("family_days", "family_services")),
    ("daughter", "15400009003", ()),
)


@dataclass(frozen=True)
class Way:
    """A link that was just made: who opens it, about whom, and where, below the site's address."""

    contact: str
    relation: str
    person: str
    path: str


def links(today: date | None = None) -> list[Way]:
    """A fresh link for each of the three; nothing where the city has no orders. Called inside everywhere()."""
    today = today or timezone.localdate()
    made = []
    for number, (person, (relation, phone, scopes)) in enumerate(zip(_people(), FAMILIES, strict=False)):
        contact = _contact(person, relation, phone, number)
        _link, token = family.open_link(
            **SYSTEM, contact=contact, given_by="本人", given_on=today, scopes=scopes, paper="演示"
        )
        made.append(Way(contact.name, str(contact.get_relation_display()), person.name, f"/family/{token}/"))
        if scopes == ALL:
            _wish(token, today)
    return made


def _people() -> Iterable[Person]:
    """Those of the last load first; else whoever is served most, so that there is something to see."""
    linked = Person.objects.filter(origin="demo", family_links__isnull=False).annotate(first=Min("family_links"))
    if found := list(linked.order_by("first")[: len(FAMILIES)]):
        return found
    month = timezone.localdate() - timedelta(days=31)
    lately = Q(orders__service_on__gte=month) & ~Q(orders__state="cancelled")
    living = Person.objects.filter(origin="demo", status="living", merged_into=None, orders__service_on__gte=month)
    return list(living.annotate(n=Count("orders", filter=lately)).order_by("-n", "pk")[: len(FAMILIES)])


def _contact(person: Person, relation: str, phone: str, number: int) -> Contact:
    linked = Contact.objects.filter(person=person, family_links__isnull=False).first()
    return linked or add_contact(**SYSTEM, person=person, name=name_for(9000 + number), relation=relation, phone=phone)


def _wish(token: str, today: date) -> None:
    """One order asked for on the page and still to come: it can be called off there."""
    with_link = family.opened(token)
    if (
        with_link is None
        or Order.objects.filter(person=with_link.person, asked_by=0, channel="family", service_on__gt=today).exists()
    ):
        return
    try:
        request_by_family(
            token=token,
            item="cleaning",
            on=today + timedelta(days=2),
            part="morning",
            note="演示：请带梯子",
            funding="self",
        )
    except Refusal:  # no catalogue that day, or the person has left: the page shows the rest
        return

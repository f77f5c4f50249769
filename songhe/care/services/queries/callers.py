"""Who is on the telephone: people found by a number, their own or that of somebody who may call for them."""

from dataclasses import dataclass

from songhe.care.services.definitions import area_codes
from songhe.core import identity
from songhe.registry.people import sealing
from songhe.registry.people.models import Contact, Person
from songhe.registry.people.queries import people_list
from songhe.registry.people.terms import RELATIONS
from songhe.registry.places.models import Place
from songhe.registry.places.rules import codes_above

HIDDEN = ("search", "id_sealed", "address_sealed", "village__outline", "town__outline")


@dataclass(frozen=True)
class Caller:
    """A person the caller may be asking for. `how`: "own" number, "contact" (with relation and name), "household", "name"."""

    person: Person
    how: str
    relation: str = ""
    name: str = ""


def callers(*, post, asked: str, area_code: str = "", limit: int = 12) -> list[Caller]:
    """People by what the operator typed: a number as it stands on the display (mobile, landline with or without the area
    code), else a name, initials or an ID tail. Own number first, then contacts, then others under the same roof.
    """
    text = asked.strip()
    if sum(c.isdigit() for c in text) >= 7 and len(text) <= 24:
        found = _by_number(post, text, area_code, limit)
        if found:
            return found
    if not text:
        return []
    page = people_list(post, q=text, size=limit, count="no", status="all")
    return [Caller(person, "name") for person in page.rows if person.status != "deceased"]


def spellings(text: str, area_code: str = "") -> list[str]:
    """The spellings under which a number may be on file: 2551234 → 0312-2551234 and, as it was written without one, 2551234."""
    read = identity.read_phone(text, area_code)
    out = [read.number] if read.number else []
    if read.kind == "landline" and read.number and "-" in read.number:
        out.append(read.number.split("-", 1)[1])
    bare = identity.read_phone(text)
    return list(dict.fromkeys([*out, *([bare.number] if bare.number else [])]))


def _by_number(post, text: str, area_code: str, limit: int) -> list[Caller]:
    blinds = [sealing.phone_blind(number) for number in spellings(text, area_code)]
    if not blinds:
        return []
    seen = Person.objects.visible_to(post).filter(merged_into=None).exclude(status="deceased")
    seen = seen.select_related("village", "town").defer(*HIDDEN)
    own = list(seen.filter(phone_blind__in=blinds).order_by("name_sort")[:limit])
    found = {person.pk: Caller(person, "own") for person in own}
    contacts = Contact.objects.filter(phone_blind__in=blinds, person__in=seen.values("pk"))
    for contact in contacts.select_related("person__village", "person__town").order_by("priority")[:limit]:
        label = str(dict(RELATIONS).get(contact.relation, contact.relation))
        found.setdefault(contact.person_id, Caller(contact.person, "contact", label, contact.name))
    roofs = {c.person.household_id for c in found.values()} - {None}
    if roofs:
        for person in seen.filter(household__in=roofs).order_by("name_sort")[:limit]:
            found.setdefault(person.pk, Caller(person, "household"))
    return list(found.values())[:limit]


def area_code_of(place: Place) -> str:
    """The telephone area code that landlines of a place are usually dialled without; from definitions/services/area_codes."""
    known = area_codes()
    return next((known[code] for code in codes_above(place.code) if code in known), "")

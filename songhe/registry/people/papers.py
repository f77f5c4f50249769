"""Verbs: who to call, what was agreed to, what is held, who lives under one roof."""

from datetime import date

from django.db import transaction
from django.utils import timezone

from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post, User
from songhe.registry.people import sealing, terms
from songhe.registry.people.entry import clean
from songhe.registry.people.models import Benefit, Consent, Contact, Household, Person
from songhe.registry.people.standing import allow, areas_of, locked


@transaction.atomic
def add_contact(
    *,
    by: User | None,
    post: Post | None,
    person: Person,
    name: str,
    relation: str,
    phone: str = "",
    priority: int | None = None,
    lives_near: bool = False,
) -> Contact:
    """Somebody to call in an emergency. Raises Refusal for an unreadable number."""
    allow(by, post, "people.edit")
    row = locked(post, person)
    typed = clean({"name": name, "phone": phone}, on=timezone.localdate())
    if relation not in dict(terms.RELATIONS):
        raise Refusal(
            "unknown_relation",
            zh=f"没有“{relation}”这种关系。",
            en=f"There is no relation “{relation}”.",
            field="relation",
        )
    made = Contact.objects.create(
        person=row,
        name=typed["name"],
        relation=relation,
        phone_sealed=sealing.seal("contact", typed["phone"]),
        phone_blind=sealing.phone_blind(typed["phone"]),
        priority=priority or row.contacts.count() + 1,
        lives_near=lives_near,
    )
    audit.note("people.add_contact", "person", row.pk, area_id=row.village_id, relation=relation)
    return made


@transaction.atomic
def remove_contact(*, by: User, post: Post, contact: Contact) -> None:
    """Take a contact off the file."""
    allow(by, post, "people.edit")
    row = locked(post, contact.person)
    Contact.objects.filter(pk=contact.pk, person=row).delete()
    audit.note("people.remove_contact", "person", row.pk, area_id=row.village_id)


@transaction.atomic
def contact_phone(*, by: User, post: Post, contact: Contact, reason: str) -> str:
    """A contact's number in clear, against a written reason, like `unmask`."""
    allow(by, post, "people.unmask")
    if len(reason.strip()) < 2:
        raise Refusal("reason_missing", zh="请写明查看电话的事由。", en="Say why the number is needed.", field="reason")
    row = locked(post, contact.person, merged_too=True)
    audit.note("people.unmask", "person", row.pk, area_id=row.village_id, field="contact", reason=reason.strip()[:120])
    return sealing.open_field("contact", contact.phone_sealed)


@transaction.atomic
def consent(
    *, by: User | None, post: Post | None, person: Person, purpose: str, given_by: str, given_on: date, paper: str = ""
) -> Consent:
    """What the person or guardian agreed to, on which paper (PIPL art. 28–29)."""
    allow(by, post, "people.edit")
    row = locked(post, person)
    made = Consent.objects.create(person=row, purpose=purpose, given_by=given_by, given_on=given_on, paper=paper)
    audit.note("people.consent", "person", row.pk, area_id=row.village_id, purpose=purpose)
    return made


@transaction.atomic
def withdraw_consent(*, by: User, post: Post, consent: Consent, on: date) -> Consent:
    """The consent no longer holds from a day on."""
    allow(by, post, "people.edit")
    row = locked(post, consent.person)
    consent.withdrawn_on = on
    consent.save(update_fields=["withdrawn_on"])
    audit.note("people.withdraw_consent", "person", row.pk, area_id=row.village_id, purpose=consent.purpose)
    return consent


@transaction.atomic
def grant_benefit(
    *,
    by: User | None,
    post: Post | None,
    person: Person,
    kind: str,
    valid_from: date,
    level: str = "",
    number: str = "",
    valid_to: date | None = None,
    source: str = "",
) -> Benefit:
    """An allowance or certificate held from–to; its number is sealed."""
    allow(by, post, "people.edit")
    row = locked(post, person)
    made = Benefit.objects.create(
        person=row,
        kind=kind,
        level=level,
        number_sealed=sealing.seal("benefit", number),
        valid_from=valid_from,
        valid_to=valid_to,
        source=source,
    )
    audit.note("people.grant_benefit", "person", row.pk, area_id=row.village_id, kind=kind)
    return made


@transaction.atomic
def share_household(*, by: User | None, post: Post | None, people: list[Person], number: str = "") -> Household:
    """These people live under one roof; `number` of the household register is sealed. Raises Refusal across villages."""
    allow(by, post, "people.edit")
    rows = [locked(post, person) for person in people]
    if len({row.village_id for row in rows}) != 1:
        raise Refusal(
            "household_villages",
            zh="同一家庭户的人须在同一村（社区）。请先办理迁居。",
            en="People of one household live in one village. Record the move first.",
        )
    home = next((row.household for row in rows if row.household_id), None) or Household(**areas_of(rows[0]))
    if number:
        home.number_sealed = sealing.seal("household", number)
    home.save()
    for row in rows:
        row.household = home
        row.save(update_fields=["household", "changed_at"])
    audit.note("people.share_household", "household", home.pk, area_id=home.village_id, people=[row.pk for row in rows])
    return home

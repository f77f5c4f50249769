"""Questions about one person: the whole file, masked; what changed when; the file as it stood on a day."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection
from django.db.models import BigIntegerField, Case, Func, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.registry.accounts.access import require
from songhe.registry.accounts.models import Post
from songhe.registry.people import rules, sealing
from songhe.registry.people.models import Circumstance, LifeEvent, Person

PersonEvent = apps.get_model("people", "PersonEvent", require_ready=False)  # the history table, made by pghistory


def person_by_uid(post: Post | None, uid: UUID | str, *, merged_too: bool = False) -> Person:
    """The file with this uid inside the area; a merged one leads to the file it was merged into. Raises Refusal."""
    people = Person.objects.visible_to(post) if post else Person.objects.all()
    people = people.select_related("village", "town", "county", "household")
    person = people.filter(uid=uid).first() if _is_uid(uid) else None
    if person is None:
        raise Refusal(
            "no_such_person",
            zh="没有这份档案，或不在您的辖区内。",
            en="There is no such file, or it is outside your area.",
        )
    if person.merged_into_id and not merged_too:
        person = people.get(pk=kept_files([person.pk])[person.pk])
    return person


def _is_uid(uid: UUID | str) -> bool:
    try:
        UUID(str(uid))
    except ValueError:
        return False
    return True


def files_of(person: Person | int) -> list[int]:
    """The ids of a person's file and of all files merged into it: whose visits and duties are this person's."""
    first = getattr(person, "pk", person)
    with connection.cursor() as cursor:
        cursor.execute("SELECT people_files_of(%s)", [first])
        files = cursor.fetchone()[0]
    return [first, *(pk for pk in files if pk != first)]


def kept_files(numbers: Iterable[int]) -> dict[int, int]:
    """{a merged file: the file it has become}, of those among `numbers` that were merged."""
    merged = Person.objects.filter(pk__in=set(numbers)).exclude(merged_into=None)
    return dict(merged.values_list("pk", _kept("pk")))


def kept_file(person: str = "person") -> Case:
    """For a queryset: the file that the file at `person` has become, itself if it was never merged."""
    return Case(
        When(**{f"{person}__merged_into": None}, then=person), default=_kept(person), output_field=BigIntegerField()
    )


def _kept(at: str) -> Coalesce:
    """What the database's `people_file_kept` says, asked of merged files alone because it is asked row by row; the file
    itself where the one it has become lies outside the caller's area."""
    number = BigIntegerField()
    return Coalesce(Func(at, function="people_file_kept", output_field=number), at, output_field=number)


def person_file(post: Post, uid: UUID | str) -> dict[str, Any]:
    """Everything on one page about one person, masked; the reading itself goes into the audit. Raises Refusal, Denied.

    {"person", "masked": {…}, "circumstances", "contacts", "benefits", "consents", "events", "assessments", "household",
    "sources": {field: FieldSource}, "merges", "files", "versions", "facts_age_days"}
    """
    require(post, "people.view")
    person = person_by_uid(post, uid)
    audit.note("people.read", "person", person.pk, area_id=person.village_id)
    on = timezone.localdate()
    contacts = [
        {
            "row": c,
            "phone": sealing.masked_value("contact", sealing.open_field("contact", c.phone_sealed))
            if c.phone_sealed
            else "",
        }
        for c in person.contacts.all()
    ]
    return {
        "person": person,
        "masked": {name: sealing.masked(person, name) for name in rules.SEALED},
        "age": rules.age_on(person.birth, on),
        "circumstances": list(person.circumstances.order_by("valid_to", "valid_from")),
        "contacts": contacts,
        "benefits": list(person.benefits.order_by("valid_from")),
        "consents": list(person.consents.order_by("given_on")),
        "events": list(person.events.filter(undone_at=None).order_by("-on", "-pk")),
        "assessments": list(person.assessments.order_by("-on", "-pk")),
        "household": list(person.household.members.exclude(pk=person.pk)) if person.household else [],
        "sources": {s.field: s for s in person.field_sources.all()},
        "merges": list(person.merges.filter(undone_at=None).select_related("absorbed")),
        "files": files_of(person),
        "versions": versions(person),
        "facts_age_days": (on - person.verified_on).days if person.verified_on else None,
    }


_HISTORY_HIDDEN = {"id_sealed", "id_blind", "phone_sealed", "phone_blind", "address_sealed", "changed_at", "changed_by"}


def versions(person: Person, limit: int = 50) -> list[dict[str, Any]]:
    """What changed when and by whom, newest first: {"at", "by", "fields": {name: (before, after)}}; sealed fields by name only."""
    model = PersonEvent
    olds = list(model.objects.filter(id=person.pk).order_by("-pgh_created_at", "-pgh_id")[:limit])
    newer: Any = person
    out = []
    for old in olds:
        fields = {}
        for column in model._meta.get_fields():
            name = getattr(column, "attname", "")
            if not name or name.startswith("pgh_") or name in ("changed_at", "changed_by") or not hasattr(newer, name):
                continue
            before, after = getattr(old, name), getattr(newer, name)
            if before != after:
                fields[name] = ("", "") if name in _HISTORY_HIDDEN else (before, after)
        fields = {n: v for n, v in fields.items() if not n.endswith("_blind")}
        if fields:
            out.append({"at": old.pgh_created_at, "by": newer.changed_by, "fields": fields})
        newer = old
    return out


def as_of(person: Person, on: date) -> dict[str, Any] | None:
    """The file as it stood at the end of a day: {"person": Person or its old version, "circumstances", "status_on"}; None before it.

    The version is the one the database held then (what was known); circumstances are those that held on the day by their dates.
    """
    end = timezone.make_aware(datetime.combine(on + timedelta(days=1), time.min))
    if person.created_at >= end:
        return None
    old = PersonEvent.objects.filter(id=person.pk, pgh_created_at__gte=end).order_by("pgh_created_at", "pgh_id").first()
    held = (
        Circumstance.objects.filter(person=person, valid_from__lte=on).exclude(valid_to__lte=on).order_by("valid_from")
    )
    events = LifeEvent.objects.filter(person=person, on__lte=on, undone_at=None).values_list("on", "pk", "kind")
    return {"person": old or person, "circumstances": list(held), "status_on": rules.status_after(events)[0]}

"""Verbs: special circumstances of a person, from–to, and the bit map of what holds today (`Person.tags`)."""

from datetime import date

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post, User
from songhe.registry.people import terms
from songhe.registry.people.models import Circumstance, Person
from songhe.registry.people.standing import allow, areas_of, locked


@transaction.atomic
def set_circumstance(
    *,
    by: User | None,
    post: Post | None,
    person: Person,
    kind: str,
    valid_from: date,
    source: str,
    valid_to: date | None = None,
    detail: dict | None = None,
    on: date | None = None,
) -> Circumstance:
    """A special circumstance of a person from a day on (until a day, exclusive). Raises Refusal when it is already open then."""
    user = allow(by, post, "people.edit")
    on = on or timezone.localdate()
    row = locked(post, person)
    made = open_circumstance(row, kind, valid_from, source, user, detail or {}, on, valid_to)
    retag(row, user)
    audit.note(
        "people.set_circumstance", "person", row.pk, area_id=row.village_id, kind=kind, valid_from=str(valid_from)
    )
    return made


def open_circumstance(
    person: Person,
    kind: str,
    valid_from: date,
    source: str,
    user: int,
    detail: dict,
    on: date,
    valid_to: date | None = None,
) -> Circumstance:
    """The row itself, inside a verb's transaction. Raises Refusal for an unknown kind or overlapping dates."""
    if kind not in terms.BITS:
        raise Refusal(
            "unknown_circumstance",
            zh=f"没有“{kind}”这种困难情形。",
            en=f"There is no circumstance “{kind}”.",
            field="kind",
        )
    if valid_to is not None and valid_to <= valid_from:
        raise Refusal(
            "dates_in_order", zh="终止日期必须晚于起始日期。", en="The end must lie after the start.", field="valid_to"
        )
    made = Circumstance(
        person=person, kind=kind, valid_from=valid_from, valid_to=valid_to, source=source, verified_by=user, verified_on=on,
        detail=detail, **areas_of(person),
    )  # fmt: skip
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError as error:
        if "circumstance_not_twice" not in str(error):
            raise
        raise Refusal(
            "circumstance_twice",
            zh="该老人在这段时间已登记过同一情形。请先终止原来的，或改日期。",
            en="This circumstance is already on file for that time. End the earlier one first or change the dates.",
            field="valid_from",
        ) from None
    return made


@transaction.atomic
def end_circumstance(
    *, by: User | None, post: Post | None, circumstance: Circumstance, valid_to: date, reason: str = ""
) -> Circumstance:
    """A circumstance no longer holds from a day on; its row stays with its dates."""
    user = allow(by, post, "people.edit")
    person = locked(post, circumstance.person)
    row = Circumstance.objects.select_for_update(of=("self",)).get(pk=circumstance.pk, person=person)
    if row.valid_to is not None and row.valid_to <= valid_to:
        raise Refusal(
            "already_ended",
            zh=f"该情形已于 {row.valid_to} 终止。",
            en=f"It already ended on {row.valid_to}.",
            field="valid_to",
        )
    if valid_to < row.valid_from:
        raise Refusal(
            "dates_in_order",
            zh="终止日期不能早于起始日期。",
            en="The end cannot lie before the start.",
            field="valid_to",
        )
    if valid_to == row.valid_from:  # it never held: entered by mistake
        row.delete()
    else:
        row.valid_to = valid_to
        row.save(update_fields=["valid_to"])
    retag(person, user)
    audit.note(
        "people.end_circumstance", "person", person.pk, area_id=person.village_id, kind=row.kind, reason=reason[:120]
    )
    return row


def retag(person: Person, user: int, on: date | None = None) -> None:
    """Write the bit map of what holds today; a circumstance that starts later is put in by `refresh_tags`."""
    on = on or timezone.localdate()
    held = Circumstance.objects.filter(person=person, valid_from__lte=on).exclude(valid_to__lte=on)
    tags = terms.tags_of(held.values_list("kind", flat=True))
    if tags != person.tags:
        person.tags, person.changed_by = tags, user
        person.save(update_fields=["tags", "changed_by", "changed_at"])


@transaction.atomic
def refresh_tags(*, on: date, since: date | None = None) -> int:
    """The daily job: circumstances that begin or end on a day (or since one, inclusive) show in the bit map.

    Run everywhere(); again changes nothing. Returns how many files changed.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH bits(kind, bit) AS (SELECT * FROM unnest(%s::text[], %s::int[])),
            due AS (SELECT DISTINCT person_id FROM people_circumstance
                    WHERE valid_from BETWEEN %s AND %s OR valid_to BETWEEN %s AND %s),
            now AS (SELECT d.person_id, coalesce(bit_or(b.bit), 0) AS tags FROM due d
                    LEFT JOIN people_circumstance c ON c.person_id = d.person_id AND c.valid_from <= %s
                          AND (c.valid_to IS NULL OR c.valid_to > %s)
                    LEFT JOIN bits b ON b.kind = c.kind GROUP BY d.person_id)
            UPDATE people_person p SET tags = now.tags, changed_at = now(), changed_by = 0
            FROM now WHERE p.id = now.person_id AND p.tags <> now.tags
            """,
            [list(terms.BITS), list(terms.BITS.values()), since or on, on, since or on, on, on, on],
        )
        count = cursor.rowcount
    audit.note("people.refresh_tags", "person", on=str(on), since=str(since or on), files=count)
    return count

"""Questions about doubles: files that may be one person, at entry and within a township. A person decides, nothing merges itself."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from songhe.core import identity
from songhe.core.likeness import POSSIBLE, Likeness, Traits, likeness
from songhe.core.refusal import Refusal
from songhe.registry.accounts.access import require
from songhe.registry.accounts.models import Post
from songhe.registry.people import sealing
from songhe.registry.people.entry import clean, traits_of
from songhe.registry.people.models import Person
from songhe.registry.people.standing import scope
from songhe.registry.places.models import AREA_COLUMN, Level, Place


@dataclass(frozen=True)
class Double:
    """Two files that may be one person, with the reasons; a person decides."""

    first: Person
    second: Person
    likeness: Likeness


def warn_duplicates(
    post: Post | None,
    *,
    village: Place | None = None,
    on: date | None = None,
    except_person: Person | None = None,
    **typed: Any,
) -> list[tuple[Person, Likeness]]:
    """At entry: files in the area that look like the candidate (name, id_number, sex, birth, phone, former_name), likeliest first."""
    on = on or timezone.localdate()
    values = clean({k: v for k, v in typed.items() if v not in (None, "")}, on=on)
    number = values.get("id_number", "")
    reading = identity.read_id(number) if number else None
    birth = values.get("birth") or (reading.birth if reading and reading.ok else None)
    phone = sealing.phone_blind(values.get("phone", ""))
    sex = values.get("sex") or ({"male": "m", "female": "f"}[reading.sex] if reading and reading.ok else "")
    candidate = Traits(values["name"], sex, birth, number[-4:], phone, village.pk if village else None)
    near = Q(name_sort=sealing.sort_key(values["name"])) if "name" in values else Q(pk__in=[])
    if phone:
        near |= Q(phone_blind=phone)
    if number:
        near |= Q(id_blind=sealing.id_blind(number))
    if birth:
        near |= Q(birth=birth, name__startswith=values["name"][0])
    people = scope(post, None).filter(near)
    if except_person is not None:
        people = people.exclude(pk=except_person.pk)
    found = [(p, likeness(candidate, traits_of(p))) for p in people.order_by("id")[:200]]
    exact = sealing.id_blind(number) if number else None
    close = [
        (person, alike)
        for person, alike in found
        if alike.score >= POSSIBLE or (exact and person.id_blind and bytes(person.id_blind) == exact)
    ]
    return sorted(close, key=lambda pair: (-pair[1].score, pair[0].pk))


_SAME_SOUND = """
SELECT a.id, b.id FROM people_person a JOIN people_person b
  ON b.{column} = a.{column} AND b.name_sort = a.name_sort AND b.id > a.id
WHERE a.{column} = %(place)s AND b.{column} = %(place)s AND a.merged_into_id IS NULL AND b.merged_into_id IS NULL
  AND a.sex = b.sex AND (a.birth = b.birth OR (a.phone_blind = b.phone_blind) OR abs(a.birth - b.birth) <= 400)
LIMIT %(limit)s
"""
_SAME_PHONE = """
SELECT a.id, b.id FROM people_person a JOIN people_person b ON b.phone_blind = a.phone_blind AND b.id > a.id
WHERE a.{column} = %(place)s AND b.{column} = %(place)s AND a.merged_into_id IS NULL AND b.merged_into_id IS NULL
  AND a.sex = b.sex AND left(a.name, 1) = left(b.name, 1)
LIMIT %(limit)s
"""


def duplicates(post: Post, *, place: Place | None = None, limit: int = 500) -> list[Double]:
    """Pairs of files of one township or village that may be one person, likeliest first. Raises Refusal for a wider area."""
    require(post, "people.merge")
    scope(post, place)
    where = place or post.place
    if where.kind == "functional" or where.level not in (Level.TOWNSHIP, Level.VILLAGE):
        raise Refusal(
            "area_too_wide",
            zh="请选到乡镇（街道）或村（社区）再查重复档案。",
            en="Choose a township or a village to look for doubles.",
            field="place",
        )
    pairs: dict[tuple[int, int], None] = {}
    with connection.cursor() as cursor:
        for statement in (_SAME_SOUND, _SAME_PHONE):
            text = statement.format(column=AREA_COLUMN[where.level])
            cursor.execute(text, {"place": where.pk, "limit": limit * 4})
            pairs |= dict.fromkeys(cursor.fetchall())
    people = Person.objects.in_bulk({pk for pair in pairs for pk in pair})
    seen = {pk: traits_of(person) for pk, person in people.items()}
    found = [Double(people[a], people[b], likeness(seen[a], seen[b])) for a, b in pairs]
    found = [double for double in found if double.likeness.score >= POSSIBLE]
    return sorted(found, key=lambda d: (-d.likeness.score, d.first.pk, d.second.pk))[:limit]

"""Questions about people: lists by keyset and search inside the area here; one file in dossier.py, doubles in doubles.py.

Lists never count beyond settings.CAPPED_COUNT and never skip rows; each statement names the scope column of the area asked
for, so that an index leads it also where row-level security compares four columns.
"""

import base64
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from songhe.core import identity
from songhe.core.memory import Memory
from songhe.core.refusal import Refusal
from songhe.registry.accounts.access import require
from songhe.registry.accounts.models import Post
from songhe.registry.people import rules, sealing, terms
from songhe.registry.people.dossier import as_of, files_of, kept_file, kept_files, person_by_uid, person_file, versions
from songhe.registry.people.doubles import duplicates, warn_duplicates
from songhe.registry.people.models import Circumstance, Contact, LifeEvent, Merge, Person
from songhe.registry.people.standing import scope
from songhe.registry.places.models import AREA_COLUMN, Level, Place, PlaceChange

__all__ = [
    "Happening", "Page", "as_of", "assessments_due", "circumstances_on", "closing_events", "duplicates", "files_of", "filters_from",
    "kept_file", "kept_files", "people_list", "people_query", "person_by_uid", "person_file", "scope", "versions", "warn_duplicates",
]  # fmt: skip

SORTS = {"name": ("name_sort", "id"), "birth": ("birth", "id"), "-birth": ("-birth", "-id")}
ON_FILE = ("living", "institution")  # who a list shows unless asked otherwise
SIZES = (20, 50, 100)


@dataclass(frozen=True)
class Page:
    """One page of a list. `after`: the cursor of the next page or ""; `count` is exact unless `capped`."""

    rows: Sequence[Person]
    after: str
    count: int
    capped: bool
    filters: Mapping[str, Any] = field(default_factory=dict)


# filters -------------------------------------------------------------------------------------------------------------

FILTERS = ("q", "circumstance", "ability", "age_from", "age_to", "status", "living", "helper", "file")


def filters_from(given: Mapping[str, str], *, ignore: Sequence[str] = ()) -> dict[str, Any]:
    """Filters out of a URL's parameters, checked; what is unknown raises Refusal and never means "everything"."""
    out: dict[str, Any] = {}
    for name, value in given.items():
        if name in ignore or value == "":
            continue
        if name not in FILTERS:
            raise _unknown_filter(name, value)
        out[name] = value
    check_filters(out)
    return out


def check_filters(filters: dict[str, Any]) -> None:
    """Turn texts into values in place; raises Refusal for a value that cannot be."""
    for name in ("age_from", "age_to", "ability"):
        value = filters.get(name)
        if isinstance(value, str) and not (name == "ability" and value == "none"):
            if not value.isdecimal() or int(value) > rules.OLDEST:
                raise _unknown_filter(name, value)
            filters[name] = int(value)
    choices = {
        "circumstance": {"any", *terms.BITS},
        "status": {"all", *dict(terms.STATUSES)},
        "living": set(dict(terms.LIVING)),
        "helper": {"named", "missing"},
        "file": {"complete", "incomplete"},
        "ability": {0, 1, 2, 3, 4, "none"},
    }
    for name, allowed in choices.items():
        if filters.get(name) is not None and filters[name] not in allowed:
            raise _unknown_filter(name, filters[name])
    if not set(filters) <= set(FILTERS):
        name = next(iter(set(filters) - set(FILTERS)))
        raise _unknown_filter(name, filters[name])


def _unknown_filter(name: str, value: Any) -> Refusal:
    return Refusal(
        "unknown_filter",
        zh=f"筛选条件“{name} = {str(value)[:40]}”看不懂，没有给出名单。请改用页面上的筛选项。",
        en=f"The filter “{name} = {str(value)[:40]}” is not understood, so nothing is listed. Use the filters on the page.",
        field=name,
    )


# lists ---------------------------------------------------------------------------------------------------------------


def _column(post: Post | None, place: Place | None) -> tuple[str, int]:
    """The scope column that the search function filters by, and the place's id; "" where none fits."""
    for where in (place, post.place if post else None):
        if where is not None and where.kind != "functional" and where.level != Level.PROVINCE:
            return AREA_COLUMN[where.level], where.pk
    return "", 0


def _filtered(people: QuerySet[Person], filters: Mapping[str, Any], on: date) -> QuerySet[Person]:
    status = filters.get("status")
    if status is None:
        people = people.filter(status__in=ON_FILE)
    elif status != "all":
        people = people.filter(status=status)
    kind = filters.get("circumstance")
    if kind is not None:
        people = people.exclude(tags=0)
        if kind != "any":
            people = people.annotate(_bit=F("tags").bitand(terms.BITS[kind])).exclude(_bit=0)
    if filters.get("ability") == "none":
        people = people.filter(ability_level=None)
    elif filters.get("ability") is not None:
        people = people.filter(ability_level=filters["ability"])
    if filters.get("age_from") is not None:
        people = people.filter(birth__lte=rules.latest_birth(filters["age_from"], on))
    if filters.get("age_to") is not None:
        people = people.filter(birth__gt=rules.latest_birth(filters["age_to"] + 1, on))
    if filters.get("living"):
        people = people.filter(living=filters["living"])
    if filters.get("helper") == "named":
        people = people.filter(helper_named=True)
    elif filters.get("helper") == "missing":  # a named helper is owed to people in special circumstances
        people = people.exclude(tags=0).filter(helper_named=False)
    if filters.get("file"):
        people = people.filter(_complete() if filters["file"] == "complete" else ~_complete())
    return people


def _complete() -> Q:
    """A complete case file, as definitions/indicators/case_file_complete.yaml counts it."""
    reachable = Contact.objects.filter(person=OuterRef("pk"), phone_sealed__isnull=False)
    known = ("case_file_on", "id_sealed", "address_sealed", "verified_on")
    return (
        Q(**{f"{column}__isnull": False for column in known})
        & ~Q(living="")
        & (Q(phone_sealed__isnull=False) | Q(Exists(reachable)))
    )


def _found(people: QuerySet[Person], post: Post | None, place: Place | None, q: str) -> QuerySet[Person]:
    """People whom a search box names: ID number, telephone, ID tail, characters, pinyin or initials."""
    text = q.strip()
    if len(text) > 80:
        raise _unknown_filter("q", text)
    number = identity.read_id(text)
    if number.ok:
        return people.filter(id_blind=sealing.id_blind(number.number))
    if sum(c.isdigit() for c in text) >= 7:
        phone = identity.read_phone(text)
        if phone.ok:
            return people.filter(phone_blind=sealing.phone_blind(phone.number))
    asked = sealing.question(text)
    if not asked:
        return people.none()
    ids = RawSQL(
        "SELECT id FROM people_find(%s, %s, %s, %s)", [asked, *_column(post, place), settings.CAPPED_COUNT + 1]
    )
    chars = "".join(c for c in text if c.isalpha() and not c.isascii())
    found = people.filter(pk__in=ids)
    if len(chars) > 2 and " " not in text:  # three and more characters: pairs may stand apart in a long name
        found = found.filter(Q(name__contains=chars) | Q(former_name__contains=chars) | Q(name__contains="·"))
    return found


def people_query(
    post: Post | None, *, place: Place | None = None, on: date | None = None, **filters: Any
) -> QuerySet[Person]:
    """The rows behind a list, without order or page: what the export takes. Raises Refusal, Denied."""
    if post is not None:
        require(post, "people.view")
    filters = {name: value for name, value in filters.items() if value not in (None, "")}
    check_filters(filters)
    on = on or timezone.localdate()
    if filters.get("q"):
        filters.setdefault("status", "all")  # who is looked for by name is found even if deceased or moved
    people = _filtered(scope(post, place), filters, on)
    return _found(people, post, place, filters["q"]) if filters.get("q") else people


def left_behind(post: Post | None, change: PlaceChange, **filters: Any) -> QuerySet[Person]:
    """People still on file in the villages that a change closed, by name; alive or not, for every file has a village."""
    found = people_query(post, **({"status": "all"} | filters)).filter(village__in=change.before.all())
    return found.select_related("village").order_by("name_sort", "pk")


def people_list(
    post: Post | None,
    *,
    place: Place | None = None,
    sort: str = "name",
    after: str = "",
    size: int = 50,
    on: date | None = None,
    count: str = "yes",
    **filters: Any,
) -> Page:
    """One page of people. `filters`: see FILTERS. `count="no"` leaves the counting out (count is then -1).

    Raises Refusal for an unknown filter, sort or cursor, or a place outside the area; Denied without people.view.
    """
    if sort not in SORTS:
        raise _unknown_filter("sort", sort)
    if size not in range(1, 501):
        raise _unknown_filter("size", size)
    people = people_query(post, place=place, on=on, **filters)
    asked = (
        post.pk if post else 0,
        place.pk if place else 0,
        on or timezone.localdate(),
        tuple(sorted(filters.items())),
    )
    total = -1 if count == "no" else _counted(people, asked)
    rows = list(_after(people, sort, after).order_by(*SORTS[sort]).select_related("village", "town")[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    cursor = _cursor(sort, rows[-1]) if more else ""
    capped = total > settings.CAPPED_COUNT
    return Page(rows, cursor, min(total, settings.CAPPED_COUNT), capped, filters)


# A count that was long or slow: a list's next page does not count again.
_totals: Memory[tuple, int] = Memory(seconds=60)


def _counted(people: QuerySet[Person], asked: tuple) -> int:
    """How many, up to the cap and one more. From a thousand on, or when it took half a second, it may be a minute old."""
    key = (connection.settings_dict["NAME"], *asked)
    known = _totals.get(key)
    if known is not None:
        return known
    started = time.monotonic()
    total = people.order_by()[: settings.CAPPED_COUNT + 1].count()
    if total >= 1000 or time.monotonic() - started > 0.5:
        _totals.put(key, total)
    return total


def forget_counts() -> None:
    """Every count is made anew (between tests)."""
    _totals.clear()


def _cursor(sort: str, row: Person) -> str:
    value = row.name_sort if sort == "name" else row.birth.isoformat()
    return base64.urlsafe_b64encode(json.dumps([sort, value, row.pk]).encode()).decode().rstrip("=")


def _after(people: QuerySet[Person], sort: str, after: str) -> QuerySet[Person]:
    if not after:
        return people
    try:
        made_for, value, pk = json.loads(base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)))
        if made_for != sort or not isinstance(value, str) or not isinstance(pk, int):
            raise ValueError(after)
        key = value if sort == "name" else date.fromisoformat(value)
    except (ValueError, TypeError):
        raise Refusal(
            "bad_cursor",
            zh="翻页位置已失效。请回到第一页。",
            en="That page is no longer valid. Go back to the first.",
            field="after",
        ) from None
    column = SORTS[sort][0].lstrip("-")
    compare = "lt" if sort.startswith("-") else "gt"
    # `column >= key` leads the index; the second part drops what was already shown
    bound = {f"{column}__{compare}e": key}
    return people.filter(**bound).filter(Q(**{f"{column}__{compare}": key}) | Q(**{f"pk__{compare}": pk}))


def assessments_due(post: Post | None, *, place: Place | None = None, by: date) -> QuerySet[Person]:
    """The re-assessment queue: whose result stops holding by a day, soonest first."""
    return scope(post, place).filter(ability_due__lte=by, status__in=ON_FILE).order_by("ability_due", "id")


# what the floors above ask -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Happening:
    """An event as duties need it: recorded (or undone) since some moment; `closes`/`opens` standing duties from `on`."""

    event_id: int
    person_id: int
    kind: str
    on: date
    recorded_at: datetime
    undone: bool
    closes: bool
    opens: bool


def closing_events(since: datetime, *, limit: int = 10_000) -> list[Happening]:
    """Events recorded or undone since a moment that close or open duties, oldest first; merged files close as "merged"."""
    mattering = (*rules.CLOSING, *rules.OPENING)
    rows = LifeEvent.objects.filter(Q(recorded_at__gte=since) | Q(undone_at__gte=since), kind__in=mattering)
    out = [
        Happening(
            e.pk, e.person_id, e.kind, e.on, e.recorded_at, e.undone_at is not None,
            rules.EFFECTS[e.kind].closes, rules.EFFECTS[e.kind].opens,
        )
        for e in rows.order_by("recorded_at", "pk")[:limit]
    ]  # fmt: skip
    for merge in Merge.objects.filter(Q(at__gte=since) | Q(undone_at__gte=since)).order_by("at")[:limit]:
        undone = merge.undone_at is not None
        out.append(
            Happening(0, merge.absorbed_id, "merged", timezone.localdate(merge.at), merge.at, undone, True, False)
        )
    return sorted(out, key=lambda h: (h.recorded_at, h.event_id))


def circumstances_on(person_ids: Sequence[int], on: date) -> dict[int, set[str]]:
    """person id -> circumstance codes that hold on a day."""
    held = Circumstance.objects.filter(person__in=person_ids, valid_from__lte=on).exclude(valid_to__lte=on)
    out: dict[int, set[str]] = {pk: set() for pk in person_ids}
    for pk, kind in held.values_list("person_id", "kind"):
        out[pk].add(kind)
    return out

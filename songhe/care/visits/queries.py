"""Questions about visits: a person's time line, a helper's people, open needs and ladders. All start from the post."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from songhe.care.duties.models import Assignment, Duty
from songhe.care.duties.queries import Load, Page, unnamed, workload
from songhe.care.visits.models import (
    FACTS,
    Correction,
    Doorstep,
    Enclosure,
    Escalation,
    Referral,
    Sheet,
    SheetScan,
    Visit,
)
from songhe.core.periods import Period
from songhe.registry.people import sealing
from songhe.registry.people.models import Merge, Person
from songhe.registry.places.models import Place

__all__ = [
    "Load", "Page", "clashes", "counted", "escalations", "helper_people", "notes_of", "of_helper", "people_by_helper",
    "referrals", "scan", "scans", "sheet_by_number", "sheet_people", "sheets", "timeline", "unnamed", "visit", "workload",
]  # fmt: skip


def timeline(*, post, person: int, before: tuple[date, int] | None = None, limit: int = 50) -> list[Visit]:
    """A person's records, newest first, with `amended` saying whether a later row stands in its place.

    Records of a file merged into this one come too. `before`: (occurred_on, id) of the last row of the page before.
    """
    if not Person.objects.visible_to(post).filter(pk=person).exists():
        return []
    merged = Merge.objects.filter(kept=person, undone_at=None).values_list("absorbed_id", flat=True)
    found = Visit.objects.filter(person__in=[person, *merged]).annotate(amended=_amended())
    if before is not None:
        found = found.filter(Q(occurred_on__lt=before[0]) | Q(occurred_on=before[0], id__lt=before[1]))
    return list(found.order_by("-occurred_on", "-id")[:limit])


def counted(*, post, person: int, first: date, last: date) -> list[Visit]:
    """The records that count towards a person's duties from `first` to `last`: reached, and not amended since."""
    found = timeline(post=post, person=person, limit=500)
    return [row for row in found if first <= row.occurred_on <= last and row.counts and not row.amended]


def visit(*, post, occurred_on: date, id: int) -> Visit | None:
    """One record inside the post's area, with `amended`."""
    return Visit.objects.visible_to(post).filter(occurred_on=occurred_on, id=id).annotate(amended=_amended()).first()


def _amended() -> Exists:
    return Exists(Visit.objects.filter(amends=OuterRef("id")))


def helper_people(*, post, helper: int, on: date | None = None, kind: str = "helper") -> QuerySet:
    """The assignments of one helper on a day, with person and village, village by village, by name."""
    on = on or timezone.localdate()
    held = Assignment.objects.visible_to(post).filter(helper=helper, kind=kind, valid_from__lte=on)
    return (
        held.filter(Q(valid_to=None) | Q(valid_to__gt=on))
        .select_related("person", "village")
        .defer(
            "person__search", "person__id_sealed", "person__phone_sealed", "person__address_sealed", "village__outline"
        )
        .order_by("village__code", "person__name_sort", "person_id")
    )


def people_by_helper(*, post, place: Place, on: date | None = None, kind: str = "helper") -> dict[int, int]:
    """How many people of a place each helper looks after on a day: {account: people}."""
    on = on or timezone.localdate()
    held = Assignment.objects.visible_to(post).inside(place).filter(kind=kind, valid_from__lte=on)
    held = held.filter(Q(valid_to=None) | Q(valid_to__gt=on)).order_by()
    return dict(held.values_list("helper").annotate(rows=Count("person")))


def sheet_people(*, post, helper: int, on: date | None = None) -> list[int]:
    """Person ids in the order of the rows of a helper's paper sheet."""
    return list(helper_people(post=post, helper=helper, on=on).values_list("person_id", flat=True))


def referrals(*, post, place: Place | None = None, to_user: int | None = None, overdue: str = "", limit: int = 200):
    """Open needs, the longest overdue first. `overdue="only"`: those past their deadline."""
    found = Referral.objects.visible_to(post).filter(closed_at=None)
    found = found.inside(place) if place is not None else found
    found = found.filter(to_user=to_user) if to_user is not None else found
    found = found.filter(due_on__lt=timezone.localdate()) if overdue == "only" else found
    return found.select_related("person", "village", "to_user").order_by("due_on", "id")[:limit]


def escalations(*, post, place: Place | None = None, overdue: str = "", now: datetime | None = None, limit: int = 200):
    """Open ladders, the longest overdue first. `overdue="only"`: those whose step is past its time."""
    found = Escalation.objects.visible_to(post).filter(closed_at=None)
    found = found.inside(place) if place is not None else found
    found = found.filter(due_at__lt=now or timezone.now()) if overdue == "only" else found
    return found.select_related("person", "village").order_by(F("due_at").asc(), "id")[:limit]


def sheet_by_number(*, post, number: str) -> Sheet | None:
    """A printed sheet inside the post's area."""
    return Sheet.objects.visible_to(post).filter(number=number).select_related("village", "helper").first()


def sheets(*, post, place: Place, monday: date, limit: int = 500) -> list[Sheet]:
    """The sheets printed for a place and week, by village and helper, with how many rows stand on each."""
    found = Sheet.objects.visible_to(post).inside(place).filter(period_start=monday).annotate(row_count=Count("rows"))
    found = found.select_related("village", "helper").defer("village__outline", "layout")
    return list(found.order_by("village__code", "helper_id", "-pk")[:limit])


def scans(*, post, sheet_ids, limit: int = 2000) -> list[SheetScan]:
    """The photographs of these sheets, the newest first, without what was read."""
    found = SheetScan.objects.visible_to(post).filter(sheet__in=sheet_ids).exclude(state="dropped")
    return list(found.defer("boxes", "places", "decided").order_by("-pk")[:limit])


def scan(*, post, pk: int) -> SheetScan | None:
    """One photograph inside the post's area, with its sheet."""
    found = SheetScan.objects.visible_to(post).filter(pk=pk)
    return found.select_related("sheet", "sheet__village", "sheet__helper").first()


def of_helper(
    *, post, helper: int, period: Period, name: str = "visiting", on: date | None = None, also: Iterable = ()
) -> list:
    """A helper's own people, village by village: (assignment with person, this period's duty or None, open ladder or None).

    `also`: others whom this helper sees in the period, each with person and village (a row of a plan); they come last.
    """
    held = list(helper_people(post=post, helper=helper, on=on))
    own = {each.person_id for each in held}
    held += list({each.person_id: each for each in also if each.person_id not in own}.values())
    people = [each.person_id for each in held]
    duties = Duty.objects.visible_to(post).filter(person__in=people, name=name, period_start=period.start)
    ladders = Escalation.objects.visible_to(post).filter(person__in=people, closed_at=None)
    due, rung = {row.person_id: row for row in duties}, {row.person_id: row for row in ladders}
    return [(each, due.get(each.person_id), rung.get(each.person_id)) for each in held]


def notes_of(*, post, people: list[int]) -> list[Correction]:
    """The corrections that stand for these people (still sealed)."""
    return list(Correction.objects.visible_to(post).filter(person__in=people, standing=True))


def doorstep_notes(*, post, person: int) -> list[tuple[str, str, Correction]]:
    """[(what it is about, the words, the row)] of a person: the door's note and the time for calls, as heard at the door."""
    labels = dict(FACTS)
    rows = [row for row in notes_of(post=post, people=[person]) if row.fact != "phone"]
    return [(str(labels[row.fact]), sealing.open_field("correction", row.value_sealed), row) for row in rows]


def enclosures(*, post, visits: list[int]) -> dict[int, Enclosure]:
    """{visit id: what was added to it}, where something is still kept."""
    seen = Enclosure.objects.visible_to(post) if post else Enclosure.objects.all()
    return {row.visit_id: row for row in seen.filter(visit_id__in=visits).exclude(stored_as="", position_sealed=None)}


def enclosure(*, post, pk: int) -> Enclosure | None:
    seen = Enclosure.objects.visible_to(post) if post else Enclosure.objects.all()
    return seen.filter(pk=pk).first()


def doorstep_of(*, post, assessment: int) -> Doorstep | None:
    """The doorstep at which an assessment was filled in, with its signatures; None where it was entered at a desk."""
    seen = Doorstep.objects.visible_to(post) if post else Doorstep.objects.all()
    return seen.filter(assessment=assessment).first()


def clashes(*, post, place: Place | None = None) -> QuerySet[Correction]:
    """Corrections that somebody has to decide, the oldest first."""
    found = Correction.objects.visible_to(post).filter(state="clash")
    found = found.inside(place) if place is not None else found
    return found.select_related("person", "village").order_by("id")


def kept_before(*, post, sent: Mapping[UUID, date]) -> set[UUID]:
    """Which of these numbers (each with its day) are in the books already, made where the post looks.

    A record whose first answer was lost may be sent again after the person moved away or the limit of days has passed:
    it was kept all the same.
    """
    if not sent:
        return set()
    found = Visit.objects.visible_to(post).filter(occurred_on__in=set(sent.values()), client_uuid__in=list(sent))
    return set(found.values_list("client_uuid", flat=True))

"""What the desk shows of visits beside the due list: open ladders and needs, who is stuck, a record's history, a sheet.

Each starts from what the post may see; counts are capped at `settings.CAPPED_COUNT`.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from songhe.care.duties.models import Duty
from songhe.care.duties.queries import Page, tally
from songhe.care.visits.models import Escalation, Referral, Visit
from songhe.care.visits.queries import helper_people
from songhe.core.periods import Period
from songhe.core.refusal import Refusal
from songhe.registry.people.models import Person
from songhe.registry.places.models import AREA_COLUMN, Place

HIDDEN = ("person__search", "person__id_sealed", "person__phone_sealed", "person__address_sealed", "village__outline")


def escalations_open(*, post, place: Place, overdue: str = "", now: datetime | None = None) -> QuerySet[Escalation]:
    """Open ladders of a place, the longest overdue first; `overdue="only"`: those past the time of their step."""
    found = Escalation.objects.visible_to(post).filter(closed_at=None).inside(place)
    found = found.filter(due_at__lt=now or timezone.now()) if overdue == "only" else found
    return found.select_related("person", "village").defer(*HIDDEN).order_by("due_at", "pk")


def referrals_open(
    *, post, place: Place, overdue: str = "", to_user: int | None = None, on: date | None = None
) -> QuerySet[Referral]:
    """Open needs of a place, the longest overdue first; `overdue="only"`: those past their day."""
    found = Referral.objects.visible_to(post).filter(closed_at=None).inside(place)
    found = found.filter(due_on__lt=on or timezone.localdate()) if overdue == "only" else found
    found = found.filter(to_user=to_user) if to_user is not None else found
    return found.select_related("person", "village", "to_user").defer(*HIDDEN).order_by("due_on", "pk")


def paged(found: QuerySet, keys: tuple[str, str], after: str, limit: int = 50) -> Page:
    """A page of a queryset that is ordered by (moment or day, pk): the cursor is the last row's own."""
    if after:
        stamp, _, pk = after.rpartition("~")
        try:
            edge = datetime.fromisoformat(stamp) if "T" in stamp else date.fromisoformat(stamp)
            number = int(pk)
        except ValueError:
            raise Refusal(
                "bad_cursor",
                zh="翻页位置无效，请从第一页重新打开。",
                en="The page position is not valid; start from the first page.",
            ) from None
        found = found.filter(Q(**{f"{keys[0]}__gt": edge}) | Q(**{keys[0]: edge, "pk__gt": number}))
    rows = list(found[: limit + 1])
    more = len(rows) > limit
    rows = rows[:limit]
    return Page(rows, f"{getattr(rows[-1], keys[0]).isoformat()}~{rows[-1].pk}" if more else "")


def escalation(*, post, pk: int) -> Escalation | None:
    found = Escalation.objects.visible_to(post).filter(pk=pk).select_related("person", "village")
    return found.defer(*HIDDEN).prefetch_related("steps").first()


def referral(*, post, pk: int) -> Referral | None:
    found = Referral.objects.visible_to(post).filter(pk=pk).select_related("person", "village", "to_user")
    return found.defer(*HIDDEN).first()


@dataclass(frozen=True)
class Stuck:
    """What has not moved in one place: people missed, ladders and needs past their time, people without a helper."""

    place: Place
    missed: int
    escalations: int
    referrals: int
    unnamed: int

    @property
    def weight(self) -> tuple[int, int, int, int]:
        """Lives first: ladders, then people missed, needs, people without a helper."""
        return (self.escalations, self.missed, self.referrals, self.unnamed)


def stuck(*, post, place: Place, period: Period, name: str = "visiting", now: datetime | None = None) -> list[Stuck]:
    """Where things do not move, place by place one level down (a village: itself), the gravest first; four statements."""
    level = place.below or place.level
    column = AREA_COLUMN[level]
    now = now or timezone.now()
    missed = {s.place_id: s.missed for s in tally(post=post, name=name, periods=period, place=place, levels=(level,))}
    ladders = _by(escalations_open(post=post, place=place, overdue="only", now=now), column)
    needs = _by(referrals_open(post=post, place=place, overdue="only", on=timezone.localdate(now)), column)
    duties = Duty.objects.visible_to(post).inside(place).filter(name=name, period_start=period.start)
    nobody = _by(duties.owed().filter(helper=None), column)
    places = Place.objects.within(post).defer("outline").in_bulk({*missed, *ladders, *needs, *nobody} - {None})
    rows = [
        Stuck(found, missed.get(pk, 0), ladders.get(pk, 0), needs.get(pk, 0), nobody.get(pk, 0))
        for pk, found in places.items()
    ]
    return sorted((row for row in rows if any(row.weight)), key=lambda row: (*(-n for n in row.weight), row.place.code))


def _by(found: QuerySet, column: str) -> dict[int, int]:
    rows = found.select_related(None).defer(None).order_by().values(column).annotate(rows=Count("pk"))
    return {row[column]: row["rows"] for row in rows}


def totals(*, post, place: Place, now: datetime | None = None) -> dict[str, int]:
    """Capped counts of what waits: {escalations, escalations_overdue, referrals, referrals_overdue}."""
    now = now or timezone.now()
    ladders = _waiting(escalations_open(post=post, place=place), Q(due_at__lt=now))
    needs = _waiting(referrals_open(post=post, place=place), Q(due_on__lt=timezone.localdate(now)))
    return {
        "escalations": ladders[0],
        "escalations_overdue": ladders[1],
        "referrals": needs[0],
        "referrals_overdue": needs[1],
    }


def _waiting(found: QuerySet, late: Q) -> tuple[int, int]:
    """(open, overdue) in one statement, both capped: the overdue come first in the order of these lists."""
    first = found.select_related(None).defer(None)[: settings.CAPPED_COUNT + 1]
    row = first.aggregate(rows=Count("pk"), late=Count("pk", filter=late))
    return row["rows"], row["late"]


def record(*, post, on: date, pk: int) -> Visit | None:
    """One record inside the area."""
    return Visit.objects.visible_to(post).filter(occurred_on=on, id=pk).first()


def history(*, post, visit: Visit) -> list[Visit]:
    """A record with everything that came before and after it, the first row first."""
    rows = {
        row.id: row
        for row in Visit.objects.visible_to(post).filter(person=visit.person_id, occurred_on__range=_near(visit))
    }
    chain = [visit]
    while chain[0].amends in rows:
        chain.insert(0, rows[chain[0].amends])
    following = {row.amends: row for row in rows.values() if row.amends is not None}
    while chain[-1].id in following:
        chain.append(following[chain[-1].id])
    return chain


def _near(visit: Visit) -> tuple[date, date]:
    """An amendment may change the day, within the days a record may be entered late: the chain stays near."""
    return visit.occurred_on - timedelta(days=70), visit.occurred_on + timedelta(days=70)


def recent(*, post, person: int, since: date, limit: int = 20) -> list[Visit]:
    """A person's newest records from a day on, amended ones left out."""
    found = list(
        Visit.objects.visible_to(post)
        .filter(person=person, occurred_on__gte=since)
        .order_by("-occurred_on", "-id")[:200]
    )
    replaced = {row.amends for row in found if row.amends is not None}
    return [row for row in found if row.id not in replaced][:limit]


def sheet(*, post, helper: int, on: date) -> list[Person]:
    """The people of a helper's paper sheet in the order of its rows."""
    return [row.person for row in helper_people(post=post, helper=helper, on=on)]


def entered_today(*, post, by: int, for_helper: int, on: date, limit: int = 20) -> list[Visit]:
    """What an account entered today for a helper, the newest first, amended ones left out."""
    found = Visit.objects.visible_to(post).filter(
        entered_by=by, made_by=for_helper, recorded_at__date=on, occurred_on__range=(on - timedelta(days=7), on)
    )
    rows = list(found.order_by("-recorded_at", "-id")[: limit * 2])
    replaced = {row.amends for row in rows if row.amends is not None}
    return [row for row in rows if row.id not in replaced and row.outcome != "void"][:limit]

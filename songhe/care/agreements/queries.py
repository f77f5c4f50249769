"""Lists of beds and devices, one bed with its history and next step, counts by year and by kind of unit.

page(post=…, place=city, on=today, step="signed")   -> Page(rows, after, count)
counts(place=city, on=date(2021, 12, 31))            -> {"signed": 1400, "active": 1377, …}
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils import timezone

from songhe.care.agreements import definitions, rules, terms
from songhe.care.agreements.models import Agreement, Alarm, Bed, Care, Device, Gateway, Step
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post
from songhe.registry.places.models import Place

SIZE = 50


@dataclass(frozen=True)
class Page:
    """Rows of one page; `after` begins the next, "" at the end; `count` of all that fit."""

    rows: list
    after: str
    count: int


def seen_by(post: Post | None) -> QuerySet[Bed]:
    """The beds a post may see; without a post (the system's own work) whatever PostgreSQL lets through."""
    return Bed.objects.visible_to(post) if post else Bed.objects.all()


def with_step(beds: QuerySet[Bed], on: date) -> QuerySet[Bed]:
    """The same beds with `step`, `step_on` and `until` (the last day agreed) as of a day; those begun later are left out."""
    latest = Step.objects.filter(bed=OuterRef("pk"), on__lte=on).order_by("-on", "-pk")
    agreed = Agreement.objects.filter(bed=OuterRef("pk"), signed_on__lte=on).order_by("-ends_on")
    return beds.filter(opened_on__lte=on).annotate(
        step=Subquery(latest.values("kind")[:1]), step_on=Subquery(latest.values("on")[:1]),
        until=Subquery(agreed.values("ends_on")[:1]), signed=Exists(agreed),
    )  # fmt: skip


SHOWN = {"": "running", "all": "all", "expiring": "expiring"} | {code: code for code, _label in terms.STEPS}


def page(
    *, post: Post | None, place: Place, on: date, step: str = "", q: str = "", after: str = "", size: int = SIZE
) -> Page:  # fmt: skip
    """One page in the order of names. `step`: a step, "expiring", "all"; by default those that run."""
    if step not in SHOWN:
        raise Refusal(
            "step", zh=f"没有这个筛选值：{step}。", en=f"Unknown filter value: {step}. Use {', '.join(SHOWN)}.", field="step"
        )  # fmt: skip
    rows = with_step(seen_by(post).inside(place), on)
    if step == "":
        rows = rows.exclude(step="ended")
    elif step == "expiring":
        warn = max(each.warn_days for each in definitions.schemes())
        rows = rows.exclude(step="ended").filter(until__lte=on + timedelta(days=warn))
    elif step != "all":
        rows = rows.filter(step=step)
    if q.strip():
        rows = rows.filter(person__name__icontains=q.strip())
    count = rows.count()
    if after:
        if not after.isdecimal():
            raise Refusal(
                "after", zh="翻页位置不对。请回到第一页。", en="This is no place to turn to. Go to the first page."
            )
        rows = rows.filter(pk__gt=int(after))
    found = list(rows.select_related("person", "village", "town", "facility").order_by("pk")[: size + 1])
    return Page(found[:size], str(found[size - 1].pk) if len(found) > size else "", count)


def one(*, post: Post | None, uid: UUID, on: date) -> Bed | None:
    """One bed with its step of the day, or None."""
    rows = with_step(seen_by(post), on).select_related("person", "village", "town", "facility")
    return rows.filter(uid=uid).first()


def next_step(bed: Bed) -> str:
    """What is to be done next, "" when nothing is (service and renewal go on)."""
    return rules.next_step(bed.steps.order_by("-on", "-pk").values_list("kind", flat=True).first() or "")


def standing_cares(bed: Bed) -> QuerySet[Care]:
    """Minutes that count: neither voided nor voiding."""
    return bed.cares.filter(voids=None, voided_by=None)


def months(bed: Bed, on: date, back: int = 6) -> list[tuple[date, int, int]]:
    """(first of the month, minutes promised, minutes given) for the last months that an agreement touches, latest first."""
    given: Counter[date] = Counter()
    for day, minutes in standing_cares(bed).filter(on__lte=on).values_list("on", "minutes"):
        given[day.replace(day=1)] += minutes
    agreements = list(bed.agreements.all())
    found, first = [], on.replace(day=1)
    for _n in range(back):
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        running = [each for each in agreements if each.starts_on <= last and each.ends_on >= first]
        if running:
            found.append((first, running[-1].minutes, given[first]))
        first = (first - timedelta(days=1)).replace(day=1)
    return found


def counts(*, post: Post | None = None, place: Place, on: date) -> dict[str, int]:
    """Beds by the step they have reached on a day, and `active`: signed and not ended (what the notices count)."""
    rows = with_step(seen_by(post).inside(place), on)
    found = Counter(rows.values_list("step", flat=True))
    active = rows.filter(signed=True).exclude(step="ended").count()
    return {code: found.get(code, 0) for code, _label in terms.STEPS} | {"active": active, "all": sum(found.values())}


def by_year(*, post: Post | None = None, place: Place, on: date) -> dict[int, int]:
    """{year: beds first signed in it}, whatever became of them; the other way the notices count."""
    first = seen_by(post).inside(place).filter(agreements__signed_on__lte=on).annotate(day=Min("agreements__signed_on"))
    return dict(sorted(Counter(day.year for day in first.values_list("day", flat=True)).items()))


@dataclass(frozen=True)
class Signed:
    """A bed as programmes count it: where the home is, who serves it, when first signed and when it ended."""

    id: int
    village: int
    town: int | None
    county: int | None
    city: int | None
    functional: int | None
    facility: int
    signed_on: date
    ended_on: date | None


def signed(place: Place) -> list[Signed]:
    """Every bed of a place that was ever signed (row-level security applies)."""
    areas = ("village_id", "town_id", "county_id", "city_id", "village__functional_area_id")
    columns = ("pk", *areas, "facility_id", "day", "ended_on")
    rows = Bed.objects.inside(place).annotate(day=Min("agreements__signed_on")).exclude(day=None)
    return [Signed(*row) for row in rows.values_list(*columns)]


def devices(*, post: Post | None, place: Place) -> QuerySet[Device]:
    """Devices that are up."""
    seen = Device.objects.visible_to(post) if post else Device.objects.all()
    return seen.inside(place).filter(removed_on=None).select_related("person", "village", "town", "bed")


def dormant(*, post: Post | None, place: Place, now: datetime | None = None) -> list[Device]:
    """Devices that should speak and do not, the longest silence first (those that never spoke before all others)."""
    now = now or timezone.now()
    silent = _silent(timezone.localdate(now), now)
    return list(devices(post=post, place=place).filter(silent).order_by(F("last_signal").asc(nulls_first=True), "pk"))


def _silent(today: date, now: datetime) -> Q:
    ruled = definitions.devices(today)
    found = Q(last_signal=None, installed_on__lte=today - timedelta(days=ruled.never_days))
    for kind, hours in ruled.dormant_hours.items():
        found |= Q(kind=kind, last_signal__lt=now - timedelta(hours=hours))
    return found


def orphaned(*, post: Post | None, place: Place) -> QuerySet[Device]:
    """Devices still up though their bed has ended: to be taken down."""
    return devices(post=post, place=place).filter(bed__ended_on__isnull=False)


def alarms(*, post: Post | None, place: Place, since: datetime) -> QuerySet[Alarm]:
    """First alarms since a moment, the latest first; repeats hang on them."""
    seen = Alarm.objects.visible_to(post) if post else Alarm.objects.all()
    return (
        seen.inside(place)
        .filter(at__gte=since, first=None)
        .select_related("device", "person", "village")
        .order_by("-at")
    )


def minutes_short(*, post: Post | None, place: Place, month: date) -> list[tuple[Bed, int, int]]:
    """(bed, promised, given) of running beds whose month lacks minutes, the greatest lack first. `month`: its first day."""
    last = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    promised = Agreement.objects.filter(bed=OuterRef("pk"), starts_on__lte=last, ends_on__gte=month).order_by(
        "-starts_on"
    )
    given = Care.objects.filter(bed=OuterRef("pk"), on__range=(month, last), voids=None, voided_by=None).order_by()
    rows = seen_by(post).inside(place).filter(ended_on=None).annotate(
        promised=Subquery(promised.values("minutes")[:1]),
        given=Subquery(given.values("bed").annotate(n=Sum("minutes")).values("n")),
    )  # fmt: skip
    found = [
        (bed, bed.promised, bed.given or 0)
        for bed in _named(rows.exclude(promised=None))
        if (bed.given or 0) < bed.promised
    ]
    return sorted(found, key=lambda row: rules.short_of(row[1], row[2]), reverse=True)


def _named(rows: QuerySet[Bed]) -> Iterable[Bed]:
    return rows.select_related("person", "village")


def gateway(code: str) -> Gateway | None:
    """A gateway that may send, by its code, with its post: this is how it signs in, before any area is known."""
    rows = Gateway.objects.filter(code=code[:40], revoked_at=None, post__user__is_active=True)
    return rows.select_related("post__user", "post__place__parent").first()

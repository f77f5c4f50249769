"""How many facilities have come how far, and how many beds there are: as of any day, from the histories alone.

facility_count(place=city, kinds=["day_care_station"], reached="done", on=date(2021, 10, 31))   -> 33
facility_counts(…, level="township")    -> {place id: count} for the place itself and every sub-area, in one statement
facilities_reached(…)                   -> exactly the rows that are counted
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, QuerySet, Subquery, Sum, Value, When

from songhe.core.refusal import Refusal
from songhe.registry.facilities import rules, terms
from songhe.registry.facilities.models import Activity, BedLot, Facility, Measure, StatusChange
from songhe.registry.places.models import AREA_COLUMN, LEVELS, Place


def _known(what: str, given: Sequence[str], known: Sequence[tuple[str, object]]) -> list[str]:
    """The codes asked for; an unknown one, or none at all, is an error, never "everything"."""
    codes, allowed = list(given), [code for code, _label in known]
    wrong = [code for code in codes if code not in allowed]
    if wrong or not codes:
        raise Refusal(
            f"unknown_{what}",
            zh=f"没有写明或不认识：{'、'.join(wrong) or what}。可用：{'、'.join(allowed)}。",
            en=f"Missing or unknown: {', '.join(wrong) or what}. Use {', '.join(allowed)}.",
            field=what,
        )
    return codes


def effective_activities() -> QuerySet[Activity]:
    """Activities that stand: neither voided by a later row nor such a row themselves."""
    return Activity.objects.filter(voids=None, voided_by=None)


def with_status(facilities: QuerySet[Facility], on: date) -> QuerySet[Facility]:
    """The same facilities with `status` and `status_on` as of a day (None: not yet heard of that day)."""
    latest = StatusChange.objects.filter(facility=OuterRef("pk"), on__lte=on).order_by("-on", "-pk")
    return facilities.annotate(
        status=Subquery(latest.values("status")[:1]), status_on=Subquery(latest.values("on")[:1])
    )


def facilities_reached(*, post=None, place: Place, kinds: Sequence[str], reached: str, on: date) -> QuerySet[Facility]:
    """The facilities of a place that have come as far as `reached` on a day; the rows that `facility_count` counts.

    A closed one has come nowhere. `in_use` needs an activity on or before the day as well. Raises Refusal for unknown words.
    """
    kinds = _known("kinds", kinds, terms.KINDS)
    _known("reached", [reached], terms.STATUSES)
    seen = Facility.objects.visible_to(post) if post else Facility.objects.all()
    rows = with_status(seen.inside(place).filter(kind__in=kinds), on)
    rows = rows.filter(status__in=[reached] if reached == rules.CLOSED else rules.at_least(reached))
    if reached == "in_use":
        rows = rows.filter(Exists(effective_activities().filter(facility=OuterRef("pk"), on__lte=on)))
    return rows


def facility_count(*, post=None, place: Place, kinds: Sequence[str], reached: str, on: date) -> int:
    """How many facilities of these kinds have come as far as `reached` on a day."""
    return facilities_reached(post=post, place=place, kinds=kinds, reached=reached, on=on).count()


def facility_counts(
    *, post=None, place: Place, kinds: Sequence[str], reached: str, on: date, level: str | None = None
) -> dict[int, int]:
    """{place id: count} for the place and each sub-area at `level` (the next below by default), in one statement.

    Sub-areas without any are absent. Facilities without a village yet count for their township and above.
    """
    rows = facilities_reached(post=post, place=place, kinds=kinds, reached=reached, on=on)
    column = _column(place, level)
    counted = rows.order_by().values_list(column).annotate(n=Count("pk"))
    return _with_total(place, list(counted))


def bed_lots(*, post=None, place: Place, kinds: Sequence[str], on: date, converted: bool = False) -> QuerySet[BedLot]:
    """The rows behind `bed_count`. Home-based beds stand in people's homes and are asked for alone; closed sites are left out."""
    kinds = _known("kinds", kinds, terms.BEDS)
    if "home" in kinds and len(set(kinds)) > 1:
        raise Refusal(
            "home_beds_apart",
            zh="家庭养老床位设在老年人家中，须单独统计，不能与机构床位相加。请分两次查询。",
            en="Home-based beds stand in people's homes and are counted apart. Ask for them alone.",
            field="kinds",
        )
    seen = Facility.objects.visible_to(post) if post else Facility.objects.all()
    open_sites = with_status(seen.inside(place), on).exclude(status=rules.CLOSED)
    origins = ["converted"] if converted else ["new", "removed"]
    return BedLot.objects.filter(facility__in=open_sites.values("pk"), kind__in=kinds, on__lte=on, origin__in=origins)


_SIGNED = Case(When(origin="removed", then=Value(-1) * F("count")), default=F("count"), output_field=IntegerField())


def bed_count(*, post=None, place: Place, kinds: Sequence[str], on: date, converted: bool = False) -> int:
    """New beds (less those taken away), or with `converted` the converted ones: never both in one figure (R03, R04)."""
    rows = bed_lots(post=post, place=place, kinds=kinds, on=on, converted=converted)
    return rows.aggregate(n=Sum(_SIGNED))["n"] or 0


def bed_counts(
    *, post=None, place: Place, kinds: Sequence[str], on: date, converted: bool = False, level: str | None = None
) -> dict[int, int]:
    """{place id: beds} for the place and each sub-area at `level`, in one statement."""
    rows = bed_lots(post=post, place=place, kinds=kinds, on=on, converted=converted)
    column = _column(place, level)
    return _with_total(place, list(rows.order_by().values_list(f"facility__{column}").annotate(n=Sum(_SIGNED))))


def beds_now(facility: Facility, on: date) -> dict[str, int]:
    """The beds that stand there on a day, by kind: a conversion moves beds from one kind to another."""
    stock: dict[str, int] = {}
    for kind, origin, before, count in BedLot.objects.filter(facility=facility, on__lte=on).values_list(
        "kind", "origin", "from_kind", "count"
    ):
        stock[kind] = stock.get(kind, 0) + (-count if origin == "removed" else count)
        if origin == "converted":
            stock[before] = stock.get(before, 0) - count
    return {kind: count for kind, count in stock.items() if count}


def measure_total(*, post=None, place: Place, what: str, on: date, kinds: Sequence[str] | None = None) -> Decimal:
    """The sum of the latest measured values over a place's open facilities (meal vehicles, seats, floor area)."""
    _known("what", [what], terms.MEASURES)
    seen = Facility.objects.visible_to(post) if post else Facility.objects.all()
    sites = with_status(seen.inside(place), on).exclude(status=rules.CLOSED)
    if kinds is not None:
        sites = sites.filter(kind__in=_known("kinds", kinds, terms.KINDS))
    latest = Measure.objects.filter(facility=OuterRef("pk"), what=what, on__lte=on).order_by("-on", "-pk")
    return sites.annotate(value=Subquery(latest.values("value")[:1])).aggregate(n=Sum("value"))["n"] or Decimal(0)


def _column(place: Place, level: str | None) -> str:
    """The column to group by; Refusal for a level that is not below the place."""
    level = level or place.below or "village"
    above = LEVELS.index(place.level)
    if level not in AREA_COLUMN or (LEVELS.index(level) <= above and level != "village"):
        raise Refusal(
            "level",
            zh=f"层级“{level}”须低于“{place.get_level_display()}”。",
            en=f"The level “{level}” must be below {place.level}.",
            field="level",
        )
    return AREA_COLUMN[level]


def _with_total(place: Place, counted: list[tuple[int | None, int]]) -> dict[int, int]:
    """Groups as a mapping, with the whole beside them; rows not yet placed at that level count in the whole alone."""
    found = {pk: n for pk, n in counted if pk is not None}
    return found | {place.pk: sum(n for _pk, n in counted)}

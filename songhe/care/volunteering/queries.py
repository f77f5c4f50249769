"""Volunteer groups of a place, which kinds are missing where, what they did; merchants with offers and complaints."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Count, F, Max, Q, QuerySet, Sum

from songhe.care.evidence.models import Complaint
from songhe.care.volunteering import definitions, terms
from songhe.care.volunteering.models import Activity, Group, Offer
from songhe.registry.accounts.models import Post
from songhe.registry.facilities.models import Facility, Licence
from songhe.registry.facilities.queries.counting import with_status
from songhe.registry.places.models import Place


def _seen(model, post: Post | None) -> QuerySet:  # type: ignore[no-untyped-def]
    return model.objects.visible_to(post) if post else model.objects.all()


def _running(on: date) -> Q:
    return Q(valid_from__lte=on) & (Q(valid_to=None) | Q(valid_to__gt=on))


def standing(rows: QuerySet[Activity]) -> QuerySet[Activity]:
    """Activities that count: neither voided nor voiding."""
    return rows.filter(voids=None, voided_by=None)


def groups(*, post: Post | None, place: Place, on: date, kind: str = "") -> QuerySet[Group]:
    """Groups that exist on a day, each with `last` (its latest activity), `times` and `hours` of the last four weeks."""
    rows = _seen(Group, post).inside(place).filter(_running(on))
    if kind:
        rows = rows.filter(kind=kind)
    counts = Q(activities__voids=None, activities__voided_by=None, activities__on__lte=on)
    month = counts & Q(activities__on__gt=on - timedelta(days=28))
    return (
        rows.select_related("village", "town")
        .annotate(
            last=Max("activities__on", filter=counts),
            times=Count("activities", filter=month),
            hours=Sum("activities__hours", filter=month),
        )
        .order_by("village__code", "kind", "pk")
    )


def lacking(*, post: Post | None, place: Place, on: date) -> list[tuple[Place, list[str]]]:
    """(village, kinds it has no group of) for every village and community where one is missing: the list that is the product."""
    held: dict[int, set[str]] = defaultdict(set)
    for village, kind in _seen(Group, post).inside(place).filter(_running(on)).values_list("village", "kind"):
        held[village].add(kind)
    villages = Place.objects.within(post) if post else Place.objects.all()
    rows = (
        villages.filter(place.whole_q(), level="village", kind="division").current(on).order_by("code").defer("outline")
    )
    codes = [code for code, _label in terms.GROUPS]
    return [
        (village, [code for code in codes if code not in held[village.pk]])
        for village in rows
        if len(held[village.pk]) < len(codes)
    ]


def activities(*, post: Post | None, place: Place, first: date, last: date) -> QuerySet[Activity]:
    """Activities that count, the latest first."""
    rows = standing(_seen(Activity, post).inside(place).filter(on__range=(first, last)))
    return rows.select_related("group", "village").order_by("-on", "-pk")


@dataclass(frozen=True)
class Merchant:
    """A friendly merchant with what it offers today, its papers and the complaints that are open or late."""

    facility: Facility
    offers: list[Offer] = field(default_factory=list)
    ending: list[Offer] = field(default_factory=list)
    papers: list[Licence] = field(default_factory=list)
    open: list[Complaint] = field(default_factory=list)
    late: int = 0

    @property
    def lapsed(self) -> bool:
        """In use by name, but nothing is offered any more."""
        return not self.offers and self.facility.status == "in_use"  # type: ignore[attr-defined]


def merchants(*, post: Post | None, place: Place, on: date, kind: str = "", only: str = "") -> list[Merchant]:
    """Merchants of a place. `only`: "lapsed" (nothing offered), "complaints" (open ones), "ending" (offers that end soon)."""
    kinds = [kind] if kind in terms.MERCHANTS else [each for each in terms.MERCHANTS if each != "partner_restaurant"]
    rows = with_status(_seen(Facility, post).inside(place).filter(kind__in=kinds), on).exclude(status=None)
    facilities = list(rows.select_related("place", "village", "town").order_by("place__code", "pk"))
    offers, papers, open_ = _by_facility(post, facilities, on)
    soon = on + timedelta(days=definitions.in_force(on).offer_warn_days)
    found = [
        Merchant(
            f, offers[f.pk], [o for o in offers[f.pk] if o.valid_to <= soon], papers[f.pk], open_[f.pk],
            sum(each.reply_due_on < on for each in open_[f.pk]),
        )
        for f in facilities
    ]  # fmt: skip
    keep = {"lapsed": lambda m: m.lapsed, "complaints": lambda m: bool(m.open), "ending": lambda m: bool(m.ending)}
    return [each for each in found if only not in keep or keep[only](each)]


def _by_facility(post: Post | None, facilities: list[Facility], on: date) -> tuple[dict, dict, dict]:
    offers: dict[int, list[Offer]] = defaultdict(list)
    papers: dict[int, list[Licence]] = defaultdict(list)
    complaints: dict[int, list[Complaint]] = defaultdict(list)
    for row in Offer.objects.filter(facility__in=facilities, valid_from__lte=on, valid_to__gte=on):
        offers[row.facility_id].append(row)
    for paper in Licence.objects.filter(facility__in=facilities).order_by(F("valid_to").asc(nulls_last=True)):
        papers[paper.facility_id].append(paper)
    for each in _seen(Complaint, post).filter(facility__in=facilities, state__in=("open", "appealed")):
        complaints[each.facility_id].append(each)
    return offers, papers, complaints


def merchant(*, post: Post | None, uid, on: date) -> Facility | None:  # type: ignore[no-untyped-def]
    """One merchant with its status of the day, or None."""
    rows = with_status(_seen(Facility, post).filter(kind__in=terms.MERCHANTS), on)
    return rows.select_related("place", "village", "town").filter(uid=uid).first()


def complaints(*, post: Post | None, facility: Facility) -> QuerySet[Complaint]:
    """Complaints about a merchant that a post may see, the latest first."""
    return _seen(Complaint, post).filter(facility=facility).order_by("-received_at", "-pk")

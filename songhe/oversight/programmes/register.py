"""The facility register as programmes read it: sites with their status history, and lots of beds. Counts agree with
`registry.facilities.queries.facility_count` and `bed_count`; here all sites are read once and counted for many places.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, Q, When
from django.db.models.functions import Coalesce

from songhe.registry.facilities.models import BedLot, Facility, Operation, StatusChange
from songhe.registry.facilities.queries.counting import effective_activities
from songhe.registry.facilities.rules import CLOSED, WALK, at_least
from songhe.registry.places.models import Place

_FAR = {status: frozenset(at_least(status)) for status in WALK}


@dataclass(frozen=True)
class Where:
    """Place ids of a site: village, town, county, city, and the functional area it lies in."""

    village: int | None
    town: int | None
    county: int | None
    city: int | None
    functional: int | None


@dataclass(frozen=True)
class Site:
    """One facility. `history`: (day, status) in the order in which it happened; `active`: the first day it proved its use."""

    id: int
    uid: str
    name: str
    kind: str
    where: Where
    history: tuple[tuple[date, str], ...]
    active: date | None = None
    origin: str = "entered"
    project: str = ""

    @property
    def begun(self) -> date:
        """The day it was first put on file: a site of a later programme is none of an earlier one's new ones."""
        return self.history[0][0]

    def status(self, on: date) -> str:
        """The status on a day, "" before the first."""
        return next((status for day, status in reversed(self.history) if day <= on), "")

    def since(self, status: str, on: date) -> date | None:
        """Since when it has been as far as `status` without a break, if it is so on the day. A closed site has come nowhere."""
        if status == "in_use" and (self.active is None or self.active > on):
            return None
        far, first = _FAR[status], None
        for day, entered in reversed(self.history):
            if day > on:
                continue
            if entered not in far:
                break
            first = day
        return first

    def reached(self, on: date) -> dict[str, date]:
        """{status: since when} of everything it has come as far as on the day."""
        found = {status: self.since(status, on) for status in WALK}
        return {status: day for status, day in found.items() if day is not None}


@dataclass(frozen=True)
class Lot:
    """Beds of one kind set up (or taken away, negative) on a day."""

    kind: str
    beds: int
    converted: bool
    on: date
    where: Where
    site: int
    closed: date | None = None

    def stands(self, on: date) -> bool:
        """Whether the beds were set up by a day and their site was not shut."""
        return self.on <= on and (self.closed is None or self.closed > on)


def _where(path: str = "") -> list:
    """The columns of a `Where`; a planned site is laid at a functional area itself before its village is chosen."""
    at_area = Case(When(**{f"{path}place__kind": "functional"}, then=f"{path}place_id"))
    areas = [f"{path}{name}_id" for name in ("village", "town", "county", "city")]
    return [*areas, Coalesce(f"{path}village__functional_area_id", at_area)]


def sites(place: Place) -> list[Site]:
    """Every facility of a place that the caller may see (row-level security), by name."""
    rows = Facility.objects.inside(place)
    history: dict[int, list] = defaultdict(list)
    changes = StatusChange.objects.filter(facility__in=rows.values("pk")).order_by("on", "pk")
    for pk, day, status in changes.values_list("facility_id", "on", "status"):
        history[pk].append((day, status))
    active: dict[int, date] = {}
    activity = effective_activities().filter(facility__in=rows.values("pk")).order_by("-on")
    for pk, day in activity.values_list("facility_id", "on"):
        active[pk] = day  # the earliest stays
    fields = rows.order_by("name", "pk").values_list("pk", "uid", "name", "kind", "origin", "project", *_where())
    return [
        Site(pk, str(uid), name, kind, Where(*where), tuple(history[pk]), active.get(pk), origin, project)
        for pk, uid, name, kind, origin, project, *where in fields
    ]


def operated(sites: Iterable[int], on: date) -> set[int]:
    """Which of these facilities have an operator on a day: the contract is signed and has not ended."""
    rows = Operation.objects.filter(facility__in=list(sites), contract_on__lte=on)
    return set(rows.filter(Q(valid_to=None) | Q(valid_to__gt=on)).values_list("facility_id", flat=True))


def lots(place: Place, sites: Iterable[Site]) -> list[Lot]:
    """Every lot of beds of a place that the caller may see; `sites` are those of the place, for the day one was shut."""
    rows = Facility.objects.inside(place)
    shut = {site.id: day for site in sites for day, status in site.history if status == CLOSED}
    found = BedLot.objects.filter(facility__in=rows.values("pk")).values_list(
        "facility_id", "kind", "count", "origin", "on", *_where("facility__")
    )
    return [
        Lot(kind, -count if origin == "removed" else count, origin == "converted", on, Where(*where), pk, shut.get(pk))
        for pk, kind, count, origin, on, *where in found
    ]

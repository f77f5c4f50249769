"""The facility register as programmes read it: sites with the day each status was reached, and lots of beds."""

from dataclasses import dataclass
from datetime import date

from songhe.registry.places.models import Place

WALK = ("planned", "site_chosen", "started", "done", "accepted", "in_use")


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
    """One facility: `reached` maps each status to the day it was entered; a site in use counts as started."""

    id: int
    name: str
    kind: str
    where: Where
    reached: dict[str, date]
    origin: str = "entered"

    def since(self, status: str, on: date) -> date | None:
        """The day by which it had come as far as `status`, if it had by `on` and is not closed again."""
        closed = self.reached.get("closed")
        days = [self.reached[s] for s in WALK[WALK.index(status) :] if s in self.reached]
        first = min(days, default=None)
        if first is None or first > on or (closed is not None and closed <= on):
            return None
        return first

    def status(self, on: date) -> str:
        """The latest status entered by the day, "" before the first."""
        entered = [(day, WALK.index(s) if s in WALK else len(WALK), s) for s, day in self.reached.items() if day <= on]
        return max(entered)[2] if entered else ""


@dataclass(frozen=True)
class Lot:
    """Beds of one kind added (or taken away, negative) on a day."""

    kind: str
    beds: int
    converted: bool
    on: date
    where: Where


def there(place: Place) -> bool:
    """Whether any facility of the place is on the register; where none is, nothing is known rather than zero."""
    return False


def sites(place: Place) -> list[Site]:
    """Every facility of a place that the caller may see (row-level security)."""
    return []


def lots(place: Place) -> list[Lot]:
    """Every lot of beds of a place that the caller may see."""
    return []

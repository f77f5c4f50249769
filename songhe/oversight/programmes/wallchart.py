"""挂图作战, 倒排工期: every site of a programme by township, its status, its plan counted back from the end, and its light."""

from dataclasses import dataclass
from datetime import date

from songhe.oversight.programmes import definitions, rules
from songhe.oversight.programmes.definitions import Programme
from songhe.oversight.programmes.figures import Book
from songhe.oversight.programmes.register import Site
from songhe.registry.places.models import Place
from songhe.registry.places.queries import by_code


@dataclass(frozen=True)
class Cell:
    """One site on the chart: where it stands, its plan, and the light with its reason."""

    site: Site
    status: str
    plan: tuple[rules.Step, ...]
    reached: dict[str, date]
    light: rules.SiteLight


@dataclass(frozen=True)
class Row:
    """One township (or zone): its sites, and how many it owes that nobody has put on file yet."""

    place: Place
    cells: tuple[Cell, ...]
    owed: int | None

    @property
    def missing(self) -> int:
        return max(0, (self.owed or 0) - len(self.cells))


@dataclass(frozen=True)
class Sheet:
    """One kind of site of a programme, with its rows and {light: count}."""

    plan: dict
    rows: tuple[Row, ...]
    lights: dict[str, int]
    statuses: dict[str, int]
    steps: tuple[rules.Step, ...]


def sheets(*, programme: Programme, on: date, place: Place | None = None) -> list[Sheet]:
    """The wall chart of a day, a sheet for each plan of the programme; `place` narrows it to a township."""
    own = by_code(programme.place)
    book = Book(programme, own)
    return [_sheet(programme, plan, book, on, place) for plan in programme.data.get("backward") or []]


def _sheet(programme: Programme, plan: dict, book: Book, on: date, place: Place | None) -> Sheet:
    soon = definitions.states_on(on)["soon_days"]
    units = _units(programme, plan, book, place)
    by_unit: dict[int, list[Cell]] = {unit.pk: [] for unit in units}
    for site in _sites(programme, plan, book, on):
        unit = _unit_of(site, by_unit)
        if unit is not None:
            row = programme.row_of(next(u.code for u in units if u.pk == unit))
            steps = plan_of(programme, plan, row)
            reached = site.reached(on)
            light = rules.site_light(steps, reached, on, soon)
            by_unit[unit].append(Cell(site, site.status(on), tuple(steps), reached, light))
    rows = tuple(Row(unit, tuple(by_unit[unit.pk]), _owed(programme, plan, unit)) for unit in units)
    rows = tuple(row for row in rows if row.cells or row.owed)
    cells = [cell for row in rows for cell in row.cells]
    lights = {colour: sum(c.light.colour == colour for c in cells) for colour in ("green", "yellow", "red", "none")}
    lights["none"] += sum(row.missing for row in rows)
    statuses: dict[str, int] = {}
    for cell in cells:
        statuses[cell.status] = statuses.get(cell.status, 0) + 1
    return Sheet(plan, rows, lights, statuses, tuple(plan_of(programme, plan, None)))


def _units(programme: Programme, plan: dict, book: Book, place: Place | None) -> list[Place]:
    """Townships and zones, those with a share in the annex first in its order."""
    functional = list(Place.objects.filter(pk__in=book.functional))
    found = [*functional, *book.ground.level("township")]
    order = {row["place"]: at for at, row in enumerate(programme.rows)}
    found.sort(key=lambda p: (order.get(p.code, len(order)), p.code))
    return [p for p in found if place is None or place.pk in (p.pk, p.county_id, p.city_id)]


def _unit_of(site: Site, units: dict[int, list[Cell]]) -> int | None:
    return next((pk for pk in (site.where.functional, site.where.town) if pk in units), None)


def _sites(programme: Programme, plan: dict, book: Book, on: date) -> list[Site]:
    target = programme.goal(plan["target"]) if plan.get("target") else None
    fresh = bool(target and target.figure.get("new"))
    found = []
    for site in book.sites:
        first = site.history[0][0] if site.history else None
        if site.kind not in plan["kinds"] or first is None or first > on or site.status(on) == "closed":
            continue
        if not fresh or programme.start <= first <= programme.end:
            found.append(site)
    return found


def _owed(programme: Programme, plan: dict, unit: Place) -> int | None:
    target = programme.goal(plan["target"]) if plan.get("target") else None
    if target is None:
        return None
    rows = [row["shares"] for row in programme.rows if row["place"] == unit.code]
    if rows:
        shares = [each[target.column] for each in rows if target.column in each]
        return sum(shares) if shares else None
    if target.each and not programme.rows:
        kinds = {"township": None, "town": "town", "street": "street"}
        level = target.each["level"]
        if level in kinds and (kinds[level] is None or rules.town_kind(unit.name) == kinds[level]):
            return int(target.each["value"])
    return None


def plan_of(programme: Programme, plan: dict, row: dict | None) -> list[rules.Step]:
    """The dated steps of a site, counted back from its end; a site of an earlier year of the annex ends with that year."""
    end = programme.goal(plan["end"]).deadline
    if row and row.get("year"):
        end = min(end, date(row["year"], 12, 31))
    stages = [
        (
            stage["reached"],
            programme.goal(stage["milestone"]).deadline if stage.get("milestone") else None,
            stage["days"],
        )
        for stage in plan["stages"]
    ]
    return rules.backward(end, stages)

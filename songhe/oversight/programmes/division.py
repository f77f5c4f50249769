"""Over which places a goal is divided: all of a level, those of its annex, those who report; what the annex adds up to."""

from songhe.oversight.programmes import rules
from songhe.oversight.programmes.definitions import Goal, Programme
from songhe.oversight.programmes.figures import Book, Ground
from songhe.registry.places.models import Place
from songhe.registry.places.queries import by_code


def sub_areas(programme: Programme, goal: Goal, own: Place, book: Book | None = None) -> list[Place]:
    """The places a goal is divided over: those of `each`, its rows of the annex, or those who report; none for the whole."""
    codes = _codes(programme, goal)
    if codes is not None:
        found = (book.ground if book else Ground(own)).named(codes)
        return [found[code] for code in codes if code in found]
    level = (goal.each or {}).get("level") or goal.figure.get("by")
    return areas(own, level, book) if level else []


def reports(programme: Programme, goal: Goal, place: Place) -> bool:
    """Whether a place is one of those that report a goal (as `actions.reporters` lists them), without reading the others."""
    codes = _codes(programme, goal)
    if codes is not None:
        return place.code in codes if codes else place.code == programme.place
    level = (goal.each or {}).get("level") or goal.figure.get("by")
    own = by_code(programme.place)
    current = place.kind == "division" and place.valid_to is None
    if level and current and inside(place, own) and is_a(place, level):
        return True
    return place.pk == own.pk and not (level and areas(own, level))


def _codes(programme: Programme, goal: Goal) -> list[str] | None:
    only = goal.definition.get("only") or {}
    if goal.each and goal.each.get("places"):
        return goal.each["places"]
    if only.get("places"):
        return only["places"]
    rows = annex_rows(programme, goal)
    return list(dict.fromkeys(row["place"] for row in rows)) if rows else None


def annex_rows(programme: Programme, goal: Goal) -> list[dict]:
    """The rows of the annex that this goal shares out."""
    only = goal.definition.get("only") or {}
    return [
        row
        for row in programme.rows
        if goal.column in row["shares"] and all(row.get(k) == only[k] for k in ("type", "year") if k in only)
    ]


def areas(own: Place, level: str, book: Book | None = None) -> list[Place]:
    """Places below by the words of a definition: township (all), street, town (without streets), village, community."""
    ground = book.ground if book else Ground(own)
    return [p for p in ground.level(_LEVEL_OF.get(level, level)) if is_a(p, level)]


_LEVEL_OF = {"street": "township", "town": "township", "community": "village"}


def is_a(place: Place, level: str) -> bool:
    """Whether a place is what a word of a definition means; see `areas`."""
    if level in ("street", "town"):
        return place.level == "township" and rules.town_kind(place.name) == level
    return place.level == "village" and place.urban_rural == "urban" if level == "community" else place.level == level


def inside(place: Place, area: Place) -> bool:
    return area.pk in (
        place.pk,
        place.town_id,
        place.county_id,
        place.city_id,
        place.province_id,
        place.functional_area_id,
    )


def allocation(programme: Programme) -> dict[str, dict]:
    """{target: {total, by_year: {year: sum}, by_type: {type: sum}}} of the annex; both dimensions are kept."""
    columns = dict.fromkeys(name for row in programme.rows for name in row["shares"])
    years = sorted({row["year"] for row in programme.rows if row.get("year")})
    types = list(dict.fromkeys(row["type"] for row in programme.rows if row.get("type")))
    return {
        name: {
            "total": rules.sums(programme.rows, name),
            "by_year": {str(year): rules.sums(programme.rows, name, year=year) for year in years},
            "by_type": {kind: rules.sums(programme.rows, name, type=kind) for kind in types},
        }
        for name in columns
    }

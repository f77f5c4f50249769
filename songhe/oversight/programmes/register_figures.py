"""Figures that the registers of places, facilities and people know together: villages that have a site ÷ all of them, people in
a circumstance who live in an institution ÷ all of them. Both are dated: a past day is counted as it was.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

from songhe.core.periods import Period
from songhe.oversight.programmes.definitions import Goal
from songhe.oversight.programmes.figures import Book, Counted, Row, add_source, holders, shares
from songhe.oversight.programmes.register import Where
from songhe.registry.people.models import Circumstance, LifeEvent
from songhe.registry.people.rules import status_after
from songhe.registry.places.models import Place


def _village_rows(book: Book, goal: Goal, on: date, period: Period | None) -> Iterator[Row]:
    """Villages (or urban communities) of the kind asked for; counted where a site of these kinds has come as far as asked."""
    kinds = set(goal.figure["kinds"])
    far: dict[int | None, date] = {}
    for site, day in book.ground.far(goal.figure["reached"], on):
        if site.kind in kinds:
            far[site.where.village] = min(day, far.get(site.where.village, day))
    for where in book.ground.villages(goal.figure["urban"]):
        if where.village is not None:
            yield Row("village", where.village, where, hit=where.village in far, on=far.get(where.village))


def _village_share(
    book: Book, goal: Goal, places: Sequence[Place], on: date, period: Period | None
) -> dict[int, Counted]:
    """Villages (or urban communities) with a site of these kinds that has come as far as asked ÷ all that lie in the place.

    A place in which no such site was ever put on file has no figure: its register is not kept yet, so its report stands.
    """
    kinds, by_id = set(goal.figure["kinds"]), {p.pk: p for p in places}
    kept = {pk for site in book.sites if site.kind in kinds for pk in holders(book, site.where, by_id)}
    found = shares(book, _village_rows(book, goal, on, period), places, on) if kept else {}
    return {pk: counted for pk, counted in found.items() if pk in kept}


def _institution_rows(book: Book, goal: Goal, on: date, period: Period | None) -> Iterator[Row]:
    """People on file in these circumstances on the day; counted who had moved into an institution by then."""
    rows = Circumstance.objects.inside(book.place).filter(
        kind__in=goal.figure["circumstances"], person__merged_into=None, **_held(on, goal.figure.get("urban"))
    )
    rows = rows.exclude(valid_to__lte=on)
    where = {
        pk: Where(*areas)
        for pk, *areas in rows.values_list("person", "village", "town", "county", "city", "village__functional_area")
    }
    events: dict[int, list[tuple[date, int, str]]] = defaultdict(list)
    happened = LifeEvent.objects.filter(person__in=rows.values("person"), undone_at=None, on__lte=on)
    for pk, person, day, kind in happened.values_list("pk", "person", "on", "kind"):
        events[person].append((day, pk, kind))
    for person, at in where.items():
        status, since = status_after(events[person])
        if status in ("living", "institution"):
            inside = status == "institution"
            yield Row("person", person, at, hit=inside, on=since if inside else None)


def _in_institution(
    book: Book, goal: Goal, places: Sequence[Place], on: date, period: Period | None
) -> dict[int, Counted]:
    return shares(book, _institution_rows(book, goal, on, period), places, on)


def _held(on: date, urban: str | None) -> dict:
    return {"valid_from__lte": on} | ({"village__urban_rural": urban} if urban else {})


def register() -> None:
    """Called once, when programmes start."""
    add_source("village_share", _village_share, _village_rows)
    add_source("in_institution", _in_institution, _institution_rows)

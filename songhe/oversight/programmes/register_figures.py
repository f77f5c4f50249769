"""Figures that the registers of places, facilities and people know together: villages that have a site ÷ all of them, people in
a circumstance who live in an institution ÷ all of them. Both are dated: a past day is counted as it was.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from songhe.core.periods import Period
from songhe.oversight.programmes.definitions import Goal
from songhe.oversight.programmes.figures import Book, Counted, _holder, add_source
from songhe.oversight.programmes.register import Where
from songhe.registry.people.models import Circumstance, LifeEvent
from songhe.registry.people.rules import status_after
from songhe.registry.places.models import Place


def _village_share(
    book: Book, goal: Goal, places: Sequence[Place], on: date, period: Period | None
) -> dict[int, Counted]:
    """Villages (or urban communities) with a site of these kinds that has come as far as asked ÷ all that lie in the place.

    A place in which no such site was ever put on file has no figure: its register is not kept yet, so its report stands.
    """
    kinds, by_id = set(goal.figure["kinds"]), {p.pk: p for p in places}
    kept = {pk for site in book.sites if site.kind in kinds for pk in _holder(book, site.where, by_id)}
    if not kept:
        return {}
    all_of, with_one = defaultdict(int), defaultdict(int)
    far = {site.where.village for site, _day in book.ground.far(goal.figure["reached"], on) if site.kind in kinds}
    for where in book.ground.villages(goal.figure["urban"]):
        for pk in _holder(book, where, by_id):
            all_of[pk] += 1
            with_one[pk] += where.village in far
    return {pk: Counted(with_one[pk], all_of[pk], on) for pk in kept if all_of[pk]}


def _in_institution(
    book: Book, goal: Goal, places: Sequence[Place], on: date, period: Period | None
) -> dict[int, Counted]:
    """People on file in these circumstances on the day who had moved into an institution by then ÷ all of them."""
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
    by_id, sums = {p.pk: p for p in places}, defaultdict(lambda: [0, 0])
    for person, at in where.items():
        status, _since = status_after(events[person])
        for pk in _holder(book, at, by_id) if status in ("living", "institution") else ():
            sums[pk][0] += status == "institution"
            sums[pk][1] += 1
    return {pk: Counted(inside, base, on) for pk, (inside, base) in sums.items()}


def _held(on: date, urban: str | None) -> dict:
    return {"valid_from__lte": on} | ({"village__urban_rural": urban} if urban else {})


def register() -> None:
    """Called once, when programmes start."""
    add_source("village_share", _village_share)
    add_source("in_institution", _in_institution)

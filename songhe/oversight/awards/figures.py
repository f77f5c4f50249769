"""What award rounds tell programmes: how many were put forward (where naming counts) or chosen and confirmed, by place."""

from collections.abc import Iterator, Sequence
from datetime import date

from django.db.models import Q

from songhe.core import periods
from songhe.core.periods import Period
from songhe.oversight.awards import definitions
from songhe.oversight.awards.models import Nomination, Round
from songhe.oversight.programmes.definitions import Goal
from songhe.oversight.programmes.figures import Book, Counted, Row, tally
from songhe.oversight.programmes.register import Where
from songhe.registry.places.models import Place


def chosen(book: Book, goal: Goal, places: Sequence[Place], on: date, period: Period | None) -> dict[int, Counted]:
    """{place id: people} of the rounds of a goal's award as of a day; a place without a round has no figure.

    Where naming counts (R65) those put forward stand; where people are chosen, those of confirmed rounds (R66, R32).
    """
    rounds = _rounds(book, goal, period)
    sums = tally(book, rows(book, goal, on, period), places)
    held = {pk for row in rounds for pk in _areas(row)}
    return {p.pk: Counted(sums.get(p.pk, (0, 0))[0], as_of=on) for p in places if p.pk in held}


def rows(book: Book, goal: Goal, on: date, period: Period | None) -> Iterator[Row]:
    """Those who count on a day, each where its round is held."""
    rounds = {row.pk: row for row in _rounds(book, goal, period)}
    for pk, of, day in _standing(list(rounds.values()), on):
        village, town, county, city, *_rest = [*_areas(rounds[of]), None, None, None, None]
        yield Row("nomination", pk, Where(village, town, county, city, None), on=day)


def _areas(row: Round) -> list[int]:
    """The place of a round and those above it, each once."""
    found = (row.place_id, row.town_id, row.county_id, row.city_id)
    return [pk for pk in dict.fromkeys(found) if pk is not None]


def _rounds(book: Book, goal: Goal, period: Period | None) -> list[Round]:
    """The rounds of the awards that take their number from this goal: of one period, else of the goal's own days."""
    names = [a.name for a in definitions.awards().values() if (a.programme, a.goal) == (book.programme.id, goal.id)]
    found = Round.objects.filter(award__in=names).exclude(place=None)
    if period is not None:
        return list(found.filter(period=period.code))
    return [row for row in found if periods.parse(row.period).overlaps(goal.start, goal.deadline)]


def _standing(rounds: list[Round], on: date) -> list[tuple[int, int, date]]:
    """(nomination, its round, when put forward) of those that count on a day."""
    named = Q(round__counts="named", on__lte=on) & (Q(withdrawn_on=None) | Q(withdrawn_on__gt=on))
    elected = Q(round__counts="elected", round__confirmed_on__lte=on, result="elected")
    found = Nomination.objects.filter(named | elected, round__in=rounds).exclude(result="struck")
    return list(found.order_by("on", "pk").values_list("pk", "round", "on"))

"""What award rounds tell programmes: how many were put forward (where naming counts) or chosen and confirmed, by place."""

from collections.abc import Sequence
from datetime import date

from django.db.models import Q

from songhe.core import periods
from songhe.core.periods import Period
from songhe.oversight.awards import definitions
from songhe.oversight.awards.models import Nomination, Round
from songhe.oversight.programmes.definitions import Goal
from songhe.oversight.programmes.figures import Book, Counted
from songhe.registry.places.models import Place


def chosen(book: Book, goal: Goal, places: Sequence[Place], on: date, period: Period | None) -> dict[int, Counted]:
    """{place id: people} of the rounds of a goal's award as of a day; a place without a round has no figure.

    Where naming counts (R65) those put forward stand; where people are chosen, those of confirmed rounds (R66, R32).
    """
    rounds = _rounds(book, goal, period)
    asked, counts, of_round = {place.pk for place in places}, {}, {}
    for row in rounds:
        of_round[row.pk] = asked & {row.place_id, row.town_id, row.county_id, row.city_id}
        for pk in of_round[row.pk]:
            counts.setdefault(pk, 0)
    for pk in _standing(rounds, on):
        for place in of_round[pk]:
            counts[place] += 1
    return {pk: Counted(number, as_of=on) for pk, number in counts.items()}


def _rounds(book: Book, goal: Goal, period: Period | None) -> list[Round]:
    """The rounds of the awards that take their number from this goal: of one period, else of the goal's own days."""
    names = [a.name for a in definitions.awards().values() if (a.programme, a.goal) == (book.programme.id, goal.id)]
    found = Round.objects.filter(award__in=names).exclude(place=None)
    if period is not None:
        return list(found.filter(period=period.code))
    return [row for row in found if periods.parse(row.period).overlaps(goal.start, goal.deadline)]


def _standing(rounds: list[Round], on: date) -> list[int]:
    """The round of each nomination that counts on a day."""
    named = Q(round__counts="named", on__lte=on) & (Q(withdrawn_on=None) | Q(withdrawn_on__gt=on))
    elected = Q(round__counts="elected", round__confirmed_on__lte=on, result="elected")
    found = Nomination.objects.filter(named | elected, round__in=rounds).exclude(result="struck")
    return list(found.values_list("round", flat=True))

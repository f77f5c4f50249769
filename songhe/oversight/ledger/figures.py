"""What the ledger tells programmes: how many lines of a goal's item are closed (销号), by place."""

from collections.abc import Iterator, Sequence
from datetime import date

from songhe.core.periods import Period
from songhe.oversight.ledger import queries
from songhe.oversight.programmes.definitions import Goal
from songhe.oversight.programmes.figures import Book, Counted, Row
from songhe.oversight.programmes.register import Where
from songhe.registry.places.models import Place


def closed(book: Book, goal: Goal, places: Sequence[Place], on: date, period: Period | None) -> dict[int, Counted]:
    """{place id: lines closed} of the item that a goal's `figure: {from: ledger, item: …}` names; no line yet, no figure."""
    found = queries.closed_counts(
        programme=book.programme.id, target=goal.figure["item"], places=places, on=on,
        since=period.start if period else None,
    )  # fmt: skip
    return {pk: Counted(done, as_of=on) for pk, (done, _all) in found.items()}


def rows(book: Book, goal: Goal, on: date, period: Period | None) -> Iterator[Row]:
    """The lines of the item, each in its place; counted once closed."""
    since = period.start if period else None
    for line in queries.counted_lines(programme=book.programme.id, target=goal.figure["item"], on=on, since=since):
        held = [pk for pk in dict.fromkeys(line.held) if pk is not None]
        village, town, county, city, zone, *_rest = [*held, None, None, None, None, None]
        yield Row(
            "item", line.id, Where(village, town, county, city, zone), hit=line.closed_on is not None, on=line.closed_on
        )

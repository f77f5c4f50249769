"""What the ledger tells programmes: how many lines of a goal's item are closed (销号), by place."""

from collections.abc import Sequence
from datetime import date

from songhe.core.periods import Period
from songhe.oversight.ledger import queries
from songhe.oversight.programmes.definitions import Goal
from songhe.oversight.programmes.figures import Book, Counted
from songhe.registry.places.models import Place


def closed(book: Book, goal: Goal, places: Sequence[Place], on: date, period: Period | None) -> dict[int, Counted]:
    """{place id: lines closed} of the item that a goal's `figure: {from: ledger, item: …}` names; no line yet, no figure."""
    found = queries.closed_counts(
        programme=book.programme.id, target=goal.figure["item"], places=places, on=on,
        since=period.start if period else None,
    )  # fmt: skip
    return {pk: Counted(done, as_of=on) for pk, (done, _all) in found.items()}

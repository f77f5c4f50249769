"""What the apps above hang on a person's file, and what becomes of it when two files become one, or two again.

An app says so in its own `merging.py`, when it is ready: the registry knows nothing of care. Facts (orders served, meals eaten,
alarms) stay where they were recorded and are read through `queries.files_of`; what still runs follows the person.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import IntegrityError, models, transaction

from songhe.registry.people.models import Person


@dataclass(frozen=True)
class Hanging:
    """One kind of thing that follows. `follow(absorbed, kept)` gives what `back(moved, kept, absorbed)` needs to undo it.

    `follow` raises Refusal where the two cannot be one person's; the merge is then undone as a whole.
    """

    name: str
    follow: Callable[[Person, Person], list[int]]
    back: Callable[[list[int], Person, Person], None]


_KNOWN: dict[str, Hanging] = {}


def hang(*kinds: Hanging) -> None:
    """Make kinds known, once a process (from AppConfig.ready)."""
    _KNOWN.update({kind.name: kind for kind in kinds})


def known() -> tuple[Hanging, ...]:
    return tuple(_KNOWN.values())


def rows_of(name: str, model: type[models.Model]) -> Hanging:
    """Rows with a `person` that move as they are; one that the kept file has already stays where it is."""
    return Hanging(
        name, lambda out, into: moved(model, out, into), lambda ids, into, out: returned(model, ids, into, out)
    )


def moved(model: type[models.Model], out: Person, into: Person) -> list[int]:
    """The ids of the rows that the kept file could take."""
    ids = []
    for pk in model.objects.filter(person=out).order_by("pk").values_list("pk", flat=True):  # type: ignore[attr-defined]
        try:
            with transaction.atomic():
                model.objects.filter(pk=pk).update(person=into)  # type: ignore[attr-defined]
        except IntegrityError:
            continue
        ids.append(pk)
    return ids


def returned(model: type[models.Model], ids: list[int], into: Person, out: Person) -> None:
    model.objects.filter(pk__in=ids, person=into).update(person=out)  # type: ignore[attr-defined]

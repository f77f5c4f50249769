"""Two files become one: who eats where follows the person; somebody entered at two points keeps the kept file's own."""

from django.utils import timezone

from songhe.care.meals.models import Diner
from songhe.registry.people.hanging import Hanging, rows_of
from songhe.registry.people.models import Person


def _end(out: Person, into: Person) -> list[int]:
    """Entries of the absorbed file that could not follow (the person has a point already) end today."""
    today = timezone.localdate()
    rows = list(Diner.objects.filter(person=out, valid_to=None))
    for row in rows:
        row.valid_to = max(today, row.valid_from)
        row.save(update_fields=["valid_to"])
    return [row.pk for row in rows]


def _open(ids: list[int], into: Person, out: Person) -> None:
    Diner.objects.filter(pk__in=ids, person=out).update(valid_to=None)


HANGING = (rows_of("diners", Diner), Hanging("diners_ended", _end, _open))

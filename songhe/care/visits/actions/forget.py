"""The night round of pictures: those kept long enough are deleted; what was recorded from them stays."""

from datetime import date, timedelta

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from songhe.care.visits import pictures
from songhe.care.visits.models import Enclosure, SheetScan
from songhe.core import audit

BATCH = 500


@transaction.atomic
def forget_pictures(*, on: date | None = None) -> dict[str, int]:
    """Delete the pictures of sheets, and what was added to visits, whose days are over. Inside `everywhere()`; run again it deletes nothing more.

    A file goes first and its row after it: stopped in between, the next night finds the row and finishes. Pages that
    still wait for a person keep their picture. Returns {sheets, visits}.
    """
    on = on or timezone.localdate()
    terms = pictures.in_force(on)
    gone = 0
    for state, days in (("recorded", terms.recorded_days), ("dropped", terms.dropped_days)):
        over = SheetScan.objects.filter(state=state, closed_at__date__lte=on - timedelta(days=days)).exclude(
            stored_as=""
        )
        while rows := list(over.order_by("pk").values_list("pk", "stored_as")[:BATCH]):
            for _pk, name in rows:
                default_storage.delete(name)
            gone += SheetScan.objects.filter(pk__in=[pk for pk, _name in rows]).update(stored_as="")
    visits = _enclosures(on - timedelta(days=terms.visit_days))
    if gone or visits:
        told = {"pictures": gone, "enclosures": visits, "version": terms.valid_from.isoformat()}
        audit.note("visits.forget_pictures", "sheet", None, **told)
    return {"sheets": gone, "visits": visits}


def _enclosures(last: date) -> int:
    """Positions and photographs recorded up to a day; the row stays, so that the same sending is known again."""
    over = Enclosure.objects.filter(recorded_at__date__lte=last).exclude(stored_as="", position_sealed=None)
    gone = 0
    while rows := list(over.order_by("pk").values_list("pk", "stored_as")[:BATCH]):
        for _pk, name in rows:
            if name:
                default_storage.delete(name)
        chosen = Enclosure.objects.filter(pk__in=[pk for pk, _name in rows])
        gone += chosen.update(stored_as="", position_sealed=None)
    return gone

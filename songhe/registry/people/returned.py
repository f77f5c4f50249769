"""Rosters that came back with rows to correct: what an office still has on its table."""

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from songhe.registry.people.models import ImportBatch


def returned(*, post, place, since: datetime) -> QuerySet[ImportBatch]:
    """Batches with wrong rows since a moment whose account has imported nothing later; newest first.

    The corrected file is a batch of its own: when it has come, the one before is settled.
    """
    later = ImportBatch.objects.filter(made_by=OuterRef("made_by"), pk__gt=OuterRef("pk"), state="done")
    found = ImportBatch.objects.visible_to(post).inside(place).filter(state__in=("done", "refused"), rejected__gt=0)
    found = found.filter(created_at__gte=since).exclude(Exists(later))
    return found.defer("errors", "warnings").order_by("-pk")

"""A month closed: its indicators and its programmes' targets frozen; counted again, revisions beside them."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from songhe.care.duties.access import allowed, user_id
from songhe.core import audit
from songhe.core.periods import Period
from songhe.core.refusal import Refusal
from songhe.insight.indicators import actions as indicators
from songhe.insight.indicators import definitions as indicator_definitions
from songhe.insight.indicators import sources
from songhe.oversight.bulletins.models import FrozenTarget
from songhe.oversight.programmes import definitions as programmes
from songhe.oversight.programmes import queries as standing
from songhe.registry.places.models import Place

_SAID = ("target", "actual", "numerator", "base", "state")  # what makes a target's figure another one


@transaction.atomic
def close_month(*, place: Place, period: Period, by, post, now: datetime | None = None) -> dict[str, int]:
    """Freeze a month for a place: indicators of everything below it, and the targets of its own programmes.

    Run again it adds only what is missing. Refused before the month is over. → {"indicators": rows, "targets": rows}.
    """
    allowed(post, "indicators.freeze", place)
    now = now or timezone.now()
    rows = indicators.freeze(place=place, period=period, by=by or None, post=None, now=now)
    targets = [
        FrozenTarget(programme=programme.id, goal=line.goal.id, place=place, period=period.code, version=programme.version,
                     row=line.row(), frozen_at=now, frozen_by=user_id(by))
        for programme, lines in _lines(place, period)
        for line in lines
        if _known(line.goal, period, now)
    ]  # fmt: skip
    before = FrozenTarget.objects.count()
    FrozenTarget.objects.bulk_create(targets, ignore_conflicts=True)
    added = FrozenTarget.objects.count() - before
    audit.note("month.close", "place", place.pk, area_id=place.pk, period=period.code, indicators=rows, targets=added)
    return {"indicators": rows, "targets": added}


@transaction.atomic
def recount(*, place: Place, period: Period, reason: str, by, post, now: datetime | None = None) -> dict[str, int]:
    """Count a closed month again: a revision, with the reason, beside every figure that differs. Frozen figures stay.

    → {"indicators": revisions, "own": those of the place itself, "targets": revisions}. Refused without a reason.
    """
    allowed(post, "indicators.freeze", place)
    if not reason.strip():
        raise Refusal("no_reason", zh="修订须写明理由。", en="A revision needs a reason.", field="reason")
    now = now or timezone.now()
    rows = indicators.recount(place=place, period=period, reason=reason, by=by or None, post=None, now=now)
    frozen = {
        (row.programme, row.goal): row
        for row in FrozenTarget.objects.filter(place=place, period=period.code, revises=None).prefetch_related(
            "revisions"
        )
    }
    revised = []
    for programme, lines in _lines(place, period):
        for line in lines:
            kept = frozen.get((programme.id, line.goal.id))
            if kept is None or _is_state(line.goal):
                continue
            latest = max(kept.revisions.all(), key=lambda r: r.pk, default=kept)
            again = line.row()
            if any(again[name] != latest.row[name] for name in _SAID):
                revised.append(
                    FrozenTarget(
                        programme=programme.id, goal=line.goal.id, place=place, period=period.code, version=programme.version,
                        row=again, frozen_at=now, frozen_by=user_id(by), revises=kept, reason=reason.strip()[:200],
                    )
                )  # fmt: skip
    FrozenTarget.objects.bulk_create(revised)
    audit.note("month.recount", "place", place.pk, area_id=place.pk, period=period.code, targets=len(revised))
    return {"indicators": len(rows), "own": sum(row.place_id == place.pk for row in rows), "targets": len(revised)}


def _lines(place: Place, period: Period):
    """(programme, its lines at the month's end) of the programmes that are this place's own and had begun."""
    for programme in programmes.in_force().values():
        if programme.place == place.code and programme.start <= period.end:
            yield programme, standing.status(programme=programme, on=period.end, place=place)


def _known(goal, period: Period, now: datetime) -> bool:
    """Whether the figure is still what the month's end looked like: see indicators.actions.freeze."""
    last = period.end + timedelta(days=settings.STATE_FREEZE_DAYS)
    return not _is_state(goal) or timezone.localdate(now) <= last


def _is_state(goal) -> bool:
    name = goal.figure.get("indicator")
    return bool(name) and indicator_definitions.named(name).query in sources.LIVE_ONLY

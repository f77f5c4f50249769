"""Month-end: freeze the figures; later corrections stand beside them with a reason."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from songhe.core import audit
from songhe.core.periods import Period
from songhe.core.refusal import Refusal
from songhe.insight.indicators import definitions, queries, sources
from songhe.insight.indicators.definitions import Indicator
from songhe.insight.indicators.models import Frozen
from songhe.registry.accounts.access import require
from songhe.registry.places.models import AREA_COLUMN, LEVELS, Place


@transaction.atomic
def freeze(*, place: Place, period: Period, by, post=None, now: datetime | None = None) -> int:
    """Keep every indicator's figure for the place and everything below it; a second time adds nothing.

    Returns how many rows were added. Refused before the period is over, unless it is the day it ends. States (a helper named,
    a file complete) are known only today: they are left out when the period ended longer ago than settings.STATE_FREEZE_DAYS.
    """
    if post is not None:
        require(post, "indicators.freeze")
    now = now or timezone.now()
    if timezone.localdate(now) < period.end:
        raise Refusal(
            "freeze_too_early",
            zh=f"{period.label('zh')}到 {period.end} 才结束，不能提前封存。",
            en=f"{period.label('en')} ends on {period.end}; it cannot be frozen before.",
        )
    levels = [level for level in LEVELS[LEVELS.index(place.level) + 1 :] if level in AREA_COLUMN]
    below = {p.pk: p for p in Place.objects.under(place).filter(kind="division").current(period.end)}
    rows = []
    for indicator in definitions.shipped().values():
        if period.kind not in indicator.periods or not _known(indicator, period, now):
            continue
        counted = queries.tally(indicator, place, period, levels, now)
        rows += [
            Frozen(
                indicator=indicator.name,
                version=indicator.version,
                place_id=pk,
                period=period.code,
                numerator=hit,
                denominator=owed,
                frozen_at=now,
                frozen_by=getattr(by, "pk", 0) or 0,
            )
            for pk in below
            for hit, owed in [counted.get(pk, (0, 0))]
        ]
    before = Frozen.objects.count()
    Frozen.objects.bulk_create(rows, ignore_conflicts=True, batch_size=2000)
    added = Frozen.objects.count() - before
    audit.note("indicators.freeze", "place", place.pk, area_id=place.pk, period=period.code, rows=added)
    return added


def _known(indicator: Indicator, period: Period, now: datetime) -> bool:
    """Whether what is counted now is still what the period's end looked like."""
    last = period.end + timedelta(days=settings.STATE_FREEZE_DAYS)
    return indicator.query not in sources.LIVE_ONLY or timezone.localdate(now) <= last


@transaction.atomic
def revise(*, frozen: Frozen, reason: str, by, post=None, now: datetime | None = None) -> Frozen:
    """Count again and keep the new figure beside the frozen one, saying why. Refused without a reason or a difference."""
    if post is not None:
        require(post, "indicators.freeze")
    now = now or timezone.now()
    if not reason.strip():
        raise Refusal("no_reason", zh="修订须写明理由。", en="A revision needs a reason.", field="reason")
    from songhe.core import periods

    indicator, period = definitions.named(frozen.indicator), periods.parse(frozen.period)
    if indicator.query in sources.LIVE_ONLY:
        raise Refusal(
            "state_not_recounted",
            zh=f"“{indicator.title['zh']}”数的是当天的状态，过去的月份不能重新计数。",
            en=f"“{indicator.title['en']}” counts a state of the day; a past month cannot be counted again.",
        )
    hit, owed = queries.tally(indicator, frozen.place, period, [], now).get(frozen.place_id, (0, 0))
    latest = frozen.revisions.order_by("-pk").first() or frozen
    if (hit, owed) == (latest.numerator, latest.denominator):
        raise Refusal(
            "no_difference",
            zh=f"重新计数仍为 {hit}/{owed}，无须修订。",
            en=f"Counted again it is still {hit}/{owed}; there is nothing to revise.",
        )
    row = Frozen.objects.create(
        indicator=frozen.indicator, version=indicator.version, place=frozen.place, period=frozen.period, numerator=hit,
        denominator=owed, frozen_at=now, frozen_by=getattr(by, "pk", 0) or 0, revises=frozen, reason=reason.strip(),
    )  # fmt: skip
    audit.note("indicators.revise", "frozen", row.pk, area_id=frozen.place_id, period=frozen.period, of=frozen.pk)
    return row


@transaction.atomic
def recount(*, place: Place, period: Period, reason: str, by, post=None, now: datetime | None = None) -> list[Frozen]:
    """Count a frozen period again for the place and everything below; a revision beside each figure that differs.

    Returns the revisions added, none when nothing has changed since. States are not counted again. Refused without a reason.
    """
    if post is not None:
        require(post, "indicators.freeze")
    now = now or timezone.now()
    if not reason.strip():
        raise Refusal("no_reason", zh="修订须写明理由。", en="A revision needs a reason.", field="reason")
    inside = Place.objects.under(place).values("pk")
    kept = Frozen.objects.filter(period=period.code, place__in=inside, revises=None).prefetch_related("revisions")
    by_name: dict[str, list[Frozen]] = {}
    for row in kept:
        by_name.setdefault(row.indicator, []).append(row)
    rows = [
        revision
        for name, frozen in by_name.items()
        if name in definitions.shipped()
        for revision in _differing(definitions.named(name), frozen, place, period, now)
    ]
    for row in rows:
        row.reason, row.frozen_by = reason.strip()[:200], getattr(by, "pk", 0) or 0
    Frozen.objects.bulk_create(rows, batch_size=2000)
    audit.note("indicators.recount", "place", place.pk, area_id=place.pk, period=period.code, rows=len(rows))
    return rows


def _differing(indicator: Indicator, frozen: list[Frozen], place: Place, period: Period, now: datetime) -> list[Frozen]:
    """Unsaved revisions of one indicator's frozen rows, where a new count differs from the latest one."""
    if indicator.query in sources.LIVE_ONLY:
        return []
    levels = [level for level in LEVELS[LEVELS.index(place.level) + 1 :] if level in AREA_COLUMN]
    counted = queries.tally(indicator, place, period, levels, now)
    rows = []
    for row in frozen:
        hit, owed = counted.get(row.place_id, (0, 0))
        latest = max(row.revisions.all(), key=lambda r: r.pk, default=row)
        if (hit, owed) != (latest.numerator, latest.denominator):
            rows.append(
                Frozen(
                    indicator=row.indicator, version=indicator.version, place_id=row.place_id, period=row.period,
                    numerator=hit, denominator=owed, frozen_at=now, revises=row,
                )
            )  # fmt: skip
    return rows

"""The night round of care: duties' own, the months ahead, the ladder."""

from datetime import date, datetime, timedelta

from django.db import connection
from django.utils import timezone

from songhe.care.duties import actions as duties
from songhe.care.visits.actions.ladder import climb_overdue


def daily(*, by, post=None, on: date | None = None, now: datetime | None = None) -> dict[str, int]:
    """Open today's periods, apply life events, refresh helpers, make room for two months of visits, climb the ladder.

    Inside `everywhere()`. Returns {opened, owed, events, helpers, climbed}.
    """
    on = on or timezone.localdate()
    with connection.cursor() as cursor:
        cursor.execute("SELECT visits_ensure_month(%s), visits_ensure_month(%s)", [on, on + timedelta(days=31)])
    done = duties.daily(by=by, post=post, on=on)
    return done | {"climbed": climb_overdue(by=by, post=post, now=now)}

"""The day's round of the registry: who turned 60, 65, 80, 90 or 100, and what began or ended today."""

from datetime import timedelta

from django.utils import timezone

from songhe.core.jobs import round_
from songhe.registry.people import actions

LOOKS_BACK = timedelta(days=40)  # a worker that stood still for a month misses nobody


@round_("people.daily", every="35 * * * *")
def daily() -> dict[str, int]:
    """Hourly and looking back: what was noted already is not noted again."""
    today = timezone.localdate()
    return {
        "birthdays": actions.note_birthdays(on=today, since=today - LOOKS_BACK),
        "circumstances": actions.refresh_tags(on=today, since=today - LOOKS_BACK),
    }

"""The hourly look at what was delivered, this month and the last."""

from datetime import timedelta

from django.utils import timezone

from songhe.care.evidence import actions
from songhe.core.jobs import round_


@round_("evidence.look", every="25 * * * *")
def look() -> dict[str, int]:
    today = timezone.localdate()
    before = actions.look(month=today.replace(day=1) - timedelta(days=1))
    return {name: count + before[name] for name, count in actions.look(month=today).items()}

"""The day's rounds of care: periods opened, life events applied, helpers refreshed; ladders whose time is up."""

from songhe.care.visits import actions
from songhe.core.jobs import round_


@round_("care.daily", every="5 * * * *")
def daily() -> dict[str, int]:
    """Hourly, because it adds nothing twice and a village must have its list on Monday morning whatever failed at night."""
    return actions.daily(by=0)


@round_("care.ladder", every="*/5 * * * *")
def ladder() -> dict[str, int]:
    return {"climbed": actions.climb_overdue(by=0)}


@round_("care.pictures", every="20 19 * * *")
def forget() -> dict[str, int]:
    """At 03:20 in Shanghai."""
    return actions.forget_pictures()

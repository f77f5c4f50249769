"""The one call that leaves this app: an alarm becomes an urgent request (助急) of the service platform."""

from songhe.care.agreements.models import Alarm


def open_urgent(*, alarm: Alarm, by: int) -> int | None:
    """The id of the request that an alarm opens; None while no service platform is installed."""
    return None

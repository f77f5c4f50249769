"""Positions for the street, and short ways to ask and to plan."""

from songhe.care.services.models import Shift, Worker
from songhe.insight.dispatching.gathering import day
from songhe.insight.dispatching.solving import Effort, plan
from tests.care.services.street import tomorrow

STEPS = Effort(steps=20_000)


def spread(street) -> None:
    """People along a road, a kilometre apart; workers k at its two ends; shifts 8:00 to 17:00."""
    from datetime import time

    for n, person in enumerate(street.people):
        person.longitude, person.latitude = 115.00 + 0.012 * n, 38.50
        person.save(update_fields=["longitude", "latitude"])
    for n, worker in enumerate(Worker.objects.order_by("pk")):
        worker.longitude, worker.latitude = 115.00 + 0.012 * len(street.people) * (n % 2), 38.51
        worker.save(update_fields=["longitude", "latitude"])
    Shift.objects.update(starts=time(8), ends=time(17))


def the_day(street, post=None, on=None, now=None):
    return day(post=post or street.dispatcher, place=street.place, on=on or tomorrow().date(), now=now)


def planned(street, wishes=None, found=None):
    found = found or the_day(street)
    return found, plan(found, wishes=wishes, effort=STEPS)

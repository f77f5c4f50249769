"""The one call that leaves this app: an alarm becomes an urgent request (助急) of the service platform."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from songhe.care.agreements.models import Alarm
from songhe.care.services import actions as services
from songhe.care.services.models import Item
from songhe.care.services.queries import catalogue_for
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post, User

KIND = "urgent"
log = logging.getLogger("songhe.devices")


def open_urgent(*, alarm: Alarm, by: User | None, post: Post | None) -> int | None:
    """The id of the order that an alarm opens, by the urgent service of the catalogue in force where the person lives.

    None where the catalogue offers none to devices: the alarm stands on its own list and nobody is told that help was ordered.
    """
    now = timezone.now()
    for funding in ("", "self"):  # beyond the quota help still goes out, and is paid by the person
        try:
            with transaction.atomic():
                return _order(alarm, by, post, now, funding)
        except Refusal as refusal:
            log.warning("alarm %s: no order (%s)", alarm.pk, refusal.code)
    return None


def _order(alarm: Alarm, by: User | None, post: Post | None, now: datetime, funding: str) -> int | None:
    catalogue = catalogue_for(alarm.person.village, timezone.localdate(now))
    item = Item.objects.filter(catalogue=catalogue, kind=KIND, may_order__contains=["device"]).order_by("pk").first()
    if item is None:
        return None
    order = services.request(
        by=by, post=post, person=alarm.person, item=item, wanted_from=now, wanted_to=now + timedelta(hours=1), channel="device",
        urgency="emergency", funding=funding, note=f"设备报警：{alarm.device.get_kind_display()} {alarm.device.serial}",
        origin=alarm.device.origin, now=now,
    )  # fmt: skip
    return order.pk

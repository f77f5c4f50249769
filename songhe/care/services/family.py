"""What the family page says of services: orders from a day to a day (the database decides what may be told, sql/0005_family.sql),
and what can be asked for.

orders_of(token, first, last)      -> [Told(item="保洁", on=…, state="accepted", carers=["王护理员"], …)] or None without consent
offers_of(token, on)               -> [Offer(item, right)]    services that a family may order in the village on a day
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from songhe.care.services import rules
from songhe.care.services.models import Item
from songhe.care.services.queries.eligibility import Right, items_for, rights
from songhe.care.services.terms import BEFORE_WORK, DELIVERED
from songhe.core import names
from songhe.registry.people.family import acting_for, digest_of
from songhe.registry.people.models import Person


@dataclass(frozen=True)
class Told:
    """An order as a family member may know it. `carers`: surnames, None where the consent does not say so.

    `starts` is what the provider plans, `first` and `last` what was wished. `pays` is the person's own part in yuan, as text.
    """

    id: int
    number: str
    item: str
    item_en: str
    on: date
    first: datetime
    last: datetime
    starts: datetime | None
    state: str
    started: datetime | None
    finished: datetime | None
    pays: str
    funding: str
    channel: str
    provider: str
    carers: Sequence[str] | None

    @property
    def may_rate(self) -> bool:
        return self.state in DELIVERED and self.state != "rated"

    @property
    def may_cancel(self) -> bool:
        """What was asked for on the page, while nobody is at work on it."""
        return self.channel == "family" and self.state in BEFORE_WORK

    @property
    def by_telephone(self) -> bool:
        """Still to come, but asked for elsewhere: whoever took it calls it off."""
        return self.channel != "family" and self.state in BEFORE_WORK


@dataclass(frozen=True)
class Offer:
    """A service that can be asked for; `own` is what the person pays for one, in yuan, while the month's quota lasts."""

    item: Item
    right: Right

    @property
    def own(self):  # type: ignore[no-untyped-def]
        share = self.right.rule.government_share if self.right.rule and self.right.left else 0
        return rules.shares(self.item.price, 1, share)[1]


def orders_of(token: str, first: date, last: date) -> list[Told] | None:
    """Orders of a link's person whose day of service lies in these days, cancelled ones as well; None without consent."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT services_family_orders(%s, %s, %s)::text", [digest_of(token), first, last])
        text = cursor.fetchone()[0]
    return None if text is None else [_told(row) for row in json.loads(text)]


def _told(row: dict) -> Told:
    carers = row.get("carers")
    return Told(
        id=row["id"], number=row["number"], item=row["item"], item_en=row["item_en"], on=date.fromisoformat(row["on"]),
        first=datetime.fromisoformat(row["from"]), last=datetime.fromisoformat(row["to"]), starts=_moment(row["starts"]),
        state=row["state"], started=_moment(row["started"]), finished=_moment(row["finished"]), pays=f"{row['pays']:.2f}",
        funding=row["funding"], channel=row["channel"], provider=row["provider"],
        carers=None if carers is None else [names.split(name)[0] or name[:1] for name in carers],
    )  # fmt: skip


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def offers_of(token: str, on: date) -> list[Offer]:
    """What a family may order for a link's person on a day, with what is paid of it. Raises Refusal: no consent, no catalogue."""
    with acting_for(token) as link:
        person = Person.objects.select_related("village").get(pk=link.person)
        found = items_for(person.village, on, channel="family")
        owed = rights(person, found, on)
        return [Offer(item, owed[item.code]) for item in found]

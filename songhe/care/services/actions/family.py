"""A family member asks for a service on the family page.

On whose authority: the link's alone. `acting_for` opens a transaction without area, post or account, in which PostgreSQL derives the
one person from the digest of the secret token and its policies take an order for nobody else (people/sql/0009, services/sql/0005).
There is no argument that names a person, so there is none to tamper with.
"""

from datetime import date, datetime, time

from django.db import connection, transaction

from songhe.care.services.actions.requests import request
from songhe.care.services.models import Order
from songhe.care.services.terms import OPEN
from songhe.care.visits.rules import ZONE
from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.registry.people.family import Part, acting_for, caller_of, policy
from songhe.registry.people.models import Person

CHANNEL = "family"


@transaction.atomic
def request_by_family(
    *, token: str, item: str, on: date, part: str, note: str = "", funding: str = "", now: datetime | None = None
) -> Order:
    """A service for the link's person in a part of a day; an order like any other, by the channel "family".

    `item`: a code of the catalogue in force that day; `part`: see `definitions/family/page.yaml`; `funding` as in `request`.
    The same wish twice is one order. Raises Refusal: consent, catalogue, quota, window, too many open.
    """
    during = _part(part)
    begins = datetime.combine(on, time(during.first), ZONE)
    ends = datetime.combine(on, time(during.last), ZONE)
    with acting_for(token) as link:
        person = Person.objects.get(pk=link.person)
        _one_at_a_time(person)
        _refuse_again(person, item, begins)
        made = request(
            by=None, post=None, person=person, item=item, wanted_from=begins, wanted_to=ends, channel=CHANNEL, note=note,
            caller=caller_of(link), funding=funding, now=now, origin=person.origin if person.origin == "demo" else "entered",
        )  # fmt: skip
        audit.note("family.request", "order", made.pk, area_id=link.village, link=link.link, item=item)
        return made


def _part(code: str) -> Part:
    found = next((part for part in policy().parts if part.id == code), None)
    if found is None:
        raise Refusal("part", zh="请选择上午、下午或傍晚。", en="Choose a part of the day.", field="part")
    return found


def _one_at_a_time(person: Person) -> None:
    """Two taps, or two children at once, wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('family request'), %s)", [person.pk % 2**31])


def _refuse_again(person: Person, item: str, begins: datetime) -> None:
    waiting = Order.objects.filter(person=person, channel=CHANNEL, state__in=OPEN)
    before = waiting.filter(item__code=item, wanted_from=begins).first()
    if before is not None:
        raise Refusal(
            "asked_already",
            zh=f"这一项、这个时间已经订过了（单号 {before.number}），没有重复下单。",
            en=f"This service at this time has been asked for already (order {before.number}); it was not ordered twice.",
            field="item",
        )
    most = policy().most_open
    if waiting.count() >= most:
        raise Refusal(
            "family_most_open",
            zh=f"还有 {most} 张单没有服务，暂时不能再订。急事请打服务热线。",
            en=f"{most} orders are still open; no more can be asked for here. Call the hotline if it is urgent.",
        )

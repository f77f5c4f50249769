"""A family member asks for a service on the family page, or calls it off again.

On whose authority: the link's alone. `acting_for` opens a transaction without area, post or account, in which PostgreSQL derives the
one person from the digest of the secret token and its policies take an order for nobody else (people/sql/0009, services/sql/0005 and 0006).
There is no argument that names a person, so there is none to tamper with.
"""

from datetime import date, datetime, time

from django.db import connection, transaction

from songhe.care.services.actions.requests import request
from songhe.care.services.actions.serving import cancel
from songhe.care.services.models import Order, Step
from songhe.care.services.standing import held
from songhe.care.services.terms import BEFORE_WORK, FAMILY_CANCELS, OPEN
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


@transaction.atomic
def cancel_by_family(*, token: str, order: int, reason: str, note: str = "") -> Step:
    """Call off what was asked for on the page, until somebody begins; the quota is given back, whoever was sent is free.

    `reason`: of `terms.FAMILY_CANCELS`. Raises Refusal: consent, no such order, asked for elsewhere, work has begun, over already.
    """
    with acting_for(token) as link:
        row = held(None, Order(pk=order))
        _refuse_cancel(row, reason)
        step = cancel(by=None, post=None, order=row, reason=reason, note=note)
        audit.note("family.cancel", "order", row.pk, area_id=link.village, link=link.link, reason=reason)
        return step


def _refuse_cancel(row: Order, reason: str) -> None:
    if row.state == "cancelled":
        raise Refusal("cancelled_already", zh=f"{row.number} 号单已经取消过了，不用再取消。", en=f"Order {row.number} has been cancelled already.")  # fmt: skip
    if row.channel != CHANNEL:
        raise Refusal(
            "not_asked_here",
            zh=f"{row.number} 号单不是在这一页订的，不能在这里取消。请打服务热线，或请村（社区）代办。",
            en=f"Order {row.number} was not asked for on this page. Call the hotline or the village to cancel it.",
        )
    if row.state == "serving":
        raise Refusal(
            "work_begun",
            zh=f"{row.number} 号单护理员已经开始服务，不能取消了。有事请打服务热线；做完后可以评价或投诉。",
            en=f"Work on order {row.number} has begun; it cannot be cancelled. Call the hotline, or rate it or complain afterwards.",
        )
    if row.state not in BEFORE_WORK:
        raise Refusal(
            "served_already",
            zh=f"{row.number} 号单已经做完，不能取消。不满意的，可以评价或投诉。",
            en=f"Order {row.number} has been carried out. If something was wrong, rate it or complain.",
        )
    if reason not in dict(FAMILY_CANCELS):
        raise Refusal("reason", zh="请选择为什么取消。", en="Choose why it is cancelled.", field="reason")


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

"""What a care worker's telephone takes along: one's own orders of these days, and where each of them stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from songhe.care.evidence.models import Stamp
from songhe.care.services.models import Crew, Order, Worker
from songhe.registry.accounts.models import Post, User
from songhe.registry.people import actions as people

AHEAD_DAYS, BACK_DAYS = 2, 1


@dataclass(frozen=True)
class Going:
    """An order somebody goes to. `stamps`: their own starts and finishes the server has; `beside`: who comes along.

    `address` and `phone` are those of the person, for an order of today and the next two days; "" for any other.
    """

    order: Order
    stamps: frozenset[str]
    beside: Sequence[str]
    address: str = ""
    phone: str = ""


def going(*, post: Post, user: User, on: date) -> list[Going]:
    """A carer's own orders that are accepted or begun, with the way there. Reading is one audit row; an order that was given
    to another, refused or finished is not among them, nor is its address."""
    rows = orders_of(post=post, user=user.pk, on=on)
    near = [row.person for row, _stamped in rows if on <= row.service_on <= on + timedelta(days=AHEAD_DAYS)]
    doors = people.doorsteps(
        by=user, post=post, people=list({p.pk: p for p in near}.values()), reason="手机页：上门订单"
    )
    beside = _beside([row.pk for row, _stamped in rows], user.pk)
    out = []
    for row, stamped in rows:
        address, phone = doors.get(row.person_id, ("", "")) if row.service_on >= on else ("", "")
        out.append(Going(row, frozenset(stamped), beside.get(row.pk, []), address, phone))
    return out


def _beside(orders: list[int], user: int) -> dict[int, list[str]]:
    """{order: names of the others of its crew}."""
    out: dict[int, list[str]] = {}
    crew = Crew.objects.filter(dispatch__order__in=orders, dispatch__ended_at=None).exclude(worker__user=user)
    for order, name in crew.order_by("worker_id").values_list("dispatch__order_id", "worker__name"):
        out.setdefault(order, []).append(name)
    return out


def orders_of(*, post: Post, user: int, on: date) -> list[tuple[Order, set[str]]]:
    """Orders that go to this user as a carer, from yesterday to the day after tomorrow, with the user's own stamps on them."""
    worker = Worker.objects.filter(user=user).first()
    if worker is None:
        return []
    found = Order.objects.visible_to(post).filter(
        state__in=("accepted", "serving"), dispatches__ended_at=None, dispatches__crew__worker=worker,
        service_on__gte=on - timedelta(days=BACK_DAYS), service_on__lte=on + timedelta(days=AHEAD_DAYS),
    )  # fmt: skip
    rows = list(found.select_related("item", "person", "village").order_by("wanted_from", "pk")[:200])
    stamped: dict[int, set[str]] = {}
    for order, kind in Stamp.objects.filter(order__in=rows, worker=worker).values_list("order_id", "kind"):
        stamped.setdefault(order, set()).add(kind)
    return [(row, stamped.get(row.pk, set())) for row in rows]

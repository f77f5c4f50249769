"""What a care worker's telephone takes along: one's own orders of these days, and where each of them stands."""

from datetime import date, timedelta

from songhe.care.evidence.models import Stamp
from songhe.care.services.models import Order, Worker
from songhe.registry.accounts.models import Post

AHEAD_DAYS, BACK_DAYS = 2, 1


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

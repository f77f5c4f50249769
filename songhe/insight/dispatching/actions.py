"""The whole day is dispatched at once or not at all."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from songhe.care.services import actions as services
from songhe.care.services.models import Dispatch
from songhe.care.services.queries import order as order_of
from songhe.care.services.standing import allow, moved
from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.insight.dispatching.gathering import day as read_day
from songhe.insight.dispatching.model import Ask, Day
from songhe.registry.accounts.models import Post, User
from songhe.registry.places.models import Place

WHY = "day_plan"


@dataclass(frozen=True)
class Proposal:
    """An order as it was planned: its state then, who goes, the minute of the day at which it begins."""

    order: int
    state: str
    workers: tuple[int, ...]
    start: int


@transaction.atomic
def confirm(
    *, by: User | None, post: Post | None, place: Place, on, proposals: Sequence[Proposal], now: datetime | None = None
) -> list[Dispatch]:
    """Dispatch every proposal, the smallest order number first. Refused, and nothing dispatched, when one of them no longer
    stands: the order moved on, a worker is no longer free or allowed, a day is fuller than it was, the time has passed."""
    allow(by, post, "services.dispatch")
    now = now or timezone.now()
    if not proposals:
        raise Refusal(
            "nothing_ticked",
            zh="没有勾选任何一张单，什么也没有派。请勾选要派的单。",
            en="No order is ticked, so nothing was dispatched. Tick the orders to dispatch.",
        )
    services.hold_workers(pk for each in proposals for pk in each.workers)
    day = read_day(post=post, place=place, on=on, now=now)
    asks = {ask.pk: ask for ask in day.asks}
    for each in proposals:
        _refuse_changed(day, asks.get(each.order), each, post, now)
    _refuse_full(day, asks, proposals)
    made = [_dispatched(day, asks[p.order], p, by, post, now) for p in sorted(proposals, key=lambda p: p.order)]
    audit.note(
        "services.dispatch_day",
        "place",
        place.pk,
        area_id=place.pk,
        on=on.isoformat(),
        orders=[p.order for p in proposals],
    )
    return made


def _dispatched(day: Day, ask: Ask, proposal: Proposal, by, post, now: datetime) -> Dispatch:
    crew = [day.hands[pk].worker for pk in proposal.workers]
    try:
        return services.dispatch(
            by=by, post=post, order=ask.order, provider=crew[0].provider, workers=crew, starts_at=day.at(proposal.start),
            expect=proposal.state, why=WHY, now=now,
        )  # fmt: skip
    except Refusal as refusal:
        raise _nothing(ask.order, refusal.zh, refusal.en) from refusal


def _nothing(order, zh: str, en: str) -> Refusal:
    """One order that changed, and what it means for all."""
    return Refusal(
        "day_changed",
        zh=f"{order.number} 号单（{order.person.name}，{order.item}）：{zh} 整批都没有派出，请再算一次。",
        en=f"Order {order.number} ({order.person.name}, {order.item.name_en}): {en} None of the orders was dispatched; calculate again.",
    )


def _refuse_changed(day: Day, ask: Ask | None, proposal: Proposal, post, now: datetime) -> None:
    if ask is None or ask.order.state != proposal.state:
        raise _gone(day, ask, proposal, post)
    if day.at(proposal.start) < now:
        raise _nothing(ask.order, "计划的开始时间已过。", "The time planned for it has passed.")
    for pk in proposal.workers:
        if pk not in ask.allowed:
            raise _nothing(
                ask.order, "派去的护理员现在不能接这张单（请假、证书、班次或已有别的单）。",
                "A worker planned for it may no longer take it (away, certificate, shift or another order).",
            )  # fmt: skip
        s, end = day.stretch_of(pk, proposal.start), proposal.start + ask.order.minutes
        if s is None or end + day.minutes(ask.point, s.returns) > s.end or proposal.start < s.start + day.minutes(s.leaves, ask.point):  # fmt: skip
            name = day.hands[pk].worker.name
            raise _nothing(ask.order, f"{name}这个时间刚有了别的安排。", f"{name} has something else at that time now.")


def _gone(day: Day, ask: Ask | None, proposal: Proposal, post) -> Refusal:
    """An order that waits no longer, is no longer seen, or now may be done by nobody."""
    found = ask.order if ask else order_of(post=post, pk=proposal.order)
    if found is None:
        return Refusal(
            "no_such_order",
            zh="有一张单已不在您的范围内，整批都没有派出。请再算一次。",
            en="One order is no longer in your area; none was dispatched. Calculate again.",
        )
    if found.state == proposal.state:
        reason = next((left.reason for left in day.left if left.order.pk == found.pk), None)
        if reason:
            return _nothing(found, reason.zh, reason.en)
    change = moved(found)
    return _nothing(found, change.zh, change.en)


def _refuse_full(day: Day, asks: dict[int, Ask], proposals: Sequence[Proposal]) -> None:
    """Minutes a day and orders a provider may take, all proposals together; and nobody is ticked at two places at once."""
    minutes: dict[int, float] = defaultdict(float)
    orders: Counter[int] = Counter()
    for each in proposals:
        ask = asks[each.order]
        orders[day.hands[each.workers[0]].worker.provider_id] += 1
        for pk in each.workers:
            minutes[pk] += ask.order.minutes
            if minutes[pk] > day.hands[pk].left:
                name = day.hands[pk].worker.name
                raise _nothing(
                    ask.order, f"{name}当天的服务分钟数刚被占满。", f"{name} has no minutes left that day now."
                )
        provider = day.hands[each.workers[0]].worker.provider
        if orders[provider.pk] > day.room[provider.pk]:
            raise _nothing(ask.order, f"“{provider}”当天单数刚刚满了。", f"“{provider}” can take no more orders that day now.")  # fmt: skip

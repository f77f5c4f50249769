"""What every verb of services asks first, and how a rule of the database becomes a sentence."""

from contextlib import contextmanager
from datetime import datetime

from django.db import IntegrityError
from django.utils import timezone

from songhe.care.services import terms
from songhe.care.services.models import Order, Step, Worker
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post, User
from songhe.registry.facilities.standing import by_name
from songhe.registry.people.standing import allow

__all__ = ["allow", "held", "in_words", "move", "moved"]


def held(post: Post | None, order: Order, expect: str = "") -> Order:
    """The order's row, fresh and locked, when it lies in the post's area and is still as the caller saw it.

    `expect`: the state on the screen that was clicked on; "" for whoever holds no screen. Raises Refusal.
    """
    seen = Order.objects.visible_to(post) if post else Order.objects.all()
    row = seen.select_for_update(of=("self",), no_key=True).filter(pk=order.pk).select_related("item").first()
    if row is None:
        raise Refusal(
            "no_such_order",
            zh="没有这张订单，或不在您的范围内。请回到看板重新查找。",
            en="There is no such order, or it is outside your area. Look it up on the board.",
        )
    if expect and row.state != expect:
        raise moved(row)
    return row


def moved(order: Order) -> Refusal:
    """Somebody else was faster: who, what, when."""
    last = Step.objects.filter(order=order).order_by("-pk").first()
    name = User.objects.filter(pk=last.by).first() if last else None
    at = f"{timezone.localtime(last.recorded_at):%H:%M}" if last else ""
    labels = dict(terms.STATES)
    state = last.to_state if last else order.state
    return Refusal(
        "order_moved_on",
        zh=f"{order.number} 号单刚才已由{name or '系统'}改为“{labels.get(state, state)}”（{at}）。您的操作没有执行，请按最新情况办理。",
        en=f"Order {order.number} was changed to “{state}” by {name or 'the system'} at {at}. Nothing was done; look at it as it is now.",
    )


def move(
    order: Order, to_state: str, *, user: int, at: datetime | None = None, reason: str = "", note: str = "",
    dispatch=None, client_uuid=None, recorded_at: datetime | None = None,
) -> Step:  # fmt: skip
    """One step of an order that is held; the database moves the order with it. Raises Refusal for a step that is not legal."""
    if to_state not in terms.STEPS[order.state]:
        labels = dict(terms.STATES)
        raise Refusal(
            "order_step_legal",
            zh=f"{order.number} 号单现在是“{labels[order.state]}”，不能改为“{labels[to_state]}”。请先看订单的最新情况。",
            en=f"Order {order.number} is “{order.state}” and cannot become “{to_state}”. Look at it as it is now.",
        )
    at = at or timezone.now()
    step = Step(
        order=order, from_state=order.state, to_state=to_state, at=at, recorded_at=recorded_at or at, by=user,
        reason=reason, note=note.strip()[:200], dispatch=dispatch, client_uuid=client_uuid,
    )  # fmt: skip
    with in_words():
        step.save(force_insert=True)
    order.state = to_state
    if to_state == "serving":
        order.started_at = step.at
    elif to_state == "done":
        order.finished_at = step.at
    elif to_state == "returned":
        order.started_at = None
    return step


@contextmanager
def in_words():
    """A constraint that is broken becomes its own sentence; the verb's own transaction is undone by the Refusal."""
    try:
        yield
    except IntegrityError as error:
        raise _said(error) from None


def _said(error: IntegrityError) -> Exception:
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
    if name in _SENTENCES:
        zh, en, field = _SENTENCES[name]
        return Refusal(name, zh=zh, en=en, field=field)
    return by_name(Worker, error)


_SENTENCES = {
    "catalogue_in_force": (
        "这个项目属于已被替换的服务目录，价格不再使用。请按服务日期当天有效的目录重新选择。",
        "This service is of a superseded catalogue; its price is no longer used. Choose from the one in force that day.",
        "item",
    ),
    "order_as_catalogue": (
        "订单的价格或人数与服务目录不一致。请重新选择服务项目。",
        "Price or number of carers differs from the catalogue. Choose the service again.",
        "item",
    ),
    "quota_not_exceeded": (
        "本月额度刚刚用完，没有再下单。需要服务的请选“自费”。",
        "This month's quota was used up a moment ago; nothing was ordered. Choose self-paid if the service is wanted.",
        "funding",
    ),
    "order_once_a_referral": (
        "这条转办已转成订单，不要重复下单。请打开原订单。",
        "This found need has become an order already. Open that order.",
        "referral",
    ),
    "order_window_in_order": (
        "最晚时间须晚于最早时间。请核对时间。",
        "The latest time must be after the earliest. Check the times.",
        "wanted_to",
    ),
    "one_live_dispatch": (
        "这张单已由他人派出，您的派单没有执行。请刷新看板。",
        "Somebody else has dispatched this order; yours was not carried out. Refresh the board.",
        "",
    ),
    "order_moved_on": (
        "这张单刚刚有了新的进展，您的操作没有执行。请刷新后再办。",
        "This order has just moved on; nothing was done. Refresh and look again.",
        "",
    ),
    "worker_in_one_place": (
        "护理员在这个时段已有别的订单，没有派单。请换时间或换人。",
        "A worker already has another order at that time; nothing was dispatched. Change the time or the worker.",
        "workers",
    ),
    "order_crew_whole": (
        "人数不够：这项服务需要的护理员没有派齐。请选足人数。",
        "The crew is not whole: name as many carers as this service needs.",
        "workers",
    ),
    "services_step_client_uuid_key": (
        "这一步已经登记过。",
        "This step has been recorded already.",
        "",
    ),
    "provider_once": (
        "这家机构已登记为服务机构。",
        "This organisation is on file as a provider already.",
        "organisation",
    ),
    "seat_once": ("这个账号已在这家机构名下。", "This account speaks for this provider already.", "user"),
    "services_worker_user_id_key": (
        "这个账号已登记为另一名护理员。",
        "This account belongs to another worker.",
        "user",
    ),
    "shift_once": ("这一天的这个班次已登记。", "This shift is on file already.", "starts"),
    "shift_in_order": ("下班时间须晚于上班时间。", "A shift must end after it begins.", "ends"),
    "certificate_dates_in_order": (
        "有效期不能早于发证日期。",
        "A certificate cannot end before it begins.",
        "valid_to",
    ),
    "absence_in_order": ("结束日期不能早于开始日期。", "The last day cannot be before the first.", "ends_on"),
}

"""What every verb of evidence asks first; sentences for the rules that the database keeps."""

from contextlib import contextmanager
from datetime import date, datetime, time, timedelta

from django.db import IntegrityError, transaction

from songhe.care.evidence.models import Flag
from songhe.care.services.models import Order
from songhe.care.visits.rules import ZONE
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post
from songhe.registry.facilities.standing import by_name
from songhe.registry.people.standing import allow, everywhere_now, inside, outside_area, scope_of

__all__ = [
    "allow", "areas_of", "everywhere_now", "in_words", "inside", "next_month", "order_of", "outside_area", "reason_given",
    "scope_of", "start_of",
]  # fmt: skip


def areas_of(order: Order) -> dict[str, int | None]:
    """The four scope columns of a row about an order."""
    return {f"{level}_id": getattr(order, f"{level}_id") for level in ("village", "town", "county", "city")}


def start_of(day: date) -> datetime:
    """Midnight in China, aware."""
    return datetime.combine(day, time(0), ZONE)


def next_month(first: date) -> date:
    """The first day of the month after."""
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1)


def order_of(post: Post | None, order: Order | int, *, lock: str = "yes") -> Order:
    """The order's row, fresh (and locked), when the post may see it; raises Refusal."""
    seen = Order.objects.visible_to(post) if post else Order.objects.all()
    seen = seen.select_related("item", "person", "village")
    if lock == "yes":
        seen = seen.select_for_update(of=("self",), no_key=True)
    number = getattr(order, "pk", order)
    fit = isinstance(number, int) and not isinstance(number, bool) and 0 < number < 2**63
    row = seen.filter(pk=number).first() if fit else None
    if row is None:
        raise Refusal(
            "no_such_order",
            zh="没有这张订单，或不在您的范围内。请刷新名单；仍没有的，请问机构主管。",
            en="There is no such order, or it is not yours. Refresh the list; if it is still missing, ask your supervisor.",
            field="order",
        )
    return row


def reason_given(reason: str, field: str = "reason") -> str:
    """The reason, trimmed; raises Refusal for an empty one."""
    text = reason.strip()[:200]
    if not text:
        raise Refusal(
            "reason_missing",
            zh="请写明理由：这项决定要留档，日后可查。",
            en="Give a reason: it is kept with the decision.",
            field=field,
        )
    return text


@contextmanager
def in_words():
    """A savepoint in which a constraint that is broken becomes its own sentence."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise _said(error) from None


def _said(error: IntegrityError) -> Exception:
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
    if name in _SENTENCES:
        zh, en = _SENTENCES[name]
        return Refusal(name, zh=zh, en=en)
    found = by_name(Flag, error)
    return found if isinstance(found, Refusal) else error


_SENTENCES = {
    "stamp_once": (
        "这张单的这个环节已经登记过，没有重复登记。",
        "This carer's start or finish of this order is on record already; it was not recorded twice.",
    ),
    "stamp_in_order": (
        "结束时间须晚于开始时间，并且要先登记开始。请核对时间。",
        "A finish comes after its start, and the start is recorded first. Check the times.",
    ),
    "flag_answered_once": (
        "这条提示刚才已由他人核定，您的决定没有保存。请刷新后查看。",
        "Somebody else has just decided this; yours was not kept. Refresh and look.",
    ),
    "check_settled_stands": (
        "这张单已进入送签或封存的结算，核定不再改变。需要更正的，请先退回结算；已封存的，下月扣回。",
        "This order stands in a month that was sent for signature; its decision stands. Return the month first.",
    ),
    "check_flags_answered": (
        "这张单还有提示没有核定，不能采信。请先逐条核定。",
        "A flag on this order is still open, so it cannot be accepted. Decide the flags first.",
    ),
    "sample_once": (
        "这家机构这个月已抽过样。抽样只做一次，请按名单回访。",
        "This provider's month was drawn already. It is drawn once; call those on the list.",
    ),
    "call_back_answered_once": (
        "这张单已回访过，有明确答复。",
        "This order was called back already, with a clear answer.",
    ),
    "complaint_step_legal": (
        "投诉刚才已有新的办理，您的这一步没有保存。请刷新后再办。",
        "This complaint has just moved on; your step was not kept. Refresh and look again.",
    ),
}

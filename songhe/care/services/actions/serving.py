"""What happens once an order is out: taken on, begun, finished; or called off."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from songhe.care.services import terms
from songhe.care.services.actions.dispatching import hold_workers, name_crew, refuse_crew
from songhe.care.services.models import Crew, Dispatch, Order, Step, Worker, own
from songhe.care.services.standing import allow, held, in_words, move
from songhe.care.visits.models import Referral
from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post, User

AHEAD = timedelta(minutes=10)  # a telephone's clock may be fast by so much


@transaction.atomic
def accept(
    *, by: User | None, post: Post | None, order: Order, workers: Sequence[Worker] = (), expect: str = "",
    now: datetime | None = None,
) -> Step:  # fmt: skip
    """The provider takes the order on. `workers` replaces the crew that was proposed; without either it is refused."""
    user = allow(by, post, "services.answer")
    hold_workers(worker.pk for worker in workers)
    row = held(post, order, expect)
    live = _live(row, post)
    crew = [c.worker for c in Crew.objects.filter(dispatch=live).select_related("worker")]
    if workers and {w.pk for w in workers} != {w.pk for w in crew}:
        refuse_crew(row, live.provider, workers, live.starts_at)
        Crew.objects.filter(dispatch=live).delete()
        with in_words():
            name_crew(live, workers)
        crew = list(workers)
    refuse_crew(row, live.provider, crew, live.starts_at)
    step = move(row, "accepted", user=user, at=now, dispatch=live)
    _noted("services.accept", row, live, workers=[w.pk for w in crew], state="accepted")
    return step


@transaction.atomic
def start(
    *, by: User | None, post: Post | None, order: Order, at: datetime | None = None, client_uuid: UUID | None = None,
    note: str = "", now: datetime | None = None,
) -> Step:  # fmt: skip
    """A carer begins at the doorstep. `at` is the telephone's time; the same `client_uuid` never makes a second step."""
    return _step("serving", by, post, order, at, client_uuid, note, now)


@transaction.atomic
def finish(
    *, by: User | None, post: Post | None, order: Order, at: datetime | None = None, client_uuid: UUID | None = None,
    note: str = "", now: datetime | None = None,
) -> Step:  # fmt: skip
    """The service is over. Evidence stands beside it (delivery), not here; the end cannot lie before the beginning."""
    return _step("done", by, post, order, at, client_uuid, note, now)


def _step(to_state: str, by, post, order: Order, at, client_uuid, note: str, now: datetime | None) -> Step:
    user = allow(by, post, "services.serve")
    row = held(post, order)
    if client_uuid is not None:
        known = Step.objects.filter(client_uuid=client_uuid).first()
        if known is not None and (known.order_id, known.to_state) == (row.pk, to_state):
            return known
    now = now or timezone.now()
    at = at or now
    if at > now + AHEAD:
        raise Refusal(
            "at_ahead",
            zh="时间比现在还晚。请核对手机时间。",
            en="The time lies ahead of now. Check the clock.",
            field="at",
        )
    if to_state == "done" and row.started_at is not None and at < row.started_at:
        raise Refusal(
            "end_before_start",
            zh="完成时间早于开始时间。请核对。",
            en="The end lies before the beginning. Check the times.",
            field="at",
        )
    live = _live(row, post)
    step = move(row, to_state, user=user, at=at, dispatch=live, client_uuid=client_uuid, note=note, recorded_at=now)
    _noted("services.start" if to_state == "serving" else "services.finish", row, live, state=to_state)
    if to_state == "done" and row.referral_id is not None:
        _settle_need(row, user, at)
    return step


def _settle_need(order: Order, user: int, at: datetime) -> None:
    """The need found on a visit is settled by the service that was given for it."""
    result = f"服务订单 {order.number} 已完成"
    need = Referral.objects.filter(pk=order.referral_id, closed_at=None)
    if need.update(closed_at=at, closed_by=user, result=result):
        audit.note("referral.close", "person", order.person_id, area_id=order.village_id, referral=order.referral_id)


@transaction.atomic
def cancel(
    *, by: User | None, post: Post | None, order: Order, reason: str, note: str = "", expect: str = "",
    now: datetime | None = None,
) -> Step:  # fmt: skip
    """Called off before it was finished: the person does not want it, is away, or it was entered by mistake.

    What it drew from a quota is given back by the database; whoever was sent is free again.
    """
    user = allow(by, post, "services.take")
    if reason not in dict(terms.CANCEL_REASONS):
        raise Refusal("reason", zh="请选择取消的原因。", en="Choose why it is cancelled.", field="reason")
    row = held(post, order, expect)
    live = Dispatch.objects.filter(order=row, ended_at=None).first()
    step = move(row, "cancelled", user=user, at=now, reason=reason, note=note, dispatch=live)
    _noted("services.cancel", row, live, reason=reason, state="cancelled")
    return step


def _live(order: Order, post: Post | None) -> Dispatch:
    """The dispatch that holds an order; for a provider's manager and a care worker only their own."""
    found = Dispatch.objects.filter(order=order, ended_at=None).select_related("provider")
    found = own(found, post)
    if post is not None and post.role == "care_worker":
        found = found.filter(crew__worker__user=post.user_id)
    live = found.first()
    if live is None:
        raise Refusal(
            "not_yours_now",
            zh=f"{order.number} 号单现在不在您手上（可能已改派或取消）。请刷新名单。",
            en=f"Order {order.number} is not with you now; it may have been given to another. Refresh the list.",
        )
    return live


def _noted(verb: str, order: Order, live: Dispatch | None, **detail) -> None:
    audit.note(verb, "order", order.pk, area_id=order.village_id, dispatch=live.pk if live else None, **detail)

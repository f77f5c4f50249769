"""An order goes to a provider and a crew; it comes back when they refuse, are late, or the desk takes it back."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q
from django.utils import timezone

from songhe.care.services import definitions, terms
from songhe.care.services.models import Crew, Dispatch, Order, Provider, Step, Worker
from songhe.care.services.standing import allow, held, in_words, move
from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post, User


@transaction.atomic
def dispatch(
    *, by: User | None, post: Post | None, order: Order, provider: Provider, workers: Sequence[Worker] = (),
    starts_at: datetime | None = None, expect: str = "", why: str = "", now: datetime | None = None,
) -> Dispatch:  # fmt: skip
    """Give a waiting or returned order to a provider, with a crew or leaving that to the provider.

    `expect`: the state on the screen; a stale click is refused in words. One dispatch holds an order, a worker is in one place
    at a time, a crew is whole: constraints of the database say so also when two desks click at once.
    """
    user = allow(by, post, "services.dispatch")
    now = now or timezone.now()
    hold_workers(worker.pk for worker in workers)
    row = held(post, order, expect)
    if row.state not in terms.TO_DISPATCH:
        from songhe.care.services.standing import moved

        raise moved(row)
    begins = starts_at or max(row.wanted_from, now)
    _refuse_provider(row, provider)
    refuse_crew(row, provider, workers, begins, may_be_empty="yes")
    made = Dispatch(
        order=row, provider=provider, starts_at=begins, ends_at=begins + timedelta(minutes=row.minutes), made_at=now,
        made_by=user, why=why[:200],
    )  # fmt: skip
    with in_words():
        made.save(force_insert=True)
        name_crew(made, workers)
    move(row, "dispatched", user=user, at=now, dispatch=made)
    audit.note(
        "services.dispatch", "order", row.pk, area_id=row.village_id, provider=provider.pk, dispatch=made.pk,
        workers=[w.pk for w in workers], state="dispatched",
    )  # fmt: skip
    return made


def hold_workers(workers: Iterable[int]) -> None:
    """Until this transaction ends nobody else sends these workers anywhere: two desks with the same worker come one after the
    other. Taken in the order of their numbers and before any order is held; whoever sends many crews holds all their workers first.

    Without it two crews written at the same moment would each find the other's row and wait for it (a deadlock).
    """
    with connection.cursor() as cursor:
        for pk in sorted(set(workers)):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('worker sent'), %s)", [pk % 2**31])


def name_crew(made: Dispatch, workers: Sequence[Worker]) -> None:
    """The crew of a dispatch, its workers held before (hold_workers). Refused where one of them is elsewhere at the time."""
    during = DateTimeTZRange(made.starts_at, made.ends_at)
    Crew.objects.bulk_create(
        Crew(dispatch=made, worker=worker, during=during) for worker in sorted(workers, key=lambda w: w.pk)
    )


def _refuse_provider(order: Order, provider: Provider) -> None:
    on = order.service_on
    if provider.valid_from > on or (provider.valid_to is not None and provider.valid_to <= on):
        raise Refusal(
            "provider_ended",
            zh=f"“{provider}”在 {on} 没有有效的服务登记。请改派其他机构。",
            en=f"“{provider}” is not registered for services on {on}. Choose another provider.",
            field="provider",
        )
    if order.item.kind not in provider.kinds:
        raise Refusal(
            "provider_kind",
            zh=f"“{provider}”不提供{order.item.get_kind_display()}。请改派其他机构。",
            en=f"“{provider}” does not offer this kind of service. Choose another provider.",
            field="provider",
        )


def refuse_crew(
    order: Order, provider: Provider, workers: Sequence[Worker], begins: datetime, *, may_be_empty: str = "no"
) -> None:
    """Raises Refusal unless the crew is whole, of this provider, employed and certified on the day of service."""
    if not workers and may_be_empty == "yes":
        return
    if len({w.pk for w in workers}) != order.carers:
        raise Refusal(
            "order_crew_whole",
            zh=f"“{order.item}”需要 {order.carers} 名护理员，选了 {len(workers)} 名。请选足人数。",
            en=f"“{order.item.name_en}” needs {order.carers} carers; {len(workers)} were named.",
            field="workers",
        )
    on = timezone.localdate(begins)
    held_by = _certificates(workers, on) if order.item.qualifications else {}
    for worker in workers:
        if worker.provider_id != provider.pk or worker.valid_from > on or (worker.valid_to and worker.valid_to <= on):
            raise Refusal(
                "worker_elsewhere",
                zh=f"{worker} 在 {on} 不在“{provider}”任职。请换人。",
                en=f"{worker} does not work for “{provider}” on {on}. Choose somebody else.",
                field="workers",
            )
        missing = [code for code in order.item.qualifications if code not in held_by[worker.pk]]
        if missing:
            labels = dict(terms.QUALIFICATIONS)
            zh = "、".join(str(labels[code]) for code in missing)
            raise Refusal(
                "not_qualified",
                zh=f"{worker} 在 {on} 没有有效的{zh}证书，不能做“{order.item}”。请换人，或先登记换发的证书。",
                en=f"{worker} holds no valid certificate ({', '.join(missing)}) on {on}. Choose somebody else or record the renewed one.",
                field="workers",
            )


def _certificates(workers: Sequence[Worker], on) -> dict[int, set[str]]:
    from songhe.care.services.models import Certificate

    out: dict[int, set[str]] = {worker.pk: set() for worker in workers}
    found = Certificate.objects.filter(Q(valid_to=None) | Q(valid_to__gte=on), worker__in=workers, valid_from__lte=on)
    for pk, kind in found.values_list("worker_id", "kind"):
        out[pk].add(kind)
    return out


@transaction.atomic
def refuse(
    *, by: User | None, post: Post | None, order: Order, reason: str, note: str = "", expect: str = "",
    now: datetime | None = None,
) -> Step:  # fmt: skip
    """The provider (or the worker sent) says no, with a reason: the order waits for another provider."""
    if reason not in dict(terms.REFUSE_REASONS):
        raise _unknown_reason(reason)
    user = allow(by, post, "services.answer")
    return _back(user, post, order, reason, note, expect, now, verb="services.refuse", only=("dispatched", "accepted"))


@transaction.atomic
def send_back(
    *, by: User | None, post: Post | None, order: Order, reason: str, note: str = "", expect: str = "",
    now: datetime | None = None,
) -> Step:  # fmt: skip
    """The desk takes an order back: no answer in time, nobody came, the worker fell ill, it was broken off."""
    if reason not in dict(terms.RETURN_REASONS):
        raise _unknown_reason(reason)
    user = allow(by, post, "services.dispatch")
    return _back(user, post, order, reason, note, expect, now, verb="services.send_back", only=terms.HELD)


def _back(user: int, post, order: Order, reason: str, note: str, expect: str, now, *, verb: str, only) -> Step:
    row = held(post, order, expect)
    if row.state not in only:
        from songhe.care.services.standing import moved

        raise moved(row)
    live = Dispatch.objects.filter(order=row, ended_at=None).first()
    step = move(row, "returned", user=user, at=now, reason=reason, note=note, dispatch=live)
    audit.note(
        verb, "order", row.pk, area_id=row.village_id, reason=reason, dispatch=live.pk if live else None,
        state="returned",
    )  # fmt: skip
    return step


def _unknown_reason(reason: str) -> Refusal:
    return Refusal("reason", zh="请选择一个原因。", en=f"Choose a reason (“{reason}” is not one).", field="reason")


def answer_due(made: Dispatch, urgency: str) -> datetime:
    """By when the provider has to answer."""
    return made.made_at + timedelta(minutes=definitions.terms().answer_minutes[urgency])

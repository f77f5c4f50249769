"""Call-backs by a random sample anybody can repeat; what was answered; ratings."""

import secrets
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from songhe.care.evidence import definitions, rules
from songhe.care.evidence.actions.looking import doubt, shown
from songhe.care.evidence.models import CallBack, Rating, Sample
from songhe.care.evidence.standing import (
    allow,
    areas_of,
    in_words,
    inside,
    next_month,
    order_of,
    outside_area,
    scope_of,
)
from songhe.care.evidence.terms import CALL_OUTCOMES, RATED_BY
from songhe.care.services.models import Crew, Order, Provider
from songhe.care.services.standing import move
from songhe.care.services.terms import DELIVERED, STEPS
from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post, User
from songhe.registry.facilities.rules import drawn
from songhe.registry.places.models import Place


@transaction.atomic
def draw(
    *, by: User | None, post: Post | None, place: Place, provider: Provider, month: date, seed: str = ""
) -> Sample:  # fmt: skip
    """Draw the orders of a provider's month that are called back. The size follows from the population (Cochran); the seed
    (made here unless given), the population and the result are kept and never changed. Raises Refusal."""
    user = allow(by, post, "callbacks.make")
    if not inside(post, place):
        raise outside_area(place)
    first = month.replace(day=1)
    last = next_month(first) - timedelta(days=1)
    seen = (Order.objects.visible_to(post) if post else Order.objects.all()).inside(place)
    population = sorted(
        seen.filter(
            service_on__gte=first, service_on__lte=last, state__in=DELIVERED, dispatches__ended_at=None,
            dispatches__provider=provider,
        ).values_list("pk", flat=True)
    )  # fmt: skip
    terms = definitions.on(last).call_back
    size = rules.sample_size(
        len(population), confidence_z=terms["confidence_z"], margin=terms["margin"], expected=terms["expected"]
    )
    if not size:
        raise Refusal(
            "nothing_to_draw",
            zh=f"“{provider}”在 {first:%Y年%m月} 没有已完成的订单，不用抽样。",
            en=f"“{provider}” finished no order in {first:%Y-%m}; there is nothing to draw.",
        )
    seed = seed.strip() or secrets.token_hex(16)
    chosen = drawn([str(pk) for pk in population], size=size, seed=seed)
    made = Sample(
        place=place, provider=provider, first=first, last=last, seed=seed, size=size, population=population, by=user,
        drawn=[int(pk) for pk in chosen], **scope_of(place),
    )  # fmt: skip
    with in_words():
        made.save(force_insert=True)
    audit.note("evidence.draw", "sample", made.pk, area_id=place.pk, size=size, of=len(population), seed=seed)
    return made


@transaction.atomic
def call_back(
    *, by: User | None, post: Post | None, order: Order, outcome: str, note: str = "", stars: int | None = None,
    sample: Sample | None = None, now=None,
) -> CallBack:  # fmt: skip
    """What the person said on the telephone. Confirmed: a missing position is verified. Denied: somebody has to decide.

    Nobody reached: the attempt is kept and it may be tried again. `stars` rates at the same time. Raises Refusal.
    """
    user = allow(by, post, "callbacks.make")
    if outcome not in dict(CALL_OUTCOMES):
        raise Refusal("outcome", zh="请选择回访结果。", en="Choose what came of the call.", field="outcome")
    row = order_of(post, order)
    _refuse_unserved(row)
    made = CallBack(order=row, sample=sample, outcome=outcome, note=note.strip()[:200], by=user, **areas_of(row))
    with in_words():
        made.save(force_insert=True)
    if outcome != "unreached" and "called_back" in STEPS[row.state]:
        move(row, "called_back", user=user, at=now)
    if outcome == "denied":
        crew = Crew.objects.filter(dispatch__order=row, dispatch__ended_at=None).order_by("worker_id").first()
        doubt(row, crew.worker_id, {"on": timezone.localdate(now).isoformat()})
    if outcome == "confirmed":
        shown(row, "回访确认")
    audit.note("evidence.call_back", "order", row.pk, area_id=row.village_id, outcome=outcome)
    if stars is not None and outcome == "confirmed":
        rate(by=by, post=post, order=row, stars=stars, rated_by="call_back", now=now)
    return made


@transaction.atomic
def rate(
    *, by: User | None, post: Post | None, order: Order, stars: int, rated_by: str = "person", note: str = "", now=None
) -> Rating:  # fmt: skip
    """One to five, once an order. Raises Refusal."""
    user = allow(by, post, "callbacks.make")
    row = order_of(post, order)
    _refuse_unserved(row)
    if rated_by not in dict(RATED_BY):
        raise Refusal("rated_by", zh="请选择由谁评价。", en="Choose who rates.", field="rated_by")
    made = Rating(order=row, stars=stars, rated_by=rated_by, note=note.strip()[:200], by=user, **areas_of(row))
    with in_words():
        made.save(force_insert=True)
    if "rated" in STEPS[row.state]:
        move(row, "rated", user=user, at=now)
    audit.note("evidence.rate", "order", row.pk, area_id=row.village_id, stars=stars)
    return made


def _refuse_unserved(row: Order) -> None:
    if row.state not in DELIVERED:
        raise Refusal(
            "not_served_yet",
            zh=f"{row.number} 号单还没有完成，不能回访或评价。",
            en=f"Order {row.number} is not finished yet; it is called back and rated afterwards.",
            field="order",
        )

"""An operator's appraisal: five measures over some months, points, one band that says what follows."""

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Avg, F

from songhe.care.evidence.models import CallBack, Check, Complaint, Rating
from songhe.care.services.models import Order
from songhe.care.services.terms import DELIVERED
from songhe.care.settlement import definitions, rules
from songhe.care.settlement.models import Contract, OperatorScore
from songhe.care.settlement.standing import allow, contract_of, scope_of
from songhe.core import audit, scores
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post, User


@transaction.atomic
def appraise(
    *, by: User | None, post: Post | None, contract: Contract, first: date, last: date
) -> OperatorScore:  # fmt: skip
    """Score the provider over these days. A measure without a base is left out and the rest stands for the whole. Raises Refusal."""
    user = allow(by, post, "settlement.appraise")
    row = contract_of(post, contract)
    terms = definitions.on(last)
    values = measures(row, first, last)
    parts, won = [], []
    for line in terms.parts:
        value = values[line["id"]]
        if value is None:
            parts.append({"id": line["id"], "value": None, "points": None, "of": line["points"], "words": "—"})
            continue
        points, words = scores.scored(terms.part(line), value)
        won.append((terms.part(line), points))
        parts.append({"id": line["id"], "value": value, "points": str(points), "of": line["points"], "words": words})
    score = scores.total(won)
    if score is None:
        raise Refusal(
            "nothing_to_appraise",
            zh=f"{first} 至 {last} 没有可考核的订单。",
            en=f"Nothing was served from {first} to {last}.",
            field="first",
        )
    band = rules.band_of(score, terms.bands)
    made = OperatorScore.objects.create(
        contract=row, place=row.place, first=first, last=last, parts=parts, score=score, grade=band["grade"],
        renew="yes" if band["renew"] else "no", percent=Decimal(str(band["percent"])), by=user, **scope_of(row.place),
    )  # fmt: skip
    audit.note("settlement.appraise", "contract", row.pk, area_id=row.place_id, score=str(score))
    return made


def measures(contract: Contract, first: date, last: date) -> dict[str, float | None]:
    """{accepted, in_time, call_back, rating, complaints}: per cent, per cent, per cent, 1–5, in a hundred; None without a base."""
    orders = Order.objects.filter(
        dispatches__provider=contract.provider_id, dispatches__ended_at=None, service_on__gte=first, service_on__lte=last,
        state__in=DELIVERED,
    ).inside(contract.place)  # fmt: skip
    count = orders.count()
    checks = Check.objects.filter(order__in=orders)
    decided = checks.exclude(state="open").count()
    called = CallBack.objects.filter(order__in=orders, outcome__in=("confirmed", "denied"))
    answered = called.count()
    complaints = Complaint.objects.filter(provider=contract.provider_id, received_at__date__range=(first, last))
    return {
        "accepted": _percent(checks.filter(state="accepted").count(), decided),
        "in_time": _percent(orders.filter(started_at__lte=F("arrive_due_at")).count(), count),
        "call_back": _percent(called.filter(outcome="confirmed").count(), answered),
        "rating": Rating.objects.filter(order__in=orders).aggregate(mean=Avg("stars"))["mean"],
        "complaints": complaints.count() * 100 / count if count else None,
    }


def _percent(part: int, whole: int) -> float | None:
    return part * 100 / whole if whole else None

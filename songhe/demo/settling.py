"""Evidence and money in the demo: carers' starts and finishes, a contract, last month drawn up with its exceptions, a complaint."""

from datetime import date, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from songhe.care.evidence import actions as evidence
from songhe.care.evidence.models import Complaint, Sample
from songhe.care.services.models import Crew, Item, Order, Provider, Worker
from songhe.care.services.queries import catalogue_for
from songhe.care.settlement import actions as settlement
from songhe.care.settlement.models import Contract, Settlement
from songhe.core.refusal import Refusal
from songhe.demo.simulate import STROKES, picture
from songhe.registry.places.models import Place

SYSTEM = {"by": None, "post": None}
CALLS = ("confirmed", "confirmed", "unreached")  # what comes of the calls, in turn


def stamped(order: Order, kind: str, at: datetime) -> None:
    """Every carer of the order as their telephones would tell it; now and then one has no position or comes late."""
    crew = Worker.objects.filter(
        pk__in=Crew.objects.filter(dispatch__order=order, dispatch__ended_at=None).values("worker")
    )
    proofs = order.item.proofs
    pictures = [picture(order.pk)] if ("photo" in proofs and kind == "finish") or "before_after" in proofs else []
    signed = kind == "finish" and "signature" in proofs
    given = evidence.Given(photos=pictures, signature=STROKES if signed and order.pk % 11 else [])
    near = {"longitude": order.person.longitude or 115.0, "latitude": order.person.latitude or 38.5, "accuracy": 25}
    for worker in crew.order_by("pk"):
        evidence.stamp(
            **SYSTEM, order=order, kind=kind, at=at, number=uuid5(NAMESPACE_URL, f"{order.pk}/{worker.pk}/{kind}"),
            position=None if order.pk % 12 == 5 else near, device=f"demo-{worker.pk}", given=given, worker=worker,
            now=at + timedelta(minutes=1),
        )  # fmt: skip


def load(*, city: Place, today: date) -> None:
    """The contract, the look, last month as a draft, one complaint; again adds nothing. Called inside everywhere()."""
    provider = Provider.objects.filter(origin="demo").order_by("pk").first()
    if provider is None:
        return
    this = today.replace(day=1)
    last = (this - timedelta(days=1)).replace(day=1)
    contract = Contract.objects.filter(origin="demo").first() or _contract(city, provider, last)
    for month in (last, this):
        evidence.look(month=month)
    _call_back(city, last)
    if contract.starts_on <= last and not Settlement.objects.filter(contract=contract, month=last).exists():
        settlement.draw_up(**SYSTEM, contract=contract, month=last)
    order = Order.objects.filter(origin="demo", state="done").order_by("pk").first()
    if order is not None and not Complaint.objects.filter(origin="demo", facility=None).exists():
        evidence.complain(
            **SYSTEM, place=city, order=order, channel="12345", subject="short", origin="demo", reference="演示工单",
            text="演示：老人家属反映这次服务时间不够，提前离开。",
        )  # fmt: skip


def _call_back(city: Place, month: date) -> None:
    """Last month's sample of every provider, drawn once; of the first provider's somebody was reached in two of three."""
    for turn, provider in enumerate(Provider.objects.filter(origin="demo").order_by("pk")):
        if Sample.objects.filter(provider=provider, first=month).exists():
            continue
        try:
            sample = evidence.draw(**SYSTEM, place=city, provider=provider, month=month, seed=f"演示-{month:%Y%m}")
        except Refusal:  # it served nobody that month
            continue
        for order in Order.objects.filter(pk__in=sample.drawn if turn == 0 else []).order_by("pk"):
            outcome = CALLS[order.pk % len(CALLS)]
            evidence.call_back(
                **SYSTEM, order=order, sample=sample, outcome=outcome, stars=5 if outcome == "confirmed" else None,
                note="演示" if outcome == "confirmed" else "演示：家里没有人接听",
            )  # fmt: skip


def _contract(city: Place, provider: Provider, since: date) -> Contract:
    made = settlement.register_contract(
        **SYSTEM, place=city, provider=provider, number="演示-购-01", title=f"居家社区养老服务购买合同（{provider}）",
        buyer="演示：民政局", starts_on=since, ends_on=date(since.year + 1, since.month, 28), origin="demo",
    )  # fmt: skip
    village = Place.objects.filter(county=city, level="village", valid_to=None).order_by("code").first()
    items = Item.objects.filter(catalogue=catalogue_for(village, since), kind__in=provider.kinds)
    settlement.add_lot(
        **SYSTEM, contract=made, name="全市", places=[city], prices={item.code: item.price for item in items}
    )
    return made

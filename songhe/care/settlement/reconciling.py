"""Which orders a contract's month is made of: lines for accepted ones, exceptions for those that cannot be settled as they stand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Q

from songhe.care.evidence.models import Check, Complaint, Flag
from songhe.care.services.models import Order
from songhe.care.services.terms import DELIVERED, HELD
from songhe.care.settlement import definitions, rules
from songhe.care.settlement.models import Contract, Held, Line, Lot, OperatorScore, Price, Settlement
from songhe.registry.people.queries import kept_files

HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Reading:
    """`lines`: unsaved Line rows; `held`: {order: why}."""

    lines: list[Line]
    held: dict[int, str]


def span(contract: Contract, month: date) -> tuple[date, date]:
    """First and last day of the month that lie inside the contract."""
    end = (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return max(month, contract.starts_on), min(end, contract.ends_on)


def orders_of(contract: Contract, month: date):
    """The government's share of what this provider served in the month, and what was carried over to it."""
    first, last = span(contract, month)
    carried = Held.objects.filter(
        settlement__contract=contract, settlement__state="signed", answer="carry", settlement__month__lt=month
    )
    held_by = Q(dispatches__provider=contract.provider_id, dispatches__ended_at=None)
    days = Q(service_on__gte=first, service_on__lte=last) | Q(pk__in=carried.values("order"))
    found = Order.objects.filter(held_by & days, funding="entitled", government_pays__gt=0).inside(contract.place)
    found = found.filter(
        Q(settled_in=None) | Q(settled_in__settlement__contract=contract, settled_in__settlement__month=month)
    )
    return found.filter(state__in=(*DELIVERED, *HELD)).select_related("item", "village").order_by("pk")


def read(contract: Contract, month: date) -> Reading:
    """Sort the month's orders into lines and exceptions; nothing is written."""
    orders = list(orders_of(contract, month))
    checks = {check.order_id: check for check in Check.objects.filter(order__in=orders)}
    lots = [_Lot(lot) for lot in contract.lots.order_by("pk").prefetch_related("places", "prices", "recipients")]
    shared = Contract.objects.filter(provider=contract.provider_id).exclude(pk=contract.pk).exists()
    lines, held = [], {}
    kept = kept_files(order.person_id for order in orders)
    for order in orders:
        lot, why = _lot_of(order, lots)
        if lot is None:
            if not shared:  # with two contracts of one provider, what one does not cover is the other's
                held[order.pk] = why
            continue
        price = lot.price(order.item.code, order.service_on)
        why = _doubt(order, kept.get(order.person_id, order.person_id), checks.get(order.pk), lot)
        if why:
            held[order.pk] = why
        else:
            lines.append(_line(order, kept.get(order.person_id, order.person_id), lot.row, price))
    return Reading(lines, held)


def _line(order: Order, person: int, lot: Lot, price: Price) -> Line:
    """`person`: the file the order's person has now; two files of one person are one person served."""
    share = rules.cents(order.government_pays * HUNDRED / (order.unit_price * order.quantity))
    plain = rules.Line(order.pk, person, order.item.code, Decimal(order.quantity), price.price, share)
    return Line(
        order=order, person_id=person, lot=lot, service=plain.service, units=plain.units, price=plain.price,
        share=share, amount=plain.amount,
    )  # fmt: skip


class _Lot:
    def __init__(self, lot: Lot):
        self.row = lot
        self.places = {place.pk for place in lot.places.all()}
        self.prices = list(lot.prices.all())
        self.people = {(r.person_id, r.valid_from, r.valid_to) for r in lot.recipients.all()}

    def covers(self, order: Order) -> bool:
        return bool(self.places & {order.village_id, order.town_id, order.county_id, order.city_id})

    def price(self, service: str, on: date) -> Price | None:
        held = (
            p
            for p in self.prices
            if p.service == service and p.valid_from <= on and (not p.valid_to or on < p.valid_to)
        )
        return next(held, None)

    def lists(self, person: int, on: date) -> bool:
        return self.row.named_only == "all" or any(
            who == person and begins <= on and (ends is None or on < ends) for who, begins, ends in self.people
        )


def _lot_of(order: Order, lots: list[_Lot]) -> tuple[_Lot | None, str]:
    covering = [lot for lot in lots if lot.covers(order)]
    if not covering:
        return None, "outside_lot"
    priced = [lot for lot in covering if lot.price(order.item.code, order.service_on)]
    return (priced[0], "") if priced else (None, "no_price")


def _doubt(order: Order, person: int, check: Check | None, lot: _Lot) -> str:
    if not lot.lists(person, order.service_on):
        return "not_recipient"
    if order.state not in DELIVERED:
        return "unfinished"
    if check is None or check.looked_at is None:
        return "unchecked"
    return {"open": "waiting", "refused": "refused"}.get(check.state, "")


def facts_of(settlement: Settlement, lines: list[Line], total: rules.Total) -> rules.Facts:
    """What the deductions of the month look at."""
    contract, month = settlement.contract, settlement.month
    first, last = span(contract, month)
    orders = Order.objects.in_bulk([line.order_id for line in lines])
    late = sum(1 for order in orders.values() if order.started_at and order.started_at > order.arrive_due_at)
    complaints = Complaint.objects.filter(
        provider=contract.provider_id, finding="upheld", found_on__gte=first, found_on__lte=last
    )
    score = OperatorScore.objects.filter(contract=contract, last__lte=last).order_by("-last", "-pk").first()
    return rules.Facts(
        gross=total.gross, orders=len(lines), late=late, denied=_denied(settlement, contract, month),
        upheld=tuple(complaints.order_by("pk").values_list("pk", flat=True)),
        score=score.score if score else None, band_percent=score.percent if score else None,
    )  # fmt: skip


def _denied(settlement: Settlement, contract: Contract, month: date) -> Mapping[int, Decimal]:
    """Orders of the month that the person denied and somebody then refused: what the government would have paid."""
    refused = Flag.objects.filter(rule="denied", verdict="refused", order__in=orders_of(contract, month))
    return dict(refused.values_list("order_id", "order__government_pays"))


def deduction_rules(on: date):
    return definitions.on(on).deductions

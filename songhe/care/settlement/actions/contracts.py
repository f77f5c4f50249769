"""Contracts: lots by area, unit prices from–to, the people who are served under them."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from songhe.care.services.models import Item, Provider
from songhe.care.settlement.models import Contract, Lot, Price, Recipient
from songhe.care.settlement.standing import allow, contract_of, in_words, inside, outside_area, scope_of
from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post, User
from songhe.registry.people.models import Person
from songhe.registry.places.models import Place


@transaction.atomic
def register_contract(
    *, by: User | None, post: Post | None, place: Place, provider: Provider, number: str, title: str, buyer: str,
    starts_on: date, ends_on: date, source: str = "", ceiling: Decimal | None = None, needed: int = 2,
    origin: str = "entered",
) -> Contract:  # fmt: skip
    """A contract with one provider; its lots and prices follow. Raises Refusal, Denied."""
    user = allow(by, post, "settlement.manage")
    if not inside(post, place):
        raise outside_area(place)
    for field, value in (("number", number), ("title", title), ("buyer", buyer)):
        if not value.strip():
            raise Refusal("missing", zh="合同编号、名称和购买主体都要填写。", en="Number, title and buyer are all needed.", field=field)  # fmt: skip
    made = Contract(
        place=place, provider=provider, number=number.strip(), title=title.strip(), buyer=buyer.strip(), source=source.strip(),
        starts_on=starts_on, ends_on=ends_on, ceiling=ceiling, needed=needed, origin=origin, by=user, **scope_of(place),
    )  # fmt: skip
    with in_words():
        made.save(force_insert=True)
    audit.note("settlement.contract", "contract", made.pk, area_id=place.pk, provider=provider.pk)
    return made


@transaction.atomic
def add_lot(
    *, by: User | None, post: Post | None, contract: Contract, name: str, places: Sequence[Place],
    prices: Mapping[str, Decimal], named_only: str = "all",
) -> Lot:  # fmt: skip
    """A lot: where, and what a unit of each service (code of the catalogue) costs from the contract's first day on."""
    allow(by, post, "settlement.manage")
    row = contract_of(post, contract)
    if not places or any(not Place.objects.under(row.place).filter(pk=place.pk).exists() for place in places):
        raise Refusal(
            "lot_outside",
            zh=f"包件的地区须在合同地区“{row.place}”之内。",
            en=f"The places of a lot lie inside “{row.place}”, the contract's own.",
            field="places",
        )
    made = Lot(contract=row, name=name.strip(), named_only=named_only)
    with in_words():
        made.save(force_insert=True)
    made.places.set(places)
    for service, price in prices.items():
        _price(made, service, price, row.starts_on)
    audit.note("settlement.lot", "contract", row.pk, area_id=row.place_id, lot=made.pk, prices=len(prices))
    return made


@transaction.atomic
def set_price(
    *, by: User | None, post: Post | None, lot: Lot, service: str, price: Decimal, valid_from: date
) -> Price:  # fmt: skip
    """Another price from a day on; the one before ends that day and stays for the orders before it.

    A price of the past is refused: what was served was agreed at the price of its day. Raises Refusal, Denied.
    """
    allow(by, post, "settlement.manage")
    row = contract_of(post, lot.contract_id)
    _refuse_past(valid_from, row)
    before = lot.prices.filter(service=service, valid_to=None).first()
    if before is not None and before.valid_from >= valid_from:
        raise Refusal("price_order", zh="新单价须晚于现行单价的起始日期。", en="A new price begins after the present one.", field="valid_from")  # fmt: skip
    lot.prices.filter(service=service, valid_to=None).update(valid_to=valid_from)
    made = _price(lot, service, price, valid_from)
    audit.note("settlement.price", "contract", row.pk, area_id=row.place_id, service=service, price=str(price))
    return made


def _refuse_past(day: date, contract: Contract) -> None:
    today = timezone.localdate()
    if day < today:
        raise Refusal(
            "past_day",
            zh=f"{day} 已经过去，不能改过去的单价或名单：已服务的按当天约定结算。请填今天（{today}）或以后的日期。",
            en=f"{day} has passed; prices and lists of the past stand: what was served is paid as agreed that day. Give today ({today}) or later.",
            field="valid_from",
        )
    if day > contract.ends_on:
        raise Refusal(
            "after_contract",
            zh=f"{day} 在合同到期日 {contract.ends_on} 之后。请填合同期内的日期。",
            en=f"{day} lies after the contract's last day, {contract.ends_on}. Give a day within it.",
            field="valid_from",
        )


def _price(lot: Lot, service: str, price: Decimal, valid_from: date) -> Price:
    item = Item.objects.filter(code=service).order_by("-catalogue__valid_from").first()
    if item is None:
        raise Refusal(
            "no_such_service",
            zh=f"服务目录里没有“{service}”。请填写目录中的编号。",
            en=f"No catalogue has a service “{service}”. Use a code of the catalogue.",
            field="prices",
        )
    made = Price(lot=lot, service=service, unit=item.unit, price=price, valid_from=valid_from)
    with in_words():
        made.save(force_insert=True)
    return made


@transaction.atomic
def list_recipient(
    *, by: User | None, post: Post | None, lot: Lot, person: Person, valid_from: date, valid_to: date | None = None
) -> Recipient:  # fmt: skip
    """A person on a lot's list, with circumstances and ability level as they are on file now."""
    user = allow(by, post, "settlement.manage")
    row = contract_of(post, lot.contract_id)
    made = Recipient(
        lot=lot, person=person, tags=person.tags, ability_level=person.ability_level, valid_from=valid_from,
        valid_to=valid_to, by=user,
    )  # fmt: skip
    with in_words():
        made.save(force_insert=True)
    audit.note("settlement.recipient", "contract", row.pk, area_id=row.place_id, person=person.pk)
    return made


@transaction.atomic
def unlist_recipient(*, by: User | None, post: Post | None, recipient: Recipient, valid_from: date) -> Recipient:
    """A person is off a lot's list from a day on (`valid_from`, today or later); orders before it are settled as they were."""
    allow(by, post, "settlement.manage")
    row = Recipient.objects.select_for_update(of=("self",)).select_related("lot").filter(pk=recipient.pk).first()
    contract = contract_of(post, row.lot.contract_id if row else 0)
    _refuse_past(valid_from, contract)
    if row is None or (row.valid_to is not None and row.valid_to <= valid_from):
        raise Refusal("off_already", zh="这位老人到那天已不在名单内。", en="By that day this person is off the list already.", field="valid_from")  # fmt: skip
    row.valid_to = max(valid_from, row.valid_from)
    row.save(update_fields=["valid_to"])
    audit.note("settlement.unlist", "contract", contract.pk, area_id=contract.place_id, person=row.person_id)
    return row

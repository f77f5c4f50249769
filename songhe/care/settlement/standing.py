"""Whether whoever acts may act on a contract or a month; sentences for the rules that the database keeps."""

from contextlib import contextmanager
from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from songhe.care.services.models import Item
from songhe.care.settlement import definitions
from songhe.care.settlement.models import Contract, Lot, Settlement
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post, User
from songhe.registry.facilities.standing import by_name
from songhe.registry.people.standing import allow, inside, outside_area, scope_of
from songhe.registry.places.models import Place

__all__ = [
    "allow", "contract_of", "contracts_of", "in_words", "inside", "item_names", "locked", "lots_of", "months_of", "on_list",
    "outside_area", "scope_of",
    "signers_for", "unaccepted",
]  # fmt: skip


def contracts_of(post: Post | None) -> QuerySet[Contract]:
    """The contracts a post may see; without a post (the system's own jobs) what PostgreSQL lets through."""
    return Contract.objects.visible_to(post) if post else Contract.objects.all()


def lots_of(post: Post | None) -> QuerySet[Lot]:
    """The lots of the contracts a post may see."""
    return Lot.objects.filter(contract__in=contracts_of(post))


def on_list(on: date) -> Q:
    """People on a lot's list on a day, or from a later one."""
    return Q(valid_to=None) | Q(valid_to__gt=on)


def months_of(post: Post | None) -> QuerySet[Settlement]:
    """The months a post may see."""
    return Settlement.objects.visible_to(post) if post else Settlement.objects.all()


def contract_of(post: Post | None, contract: Contract | int) -> Contract:
    row = contracts_of(post).filter(pk=getattr(contract, "pk", contract)).select_related("provider", "place").first()
    if row is None:
        raise Refusal(
            "no_such_contract",
            zh="没有这份合同，或不在您的辖区内。",
            en="There is no such contract, or it is outside your area.",
            field="contract",
        )
    return row


def locked(post: Post | None, settlement: Settlement | int, *, state: str = "") -> Settlement:
    """The month's row, fresh and locked; raises Refusal when it is not there, or not in the state that is wanted."""
    seen = months_of(post).select_for_update(of=("self",)).select_related("contract__provider", "place")
    row = seen.filter(pk=getattr(settlement, "pk", settlement)).first()
    if row is None:
        raise Refusal("no_such_month", zh="没有这份结算，或不在您的辖区内。", en="There is no such settlement, or it is outside your area.")  # fmt: skip
    if state and row.state != state:
        raise Refusal(
            "settlement_frozen",
            zh=f"这份结算现在是“{row.get_state_display()}”，不能这样办。已封存的内容不再改变；有误的，在下月结算中更正。",
            en=f"This settlement is “{row.state}” now. What was signed is frozen; a mistake is put right in the next month.",
        )
    return row


def item_names() -> dict[str, Item]:
    """{code: the item of its newest catalogue}."""
    return {item.code: item for item in Item.objects.order_by("catalogue__valid_from")}


def signers_for(place: Place) -> QuerySet[User]:
    """Accounts whose post covers the place and may sign months."""
    from songhe.registry.accounts.rules import MATRIX

    above = [pk for pk in (place.pk, place.town_id, place.county_id, place.city_id, place.province_id) if pk]
    roles = [role for role, held in MATRIX.items() if "settlement.sign" in held]
    posts = Post.objects.held_on(timezone.localdate()).filter(role__in=roles, place__in=above)
    return User.objects.filter(pk__in=posts.values("user"), is_active=True).order_by("pk")


def unaccepted(order, day) -> Refusal:
    """The refusal of money for an order whose evidence was not accepted, with the clause."""
    clause = definitions.on(day).clause
    return Refusal(
        "settlement_order_accepted",
        zh=f"{order.number} 号单的凭据还没有采信，不能结算。依据：{clause['zh']}。请先核定提示，或转下月、不予结算。",
        en=f"The evidence of order {order.number} is not accepted, so it is not settled. Clause: {clause['en']}. Decide its flags first, carry it over, or leave it out.",
    )


@contextmanager
def in_words():
    """A savepoint in which a constraint that is broken becomes its own sentence."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
        if name in _SENTENCES:
            zh, en = _SENTENCES[name]
            raise Refusal(name, zh=zh, en=en) from None
        raise by_name(Contract, error) from None


_SENTENCES = {
    "settlement_order_accepted": (
        "有订单的凭据没有采信，不能结算：结算只依据已核定采信的订单。请重新编制。",
        "The evidence of an order is not accepted: only accepted orders are settled. Draw the month up again.",
    ),
    "settlement_frozen": (
        "这份结算已送签或封存，不再改变。",
        "This settlement was sent for signature or is signed; it does not change any more.",
    ),
    "settlement_exceptions_answered": (
        "还有例外没有处理。请逐条处理后再签字。",
        "Exceptions are still open. Answer each before it is signed.",
    ),
    "settlement_of_its_lines": (
        "金额与明细不一致，没有封存。请退回后重新编制。",
        "The sum differs from its lines, so it was not sealed. Return it and draw it up again.",
    ),
    "settlement_once_a_month": ("这个月已有结算。", "This month has a settlement already."),
    "price_once": ("这项服务从这一天起已有单价。", "This service has a price from that day on."),
    "recipient_once": ("这位老人已在名单内。", "This person is on the list already."),
    "lot_once": ("合同里已有同名包件。", "The contract has a lot of that name."),
}

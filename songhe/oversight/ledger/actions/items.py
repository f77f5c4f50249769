"""Verbs: take an item on, change what was promised (proposed by one, decided by another)."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib.postgres.functions import TransactionNow
from django.db import transaction
from django.utils import timezone

from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.oversight.ledger.access import allow, locked, place_scope, within
from songhe.oversight.ledger.evidence import area_of
from songhe.oversight.ledger.models import KINDS, Change, Item
from songhe.registry.accounts.models import Post, User
from songhe.registry.places.models import Place

CHANGEABLE = ("title", "lead_unit", "quantity", "unit", "starts_on", "due_on", "withdrawn_on")


@transaction.atomic
def open_item(
    *,
    by: User | None,
    post: Post | None,
    place: Place,
    title: str,
    lead_unit: str,
    due_on: date,
    starts_on: date | None = None,
    parent: Item | None = None,
    kind: str = "task",
    detail: str = "",
    programme: str = "",
    target: str = "",
    commitment: str = "",
    source_document: str = "",
    cooperating_units: Iterable[str] = (),
    person: str = "",
    quantity: Decimal | None = None,
    unit: str = "",
    due_literal: str = "",
    signers_needed: int = 1,
    layout: Any = None,
    layout_number: str = "",
    origin: str = "entered",
) -> Item:
    """Take a target or task on. `programme`, `target`: names in a programme's definition, plain text; a sub-item inherits
    them. A free task names neither. Raises Refusal, Denied.
    """
    user = allow(by, post, "ledger.manage")
    within(post, place)
    if parent is not None:
        parent = _open_parent(post, parent, place)
        programme, target = programme or parent.programme, target or parent.target
        commitment = commitment or parent.commitment
    starts_on = starts_on or min(timezone.localdate(), due_on)
    _check(title=title, lead_unit=lead_unit, starts_on=starts_on, due_on=due_on, quantity=quantity, kind=kind)
    if signers_needed < 1:
        raise Refusal("signers", zh="销号至少要一人签字。", en="At least one signature closes an item.", field="signers_needed")  # fmt: skip
    made = Item.objects.create(
        place=place, parent=parent, kind=kind, title=title.strip(), detail=detail.strip(), programme=programme,
        target=target, commitment=commitment, source_document=source_document.strip(), lead_unit=lead_unit.strip(),
        cooperating_units=list(cooperating_units), person=person.strip(), quantity=quantity, unit=unit.strip(),
        starts_on=starts_on, due_on=due_on, due_literal=due_literal, signers_needed=signers_needed, layout=layout,
        layout_number=layout_number, origin=origin, opened_by=user, **place_scope(place),
    )  # fmt: skip
    detail_row = {"programme": programme, "target": target, "due_on": due_on.isoformat()}
    audit.note("ledger.open", "ledger_item", made.pk, area_id=area_of(made), **detail_row)
    return made


def _open_parent(post: Post | None, parent: Item, place: Place) -> Item:
    row = locked(post, parent)
    if row.closed_on:
        raise Refusal(
            "parent_closed",
            zh="上级事项已经销号，不能再加子项。请先重新打开。",
            en="The item above is closed; reopen it before adding to it.",
            field="parent",
        )
    if not Place.objects.under(row.place).filter(pk=place.pk).exists():
        raise Refusal(
            "place_outside_parent",
            zh=f"“{place}”不在上级事项的地区“{row.place}”之内。请选择其中的地区。",
            en=f"“{place}” lies outside “{row.place}”, the place of the item above. Choose one inside it.",
            field="place",
        )
    return row


def _check(*, title: str, lead_unit: str, starts_on: date, due_on: date, quantity: Decimal | None, kind: str) -> None:
    if not title.strip():
        raise Refusal("title_missing", zh="请写明事项。", en="Say what is to be done.", field="title")
    if not lead_unit.strip():
        raise Refusal(
            "lead_missing",
            zh="请写明牵头单位：没有人牵头的事项不能列入台账。",
            en="Name the lead unit: an item that nobody leads cannot enter the ledger.",
            field="lead_unit",
        )
    if due_on < starts_on:
        raise Refusal(
            "dates_order",
            zh=f"完成期限 {due_on} 早于开始日期 {starts_on}。请改正。",
            en=f"The deadline {due_on} is before the start {starts_on}. Correct one of them.",
            field="due_on",
        )
    if quantity is not None and quantity <= 0:
        raise Refusal("quantity", zh="数量须大于 0，或留空。", en="A quantity is more than 0, or left empty.", field="quantity")  # fmt: skip
    if kind not in dict(KINDS):
        raise Refusal("unknown_kind", zh=f"没有“{kind}”这种来源。", en=f"There is no kind “{kind}”.", field="kind")


@transaction.atomic
def propose_change(
    *, item: Item, changes: Mapping[str, Any], reason: str, by: User | None, post: Post | None
) -> Change:  # fmt: skip
    """Ask for another deadline, quantity, unit, title, lead unit or start, or to withdraw the item (`withdrawn_on`).

    Nothing changes until somebody else approves it. Raises Refusal.
    """
    user = allow(by, post, "ledger.manage")
    row = locked(post, item)
    if row.closed_on:
        raise Refusal("item_closed", zh="已销号的事项不能变更目标。", en="A closed item cannot be changed.")
    if not reason.strip():
        raise Refusal("reason_missing", zh="变更目标须写明理由。", en="A change of target needs a reason.", field="reason")  # fmt: skip
    unknown = set(changes) - set(CHANGEABLE)
    if unknown:
        raise Refusal(
            "not_changeable",
            zh=f"这些内容不能变更：{'、'.join(sorted(unknown))}。",
            en=f"These cannot be changed: {', '.join(sorted(unknown))}.",
        )
    if row.changes.filter(verdict="").exists():
        raise Refusal(
            "change_waits",
            zh="已有一项变更等待审批。请先审批或不批准，再提新的。",
            en="A change is waiting for a decision. Decide it before proposing another.",
        )
    after = {name: as_text(value) for name, value in changes.items() if as_text(getattr(row, name)) != as_text(value)}
    if not after:
        raise Refusal("nothing_changed", zh="没有改动。请改正要变更的内容。", en="Nothing differs from what stands there.")  # fmt: skip
    _check_after(row, after)
    made = Change.objects.create(
        item=row, before={name: as_text(getattr(row, name)) for name in after}, after=after, reason=reason.strip()[:300],
        by=user,
    )  # fmt: skip
    audit.note(
        "ledger.change.propose", "ledger_item", row.pk, area_id=area_of(row), change=made.pk, fields=sorted(after)
    )
    return made


def _check_after(row: Item, after: Mapping[str, str]) -> None:
    new = {name: from_text(name, text) for name, text in after.items()}
    _check(
        title=new.get("title", row.title), lead_unit=new.get("lead_unit", row.lead_unit), kind=row.kind,
        starts_on=new.get("starts_on", row.starts_on), due_on=new.get("due_on", row.due_on),
        quantity=new.get("quantity", row.quantity),
    )  # fmt: skip


@transaction.atomic
def decide_change(
    *, change: Change, verdict: str, by: User | None, post: Post | None, opinion: str = ""
) -> Change:  # fmt: skip
    """Approve or refuse a change; the one who proposed it may not. An approved one is carried out at once. Raises Refusal."""
    user = allow(by, post, "ledger.approve")
    row = locked(post, change.item)
    change = Change.objects.select_for_update().get(pk=change.pk)
    if change.verdict:
        raise Refusal("change_decided", zh="这项变更已经审批过。", en="This change was decided already.")
    if verdict not in ("approved", "refused"):
        raise Refusal("verdict", zh="请选择批准或不批准。", en="Approve or refuse.", field="verdict")
    if user and user == change.by:
        raise Refusal(
            "own_change",
            zh="提出变更的人不能自己审批。请由局领导或另一位有审批权限的人办理。",
            en="Whoever proposes a change may not approve it. Ask a leader, or another who may.",
        )
    if verdict == "refused" and not opinion.strip():
        raise Refusal("opinion_missing", zh="不批准须写明意见。", en="Say why it is refused.", field="opinion")
    if verdict == "approved" and row.closed_on:
        raise Refusal("item_closed", zh="已销号的事项不能变更目标。", en="A closed item cannot be changed.")
    Change.objects.filter(pk=change.pk).update(
        verdict=verdict, opinion=opinion.strip()[:300], decided_by=user, decided_at=TransactionNow()
    )
    if verdict == "approved":
        values = {name: from_text(name, text) for name, text in change.after.items()}
        Item.objects.filter(pk=row.pk).update(**values)
    audit.note("ledger.change." + verdict, "ledger_item", row.pk, area_id=area_of(row), change=change.pk)
    change.refresh_from_db()
    return change


def as_text(value: Any) -> str:
    """A value of an item as it stands in a change; nothing is ""."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return value.isoformat() if isinstance(value, date) else str(value)


def from_text(name: str, text: str) -> Any:
    """The reverse, by the kind of field. Raises Refusal for what does not fit."""
    field = Item._meta.get_field(name)
    if not text:
        return None if field.null else ""
    try:
        if name.endswith("_on"):
            return date.fromisoformat(text)
        return Decimal(text) if name == "quantity" else text
    except (ValueError, InvalidOperation):
        raise Refusal("bad_value", zh=f"“{text}”不能填在“{field.verbose_name}”。", en=f"“{text}” does not fit {name}.", field=name) from None  # fmt: skip

"""Verbs: say what was done, name what stands in the way, coordinate it, remind."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from songhe.core import audit, workdays
from songhe.core.refusal import Refusal
from songhe.oversight.ledger import queries
from songhe.oversight.ledger.access import allow, items_of, locked
from songhe.oversight.ledger.definitions import terms
from songhe.oversight.ledger.evidence import area_of, attach
from songhe.oversight.ledger.models import Coordination, Item, Problem, Progress, Reminder
from songhe.registry.accounts.models import Post, User


def _working(post: Post | None, item: Item) -> Item:
    """The item, locked, while work on it is still recorded."""
    row = locked(post, item)
    if row.closed_on:
        raise Refusal(
            "item_closed",
            zh="这个事项已经销号，不能再登记。确有反弹的，请先重新打开。",
            en="This item is closed; nothing more is recorded on it. If it slipped, reopen it first.",
        )
    return row


def _words(text: str, field: str) -> str:
    if not text.strip():
        raise Refusal("text_missing", zh="请写明情况。", en="Say what happened.", field=field)
    return text.strip()


@transaction.atomic
def record_progress(
    *,
    item: Item,
    text: str,
    by: User | None,
    post: Post | None,
    on: date | None = None,
    done: Decimal | None = None,
    files: Iterable[Any] = (),
    amends: Progress | None = None,
    reason: str = "",
) -> Progress:
    """What was done by `on` (today unless given). `done` counts everything so far, in the item's unit. With `amends` the
    entry takes the place of an earlier one, which stays in the history. Raises Refusal.
    """
    user = allow(by, post, "ledger.progress")
    row = _working(post, item)
    today = timezone.localdate()
    on = on or today
    if on > today:
        raise Refusal("progress_ahead", zh="进展日期不能晚于今天。", en="Progress cannot be dated after today.", field="on")  # fmt: skip
    if done is not None and (done < 0 or row.quantity is None):
        raise Refusal(
            "done",
            zh="累计完成数不能为负；没有目标数量的事项请把数写在进展里。",
            en="What is done cannot be negative; for an item without a quantity put the number into the text.",
            field="done",
        )
    if amends is not None:
        _amendable(row, amends, reason)
    made = Progress.objects.create(
        item=row, on=on, text=_words(text, "text"), done=done, amends=amends, amend_reason=reason.strip()[:120], by=user
    )
    kept = attach(row, files, by=user, progress=made)
    detail = {"progress": made.pk, "files": len(kept), "amends": amends.pk if amends else None}
    audit.note("ledger.progress", "ledger_item", row.pk, area_id=area_of(row), **detail)
    return made


def _amendable(row: Item, amends: Progress, reason: str) -> None:
    if amends.item_id != row.pk:
        raise Refusal("other_item", zh="要更正的进展不属于这个事项。", en="That entry belongs to another item.", field="amends")  # fmt: skip
    if Progress.objects.filter(amends=amends).exists():
        raise Refusal("amended_before", zh="这条进展已更正过。请更正最新的一条。", en="That entry was amended already. Amend the newest.", field="amends")  # fmt: skip
    if not reason.strip():
        raise Refusal("reason_missing", zh="更正进展须写明理由。", en="Say why the entry is amended.", field="reason")


@transaction.atomic
def raise_problem(
    *, item: Item, text: str, owner_unit: str, due_on: date, by: User | None, post: Post | None, on: date | None = None
) -> Problem:
    """Put what stands in the way on the problem list, with the unit that is to remove it and until when. Raises Refusal."""
    user = allow(by, post, "ledger.progress")
    row = _working(post, item)
    on = on or timezone.localdate()
    if not owner_unit.strip():
        raise Refusal("owner_missing", zh="请写明由哪个单位解决。", en="Name the unit that is to solve it.", field="owner_unit")  # fmt: skip
    if due_on < on:
        raise Refusal("due_in_past", zh="解决期限不能早于提出日期。", en="The deadline cannot be before the day it was raised.", field="due_on")  # fmt: skip
    made = Problem.objects.create(
        item=row, text=_words(text, "text"), owner_unit=owner_unit.strip(), due_on=due_on, raised_on=on, by=user
    )
    audit.note("ledger.problem", "ledger_item", row.pk, area_id=area_of(row), problem=made.pk)
    return made


@transaction.atomic
def coordinate(
    *,
    problem: Problem,
    text: str,
    outcome: str,
    by: User | None,
    post: Post | None,
    with_units: Iterable[str] = (),
    on: date | None = None,
) -> Coordination:
    """A step of coordination; `outcome` "settled" takes the problem off the list. Raises Refusal."""
    user = allow(by, post, "ledger.progress")
    row = _working(post, problem.item)
    problem = Problem.objects.select_for_update().get(pk=problem.pk)
    if problem.settled_on:
        raise Refusal("problem_settled", zh="这个问题已经解决。", en="This problem was settled already.")
    if outcome not in dict(Coordination.OUTCOMES):
        raise Refusal("outcome", zh="请选择继续协调或已解决。", en="Say whether it goes on or is settled.", field="outcome")  # fmt: skip
    on = on or timezone.localdate()
    made = Coordination.objects.create(
        problem=problem, on=on, with_units=list(with_units), text=_words(text, "text"), outcome=outcome, by=user
    )
    if outcome == "settled":
        problem.settled_on = on
        problem.save(update_fields=["settled_on"])
    audit.note("ledger.coordinate", "ledger_item", row.pk, area_id=area_of(row), problem=problem.pk, outcome=outcome)
    return made


@transaction.atomic
def remind(
    *, item: Item, text: str, by: User | None, post: Post | None, to_unit: str = "", answer_by: date | None = None
) -> Reminder:
    """催办: a reminder to the lead unit (or another), to be answered in the working days of ledger/state.yaml. Raises Refusal."""
    user = allow(by, post, "ledger.manage")
    row = _working(post, item)
    today = timezone.localdate()
    state = queries.states([row], on=today)[row.pk]
    due = answer_by or workdays.after(today, terms().answer_days)[0]
    if due < today:
        raise Refusal("due_in_past", zh="答复期限不能早于今天。", en="The answer cannot be due before today.", field="answer_by")  # fmt: skip
    made = Reminder.objects.create(
        item=row, to_unit=to_unit.strip() or row.lead_unit, text=_words(text, "text"), answer_by=due, level=state.name,
        by=user,
    )  # fmt: skip
    audit.note("ledger.remind", "ledger_item", row.pk, area_id=area_of(row), reminder=made.pk, state=state.name)
    return made


@transaction.atomic
def answer_reminder(*, reminder: Reminder, answer: str, by: User | None, post: Post | None) -> Reminder:
    """What came back, once. Raises Refusal."""
    allow(by, post, "ledger.progress")
    row = items_of(post).filter(pk=reminder.item_id).first()
    reminder = Reminder.objects.select_for_update().get(pk=reminder.pk) if row else reminder
    if row is None or reminder.answered_on:
        raise Refusal("reminder_answered", zh="这次催办已经答复，或不在您的辖区内。", en="This reminder was answered, or is outside your area.")  # fmt: skip
    reminder.answer, reminder.answered_on = _words(answer, "answer"), timezone.localdate()
    reminder.save(update_fields=["answer", "answered_on"])
    audit.note("ledger.remind.answer", "ledger_item", row.pk, area_id=area_of(row), reminder=reminder.pk)
    return reminder

"""Verbs: close an item (销号) by the signatures of N of M, send it back, open it again."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.oversight.ledger import queries, rules
from songhe.oversight.ledger.access import allow, items_of, locked
from songhe.oversight.ledger.evidence import area_of, attach
from songhe.oversight.ledger.models import VERDICTS, CloseOut, Item, Signer
from songhe.registry.accounts.models import Post, User


@transaction.atomic
def ask_close(
    *,
    item: Item,
    statement: str,
    signers: Sequence[User],
    by: User | None,
    post: Post | None,
    needed: int | None = None,
    files: Iterable[Any] = (),
    on: date | None = None,
) -> CloseOut:
    """Ask to close: what was achieved, with evidence, and the M people of whom `needed` (the item's own number unless
    more) must sign. Raises Refusal while sub-items or problems are open. `on` is today unless an older ledger is carried
    over: the audit row tells when that was done.
    """
    user = allow(by, post, "ledger.progress")
    row = locked(post, item)
    if row.closed_on or row.asked_on:
        raise Refusal(
            "close_twice", zh="这个事项已销号或正在等待签字。", en="This item is closed, or waits for signatures."
        )
    if not statement.strip():
        raise Refusal("statement_missing", zh="请写明完成情况。", en="Say what was achieved.", field="statement")
    _nothing_open(row)
    day = _day(row, on)
    needed = max(needed or 0, row.signers_needed)
    named = list(dict.fromkeys(signer.pk for signer in signers))
    _may_sign(row, named, needed, user)
    made = CloseOut.objects.create(item=row, statement=statement.strip(), needed=needed, asked_on=day, asked_by=user)
    Signer.objects.bulk_create(Signer(close_out=made, user_id=pk) for pk in named)
    attach(row, files, by=user)
    Item.objects.filter(pk=row.pk).update(asked_on=made.asked_on)
    audit.note("ledger.close.ask", "ledger_item", row.pk, area_id=area_of(row), needed=needed, named=len(named))
    return made


def _day(row: Item, on: date | None) -> date:
    today = timezone.localdate()
    if on is not None and not row.starts_on <= on <= today:
        raise Refusal("close_day", zh="销号日期须在事项开始之后，且不晚于今天。", en="The day must lie between the item's start and today.", field="on")  # fmt: skip
    return on or today


def _nothing_open(row: Item) -> None:
    below = row.sub_items.filter(closed_on=None, withdrawn_on=None).count()
    if below:
        raise Refusal(
            "sub_items_open",
            zh=f"还有 {below} 个子项没有销号。请先办结子项。",
            en=f"{below} sub-items are still open. Close them first.",
        )
    problems = row.problems.filter(settled_on=None).count()
    if problems:
        raise Refusal(
            "problems_open",
            zh=f"问题清单上还有 {problems} 个问题没有解决。请先登记协调结果。",
            en=f"{problems} problems are unsettled. Record how they were solved first.",
        )
    if row.changes.filter(verdict="").exists():
        raise Refusal(
            "change_waits", zh="有一项目标变更等待审批。请先审批。", en="A change of target waits for a decision."
        )


def _may_sign(row: Item, named: list[int], needed: int, asker: int) -> None:
    if asker and asker in named:
        raise Refusal("own_signature", zh="申请销号的人不能自己签字。请另选签字人。", en="Whoever asks may not sign. Name others.", field="signers")  # fmt: skip
    if rules.signed(0, needed, len(named)) == "impossible":
        raise Refusal(
            "too_few_signers",
            zh=f"须 {needed} 人签字，只选了 {len(named)} 人。请增加签字人。",
            en=f"{needed} must sign, but {len(named)} are named. Name more.",
            field="signers",
        )
    able = {user.pk for user, _post in queries.signers_for(row)}
    if not set(named) <= able:
        raise Refusal(
            "signer_without_right",
            zh="所选签字人中有人没有本地区的签字权限。请重新选择。",
            en="Somebody named may not sign for this area. Choose again.",
            field="signers",
        )


@transaction.atomic
def sign(
    *, close_out: CloseOut, verdict: str, by: User, post: Post | None, opinion: str = "", on: date | None = None
) -> CloseOut:
    """Sign one's own line: "agree", or "return" with a reason (one return sends it back). The Nth agreement closes the item.

    `on` as in `ask_close`.
    """
    user = allow(by, post, "ledger.sign")
    row = locked(post, close_out.item)
    asked = CloseOut.objects.select_for_update().get(pk=close_out.pk)
    line = asked.signers.select_for_update().filter(user=user).first()
    if line is None:
        raise Refusal("not_a_signer", zh="您不是这次销号的签字人。", en="You are not among those who sign here.")
    if asked.state != "waiting" or line.verdict:
        raise Refusal("signed_before", zh="您已签过字，或这次申请已有结果。", en="You have signed, or this request is settled.")  # fmt: skip
    if verdict not in dict(VERDICTS):
        raise Refusal("verdict", zh="请选择同意或退回。", en="Agree or send back.", field="verdict")
    if verdict == "return" and not opinion.strip():
        raise Refusal("opinion_missing", zh="退回须写明理由，让对方知道补什么。", en="Say why it is sent back.", field="opinion")  # fmt: skip
    line.verdict, line.opinion, line.at = verdict, opinion.strip()[:300], timezone.now()
    line.save(update_fields=["verdict", "opinion", "at"])
    _settle(row, asked, verdict, _day(row, on))
    audit.note("ledger.sign", "ledger_item", row.pk, area_id=area_of(row), verdict=verdict, state=asked.state)
    return asked


def _settle(row: Item, asked: CloseOut, verdict: str, day: date) -> None:
    agreed = asked.signers.filter(verdict="agree").count()
    if verdict == "return":
        asked.state, asked.ended_on = "returned", day
        Item.objects.filter(pk=row.pk).update(asked_on=None)
    elif rules.signed(agreed, asked.needed, asked.signers.count()) == "full":
        asked.state, asked.ended_on = "closed", day
        Item.objects.filter(pk=row.pk).update(closed_on=day)
    asked.save(update_fields=["state", "ended_on"])


@transaction.atomic
def reopen(*, item: Item, reason: str, by: User | None, post: Post | None) -> Item:
    """A closed item that slipped is open again, with the reason; its close-out stays in the history. Raises Refusal."""
    user = allow(by, post, "ledger.manage")
    row = locked(post, item)
    if not row.closed_on:
        raise Refusal("not_closed", zh="这个事项没有销号，不需要重新打开。", en="This item is not closed.")
    if not reason.strip():
        raise Refusal("reason_missing", zh="重新打开须写明理由。", en="Say why it is opened again.", field="reason")
    if row.parent_id and items_of(None).filter(pk=row.parent_id).exclude(closed_on=None).exists():
        raise Refusal("parent_closed", zh="上级事项已经销号。请先重新打开上级事项。", en="The item above is closed. Reopen that one first.")  # fmt: skip
    row.close_outs.filter(state="closed").update(
        state="reopened", reopened_on=timezone.localdate(), reopened_by=user, reopen_reason=reason.strip()[:300]
    )
    Item.objects.filter(pk=row.pk).update(closed_on=None, asked_on=None)
    audit.note("ledger.reopen", "ledger_item", row.pk, area_id=area_of(row))
    row.refresh_from_db()
    return row

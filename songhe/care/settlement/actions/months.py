"""A month of a contract: drawn up from accepted orders, its exceptions answered, signed by N of M, frozen."""

import hashlib
import json
from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.utils import timezone

from songhe.care.evidence.actions import look
from songhe.care.evidence.models import Check
from songhe.care.settlement import reconciling, rules
from songhe.care.settlement.models import ANSWERS, VERDICTS, Contract, Deduction, Held, Line, Settlement, Signer
from songhe.care.settlement.standing import (
    allow,
    contract_of,
    in_words,
    locked,
    months_of,
    scope_of,
    signers_for,
    unaccepted,
)
from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post, User


@transaction.atomic
def draw_up(*, by: User | None, post: Post | None, contract: Contract, month: date) -> Settlement:
    """Read the month anew: accepted orders become lines, the others exceptions. What was answered before stays answered.

    `month`: any day of it; it must be over. Run again while it is a draft it changes only what has changed. Raises Refusal.
    """
    user = allow(by, post, "settlement.prepare")
    row = contract_of(post, contract)
    first = month.replace(day=1)
    begins, ends = reconciling.span(row, first)
    if begins > ends:
        raise Refusal(
            "month_outside_contract",
            zh=f"{first:%Y年%m月} 不在合同期（{row.starts_on} 至 {row.ends_on}）内。",
            en=f"{first:%Y-%m} lies outside the contract ({row.starts_on} to {row.ends_on}).",
            field="month",
        )
    if ends >= timezone.localdate():
        raise Refusal(
            "month_not_over",
            zh="这个月还没有结束，不能结算。请在月末之后编制。",
            en="The month is not over yet; it is settled after its last day.",
            field="month",
        )
    look(month=first, post=post)
    settlement = _draft(post, row, first, user)
    reading = reconciling.read(row, first)
    _write(settlement, reading)
    detail = {"lines": len(reading.lines), "held": len(reading.held), "gross": str(settlement.gross)}
    audit.note("settlement.draw_up", "settlement", settlement.pk, area_id=row.place_id, **detail)
    return settlement


def _draft(post: Post | None, contract: Contract, first: date, user: int) -> Settlement:
    before = months_of(post).filter(contract=contract, month=first).first()
    if before is not None:
        return locked(post, before, state="draft")
    made = Settlement(
        contract=contract, place=contract.place, month=first, drawn_up_at=timezone.now(), drawn_up_by=user,
        needed=contract.needed, **scope_of(contract.place),
    )  # fmt: skip
    with in_words():
        made.save(force_insert=True)
    return made


def _write(settlement: Settlement, reading: reconciling.Reading) -> None:
    settlement.lines.all().delete()
    settlement.deductions.all().delete()
    settlement.held.exclude(order__in=reading.held).delete()
    for line in reading.lines:
        line.settlement = settlement
    with in_words():
        Line.objects.bulk_create(reading.lines)
    known = {held.order_id: held for held in settlement.held.all()}
    for order, why in reading.held.items():
        if order not in known:
            Held.objects.create(settlement=settlement, order_id=order, why=why)
        elif known[order].why != why:
            settlement.held.filter(order=order).update(why=why, answer="", reason="", by=None, at=None)
    plain = [rules.Line(l.order_id, l.person_id, l.service, l.units, l.price, l.share) for l in reading.lines]  # noqa: E741
    gross = rules.settled(plain, [])
    facts = reconciling.facts_of(settlement, reading.lines, gross)
    off = rules.deductions(facts, reconciling.deduction_rules(settlement.month))
    Deduction.objects.bulk_create(
        Deduction(settlement=settlement, rule=one.rule, amount=one.amount, words=one.words, orders=list(one.orders))
        for one in off
    )
    total = rules.settled(plain, off)
    for name in ("orders", "persons", "gross", "deducted", "net"):
        setattr(settlement, name, getattr(total, name))
    settlement.drawn_up_at = timezone.now()
    settlement.save(update_fields=["orders", "persons", "gross", "deducted", "net", "drawn_up_at"])


@transaction.atomic
def answer(
    *, by: User | None, post: Post | None, held: Held, answer: str, reason: str
) -> Held:  # fmt: skip
    """Decide an exception: "carry" to the next month, or "exclude" (not paid), with a reason.

    "settle" is refused with the clause while the order's evidence is not accepted. Raises Refusal, Denied.
    """
    user = allow(by, post, "settlement.prepare")
    settlement = locked(post, held.settlement_id, state="draft")
    row = Held.objects.select_for_update(of=("self",)).select_related("order").get(pk=held.pk)
    if answer == "settle":
        raise unaccepted(row.order, row.order.service_on)
    if answer not in dict(ANSWERS):
        raise Refusal("answer", zh="请选择转下月或不予结算。", en="Choose: next month, or not paid.", field="answer")
    if not reason.strip():
        raise Refusal("reason_missing", zh="处理例外须写明理由。", en="Say why.", field="reason")
    row.answer, row.reason, row.by, row.at = answer, reason.strip()[:200], user, timezone.now()
    row.save(update_fields=["answer", "reason", "by", "at"])
    audit.note("settlement.answer", "order", row.order_id, area_id=settlement.place_id, answer=answer, why=row.why)
    return row


@transaction.atomic
def ask(
    *, by: User | None, post: Post | None, settlement: Settlement, signers: Sequence[User]
) -> Settlement:  # fmt: skip
    """Send the month for signature: M named, N of them must agree. Refused while an exception is open, or over an order
    that is no longer accepted. From here on its evidence stands."""
    user = allow(by, post, "settlement.prepare")
    row = locked(post, settlement, state="draft")
    open_ = row.held.filter(answer="").count()
    if open_:
        raise Refusal(
            "settlement_exceptions_answered",
            zh=f"还有 {open_} 个例外没有处理。请逐条转下月或不予结算，再送签。",
            en=f"{open_} exceptions are open. Answer each of them before asking for signatures.",
        )
    doubtful = row.lines.exclude(order__check_of__state="accepted").select_related("order").first()
    if doubtful is not None:
        raise unaccepted(doubtful.order, doubtful.order.service_on)
    named = list(dict.fromkeys(signer.pk for signer in signers))
    _may_sign(row, named, user)
    turn = (row.signers.order_by("-round").values_list("round", flat=True).first() or 0) + 1
    Signer.objects.bulk_create(Signer(settlement=row, round=turn, user_id=pk) for pk in named)
    row.state, row.asked_at, row.asked_by = "signing", timezone.now(), user
    with in_words():
        row.save(update_fields=["state", "asked_at", "asked_by"])
    _evidence_of(row).update(settled_at=row.asked_at)
    audit.note("settlement.ask", "settlement", row.pk, area_id=row.place_id, named=len(named), needed=row.needed)
    return row


def _evidence_of(row: Settlement):
    return Check.objects.filter(order__in=row.lines.values("order"))


def _may_sign(row: Settlement, named: list[int], asker: int) -> None:
    if asker and asker in named:
        raise Refusal("own_signature", zh="编制和送签的人不能自己签字。请另选签字人。", en="Whoever asks may not sign. Name others.", field="signers")  # fmt: skip
    if rules.signed(0, row.needed, len(named)) == "impossible":
        raise Refusal(
            "too_few_signers",
            zh=f"须 {row.needed} 人签字，只选了 {len(named)} 人。请增加签字人。",
            en=f"{row.needed} must sign, but {len(named)} are named. Name more.",
            field="signers",
        )
    able = set(signers_for(row.place).values_list("pk", flat=True))
    if not set(named) <= able:
        raise Refusal(
            "signer_without_right",
            zh="所选签字人中有人没有本地区的签字权限。请重新选择。",
            en="Somebody named may not sign for this area. Choose again.",
            field="signers",
        )


@transaction.atomic
def sign(
    *, by: User, post: Post, settlement: Settlement, verdict: str, opinion: str = ""
) -> Settlement:  # fmt: skip
    """Sign one's own line: "agree", or "return" with a reason (one return sends it back). The Nth agreement freezes it."""
    user = allow(by, post, "settlement.sign")
    row = locked(post, settlement, state="signing")
    turn = row.signers.order_by("-round").values_list("round", flat=True).first()
    line = row.signers.select_for_update().filter(user=user, round=turn).first()
    if line is None:
        raise Refusal("not_a_signer", zh="您不是这份结算的签字人。", en="You are not among those who sign this.")
    if line.verdict:
        raise Refusal("signed_before", zh="您已签过字。", en="You have signed already.")
    if verdict not in dict(VERDICTS):
        raise Refusal("verdict", zh="请选择同意或退回。", en="Agree or send back.", field="verdict")
    if verdict == "return" and not opinion.strip():
        raise Refusal("opinion_missing", zh="退回须写明理由。", en="Say why it is sent back.", field="opinion")
    line.verdict, line.opinion, line.at = verdict, opinion.strip()[:200], timezone.now()
    line.save(update_fields=["verdict", "opinion", "at"])
    _settle(row, verdict, turn)
    audit.note("settlement.sign", "settlement", row.pk, area_id=row.place_id, verdict=verdict, state=row.state, digest=row.digest)  # fmt: skip
    return row


def _settle(row: Settlement, verdict: str, turn: int) -> None:
    if verdict == "return":
        _evidence_of(row).update(settled_at=None)
        row.state, row.asked_at, row.asked_by = "draft", None, None
        row.save(update_fields=["state", "asked_at", "asked_by"])
        return
    named = row.signers.filter(round=turn)
    if rules.signed(named.filter(verdict="agree").count(), row.needed, named.count()) == "full":
        row.state, row.signed_at, row.digest = "signed", timezone.now(), digest(row)
        with in_words():
            row.save(update_fields=["state", "signed_at", "digest"])


def digest(row: Settlement) -> str:
    """SHA-256 over everything that is paid for: the same content gives the same 64 characters on any machine."""
    content = {
        "contract": row.contract.number, "month": row.month.isoformat(), "net": str(row.net),
        "lines": [[l.order_id, l.service, str(l.units), str(l.price), str(l.share), str(l.amount)] for l in row.lines.order_by("order_id")],  # noqa: E741
        "deductions": [[d.rule, str(d.amount), d.words] for d in row.deductions.order_by("rule")],
        "held": [[h.order_id, h.why, h.answer, h.reason] for h in row.held.order_by("order_id")],
    }  # fmt: skip
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()

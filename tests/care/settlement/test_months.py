"""A month: drawn up, exceptions on top, signed by N of M, frozen; refused in between with the clause."""

import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from python_calamine import CalamineWorkbook

from songhe.care.evidence import actions as evidence
from songhe.care.evidence.models import Check
from songhe.care.services.models import Order
from songhe.care.settlement import actions, definitions, papers
from songhe.care.settlement.models import Deduction, Held, Line, OperatorScore, Settlement
from songhe.core.refusal import Refusal
from songhe.registry.accounts.access import Denied


def slowly(settlement) -> Decimal:
    """The sum of the accepted orders again, one by one, from the orders alone."""
    total = Decimal(0)
    for order in Order.objects.all():
        check = Check.objects.filter(order=order).first()
        if check and check.state == "accepted" and order.item.code == "cleaning" and order.funding == "entitled":
            total += (Decimal("38.00") * order.quantity * order.government_pays / (order.unit_price * order.quantity)).quantize(Decimal("0.01"))  # fmt: skip
    return total


def test_a_month_with_three_exceptions_is_settled_and_frozen(paid):
    paid.plain(5)
    short, no, bath = paid.doubtful()
    month = paid.draw()
    assert (month.orders, month.persons) == (5, 4)  # 人次 and 人
    assert month.gross == slowly(month) == Decimal("152.00")
    assert {h.order_id: h.why for h in month.held.all()} == {short.pk: "waiting", no.pk: "refused", bath.pk: "no_price"}
    held = month.held.get(order=short)
    with pytest.raises(Refusal) as refused:
        actions.answer(by=paid.clerk.user, post=paid.clerk, held=held, answer="settle", reason="x")
    assert refused.value.code == "settlement_order_accepted"
    clause = definitions.on(month.month).clause
    assert f"依据：{clause['zh']}" in refused.value.zh
    assert f"Clause: {clause['en']}" in refused.value.en
    people = [paid.leader.user, paid.finance.user]
    with pytest.raises(Refusal) as refused:
        actions.ask(by=paid.clerk.user, post=paid.clerk, settlement=month, signers=people)
    assert refused.value.code == "settlement_exceptions_answered"
    paid.answered(month)
    month = paid.signed(month)
    assert (month.state, len(month.digest)) == ("signed", 64)
    for table in (Line, Held, Deduction):
        for change in (lambda rows: rows.delete(), lambda rows: rows.update(settlement_id=month.pk)):
            if table.objects.filter(settlement=month).exists():
                with pytest.raises(IntegrityError), transaction.atomic():
                    change(table.objects.filter(settlement=month))
    with pytest.raises(IntegrityError), transaction.atomic():
        Settlement.objects.filter(pk=month.pk).update(net=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Check.objects.filter(settled_at__isnull=False).update(state="refused")
    with pytest.raises(Refusal) as refused:
        paid.draw()
    assert refused.value.code == "settlement_frozen"


def test_a_flag_decided_later_makes_the_exception_a_line(paid):
    paid.plain(1)
    short, _no, _bath = paid.doubtful()
    month = paid.draw()
    evidence.decide(
        flags=list(short.flags.all()), verdict="accepted", reason="老人提前叫停", by=paid.clerk.user, post=paid.clerk
    )
    again = paid.draw()
    assert again.pk == month.pk
    assert (again.orders, again.held.count(), again.gross) == (2, 2, slowly(again))


def test_money_for_an_unaccepted_order_is_refused_by_the_database(paid):
    paid.plain(1)
    short, _no, _bath = paid.doubtful()
    month = paid.draw()
    line = month.lines.get()
    line.pk, line.order = None, short
    with pytest.raises(IntegrityError, match="only accepted orders"), transaction.atomic():
        line.save(force_insert=True)
    assert month.lines.count() == 1


def test_an_order_that_lost_its_acceptance_stops_the_month(paid):
    (order,) = paid.plain(1)
    month = paid.draw()
    evidence.call_back(by=paid.dispatcher.user, post=paid.dispatcher, order=order, outcome="denied")
    with pytest.raises(Refusal) as refused:
        paid.signed(month)
    assert refused.value.code == "settlement_order_accepted"
    assert month.signers.count() == 0


def test_signatures_are_not_ones_own_and_a_return_opens_the_month_again(paid):
    paid.plain(1)
    month = paid.draw()
    ask = {"by": paid.clerk.user, "post": paid.clerk, "settlement": month}
    for signers, code in (
        ([paid.clerk.user, paid.leader.user], "own_signature"),
        ([paid.leader.user], "too_few_signers"),
        ([paid.leader.user, paid.dispatcher.user], "signer_without_right"),
    ):
        with pytest.raises(Refusal) as refused:
            actions.ask(signers=signers, **ask)
        assert refused.value.code == code
    actions.ask(signers=[paid.leader.user, paid.finance.user], **ask)
    with pytest.raises(Refusal) as refused:
        actions.sign(by=paid.clerk.user, post=paid.clerk, settlement=month, verdict="agree")
    assert refused.value.code == "not_a_signer"
    leader = {"by": paid.leader.user, "post": paid.leader, "settlement": month}
    with pytest.raises(Refusal) as refused:
        actions.sign(verdict="return", **leader)
    assert refused.value.code == "opinion_missing"
    assert actions.sign(verdict="return", opinion="请核对单价", **leader).state == "draft"
    assert not Check.objects.exclude(settled_at=None).exists()
    assert paid.signed(paid.draw()).state == "signed"


def test_what_was_carried_is_settled_next_month_and_nothing_twice(paid):
    first = paid.plain(2)
    order = paid.order(day=25, person=paid.people[5])
    paid.serve(order, minutes=20)
    month = paid.draw()
    paid.answered(month)
    paid.signed(month)
    evidence.decide(
        flags=list(order.flags.all()), verdict="accepted", reason="已核实", by=paid.clerk.user, post=paid.clerk
    )
    from songhe.care.evidence.standing import next_month
    from songhe.care.settlement import reconciling

    reading = reconciling.read(paid.contract, next_month(paid.month))
    assert [line.order_id for line in reading.lines] == [order.pk]
    assert not {line.order_id for line in reading.lines} & {each.pk for each in first}


def test_a_month_before_its_end_and_outside_the_contract_is_refused(paid):
    from django.utils import timezone

    for day, code in (
        (timezone.localdate(), "month_not_over"),
        (paid.month - timedelta(days=1), "month_outside_contract"),
    ):
        with pytest.raises(Refusal) as refused:
            actions.draw_up(by=paid.clerk.user, post=paid.clerk, contract=paid.contract, month=day)
        assert refused.value.code == code
    with pytest.raises(Denied):
        actions.draw_up(by=paid.managers[0].user, post=paid.managers[0], contract=paid.contract, month=paid.month)
    assert Settlement.objects.count() == 0


def test_deductions_follow_the_rules_and_an_operator_is_appraised(paid):
    orders = paid.plain(4)
    made = evidence.complain(
        by=paid.clerk.user, post=paid.clerk, place=paid.place, channel="12349", subject="quality", text="没扫干净",
        order=orders[0],
    )  # fmt: skip
    evidence.reply(
        by=paid.clerk.user,
        post=paid.clerk,
        complaint=made,
        finding="upheld",
        text="属实",
        on=paid.month + timedelta(days=9),
    )
    month = paid.draw()
    assert [(d.rule, d.amount) for d in month.deductions.all()] == [("complaint_upheld", Decimal("50.00"))]
    assert month.net == month.gross - Decimal("50.00")
    last = paid.month + timedelta(days=27)
    score = actions.appraise(by=paid.clerk.user, post=paid.clerk, contract=paid.contract, first=paid.month, last=last)
    by_part = {part["id"]: part["points"] for part in score.parts}
    assert by_part["accepted"] == "30.0"
    assert by_part["rating"] is None  # nobody rated: left out, not nought
    assert OperatorScore.objects.visible_to(paid.managers[0]).get() == score
    assert not OperatorScore.objects.visible_to(paid.managers[1]).exists()


def test_the_papers_say_what_was_kept(paid):
    paid.plain(3)
    paid.doubtful()
    month = paid.draw()
    paid.answered(month)
    month = paid.signed(month)
    book = CalamineWorkbook.from_filelike(io.BytesIO(papers.xlsx(month, watermark="甲")))
    rows = book.get_sheet_by_name("结算明细").to_python()
    assert len(rows) == 1 + 3
    assert sum(Decimal(str(row[8])) for row in rows[1:]) == month.gross
    text = papers.page(month)
    assert f"实付 {month.net} 元" in text
    assert "3 人次，3 人" in text
    assert month.digest in text
    names = [person.name for person in paid.people]
    assert not any(name in text for name in names)


def test_an_operator_sees_its_own_months_only(paid):
    paid.plain(1)
    month = paid.draw()
    assert list(Settlement.objects.visible_to(paid.managers[0])) == [month]
    assert not Settlement.objects.visible_to(paid.managers[1]).exists()

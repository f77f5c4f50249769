"""Two files of one person: their orders are read as one person's, their quota is one, the lists and lines of a month too."""

from decimal import Decimal

import pytest

from songhe.care.evidence import actions as evidence
from songhe.care.services import actions, queries
from songhe.care.services.models import Order, Quota
from songhe.care.settlement import actions as settlement
from songhe.care.settlement.models import Recipient
from songhe.core.acting import everywhere
from songhe.core.refusal import Refusal
from songhe.registry.people import actions as people
from tests.care.evidence.served import month_ago
from tests.care.settlement.paid import Paid

SYSTEM = {"by": None, "post": None}


def joined(kept, absorbed):
    record = people.merge(**SYSTEM, kept=kept, absorbed=absorbed, reason="同一人")
    kept.refresh_from_db()
    return record


def used(person) -> int:
    return sum(Quota.objects.filter(person=person).values_list("used", flat=True))


def test_one_quota_and_one_list_of_orders_and_back_again(street):
    kept, absorbed = street.people[:2]
    with everywhere():
        first, second = street.ask(person=kept), street.ask(person=absorbed)
        record = joined(kept, absorbed)
        assert (used(kept), used(absorbed)) == (2, 0)
        assert {o.pk for o in queries.recent_of(post=street.dispatcher, person=kept.pk)} == {first.pk, second.pk}
        listed, _more = queries.page(post=street.dispatcher, person=str(kept.pk))
        assert len(listed) == 2
        assert Order.objects.get(pk=second.pk).person_id == absorbed.pk  # what was agreed is frozen
        with pytest.raises(Refusal) as refused:
            street.ask(person=kept)
        assert refused.value.code == "quota_exceeded"
        actions.cancel(**SYSTEM, order=second, reason="person_away")  # gives back to the one quota
        assert (used(kept), used(absorbed)) == (1, 0)
        third = street.ask(person=kept)
        people.undo_merge(**SYSTEM, record=record)
        assert (used(kept), used(absorbed)) == (2, 0)
        actions.cancel(**SYSTEM, order=third, reason="person_away")
        assert used(kept) == 1
        assert [o.pk for o in queries.recent_of(post=street.dispatcher, person=absorbed.pk)] == [second.pk]


def test_what_two_files_drew_apart_stands_and_nothing_more_fits(street):
    kept, absorbed = street.people[:2]
    with everywhere():
        street.ask(person=kept, quantity=2)
        street.ask(person=absorbed, quantity=2)
        joined(kept, absorbed)
        row = Quota.objects.get(person=kept)
        assert (row.used, row.granted) == (4, 4)
        with pytest.raises(Refusal) as refused:
            street.ask(person=kept)
        assert refused.value.code == "quota_exceeded"


def test_a_month_counts_one_person_and_keeps_the_list_of_a_lot(db):
    with everywhere():
        paid = Paid()
        one, two = paid.plain(2)
        kept, absorbed = one.person, two.person
        paid.lot.named_only = "listed"
        paid.lot.save(update_fields=["named_only"])
        listed = settlement.list_recipient(**SYSTEM, lot=paid.lot, person=absorbed, valid_from=month_ago())
        evidence.look(month=paid.month)
        assert set(paid.draw().held.values_list("why", flat=True)) == {"not_recipient"}
        record = joined(kept, absorbed)
        assert Recipient.objects.get(pk=listed.pk).person_id == kept.pk
        month = paid.draw()
        assert (month.orders, month.persons, month.gross) == (
            2,
            1,
            Decimal("60.80"),
        )  # the government pays 80 in a hundred
        people.undo_merge(**SYSTEM, record=record)
        assert Recipient.objects.get(pk=listed.pk).person_id == absorbed.pk
        month = paid.draw()
        assert (month.orders, month.persons) == (1, 1)

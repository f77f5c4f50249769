"""Complaints walk their steps and nothing else; the clock is their channel's; incidents told late are told all the same."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from songhe.care.evidence import actions, terms, voices
from songhe.care.evidence.models import Complaint
from songhe.core.refusal import Refusal
from songhe.registry.accounts.access import Denied
from songhe.registry.people import sealing
from tests.care.evidence.served import at


def complaint(served, **more) -> Complaint:
    plain = {
        "place": served.place,
        "channel": "12345",
        "subject": "no_show",
        "text": "没有人来",
        "contact": "13000000000",
    }
    return actions.complain(by=served.clerk.user, post=served.clerk, **(plain | more))


def test_the_database_knows_the_same_steps(db):
    with connection.cursor() as cursor:
        for before, allowed in terms.COMPLAINT_MOVES.items():
            for after, _label in terms.COMPLAINT_STATES:
                cursor.execute("SELECT evidence_complaint_legal(%s, %s)", [before, after])
                assert cursor.fetchone()[0] == (after in allowed), (before, after)


def test_a_complaint_is_answered_appealed_answered_and_closed(served):
    order = served.order()
    made = complaint(served, order=order)
    assert (made.provider_id, made.person_id) == (served.providers[0].pk, order.person_id)
    assert bytes(made.contact_sealed) != b"13000000000"
    assert sealing.open_field("complaint", made.text_sealed) == "没有人来"
    clerk = {"by": served.clerk.user, "post": served.clerk, "complaint": made}
    with pytest.raises(Refusal) as refused:
        actions.close(text="x", **clerk)
    assert refused.value.code == "complaint_step_legal"
    actions.reply(finding="not_upheld", text="记录显示已上门", **clerk)
    actions.appeal(text="那天我不在家", **clerk)
    actions.reply(finding="upheld", text="复核后属实", **clerk)
    actions.close(text="已致歉并补做", **clerk)
    made.refresh_from_db()
    assert (made.state, made.finding, made.steps.count()) == ("closed", "upheld", 4)
    with pytest.raises(IntegrityError), transaction.atomic():
        Complaint.objects.filter(pk=made.pk).update(state="open")


def test_an_appeal_has_its_days(served):
    made = complaint(served)
    clerk = {"by": served.clerk.user, "post": served.clerk, "complaint": made}
    today = timezone.localdate()
    actions.reply(finding="partly", text="部分属实", on=today, **clerk)
    with pytest.raises(Refusal) as refused:
        actions.appeal(text="不同意", on=today + timedelta(days=voices.on(today).appeal_days + 1), **clerk)
    assert refused.value.code == "appeal_late"


@pytest.mark.parametrize(("field", "value"), [("channel", "12306"), ("subject", "weather"), ("text", "  ")])
def test_a_complaint_that_says_nothing_is_refused(served, field, value):
    with pytest.raises(Refusal):
        complaint(served, **{field: value})
    assert Complaint.objects.count() == 0


def test_an_operator_hears_of_its_own_and_may_not_answer(served):
    theirs = complaint(served, provider=served.providers[0])
    complaint(served, provider=served.providers[1])
    manager = served.managers[0]
    assert list(Complaint.objects.visible_to(manager)) == [theirs]
    with pytest.raises(Denied):
        actions.reply(by=manager.user, post=manager, complaint=theirs, finding="upheld", text="x")


def test_an_incident_told_late_is_kept_and_shown_as_late(served):
    order, manager = served.order(), served.managers[0]
    made = actions.report_incident(
        by=manager.user, post=manager, order=order, kind="fall", severity="grave", occurred_at=at(3, 9), now=at(3, 12),
        text="在卫生间滑倒，已送医",
    )  # fmt: skip
    assert made.reported_at - made.due_at == timedelta(hours=2)
    with pytest.raises(Refusal):
        actions.report_incident(
            by=manager.user, post=manager, order=order, kind="fall", severity="grave", occurred_at=at(3, 9), now=at(3, 8),
            text="x",
        )  # fmt: skip

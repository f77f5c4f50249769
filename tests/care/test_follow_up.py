"""What follows from a record: needs handed on with a deadline, the ladder when nobody answers."""

from datetime import timedelta

import pytest
from django.utils import timezone

from songhe.care.visits import actions as visits
from songhe.care.visits import queries
from songhe.care.visits.models import Escalation, EscalationStep, Referral
from songhe.core.acting import everywhere
from songhe.core.refusal import Refusal
from songhe.registry.accounts.access import acting_as
from tests.care.county import row

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def _record(county, *rows):
    helper = county.helpers[0]
    with acting_as(helper):
        return visits.record(list(rows), by=helper.user, post=helper, channel="phone")


def _ladder():
    with everywhere():
        return Escalation.objects.order_by("-opened_at").first()


def _ago(minutes):
    return timezone.now() - minutes * MINUTE


def test_silence_opens_a_ladder_once_and_an_answer_closes_it(county):
    person = county.people[0]
    _record(county, row(person, outcome="no_answer", when=_ago(20)))
    ladder = _ladder()
    assert (ladder.step, ladder.due_at - ladder.opened_at, ladder.closed_at) == ("again", 30 * MINUTE, None)
    _record(county, row(person, outcome="well", when=_ago(5)))
    assert _ladder().closure == "reached"


def test_calling_again_in_vain_climbs(county):
    person = county.people[0]
    _record(county, row(person, outcome="no_answer", when=_ago(50)))
    _record(county, row(person, outcome="no_answer", when=_ago(30)))
    ladder = _ladder()
    assert (ladder.step, ladder.closed_at) == ("neighbour", None)
    with everywhere():
        tried = EscalationStep.objects.get()
    assert (tried.step, tried.reached) == ("again", False)
    _record(county, row(person, outcome="no_answer", when=_ago(20)))  # the neighbour's step is not a call
    assert _ladder().step == "neighbour"


def test_an_older_silence_sent_late_wakes_nobody(county):
    person = county.people[0]
    _record(county, row(person, outcome="well", when=_ago(10)))
    _record(county, row(person, outcome="no_answer", when=_ago(20)))
    _record(county, row(person, outcome="no_answer", when=_ago(3 * 24 * 60)))
    assert _ladder() is None


def test_silence_and_answer_in_one_parcel(county):
    one, two = county.people[0], county.people[4]
    _record(
        county,
        row(one, outcome="no_answer", when=_ago(20)), row(one, outcome="well", when=_ago(10)),
        row(two, outcome="well", when=_ago(20)), row(two, outcome="no_answer", when=_ago(10)),
    )  # fmt: skip
    with everywhere():
        assert list(Escalation.objects.filter(closed_at=None).values_list("person", flat=True)) == [two.pk]


def test_step_by_step_to_the_end(county):
    helper = county.helpers[0]
    _record(county, row(county.people[0], outcome="no_answer"))
    seen = []
    with acting_as(helper):
        ladder = _ladder()
        for _ in range(5):
            ladder = visits.step(escalation=ladder, result="没有人应", reached="no", by=helper.user, post=helper)
            seen.append(ladder.step)
        ladder = visits.step(escalation=ladder, result="在女儿家", reached="yes", by=helper.user, post=helper)
        assert (seen, ladder.closure) == (["neighbour", "door", "family", "police", "police"], "reached")
        with pytest.raises(Refusal, match="已经结束"):
            visits.close_escalation(escalation=ladder, closure="x", by=helper.user, post=helper)
        assert EscalationStep.objects.count() == 6


def test_emergency_closure_says_how_it_ended(county):
    helper, stranger = county.helpers[0], county.helpers[1]
    _record(county, row(county.people[0], outcome="no_answer"))
    with everywhere():
        ladder = Escalation.objects.get()
    with acting_as(stranger), pytest.raises(Refusal, match="不在您的辖区"):
        visits.close_escalation(escalation=ladder, closure="送医", by=stranger.user, post=stranger)
    with acting_as(helper):
        with pytest.raises(Refusal, match="写明"):
            visits.close_escalation(escalation=ladder, closure=" ", by=helper.user, post=helper)
        closed = visits.close_escalation(escalation=ladder, closure="送医", by=helper.user, post=helper)
    assert (closed.closure, closed.closed_by) == ("送医", helper.user_id)


def test_time_up_and_the_next_step_begins(county):
    _record(county, row(county.people[0], outcome="no_answer"))
    now = timezone.now()
    with everywhere():
        assert visits.climb_overdue(by=0, now=now) == 0
        late = now + 31 * MINUTE
        assert (visits.climb_overdue(by=0, now=late), visits.climb_overdue(by=0, now=late)) == (1, 0)
        ladder = Escalation.objects.get()
        assert (ladder.step, ladder.due_at) == ("neighbour", late + 60 * MINUTE)
        for hours in range(3, 12, 3):
            visits.climb_overdue(by=0, now=now + hours * 60 * MINUTE)
        assert Escalation.objects.get().step == "police"
        assert visits.climb_overdue(by=0, now=now + timedelta(days=2)) == 0


def test_the_longest_overdue_comes_first(county):
    for n, person in enumerate(county.people):
        helper = county.helpers[n % 4]
        with acting_as(helper):
            sent = row(person, outcome="no_answer", when=_ago(10 * (n + 1)))
            visits.record([sent], by=helper.user, post=helper, channel="phone")
    with acting_as(county.clerk):
        found = [e.person_id for e in queries.escalations(post=county.clerk)]
        late = list(queries.escalations(post=county.clerk, overdue="only"))
    assert found == [person.pk for person in reversed(county.people)]
    assert len(late) == 6
    with acting_as(county.helpers[0]):
        assert len(queries.escalations(post=county.helpers[0])) == 2


def test_a_need_has_its_own_deadline(county):
    helper, person = county.helpers[0], county.people[0]
    _record(county, row(person, "home_visit", "needs", needs=["doctor", "cleaning"], note="腿疼"))
    today = timezone.localdate()
    with acting_as(helper):
        found = queries.referrals(post=helper)
        assert [(r.need, (r.due_on - today).days, r.detail) for r in found] == [
            ("doctor", 1, "腿疼"),
            ("cleaning", 7, "腿疼"),
        ]
        handed = visits.hand_referral(referral=found[0], to_user=county.clerk.user, by=helper.user, post=helper)
        assert handed.to_user == county.clerk.user
        done = visits.close_referral(referral=handed, result="已陪同就医", by=helper.user, post=helper)
        assert (done.closed_by, len(queries.referrals(post=helper))) == (helper.user_id, 1)
        with pytest.raises(Refusal, match="已经办结"):
            visits.close_referral(referral=done, result="又一次", by=helper.user, post=helper)


def test_a_need_without_a_visit(county):
    helper = county.helpers[0]
    with acting_as(helper):
        made = visits.open_referral(person=county.people[0], need="repair", by=helper.user, post=helper, detail="漏水")
        for person, need, code in (
            (county.people[1], "repair", "person_outside_area"),
            (county.people[0], "gold", "unknown_need"),
        ):
            with pytest.raises(Refusal) as refused:
                visits.open_referral(person=person, need=need, by=helper.user, post=helper)
            assert refused.value.code == code
        assert Referral.objects.get() == made

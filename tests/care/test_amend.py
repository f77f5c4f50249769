"""A wrong record is never edited: a new row stands in its place and everything is counted again."""

import sys
from datetime import timedelta

import pytest
from django.utils import timezone

from songhe.care.duties import actions as duties
from songhe.care.duties.models import Duty
from songhe.care.visits import actions as visits
from songhe.care.visits import queries
from songhe.care.visits.models import Escalation, Referral, Visit
from songhe.core.acting import everywhere
from songhe.core.refusal import Refusal
from songhe.registry.accounts.access import Denied, acting_as
from tests.care.county import at, row

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened(county, week):
    with everywhere():
        for period in (week.previous(), week):
            duties.open_period(place=county.place, rule="visiting", period=period, by=0)
    return county


def _recorded(county, **fields):
    helper = county.helpers[0]
    with acting_as(helper):
        (answer,) = visits.record([row(county.people[0], **fields)], by=helper.user, post=helper, channel="desk")
        return Visit.objects.get(id=answer.visit_id)


def _amend(county, visit, post=None, reason="点错了", **changes):
    post = post or county.helpers[0]
    with acting_as(post):
        return visits.amend(visit=visit, changes=changes, reason=reason, by=post.user, post=post)


def _done(county, week):
    with everywhere():
        duty = Duty.objects.get(person=county.people[0], period_start=week.start)
        return duty.calls_done, duty.visits_done, duty.late


def test_another_way_of_contact(opened, week):
    first = _recorded(opened, mode="call")
    answer = _amend(opened, first, mode="home_visit")
    assert _done(opened, week) == (0, 1, False)
    with acting_as(opened.helpers[0]):
        line = queries.timeline(post=opened.helpers[0], person=opened.people[0].pk)
    assert {(v.id, v.amended, v.amends, v.amend_reason) for v in line} == {
        (first.id, True, None, ""),
        (answer.visit_id, False, first.id, "点错了"),
    }


def test_another_day_moves_it_between_weeks(opened, week):
    first = _recorded(opened)
    _amend(opened, first, occurred_at=at(week.previous().end).isoformat())
    assert (_done(opened, week), _done(opened, week.previous())) == ((0, 0, False), (1, 0, True))


def test_a_late_spelling_correction_does_not_make_it_late(opened, week):
    first = _recorded(opened, note="代购盐")
    _amend(opened, first, note="代购米")
    assert _done(opened, week) == (1, 0, False)


def test_amending_the_amendment(opened, week):
    first = _recorded(opened)
    second = _amend(opened, first, outcome="away")
    assert _done(opened, week)[0] == 0
    with acting_as(opened.helpers[0]):
        newer = Visit.objects.get(id=second.visit_id)
    _amend(opened, newer, outcome="well")
    assert _done(opened, week)[0] == 1
    with pytest.raises(Refusal, match="已被更正过"):
        _amend(opened, first, outcome="refused")


def test_sending_the_same_amendment_again_changes_nothing(opened, week):
    first = _recorded(opened)
    answers = [_amend(opened, first, outcome="away") for _ in range(2)]
    assert [answer.result for answer in answers] == ["new", "same"]
    with everywhere():
        assert Visit.objects.count() == 2


def test_void(opened, week):
    first = _recorded(opened, outcome="needs", needs=["errand"])
    helper = opened.helpers[0]
    with acting_as(helper):
        visits.void(visit=first, reason="登错人", by=helper.user, post=helper)
        newest = queries.timeline(post=helper, person=opened.people[0].pk)[0]
        assert Referral.objects.get().closed_at is not None
    assert (_done(opened, week)[0], newest.outcome) == (0, "void")
    with pytest.raises(Refusal, match="已作废"):
        _amend(opened, newest, outcome="well")


def test_void_of_silence_takes_its_ladder_away(opened):
    first = _recorded(opened, outcome="no_answer")
    helper = opened.helpers[0]
    with acting_as(helper):
        assert Escalation.objects.get().closed_at is None
        visits.void(visit=first, reason="登错人", by=helper.user, post=helper)
        assert Escalation.objects.get().closure == "void"


def test_needs_follow_the_correction(opened):
    first = _recorded(opened, outcome="needs", needs=["errand", "meal"])
    _amend(opened, first, needs=["meal", "doctor"])
    with everywhere():
        found = {referral.need: referral.closed_at is None for referral in Referral.objects.all()}
    assert found == {"errand": False, "meal": True, "doctor": True}


@pytest.mark.parametrize(
    ("changes", "reason", "code"),
    [
        ({"person": 1}, "错", "cannot_change"),
        ({"mode": "letter"}, "错", "visit_mode"),
        ({"outcome": "away"}, " ", "reason_needed"),
        ({"outcome": "away"}, "长" * 121, "reason_needed"),
    ],
)
def test_refused(opened, changes, reason, code):
    first = _recorded(opened)
    with pytest.raises(Refusal) as refused:
        _amend(opened, first, reason=reason, **changes)
    assert refused.value.code == code
    with everywhere():
        assert Visit.objects.count() == 1


def test_whose_record(opened):
    first = _recorded(opened)
    with pytest.raises(Denied):  # another helper of the same village: not her record
        _amend(opened, first, post=opened.post("helper", opened.villages[0]), outcome="away")
    with pytest.raises(Refusal, match="辖区"):
        _amend(opened, first, post=opened.post("village_worker", opened.villages[1]), outcome="away")
    assert _amend(opened, first, post=opened.post("village_worker", opened.villages[0]), outcome="away").result == "new"


def test_too_old(opened, week):
    old = at(timezone.localdate() - timedelta(days=36))
    with everywhere():
        visits.record([row(opened.people[0], when=old)], by=0, post=None, channel="import")
        kept = Visit.objects.get()
    with pytest.raises(Refusal, match="不能更正"):
        _amend(opened, kept, post=opened.clerk, outcome="away")


def test_half_of_it_fails_and_nothing_stays(opened, week, monkeypatch):
    module = sys.modules["songhe.care.visits.actions.amend"]
    first = _recorded(opened)
    monkeypatch.setattr(module, "_follow", lambda *a, **k: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        _amend(opened, first, outcome="away")
    assert _done(opened, week)[0] == 1
    with everywhere():
        assert Visit.objects.count() == 1

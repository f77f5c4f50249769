"""Recording: new, same, clash, unknown, refused; late; week borders; whose area; all or only the good rows."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from songhe.care.duties import actions as duties
from songhe.care.duties.models import Duty, Excuse
from songhe.care.visits import actions as visits
from songhe.care.visits.models import Receipt, Visit
from songhe.core.acting import acting, everywhere
from songhe.core.models import AuditEvent
from songhe.core.refusal import Refusal
from songhe.registry.accounts.access import Denied, acting_as
from tests.care.county import at, row

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def opened(county, week):
    with everywhere():
        for period in (week.previous(), week):
            duties.open_period(place=county.place, rule="visiting", period=period, by=0)
    return county


def _record(post, rows, **more):
    with acting_as(post):
        return visits.record(rows, by=post.user, post=post, channel="phone", **more)


def _duty(person, week):
    with everywhere():
        duty = Duty.objects.get(person=person, period_start=week.start)
        return duty.calls_done, duty.visits_done, duty.late


def _count():
    with everywhere():
        return Visit.objects.count()


def test_the_same_record_twice_is_one_row(opened, week):
    helper, sent = opened.helpers[0], row(opened.people[0])
    first, again = _record(helper, [sent]), _record(helper, [sent])
    assert (first[0].result, again[0].result, again[0].visit_id) == ("new", "same", first[0].visit_id)
    assert (_count(), _duty(opened.people[0], week)[0]) == (1, 1)


def test_the_same_number_with_other_content_is_refused(opened):
    helper, sent = opened.helpers[0], row(opened.people[0])
    _record(helper, [sent])
    with pytest.raises(visits.RowsRefused) as refused:
        _record(helper, [sent | {"outcome": "away"}])
    assert refused.value.code == "visit_clash"
    (answer,) = _record(helper, [sent | {"outcome": "away"}], partial="rows")
    assert (answer.result, answer.visit_id, _count()) == ("clash", None, 1)


def test_what_counts(opened, week):
    helper, person = opened.helpers[0], opened.people[0]
    for outcome in ("well", "needs", "unwell", "no_answer", "refused", "hospital", "away", "deceased"):
        _record(helper, [row(person, "video", outcome)])
    assert _duty(person, week) == (3, 0, False)
    assert _count() == 8


def test_nobody_writes_for_another_village(opened):
    helper = opened.helpers[0]
    with pytest.raises(visits.RowsRefused) as refused:
        _record(helper, [row(opened.people[1])])
    assert (refused.value.code, _count()) == ("visit_person_unknown", 0)


def test_one_bad_row_and_nothing_stays(opened):
    helper, person = opened.helpers[0], opened.people[0]
    good = row(person)
    with pytest.raises(visits.RowsRefused, match="第 2 行") as refused:
        _record(helper, [good, row(person, mode="letter")])
    assert [answer.result for answer in refused.value.answers] == ["held", "refused"]
    with pytest.raises(visits.RowsRefused) as refused:
        _record(helper, [good, row(opened.people[1])])
    assert [answer.result for answer in refused.value.answers] == ["held", "unknown"]
    with everywhere():
        assert (Visit.objects.count(), Receipt.objects.count()) == (0, 0)


def test_one_bad_row_refuses_only_itself_when_asked(opened, week):
    helper, person = opened.helpers[0], opened.people[0]
    same = row(person)
    _record(helper, [same])
    sent = [
        row(person), row(person, mode="letter"), row(opened.people[1]), same, same | {"note": "x"},
        row(person, when=timezone.now() + DAY),
    ]  # fmt: skip
    sent[4]["uuid"] = sent[0]["uuid"]
    answers = _record(helper, sent, partial="rows")
    assert [answer.result for answer in answers] == ["new", "refused", "unknown", "same", "refused", "refused"]
    assert all(bool(answer.problems) != answer.stands for answer in answers)
    assert _duty(person, week)[0] == 2


def test_three_hundred_rows_of_a_phone(opened, week):
    helper = opened.helpers[0]
    sent = [row(opened.people[0 if n % 2 else 4], "video") for n in range(300)]
    answers = _record(helper, sent, partial="rows")
    assert [str(answer.uuid) for answer in answers] == [each["uuid"] for each in sent]
    assert (_count(), _duty(opened.people[0], week)[0]) == (300, 150)
    with acting([], sees_audit="yes"):
        assert AuditEvent.objects.get(verb="visits.record").detail["rows"] == 300


def test_last_weeks_record_counts_there_and_is_marked_late(opened, week):
    helper, person = opened.helpers[0], opened.people[0]
    _record(helper, [row(person, when=at(week.previous().end, 23, 59))])
    assert (_duty(person, week.previous()), _duty(person, week)) == ((1, 0, True), (0, 0, False))
    with everywhere():
        assert Visit.objects.get().late


def test_a_week_begins_at_midnight_in_shanghai(opened, week):
    helper, person = opened.helpers[0], opened.people[0]
    _record(helper, [row(person, when=at(week.start, 0, 0))])
    _record(helper, [row(person, when=at(week.start, 0, 0) - timedelta(seconds=1))])
    assert (_duty(person, week.previous())[0], _duty(person, week)[0]) == (1, 1)


def test_an_excused_persons_visits_are_kept_on_file(opened, week):
    helper, person = opened.helpers[0], opened.people[0]
    with everywhere():
        duties.excuse(person=person, reason="hospital", starts_on=week.start, by=0)
        assert Excuse.objects.count() == 1
    _record(helper, [row(person)])
    assert _duty(person, week)[0] == 1


def test_entering_for_a_helper(opened):
    worker, helper = opened.post("village_worker", opened.villages[0]), opened.helpers[0]
    with acting_as(worker):
        visits.record([row(opened.people[0])], by=worker.user, post=worker, channel="landline", entered_for=helper.user)
    with everywhere():
        kept = Visit.objects.get()
    assert (kept.made_by, kept.entered_by, kept.channel) == (helper.user_id, worker.user_id, "landline")
    with pytest.raises(Denied):
        _record(helper, [row(opened.people[0])], entered_for=worker.user)
    stranger = opened.helpers[1].user
    with acting_as(worker), pytest.raises(Refusal, match="代录对象"):
        visits.record([row(opened.people[0])], by=worker.user, post=worker, channel="paper", entered_for=stranger)


def test_a_post_cannot_say_when_it_was_written_down(opened, week):
    helper = opened.helpers[0]
    sent = row(opened.people[0], when=at(week.previous().start), recorded_at=at(week.previous().start).isoformat())
    with acting_as(helper):
        visits.record([sent], by=helper.user, post=helper, channel="import")
    assert _duty(opened.people[0], week.previous())[2] is True


def test_older_records_come_in_by_the_system_only(opened, week):
    old = at(week.start - 60 * DAY)
    helper = opened.helpers[0]
    with pytest.raises(visits.RowsRefused, match="不能补录"):
        _record(helper, [row(opened.people[0], when=old)])
    sent = row(opened.people[0], when=old, recorded_at=old.isoformat(), made_by=helper.user_id)
    with everywhere():
        visits.record([sent], by=0, post=None, channel="import")
        kept = Visit.objects.get()
    assert (kept.late, kept.made_by, kept.recorded_at) == (False, helper.user_id, old)
    with acting([]), pytest.raises(Denied):
        visits.record([row(opened.people[0])], by=0, post=None, channel="desk")


@pytest.mark.parametrize(
    ("rows", "channel", "code"), [(1, "pigeon", "unknown_channel"), (5001, "api", "too_many_rows")]
)
def test_a_call_that_makes_no_sense(opened, rows, channel, code):
    helper = opened.helpers[0]
    with acting_as(helper), pytest.raises(Refusal) as refused:
        visits.record([row(opened.people[0])] * rows, by=helper.user, post=helper, channel=channel)
    assert refused.value.code == code


def test_nothing_sent_is_nothing_done(opened):
    assert _record(opened.helpers[0], []) == []


def test_the_table_itself_keeps_what_happened(opened):
    from django.db import DatabaseError, connection, transaction

    helper = opened.helpers[0]
    _record(helper, [row(opened.people[0])])
    with everywhere():
        for statement in ("UPDATE visits_visit SET outcome = 'away'", "DELETE FROM visits_visit"):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
    # SQL as the app's role: another village's helper sees and writes nothing
    with acting_as(opened.helpers[1]):
        assert not Visit.objects.exists()
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO visits_visit (client_uuid, person_id, mode, outcome, counts, occurred_on, occurred_at, made_by,"
                " entered_by, channel, late, village_id) VALUES (%s, %s, 'call', 'well', true, now(), now(), 1, 1, 'desk',"
                " false, %s)",
                [uuid.uuid4(), opened.people[0].pk, opened.villages[0].pk],
            )
        with connection.cursor() as cursor:
            cursor.execute("UPDATE duties_duty SET calls_done = 9")
            assert cursor.rowcount == 4  # her own village's two people, two weeks; nobody else's

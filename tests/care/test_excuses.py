"""Excused, not failed: excuses by hand, from life events, and back; emergencies up and down."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from songhe.care.duties import actions as duties
from songhe.care.duties.models import Duty, Excuse, Tally
from songhe.care.visits import actions as visits
from songhe.core.acting import everywhere
from songhe.core.periods import containing
from songhe.core.refusal import Refusal
from songhe.registry.accounts.access import Denied, acting_as
from songhe.registry.people.models import LifeEvent, Merge, Person
from tests.care.county import at, row

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def opened(county, week):
    with everywhere():
        duties.open_period(place=county.place, rule="visiting", period=week, by=0)
    return county


def _excuse(person, first, last, reason="hospital", **more):
    return duties.excuse(person=person, reason=reason, starts_on=first, ends_on=last, by=0, **more)


def _excused(person):
    return Duty.objects.get(person=person, name="visiting").excused


def _sums(person):
    row = Tally.objects.get(name="visiting", village=person.village_id)
    return row.owed, row.excused


def test_an_excuse_suspends_and_its_withdrawal_brings_back(opened, week):
    person = opened.people[0]
    with everywhere():
        made = _excuse(person, week.start, week.start + 3 * DAY)
        assert (_excused(person), _sums(person)) == ("hospital", (1, 1))
        duties.withdraw_excuse(excuse=made, by=0)
        duties.withdraw_excuse(excuse=made, by=0)
        assert (_excused(person), _sums(person)) == ("", (2, 0))


def test_one_given_before_the_period_opens_holds(county, week):
    person = county.people[0]
    with everywhere():
        _excuse(person, week.start, None)
        duties.open_period(place=county.place, rule="visiting", period=week, by=0)
        assert _excused(person) == "hospital"


@pytest.mark.parametrize(
    ("reason", "first", "days", "note", "code"),
    [
        ("boredom", 0, 3, "", "unknown_reason"),
        ("merged", 0, 3, "", "unknown_reason"),
        ("away", 0, None, "", "end_needed"),
        ("refused", 0, None, "", "end_needed"),
        ("away", 0, -1, "", "dates_out_of_order"),
        ("away", 0, 92, "", "excuse_too_long"),
        ("hospital", -36, 50, "证明", "excuse_too_old"),
        ("hospital", -1, 5, " ", "note_needed"),
    ],
)
def test_refused(opened, reason, first, days, note, code):
    helper = opened.post("village_worker", opened.villages[0])
    start = timezone.localdate() + first * DAY
    end = None if days is None else start + days * DAY
    with acting_as(helper), pytest.raises(Refusal) as refused:
        _excuse(opened.people[0], start, end, reason, note=note, post=helper)
    assert refused.value.code == code
    with everywhere():
        assert not Excuse.objects.exists()


def test_only_in_the_own_area_and_only_with_the_permission(opened, week):
    worker = opened.post("village_worker", opened.villages[1])
    with acting_as(worker), pytest.raises(Refusal, match="不在您的辖区"):
        _excuse(opened.people[0], week.start, week.end, note="证明", post=worker)
    with acting_as(opened.helpers[0]), pytest.raises(Denied):
        _excuse(opened.people[0], week.start, week.end, post=opened.helpers[0])


def test_a_village_excuses_somebody_who_moved_in_during_the_period(opened, week):
    person, new = opened.people[0], opened.villages[3]
    worker = opened.post("village_worker", new)
    with everywhere():
        Person.objects.filter(pk=person.pk).update(**new.areas())
        person.refresh_from_db()
    with acting_as(worker):
        _excuse(person, timezone.localdate(), timezone.localdate() + 90 * DAY, "away", post=worker)
        visits.record([row(person)], by=worker.user, post=worker, channel="desk")
    with everywhere():
        assert Duty.objects.get(person=person).calls_done == 1


def _event(person, kind, on, **more):
    areas = {name: getattr(person, name) for name in ("village_id", "town_id", "county_id", "city_id")}
    return LifeEvent.objects.create(person=person, kind=kind, on=on, **areas, **more)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [("death", "deceased"), ("move_out", "moved_out"), ("institution_in", "institution"), ("hospital_in", "hospital")],
)
def test_a_life_event_closes_the_duty_and_its_undoing_opens_it(opened, week, kind, reason):
    person = opened.people[0]
    with everywhere():
        event = _event(person, kind, week.start + 2 * DAY)
        assert (duties.apply_events(by=0), duties.apply_events(by=0)) == (1, 0)
        assert (_excused(person), Excuse.objects.get().event_id) == (reason, event.pk)
        event.undone_at = timezone.now()
        event.save()
        assert (duties.apply_events(by=0), _excused(person), _sums(person)) == (1, "", (2, 0))


def test_who_died_on_sunday_unvisited_was_missed(opened, week):
    with everywhere():
        _event(opened.people[0], "death", week.end)
        duties.apply_events(by=0)
        assert _excused(opened.people[0]) == ""
        assert Excuse.objects.count() == 1


def test_back_from_hospital_the_duty_returns(opened, week):
    person = opened.people[0]
    with everywhere():
        _event(person, "hospital_in", week.start - 3 * DAY)
        duties.apply_events(by=0)
        assert _excused(person) == "hospital"
        _event(person, "hospital_out", week.start + DAY)
        duties.apply_events(by=0)
        assert _excused(person) == ""
        assert Excuse.objects.get(withdrawn_at=None).ends_on == week.start


def test_a_merged_file_owes_nothing_and_its_visits_count_with_the_kept_one(opened, week):
    kept, absorbed = opened.people[0], opened.people[4]
    helper = opened.helpers[0]
    with acting_as(helper):
        visits.record([row(absorbed)], by=helper.user, post=helper, channel="desk")
    with everywhere():
        Person.objects.filter(pk=absorbed.pk).update(merged_into=kept)
        Merge.objects.create(kept=kept, absorbed=absorbed, by=0, **kept.village.areas())
        duties.follow_merges()
        assert _excused(absorbed) == "merged"
        assert Duty.objects.get(person=kept).calls_done == 1
    with acting_as(helper):  # a phone that still holds the old file
        (answer,) = visits.record([row(absorbed)], by=helper.user, post=helper, channel="phone")
    with everywhere():
        assert (answer.result, Duty.objects.get(person=kept).calls_done) == ("new", 2)
        Person.objects.filter(pk=absorbed.pk).update(merged_into=None)
        Merge.objects.update(undone_at=timezone.now())
        duties.follow_merges()
        assert (_excused(absorbed), Duty.objects.get(person=kept).calls_done) == ("", 1)


# Emergencies -------------------------------------------------------------------------------------------------------


def _raise(county, week, place=None, calls=7, visits=2, **more):
    return duties.start_emergency(
        rule="visiting", place=place or county.towns[0], starts_on=week.start, ends_on=week.end, calls=calls,
        visits=visits, reason="虚构暴雨", by=0, **more,
    )  # fmt: skip


def _owed(person, week):
    duty = Duty.objects.get(person=person, period_start=week.start)
    return duty.calls_owed, duty.visits_owed


def test_up_in_the_area_and_back(opened, week):
    inside, outside = opened.people[0], opened.people[2]
    with everywhere():
        made = _raise(opened, week)
        assert (_owed(inside, week), _owed(outside, week)) == ((7, 2), (2, 1))
        both = _raise(opened, week, place=opened.villages[0], calls=3, visits=5)
        assert _owed(inside, week) == (7, 5)
        duties.end_emergency(emergency=made, by=0)
        duties.end_emergency(emergency=made, by=0)
        assert _owed(inside, week) == (3, 5)
        duties.end_emergency(emergency=both, by=0)
        assert _owed(inside, week) == (2, 1)


def test_never_below_the_rule(opened, week):
    with everywhere():
        _raise(opened, week, calls=1, visits=1)
        assert _owed(opened.people[0], week) == (2, 1)


def test_a_period_opened_during_it_is_raised(county, week):
    with everywhere():
        _raise(county, week)
        duties.open_period(place=county.place, rule="visiting", period=week, by=0)
        duties.open_period(place=county.place, rule="visiting", period=week.next(), by=0)
        assert _owed(county.people[0], week) == (7, 2)
        assert _owed(county.people[0], week.next()) == (2, 1)


def test_what_was_kept_is_never_made_missed_afterwards(county, week):
    last = week.previous()
    person, helper = county.people[0], county.helpers[0]
    with everywhere():
        duties.open_period(place=county.place, rule="visiting", period=last, by=0)
    with acting_as(helper):
        for mode in ("call", "call", "home_visit"):
            visits.record([row(person, mode, when=at(last.start))], by=helper.user, post=helper, channel="desk")
    with everywhere():
        duties.start_emergency(
            rule="visiting", place=county.place, starts_on=last.start, ends_on=week.end, calls=7, visits=7,
            reason="虚构暴雨", by=0,
        )  # fmt: skip
        assert Duty.objects.get(person=person, period_start=last.start).kept


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"rule": "none"}, "no_such_rule"),
        ({"ends_on": date(2020, 1, 1)}, "dates_out_of_order"),
        ({"calls": 0, "visits": 0}, "bad_frequency"),
        ({"calls": 100}, "bad_frequency"),
        ({"reason": "  "}, "reason_needed"),
    ],
)
def test_emergency_refused(county, week, change, code):
    asked = {
        "rule": "visiting", "place": county.place, "starts_on": week.start, "ends_on": week.end, "calls": 3,
        "visits": 1, "reason": "虚构暴雨", "by": 0,
    } | change  # fmt: skip
    with everywhere(), pytest.raises(Refusal) as refused:
        duties.start_emergency(**asked)
    assert refused.value.code == code


def test_a_month_needs_half_of_its_days(county):
    month = containing("month", timezone.localdate())
    with everywhere():
        duties.open_period(place=county.place, rule="pairing", period=month, by=0)
        _excuse(county.people[0], month.start, month.start + 14 * DAY)
        _excuse(county.people[1], month.start, month.start + 15 * DAY)
        excused = dict(Duty.objects.values_list("person", "excused"))
    assert [excused[person.pk] for person in county.people[:2]] == ["", "hospital"]

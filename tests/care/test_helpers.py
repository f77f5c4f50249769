"""Named helpers, dated; hand-over; the person's mark in step; workload; the paper sheet."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from songhe.care.duties import actions as duties
from songhe.care.duties import queries as duty_queries
from songhe.care.duties.models import Assignment, Duty
from songhe.care.visits import actions as visits
from songhe.care.visits import queries
from songhe.care.visits.models import Visit
from songhe.care.visits.rules import ZONE
from songhe.core.acting import everywhere
from songhe.core.refusal import Refusal
from songhe.registry.accounts.access import Denied, acting_as
from songhe.registry.people.models import Person
from tests.care.county import row

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def opened(county, week):
    with everywhere():
        duties.open_period(place=county.place, rule="visiting", period=week, by=0)
    return county


def _name(county, person, helper, **more):
    clerk = county.clerk
    with acting_as(clerk):
        return duties.name_helper(person=person, helper=helper.user, by=clerk.user, post=clerk, **more)


def _state(person):
    with everywhere():
        duty = Duty.objects.filter(person=person).first()
        return Person.objects.get(pk=person.pk).helper_named, duty and duty.helper_id


def test_naming_marks_the_person_and_passes_the_running_duty(opened):
    person, helper = opened.people[0], opened.helpers[0]
    _name(opened, person, helper)
    assert _state(person) == (True, helper.user_id)
    second = opened.post("helper", opened.villages[0])
    _name(opened, person, second)
    assert _state(person) == (True, second.user_id)
    with everywhere():
        rows = list(Assignment.objects.order_by("pk").values_list("helper", "valid_from", "valid_to"))
    today = timezone.localdate()
    assert rows == [(helper.user_id, today, today), (second.user_id, today, None)]
    clerk = opened.clerk
    with acting_as(clerk):
        assert duties.end_helper(person=person, by=clerk.user, post=clerk) == 1
        assert duties.end_helper(person=person, by=clerk.user, post=clerk) == 0
    assert _state(person) == (False, None)


def test_a_period_opened_later_takes_the_helper_of_its_kind(county, week):
    person, helper = county.people[0], county.helpers[0]
    _name(county, person, helper, kind="paired")
    assert _state(person)[0] is False
    with everywhere():
        duties.open_period(place=county.place, rule="visiting", period=week, by=0)
    assert _state(person) == (False, None)
    _name(county, person, helper)
    with everywhere():
        duties.open_period(place=county.place, rule="visiting", period=week.next(), by=0)
        assert Duty.objects.get(person=person, period_start=week.next().start).helper_id == helper.user_id


@pytest.mark.parametrize("case", ["outside", "no_post", "helper_may_not", "later"])
def test_refused_and_nothing_changes(opened, case):
    clerk, person, helper = opened.clerk, opened.people[0], opened.helpers[0]
    code = {"outside": "person_outside_area", "no_post": "helper_without_post", "later": "later_helper_stands"}
    if case == "later":
        _name(opened, person, helper, on=timezone.localdate() + 9 * DAY)
    post = helper if case == "helper_may_not" else clerk
    if case == "outside":
        post = opened.post("township_worker", opened.towns[1])
    chosen = opened.helpers[1].user if case == "no_post" else helper.user
    with acting_as(post), pytest.raises(Denied if case == "helper_may_not" else Refusal) as refused:
        duties.name_helper(person=person, helper=chosen, by=post.user, post=post)
    assert getattr(refused.value, "code", "") == code.get(case, "")
    with everywhere():
        assert Assignment.objects.count() == (1 if case == "later" else 0)
    assert _state(person) == (False, None)


def test_all_or_none(opened):
    clerk, helper = opened.clerk, opened.helpers[0]
    pairs = [(opened.people[0].pk, helper.user_id), (opened.people[1].pk, helper.user_id)]
    with acting_as(clerk), pytest.raises(Refusal, match="没有可登记探访的岗位"):
        duties.name_helpers(pairs=pairs, by=clerk.user, post=clerk)
    assert _state(opened.people[0]) == (False, None)


def test_a_helper_leaves(opened):
    clerk, leaving, coming = opened.clerk, opened.helpers[0], opened.post("helper", opened.villages[0])
    mine = [opened.people[0], opened.people[4]]
    for person in mine:
        _name(opened, person, leaving, on=timezone.localdate() - DAY)
    with acting_as(clerk):
        both = {"from_helper": leaving.user, "to_helper": coming.user, "by": clerk.user, "post": clerk}
        with pytest.raises(Refusal, match="不归这名帮扶人员"):
            duties.hand_over(**both, people=[mine[0].pk, opened.people[1].pk])
        assert len(duties.hand_over(**both, people=[mine[0].pk])) == 1
        assert [_state(person)[1] for person in mine] == [coming.user_id, leaving.user_id]
        assert len(duties.hand_over(**both)) == 1
        assert duties.hand_over(**both) == []
        people = [a.person_id for a in queries.helper_people(post=clerk, helper=coming.user_id)]
    assert sorted(people) == [person.pk for person in mine]


def test_naming_from_a_day_on_takes_hold_on_that_day(opened):
    person, helper = opened.people[0], opened.helpers[0]
    day = timezone.localdate() + 3 * DAY
    _name(opened, person, helper, on=day)
    with everywhere():
        duties.refresh_named()
        assert Person.objects.get(pk=person.pk).helper_named is False
        assert duties.refresh_named(on=day) == 1
        assert Person.objects.get(pk=person.pk).helper_named is True


def test_workload_and_who_has_nobody(opened, week):
    helper = opened.helpers[0]
    _name(opened, opened.people[0], helper)
    with acting_as(helper):
        visits.record([row(opened.people[0])], by=helper.user, post=helper, channel="desk")
    with acting_as(opened.clerk):
        loads = {load.helper_id: load for load in queries.workload(post=opened.clerk, period=week)}
        nobody = queries.unnamed(post=opened.clerk, period=week)
        mine = duty_queries.due_list(post=opened.clerk, period=week, helper=helper.user_id).rows
        assert (loads[helper.user_id].calls_done, loads[helper.user_id].calls_owed, loads[None].people) == (1, 2, 7)
        assert opened.people[0].pk not in {duty.person_id for duty in nobody}
        assert (len(nobody), [duty.person_id for duty in mine]) == (7, [opened.people[0].pk])


# The paper sheet -----------------------------------------------------------------------------------------------------


def _sheet(county, lines, week, sheet, **more):
    worker = county.post("village_worker", county.villages[0])
    with acting_as(worker):
        people = queries.sheet_people(post=worker, helper=county.helpers[0].user_id)
        return visits.record_sheet(
            lines,
            people=people,
            helper=county.helpers[0].user,
            week=week,
            sheet=sheet,
            by=worker.user,
            post=worker,
            **more,
        )


@pytest.fixture
def sheet_county(opened):
    for person in (opened.people[0], opened.people[4]):
        _name(opened, person, opened.helpers[0])
    return opened


def test_a_whole_sheet_typed_twice_is_one_sheet(sheet_county, week):
    last, number = week.previous(), uuid.uuid4()
    lines = ["1 d一 d二 s三 平安 代购", "", "2 d一 d一 平安"]
    first = _sheet(sheet_county, lines, last, number)
    again = _sheet(sheet_county, lines, last, number)
    assert ([a.result for a in first], {a.result for a in again}) == (["new"] * 5, {"same"})
    with everywhere():
        kept = list(Visit.objects.all())
    assert {(v.channel, v.late, v.made_by) for v in kept} == {("paper", True, sheet_county.helpers[0].user_id)}
    assert len(kept) == 5


def test_a_bad_line_refuses_the_sheet_or_only_itself(sheet_county, week):
    lines, last = ["1 d一 平安", "3 d一"], week.previous()
    with pytest.raises(visits.RowsRefused, match="行号"):
        _sheet(sheet_county, lines, last, uuid.uuid4())
    with everywhere():
        assert not Visit.objects.exists()
    answers = _sheet(sheet_county, lines, last, uuid.uuid4(), partial="rows")
    assert [answer.result for answer in answers] == ["new", "refused"]


def test_a_helper_does_not_enter_sheets(sheet_county, week):
    helper = sheet_county.helpers[0]
    with acting_as(helper), pytest.raises(Denied):
        visits.record_sheet(
            [], people=[], helper=helper.user, week=week, sheet=uuid.uuid4(), by=helper.user, post=helper
        )


def test_todays_sheet_typed_before_noon_and_again_in_the_evening(sheet_county, week):
    today, number = timezone.localdate(), uuid.uuid4()
    midnight = timezone.now().astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    line = [f"1 d{today.day} 平安"]
    first = _sheet(sheet_county, line, week, number, now=midnight + timedelta(hours=8))
    again = _sheet(sheet_county, line, week, number, now=midnight + timedelta(hours=20))
    assert [answer.result for answer in first + again] == ["new", "same"]

"""A township's week in the database: planned, tried, told, replaced; everybody owed is in it or explained."""

import uuid
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from songhe.care.duties import actions as duties
from songhe.care.duties.access import SYSTEM
from songhe.care.services import actions as services
from songhe.care.visits import actions as visits
from songhe.core import periods
from songhe.core.acting import acting, everywhere
from songhe.core.models import AuditEvent
from songhe.core.refusal import Refusal
from songhe.insight.planning.weekly.model import Forbid, Pin, Urgent
from songhe.insight.rounds import actions, queries
from songhe.insight.rounds.gathering import town_week
from songhe.insight.rounds.models import Plan, PlanItem
from songhe.insight.rounds.wishes import Wishes
from songhe.registry.accounts.access import Denied, acting_as
from songhe.registry.facilities.models import Organisation

EFFORT = 400


def made(town, **more) -> Plan:
    """The running week planned as if today were its Monday."""
    given = {"post": SYSTEM, "by": 0, "today": town.monday, "effort": EFFORT, "period": town.week} | more
    return actions.make_week(place=town.place, **given)


def tried(town, plan, today=None, **wishes) -> Plan:
    swap = wishes.pop("swap", None)
    return actions.try_out(plan=plan, wishes=Wishes(**wishes), swap=swap, by=0, post=SYSTEM, today=today or town.monday)


def rows(plan):
    return list(PlanItem.objects.filter(plan=plan).order_by("on", "position"))


def test_everybody_owed_is_planned_or_explained(town):
    with everywhere():
        duties.excuse(person=town.people[0], reason="hospital", starts_on=town.monday, by=0)
        plan = made(town)
        count = Counter((row.person_id, row.kind) for row in rows(plan))
        for person in town.people[1:]:
            assert (count[person.pk, "call"], count[person.pk, "visit"]) == (2, 1)
        assert count[town.people[0].pk, "visit"] == 0
        assert [row.person_id for row in queries.left(post=SYSTEM, plan=plan, excused="only")] == [town.people[0].pk]
        assert (plan.visits, plan.calls, plan.left, plan.excused) == (11, 22, 0, 1)
        assert plan.way <= plan.naive_way
        assert "示意图" in plan.notes[0]["zh"]
        assert "直线" in plan.basis


def test_a_draft_binds_nobody_until_it_is_told(town):
    with everywhere():
        plan = made(town)
        on = rows(plan)[0].on
        helper = rows(plan)[0].helper_id
        assert queries.in_force(post=SYSTEM, place=town.place, period=town.week) is None
        assert queries.told(post=SYSTEM, helper=helper, first=on, last=on) == []
        told = actions.tell(plan=plan, by=0, post=SYSTEM)
        assert actions.tell(plan=plan, by=0, post=SYSTEM).told_at == told.told_at
        assert queries.in_force(post=SYSTEM, place=town.place, period=town.week) == plan
        assert queries.told(post=SYSTEM, helper=helper, first=on, last=on)


def test_the_plan_in_force_is_part_of_a_carers_day(town):
    """Whoever visits and is sent to services has one day: minutes of orders and of what the plan told them, nothing of a draft."""
    with everywhere():
        firm = Organisation.objects.create(name="虚构服务", credit_code="99999999999999999X", kind="company")
        provider = services.enrol_provider(
            by=None, post=None, organisation=firm, kinds=["cleaning"], areas=[town.county], daily_capacity=9, valid_from=town.monday,
        )  # fmt: skip
        ann, idle = (
            services.enrol_worker(
                by=None, post=None, provider=provider, name=name, sex="f", place=town.place, daily_minutes=480,
                valid_from=town.monday, user=user,
            )
            for name, user in (("安", town.ann.user), ("闲", None))
        )  # fmt: skip
        plan = made(town)
        hers = [row for row in rows(plan) if row.helper_id == town.ann.user_id]
        on, load = hers[0].on, queries.workload(SYSTEM)
        assert load([ann.pk, idle.pk], on) == {}
        actions.tell(plan=plan, by=0, post=SYSTEM)
        that_day = [row for row in hers if row.on == on]
        expected = sum({"call": 8, "visit": 30}[row.kind] + row.way for row in that_day)
        assert load([ann.pk, idle.pk], on) == {ann.pk: pytest.approx(expected)}
        assert load([ann.pk, idle.pk], on + timedelta(days=30)) == {}
    with acting_as(town.outsider):
        assert queries.workload(town.outsider)([ann.pk], on) == {}


def test_the_same_seed_gives_the_same_week(town):
    with everywhere():
        one, other = made(town), made(town)
        key = lambda row: (row.person_id, row.helper_id, row.on, row.kind, row.position)  # noqa: E731
        assert [key(r) for r in rows(one)] == [key(r) for r in rows(other)]
        assert one.price == other.price


def test_a_helper_falls_ill_and_others_take_over_with_the_reason(town):
    with everywhere():
        plan = actions.tell(plan=made(town), by=0, post=SYSTEM)
        ann = str(town.ann.user_id)
        day = next(row.on for row in rows(plan) if row.helper_id == town.ann.user_id)
        number = (day - town.monday).days
        again = tried(town, plan, ill={ann: tuple(range(number, 7))})
        assert not [row for row in rows(again) if row.helper_id == town.ann.user_id and row.on >= day]
        hands = queries.hands(queries.changes(post=SYSTEM, plan=again))
        assert hands
        assert {row.reason for row in hands} <= {"helper_off", "make_room"}
        assert all(row.reason == "helper_off" for row in hands if row.from_helper_id == town.ann.user_id)
        assert queries.in_force(post=SYSTEM, place=town.place, period=town.week) == plan
        actions.tell(plan=again, by=0, post=SYSTEM)
        assert queries.in_force(post=SYSTEM, place=town.place, period=town.week) == again
        assert Plan.objects.get(pk=plan.pk).ended_at is not None
        assert PlanItem.objects.filter(plan=plan, in_force=True).count() == 0


def test_wishes_bind_and_are_kept_for_the_next_change(town):
    with everywhere():
        plan = actions.tell(plan=made(town), by=0, post=SYSTEM)
        one, other, third = (str(town.people[n].pk) for n in (1, 2, 7))
        bob, cho = str(town.bob.user_id), str(town.cho.user_id)
        second = tried(
            town, plan, pins=(Pin(one, bob, 3),), forbids=(Forbid(third, cho),), urgent=(Urgent(other, 4, "发烧"),)
        )
        visit = next(row for row in rows(second) if row.person_id == int(one) and row.kind == "visit")
        assert (visit.helper_id, visit.on) == (town.bob.user_id, town.day(3))
        assert not [row for row in rows(second) if row.person_id == int(third) and row.helper_id == town.cho.user_id]
        assert [row.on for row in rows(second) if row.why == "urgent"] == [town.day(4)]
        actions.tell(plan=second, by=0, post=SYSTEM)
        last = tried(town, second, ill={str(town.ann.user_id): (0,)})
        visit = next(row for row in rows(last) if row.person_id == int(one) and row.kind == "visit")
        assert (visit.helper_id, visit.on) == (town.bob.user_id, town.day(3))
        assert last.wishes["urgent"] == [[other, 4, "发烧"]]
        reasons = {row.person_id: row.reason for row in queries.changes(post=SYSTEM, plan=second)}
        assert reasons[int(other)] == "urgent" or reasons[int(one)] == "pinned"


def test_two_people_swap_their_helpers(town):
    with everywhere():
        plan = actions.tell(plan=made(town), by=0, post=SYSTEM)
        goes = {row.person_id: row.helper_id for row in rows(plan) if row.kind == "visit"}
        one = next(p.pk for p in town.people if goes[p.pk] == town.ann.user_id)
        other = next(p.pk for p in town.people if goes[p.pk] != town.ann.user_id)
        again = tried(town, plan, swap=(str(one), str(other)))
        now = {row.person_id: row.helper_id for row in rows(again) if row.kind == "visit"}
        assert (now[one], now[other]) == (goes[other], goes[one])


def test_what_was_done_is_not_planned_again(town):
    with everywhere():
        plan = actions.tell(plan=made(town), by=0, post=SYSTEM)
        person = town.people[1]
        row = {"person": person.pk, "mode": "home_visit", "outcome": "well", "occurred_at": timezone.now(), "needs": ()}
        visits.record([row | {"uuid": uuid.uuid4()}], by=town.ann.user_id, post=SYSTEM, channel="desk")
        again = tried(town, plan)
        assert not [r for r in rows(again) if r.person_id == person.pk and r.kind == "visit"]


def test_a_week_that_is_not_open_yet_is_planned_from_the_running_one(town):
    with everywhere():
        duties.excuse(person=town.people[0], reason="hospital", starts_on=town.monday, by=0)
        plan = made(town, period=town.week.next())
        assert (plan.visits, plan.calls, plan.first_day) == (11, 22, 0)
        assert any("还没有开启" in note["zh"] for note in plan.notes)
        assert min(row.on for row in rows(plan)) >= town.week.next().start
        lines = queries.towns(post=SYSTEM, place=town.county, period=town.week.next())
        assert plan.place in [line.place for line in lines if line.draft == plan]


def test_refused_with_nothing_written(town):
    with everywhere():
        with pytest.raises(Refusal) as no_town:
            actions.make_week(place=town.county, period=town.week, by=0, post=SYSTEM, today=town.monday)
        assert no_town.value.code == "not_a_township"
        with pytest.raises(Refusal) as over:
            made(town, today=town.week.next().start)
        assert over.value.code == "week_over"
        with pytest.raises(Refusal) as closed:
            made(town, period=town.week.previous(), today=town.monday - timedelta(days=7))
        assert closed.value.code == "nothing_owed"
        with pytest.raises(Refusal) as weekend:
            made(town, today=town.day(5))
        assert weekend.value.code == "no_hours_left"
        month = periods.containing("month", town.monday)
        with pytest.raises(Refusal) as month_:
            actions.make_week(place=town.place, period=month, by=0, post=SYSTEM, today=town.monday)
        assert month_.value.code == "not_a_week"
        assert Plan.objects.count() == 0
        plan = made(town)
        with pytest.raises(Refusal) as unknown:
            tried(town, plan, ill={"999999": (1,)})
        assert unknown.value.code == "not_in_this_week"
        with pytest.raises(Refusal) as clash:
            tried(
                town, plan, pins=(Pin(str(town.people[1].pk), str(town.ann.user_id), 2),),
                ill={str(town.ann.user_id): (2,)},
            )  # fmt: skip
        assert town.ann.user.name in str(clash.value.zh)
        with pytest.raises(Refusal) as late:
            tried(town, plan, today=town.day(3), urgent=(Urgent(str(town.people[1].pk), 1, ""),))
        assert late.value.code == "day_past"
        assert Plan.objects.count() == 1


def test_half_failed_leaves_nothing(town, monkeypatch):
    with everywhere():
        week = town_week(post=SYSTEM, place=town.place, period=town.week, today=town.monday)
        computed = actions.compute(week, effort=EFFORT)

    def burst(*_args):
        raise RuntimeError("disk full")

    monkeypatch.setattr(actions, "_keep_rows", burst)
    with pytest.raises(RuntimeError), everywhere():
        actions.keep(computed, by=0, post=SYSTEM)
    with everywhere():
        assert Plan.objects.count() == 0


def test_a_colleagues_newer_plan_is_not_overwritten(town):
    with everywhere():
        plan = actions.tell(plan=made(town), by=0, post=SYSTEM)
        mine, theirs = tried(town, plan), tried(town, plan)
        actions.tell(plan=theirs, by=0, post=SYSTEM)
        with pytest.raises(Refusal) as stale:
            actions.tell(plan=mine, by=0, post=SYSTEM)
        assert stale.value.code == "plan_outdated"
        actions.leave(plan=mine, by=0, post=SYSTEM)
        with pytest.raises(Refusal) as gone:
            actions.tell(plan=mine, by=0, post=SYSTEM)
        assert gone.value.code == "plan_ended"
        with pytest.raises(Refusal) as binding:
            actions.leave(plan=theirs, by=0, post=SYSTEM)
        assert binding.value.code == "plan_in_force"


def test_only_the_townships_own_people_plan_it(town):
    with acting_as(town.clerk):
        plan = actions.make_week(
            place=town.place, period=town.week, by=town.clerk.user, post=town.clerk, today=town.monday, effort=EFFORT
        )
        assert queries.plan(post=town.clerk, pk=plan.pk).visits == 12
    with acting([], sees_audit="yes"):
        verbs = AuditEvent.objects.filter(verb__startswith="plans.").values_list("verb", "subject_id", "user_id")
        assert list(verbs) == [("plans.keep", plan.pk, town.clerk.user_id)]
    with acting_as(town.leader):
        assert len(queries.items(post=town.leader, plan=plan)) == 36
        with pytest.raises(Denied):
            actions.tell(plan=plan, by=town.leader.user, post=town.leader)
    with acting_as(town.outsider):
        with pytest.raises(Refusal):
            queries.plan(post=town.outsider, pk=plan.pk)
        assert queries.items(post=town.outsider, plan=plan) == []
        assert PlanItem.objects.count() == 0
        with pytest.raises(Refusal) as outside:
            actions.make_week(place=town.place, period=town.week, by=town.outsider.user, post=town.outsider)
        assert outside.value.code == "place_outside_area"
    with acting_as(town.ann):
        assert Plan.objects.count() == 0  # a village post sees its people's contacts, not the township's plan
        assert {row.person_id for row in PlanItem.objects.all()} == {p.pk for p in town.people[:6]}

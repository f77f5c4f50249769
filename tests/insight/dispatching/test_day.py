"""A day is read, planned, changed by wishes; dispatched whole, or not at all."""

from contextlib import contextmanager
from datetime import time, timedelta
from itertools import pairwise

import pytest
from django.utils import timezone

from songhe.care.services.models import Absence, Crew, Dispatch, Order, Provider, Shift
from songhe.core.acting import everywhere
from songhe.core.refusal import Refusal
from songhe.insight.dispatching import actions
from songhe.insight.dispatching.model import Wishes
from songhe.insight.dispatching.pricing import price_of
from songhe.registry.accounts.access import Denied
from tests.care.services.street import tomorrow
from tests.insight.dispatching.world import planned, the_day


@pytest.fixture(autouse=True)
def seeing_all():
    with everywhere():
        yield


@contextmanager
def refused(code: str):
    with pytest.raises(Refusal) as told:
        yield
    assert told.value.code == code


def reasons(found) -> dict[int, str]:
    return {each.order.pk: each.reason.code for each in found.left}


def proposals(found) -> list[actions.Proposal]:
    return [
        actions.Proposal(pk, visits[0].ask.order.state, tuple(v.worker for v in visits), visits[0].start)
        for pk, visits in found.crews().items()
    ]


def confirm(street, found, **more):
    post = more.pop("post", street.dispatcher)
    given = {
        "by": post.user,
        "post": post,
        "place": street.place,
        "on": tomorrow().date(),
        "proposals": proposals(found),
    }
    return actions.confirm(**given | more)


def holds(day, found) -> None:
    """Every rule again, slowly: nobody at two places at once, ways kept, crews whole and of one provider."""
    for worker, visits in found.rounds.items():
        for before, after in pairwise(visits):
            assert before.end + day.minutes(before.ask.point, after.ask.point) <= after.start
        assert sum(v.ask.order.minutes for v in visits) <= day.hands[worker].left
        for v in visits:
            assert worker in v.ask.allowed
            assert v.ask.opens <= v.start <= v.ask.limit
            s = day.stretch_of(worker, v.start)
            assert s.start + v.way <= v.start if v is visits[0] else True
            assert v.end + day.minutes(v.ask.point, s.returns) <= s.end or v is not visits[-1]
    for visits in found.crews().values():
        assert len({v.worker for v in visits}) == visits[0].ask.order.carers
        assert len({v.start for v in visits}) == 1
        assert len({day.provider(v.worker).pk for v in visits}) == 1


def test_a_day_is_planned_with_crews_and_costs_no_more_than_one_by_one(street):
    for n, person in enumerate(street.people):
        street.ask(person=person, when=tomorrow(9 + (5 * n) % 4))
    street.ask(person=street.people[3], item="bath-home", when=tomorrow(14))
    day, found = planned(street)
    assert not day.left
    assert found.left == []
    holds(day, found)
    assert found.price.done == 9
    assert found.naive.left == 0
    assert found.price.travel + found.price.late <= found.naive.travel + found.naive.late
    assert found.price == price_of(day, found.rounds, left=0)
    _day, again = planned(street)
    assert again.price == found.price


def test_what_is_dispatched_stays_and_new_orders_go_between(street):
    held = street.ask(person=street.people[0], when=tomorrow(10))
    street.send(held)
    worker = street.team[0][0]
    Absence.objects.bulk_create(
        Absence(worker=w, starts_on=tomorrow().date(), ends_on=tomorrow().date())
        for team in street.team for w in team if w.pk != worker.pk
    )  # fmt: skip
    early, late = (
        street.ask(person=street.people[1], when=tomorrow(8)),
        street.ask(person=street.people[2], when=tomorrow(11)),
    )
    day, found = planned(street)
    hand = day.hands[worker.pk]
    assert [b.order.pk for b in hand.booked] == [held.pk]
    assert len(hand.stretches) == 2
    assert hand.left == 480 - 60
    holds(day, found)
    times = {v.ask.pk: v.start for v in found.rounds[worker.pk]}
    assert times[early.pk] + 60 + day.minutes(hand.stretches[0].returns, found.crews()[early.pk][0].ask.point) <= 600
    assert times[late.pk] >= 660


def test_each_rule_that_keeps_an_order_out_is_named(street):
    on = tomorrow().date()
    bath = street.ask(item="bath-home")
    Absence.objects.bulk_create(Absence(worker=w, starts_on=on, ends_on=on) for team in street.team for w in team[:2])
    assert reasons(the_day(street)) == {bath.pk: "not_together"}
    Absence.objects.bulk_create(Absence(worker=team[2], starts_on=on, ends_on=on) for team in street.team)
    assert reasons(the_day(street)) == {bath.pk: "no_absence"}
    Absence.objects.all().delete()
    street.people[0].__class__.objects.update(longitude=None, latitude=None)
    assert reasons(the_day(street)) == {bath.pk: "no_position"}
    street.people[0].__class__.objects.update(longitude=115.0, latitude=38.5)
    Shift.objects.update(starts=time(5), ends=time(7))
    assert reasons(the_day(street)) == {bath.pk: "no_time"}
    Shift.objects.update(starts=time(8), ends=time(17), weekday=(on.weekday() + 1) % 7, valid_to=on)
    assert reasons(the_day(street)) == {bath.pk: "no_shift"}
    Provider.objects.update(kinds=["cleaning"])
    assert reasons(the_day(street)) == {bath.pk: "no_provider"}
    with refused("day_over"):
        the_day(street, on=on - timedelta(days=2))


def test_too_many_for_one_pair_of_hands_are_left_with_the_reason(street):
    on, only = tomorrow().date(), street.team[0][0]
    Absence.objects.bulk_create(
        Absence(worker=w, starts_on=on, ends_on=on) for team in street.team for w in team if w.pk != only.pk
    )
    for person in street.people[:6]:
        street.ask(person=person, when=tomorrow(9), wanted_to=tomorrow(9, 30))
    day, found = planned(street)
    holds(day, found)
    assert set(reasons(found).values()) == {"crowded"}
    assert len(found.left) == 6 - found.price.done
    assert found.price.done >= 2
    only.daily_minutes = 60
    only.save(update_fields=["daily_minutes"])
    _day, tight = planned(street)
    assert tight.price.done == 1
    assert set(reasons(tight).values()) <= {"over_daily", "crowded"}
    only.daily_minutes = 480
    only.save(update_fields=["daily_minutes"])
    Provider.objects.update(daily_capacity=1)
    _day, full = planned(street)
    assert full.price.done == 1
    assert "provider_full" in reasons(full).values()


def test_a_pin_a_ban_and_an_order_set_aside_are_kept_and_have_their_price(street):
    orders = [street.ask(person=person, when=tomorrow(9)) for person in street.people[:4]]
    bath = street.ask(person=street.people[4], item="bath-home", when=tomorrow(13))
    day, free = planned(street)
    far = street.team[1][1].pk
    crew = free.crews()[bath.pk]
    other = next(w for w in sorted(crew[0].ask.allowed) if w not in {v.worker for v in crew})
    wishes = Wishes(pins={orders[0].pk: far, bath.pk: other}, forbids=frozenset({(orders[1].pk, far)}), aside=frozenset({orders[2].pk}))  # fmt: skip
    _same, found = planned(street, wishes, day)
    holds(day, found)
    crews = {pk: {v.worker for v in visits} for pk, visits in found.crews().items()}
    assert crews[orders[0].pk] == {far}
    assert other in crews[bath.pk]
    assert far not in crews[orders[1].pk]
    assert reasons(found) == {orders[2].pk: "aside"}
    difference = found.price.less(free.price)
    assert difference.done == -1
    assert difference.left == 0
    _same, none = planned(street, Wishes(pins={orders[0].pk: 0}), day)
    assert reasons(none)[orders[0].pk] == "pin_cannot"


def test_the_whole_day_is_dispatched_in_one_go(street, whole):
    for person in street.people[:3]:
        street.ask(person=person)
    street.ask(person=street.people[4], item="bath-home", when=tomorrow(13))
    _day, found = planned(street)
    made = confirm(street, found)
    whole()
    assert set(Order.objects.values_list("state", flat=True)) == {"dispatched"}
    assert {(d.order_id, d.starts_at) for d in made} == {(pk, _day.at(vs[0].start)) for pk, vs in found.crews().items()}
    assert Crew.objects.filter(live=True).count() == 5


def test_nothing_is_dispatched_when_one_order_moved_on_or_hands_are_gone(street):
    first, second = (street.ask(person=person) for person in street.people[:2])
    _day, found = planned(street)
    plan = proposals(found)
    street.send(second, provider=1)
    with pytest.raises(Refusal) as told:
        confirm(street, found)
    assert second.number in told.value.zh
    assert Dispatch.objects.count() == 1
    assert Order.objects.get(pk=first.pk).state == "waiting"

    mine = [p for p in plan if p.order == first.pk]
    Absence.objects.create(worker_id=mine[0].workers[0], starts_on=tomorrow().date(), ends_on=tomorrow().date())
    with refused("day_changed"):
        confirm(street, found, proposals=mine)
    Absence.objects.all().delete()
    late = timezone.now() + timedelta(days=1)
    with refused("day_changed"):
        confirm(street, found, proposals=[actions.Proposal(first.pk, "waiting", mine[0].workers, 1)], now=late)
    with refused("nothing_ticked"):
        confirm(street, found, proposals=[])
    assert Dispatch.objects.count() == 1
    assert len(confirm(street, found, proposals=mine)) == 1


def test_half_a_batch_never_stays(street, monkeypatch):
    from songhe.care.services import actions as services

    for person in street.people[:3]:
        street.ask(person=person)
    _day, found = planned(street)
    real, done = services.dispatch, []

    def fails(**given):
        if len(done) == 2:
            raise Refusal("worker_in_one_place", zh="有别的单。", en="Busy.")
        done.append(real(**given))
        return done[-1]

    monkeypatch.setattr(services, "dispatch", fails)
    with refused("day_changed"):
        confirm(street, found)
    assert len(done) == 2
    assert not Dispatch.objects.exists()
    assert set(Order.objects.values_list("state", flat=True)) == {"waiting"}


def test_who_may_not_dispatch_dispatches_nothing(street):
    street.ask()
    _day, found = planned(street)
    for post in (street.helpers[0], street.managers[0], street.carer_posts[street.team[0][0].pk]):
        with pytest.raises(Denied):
            confirm(street, found, post=post)
    assert not Dispatch.objects.exists()

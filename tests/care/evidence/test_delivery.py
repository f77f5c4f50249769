"""Start and finish: kept once, refused with a sentence, half failed and nothing stayed; what is looked at afterwards."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from songhe.care.evidence import actions
from songhe.care.evidence.models import CallBack, Check, Flag, Proof, Rating, Stamp
from songhe.care.services.models import Step
from songhe.core.refusal import Refusal
from songhe.registry.accounts.access import Denied
from songhe.registry.people import service_code
from songhe.registry.people.models import CodeChange
from songhe.registry.people.service_code import code_of
from tests.care.evidence.served import at, month_ago, picture


def flags(order) -> list[str]:
    return sorted(Flag.objects.filter(order=order).values_list("rule", flat=True))


def state(order) -> str:
    return Check.objects.get(order=order).state


def test_an_order_is_served_looked_at_and_accepted(served):
    order = served.order()
    served.serve(order)
    assert (order.state, order.finished_at - order.started_at) == ("done", timedelta(minutes=70))
    assert state(order) == "open"
    assert actions.look(month=month_ago()) == {"flags": 0, "opened": 0, "refused": 0, "accepted": 1}
    assert state(order) == "accepted"
    assert actions.look(month=month_ago()) == {"flags": 0, "opened": 0, "refused": 0, "accepted": 0}


def test_the_same_record_twice_is_one_fact_and_another_content_is_refused(served):
    order, number = served.order(), uuid.uuid4()
    first = served.stamp(order, "start", at(3, 9), number=number)
    assert served.stamp(order, "start", at(3, 9), number=number).pk == first.pk
    assert Step.objects.filter(order=order, to_state="serving").count() == 1
    with pytest.raises(Refusal) as refused:
        served.stamp(order, "start", at(3, 10), number=number)
    assert refused.value.code == "number_taken"
    with pytest.raises(Refusal) as refused:
        served.stamp(order, "start", at(3, 9, 5))
    assert refused.value.code == "stamp_once"
    assert Stamp.objects.count() == 1


def test_a_finish_needs_its_start_and_a_stranger_is_refused(served):
    order = served.order()
    with pytest.raises(Refusal) as refused:
        served.stamp(order, "finish", at(3, 10))
    assert refused.value.code == "stamp_in_order"
    with pytest.raises(Refusal) as refused:
        served.stamp(order, "start", at(3, 9), worker=served.team[1][0])
    assert refused.value.code == "no_such_order"
    with pytest.raises(Denied):
        actions.stamp(
            by=served.clerk.user, post=served.clerk, order=order, kind="start", at=at(3, 9), number=uuid.uuid4()
        )
    assert (Stamp.objects.count(), Proof.objects.count()) == (0, 0)
    order.refresh_from_db()
    assert order.state == "accepted"


def test_two_carers_begin_and_end_one_order(served):
    order = served.order(item="bath-home", hands=(0, 1))
    one, two = served.team[0][:2]
    served.stamp(order, "start", at(3, 9), one)
    served.stamp(order, "start", at(3, 9, 5), two)
    served.stamp(order, "finish", at(3, 10, 10), one)
    order.refresh_from_db()
    assert order.state == "serving"
    served.stamp(order, "finish", at(3, 10, 12), two)
    order.refresh_from_db()
    assert (order.state, order.started_at, order.finished_at) == ("done", at(3, 9), at(3, 10, 12))


def test_a_record_older_than_the_terms_goes_through_a_supervisor_with_a_reason(served):
    order, worker = served.order(), served.team[0][0]
    with pytest.raises(Refusal) as refused:
        served.stamp(order, "start", at(3, 9), now=at(3, 9) + timedelta(days=40))
    assert refused.value.code == "too_late"
    manager = served.managers[0]
    enter = {"by": manager.user, "post": manager, "order": order, "worker": worker}
    with pytest.raises(Refusal) as refused:
        actions.override(**enter, kind="start", at=at(3, 9), reason="  ")
    assert refused.value.code == "reason_missing"
    actions.override(**enter, kind="start", at=at(3, 9), reason="手机损坏")
    actions.override(**enter, kind="finish", at=at(3, 10), reason="手机损坏")
    actions.look(month=month_ago())
    assert flags(order) == ["incomplete", "late_entry", "unlocated"]
    assert state(order) == "open"
    with pytest.raises(Refusal):
        actions.override(**(enter | {"worker": served.team[1][0]}), kind="start", at=at(3, 9), reason="x")


def test_flags_wait_for_a_person_and_the_database_holds_to_it(served):
    first, second = served.order(hour=9), served.order(hour=10, person=served.people[1])
    served.serve(first, minutes=90)
    served.serve(second)
    assert actions.look(month=month_ago())["flags"] == 2
    assert (flags(first), flags(second)) == (["overlap"], ["overlap"])
    assert (state(first), state(second)) == ("open", "open")
    with pytest.raises(IntegrityError), transaction.atomic():
        Check.objects.filter(order=first).update(state="accepted", decided_at=at(4, 9))
    one, other = Flag.objects.get(order=first), Flag.objects.get(order=second)
    clerk = {"by": served.clerk.user, "post": served.clerk}
    with pytest.raises(Refusal) as refused:
        actions.decide(flags=[one], verdict="accepted", reason="", **clerk)
    assert refused.value.code == "reason_missing"
    with pytest.raises(Denied):
        actions.decide(flags=[one], verdict="accepted", reason="x", by=served.managers[0].user, post=served.managers[0])
    actions.decide(flags=[one], verdict="accepted", reason="时间填错，已核实", **clerk)
    actions.decide(flags=[other], verdict="refused", reason="护理员不在现场", **clerk)
    assert (state(first), state(second)) == ("accepted", "refused")
    with pytest.raises(Refusal) as refused:
        actions.decide(flags=[one], verdict="refused", reason="再想想", **clerk)
    assert refused.value.code == "flag_answered_once"
    assert Flag.objects.get(order=first).verdict == "accepted"


def test_a_missing_position_is_unverified_until_somebody_says_so(served):
    silent, coded, called = (served.order(day=n, person=served.people[n]) for n in (3, 4, 5))
    served.serve(silent, position=None)
    code = code_of(coded.person)
    served.serve(coded, position=None, given=actions.Given(code=code))
    served.serve(called, position={"longitude": "nowhere"})
    actions.look(month=month_ago())
    assert [state(order) for order in (silent, coded, called)] == ["open", "accepted", "open"]
    assert Flag.objects.get(order=coded).verdict == "verified"
    desk = {"by": served.dispatcher.user, "post": served.dispatcher}
    actions.call_back(order=called, outcome="unreached", **desk)
    assert state(called) == "open"
    actions.call_back(order=called, outcome="confirmed", stars=5, **desk)
    called.refresh_from_db()
    assert (state(called), called.state) == ("accepted", "rated")
    assert Rating.objects.get(order=called).stars == 5
    with pytest.raises(Refusal) as refused:
        actions.call_back(order=called, outcome="denied", **desk)
    assert refused.value.code == "call_back_answered_once"


def test_a_wrong_code_proves_nothing_and_is_not_lost(served):
    order = served.order()
    wrong = f"{(int(code_of(order.person)) + 1) % 10**6:06d}"
    made = served.serve(order, given=actions.Given(code=wrong))
    kept = Proof.objects.get(stamp=made)
    assert (kept.kind, wrong.encode() in bytes(kept.sealed)) == ("code_no", False)
    assert actions.code_refused(made)
    assert order.state == "done"
    actions.look(month=month_ago())
    assert flags(order) == ["incomplete"]


def test_a_lost_card_is_replaced_and_the_old_code_ends_at_that_moment(served):
    before, after, late = (served.order(day=n, person=served.people[n]) for n in (3, 4, 5))
    old = {order.pk: code_of(order.person) for order in (before, after, late)}
    clerk = served.post("clerk", served.place)
    for order in (after, late):
        service_code.renew(by=clerk.user, post=clerk, person=order.person, reason="卡片丢失")
    CodeChange.objects.filter(person=late.person).update(
        at=at(6, 0)
    )  # after the service, before its telephone was heard
    assert code_of(after.person) != old[after.pk]
    for order, kind in ((before, "code"), (late, "code")):
        made = served.serve(order, given=actions.Given(code=old[order.pk]), late=timedelta(days=2))
        assert Proof.objects.get(stamp=made).kind == kind
    CodeChange.objects.filter(person=after.person).update(at=at(1, 0))
    assert Proof.objects.get(stamp=served.serve(after, given=actions.Given(code=old[after.pk]))).kind == "code_no"
    assert service_code.matches(after.person, code_of(after.person))
    with pytest.raises(Refusal) as refused:
        service_code.renew(by=clerk.user, post=clerk, person=after.person, reason=" ")
    assert refused.value.code == "reason_missing"
    for who in (served.managers[0], served.carer_posts[served.team[0][0].pk]):
        with pytest.raises(Denied):
            service_code.renew(by=who.user, post=who, person=after.person, reason="x")
    assert CodeChange.objects.count() == 2


def test_the_card_of_a_merged_file_still_counts(served):
    kept, other = served.people[:2]
    card = code_of(other)
    assert not service_code.matches(kept, card)
    type(other).objects.filter(pk=other.pk).update(merged_into=kept)
    assert service_code.matches(kept, card)
    assert service_code.matches(kept, code_of(kept))


def test_a_denial_opens_an_accepted_order_again(served):
    order = served.order()
    served.serve(order)
    actions.look(month=month_ago())
    actions.call_back(by=served.dispatcher.user, post=served.dispatcher, order=order, outcome="denied")
    assert (state(order), flags(order)) == ("open", ["denied"])


def test_a_copied_photograph_is_found_months_later_and_a_dark_one_proves_nothing(served):
    from songhe.care.services.models import Item

    Item.objects.filter(code="cleaning").update(proofs=["time", "photo"])
    first, second, dark = (served.order(day=n, person=served.people[n % 8]) for n in (3, 9, 12))
    served.serve(first, given=actions.Given(photos=[picture(1)]))
    served.serve(second, given=actions.Given(photos=[picture(1, side=200)]))
    served.serve(dark, given=actions.Given(photos=[picture(1)[:100]]))
    actions.look(month=month_ago())
    assert (flags(first), flags(second), flags(dark)) == ([], ["photo_reused"], ["incomplete"])


def test_the_sample_can_be_drawn_again_by_anybody(served):
    from songhe.registry.facilities.rules import drawn

    for n in range(4):
        served.serve(served.order(day=3 + n, person=served.people[n]))
    desk = {"by": served.dispatcher.user, "post": served.dispatcher}
    made = actions.draw(place=served.place, provider=served.providers[0], month=month_ago(), **desk)
    assert (made.size, len(made.population)) == (4, 4)
    assert made.drawn == [int(pk) for pk in drawn([str(pk) for pk in made.population], size=4, seed=made.seed)]
    with pytest.raises(Refusal) as refused:
        actions.draw(place=served.place, provider=served.providers[0], month=month_ago(), **desk)
    assert refused.value.code == "sample_once"
    with pytest.raises(Refusal) as refused:
        actions.draw(place=served.place, provider=served.providers[1], month=month_ago(), **desk)
    assert refused.value.code == "nothing_to_draw"


def test_facts_are_never_edited(served):
    order = served.order()
    served.serve(order)
    for model, change in ((Stamp, {"at": at(3, 8)}), (Proof, {"kind": "code"})):
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.update(**change)
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.all().delete()
    assert CallBack.objects.count() == 0

"""An order walks from the call to the end: each verb happened, was refused, or left nothing behind."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from songhe.care.services import actions, terms
from songhe.care.services.models import Crew, Dispatch, Item, Order, Quota, Step
from songhe.core.acting import everywhere
from songhe.core.models import AuditEvent
from songhe.core.refusal import Refusal
from songhe.registry.accounts.access import Denied, acting_as
from tests.care.services.street import SINCE, tomorrow

pytestmark = pytest.mark.django_db


def refused(code):
    return pytest.raises(Refusal, check=lambda refusal: refusal.code == code)


def states(order):
    return [(s.from_state, s.to_state) for s in Step.objects.filter(order=order)]


def test_a_call_becomes_an_order_with_its_right_frozen(street, whole):
    with acting_as(street.dispatcher):
        order = street.ask(item="bath-home", caller="本人", note="轻一点")
        whole()
        order.refresh_from_db()
        assert (order.state, order.carers, order.minutes) == ("waiting", 2, 60)
        assert (order.funding, order.entitlement, order.clause["zh"]) == ("entitled", "alone", "第五条")
        assert (order.government_pays, order.person_pays) == (Decimal("128.00"), Decimal("32.00"))
        assert order.dispatch_due_at == order.asked_at + timedelta(minutes=240)
        assert order.arrive_due_at == order.wanted_to
        assert order.village_id == street.people[0].village_id
        with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
            Order.objects.filter(pk=order.pk).update(government_pays=0, person_pays=160)
        with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
            Order.objects.filter(pk=order.pk).update(state="done")
    with everywhere():
        assert Quota.objects.get(person=order.person).used == 1


def test_beyond_the_quota_is_refused_with_the_clause_and_self_paid_is_not(street):
    with acting_as(street.dispatcher):
        first = street.ask(quantity=2)
        with refused("quota_exceeded") as said:
            street.ask(item="bath-home")
        assert "第五条" in said.value.zh
        assert "Article 5" in said.value.en
        own = street.ask(item="bath-home", funding="self")
        assert (own.funding, own.government_pays, own.person_pays) == ("self", 0, Decimal("160.00"))
        actions.cancel(
            by=street.dispatcher.user, post=street.dispatcher, order=first, reason="person_refused", expect="waiting"
        )
        assert street.ask().funding == "entitled"
        assert Order.objects.count() == 3


def test_the_database_refuses_the_one_too_many(street):
    with everywhere():
        order = street.ask(quantity=2, post=street.dispatcher)
        with pytest.raises(IntegrityError, match="quota_not_exceeded"), transaction.atomic():
            _copy(order).save(force_insert=True)
        assert Quota.objects.get().used == 2


def test_what_may_not_be_ordered(street):
    with acting_as(street.dispatcher):
        item = Item.objects.get(code="cleaning")
        type(item.catalogue).objects.filter(pk=item.catalogue_id).update(valid_to=timezone.localdate())
        with refused("no_catalogue"):
            street.ask(item=item)
        type(item.catalogue).objects.filter(pk=item.catalogue_id).update(valid_to=None)
        with refused("channel_may_not_order"):
            street.ask(item="bath-home", channel="device")
        with refused("window_past"):
            street.ask(when=timezone.now() - timedelta(days=1))
        with refused("window_far"):
            street.ask(when=timezone.now() + timedelta(days=300))
        with refused("not_entitled"):
            street.ask(item="urgent-help", funding="entitled")
        street.people[1].status, street.people[1].status_from = "deceased", SINCE
        street.people[1].save()
        with refused("person_not_at_home"):
            street.ask(person=street.people[1])
        assert not Order.objects.exists()
        assert not Step.objects.exists()
    with acting_as(street.helpers[0]), pytest.raises(Denied):
        street.ask(post=street.helpers[0])


def test_a_price_of_a_superseded_catalogue_is_refused(street):
    with everywhere():
        old = Item.objects.get(code="cleaning")
        fresh = type(old.catalogue).objects.get(pk=old.catalogue_id)
        type(fresh).objects.filter(pk=fresh.pk).update(valid_to=timezone.localdate())
        fresh.pk, fresh.id, fresh.valid_from = None, None, timezone.localdate()
        fresh.save(force_insert=True)
        new = Item.objects.get(pk=old.pk)
        new.pk, new.id, new.catalogue, new.price = None, None, fresh, 45
        new.save(force_insert=True)
    with acting_as(street.dispatcher):
        with refused("catalogue_in_force") as said:
            street.ask(item=old)
        assert "旧价不用" in said.value.zh
        assert "old prices are not used" in said.value.en
        order = street.ask(item="cleaning")
        assert order.unit_price == 45
        with pytest.raises(IntegrityError, match="catalogue"), transaction.atomic():
            Order.objects.bulk_create([_copy(order, item=old, unit_price=old.price)])


def _copy(order, **changes):
    values = {f.attname: getattr(order, f.attname) for f in Order._meta.concrete_fields if not f.primary_key}
    values |= {f"{k}_id" if k == "item" else k: v.pk if k == "item" else v for k, v in changes.items()}
    return Order(**values)


def test_the_whole_way(street, whole):
    desk, manager = street.dispatcher, street.managers[0]
    with acting_as(desk):
        order = street.ask(item="bath-home")
        made = street.send(order, hands=2, expect="waiting")
        whole()
        assert Crew.objects.filter(dispatch=made, live=True).count() == 2
    with acting_as(manager):
        actions.accept(by=manager.user, post=manager, order=order, expect="dispatched")
        whole()
    carer = street.carer_posts[street.team[0][0].pk]
    begun = timezone.now() - timedelta(minutes=70)
    with acting_as(carer):
        first = actions.start(by=carer.user, post=carer, order=order, at=begun, client_uuid=street.people[0].uid)
        again = actions.start(by=carer.user, post=carer, order=order, at=begun, client_uuid=street.people[0].uid)
        assert first.pk == again.pk
        with refused("end_before_start"):
            actions.finish(by=carer.user, post=carer, order=order, at=begun - timedelta(minutes=1))
        actions.finish(by=carer.user, post=carer, order=order)
        whole()
    with acting_as(desk):
        order = Order.objects.get(pk=order.pk)
        assert (order.state, order.started_at) == ("done", begun)
        assert [to for _from, to in states(order)] == ["waiting", "dispatched", "accepted", "serving", "done"]
        with refused("order_step_legal"):
            actions.cancel(by=desk.user, post=desk, order=order, reason="mistake")
        with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
            Step.objects.filter(order=order).update(note="x")
    with everywhere(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.sees_audit', 'yes', true)")
        told = AuditEvent.objects.filter(subject="order", subject_id=order.pk).order_by("id")
        assert [row.detail["state"] for row in told] == ["waiting", "dispatched", "accepted", "serving", "done"]


def test_refused_and_given_to_another(street, whole):
    desk, manager = street.dispatcher, street.managers[0]
    with acting_as(desk):
        order = street.ask()
        street.send(order)
    with acting_as(street.managers[1]), refused("no_such_order"):
        actions.refuse(by=street.managers[1].user, post=street.managers[1], order=order, reason="too_far")
    with acting_as(manager):
        with refused("reason"):
            actions.refuse(by=manager.user, post=manager, order=order, reason="whatever")
        actions.refuse(by=manager.user, post=manager, order=order, reason="no_capacity", note="今天满了")
        whole()
        with refused("not_yours_now"):
            actions.accept(by=manager.user, post=manager, order=order)
    with acting_as(desk):
        assert Crew.objects.filter(live=True).count() == 0
        street.send(order, provider=1, expect="returned")
        whole()
        assert Dispatch.objects.filter(order=order, ended_at=None).get().provider == street.providers[1]
        actions.send_back(by=desk.user, post=desk, order=order, reason="timed_out")
        actions.cancel(by=desk.user, post=desk, order=order, reason="nobody_free")
        whole()
    with everywhere():
        assert [to for _f, to in states(order)] == [
            "waiting", "dispatched", "returned", "dispatched", "returned", "cancelled",
        ]  # fmt: skip
        assert Quota.objects.get().used == 0


def test_a_stale_click_gets_a_plain_message(street):
    with acting_as(street.dispatcher):
        order = street.ask()
        street.send(order, expect="waiting")
    with acting_as(street.second), refused("order_moved_on") as said:
        street.send(order, provider=1, post=street.second, expect="waiting")
    assert "已派单" in said.value.zh
    assert str(street.dispatcher.user) in said.value.zh
    with everywhere():
        assert Dispatch.objects.count() == 1


def test_who_may_be_sent(street, whole):
    with acting_as(street.dispatcher):
        order = street.ask(item="bath-home")
        with refused("order_crew_whole"):
            street.send(order, hands=1)
        with refused("worker_elsewhere"):
            actions.dispatch(
                by=street.dispatcher.user, post=street.dispatcher, order=order, provider=street.providers[0],
                workers=street.team[1][:2],
            )  # fmt: skip
        assert not Dispatch.objects.exists()
        other = street.ask(person=street.people[1], item="bath-home")
        street.send(order, hands=2)
        with refused("worker_in_one_place"):
            street.send(other, hands=2)
        assert Dispatch.objects.count() == 1
        assert Order.objects.get(pk=other.pk).state == "waiting"
        whole()


def test_a_certificate_that_has_run_out(street):
    from songhe.care.services.models import Certificate, Worker

    with everywhere():
        worker = street.team[0][0]
        fresh = actions.enrol_worker(
            by=None, post=None, provider=street.providers[0], name="新人", sex="m", place=street.place,
            daily_minutes=480, valid_from=SINCE,
        )  # fmt: skip
        actions.certify(
            by=None, post=None, worker=fresh, kind="care_worker", valid_from=SINCE,
            valid_to=timezone.localdate(),
        )  # fmt: skip
        order = street.ask(item="bath-home")
        with refused("not_qualified") as said:
            actions.dispatch(by=None, post=None, order=order, provider=street.providers[0], workers=[worker, fresh])
        assert "养老护理员" in said.value.zh
        assert Worker.objects.count() == 7
        with pytest.raises(IntegrityError), transaction.atomic():
            Certificate.objects.filter(worker=fresh).update(valid_to=None)


def test_the_provider_names_its_own_crew(street, whole):
    manager = street.managers[0]
    with acting_as(street.dispatcher):
        order = street.ask(item="bath-home")
        street.send(order, hands=0)
        whole()
    with acting_as(manager):
        with refused("order_crew_whole"):
            actions.accept(by=manager.user, post=manager, order=order)
        actions.accept(by=manager.user, post=manager, order=order, workers=street.team[0][1:3])
        whole()
        assert {c.worker_id for c in Crew.objects.filter(live=True)} == {w.pk for w in street.team[0][1:3]}


def test_half_a_crew_does_not_last_to_the_end_of_a_transaction(street, whole):
    with everywhere():
        order = street.ask(item="bath-home")
        made = street.send(order, hands=2)
        whole()
        Crew.objects.filter(dispatch=made).first().delete()
        with pytest.raises(IntegrityError, match="needs 2"), transaction.atomic():
            whole()
        Crew.objects.create(dispatch=made, worker=street.team[0][2], during=Crew.objects.get().during)
        with pytest.raises(IntegrityError, match="one_live_dispatch"), transaction.atomic():
            Dispatch.objects.create(
                order=order, provider=street.providers[1], starts_at=tomorrow(), ends_at=tomorrow(11),
                made_at=timezone.now(),
            )  # fmt: skip


def test_only_legal_steps_in_code_and_in_the_database(street):
    known = {(a, b) for a, after in terms.STEPS.items() for b in after}
    names = ["", *dict(terms.STATES)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a, b FROM unnest(%s::text[]) a, unnest(%s::text[]) b WHERE services_legal(a, b)", [names, names]
        )
        assert set(cursor.fetchall()) == known


def test_a_worker_with_orders_is_not_simply_away(street):
    with everywhere():
        order = street.ask()
        street.send(order)
        worker, day = street.team[0][0], timezone.localdate(tomorrow())
        with refused("orders_planned"):
            actions.absent(by=None, post=None, worker=worker, starts_on=day, ends_on=day)
        with refused("orders_planned"):
            actions.leave(by=None, post=None, worker=worker, on=day)
        assert actions.absent(by=None, post=None, worker=street.team[0][1], starts_on=day, ends_on=day).pk


def test_a_carer_sees_their_own_orders_and_no_others(street):
    with everywhere():
        order = street.ask()
        street.send(order)
        other = street.ask(person=street.people[1])
    carer, idle = street.carer_posts[street.team[0][0].pk], street.carer_posts[street.team[0][1].pk]
    with acting_as(carer):
        assert list(Order.objects.visible_to(carer)) == [order]
    with acting_as(idle):
        assert list(Order.objects.visible_to(idle)) == []
        with refused("no_such_order"):
            actions.start(by=idle.user, post=idle, order=other)
    with acting_as(street.managers[0]):
        assert list(Order.objects.visible_to(street.managers[0])) == [order]

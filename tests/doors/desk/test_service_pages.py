"""The pages of services: a call becomes an order, an order finds hands, a stale click hears why."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from songhe.care.evidence.models import Incident
from songhe.care.services import actions, queries
from songhe.care.services.models import Certificate, Dispatch, Order, Provider, Step, Worker
from songhe.care.settlement.models import Contract
from songhe.care.visits.actions import open_referral
from songhe.core.acting import everywhere
from songhe.insight.rounds.models import Plan, PlanItem
from songhe.registry.facilities.models import Organisation
from songhe.registry.people import sealing
from tests.care.services.street import Street


@pytest.fixture
def street(db, settings):
    settings.MFA_REQUIRED_FROM = ""
    with everywhere():
        return Street()


def signed_in(post) -> Client:
    client = Client()
    client.force_login(post.user)
    return client


def text(answer) -> str:
    return answer.content.decode()


def test_a_call_by_landline_becomes_an_order_and_finds_hands(street):
    person = street.people[0]
    with everywhere():
        person.phone_sealed, person.phone_blind = (
            sealing.seal("phone", "0312-2551234"),
            sealing.phone_blind("0312-2551234"),
        )
        person.save()
    desk = signed_in(street.dispatcher)
    assert desk.get(reverse("workbench")).url == reverse("services")
    page = text(desk.get(reverse("service-call"), {"q": "03122551234"}))
    assert person.name in page
    assert "额度还剩 2 / 2" in page
    here = reverse("service-call") + "?q=03122551234"
    wrong = desk.post(here, {"item": "77", "quantity": 1, "channel": "phone", "note": "慢一点"})
    assert wrong.status_code == 422
    assert "没有这个编号或名称" in text(wrong)
    assert "慢一点" in text(wrong), "what was typed stays"
    made = desk.post(here, {"item": "1", "quantity": 1, "channel": "phone"})
    assert made.status_code == 302, text(made)
    with everywhere():
        order = Order.objects.get()
        assert (order.item.code, order.state) == ("bath-home", "waiting")
        assert timezone.localtime(order.wanted_from).hour == 9
    shown = desk.get(made.url)
    form = shown.context["verbs"]["dispatch"]
    sent = {"do": "dispatch", "expect": "waiting", "dispatch-choice": form.fields["choice"].choices[0][0]}
    assert desk.post(made.url, {"do": "dispatch", "expect": "waiting"}).status_code == 422
    assert desk.post(made.url, sent).status_code == 302
    stale = signed_in(street.second).post(made.url, sent)
    assert stale.status_code == 422
    assert "您的操作没有执行" in text(stale)
    with everywhere():
        assert Dispatch.objects.count() == 1
    board = text(desk.get(reverse("services")))
    assert person.name in board
    assert "已派单" in board
    listed = text(desk.get(reverse("orders"), {"state": "dispatched"}))
    assert order.number in listed
    assert desk.get(reverse("orders"), {"colour": "red"}).status_code == 400


def test_urgent_help_is_for_now_and_self_paid_beyond_the_quota(street):
    desk, person = signed_in(street.dispatcher), street.people[0]
    here = f"{reverse('service-call')}?person={person.uid}"
    assert desk.post(here, {"item": "紧急", "quantity": 1, "channel": "phone"}).status_code == 302
    with everywhere():
        assert Order.objects.get().arrive_due_at <= timezone.now() + timedelta(minutes=61)
    full = desk.post(here, {"item": "2", "quantity": 3, "channel": "phone"})
    assert full.status_code == 422
    assert "第五条" in text(full)
    assert desk.post(here, {"item": "2", "quantity": 3, "channel": "phone", "funding": "self"}).status_code == 302
    assert text(desk.get(reverse("service-call"), {"q": "13912345678"})).count("没有找到") == 1


def test_a_need_found_on_a_visit_becomes_one_order_and_is_settled_with_it(street):
    with everywhere():
        need = open_referral(person=street.people[0], need="bath", by=0, post=None)
    desk = signed_in(street.dispatcher)
    here = f"{reverse('service-call')}?referral={need.pk}"
    page = text(desk.get(here))
    assert "探访发现的需要" in page
    sent = {"item": "1", "quantity": 1, "channel": "found_need"}
    assert desk.post(here, sent).status_code == 302
    assert desk.post(here, sent).status_code == 422
    with everywhere():
        order = Order.objects.get()
        assert order.referral_id == need.pk
        actions.dispatch(by=None, post=None, order=order, provider=street.providers[0], workers=street.team[0][:2])
        for verb in (actions.accept, actions.start, actions.finish):
            verb(by=None, post=None, order=order)
        need.refresh_from_db()
        assert order.number in need.result
        assert need.closed_at is not None


def test_provider_and_carer_see_their_own_and_act_on_it(street):
    with everywhere():
        order = street.ask()
        other = street.ask(person=street.people[1])
        street.send(order)
    manager, carer = signed_in(street.managers[0]), signed_in(street.carer_posts[street.team[0][0].pk])
    page = reverse("order", args=[order.pk])
    assert manager.get(reverse("order", args=[other.pk])).status_code == 404
    assert street.people[1].name not in text(manager.get(reverse("services")))
    assert manager.get(reverse("service-call")).status_code == 403
    assert manager.post(page, {"do": "refuse", "refuse-reason": ""}).status_code == 422
    assert manager.post(page, {"do": "accept", "expect": "dispatched"}).status_code == 302
    assert manager.post(page, {"do": "dispatch"}).status_code == 422
    assert carer.post(page, {"do": "start"}).status_code == 302
    assert carer.post(page, {"do": "finish"}).status_code == 302
    with everywhere():
        assert [s.to_state for s in Step.objects.filter(order=order)][-2:] == ["serving", "done"]
    assert signed_in(street.carer_posts[street.team[1][0].pk]).get(page).status_code == 404


def test_workers_come_on_file_with_papers_and_shifts(street):
    clerk, desk = signed_in(street.clerk), signed_in(street.dispatcher)
    with everywhere():
        Organisation.objects.create(name="新公司", credit_code="999999999999999990", kind="company")
    firm = clerk.get(reverse("provider-new")).context["form"].fields["organisation"].choices[1][0]
    given = {"organisation": firm, "kinds": ["cleaning"], "daily_capacity": 9, "valid_from": "2026-01-01"}
    assert clerk.post(reverse("provider-new"), given).status_code == 302
    provider = Provider.objects.get(organisation__name="新公司")
    assert desk.get(reverse("worker-new")).status_code == 403
    new = {
        "provider": provider.pk, "name": "新人", "sex": "f", "place": street.towns[0].code, "daily_minutes": 300,
        "valid_from": "2026-01-01",
    }  # fmt: skip
    assert clerk.post(reverse("worker-new"), new | {"place": "980000"}).status_code == 422
    made = clerk.post(reverse("worker-new"), new)
    assert made.status_code == 302, text(made)
    paper = {"do": "certificate", "certificate-kind": "health", "certificate-valid_from": "2026-01-01"}
    assert clerk.post(made.url, paper | {"certificate-valid_to": "2025-01-01"}).status_code == 422
    assert clerk.post(made.url, paper).status_code == 302
    week = {"do": "shifts", "shifts-days": ["0", "1"], "shifts-starts": "08:00", "shifts-ends": "17:00"}
    assert clerk.post(made.url, week | {"shifts-valid_from": "2026-01-01"}).status_code == 302
    with everywhere():
        worker = Worker.objects.get(name="新人")
        assert worker.shifts.count() == 2
        assert Certificate.objects.filter(worker=worker, by=street.clerk.user_id).count() == 1
    for name in ("workers", "providers"):
        assert "新公司" in text(desk.get(reverse(name)))
    assert "双人助浴" in text(desk.get(reverse("service-catalogue")))
    assert desk.post(made.url, {"do": "leave", "leave-on": "2026-02-01"}).status_code == 200
    with everywhere():
        worker.refresh_from_db()
        assert worker.valid_to is None, "a dispatcher looks, and does not manage"


def test_whoever_is_planned_for_the_whole_day_is_not_offered(street):
    """The week's plan in force counts in dispatch: a carer who visits all day as a helper has no minutes left."""
    with everywhere():
        order = street.ask()
        busy = street.team[0][0]
        day = order.service_on
        plan = Plan.objects.create(
            place=street.towns[0], town=street.towns[0], county=street.place, rule="visiting", period="2026-W01",
            week_start=day, terms="t", basis="t", basis_en="t", told_at=timezone.now(),
        )  # fmt: skip
        PlanItem.objects.bulk_create(
            PlanItem(plan=plan, person=person, helper=busy.user, on=day, kind="visit", position=at, start=0, way=90, why="own", **person.village.areas())
            for at, person in enumerate(street.people[:4])
        )  # fmt: skip
    desk = signed_in(street.dispatcher)
    page = reverse("order", args=[order.pk])
    assert f'value="{busy.provider_id}:{busy.pk}"' in text(desk.get(page))
    with everywhere():
        PlanItem.objects.update(in_force=True)
    assert f'value="{busy.provider_id}:{busy.pk}"' not in text(desk.get(page))


def test_units_are_said_in_the_pages_language(street):
    with everywhere():
        order = street.ask(item="bath-home", quantity=2)
    desk = signed_in(street.dispatcher)
    pages = [reverse("service-catalogue"), reverse("order", args=[order.pk])]
    assert "× 2 次" in text(desk.get(pages[1]))
    desk.cookies["django_language"] = "en"
    for page, words in zip(pages, ("<td>visit</td>", "× 2 visits"), strict=True):
        assert words in text(desk.get(page))


def test_the_board_is_sent_again_only_when_it_would_say_something_else(street):
    """A refresh that knows the pulse is answered 204; any step, and the next minute, make it beat anew: nobody sees a stale board."""
    with everywhere():
        order = street.ask()
    desk = signed_in(street.dispatcher)
    refresh = re.search(r'hx-get="([^"]+)"', text(desk.get(reverse("services"))))[1].replace("&amp;", "&")
    now = timezone.now()
    with everywhere():
        ask = {"post": street.dispatcher, "place": street.place}
        first = queries.pulse(**ask, now=now)
        assert queries.pulse(**ask, now=now) == first
        assert queries.pulse(**ask, now=now + timedelta(minutes=1)) != first
        street.send(order)
        sent = queries.pulse(**ask, now=now)
        actions.cancel(
            by=None, post=None, order=order, reason="mistake"
        )  # leaves the board: the newest step of what is shown is older
        assert len({first, sent, queries.pulse(**ask, now=now)}) == 3
    shown = desk.get(refresh)
    assert (shown.status_code, "hx-get" in text(shown)) == (200, True)
    again = re.search(r'hx-get="([^"]+)"', text(shown))[1].replace("&amp;", "&")
    answers = [desk.get(again).status_code for _ in range(2)]
    assert 204 in answers  # at most one of the two falls on the turn of a minute


def test_few_statements_for_the_board_and_for_an_order(street, django_assert_max_num_queries):
    with everywhere():
        orders = [street.ask(person=person) for person in street.people[:4]]
        street.send(orders[0])
        actions.accept(by=None, post=None, order=orders[0])
    desk = signed_in(street.dispatcher)
    desk.get(reverse("services"))
    with django_assert_max_num_queries(19):
        desk.get(reverse("services"))
    with django_assert_max_num_queries(25):
        desk.get(reverse("order", args=[orders[1].pk]))


def test_an_incident_is_told_from_the_order_by_its_number(street):
    with everywhere():
        order = street.ask()
    desk = signed_in(street.dispatcher)
    address = f"{reverse('incident-new')}?area={street.place.code}&amp;order={order.number}"
    assert address in text(desk.get(reverse("order", args=[order.pk])))
    assert f'value="{order.number}"' in text(desk.get(reverse("incident-new"), {"order": order.number}))
    told = {
        "kind": "fall",
        "severity": "minor",
        "occurred_at": f"{timezone.localtime():%Y-%m-%dT%H:%M}",
        "text": "滑倒",
    }
    wrong = desk.post(reverse("incident-new"), told | {"order": "20261122"})
    assert (wrong.status_code, "没有这张订单" in text(wrong)) == (422, True)
    assert "看不懂这个订单编号" in text(desk.post(reverse("incident-new"), told | {"order": "六一"}))
    assert desk.post(reverse("incident-new"), told | {"order": order.number}).status_code == 302
    with everywhere():
        assert Incident.objects.get().order == order


def test_an_account_whose_seat_ended_sees_nothing_of_the_provider(street):
    manager = street.managers[0]
    with everywhere():
        order = street.ask()
        street.send(order)
        assert manager.user.provider_seats.update(valid_to=timezone.localdate()) == 1
        assert [model.objects.visible_to(manager).exists() for model in (Order, Worker, Contract)] == [False] * 3
        assert not queries.providers(post=manager).exists()
        assert queries.providers(post=street.managers[1]).get() == street.providers[1]
    assert signed_in(manager).get(reverse("order", args=[order.pk])).status_code == 404

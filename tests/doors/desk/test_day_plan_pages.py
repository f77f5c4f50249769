"""排一天: only who may dispatch; what the page carries is sealed; nothing ticked or a changed day dispatches nothing."""

import pytest
from django.test import Client
from django.urls import reverse

from songhe.care.services.models import Dispatch, Order
from songhe.core.acting import everywhere
from songhe.doors.desk.views import day_plan
from tests.care.services.street import Street, tomorrow
from tests.insight.dispatching.world import STEPS, spread


@pytest.fixture
def street(db, settings, monkeypatch):
    settings.MFA_REQUIRED_FROM = ""
    monkeypatch.setattr(day_plan, "_effort", lambda _orders: STEPS)
    with everywhere():
        made = Street()
        spread(made)
        for person in made.people[:3]:
            made.ask(person=person)
        return made


def signed_in(post) -> Client:
    client = Client()
    client.force_login(post.user)
    return client


def test_a_day_is_planned_set_aside_put_back_and_dispatched(street):
    desk, here = signed_in(street.dispatcher), f"{reverse('day-plan')}?on={tomorrow().date()}"
    shown = desk.get(here)
    assert reverse("day-plan") in desk.get(reverse("services")).content.decode()
    assert shown.context["found"].price.done == 3
    with everywhere():
        first, second, third = Order.objects.order_by("pk")
    plan = shown.context["plan"]
    none = desk.post(here, {"plan": plan, "do": "confirm"})
    assert none.status_code == 422
    assert "没有勾选" in none.content.decode()
    fewer = desk.post(here, {"plan": plan, "do": "again", "tick": [first.pk, second.pk]})
    assert [each.order.pk for each in fewer.context["found"].left] == [third.pk]
    assert fewer.context["difference"].done == -1
    all_ = desk.post(here, {"plan": fewer.context["plan"], "do": "again", "tick": [first.pk, second.pk, third.pk]})
    assert all_.context["found"].price.done == 3
    worker = next(iter(all_.context["found"].rounds))
    banned = desk.post(here, {"plan": all_.context["plan"], "forbid": first.pk, f"to-{first.pk}": worker, "tick": [first.pk, second.pk, third.pk]})  # fmt: skip
    assert worker not in {v.worker for v in banned.context["found"].crews()[first.pk]}
    sent = {"plan": banned.context["plan"], "do": "confirm", "tick": [first.pk, second.pk]}
    assert desk.post(here, sent).status_code == 302
    stale = signed_in(street.second).post(here, sent)
    assert stale.status_code == 422
    assert first.number in stale.content.decode()
    with everywhere():
        assert Dispatch.objects.count() == 2
        assert Order.objects.get(pk=third.pk).state == "waiting"


def test_who_may_not_a_changed_seal_and_a_day_that_is_none(street):
    here = f"{reverse('day-plan')}?on={tomorrow().date()}"
    for post in (street.helpers[0], street.managers[0]):
        assert signed_in(post).get(here).status_code == 403
        assert signed_in(post).post(here, {"do": "confirm"}).status_code == 403
    desk = signed_in(street.dispatcher)
    assert desk.post(here, {"plan": "x", "do": "confirm", "tick": [1]}).status_code >= 400
    plan = desk.get(here).context["plan"]
    assert desk.post(reverse("day-plan"), {"plan": plan, "do": "confirm"}).status_code >= 400, "a plan of another day"
    assert desk.get(reverse("day-plan"), {"on": "soon"}).status_code >= 400
    with everywhere():
        assert not Dispatch.objects.exists()

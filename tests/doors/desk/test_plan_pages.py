"""排班: made, tried with its price, told, printed, compared; refused to whoever may not, nothing entered is lost."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from songhe.care.duties import actions as duties
from songhe.care.duties.access import SYSTEM
from songhe.core.acting import everywhere
from songhe.insight.rounds import actions
from songhe.insight.rounds.models import Plan, PlanItem
from tests.insight.rounds.conftest import Town


@pytest.fixture
def town(db, settings) -> Town:
    """The week after this one, so that no day of it is past."""
    settings.MFA_REQUIRED_FROM = ""
    made = Town()
    made.week = made.week.next()
    with everywhere():
        duties.open_period(place=made.county, rule="visiting", period=made.week, by=0)
    return made


def client(post) -> Client:
    browser = Client()
    browser.force_login(post.user)
    return browser


@pytest.fixture
def clerk(town) -> Client:
    return client(town.clerk)


@pytest.fixture
def plan(town) -> Plan:
    with everywhere():
        made = actions.make_week(place=town.place, period=town.week, by=0, post=SYSTEM, effort=400)
        return actions.tell(plan=made, by=0, post=SYSTEM)


def where(town, **more) -> str:
    return "?" + "&".join(f"{k}={v}" for k, v in ({"area": town.place.code, "period": town.week.code} | more).items())


def test_a_week_is_planned_looked_at_and_told(town, clerk):
    page = clerk.get(reverse("plans") + where(town))
    assert "还没有排班" in page.content.decode()
    made = clerk.post(reverse("plan-make") + where(town))
    assert made.status_code == 302
    page = clerk.get(made.url)
    text = page.content.decode()
    assert "还没有下达" in text
    assert "按示意图位置" in text
    assert page.context["plan"].visits == 12
    assert sum(cell["visits"] for row in page.context["sheets"] for cell in row["cells"]) == 12
    clerk.post(made.url + "tell/")
    assert clerk.get(reverse("plans") + where(town)).url == made.url
    assert "执行中" in clerk.get(made.url).content.decode()


def test_somebody_is_ill_the_price_is_seen_before_it_is_told(town, clerk, plan):
    with everywhere():
        day = PlanItem.objects.filter(plan=plan, helper=town.ann.user_id).order_by("on").first().on
    number = (day - town.week.start).days
    tried = clerk.post(
        reverse("plan-try", args=[plan.pk]), {"do": "ill", "ill-helper": town.ann.user_id, "ill-days": [number]}
    )
    page = clerk.get(tried.url)
    assert page.context["difference"] is not None
    assert all(change["why"] for change in page.context["hands"])
    assert "来不了" in page.content.decode()
    assert clerk.get(reverse("plan-compare", args=[page.context["plan"].pk, plan.pk])).status_code == 200
    clerk.post(tried.url + "leave/")
    with everywhere():
        assert Plan.objects.get(pk=plan.pk).ended_at is None
        assert Plan.objects.get(pk=page.context["plan"].pk).ended_at is not None


@pytest.mark.parametrize("do", ["urgent", "pin", "forbid", "swap"])
def test_every_wish_is_tried(town, clerk, plan, do):
    one, other = (f"{p.name} · 某村 ({p.pk})" for p in (town.people[0], town.people[7]))
    given = {
        "urgent": {"urgent-person": one, "urgent-day": 2, "urgent-why": "发烧"},
        "pin": {"pin-person": one, "pin-helper": town.bob.user_id, "pin-day": ""},
        "forbid": {"forbid-person": one, "forbid-helper": town.ann.user_id},
        "swap": {"swap-person": one, "swap-other": other},
    }[do]
    tried = clerk.post(reverse("plan-try", args=[plan.pk]), {"do": do} | given)
    assert tried.status_code == 302, tried.context["error"] or tried.content.decode()[:300]
    page = clerk.get(tried.url)
    assert page.context["wishes"]


def test_what_was_typed_stays_when_it_does_not_fit(town, clerk, plan):
    page = clerk.post(
        reverse("plan-try", args=[plan.pk]),
        {"do": "urgent", "urgent-person": "没有这个人", "urgent-day": 2, "urgent-why": "要送药"},
    )
    text = page.content.decode()
    assert page.status_code == 422
    assert "要送药" in text
    assert "没有这位老人" in text
    clash = clerk.post(
        reverse("plan-try", args=[plan.pk]),
        {"do": "pin", "pin-person": f"({town.people[0].pk})", "pin-helper": town.ann.user_id, "pin-day": 6},
    )
    assert clash.status_code == 422  # Sunday is nobody's working day
    assert "休息" in clash.content.decode()


def test_sheets_are_printed_for_one_and_for_all(town, clerk, plan):
    every = clerk.get(reverse("plan-routes", args=[plan.pk]))
    assert len(every.context["sheets"]) == 3
    one = clerk.get(reverse("plan-route", args=[plan.pk, town.cho.user_id]))
    assert [sheet["helper"].pk for sheet in one.context["sheets"]] == [town.cho.user_id]
    rows = [row for sheet in one.context["sheets"] for day in sheet["days"] for row in day["rows"]]
    with everywhere():
        assert len(rows) == PlanItem.objects.filter(plan=plan, helper=town.cho.user_id).count()


def test_a_village_sees_what_it_is_told_and_no_more(town, plan):
    ann = client(town.ann)
    page = ann.get(reverse("plans") + f"?period={town.week.code}")
    names = {row["item"].person_id for sheet in page.context["helpers"] for day in sheet["days"] for row in day["rows"]}
    assert names == {p.pk for p in town.people[:6]}
    assert ann.get(reverse("plan", args=[plan.pk])).status_code == 400
    assert ann.post(reverse("plan-make")).status_code == 403


def test_a_leader_looks_and_does_not_plan(town, plan):
    leader = client(town.leader)
    page = leader.get(reverse("plans") + f"?period={town.week.code}")
    assert page.context["planned"] == 1
    shown = leader.get(reverse("plan", args=[plan.pk]))
    assert shown.context["forms"] == []
    assert leader.post(reverse("plan-tell", args=[plan.pk])).status_code == 403
    outside = client(town.outsider)
    assert outside.get(reverse("plan", args=[plan.pk])).status_code == 400


def test_an_outdated_draft_is_refused_in_words(town, clerk, plan):
    days = {"do": "ill", "ill-helper": town.ann.user_id, "ill-days": [2]}
    mine = clerk.post(reverse("plan-try", args=[plan.pk]), days).url
    theirs = clerk.post(reverse("plan-try", args=[plan.pk]), days | {"ill-days": [3]}).url
    clerk.post(theirs + "tell/")
    refused = clerk.post(mine + "tell/")
    assert refused.status_code == 422
    assert "另一份排班已经下达" in refused.content.decode()


def test_the_page_costs_the_same_however_many_people(town, clerk, plan, django_assert_max_num_queries):
    with django_assert_max_num_queries(60):
        clerk.get(reverse("plan", args=[plan.pk]) + f"?day={town.week.start + timedelta(days=1)}")

"""A home-based care bed from survey to acceptance; a meal in one tap, offline as well, and refused at a second point."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests import world as w

TODAY = timezone.localdate()


@pytest.fixture
def set_up(city):
    """A centre, a firm, two meal points with two diners, one of them assessed."""
    from songhe.care.meals import actions as meals
    from songhe.core.acting import everywhere
    from songhe.registry.people.models import Assessment
    from songhe.registry.people.standing import areas_of
    from tests.care.settings import SYSTEM, firm, site

    with everywhere():
        firm()
        site(city.places[w.OWN], "day_care_station", "柳荫社区服务站")
        canteen = site(city.places[w.OWN], "canteen", "柳荫老年食堂", use="meal")
        other = site(city.places[w.SISTER], "meal_point", "东街助餐点", use="meal")
        people = city.people[w.OWN]
        Assessment.objects.create(
            person=people[0], scale="gbt42195", version="1", reason="first", on=TODAY - timedelta(days=90), level=2, total=60,
            assessors=["甲", "乙"], **areas_of(people[0]),
        )  # fmt: skip
        for n, person in enumerate(people[:2]):
            meals.enrol_diner(**SYSTEM, person=person, facility=canteen, on=TODAY - timedelta(days=9), card=f"K{n}")
    return people, canteen, other


def send(page, button="保存"):
    with page.expect_navigation():
        page.get_by_role("button", name=button, exact=True).first.click()
    assert page.locator(".error-summary").count() == 0, page.locator(".error-summary").inner_text()


def step(page, title):
    with page.expect_navigation():
        page.locator(".page-head .actions").get_by_role("link", name=title, exact=True).click()


def test_a_bed_goes_from_survey_to_acceptance(city, visitor, axe, set_up):
    people, _canteen, _other = set_up
    clerk = visitor("clerk")
    clerk.goto(city.url(f"/beds/new/?area={w.OWN}&q={people[0].name}"))
    clerk.get_by_role("link", name=people[0].name).click()
    clerk.select_option("[name=facility]", label="柳荫社区服务站")
    assert axe(clerk) == []
    send(clerk)
    bed = clerk.url
    step(clerk, "能力评估")
    send(clerk)
    step(clerk, "照护计划")
    clerk.get_by_label("助浴").check()
    clerk.fill("[name=minutes]", "480")
    send(clerk)
    step(clerk, "签三方协议")
    clerk.fill("[name=number]", "XY-1")
    assert axe(clerk) == []
    send(clerk)
    step(clerk, "改造项目")
    clerk.fill("[name=cost]", "380")
    send(clerk)
    step(clerk, "设备")
    clerk.fill("[name=serial]", "BTN-9")
    send(clerk)
    step(clerk, "改造与设备办结")
    send(clerk)
    expect(clerk.locator(".walk-now")).to_have_text("验收")
    assert axe(clerk) == []
    town = visitor("town", size="xlarge", width=360)
    town.goto(bed)
    step(town, "验收")
    town.fill("[name=paper]", "YS-1")
    send(town)
    expect(town.locator("h1")).to_contain_text("验收")
    expect(town.locator("main")).to_contain_text("从未有信号")
    assert axe(town) == []
    # a second bed of the same person is refused, and nothing entered is lost
    clerk.goto(city.url(f"/beds/new/?area={w.OWN}&person={people[0].uid}"))
    clerk.select_option("[name=facility]", label="柳荫社区服务站")
    clerk.fill("[name=note]", "再办一张")
    clerk.get_by_role("button", name="保存", exact=True).click()
    expect(clerk.locator(".error-summary")).to_contain_text("只签一张")
    expect(clerk.locator("[name=note]")).to_have_value("再办一张")


def test_a_meal_is_one_tap_and_is_refused_at_a_second_point(city, visitor, axe, set_up):
    people, canteen, other = set_up
    town = visitor("town", width=360)
    town.goto(city.url(f"/meals/{canteen.uid}/till/?meal=lunch"))
    assert axe(town) == []
    town.get_by_role("button", name=people[0].name).click()
    expect(town.locator("main")).to_contain_text("已计 1 餐")
    expect(town.locator(f"button[data-person='{people[0].pk}']")).to_have_attribute("data-state", "done")
    # the same person at another point, by card
    town.goto(city.url(f"/meals/{other.uid}/till/?meal=lunch"))
    town.fill("[name=card]", "K0")
    town.get_by_role("button", name="计 1 餐").click()
    expect(town.locator("main")).to_contain_text("柳荫老年食堂")
    expect(town.locator("main")).to_contain_text("同一餐只计一次补助")
    assert axe(town) == []
    town.goto(city.url("/meals/"))
    expect(town.locator("main")).to_contain_text("跨点重复")
    assert axe(town) == []

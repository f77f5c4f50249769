"""A helper falls ill; the township clerk plans the day again, three people change hands, each with the reason; all print."""

import os
import re

import pytest

from tests import world as w

SHOTS = os.environ.get("SONGHE_SHOTS", "")


@pytest.fixture
def planned(city):
    """The week after this one, planned and told: five people of `helper`'s whose visits are hers, two colleagues nearby."""
    from songhe.care.duties import actions as duties
    from songhe.care.duties.access import SYSTEM
    from songhe.core import periods
    from songhe.core.acting import everywhere
    from songhe.insight.planning.weekly.model import Pin
    from songhe.insight.rounds import actions
    from songhe.insight.rounds.wishes import Wishes

    with everywhere():
        from django.utils import timezone

        week = periods.containing("week", timezone.localdate()).next()
        own, sister = city.places[w.OWN], city.places[w.SISTER]
        staff = {"helper": city.users["helper"].pk}
        for name, village in (("mate", own), ("other", sister)):
            post = w.post("helper", village, username=name)
            post.user.name = {"mate": "演示同事", "other": "演示邻村"}[name]
            post.user.save(update_fields=["name"])
            staff[name] = post.user_id
        mine = city.people[w.OWN]
        duties.name_helpers(pairs=[(p.pk, staff["helper"]) for p in mine], by=0)
        duties.name_helpers(pairs=[(p.pk, staff["other"]) for p in city.people[w.SISTER]], by=0)
        duties.open_period(place=city.places["990101"], rule="visiting", period=week, by=0)
        wishes = Wishes(pins=tuple(Pin(str(p.pk), None, 2) for p in mine))  # her three on Wednesday
        plan = actions.make_week(
            place=city.places["990101001"], period=week, by=0, post=SYSTEM, wishes=wishes, effort=500
        )
        actions.tell(plan=plan, by=0, post=SYSTEM)
    city.plan, city.week, city.mine = plan, week, mine
    return city


def test_the_clerk_plans_the_day_again_when_a_helper_falls_ill(planned, visitor, axe):
    page = visitor("town")
    page.goto(planned.url(f"/duties/?period={planned.week.code}"))
    page.get_by_role("link", name="排班", exact=True).click()
    assert "执行中" in page.inner_text("main")
    assert axe(page) == []

    page.locator("summary", has_text="有人来不了").click()
    form = page.locator("details[open] form")
    form.get_by_label("谁来不了").select_option(label="演示helper")
    form.get_by_label(re.compile("三 ")).check()
    assert axe(page) == []
    form.get_by_role("button", name="试排").click()

    page.get_by_role("heading", name="3 位老人换人").wait_for()
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/draft.png", full_page=True)
    assert axe(page) == []
    rows = page.locator("#hands tbody tr")
    assert rows.count() == 3
    names = {person.name for person in planned.mine}
    for row in rows.all():
        text = row.inner_text()
        assert "原定的人这一天来不了" in text
        assert "演示helper" in text
        assert any(name in text for name in names)
    assert "演示helper 来不了：" in page.inner_text("main")

    page.get_by_role("link", name="两份排班逐条对比").click()
    assert axe(page) == []
    page.go_back()
    page.get_by_role("button", name="下达").click()
    page.get_by_text("已下达。").wait_for()
    assert "执行中" in page.inner_text("main")

    page.get_by_role("link", name="打印路线单").click()
    assert axe(page) == []
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/routes.png", full_page=True)
    sheets = page.locator(".plan-sheet")
    assert sheets.count() >= 2
    page.emulate_media(media="print")
    assert not page.locator("nav").first.is_visible()


def test_the_plan_on_a_phone_in_large_type(planned, visitor, axe):
    page = visitor("town", size="xlarge", width=360)
    page.goto(planned.url(f"/plan/{planned.plan.pk}/"))
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/phone.png", full_page=True)
    assert axe(page) == []
    page = visitor("helper", size="large", width=360)
    page.goto(planned.url(f"/plan/?period={planned.week.code}"))
    assert "（本人）" in page.inner_text("main")
    assert axe(page) == []

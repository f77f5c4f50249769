"""A helper's week: who is due, one tap to call, two more to record, and the village's light turns green at once."""

from datetime import timedelta

from django.utils import timezone

from songhe.care.duties.access import SYSTEM
from songhe.care.visits import actions
from songhe.care.visits.models import Visit
from songhe.core.acting import everywhere
from tests.world import OWN


def light(page):
    """The village's visiting rate and light on the workbench."""
    stat = page.locator(".stat", has_text="特殊困难老年人探访关爱率")
    return stat.locator(".rate").first.inner_text().split(), stat.locator(".stat-top .light").inner_text().split()[-1]


def record(page, way, outcome="平安"):
    """On the form of one contact: way, outcome, save (the person was the first tap)."""
    page.get_by_label(way, exact=True).check()
    page.get_by_label(outcome, exact=True).check()
    page.get_by_role("button", name="保存").click()
    page.wait_for_load_state("load")


def test_a_helper_records_a_visit_and_the_village_light_changes(city, visitor, axe):
    keep_all_but_one(city)
    page = visitor("helper", width=360)
    page.goto(city.url("/"))
    assert axe(page) == []
    before, colour = light(page)
    assert before == ["66.7%", "(2/3)"]
    assert colour in ("黄灯", "红灯")  # red from Thursday on
    page.get_by_role("link", name="登记 王秀英").click()  # tap 1
    assert axe(page) == []
    record(page, "上门")  # taps 2, 3, 4
    assert "已登记：王秀英，上门，平安。通话 2/2，上门 1/1。" in page.inner_text("main")
    page.goto(city.url("/"))
    assert light(page) == (["100.0%", "(3/3)"], "绿灯")
    assert "本周的都完成了" in page.inner_text("main")


def test_calling_shows_the_number_once_and_the_next_person_follows(city, visitor):
    page = visitor("helper")
    page.goto(city.url("/duties/"))
    first, second = [row.get_attribute("id") for row in page.locator(".dues > li").all()[:2]]
    page.locator(f"#{first}").get_by_role("link", name="打电话").click()
    assert page.locator("a[data-dial]").get_attribute("href") == "tel:13000000000"
    page.wait_for_url(lambda url: "call=" not in url)  # reloading neither dials nor shows it again
    page.reload()
    assert "13000000000" not in page.inner_text("main")
    page.go_back()
    page.goto(city.url("/duties/"))
    page.locator(f"#{first}").get_by_role("link", name="打电话").click()
    assert page.get_by_label("电话", exact=True).is_checked()
    record(page, "电话", "无人接听或无人应门")
    assert page.url.endswith(f"#{second}")
    page.goto(city.url("/"))
    page.locator(".queue a").first.click()
    page.get_by_label("没有联系上").check()
    page.get_by_label("这一步的结果").fill("又打一次，没有接")
    page.get_by_role("button", name="登记这一步").click()
    assert page.locator(".ladder .now").inner_text() == "请邻居察看"


def test_the_same_without_javascript_in_very_large_type(city, visitor):
    page = visitor("helper", script="off", size="xlarge")
    page.goto(city.url("/"))
    page.get_by_role("link", name="登记").first.click()
    page.get_by_label("电话", exact=True).check()
    page.get_by_label("平安", exact=True).check()
    page.get_by_role("button", name="保存").dblclick()  # an impatient hand: the form is sent twice
    page.get_by_text("已登记：").wait_for()
    with everywhere():
        assert Visit.objects.count() == 1


def keep_all_but_one(city):
    """Everything done in the village but one home visit."""
    people = city.people[OWN]
    owed = [(person, mode) for person in people for mode in ("call", "call", "home_visit")]
    owed.remove((next(p for p in people if p.name == "王秀英"), "home_visit"))
    now = timezone.now()
    rows = [
        {"person": person.pk, "mode": mode, "outcome": "well", "occurred_at": now - timedelta(seconds=at)}
        for at, (person, mode) in enumerate(owed)
    ]
    with everywhere():
        actions.record(rows, by=city.users["helper"].pk, post=SYSTEM, channel="phone")

"""The leader asks where three new stations go, sees before and after and how good the plan is, rules a village out, sees the price."""

import os

from tests.insight.siting.county import laid_out, station

SHOTS = os.environ.get("SONGHE_SHOTS", "")


def test_the_leader_asks_where_three_stations_go(city, visitor, axe):
    from songhe.core.acting import everywhere
    from songhe.registry.places.models import Place
    from tests import world as w

    at = laid_out()
    with everywhere():  # the own village far out as well: three villages are worth a station
        Place.objects.filter(code=w.OWN).update(longitude=114.7)
    station(at[w.SISTER])

    page = visitor("leader")
    page.goto(city.url("/facilities/"))
    page.get_by_role("link", name="选址", exact=True).click()
    assert axe(page) == []
    page.get_by_label("新建几处").fill("3")
    page.get_by_label("多少分钟内算覆盖").fill("15")
    page.get_by_role("button", name="测算").click()
    page.get_by_role("heading", name="选中的村（社区）").wait_for()
    text = page.inner_text("main")
    assert "已证明最优" in text
    assert "直线距离" in text
    assert page.locator(".siting-map").count() == 2
    assert page.locator("#plan table").first.locator("tbody tr").count() == 3
    assert "11/11" in text
    assert axe(page) == []
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/siting.png", full_page=True)

    page.get_by_label("新建几处").fill("2")
    page.get_by_role("button", name="测算").click()
    page.get_by_role("link", name=f"不选 {w.FAR}村").first.click()
    page.get_by_role("heading", name="与不固定任何村相比").wait_for()
    assert page.locator(".plan-price dd").first.inner_text() == "3"
    page.get_by_role("link", name="仍未覆盖").click()
    assert f"{w.FAR}村" in page.locator("#villages tbody").inner_text()
    assert axe(page) == []
    address = page.url

    page = visitor("leader", size="xlarge", width=360)
    page.goto(address)
    page.get_by_role("heading", name="选中的村（社区）").wait_for()
    assert axe(page) == []
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/siting-phone-xl.png", full_page=True)
        page = visitor("leader", width=360)
        page.goto(address)
        page.screenshot(path=f"{SHOTS}/siting-phone.png", full_page=True)
        page = visitor("leader", size="xlarge")
        page.goto(address)
        page.screenshot(path=f"{SHOTS}/siting-xl.png", full_page=True)

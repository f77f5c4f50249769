"""A clerk opens the wall chart and prints it; a township reports a figure, is refused the sixth exemplar, and puts one right."""

import pytest

from tests.oversight.programmes.conftest import use
from tests.world import FAR, OWN


@pytest.fixture
def promised(city, monkeypatch):
    """The invented programme with two stations, as on days of its own year."""
    from datetime import date

    from songhe.core.acting import everywhere
    from songhe.registry.facilities import actions

    programme = use(monkeypatch)
    with everywhere():
        for code, name, status, on in (
            (OWN, "一站", "done", date(2023, 8, 1)),
            (FAR, "三站", "site_chosen", date(2023, 7, 1)),
        ):
            actions.register(
                by=None, post=None, place=city.places[code], kind="day_care_station", name=name, on=on, status=status
            )
    return programme


def test_the_wall_chart_opens_says_why_and_prints(city, promised, visitor, axe):
    page = visitor("clerk")
    page.goto(city.url("/programmes/?on=2023-09-01"))
    assert axe(page) == []
    page.get_by_role("link", name="虚构工程").click()
    assert page.locator("tr", has_text="服务站").first.locator("td").nth(2).inner_text().startswith("1个")
    assert axe(page) == []
    page.get_by_role("link", name="挂图作战").click()
    site = page.locator("details", has_text="三站")
    assert site.locator("summary").inner_text().strip().startswith("■")
    site.locator("summary").click()
    assert "应于 2023-08-02 完成，已过期" in site.inner_text()
    assert axe(page) == []
    address = page.get_by_role("link", name="打印 A3").get_attribute("href")
    answer = page.request.get(city.url(address))
    assert answer.status == 200
    assert answer.body()[:5] == b"%PDF-"


def test_a_wall_chart_fits_a_phone_and_large_type(city, promised, visitor, axe):
    for width, size in ((360, "normal"), (1280, "xlarge")):
        page = visitor("leader", width=width, size=size)
        for path in ("/programmes/test-2023/wall/", "/programmes/test-2023/", "/programmes/leader/", "/programmes/"):
            page.goto(city.url(path + "?on=2023-09-01"))
            assert axe(page) == [], (path, width, size)


def test_a_township_reports_and_the_sixth_exemplar_is_refused(city, promised, visitor, axe):
    page = visitor("town")
    page.goto(city.url("/programmes/owed/?on=2023-09-20"))
    assert axe(page) == []
    page.get_by_role("link", name="先进典型").click()
    page.get_by_label("数值").fill("6")
    page.get_by_label("截至").last.fill("2023-09-18")
    page.get_by_label("依据").fill("典型名单公示")
    page.get_by_role("button", name="登记这个数").click()
    assert "超过上限 5" in page.inner_text(".card.form")
    assert "R65" in page.inner_text(".card.form")
    assert page.get_by_label("依据").input_value() == "典型名单公示"  # nothing entered is lost
    assert axe(page) == []
    page.get_by_label("数值").fill("5")
    page.get_by_role("button", name="登记这个数").click()
    assert "已登记" in page.inner_text("main")
    page.get_by_role("link", name="更正").click()
    page.get_by_label("正确的数值").fill("4")
    page.get_by_label("更正理由").fill("一名重复")
    assert axe(page) == []
    page.get_by_role("button", name="更正").click()
    rows = page.locator("#entries tbody tr")
    assert rows.count() == 2
    assert "已更正" in rows.nth(1).inner_text()

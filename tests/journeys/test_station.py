"""A station from planned to in use: a site chosen, built, checked with one defect, put right, signed by another, seen at work."""

from dataclasses import replace
from datetime import date

import pytest
from playwright.sync_api import expect

NAME = "柳荫社区日间照料服务站"


@pytest.fixture
def _standards(monkeypatch):
    """The station's standards of 2021, said to hold in the invented county."""
    from songhe.registry.facilities import definitions

    found = [s for s in definitions.standards() if s.name == "dingzhou-2021-station"]
    here = tuple(replace(s, places=("990101",), valid_from=date(2020, 1, 1)) for s in found)
    monkeypatch.setattr(definitions, "standards", lambda: here)


def shot(tmp_path, number):
    from tests.registry.facilities.sites import picture

    file = tmp_path / f"{number}.jpg"
    file.write_bytes(picture(number))
    return file


def send(page, button):
    with page.expect_navigation():
        page.get_by_role("button", name=button, exact=True).first.click()


@pytest.mark.usefixtures("_standards")
def test_a_station_goes_from_planned_to_in_use(city, visitor, axe, tmp_path):
    clerk = visitor("clerk")
    clerk.goto(city.url("/facilities/"))
    clerk.get_by_role("link", name="登记设施").click()
    clerk.fill("[name=name]", NAME)
    clerk.select_option("[name=kind]", "day_care_station")
    clerk.select_option("[name=place]", "990101001")
    assert axe(clerk) == []
    send(clerk, "保存")
    expect(clerk.locator(".walk-now")).to_have_text("已规划")
    site = clerk.url.split("?")[0]

    clerk.get_by_role("link", name="选址", exact=True).click()
    clerk.select_option("[name=village]", "990101001001")
    send(clerk, "保存")
    for status in ("已开工", "已完工"):
        clerk.goto(site + "add/status/")
        clerk.get_by_label(status).check()
        send(clerk, "保存")
        expect(clerk.locator(".walk-now")).to_have_text(status)

    # a plaque is no proof
    clerk.goto(site + "add/status/")
    clerk.get_by_label("已投用").check()
    send(clerk, "保存")
    expect(clerk.locator(".error-summary")).to_contain_text("还没有验收")

    # the kit comes from the standards; one bed too few
    clerk.goto(site + "inspect/")
    clerk.fill("[name=team]", "验收甲\n验收乙")
    send(clerk, "保存")
    assert "/inspections/" in clerk.url, clerk.locator(".error-summary").inner_text()
    measured = clerk.locator("input[name^=measured_][type=number], input[name^=measured_][type=text]")
    measured.nth(0).fill("196")
    measured.nth(1).fill("3")
    for word in ("日间照料", "休闲娱乐", "助餐", "助浴", "助洁"):
        clerk.get_by_label(word, exact=True).check()
    for at, box in enumerate(clerk.locator("input[type=file]").all()):
        box.set_input_files(shot(tmp_path, at))
    assert axe(clerk) == []
    send(clerk, "保存检查项")
    expect(clerk.locator(".shots img")).to_have_count(2)
    clerk.on("dialog", lambda dialog: dialog.accept())
    send(clerk, "下结论")
    expect(clerk.locator("main")).to_contain_text("不合格")
    expect(clerk.locator("main")).to_contain_text("整改〔")
    assert axe(clerk) == []

    # put right, looked at again
    clerk.locator("textarea[name$=-done]").fill("添置日间照料床位一张")
    send(clerk, "登记整改")
    send(clerk, "开始复查")
    again = clerk.url
    clerk.locator("input[name^=measured_]").fill("4")
    clerk.locator("input[type=file]").set_input_files(shot(tmp_path, 9))
    send(clerk, "保存检查项")
    send(clerk, "下结论")
    expect(clerk.locator("main")).to_contain_text("合格，待签字")
    send(clerk, "签字")
    expect(clerk.locator(".error-summary")).to_contain_text("不能给自己签字")

    leader = visitor("leader", size="xlarge", width=360)
    leader.goto(again)
    assert axe(leader) == []
    send(leader, "签字")
    expect(leader.locator("main")).to_contain_text("合格，已签字")

    # the village shows that somebody comes; only then it is in use
    village = visitor("village")
    village.goto(site + "add/activity/")
    village.select_option("[name=kind]", "culture")
    village.fill("[name=count]", "16")
    village.fill("[name=evidence]", "签到表第 1 页")
    send(village, "保存")
    clerk.goto(site + "add/status/")
    clerk.get_by_label("已投用").check()
    send(clerk, "保存")
    expect(clerk.locator(".walk-now")).to_have_text("已投用")
    for tab in ("", "?tab=standards", "?tab=activity", "?tab=history"):
        clerk.goto(site + tab)
        assert axe(clerk) == [], tab
    expect(clerk.locator(".timeline")).to_contain_text("签字：验收")
    for path in ("", "standards/", "inspections/", "papers/", "operators/", "draws/"):
        clerk.goto(city.url("/facilities/" + path))
        assert axe(clerk) == [], path

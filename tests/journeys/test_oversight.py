"""A decision of the joint meeting is followed to its closing; a sixth exemplar is refused with the clause."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.oversight.test_layouts import ROWS, book


def settled(page, axe) -> None:
    """Nothing for axe to say, and no wider than the window."""
    assert axe(page) == [], page.url


def test_a_decision_of_the_joint_meeting_is_followed_to_its_closing(city, visitor, axe):
    today = timezone.localdate()
    secretary = visitor("secretary")
    secretary.goto(city.url("/meetings/"))
    settled(secretary, axe)
    secretary.get_by_role("link", name="设立议事协调机构").click()
    secretary.get_by_label("按公告设立").select_option("tangshan-joint-meeting")
    settled(secretary, axe)
    secretary.get_by_role("button", name="保存").click()
    assert secretary.locator("table tbody tr").count() == 24
    assert "按惯例暂列" in secretary.inner_text("main")
    settled(secretary, axe)

    secretary.get_by_role("link", name="召集会议").click()
    secretary.get_by_label("议程").fill("调度四季度进度｜市民政局\n研究用房手续｜市自然资源和规划局")
    secretary.get_by_role("button", name="保存").click()
    secretary.get_by_label("市财政局").select_option("leave")
    secretary.get_by_role("button", name="保存到会情况").click()
    secretary.get_by_text("写纪要").click()
    secretary.get_by_label("会议纪要").last.fill("会议研究了五处用房。")
    secretary.get_by_role("button", name="保存纪要").click()
    meeting = secretary.url
    secretary.get_by_label("决定", exact=True).fill("办理五处照料站用房手续")
    secretary.get_by_label("牵头单位").fill("市自然资源和规划局")
    secretary.get_by_label("完成期限").fill((today + timedelta(days=40)).isoformat())
    secretary.get_by_role("button", name="登记决定").click()
    settled(secretary, axe)
    secretary.get_by_label("责任地区").select_option(label=city.places["990101001"].short_name)
    secretary.get_by_role("button", name="转入台账").click()
    assert "推进中" in secretary.inner_text("main")

    town = visitor("town", width=360)
    town.goto(city.url("/ledger/"))
    settled(town, axe)
    town.get_by_role("link", name="办理五处照料站用房手续").click()
    settled(town, axe)
    town.get_by_role("link", name="登记进展").click()
    town.get_by_label("进展").fill("五处都已办证")
    town.get_by_label("佐证材料").set_input_files(
        [{"name": "证照.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 invented"}]
    )
    settled(town, axe)
    town.get_by_role("button", name="登记进展").click()
    town.get_by_role("link", name="申请销号").click()
    town.get_by_label("完成情况").fill("五处手续全部办结")
    town.get_by_label("演示leader").check()
    settled(town, axe)
    town.get_by_role("button", name="申请销号").click()
    assert "待销号" in town.inner_text("main")

    leader = visitor("leader")
    leader.goto(city.url("/ledger/"))
    leader.get_by_role("link", name="销号签字：办理五处照料站用房手续").click()
    leader.get_by_label("同意销号").check()
    settled(leader, axe)
    leader.get_by_role("button", name="销号签字").click()
    assert "已销号" in leader.inner_text("main")
    settled(leader, axe)

    secretary.goto(meeting)
    assert "已销号" in secretary.inner_text("main")
    settled(secretary, axe)


def test_a_sixth_exemplar_is_refused(city, visitor, axe):
    clerk = visitor("clerk")
    clerk.goto(city.url("/awards/?area=990101001"))
    clerk.get_by_text("开始一轮评选").click()
    clerk.locator("[name=open-award]").select_option("township-exemplar")
    clerk.get_by_role("button", name="开始", exact=True).click()
    settled(clerk, axe)
    town = visitor("town", size="large")
    town.goto(clerk.url)
    for name in "甲乙丙丁戊":
        town.get_by_label("推荐对象", exact=True).last.fill(f"演示模范{name}")
        town.get_by_label("事迹").fill("照料独居邻居")
        town.get_by_role("button", name="推荐").click()
    settled(town, axe)
    town.get_by_label("推荐对象", exact=True).last.fill("第六名")
    town.get_by_label("事迹").fill("也很好")
    town.get_by_role("button", name="推荐").click()
    said = town.locator(".error-summary").inner_text()
    assert "不超过 5 名" in said
    assert "R65" in said
    assert town.get_by_label("事迹").input_value() == "也很好", "nothing typed is lost"
    assert town.locator("table tbody tr").count() == 5
    settled(town, axe)


@pytest.mark.parametrize("look", [{"width": 360}, {"size": "xlarge"}, {"language": "en"}])
def test_pages_hold_at_every_size(city, visitor, axe, look):
    page = visitor("clerk", **look)
    for path in (
        "/ledger/new/",
        "/ledger/import/",
        "/drives/",
        "/data-requests/new/",
        "/awards/",
        "/meetings/bodies/new/",
    ):
        page.goto(city.url(path))
        settled(page, axe)


def test_a_layout_is_learnt_and_a_ledger_comes_in(city, visitor, axe):
    page = visitor("clerk")
    content = book(ROWS).read()
    file = {"name": "台账.xlsx", "mimeType": "application/vnd.ms-excel", "buffer": content}
    page.goto(city.url("/ledger/layouts/new/"))
    page.get_by_label("样表").set_input_files([file])
    page.get_by_role("button", name="读表头").click()
    assert page.get_by_label("完成时限").input_value() == "due_on"
    settled(page, axe)
    page.get_by_role("button", name="保存版式").click()
    page.get_by_label("台账文件").set_input_files([file])
    page.get_by_label("年份").fill(str(timezone.localdate().year + 1))
    page.get_by_role("button", name="上传并预览").click()
    settled(page, axe)
    page.get_by_role("button", name="导入没有错误的行").click()
    page.goto(city.url("/ledger/"))
    assert "建成日间照料站" in page.inner_text("main")
    settled(page, axe)
    page.goto(city.url("/drives/new/"))
    page.get_by_label("回头看").check()
    page.get_by_label("名称").fill("年末回头看")
    page.get_by_label("结束日期").fill(timezone.localdate().isoformat())
    page.locator("[name=items]").first.check()
    page.get_by_role("button", name="开始", exact=True).click()
    page.get_by_label("已落实", exact=True).check()
    page.get_by_label("情况").fill("在用")
    page.get_by_role("button", name="登记结果").click()
    settled(page, axe)

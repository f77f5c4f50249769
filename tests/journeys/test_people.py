"""A village office opens a file and keeps it; a township brings in a roster and merges doubles; an assessor assesses."""

from django.utils import timezone

from songhe.core.acting import everywhere
from songhe.core.identity import check_character
from tests.world import OWN


def number(birth: str = "19400101", seq: int = 2) -> str:
    """An invented ID number; an even `seq` is a woman's."""
    first = f"990682{birth}{seq:03d}"
    return first + check_character(first)


def open_file(city, page, name="赵玉兰", **more):
    """Fill in the form of a new file and save."""
    page.goto(city.url(f"/people/new/?area={OWN}"))
    page.get_by_label("身份证号码").fill(number(**more))
    page.get_by_label("身份证号码").press("Tab")
    page.locator(".born-said").wait_for()
    page.get_by_label("姓名", exact=True).fill(name)
    page.get_by_role("button", name="保存").click()
    page.wait_for_load_state("load")


def test_a_village_office_opens_a_file_and_keeps_it(city, visitor, axe):
    page = visitor("village")
    page.goto(city.url("/people/"))
    assert axe(page) == []
    page.get_by_role("link", name="建档").click()
    page.get_by_label("身份证号码").fill(number())
    page.get_by_label("姓名", exact=True).focus()  # leaving the field is enough
    page.locator(".born-said").wait_for()
    assert page.get_by_label("出生日期").input_value() == "1940-01-01"
    assert page.get_by_label("女", exact=True).is_checked()
    assert f"{timezone.localdate().year - 1940} 岁" in page.locator(".born-said").inner_text()
    page.get_by_label("姓名", exact=True).fill("赵玉兰")
    page.get_by_label("联系电话").fill("13800001234")
    page.get_by_label("独居", exact=True).check()
    assert axe(page) == []
    page.get_by_role("button", name="保存").click()
    page.get_by_role("heading", name="赵玉兰").wait_for()
    assert "138****1234" in page.inner_text("main")
    assert "13800001234" not in page.content()
    assert axe(page) == []

    page.get_by_role("link", name="打电话").click()
    page.get_by_label("事由").fill("电话探访")
    assert axe(page) == []
    page.get_by_role("button", name="查看").click()
    assert page.get_by_role("link", name="拨打").get_attribute("href") == "tel:13800001234"
    assert axe(page) == []
    page.get_by_role("link", name="赵玉兰").click()

    page.get_by_text("办理").click()
    page.get_by_role("link", name="去世").click()
    assert "赵玉兰" in page.get_by_role("heading", level=1).inner_text()
    assert axe(page) == []
    page.get_by_label("依据或理由").fill("家属报告")
    page.get_by_role("button", name="登记去世").click()  # not ticked: the browser keeps it here
    assert page.url.endswith("/event/death/")
    page.get_by_label("我已核对").check()
    page.get_by_role("button", name="登记去世").click()
    assert "已去世" in page.inner_text("main .page-meta")
    page.locator(".notices").get_by_role("link", name="撤销").click()
    page.get_by_label("理由").fill("同名弄错")
    page.get_by_role("button", name="撤销").click()
    assert "已去世" not in page.inner_text("main .page-meta")
    assert axe(page) == []


def test_a_list_is_narrowed_live_and_its_address_can_be_sent(city, visitor, axe):
    page = visitor("clerk", width=360)
    page.goto(city.url("/people/"))
    assert page.locator(".chips-count").inner_text() == "9 人"
    page.get_by_label("困难情形").select_option(label="失能")
    page.get_by_text("没有符合条件的老年人").wait_for()
    assert "circumstance=care_dependent" in page.url
    assert axe(page) == []
    page.get_by_role("link", name="困难情形：失能").click()
    page.locator("tbody tr").first.wait_for()
    page.get_by_label("困难情形").select_option(label="独居")
    page.locator(".chip").wait_for()
    sent = page.url
    other = visitor("leader", script="off")
    other.goto(sent)
    assert other.locator(".chips-count").inner_text() == "9 人"
    other.get_by_role("link", name="导出这些").click()
    assert "困难情形：独居" in other.inner_text("main")
    other.get_by_label("用途").fill("核对台账")
    with other.expect_download() as waited:
        other.get_by_role("button", name="导出").click()
    assert waited.value.suggested_filename.endswith(".xlsx")


def test_a_township_previews_imports_and_undoes_a_roster(city, visitor, axe, tmp_path):
    page = visitor("town")
    path = tmp_path / "名册.csv"
    rows = [f"钱玉梅,{number(seq=4)},{OWN}", f"孙桂芳,{number(seq=6)},{OWN}", f"李秀兰,{number(seq=8)[:-3]}000,{OWN}"]
    path.write_text("\n".join(["姓名,身份证号,村代码", *rows]), encoding="utf-8-sig")
    page.goto(city.url("/imports/"))
    assert axe(page) == []
    page.get_by_role("link", name="导入名单").click()
    assert axe(page) == []
    page.get_by_label("名单文件").set_input_files(path)
    page.get_by_label("来源").fill("残联名册")
    page.get_by_role("button", name="上传并预览").click()
    page.get_by_role("heading", name="名册.csv").wait_for()
    assert page.locator("tbody tr th").all_inner_texts() == ["4"]
    assert axe(page) == []
    with page.expect_download() as waited:
        page.get_by_role("button", name="下载写明错误的文件").click()
    assert "名册" in waited.value.suggested_filename
    page.get_by_role("button", name="导入没有错误的 2 人").click()
    page.get_by_text("已导入：新增 2 人").wait_for()
    assert axe(page) == []
    page.goto(city.url("/people/?q=钱玉梅"))
    assert page.locator("tbody tr").count() == 1
    page.go_back()
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="整批撤销").click()
    page.get_by_text("已撤销这一批：删去新建档案 2 份").wait_for()


def test_a_double_is_warned_of_found_merged_and_parted(city, visitor, axe):
    page = visitor("town")
    open_file(city, page)
    first = page.url
    page.goto(city.url(f"/people/new/?area={OWN}"))
    page.get_by_label("姓名", exact=True).fill("赵玉兰")
    page.get_by_label("出生日期").fill("1940-01-01")
    page.get_by_label("女", exact=True).check()
    page.get_by_role("button", name="保存").click()
    warning = page.get_by_role("alert")
    assert warning.get_by_role("link", name="赵玉兰").get_attribute("href") in first
    assert axe(page) == []
    page.get_by_role("button", name="照样建档").click()
    page.get_by_role("heading", name="赵玉兰").wait_for()
    assert page.url != first

    page.goto(city.url("/people/duplicates/"))
    assert axe(page) == []
    page.get_by_role("link", name="并排核对").first.click()
    assert axe(page) == []
    page.get_by_label("理由").fill("同一人登记两次")
    page.get_by_role("button", name="合并这两份档案").click()
    page.locator(".notices").get_by_role("link", name="撤销合并").click()
    assert axe(page) == []
    page.get_by_role("button", name="撤销合并").click()
    page.get_by_text("恢复为两份档案").wait_for()


def test_an_assessment_counts_while_it_is_filled_in_and_explains_itself(city, visitor, axe):
    person = city.people[OWN][0]
    page = visitor("town", size="large")
    page.goto(city.url(f"/people/{person.uid}/assess/"))
    assert axe(page) == []
    for item in page.locator("[data-domain] fieldset.item").all()[1:]:  # the first is forgotten
        item.locator("input").first.check()
    assert page.locator("[data-answered]").inner_text() == "已答 25/26"
    assert page.locator("[data-total]").inner_text() == "合计 86/90"
    assert page.locator("[data-subtotal]").first.inner_text() == "已答 7/8 · 小计 28/32"
    for fieldset in page.locator("fieldset:has(.choices)").all():
        fieldset.locator("input").first.check()
    page.get_by_label("评估员一", exact=True).fill("演示甲")
    page.get_by_label("评估员二", exact=True).fill("演示乙")
    page.get_by_label("信息提供者", exact=True).fill("演示子")
    page.get_by_role("button", name="得出等级并保存").click()
    jump = page.locator(".jumps a")
    assert jump.all_inner_texts() == ["进食"]
    assert axe(page) == []
    jump.click()
    page.locator("#item-eating input").nth(1).check()
    page.get_by_role("button", name="得出等级并保存").click()
    assert "轻度失能" in page.locator(".verdict").inner_text()
    assert "合计 89 分" in page.inner_text("main")
    assert axe(page) == []
    with everywhere():
        person.refresh_from_db()
    assert person.ability_level == 1


def test_a_stranger_finds_nobody(city, visitor):
    page = visitor("stranger")
    person = city.people[OWN][0]
    assert page.goto(city.url(f"/people/{person.uid}/")).status == 404
    assert person.name not in page.content()
    page.goto(city.url("/people/?q=王秀英"))
    assert page.locator("tbody tr").count() == 1  # the one of their own village
    assert str(person.uid) not in page.content()

"""A clerk drops a notice in, works through its lines beside the text, answers the warnings and confirms the programme."""

from tests.oversight.drafts.notice import NOTICE


def test_a_clerk_confirms_a_notice(city, visitor, axe, tmp_path):
    page = visitor("clerk")
    page.goto(city.url("/drafts/"))
    assert axe(page) == []
    page.get_by_role("link", name="导入第一份通知").click()
    assert axe(page) == []
    page.get_by_role("button", name="识读").click()
    assert "请选择一个文件" in page.inner_text("main")
    page.get_by_label("或者粘贴正文").fill(NOTICE)
    page.get_by_role("button", name="识读").click()
    assert "老年助餐服务" in page.inner_text("h1")
    assert axe(page) == []

    cards = page.locator(".draft-line")
    total = cards.count()
    assert total >= 7
    assert page.locator(".draft-words a.mark").count() >= total - 1
    page.get_by_role("button", name="采纳有把握的").click()
    first = page.locator(".line-accept").first
    first.locator("summary").click()
    first.get_by_label("数", exact=True).fill("十二")
    first.get_by_role("button", name="按更正采纳").click()
    assert "不是数" in page.locator(".draft-wrong").inner_text()
    assert page.locator(".draft-line:has(.draft-wrong)").get_by_label("数", exact=True).input_value() == "十二"
    page.locator(".draft-line:has(.draft-wrong)").get_by_label("数", exact=True).fill("13")
    page.locator(".draft-line:has(.draft-wrong)").get_by_role("button", name="按更正采纳").click()
    assert page.locator(".line-correct b").first.inner_text().startswith("13")

    page.get_by_label("方案编号").fill("xuxian-2023")
    page.get_by_role("button", name="确认为方案").click()
    assert "不能确认" in page.inner_text("main")
    while page.locator(".line-open").count():
        with page.expect_navigation():  # else the page that is going away is counted
            page.locator(".line-open").first.get_by_role("button", name="采纳").first.click()
    for _ in range(page.locator(".draft-answer").count()):
        waiting = page.locator(".draft-answer:has(button.btn-primary)").first
        waiting.get_by_label("怎样认定").fill("按字面，9 月底前")
        with page.expect_navigation():
            waiting.get_by_role("button").click()
    page.get_by_label("方案编号").fill("xuxian-2023")
    page.get_by_role("button", name="确认为方案").click()
    assert "id: xuxian-2023" in page.inner_text(".draft-yaml")
    assert axe(page) == []
    with page.expect_download() as got:
        page.get_by_role("link", name="下载定义").click()
    assert got.value.suggested_filename == "xuxian-2023.yaml"
    draft_page = page.url
    page.get_by_role("link", name="打开方案").click()
    assert "老年助餐服务" in page.inner_text("h1")
    assert "老年食堂" in page.inner_text("main")
    assert axe(page) == []

    small = visitor("clerk", size="large", width=360)
    small.goto(draft_page)
    assert axe(small) == []


def test_a_helper_has_no_drafts(city, visitor):
    page = visitor("helper")
    assert page.goto(city.url("/drafts/")).status == 403

"""A township clerk works the missing list: names a helper, records, excuses, types a paper sheet; the list empties."""

from datetime import timedelta

from django.utils import timezone

from tests.journeys.test_helper import record
from tests.world import SISTER


def count(page, label: str) -> int:
    return int(page.locator(".stat", has=page.get_by_text(label, exact=True)).locator(".rate-value").first.inner_text())


def test_a_township_clerk_works_the_missing_list(city, visitor, axe):
    page = visitor("town")
    page.goto(city.url("/"))
    assert axe(page) == []
    weekday = timezone.localdate().isoweekday()
    todo = "漏访" if weekday >= 4 else "本周未完成"
    assert count(page, todo) == 6
    assert count(page, "没有帮扶人员") == 3

    page.goto(city.url("/duties/missing/"))
    assert axe(page) == []
    assert page.locator(".dues > li").count() == 6
    page.locator(".dues > li").first.get_by_role("link", name="登记").click()
    for _ in range(2):
        record(page, "电话")
        page.go_back()
        page.goto(page.url)
    record(page, "上门")
    assert page.locator(".dues > li").count() == 5

    page.locator(".dues > li").first.get_by_role("link", name="登记").click()
    record(page, "电话", "住院")
    assert page.get_by_label("住院", exact=True).is_checked()
    assert axe(page) == []
    page.get_by_label("开始").fill(_monday().isoformat())
    page.get_by_label("说明").fill("村医证实")
    page.get_by_role("button", name="登记暂停").click()
    assert page.locator(".dues > li").count() == 4

    page.goto(city.url("/duties/helpers/unnamed/"))
    assert axe(page) == []
    chooser = page.locator("select[name^=person-]").first
    village = chooser.locator("option", has_text=city.places[SISTER].short_name).first
    assert village.count() == 0  # nobody holds a post there yet but the township's own people
    for select in page.locator("select[name^=person-]").all():
        select.select_option(index=1)
    page.get_by_role("button", name="保存指定").click()
    assert "都明确到人了" in page.inner_text("main")

    page.goto(city.url("/duties/missing/?print=yes"))
    assert page.locator("table.paper tbody tr").count() == 4
    assert axe(page) == []


def test_a_sheet_of_paper_is_typed_with_a_live_preview(city, visitor, axe):
    page = visitor("town")
    page.goto(city.url(f"/duties/sheet/?helper={city.users['helper'].pk}"))
    day = "一二三四五六日"[timezone.localdate().isoweekday() - 1]
    page.get_by_label("每行：行号 探访 结果 需要").press_sequentially(f"1 d{day} s{day} 平安\n2 d{day} 平俺", delay=15)
    page.locator(".seen li.wrong").wait_for()
    assert "是否想写“平安”" in page.inner_text("#seen")
    assert axe(page) == []
    page.get_by_role("button", name="保存整张").click()
    assert "整张都没有保存" in page.inner_text("main")
    page.get_by_label("每行：行号 探访 结果 需要").fill(f"1 d{day} s{day} 平安\n2 d{day} 平安 代购")
    page.get_by_role("button", name="保存整张").click()
    page.get_by_text("已保存 3 条探访").wait_for()
    page.goto(city.url("/duties/referrals/"))
    assert "代购物品药品" in page.inner_text("main")


def _monday():
    today = timezone.localdate()
    return today - timedelta(days=today.weekday())

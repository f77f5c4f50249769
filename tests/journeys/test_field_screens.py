"""The telephone page as one sees and touches it: large type, 60 px, four taps, one tap to call; pictures for the docs."""

import os
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from songhe.care.visits import actions
from songhe.core.acting import everywhere
from songhe.registry.people.models import Person
from tests.journeys.field_rows import rows
from tests.world import OWN

PICTURES = Path(__file__).resolve().parents[2] / "docs/images"
SMALL = """() => [...document.querySelectorAll("main a, main button, main summary, main .chip, main input:not([type=radio]):not([type=checkbox]), main select, .bar button, .foot a, .foot button")]
  .filter((e) => e.offsetParent).map((e) => [e.getBoundingClientRect(), e.textContent.trim() || e.id]).filter(([box]) => box.height < 59.5 || box.width < 44).map(([box, text]) => `${text}: ${box.width}×${box.height}`)"""


def picture(page, name):
    """Kept for the docs when asked for: FIELD_PICTURES=yes."""
    if os.environ.get("FIELD_PICTURES"):
        page.evaluate("() => scrollTo(0, 0)")
        page.screenshot(path=PICTURES / f"field-{name}.png")


@pytest.fixture
def lively(city):
    """Invented people marked 演示, one of whom did not answer this morning."""
    with everywhere():
        Person.objects.update(origin="demo")
        wang = next(p for p in city.people[OWN] if p.name == "王秀英")
        row = {"person": wang.pk, "mode": "call", "outcome": "no_answer", "occurred_at": timezone.now()}
        actions.record([row], by=city.users["helper"].pk, post=None, channel="desk")
    return city


@pytest.mark.parametrize("size", ["normal", "large", "xlarge"])
def test_every_screen_is_clear_in_every_size(lively, line, phone, axe, size):
    phone.open(ready="no")
    phone.page.goto(phone.address + "/field/")
    phone.page.get_by_text("请先登录").wait_for()
    assert phone.page.locator("html").get_attribute("data-size") == "large", "large type without asking"
    phone.page.evaluate(f"() => localStorage.setItem('field-size', '{size}')")
    page = phone.sign_in("helper")
    shots = {"large": "", "xlarge": "-xlarge"}.get(size)

    def look(name):
        assert axe(page) == [], name
        assert page.evaluate(SMALL) == [], name
        if shots is not None:
            picture(page, name + shots)

    look("list")
    page.get_by_role("link", name="登记 王秀英").click()
    page.get_by_label("上门", exact=True).check()
    page.get_by_label("有需要", exact=True).check()
    page.get_by_label("就医", exact=True).check()
    look("form")
    page.get_by_role("link", name="电话、门牌说明、接听时间有变？").click()
    page.get_by_role("heading", name="更正 · 王秀英").wait_for()
    look("facts")
    page.goto(phone.address + "/field/")
    phone.go("off")
    phone.record("李建国", "电话", "平安")
    assert "离线" in page.inner_text(".bar")
    assert "待上传 1 条" in page.inner_text(".bar")
    look("offline")
    page.goto(phone.address + "/field/#records")
    page.locator("[data-state=saved]").wait_for()
    line.mode = 413
    phone.go("on")
    page.locator("[data-state=returned]").wait_for()
    look("returned")
    page.get_by_role("button", name="English").click()
    page.locator("html[lang=en]").wait_for()
    assert axe(page) == []


def test_four_taps_and_one_to_call(lively, phone):
    phone.open()
    page = phone.sign_in("helper")
    assert page.locator("li.person h2").first.text_content().startswith("王秀英"), "whom nobody reached comes first"
    dial = page.get_by_role("link", name="打电话给 王秀英")
    assert dial.get_attribute("href") == "tel:13000000000"
    page.evaluate(
        "() => document.addEventListener('click', (e) => { if (e.target.closest('a[href^=tel]')) e.preventDefault(); })"
    )
    taps = 0
    for tap in (
        lambda: dial.tap(), lambda: page.locator("label.chip", has_text="平安").tap(),
        lambda: page.get_by_role("button", name="保存").tap(),
    ):  # fmt: skip
        tap()
        taps += 1
    page.get_by_text("已存本机。联网后自动上传。").wait_for()
    assert taps == 3
    phone.expect_waiting(0)
    taps = 0
    for tap in (
        lambda: page.get_by_role("link", name="登记 李建国").tap(),
        lambda: page.locator("label.chip", has_text="上门").first.tap(),
        lambda: page.locator("label.chip", has_text="平安").tap(), lambda: page.get_by_role("button", name="保存").tap(),
    ):  # fmt: skip
        tap()
        taps += 1
    page.get_by_role("heading", name="今天看望谁").wait_for()
    assert taps == 4
    phone.expect_waiting(0)
    assert sorted((row.mode, row.outcome) for row in rows() if row.channel == "phone") == [
        ("call", "well"),
        ("home_visit", "well"),
    ]
    assert "定位" not in page.text_content("main")


def test_what_is_missing_is_said_and_nothing_entered_is_lost(lively, phone):
    phone.open()
    page = phone.sign_in("helper")
    page.get_by_role("link", name="登记 李建国").click()
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("请选方式：电话、视频或上门。")).to_be_in_viewport()
    page.get_by_label("电话", exact=True).check()
    page.get_by_label("备注（可不填）").fill("想吃饺子")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("请选结果")).to_be_in_viewport()
    page.get_by_label("平安", exact=True).check()
    page.evaluate(
        "() => { const put = IDBObjectStore.prototype.put; let once = true; IDBObjectStore.prototype.put = function (...w) {"
        " if (once && this.name === 'records') { once = false; throw new DOMException('full', 'QuotaExceededError'); } return put.apply(this, w); }; }"
    )
    page.get_by_role("button", name="保存").click()
    page.get_by_text("手机空间已满，这一条没有存下来").wait_for()
    assert page.get_by_label("备注（可不填）").input_value() == "想吃饺子"
    page.get_by_role("button", name="保存").dblclick()  # an impatient hand
    page.get_by_text("已存本机。联网后自动上传。").wait_for()
    phone.expect_waiting(0)
    (row,) = [row for row in rows() if row.channel == "phone"]
    assert row.note == "想吃饺子"


def test_a_phone_that_is_nearly_full_is_warned_in_time(lively, phone):
    phone.open(ready="no")
    phone.page.add_init_script("navigator.storage.estimate = async () => ({ usage: 85, quota: 100 })")
    page = phone.sign_in("helper")
    page.get_by_text("手机空间快满了（已用 85%）").wait_for()


def test_without_a_keyboard_mouse_or_finger_at_all(lively, phone):
    """By keyboard alone: to the person, the way, the outcome, save."""
    phone.open()
    page = phone.sign_in("helper")
    page.get_by_role("link", name="登记 李建国").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="李建国").wait_for()
    page.get_by_label("电话", exact=True).focus()
    page.keyboard.press("Space")
    page.get_by_label("平安", exact=True).focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.get_by_text("已存本机。联网后自动上传。").wait_for()
    phone.expect_waiting(0)


def test_nothing_moves_under_the_finger_that_fills_in_a_form(city, line, phone):
    page = phone.open()
    phone.sign_in("helper")
    line.mode, line.on = 500, ("/field/token/",)
    top = "() => Math.round(document.querySelector('.chip input[value=home_visit]').getBoundingClientRect().top)"

    def stands(before, change):
        change()
        page.wait_for_timeout(200)
        assert page.evaluate(top) == before

    phone.record("王秀英", "电话")
    page.get_by_role("link", name="登记 李建国").click()
    page.locator(".toast").wait_for()
    page.locator(".notice[data-key=trouble]").wait_for()
    at = page.evaluate(top)
    stands(at, lambda: page.locator(".toast").wait_for(state="detached"))
    stands(
        at,
        lambda: (
            phone.go("off"),
            page.get_by_text("离线").wait_for(),
            page.locator(".notice").wait_for(state="detached"),
        ),
    )
    line.mode = "pass"
    stands(at, lambda: (phone.go("on"), phone.expect_waiting(0)))
    page.get_by_label("上门", exact=True).check()
    page.get_by_role("link", name="返回").click()
    page.get_by_role("heading", name="今天看望谁").wait_for()
    assert page.evaluate("() => document.getElementById('main').style.marginTop") == ""

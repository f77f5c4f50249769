"""The telephone page with the network really off and the server really stopped: nothing recorded at a doorstep is lost."""

from datetime import timedelta

import psycopg
from django.utils import timezone

from songhe.care.duties.models import Duty
from songhe.core.acting import everywhere
from songhe.core.periods import containing
from tests.journeys.field_rows import rows, whole
from tests.world import OWN

WAYS = ["电话", "视频", "上门", "上门志愿服务"]


def record(phone, city, count, *, earlier=0):
    """So many visits over three people and four ways; the first `earlier` of them a week ago."""
    names = [person.name for person in city.people[OWN]]
    ago = (timezone.localtime() - timedelta(days=7)).strftime("%Y-%m-%dT%H:%M")
    for at in range(count):
        phone.record(names[at % 3], WAYS[at % 4], ["平安", "身体不适"][at % 2], when=ago if at < earlier else "")


def home_again(phone, count):
    """The network is back; a restarted phone may have to sign in once more. Then the queue empties by itself."""
    phone.go("on")
    ready = phone.page.locator(".notice[data-key=login], .queue[data-waiting='0']").first
    ready.wait_for(timeout=60_000)
    if phone.page.locator(".notice[data-key=login]").count():
        assert phone.waiting() == count
        phone.sign_in("helper")
    phone.expect_waiting(0, 60_000)


def test_twenty_visits_outlive_the_network_the_server_and_the_battery(city, site, phone):
    phone.open()
    phone.sign_in("helper")
    site.kill()
    phone.go("off")
    phone.page.reload()
    phone.page.get_by_role("heading", name="今天看望谁").wait_for()
    assert "离线" in phone.page.inner_text(".bar")
    record(phone, city, 20, earlier=5)
    assert phone.waiting() == 20
    phone.kill()
    phone.open(offline="yes")
    assert phone.waiting() == 20
    assert "离线" in phone.page.inner_text(".bar")
    assert phone.page.get_by_role("link", name="登记 王秀英").count() or phone.page.locator("details.done").count()
    site.start()
    home_again(phone, 20)
    whole(20)
    this = containing("week", timezone.localdate())
    inside = [row for row in rows() if this.start <= row.occurred_on <= this.end]
    assert len(inside) == 15
    assert all(row.occurred_on == timezone.localdate() - timedelta(days=7) for row in rows() if row not in inside)
    with everywhere():
        duties = list(Duty.objects.filter(name="visiting", period_start=this.start, helper=city.users["helper"]))
    assert sum(d.calls_done for d in duties) == sum(row.mode in ("call", "video") for row in inside)
    assert sum(d.visits_done for d in duties) == sum(row.mode == "home_visit" for row in inside)
    phone.page.goto(phone.address + "/field/#records")
    phone.page.locator("[data-state=sent]").nth(19).wait_for()
    assert phone.page.locator("[data-state=saved]").count() == 0


def test_the_server_is_killed_in_the_middle_of_the_sync(city, site, line, phone):
    from tests.conftest import as_owner

    phone.open()
    phone.sign_in("helper")
    phone.go("off")
    record(phone, city, 20)
    lock = owner()
    lock.execute(
        "SELECT pg_advisory_lock(7301, 0)"
    )  # what a closing of the period holds: the sync waits inside its transaction
    line.asked.clear()
    phone.go("on")
    for _ in range(300):
        if "/field/sync/" in line.asked and as_owner(
            "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        ):
            break
        phone.page.wait_for_timeout(100)
    else:
        raise AssertionError("the sync did not begin")
    site.kill()
    lock.close()
    phone.page.wait_for_timeout(1000)
    assert rows() == []
    assert phone.waiting() == 20
    site.start()
    phone.expect_waiting(0, 90_000)
    whole(20)


def test_every_answer_is_lost_after_the_commit(city, line, phone):
    phone.open()
    phone.sign_in("helper")
    phone.go("off")
    record(phone, city, 20)
    line.mode = "drop"
    phone.go("on")
    for _ in range(600):
        if line.seen >= 2:
            break
        phone.page.wait_for_timeout(100)
    assert line.seen >= 2, "it tries again by itself"
    assert len(rows()) == 20, "committed"
    assert phone.waiting() == 20, "but nobody told the phone"
    line.mode = "pass"
    phone.expect_waiting(0, 90_000)
    whole(20)


def test_whatever_the_server_answers_the_records_stay(city, line, phone):
    phone.open()
    phone.sign_in("helper")
    page = phone.page
    strange = [("portal", "portal"), (500, "trouble"), (502, "trouble"), (409, "trouble"), ("half", "broken")]
    for at, (mode, notice) in enumerate(strange, 1):
        line.mode = mode
        phone.record("王秀英", "电话")
        page.locator(f".notice[data-key={notice}]").wait_for()
        assert phone.waiting() == 1, mode
        if mode != "half":
            assert len(rows()) == at - 1, mode
        line.mode = "pass"
        page.get_by_role("button", name="现在上传").click()
        phone.expect_waiting(0)
        assert page.locator(f".notice[data-key={notice}]").count() == 0
    whole(len(strange))


def test_too_large_goes_in_halves_and_a_single_one_comes_back_with_the_reason(city, line, phone):
    phone.open()
    phone.sign_in("helper")
    phone.go("off")
    record(phone, city, 3)
    line.mode = 413
    line.asked.clear()
    phone.go("on")
    phone.page.get_by_text("已退回 3 条").wait_for(timeout=60_000)
    assert line.asked.count("/field/sync/") == 4, "all, then each alone"
    line.mode = "pass"
    phone.page.get_by_text("已退回 3 条").click()
    phone.page.get_by_text("内容太大").first.wait_for()
    for left in (2, 1, 0):
        phone.page.get_by_role("link", name="改好再传").first.click()
        phone.page.get_by_role("button", name="保存").click()
        phone.page.locator("[data-state=sent]").nth(2 - left).wait_for()
        assert phone.page.locator("[data-state=returned]").count() == left
    whole(3)


def test_a_new_version_of_the_page_finds_the_records_of_the_old_one(city, site, phone):
    phone.open()
    phone.sign_in("helper")
    phone.go("off")
    record(phone, city, 2)
    site.kill()
    site.start(version="0123456789ab")
    phone.page.route("**/field/sync/", lambda route: route.abort())
    phone.go("on")
    phone.page.reload()
    phone.page.get_by_text("页面有新版本").wait_for()
    phone.page.reload()
    phone.page.locator("meta[name=songhe-field][content='0123456789ab']").wait_for(state="attached")
    assert phone.waiting() == 2
    phone.page.unroute("**/field/sync/")
    phone.expect_waiting(0, 60_000)
    whole(2)


def owner():
    """A connection as the tables' owner to the test's database."""
    import os

    from django.db import connections

    return psycopg.connect(os.environ["DATABASE_OWNER_URL"], dbname=connections["default"].settings_dict["NAME"], autocommit=True)  # fmt: skip

"""The dispatcher plans a day: one order goes to another worker, the price is seen, all are dispatched at once."""

import os
import re
from datetime import timedelta
from pathlib import Path

import pytest

from tests import world as w

PASSWORD = "Songhe-journey-2026"
SHOTS = os.environ.get("SONGHE_SHOTS")  # a folder: pictures of the pages walked through


def settled(page, axe, name: str) -> None:
    """Nothing for axe to say, and no wider than the window."""
    assert axe(page) == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"], page.url
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


@pytest.fixture
def waiting(city):
    """Four people with positions who wait for tomorrow, one of them for two carers; a provider with three workers."""
    from datetime import time

    from songhe.care.services import actions
    from songhe.core.acting import everywhere
    from songhe.registry.facilities.models import Organisation
    from tests.care.services import street

    with everywhere():
        county = city.places["990101"]
        actions.sync_catalogues(by=None, folder=Path(street.__file__).parent)
        desk = w.post("dispatcher", county, username="desk")
        desk.user.set_password(PASSWORD)
        desk.user.save(update_fields=["password"])
        firm = Organisation.objects.create(name="虚构服务", credit_code="99999999999999990X", kind="company")
        provider = actions.enrol_provider(
            by=None, post=None, organisation=firm, kinds=["bath", "cleaning"], areas=[county], daily_capacity=20,
            valid_from=street.SINCE,
        )  # fmt: skip
        week = {day: (time(8), time(18)) for day in range(7)}
        for n in range(3):
            worker = actions.enrol_worker(
                by=None, post=None, provider=provider, name=f"护理{n}", sex="f", place=county, daily_minutes=480,
                valid_from=street.SINCE,
            )  # fmt: skip
            worker.longitude, worker.latitude = 115.0 + 0.04 * n, 38.5
            worker.save(update_fields=["longitude", "latitude"])
            actions.set_shifts(by=None, post=None, worker=worker, week=week, valid_from=street.SINCE)
            actions.certify(by=None, post=None, worker=worker, kind="care_worker", valid_from=street.SINCE)
        people = [*city.people[w.OWN][:3], *city.people["990101001002"][:1]]
        for n, person in enumerate(people):
            if n < 3:
                person.longitude, person.latitude = 115.001 + 0.01 * n, 38.505
            person.save()
            actions.request(
                by=None, post=None, person=person, item="bath-home" if n == 1 else "cleaning", funding="self",
                wanted_from=street.tomorrow(9 + n),
            )  # fmt: skip
    return people


def test_a_day_is_planned_changed_and_dispatched_at_once(city, visitor, axe, waiting):
    from songhe.care.services.models import Crew, Order
    from songhe.core.acting import everywhere
    from tests.care.services.street import tomorrow

    day = tomorrow().date()
    desk = visitor("desk")
    desk.set_default_timeout(60_000)  # the planner is loaded when it is first asked
    desk.goto(city.url("/services/?live=no"))
    desk.get_by_role("link", name="排一天").click()
    tab = desk.get_by_role("link", name=f"{day:%m-%d}", exact=False)
    assert tab.get_attribute("aria-current") == "page", "it opens on the first day for which somebody waits"
    assert tab.locator(".tab-count").text_content() == str(len(waiting))
    tab.click()
    main = desk.locator("main")
    assert re.search(r"3\s*/\s*4", main.inner_text()), main.inner_text()
    assert "没有坐标" in desk.locator("#left").inner_text()
    settled(desk, axe, "day-plan")

    name = waiting[0].name
    row = desk.locator(".day-stops > li", has=desk.get_by_role("checkbox", name=f"派出 {name} 的单")).first
    row.locator("summary").click()
    row.get_by_label("护理员").select_option(label="护理2 · 虚构服务")
    settled(desk, axe, "day-plan-open")
    row.get_by_role("button", name="由这人去，再算", exact=False).first.click()
    desk.get_by_role("heading", name="与上一次相比").wait_for()
    assert f"{name} 由 护理2 去" in main.inner_text()
    far = desk.get_by_role("region", name="护理2")
    assert name in far.inner_text()
    assert main.locator(".plan-price dd").first.inner_text().startswith("+"), "the longer way has its price"
    settled(desk, axe, "day-plan-again")
    desk.get_by_role("checkbox", name=f"派出 {waiting[2].name} 的单").uncheck()
    desk.get_by_role("button", name="派出勾选的单").click()
    desk.get_by_text("已派出 2 张单").wait_for()
    settled(desk, axe, "day-plan-done")
    with everywhere():
        states = dict(Order.objects.values_list("person", "state"))
        assert [states[person.pk] for person in waiting] == ["dispatched", "dispatched", "waiting", "waiting"]
        crew = Crew.objects.filter(dispatch__order__person=waiting[0])
        assert [c.worker.name for c in crew] == ["护理2"]
        assert Crew.objects.filter(dispatch__order__person=waiting[1]).count() == 2

    small = visitor("desk", width=360, size="xlarge")
    small.set_default_timeout(60_000)
    for size, page in (
        ("xlarge", small),
        ("normal", visitor("desk", width=360)),
        ("wide", visitor("desk", size="xlarge")),
    ):
        page.goto(city.url(f"/services/plan/?on={day}"))
        page.locator("summary", has_text="换人").first.click()
        settled(page, axe, f"day-plan-{size}")
    small.goto(city.url(f"/services/plan/?on={day - timedelta(days=9)}"))
    assert "已经过去" in small.inner_text("body")

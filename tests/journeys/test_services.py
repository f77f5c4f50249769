"""An 82-year-old calls from a landline and gets a bath with two carers; a provider refuses and it is re-dispatched."""

import os
from datetime import date
from pathlib import Path

import pytest

from tests import world as w

PASSWORD = "Songhe-journey-2026"
SHOTS = os.environ.get("SONGHE_SHOTS")  # a folder: pictures of the pages walked through


def settled(page, axe, name: str) -> None:
    """Nothing for axe to say, and no wider than the window."""
    assert axe(page) == [], page.url
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


@pytest.fixture
def agency(city):
    """Two providers with three carers each, a dispatcher, a manager, a carer with accounts."""
    from songhe.care.services import actions
    from songhe.core.acting import everywhere
    from songhe.registry.facilities.models import Organisation
    from songhe.registry.people import sealing
    from songhe.registry.people.actions import set_circumstance
    from tests.care.services import street

    with everywhere():
        county = city.places["990101"]
        actions.sync_catalogues(by=None, folder=Path(street.__file__).parent)
        posts = {}
        for name, role in (
            ("desk", "dispatcher"),
            ("desk2", "dispatcher"),
            ("firm", "operator"),
            ("carer", "care_worker"),
        ):
            posts[name] = w.post(role, county, username=name)
            posts[name].user.set_password(PASSWORD)
            posts[name].user.save(update_fields=["password"])
        for n in range(2):
            firm = Organisation.objects.create(name=f"虚构服务{n}", credit_code=f"9999999999999999{n}X", kind="company")
            provider = actions.enrol_provider(
                by=None, post=None, organisation=firm, kinds=["bath", "cleaning", "urgent"], areas=[county],
                daily_capacity=20, valid_from=street.SINCE, phone="0312-2550000",
            )  # fmt: skip
            if n == 0:
                actions.seat(by=None, post=None, provider=provider, user=posts["firm"].user, valid_from=street.SINCE)
            for k in range(3):
                worker = actions.enrol_worker(
                    by=None, post=None, provider=provider, name=f"护理{n}{k}", sex="f", place=county,
                    daily_minutes=480, valid_from=street.SINCE,
                    user=posts["carer"].user if (n, k) == (1, 0) else None,
                )  # fmt: skip
                actions.set_shifts(by=None, post=None, worker=worker, week=street.WEEK, valid_from=street.SINCE)
                actions.certify(by=None, post=None, worker=worker, kind="care_worker", valid_from=street.SINCE)
        old = city.people[w.OWN][0]
        old.birth = date(1944, 5, 1)
        old.phone_sealed, old.phone_blind = sealing.seal("phone", "0312-2551234"), sealing.phone_blind("0312-2551234")
        old.save()
        set_circumstance(by=None, post=None, person=old, kind="living_alone", valid_from=street.SINCE, source="t")
    return old


def test_a_bath_with_two_carers_from_a_landline_by_keyboard(city, visitor, axe, agency):
    desk = visitor("desk")
    desk.goto(city.url("/"))
    assert desk.url.startswith(city.url("/services/"))
    settled(desk, axe, "board-empty")
    desk.goto(city.url("/services/call/"))
    desk.keyboard.type("0312-2551234")  # the box has the focus
    desk.keyboard.press("Enter")
    desk.wait_for_url("**q=0312**")
    assert "82 岁" in desk.inner_text("main") or "81 岁" in desk.inner_text("main")
    settled(desk, axe, "call")
    desk.keyboard.type("1")  # so has the number of the service
    desk.keyboard.press("Enter")
    desk.wait_for_url("**/services/orders/**")
    main = desk.inner_text("main")
    assert "双人助浴" in main
    assert "待派单" in main
    settled(desk, axe, "order-waiting")
    desk.keyboard.press("Enter")  # the likeliest crew is chosen, the button has the focus
    desk.get_by_text("已派给").wait_for()
    assert desk.inner_text("main").count("护理") >= 2
    settled(desk, axe, "order-dispatched")
    desk.goto(city.url("/services/"))
    assert agency.name in desk.inner_text("main")
    settled(desk, axe, "board")
    small = visitor("desk", width=360, size="xlarge")
    for name, path in (("board", "/services/"), ("call", "/services/call/?q=0312-2551234"), ("orders", "/services/orders/"), ("workers", "/services/workers/"), ("catalogue", "/services/catalogue/"), ("providers", "/services/providers/")):  # fmt: skip
        small.goto(city.url(path))
        settled(small, axe, f"small-{name}")
    small.goto(desk.url.replace("/services/", "/services/workers/"))
    small.get_by_role("link", name="护理00").click()
    settled(small, axe, "small-worker")


def test_a_provider_refuses_and_another_comes(city, visitor, axe, agency):
    from songhe.care.services import actions
    from songhe.care.services.models import Order, Provider
    from songhe.core.acting import everywhere
    from songhe.registry.accounts.models import User
    from tests.care.services.street import tomorrow

    with everywhere():
        user = User.objects.get(username="desk")
        order = actions.request(by=user, post=None, person=agency, item="cleaning", wanted_from=tomorrow())
        actions.dispatch(by=user, post=None, order=order, provider=Provider.objects.order_by("pk")[0])
    page = f"/services/orders/{order.pk}/"

    firm = visitor("firm", width=360)
    firm.goto(city.url("/services/"))
    firm.get_by_role("link", name=agency.name).click()
    settled(firm, axe, "firm-order")
    firm.get_by_text("机构拒单").click()
    firm.get_by_label("原因").first.select_option("no_capacity")
    firm.get_by_role("button", name="登记拒单").click()
    firm.get_by_text("已登记拒单").wait_for()

    desk, other = visitor("desk"), visitor("desk2")
    for each in (desk, other):
        each.goto(city.url(page))
    assert "人手已满" in desk.inner_text("main")
    settled(desk, axe, "order-returned")
    other.get_by_label("虚构服务1").first.check()
    other.get_by_role("button", name="派单").click()
    other.get_by_text("已派给").wait_for()
    desk.get_by_role("button", name="派单").click()  # a click too late
    desk.get_by_text("您的操作没有执行").wait_for()
    settled(desk, axe, "order-stale")
    with everywhere():
        order = Order.objects.get(pk=order.pk)
        assert order.state == "dispatched"
        assert order.dispatches.filter(ended_at=None).count() == 1

"""Finance settles a month with three exceptions; a care worker begins and ends an order without a network."""

import os
import uuid
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import timezone

from tests import world as w

PASSWORD = "Songhe-journey-2026"
SHOTS = os.environ.get("SONGHE_SHOTS")  # a folder: pictures of the pages walked through


def looked(page, axe, name: str) -> None:
    """Nothing for axe to say."""
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)
    assert axe(page) == [], page.url


class Firm:
    """A provider with a carer, a contract over the county, and whoever signs."""

    def __init__(self, city):
        from songhe.care.services import actions
        from songhe.care.services.models import Item
        from songhe.care.settlement import actions as settlement
        from songhe.registry.facilities.models import Organisation
        from songhe.registry.people.actions import set_circumstance
        from tests.care.evidence.served import month_ago
        from tests.care.services import street

        self.county, self.month = city.places["990101"], month_ago()
        system = {"by": None, "post": None}
        actions.sync_catalogues(by=None, folder=Path(street.__file__).parent)
        Item.objects.filter(code="cleaning").update(proofs=["time", "position", "signature"])
        self.posts = {}
        for name, role in (("money", "finance"), ("boss", "leader"), ("office", "clerk"), ("carer", "care_worker")):
            post = w.post(role, self.county, username=name)
            post.user.set_password(PASSWORD)
            post.user.save(update_fields=["password"])
            self.posts[name] = post
        firm = Organisation.objects.create(name="虚构服务", credit_code="99999999999999999X", kind="company")
        self.provider = actions.enrol_provider(
            **system, organisation=firm, kinds=["bath", "cleaning"], areas=[self.county], daily_capacity=20,
            valid_from=street.SINCE,
        )  # fmt: skip
        self.worker = actions.enrol_worker(
            **system, provider=self.provider, name="护理一", sex="f", place=self.county, daily_minutes=480,
            valid_from=street.SINCE, user=self.posts["carer"].user,
        )  # fmt: skip
        self.people = city.people[w.OWN]
        for person in self.people:
            set_circumstance(**system, person=person, kind="living_alone", valid_from=street.SINCE, source="t")
            person.refresh_from_db()
        self.contract = settlement.register_contract(
            **system, place=self.county, provider=self.provider, number="HT-1", title="居家服务购买合同", buyer="虚构县民政局",
            starts_on=self.month, ends_on=self.month + timedelta(days=300),
        )  # fmt: skip
        settlement.add_lot(
            **system, contract=self.contract, name="全县", places=[self.county], prices={"cleaning": Decimal(40)}
        )

    def order(self, person, when, now):
        from songhe.care.services import actions

        system = {"by": None, "post": None}
        order = actions.request(**system, person=person, item="cleaning", wanted_from=when, now=now)
        actions.dispatch(**system, order=order, provider=self.provider, workers=[self.worker], starts_at=when, now=now)
        actions.accept(**system, order=order, now=now)
        return order

    def serve(self, order, minutes):
        from songhe.care.evidence import actions
        from tests.care.evidence.served import HERE, STROKES

        begin = order.wanted_from
        for kind, at in (("start", begin), ("finish", begin + timedelta(minutes=minutes))):
            actions.stamp(
                by=None, post=None, order=order, kind=kind, at=at, number=uuid.uuid4(), worker=self.worker, now=at,
                position=HERE, device="d", given=actions.Given(signature=STROKES),
            )  # fmt: skip


@pytest.fixture
def firm(city):
    from songhe.core.acting import everywhere

    with everywhere():
        return Firm(city)


def test_finance_settles_a_month_with_three_exceptions(city, visitor, axe, firm):
    from songhe.care.evidence import actions as evidence
    from songhe.care.settlement.models import Settlement
    from songhe.core.acting import everywhere
    from tests.care.evidence.served import at

    with everywhere():
        for day, person, minutes in ((3, 0, 70), (4, 1, 70), (5, 2, 65), (10, 0, 20), (11, 1, 25), (12, 2, 30)):
            when = at(day, 9)
            firm.serve(firm.order(firm.people[person], when, when - timedelta(days=1)), minutes)
        evidence.look(month=firm.month)

    money = visitor("money")
    money.goto(city.url("/services/contracts/"))
    looked(money, axe, "contracts")
    money.get_by_role("link", name="居家服务购买合同").click()
    money.get_by_label("月份").fill(f"{firm.month:%Y-%m}")
    looked(money, axe, "contract")
    money.get_by_role("button", name="编制").click()
    money.get_by_role("heading", name="3 个例外").wait_for()
    assert "3 个没有处理" in money.inner_text("main")
    looked(money, axe, "month-exceptions")
    month = money.url

    office = visitor("office")  # one of the three is decided on its evidence
    office.goto(city.url("/services/checks/"))
    looked(office, axe, "checks")
    office.locator("input[name=flag]").first.check()
    office.get_by_label("采信", exact=True).check()
    office.get_by_label("理由").fill("老人提前叫停，电话核实")
    office.get_by_role("button", name="核定").click()
    office.get_by_text("已核定 1 条提示").wait_for()
    office.goto(city.url(f"/services/checks/{evidence_order()}/"))
    looked(office, axe, "check")

    money.get_by_role("button", name="重新编制").click()
    money.get_by_role("heading", name="2 个例外").wait_for()
    money.get_by_label("演示leader（boss）").check()  # two leaders of one name: told apart by their account
    money.get_by_role("button", name="送签", exact=True).click()
    money.get_by_text("还有 2 个例外没有处理").first.wait_for()
    for left in (1, 0):
        money.locator("select[name=answer]").first.select_option("carry" if left else "exclude")
        money.get_by_label("理由").first.fill("时长不足，待机构说明")
        money.get_by_role("button", name="处理").first.click()
        money.wait_for_load_state("load")
    for name in ("演示leader（boss）", "演示clerk（office）"):
        money.get_by_label(name).check()
    looked(money, axe, "month-answered")
    money.get_by_role("button", name="送签", exact=True).click()
    money.get_by_text("待签字").first.wait_for()

    for name in ("boss", "office"):
        signer = visitor(name, width=360, size="xlarge") if name == "boss" else office
        signer.goto(month)
        signer.get_by_label("同意支付").check()
        looked(signer, axe, f"month-sign-{name}")
        signer.get_by_role("button", name="签字", exact=True).click()
        signer.wait_for_load_state("load")
    money.goto(month)
    assert "已签字封存" in money.inner_text("main")
    assert money.get_by_role("button", name="重新编制").count() == 0
    looked(money, axe, "month-signed")
    with money.expect_download() as coming:
        money.get_by_role("link", name="结算明细").click()
    assert coming.value.suggested_filename.endswith(".xlsx")
    with everywhere():
        row = Settlement.objects.get()
        assert (row.state, row.orders, row.persons) == ("signed", 4, 3)
        assert row.gross == sum(line.amount for line in row.lines.all())


def evidence_order() -> int:
    from songhe.care.evidence.models import Flag
    from songhe.core.acting import everywhere

    with everywhere():
        return Flag.objects.order_by("pk").first().order_id


def test_a_care_worker_begins_and_ends_an_order_without_a_network(city, site, phone, firm, axe):
    from songhe.care.evidence.models import Proof, Stamp
    from songhe.care.services.models import Order
    from songhe.core.acting import everywhere

    now = timezone.now()
    with everywhere():
        order = firm.order(firm.people[0], now - timedelta(minutes=5), now - timedelta(hours=3))
    page = phone.open()
    page.goto(phone.address + "/account/login/?next=/field/")
    page.fill("[name=login]", "carer")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/field/")
    page.get_by_role("heading", name="今天的订单").wait_for()
    page.locator("html[data-kept=yes]").wait_for()
    looked(page, axe, "phone-orders")
    site.kill()
    phone.go("off")
    page.get_by_role("link", name=f"开始这次服务：{order.person.name}").click()
    page.get_by_role("button", name="开始这次服务").click()
    page.get_by_role("link", name=f"结束这次服务：{order.person.name}").click()
    page.locator("canvas").wait_for()
    looked(page, axe, "phone-finish")
    page.get_by_role("button", name="结束这次服务").click()  # asked for a signature first
    page.get_by_text("合同要求").wait_for()
    box = page.locator("canvas").bounding_box()
    page.locator("canvas").scroll_into_view_if_needed()
    box = page.locator("canvas").bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    for step in range(8):
        page.mouse.move(box["x"] + 20 + step * 25, box["y"] + 20 + step % 3 * 20)
    page.mouse.up()
    page.get_by_role("button", name="结束这次服务").click()
    page.get_by_text("已完成登记").wait_for()
    assert phone.waiting() == 2
    phone.kill()
    page = phone.open(offline="yes")
    assert phone.waiting() == 2
    site.start()
    phone.go("on")
    page.locator(".notice[data-key=login], .queue[data-waiting='0']").first.wait_for(timeout=60_000)
    if page.locator(".notice[data-key=login]").count():
        page.goto(phone.address + "/account/login/?next=/field/")
        page.fill("[name=login]", "carer")
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url("**/field/")
    phone.expect_waiting(0, 60_000)
    with everywhere():
        assert list(Stamp.objects.order_by("at").values_list("kind", flat=True)) == ["start", "finish"]
        assert Order.objects.get(pk=order.pk).state == "done"
        assert Proof.objects.get().kind == "signature"

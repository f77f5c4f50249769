"""A carer at the door and a till in a village hall, with the network off and the battery out: nothing is lost, nothing counted twice."""

import os
import uuid
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from songhe.care.evidence.models import Proof, Stamp
from songhe.care.meals import actions as meals
from songhe.care.meals.models import Meal
from songhe.care.services import actions as services
from songhe.care.services.models import Item, Order, Provider
from songhe.core.acting import everywhere
from songhe.registry.people import sealing
from songhe.registry.people.service_code import code_of
from tests import world as w
from tests.care.evidence.served import picture
from tests.care.settings import SYSTEM, ago
from tests.care.settings import site as facility
from tests.journeys.conftest import PASSWORD
from tests.journeys.test_family_week import agency
from tests.journeys.test_field_screens import SMALL

SHOTS = os.environ.get("SONGHE_SHOTS")


def sign_in(phone, name: str, heading: str):
    page = phone.page
    page.goto(phone.address + "/account/login/?next=/field/")
    page.fill("[name=login]", name)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/field/")
    page.get_by_role("heading", name=heading).wait_for()
    page.locator("html[data-kept=yes]").wait_for()
    return page


def home_again(phone, name: str, heading: str) -> None:
    """The network is back; a restarted phone may have to sign in once more. Then the queue empties by itself."""
    phone.go("on")
    phone.page.locator(".notice[data-key=login], .queue[data-waiting='0']").first.wait_for(timeout=60_000)
    if phone.page.locator(".notice[data-key=login]").count():
        sign_in(phone, name, heading)
    phone.expect_waiting(0)


def look(page, axe, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)
    assert axe(page) == [], name
    assert page.evaluate(SMALL) == [], name


def wrong_by_one(code: str) -> str:
    """The digits that are one below: what the journey's card says."""
    return f"{(int(code) - 1) % 10**6:06d}"


def test_a_carer_finds_the_door_and_proves_the_service_without_a_network(city, site, phone, axe):
    person, now = city.people[w.OWN][0], timezone.now()
    with everywhere():
        post, worker = agency(city)
        post.user.set_password(PASSWORD)
        post.user.save()
        Item.objects.filter(code="cleaning").update(proofs=["time", "position", "signature"])
        person.phone_sealed, person.address_sealed = (
            sealing.seal("phone", "0312-2551234"),
            sealing.seal("address", "虚构村 9 号"),
        )
        person.save()
        order = services.request(
            by=None, post=None, person=person, item="cleaning", wanted_from=now, now=now - timedelta(hours=2)
        )
        services.dispatch(
            by=None, post=None, order=order, provider=Provider.objects.get(), workers=[worker], starts_at=now
        )
        services.accept(by=None, post=None, order=order)
        wrong = f"{(int(code_of(person)) + 1) % 10**6:06d}"
    phone.open()
    page = sign_in(phone, "carer", "今天的订单")
    assert "虚构村 9 号" in page.text_content("main")
    assert page.get_by_role("link", name="打电话给 王秀英").get_attribute("href") == "tel:0312-2551234"
    look(page, axe, "carer-list")
    page.goto("about:blank")
    site.kill()
    phone.kill()

    phone.open(offline="yes")
    page = phone.page
    assert "虚构村 9 号" in page.text_content("main")
    page.get_by_role("link", name="开始这次服务：王秀英").click()
    page.get_by_role("button", name="开始这次服务").click()
    page.locator(".queue[data-waiting='1']").wait_for()
    phone.kill()

    phone.open(offline="yes")
    page = phone.page
    right = wrong_by_one(wrong)
    page.evaluate(
        f"() => {{ window.BarcodeDetector = class {{ async detect() {{ return [{{ rawValue: 'SH{right}' }}]; }} }}; }}"
    )
    page.get_by_role("link", name="结束这次服务：王秀英").click()
    page.get_by_label("或拍卡片上的方码").set_input_files(
        {"name": "card.jpg", "mimeType": "image/jpeg", "buffer": picture(3)}
    )
    page.get_by_text("方码已读到").wait_for()
    assert page.get_by_label("或填老人的服务码（6 位数字）").input_value() == right
    page.get_by_label("或填老人的服务码（6 位数字）").fill("12")
    page.get_by_role("button", name="结束这次服务").click()
    page.get_by_text("服务码是 6 位数字").wait_for()
    page.get_by_label("或填老人的服务码（6 位数字）").fill(wrong)
    look(page, axe, "carer-finish")
    page.get_by_role("button", name="结束这次服务").click()
    page.locator(".queue[data-waiting='2']").wait_for()
    assert "虚构村 9 号" not in page.text_content("main")  # served: the way there is no longer needed
    phone.kill()

    site.start()
    phone.open(offline="yes")
    assert phone.waiting() == 2
    home_again(phone, "carer", "今天的订单")
    with everywhere():
        done = Order.objects.get(pk=order.pk)
        assert (done.state, Stamp.objects.count()) == ("done", 2)
        assert list(Proof.objects.values_list("kind", flat=True)) == ["code_no"]
    phone.page.goto(phone.address + "/field/#records")
    phone.page.get_by_text("填的服务码与老人卡片上的不符").wait_for()
    look(phone.page, axe, "carer-records")


def test_a_till_counts_from_opening_to_sending_without_a_network(city, site, phone, axe):
    people = city.people[w.OWN]
    with everywhere():
        first = facility(city.places[w.OWN], "canteen", "甲老年食堂", use="meal")
        second = facility(city.places[w.OWN], "meal_point", "乙助餐点", use="meal")
        for n, person in enumerate(people):
            meals.enrol_diner(**SYSTEM, person=person, facility=first, on=ago(9), card=f"K{n}")
    phone.open()
    page = sign_in(phone, "village", "计餐")
    page.locator("main").get_by_role("link", name="计餐（没有网络也能用）").click()
    page.get_by_role("button", name="甲老年食堂").click()
    page.get_by_role("button", name="午餐").click()
    page.get_by_role("button", name=people[0].name).wait_for()
    look(page, axe, "till")
    with everywhere():  # meanwhile, at another point
        row = {"uuid": uuid.uuid4(), "person": people[1].pk, "at": timezone.now(), "meal": "lunch"}
        assert meals.count(**SYSTEM, facility=second, rows=[row])[0].stands
    site.kill()
    phone.kill()

    phone.open(offline="yes")
    page = phone.page
    page.goto(phone.address + "/field/#till")
    page.get_by_role("button", name="午餐").click()
    for person in people[:2]:
        page.get_by_role("button", name=person.name).click()
        page.locator(f"[data-person='{person.pk}'][data-state=wait]").wait_for()
    page.get_by_role("button", name=people[0].name).click()  # an impatient hand
    page.get_by_label("找人（姓名），或刷卡、输卡号").fill("K2")
    page.get_by_role("button", name="按卡号计 1 餐").click()
    page.locator(f"[data-person='{people[2].pk}'][data-state=wait]").wait_for()
    page.get_by_label("找人（姓名），或刷卡、输卡号").fill("K99")
    page.get_by_role("button", name="按卡号计 1 餐").click()
    page.locator(".queue[data-waiting='4']").wait_for()
    look(page, axe, "till-offline")
    phone.kill()

    site.start()
    phone.open(offline="yes")
    assert phone.waiting() == 4
    home_again(phone, "village", "计餐")
    page = phone.page
    page.goto(phone.address + "/field/#till")
    page.get_by_role("button", name="午餐").click()
    page.get_by_text("同一餐只计一次补助").wait_for()
    assert "乙助餐点" in page.inner_text(".told")
    assert "没有这位老人或这张卡" in page.inner_text(".told")
    for person, state in ((people[0], "done"), (people[1], "refused"), (people[2], "done")):
        page.locator(f"[data-person='{person.pk}'][data-state={state}]").wait_for()
    look(page, axe, "till-after")
    with everywhere():
        found = Meal.objects.filter(facility=first).values_list("person", "state", "channel")
        assert sorted(found) == [
            (people[0].pk, "counted", "phone"),
            (people[1].pk, "duplicate", "phone"),
            (people[2].pk, "counted", "phone"),
        ]
    if SHOTS:
        page.evaluate("() => { document.documentElement.dataset.size = 'xlarge'; }")
        look(page, axe, "till-xlarge")

"""A family sees the week: services, meals and visits of an older person, asks for a service, and later says how it was."""

import os
import re
import uuid
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from songhe.care.evidence import actions as evidence
from songhe.care.meals import actions as meals
from songhe.care.services import actions as services
from songhe.care.services.models import Order, Provider
from songhe.care.visits import actions as visits
from songhe.core import sms
from songhe.core.acting import everywhere
from songhe.registry.facilities.models import Organisation
from songhe.registry.people import actions as people
from songhe.registry.people import family
from tests import world as w
from tests.care.services import street
from tests.care.settings import site

SHOTS = os.environ.get("SONGHE_SHOTS")


def settled(page, axe, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)
    assert axe(page) == [], page.url


def agency(city):
    """A provider with two carers, the first with a post of her own; the catalogue in force."""
    county = city.places["990101"]
    services.sync_catalogues(by=None, folder=Path(street.__file__).parent)
    firm = Organisation.objects.create(name="虚构服务", credit_code="99999999999999990X", kind="company")
    provider = services.enrol_provider(
        by=None, post=None, organisation=firm, kinds=["bath", "cleaning"], areas=[county], daily_capacity=20, valid_from=street.SINCE
    )  # fmt: skip
    post = w.post("care_worker", county, username="carer")
    worker = services.enrol_worker(
        by=None, post=None, provider=provider, name="欧阳静", sex="f", place=county, daily_minutes=480,
        valid_from=street.SINCE, user=post.user,
    )  # fmt: skip
    services.set_shifts(by=None, post=None, worker=worker, week=street.WEEK, valid_from=street.SINCE)
    services.certify(by=None, post=None, worker=worker, kind="care_worker", valid_from=street.SINCE)
    return post, worker


def carried_out(order, post, worker):
    """Begun and ended by the carer's telephone, an hour at the door."""
    begin = timezone.now() - timedelta(minutes=65)
    services.dispatch(by=None, post=None, order=order, provider=Provider.objects.get(), workers=[worker], starts_at=timezone.now())  # fmt: skip
    services.accept(by=None, post=None, order=order)
    for kind, at in (("start", begin), ("finish", begin + timedelta(minutes=62))):
        evidence.stamp(by=post.user, post=post, order=order, kind=kind, at=at, number=uuid.uuid4())


def test_a_family_sees_the_week(city, visitor, axe, settings):
    settings.SMS_BACKEND = "outbox"
    person = city.people[w.OWN][0]
    now = timezone.now()
    with everywhere():
        post, worker = agency(city)
        contact = people.add_contact(by=None, post=None, person=person, name="王小妹", relation="daughter", phone="13900007777")  # fmt: skip
        scopes = [code for code, _label in family.FAMILY_SCOPES]
        _link, token = family.open_link(
            by=None, post=None, contact=contact, given_by="本人", given_on=timezone.localdate(), scopes=scopes
        )
        call = {"uuid": uuid.uuid4(), "person": person.pk, "mode": "call", "outcome": "well", "occurred_at": now}
        visits.record([call], by=city.users["helper"], post=None, channel="desk")
        canteen = site(city.places[w.OWN], "canteen", "甲老年食堂", use="meal")
        lunch = {"uuid": uuid.uuid4(), "person": person.pk, "at": now - timedelta(minutes=1), "meal": "lunch"}
        assert meals.count(by=None, post=None, facility=canteen, rows=[lunch])[0].stands
        done = services.request(by=None, post=None, person=person, item="bath-home", wanted_from=now - timedelta(hours=1), wanted_to=now + timedelta(hours=1), funding="self", now=now - timedelta(hours=2))  # fmt: skip
        assert done.carers == 2
        services.cancel(by=None, post=None, order=done, reason="person_refused")

    daughter = visitor("", size="large", width=360)
    daughter.goto(city.url(f"/family/{token}/"))
    daughter.get_by_role("button", name="发验证码到我的手机").click()
    with everywhere():
        code = re.search(r"\d{6}", sms.waiting()[-1].text)[0]
    daughter.get_by_label("短信里的验证码").fill(code)
    daughter.get_by_role("button", name="查看").click()
    daughter.get_by_text("探访过，平安", exact=True).first.wait_for()
    said = daughter.inner_text("main")
    for words in ("双人助浴", "已取消", "午餐", "甲老年食堂", "电话"):
        assert words in said
    settled(daughter, axe, "family-week")

    daughter.get_by_role("link", name="请人上门服务").click()
    settled(daughter, axe, "family-ask")
    daughter.get_by_label("保洁").check()
    daughter.get_by_label("哪一天").select_option(index=2)
    daughter.get_by_label("上午").check()
    daughter.get_by_label("还要交代什么（可不填）").fill("请带梯子")
    daughter.get_by_role("button", name="下单").click()
    daughter.get_by_text("已收到。单号").wait_for()
    settled(daughter, axe, "family-asked")
    daughter.get_by_role("link", name="请人上门服务").click()
    daughter.get_by_label("保洁").check()
    daughter.get_by_label("哪一天").select_option(index=2)
    daughter.get_by_label("上午").check()
    daughter.get_by_label("还要交代什么（可不填）").fill("请带梯子")
    daughter.get_by_role("button", name="下单").click()
    daughter.get_by_text("没有重复下单").wait_for()
    assert daughter.get_by_label("还要交代什么（可不填）").input_value() == "请带梯子"
    settled(daughter, axe, "family-refused")

    with everywhere():
        order = Order.objects.get(channel="family")
        assert (order.person_id, order.note, order.caller) == (person.pk, "请带梯子", "女儿 王小妹")
        carried_out(order, post, worker)
    daughter.goto(city.url(f"/family/{token}/"))
    said = daughter.inner_text("main")
    assert "欧阳护理员" in said
    assert "欧阳静" not in said
    daughter.get_by_role("link", name="说说做得怎样").click()
    settled(daughter, axe, "family-order")
    daughter.get_by_label("很满意").check()
    daughter.get_by_role("button", name="评价").click()
    daughter.get_by_text("评价已记下").wait_for()
    daughter.get_by_role("link", name="投诉", exact=True).click()
    daughter.get_by_label("哪方面").select_option("attitude")
    daughter.get_by_label("是怎么回事").fill("电话里说话很急")
    settled(daughter, axe, "family-complain")
    daughter.get_by_role("button", name="提交投诉").click()
    daughter.get_by_text("投诉已收到").wait_for()
    assert "前答复" in daughter.inner_text("main")
    settled(daughter, axe, "family-after")
    if SHOTS:
        context = daughter.context
        context.add_cookies([{"name": "size", "value": "xlarge", "url": city.address}])
        for name, path in (("week", ""), ("ask", "ask/")):
            daughter.goto(city.url(f"/family/{token}/{path}"))
            settled(daughter, axe, f"family-{name}-xlarge")
        daughter.set_viewport_size({"width": 1280, "height": 900})
        context.add_cookies([{"name": "size", "value": "large", "url": city.address}])
        for name, path in (("week", ""), ("ask", "ask/")):
            daughter.goto(city.url(f"/family/{token}/{path}"))
            settled(daughter, axe, f"family-{name}-wide")

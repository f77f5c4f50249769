"""A daughter far away: the township makes a link, she opens it with a code from her telephone and sees the week."""

import re
import uuid

from django.utils import timezone

from songhe.care.visits import actions as visits
from songhe.core import sms
from songhe.core.acting import everywhere
from songhe.registry.people import actions as people
from tests.world import OWN


def test_a_link_a_code_a_week(city, visitor, axe, settings):
    settings.SMS_BACKEND = "outbox"
    person = city.people[OWN][0]
    with everywhere():
        people.add_contact(by=None, post=None, person=person, name="王小妹", relation="daughter", phone="13900007777")
        row = {
            "uuid": uuid.uuid4(),
            "person": person.pk,
            "mode": "call",
            "outcome": "well",
            "occurred_at": timezone.now(),
        }
        visits.record([row], by=city.users["helper"], post=None, channel="desk")

    town = visitor("town")
    town.goto(city.url(f"/people/{person.uid}/family/"))
    assert axe(town) == []
    town.get_by_label("家属可看：哪天、怎样探访的").check()
    town.get_by_role("button", name="做一个链接").click()
    address = town.locator("#family-url").inner_text()
    assert axe(town) == []

    daughter = visitor("", size="large", width=360)
    daughter.goto(address)
    assert person.name not in daughter.inner_text("body")
    assert axe(daughter) == []
    daughter.get_by_role("button", name="发验证码到我的手机").click()
    daughter.get_by_text("139****7777").wait_for()
    assert axe(daughter) == []
    daughter.get_by_label("短信里的验证码").fill("000000")
    daughter.get_by_role("button", name="查看").click()
    daughter.get_by_text("验证码不对").wait_for()
    with everywhere():
        code = re.search(r"\d{6}", sms.waiting()[-1].text)[0]
    daughter.get_by_label("短信里的验证码").fill(code)
    daughter.get_by_role("button", name="查看").click()
    daughter.get_by_text("探访过，平安", exact=True).first.wait_for()
    said = daughter.inner_text("main")
    assert person.name in said
    assert "电话" in said
    assert "还会打 1 次电话" in said
    assert axe(daughter) == []

    town.goto(city.url(f"/people/{person.uid}/family/"))
    town.on("dialog", lambda dialog: dialog.accept())
    town.get_by_role("button", name="停用 王小妹").click()
    town.get_by_text("链接已停用").wait_for()
    daughter.reload()
    assert "链接已停用" in daughter.inner_text("main")
    assert person.name not in daughter.inner_text("body")
    assert axe(daughter) == []


def test_the_page_needs_no_script(city, visitor, settings):
    settings.SMS_BACKEND = "outbox"
    person = city.people[OWN][0]
    from songhe.registry.people import family

    with everywhere():
        contact = people.add_contact(by=None, post=None, person=person, name="王小妹", relation="daughter", phone="13900007777")  # fmt: skip
        _link, token = family.open_link(
            by=None, post=None, contact=contact, given_by="本人", given_on=timezone.localdate()
        )
    page = visitor("", script="off", size="xlarge", width=360)
    page.goto(city.url(f"/family/{token}/"))
    page.get_by_role("button", name="发验证码到我的手机").click()
    with everywhere():
        code = re.search(r"\d{6}", sms.waiting()[-1].text)[0]
    page.get_by_label("短信里的验证码").fill(code)
    page.get_by_role("button", name="查看").click()
    page.get_by_text("还没有探访", exact=True).wait_for()

"""Pages of beds, meals, merchants and volunteers: entered, listed, refused in words; the till's parcels; the command line."""

import json
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from typer.testing import CliRunner

from songhe.care.agreements import actions as beds
from songhe.care.agreements.models import Bed
from songhe.care.evidence.models import Complaint
from songhe.care.meals import actions as meals
from songhe.care.meals.models import Diner, Meal
from songhe.care.volunteering.models import Activity, Group
from songhe.core.acting import everywhere
from songhe.doors.cli import beds as cli_beds
from songhe.doors.cli import meals as cli_meals
from songhe.doors.cli import volunteers as cli_volunteers
from tests import world as w
from tests.care.settings import SYSTEM, TODAY, ago, elder, firm, signed_bed, site

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db, settings):
    settings.MFA_REQUIRED_FROM = ""
    made = w.World()
    with everywhere():
        made.person = elder(made[w.OWN], "赵虚构")
        made.centre = site(made[w.OWN], "day_care_station", "柳荫站")
        made.canteen = site(made[w.OWN], "canteen", "柳荫食堂", use="meal")
        made.shop = site(made[w.OWN], "partner_shop", "柳荫超市", use="offer")
        made.firm = firm()
    return made


@pytest.fixture
def enter(world):
    def sign_in(role, code="990101"):
        client = Client()
        client.force_login(w.post(role, world[code]).user)
        return client

    return sign_in


def text(answer) -> str:
    return answer.content.decode()


def test_whoever_is_left_out_is_told_the_clause_on_the_page(world, enter):
    clerk = enter("clerk")
    with everywhere():
        world.person.living = "institution"
        world.person.save()
    page = reverse("bed-new") + f"?person={world.person.uid}"
    answer = clerk.post(page, {"facility": world.centre.pk, "on": TODAY, "note": "无扶手"})
    assert answer.status_code == 422
    assert "通用办法第二条" in text(answer)
    assert "无扶手" in text(answer)
    assert "赵虚构" in text(clerk.get(reverse("bed-new") + "?q=赵虚构"))
    with everywhere():
        assert not Bed.objects.exists()


def test_a_running_bed_and_its_silent_device_are_shown(world, enter):
    with everywhere():
        bed = signed_bed(world.person, world.centre, ago(40), world.firm)
        beds.retrofit(**SYSTEM, bed=bed, item="grab_rail", on=ago(30), cost=100)
        device = beds.install(**SYSTEM, bed=bed, kind="button", serial="BTN-1", on=ago(30))
        beds.fit(**SYSTEM, bed=bed, on=ago(20))
    clerk = enter("clerk")
    page = text(clerk.get(reverse("bed", args=[bed.uid])))
    assert "BTN-1" in page
    assert "验收" in page
    assert "BTN-1" in text(clerk.get(reverse("bed-devices")))
    act = clerk.post(reverse("bed-act", args=[bed.uid, "serve"]), {"on": TODAY, "service": "bath", "minutes": 45})
    assert act.status_code == 302
    assert clerk.post(reverse("bed-device-down", args=[device.pk]), {"on": TODAY, "why": "搬家"}).status_code == 302
    assert "BTN-1" not in text(clerk.get(reverse("bed-devices")))
    assert clerk.get(reverse("bed-act", args=[bed.uid, "nonsense"])).status_code == 404
    assert "赵虚构" in text(clerk.get(reverse("beds") + "?step=fitted"))
    assert enter("township_worker", "990102001").get(reverse("bed", args=[bed.uid])).status_code == 404
    said = json.loads(CliRunner().invoke(cli_beds.app, ["list", "--place", "990101", "--json"]).output)
    assert (said["counts"]["fitted"], said["counts"]["active"], said["rows"][0]["step"]) == (1, 1, "fitted")


def test_the_till_counts_by_button_and_card(world, enter):
    clerk, page = enter("clerk"), reverse("meal-till", args=[world.canteen.uid]) + "?meal=lunch"
    added = clerk.post(
        reverse("meal-add", args=[world.canteen.uid, "diner"]),
        {"person": "赵虚构", "on": ago(3), "way": "deliver", "card": "K1"},
    )
    assert added.status_code == 302, text(added)
    assert "赵虚构" in text(clerk.get(page))
    assert "赵虚构" in text(clerk.get(reverse("meal-round", args=[world.canteen.uid])))
    answer = clerk.post(page, {"card": "K1", "uuid": uuid.uuid4()}, follow=True)
    assert "已计 1 餐" in text(answer)
    answer = clerk.post(page, {"q": "赵虚构"}, follow=True)
    assert "同一餐只计一次补助" in text(answer)
    answer = clerk.post(page, {"q": "查无此人"}, follow=True)
    assert "没有找到这位老人" in text(answer)
    assert f"/field/#till/{world.canteen.uid}" in text(clerk.get(page))
    dinner = reverse("meal-till", args=[world.canteen.uid]) + "?meal=dinner"
    same = {"person": str(world.person.pk), "uuid": str(uuid.uuid4())}
    for _again in range(2):
        assert "已计 1 餐" in text(clerk.post(dinner, same, follow=True))
    with everywhere():
        assert Meal.objects.filter(state="counted").count() == 2
        assert Meal.objects.filter(state="duplicate").count() == 1
        meal = Meal.objects.filter(state="counted").first()
    assert (
        clerk.post(reverse("meal-end", args=[world.canteen.uid, "meal", meal.pk]), {"reason": "点错"}).status_code
        == 302
    )
    listing = text(clerk.get(reverse("meals")))
    assert "柳荫食堂" in listing
    said = json.loads(CliRunner().invoke(cli_meals.app, ["list", "--place", "990101", "--json"]).output)
    assert (said["total"]["meals"], said["total"]["persons"], said["rows"][0]["duplicates"]) == (1, 1, 1)
    assert enter("helper", w.OWN).get(page).status_code == 403


def test_a_points_surroundings_are_entered(world, enter):
    clerk, at = enter("clerk"), world.canteen.uid
    last = TODAY.replace(day=1) - timedelta(days=1)
    for what, given in (
        ("village", {"village": w.SISTER, "on": ago(3)}),
        ("book", {"month": last, "costs_yuan": "123.45", "other_yuan": "0", "evidence": "凭证"}),
    ):
        assert clerk.post(reverse("meal-add", args=[at, what]), given).status_code == 302, what
    page = text(clerk.get(reverse("meal-point", args=[at])))
    assert "-123.45" in page
    assert "990101001002" in page
    refused = clerk.post(reverse("meal-add", args=[at, "vehicle"]), {"plate": "冀X1", "kind": "van", "on": TODAY})
    assert refused.status_code == 422
    with everywhere():
        diner = meals.enrol_diner(**SYSTEM, person=world.person, facility=world.canteen, on=ago(9))
    assert clerk.post(reverse("meal-end", args=[at, "diner", diner.pk]), {"on": TODAY}).status_code == 302
    with everywhere():
        assert Diner.objects.get().valid_to == TODAY
    assert clerk.get(reverse("meals") + "?alert=nonsense").status_code in (400, 409, 422)


def test_merchants_and_complaints(world, enter):
    clerk, at = enter("clerk"), world.shop.uid
    assert "没有" in text(clerk.get(reverse("merchants") + "?only=lapsed"))
    offer = {"kind": "discount", "text": "米面九五折", "valid_from": TODAY, "valid_to": TODAY + timedelta(days=90)}
    assert clerk.post(reverse("merchant-add", args=[at, "offer"]), offer).status_code == 302
    page = text(clerk.get(reverse("merchant", args=[at])))
    form = f"{reverse('complaint-new')}?area={w.OWN}&about={at}"
    assert f"about={at}" in page
    assert world.shop.name in text(clerk.get(form))
    said = {"channel": "phone", "subject": "money", "text": "不兑现", "received_at": f"{ago(1)}T09:00"}
    assert clerk.post(form, said).status_code == 302
    with everywhere():
        row = Complaint.objects.get()
        assert (row.facility, row.place_id) == (world.shop, world.shop.place_id)
    page = text(clerk.get(reverse("merchant", args=[at])))
    assert "米面九五折" in page
    assert row.number in page
    assert world.shop.name in text(clerk.get(reverse("complaints")))
    assert world.shop.name in text(clerk.get(reverse("complaint", args=[row.pk])))
    assert clerk.get(reverse("complaint-new") + "?about=nonsense").status_code == 404
    assert enter("inspector").post(reverse("merchant-add", args=[at, "offer"]), offer).status_code == 403


def test_groups_activities_and_the_import(world, enter, tmp_path):
    clerk = enter("clerk")
    given = {"village": w.OWN, "kind": "elders", "name": "五老协会", "leader": "甲", "members": 9, "on": ago(30)}
    assert clerk.post(reverse("volunteer-group-new"), given).status_code == 302
    with everywhere():
        group = Group.objects.get()
    doing = {"on": TODAY, "kind": "visit", "volunteers": 3, "hours": "4.5", "recipients": 6, "evidence": "签到表"}
    village = enter("village_worker", w.OWN)
    assert village.post(reverse("volunteer-activity", args=[group.pk]), doing).status_code == 302
    with everywhere():
        made = Activity.objects.get()
    assert "签到表" in text(clerk.get(reverse("volunteer-group", args=[group.pk])))
    assert "五老协会" in text(clerk.get(reverse("volunteers")))
    assert clerk.post(reverse("volunteer-void", args=[made.pk]), {"reason": "错"}).status_code == 302
    file = tmp_path / "groups.csv"
    file.write_text(
        f"village,kind,name,leader,members,on\n{w.SISTER},rights,维权队,乙,5,2023-09-01\n", encoding="utf-8"
    )
    run = CliRunner()
    assert json.loads(run.invoke(cli_volunteers.app, ["import", str(file), "--json"]).output) == {"rows": 1, "added": 1}
    assert json.loads(run.invoke(cli_volunteers.app, ["import", str(file), "--json"]).output) == {"rows": 1, "added": 0}
    said = json.loads(run.invoke(cli_volunteers.app, ["list", "--place", "990101", "--json"]).output)
    assert said["groups"] == 2
    assert {"village": w.SISTER, "kinds": ["elders", "love_help", "customs"]} in said["lacking"]


def test_the_lists_behind_the_new_numbers_open(world, enter):
    clerk = enter("clerk")
    for name in (
        "meal_coverage",
        "volunteer_groups",
        "station_activity",
        "meal_days_open",
        "meal_diners",
        "bed_minutes",
    ):
        period = "2026-10" if name in ("station_activity", "bed_minutes") else f"{TODAY:%Y-%m}"
        for side in ("all", "rest", "numerator"):
            page = clerk.get(reverse("indicator-rows", args=[name, side]) + f"?period={period}")
            assert page.status_code == 200, (name, side)
    assert "老年人（五老）协会" in text(clerk.get(reverse("indicator-rows", args=["volunteer_groups", "rest"])))
    before = clerk.get(reverse("indicator-rows", args=["helper_named", "rest"]) + "?on=2001-01-01")
    assert before.status_code == 400
    assert "还没有开始" in before.content.decode()
    assert text(clerk.get(reverse("workbench"))).count("未报") < 9


def test_todays_deliveries_become_rounds(world, enter):
    """Asked for on a page: who goes where in which order; a wrong number is refused in words and nothing typed is lost."""
    with everywhere():
        for one in (world.person, elder(world[w.OWN], "钱虚构")):
            meals.enrol_diner(**SYSTEM, facility=world.canteen, person=one, way="deliver", on=ago(10))
    clerk = enter("clerk")
    page = reverse("meal-rounds") + "?area=990101"
    assert "今天有 2 份餐要送上门" in text(clerk.get(page))
    planned = text(clerk.get(page + "&couriers=1&boxes=5&warm=60&shared="))
    assert "第 1 位送餐员" in planned
    assert "赵虚构" in planned
    assert "钱虚构" in planned
    tight = text(clerk.get(page + "&couriers=1&boxes=1&warm=60"))
    assert "没排上" in tight
    assert "人员工时或装载已排满" in tight
    wrong = text(clerk.get(page + "&couriers=0&boxes=5&warm=60"))
    assert 'value="0"' in wrong
    assert "第 1 位送餐员" not in wrong
    assert "今天没有要送的餐" in text(enter("clerk", "990201").get(reverse("meal-rounds") + "?area=990201"))

"""选址: asked, shown with its bound and rows, a village ruled out with its price, taken out as a sheet; refused in both languages."""

import pytest
from django.test import Client
from django.urls import reverse

from songhe.core.acting import acting, everywhere
from songhe.core.models import AuditEvent
from songhe.doors.desk.views import siting
from songhe.registry.places.models import Place
from tests import world as w
from tests.insight.siting.county import KIND, LONELY, THIRD, county, station

__all__ = ["county"]


@pytest.fixture
def leader(county, monkeypatch) -> Client:
    monkeypatch.setattr(siting, "SECONDS", 1.0)
    siting._answers.clear()
    station(county.at[w.SISTER])
    browser = Client()
    browser.force_login(county.leader.user)
    return browser


def asks(**more) -> dict:
    return {"kind": KIND, "count": 1, "goal": "reach", "minutes": 15, "how": "ride", "whom": "", "fair": ""} | more


def test_the_form_then_the_plan_with_bound_rows_and_map(leader):
    url = reverse("facility-siting")
    empty = leader.get(url)
    assert empty.status_code == 200
    assert "made" not in empty.context
    page = leader.get(url, asks())
    text = page.content.decode()
    assert "已证明最优" in text
    assert "直线距离" in text
    assert "处就够了" in leader.get(url, asks(count=3)).content.decode()
    made = page.context["made"]
    assert (made.before, made.after, made.people) == (6, 10, 11)
    assert [row["each"].spot.place.code for row in page.context["chosen"]] == [w.FAR]
    assert [str(spot.place) for spot, _url in page.context["unplaced"]] == [f"{LONELY}村"]
    assert page.context["map"]["maps"][1]["new"][0]["rank"] == 1
    for show, people in (("before", 6), ("after", 10), ("new", 4), ("left", 1), ("all", 11)):
        assert leader.get(page.context["urls"][show].split("#")[0]).context["row_people"] == people
    for row in page.context["rows"]:  # the number of a village opens exactly its people
        listed = leader.get(row["people_url"])
        assert listed.context["page"].count == row["row"].spot.people
    worst = next(g for g in page.context["groups"] if g["worst"])
    assert leader.get(worst["after_url"].split("#")[0]).context["row_people"] == worst["each"].after


def test_a_village_is_ruled_out_and_required_with_the_price(leader):
    page = leader.get(reverse("facility-siting"), asks())
    page = leader.get(page.context["chosen"][0]["never_url"].split("#")[0])
    assert [row["each"].spot.place.code for row in page.context["chosen"]] == [THIRD]
    assert page.context["made"].price.people == 3
    assert "少覆盖" in page.content.decode()
    assert [(each["name"], each["must"]) for each in page.context["fixed"]] == [(f"{w.FAR}村", False)]
    assert leader.get(page.context["fixed"][0]["url"].split("#")[0]).context["made"].price is None
    page = leader.get(page.context["fixed"][0]["url"].split("#")[0])
    own = next(row for row in page.context["rows"] if row["row"].spot.place.code == w.OWN)
    page = leader.get(own["must_url"].split("#")[0])
    assert page.context["chosen"][0]["each"].pinned
    assert page.context["made"].price.people == 4


def test_the_sheet_holds_every_village_and_is_on_record(leader):
    sheet = leader.get(reverse("facility-siting-export"), asks())
    assert sheet.status_code == 200
    assert sheet.content[:2] == b"PK"
    with acting([0], sees_audit="yes"):
        assert AuditEvent.objects.get(verb="sites.export").detail["rows"] == 4


@pytest.mark.parametrize(
    ("given", "said", "english"),
    [
        ({"count": 0}, "请填 1 处或更多", "Enter 1 or more"),
        ({"count": 9}, "可选的村（社区）只有 3 个", "only 3 villages"),
        ({"whom": "dementia"}, "没有符合条件的老年人", "No older people of this kind"),
    ],
)
def test_what_cannot_be_planned_is_said_and_what_was_entered_stays(leader, given, said, english):
    page = leader.get(reverse("facility-siting"), asks(minutes=22, **given))
    assert page.status_code == 422
    assert said in page.content.decode()
    assert 'value="22"' in page.content.decode()
    leader.post(reverse("prefs-language"), {"language": "en", "next": "/"})
    assert english in leader.get(reverse("facility-siting"), asks(**given)).content.decode()


def test_without_positions_or_permission_nothing_is_shown(leader, county):
    with everywhere():
        Place.objects.update(longitude=None, latitude=None)
        helper = w.post("helper", county.at[w.OWN])
    page = leader.get(reverse("facility-siting"), asks())
    assert page.status_code == 422
    assert "都没有坐标" in page.content.decode()
    assert leader.get(reverse("facility-siting"), asks(goal="shortest", fair="town")).status_code == 422
    other = Client()
    other.force_login(helper.user)
    assert other.get(reverse("facility-siting"), asks()).status_code == 403

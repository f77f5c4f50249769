"""The pages of facilities: a site entered, moved on, checked, put right and signed; lists; refusals keep what was typed."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from songhe.core.acting import everywhere
from songhe.registry.facilities import definitions
from songhe.registry.facilities.models import Facility, Inspection, Organisation, StatusChange
from tests import world as w
from tests.registry.facilities.sites import credit_code, picture


@pytest.fixture
def world(db, settings):
    settings.MFA_REQUIRED_FROM = ""
    return w.World()


@pytest.fixture
def standards(monkeypatch):
    from dataclasses import replace
    from datetime import date

    found = [s for s in definitions.standards() if s.name.startswith("dingzhou") and s.name.endswith("station")]
    here = tuple(replace(s, places=("990101",), valid_from=date(2020, 1, 1)) for s in found)
    monkeypatch.setattr(definitions, "standards", lambda: here)


@pytest.fixture
def enter(world):
    """A function: a client signed in with a role at a place."""

    def sign_in(role, code="990101"):
        post = w.post(role, world[code])
        client = Client()
        client.force_login(post.user)
        return client

    return sign_in


TODAY = timezone.localdate


def text(answer) -> str:
    return answer.content.decode()


def registered(client, name="甲社区日间照料服务站", status="site_chosen", place=w.OWN, kind="day_care_station"):
    given = {"name": name, "kind": kind, "place": place, "status": status, "on": TODAY() - timedelta(days=90)}
    answer = client.post(reverse("facility-new"), given)
    assert answer.status_code == 302, text(answer)
    with everywhere():
        return Facility.objects.get(name=name)


def add(client, facility, what, /, **given):
    return client.post(reverse("facility-add", args=[facility.uid, what]), {"on": TODAY()} | given)


FORMS = [
    ("beds", {"kind": "day", "origin": "new", "count": 6}, "日间照料床位"),
    ("rooms", {"codes": ["kitchen", "reading"]}, "阅览室"),
    ("services", {"codes": ["day_care", "meal"]}, "助餐"),
    ("staff", {"name": "关某", "role": "manager", "dedicated": "dedicated"}, "关某"),
    ("hours", {"weekdays": [1, 2], "opens": "08:00", "closes": "17:00"}, "08:00–17:00"),
    ("measure", {"what": "floor_area", "value": "205.5"}, "205.5"),
    ("licence", {"kind": "food", "number": "JY1", "valid_from": "2024-01-01"}, "JY1"),
    ("premises", {"sourcing": "lease_idle", "owner": "market", "leased": "leased", "valid_from": "2024-01-01"}, "给予租赁补贴"),
    ("sync", {"estate": "甲小区", "step": "planning", "result": "met"}, "同步规划"),
    ("appraisal", {"scheme": "星级评定", "grade": "三星"}, "三星"),
    ("rename", {"name": "甲社区服务站", "location": "一层"}, "甲社区服务站"),
]  # fmt: skip


def test_everything_known_of_a_site_is_entered_and_shown(enter, standards):
    clerk = enter("clerk")
    site = registered(clerk)
    for what, given, shown in FORMS:
        assert clerk.get(reverse("facility-add", args=[site.uid, what])).status_code == 200
        answer = add(clerk, site, what, **given)
        assert answer.status_code == 302, f"{what}: {text(answer)}"
        assert shown in text(clerk.get(reverse("facility", args=[site.uid]))), what
    for tab, shown in (
        ("standards", "建筑面积一般 200"),
        ("activity", "还没有活动记录"),
        ("history", "用房：租赁闲置房屋"),
    ):
        assert shown in text(clerk.get(reverse("facility", args=[site.uid]), {"tab": tab})), tab
    page = text(clerk.get(reverse("facility", args=[site.uid]), {"tab": "standards"}))
    assert "205.5 ㎡" in page  # the row behind the clause
    table = text(clerk.get(reverse("facility-standards")))
    assert "甲社区服务站" in table


def test_a_refusal_stands_at_its_field_and_keeps_what_was_typed(enter):
    clerk = enter("clerk")
    site = registered(clerk)
    answer = add(clerk, site, "status", status="in_use", reason="挂牌了")
    assert answer.status_code == 422
    assert "还没有验收" in text(answer)
    assert "挂牌了" in text(answer)
    answer = add(clerk, site, "beds", kind="day", origin="converted", from_kind="", count=2)
    assert answer.status_code == 422
    with everywhere():
        assert StatusChange.objects.count() == 1


def test_a_planned_site_is_chosen(enter, world):
    clerk = enter("clerk")
    site = registered(clerk, status="planned", place="990101001")
    assert site.village_id is None
    answer = add(clerk, site, "site", village=w.SISTER)
    assert answer.status_code == 302
    with everywhere():
        assert Facility.objects.get(pk=site.pk).village_id == world[w.SISTER].pk
    assert "已选址" in text(clerk.get(reverse("facilities"), {"status": "site_chosen"}))


def test_from_acceptance_with_a_defect_to_in_use(enter, standards):
    clerk, leader = enter("clerk"), enter("leader")
    site = registered(clerk)
    add(clerk, site, "status", status="done")
    answer = clerk.post(
        reverse("inspection-new", args=[site.uid]), {"kind": "acceptance", "on": TODAY(), "team": "甲\n乙"}
    )
    assert answer.status_code == 302, text(answer)
    with everywhere():
        check = Inspection.objects.get()
        lines = {line.definition["id"]: line for line in check.lines.all()}
    page = reverse("inspection", args=[check.pk])
    given = {
        f"measured_{lines['floor_area'].pk}": "198", f"measured_{lines['day_beds'].pk}": "4",
        f"measured_{lines['five_services'].pk}": ["day_care", "leisure", "meal", "bath", "clean"],
        f"measured_{lines['dedicated_staff'].pk}": "1", f"measured_{lines['kitchen'].pk}": ["none"],
        f"measured_{lines['meal_service'].pk}": ["meal"],
    }  # fmt: skip
    shots = {
        f"photo_{lines[name].pk}": SimpleUploadedFile("a.jpg", picture(n))
        for n, name in enumerate(("floor_area", "day_beds"))
    }
    answer = clerk.post(page, {"do": "lines"} | given | shots)
    assert answer.status_code == 302, text(answer)
    shown = text(clerk.get(page))
    assert "看过，都没有" in shown
    answer = clerk.post(page, {"do": "conclude", "opinion": "缺厨房"})
    assert answer.status_code == 302, text(answer)
    assert "整改〔" in text(clerk.get(page))
    assert "没有办结的整改单" in text(clerk.get(reverse("inspections")))
    line = lines["kitchen"].pk
    answer = clerk.post(page, {"do": "again", "again-on": TODAY(), "again-team": "甲\n乙"})
    assert answer.status_code == 422
    assert "没有登记整改情况" in text(answer)
    answer = clerk.post(page, {"do": "repair", "line": line, f"{line}-on": TODAY(), f"{line}-done": "已隔出厨房一间"})
    assert answer.status_code == 302, text(answer)
    answer = clerk.post(page, {"do": "again", "again-on": TODAY(), "again-team": "甲\n乙"})
    second = answer["Location"].split("?")[0]
    with everywhere():
        again = Inspection.objects.get(again_of=check)
        line = again.lines.get(clause__endswith=".kitchen")
    clerk.post(
        second,
        {
            "do": "lines",
            f"measured_{line.pk}": ["kitchen"],
            f"photo_{line.pk}": SimpleUploadedFile("b.jpg", picture(50)),
        },
    )
    assert clerk.post(second, {"do": "conclude"}).status_code == 302
    answer = clerk.post(second, {"do": "sign", "sign-on": TODAY()})
    assert answer.status_code == 422
    assert "不能给自己签字" in text(answer)
    assert leader.post(second, {"do": "sign", "sign-on": TODAY()}).status_code == 302
    with everywhere():
        photo = again.photos.get()
    assert clerk.get(reverse("facility-photo", args=[photo.pk])).content[:2] == b"\xff\xd8"
    assert add(clerk, site, "status", status="in_use").status_code == 422
    assert add(clerk, site, "activity", kind="culture", count=12, evidence="签到表").status_code == 302
    assert add(clerk, site, "status", status="in_use").status_code == 302
    assert "已投用" in text(clerk.get(reverse("facilities")))
    history = text(clerk.get(reverse("facility", args=[site.uid]), {"tab": "history"}))
    assert "签字：验收" in history


def test_a_photograph_of_another_site_is_refused_and_nothing_is_kept(enter, standards):
    clerk = enter("clerk")
    for n, name in enumerate(("甲站", "乙站")):
        site = registered(clerk, name=name)
        clerk.post(reverse("inspection-new", args=[site.uid]), {"kind": "spot", "on": TODAY(), "team": "甲\n乙"})
        with everywhere():
            check = Inspection.objects.get(facility=site)
            line = check.lines.get(clause__endswith=".day_beds")
        answer = clerk.post(
            reverse("inspection", args=[check.pk]),
            {
                "do": "lines",
                f"measured_{line.pk}": "7",
                f"photo_{line.pk}": SimpleUploadedFile("a.jpg", picture(3, size=480 + 100 * n)),
            },
        )
        assert answer.status_code == (422 if n else 302), text(answer)
    assert "另一处设施" in text(answer)
    with everywhere():
        assert check.photos.count() == 0
        assert check.lines.get(pk=line.pk).measured is None  # half a form is not kept


def test_operators_their_papers_and_where_they_run(enter, world):
    clerk = enter("clerk")
    wrong = clerk.post(
        reverse("operator-new"), {"name": "某公司", "credit_code": "91350100M000100Y44", "kind": "company"}
    )
    assert wrong.status_code == 422
    assert "校验码不符" in text(wrong)
    made = clerk.post(reverse("operator-new"), {"name": "某公司", "credit_code": credit_code(), "kind": "company"})
    assert made.status_code == 302
    operator = Organisation.objects.get()
    soon = TODAY() + timedelta(days=20)
    for what, given in (
        ("licence", {"kind": "business", "number": "B1", "valid_from": "2020-01-01", "valid_to": soon}),
        ("designation", {"valid_from": "2020-01-01", "agency": "医保局"}),
        ("appraisal", {"scheme": "年度评价", "on": TODAY(), "score": "88"}),
    ):
        assert clerk.post(reverse("operator-add", args=[operator.pk, what]), given).status_code == 302, what
    site = registered(clerk)
    answer = add(
        clerk, site, "operator", organisation=operator.pk, selection="tender", contract_on=TODAY(), valid_from=TODAY()
    )
    assert answer.status_code == 302, text(answer)
    page = text(clerk.get(reverse("operator", args=[operator.pk])))
    assert site.name in page
    assert "B1" in text(clerk.get(reverse("facility-papers")))
    assert "某公司" in text(clerk.get(reverse("operators"), {"q": "某公"}))


def test_a_draw_is_shown_with_its_seed(enter):
    clerk, leader = enter("clerk"), enter("leader")
    site = registered(clerk)
    add(clerk, site, "status", status="done")
    add(clerk, site, "status", status="accepted", paper="旧档")
    add(clerk, site, "activity", kind="meal", count=3, evidence="台账")
    add(clerk, site, "status", status="in_use")
    assert leader.post(reverse("facility-draws"), {"kinds": ["day_care_station"], "size": 1}).status_code == 403
    assert clerk.post(reverse("facility-draws"), {"kinds": ["day_care_station"], "size": 9}).status_code == 422
    assert (
        clerk.post(reverse("facility-draws"), {"kinds": ["day_care_station"], "size": 1, "seed": "abc"}).status_code
        == 302
    )
    assert "abc" in text(leader.get(reverse("facility-draws")))


def test_who_sees_and_who_may(enter, world):
    clerk = enter("clerk")
    site = registered(clerk)
    village = enter("village_worker", w.OWN)
    assert site.name in text(village.get(reverse("facilities")))
    assert village.get(reverse("facility-add", args=[site.uid, "beds"])).status_code == 403
    assert add(village, site, "activity", kind="meal", count=3, evidence="台账").status_code == 302
    far = enter("clerk", "990201")
    assert site.name not in text(far.get(reverse("facilities")))
    assert far.get(reverse("facility", args=[site.uid])).status_code == 404
    assert add(far, site, "activity", kind="meal", count=3, evidence="台账").status_code == 404
    assert enter("helper", w.OWN).get(reverse("facilities")).status_code == 403


def test_unknown_filters_are_errors(enter):
    clerk = enter("clerk")
    for query in ({"kind": "castle"}, {"status": "finished"}, {"only": "best"}, {"on": "2021-13-01"}, {"after": "x"}):
        assert clerk.get(reverse("facilities"), query).status_code == 400, query
    assert clerk.get(reverse("inspections"), {"state": "lost"}).status_code == 400


def test_a_register_is_brought_in_by_its_pages_and_taken_out_again(enter, world):
    from tests.registry.facilities.test_sheets import BAD, GOOD, book

    town = enter("township_worker", "990101001")
    assert town.get(reverse("facility-sheet-form")).content[:2] == b"PK"
    wrong = town.post(reverse("facility-sheets"), {"file": SimpleUploadedFile("x.xlsx", b"no")})
    assert wrong.status_code == 422
    seen = town.post(reverse("facility-sheets"), {"file": book([*GOOD, BAD[3][0]])})
    assert seen.status_code == 302
    page = text(town.get(seen.url))
    assert "城堡" in page
    assert enter("clerk", "990201").get(seen.url).status_code == 404
    done = town.post(seen.url + "confirm/")
    assert done.status_code == 302
    listed = text(town.get(reverse("facilities")))
    assert "一站" in listed
    assert reverse("facilities-export") in listed
    assert town.get(seen.url + "returned/").content[:2] == b"PK"
    assert enter("leader").get(reverse("facilities-export")).content[:2] == b"PK"
    assert enter("leader").get(reverse("facility-sheets")).status_code == 403

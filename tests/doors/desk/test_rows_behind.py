"""A figure opens exactly its rows: sites that have come so far, beds, operators, clauses; what is overdue stands in one place."""

import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from songhe.care.volunteering import actions as volunteers
from songhe.core import acting
from songhe.oversight.ledger import actions as ledger
from songhe.oversight.participation import actions as meetings
from songhe.oversight.programmes import queries
from songhe.registry.facilities import actions
from songhe.registry.facilities import queries as sites
from tests import world as w
from tests.oversight.programmes.conftest import programme, station, world  # noqa: F401
from tests.registry.facilities.sites import Site, credit_code

SYSTEM = {"by": None, "post": None}


@pytest.fixture
def read(world, settings):  # noqa: F811
    """A function: the text of a page as a clerk of the county."""
    settings.MFA_REQUIRED_FROM = ""
    with acting.everywhere():
        post = w.post("clerk", world["990101"])
    client = Client()
    client.force_login(post.user)

    def opened(url: str) -> str:
        answer = client.get(url)
        assert answer.status_code == 200, url
        return answer.content.decode()

    return opened


def listed(text: str) -> int:
    return int(re.search(r"([\d,]+) 处", text)[1].replace(",", ""))


def test_a_goals_figure_opens_as_many_rows(read, programme, station):  # noqa: F811
    station(w.OWN, "一站", date(2023, 3, 1))
    station(w.FAR, "二站", date(2023, 9, 1))
    late = station(w.FAR, "三站", date(2023, 9, 2))
    with acting.everywhere():
        actions.move(**SYSTEM, facility=late, status="started", on=date(2023, 9, 20), reason="返工")
    goal = read(reverse("programme-goal", args=["test-2023", "stations"]) + "?on=2023-10-01")
    with acting.everywhere():
        line = queries.standing_of(
            programme=programme, goal=programme.goal("stations"), on=date(2023, 10, 1), place=queries.by_code("990101")
        )
    assert line.actual == 2
    links = [url.replace("&amp;", "&") for url in re.findall(r'href="(/facilities/\?[^"]+reached=done[^"]*)"', goal)]
    counted = {url.split("area=")[1].split("&")[0]: listed(read(url)) for url in links}
    assert counted == {"990101": 2, "990101001": 1, "990101002": 1}


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({"reached": "done"}, {"甲", "乙"}), ({"reached": "done", "since": "2021-05-01"}, {"乙"}),
        ({"reached": "site_chosen", "since": "2021-05-01"}, {"丙"}), ({"beds": "day"}, {"甲"}),
        ({"beds": "nursing", "lots": "converted"}, {"乙"}), ({"beds": "day", "since": "2021-09-01"}, set()),
        ({"operated": "yes"}, {"乙"}),
    ],
)  # fmt: skip
def test_sites_as_a_goal_counts_them(world, filters, names):  # noqa: F811
    with acting.everywhere():
        one, two, three = Site(world, name="甲"), Site(world, w.SISTER, name="乙"), Site(world, w.FAR, name="丙")
        one.to("done", date(2021, 4, 20))
        two.to("done", date(2021, 6, 1))
        three.to("planned", date(2021, 4, 2), reason="另选")
        three.to("site_chosen", date(2021, 7, 1))
        actions.add_beds(**SYSTEM, facility=one.facility, kind="day", count=4, on=date(2021, 8, 1))
        actions.add_beds(**SYSTEM, facility=two.facility, kind="residential", count=9, on=date(2021, 7, 1))
        actions.add_beds(
            **SYSTEM, facility=two.facility, kind="nursing", count=4, on=date(2021, 8, 1), origin="converted", from_kind="residential"
        )  # fmt: skip
        firm = actions.register_organisation(**SYSTEM, name="某公司", credit_code=credit_code(), kind="company")
        actions.choose_operator(
            **SYSTEM, facility=two.facility, organisation=firm, selection="tender", contract_on=date(2021, 6, 1), valid_from=date(2021, 6, 1)
        )  # fmt: skip
        found = sites.listed(post=None, place=world["990101"], on=date(2021, 12, 31), **filters)
        assert {row.name for row in found.rows} == names


@pytest.mark.parametrize(
    "wrong", [{"reached": "flying"}, {"beds": "water"}, {"reached": "done", "since": "soon"}, {"colour": "red"}]
)
def test_an_unknown_narrowing_is_an_error_never_everything(world, wrong):  # noqa: F811
    from songhe.core.refusal import Refusal

    with acting.everywhere(), pytest.raises(Refusal):
        sites.listed(post=None, place=world["990101"], on=date(2021, 12, 31), **wrong)


def test_what_is_overdue_stands_on_the_workbench(read, world):  # noqa: F811
    today = timezone.localdate()
    with acting.everywhere():
        county = world["990101"]
        ledger.open_item(
            **SYSTEM, place=county, title="改厨房", lead_unit="民政局", starts_on=today - timedelta(days=30), due_on=today - timedelta(days=1)
        )  # fmt: skip
        site = Site(world).facility
        actions.license_(
            **SYSTEM,
            facility=site,
            kind="food",
            number="JY1",
            valid_from=date(2020, 1, 1),
            valid_to=today + timedelta(days=5),
        )
        meetings.ask_data(
            **SYSTEM, place=county, asking_unit="民政局", asked_unit="公安局", subject="死亡登记", purpose="停发",
            asked_on=today - timedelta(days=30), due_on=today - timedelta(days=3),
        )  # fmt: skip
    text = read(reverse("workbench"))
    for label, rows in (("台账逾期", "改厨房"), ("证照要续办", "JY1"), ("数据申请超期", "死亡登记")):
        stat = re.search(rf'href="([^"]+)"[^>]*>\s*{label}|{label}.*?href="([^"]+)"', text, re.S)
        assert stat, label
        assert rows in read((stat[1] or stat[2]).replace("&amp;", "&")), label


def test_what_ended_and_is_still_owed_stays_before_the_leader(read, station):  # noqa: F811
    station(w.OWN, "一站", date(2023, 8, 1))
    text = read(reverse("programmes-leader") + "?on=2026-01-10")
    assert "每个乡镇一个" in text
    assert "没有逾期的目标" not in text


def test_a_site_tells_its_whole_history(read, world):  # noqa: F811
    with acting.everywhere():
        site = Site(world).facility
        actions.name_staff(
            **SYSTEM, facility=site, name="关某", role="manager", dedicated="dedicated", on=date(2021, 4, 1)
        )
        actions.license_(**SYSTEM, facility=site, kind="food", number="JY7", valid_from=date(2021, 4, 2))
        actions.provide(**SYSTEM, facility=site, what="room", codes=["kitchen"], on=date(2021, 4, 3))
        actions.check_sync(**SYSTEM, facility=site, estate="甲小区", step="planning", result="met", on=date(2021, 4, 4))
    text = read(reverse("facility", args=[site.uid]) + "?tab=history")
    for said in ("到岗：关某", "JY7", "房间与服务：厨房", "四同步：同步规划", "状态：已选址"):
        assert said in text, said


def test_a_clauses_number_opens_its_sites(read, world, monkeypatch):  # noqa: F811
    from dataclasses import replace

    from songhe.registry.facilities import definitions

    found = [s for s in definitions.standards() if s.name == "dingzhou-2021-station"]
    monkeypatch.setattr(definitions, "standards", lambda: tuple(replace(s, places=("990101",)) for s in found))
    with acting.everywhere():
        one = Site(world).facility
        Site(world, w.SISTER, name="乙社区日间照料服务站")
        actions.add_beds(**SYSTEM, facility=one, kind="day", count=2, on=date(2021, 8, 1))
    text = read(reverse("facility-standards"))
    urls = [
        u.replace("&amp;", "&") for u in re.findall(r'href="([^"]+clause=dingzhou-2021-station\.day_beds[^"]+)"', text)
    ]
    by = {re.search(r"result=(\w+)", url)[1]: listed(read(url.split("#")[0])) for url in urls}
    assert {name: by[name] for name in ("not_met", "unknown")} == {"not_met": 1, "unknown": 1}


def test_activities_of_a_month_open_as_a_list(read, world):  # noqa: F811
    """R67: exactly those of the kind of group and the days that were counted; a wrong day or kind is said."""
    village, today = world[w.OWN], timezone.localdate()
    with acting.everywhere():
        for kind, times in (("love_help", 3), ("elders", 2)):
            group = volunteers.found(
                **SYSTEM,
                kind=kind,
                village=village,
                name=f"{kind}队",
                leader="甲",
                members=5,
                on=today - timedelta(days=60),
            )
            for n in range(times):
                volunteers.record_activity(
                    **SYSTEM, group=group, on=today - timedelta(days=20 * n), kind="visit", volunteers=3, hours=2, evidence="签到表"
                )  # fmt: skip
    page = reverse("volunteer-activities")
    span = f"?first={today - timedelta(days=30)}&last={today}"
    assert "4 次" in read(page + span)
    text = read(page + span + "&kind=love_help")
    assert "2 次" in text
    assert "elders队" not in text

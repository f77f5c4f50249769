"""Pages of 工程: what each role sees, the day in the address, nobody's figures outside the area."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from songhe.core import acting
from songhe.oversight.programmes import actions
from tests import world as w
from tests.oversight.programmes.conftest import programme, station, world  # noqa: F401

TOWN, OTHER = "990101001", "990101002"


@pytest.fixture
def visit(world, settings):  # noqa: F811
    settings.MFA_REQUIRED_FROM = ""

    def ask(role, code, name, *args, **query):
        with acting.everywhere():
            post = w.post(role, world[code])
        client = Client()
        client.force_login(post.user)
        return client.get(reverse(name, args=args), query)

    return ask


def test_the_day_stands_in_the_address(visit, station):  # noqa: F811
    station(w.OWN, "一站", date(2023, 8, 1))
    for on, shown in (("2023-07-31", "0个"), ("2023-08-02", "1个")):
        answer = visit("clerk", "990101", "programme", "test-2023", on=on)
        assert answer.status_code == 200
        assert shown in answer.content.decode()
    assert visit("clerk", "990101", "programme", "test-2023", on="2023-13-01").status_code == 400


def test_a_township_sees_its_own_part_only(visit, world, station):  # noqa: F811
    with acting.everywhere():
        actions.enter_figure(
            programme="test-2023",
            goal="schools",
            place=world[OTHER],
            value=1,
            base=2,
            as_of=date(2023, 9, 1),
            evidence="别处报表",
            by=None,
            post=None,
        )
    text = visit("township_worker", TOWN, "programme", "test-2023", on="2023-09-20").content.decode()
    assert "只列" in text
    assert "全托床位" not in text  # the county's own goal
    text = visit("township_worker", TOWN, "programme-goal", "test-2023", "schools", on="2023-09-20").content.decode()
    assert "别处报表" not in text
    assert str(world[OTHER]) not in text


def test_other_cities_programmes_stay_closed(visit):
    answer = visit("clerk", "990201", "programme", "test-2023")
    assert answer.status_code == 400
    assert "虚构工程" not in visit("clerk", "990201", "programmes").content.decode()


def test_who_may_not_enter_gets_no_form(visit, world):  # noqa: F811
    for role, form in (("clerk", True), ("leader", False), ("inspector", False)):
        text = visit(role, "990101", "programme-goal", "test-2023", "schools", on="2023-09-20").content.decode()
        assert ("登记这个数" in text) == form
    assert (
        "登记这个数" not in visit("clerk", "990101", "programme-goal", "test-2023", "stations").content.decode()
    )  # counted
    assert visit("helper", w.OWN, "programmes").status_code == 403


def test_the_leaders_page_names_what_is_late_and_says_that_money_is_not_there(visit, station):  # noqa: F811
    station(w.OWN, "一站", date(2023, 8, 1))
    text = visit("leader", "990101", "programmes-leader", on="2023-11-20").content.decode()
    assert "逾期的事" in text
    assert "每个乡镇一个" in text
    assert "还没有资金数据" in text
    assert text.count("本平台还没有这项的明细") >= 3


def test_the_workbench_shows_the_four_of_the_notice(visit):
    text = visit("leader", "990101", "workbench").content.decode()
    for title in ("城市社区老年人助餐覆盖率", "村街（社区）志愿服务组织覆盖率", "特殊困难老年人探访关爱率"):
        assert title in text

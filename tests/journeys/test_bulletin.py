"""A month is frozen, its bulletin made and issued, a late entry comes in: the frozen figure stays, the revision stands beside it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from songhe.care.visits import actions as visits
from songhe.core import periods
from songhe.core.acting import everywhere
from songhe.oversight.bulletins import definitions
from tests import world
from tests.care.county import row


@pytest.fixture
def month(city, monkeypatch):
    """Last month, with one week's duties open in it; the county stands for the programme's city."""
    from songhe.care.duties import actions as duties

    layout = replace(definitions.named("dingzhou-2023"), place="990101")
    monkeypatch.setattr(definitions, "shipped", lambda: {"dingzhou-2023": layout})
    found = periods.containing("month", timezone.localdate()).previous()
    week = found.within("week")[1]
    with everywhere():
        duties.open_period(place=city.places["990101"], rule="visiting", period=week, by=0)
    return found, week


def keep(city, person, week):
    at = timezone.now().replace(hour=1, minute=0) - (timezone.now().date() - week.start - timedelta(days=1))
    with everywhere():
        rows = [row(person, mode, "well", at) for mode in ("call", "call", "home_visit")]
        told = visits.record(rows, by=0, post=None, channel="import")
        assert {answer.result for answer in told} == {"new"}


def figure(page, which="figure"):
    return page.locator(f"[data-{which}=weekly_visiting]").inner_text().split()


def test_the_frozen_figure_stays_and_the_revision_stands_beside_it(city, month, visitor, axe):
    found, week = month
    keep(city, city.people[world.OWN][0], week)
    clerk = visitor("clerk")
    clerk.goto(city.url("/bulletins/"))
    assert axe(clerk) == []
    assert clerk.locator("[name=month]").input_value() == found.code
    clerk.get_by_role("button", name="由封存数起草").click()
    assert axe(clerk) == []
    clerk.get_by_role("button", name="现在封存").click()
    clerk.get_by_role("button", name="由封存数起草").click()
    clerk.get_by_role("link", name="写文字").click()
    clerk.fill("[name=problems]", "个别村补录偏晚。")
    assert axe(clerk) == []
    clerk.get_by_role("button", name="保存").click()
    assert "个别村补录偏晚。" in clerk.inner_text(".sheet")
    assert figure(clerk) == ["11.1%", "(1/9)"]
    address = clerk.url

    leader = visitor("leader", size="xlarge", width=360)
    leader.goto(address)
    assert axe(leader) == []
    leader.get_by_role("button", name="签发并编号").click()
    number = leader.locator(".sheet-number").inner_text()
    assert number.startswith("定民通报〔")

    keep(city, city.people[world.OWN][1], week)
    clerk.goto(address)
    clerk.locator("form", has=clerk.get_by_role("button", name="重新计数")).locator("[name=reason]").fill("纸单补录")
    clerk.get_by_role("button", name="重新计数").click()
    assert figure(clerk) == ["11.1%", "(1/9)"]
    assert figure(clerk, "revision") == ["22.2%", "(2/9)", "纸单补录"]
    assert "11.1%（1/9）" in clerk.inner_text(".sheet")
    assert "22.2%" not in clerk.inner_text(".sheet")  # printed is printed
    assert axe(clerk) == []

    town = visitor("town")
    town.goto(city.url("/bulletins/"))
    town.locator("main tbody th a").first.click()
    assert number in town.inner_text(".sheet")

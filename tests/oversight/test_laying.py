"""A programme goes into the ledger: one line a goal, a part for each place that owes one; what closes there is counted."""

from datetime import date
from decimal import Decimal

import pytest

from songhe.core.acting import everywhere
from songhe.oversight.ledger import actions, queries
from songhe.oversight.ledger.models import Item
from songhe.oversight.programmes import queries as programmes
from songhe.registry.accounts.access import Denied
from tests.oversight.bureau import COUNTY, OTHER_TOWN, TOWN
from tests.oversight.programmes.conftest import use
from tests.oversight.test_ledger import refused


@pytest.fixture
def programme(monkeypatch):
    return use(monkeypatch)


def lay(office, who="clerk"):
    with office(who) as actor:
        return actions.lay_out(programme="test-2023", **actor)


def test_every_target_and_milestone_has_a_line_with_its_parts(office, programme):
    lay(office)
    with everywhere():
        whole = {item.target: item for item in Item.objects.filter(parent=None)}
        assert set(whole) == {goal.id for goal in programme.goals}
        line = whole["stations"]
        assert (line.title, line.lead_unit, line.quantity, line.unit) == ("服务站", "民政局", Decimal(3), "个")
        assert (line.due_on, line.due_literal) == (date(2023, 10, 31), "10月底前")
        parts = {item.place.code: item.quantity for item in line.sub_items.all()}
        assert parts == {TOWN: 2, OTHER_TOWN: 1}, "the annex"
        assert {item.place.code: item.quantity for item in whole["in_each"].sub_items.all()} == {TOWN: 1, OTHER_TOWN: 1}
        assert whole["tenders"].sub_items.count() == 2, "what a goal counts when it is closed stands line by line"
        assert whole["beds"].lead_unit == "民政局", "no unit is named: the one that answers for the whole"


def test_again_it_adds_only_what_is_missing(office, programme):
    made = lay(office)
    with refused("laid_out"):
        lay(office)
    with everywhere():
        assert Item.objects.count() == len(made)


def test_who_may_not(office, programme):
    with office("town") as who, pytest.raises(Denied):
        actions.lay_out(programme="test-2023", **who)
    with office("stranger") as who, refused("outside_area"):
        actions.lay_out(programme="test-2023", **who)
    with everywhere():
        assert not Item.objects.exists()


def test_half_of_it_does_not_stay(office, programme, monkeypatch):
    from songhe.oversight.ledger.actions import laying

    real, made = laying.open_item, []

    def broken(**given):
        if len(made) == 4:
            raise RuntimeError
        made.append(real(**given))
        return made[-1]

    monkeypatch.setattr(laying, "open_item", broken)
    with pytest.raises(RuntimeError):
        lay(office)
    with everywhere():
        assert not Item.objects.exists()


def test_lines_closed_are_what_the_goal_counts(office, programme):
    lay(office)
    with everywhere():
        lines = list(Item.objects.filter(target="tenders").exclude(parent=None))
    office.close(lines[0], who="clerk")
    with everywhere():
        assert (
            queries.closed_count(programme="test-2023", target="tenders", place=office[COUNTY], on=date(2099, 1, 1))
            == 1
        )
        found = programmes.standing_of(
            programme=programme, goal=programme.goal("tenders"), on=date(2099, 1, 1), place=office[COUNTY]
        )
        assert (found.actual, found.target) == (1, 2)

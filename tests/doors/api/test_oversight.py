"""Programmes, facilities and the ledger's counts: as the desk shows them, inside the area alone."""

from datetime import date

import pytest

from songhe.core.acting import everywhere
from songhe.oversight.ledger import actions as ledger
from songhe.registry.facilities import actions as facilities
from tests import world as w
from tests.oversight.programmes.conftest import use


@pytest.fixture
def programme(monkeypatch):
    return use(monkeypatch)


@pytest.fixture
def site(world):
    with everywhere():
        return facilities.register(
            by=None,
            post=None,
            place=world[w.OWN],
            kind="day_care_station",
            name="一站",
            on=date(2023, 3, 1),
            status="done",
        )


def test_programmes_and_where_their_goals_stand(call, caller, world, programme, site):
    code, rows = call.get("/programmes")
    assert (code, [row["id"] for row in rows]) == (200, ["test-2023"])
    assert (rows[0]["starts_on"], rows[0]["source"]["number"]) == ("2023-01-01", "虚〔2023〕1号")
    code, goals = call.get("/programmes/test-2023/status", on="2023-04-01")
    stations = next(goal for goal in goals if goal["id"] == "stations")
    assert (code, stations["target"], stations["actual"], stations["source"]) == (200, 3, 1, "facilities")
    _code, own = caller("township_worker", "990101001").get("/programmes/test-2023/status", on="2023-04-01")
    assert next(goal for goal in own if goal["id"] == "stations")["target"] == 2
    stranger = caller("clerk", "990201")
    assert stranger.get("/programmes")[1] == []
    assert stranger.get("/programmes/test-2023/status")[0] == 404
    assert call.get("/programmes/nothing/status")[0] == 404
    assert call.get("/programmes/test-2023/status", on="2023-02-30")[0] == 422
    assert call.get("/programmes/test-2023/status", place="990201")[0] == 404


def test_facilities_with_their_clauses(call, caller, world, site):
    code, page = call.get("/facilities", place="990101", on="2023-04-01")
    assert (code, page["count"], page["next"]) == (200, 1, None)
    assert (page["rows"][0]["name"], page["rows"][0]["status"], page["rows"][0]["place"]) == ("一站", "done", w.OWN)
    assert call.get("/facilities", place="990101", status="planned")[1]["rows"] == []
    assert call.get("/facilities", place="990101", kind="castle")[0] == 422
    code, one = call.get(f"/facilities/{site.uid}")
    assert (code, one["name"], one["demo"]) == (200, "一站", False)
    assert isinstance(one["clauses"], list)
    assert caller("clerk", "990201").get(f"/facilities/{site.uid}")[0] == 404
    assert caller("helper", w.OWN).get("/facilities", place=w.OWN)[0] == 403


def test_the_ledger_by_state(call, caller, world):
    with everywhere():
        for day in (date(2023, 6, 30), date(2099, 1, 1)):
            ledger.open_item(
                by=None, post=None, place=world["990101"], title="招标", lead_unit="民政局", programme="p", due_on=day,
                starts_on=date(2023, 1, 1),
            )  # fmt: skip
    code, rows = call.get("/ledger/counts", place="990101", on="2023-07-01", programme="p")
    assert code == 200
    assert {row["state"]: row["lines"] for row in rows if row["lines"]} == {"late": 1, "at_risk": 1}
    assert all(not row["lines"] for row in call.get("/ledger/counts", place="990101", programme="q")[1])
    assert caller("clerk", "990201").get("/ledger/counts", place="990101")[0] == 404

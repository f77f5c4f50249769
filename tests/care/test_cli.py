"""`songhe duties …` and `songhe visits …` say in JSON what the queries say."""

import json

import pytest
from typer.testing import CliRunner

from songhe.care.duties import actions as duties
from songhe.core.acting import everywhere
from songhe.core.refusal import Refusal
from songhe.core.trouble import Trouble
from tests.care.county import row

pytestmark = pytest.mark.django_db


@pytest.fixture
def songhe(monkeypatch):
    """Runs a command inside the test's transaction; the set-up that a real process needs is done already."""
    from songhe.doors.cli import duties as duties_door
    from songhe.doors.cli import visits as visits_door

    for door in (duties_door, visits_door):
        monkeypatch.setattr(door, "django_ready", lambda: None)

    def run(*words):
        door = {"duties": duties_door, "visits": visits_door}[words[0]]
        done = CliRunner().invoke(door.app, [*words[1:]], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output

    return run


def test_open_due_missed(songhe, county, week):
    place = ("--place", county.place.code, "--week", week.code, "--json")
    assert json.loads(songhe("duties", "open", *place))["owed"] == 8
    missed = json.loads(songhe("duties", "missed", *place))
    assert {row["person"] for row in missed} == {person.pk for person in county.people}
    assert missed[0]["name"].endswith("*")
    assert missed[0]["calls"] == "0/2"
    due = json.loads(songhe("duties", "due", *place, "--limit", "5"))
    assert (len(due["rows"]), bool(due["next"])) == (5, True)
    rest = json.loads(songhe("duties", "due", *place, "--after", due["next"]))
    assert (len(rest["rows"]), rest["next"]) == (3, "")
    assert "8" in songhe("duties", "missed", *place[:-1])


def test_follow_and_nightly(songhe, county):
    assert "visiting" in songhe("duties", "sync")
    songhe("duties", "adopt", "--place", county.place.code, "--from", "2024-01-01")
    assert json.loads(songhe("duties", "daily", "--json"))["owed"] == 8


def test_an_unknown_place_says_what_to_do(songhe, county, week):
    with pytest.raises(Refusal, match="000000"):
        songhe("duties", "missed", "--place", "000000", "--week", week.code)


def test_record_a_file(songhe, county, week, tmp_path):
    with everywhere():
        duties.open_period(place=county.place, rule="visiting", period=week, by=0)
    file = tmp_path / "visits.json"
    file.write_text(json.dumps([row(county.people[0]), row(county.people[1], mode="letter")]), encoding="utf-8")
    out = json.loads(songhe("visits", "record", str(file), "--partial", "--json"))
    assert [each["result"] for each in out] == ["new", "refused"]
    assert "same 1" in songhe("visits", "record", str(file), "--partial")
    file.write_text("{}", encoding="utf-8")
    with pytest.raises(Trouble, match="读不了"):
        songhe("visits", "record", str(file))

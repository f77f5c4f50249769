"""`songhe ledger …` and `songhe meetings …` say what the queries say; the demo rows come through the actions, once, marked."""

import json

import pytest
from django.utils import timezone
from typer.testing import CliRunner

from songhe.core.acting import everywhere
from songhe.core.refusal import Refusal
from songhe.demo import oversight
from songhe.oversight.awards.models import Nomination, Round
from songhe.oversight.ledger import layouts
from songhe.oversight.ledger.models import Drive, Item
from songhe.oversight.participation.models import DataRequest, Meeting
from tests.oversight.bureau import COUNTY, TOWN
from tests.oversight.test_layouts import FIELDS, ROWS, book


@pytest.fixture
def songhe(monkeypatch):
    """Runs a command inside the test's transaction; the set-up that a real process needs is done already."""
    from songhe.doors.cli import ledger, meetings

    doors = {"ledger": ledger, "meetings": meetings}
    for door in doors.values():
        monkeypatch.setattr(door, "django_ready", lambda: None)

    def run(*words):
        done = CliRunner().invoke(doors[words[0]].app, [*words[1:]], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output

    return run


@pytest.fixture
def demo(office):
    with everywhere():
        given = {"city": office[COUNTY], "town": office[TOWN], "today": timezone.localdate()}
        users = {"juzhang": office.user("leader"), "mishu": office.user("secretary"), "keyuan": office.user("clerk")}
        first = oversight.load(users=users, **given)
        assert oversight.load(users=users, **given) == first, "a second time adds nothing"
    return first


def test_the_demo_rows_are_marked_and_show_every_light(office, demo, songhe):
    rows = json.loads(songhe("ledger", "list", "--place", COUNTY, "--json"))
    assert len(rows) == demo["ledger"] == 9
    assert {row["state"] for row in rows} >= {"open", "at_risk", "late", "closed"}
    assert [row["title"] for row in json.loads(songhe("ledger", "list", "--state", "late", "--json"))] == [
        oversight.TASKS[2][0]
    ]
    with everywhere():
        for model in (Item, Drive, Meeting, DataRequest, Round):
            assert not model.objects.exclude(origin="demo").exists(), model
        assert Nomination.objects.count() == len(oversight.EXEMPLARS)


def test_meetings_and_what_became_of_their_decisions(demo, songhe):
    (meeting,) = json.loads(songhe("meetings", "list", "--json"))
    assert meeting["state"] == "held"
    assert [decision["state"] for decision in meeting["decisions"]] == ["at_risk", "open"]
    assert oversight.DECISIONS[0][0] in songhe("meetings", "list")


def test_in_and_out_by_the_command_line(office, songhe, tmp_path):
    with office("clerk") as who:
        layouts.save_layout(name="民政局版", file=book([]), columns=FIELDS, place=office[COUNTY], **who)
    file = tmp_path / "台账.xlsx"
    file.write_bytes(book(ROWS).read())
    given = (str(file), "--place", COUNTY, "--layout", "民政局版", "--year", "2023", "--json")
    assert json.loads(songhe("ledger", "import", *given, "--dry-run"))["state"] == "previewed"
    done = json.loads(songhe("ledger", "import", *given))
    assert (done["state"], done["added"], done["rejected"]) == ("done", 2, 2)
    out = tmp_path / "out.xlsx"
    assert json.loads(songhe("ledger", "export", str(out), "--layout", "民政局版", "--json"))["rows"] == 2
    assert out.read_bytes()[:2] == b"PK"
    again = (str(out), "--place", COUNTY, "--layout", "民政局版", "--year", "2023", "--json")
    assert json.loads(songhe("ledger", "import", *again))["unchanged"] == 2
    with pytest.raises(Refusal):
        songhe("ledger", "export", str(out), "--layout", "没有这个")

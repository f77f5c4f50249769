"""`songhe field sheet` prints what `songhe field read` reads."""

import json

import pytest
from django.utils import timezone
from typer.testing import CliRunner

from songhe.care.duties import actions as duties
from songhe.care.visits.sheets import read
from songhe.core.acting import everywhere
from songhe.core.periods import containing
from songhe.core.refusal import Refusal
from songhe.doors.cli import field

WEEK = containing("week", timezone.localdate()).code
pytestmark = pytest.mark.django_db


def run(*words):
    return CliRunner().invoke(field.app, [str(word) for word in words], catch_exceptions=False)


@pytest.fixture
def county(db, monkeypatch):
    from tests.care.county import County

    monkeypatch.setattr(field, "django_ready", lambda: None)
    with everywhere():
        made = County()
        duties.sync_rules(by=0)
        duties.name_helpers(pairs=[(p.pk, made.helpers[0].user_id) for p in made.people[::4]], by=0)
    return made


def test_a_sheet_out_and_in(county, tmp_path):
    out, picture = tmp_path / "sheet.pdf", tmp_path / "page.png"
    asked = ("sheet", "--helper", county.helpers[0].user.username, "--week", WEEK, "--out", out)
    said = json.loads(run(*asked, "--json").output)
    assert [one["rows"] for one in said["sheets"]] == [2]
    grey = read.pages(out.read_bytes())
    picture.write_bytes(read.picture(grey[0]))
    told = json.loads(run("read", picture, "--json").output)
    (page,) = told["pages"]
    assert page["sheet"] == said["sheets"][0]["number"]
    assert (page["week"], page["village"], page["page"]) == (WEEK, said["sheets"][0]["village"], 1)
    assert len(page["boxes"]) == 62
    assert not any(box["ticked"] for box in page["boxes"])
    assert all(box["sure"] for box in page["boxes"])
    assert "62" in run("read", picture).output
    assert said["sheets"][0]["number"] in run(*asked).output
    whole = json.loads(run("read", out, "--json").output)
    assert [page["sheet"] for page in whole["pages"]] == [one["number"] for one in said["sheets"]]


def test_what_cannot_be_done_is_said(county, tmp_path):
    torn = tmp_path / "torn.png"
    torn.write_bytes(b"nothing")
    done = run("read", torn, "--json")
    assert done.exit_code == 2
    assert "图片" in done.output + done.stderr
    assert run("read", tmp_path / "absent.png").exit_code == 2
    with pytest.raises(Refusal, match="没有账号"):
        run("sheet", "--helper", "nobody", "--week", WEEK, "--out", tmp_path / "x.pdf")
    with pytest.raises(Refusal):
        run("sheet", "--helper", county.helpers[3].user_id, "--week", WEEK, "--out", tmp_path / "x.pdf")


def test_the_outbox_is_fetched_once(db, monkeypatch, settings):
    from songhe.core import sms
    from songhe.doors.cli import outbox

    monkeypatch.setattr(outbox, "django_ready", lambda: None)
    settings.SMS_BACKEND = "outbox"
    sms.send("13800001234", "验证码 123456")

    def fetched(*words):
        return CliRunner().invoke(outbox.app, words, catch_exceptions=False).output

    assert json.loads(fetched("--keep")) == {"to": "13800001234", "text": "验证码 123456"}
    assert json.loads(fetched())["to"] == "13800001234"
    assert fetched() == ""

"""`songhe facilities`: rows, a site, what is wrong, a draw repeated from its seed."""

import json
from datetime import date

import pytest
from typer.testing import CliRunner

from songhe.core.acting import everywhere
from songhe.registry.facilities import actions
from songhe.registry.facilities.actions import Enrolment
from tests import world as w

D = date
WALK = [
    ("planned", D(2023, 8, 1), ""), ("done", D(2023, 9, 10), ""), ("accepted", D(2023, 9, 20), "验收表"), ("in_use", D(2023, 9, 25), ""),
]  # fmt: skip


@pytest.fixture
def sites(db, monkeypatch):
    from songhe.doors.cli import facilities

    monkeypatch.setattr(facilities, "django_ready", lambda: None)
    world = w.World()
    with everywhere():
        rows = [
            Enrolment(place=world[code], kind="canteen", name=f"{code}食堂", walk=WALK, activities=[(D(2023, 9, 25), "meal", 9, "台账")])
            for code in (w.OWN, w.SISTER, w.FAR)
        ]  # fmt: skip
        return actions.enrol(by=None, post=None, rows=rows)


def run(*words):
    from songhe.doors.cli.facilities import app

    answer = CliRunner().invoke(app, [*words, "--json"])
    assert answer.exit_code == 0, answer.output
    return json.loads(answer.output)


def test_list_count_and_show_agree(sites):
    asked = ("--place", "990101", "--kind", "canteen", "--reached", "in_use")
    rows = run("list", *asked, "--on", "2023-09-30")
    assert {row["uid"] for row in rows} == {str(site.uid) for site in sites}
    counted = run("count", *asked, "--on", "2023-09-30")
    assert {row["place_code"]: row["count"] for row in counted} == {"990101": 3, "990101001": 2, "990101002": 1}
    assert run("list", *asked, "--on", "2023-09-24") == []
    one = run("show", str(sites[0].uid), "--on", "2023-09-22")
    assert (one["status"], len(one["history"])) == ("accepted", 3)


def test_check_names_the_dormant(sites):
    found = run("check", "--place", "990101", "--on", "2023-12-01")
    assert [row["what"] for row in found] == ["dormant"] * 3


def test_a_draw_is_repeated_from_its_seed(sites):
    asked = ("draw", "--place", "990101", "--kind", "canteen", "--size", "2", "--on", "2023-10-01")
    first = run(*asked)
    assert run(*asked, "--seed", first["seed"])["drawn"] == first["drawn"]
    assert first["of"] == 3

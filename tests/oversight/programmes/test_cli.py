"""`songhe programmes …`: what it prints is what the rows say."""

import json

import pytest
from typer.testing import CliRunner

from songhe.doors.cli import programmes

RUN = CliRunner()


@pytest.fixture(autouse=True)
def _ready(monkeypatch):
    monkeypatch.setattr(programmes, "django_ready", lambda: None)
    monkeypatch.setattr(programmes, "_definitions_ready", lambda: None)


def test_every_shipped_definition_is_valid():
    done = RUN.invoke(programmes.app, ["check", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {"files": 5, "problems": []}


def test_a_wrong_file_is_named_with_line_and_field(tmp_path):
    from songhe.oversight.programmes.definitions import folder

    file = tmp_path / "wrong.yaml"
    text = (folder() / "programmes" / "laixi-2020.yaml").read_text(encoding="utf-8")
    file.write_text(text.replace("stations: 33,", "stations: -33,"), encoding="utf-8")
    done = RUN.invoke(programmes.app, ["check", str(file), "--json"])
    assert done.exit_code == 1
    problem = json.loads(done.stdout)["problems"][0]
    assert problem["file"].endswith("wrong.yaml")
    assert problem["field"] == "annex.rows[1].shares.stations"
    assert "stations: -33" in file.read_text(encoding="utf-8").splitlines()[problem["line"] - 1]
    assert RUN.invoke(programmes.app, ["check", str(tmp_path / "none.yaml")]).exit_code == 2


def test_seventy_three_commitments_are_listed():
    done = RUN.invoke(programmes.app, ["commitments", "--json"])
    rows = json.loads(done.stdout)
    assert [row["id"] for row in rows] == [f"R{n:02d}" for n in range(1, 74)]
    assert all(row["programme"] and row["kind"] and row["object"] for row in rows)
    assert {row["id"]: row["kind"] for row in rows}["R65"] == "ceiling"


def test_status_of_laixi_carries_the_reconciled_sums(db):
    from songhe.core.acting import everywhere
    from songhe.registry.places.actions import load_shipped

    with everywhere():
        load_shipped("370285")
    done = RUN.invoke(programmes.app, ["status", "--programme", "laixi-2020", "--on", "2021-11-30", "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    keys = {"id", "subject", "scope", "operator", "target", "actual", "deadline", "state", "source"}
    assert all(keys <= set(row) for row in found["targets"] + found["milestones"])
    assert {row["id"]: row["target"] for row in found["targets"]}["home_beds"] == 1400
    sums = found["allocation"]
    assert [sums[c]["total"] for c in ("centres", "stations", "community_beds", "home_beds")] == [12, 144, 280, 1400]
    assert sums["home_beds"] == {
        "total": 1400,
        "by_year": {"2020": 700, "2021": 700},
        "by_type": {"street": 600, "town": 800},
    }
    assert {row["actual"] for row in found["targets"]} == {None}  # nothing is on file: not reported, never zero

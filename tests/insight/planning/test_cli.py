"""`songhe plan …` as a planner calls it; no Django is imported by any of these."""

import json
import subprocess
import sys

from typer.testing import CliRunner

from songhe.doors.cli.plan import app
from tests.insight.planning.worlds import rounds_document

run = CliRunner().invoke


def test_solve_then_check_then_resume(tmp_path):
    day, out = tmp_path / "day.json", tmp_path / "out.json"
    day.write_text(json.dumps(rounds_document(1)), encoding="utf-8")
    done = run(app, ["hhcrsp", str(day), "--steps", "20000", "--seed", "1", "--out", str(out), "--json"])
    assert done.exit_code == 0, done.output
    body = json.loads(done.stdout)
    assert {"cost", "distance", "total_tardiness", "max_tardiness", "feasible", "seconds"} <= body.keys()
    assert body["feasible"]
    checked = run(app, ["check", str(day), str(out), "--json"])
    assert (
        json.loads(checked.stdout)["cost"] == body["cost"]
        or abs(json.loads(checked.stdout)["cost"] - body["cost"]) < 1e-5
    )
    again = run(app, ["hhcrsp", str(day), "--steps", "20000", "--resume", str(out), "--json"])
    assert json.loads(again.stdout)["cost"] <= body["cost"] + 1e-6


def test_a_broken_solution_makes_check_fail(tmp_path):
    day, out = tmp_path / "day.json", tmp_path / "out.json"
    day.write_text(json.dumps(rounds_document(1)), encoding="utf-8")
    out.write_text(json.dumps({"routes": []}), encoding="utf-8")
    checked = run(app, ["check", str(day), str(out), "--json"])
    assert checked.exit_code == 1
    assert {v["rule"] for v in json.loads(checked.stdout)["violations"]} == {"missing"}


def test_impossible_input_is_refused_with_reasons(tmp_path):
    document = rounds_document(1)
    document["caregivers"] = document["caregivers"][:1]
    day = tmp_path / "day.json"
    day.write_text(json.dumps(document), encoding="utf-8")
    done = run(app, ["hhcrsp", str(day), "--steps", "10", "--json"])
    assert done.exit_code == 2
    body = json.loads(done.stdout)
    assert body["reasons"][0]["code"] == "no_one_with_skill"
    assert body["reasons"][0]["zh"]


def test_missing_and_broken_files_are_refused(tmp_path):
    assert run(app, ["hhcrsp", str(tmp_path / "none.json")]).exit_code == 2
    bad = tmp_path / "bad.json"
    bad.write_text("{", encoding="utf-8")
    assert run(app, ["check", str(bad), str(bad)]).exit_code == 2
    bad.write_text('{"patients": [{}]}', encoding="utf-8")
    assert run(app, ["hhcrsp", str(bad)]).exit_code == 2
    assert run(app, ["route", str(bad)]).exit_code == 2


def test_sites_by_coverage_and_by_median(tmp_path):
    demand, spots = tmp_path / "d.csv", tmp_path / "s.csv"
    demand.write_text("id,x,y,weight\na,0,0,5\nb,1,0,5\nc,30,0,5\n", encoding="utf-8")
    spots.write_text("id,x,y\ns,0.5,0\nt,30,0\nu,60,0\n", encoding="utf-8")
    done = run(app, ["sites", str(demand), str(spots), "--count", "1", "--within", "15min", "--steps", "500", "--json"])
    body = json.loads(done.stdout)
    assert (body["sites"], body["objective"], body["proven"]) == (["s"], 10.0, True)
    assert body["left"][0]["subject"] == "c"
    done = run(app, ["sites", str(demand), str(spots), "--count", "2", "--median", "--steps", "500", "--json"])
    assert json.loads(done.stdout)["sites"] == ["s", "t"]
    done = run(app, ["sites", str(demand), str(spots), "--count", "9", "--json"])
    assert done.exit_code == 2


def test_a_pmed_file(tmp_path):
    file = tmp_path / "pmed.txt"
    file.write_text("4 3 2\n1 2 3\n2 3 4\n3 4 5\n", encoding="utf-8")
    done = run(app, ["sites", str(file), "--steps", "200", "--json"])
    assert json.loads(done.stdout)["objective"] == 7


def test_planning_does_not_import_django():
    code = "import songhe.doors.cli.plan, songhe.insight.planning.weekly.plan, sys; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

"""A run that is cut off has kept its best plan so far, and the next one goes on from it: never worse, never half a file."""

import json
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import numpy as np
import pytest
from typer.testing import CliRunner

from songhe.doors.cli.plan import app
from songhe.insight.planning.budget import Budget
from songhe.insight.planning.reasons import ImpossibleInputError
from songhe.insight.planning.routing import polish, vrplib_files
from songhe.insight.planning.routing.solve import routes_of, solve, violations
from songhe.insight.planning.siting import apart, choose, coverage, exact, files
from songhe.insight.planning.siting.model import Site
from tests.insight.planning.test_routing import county
from tests.insight.planning.test_siting import plain

run = CliRunner().invoke


class PowerCutError(Exception):
    pass


def _cut(kept, after=2):
    def keep(plan):
        kept.append(plan)
        if len(kept) == after:
            raise PowerCutError

    return keep


def test_rounds_are_kept_in_the_heat_and_gone_on_from():
    day, kept = county(40, 7), []
    with pytest.raises(PowerCutError):
        solve(day, budget=Budget(steps=200_000), seed=5, keep=_cut(kept))
    assert [violations(day, one.chosen) for one in kept] == [[], []]
    assert kept[1].cost < kept[0].cost
    later = []
    plan = solve(day, budget=Budget(steps=2_000), seed=6, start=kept[1], keep=later.append)
    assert plan.cost <= kept[1].cost
    assert all(one.cost < kept[1].cost for one in later)


def test_keeping_changes_no_plan():
    day, kept = county(40, 7), []
    watched = solve(day, budget=Budget(steps=50_000), seed=5, keep=kept.append)
    assert kept
    assert watched.chosen == solve(day, budget=Budget(steps=50_000), seed=5).chosen


def _vrp(folder, kind="VRPTW", size=30):
    """A file of customers with windows, two vans a depot; several depots only where the kind has them."""
    rng = np.random.default_rng(4)
    depots = 2 if kind == "MDVRPTW" else 1
    rows = {"NODE_COORD": [], "DEMAND": [], "TIME_WINDOW": [], "SERVICE_TIME": [], "VEHICLES_DEPOT": []}
    for i in range(1, size + 1):
        x, y = rng.integers(0, 100, 2)
        opens = 0 if i <= depots else int(rng.integers(0, 300))
        rows["NODE_COORD"].append(f"{i} {x} {y}")
        rows["DEMAND"].append(f"{i} {0 if i <= depots else 1}")
        rows["TIME_WINDOW"].append(f"{i} {opens} {1000 if i <= depots else opens + 400}")
        rows["SERVICE_TIME"].append(f"{i} {0 if i <= depots else 5}")
    rows["VEHICLES_DEPOT"] = [f"{k + 1} {k % depots + 1}" for k in range(8)] if depots > 1 else []
    text = f"NAME: tiny\nTYPE: {kind}\nDIMENSION: {size}\nVEHICLES: 8\nCAPACITY: 9\nEDGE_WEIGHT_TYPE: EUC_2D\n"
    text += "".join(f"{name}_SECTION\n" + "\n".join(lines) + "\n" for name, lines in rows.items() if lines)
    text += "DEPOT_SECTION\n" + "".join(f"{d + 1}\n" for d in range(depots)) + "-1\nEOF\n"
    file = folder / "tiny.vrp"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize("kind", ["VRPTW", "MDVRPTW"])
def test_routes_written_are_the_routes_read(tmp_path, kind):
    bench = vrplib_files.read(str(_vrp(tmp_path, kind)))
    plan = polish.solve(bench.day, budget=Budget(steps=20_000), seed=1)
    assert plan.left == []
    again = vrplib_files.read_routes(bench, vrplib_files.write_routes(bench, plan))
    assert routes_of(bench.day, again).cost == plan.cost


def test_routes_of_another_file_are_refused(tmp_path):
    bench = vrplib_files.read(str(_vrp(tmp_path)))
    for text, code in [
        ("nothing\n", "other_file"),
        ("Route #1: 999\n", "other_file"),
        ("Route #99: 1\n", "other_file"),
        ("Route #1: 1 1\n", "twice"),
    ]:
        with pytest.raises(ImpossibleInputError) as refused:
            vrplib_files.read_routes(bench, text)
        assert code in {r.code for r in refused.value.reasons}


def test_a_killed_process_left_its_best_routes(tmp_path):
    file, out = _vrp(tmp_path, size=60), tmp_path / "kept.sol"
    words = [
        sys.executable,
        "-m",
        "songhe.doors.cli.main",
        "plan",
        "route",
        str(file),
        "--out",
        str(out),
        "--seconds",
        "500",
    ]
    running = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(1200):
            if out.exists():
                break
            assert running.poll() is None
            time.sleep(0.1)
    finally:
        running.send_signal(signal.SIGKILL)
        running.wait()
    bench = vrplib_files.read(str(file))
    kept = routes_of(bench.day, vrplib_files.read_routes(bench, out.read_text(encoding="utf-8"))).cost
    done = run(app, ["route", str(file), "--steps", "2000", "--resume", str(out), "--out", str(out), "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["cost"] <= kept / bench.show
    after = routes_of(bench.day, vrplib_files.read_routes(bench, out.read_text(encoding="utf-8"))).cost
    assert after == round(json.loads(done.stdout)["cost"] * bench.show)


def _many(existing=0):
    people, spots, minutes = plain(5, 120, 60)
    return people, [Site(s.id, s.x, s.y, existing=j < existing) for j, s in enumerate(spots)], minutes


def _number(spots, names):
    return files.read_kept({"sites": names}, [s.id for s in spots], {j for j, s in enumerate(spots) if s.existing}, 9)


def test_a_median_cut_off_is_gone_on_from():
    people, spots, minutes = _many(2)
    kept = []
    asked = {"count": 6, "within": 15}
    with pytest.raises(PowerCutError):
        choose.shortest(people, spots, minutes, **asked, budget=Budget(steps=4_000), keep=_cut(kept, 1))
    weight = np.array([d.weight for d in people])
    before = (weight * minutes[:, _number(spots, kept[0])].min(axis=1)).sum()
    plan = choose.shortest(people, spots, minutes, **asked, budget=Budget(steps=1), start=_number(spots, kept[0]))
    assert plan.objective <= before + 1e-6
    assert len(plan.sites) == 8


@pytest.mark.parametrize("fair", [False, True])
def test_a_coverage_is_gone_on_from(fair):
    people, spots, minutes = _many(1)
    kept = []
    asked = {"count": 5, "within": 6, "fair": fair}
    first = coverage.solve(people, spots, minutes, **asked, budget=Budget(steps=4_000), keep=kept.append)
    assert kept
    assert first.proven
    start = _number(spots, first.sites)
    again = coverage.solve(people, spots, minutes, **asked, budget=Budget(steps=1), start=start)
    assert again.objective >= first.objective - 1e-6
    weight = np.array([d.weight for d in people])
    values = [weight[(minutes[:, _number(spots, names)] <= 6).any(axis=1)].sum() for names in kept]
    assert values == sorted(values)
    assert values[-1] == pytest.approx(first.objective)


def test_cancelled_it_hands_over_what_it_has():
    people, spots, minutes = _many()
    kept = []
    budget = Budget(steps=10**9, cancelled=lambda: bool(kept))
    plan = coverage.solve(people, spots, minutes, count=5, within=6, budget=budget, keep=kept.append)
    assert plan.sites
    assert budget.stopped()


def _hopeless():
    """Market split (Cornuejols and Dawande 1999): any plan is easy, the best one takes hours."""
    rng = np.random.default_rng(1)
    model = exact.Model()
    model.columns(np.zeros(50), whole=True)
    for _ in range(6):
        value = rng.integers(0, 100, 50)
        short = model.columns([1.0, 1.0], high=np.inf)
        half = float(value.sum() // 2)
        model.row([*range(50), short, short + 1], [*value.astype(float), 1.0, -1.0], half, half)
    return model


def test_called_off_in_the_middle_of_a_proof_it_ends_with_what_it_has():
    """HiGHS asks only in some of its phases whether to go on: it is ended, not asked."""
    kept = []
    found = _hopeless().solve(
        seconds=3600, spent=lambda: 1.0 if kept else 0.0, found=lambda values, cost: kept.append((values, cost))
    )
    values, bound, cost = found
    assert cost == kept[-1][1]
    assert (values == kept[-1][0]).all()
    assert bound < cost
    assert np.allclose(values[:50], np.rint(values[:50]))


def test_a_proof_whose_process_dies_leaves_the_plan_it_had(monkeypatch):
    """Killed from outside (no memory left): coverage keeps the annealed plan, with the bound counted apart."""
    people, spots, minutes = _many()
    monkeypatch.setattr(apart, "sys", SimpleNamespace(executable="/bin/false"))
    plan = coverage.solve(people, spots, minutes, count=5, within=6, budget=Budget(steps=4_000))
    assert len(plan.sites) == 5
    assert plan.bound >= plan.objective
    assert any("annealed plan" in note for note in plan.notes)


def test_sites_on_the_command_line_resume(tmp_path):
    demand, spots, out = tmp_path / "d.csv", tmp_path / "s.csv", tmp_path / "kept.json"
    demand.write_text("id,x,y,weight\na,0,0,5\nb,1,0,5\nc,30,0,5\n", encoding="utf-8")
    spots.write_text("id,x,y\ns,0.5,0\nt,30,0\nu,60,0\n", encoding="utf-8")
    asked = ["sites", str(demand), str(spots), "--steps", "500", "--json", "--count"]
    first = json.loads(run(app, [*asked, "1", "--out", str(out)]).stdout)
    assert json.loads(out.read_text(encoding="utf-8"))["sites"] == first["sites"] == ["s"]
    more = json.loads(run(app, [*asked, "2", "--resume", str(out), "--out", str(out)]).stdout)
    assert more["objective"] == 15
    refused = run(app, [*asked, "1", "--resume", str(out)])
    assert (refused.exit_code, json.loads(refused.stdout)["reasons"][0]["code"]) == (2, "other_count")
    out.write_text('{"sites": ["nowhere"]}', encoding="utf-8")
    refused = run(app, [*asked, "1", "--resume", str(out)])
    assert json.loads(refused.stdout)["reasons"][0]["code"] == "other_file"


def test_a_pmed_file_resumes(tmp_path):
    file, out = tmp_path / "pmed.txt", tmp_path / "kept.json"
    file.write_text("4 3 2\n1 2 3\n2 3 4\n3 4 5\n", encoding="utf-8")
    assert run(app, ["sites", str(file), "--steps", "200", "--out", str(out)]).exit_code == 0
    again = run(app, ["sites", str(file), "--steps", "1", "--resume", str(out), "--json"])
    assert json.loads(again.stdout)["objective"] == 7

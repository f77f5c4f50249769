"""The bench runs and says what it should; how fast anything is, no test asserts."""

import json
import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from bench import contacts, live, load, orders, prefecture, results, weeks
from bench.__main__ import _asked
from bench.pages import PAGES
from bench.results import Result
from tests.conftest import VAR

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def var():
    """A folder that the database's own account can reach, gone afterwards."""
    folder = VAR.parent / f"bench-test-{os.getpid()}"
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.slow
def test_every_measure_answers_at_a_tiny_size(var):
    only = ["P2", "P2b", "P3", "P4b", "growth"] + (["P1a", "P1b"] if contacts.program() else [])
    words = [sys.executable, "-m", "bench", "--people", "1000", "--rounds", "1", "--seconds", "1", "--var", str(var)]
    env = os.environ | {"BENCH_NO_WRK": "1"}  # the bench's own client, which is there everywhere
    done = subprocess.run([*words, "--only", ",".join(only)], cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout)
    pages = {f"P3.{name}" for name in PAGES}
    grown = {f"{name}.growth" for name in (*pages, "P2")}
    assert {*only, *pages, *grown} - {"growth"} == set(found)
    for name, row in found.items():
        assert set(row) == {"songhe", "other", "ratio", "unit", "n"}, name
        assert row["songhe"] > 0, name
        assert row["other"] > 0, name
        assert row["n"] == 1, name
        assert row["ratio"] == pytest.approx(row["songhe"] / row["other"], rel=0.01), name
    assert "pgbench" in done.stderr or "P1a" not in only
    assert not (var / "pg" / "postmaster.pid").exists(), "the cluster is left running"


def test_a_ratio_meets_its_target_or_not():
    assert Result("a", 2.0, 10.0, "x/s", 5, "it", "at least", 0.2).met is True
    assert Result("a", 1.9, 10.0, "x/s", 5, "it", "at least", 0.2).met is False
    assert Result("a", 10.0, 10.0, "ms", 5, "it", "at most", 1.0).met is True
    assert Result("a", 101.0, 100.0, "ms", 5, "it", "at most", 6.0, bound=100.0).met is False
    assert Result("a", 10.0, 10.0, "ms", 5, "it").met is None


def test_the_table_names_what_was_missed():
    rows = [Result("P2", 3.0, 2.0, "ms", 5, "DuckDB", "at most", 1.0), Result("P4.preview", 3.0, 2.0, "s", 5, "COPY")]
    lines = results.table(rows).splitlines()
    assert "MISSED" in lines[1]
    assert "1.5" in lines[1]
    assert "MISSED" not in lines[2]
    assert "met" not in lines[2]


def test_json_holds_four_figures_at_most():
    row = json.loads(results.as_json([Result("P2", 1 / 3, 2 / 3, "ms", 5, "it")]))["P2"]
    assert row == {"songhe": 0.3333, "other": 0.6667, "ratio": 0.5, "unit": "ms", "n": 5}


def test_the_full_prefecture_is_the_one_of_the_measures():
    size = prefecture.Size(prefecture.FULL)
    codes = [code for code, _ in prefecture.village_codes(size)]
    assert len(codes) == len(set(codes)) == size.villages == 6000
    assert (len({c[:9] for c in codes}), len({c[:6] for c in codes})) == (120, 15)
    assert size.owed == pytest.approx(60_000, rel=0.02)
    assert prefecture.monday(date(2026, 11, 22)) == date(2026, 11, 16)


def test_a_smaller_prefecture_keeps_its_towns():
    codes = [code for code, _ in prefecture.village_codes(prefecture.Size(1000))]
    assert len(codes) == len({c[:9] for c in codes}) == 120


def test_an_unknown_measure_is_refused():
    with pytest.raises(SystemExit):
        _asked(["--only", "P99"])


def test_lua_and_plain_client_send_the_same_shape():
    job = load.Job(
        1,
        "/api/visits",
        [{"Authorization": "Bearer x"}],
        body='{"uuid": "%uuid%", "person": %person%}',
        people=(33, 10),
    )
    sent = load._Client(job, 0, 0)._request().decode()
    head, _, body = sent.partition("\r\n\r\n")
    row = json.loads(body)
    assert (row["person"] - 1) % 33 == 0
    assert row["person"] <= 9 * 33 + 1
    assert "Authorization: Bearer x" in head
    assert f"Content-Length: {len(body)}" in head
    many = load.Job(1, "/x", [{}], body='{"rows": [%rows%]}', row='{"uuid": "%uuid%"}', rows=3)
    rows = json.loads(load._Client(many, 0, 0)._request().decode().partition("\r\n\r\n")[2])["rows"]
    assert len({row["uuid"] for row in rows}) == 3


def test_the_statements_ask_for_the_same_ways_of_contact_as_the_rule():
    from songhe.care.duties.definitions import rule_rows

    rule = next(row for row in rule_rows() if row["name"] == "visiting")
    assert sorted(rule["call_modes"]) == ["call", "video"]
    assert rule["visit_modes"] == ["home_visit"]
    assert "mode IN ('call', 'video')" in live.DUCK
    assert "mode = 'home_visit'" in live.DUCK
    assert "2, 1, 2, 1," in weeks._DUTIES
    assert (rule["calls_owed"], rule["visits_owed"]) == (2, 1)


def test_the_replay_sees_two_hands_a_wrong_state_and_a_wrong_holder():
    rows = [
        (1, "services.request", {"state": "waiting"}),
        (1, "services.dispatch", {"state": "dispatched", "dispatch": 7}),
        (1, "services.refuse", {"state": "returned", "dispatch": 7}),
        (1, "services.dispatch", {"state": "dispatched", "dispatch": 8}),
        (1, "services.accept", {"state": "accepted", "dispatch": 8}),
    ]
    assert set(orders.replayed(rows, {1: "accepted"}, {1: 8}).values()) == {0}
    twice = [*rows, (1, "services.dispatch", {"state": "dispatched", "dispatch": 9})]
    assert orders.replayed(twice, {1: "accepted"}, {1: 8}) == {
        "replay: two hands on an order": 1,
        "replay: another state than the row's": 1,
        "replay: another holder than the row's": 1,
    }
    told = {"checks": {"held twice": 1}, "faults": [], "lost": 2, "steps": {}, "seconds": 5}
    assert orders.wrong(told) == ["held twice", "steps lost"]

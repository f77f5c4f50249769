"""`songhe people …` as commands, in processes of their own on a cluster of their own: JSON only on stdout, and a kill."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.registry.people.conftest import number

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """The environment of a private cluster with 定州's places; stopped at the end."""
    var = tmp_path_factory.mktemp("songhe") / "var"
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SONGHE_", "DATABASE_", "DJANGO_", "PYTEST_"))}
    env = kept | {"SONGHE_VAR": str(var), "SONGHE_LANG": "zh"}
    keeper = subprocess.Popen(
        [sys.executable, "-c", "from songhe.doors.cli.setup import *; from songhe.doors.cli.db import migrate_tables\n"
         "django_ready(); migrate_tables(); print('ready', flush=True)\nimport signal; signal.pause()"],
        cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert keeper.stdout.readline().strip() == "ready"
    run(env, "places", "load", "130682")
    yield env
    keeper.terminate()
    keeper.wait(60)


def run(env, *words, code=0):
    done = subprocess.run(
        [sys.executable, "-m", "songhe.doors.cli.main", *words], cwd=ROOT, env=env, capture_output=True, text=True
    )
    assert done.returncode == code, done.stderr
    return done.stdout


def people(env, *words):
    return json.loads(run(env, "people", *words, "--json"))


def roster(path, first, last, village="130682001200"):
    lines = [
        f"王秀英,{number('990682', f'19{30 + i // 9000 % 60}{i // 900 % 10 + 1:02d}01', i % 900 + 1)},{village}"
        for i in range(first, last)
    ]
    path.write_text("姓名,身份证号,村代码\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


@pytest.fixture(scope="module")
def village(cluster):
    told = json.loads(run(cluster, "places", "show", "130682001", "--json"))
    return next(place["code"] for place in told if len(place["code"]) == 12)


def test_import_again_undo_find(cluster, village, tmp_path):
    file = tmp_path / "r.csv"
    roster(file, 0, 3, village)
    with file.open("a", encoding="utf-8") as more:
        more.write(f"赵四,{number(seq=5)[:15]}000,{village}\n")
    told = people(cluster, "import", str(file))
    assert (told["added"], told["updated"], told["rejected"]) == (3, 0, 1)
    assert {"row", "column", "reason", "reason_en"} <= set(told["errors"][0])
    assert (told["errors"][0]["row"], told["errors"][0]["column"]) == (5, "身份证号")
    again = people(cluster, "import", str(file))
    assert (again["added"], again["updated"], again["unchanged"], again["rejected"]) == (0, 0, 3, 1)
    assert people(cluster, "find", "wxy")["count"] == 3
    assert people(cluster, "import", str(file), "--all-or-none")["state"] == "refused"
    assert people(cluster, "undo", str(told["batch"])) == {"removed": 3, "restored": 0, "kept": 0}
    assert people(cluster, "find", "王秀英")["count"] == 0
    assert "找不到" in subprocess.run(
        [sys.executable, "-m", "songhe.doors.cli.main", "people", "import", "no.csv", "--json"], cwd=ROOT, env=cluster, capture_output=True, text=True
    ).stderr  # fmt: skip


def test_a_killed_import_leaves_nothing_and_can_be_done_again(cluster, village, tmp_path):
    file = roster(tmp_path / "big.csv", 0, 60_000, village)
    command = [sys.executable, "-m", "songhe.doors.cli.main", "people", "import", file, "--json"]
    started = subprocess.Popen(command, cwd=ROOT, env=cluster, stdout=subprocess.DEVNULL, start_new_session=True)
    _until(lambda: started.poll() is not None or _rows_in_flight(cluster))
    os.killpg(started.pid, signal.SIGKILL)
    killed = started.wait(60)
    left = people(cluster, "find", "王秀英")["count"]
    assert (killed, left) == (-signal.SIGKILL, 0)
    told = people(cluster, "import", file)
    assert (told["added"], told["rejected"]) == (60_000, 0)


def _until(true, seconds=240):
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.05)


def _rows_in_flight(env) -> bool:
    """Whether a backend is in the middle of writing people."""
    import psycopg

    var = Path(env["SONGHE_VAR"])
    port = (var / "pg" / "postmaster.pid").read_text().splitlines()[3]
    password = json.loads((var / "secrets.json").read_text())["db_admin"]
    query = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE %s AND pid <> pg_backend_pid()"
    with psycopg.connect(host="127.0.0.1", port=port, user="songhe_admin", password=password, dbname="songhe") as link:
        return link.execute(query, ["%INSERT INTO people_person%"]).fetchone()[0] > 0

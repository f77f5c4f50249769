"""A database for every command: the city's own (DATABASE_URL), or a private cluster started when needed.

Its last user stops the private cluster. Three roles, so that row-level security holds: `songhe_admin` sets it up,
`songhe_owner` owns the tables and migrates, `songhe_app` serves and is neither owner nor superuser. Passwords are made
here and kept in var/secrets.json.
"""

import atexit
import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from songhe.core.postmaster import ADMIN, Postmaster
from songhe.core.trouble import Trouble
from songhe.core.vault import given, make_private_folder, own_like_folder, secret, write_private

DATABASE = "songhe"
OWNER = "songhe_owner"
APP = "songhe_app"
EXTENSIONS = ("btree_gist",)  # exclusion constraints: no two spans of one thing may overlap


@dataclass
class Cluster:
    """A database that answers. `kind` is "url", "debian" or "wheel"; `started_here`: this call started the server."""

    owner_url: str
    app_url: str
    kind: str
    data_dir: Path | None = None
    started_here: bool = False
    _var: Path | None = field(default=None, repr=False)
    _held: int | None = field(default=None, repr=False)
    _process: int = field(default_factory=os.getpid, repr=False)

    def stop(self) -> bool:
        """Let go of the server; its last user stops it, whoever started it. Returns whether it was stopped."""
        if self._held is None or self._var is None or self._process != os.getpid():
            return False
        with _gate(self._var):
            held, self._held = self._held, None
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            else:
                stop(self._var)
                return True
            finally:
                os.close(held)


def ensure(var: Path) -> Cluster:
    """A database that answers: DATABASE_URL, else the private cluster under `var`, started if it does not run.

    The private cluster lives as long as anybody uses it: each user holds a shared lock that the system drops when it
    dies, so a killed command neither stops the others' database nor keeps a lock. Let go of it with `stop()`; the
    end of the process does so too. Raises Trouble when there is no PostgreSQL or it fails.
    """
    if url := given("DATABASE_URL"):
        return Cluster(owner_url=given("DATABASE_OWNER_URL"), app_url=url, kind="url")
    var = var.absolute()
    with _our_own(var), _gate(var):
        server = Postmaster(var / "pg")
        admin = secret(var, "db_admin")
        server.create(admin)
        before = server.running()
        pid, port = before or server.start(_last_port(var))
        _wait(_url(ADMIN, admin, port, "postgres"))
        owner = _url(OWNER, secret(var, "db_owner"), port, DATABASE)
        app = _url(APP, secret(var, "db_app"), port, DATABASE)
        if not before or not _answers(app):
            _provision(var, port)
        known = {"owner_url": owner, "app_url": app, "kind": server.programs.kind, "data_dir": str(server.data)}
        write_private(var / "run" / "db.json", json.dumps(known | {"pid": pid, "port": port}, indent=1))
        held = os.open(var / "run" / "db.users", os.O_RDWR)
        fcntl.flock(held, fcntl.LOCK_SH)
        cluster = Cluster(owner, app, server.programs.kind, server.data, before is None, var, held)
        atexit.register(cluster.stop)  # a command that forgets, or fails, must not leave a server behind
        return cluster


def running(var: Path) -> Cluster | None:
    """The database if it answers now, without starting one and without holding it; None otherwise."""
    if given("DATABASE_URL"):
        found = ensure(var)
        return found if _answers(found.app_url) else None
    with contextlib.suppress(OSError, ValueError, KeyError):
        known = json.loads((var / "run" / "db.json").read_text())
        if _answers(known["app_url"]):
            return Cluster(known["owner_url"], known["app_url"], known["kind"], Path(known["data_dir"]))
    return None


def stop(var: Path) -> bool:
    """Stop the private cluster whoever uses it; returns whether there was one to stop."""
    server = Postmaster(var.absolute() / "pg")
    was = server.running() is not None
    server.stop()
    (var / "run" / "db.json").unlink(missing_ok=True)
    return was


# Roles


def role_faults(url: str) -> list[Trouble]:
    """Why the role in `url` would see past row-level security; empty when it is safe to serve with."""
    try:
        with psycopg.connect(url, connect_timeout=10) as link:
            row = link.execute(_ROLE_QUESTION).fetchone()
    except psycopg.OperationalError as error:
        raise Trouble(
            f"数据库没有应答，请核对 DATABASE_URL 的地址、角色和口令：{error}",
            f"The database does not answer; check address, role and password in DATABASE_URL: {error}",
        ) from None
    assert row is not None
    name, superuser, bypasses, creates_roles, owns_database, owns_tables, joined = row
    sayings = [
        (superuser, "是超级用户", "is a superuser"),
        (bypasses, "可绕过行级安全（BYPASSRLS）", "bypasses row-level security (BYPASSRLS)"),
        (creates_roles, "可建立角色（CREATEROLE）", "may create roles (CREATEROLE)"),
        (owns_database, "是数据库的属主", "owns the database"),
        (owns_tables, f"是 {owns_tables} 张表的属主", f"owns {owns_tables} tables"),
        (joined, f"属于有上述权力的角色 {joined}", f"is a member of {joined}, which has such rights"),
    ]
    return [Trouble(f"数据库角色 {name} {zh}", f"The database role {name} {en}") for wrong, zh, en in sayings if wrong]


def refuse_unsafe_role(url: str) -> None:
    """Raise Trouble unless the role in `url` is bound by row-level security. Ask before serving anybody."""
    if faults := role_faults(url):
        raise Trouble(
            "拒绝启动："
            + "；".join(f.zh for f in faults)
            + "。地区隔离对它不起作用。请让 DATABASE_URL 使用角色 songhe_app"
            "（建立方法：songhe db roles）。",
            "Refusing to start: "
            + "; ".join(f.en for f in faults)
            + ". Area isolation does not bind it. Let DATABASE_URL use "
            "the role songhe_app (see: songhe db roles).",
        )


_ROLE_QUESTION = """
    SELECT r.rolname, r.rolsuper, r.rolbypassrls, r.rolcreaterole,
           EXISTS (SELECT FROM pg_database d WHERE d.datname = current_database() AND d.datdba = r.oid),
           (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relowner = r.oid AND c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_'),
           (SELECT string_agg(o.rolname, ', ') FROM pg_roles o
             WHERE o.oid <> r.oid AND pg_has_role(r.oid, o.oid, 'MEMBER')
               AND (o.rolsuper OR o.rolbypassrls OR o.rolcreaterole
                    OR EXISTS (SELECT FROM pg_database d WHERE d.datname = current_database() AND d.datdba = o.oid)
                    OR EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                                WHERE c.relowner = o.oid AND c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_'
                                  AND n.nspname <> 'information_schema'))
               AND NOT r.rolsuper)
      FROM pg_roles r WHERE r.rolname = current_user"""


def roles_sql(owner_password: str, app_password: str, may_create: bool = False) -> str:
    """The statements that make the two roles, for a city's own PostgreSQL (`songhe db roles`) and the private one."""
    wanted = ((OWNER, owner_password, " CREATEDB" if may_create else ""), (APP, app_password, ""))
    makes = [
        f"DO $$BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}') "
        f"THEN CREATE ROLE {name}; END IF; END$$;\n"
        f"ALTER ROLE {name} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE{more} PASSWORD {sql.quote(password)};\n"
        for name, password, more in wanted
    ]
    return "".join(makes)


def _provision(var: Path, port: int) -> None:
    """Make roles, database and extensions where absent; the passwords in var/secrets.json are the true ones."""
    admin = secret(var, "db_admin")
    with psycopg.connect(_url(ADMIN, admin, port, "template1"), autocommit=True) as link:
        link.execute(roles_sql(secret(var, "db_owner"), secret(var, "db_app"), may_create=True))  # type: ignore[arg-type]
        _extend(link)  # in template1, so that databases made for tests have them too
        found = link.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
    if found is None:
        # Not from a session in template1: CREATE DATABASE needs its template to itself.
        with psycopg.connect(_url(ADMIN, admin, port, "postgres"), autocommit=True) as link:
            link.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
    with psycopg.connect(_url(ADMIN, admin, port, DATABASE), autocommit=True) as link:
        _extend(link)


def _extend(link: psycopg.Connection) -> None:
    for name in EXTENSIONS:
        link.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(name)))


# Files under var/run


@contextlib.contextmanager
def _our_own(var: Path) -> Iterator[None]:
    """Files of another user there are said plainly."""
    try:
        make_private_folder(var)
        yield
    except PermissionError as error:
        raise Trouble(
            f"无权使用 {error.filename or var}：它由另一个用户建立。请用那个用户运行，或用 SONGHE_VAR 指定另一个目录。",
            f"{error.filename or var} cannot be used: another user made it. Run as that user, or name another folder in "
            "SONGHE_VAR.",
        ) from None


@contextlib.contextmanager
def _gate(var: Path) -> Iterator[None]:
    """Only one process at a time looks, starts or stops."""
    run = var / "run"
    make_private_folder(run)
    for name in ("db.lock", "db.users"):
        file = run / name
        if not file.exists():
            file.touch(mode=0o600)
            own_like_folder(file)
    with open(run / "db.lock", "r+") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        yield


def _last_port(var: Path) -> int | None:
    with contextlib.suppress(OSError, ValueError, KeyError):
        return int(json.loads((var / "run" / "db.json").read_text())["port"])
    return None


def _url(role: str, password: str, port: int, database: str) -> str:
    return f"postgresql://{role}:{password}@127.0.0.1:{port}/{database}"


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.Error:
        return False
    return True


def _wait(url: str, seconds: float = 180) -> None:
    """Wait until the server takes connections: one found just after a crash may still be replaying its log."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            psycopg.connect(url, connect_timeout=5).close()
            return
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise Trouble(
                    "var/secrets.json 与 var/pg 不是一套（密码不符）。请从备份恢复该文件；演示数据可删除 var/ 重来。",
                    "var/secrets.json does not fit var/pg (wrong password). Restore it from a backup; for a demo, "
                    "remove var/ and load again.",
                ) from None
            if time.monotonic() > deadline:
                raise Trouble(f"数据库没有应答：{error}", f"The database does not answer: {error}") from None
            time.sleep(0.1)

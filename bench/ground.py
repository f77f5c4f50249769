"""The ground the bench stands on: its own private cluster under var/bench, a database for each size, Django on one of them."""

import hashlib
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

ROOT = Path(__file__).resolve().parent.parent
EMPTY = "bench_empty"  # the migrated database without a row, from which the others are copied


class Ground:
    """A running cluster. `use` points Django, and children started later, at one of its databases."""

    def __init__(self, var: Path):
        from songhe.core.postgres import ensure
        from songhe.core.vault import secret

        for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):  # never the city's own database
            os.environ.pop(name, None)
        self.var = var.absolute()
        os.environ["SONGHE_VAR"] = str(self.var)
        os.environ["SONGHE_SECRET_KEY"] = secret(self.var, "secret_key", lambda: secrets.token_urlsafe(48))
        os.environ["SONGHE_DATA_KEY"] = secret(self.var, "data_key", lambda: "k1:" + secrets.token_hex(32))
        os.environ["DJANGO_SETTINGS_MODULE"] = "songhe.config.settings"
        self.cluster = ensure(self.var)
        os.environ["DATABASE_URL"] = self.cluster.app_url
        os.environ["DATABASE_OWNER_URL"] = self.cluster.owner_url
        import django

        django.setup()
        self._migrate()

    def _migrate(self) -> None:
        from songhe.doors.cli.db import migrate_tables

        if self.stamp(EMPTY) == (mark := tables_mark()):
            return
        self.drop(EMPTY)
        with self.owner("postgres", autocommit=True) as link:
            link.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(EMPTY)))
        self.use(EMPTY)
        migrate_tables()
        self.let_go()
        self.finish(EMPTY, mark)

    def use(self, name: str) -> None:
        """Point Django's connections and the environment of children at a database."""
        from django.db import connections

        for alias, variable in (("default", "DATABASE_URL"), ("owner", "DATABASE_OWNER_URL")):
            connections[alias].close()
            connections[alias].settings_dict["NAME"] = name
            os.environ[variable] = self._url(
                getattr(self.cluster, "app_url" if alias == "default" else "owner_url"), name
            )

    @staticmethod
    def _url(url: str, name: str) -> str:
        return url.rpartition("/")[0] + "/" + name

    def owner(self, name: str, **more) -> psycopg.Connection:
        """A connection as the tables' owner."""
        return psycopg.connect(make_conninfo(self.cluster.owner_url, dbname=name), **more)

    def filler(self, name: str) -> psycopg.Connection:
        """A connection that fills tables fast: no foreign key is checked, no policy asked, no trigger fires by itself."""
        from songhe.core.postmaster import ADMIN
        from songhe.core.vault import secret

        url = make_conninfo(self.cluster.owner_url, dbname=name, user=ADMIN, password=secret(self.var, "db_admin"))
        return psycopg.connect(url, options="-c session_replication_role=replica -c synchronous_commit=off")

    def app(self, name: str) -> dict[str, str]:
        """The variables by which psql and pgbench sign in as the app's role (a password on a command line shows)."""
        parts = conninfo_to_dict(self.cluster.app_url)
        names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD"}
        return {names[key]: str(value) for key, value in parts.items() if key in names} | {"PGDATABASE": name}

    def drop(self, name: str) -> None:
        self.let_go()
        with self.owner("postgres", autocommit=True) as link:
            link.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def copy(self, name: str) -> None:
        """A new database with every table and no row."""
        self.drop(name)
        with self.owner("postgres", autocommit=True) as link:
            link.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(EMPTY)))

    def stamp(self, name: str) -> str:
        """What `finish` wrote on a database; "" for one that is absent or half filled."""
        with self.owner("postgres") as link:
            row = link.execute(
                "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name]
            ).fetchone()
        return row[0] or "" if row else ""

    def finish(self, name: str, mark: str) -> None:
        with self.owner("postgres", autocommit=True) as link:
            link.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), sql.Literal(mark)))

    @staticmethod
    def let_go() -> None:
        from django.db import connections

        connections.close_all()

    def stop(self) -> None:
        self.let_go()
        self.cluster.stop()


def tables_mark() -> str:
    """A digest of everything that makes the tables: a database filled under another one is filled again."""
    seen = hashlib.sha256()
    for pattern in ("migrations/*.py", "sql/*.sql"):
        for path in sorted((ROOT / "songhe").rglob(pattern)):
            seen.update(path.read_bytes())
    return seen.hexdigest()[:16]


@contextmanager
def ground(var: Path) -> Iterator[Ground]:
    """The cluster for the time of a run; stopped at the end if nobody else uses it."""
    found = Ground(var)
    try:
        yield found
    finally:
        found.stop()


def say(text: str) -> None:
    """Progress, on stderr: stdout holds the JSON alone."""
    print(text, file=sys.stderr, flush=True)

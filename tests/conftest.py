"""A test database made by the owner, tested as the app's role: row-level security is on in every test."""

import os
from pathlib import Path

import pytest

VAR = Path(os.environ.get("SONGHE_TEST_VAR") or Path(__file__).resolve().parent.parent / "var" / "test")


def pytest_configure(config):
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "songhe.config.settings")
    os.environ.setdefault("SONGHE_SECRET_KEY", "only for tests, never for data")
    os.environ.setdefault("SONGHE_DATA_KEY", "k1:00112233445566778899aabbccddeeff")
    os.environ.setdefault("SONGHE_STATIC_STORAGE", "django.contrib.staticfiles.storage.StaticFilesStorage")
    os.environ["SONGHE_VAR"] = str(VAR)
    if "DATABASE_OWNER_URL" not in os.environ:
        from songhe.core.postgres import ensure

        config.songhe_cluster = ensure(VAR)
        os.environ["DATABASE_URL"] = config.songhe_cluster.app_url
        os.environ["DATABASE_OWNER_URL"] = config.songhe_cluster.owner_url
    from hypothesis import settings

    # The same examples on every machine: a run that passed here passes there. `--hypothesis-seed=random` looks for more.
    settings.register_profile("songhe", derandomize=True, deadline=None)
    settings.load_profile("songhe")
    import django

    django.setup()  # before collection: tests import models at their top


def pytest_unconfigure(config):
    cluster = getattr(config, "songhe_cluster", None)
    if cluster is not None:
        cluster.stop()


def _drop(cursor, name: str) -> None:
    """Connections that threads of a test left open end first: the owner may not end those of the app's role."""
    import psycopg

    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as link:
        link.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s AND usename = current_user",
            [name],
        )
    cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')


def _make_database(name: str) -> None:
    from django.db import connections

    from songhe.core.migrating import migrate
    from songhe.core.rls import grant_to_app

    owner, app = connections["owner"], connections["default"]
    with owner.cursor() as cursor:  # still connected to the ordinary database
        _drop(cursor, name)
        cursor.execute(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'")
    for connection in (owner, app):
        connection.close()
        connection.settings_dict["NAME"] = name
    migrate("owner")
    grant_to_app(owner, app.settings_dict["USER"])


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker, request):
    """One database a worker, dropped at the end."""
    from django.db import connections

    worker = getattr(request.config, "workerinput", {}).get("workerid", "main")
    name = f"test_songhe_{worker}_{os.getpid()}"
    with django_db_blocker.unblock():
        owner, app = connections["owner"], connections["default"]
        ordinary = owner.settings_dict["NAME"]
        _make_database(name)
        yield
        for connection in (owner, app):
            connection.close()
            connection.settings_dict["NAME"] = ordinary
        with owner.cursor() as cursor:
            _drop(cursor, name)
        owner.close()


@pytest.fixture(autouse=True)
def _files_apart(settings, tmp_path):
    """Uploads of one test never meet those of another."""
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "files")},
        }
    }


_KEPT = {
    "django_migrations",
    "core_audit",
    "core_audit_head",
    "django_content_type",
    "auth_permission",
    "procrastinate_version",
}


def as_owner(sql: str) -> list[tuple]:
    """Run one SQL text as the tables' owner on a connection of its own (tests may not use Django's `owner` alias)."""
    import psycopg
    from django.db import connections

    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], dbname=connections["default"].settings_dict["NAME"]) as link:
        cursor = link.execute(sql)
        return cursor.fetchall() if cursor.description else []


_FULL = """
CREATE OR REPLACE FUNCTION pg_temp.full_tables() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    name text;
    found boolean;
BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'visits\\_visit\\_2%' LOOP
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', name) INTO found;
        IF found THEN RETURN NEXT name; END IF;
    END LOOP;
END $$;
"""


def empty_tables() -> None:
    """Take out everything that a transactional test left, as the owner, row by row and only where there are rows: to truncate
    every table takes a hundred times as long. Guards are lifted meanwhile, numbers and the audit's chains start again.
    """
    import psycopg
    from django.db import connections

    name = connections["default"].settings_dict["NAME"]
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], dbname=name, autocommit=True) as link:
        link.execute(_FULL)
        full = [table for (table,) in link.execute("SELECT pg_temp.full_tables()") if table not in _KEPT]
        full += ["core_audit"]
        with link.transaction():
            link.execute("SET CONSTRAINTS ALL DEFERRED")
            for table in full:
                link.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
            for table in full:
                link.execute(f'DELETE FROM "{table}"')
        numbered = dict(
            link.execute("SELECT table_name, column_name FROM information_schema.columns WHERE is_identity = 'YES'")
        )
        with link.transaction():
            for table in full:
                link.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')
                if table in numbered:
                    link.execute(f'ALTER TABLE "{table}" ALTER COLUMN "{numbered[table]}" RESTART')
            link.execute(
                "UPDATE core_audit_head SET last_id = 0, rows = 0, "
                "hash = sha256(convert_to('songhe audit chain ' || chain, 'UTF8'))"
            )
        left = {table for (table,) in link.execute("SELECT pg_temp.full_tables()")} - _KEPT
        assert not left, f"rows were left in {left}"


@pytest.fixture(autouse=True)
def _nothing_left_in_the_process():
    """A test that opens an English page leaves no English behind in its thread, and no remembered count."""
    yield
    from django.utils import translation

    from songhe.registry.people import queries

    translation.deactivate()
    queries.forget_counts()


@pytest.fixture(scope="session", autouse=True)
def _flush_as_owner():
    """Django's own flush runs as the app's role, which may not truncate."""
    from django.test import TransactionTestCase

    def teardown(_case):
        empty_tables()

    TransactionTestCase._fixture_teardown = teardown

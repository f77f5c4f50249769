"""The second wall: every table with somebody in it has forced row-level security, and the app's role cannot take it down."""

import os

import pytest
from django.apps import apps
from django.db import connection

from songhe.core.postgres import refuse_unsafe_role
from songhe.registry.places.models import AreaScoped
from tests.house.personal_fields import FIELDS

pytestmark = pytest.mark.django_db
# Tables about people that need no area: accounts, of staff, found by whoever signs in.
STAFF = ("accounts_",)


def rows(sql, params=()):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def _tables() -> dict[str, tuple[bool, bool, str]]:
    """{table: (row-level security, forced, owner)} of the public schema, partitions left out."""
    found = rows(
        "SELECT relname, relrowsecurity, relforcerowsecurity, pg_get_userbyid(relowner) FROM pg_class "
        "WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = 'public'::regnamespace"
    )
    return {name: (on, forced, owner) for name, on, forced, owner in found}


def _policies(table) -> dict[str, tuple[str, str, str]]:
    """{policy: (command, using, with check)} for everybody, without the owner's own."""
    found = rows(
        "SELECT policyname, cmd, coalesce(qual, ''), coalesce(with_check, ''), roles::text FROM pg_policies WHERE tablename = %s",
        [table],
    )
    return {name: (cmd, using, check) for name, cmd, using, check, roles in found if roles == "{public}"}


def _about_people() -> set[str]:
    return {apps.get_model(label)._meta.db_table for label in FIELDS if not label.startswith("accounts.")}


def test_every_table_about_people_is_behind_the_wall():
    tables = _tables()
    for table in _about_people():
        on, forced, _owner = tables[table]
        assert on, f"{table} has no row-level security"
        assert forced, f"{table}: not forced"
        commands = {
            command for name, (command, _using, _check) in _policies(table).items() if not name.startswith("family_")
        }
        assert commands == {"ALL"} or {"SELECT", "INSERT", "UPDATE", "DELETE"} <= commands, f"{table}: {commands}"


def test_every_table_with_a_village_or_a_person_is_known():
    """A table made by hand-written SQL does not slip past the models."""
    found = rows(
        "SELECT DISTINCT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped "
        "WHERE a.attname IN ('village_id', 'person_id', 'kept_id') AND c.relkind IN ('r', 'p') AND NOT c.relispartition "
        "AND c.relnamespace = 'public'::regnamespace"
    )
    tables = _tables()
    for (table,) in found:
        assert tables[table][:2] == (True, True), f"{table}: protect it (core.rls)"


def test_the_area_rule_stands_in_every_scoped_table():
    scoped = [m for m in apps.get_models() if issubclass(m, AreaScoped)]
    assert len(scoped) >= 12
    for model in scoped:
        table = model._meta.db_table
        for name, (command, using, check) in _policies(table).items():
            rule = check if command == "INSERT" else using
            if name.startswith("family_"):  # one link's person, or that person's files, and nobody else
                assert "app_family_person()" in rule or "app_family_files()" in rule, f"{table}.{name}"
                continue
            assert "app_areas()" in rule, f"{table}.{name}"
            if command in ("INSERT", "UPDATE"):
                assert "places_place" in check, f"{table}.{name}: the four ids must be those of one place"


def test_no_policy_is_open():
    for table, policy, using, check in rows(
        "SELECT tablename, policyname, coalesce(qual, ''), coalesce(with_check, '') FROM pg_policies WHERE roles::text = '{public}'"
    ):
        assert "true" not in (using, check), f"{table}.{policy} lets everybody in"


def test_the_app_is_neither_owner_nor_superuser():
    (name, superuser, bypass, creates_roles, creates_databases) = rows(
        "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user"
    )[0]
    assert (superuser, bypass, creates_roles, creates_databases) == (False, False, False, False)
    assert rows("SELECT relname FROM pg_class WHERE pg_get_userbyid(relowner) = current_user") == []
    assert rows("SELECT proname FROM pg_proc WHERE pg_get_userbyid(proowner) = current_user") == []
    assert (
        rows(
            "SELECT r.rolname FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid JOIN pg_roles u ON u.oid = m.member WHERE u.rolname = current_user"
        )
        == []
    )
    assert name not in {owner for _on, _forced, owner in _tables().values()}


def test_the_site_refuses_to_start_as_the_owner():
    from songhe.core.trouble import Trouble

    with pytest.raises(Trouble):
        refuse_unsafe_role(os.environ["DATABASE_OWNER_URL"])


def test_what_the_app_may_never_write():
    for table in ("core_audit", "core_audit_head", "django_migrations"):
        granted = {
            kind
            for (kind,) in rows(
                "SELECT privilege_type FROM information_schema.role_table_grants WHERE table_name = %s AND grantee = current_user",
                [table],
            )
        }
        assert granted <= {"SELECT"}, f"{table}: {granted}"
    assert (
        rows(
            "SELECT table_name FROM information_schema.role_table_grants WHERE grantee = current_user AND privilege_type IN ('TRUNCATE', 'TRIGGER', 'REFERENCES')"
        )
        == []
    )


def test_partitions_are_closed_to_the_app():
    found = rows(
        "SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r' AND (has_table_privilege(oid, 'SELECT') OR has_table_privilege(oid, 'INSERT'))"
    )
    assert found == []


def test_views_do_not_see_more_than_their_reader():
    assert rows("SELECT viewname FROM pg_views WHERE schemaname = 'public'") == []
    assert rows("SELECT matviewname FROM pg_matviews WHERE schemaname = 'public'") == []

"""Row-level security, said once: the area rule as SQL policies, and the rights of the app's role.

A scoped table carries integer ids of its village, town, county and city. A row is visible when one of them, or 0
(the system's own jobs), is in `app_areas()`. A policy by code prefix was 30 times slower than one by integer ids.
"""

from django.db import migrations

AREAS = ("village_id", "town_id", "county_id", "city_id")


def area_rule(prefix: str = "") -> str:
    """The SQL condition for one row; `prefix` is a table alias with its dot."""
    tests = [f"{prefix}{column} = ANY((SELECT app_areas())::int[])" for column in AREAS]
    return "(" + " OR ".join([*tests, "0 = ANY((SELECT app_areas())::int[])"]) + ")"


def write_rule() -> str:
    """The SQL condition for a row that is written: its four ids are those of one place, and that place lies inside.

    Reading needs one id to fit; were that enough for writing, a row could name one's own township and another's village,
    and belong to both. The places inside are gathered once a statement (a hashed subplan), not once a row.
    """
    row = ", ".join(f"coalesce({column}, 0)" for column in AREAS)
    place = "CASE p.level WHEN 'village' THEN p.id ELSE 0 END, " + ", ".join(
        f"coalesce(p.{column}, 0)" for column in AREAS[1:]
    )
    inside = " OR ".join(f"p.{column} = ANY((SELECT app_areas())::int[])" for column in ("id", *AREAS[1:]))
    return (
        f"(0 = ANY((SELECT app_areas())::int[]) OR ({row}) IN "
        f"(SELECT {place} FROM places_place p WHERE p.kind = 'division' AND ({inside})))"
    )


def protect(table: str, person_column: str = "") -> migrations.RunSQL:
    """Row-level security for a scoped table.

    With `person_column`, rows of a person who has moved here are readable as well: history follows the person.
    Writing needs the row itself to be inside the area, with the ids of one place.
    """
    readable = area_rule()
    if person_column:
        readable += f" OR EXISTS (SELECT 1 FROM people_person p WHERE p.id = {person_column})"
    return migrations.RunSQL(
        f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY owner_all ON {table} TO CURRENT_USER USING (true) WITH CHECK (true);
        CREATE POLICY area_read ON {table} FOR SELECT USING ({readable});
        CREATE POLICY area_insert ON {table} FOR INSERT WITH CHECK ({write_rule()});
        CREATE POLICY area_update ON {table} FOR UPDATE USING ({readable}) WITH CHECK ({write_rule()});
        CREATE POLICY area_delete ON {table} FOR DELETE USING ({area_rule()});
        """,
        f"""
        DROP POLICY owner_all ON {table}; DROP POLICY area_read ON {table}; DROP POLICY area_insert ON {table};
        DROP POLICY area_update ON {table}; DROP POLICY area_delete ON {table};
        ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;
        """,
    )


def at_functional_area(table: str) -> migrations.RunSQL:
    """Opens a table protected by area also to a functional area whose own row it is (`place_id`), beside its villages' rows.

    Such an area is no division: a row laid at it carries its county and no village, so its people would not see it.
    """
    own = "place_id = ANY((SELECT app_areas())::int[])"
    whole = " AND ".join(
        [
            f"{own} AND village_id IS NULL AND town_id IS NULL",
            "EXISTS (SELECT 1 FROM places_place p WHERE p.id = place_id AND p.kind = 'functional'",
            "p.county_id IS NOT DISTINCT FROM {table}.county_id",
            "p.city_id IS NOT DISTINCT FROM {table}.city_id)",
        ]
    ).format(table=table)
    readable, writable = area_rule(), write_rule()
    return migrations.RunSQL(
        f"""
        ALTER POLICY area_read ON {table} USING ({readable} OR {own});
        ALTER POLICY area_insert ON {table} WITH CHECK ({writable} OR ({whole}));
        ALTER POLICY area_update ON {table} USING ({readable} OR {own}) WITH CHECK ({writable} OR ({whole}));
        """,
        f"""
        ALTER POLICY area_read ON {table} USING ({readable});
        ALTER POLICY area_insert ON {table} WITH CHECK ({writable});
        ALTER POLICY area_update ON {table} USING ({readable}) WITH CHECK ({writable});
        """,
    )


def protect_by_person(table: str, person_column: str = "person_id") -> migrations.RunSQL:
    """Row-level security for a table without areas of its own: as visible as the person it belongs to."""
    rule = f"EXISTS (SELECT 1 FROM people_person p WHERE p.id = {table}.{person_column})"
    return migrations.RunSQL(
        f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY owner_all ON {table} TO CURRENT_USER USING (true) WITH CHECK (true);
        CREATE POLICY by_person ON {table} USING ({rule}) WITH CHECK ({rule});
        """,
        f"""
        DROP POLICY owner_all ON {table}; DROP POLICY by_person ON {table};
        ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;
        """,
    )


def protect_by_parent(table: str, column: str, parent: str) -> migrations.RunSQL:
    """Row-level security for a table without areas of its own: as visible as the row of `parent` that `column` names."""
    rule = f"EXISTS (SELECT 1 FROM {parent} up WHERE up.id = {table}.{column})"
    return migrations.RunSQL(
        f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY owner_all ON {table} TO CURRENT_USER USING (true) WITH CHECK (true);
        CREATE POLICY by_parent ON {table} USING ({rule}) WITH CHECK ({rule});
        """,
        f"""
        DROP POLICY owner_all ON {table}; DROP POLICY by_parent ON {table};
        ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;
        """,
    )


GRANTS = """
GRANT USAGE ON SCHEMA public TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role};
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {role};
REVOKE INSERT, UPDATE, DELETE ON core_audit, core_audit_head FROM {role};
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role};
"""


def grant_to_app(owner_connection, app_role: str) -> None:
    """Gives the app's role what it may do; run by the owner after every migration.

    Partitions are reached through their parent only: rights on them are taken away, so that no policy is bypassed.
    """
    with owner_connection.cursor() as cursor:
        role = owner_connection.ops.quote_name(app_role)
        cursor.execute(GRANTS.format(role=role))
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid WHERE relkind = 'r'"
        )
        for (partition,) in cursor.fetchall():
            cursor.execute(f"REVOKE ALL ON {partition} FROM {role}")

"""SQL as the app's role: what a fault in a door could do at worst. The policies answer, not the code above them."""

import pytest
from django.db import DatabaseError, IntegrityError, ProgrammingError, connection, transaction
from django.db.utils import InternalError

from songhe.core import acting
from songhe.registry.accounts import access
from tests import world as w

POSTS = [("helper", w.OWN), ("township_worker", "990101001"), ("clerk", "990101"), ("leader", "990100"), ("clerk", w.AREA), ("leader", "990000"), ("clerk", "999001")]  # fmt: skip
REFUSED = (ProgrammingError, InternalError, DatabaseError)

# Functions that run as the tables' owner: each says the area rule itself, or cannot show or change a row of anybody.
OWNERS = {
    "audit_add": "appends one audit row",
    "duties_fill": "opens a period for a place; the action has asked",
    "duties_raise": "sets what follows from rule and emergencies",
    "duties_settle": "sets what follows from excuses",
    "duties_sum": "a trigger: keeps the sums",
    "facilities_photo_elsewhere": "says only whether such a picture stands at another site",
    "family_code_put": "one link's own code, by its secret digest",
    "family_code_try": "one link's own code, by its secret digest",
    "family_link": "one link, by its secret digest",
    "outgoing_put": "puts a sealed message in; shows none",
    "meals_point_works": "says only whether a point serves on a day",
    "people_fill_begin": "only on an empty register",
    "people_fill_end": "builds the indexes set aside",
    "people_find": "says the area rule",
    "people_measure": "takes statistics",
    "people_taken": "blind indexes in, blind indexes out",
    "services_check_crew": "a trigger: refuses an order that is not whole",
    "services_check_dispatch": "a trigger: refuses an order that is not whole",
    "services_check_order": "a trigger: refuses an order that is not whole",
    "place_kept": "a trigger: refuses to delete a place in use",
    "visits_ensure_month": "makes a partition",
    "visits_family_week": "one link's person, by its secret digest, as far as consent goes",
    "visits_follow": "says the area rule",
    "visits_record": "says the area rule",
    "visits_recount": "sets what follows from the facts",
    "visits_short_on": "says the area rule",
    "app_family_files": "the files of one link's person, by its secret digest; NULL for everybody else",
    "app_family_person": "one link's person, by its secret digest; NULL for everybody else",
    "services_family_orders": "one link's person, by its secret digest, as far as consent goes",
    "meals_family_week": "one link's person, by its secret digest, as far as consent goes",
    "evidence_family_complaints": "one link's own complaints, by its secret digest",
}


def rows(sql, params=()):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else []


def scoped_tables() -> list[str]:
    """Tables with a village, without partitions."""
    return [
        name
        for (name,) in rows(
            "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'village_id' "
            "WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace ORDER BY 1"
        )
    ]


def person_tables() -> list[str]:
    """Tables that belong to a person and have no village of their own."""
    return [
        name
        for (name,) in rows(
            "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'person_id' "
            "WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace ORDER BY 1"
        )
        if name not in scoped_tables()
    ]


def refused(sql, params=()):
    """The statement must fail, or touch nothing."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, params)
            assert cursor.rowcount <= 0, f"{sql} touched {cursor.rowcount} rows"
    except REFUSED:
        return


@pytest.mark.parametrize(("role", "code"), POSTS)
def test_every_table_ends_at_the_area(realm, role, code):
    inside = {realm[v].pk for v in realm.inside(code)}
    filled = 0
    with access.acting_as(w.post(role, realm[code])):
        for table in scoped_tables():
            found = {pk for (pk,) in rows(f"SELECT DISTINCT village_id FROM {table}") if pk is not None}
            assert found <= inside, f"{table}: {found - inside}"
            filled += found == inside
        for table in person_tables():
            outside = rows(
                f"SELECT count(*) FROM {table} t LEFT JOIN people_person p ON p.id = t.person_id WHERE p.id IS NULL"
            )
            assert outside == [(0,)], table
        assert rows(
            "SELECT count(*) FROM visits_escalationstep s LEFT JOIN visits_escalation e ON e.id = s.escalation_id WHERE e.id IS NULL"
        ) == [(0,)]
    assert filled >= 10, "the realm furnishes the tables, or this test would prove nothing"


def test_without_a_context_every_table_is_empty(realm):
    for setting in (None, "", "{}"):
        if setting is not None:
            rows("SELECT set_config('app.areas', %s, true)", [setting])
        for table in [*scoped_tables(), *person_tables()]:
            assert rows(f"SELECT count(*) FROM {table}") == [(0,)], table


def test_an_administrator_reads_no_person(realm):
    for role in ("system_admin", "security_admin", "audit_admin"):
        with access.acting_as(w.post(role, realm["990000"])):
            for table in [*scoped_tables(), *person_tables()]:
                assert rows(f"SELECT count(*) FROM {table}") == [(0,)], table


def test_nothing_outside_is_changed_or_carried_over(realm):
    own, other = realm.villages[w.OWN], realm.villages[w.OTHER_CITY]
    with access.acting_as(w.post("clerk", realm["990101"])):
        for table in scoped_tables():
            refused(f"UPDATE {table} SET village_id = village_id WHERE village_id = %s", [other.place.pk])
            refused(f"DELETE FROM {table} WHERE village_id = %s", [other.place.pk])
        for table in person_tables():
            refused(f"DELETE FROM {table} WHERE person_id = %s", [other.person.pk])
        moved = "UPDATE people_person SET village_id = %s, town_id = %s, county_id = %s, city_id = %s WHERE id = %s"
        areas = list(other.place.areas().values())
        with pytest.raises(REFUSED), transaction.atomic():
            rows(moved, [*areas, own.person.pk])
        with pytest.raises((*REFUSED, IntegrityError)), transaction.atomic():
            rows(
                "INSERT INTO people_contact (person_id, name, relation, priority, lives_near) VALUES (%s, 'x', 'son', 1, false)",
                [other.person.pk],
            )


def test_a_row_cannot_be_smuggled_in_by_half(realm):
    """Area columns of somebody else's village with one's own in another column: the row would belong to two."""
    own, other = (list(realm[code].areas().values()) for code in (w.OWN, w.OTHER_CITY))
    made = "INSERT INTO people_household (village_id, town_id, county_id, city_id) VALUES (%s, %s, %s, %s)"
    with access.acting_as(w.post("township_worker", realm["990101001"])):
        rows(made, own)
        for place in range(4):
            for mixed in (
                other[:place] + own[place : place + 1] + other[place + 1 :],
                own[:place] + other[place : place + 1] + own[place + 1 :],
            ):
                with pytest.raises(REFUSED), transaction.atomic():
                    rows(made, mixed)


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE people_person DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE people_person NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY area_read ON people_person",
        "CREATE POLICY mine ON people_person USING (true)",
        "ALTER TABLE core_audit DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "SET ROLE songhe_owner",
        "SET SESSION AUTHORIZATION songhe_owner",
        "ALTER ROLE CURRENT_USER BYPASSRLS",
        "ALTER ROLE CURRENT_USER SUPERUSER",
        "CREATE FUNCTION peep() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM people_person'",
        "CREATE TABLE mine (x int)",
        "CREATE EXTENSION dblink",
        "INSERT INTO core_audit (at, user_id, post_id, verb, subject, detail, chain, prev, hash) "
        "VALUES (now(), 1, 1, 'x', 'x', '{}', 0, '', '')",
        "UPDATE core_audit SET verb = 'x'",
        "DELETE FROM core_audit",
        "TRUNCATE core_audit",
        "UPDATE core_audit_head SET rows = 0",
        "INSERT INTO django_migrations (app, name, applied) VALUES ('x', 'x', now())",
        "TRUNCATE people_person",
        "COPY people_person TO '/tmp/people'",
        "SELECT * FROM pg_authid",
        "SELECT pg_read_file('/etc/passwd')",
        "UPDATE visits_visit SET outcome = 'well'",
        "DELETE FROM visits_visit",
    ],
)
def test_the_app_cannot_lift_the_rules(realm, sql):
    with access.acting_as(w.post("leader", realm["990000"])), pytest.raises(REFUSED), transaction.atomic():
        rows(sql)


def test_row_security_off_is_an_error_not_a_way_in(realm):
    rows("SET LOCAL row_security = off")
    with pytest.raises(REFUSED, match="row-level security"), transaction.atomic():
        rows("SELECT count(*) FROM people_person")


def test_partitions_are_reached_through_their_parent_only(realm):
    (name,) = rows(
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'visits_visit'::regclass LIMIT 1"
    )[0]
    for sql in (f"SELECT count(*) FROM {name}", f"DELETE FROM {name}"):
        with acting.everywhere(), pytest.raises(REFUSED), transaction.atomic():
            rows(sql)


def test_statistics_tell_nothing(realm):
    assert rows("SELECT count(*) FROM pg_stats WHERE tablename LIKE 'people%%' OR tablename LIKE 'visits%%'") == [(0,)]


def test_the_audit_is_read_by_audit_posts_only(realm):
    with access.acting_as(w.post("leader", realm["990000"])):
        assert rows("SELECT count(*) FROM core_audit") == [(0,)]
    with access.acting_as(w.post("audit_admin", realm["990000"])):
        assert rows("SELECT count(*) FROM core_audit")[0][0] > 0


@pytest.fixture
def definers(db):
    return dict(
        rows(
            "SELECT proname, coalesce(array_to_string(proconfig, ' '), '') FROM pg_proc "
            "WHERE prosecdef AND pronamespace = 'public'::regnamespace"
        )
    )


def test_owners_functions(definers):
    """A new SECURITY DEFINER function is a way round every policy: it is looked at, and then entered above."""
    mine = {name for name in definers if not name.startswith(("pgtrigger_", "procrastinate_"))}
    assert mine == set(OWNERS), "look at it, say the area rule in it, and enter it in OWNERS"
    for name in mine:
        assert "search_path" in definers[name], f"{name} could be led astray by search_path"


def test_owners_functions_show_nothing_outside(realm):
    """Called from inside one village with what belongs to another."""
    other = realm.villages[w.OTHER_CITY]
    with acting.everywhere():
        duties = [pk for (pk,) in rows("SELECT id FROM duties_duty WHERE village_id = %s", [other.place.pk])]
        before = rows(
            "SELECT md5(string_agg(d::text, '' ORDER BY id)) FROM duties_duty d WHERE village_id = %s", [other.place.pk]
        )
        open_before = rows("SELECT count(*) FROM visits_referral")
    assert duties
    with access.acting_as(w.post("helper", realm[w.OWN])):
        assert rows("SELECT * FROM people_find(%s, '', 0, 100)", ["'n:阚'"]) != []
        assert rows("SELECT f.id FROM people_find(%s, 'village_id', %s, 100) f", ["'n:阚'", other.place.pk]) == []
        assert rows("SELECT f.id FROM people_find(%s, 'city_id', %s, 100) f", ["'n:阚'", other.place.city_id]) == []
        assert rows("SELECT * FROM visits_short_on(%s, current_date)", [duties]) == []
        sent = f'[{{"uuid": "7d7c3c60-9b2e-4d8e-9f3e-0123456789ab", "person": {other.person.pk}, "mode": "call", "outcome": "needs", "occurred_at": "2026-11-20T09:00:00+08:00", "needs": ["bath"], "made_by": 1, "channel": "api"}}]'  # fmt: skip
        assert [row[1:] for row in rows("SELECT * FROM visits_record(%s, true)", [sent])] == [
            (None, other.person.pk, "unknown")
        ]
        rows(
            "SELECT visits_follow(%s, ARRAY['7d7c3c60-9b2e-4d8e-9f3e-0123456789ab'::uuid], ARRAY[%s::bigint])",
            [sent, other.visit.id],
        )
        for verb in ("duties_settle", "duties_raise", "visits_recount"):
            rows(f"SELECT {verb}(%s)", [duties])
    with acting.everywhere():
        assert (
            rows(
                "SELECT md5(string_agg(d::text, '' ORDER BY id)) FROM duties_duty d WHERE village_id = %s",
                [other.place.pk],
            )
            == before
        )
        assert rows("SELECT count(*) FROM visits_referral") == open_before

"""Two at the same moment: the same number gives one row, the same period opens once, no visit is lost while it opens.

Other tests undo their one transaction; here rows must be committed to be seen by the other side, so they are taken out
again by the tables' owner.
"""

import threading

import pytest

from songhe.care.duties import actions as duties
from songhe.care.duties.models import Duty, Opening, Tally
from songhe.care.visits import actions as visits
from songhe.care.visits.models import Visit
from songhe.core.acting import everywhere
from songhe.registry.accounts.access import acting_as
from tests.care.county import County, row

_EMPTY = "SELECT c.relname FROM pg_class c WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace"


@pytest.fixture
def committed(django_db_setup, django_db_blocker):
    """A county that is really there, and is taken out afterwards."""
    from django.db import connections

    with django_db_blocker.unblock():
        with connections["owner"].cursor() as cursor:
            cursor.execute(_EMPTY)
            tables = [name for (name,) in cursor.fetchall()]
            empty = []
            for name in tables:
                cursor.execute(f'SELECT NOT EXISTS (SELECT 1 FROM "{name}")')
                empty += [name] if cursor.fetchone()[0] and name != "core_audit" else []
            cursor.execute("SELECT coalesce(max(id), 0) FROM core_audit")
            audited = cursor.fetchone()[0]
            cursor.execute("CREATE TABLE kept_heads AS TABLE core_audit_head")
        try:
            with everywhere():
                county = County()
                duties.sync_rules(by=0)
            yield county
        finally:
            with connections["owner"].cursor() as cursor:
                cursor.execute("TRUNCATE " + ", ".join(f'"{name}"' for name in empty))
                cursor.execute("ALTER TABLE core_audit DISABLE TRIGGER audit_append_only")
                cursor.execute("DELETE FROM core_audit WHERE id > %s", [audited])
                cursor.execute("ALTER TABLE core_audit ENABLE TRIGGER audit_append_only")
                cursor.execute("DELETE FROM core_audit_head")
                cursor.execute("INSERT INTO core_audit_head TABLE kept_heads")
                cursor.execute("DROP TABLE kept_heads")
            connections["owner"].close()


def _together(*verbs):
    """Run each in a thread with its own connection, all starting at once; returns results or errors."""
    from django.db import connections

    start, out = threading.Barrier(len(verbs)), [None] * len(verbs)

    def run(at, verb):
        try:
            start.wait(30)
            out[at] = verb()
        except Exception as error:
            out[at] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(verbs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return out


def test_the_same_number_twice_at_once(committed):
    helper, sent = committed.helpers[0], row(committed.people[0])

    def send():
        with acting_as(helper):
            return visits.record([sent], by=helper.user, post=helper, channel="phone")[0]

    for _ in range(3):
        answers = _together(send, send, send)
        assert len({answer.visit_id for answer in answers}) == 1
    with everywhere():
        assert Visit.objects.count() == 1


def test_a_period_opened_twice_while_visits_come_in(committed, week):
    helpers = committed.helpers

    def open_it():
        with everywhere():
            return duties.open_period(place=committed.place, rule="visiting", period=week, by=0).pk

    def visit(n):
        helper, person = helpers[n % 4], committed.people[n % 4]

        def send():
            for _ in range(4):
                with acting_as(helper):
                    visits.record(
                        [row(person, "call"), row(person, "home_visit")], by=helper.user, post=helper, channel="phone"
                    )

        return send

    results = _together(open_it, visit(0), visit(1), open_it, visit(2), visit(3))
    assert [error for error in results if isinstance(error, Exception)] == []
    with everywhere():
        done = dict(Duty.objects.values_list("person", "calls_done"))
        assert [done[person.pk] for person in committed.people[:4]] == [4, 4, 4, 4]
        assert (Opening.objects.count(), len(done), sum(Tally.objects.values_list("kept", flat=True))) == (1, 8, 4)


def test_two_amend_the_same_record_at_once(committed, week):
    helper, person = committed.helpers[0], committed.people[0]
    with everywhere():
        duties.open_period(place=committed.place, rule="visiting", period=week, by=0)
    with acting_as(helper):
        (first,) = visits.record([row(person)], by=helper.user, post=helper, channel="phone")
        record = Visit.objects.get(id=first.visit_id)

    def amend(mode):
        def change():
            with acting_as(helper):
                return visits.amend(
                    visit=record, changes={"mode": mode}, reason="更正", by=helper.user, post=helper
                ).result

        return change

    results = _together(amend("video"), amend("home_visit"))
    assert sorted(str(getattr(result, "code", result)) for result in results) == ["already_amended", "new"]
    with everywhere():
        duty = Duty.objects.get(person=person)
        assert (Visit.objects.count(), duty.calls_done + duty.visits_done) == (2, 1)

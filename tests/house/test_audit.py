"""The chain: whole after a day's work; a changed row, a cut row and a missing tail are found; nobody writes beside it."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.db import connection, transaction

from songhe.core import acting, audit
from tests.conftest import as_owner

pytestmark = pytest.mark.django_db(transaction=True)


def _note(count=5):
    with acting.acting([], user_id=1, post_id=2):
        return [audit.note("people.read", "person", n, area_id=7, page="test", text="李“x”\\") for n in range(count)]


def _verify():
    with acting.acting([], sees_audit="yes"):
        return audit.verify()


def _tamper(sql):
    as_owner(f"ALTER TABLE core_audit DISABLE TRIGGER USER; {sql}; ALTER TABLE core_audit ENABLE TRIGGER USER")


def test_whole_after_work():
    ids = _note()
    assert ids == sorted(ids)
    verdict = _verify()
    assert (verdict.rows, verdict.broken) == (5, [])


def test_whole_when_written_from_many_connections():
    gate = threading.Barrier(6)

    def work(_n):
        gate.wait()
        try:
            for _ in range(10):
                _note(2)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    verdict = _verify()
    assert (verdict.rows, verdict.broken) == (120, [])


def test_nobody_waits_for_another_transactions_chain():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid() % 64")
        (own,) = cursor.fetchone()
    database = connection.settings_dict["NAME"]
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], dbname=database) as other:
        other.execute("SELECT 1 FROM core_audit_head WHERE chain = %s FOR UPDATE", [own])
        with acting.acting([], user_id=1, sees_audit="yes"), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '2s'")
            for number in range(2):
                audit.note("people.read", "person", number)
            cursor.execute("SELECT DISTINCT chain FROM core_audit")
            assert cursor.fetchall() == [((own + 1) % 64,)]
        other.rollback()
    verdict = _verify()
    assert (verdict.rows, verdict.broken) == (2, [])


def test_what_is_rolled_back_leaves_no_gap():
    _note(2)
    with pytest.raises(ZeroDivisionError), transaction.atomic():  # noqa: PT012
        _note(3)
        raise ZeroDivisionError
    _note(2)
    verdict = _verify()
    assert (verdict.rows, verdict.broken) == (4, [])


@pytest.mark.parametrize(
    "change",
    [
        "verb = 'people.write'", "subject_id = 99", "user_id = 9", "post_id = 9", "area_id = 9", "area_id = NULL",
        "at = at + interval '1 microsecond'", "detail = detail || '{\"page\": \"other\"}'", "subject = 'visit'",
    ],
)  # fmt: skip
def test_a_changed_row_is_found(change):
    ids = _note()
    _tamper(f"UPDATE core_audit SET {change} WHERE id = {ids[2]}")
    assert (ids[2], "changed") in [(pk, what) for _chain, pk, what in _verify().broken]


def test_a_changed_row_with_its_hash_made_anew_is_found_at_the_next():
    ids = _note()
    _tamper(
        f"UPDATE core_audit SET verb = 'x' WHERE id = {ids[2]}; UPDATE core_audit SET hash = sha256(prev || "
        f"audit_text(id, at, user_id, post_id, verb, subject, subject_id, area_id, detail)) WHERE id = {ids[2]}"
    )
    assert [(pk, what) for _chain, pk, what in _verify().broken] == [(ids[3], "link")]


def test_a_cut_row_is_found():
    ids = _note()
    _tamper(f"DELETE FROM core_audit WHERE id = {ids[2]}")
    assert {what for _chain, _pk, what in _verify().broken} == {"link", "head"}


@pytest.mark.parametrize("kept", [0, 1, 4])
def test_a_missing_tail_is_found(kept):
    ids = _note()
    _tamper(f"DELETE FROM core_audit WHERE id >= {ids[0] + kept}")
    assert [what for _chain, _pk, what in _verify().broken] == ["head"]


def test_a_first_row_cut_off_is_found():
    ids = _note()
    _tamper(f"DELETE FROM core_audit WHERE id = {ids[0]}")
    assert (ids[1], "link") in [(pk, what) for _chain, pk, what in _verify().broken]


def test_a_row_put_in_is_found():
    ids = _note()
    _tamper(
        "INSERT INTO core_audit (at, user_id, post_id, verb, subject, detail, chain, prev, hash) "
        f"SELECT now(), 1, 1, 'x', 'x', '{{}}', chain, hash, hash FROM core_audit WHERE id = {ids[4]}"
    )
    assert {"changed", "head"} <= {what for _chain, _pk, what in _verify().broken}


def test_a_chain_made_anew_is_told_by_the_anchor():
    """Whoever owns the database can write all hashes again; the line kept elsewhere no longer fits."""
    ids = _note()
    with acting.acting([], sees_audit="yes"):
        kept = audit.anchor()
    _tamper(f"DELETE FROM core_audit WHERE id >= {ids[3]}")
    as_owner(
        "UPDATE core_audit_head h SET rows = 3, last_id = a.id, hash = a.hash FROM core_audit a "
        f"WHERE a.id = {ids[2]} AND h.chain = a.chain"
    )
    assert _verify().broken == []
    with acting.acting([], sees_audit="yes"):
        assert audit.anchor() != kept


def test_even_the_owner_is_refused_without_lifting_the_guard():
    import psycopg

    _note()
    for sql in ("UPDATE core_audit SET verb = 'x'", "DELETE FROM core_audit", "TRUNCATE core_audit"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            as_owner(sql)

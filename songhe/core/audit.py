"""The audit chain: one row for each act or read, hash-chained by the database, verified from here."""

from dataclasses import dataclass
from datetime import date

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.utils import CursorWrapper
from psycopg.types.json import Jsonb


def note(
    verb: str,
    subject: str,
    subject_id: int | None = None,
    *,
    area_id: int | None = None,
    using: str = DEFAULT_DB_ALIAS,
    **detail,
) -> int:
    """Append one audit row inside the running transaction; returns its id. Put no personal value into `detail`."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT audit_add(%s, %s, %s, %s, %s)", [verb, subject, subject_id, area_id, Jsonb(detail)])
        return cursor.fetchone()[0]


def events(
    *, verb: str = "", user_id: int | None = None, day: date | None = None, before: int | None = None, size: int = 100
):
    """The newest audit rows that fit; empty for whoever may not read the audit (row-level security)."""
    from songhe.core.models import AuditEvent

    rows = AuditEvent.objects.order_by("-id")
    if verb:
        rows = rows.filter(verb__startswith=verb)
    if user_id is not None:
        rows = rows.filter(user_id=user_id)
    if day is not None:
        rows = rows.filter(at__date=day)
    if before is not None:
        rows = rows.filter(id__lt=before)
    return list(rows[:size])


@dataclass(frozen=True)
class Verdict:
    """`rows` checked; `broken` lists (chain, row id, what is wrong)."""

    rows: int
    broken: list[tuple[int, int, str]]


_CHECK = """
WITH linked AS (
    SELECT id, chain, prev, hash,
           lag(hash) OVER (PARTITION BY chain ORDER BY id) AS before,
           sha256(prev || audit_text(id, at, user_id, post_id, verb, subject, subject_id, area_id, detail)) AS again
    FROM core_audit)
SELECT chain, id, CASE WHEN again <> hash THEN 'changed' ELSE 'link' END FROM linked
WHERE again <> hash
   OR prev <> coalesce(before, sha256(convert_to('songhe audit chain ' || chain, 'UTF8')))
ORDER BY chain, id LIMIT 100
"""
_HEADS = """
SELECT h.chain, h.last_id, 'head' FROM core_audit_head h
LEFT JOIN LATERAL (SELECT a.id, a.hash FROM core_audit a WHERE a.chain = h.chain ORDER BY a.id DESC LIMIT 1) t ON true
WHERE (h.rows > 0 AND (t.id IS DISTINCT FROM h.last_id OR t.hash <> h.hash)) OR (h.rows = 0 AND t.id IS NOT NULL)
   OR h.rows <> (SELECT count(*) FROM core_audit a WHERE a.chain = h.chain)
"""


def _rows(cursor: CursorWrapper, sql: str) -> list[tuple]:
    cursor.execute(sql)
    return cursor.fetchall()


def verify(using: str = DEFAULT_DB_ALIAS) -> Verdict:
    """Walk every chain again: changed rows, cut links, missing tails. Needs the right to read the audit."""
    with connections[using].cursor() as cursor:
        broken = _rows(cursor, _CHECK) + _rows(cursor, _HEADS)
        return Verdict(rows=_rows(cursor, "SELECT count(*) FROM core_audit")[0][0], broken=broken)


def anchor(using: str = DEFAULT_DB_ALIAS) -> str:
    """One line to keep outside the machine (a notice board, a superior's mail): a digest of all chain heads."""
    with connections[using].cursor() as cursor:
        return _rows(
            cursor,
            "SELECT encode(sha256(string_agg(hash, ''::bytea ORDER BY chain)), 'hex') || ' ' || sum(rows) "
            "FROM core_audit_head",
        )[0][0]

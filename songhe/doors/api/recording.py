"""One visit from a machine in one round trip: the token is asked again, the post's areas are set, the fact is kept.

One statement is one transaction, so what `set_config` sets ends with it. The fact, its tally, the receipt of its UUID and
the audit row are inside; the arithmetic is `care.visits.rules`, the same as for every other way in.
"""

import json
from uuid import UUID

from django.db import OperationalError, connection, transaction
from django.utils import timezone
from psycopg import Cursor

from songhe.care.duties.definitions import follow_up
from songhe.care.visits import rules
from songhe.core.problem import Problem
from songhe.doors.api.keys import Held

# The join is the token's life: an end or a change of token, post or account shows on the very next call.
STATEMENT = """
WITH alive AS MATERIALIZED (
    SELECT set_config('app.areas', %(areas)s, true) || set_config('app.user', %(user)s, true)
           || set_config('app.post', %(post)s, true) || set_config('app.sees_audit', '', true) AS acting
    FROM accounts_token t JOIN accounts_post p ON p.id = t.post_id JOIN accounts_user u ON u.id = p.user_id
    WHERE t.id = %(token)s AND t.revoked_at IS NULL AND t.expires_at > now() AND u.is_active
      AND p.role = %(role)s AND p.place_id = %(place)s
      AND p.valid_from <= %(on)s AND (p.valid_to IS NULL OR p.valid_to > %(on)s))
SELECT v.client_uuid, v.visit_id, v.person_id, v.result
FROM alive CROSS JOIN LATERAL visits_record(CASE WHEN alive.acting <> '' THEN %(rows)s::jsonb END, true) v
"""
Kept = tuple[UUID, int, int, str]  # uuid, visit id, person id, new | same | clash | unknown


class Died(Exception):
    """The token, its post or its account ended since it was last read."""


def checked(raw: dict) -> tuple[rules.Row | None, list[Problem]]:
    """The record as every door reads it, or what is wrong with it."""
    limits = rules.Limits(follow_up().back_days, follow_up().ahead_minutes)
    return rules.clean(raw, now=timezone.now(), limits=limits)


def keep(held: Held, row: rules.Row) -> Kept:
    """Raises Died when the token no longer lives. Sent once more when the connection was broken: the UUID makes that safe."""
    values = _values(held, row)
    if connection.in_atomic_block:  # inside somebody's transaction the settings would outlive the statement
        with transaction.atomic():
            found = _ask(values)
            _unset()
    else:
        try:
            found = _ask(values)
        except OperationalError:
            connection.close()
            found = _ask(values)
    if found is None:
        raise Died
    return found


def _values(held: Held, row: rules.Row) -> dict:
    sent = {
        "uuid": str(row.uuid), "person": row.person, "mode": row.mode, "outcome": row.outcome,
        "occurred_at": row.occurred_at.isoformat(), "made_by": held.post.user_id, "channel": "api", "needs": row.needs,
        "note": row.note, "client_at": row.client_at.isoformat() if row.client_at else None,
    }  # fmt: skip
    return {
        "areas": held.areas, "user": str(held.post.user_id), "post": str(held.post.pk), "token": held.token_id,
        "role": held.post.role, "place": held.post.place_id, "on": timezone.localdate(),
        "rows": json.dumps([sent], ensure_ascii=False),
    }  # fmt: skip


def _ask(values: dict) -> Kept | None:
    connection.health_check_done = True  # a broken connection is found, and mended, by the statement itself
    connection.ensure_connection()
    with connection.wrap_database_errors, Cursor(connection.connection) as cursor:  # not Django's: prepared once
        cursor.execute(STATEMENT, values, prepare=True)
        return cursor.fetchone()


def _unset() -> None:
    with connection.cursor() as cursor:  # unscoped: takes the areas away
        cursor.execute("SELECT set_config('app.areas', '', true), set_config('app.user', '', true)")

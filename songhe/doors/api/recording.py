"""Visits from a machine in one round trip: the token is asked again, the post's areas are set, the facts are kept.

One statement is one transaction, so what `set_config` sets ends with it. The facts, their tally, the receipts of their
UUIDs and the audit row are inside; what a record must be is said by `care.visits`, as for every other way in.
"""

import json
from collections.abc import Callable, Iterable
from functools import wraps
from uuid import UUID

from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja.errors import AuthenticationError
from psycopg import Cursor

from songhe.care.visits import actions
from songhe.care.visits.actions import Answer
from songhe.care.visits.actions.record import told
from songhe.doors.api import keys
from songhe.doors.api.frame import refuse_unknown
from songhe.doors.api.keys import Held
from songhe.registry.accounts.access import require

# The join is the token's life: an end or a change of token, post or account shows on the very next call.
STATEMENT = """
WITH alive AS MATERIALIZED (
    SELECT set_config('app.areas', %(areas)s, true) || set_config('app.user', %(user)s, true)
           || set_config('app.post', %(post)s, true) || set_config('app.sees_audit', '', true) AS acting
    FROM accounts_token t JOIN accounts_post p ON p.id = t.post_id JOIN accounts_user u ON u.id = p.user_id
    WHERE t.id = %(token)s AND t.revoked_at IS NULL AND t.expires_at > clock_timestamp() AND u.is_active
      AND p.role = %(role)s AND p.place_id = %(place)s
      AND p.valid_from <= %(on)s AND (p.valid_to IS NULL OR p.valid_to > %(on)s))
SELECT v.client_uuid, v.visit_id, v.person_id, v.result
FROM alive CROSS JOIN LATERAL visits_record(CASE WHEN alive.acting <> '' THEN %(rows)s::jsonb END, true) v
"""


class Died(Exception):
    """The token, its post or its account ended since it was last read."""


def quick_door(view: Callable) -> Callable:
    """Guards an operation that records: as `frame.door`, but the context is set by the one statement that writes."""

    @wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        refuse_unknown(request, guarded)
        require(request.auth.post, "visits.record")
        try:
            return view(request, *args, **kwargs)
        except Died:
            keys.forget(request.headers["Authorization"].partition(" ")[2])
            raise AuthenticationError from None

    guarded.door = "visits.record"  # type: ignore[attr-defined]
    return guarded


def record(held: Held, rows: Iterable[dict]) -> list[Answer]:
    """What became of each row, in the order sent; a wrong one refuses only itself. Raises Died."""

    def through(sent: list[dict], *, partial: bool) -> dict[UUID, Answer]:
        return told(_sent(held, json.dumps(sent, ensure_ascii=False)))

    return actions.record(rows, by=held.post.user_id, post=held.post, channel="api", partial="rows", through=through)


def _sent(held: Held, rows: str) -> list[tuple]:
    """Sent once more when the connection was broken: the UUIDs make that safe."""
    values = {
        "areas": held.areas, "user": str(held.post.user_id), "post": str(held.post.pk), "token": held.token_id,
        "role": held.post.role, "place": held.post.place_id, "on": timezone.localdate(), "rows": rows,
    }  # fmt: skip
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
    if not found:
        raise Died
    return found


def _ask(values: dict) -> list[tuple]:
    connection.health_check_done = True  # a broken connection is found, and mended, by the statement itself
    connection.ensure_connection()
    with connection.wrap_database_errors, Cursor(connection.connection) as cursor:  # not Django's: prepared once
        cursor.execute(STATEMENT, values, prepare=True)
        return cursor.fetchall()


def _unset() -> None:
    with connection.cursor() as cursor:  # unscoped: takes the areas away
        cursor.execute("SELECT set_config('app.areas', '', true), set_config('app.user', '', true)")

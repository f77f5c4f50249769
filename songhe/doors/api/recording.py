"""Visits from a machine in one round trip: the token is asked again, the post's areas are set, the facts are kept.

One statement is one transaction, so what `set_config` sets ends with it; row-level security, the tally, the receipt of
the UUID and the audit row are all inside. Anything slower goes through `care.visits.actions`.
"""

from django.db import OperationalError, connection, transaction
from django.utils import timezone

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
FROM alive CROSS JOIN LATERAL visits_record(CASE WHEN alive.acting <> '' THEN %(rows)s::jsonb END) v
"""


def record(held: Held, rows: bytes) -> list[tuple] | None:
    """(uuid, visit id, person id, new | same | clash | unknown) for each row of a JSON array; None when the token has died.

    Sent once more when the connection turns out to be broken: the UUIDs make that safe.
    """
    values = {
        "areas": held.areas,
        "user": str(held.post.user_id),
        "post": str(held.post.pk),
        "token": held.token_id,
        "role": held.post.role,
        "place": held.post.place_id,
        "on": timezone.localdate(),
        "rows": rows.decode(),
    }
    if connection.in_atomic_block:  # inside somebody's transaction the settings would outlive the statement
        with transaction.atomic():
            return _one(values, outlive=True)
    try:
        return _one(values)
    except OperationalError:
        connection.close()
        return _one(values)


def _one(values: dict, outlive: bool = False) -> list[tuple] | None:
    connection.health_check_done = True  # a broken connection is found, and mended, by the statement itself
    with connection.cursor() as cursor:  # unscoped: the statement sets the post's areas itself
        cursor.execute(STATEMENT, values)
        rows = cursor.fetchall()
        if outlive:
            cursor.execute("SELECT set_config('app.areas', '', true), set_config('app.user', '', true)")
    return rows or None

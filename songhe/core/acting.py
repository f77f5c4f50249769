"""Who acts and on which areas: one transaction-local context that PostgreSQL's policies and the audit chain read."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connections, transaction

EVERYWHERE = (0,)  # the area id of the system's own jobs
_NAMES = ("app.areas", "app.user", "app.post", "app.sees_audit")


def _set(cursor, values) -> None:
    cursor.execute(
        "SELECT " + ", ".join("set_config(%s, %s, true)" for _ in _NAMES),
        [part for pair in zip(_NAMES, values, strict=True) for part in pair],
    )


@contextmanager
def acting(
    areas: Iterable[int], *, user_id: int = 0, post_id: int = 0, sees_audit: str = "", using: str = DEFAULT_DB_ALIAS
) -> Iterator[None]:
    """Run one transaction with these area ids, restoring the outer context at the end.

    Without it every scoped table is empty. `areas` are Place ids (not their descendants); `EVERYWHERE` is for jobs.
    """
    connection = connections[using]
    values = ("{" + ",".join(str(int(area)) for area in areas) + "}", str(user_id), str(post_id), sees_audit)
    nested = connection.in_atomic_block
    with transaction.atomic(using=using):
        with connection.cursor() as cursor:
            before = None
            if nested:
                cursor.execute("SELECT " + ", ".join(f"current_setting('{name}', true)" for name in _NAMES))
                before = [value or "" for value in cursor.fetchone()]
            _set(cursor, values)
        yield
        if before is not None and not connection.needs_rollback:
            with connection.cursor() as cursor:
                _set(cursor, before)


@contextmanager
def everywhere(*, user_id: int = 0, post_id: int = 0, using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """The system's own work (imports from the command line, opening a period, the demo): all areas, still audited."""
    with acting(EVERYWHERE, user_id=user_id, post_id=post_id, using=using):
        yield

"""Calls a minute for each token, counted in PostgreSQL for all serving processes together.

Counting every call there would make callers of one token queue behind one row. So a process takes a lease of some
calls, spends it alone, and takes the next. What it has not spent lapses with the minute.
"""

import threading
import time

from django.conf import settings
from django.db import connection

from songhe.doors.api.errors import TooMany

SHARE = 100  # a lease is this part of the limit


def limit() -> int:
    """Calls a minute that each token has (SONGHE_API_PER_MINUTE)."""
    return settings.API_CALLS_A_MINUTE


_left: dict[int, tuple[int, int]] = {}  # token → (minute, calls left of the lease)
_lock = threading.Lock()


def spend(token_id: int, now: float | None = None) -> None:
    """Count one call. Raises TooMany when this minute's calls are used up by all processes together."""
    now = time.time() if now is None else now
    minute = int(now) // 60
    with _lock:
        at, left = _left.get(token_id, (minute, 0))
        if at == minute and left > 0:
            _left[token_id] = (minute, left - 1)
            return
    granted = _lease(token_id, max(1, limit() // SHARE))
    if granted < 1:
        raise TooMany(60 - int(now) % 60)
    with _lock:
        if len(_left) > 10_000:
            _left.clear()
        at, left = _left.get(token_id, (minute, 0))
        _left[token_id] = (minute, (left if at == minute else 0) + granted - 1)


def _lease(token_id: int, wanted: int) -> int:
    """How many of the wanted calls this minute still has."""
    return count(token_id, limit(), wanted)


def count(caller: int, most: int, wanted: int = 1) -> int:
    """How many of the wanted calls a caller still has this minute, of `most` (gateways count below zero)."""
    with connection.cursor() as cursor:  # unscoped: counts calls, holds nothing of anybody
        cursor.execute("SELECT api_spend(%s, %s, %s)", [caller, wanted, most])
        return cursor.fetchone()[0]

"""`Idempotency-Key`: a POST that is sent again is answered again and does nothing twice.

The key belongs to the post. It is taken in the transaction that does the work: when the work fails, the key is free again;
a second caller with the same key waits for the first and gets its answer.
"""

import hashlib
import re
from collections.abc import Callable
from functools import wraps

from django.db import connection
from django.http import HttpRequest, HttpResponse

from songhe.doors.api import errors, reasons
from songhe.doors.api.shapes import to_json

_SHAPE = re.compile(r"[\x21-\x7e]{1,80}")
KEEP_DAYS = 7


def once(view: Callable) -> Callable:
    """For an operation inside `door`: it returns (status, dict); the answer is kept under the key."""

    @wraps(view)
    def answered(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        key = request.headers.get("Idempotency-Key", "")
        if not _SHAPE.fullmatch(key):
            return errors.invalid([("Idempotency-Key", reasons.KEY_MISSING)])
        asked = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode() + request.body).digest()
        post = request.auth.post
        if not _take(post.pk, key, asked):
            return _again(post.pk, key, asked)
        status, body = view(request, *args, **kwargs)
        text = to_json(body).decode()
        _keep(post.pk, key, status, text)
        return _response(status, text)

    return answered


def _response(status: int, text: str) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="application/json; charset=utf-8")


def _take(post_id: int, key: str, asked: bytes) -> bool:
    with connection.cursor() as cursor:  # unscoped: the post's own replies, by their policy
        cursor.execute("DELETE FROM api_reply WHERE at < now() - make_interval(days => %s)", [KEEP_DAYS])
        cursor.execute(
            "INSERT INTO api_reply (post_id, key, asked) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            [post_id, key, asked],
        )
        return cursor.rowcount == 1


def _again(post_id: int, key: str, asked: bytes) -> HttpResponse:
    with connection.cursor() as cursor:  # unscoped: the post's own replies, by their policy
        cursor.execute("SELECT asked, status, body FROM api_reply WHERE post_id = %s AND key = %s", [post_id, key])
        before, status, text = cursor.fetchone()
    if bytes(before) != asked:
        return errors.plain(409, reasons.KEY_REUSED, field="Idempotency-Key")
    response = _response(status, text)
    response["Idempotency-Replayed"] = "true"
    return response


def _keep(post_id: int, key: str, status: int, text: str) -> None:
    with connection.cursor() as cursor:  # unscoped: the post's own replies, by their policy
        cursor.execute(
            "UPDATE api_reply SET status = %s, body = %s WHERE post_id = %s AND key = %s", [status, text, post_id, key]
        )

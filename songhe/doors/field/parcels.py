"""A parcel from a telephone: is it one at all, whose is it, and what became of each row."""

import json
import uuid
from collections import defaultdict

from django.http import HttpRequest

from songhe.core.refusal import Refusal
from songhe.doors.field import kinds
from songhe.registry.accounts import access

MOST_ROWS = 500


class TooMany(Exception):
    """More rows than one parcel may hold."""


class NotYours(Exception):
    """The records belong to another account than the one signed in."""


def opened(request: HttpRequest) -> list[dict]:
    """The rows of a parcel: [{"uuid", "kind", "post", "body"}]. Raises Refusal, TooMany, NotYours."""
    try:
        parcel = json.loads(request.body)
        rows = parcel["rows"]
        fit = isinstance(rows, list) and all(_is_row(row) for row in rows)
    except (ValueError, KeyError, TypeError):
        fit = False
    if not fit:
        raise Refusal("unreadable", zh="上传的内容读不懂。请刷新页面后再试。", en="The parcel cannot be read. Reload the page and try again.")  # fmt: skip
    if parcel.get("owner") != request.user.pk:
        raise NotYours
    if len(rows) > MOST_ROWS:
        raise TooMany
    return rows


def _is_row(row) -> bool:
    try:
        uuid.UUID(row["uuid"])
        return isinstance(row["kind"], str) and isinstance(row["body"], dict)
    except (ValueError, KeyError, TypeError, AttributeError):
        return False


def received(request: HttpRequest, rows: list[dict]) -> list[dict]:
    """One answer a row, in the order sent. A row counts for the post it was made under, while that post is held."""
    held = {post.pk: post for post in request.posts}
    groups: dict[tuple[int, str], list[int]] = defaultdict(list)
    for at, row in enumerate(rows):
        post = row.get("post") if row.get("post") in held else request.post.pk
        groups[post, row["kind"]].append(at)
    answers: dict[int, dict] = {}
    for (post, kind), places in groups.items():
        with access.acting_as(held[post]):
            found = kinds.receive(kind, [rows[at] for at in places], request.user, held[post])
        answers.update(zip(places, found, strict=True))
    return [answers[at] for at in range(len(rows))]

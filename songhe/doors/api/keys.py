"""A machine's key: `Authorization: Bearer sh_…` → the post it is bound to, alive at this moment."""

import threading
import time
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone
from ninja.security import HttpBearer

from songhe.doors.api import limits
from songhe.registry.accounts.actions import digest_of
from songhe.registry.accounts.models import Post, Token

KEEP_S = 30.0  # how long a process remembers who a token is; whether it still lives is asked on every call
KEEP_MOST = 2000


@dataclass(frozen=True)
class Held:
    """A token and its post. `areas` is the PostgreSQL array text of the post's place ids, as `app.areas` wants it."""

    token_id: int
    post: Post
    areas: str
    expires_at: datetime
    until: float = field(default=0.0, compare=False)


def find(text: str) -> Held | None:
    """The token with its post, read afresh; None when it is unknown, expired, revoked, or its post or account ended."""
    now = timezone.now()
    token = (
        Token.objects.filter(  # unscoped: this is how a machine signs in
            digest=digest_of(text), revoked_at=None, expires_at__gt=now, post__user__is_active=True
        )
        .select_related("post__user", "post__place__parent")
        .first()
    )
    if token is None or not _held_on(token.post, timezone.localdate(now)):
        return None
    areas = "{" + ",".join(map(str, token.post.areas())) + "}"
    return Held(token.pk, token.post, areas, token.expires_at, time.monotonic() + KEEP_S)


def _held_on(post: Post, on) -> bool:
    return post.valid_from <= on and (post.valid_to is None or post.valid_to > on)


_known: dict[str, Held] = {}
_lock = threading.Lock()


def remembered(text: str) -> Held | None:
    """Like `find`, but up to KEEP_S old: only for a statement that itself asks again whether the token lives."""
    held = _known.get(text)
    if held is not None and held.until > time.monotonic():
        return held
    held = find(text)
    with _lock:
        if held is None:
            _known.pop(text, None)
        else:
            if len(_known) >= KEEP_MOST:
                _known.clear()
            _known[text] = held
    return held


def forget(text: str) -> None:
    """Drop what is remembered of a token (it was found dead, or its post has changed)."""
    with _lock:
        _known.pop(text, None)


class Bearer(HttpBearer):
    """Reads the token afresh on every call."""

    def authenticate(self, request, token: str) -> Held | None:
        held = find(token) if token.startswith("sh_") else None
        if held is not None:
            limits.spend(held.token_id)
        return held


class QuickBearer(HttpBearer):
    """For the one path that must be fast: `remembered`, and the statement that writes asks again."""

    def authenticate(self, request, token: str) -> Held | None:
        held = remembered(token) if token.startswith("sh_") else None
        if held is not None:
            limits.spend(held.token_id)
        return held

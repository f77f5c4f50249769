"""The mark of a door, for a page that reads JSON: a refusal is a sentence the telephone can show, never a login page."""

import logging
from collections.abc import Callable
from functools import wraps

from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from songhe.core.refusal import Refusal
from songhe.registry.accounts.access import Denied, require

PROTOCOL = "field/1"  # in every answer: without it an answer came from somebody else (a captive portal)
_log = logging.getLogger(__name__)


def answer(body: dict, status: int = 200) -> JsonResponse:
    """JSON with the protocol's name and the server's clock, kept by no cache."""
    full = {"songhe": PROTOCOL, "now": timezone.now().isoformat()} | body
    return JsonResponse(
        full, status=status, headers={"Cache-Control": "no-store"}, json_dumps_params={"ensure_ascii": False}
    )


def refused(code: str, zh: str, en: str, status: int) -> JsonResponse:
    """A refusal of the whole call; nothing of it was kept."""
    transaction.set_rollback(True)
    return answer({"code": code, "zh": zh, "en": en}, status)


def field_door(permission: str) -> Callable:
    """As `accounts.access.door`, answering 401, 403 and 400 in JSON. `signed-in`: any post will do."""

    def decorate(view):
        @wraps(view)
        def guarded(request: HttpRequest, *args, **kwargs):
            if not request.user.is_authenticated:
                return refused("signed_out", "登录已过期。请重新登录，记录都还在本机。", "Your sign-in has ended. Sign in again; every record is still on this phone.", 401)  # fmt: skip
            if request.post is None:
                return refused("no_post", "您现在没有有效的岗位，记录先留在本机。请联系乡镇民政。", "You hold no post at present; the records stay on this phone. Ask the township office.", 403)  # fmt: skip
            try:
                if permission != "signed-in":
                    require(request.post, permission)
                return view(request, *args, **kwargs)
            except Denied as denied:
                return refused("denied", str(denied), str(denied), 403)
            except Refusal as refusal:
                return refused(refusal.code, refusal.zh, refusal.en, 400)

        guarded.door = permission
        return guarded

    return decorate

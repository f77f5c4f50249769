"""The frame around every operation: post, permission, known parameters, one transaction; and around the API: JSON always."""

import logging
from collections.abc import Callable
from functools import wraps

from django.core.exceptions import DisallowedHost, SuspiciousOperation
from django.core.signals import got_request_exception
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import resolve

from songhe.doors.api import errors, reasons
from songhe.registry.accounts import access

PREFIX = "/api/"
log = logging.getLogger("songhe.api")


def door(permission: str) -> Callable:
    """Guards an operation: its post must hold the permission, and PostgreSQL acts as that post. Marks it as `door`.

    `door("signed-in")` needs a token only.
    """

    def decorate(view):
        @wraps(view)
        def guarded(request, *args, **kwargs):
            refuse_unknown(request, guarded)
            post = request.auth.post
            with access.acting_as(post):
                if permission != "signed-in":
                    access.require(post, permission)
                return view(request, *args, **kwargs)

        guarded.door = permission
        return guarded

    return decorate


def refuse_unknown(request: HttpRequest, view: Callable) -> None:
    """An unknown or repeated query parameter is a 422: it is never taken for "everything"."""
    if not request.META.get("QUERY_STRING"):
        return
    known = _names(view)
    faults = [(name, reasons.UNKNOWN_QUERY) for name in request.GET if name not in known]
    faults += [(name, reasons.TWICE) for name in request.GET if name in known and len(request.GET.getlist(name)) > 1]
    if faults:
        raise errors.Unknown(faults)


def _names(view: Callable) -> frozenset[str]:
    """The query parameters that an operation declares, gathered once."""
    if not hasattr(view, "query_names"):
        models = view._ninja_operation.models  # type: ignore[attr-defined]
        found = [m.__ninja_flatten_map__ for m in models if m.__ninja_param_source__ == "query"]
        view.query_names = frozenset(name for names in found for name in names)  # type: ignore[attr-defined]
    return view.query_names  # type: ignore[attr-defined]


class ApiMiddleware:
    """Answers everything under /api/ itself: tokens only, no cookie is read, so no session, no CSRF, no login page."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        response = answer(request)
        response["Cache-Control"] = "no-store"
        return response


def answer(request: HttpRequest) -> HttpResponse:
    """The operation's answer, or the reason why there is none."""
    try:
        request.get_host()
        request.resolver_match = match = resolve(request.path_info[len(PREFIX) - 1 :], urlconf="songhe.doors.api.urls")
        response = match.func(request, *match.args, **match.kwargs)
    except Http404:  # no such address (Resolver404), or an address of the library's own that is switched off
        return errors.plain(404, reasons.NO_PATH)
    except (DisallowedHost, SuspiciousOperation):
        return errors.plain(400, reasons.BAD)
    except Exception:
        log.exception("api %s %s", request.method, request.path_info)
        got_request_exception.send(sender=None, request=request)
        return errors.plain(500, reasons.UNEXPECTED)
    if response.status_code == 405 and response["Content-Type"].startswith("text/"):
        allow = response["Allow"]
        response = errors.plain(405, reasons.NO_METHOD)
        response["Allow"] = allow
    return response

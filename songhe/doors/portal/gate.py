"""Who may pass: a live link, and a device on which its code was entered a short while ago."""

import time
from collections.abc import Callable
from functools import wraps

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from songhe.registry.accounts.access import door
from songhe.registry.people import family as links

KEY, TYPED = "family", "family typed"
KEPT = 4000  # characters of a form that are kept while a new code is asked for


def quiet(response: HttpResponse) -> HttpResponse:
    """Kept by no cache, found by no search engine. (Other sites are told nothing: SECURE_REFERRER_POLICY.)"""
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def is_open(request, link: links.Opened) -> bool:
    return request.session.get(KEY, {}).get(str(link.link), 0) > time.time()


def gone(request, link: links.Opened | None) -> HttpResponse:
    return quiet(render(request, "portal/gone.html", {"why": link.state if link else "unknown"}, status=404))


def with_code(view: Callable) -> Callable:
    """A view `(request, token, link, …)` for which the code was entered; otherwise the code comes first.

    What was typed when the time ran out is kept in the session (on the server) and stands in the form again afterwards.
    """

    @door("open")
    @never_cache
    @wraps(view)
    def guarded(request, token, **more):
        link = links.opened(token)
        if link is None or link.state != "ok":
            return gone(request, link)
        if not is_open(request, link):
            if request.method == "POST":
                typed = {name: text[:KEPT] for name, text in request.POST.items() if name != "csrfmiddlewaretoken"}
                request.session[TYPED] = {"link": link.link, "path": request.path, "data": typed}
            return redirect("family", token=token)
        return quiet(view(request, token, link, **more))

    return guarded


def typed_before(request, link: links.Opened) -> dict:
    """What was typed on this very page before the code ran out; told once."""
    kept = request.session.get(TYPED) or {}
    if kept.get("link") != link.link or kept.get("path") != request.path:
        return {}
    del request.session[TYPED]
    return kept["data"]

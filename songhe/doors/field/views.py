"""The telephone page. The frame holds nobody's data and opens for everybody; what it asks for needs a sign-in."""

import time

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from songhe.care.visits.phone import in_force
from songhe.doors.field import parcels, shell
from songhe.doors.field.bundle import bundle
from songhe.doors.field.gate import answer, field_door, refused
from songhe.registry.accounts.access import door, needs_second_factor
from songhe.registry.people.assessment import load_scale
from songhe.registry.people.terms import RELATIONS

LASTS, RENEWED_S = "field_until", 300


@door("open")
def page(request):
    """The frame: no name, no list, no token; a telephone keeps it and opens it without a network."""
    context = {"words": shell.words(), "version": shell.version(), "static": settings.STATIC_URL}
    return HttpResponse(render_to_string("field/page.html", context), headers={"X-Songhe-Field": shell.version()})


@door("open")
def worker(request):
    """The service worker, with the version and the addresses it keeps."""
    context = {"version": shell.version(), "files": shell.files()}
    return HttpResponse(
        render_to_string("field/sw.js", context), content_type="text/javascript; charset=utf-8",
        headers={"Cache-Control": "no-cache"},
    )  # fmt: skip


@door("open")
def manifest(request):
    """So that the page can be put on the home screen: some telephones keep its data longer then."""
    zh = shell.words()["zh"]
    return JsonResponse(
        {
            "name": zh["app_name"], "short_name": zh["app_short"], "start_url": "/field/", "scope": "/field/",
            "display": "standalone", "lang": "zh-CN", "background_color": "#f4f6f5", "theme_color": "#144a41",
            "icons": [{"src": static("desk/logo.svg"), "sizes": "any", "type": "image/svg+xml"}],
        },
        content_type="application/manifest+json",
    )  # fmt: skip


@door("open")
@require_GET
def scale(request):
    """The form of the national ability assessment, as it stands in the definitions: public, the same for everybody."""
    found = load_scale()

    def both(thing) -> dict:
        return {"id": thing.id, "zh": thing.zh, "en": thing.en}

    body = both(found) | {
        "domains": [
            both(domain) | {
                "items": [
                    both(item) | {"note": item.note or "", "answers": [{"score": a.score, "zh": a.zh, "en": a.en} for a in item.answers]}
                    for item in domain.items
                ]
            }
            for domain in found.domains
        ],
        "findings": [both(each) for each in found.findings if each.id != "risk_events"],
        "risks": [both(each) for each in found.risk_types],
        "reasons": [both(each) for each in found.reasons],
        "relations": [["self", shell.words()["zh"]["self"], shell.words()["en"]["self"]], *_both_languages(RELATIONS)],
    }  # fmt: skip
    return answer(body)


def _both_languages(choices) -> list[list[str]]:
    from django.utils.translation import override

    out = []
    for code, text in choices:
        with override("zh-hans"):
            zh = str(text)
        with override("en"):
            out.append([code, zh, str(text)])
    return out


@field_door("signed-in")
@require_GET
def token(request):
    """Who is signed in, and a fresh CSRF token: asked before every sending, because a kept page holds an old one."""
    return answer({"user": request.user.pk, "token": get_token(request)})


@field_door("signed-in")
@require_GET
def todays_list(request):
    """One's own people and what they are owed this week. The sign-in then lasts a working day, on posts of the field only."""
    hours = in_force(timezone.localdate()).session_hours
    if hours and not any(needs_second_factor(post) for post in request.posts):
        _lasts(request.session, hours * 3600)
    return answer(bundle(request.user, request.posts, request.GET.get("till", "")))


def _lasts(session, seconds: int) -> None:
    """The sign-in lasts so long from now on; written anew after a few minutes only, not with every look at the list."""
    until = int(time.time()) + seconds
    if session.get(LASTS, 0) < until - RENEWED_S:
        session[LASTS] = until
        session.set_expiry(seconds)


@field_door("signed-in")
@require_POST
def sync(request):
    """Records from a telephone. What is answered `kept` is durable; sending it again changes nothing."""
    try:
        rows = parcels.opened(request)
    except parcels.TooMany:
        return refused("too_many", "一次传得太多，将自动分批重发。", "Too many at once; they are sent again in parts.", 413)  # fmt: skip
    except parcels.NotYours:
        return refused("other_owner", "这些记录属于另一个账号。请该账号本人登录后上传。", "These records belong to another account, who has to sign in to send them.", 409)  # fmt: skip
    return answer({"user": request.user.pk, "rows": parcels.received(request, rows)})

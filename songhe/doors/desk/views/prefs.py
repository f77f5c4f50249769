"""Type size, language and post: preferences that work before sign-in and without JavaScript."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.views.decorators.http import require_POST

from songhe.registry.accounts.access import door

YEAR = 365 * 24 * 3600


def _next(request) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else "/"


@door("open")
def size(request):
    """`?to=normal|large|xlarge`: anything else is normal."""
    to = request.GET.get("to", "")
    response = redirect(_next(request))
    response.set_cookie(
        "size", to if to in ("large", "xlarge") else "normal", max_age=YEAR, samesite="Lax", secure=settings.HTTPS
    )
    return response


@door("open")
@require_POST
def language(request):
    response = redirect(_next(request))
    code = request.POST.get("language", "")
    if check_for_language(code) and code in dict(settings.LANGUAGES):
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, code, max_age=YEAR, samesite="Lax", secure=settings.HTTPS)
    return response


@door("signed-in")
def post(request):
    """Work under another of one's own posts."""
    wanted = request.GET.get("to", "")
    if any(str(p.pk) == wanted for p in request.posts):
        request.session["post"] = int(wanted)
    return redirect("/")


@door("open")
def healthz(request):
    """For the proxy and the supervisor: answers when the server does."""
    return HttpResponse("ok", content_type="text/plain")


@door("open")
def favicon(request):
    """Browsers ask for this address whatever the page says: the crane is an SVG."""
    return redirect(static("desk/logo.svg"), permanent=True)

"""Every request runs in one transaction, as one post: scoped in the queryset by doors, and here in PostgreSQL."""

import time

from allauth.mfa.utils import is_mfa_enabled
from django.db import transaction
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from songhe.core.acting import acting
from songhe.registry.accounts import access

_FREE = ("/account/", "/static/", "/prefs/", "/healthz")


class ActingMiddleware:
    """Sets `request.post` and `request.posts`, asks for the second factor where it is due, and acts as the post."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.posts, request.post = [], None
        if request.path.startswith("/api/"):  # the API opens its own context from its token
            return self.get_response(request)
        if request.user.is_authenticated:
            self._choose(request)
            if not request.path.startswith(_FREE):
                detour = self._detour(request)
                if detour:
                    return detour
            self._keep_session(request)
        return self._inside(request)

    def _choose(self, request):
        request.posts = access.posts_of(request.user)
        wanted = request.session.get("post")
        request.post = next((p for p in request.posts if p.pk == wanted), request.posts[0] if request.posts else None)

    def _detour(self, request):
        if request.user.must_change_password:
            return redirect(reverse("account_change_password"))
        if access.needs_second_factor(request.post) and not is_mfa_enabled(request.user):
            from django.contrib import messages

            messages.warning(request, _("您的岗位须启用双因素认证。请用手机验证器扫码，并抄下恢复码。"))
            return redirect(reverse("mfa_activate_totp"))
        return None

    def _keep_session(self, request):
        """The idle clock: written at most once a minute, so that reading pages does not write on every click."""
        now = int(time.time())
        if now - request.session.get("seen", 0) > 60:
            request.session["seen"] = now

    def _inside(self, request):
        with access.acting_as(request.post) if request.post else acting([]):
            response = self.get_response(request)
            if response.status_code >= 500 or getattr(request, "undo", False):
                transaction.set_rollback(True)
            return response

    def process_exception(self, request, exception):
        request.undo = True
        return

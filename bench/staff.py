"""Who signs in for a measurement: a clerk of the city with a second factor, sessions and tokens made as the product makes them."""

from datetime import date

USERNAME = "bench-clerk"


def clerk():
    """The city clerk's post; made once."""
    from allauth.mfa.models import Authenticator

    from bench.prefecture import CITY
    from songhe.core.acting import everywhere
    from songhe.registry.accounts import actions
    from songhe.registry.accounts.models import Post, User
    from songhe.registry.places.queries import by_code

    with everywhere():
        held = Post.objects.filter(user__username=USERNAME).select_related("user", "place__parent").first()
        if held:
            return held
        user = actions.create_user(username=USERNAME, name="测速", password=None, by=None)
        User.objects.filter(pk=user.pk).update(must_change_password=False)
        Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "never used"})
        actions.give_post(user=user, role="clerk", place=by_code(CITY), valid_from=date(2020, 1, 1), by=None)
    return clerk()


def tokens(count: int) -> list[dict[str, str]]:
    """Authorization headers of as many keys, all of the clerk's post."""
    from songhe.core.acting import everywhere
    from songhe.registry.accounts import actions

    post = clerk()
    with everywhere():
        keys = [actions.issue_token(post=post, name="bench", by=None, days=2) for _ in range(count)]
    return [{"Authorization": f"Bearer {key}", "Content-Type": "application/json"} for key in keys]


def sessions(count: int) -> list[dict[str, str]]:
    """Cookie headers of as many signed-in browsers."""
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    engine = import_module(settings.SESSION_ENGINE)
    user = clerk().user
    made = []
    for _ in range(count):
        session = engine.SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        made.append({"Cookie": f"{settings.SESSION_COOKIE_NAME}={session.session_key}"})
    return made

"""Signing in: counted, kept, throttled in words; the second factor where it is due; nothing for whoever is out."""

import re
from datetime import timedelta
from importlib import import_module

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings as configured
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from songhe.registry.accounts import actions
from songhe.registry.accounts.models import LoginEvent, User
from tests import world as w

pytestmark = pytest.mark.django_db
PASSWORD = "pine-and-crane-9"
LOGIN = "/account/login/"


@pytest.fixture
def world(db):
    cache.clear()
    return w.World()


@pytest.fixture
def helper(world):
    post = w.post("helper", world[w.OWN], username="helper")
    post.user.set_password(PASSWORD)
    post.user.save()
    return post


def sign_in(client, username="helper", password=PASSWORD, **more):
    return client.post(LOGIN, {"login": username, "password": password}, **more)


# the record of sign-ins --------------------------------------------------------------------------------------------------


def test_every_attempt_is_kept(client, helper):
    sign_in(client, password="wrong")
    sign_in(client, username="nobody", password="wrong")
    assert sign_in(client, headers={"User-Agent": "browser " + "x" * 300}).status_code == 302
    rows = list(LoginEvent.objects.order_by("id").values_list("username", "succeeded", "address"))
    assert rows == [("helper", False, "127.0.0.1"), ("nobody", False, "127.0.0.1"), ("helper", True, "127.0.0.1")]
    assert len(LoginEvent.objects.latest("id").agent) == 200
    assert client.get("/").status_code == 200


def test_a_locked_account_stays_out(client, helper):
    actions.set_active(user=helper.user, active="locked", by=None)
    sign_in(client)
    assert client.get("/").status_code == 302
    assert not LoginEvent.objects.filter(succeeded=True).exists()


def test_a_stranger_and_a_wrong_password_read_alike(client, helper):
    """Nobody can find out which accounts exist."""
    known = sign_in(client, password="wrong").content.decode()
    unknown = sign_in(Client(), username="nobody", password="wrong").content.decode()

    def strip(text):
        return [line for line in text.splitlines() if not re.search("csrf|nonce|value=", line, re.I)]

    assert strip(known) == strip(unknown)


# throttling --------------------------------------------------------------------------------------------------------------


def test_after_five_failures_the_right_password_is_refused_as_well(client, helper):
    for _ in range(5):
        assert sign_in(client, password="wrong").status_code == 200
    answer = sign_in(client)
    text = answer.content.decode()
    assert "登录失败次数过多" in text or answer.status_code == 429
    assert any("\u4e00" <= char <= "\u9fff" for char in text)
    assert client.get("/").status_code == 302, "the right password must not open the door now"
    fresh = Client()
    sign_in(fresh)
    assert fresh.get("/").status_code == 302, "nor from another browser"


def test_one_accounts_failures_do_not_lock_out_others(client, helper, world):
    other = w.post("helper", world[w.SISTER], username="other")
    other.user.set_password(PASSWORD)
    other.user.save()
    for _ in range(6):
        sign_in(client, password="wrong")
    fresh = Client()
    assert sign_in(fresh, username="other").status_code == 302
    assert fresh.get("/").status_code == 200


# the second factor -------------------------------------------------------------------------------------------------------


def test_a_township_post_must_enrol_first(client, world, settings):
    settings.MFA_REQUIRED_FROM = "township"
    post = w.post("township_worker", world["990101001"])
    client.force_login(post.user)
    for path in ("/", "/people/", "/duties/"):
        answer = client.get(path)
        assert (answer.status_code, answer["Location"]) == (302, "/account/2fa/totp/activate/")
    assert "双因素" in client.get("/account/2fa/totp/activate/", follow=True).content.decode()


@pytest.mark.parametrize(
    ("role", "code", "required_from", "detour"),
    [
        ("helper", w.OWN, "township", False),
        ("helper", w.OWN, "village", True),
        ("clerk", "990101", "township", True),
        ("clerk", "990101", "county", True),
        ("township_worker", "990101001", "county", False),
        ("clerk", "990101", "", False),
        ("system_admin", w.OWN, "county", True),
        ("audit_admin", "990101", "", False),
    ],
)
def test_where_it_is_due(client, world, settings, role, code, required_from, detour):
    settings.MFA_REQUIRED_FROM = required_from
    client.force_login(w.post(role, world[code]).user)
    answer = client.get("/")
    assert (answer.status_code == 302 and "2fa" in answer["Location"]) == detour


def test_an_enrolled_account_is_asked_for_its_code(client, helper):
    TOTP.activate(helper.user, generate_totp_secret())
    answer = sign_in(client)
    assert (answer.status_code, answer["Location"]) == (302, "/account/2fa/authenticate/")
    assert client.get("/").status_code == 302
    wrong = client.post("/account/2fa/authenticate/", {"code": "000000"})
    assert wrong.status_code == 200
    assert client.get("/").status_code == 302
    assert not LoginEvent.objects.filter(succeeded=True).exists()


def test_choosing_another_post_does_not_walk_round_it(client, world, settings):
    settings.MFA_REQUIRED_FROM = "township"
    narrow = w.post("helper", world[w.OWN])
    wide = type(narrow).objects.create(user=narrow.user, role="clerk", place=world["990101"], valid_from=w.SINCE)
    client.force_login(narrow.user)
    client.get("/prefs/post/", {"to": narrow.pk})
    assert client.get("/").status_code == 200
    client.get("/prefs/post/", {"to": wide.pk})
    assert client.get("/")["Location"] == "/account/2fa/totp/activate/"


# sessions ----------------------------------------------------------------------------------------------------------------


def test_a_first_password_is_changed_before_anything_else(client, helper):
    User.objects.filter(pk=helper.user_id).update(must_change_password=True)
    client.force_login(User.objects.get(pk=helper.user_id))
    for path in ("/", "/people/"):
        assert client.get(path)["Location"] == "/account/password/change/"
    _change(client, PASSWORD)
    assert User.objects.get(pk=helper.user_id).must_change_password, "the first password again is no change"
    _change(client, "another-pine-7")
    assert not User.objects.get(pk=helper.user_id).must_change_password
    assert client.get("/").status_code == 200


def _change(client, password):
    client.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": password, "password2": password})


def test_a_session_ends_when_idle(client, helper):
    assert 0 < configured.SESSION_COOKIE_AGE <= 3600
    assert configured.SESSION_EXPIRE_AT_BROWSER_CLOSE
    client.force_login(helper.user)
    assert client.get("/").status_code == 200
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert client.get("/")["Location"].startswith(LOGIN)


def test_being_there_keeps_the_session(client, helper):
    client.force_login(helper.user)
    soon = timezone.now() + timedelta(seconds=30)
    Session.objects.update(expire_date=soon)
    client.get("/")
    assert Session.objects.get().expire_date > soon


def test_a_session_is_a_new_one_after_signing_in(client, helper):
    """A session planted before signing in is worth nothing after it."""
    client.get(LOGIN)
    store = import_module(configured.SESSION_ENGINE).SessionStore()
    store["planted"] = "yes"
    store.create()
    client.cookies[configured.SESSION_COOKIE_NAME] = store.session_key
    sign_in(client)
    assert client.cookies[configured.SESSION_COOKIE_NAME].value != store.session_key


def test_a_changed_password_ends_other_sessions(client, helper):
    client.force_login(helper.user)
    assert client.get("/").status_code == 200
    helper.user.set_password("another-pine-7")
    helper.user.save()
    assert client.get("/").status_code == 302


def test_whoever_signed_out_is_a_stranger(client, helper):
    sign_in(client)
    assert client.get("/people/").status_code == 200
    client.get("/account/logout/")
    assert client.get("/people/").status_code == 200, "a link alone signs nobody out"
    client.post("/account/logout/")
    assert client.get("/people/").status_code == 302


def test_no_way_in_by_password_reset_or_sign_up(client, helper):
    for path in ("/account/signup/", "/account/password/reset/"):
        client.post(path, {"email": "x@example.org", "username": "new", "password1": PASSWORD, "password2": PASSWORD})
    assert User.objects.count() == 1
    assert client.get("/").status_code == 302


def test_where_to_next_stays_in_the_house(client, helper):
    answer = client.post(
        LOGIN + "?next=https://elsewhere.example/",
        {"login": "helper", "password": PASSWORD, "next": "https://elsewhere.example/"},
    )
    assert "elsewhere" not in answer["Location"]

"""Every way in is guarded: a mark on every address, known to the table of roles, or a line here that says why not."""

from pathlib import Path

import pytest

from songhe.doors.api.api import api
from songhe.registry.accounts.rules import MATRIX, PERMISSIONS, ROLES
from tests.access.addresses import patterns

# Open to strangers, and why.
OPEN = {
    "prefs-size": "a cookie for the size of letters, before signing in",
    "prefs-language": "a cookie for the language, before signing in",
    "healthz": "for the proxy; says ok",
    "favicon": "a picture",
    "family": "a family member with a link nobody can guess and a code by SMS; shows what the person agreed to",
    "family-leave": "closes the family page on this device",
    "family-ask": "by a secret link after a code (tests/doors/portal)",
    "family-order": "by a secret link after a code (tests/doors/portal)",
    "family-complain": "by a secret link after a code (tests/doors/portal)",
    "field": "the empty frame of the telephone page, kept for use without a network; no data",
    "field-worker": "the script that keeps that frame",
    "field-manifest": "its name and picture for the home screen",
    "field-scale": "the published form of the ability assessment, the same for everybody",
}
# Pages of the library that signs people in: they guard themselves, and show nobody's file.
SIGNING_IN = "account/"
SOURCE = Path(__file__).resolve().parents[2] / "songhe"


def test_every_page_carries_its_permission():
    pages = [(path, each) for path, each in patterns() if not path.startswith((SIGNING_IN, "api/"))]
    assert len(pages) > 30
    for path, each in pages:
        mark = getattr(each.callback, "door", None)
        assert mark, f"{path} is unguarded: decorate it with accounts.access.door"
        assert mark in PERMISSIONS or mark == "signed-in" or (mark == "open" and each.name in OPEN), f"{path}: {mark}"


def test_every_operation_of_the_api_carries_its_permission():
    operations = [
        op for router in api._get_bound_routers() for view in router.path_operations.values() for op in view.operations
    ]
    assert len(operations) >= 12
    for operation in operations:
        mark = getattr(operation.view_func, "door", None)
        assert mark in PERMISSIONS or mark == "signed-in", f"{operation.path}: {mark}"
        assert operation.auth_callbacks, f"{operation.path} asks for no token"


@pytest.mark.django_db
def test_strangers_find_doors_closed(client):
    """Every address of the house, asked by a stranger: a sign-in page, a refusal, or one of the open ones."""
    shown = set()
    for path, each in patterns():
        if "<" in path or "(" in path or path.startswith(SIGNING_IN):
            continue
        answer = client.get("/" + path.replace("^", "").replace("$", ""))
        if answer.status_code == 200:
            shown.add(each.name)
        else:
            assert answer.status_code in (301, 302, 401, 403, 404, 405), f"{path}: {answer.status_code}"
    assert shown <= set(OPEN) | {"openapi-json"}


@pytest.mark.django_db
def test_no_self_sign_up(client):
    answer = client.post(
        "/account/signup/", {"username": "x", "password1": "a-long-password-1", "password2": "a-long-password-1"}
    )
    from songhe.registry.accounts.models import User

    assert not User.objects.exists()
    assert b"<form" not in answer.content or b"password1" not in answer.content


def test_roles_and_permissions_name_each_other():
    assert set(MATRIX) == {role for role, _label in ROLES}
    assert set().union(*MATRIX.values()) <= set(PERMISSIONS)
    unheld = set(PERMISSIONS) - set().union(*MATRIX.values())
    assert unheld == set(), "a permission that nobody holds opens nothing"


def test_every_permission_is_asked_for_somewhere():
    text = "\n".join(
        file.read_text(encoding="utf-8")
        for file in SOURCE.rglob("*.py")
        if file.name != "rules.py" or "accounts" not in str(file)
    )
    for permission in PERMISSIONS:
        assert f'"{permission}"' in text or f".{permission.split('.')[1]}" in text, f"{permission} is never asked for"


def test_csrf_is_lifted_nowhere_but_in_the_api():
    for path, each in patterns():
        if getattr(each.callback, "csrf_exempt", False):
            assert path.startswith("api/"), path
    for file in (SOURCE / "doors" / "desk").rglob("*.py"):
        assert "csrf_exempt" not in file.read_text(encoding="utf-8"), file

"""Accounts and posts: given once, kept apart, ended; the area a post opens, said again in plain words."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from songhe.core import acting
from songhe.core.models import AuditEvent
from songhe.core.refusal import Refusal
from songhe.registry.accounts import access, actions, rules
from songhe.registry.accounts.models import Post, Token, User
from songhe.registry.people.models import Person
from songhe.registry.places.models import Place
from tests import world as w

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 1)


@pytest.fixture
def world(db):
    return w.World()


@pytest.fixture
def user(db):
    return User.objects.create(username="li", name="演示李")


def give(user, role, place, since=DAY, until=None):
    return actions.give_post(user=user, role=role, place=place, valid_from=since, valid_to=until, by=None)


# given -------------------------------------------------------------------------------------------------------------------


def test_a_post_is_given_with_its_audit_row(world, user):
    post = give(user, "clerk", world["990101"])
    with acting.acting([], sees_audit="yes"):
        row = AuditEvent.objects.get(verb="accounts.give_post")
    assert (row.subject_id, row.area_id, row.detail) == (
        post.pk,
        world["990101"].pk,
        {"role": "clerk", "user": user.pk},
    )


@pytest.mark.parametrize(
    ("since", "until", "fits"),
    [
        (DAY, None, False),
        (DAY - timedelta(days=9), None, False),
        (DAY - timedelta(days=9), DAY, True),
        (DAY - timedelta(days=9), DAY + timedelta(days=1), False),
        (DAY + timedelta(days=29), None, False),
        (DAY + timedelta(days=30), None, True),
    ],
)
def test_the_same_post_twice_at_one_time(world, user, since, until, fits):
    give(user, "clerk", world["990101"], DAY, DAY + timedelta(days=30))
    if fits:
        assert give(user, "clerk", world["990101"], since, until).pk
        return
    with pytest.raises(Refusal) as refused:
        give(user, "clerk", world["990101"], since, until)
    assert refused.value.code == "post_twice"
    assert Post.objects.filter(user=user).count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():  # the database says it too
        Post.objects.create(user=user, role="clerk", place=world["990101"], valid_from=since, valid_to=until)


def test_another_role_or_place_may_overlap(world, user):
    give(user, "helper", world[w.OWN])
    give(user, "helper", world[w.SISTER])
    give(user, "village_worker", world[w.OWN])
    assert Post.objects.filter(user=user).count() == 3


@pytest.mark.parametrize("until", [DAY, DAY - timedelta(days=1)])
def test_a_post_ends_after_it_begins(world, user, until):
    with pytest.raises(Refusal) as refused:
        give(user, "clerk", world["990101"], DAY, until)
    assert (refused.value.code, refused.value.field) == ("post_dates", "valid_to")


# three administrators ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", sorted(rules.ADMINISTRATORS))
@pytest.mark.parametrize("second", [*sorted(rules.ADMINISTRATORS), "clerk", "helper"])
def test_administrators_stand_alone(world, user, first, second):
    give(user, first, world["990101"])
    if first == second:
        assert give(user, second, world["990102"]).pk
        return
    for a, b in ((first, second), (second, first)):
        holder = User.objects.create(username=f"{a}-{b}", name="演示")
        give(holder, a, world["990101"])
        with pytest.raises(Refusal) as refused:
            give(holder, b, world["990102"])
        assert refused.value.code == "incompatible_roles"
        assert "三员" in refused.value.zh


def test_not_even_later_or_earlier(world, user):
    """A clerk's post that begins next year would meet an administrator's that never ends."""
    give(user, "clerk", world["990101"], DAY + timedelta(days=365))
    with pytest.raises(Refusal):
        give(user, "system_admin", world["990101"], DAY)
    assert give(user, "system_admin", world["990101"], DAY, DAY + timedelta(days=365)).pk


def test_administrators_hold_no_permission_on_people():
    for role in rules.ADMINISTRATORS:
        assert not any(
            p.split(".")[0] in ("people", "duties", "visits", "assessment", "indicators") for p in rules.MATRIX[role]
        )
    held = [rules.MATRIX[role] for role in sorted(rules.ADMINISTRATORS)]
    assert not held[0] & held[1]
    assert not held[0] & held[2]
    assert not held[1] & held[2]


def test_an_unknown_permission_is_a_fault_not_a_no():
    with pytest.raises(KeyError):
        rules.allows("clerk", "people.veiw")


def test_superusers_do_not_exist(user):
    user.is_superuser = True
    with pytest.raises(IntegrityError), transaction.atomic():
        user.save()


# areas -------------------------------------------------------------------------------------------------------------------

AREAS = {
    "990000": set(w.VILLAGES),
    "990100": {w.OWN, w.SISTER, w.FAR, w.NEXT_COUNTY},
    "990101": {w.OWN, w.SISTER, w.FAR},
    "990101001": {w.OWN, w.SISTER},
    w.OWN: {w.OWN},
    w.AREA: {w.SISTER, w.FAR},
    "999001": {w.DIRECT},
    "990201": {w.OTHER_CITY},
}


@pytest.mark.parametrize("code", sorted(AREAS))
def test_an_area_is_the_same_four_ways(world, code):
    """By query, by row-level security, as places, and as this table says it."""
    post = w.post("leader", world[code])
    with acting.everywhere():
        assert set(Person.objects.visible_to(post).values_list("village__code", flat=True)) == AREAS[code]
    with access.acting_as(post):
        assert set(Person.objects.values_list("village__code", flat=True)) == AREAS[code]
    inside = Place.objects.within(post).filter(level="village").values_list("code", flat=True)
    assert set(inside) == AREAS[code]


def test_names_of_ancestors_are_seen_but_not_their_figures(world):
    post = w.post("helper", world[w.OWN])
    seen = set(Place.objects.visible_to(post).values_list("code", flat=True))
    assert seen == {"990000", "990100", "990101", "990101001", w.OWN}
    assert set(Place.objects.within(post).values_list("code", flat=True)) == {w.OWN}


def test_nobody_without_a_post(world):
    assert not Person.objects.visible_to(None).exists()
    assert not Place.objects.visible_to(None).exists()
    assert not Post.objects.visible_to(None).exists()


def test_whom_an_administrator_manages(world):
    admin = w.post("system_admin", world["990101"])
    inside, outside = w.post("helper", world[w.OWN]), w.post("helper", world[w.OTHER_CITY])
    seen = Post.objects.visible_to(admin)
    assert inside in seen
    assert outside not in seen
    assert set(Post.objects.visible_to(inside)) == {inside}
    assert set(Post.objects.visible_to(w.post("system_admin", world[w.OWN]))) >= {inside}


# ending ------------------------------------------------------------------------------------------------------------------


def test_an_ended_post_takes_its_tokens_along(world, user):
    post = give(user, "clerk", world["990101"])
    actions.issue_token(post=post, name="t", by=None)
    actions.end_post(post=post, on=timezone.localdate(), by=None)
    assert Token.objects.get().revoked_at is not None
    assert access.posts_of(user) == []


def test_a_post_cannot_end_before_it_began(world, user):
    post = give(user, "clerk", world["990101"])
    with pytest.raises(Refusal):
        actions.end_post(post=post, on=DAY, by=None)
    assert Post.objects.get().valid_to is None


def test_posts_come_widest_first(world, user):
    narrow, wide = give(user, "helper", world[w.OWN]), give(user, "clerk", world["990101"])
    assert access.posts_of(user) == [wide, narrow]
    user.is_active = False
    assert access.posts_of(user) == []


def test_a_token_is_kept_as_a_digest_only(world, user):
    text = actions.issue_token(post=give(user, "clerk", world["990101"]), name="t", by=None)
    assert text.startswith("sh_")
    assert len(text) > 40
    assert bytes(Token.objects.get().digest) == actions.digest_of(text)
    with acting.acting([], sees_audit="yes"):
        assert text not in str(list(AuditEvent.objects.values_list("detail", flat=True)))


# accounts ----------------------------------------------------------------------------------------------------------------


def test_an_account_begins_without_rights_and_with_a_password_to_change(db):
    user = actions.create_user(username="zhao", name="演示赵", password="a-Long-enough-1", by=None)
    assert user.must_change_password
    assert user.password.startswith("argon2")
    assert access.posts_of(user) == []


@pytest.mark.parametrize("password", ["short1", "1234567890123", "password123", "zhaoliu-zhaoliu"])
def test_weak_passwords(db, password):
    with pytest.raises(Refusal) as refused:
        actions.create_user(username="zhaoliu-zhaoliu", name="演示", password=password, by=None)
    assert refused.value.field == "password"
    assert not User.objects.exists()


def test_a_username_is_taken_whatever_its_case(db):
    actions.create_user(username="Zhao", name="演示", password="a-Long-enough-1", by=None)
    with pytest.raises(Refusal) as refused:
        actions.create_user(username="zhao", name="演示", password="a-Long-enough-1", by=None)
    assert refused.value.code == "username_taken"

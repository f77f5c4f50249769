"""What somebody may see follows the post at once: a changed role or area, its end, a locked account, another post chosen."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from songhe.registry.accounts import actions
from songhe.registry.accounts.models import Post
from tests import world as w
from tests.access.test_matrix import shown


@pytest.fixture
def person(realm):
    post = w.post("clerk", realm["990101001"])
    client = Client()
    client.force_login(post.user)
    return realm, post, client


def _seen(realm, client) -> set[str]:
    """The villages whose people the list shows."""
    text = shown(client.get("/people/"))
    return {code for code, village in realm.villages.items() if any(name in text for name in village.names)}


def test_a_moved_post_sees_the_new_place_only(person):
    realm, post, client = person
    assert _seen(realm, client) == {w.OWN, w.SISTER}
    Post.objects.filter(pk=post.pk).update(place=realm["990102"])
    assert _seen(realm, client) == {w.NEXT_COUNTY}


def test_a_lesser_role_sees_less(person):
    realm, post, client = person
    for role in ("secretary", "system_admin", "operator"):
        Post.objects.filter(pk=post.pk).update(role=role)
        assert _seen(realm, client) == set()
        assert client.get("/people/").status_code == 403


@pytest.mark.parametrize("ending", ["end", "expire", "not-begun", "lock"])
def test_what_ends_a_post_ends_the_view(person, ending):
    realm, post, client = person
    assert _seen(realm, client)
    today = timezone.localdate()
    if ending == "end":
        actions.end_post(post=post, on=today, by=None)
    elif ending == "expire":
        Post.objects.filter(pk=post.pk).update(valid_to=today)
    elif ending == "not-begun":
        Post.objects.filter(pk=post.pk).update(valid_from=today + timedelta(days=1))
    else:
        actions.set_active(user=post.user, active="locked", by=None)
    assert client.get("/people/").status_code in (302, 403)
    assert _seen(realm, client) == set()


def test_one_post_at_a_time(person):
    """Two posts are two areas, never their union; the one chosen counts, and only one's own can be chosen."""
    realm, post, client = person
    second = Post.objects.create(user=post.user, role="helper", place=realm[w.OTHER_CITY], valid_from=w.SINCE)
    stranger = w.post("leader", realm["990000"])
    assert _seen(realm, client) == {w.OWN, w.SISTER}
    client.get("/prefs/post/", {"to": second.pk})
    assert _seen(realm, client) == {w.OTHER_CITY}
    client.get("/prefs/post/", {"to": stranger.pk})
    assert _seen(realm, client) == {w.OTHER_CITY}
    actions.end_post(post=second, on=timezone.localdate(), by=None)
    assert _seen(realm, client) == {w.OWN, w.SISTER}


def test_a_village_that_leaves_the_functional_area_leaves_the_view(realm):
    from songhe.registry.places.models import Place

    post = w.post("clerk", realm[w.AREA])
    client = Client()
    client.force_login(post.user)
    assert _seen(realm, client) == {w.SISTER, w.FAR}
    Place.objects.filter(code=w.FAR).update(functional_area=None)
    assert _seen(realm, client) == {w.SISTER}


def test_a_person_who_moves_takes_the_history_along(realm):
    """The new village sees the old visits (care goes on); the old one keeps what happened there, and no new fact."""
    from songhe.care.visits.models import Visit
    from songhe.core import acting
    from songhe.registry.accounts import access
    from songhe.registry.people.models import Person

    mover, goal = realm.villages[w.OWN].person, realm[w.OTHER_CITY]
    with acting.everywhere():
        Person.objects.filter(pk=mover.pk).update(**goal.areas())
    with access.acting_as(w.post("helper", goal)):
        assert Visit.objects.filter(person=mover).count() == 1
        assert Person.objects.filter(pk=mover.pk).exists()
    with access.acting_as(w.post("helper", realm[w.OWN])):
        assert not Person.objects.filter(pk=mover.pk).exists()
        assert Visit.objects.filter(person=mover).count() == 1

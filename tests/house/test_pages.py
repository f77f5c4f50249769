"""Promises kept by every page: invented people are marked 演示, lists cost the same however long, errors are no dead ends."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from songhe.core import acting
from songhe.registry.accounts.models import User
from songhe.registry.facilities.actions import Enrolment, enrol
from songhe.registry.people.models import Person
from tests import world as w
from tests.access import addresses
from tests.access.test_matrix import _questions, shown

MARK = "演示"
# Pages that name nobody but the one in their address: the frame's line would be enough, but none needs it.
LISTED = (
    "people",
    "duties",
    "missing",
    "assessments-due",
    "escalations",
    "referrals",
    "excuses",
    "helpers-unnamed",
    "duplicates",
)
GROWS = {"people": {}, "duties": {"helper": "all"}, "missing": {}, "helpers-unnamed": {}, "escalations": {}, "referrals": {}, "excuses": {}, "assessments-due": {}, "helpers": {}, "facilities": {}, "facility-standards": {}}  # fmt: skip


@pytest.fixture
def clerk(realm):
    """A real clerk (no demo account), looking at invented people; no name in the realm holds the mark."""
    with acting.everywhere():
        Person.objects.update(origin="demo")
    for user in User.objects.all():
        User.objects.filter(pk=user.pk).update(name=user.name.replace(MARK, ""), origin="entered")
    post = w.post("clerk", realm["990101001"])
    User.objects.filter(pk=post.user_id).update(name="科员", origin="entered")
    client = Client()
    client.force_login(User.objects.get(pk=post.user_id))
    return client


@pytest.mark.slow
def test_invented_people_are_marked_wherever_they_show(realm, clerk):
    village, unmarked, marked = realm.villages[w.OWN], [], 0
    for page in addresses.desk():
        if page in addresses.FREE or page in ("account", "account-lock", "post-end"):
            continue
        for path, query in _questions(page, village):
            answer = clerk.get(path, query | {"area": "990101001"})
            text = shown(answer)
            typed = str(query)  # what the reader typed shows nothing
            if answer.status_code == 200 and any(name in text for name in village.names if name not in typed):
                marked += MARK in text
                unmarked += [f"{page} {query}"] if MARK not in text else []
    assert marked > 10
    assert not unmarked, f"these show invented people without {MARK}: {unmarked}"


def test_real_people_carry_no_such_mark(realm, clerk):
    with acting.everywhere():
        Person.objects.update(origin="entered")
    village = realm.villages[w.OWN]
    for name in ("people", "duties", "missing"):
        text = shown(clerk.get(reverse(name), {"area": w.OWN}))
        assert village.names[0] in text
        assert MARK not in text, name


def _grown(realm, count):
    """As many more people in one village, owed the same visits, each with a need and an unanswered call."""
    import uuid
    from datetime import timedelta

    from django.utils import timezone

    from songhe.care.duties.models import Opening
    from songhe.care.visits import actions as visits

    place = realm[w.OWN]
    with acting.everywhere(), connection.cursor() as cursor:
        files = [
            w.person(place, f"阚甲{n:03d}".translate(str.maketrans("0123456789", "零一二三四五六七八九")), tags=1)
            for n in range(count)
        ]
        Person.objects.bulk_create(files)
        sites = [
            Enrolment(place=place, kind="canteen", name=f"{count}{f.name}", walk=[("planned", w.SINCE, "")])
            for f in files
        ]
        enrol(by=None, post=None, rows=sites)
        cursor.execute("SELECT duties_fill(%s, %s)", [Opening.objects.get().pk, realm.week.start])
        base = {"mode": "call", "occurred_at": timezone.now() - timedelta(minutes=9)}
        rows = [base | {"uuid": uuid.uuid4(), "person": p.pk, "outcome": "no_answer"} for p in files[::2]]
        rows += [
            base | {"uuid": uuid.uuid4(), "person": p.pk, "outcome": "needs", "needs": ["meal"]} for p in files[1::2]
        ]
        visits.record(rows, by=0, post=None, channel="desk")


def _queries(client) -> dict[str, int]:
    counts = {}
    for name, query in GROWS.items():
        asked = query | {"area": "990101001"}
        assert (
            client.get(reverse(name), asked).status_code == 200
        )  # once before, so that nothing is looked up for the first time
        with CaptureQueriesContext(
            connection,
        ) as caught:
            client.get(reverse(name), asked)
        counts[name] = len(caught)
    return counts


def test_lists_ask_as_often_for_fifty_as_for_five(realm, clerk):
    _grown(realm, 4)
    few = _queries(clerk)
    _grown(realm, 60)
    many = _queries(clerk)
    grown = {name: (few[name], many[name]) for name in few if many[name] > few[name]}
    assert not grown, f"queries grow with rows: {grown}"
    assert max(many.values()) <= 40, many


def test_the_api_asks_as_often_for_fifty_as_for_five(realm):
    from songhe.registry.accounts.actions import issue_token

    token = issue_token(post=w.post("clerk", realm["990101001"]), name="t", by=None)
    paths = [
        "/api/people?place=990101001&size=100", f"/api/duties/due?place=990101001&period={realm.week.code}&size=100",
        "/api/places/990101001/children", f"/api/indicators/weekly_visiting/figures?place=990101001&period={realm.week.code}",
    ]  # fmt: skip

    def asked():
        out = []
        for path in paths:
            Client().get(path, headers={"Authorization": f"Bearer {token}"})
            with CaptureQueriesContext(connection) as caught:
                assert Client().get(path, headers={"Authorization": f"Bearer {token}"}).status_code == 200
            out.append(len(caught))
        return out

    few = asked()
    _grown(realm, 60)
    assert asked() == few
    assert max(few) <= 12, few


def test_a_page_counts_no_further_than_the_cap(realm, clerk, settings):
    settings.CAPPED_COUNT = 3
    text = shown(clerk.get(reverse("people"), {"area": "990101001"}))
    assert "超过 3 人" in text

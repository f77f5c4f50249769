"""A month of services in the demo: through real verbs, some of it entitled, and again adds nothing."""

from datetime import date

import pytest
from django.utils import timezone

from songhe.care.services.models import Order, Provider, Worker
from songhe.core.acting import everywhere
from songhe.demo import families, ordering
from songhe.demo.progress import Report
from songhe.registry.people import family
from songhe.registry.people.circumstances import set_circumstance
from songhe.registry.people.models import Contact, Person
from songhe.registry.places.models import Place
from tests.world import person


@pytest.mark.django_db
def test_a_few_days_of_orders(monkeypatch):
    monkeypatch.setattr(ordering, "DAYS", 3)
    monkeypatch.setattr(ordering, "PROVIDERS", ordering.PROVIDERS[:2])
    from songhe.registry.places.actions import put_places

    today = timezone.localdate()
    with everywhere():
        rows = ["130000", "130682", "130682001", "130682001001", "130682001002"]
        put_places([{"code": c, "name": f"虚构{c}"} for c in rows], source="t", source_date=date(2020, 1, 1))
        village = Place.objects.get(code="130682001001")
        people = [person(village, "王秀英", origin="demo", birth=date(1940, 1, 1)) for _ in range(12)]
        Person.objects.bulk_create(people)
        for each in people:
            set_circumstance(by=None, post=None, person=each, kind="destitute", valid_from=today, source="t")
        city = Place.objects.get(code="130682")
        for _ in range(2):
            ordering.load(city=city, users={}, today=today, report=Report("quiet"))
        assert (Provider.objects.count(), Worker.objects.count()) == (2, 24)
        made = Order.objects.all()
        first = made.count()
        assert first >= ordering.TODAY
        assert made.filter(state="done").exists()
        assert made.filter(funding="entitled").exists()
        assert not made.exclude(origin="demo").exists()
        assert not made.filter(finished_at__gt=timezone.now()).exists()
        ways = [families.links(today), families.links(today)]
        assert [len(each) for each in ways] == [3, 3]
        tokens = [[way.path.split("/")[2] for way in each] for each in ways]
        assert {family.opened(token).state for token in tokens[0]} == {"revoked"}
        told = [family.opened(token) for token in tokens[1]]
        assert {(each.state, each.origin) for each in told} == {("ok", "demo")}
        assert [len(each.scopes) for each in told] == [8, 3, 1]
        asked = Order.objects.get(person=told[0].person, channel="family", note__contains="演示")
        assert (asked.origin, asked.state) == ("demo", "waiting")
        assert Contact.objects.count() == 3

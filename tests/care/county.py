"""A county with two towns of two villages each, people in difficulty, helpers; the rules are read and followed."""

import uuid
from datetime import date, datetime, timedelta

from django.utils import timezone

from songhe.care.visits.rules import ZONE
from songhe.registry.accounts.models import Post, User
from songhe.registry.people.models import Person
from songhe.registry.people.terms import tags_of
from songhe.registry.places.models import Place

SINCE = date(2020, 1, 1)


def _place(code, level, parent=None):
    above = {"province": None, "city": None, "county": None, "town": None}
    if parent is not None:
        above |= {k: getattr(parent, k) for k in above}
        above["town" if parent.level == "township" else parent.level] = parent
    return Place.objects.create(
        code=code, name=f"虚构{code}", short_name=f"虚构{code}", level=level, parent=parent, valid_from=SINCE,
        source="test", **above,
    )  # fmt: skip


class County:
    """Places, people and posts by short names: `county.villages[0]`, `county.people[0]`, `county.helper`."""

    def __init__(self):
        province = _place("99", "province")
        self.city = _place("9901", "city", province)
        self.place = _place("990101", "county", self.city)
        self.towns = [_place(f"99010100{n}", "township", self.place) for n in (1, 2)]
        self.villages = [_place(f"{town.code}00{n}", "village", town) for town in self.towns for n in (1, 2)]
        self.people = [self.person(self.villages[n % 4]) for n in range(8)]
        self.helpers = [self.post("helper", village) for village in self.villages]
        self.clerk = self.post("clerk", self.place)

    def person(self, village, tags=("living_alone",), birth=date(1950, 3, 4), **fields):
        name = f"虚构{Person.objects.count()}"
        return Person.objects.create(
            name=name, name_sort=name, search="", sex="f", birth=birth, tags=tags_of(tags), **village.areas(), **fields
        )

    def post(self, role, place):
        user = User.objects.create(username=f"{role}-{place.code}-{User.objects.count()}", name=f"演示{role}")
        return Post.objects.create(user=user, role=role, place=place, valid_from=SINCE)


def at(day, hour=9, minute=0):
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE)


def row(person, mode="call", outcome="well", when=None, **more):
    """One record as a phone sends it; made a minute ago unless said otherwise."""
    when = when or timezone.now() - timedelta(minutes=1)
    return (
        {"uuid": str(uuid.uuid4()), "person": getattr(person, "pk", person), "mode": mode, "outcome": outcome}
        | {"occurred_at": when.isoformat()}
        | more
    )

"""A township at work: two villages, helpers in both, twelve people, the running week open."""

from datetime import timedelta

import pytest


class Town:
    """`people[0..5]` live in the own village (helper `ann`, but for the last two: `bob`), the rest in the sister village (`cho`)."""

    def __init__(self):
        from django.utils import timezone

        from songhe.care.duties import actions as duties
        from songhe.core import periods
        from songhe.core.acting import everywhere
        from tests import world as w

        self.week = periods.containing("week", timezone.localdate())
        with everywhere():
            self.world = w.World()
            own, sister = self.world[w.OWN], self.world[w.SISTER]
            self.place, self.county = self.world["990101001"], self.world["990101"]
            extra = [w.person(village, f"赵{n}", tags=1) for village in (own, sister) for n in "一二三"]
            for one in extra:
                one.save()
            self.people = self.world.people[w.OWN] + extra[:3] + self.world.people[w.SISTER] + extra[3:]
            self.clerk = w.post("township_worker", self.place, username="town")
            self.leader = w.post("leader", self.county, username="leader")
            self.outsider = w.post("township_worker", self.world["990201001"], username="outsider")
            self.ann, self.bob = (w.post("helper", own, username=name) for name in ("ann", "bob"))
            self.cho = w.post("helper", sister, username="cho")
            duties.sync_rules(by=0)
            names = [self.ann] * 4 + [self.bob] * 2 + [self.cho] * 6
            duties.name_helpers(pairs=[(p.pk, post.user_id) for p, post in zip(self.people, names, strict=True)], by=0)
            duties.open_period(place=self.county, rule="visiting", period=self.week, by=0)

    @property
    def monday(self):
        return self.week.start

    def day(self, n: int):
        return self.week.start + timedelta(days=n)


@pytest.fixture
def town(db, settings) -> Town:
    settings.MFA_REQUIRED_FROM = ""
    return Town()

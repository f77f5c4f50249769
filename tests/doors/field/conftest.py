"""A village at work, and clients signed in as somebody; models are imported inside, because this is read before Django is set up."""

import pytest


class Field:
    """`county` with this week open; the first helper looks in on three people of the first village."""

    def __init__(self, county):
        from django.utils import timezone

        from songhe.care.duties import actions as duties
        from songhe.core.acting import everywhere
        from songhe.core.periods import containing
        from songhe.registry.people import sealing
        from songhe.registry.people.models import Person

        self.county, self.helper = county, county.helpers[0]
        with everywhere():
            county.people += [county.person(county.villages[0]) for _ in range(1)]
            self.people = [p for p in county.people if p.village_id == county.villages[0].pk]
            Person.objects.filter(pk__in=[p.pk for p in self.people]).update(
                phone_sealed=sealing.seal("phone", "13000000000")
            )
            self.town = county.post("township_worker", county.towns[0])
            self.assessor = county.post("assessor", county.place)
            self.second = county.post("helper", county.villages[0])
            duties.name_helpers(pairs=[(p.pk, self.helper.user_id) for p in self.people], by=0)
            week = containing("week", timezone.localdate())
            duties.open_period(place=county.place, rule="visiting", period=week, by=0)

    def client(self, post, **more):
        from django.test import Client

        made = Client(**more)
        made.force_login(post.user)
        return made


@pytest.fixture
def field(db, settings):
    from songhe.care.duties import actions as duties
    from songhe.core.acting import everywhere
    from tests.care.county import County

    settings.MFA_REQUIRED_FROM = ""
    with everywhere():
        made = County()
        duties.sync_rules(by=0)
    return Field(made)

"""A period opens, visits are recorded, the lists and the sums follow."""

import pytest

from songhe.care.duties import actions as duties
from songhe.care.duties import queries
from songhe.care.duties.access import SYSTEM
from songhe.care.duties.models import Duty
from songhe.care.visits import actions as visits
from songhe.core.acting import everywhere
from songhe.registry.accounts.access import acting_as
from tests.care.county import row

pytestmark = pytest.mark.django_db


def test_from_the_rule_to_the_number(county, week):
    with everywhere():
        opening = duties.open_period(place=county.place, rule="visiting", period=week, by=0)
    assert opening.owed == 8
    helper, person = county.helpers[0], county.people[0]
    with acting_as(helper):
        for mode in ("call", "video", "home_visit"):
            visits.record([row(person, mode)], by=helper.user, post=helper, channel="phone")
        assert queries.due_list(post=helper, period=week).rows[0].person_id == county.people[4].pk
    with everywhere():
        sums = queries.tally(
            post=SYSTEM, name="visiting", periods=week, place=county.place, levels=("county", "township", "village")
        )
        missed = queries.missed(post=SYSTEM, place=county.place, period=week)
        assert [duty.person_id for duty in missed if duty.person_id == person.pk] == []
        assert missed.count() == sums[0].missed == 7
    assert [(s.level, s.owed, s.kept) for s in sums if s.place_id == person.village_id] == [("village", 2, 1)]
    assert len(sums) == 1 + 2 + 4


def test_opening_again_adds_nobody(county, week):
    with everywhere():
        first = duties.open_period(place=county.place, rule="visiting", period=week, by=0)
        again = duties.open_period(place=county.place, rule="visiting", period=week, by=0)
        assert (again.pk, Duty.objects.count()) == (first.pk, 8)

"""Six days with planted cheats: every rule finds its own, nothing else much, and the money is the sum of the accepted orders."""

from datetime import timedelta

import pytest
from django.utils import timezone

from songhe.care.settlement.models import Settlement
from songhe.core.acting import everywhere
from songhe.demo import simulate
from songhe.doors.cli.orders_simulate import short
from songhe.registry.people.actions import set_circumstance
from songhe.registry.people.models import Person
from songhe.registry.places.actions import load_shipped
from songhe.registry.places.models import Place
from tests.world import SINCE, person


def test_every_rule_finds_what_was_planted_and_the_sums_agree(db):
    with everywhere():
        load_shipped("130682")
        county = Place.objects.get(code="130682")
        villages = Place.objects.filter(county=county, level="village").order_by("code")[:6]
        Person.objects.bulk_create(
            person(village, tags=1 | 2, ability_level=3) for village in villages for _n in range(5)
        )
        for one in Person.objects.all():
            set_circumstance(by=None, post=None, person=one, kind="destitute", valid_from=SINCE, source="t")
        last = timezone.localdate().replace(day=1) - timedelta(days=1)
        found = simulate.simulate(place=county, days=6, carers=4, last=last, seed=7)
        simulate.check_now()
        assert short(found) == [], found["rules"]
        assert set(found["orders"]) >= {"done", "called_back", "cancelled"}
        assert found["sla"]["met"] <= found["sla"]["of"] == sum(found["orders"].values()) - found["orders"]["cancelled"]
        money = found["settlement"]
        assert money["total"] == money["recomputed"] > 0
        months = Settlement.objects.all()
        assert {row.state for row in months} == {"signed"}
        assert sum(sum(row["exceptions"].values()) for row in money["months"]) >= 3


def test_a_place_where_nobody_lives_says_what_to_do(db):
    from songhe.core.trouble import Trouble

    with everywhere():
        load_shipped("130682")
        with pytest.raises(Trouble, match="songhe demo"):
            simulate.simulate(
                place=Place.objects.get(code="130682"), days=3, carers=4, last=timezone.localdate(), seed=1
            )

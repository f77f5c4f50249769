"""Siting on the registers: who is counted where, which sites stand, what is chosen, what it costs to fix a village, what is refused."""

import pytest

from songhe.core.acting import everywhere
from songhe.core.refusal import Refusal
from songhe.insight.planning.budget import Budget
from songhe.insight.siting.answering import answer
from songhe.insight.siting.asked import SHORTEST, TOWN, WALK, Asked
from songhe.insight.siting.gathering import ground
from songhe.registry.places.models import Place
from tests import world as w
from tests.insight.siting.county import AT, KIND, LONELY, THIRD, county, station

__all__ = ["county"]


def steps() -> Budget:
    return Budget(steps=2000)


def asks(count: int = 1, minutes: float = 15, **more) -> Asked:
    return Asked(kind=KIND, count=count, minutes=minutes, **more)


def read(county, asked: Asked, place=None):
    with everywhere():
        return ground(post=county.leader, place=place or county.place, asked=asked, on=county.on)


def test_the_living_are_counted_by_village_and_a_village_without_position_is_named(county):
    station(county.at[w.SISTER])
    found = read(county, asks())
    assert {s.place.code: s.people for s in found.spots} == {w.OWN: 3, w.SISTER: 3, THIRD: 1, w.FAR: 4}
    assert [(s.place.code, s.people) for s in found.unplaced] == [(LONELY, 2)]
    assert [s.facility.name for s in found.standing] == [f"{w.SISTER}站"]
    assert found.standing[0].by_village
    assert set(found.codes) == set(AT) - {w.SISTER}
    assert "直线" in found.basis[0]
    alone = read(county, asks(whom="living_alone"))
    assert {s.place.code: s.people for s in alone.spots}[w.FAR] == 3


def test_a_site_next_door_counts_and_one_whose_place_nobody_knows_is_named(county):
    station(county.at[w.SISTER])
    station(county.at[LONELY])
    town = read(county, asks(), county.at["990101002"])
    assert [s.inside for s in town.standing] == [False]  # it has none of its own: the nearest is the neighbour's
    found = read(county, asks())
    assert [f.name for f in found.adrift] == [f"{LONELY}站"]
    station(county.at[w.FAR], "site_chosen")
    assert w.FAR in read(county, asks()).codes
    assert w.FAR not in read(county, asks(built=True)).codes


def test_the_most_people_are_reached_and_it_is_proven(county):
    station(county.at[w.SISTER])
    made = answer(read(county, asks()), asks(), steps)
    assert [c.spot.place.code for c in made.chosen] == [w.FAR]
    assert [(c.rank, c.people) for c in made.chosen] == [(1, 4)]
    assert (made.people, made.before, made.after) == (11, 6, 10)
    assert made.proven
    assert made.more == 0
    left = [r for r in made.rows if not r.now]
    assert [(r.spot.place.code, r.why, r.near.place.code) for r in left] == [(THIRD, "count", THIRD)]
    assert {g.name: (g.people, g.before, g.after) for g in made.groups} == {
        "990101001镇": (7, 6, 6),
        "990101002镇": (4, 0, 4),
    }
    assert made.price is None


def test_a_village_ruled_out_or_required_has_its_price(county):
    station(county.at[w.SISTER])
    asked = asks(never=frozenset({w.FAR}))
    made = answer(read(county, asked), asked, steps)
    assert [c.spot.place.code for c in made.chosen] == [THIRD]
    assert made.price.people == 3
    assert not made.price.least
    assert {r.spot.place.code: r.why for r in made.rows if not r.now} == {w.FAR: "never"}
    asked = asks(2, must=frozenset({w.OWN}))
    made = answer(read(county, asked), asked, steps)
    assert {c.spot.place.code: (c.people, c.pinned) for c in made.chosen} == {w.FAR: (4, False), w.OWN: (0, True)}
    assert made.before == 6
    assert made.price.people == 1
    asked = asks(1, must=frozenset({w.OWN, w.SISTER}))  # the sister village has a station: it cannot be required
    made = answer(read(county, asked), asked, steps)
    assert made.dropped == {w.SISTER}
    assert [c.spot.place.code for c in made.chosen] == [w.OWN]


def test_the_shortest_way_for_everybody_and_on_foot(county):
    asked = asks(2, goal=SHORTEST)
    made = answer(read(county, asked), asked, steps)
    assert {c.spot.place.code for c in made.chosen} == {w.SISTER, w.FAR} or {
        c.spot.place.code for c in made.chosen
    } == {w.OWN, w.FAR}
    assert made.proven
    assert made.mean_before is None
    assert made.mean_after == pytest.approx(made.worth / made.people)
    walk = asks(1, how=WALK)
    found = read(county, walk)
    assert "步行" in found.basis[0]
    assert answer(found, walk, steps).after == 4  # the two villages 2 km apart are no 15 minutes on foot


def test_the_worst_off_township_first(county):
    w_more = [w.person(county.at[THIRD], f"钱{n}") for n in "一二三四五六七八"]
    with everywhere():
        for one in w_more:
            one.save()
    station(county.at[w.SISTER])
    plain, fair = asks(), asks(fair=TOWN)
    assert [c.spot.place.code for c in answer(read(county, plain), plain, steps).chosen] == [THIRD]
    made = answer(read(county, fair), fair, steps)
    assert [c.spot.place.code for c in made.chosen] == [w.FAR]
    assert made.worst.name == "990101001镇"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (asks(0), "no_sites_asked"),
        (asks(9), "too_many_sites"),
        (asks(1, must=frozenset({w.OWN}), never=frozenset({w.OWN})), "both"),
        (asks(1, must=frozenset({w.OWN, w.FAR})), "too_many_pinned"),
        (asks(whom="dementia"), "nobody_counted"),
    ],
)
def test_what_cannot_be_planned_is_refused_in_both_languages(county, asked, code):
    with pytest.raises(Refusal) as said:
        answer(read(county, asked), asked, steps)
    assert said.value.code == code
    assert said.value.zh != said.value.en


def test_without_positions_or_with_too_many_villages_nothing_is_planned(county, monkeypatch):
    from songhe.insight.siting import gathering
    from songhe.insight.siting.definitions import SitingTerms

    monkeypatch.setattr(gathering, "siting_terms", lambda: SitingTerms(3.6, 15, 3, "x"))
    with pytest.raises(Refusal, match="一页最多测算 3 个"):
        read(county, asks())
    monkeypatch.undo()
    with everywhere():
        Place.objects.update(longitude=None, latitude=None)
    with pytest.raises(Refusal, match="都没有坐标"):
        read(county, asks())

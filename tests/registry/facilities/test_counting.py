"""Counts as of a day: the walk of a site, what closes it, activities, beds new and converted, sub-areas in one statement."""

from datetime import date

import pytest

from songhe.core import acting
from songhe.core.refusal import Refusal
from songhe.registry.accounts.access import acting_as
from songhe.registry.facilities import actions, queries
from songhe.registry.facilities.models import Facility, StatusChange
from tests import world as w
from tests.registry.facilities.sites import DAY, TOWN, Site

D = date


def count(world, reached, on, code="990101", kinds=("day_care_station",), **more):
    return queries.facility_count(place=world[code], kinds=kinds, reached=reached, on=on, **more)


def test_a_site_counts_as_far_as_it_has_come_on_the_day(world, station):
    station.to("started", D(2021, 5, 6))
    station.to("done", D(2021, 10, 20))
    assert count(world, "planned", D(2021, 3, 29)) == 0  # not yet on file
    assert count(world, "site_chosen", DAY) == 1
    assert count(world, "started", D(2021, 5, 5)) == 0
    assert count(world, "started", D(2021, 5, 6)) == 1
    assert count(world, "site_chosen", D(2021, 12, 31)) == 1  # further on counts as well
    assert count(world, "done", D(2021, 10, 20)) == 1
    assert count(world, "accepted", D(2021, 12, 31)) == 0


def test_in_use_is_proved_by_activity(world, station):
    station.to("started", D(2021, 5, 6))
    station.to("done", D(2021, 10, 20))
    station.to("accepted", D(2021, 11, 1), paper="定民〔2021〕9号验收表")
    with pytest.raises(Refusal, match="活动记录"):
        station.to("in_use", D(2021, 11, 8))
    assert StatusChange.objects.filter(status="in_use").count() == 0
    seen = station.active(D(2021, 11, 8))
    station.to("in_use", D(2021, 11, 8))
    assert count(world, "in_use", D(2021, 11, 8)) == 1
    actions.void_activity(by=None, post=None, activity=seen, reason="记错了站点")
    assert count(world, "in_use", D(2021, 11, 8)) == 0  # the status stands, the proof is gone
    assert count(world, "accepted", D(2021, 11, 8)) == 1


def test_a_closed_site_has_come_nowhere(world, station):
    station.to("closed", D(2021, 6, 1), reason="选址变更")
    assert count(world, "planned", D(2021, 5, 31)) == 1
    assert count(world, "planned", D(2021, 6, 1)) == 0
    assert count(world, "closed", D(2021, 6, 1)) == 1


def test_sub_areas_in_one_statement(world, station, django_assert_num_queries):
    Site(world, w.SISTER, name="乙社区日间照料服务站")
    Site(world, w.FAR, name="丙社区日间照料服务站")
    planned = actions.register(
        by=None, post=None, place=world[TOWN], kind="day_care_station", name="未定址站点", on=DAY
    )
    with django_assert_num_queries(1):
        found = queries.facility_counts(place=world["990101"], kinds=["day_care_station"], reached="planned", on=DAY)
    assert found == {world["990101"].pk: 4, world[TOWN].pk: 3, world["990101002"].pk: 1}
    by_village = queries.facility_counts(
        place=world["990101"], kinds=["day_care_station"], reached="planned", on=DAY, level="village"
    )
    assert by_village[world["990101"].pk] == 4  # the one without a site counts in the whole alone
    assert by_village[world[w.OWN].pk] == 1
    assert planned.village_id is None
    rows = queries.facilities_reached(place=world[TOWN], kinds=["day_care_station"], reached="planned", on=DAY)
    assert {row.name for row in rows} == {"甲社区日间照料服务站", "乙社区日间照料服务站", "未定址站点"}


def test_a_functional_area_counts_its_members(world):
    for code in (w.OWN, w.SISTER, w.FAR):
        Site(world, code, name=f"{code}站")
    assert count(world, "site_chosen", DAY, code=w.AREA) == 2
    assert count(world, "site_chosen", DAY, code="990000") == 3


def test_a_functional_area_sees_a_site_laid_at_it_before_its_village_is_chosen(world):
    given = {"by": None, "post": None, "kind": "day_care_station", "on": DAY}
    planned = actions.register(place=world[w.AREA], name="未定址站点", **given)
    actions.register(place=world[TOWN], name="别处站点", **given)
    with pytest.raises(Refusal, match="选址以后"):
        actions.register(place=world[w.AREA], name="已选址站点", status="site_chosen", **given)
    assert (planned.village_id, planned.town_id, planned.county_id) == (None, None, world["990101"].pk)
    mine = w.post("clerk", world[w.AREA])
    assert count(world, "planned", DAY, code=w.AREA, post=mine) == 1
    with acting_as(mine):
        assert [row.name for row in Facility.objects.all()] == ["未定址站点"], "PostgreSQL's own rule"
        who = {"by": mine.user, "post": mine}
        actions.register(place=world[w.AREA], name="第二处", **(given | who))
        actions.choose_site(facility=planned, village=world[w.FAR], on=DAY, **who)
        with pytest.raises(Refusal, match="不在您的辖区"):
            actions.register(place=world[w.OWN], name="镇里站点", **(given | who))
    from songhe.oversight.programmes import register

    where = {site.name: site.where for site in register.sites(world["990101"])}
    assert where["第二处"].functional == where["未定址站点"].functional == world[w.AREA].pk
    assert where["别处站点"].functional is None


def test_a_post_counts_its_own_area_only(world):
    Site(world, w.OWN)
    Site(world, w.NEXT_COUNTY, name="邻县站")
    mine = w.post("clerk", world["990101"])
    assert count(world, "planned", DAY, code="990100") == 2
    assert count(world, "planned", DAY, code="990100", post=mine) == 1
    with acting.acting(mine.areas()):
        assert Facility.objects.count() == 1
    with acting.acting([]):
        assert Facility.objects.count() == 0


def test_converted_beds_are_never_added_to_new_ones(world):
    home = Site(world, kind="institution", name="李亲顾中心").facility
    beds = {"by": None, "post": None, "facility": home}
    actions.add_beds(**beds, kind="residential", count=120, on=D(2021, 9, 1))
    actions.add_beds(**beds, kind="nursing", origin="converted", from_kind="residential", count=60, on=D(2021, 11, 20))
    place, on = world["990101"], D(2021, 11, 30)
    kinds = ["residential", "nursing"]
    assert queries.bed_count(place=place, kinds=kinds, on=on) == 120
    assert queries.bed_count(place=place, kinds=["nursing"], on=on, converted=True) == 60
    assert queries.bed_count(place=place, kinds=["nursing"], on=D(2021, 11, 19), converted=True) == 0
    assert queries.beds_now(home, on) == {"residential": 60, "nursing": 60}
    actions.add_beds(**beds, kind="residential", origin="removed", count=10, on=D(2021, 11, 25))
    assert queries.bed_counts(place=place, kinds=kinds, on=on) == {place.pk: 110, world[TOWN].pk: 110}
    with pytest.raises(Refusal, match="不足"):
        actions.add_beds(**beds, kind="nursing", origin="converted", from_kind="residential", count=51, on=on)


def test_home_based_beds_are_counted_apart(world, station):
    actions.add_beds(by=None, post=None, facility=station.facility, kind="home", count=30, on=D(2021, 9, 1))
    assert queries.bed_count(place=world["990101"], kinds=["home"], on=D(2021, 9, 1)) == 30
    with pytest.raises(Refusal, match="单独统计"):
        queries.bed_count(place=world["990101"], kinds=["home", "day"], on=D(2021, 9, 1))


@pytest.mark.parametrize(
    "asked",
    [{"kinds": []}, {"kinds": ["station"]}, {"reached": "finished"}],
)
def test_an_unknown_word_is_an_error_never_everything(world, asked):
    with pytest.raises(Refusal):
        queries.facility_count(
            **({"place": world["990101"], "kinds": ["canteen"], "reached": "done", "on": DAY} | asked)
        )

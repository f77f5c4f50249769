"""A register taken in at once obeys the same rules as one site after another."""

from datetime import date

import pytest

from songhe.core import acting
from songhe.core.models import AuditEvent
from songhe.core.refusal import Refusal
from songhe.registry.accounts.access import Denied, acting_as
from songhe.registry.facilities import actions, queries
from songhe.registry.facilities.actions import Enrolment
from songhe.registry.facilities.models import Activity, Facility, StatusChange
from tests import world as w

D = date
SYSTEM = {"by": None, "post": None}
WALK = [
    ("planned", D(2023, 8, 1), ""), ("done", D(2023, 9, 10), ""), ("accepted", D(2023, 9, 20), "验收表"), ("in_use", D(2023, 9, 25), ""),
]  # fmt: skip


def row(world, code=w.OWN, name="甲站", **more):
    given = {"walk": WALK, "activities": [(D(2023, 9, 25), "culture", 20, "签到表")]} | more
    return Enrolment(place=world[code], kind="day_care_station", name=name, **given)


def test_many_sites_at_once(world, django_assert_max_num_queries):
    rows = [row(world, name=f"站{n}", beds=[("day", "new", "", 5, D(2023, 9, 10))]) for n in range(40)]
    with django_assert_max_num_queries(24):
        actions.enrol(**SYSTEM, rows=rows, origin="demo")
    place, kinds = world["990101"], ["day_care_station"]
    assert queries.facility_count(place=place, kinds=kinds, reached="in_use", on=D(2023, 9, 25)) == 40
    assert queries.facility_count(place=place, kinds=kinds, reached="in_use", on=D(2023, 9, 24)) == 0
    assert queries.bed_count(place=place, kinds=["day"], on=D(2023, 9, 30)) == 200
    with acting.acting(acting.EVERYWHERE, sees_audit="yes"):
        assert AuditEvent.objects.get(verb="facilities.enrol").detail == {"sites": 40, "origin": "demo"}
    assert set(Facility.objects.values_list("origin", flat=True)) == {"demo"}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"activities": []}, "活动记录"),
        ({"walk": [*WALK[:2], ("accepted", D(2023, 9, 20), ""), WALK[3]]}, "签字的验收"),
        ({"walk": [WALK[1], WALK[0]]}, "早于"),
        ({"walk": [("finished", D(2023, 9, 1), "")]}, "乙站"),
        ({"activities": [(D(2123, 9, 25), "culture", 20, "签到表")]}, "还没有到"),
    ],
)
def test_one_wrong_site_and_nothing_comes_in(world, wrong, said):
    with pytest.raises(Refusal, match=said):
        actions.enrol(**SYSTEM, rows=[row(world), row(world, name="乙站", **wrong)])
    assert (Facility.objects.count(), StatusChange.objects.count(), Activity.objects.count()) == (0, 0, 0)


def test_who_may_not(world):
    far, village = w.post("clerk", world["990201"]), w.post("village_worker", world[w.OWN])
    with acting_as(far), pytest.raises(Refusal, match="不在您的辖区"):
        actions.enrol(by=far.user, post=far, rows=[row(world)])
    with acting_as(village), pytest.raises(Denied):
        actions.enrol(by=village.user, post=village, rows=[row(world)])


def test_the_same_name_twice_in_one_place(world):
    with pytest.raises(Refusal, match="同名称"):
        actions.enrol(**SYSTEM, rows=[row(world), row(world)])

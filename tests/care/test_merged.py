"""Two files become one: the running bed, its devices and the place at a table follow; one bed and one meal a person still hold."""

import pytest

from songhe.care.agreements import actions as beds
from songhe.care.agreements.models import Bed
from songhe.care.meals import actions as meals
from songhe.care.meals.models import Diner
from songhe.registry.people import actions as people
from songhe.registry.people.models import Merge
from tests import world as w
from tests.care.settings import SYSTEM, TODAY, ago, elder, firm, meal, says_no, signed_bed, site

pytestmark = pytest.mark.django_db


def join(kept, absorbed):
    return people.merge(**SYSTEM, kept=kept, absorbed=absorbed, reason="同一人，两次登记")


def test_the_bed_and_its_devices_follow_and_come_back(world):
    centre, company = site(world[w.OWN]), firm()
    kept, absorbed = elder(world[w.FAR], "赵虚构"), elder(world[w.OWN], "赵虚拟")
    past = signed_bed(absorbed, centre, ago(90), company)
    beds.end(**SYSTEM, bed=past, on=ago(50), reason="withdrawn")
    bed = signed_bed(absorbed, centre, ago(40), company)
    device = beds.install(**SYSTEM, bed=bed, kind="button", serial="M-1", on=ago(30))
    record = join(kept, absorbed)
    bed.refresh_from_db()
    device.refresh_from_db()
    assert (bed.person_id, bed.village_id, device.person_id) == (kept.pk, kept.village_id, kept.pk)
    past.refresh_from_db()
    assert (past.person_id, past.village_id) == (kept.pk, absorbed.village_id)  # it stood there
    with says_no("one_active_bed"):
        beds.survey(**SYSTEM, person=kept, facility=centre, on=TODAY)
    people.undo_merge(**SYSTEM, record=record)
    bed.refresh_from_db()
    device.refresh_from_db()
    assert (bed.person_id, bed.village_id, device.village_id) == (absorbed.pk, absorbed.village_id, absorbed.village_id)
    assert not Bed.objects.filter(person=kept).exists()


def test_two_running_beds_are_refused_and_nothing_is_merged(world):
    centre, company = site(world[w.OWN]), firm()
    kept, absorbed = elder(world[w.OWN], "赵虚构"), elder(world[w.OWN], "赵虚拟")
    signed_bed(kept, centre, ago(40), company)
    second = signed_bed(absorbed, centre, ago(30), company, number="XY-2")
    with says_no("two_running_beds"):
        join(kept, absorbed)
    absorbed.refresh_from_db()
    assert absorbed.merged_into_id is None
    assert not Merge.objects.exists()
    assert absorbed.assessments.count() == 1  # half of it does not stay
    beds.end(**SYSTEM, bed=second, on=TODAY, reason="withdrawn", note="重复登记")
    assert join(kept, absorbed).kept_id == kept.pk


def test_the_table_follows_or_ends_and_a_meal_counts_once(world):
    here, there = (
        site(world[w.OWN], "canteen", "甲食堂", use="meal"),
        site(world[w.OWN], "meal_point", "乙餐桌", use="meal"),
    )
    kept, absorbed, third = (elder(world[w.OWN], name) for name in ("赵虚构", "赵虚拟", "赵再虚"))
    row = meals.enrol_diner(**SYSTEM, person=absorbed, facility=here, on=ago(20))
    again = meals.enrol_diner(**SYSTEM, person=third, facility=there, on=ago(10))
    eaten = meals.count(**SYSTEM, facility=here, rows=[meal(absorbed)])[0]
    assert eaten.result == "new"
    first, second = join(kept, absorbed), join(kept, third)
    assert Diner.objects.get(pk=row.pk).person_id == kept.pk
    ended = Diner.objects.get(pk=again.pk)
    assert (ended.person_id, ended.valid_to) == (third.pk, TODAY)
    answer = meals.count(**SYSTEM, facility=there, rows=[meal(kept)])[0]
    assert (answer.result, answer.meal.government) == ("duplicate", 0)
    assert "甲食堂" in answer.problem.zh
    for record in (second, first):
        people.undo_merge(**SYSTEM, record=record)
    assert Diner.objects.get(pk=row.pk).person_id == absorbed.pk
    assert Diner.objects.get(pk=again.pk).valid_to is None

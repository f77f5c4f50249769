"""The programme's targets in a bulletin: frozen with the month, revised beside, never typed."""

from datetime import date, datetime

import pytest
from django.db import IntegrityError, transaction

from songhe.care.visits.rules import ZONE
from songhe.core import periods
from songhe.core.acting import everywhere
from songhe.oversight.bulletins import actions, queries
from songhe.oversight.bulletins.models import FrozenTarget
from songhe.oversight.programmes import actions as programmes
from songhe.registry.places.models import Place
from tests.care.county import County

OCTOBER = periods.parse("2023-10")
PROGRAMME = "dingzhou-2023"


class City:
    """The county of the programme itself, with nothing in it yet."""

    def __init__(self):
        place = County().place
        Place.objects.filter(pk=place.pk).update(code="130682")
        self.place = Place.objects.get(pk=place.pk)

    def enter(self, value, evidence="建设台账"):
        programmes.enter_figure(
            programme=PROGRAMME, goal="platform", place=self.place, value=value, as_of=date(2023, 10, 20), evidence=evidence,
            by=0, post=None,
        )  # fmt: skip

    def close(self):
        now = datetime(2023, 11, 1, 8, tzinfo=ZONE)
        return actions.close_month(place=self.place, period=OCTOBER, by=0, post=None, now=now)

    def recount(self, reason="市局补报"):
        return actions.recount(place=self.place, period=OCTOBER, reason=reason, by=0, post=None)

    def draft(self):
        return actions.draft(programme=PROGRAMME, period=OCTOBER, by=0, post=None)

    def target(self, goal="platform") -> dict:
        return next(t for t in queries.targets(PROGRAMME, self.place, OCTOBER) if t["goal"] == goal)


@pytest.fixture
def city(db):
    with everywhere():
        yield City()


def said(made) -> str:
    runs = [run for block in made.content["blocks"] for run in block.get("runs", [])]
    return "".join(run for run in runs if isinstance(run, str))


def test_targets_are_frozen_with_the_month(city):
    first = city.close()
    assert first["targets"] > 20
    assert city.close() == {"indicators": 0, "targets": 0}
    made = city.draft()
    table = next(block for block in made.content["blocks"] if block.get("caption") == "目标任务进展情况")
    assert len(table["rows"]) == FrozenTarget.objects.filter(programme=PROGRAMME).count()
    homes = next(row for row in table["rows"] if row[0] == "R53")
    assert homes[1]["text"].startswith("农村互助幸福院")
    assert "每乡镇≥2个" in homes[2]
    assert homes[4] == "2023年9月30日"
    notes = {note["n"] for note in made.content["annex"]["notes"]}
    assert all(row[1]["note"] in notes for row in table["rows"])
    assert "纳入调度的目标任务" in said(made)


def test_an_entry_after_the_freeze_is_a_revision_beside_it(city):
    city.close()
    before = city.draft()
    assert city.target()["done"] == "未报"
    city.enter(1)
    assert city.target()["done"] == "未报"
    assert city.recount()["targets"] == 1
    target = city.target()
    assert target["done"] == "未报"
    assert (target["revision"]["done"], target["revision"]["reason"]) == ("1个", "市局补报")
    after = city.draft()
    assert after.figures_digest == before.figures_digest
    assert "封存时完成未报" in said(after)
    assert "重新计数为1个（已完成），原因：市局补报。封存数不改。" in said(after)
    assert city.recount()["targets"] == 0


def test_a_frozen_target_never_changes(city):
    city.close()
    with pytest.raises(IntegrityError), transaction.atomic():
        FrozenTarget.objects.update(reason="x")


def test_states_of_people_are_not_frozen_years_later(city):
    actions.close_month(place=city.place, period=OCTOBER, by=0, post=None)
    goals = set(FrozenTarget.objects.values_list("goal", flat=True))
    assert "platform" in goals
    from songhe.oversight.programmes.definitions import named

    live = {g.id for g in named(PROGRAMME).goals if g.figure.get("indicator") in ("helper_named", "case_file_complete")}
    assert not goals & live

"""From the kit to the signature: a defect, its order, its repair, the second look, the signature of somebody else."""

from datetime import date, timedelta

import pytest
from django.db import Error, transaction

from songhe.core import acting
from songhe.core.models import AuditEvent
from songhe.core.refusal import Refusal
from songhe.registry.accounts.access import Denied, acting_as
from songhe.registry.facilities import actions, queries
from songhe.registry.facilities.models import Inspection, Line, Measure, Photo, Rectification, StatusChange
from tests import world as w
from tests.registry.facilities.sites import Site, picture

D = date
SYSTEM = {"by": None, "post": None}
TEAM = ["验收甲", "验收乙"]
DONE = D(2021, 10, 20)


@pytest.fixture
def kit(station, only):
    only("dingzhou-2021-station")
    station.to("done", DONE)
    return actions.open_inspection(
        **SYSTEM, facility=station.facility, kind="acceptance", on=D(2021, 11, 20), team=TEAM
    )


def audited() -> int:
    with acting.acting(acting.EVERYWHERE, sees_audit="yes"):
        return AuditEvent.objects.count()


def line(inspection, clause) -> Line:
    return inspection.lines.get(clause=f"dingzhou-2021-station.{clause}")


def fill(inspection, beds=4, area=190, services=("day_care", "leisure", "meal", "bath", "clean"), photo=1):
    record = lambda name, measured: actions.record_line(**SYSTEM, line=line(inspection, name), measured=measured)  # noqa: E731
    for name, measured in (
        ("floor_area", {"value": area}),
        ("day_beds", {"value": beds}),
        ("five_services", {"codes": list(services)}),
    ):
        if inspection.lines.filter(clause__endswith=f".{name}").exists():
            record(name, measured)
    for at, each in enumerate(inspection.lines.all()):
        if each.definition["photo"]:
            actions.add_photo(**SYSTEM, inspection=inspection, line=each, data=picture(photo * 10 + at))


def test_the_kit_is_made_from_the_standards(kit, station):
    assert [each.definition["commitment"] for each in kit.lines.all()] == ["R05", "R06", "R07"]
    assert {each.result for each in kit.lines.all()} == {"unknown"}
    with pytest.raises(Refusal, match="没有查明"):
        actions.conclude(**SYSTEM, inspection=kit)
    assert Inspection.objects.get().verdict == ""


def test_one_defect_put_right_then_signed(kit, station, world):
    fill(kit, beds=3)
    assert line(kit, "day_beds").result == "not_met"
    failed = actions.conclude(**SYSTEM, inspection=kit, addressed_to="甲社区")
    assert failed.verdict == "fail"
    order = Rectification.objects.get()
    assert order.due_on == D(2021, 12, 5)  # 15 days, from the terms of inspecting
    with pytest.raises(Refusal, match="还有 1 项"):
        actions.reinspect(**SYSTEM, inspection=kit, on=D(2021, 12, 1), team=TEAM)
    actions.repair(**SYSTEM, line=line(kit, "day_beds"), on=D(2021, 11, 28), done="增设日间照料床位 1 张")
    again = actions.reinspect(**SYSTEM, inspection=kit, on=D(2021, 12, 1), team=TEAM)
    assert [each.clause for each in again.lines.all()] == ["dingzhou-2021-station.day_beds"]
    fill(again, beds=4, photo=2)
    assert actions.conclude(**SYSTEM, inspection=again).verdict == "pass"
    actions.sign_off(**SYSTEM, inspection=again, on=D(2021, 12, 2))
    assert queries.facility_count(
        place=world["990101"], kinds=["day_care_station"], reached="accepted", on=D(2021, 12, 2)
    ) == 1  # fmt: skip
    assert Measure.objects.get(what="floor_area").value == 190  # measured in the first look, kept as a fact
    assert kit.verdict == ""  # the object in hand is stale; the row keeps its verdict
    assert Inspection.objects.get(pk=kit.pk).verdict == "fail"


def test_a_missing_photograph_holds_the_verdict_up(kit):
    fill(kit)
    Photo.objects.filter(line=line(kit, "day_beds")).delete()
    with pytest.raises(Refusal, match="现场照片"):
        actions.conclude(**SYSTEM, inspection=kit)


def test_one_photograph_cannot_pass_two_sites(kit, world, only):
    fill(kit)
    other = Site(world, w.OTHER_CITY, name="别市站")
    second = Inspection.objects.create(facility=other.facility, kind="spot", on=DONE, team=TEAM)
    for copy in (picture(10), picture(10, size=900), picture(10, quality=50)):
        with pytest.raises(Refusal, match="另一处设施"):
            actions.add_photo(**SYSTEM, inspection=second, data=copy)
    # outside one's own area it is refused as well, and nothing of the other site is told
    mine = w.post("clerk", world["990201"])
    with acting_as(mine), pytest.raises(Refusal, match="另一处设施") as told:
        actions.add_photo(by=mine.user, post=mine, inspection=second, data=picture(10))
    assert kit.facility.name not in told.value.zh
    # and the database says so by itself
    first = Photo.objects.filter(inspection=kit).first()
    copy = Photo(
        facility=other.facility, inspection=second, dhash=first.dhash, phash=first.phash, sha256="", stored_as=""
    )
    with pytest.raises(Error, match="photo_one_site"), transaction.atomic():
        copy.save()
    actions.add_photo(**SYSTEM, inspection=second, data=picture(777))
    assert Photo.objects.filter(inspection=second).count() == 1


def test_whoever_gave_the_verdict_does_not_sign(kit, world):
    fill(kit)
    clerk, leader = w.post("clerk", world["990101"]), w.post("leader", world["990101"])
    with acting_as(clerk):
        actions.conclude(by=clerk.user, post=clerk, inspection=kit)
        with pytest.raises(Refusal, match="不能给自己签字"):
            actions.sign_off(by=clerk.user, post=clerk, inspection=kit, on=D(2021, 11, 21))
    assert not StatusChange.objects.filter(status="accepted").exists()
    with acting_as(leader):
        actions.sign_off(by=leader.user, post=leader, inspection=kit, on=D(2021, 11, 21))
    assert StatusChange.objects.filter(status="accepted").exists()


def test_who_may_not(kit, world, station):
    worker, far = w.post("village_worker", world[w.OWN]), w.post("clerk", world["990201"])
    with acting_as(worker), pytest.raises(Denied):
        actions.conclude(by=worker.user, post=worker, inspection=kit)
    with acting_as(far), pytest.raises(Refusal, match="不在您的辖区"):
        actions.move(by=far.user, post=far, facility=station.facility, status="started", on=DONE)


def test_a_verdict_stays(kit):
    fill(kit)
    actions.conclude(**SYSTEM, inspection=kit)
    with pytest.raises(Refusal, match="已下结论"):
        actions.record_line(**SYSTEM, line=line(kit, "day_beds"), measured={"value": 9})
    for change in (
        lambda: Inspection.objects.filter(pk=kit.pk).update(verdict="fail"),
        lambda: Line.objects.filter(inspection=kit).update(result="not_met"),
        lambda: StatusChange.objects.update(on=D(2020, 1, 1)),
    ):
        with pytest.raises(Error), transaction.atomic():
            change()


def test_no_acceptance_before_the_work_is_done(station, only):
    only("dingzhou-2021-station")
    with pytest.raises(Refusal, match="已完工"):
        actions.open_inspection(**SYSTEM, facility=station.facility, kind="acceptance", on=DONE, team=TEAM)
    with pytest.raises(Refusal, match="至少 2 人"):
        actions.open_inspection(**SYSTEM, facility=station.facility, kind="spot", on=DONE, team=["独自"])
    only()
    with pytest.raises(Refusal, match="没有适用"):
        actions.open_inspection(**SYSTEM, facility=station.facility, kind="spot", on=DONE, team=TEAM)


def test_half_of_a_signature_is_none(kit, monkeypatch):
    """The walk to 已验收 fails: the signature is not kept either, nor the audit row."""
    from songhe.registry.facilities.actions import inspections

    fill(kit)
    actions.conclude(**SYSTEM, inspection=kit)
    before = audited()
    assert before > 5

    def broken(*_args):
        raise RuntimeError("power cut")

    monkeypatch.setattr(inspections, "walk", broken)
    with pytest.raises(RuntimeError):
        actions.sign_off(**SYSTEM, inspection=kit, on=D(2021, 11, 21))
    assert Inspection.objects.get().signed_on is None
    assert audited() == before
    assert not Measure.objects.exists()


def test_a_draw_is_kept_with_its_seed(world, standards):
    for n, code in enumerate((w.OWN, w.SISTER, w.FAR)):
        Site(world, code, name=f"站{n}")
    given = {"place": world["990101"], "kinds": ["day_care_station"], "size": 2, "on": DONE, "reached": "planned"}
    first = actions.draw(**SYSTEM, **given)
    assert len(first.seed) == 32
    assert len(first.population) == 3
    again = actions.draw(**SYSTEM, **given, seed=first.seed)
    assert again.drawn == first.drawn
    with pytest.raises(Refusal, match="1 到 3"):
        actions.draw(**SYSTEM, **(given | {"size": 4}))
    with pytest.raises(Error), transaction.atomic():
        type(first).objects.filter(pk=first.pk).update(seed="x")
    spot = actions.open_inspection(
        **SYSTEM,
        facility=Site(world, name="丁站").facility,
        kind="spot",
        on=DONE + timedelta(days=1),
        team=TEAM,
        draw=first,
    )
    assert spot.draw_id == first.pk

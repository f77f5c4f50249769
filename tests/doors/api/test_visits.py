"""Recording over HTTP: once for each UUID, judged row by row, scoped, counted and audited in the same transaction."""

import uuid

import pytest
from django.utils import timezone

from songhe.care.duties import actions as duty_actions
from songhe.care.duties.models import Duty
from songhe.care.visits.models import Visit
from songhe.core import acting, periods
from songhe.core.models import AuditEvent
from tests.world import OTHER_CITY, OWN, SISTER


@pytest.fixture
def week(world):
    """The running week, opened for the first county."""
    running = periods.containing("week", timezone.localdate())
    with acting.everywhere():
        duty_actions.sync_rules(by=0)
        duty_actions.open_period(place=world["990101"], rule="visiting", period=running, by=0)
    return running


def _visits():
    with acting.everywhere():
        return Visit.objects.count()


def test_one_visit_moves_the_figure(call, world, visit, week):
    person = world.people[OWN][0]
    sent = visit(person)
    status, said = call.post("/visits", sent)
    assert (status, said["result"], said["person"], said["uuid"]) == (201, "new", person.pk, sent["uuid"])
    with acting.everywhere():
        assert Duty.objects.get(person=person).calls_done == 1
        kept = Visit.objects.get(client_uuid=sent["uuid"])
    assert (kept.made_by, kept.entered_by, kept.channel) == (call.post_held.user_id, call.post_held.user_id, "api")
    status, due = call.get("/duties/due", place=OWN, period=week.code)
    assert [row["calls_done"] for row in due["rows"] if row["person"] == person.pk] == [1]


def test_sent_again_it_changes_nothing(call, world, visit, week):
    sent = visit(world.people[OWN][0])
    first = call.post("/visits", sent)
    again = call.post("/visits", sent)
    assert (first[0], again[0]) == (201, 200)
    assert again[1] == first[1] | {"result": "same"}
    assert _visits() == 1
    with acting.everywhere():
        assert Duty.objects.get(person=sent["person"]).calls_done == 1


def test_another_record_under_the_same_uuid_is_refused(call, world, visit):
    sent = visit(world.people[OWN][0])
    call.post("/visits", sent)
    status, said = call.post("/visits", sent | {"mode": "home_visit"})
    assert (status, said["code"], said["field"]) == (409, "uuid_clash", "uuid")
    assert _visits() == 1


def test_nobody_is_visited_outside_the_area(caller, world, visit):
    call = caller("helper", OWN)
    assert call.post("/visits", visit(world.people[OWN][0]))[0] == 201
    for code in (SISTER, OTHER_CITY):
        status, said = call.post("/visits", visit(world.people[code][0]))
        assert (status, said["code"]) == (404, "unknown_person")
    assert call.post("/visits", visit(world.people[OWN][0]) | {"person": 10**15})[0] == 404
    assert _visits() == 1


def test_a_uuid_used_elsewhere_tells_nothing(caller, world, visit):
    sent = visit(world.people[OTHER_CITY][0])
    assert caller("helper", OTHER_CITY).post("/visits", sent)[0] == 201
    here = caller("helper", OWN)
    assert here.post("/visits", sent)[0] == 404
    assert here.post("/visits", sent | {"person": world.people[OWN][0].pk})[1]["code"] == "uuid_clash"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"occurred_at": "2999-01-01T00:00:00+08:00"}, "occurred_at"),
        ({"occurred_at": "2026-11-12T09:00:00"}, "occurred_at"),
        ({"occurred_at": "2001-01-01T00:00:00+08:00"}, "occurred_at"),
        ({"mode": "letter"}, "mode"),
        ({"outcome": "void"}, "outcome"),
        ({"needs": ["money"]}, "needs.0"),
        ({"note": "x" * 501}, "note"),
        ({"note": "\u0000"}, "note"),
        ({"made_by": 1}, "made_by"),
        ({"amends": 1}, "amends"),
        ({"person": True}, "person"),
        ({"person": 2**63}, "person"),
    ],
)
def test_wrong_records(call, world, visit, change, field):
    status, said = call.post("/visits", visit(world.people[OWN][0]) | change)
    assert status == 422, said
    assert said["field"] == field
    assert _visits() == 0


def test_a_batch_is_answered_row_by_row(call, world, visit, week):
    good, again, known = (visit(person) for person in world.people[OWN])
    call.post("/visits/batch", {"rows": [again, known]})
    rows = [
        good, again, visit(world.people[OTHER_CITY][0]), visit(world.people[OWN][2], mode="letter"), {"uuid": 7},
        known | {"outcome": "unwell"}, visit(world.people[OWN][2], needs="meal"), visit(world.people[OWN][2], colour="red"),
    ]  # fmt: skip
    status, said = call.post("/visits/batch", {"rows": rows})
    assert status == 200
    assert [row["result"] for row in said["rows"]] == [
        "new",
        "same",
        "unknown",
        "refused",
        "refused",
        "clash",
        "refused",
        "refused",
    ]
    assert (said["new"], said["same"], said["refused"]) == (1, 1, 6)
    assert [row["row"] for row in said["rows"]] == list(range(8))
    for row in said["rows"][2:]:
        assert row["code"]
        assert row["zh"]
        assert row["en"]
    assert _visits() == 3
    with acting.everywhere():
        assert sorted(
            Duty.objects.filter(person__in=[good["person"], again["person"]]).values_list("calls_done", flat=True)
        ) == [1, 1]


def test_a_batch_sent_again_adds_nothing(call, world, visit):
    rows = [visit(person) for code in (OWN, SISTER) for person in world.people[code]]
    assert call.post("/visits/batch", {"rows": rows})[1]["new"] == 6
    assert call.post("/visits/batch", {"rows": rows})[1]["same"] == 6
    assert call.post("/visits/batch", {"rows": rows[::-1]})[1]["same"] == 6
    assert _visits() == 6


def test_the_size_of_a_batch(call, world, visit):
    row = visit(world.people[OWN][0])
    assert call.post("/visits/batch", {"rows": []})[0] == 422
    assert call.post("/visits/batch", {"rows": [row] * 501})[0] == 422
    status, said = call.post("/visits/batch", {"rows": [row | {"uuid": str(uuid.uuid4())} for _ in range(500)]})
    assert (status, said["new"]) == (200, 500)


def test_records_are_audited_in_their_transaction(call, world, visit):
    sent = visit(world.people[OWN][0])
    call.post("/visits", sent)
    call.post("/visits/batch", {"rows": [visit(world.people[OWN][1]), visit(world.people[OWN][2])]})
    with acting.acting([], sees_audit="yes"):
        rows = list(AuditEvent.objects.filter(verb="visits.record").order_by("id"))
    assert [row.detail["rows"] for row in rows] == [1, 2]
    assert {row.user_id for row in rows} == {call.post_held.user_id}
    assert {row.post_id for row in rows} == {call.post_held.pk}


def test_who_may_not_record(caller, world, visit):
    for role in ("leader", "secretary", "assessor", "operator", "audit_admin"):
        call = caller(role, "990101")
        assert call.post("/visits", visit(world.people[OWN][0]))[0] == 403
        assert call.post("/visits/batch", {"rows": [visit(world.people[OWN][0])]})[0] == 403
    assert _visits() == 0


def test_the_fast_way_leaves_no_areas_behind(call, world, visit):
    """After the one statement the connection sees nothing again."""
    call.post("/visits", visit(world.people[OWN][0]))
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT app_areas(), app_user()")
        assert cursor.fetchone() == ([], 0)

"""Bodies, meetings, decisions followed to their end, data asked and answered: it happened, it was refused, nothing stayed."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from songhe.core.acting import everywhere
from songhe.core.definitions import BadDefinition
from songhe.oversight.ledger.models import Item
from songhe.oversight.participation import actions, definitions, queries, rules
from songhe.oversight.participation.models import Attendance, Body, DataRequest, Decision, Meeting, Membership
from songhe.registry.accounts.access import Denied
from tests.oversight.bureau import COUNTY, TOWN
from tests.oversight.test_ledger import refused

TODAY = timezone.localdate


@pytest.fixture
def body(office):
    with office("secretary") as who:
        return actions.found_body(place=office[COUNTY], definition="tangshan-joint-meeting", **who)


@pytest.fixture
def meeting(office, body):
    with office("secretary") as who:
        return actions.convene(body=body, on=TODAY(), agenda=[("调度进度", "市民政局"), ("研究用房", "")], **who)


def test_the_papers_bodies_have_as_many_members_as_they_say():
    shipped = definitions.bodies()
    assert shipped["tangshan-joint-meeting"].size == 24
    group = shipped["tangshan-leading-group"]
    assert (group.size, len(group.groups)) == (29, 4)
    assert group.valid_from == date(2022, 1, 1)


def test_a_list_that_disagrees_with_its_number_is_refused(tmp_path):
    source = (definitions.FOLDER / "bodies" / "tangshan-joint-meeting.yaml").read_text(encoding="utf-8")
    (tmp_path / "x.yaml").write_text(source.replace("size: 24", "size: 25"), encoding="utf-8")
    with pytest.raises(BadDefinition, match=r"x\.yaml:\d+ size"):
        definitions.read(tmp_path)
    (tmp_path / "x.yaml").write_text(source.replace("市财政局", "市民政局"), encoding="utf-8")
    with pytest.raises(BadDefinition, match="列了两次"):
        definitions.read(tmp_path)


def test_a_body_is_founded_once_with_its_seats(office, body):
    with office("secretary") as who:
        again = actions.found_body(place=office[COUNTY], definition="tangshan-joint-meeting", **who)
        assert again == body
        found = queries.bodies(post=who["post"], on=TODAY()).get()
        assert (found.seats, found.held) == (24, 0)
        assert queries.seats(body, TODAY())[0].unit == "市民政局"
        with refused("unknown_body"):
            actions.found_body(place=office[COUNTY], definition="nobody", **who)
        with refused("body_twice"):
            actions.found_body(place=office[COUNTY], name=body.name, **who)
    for name in ("stranger", "town"):
        with office(name):
            assert not Body.objects.exists()
            assert not Membership.objects.exists()
    with office("leader") as who, pytest.raises(Denied):
        actions.found_body(place=office[COUNTY], name="新机构", **who)


def test_members_change_over_time(office, body):
    tomorrow = TODAY() + timedelta(days=1)
    with office("secretary") as who:
        seat = body.memberships.get(unit="市商务局")
        with refused("seat_twice"):
            actions.give_seat(body=body, unit="市商务局", **who)
        with refused("unknown_group"):
            actions.give_seat(body=body, unit="市数据局", group="无此组", **who)
        actions.end_membership(membership=seat, on=tomorrow, **who)
        with refused("seat_dates"):
            actions.end_membership(membership=seat, on=tomorrow, **who)
        actions.give_seat(body=body, unit="市数据局", valid_from=tomorrow, **who)
        assert {s.unit for s in queries.seats(body, TODAY())} - {s.unit for s in queries.seats(body, tomorrow)} == {
            "市商务局"
        }
        assert len(queries.seats(body, tomorrow)) == 24
        with pytest.raises(IntegrityError), transaction.atomic():
            Membership.objects.create(body=body, unit="市数据局", valid_from=tomorrow)


def test_a_meeting_is_convened_attended_and_minuted(office, body, meeting):
    with office("secretary") as who:
        assert (meeting.number, meeting.agenda.count()) == (1, 2)
        seats = queries.seats(body, TODAY())
        assert actions.mark_attendance(meeting=meeting, marks={seats[0]: "present", seats[1]: "deputy"}, **who) == 2
        assert actions.mark_attendance(meeting=meeting, marks={seats[0]: "present", seats[1]: "absent"}, **who) == 1
        assert [mark for _seat, mark in queries.attendance(meeting)][:2] == ["present", "absent"]
        with refused("mark"):
            actions.mark_attendance(meeting=meeting, marks={seats[2]: "present", seats[3]: "asleep"}, **who)
        assert Attendance.objects.count() == 3
        assert queries.state_of(queries.meeting(post=who["post"], pk=meeting.pk), TODAY()) == "due"
        actions.keep_minutes(meeting=meeting, text="会议认为……", **who)
        with refused("nothing_changed"):
            actions.keep_minutes(meeting=meeting, text="会议认为……", **who)
        assert actions.keep_minutes(meeting=meeting, text="会议认为，……（更正）", **who).version == 2
        assert queries.state_of(queries.meeting(post=who["post"], pk=meeting.pk), TODAY()) == "held"
        with refused("was_held"):
            actions.call_off(meeting=meeting, reason="撤销", **who)


def test_what_a_meeting_cannot_be(office, body):
    later = TODAY() + timedelta(days=9)
    with office("secretary") as who:
        with refused("agenda_missing"):
            actions.convene(body=body, on=later, agenda=[(" ", "")], **who)
        with refused("body_not_then"):
            actions.convene(body=body, on=date(2020, 1, 1), agenda=[("调度", "")], **who)
        planned = actions.convene(body=body, on=later, agenda=[("调度", "")], **who)
        with refused("not_yet_held"):
            actions.keep_minutes(meeting=planned, text="预先写好", **who)
        with refused("reason_missing"):
            actions.call_off(meeting=planned, reason=" ", **who)
        actions.call_off(meeting=planned, reason="与全市大会冲突", **who)
        with refused("called_off"):
            actions.decide(meeting=planned, text="x", lead_unit="y", due_on=later, **who)
        assert Meeting.objects.count() == 1


def test_a_decision_is_followed_to_its_closing(office, meeting):
    due = TODAY() + timedelta(days=40)
    with office("secretary") as who:
        with refused("due_before_meeting"):
            actions.decide(meeting=meeting, text="x", lead_unit="y", due_on=TODAY() - timedelta(days=1), **who)
        with refused("lead_unit_missing"):
            actions.decide(meeting=meeting, text="x", lead_unit=" ", due_on=due, **who)
        decision = actions.decide(
            meeting=meeting, text="办理五处用房手续", lead_unit="市自然资源和规划局", due_on=due, cooperating_units=["市民政局"], **who
        )  # fmt: skip
        (loose,) = queries.followed(post=who["post"], on=TODAY(), meeting=meeting)
        assert loose.item is None
        item = actions.take_on(decision=decision, place=office[TOWN], **who)
        with refused("taken_on_before"):
            actions.take_on(decision=decision, **who)
        assert (item.kind, item.due_on, item.cooperating_units) == ("decision", due, ["市民政局"])
        assert "第1次会议" in item.source_document
    office.close(item)
    with office("leader") as who:
        (followed,) = queries.followed(post=who["post"], on=TODAY(), meeting=meeting)
        assert followed.state.name == "closed"


def test_an_item_that_cannot_be_taken_on_leaves_the_decision_loose(office, meeting):
    with office("secretary") as who:
        decision = actions.decide(meeting=meeting, text="越界的事", lead_unit="某局", due_on=TODAY(), **who)
        with refused("outside_area"):
            actions.take_on(decision=decision, place=office["990201"], **who)
    with everywhere():
        assert Decision.objects.get().item is None
        assert not Item.objects.exists()


def test_data_are_asked_for_and_answered_in_time_or_not(office):
    given = {"place": office[COUNTY], "asking_unit": "民政局", "subject": "死亡登记", "purpose": "停发津贴"}
    with office("secretary") as who:
        with refused("same_unit"):
            actions.ask_data(asked_unit="民政局", **given, **who)
        asked = actions.ask_data(asked_unit="公安局", asked_on=date(2025, 9, 24), **given, **who)
        assert asked.due_on == date(2025, 10, 14), "ten working days over the National Day week"
        assert queries.request_state(asked, TODAY()) == "late"
        with refused("text_missing"):
            actions.reply(request=asked, outcome="refused", **who)
        with refused("until"):
            actions.reply(request=asked, outcome="postponed", until=date(2025, 10, 1), on=date(2025, 10, 9), **who)
        actions.reply(request=asked, outcome="postponed", until=date(2025, 10, 20), on=date(2025, 10, 9), **who)
        with refused("postponed_before"):
            actions.reply(request=asked, outcome="postponed", until=date(2025, 11, 20), on=date(2025, 10, 9), **who)
        actions.reply(request=asked, outcome="provided", on=date(2025, 10, 21), **who)
        asked.refresh_from_db()
        assert queries.request_state(asked, TODAY()) == "answered_late"
        with refused("answered_before"):
            actions.reply(request=asked, outcome="provided", **who)
    with office("town"):
        assert not DataRequest.objects.exists()


@pytest.mark.parametrize(
    ("due", "answered", "on", "expected"),
    [
        (date(2023, 9, 1), None, date(2023, 9, 1), "open"), (date(2023, 9, 1), None, date(2023, 9, 2), "late"),
        (date(2023, 9, 1), date(2023, 9, 1), date(2023, 9, 9), "answered"),
        (date(2023, 9, 1), date(2023, 9, 2), date(2023, 9, 9), "answered_late"),
        (date(2023, 9, 1), date(2023, 9, 5), date(2023, 9, 3), "late"),
    ],
)  # fmt: skip
def test_request_states(due, answered, on, expected):
    assert rules.request_state(due_on=due, answered_on=answered, on=on) == expected

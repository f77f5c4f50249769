"""Life events: what they change, what they leave, and the way back."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from songhe.core.acting import everywhere
from songhe.registry.accounts.access import Denied
from songhe.registry.people import actions, queries
from songhe.registry.people.models import Circumstance, LifeEvent, Person
from songhe.registry.places.actions import change
from songhe.registry.places.models import Place
from tests.registry.people.conftest import refused

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("kinds", "status"),
    [
        (["death"], "deceased"),
        (["institution_in"], "institution"),
        (["institution_in", "institution_out"], "living"),
        (["hospital_in"], "living"),
        (["move_out"], "moved_out"),
        (["move_out", "move_in"], "living"),
    ],
)
def test_status_follows_events(land, sign, new, kinds, status):
    person = new()
    with sign("village_worker", "东关村") as me:
        for day, kind in enumerate(kinds, 1):
            actions.record_event(**me, person=person, kind=kind, on=date(2026, 3, day))
        person.refresh_from_db()
    assert person.status == status
    assert (person.status_from is None) == (kinds == ["hospital_in"])


def test_an_event_is_refused_when_it_cannot_be(land, sign, new):
    person = new(birth="19400101")
    tomorrow = timezone.localdate() + timedelta(days=1)
    with sign("village_worker", "东关村") as me:
        for kind, on, code in [
            ("party", date(2026, 1, 1), "unknown_event"),
            ("death", tomorrow, "event_future"),
            ("death", date(1939, 1, 1), "event_before_birth"),
            ("move_within", date(2026, 1, 1), "village_missing"),
        ]:
            with refused(code):
                actions.record_event(**me, person=person, kind=kind, on=on)
        actions.record_event(**me, person=person, kind="hospital_in", on=date(2026, 1, 1))
        with refused("event_twice"):
            actions.record_event(**me, person=person, kind="hospital_in", on=date(2026, 1, 1))
        actions.record_event(**me, person=person, kind="death", on=date(2026, 2, 1))
        with refused("deceased"):
            actions.record_event(**me, person=person, kind="move_out", on=date(2026, 3, 1))
    with sign("helper", "东关村") as me, pytest.raises(Denied):
        actions.record_event(**me, person=person, kind="death", on=date(2026, 2, 1))


def test_a_move_takes_the_person_and_what_is_open_and_leaves_what_is_past(land, sign, new):
    person = new(circumstances=("living_alone",))
    with everywhere():
        Circumstance.objects.create(
            person=person,
            kind="dementia",
            valid_from=date(2020, 1, 1),
            valid_to=date(2021, 1, 1),
            source="旧",
            **land["东关村"].areas(),
        )
    with sign("village_worker", "东关村") as me:  # the neighbour village of another township, in the same county
        moved = actions.record_event(
            **me, person=person, kind="move_within", on=date(2026, 5, 1), village=land["西关社区"]
        )
        assert not Person.objects.filter(pk=person.pk).exists()
        assert moved.village_id == land["东关村"].pk
    with sign("township_worker", "西镇"):
        there = Person.objects.get(pk=person.pk)
        assert (there.village_id, there.town_id) == (land["西关社区"].pk, land["西镇"].pk)
        areas = dict(Circumstance.objects.filter(person=person).values_list("kind", "village_id"))
        assert areas == {"living_alone": land["西关社区"].pk, "dementia": land["东关村"].pk}
        assert queries.as_of(there, date(2100, 1, 1))["person"].village_id == land["西关社区"].pk
        assert LifeEvent.objects.filter(person=person).count() == 1  # history follows the person
    with sign("clerk", "安县") as me:
        actions.undo_event(**me, event=LifeEvent.objects.get(pk=moved.pk))
        assert Person.objects.get(pk=person.pk).village_id == land["东关村"].pk


def test_a_move_out_of_the_county_needs_an_office_that_holds_both(land, sign, new):
    person = new()
    with sign("township_worker", "东镇") as me, refused("outside_area"):
        actions.record_event(**me, person=person, kind="move_within", on=date(2026, 5, 1), village=land["北庄村"])
    with sign("clerk", "鹤市") as me:
        actions.record_event(**me, person=person, kind="move_within", on=date(2026, 5, 1), village=land["北庄村"])
        assert Person.objects.get(pk=person.pk).county_id == land["平县"].pk


def test_undo_gives_the_status_back_and_only_once(land, sign, new):
    person = new()
    with sign("village_worker", "东关村") as me:
        event = actions.record_event(**me, person=person, kind="death", on=date(2026, 2, 1))
        actions.undo_event(**me, event=event, reason="报错人")
        person.refresh_from_db()
        assert (person.status, person.status_from) == ("living", None)
        with refused("no_such_event"):
            actions.undo_event(**me, event=event)
        actions.record_event(**me, person=person, kind="death", on=date(2026, 2, 1))  # may be recorded again


def test_birthdays_are_noted_once(land, new):
    people = {age: new(f"寿星{chr(0x4E00 + age)}", birth=f"{2026 - age}1120") for age in (59, 60, 65, 79, 80, 90, 100)}
    gone = new("逝者甲", birth="19461120")
    with everywhere():
        actions.record_event(by=None, post=None, person=gone, kind="death", on=date(2026, 1, 1))
        on = date(2026, 11, 20)
        assert actions.note_birthdays(on=on) == 5
        assert actions.note_birthdays(on=on, since=date(2026, 11, 18)) == 0
        kinds = set(LifeEvent.objects.filter(kind__startswith="turned").values_list("person_id", "kind"))
    assert kinds == {(people[age].pk, f"turned_{age}") for age in (60, 65, 80, 90, 100)}


def test_closing_events_tell_the_floor_above(land, sign, new):
    a, b = new("甲一"), new("乙二")
    since = timezone.now()
    with sign("village_worker", "东关村") as me:
        died = actions.record_event(**me, person=a, kind="death", on=date(2026, 2, 1))
        actions.record_event(**me, person=b, kind="hospital_in", on=date(2026, 2, 1))
        actions.record_event(**me, person=b, kind="hospital_out", on=date(2026, 2, 5))
        actions.undo_event(**me, event=died)
    with everywhere():
        told = [(h.person_id, h.kind, h.closes, h.opens, h.undone) for h in queries.closing_events(since)]
        assert told == [
            (a.pk, "death", True, False, True),
            (b.pk, "hospital_in", True, False, False),
            (b.pk, "hospital_out", False, True, False),
        ]
        assert queries.closing_events(timezone.now()) == []


def test_people_follow_their_village_into_a_merged_one(land, sign, new):
    one, two = new("甲一", "东关村", circumstances=("living_alone",)), new("乙二", "东河口")
    on = date(2026, 6, 1)
    with everywhere():
        merged = change(
            kind="merge", before=[land["东关村"], land["东河口"]], after=[{"code": "990682001300", "name": "东河村", "level": "village"}],
            on=on, document="民政〔2026〕1号", by=0,
        )  # fmt: skip
        new_village = Place.objects.get(code="990682001300")
        assert actions.follow_change(by=None, post=None, change=merged) == 2
        assert set(Person.objects.filter(village=new_village)) == {one, two}
        assert Circumstance.objects.get(person=one).village_id == new_village.pk
        assert actions.follow_change(by=None, post=None, change=merged) == 0

"""Merging two files of one person, and the way back."""

from datetime import date

import pytest
from django.utils import timezone

from songhe.core.acting import everywhere
from songhe.registry.accounts.access import Denied
from songhe.registry.people import actions, queries, sealing
from songhe.registry.people.models import Circumstance, Contact, Person
from tests.registry.people.conftest import number, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(new):
    kept = new("王秀英", id_number=number(seq=2), circumstances=("living_alone",))
    with everywhere():  # registered a second time, by a name of the same sound and without the number
        other = actions.register(
            by=None, post=None, village=kept.village, name="王秀瑛", birth=date(1940, 1, 1), sex="f", phone="13800001234",
            circumstances=("living_alone", "subsistence_allowance"),
        )  # fmt: skip
    return kept, other


def test_merge_moves_what_belongs_to_the_file_and_fills_blanks(land, sign, pair):
    kept, absorbed = pair
    with sign("township_worker", "东镇") as me:
        actions.add_contact(**me, person=absorbed, name="王强", relation="son")
        record = actions.merge(**me, kept=kept, absorbed=absorbed, reason="同一人，两次登记")
        kept.refresh_from_db()
        assert sealing.open_field("phone", kept.phone_sealed) == "13800001234"
        assert kept.former_name == "王秀瑛"
        assert kept.tags == 1 | 16
        assert kept.contacts.count() == 1
        assert [p.pk for p in queries.people_list(me["post"]).rows] == [kept.pk]
        assert [p.pk for p in queries.people_list(me["post"], q="王秀瑛").rows] == [kept.pk]  # found by the former name
        assert queries.person_by_uid(me["post"], absorbed.uid) == kept
        assert queries.files_of(kept) == [kept.pk, absorbed.pk]
        with refused("merged"):
            actions.edit(**me, person=absorbed, changes={"living": "alone"})
        assert record.absorbed_id == absorbed.pk
    with everywhere():
        assert [(h.person_id, h.kind) for h in queries.closing_events(record.at)] == [(absorbed.pk, "merged")]


def test_undo_makes_two_files_again(land, sign, pair):
    kept, absorbed = pair
    with sign("township_worker", "东镇") as me:
        contact = actions.add_contact(**me, person=absorbed, name="王强", relation="son")
        before = {
            p: (p.former_name, p.tags, p.phone_blind) for p in Person.objects.filter(pk__in=[kept.pk, absorbed.pk])
        }
        record = actions.merge(**me, kept=kept, absorbed=absorbed, reason="同一人")
        actions.undo_merge(**me, record=record)
        after = {
            p: (p.former_name, p.tags, p.phone_blind) for p in Person.objects.filter(pk__in=[kept.pk, absorbed.pk])
        }
        assert after == before
        assert Contact.objects.get(pk=contact.pk).person_id == absorbed.pk
        assert Circumstance.objects.filter(person=absorbed).count() == 2
        assert len(queries.people_list(me["post"]).rows) == 2
        with refused("no_such_merge"):
            actions.undo_merge(**me, record=record)


def test_merge_is_refused(land, sign, new, pair):
    kept, absorbed = pair
    stranger = new("李建国", id_number=number(birth="19500505", seq=7))
    with sign("township_worker", "东镇") as me:
        for values, code in [
            ({"kept": kept, "absorbed": kept, "reason": "同一人"}, "same_file"),
            ({"kept": kept, "absorbed": absorbed, "reason": ""}, "reason_missing"),
            ({"kept": kept, "absorbed": stranger, "reason": "同一人"}, "two_numbers"),
        ]:
            with refused(code):
                actions.merge(**me, **values)
    with sign("village_worker", "东关村") as me, pytest.raises(Denied):
        actions.merge(**me, kept=kept, absorbed=absorbed, reason="同一人")
    with sign("township_worker", "西镇") as me, refused("no_such_person"):
        actions.merge(**me, kept=kept, absorbed=absorbed, reason="同一人")


def test_doubles_are_found_with_reasons_and_never_by_name_alone(land, sign, new, pair):
    kept, absorbed = pair
    for year in (1930, 1935, 1950):
        new("王秀英", birth=f"{year}0607", seq=4)
    with sign("township_worker", "东镇") as me:
        found = queries.duplicates(me["post"], place=land["东镇"])
        assert [{d.first.pk, d.second.pk} for d in found] == [{kept.pk, absorbed.pk}]
        assert {"name_sound", "birth_same", "village_same"} <= {r.code for r in found[0].likeness.reasons}
    with sign("clerk", "安县") as me, refused("area_too_wide"):
        queries.duplicates(me["post"])


def test_entry_warns_of_a_likely_double(land, sign, new):
    kept = new("王秀英", birth="19400305", seq=2, phone="13800001234")
    new("王秀英", birth="19500909", seq=4)
    with sign("village_worker", "东关村") as me:
        seen = queries.warn_duplicates(
            me["post"], village=land["东关村"], name="王秀瑛", birth=date(1940, 5, 3), sex="f", phone="138 0000 1234"
        )
        assert [p.pk for p, _alike in seen] == [kept.pk]
        exact = queries.warn_duplicates(me["post"], name="完全不同", id_number=number(birth="19400305", seq=2))
        assert [p.pk for p, _alike in exact] == [kept.pk]
        assert queries.warn_duplicates(me["post"], name="赵一", birth=date(1944, 4, 4), sex="m") == []


def test_a_merge_of_the_same_moment_is_told_once(land, sign, pair):
    kept, absorbed = pair
    with sign("township_worker", "东镇") as me:
        actions.merge(**me, kept=kept, absorbed=absorbed, reason="同一人")
    with everywhere():
        assert queries.closing_events(timezone.now()) == []

"""Verbs of a person's file: it happened, it was refused, half of it failed and nothing stayed."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from songhe.core.acting import everywhere
from songhe.core.models import AuditEvent
from songhe.core.refusal import Refusal
from songhe.registry.accounts.access import Denied
from songhe.registry.people import actions, sealing
from songhe.registry.people.models import Circumstance, FieldSource, Person
from tests.registry.people.conftest import number, refused

pytestmark = pytest.mark.django_db
ON = date(2026, 11, 20)


def audited(verb):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.sees_audit', 'yes', true)")
        rows = list(AuditEvent.objects.filter(verb=verb).order_by("-id"))
        cursor.execute("SELECT set_config('app.sees_audit', '', true)")
        return rows


def test_register_derives_birth_and_sex_seals_and_tells_the_audit(land, sign):
    with sign("village_worker", "东关村") as me:
        person = actions.register(
            **me, village=land["东关村"], name="单秀英", id_number=number(birth="19410305", seq=22), phone="13800001234",
            address="三组12号", circumstances=("living_alone", "subsistence_allowance"), source="入户",
        )  # fmt: skip
    with everywhere():
        person.refresh_from_db()
        assert (person.birth, person.sex, person.tags) == (date(1941, 3, 5), "f", 1 | 16)
        assert person.town == land["东镇"]
        assert b"13800001234" not in bytes(person.phone_sealed)
        assert sealing.open_field("phone", person.phone_sealed) == "13800001234"
        assert (
            sealing.masked(person, "id_number")
            == number(birth="19410305", seq=22)[:4] + "*" * 10 + number(birth="19410305", seq=22)[-4:]
        )
        assert person.name_sort == "shan xiu ying"
    rows = audited("people.register")
    assert rows[0].subject_id == person.pk
    assert rows[0].user_id == land.post("village_worker", "东关村").user_id
    assert "单秀英" not in str(rows[0].detail)


def test_register_is_refused_outside_the_area_and_without_the_right(land, sign):
    with sign("village_worker", "东关村") as me, pytest.raises(Refusal) as refusal:
        actions.register(**me, village=land["河口村"], name="王五", id_number=number(seq=3))
    assert refusal.value.code == "outside_area"
    with sign("helper", "东关村") as me, pytest.raises(Denied):
        actions.register(**me, village=land["东关村"], name="王五", id_number=number(seq=3))
    with sign("clerk", "安县") as me, pytest.raises(Denied):  # somebody else's post
        actions.register(
            by=land.post("clerk", "平县").user,
            post=me["post"],
            village=land["东关村"],
            name="王五",
            id_number=number(seq=3),
        )


def test_nobody_is_not_the_system(land):
    with pytest.raises(Denied):
        actions.register(by=None, post=None, village=land["东关村"], name="王五", id_number=number(seq=3))


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"name": "王5", "id_number": number(seq=5)}, "name_characters"),
        ({"name": "王五", "id_number": number(seq=5)[:-1] + "Q"}, "id_characters"),
        ({"name": "王五"}, "birth_missing"),
        ({"name": "王五", "birth": date(2030, 1, 1), "sex": "m"}, "birth_future"),
        ({"name": "王五", "id_number": number(seq=5), "phone": "1390000"}, "phone_length"),
        ({"name": "王五", "id_number": number(seq=5), "living": "castle"}, "not_valid"),
        ({"name": "王五", "id_number": number(seq=5), "tags": 3}, "unknown_field"),
        ({"name": "王五", "id_number": number(seq=5), "circumstances": ("rich",)}, "unknown_circumstance"),
    ],
)
def test_register_says_what_is_wrong_and_nothing_stays(land, sign, values, code):
    with sign("clerk", "安县") as me, pytest.raises(Refusal) as refusal:
        actions.register(**me, village=land["东关村"], **values)
    assert refusal.value.code == code
    with everywhere():
        assert not Person.objects.exists()
        assert not Circumstance.objects.exists()


def test_a_number_on_file_anywhere_is_refused_without_showing_whose(land, sign, new):
    new("陈桂兰", "北庄村", id_number=number(seq=9))
    with sign("clerk", "安县") as me:
        assert not Person.objects.exists()
        with refused("id_on_file") as refusal:
            actions.register(**me, village=land["东关村"], name="王五", id_number=number(seq=9))
    assert refusal.value.code == "id_on_file"
    assert "陈桂兰" not in refusal.value.zh


def test_edit_keeps_the_old_row_its_source_and_refuses_a_clash(land, sign, new):
    person = new("王秀英", phone="13800001234")
    with sign("village_worker", "东关村") as me:
        seen = actions.shown(Person.objects.get(pk=person.pk), "phone")
        actions.edit(
            **me,
            person=person,
            changes={"phone": "13900005678", "living": "alone"},
            based_on={"phone": seen},
            source="电话核实",
        )
        with pytest.raises(Refusal) as refusal:
            actions.edit(**me, person=person, changes={"phone": "13700000000"}, based_on={"phone": seen})
        assert refusal.value.code == "changed_meanwhile"
    with everywhere():
        person.refresh_from_db()
        assert sealing.open_field("phone", person.phone_sealed) == "13900005678"
        assert person.living == "alone"
        assert set(FieldSource.objects.filter(person=person).values_list("field", "source")) == {
            ("phone", "电话核实"),
            ("living", "电话核实"),
        }
    detail = audited("people.edit")[0].detail
    assert detail["fields"] == ["living", "phone"]
    assert "13900005678" not in str(detail)


def test_edit_without_a_change_writes_nothing(land, sign, new):
    person = new("王秀英", phone="13800001234")
    with sign("clerk", "安县") as me:
        actions.edit(**me, person=person, changes={"phone": "138 0000 1234", "name": "王秀英"})
    assert audited("people.edit") == []


def test_edit_of_name_and_number_moves_the_search_keys(land, sign, new):
    from songhe.registry.people import queries

    person = new("王秀英", id_number=number(seq=41))
    with sign("clerk", "安县") as me:
        actions.edit(**me, person=person, changes={"name": "汪秀瑛", "id_number": number(seq=43)})
        find = lambda q: [p.pk for p in queries.people_list(me["post"], q=q).rows]  # noqa: E731
        assert find("王秀") == []
        assert find("汪秀瑛") == [person.pk]
        assert find(number(seq=43)) == [person.pk]
        assert find(number(seq=41)) == []


def test_unmask_needs_the_right_and_a_reason_and_is_written_down(land, sign, new):
    person = new("王秀英", phone="13800001234")
    with sign("helper", "东关村") as me:
        assert actions.unmask(**me, person=person, field="phone", reason="电话探访") == "13800001234"
        with refused("reason_missing"):
            actions.unmask(**me, person=person, field="phone", reason=" ")
    with sign("leader", "安县") as me, pytest.raises(Denied):
        actions.unmask(**me, person=person, field="phone", reason="看看")
    with sign("helper", "北庄村") as me, refused("no_such_person"):
        actions.unmask(**me, person=person, field="phone", reason="电话探访")
    row = audited("people.unmask")[0]
    assert (row.detail["field"], row.detail["reason"]) == ("phone", "电话探访")


def test_circumstances_are_dated_rows_and_give_the_bits(land, sign, new):
    person = new()
    with sign("township_worker", "东镇") as me:
        alone = actions.set_circumstance(
            **me, person=person, kind="living_alone", valid_from=date(2026, 1, 1), source="入户"
        )
        actions.set_circumstance(
            **me, person=person, kind="dementia", valid_from=date(2025, 1, 1), valid_to=date(2026, 1, 1), source="病历"
        )
        with refused("circumstance_twice"):
            actions.set_circumstance(
                **me, person=person, kind="living_alone", valid_from=date(2026, 3, 1), source="再报"
            )
        person.refresh_from_db()
        assert person.tags == 1
        actions.end_circumstance(**me, circumstance=alone, valid_to=date(2026, 6, 1), reason="子女搬回")
        person.refresh_from_db()
        assert person.tags == 0
        again = actions.set_circumstance(
            **me, person=person, kind="living_alone", valid_from=date(2026, 6, 1), source="又独居"
        )
        actions.end_circumstance(**me, circumstance=again, valid_to=date(2026, 6, 1))
        assert Circumstance.objects.filter(person=person, kind="living_alone").count() == 1


def test_bits_follow_the_calendar(land, new):
    person = new()
    with everywhere():
        Circumstance.objects.create(
            person=person, kind="empty_nest", valid_from=date(2026, 12, 1), source="x", village=land["东关村"]
        )
        assert actions.refresh_tags(on=date(2026, 11, 30)) == 0
        assert actions.refresh_tags(on=date(2026, 12, 1)) == 1
        person.refresh_from_db()
        assert person.tags == 2


def test_contacts_consents_benefits_household(land, sign, new):
    one, two, far = new("王秀英"), new("李建国"), new("陈桂兰", "西关社区")
    with sign("clerk", "安县") as me:
        contact = actions.add_contact(**me, person=one, name="王强", relation="son", phone="0312-2551234")
        assert contact.priority == 1
        assert actions.contact_phone(**me, contact=contact, reason="联系家属") == "0312-2551234"
        with refused("phone_length"):
            actions.add_contact(**me, person=one, name="王强", relation="son", phone="139")
        given = actions.consent(**me, person=one, purpose="探访", given_by="本人", given_on=ON, paper="同意书1号")
        assert actions.withdraw_consent(**me, consent=given, on=ON).withdrawn_on == ON
        actions.grant_benefit(
            **me, person=one, kind="残疾证", level="二级", number="99068219400101123X43", valid_from=ON
        )
        home = actions.share_household(**me, people=[one, two], number="0012345")
        assert set(home.members.all()) == {one, two}
        with refused("household_villages"):
            actions.share_household(**me, people=[one, far])
        actions.remove_contact(**me, contact=contact)
        assert one.contacts.count() == 0


def test_a_person_in_use_keeps_its_place(land, new):
    new("王秀英", "东关村")
    with everywhere(), pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM places_place WHERE id = %s", [land["东关村"].pk])


def test_assessment_gives_the_level_and_an_unanswered_item_blocks(land, sign, new):
    from songhe.registry.people.assessment import Assessor, Findings, load_scale

    person, scale = new(), load_scale()
    full = {item.id: item.max for item in scale.items}
    team = {
        "assessors": [Assessor("a", medical=True), Assessor("b")],
        "assessor_names": ["甲", "乙"],
        "informant": "王强",
    }
    fine = Findings(coma=False, mental_diagnosis=False, risk_events={})
    with sign("assessor", "安县") as me:
        with refused("assessment_unanswered"):
            actions.record_assessment(
                **me, person=person, on=ON, answers=full | {"eating": None}, findings=fine, **team
            )
        with refused("assessment_two_assessors"):
            actions.record_assessment(
                **me, person=person, on=ON, answers=full, findings=fine, **(team | {"assessors": [Assessor("a")]})
            )
        made = actions.record_assessment(
            **me,
            person=person,
            on=ON,
            answers=full,
            findings=Findings(coma=False, mental_diagnosis=True, risk_events={}),
            **team,
        )
        assert (made.total, made.initial_level, made.level) == (90, 0, 1)
        actions.record_assessment(**me, person=person, on=date(2025, 1, 1), answers=full, findings=fine, **team)
        actions.record_other_scale(**me, person=person, scale="barthel", on=ON, result="100 分", total=100)
        person.refresh_from_db()
        assert (person.ability_level, person.ability_on, person.ability_due) == (1, ON, date(2027, 11, 20))
    with sign("helper", "东关村") as me, pytest.raises(Denied):
        actions.record_other_scale(**me, person=person, scale="barthel", on=ON, result="100 分")

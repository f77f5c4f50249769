"""老年人, 评估, 导入导出, 区划: what is seen, what is refused, what stays after a half-way failure, what the audit keeps."""

import io
import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from python_calamine import CalamineWorkbook

from songhe.core import periods
from songhe.core.acting import acting, everywhere
from songhe.core.identity import check_character
from songhe.core.models import AuditEvent
from songhe.insight.indicators import definitions
from songhe.insight.indicators import queries as indicators
from songhe.registry.people import actions
from songhe.registry.people.assessment import load_scale
from songhe.registry.people.models import Assessment, Circumstance, ImportBatch, LifeEvent, Merge, Person
from songhe.registry.places.models import Place, PlaceChange
from tests import world as w

COUNTY, TOWN = "990101", "990101001"
TODAY = timezone.localdate


def number(birth: str = "19400101", seq: int = 2) -> str:
    """An invented ID number; an even `seq` is a woman's."""
    first = f"990682{birth}{seq:03d}"
    return first + check_character(first)


class Desk:
    """The world of tests/world.py with posts; `self.client("clerk")` is somebody signed in."""

    def __init__(self):
        self.world = w.World()
        with everywhere():
            self.posts = {
                name: w.post(role, self.world[code], username=name)
                for name, role, code in (
                    ("leader", "leader", COUNTY), ("clerk", "clerk", COUNTY), ("town", "township_worker", TOWN),
                    ("village", "village_worker", w.OWN), ("helper", "helper", w.OWN), ("assessor", "assessor", COUNTY),
                    ("stranger", "clerk", "990201"), ("auditor", "audit_admin", COUNTY),
                )
            }  # fmt: skip

    def client(self, name) -> Client:
        client = Client()
        client.force_login(self.posts[name].user)
        return client

    def register(self, name="赵玉兰", village=w.OWN, **values) -> Person:
        values.setdefault("id_number", number())
        with everywhere():
            return actions.register(by=None, post=None, village=self.world[village], name=name, **values)

    def fresh(self, person) -> Person:
        with everywhere():
            return Person.objects.get(pk=person.pk)

    def all(self, model, **filters) -> list:
        with everywhere():
            return list(model.objects.filter(**filters))

    def audit(self, verb) -> list[AuditEvent]:
        post = self.posts["auditor"]
        with acting(post.areas(), user_id=post.user_id, post_id=post.pk, sees_audit="yes"):
            return list(AuditEvent.objects.filter(verb=verb).order_by("id"))


@pytest.fixture
def desk(db, settings) -> Iterator[Desk]:
    settings.MFA_REQUIRED_FROM = ""
    yield Desk()
    translation.deactivate()  # a page in English leaves its language behind in this thread


def text(response) -> str:
    return response.content.decode()


def url(name, person, *more) -> str:
    return reverse(name, args=[person.uid, *more])


# the list ------------------------------------------------------------------------------------------------------------


def test_the_list_shows_the_area_and_nothing_else(desk):
    page = desk.client("village").get(reverse("people"))
    assert [row["person"].village.code for row in page.context["rows"]] == [w.OWN] * 3
    assert desk.client("village").get(reverse("people"), {"area": w.SISTER}).status_code == 400
    assert desk.client("auditor").get(reverse("people")).status_code == 403


def test_filters_stand_in_the_address_as_chips_that_go_away(desk):
    desk.register(circumstances=("care_dependent",))
    asked = {"area": COUNTY, "circumstance": "care_dependent", "age_from": "80"}
    page = desk.client("clerk").get(reverse("people"), asked)
    assert page.context["count_text"] == "1 人"
    assert [row["person"].name for row in page.context["rows"]] == ["赵玉兰"]
    assert [chip["label"] for chip in page.context["chips"]] == ["困难情形：失能", "年龄：80 岁及以上"]
    assert "circumstance" not in page.context["chips"][0]["url"]
    assert "age_from=80" in page.context["chips"][0]["url"]


def test_complete_files_are_those_the_indicator_counts(desk):
    full = {"phone": "13800001234", "address": "三组12号", "living": "alone", "circumstances": ("living_alone",)}
    lacking = ({}, {"phone": ""}, {"address": ""}, {"living": ""})
    for seq, lack in enumerate(lacking, start=1):
        desk.register(id_number=number(seq=2 * seq), **(full | lack))
    reachable = desk.register(id_number=number(seq=20), **(full | {"phone": ""}))
    with everywhere():
        actions.add_contact(by=None, post=None, person=reachable, name="赵强", relation="son", phone="13900001234")
    place, post = desk.world[COUNTY], desk.posts["clerk"]
    with acting(post.areas(), user_id=post.user_id, post_id=post.pk):
        figure = indicators.figures(
            definitions.named("case_file_complete"), place, periods.containing("week", TODAY()), post=post
        )[0]
    for side, count in (("complete", figure.numerator), ("incomplete", figure.denominator - figure.numerator)):
        page = desk.client("clerk").get(reverse("people"), {"circumstance": "any", "file": side})
        assert page.context["page"].count == count > 0
    assert figure.numerator == 2


def test_an_unknown_filter_is_an_error_and_never_everything(desk):
    for asked in ({"sex": "x"}, {"circumstance": "sad"}, {"sort": "random"}, {"after": "%%%"}):
        page = desk.client("clerk").get(reverse("people"), asked)
        assert page.status_code == 400
        assert "王秀英" not in text(page)


def test_the_count_stops_at_the_cap(desk, settings):
    settings.CAPPED_COUNT = 5
    page = desk.client("clerk").get(reverse("people"))
    assert page.context["count_text"] == "超过 5 人"


def test_pages_follow_each_other_without_gap_or_double(desk):
    for seq in range(2, 60, 2):
        desk.register(name="赵玉兰", id_number=number(seq=seq))
    client, seen, address = desk.client("clerk"), [], f"{reverse('people')}?size=20"
    while address:
        page = client.get(address)
        seen += [row["person"].pk for row in page.context["rows"]]
        address = page.context["next_url"]
    assert len(seen) == len(set(seen)) == 29 + 9  # 3 villages of the county have three people each


@pytest.mark.parametrize("q", ["钱桂芬", "qgf", "qianguifen", "桂芬", "002X", "99068219400101002X", "13800001234"])
def test_the_search_box_finds_by_name_sound_tail_and_telephone(desk, q):
    person = desk.register("钱桂芬", phone="13800001234")
    page = desk.client("clerk").get(reverse("people"), {"q": q})
    assert [row["person"].pk for row in page.context["rows"]] == [person.pk]
    assert desk.client("stranger").get(reverse("people"), {"q": q}).context["rows"] == []


def test_the_export_is_exactly_what_is_filtered_and_audited(desk):
    desk.register(circumstances=("care_dependent",), phone="13800001234")
    client = desk.client("clerk")
    listed = client.get(reverse("people"), {"circumstance": "care_dependent"})
    assert "circumstance=care_dependent" in listed.context["export_url"]
    answer = client.post(listed.context["export_url"], {"fmt": "xlsx", "reason": "核对台账"})
    rows = (
        CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content))).get_sheet_by_index(0).to_python()
    )
    assert [row[0] for row in rows[1:]] == ["赵玉兰"]
    assert "13800001234" not in str(rows)
    noted = desk.audit("people.export")[-1].detail
    assert (noted["rows"], noted["reason"], noted["clear"]) == (1, "核对台账", False)


def test_an_export_needs_a_purpose_and_the_right(desk):
    assert desk.client("clerk").post(reverse("exports"), {"fmt": "xlsx"}).status_code == 422
    assert desk.client("helper").post(reverse("exports"), {"fmt": "xlsx", "reason": "核对"}).status_code == 403
    leader = desk.client("leader")  # may export, may not unmask
    assert "clear" not in leader.get(reverse("exports")).context["form"].fields
    desk.register(phone="13800001234")
    answer = leader.post(reverse("exports"), {"fmt": "csv", "reason": "核对", "clear": "on"})
    assert b"13800001234" not in b"".join(answer.streaming_content)


# one file ------------------------------------------------------------------------------------------------------------


def test_the_page_is_masked_and_every_reading_is_audited(desk):
    person = desk.register(phone="13800001234", address="三组12号", circumstances=("living_alone",))
    for tab in ("overview", "circumstances", "visits", "assessments", "events", "history"):
        page = desk.client("clerk").get(url("person", person), {"tab": tab})
        assert page.status_code == 200
        assert "赵玉兰" in text(page)
        for secret in ("13800001234", number(), "12号"):
            assert secret not in text(page)
    read = desk.audit("people.read")
    assert [(e.subject_id, e.area_id) for e in read] == [(person.pk, person.village_id)] * 6


def test_a_file_outside_the_area_is_not_there(desk):
    person = desk.register()
    for name in ("person", "person-edit", "person-circumstance", "assessment-new", "assessment-other"):
        assert desk.client("stranger").get(url(name, person)).status_code == 404
    assert desk.audit("people.read") == []


def test_unmasking_needs_a_reason_and_leaves_it_behind(desk):
    person = desk.register(phone="13800001234")
    address = url("person-unmask", person, "phone")
    assert desk.client("helper").post(address, {"reason": ""}).status_code == 422
    page = desk.client("helper").post(address, {"reason": "电话探访"})
    assert "13800001234" in text(page)
    assert "no-store" in page["Cache-Control"]
    assert [e.detail["reason"] for e in desk.audit("people.unmask")] == ["电话探访"]
    assert desk.client("assessor").post(address, {"reason": "电话探访"}).status_code == 403
    assert desk.client("clerk").get(url("person-unmask", person, "name")).status_code == 404


def test_a_file_as_it_stood_on_a_day(desk):
    person = desk.register()
    with everywhere():
        Person.objects.filter(pk=person.pk).update(created_at=timezone.now() - timedelta(days=400))
        actions.set_circumstance(
            by=None,
            post=None,
            person=person,
            kind="destitute",
            valid_from=date(2025, 1, 1),
            valid_to=TODAY(),
            source="民政",
        )
    past = desk.client("clerk").get(url("person", person), {"on": (TODAY() - timedelta(days=1)).isoformat()})
    assert past.context["then"]["circumstances"] == ["特困"]
    now = desk.client("clerk").get(url("person", person), {"on": TODAY().isoformat()})
    assert now.context["then"]["circumstances"] == []
    before = desk.client("clerk").get(url("person", person), {"on": "2001-01-01"})
    assert "那时还没有这份档案" in text(before)


@pytest.mark.parametrize("odd", ["%00", "²", "%F0%9F%98%80", "2026-02-30", "9" * 40, "'\\"])
def test_odd_addresses_are_answered_and_never_break(desk, odd):
    person, client = desk.register(), desk.client("clerk")
    for asked in (
        f"{reverse('people')}?q={odd}", f"{reverse('people')}?age_from={odd}", f"{reverse('people')}?after={odd}",
        f"{reverse('people')}?size={odd}", f"{reverse('imports')}?after={odd}", f"{url('person', person)}?on={odd}",
        f"{url('person', person)}?tab={odd}", f"{reverse('assessments-due')}?within={odd}", f"{reverse('people')}?area={odd}",
    ):  # fmt: skip
        assert client.get(asked).status_code in (200, 400, 404), asked


# entering and changing ------------------------------------------------------------------------------------------------


def test_the_number_fills_birth_date_sex_and_age(desk):
    said = text(desk.client("village").post(reverse("person-id"), {"id_number": number()}))
    assert 'value="1940-01-01"' in said
    assert re.search(r'value="f"[^>]*checked', said)
    assert not re.search(r'value="m"[^>]*checked', said)
    assert f"{TODAY().year - 1940} 岁" in said
    wrong = text(desk.client("village").post(reverse("person-id"), {"id_number": number()[:-1] + "0"}))
    assert "field-errors" in wrong
    assert desk.client("assessor").post(reverse("person-id"), {"id_number": number()}).status_code == 403


def entry(**more) -> dict:
    return {"name": "赵玉兰", "id_number": number(), "village": w.OWN, "source": "村（社区）上门登记"} | more


def test_a_new_file_is_opened_with_what_the_number_says(desk):
    answer = desk.client("village").post(
        reverse("person-new"), entry(phone="13800001234", circumstances=["living_alone"])
    )
    made = desk.all(Person, name="赵玉兰")[0]
    assert answer["Location"] == url("person", made)
    assert (made.birth, made.sex, made.tags, made.village_id) == (date(1940, 1, 1), "f", 1, desk.world[w.OWN].pk)


def test_a_likely_double_is_shown_before_anything_is_saved(desk):
    desk.register(phone="13800001234")
    client = desk.client("village")
    twin = entry(id_number="", birth="1940-01-01", sex="f", phone="13800001234")
    page = client.post(reverse("person-new"), twin)
    assert page.status_code == 200
    assert url("person", desk.all(Person, name="赵玉兰")[0]) in text(page)
    assert len(desk.all(Person, name="赵玉兰")) == 1
    assert client.post(reverse("person-new"), twin | {"sure": "yes"}).status_code == 302
    assert len(desk.all(Person, name="赵玉兰")) == 2


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"id_number": "123"}, "id_number"),
        ({"phone": "12"}, "phone"),
        ({"village": w.FAR}, "village"),
    ],
)
def test_a_wrong_entry_is_said_at_its_field_and_nothing_is_kept(desk, wrong, field):
    page = desk.client("village").post(reverse("person-new"), entry(**wrong))
    assert page.status_code == 422
    assert field in page.context["form"].errors
    assert desk.all(Person, name="赵玉兰") == []


def test_the_same_number_twice_is_refused(desk):
    desk.register()
    page = desk.client("clerk").post(reverse("person-new"), entry(sure="yes"))
    assert page.status_code == 422
    assert "已有档案" in text(page)


def shown(client, person) -> dict:
    """The edit form as the browser would send it back untouched."""
    page = client.get(url("person-edit", person))
    form, seen = page.context["form"], page.context["seen"]
    sent = {name: form[name].value() or "" for name in form.fields if not isinstance(form[name].value(), bool)}
    return {**sent, **{f"seen-{field}": value for field, value in seen.items()}, "source": "上门核实"}


def test_editing_saves_only_what_was_changed_with_its_source(desk):
    person = desk.register(phone="13800001234")
    client = desk.client("village")
    sent = shown(client, person)
    assert client.post(url("person-edit", person), sent).status_code == 302
    assert desk.audit("people.edit") == []
    client.post(url("person-edit", person), sent | {"ethnicity": "回族", "phone": "13900001111"})
    fresh = desk.fresh(person)
    assert fresh.ethnicity == "回族"
    assert desk.audit("people.edit")[-1].detail["fields"] == ["ethnicity", "phone"]
    page = client.get(url("person", person))
    facts = {fact["field"]: fact for fact in page.context["facts"]}
    assert facts["ethnicity"]["source"] == "上门核实"
    assert facts["ethnicity"]["verifier"] == desk.posts["village"].user
    assert facts["phone"]["value"] == "139****1111"
    cleared = shown(client, person) | {"no_phone": "on"}
    client.post(url("person-edit", person), cleared)
    assert desk.fresh(person).phone_sealed is None


def test_nobody_overwrites_silently(desk):
    person = desk.register()
    first, second = desk.client("village"), desk.client("clerk")
    sent = shown(first, person)
    second.post(url("person-edit", person), shown(second, person) | {"ethnicity": "满族"})
    page = first.post(url("person-edit", person), sent | {"ethnicity": "回族"})
    assert page.status_code == 422
    assert "满族" in text(page)
    assert desk.fresh(person).ethnicity == "满族"
    other_field = first.post(url("person-edit", person), sent | {"marital": "丧偶"})
    assert other_field.status_code == 302  # another field is no conflict
    assert (desk.fresh(person).ethnicity, desk.fresh(person).marital) == ("满族", "丧偶")


def test_a_new_number_takes_birth_and_sex_with_it(desk):
    person = desk.register()
    client = desk.client("village")
    client.post(url("person-edit", person), shown(client, person) | {"id_number": number("19410203", 3)})
    fresh = desk.fresh(person)
    assert (fresh.birth, fresh.sex) == (date(1941, 2, 3), "m")


def test_looking_through_a_file_renews_the_age_of_its_facts(desk):
    person = desk.register()
    with everywhere():
        Person.objects.filter(pk=person.pk).update(verified_on=date(2020, 1, 1))
    client = desk.client("village")
    assert "天前核实" in text(client.get(url("person", person)))
    client.post(url("person-verify", person))
    assert desk.fresh(person).verified_on == TODAY()


def test_a_circumstance_begins_ends_and_never_overlaps(desk):
    person = desk.register()
    client = desk.client("village")
    sent = {"kind": "care_dependent", "valid_from": "2026-01-01", "source": "残联"}
    assert client.post(url("person-circumstance", person), sent).status_code == 302
    assert client.post(url("person-circumstance", person), sent).status_code == 422
    row = desk.all(Circumstance, person=person)[0]
    assert desk.fresh(person).tags == 64
    address = url("person-circumstance-end", person, row.pk)
    assert client.post(address, {"valid_to": "2025-01-01", "reason": "好转"}).status_code == 422
    assert client.post(address, {"valid_to": TODAY().isoformat(), "reason": "好转"}).status_code == 302
    assert desk.fresh(person).tags == 0
    assert desk.all(Circumstance, person=person)[0].valid_to == TODAY()
    assert desk.client("stranger").get(address).status_code == 404


def test_a_death_names_the_person_needs_grounds_and_can_be_undone(desk):
    person = desk.register()
    client = desk.client("village")
    address = url("person-event", person, "death")
    assert "赵玉兰" in text(client.get(address))
    assert client.post(address, {"on": TODAY().isoformat(), "note": "家属报告"}).status_code == 422  # not ticked
    assert client.post(address, {"on": TODAY().isoformat(), "sure": "on"}).status_code == 422  # no grounds
    assert desk.fresh(person).status == "living"
    client.post(address, {"on": TODAY().isoformat(), "note": "家属报告", "sure": "on"})
    assert desk.fresh(person).status == "deceased"
    assert client.get(address).status_code == 404  # nobody dies twice
    row = desk.all(LifeEvent, person=person)[0]
    undo = url("person-event-undo", person, row.pk)
    assert client.post(undo, {"reason": ""}).status_code == 422
    assert client.post(undo, {"reason": "同名弄错"}).status_code == 302
    assert desk.fresh(person).status == "living"


def test_a_move_within_the_county_takes_the_file_along(desk):
    person = desk.register()
    answer = desk.client("village").post(
        url("person-event", person, "move_within"), {"on": TODAY().isoformat(), "village": w.FAR, "note": "随子女"}
    )
    assert answer["Location"] == reverse("people")  # it has left the village office's area
    assert desk.fresh(person).village == desk.world[w.FAR]
    assert desk.client("village").get(url("person", person)).status_code == 404
    assert desk.client("clerk").get(url("person", person)).status_code == 200


def test_contacts_consents_benefits_and_household(desk):
    person, other = desk.register(), desk.register("钱玉梅", id_number=number(seq=4))
    client = desk.client("village")
    client.post(url("person-contact", person), {"name": "赵强", "relation": "son", "phone": "13900001234"})
    client.post(
        url("person-consent", person), {"purpose": "探访关爱", "given_by": "本人", "given_on": TODAY().isoformat()}
    )
    client.post(url("person-benefit", person), {"kind": "高龄津贴", "valid_from": "2026-01-01"})
    client.post(url("person-household", person), {"other": number(seq=4)})
    page = client.get(url("person", person))
    for words in ("赵强", "139****1234", "探访关爱", "高龄津贴", "钱玉梅"):
        assert words in text(page)
    contact = page.context["contacts"][0]["row"]
    number_page = client.post(url("person-contact-phone", person, contact.pk), {"reason": "无人应答"})
    assert "13900001234" in text(number_page)
    client.post(url("person-contact-remove", person, contact.pk))
    client.post(url("person-consent-withdraw", person, page.context["consents"][0].pk))
    client.get(reverse("people"))  # takes the two messages away
    page = client.get(url("person", person))
    assert "赵强" not in text(page)
    assert "撤回" in text(page)
    assert client.post(url("person-household", other), {"other": "1"}).status_code == 422


def test_two_files_become_one_and_two_again(desk):
    kept = desk.register(phone="13800001234")
    double = desk.register(id_number="", birth=date(1940, 1, 1), sex="f", circumstances=("empty_nest",))
    town = desk.client("town")
    queue = town.get(reverse("duplicates"))
    assert {kept.pk, double.pk} == {queue.context["rows"][0]["first"].pk, queue.context["rows"][0]["second"].pk}
    address = url("person-merge", kept, double.uid)
    assert "differs" in text(town.get(address))
    assert town.post(address, {"kept": str(kept.uid), "reason": ""}).status_code == 422
    town.post(address, {"kept": str(kept.uid), "reason": "同一人登记两次"})
    assert desk.fresh(double).merged_into_id == kept.pk
    assert desk.fresh(kept).tags == 2
    assert town.get(url("person", double))["Location"] == url("person", kept)
    record = desk.all(Merge)[0]
    town.post(reverse("person-merge-undo", args=[record.pk]))
    assert desk.fresh(double).merged_into_id is None
    assert desk.client("village").get(address).status_code == 403
    assert reverse("people") in text(desk.client("clerk").get(reverse("duplicates")))  # a county chooses a town first


# assessment ------------------------------------------------------------------------------------------------------------


def answers(**more) -> dict:
    scale = load_scale()
    full = {item.id: str(item.max) for item in scale.items} | {f"risk_{risk.id}": "0" for risk in scale.risk_types}
    signed = {
        "on": TODAY().isoformat(),
        "reason": "first",
        "assessor_1": "演示甲",
        "assessor_2": "演示乙",
        "informant": "演示子",
    }
    return full | signed | {"coma": "no", "mental_diagnosis": "no", "medical_1": "on"} | more


def test_an_unanswered_item_blocks_and_is_listed_with_a_jump(desk):
    person = desk.register()
    sent = answers()
    del sent["memory"], sent["mental_diagnosis"]
    page = desk.client("assessor").post(url("assessment-new", person), sent)
    assert page.status_code == 422
    assert [item["id"] for item in page.context["missing"]] == ["memory", "mental_diagnosis"]
    assert 'href="#item-memory"' in text(page)
    assert 'id="item-memory"' in text(page)
    assert desk.all(Assessment) == []
    assert page.context["domains"][0]["items"][0]["answers"][0]["on"]  # what was answered is still there


def test_the_result_says_how_the_level_came_about(desk):
    person = desk.register()
    answer = desk.client("assessor").post(url("assessment-new", person), answers(mental_diagnosis="yes", risk_fall="2"))
    made = desk.all(Assessment)[0]
    assert answer["Location"] == reverse("assessment", args=[made.pk])
    assert (made.total, made.initial_level, made.level) == (90, 0, 1)
    page = text(desk.client("clerk").get(answer["Location"]))
    for words in ("合计 90 分", "能力完好", "加重1级", "不累加", "最终等级：1 级“轻度失能”", "32/32", "演示甲、演示乙"):
        assert words in page
    assert desk.fresh(person).ability_level == 1
    assert desk.client("stranger").get(answer["Location"]).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"assessor_2": "演示甲"}, "assessor_2"),
        ({"informant": ""}, "informant"),
        ({"on": "2090-01-01"}, "on"),
        ({"reason": "x"}, "reason"),
    ],
)
def test_two_assessors_and_an_informant_sign(desk, wrong, field):
    page = desk.client("assessor").post(url("assessment-new", desk.register()), answers(**wrong))
    assert page.status_code == 422
    assert field in page.context["form"].errors
    assert desk.all(Assessment) == []


def test_another_scale_is_kept_beside_and_changes_no_level(desk):
    person = desk.register()
    sent = {"scale": "barthel", "on": TODAY().isoformat(), "result": "重度依赖", "total": "35"}
    assert desk.client("assessor").post(url("assessment-other", person), sent).status_code == 302
    made = desk.all(Assessment)[0]
    assert (made.scale, made.level, desk.fresh(person).ability_level) == ("barthel", None, None)
    assert "重度依赖" in text(desk.client("clerk").get(reverse("assessment", args=[made.pk])))


def test_the_queue_lists_what_runs_out(desk):
    person = desk.register()
    with everywhere():
        Person.objects.filter(pk=person.pk).update(
            ability_level=2, ability_due=TODAY() + timedelta(days=20), ability_on=date(2025, 1, 1)
        )
    client = desk.client("clerk")
    assert [row["person"].pk for row in client.get(reverse("assessments-due")).context["rows"]] == [person.pk]
    assert client.get(reverse("assessments-due"), {"within": "0"}).context["rows"] == []
    assert desk.client("stranger").get(reverse("assessments-due")).context["rows"] == []


# rosters ---------------------------------------------------------------------------------------------------------------

HEADER = "姓名,身份证号码,村（社区）代码,联系电话"


def roster(*rows) -> SimpleUploadedFile:
    return SimpleUploadedFile("名册.csv", "\n".join([HEADER, *rows]).encode("utf-8-sig"), content_type="text/csv")


def upload(client, *rows) -> ImportBatch:
    answer = client.post(reverse("import-new"), {"file": roster(*rows), "source": "残联名册"})
    assert answer.status_code == 302, text(answer)
    return answer["Location"]


def test_a_roster_is_previewed_confirmed_and_undone(desk):
    person = desk.register(phone="13800001234")
    rows = [
        f"赵玉兰,{number()},{w.OWN},13900009999",
        f"钱玉梅,{number(seq=4)},{w.OWN},",
        f"孙桂芳,{number(seq=6)[:-3]}000,{w.OWN},",
    ]
    client = desk.client("town")
    address = upload(client, *rows)
    page = client.get(address)
    batch = page.context["batch"]
    assert (batch.added, batch.updated, batch.rejected, batch.state) == (1, 1, 1, "previewed")
    assert [(row["row"], row["column"]) for row in page.context["rows"]] == [(4, "身份证号码")]
    assert desk.all(Person, name="钱玉梅") == []

    refused = client.post(reverse("import-confirm", args=[batch.pk]), {"rows": "all-or-none"}, follow=True)
    assert "没有写入任何一行" in text(refused)
    assert desk.all(Person, name="钱玉梅") == []
    done = client.post(reverse("import-confirm", args=[batch.pk]), {"rows": "good"}, follow=True)
    assert "新增 1 人，更新 1 人" in text(done)
    assert len(desk.all(Person, name="钱玉梅")) == 1

    back = client.post(reverse("import-file", args=[batch.pk]))
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(back.content)).get_sheet_by_index(0).to_python()
    assert "原第4行" in str(sheet)
    again = client.get(upload(client, *rows[:2])).context["batch"]
    assert (again.added, again.updated, again.unchanged) == (0, 0, 2)

    client.post(reverse("import-undo", args=[batch.pk]))
    assert desk.all(Person, name="钱玉梅") == []
    found = client.get(reverse("people"), {"q": "13800001234"}).context["rows"]
    assert [row["person"].pk for row in found] == [person.pk]  # the old telephone is back


def test_batches_and_imports_stay_in_their_area(desk):
    address = upload(desk.client("town"), f"钱玉梅,{number(seq=4)},{w.OWN},")
    assert desk.client("stranger").get(address).status_code == 404
    assert desk.client("stranger").get(reverse("imports")).context["rows"] == []
    assert desk.client("village").get(reverse("imports")).status_code == 403
    page = desk.client("town").get(upload(desk.client("town"), f"李秀兰,{number(seq=8)},{w.FAR},"))
    assert page.context["batch"].rejected == 1  # another township's village


def test_what_is_no_roster_is_said(desk):
    answer = desk.client("town").post(
        reverse("import-new"), {"file": SimpleUploadedFile("a.xlsx", b"nonsense"), "source": "x"}
    )
    assert answer.status_code == 422
    assert desk.all(ImportBatch) == []


def test_the_template_keeps_every_digit(desk):
    answer = desk.client("town").get(reverse("import-template"))
    assert answer["Content-Type"].endswith("sheet")
    head = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()[0]
    assert "身份证号码*" in head


# places ----------------------------------------------------------------------------------------------------------------


def test_places_are_listed_and_brought_in(desk):
    clerk = desk.client("clerk")
    assert [row["place"].code for row in clerk.get(reverse("places")).context["rows"]] == [
        "990101001",
        "990101002",
        w.AREA,
    ]
    table = f"code,name\n{TOWN}009,新村村民委员会\n".encode("gb18030")
    sent = {"what": "divisions", "source": "民政厅", "file": SimpleUploadedFile("p.csv", table)}
    assert clerk.post(reverse("places-import"), sent).status_code == 302
    assert Place.objects.get(code=f"{TOWN}009").short_name == "新村"
    wrong = {"what": "outlines", "source": "测绘院", "file": SimpleUploadedFile("p.json", b"[1]")}
    page = clerk.post(reverse("places-import"), wrong)
    assert page.status_code == 422
    assert "FeatureCollection" in text(page)
    assert desk.client("town").get(reverse("places-import")).status_code == 403


def test_a_merge_of_villages_takes_their_people_along_and_is_shown(desk):
    clerk = desk.client("clerk")
    sent = {
        "kind": "merge", "before": f"{w.OWN}\n{w.SISTER}", "after": f"{TOWN}090 合并村村民委员会",
        "on": TODAY().isoformat(), "document": "县民字〔2026〕9号",
    }  # fmt: skip
    assert desk.client("town").post(reverse("places-changes"), sent).status_code == 403
    answer = clerk.post(reverse("places-changes"), sent)
    assert answer.status_code == 302
    assert len(desk.all(Person, village__code=f"{TOWN}090")) == 6
    page = text(clerk.get(reverse("places-changes")))
    for words in ("合并村", w.OWN, w.SISTER, "县民字〔2026〕9号"):
        assert words in page
    assert clerk.post(reverse("places-changes"), sent).status_code == 422  # those villages ended
    assert PlaceChange.objects.count() == 1


def test_the_little_picture_has_an_address(desk):
    assert Client().get("/favicon.ico").status_code == 301


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_opens_in_both_languages(desk, language):
    person = desk.register(circumstances=("living_alone",))
    clerk = desk.client("clerk")
    clerk.cookies["django_language"] = language
    names = (
        "people",
        "exports",
        "person-new",
        "duplicates",
        "assessments-due",
        "imports",
        "import-new",
        "places",
        "places-changes",
        "places-import",
    )
    own = ("person", "person-edit", "person-circumstance", "person-contact", "person-consent", "person-benefit", "person-household", "assessment-new", "assessment-other")  # fmt: skip
    for address in [*map(reverse, names), *(url(name, person) for name in own)]:
        page = clerk.get(address)
        assert page.status_code == 200
        assert ('lang="en"' in text(page)[:200]) == (language == "en")


@pytest.fixture
def parted(desk):
    """A village of three split in two, and the change."""
    from songhe.registry.places.actions import change

    with everywhere():
        after = [{"code": "990101001801", "name": "前村"}, {"code": "990101001802", "name": "后村"}]
        return change(
            kind="split",
            before=[desk.world[w.OWN]],
            after=after,
            on=TODAY() - timedelta(days=1),
            document="虚〔2026〕9号",
            by=0,
        )


def test_people_of_a_split_village_are_put_into_the_new_ones_one_by_one_or_together(desk, parted):
    with everywhere():
        first, *rest = Person.objects.filter(village=desk.world[w.OWN]).order_by("pk")
        front, back = parted.after.order_by("code")
    client, path = desk.client("town"), reverse("places-divide", args=[parted.pk])
    listed = client.get(reverse("places-changes")).content.decode()
    assert path in listed
    assert f"还有 {1 + len(rest)} 人待编入" in listed
    nobody = client.post(path, {f"to-{first.pk}": ""})
    assert nobody.status_code == 422
    assert "请为名单中的人选择" in nobody.content.decode()
    assert client.post(path, {f"to-{first.pk}": front.code, "to-x": front.code}).status_code == 302
    with everywhere():
        assert Person.objects.get(pk=first.pk).village_id == front.pk
    assert client.post(path + "?q=没有这个人", {"do": "all", "village": back.code}).status_code == 422
    assert client.post(path, {"do": "all", "village": w.SISTER}).status_code == 422, "only villages of the change"
    assert client.post(path, {"do": "all", "village": back.code}).status_code == 302
    with everywhere():
        assert set(Person.objects.filter(village=back)) == set(rest)
    with acting(["0"], sees_audit="yes"):
        moves = AuditEvent.objects.filter(verb="people.follow_change").order_by("pk")
        assert [event.detail["moved"] for event in moves] == [1, len(rest)]
    assert "没有待编入的人" in client.get(path).content.decode()


def test_who_may_not_divide_a_village(desk, parted):
    path = reverse("places-divide", args=[parted.pk])
    assert desk.client("stranger").get(path).status_code == 404
    assert desk.client("helper").get(path).status_code == 403
    with everywhere():
        person, front = Person.objects.filter(village=desk.world[w.OWN]).first(), parted.after.first()
        other = w.post("village_worker", front, username="front")
    client = Client()
    client.force_login(other.user)
    assert client.post(path, {f"to-{person.pk}": front.code}).status_code in (302, 404), (
        "its own village, nobody of the old"
    )
    with everywhere():
        assert Person.objects.get(pk=person.pk).village_id == desk.world[w.OWN].pk

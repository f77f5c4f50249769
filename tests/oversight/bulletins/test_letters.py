"""督办单 and 提醒函: templates that staff edit, versions kept, unknown fields refused; a letter filled from one."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from songhe.core.refusal import Refusal
from songhe.oversight.bulletins import actions, definitions, documents, queries, templating
from songhe.oversight.bulletins.models import Letter, LetterTemplate
from songhe.registry.accounts.access import Denied, acting_as

FIELDS = {
    "单位": "虚构镇人民政府", "事项": "农村互助幸福院建设", "依据": "百日提升行动方案", "期限": "2026年9月30日", "截止日": "2026年10月31日",
    "现状": "建成1处，差1处", "回复期限": "2026年11月10日",
}  # fmt: skip


def put(bureau, **more):
    more = {
        "kind": "supervision",
        "title": "关于【事项】的督办单",
        "body": "【单位】：\n请办【事项】。",
        "by": 0,
        "post": None,
    } | more
    return actions.put_template(place=bureau.place, **more)


def write(bureau, **more):
    more = {"kind": "supervision", "fields": FIELDS, "by": 0, "post": None} | more
    return actions.write_letter(place=bureau.place, **more)


def test_the_letters_shipped_use_known_fields_only():
    assert set(definitions.letters()) == {"supervision", "reminder"}
    for letter in definitions.letters().values():
        templating.refuse_unknown(letter["title"] + letter["body"], templating.LETTER_FIELDS)


def test_a_template_is_changed_by_a_new_version(bureau):
    assert queries.template_for(bureau.place, "supervision").version == 0
    first = put(bureau)
    second = put(bureau, body="【单位】：\n限期办理【事项】。", note="语气")
    assert (first.version, second.version) == (1, 2)
    assert queries.template_for(bureau.place, "supervision") == second
    assert queries.template_for(bureau.county.towns[0], "supervision") == second  # a township uses its county's
    with pytest.raises(IntegrityError), transaction.atomic():
        LetterTemplate.objects.filter(pk=first.pk).update(body="x")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"body": "【领导】：请办【事项】。"}, "unknown_field"),
        ({"title": "【题目】"}, "unknown_field"),
        ({"body": " "}, "empty_template"),
        ({"kind": "poem"}, "letter_kind"),
    ],
)
def test_a_template_is_refused(bureau, changes, code):
    with pytest.raises(Refusal) as no:
        put(bureau, **changes)
    assert no.value.code == code
    assert not LetterTemplate.objects.exists()


def test_an_unchanged_template_is_no_version(bureau):
    put(bureau)
    with pytest.raises(Refusal) as no:
        put(bureau)
    assert no.value.code == "same_template"


def test_a_letter_is_filled_and_issued(bureau):
    made = write(bureau, answer_by=date(2026, 11, 10))
    assert made.title == "关于农村互助幸福院建设的督办单"
    assert made.content["to"] == "虚构镇人民政府："
    assert documents.docx(made.content) == documents.docx(made.content)
    made = write(bureau, letter=made, fields=FIELDS | {"现状": "建成2处"})
    assert Letter.objects.count() == 1
    assert "建成2处" in made.content["blocks"][0]["runs"][0]
    made = actions.issue_letter(letter=made, by=0, post=None, on=date(2026, 11, 2))
    assert made.number.endswith("〔2026〕1号")
    with pytest.raises(Refusal):
        write(bureau, letter=made)
    with pytest.raises(Refusal):
        actions.issue_letter(letter=made, by=0, post=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Letter.objects.filter(pk=made.pk).update(title="x")


def test_a_letter_with_an_empty_or_unknown_field_is_refused(bureau):
    for fields, code in ((FIELDS | {"现状": " "}, "empty_field"), (FIELDS | {"奖金": "1"}, "unknown_field")):
        with pytest.raises(Refusal) as no:
            write(bureau, fields=fields)
        assert no.value.code == code
    assert not Letter.objects.exists()


def test_brackets_in_a_value_stay_text(bureau):
    made = write(bureau, fields=FIELDS | {"事项": "【单位】建设"})
    assert made.title == "关于【单位】建设的督办单"


def test_who_may(bureau):
    with acting_as(bureau.leader), pytest.raises(Denied):
        put(bureau, by=bureau.leader.user, post=bureau.leader)
    with acting_as(bureau.clerk):
        put(bureau, by=bureau.clerk.user, post=bureau.clerk)
        made = write(bureau, by=bureau.clerk.user, post=bureau.clerk)
        with pytest.raises(Denied):
            actions.issue_letter(letter=made, by=bureau.clerk.user, post=bureau.clerk)

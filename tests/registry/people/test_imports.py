"""Rosters: every row new, changed, unchanged or wrong with its reason; the same file again adds nothing; a batch goes back."""

from datetime import date

import pytest
from django.db import connection, transaction

from songhe.core.acting import everywhere
from songhe.core.cells import plain
from songhe.core.tabular import Column, open_table, template, write_xlsx
from songhe.registry.accounts.access import Denied
from songhe.registry.people import actions, imports, intake, sealing
from songhe.registry.people.models import Circumstance, Contact, ImportBatch, LifeEvent, Person
from songhe.registry.people.roster.columns import COLUMNS, SYNONYMS, template_columns
from tests.registry.people.conftest import number, refused, row

pytestmark = pytest.mark.django_db


def counts(outcome):
    return (outcome.added, outcome.updated, outcome.unchanged, outcome.rejected)


def bring(me, path, **more):
    return imports.bring_in(path, **me, **more)


def test_a_clean_roster_makes_files(land, sign, roster):
    path = roster(
        [
            row(
                2,
                困难情形="独居、低保",
                紧急联系人="赵强",
                与本人关系="儿子",
                紧急联系人电话="0312-2551234",
                居住方式="独居",
                民族="汉",
                曾用名="赵小兰",
            ),
            row(3, 姓名="单田芳", 能力等级="重度失能", 评估日期="2026年3月1日", 建档日期="2026/1/5"),
        ]
    )
    with sign("township_worker", "东镇") as me:
        outcome = bring(me, path, source="2026年台账")
        assert counts(outcome) == (2, 0, 0, 0)
        one = Person.objects.get(name="赵玉兰")
        assert (one.sex, one.birth, one.tags, one.living, one.ethnicity) == (
            "f",
            date(1940, 1, 1),
            1 | 16,
            "alone",
            "汉族",
        )
        assert (one.town, one.county, one.city) == (land["东镇"], land["安县"], land["鹤市"])
        assert sealing.open_field("id_number", one.id_sealed) == number(seq=2)
        assert sealing.open_field("address", one.address_sealed) == "三组12号"
        assert {c.kind for c in one.circumstances.all()} == {"living_alone", "subsistence_allowance"}
        contact = one.contacts.get()
        assert (contact.name, contact.relation) == ("赵强", "son")
        assert sealing.open_field("contact", contact.phone_sealed) == "0312-2551234"
        two = Person.objects.get(name="单田芳")
        assert (two.ability_level, two.ability_on, two.ability_due, two.case_file_on) == (
            3,
            date(2026, 3, 1),
            date(2027, 3, 1),
            date(2026, 1, 5),
        )
        assert (one.source, one.origin, one.batch_id) == ("2026年台账", "import", outcome.batch.pk)
        from songhe.registry.people import queries

        for q in ("赵玉", "zyl", "zhaoyulan", "赵小兰", "13800001234", number(seq=2), number(seq=2)[-4:]):
            assert one in queries.people_list(me["post"], q=q).rows, q


def test_what_import_and_entry_store_is_the_same(land, sign, roster):
    with sign("clerk", "安县") as me:
        bring(me, roster([row(21, 姓名="单秀英", 曾用名="单小花")]))
        imported = Person.objects.get()
        typed = actions.register(
            **me,
            village=land["东关村"],
            name="单秀英",
            former_name="单小花",
            id_number=number(seq=23),
            phone="13800001234",
            address="三组12号",
        )
        typed.refresh_from_db()
        same = (
            "name_sort",
            "phone_blind",
            "former_name",
            "village_id",
            "town_id",
            "status",
            "birth",
            "hukou_text",
            "living",
        )
        assert [getattr(imported, f) for f in same] == [getattr(typed, f) for f in same]
        own = {sealing.tail_term(number(seq=s)[-4:]) for s in (21, 23)}
        lexemes = lambda p: {w.strip("'") for w in p.search.split()} - own  # noqa: E731
        assert lexemes(imported) == lexemes(typed)
        assert imported.uid.version == 7


def test_the_same_file_again_adds_nothing_and_a_new_one_updates(land, sign, roster):
    first = roster([row(i, 紧急联系人="赵强", 紧急联系人电话="13900000000") for i in range(1, 6)])
    with sign("clerk", "安县") as me:
        assert counts(bring(me, first)) == (5, 0, 0, 0)
        stamps = list(Person.objects.order_by("pk").values_list("changed_at", flat=True))
        assert counts(bring(me, first)) == (0, 0, 5, 0)
        assert list(Person.objects.order_by("pk").values_list("changed_at", flat=True)) == stamps
        second = roster(
            [
                row(1, 联系电话="13700000000", 紧急联系人="赵强", 紧急联系人电话="13900000000"),
                row(2, 居住地址="新楼3单元", 紧急联系人="赵强", 紧急联系人电话="13911111111"),
                row(3, 困难情形="失独"),
                row(4, 联系电话="", 居住地址=""),  # an empty cell says nothing
                row(5, 紧急联系人="李四", 紧急联系人电话="13922222222"),
                row(6),
            ],
            name="新.csv",
        )
        assert counts(bring(me, second)) == (1, 4, 1, 0)
        assert counts(bring(me, second)) == (0, 0, 6, 0)
        assert Person.objects.count() == 6
        by_seq = {sealing.open_field("id_number", p.id_sealed): p for p in Person.objects.all()}
        assert sealing.open_field("phone", by_seq[number(seq=1)].phone_sealed) == "13700000000"
        assert sealing.open_field("address", by_seq[number(seq=2)].address_sealed) == "新楼3单元"
        assert sealing.open_field("contact", by_seq[number(seq=2)].contacts.get().phone_sealed) == "13911111111"
        assert by_seq[number(seq=3)].tags == 256
        assert sealing.open_field("address", by_seq[number(seq=4)].address_sealed) == "三组12号"
        assert [c.name for c in by_seq[number(seq=5)].contacts.all()] == ["赵强", "李四"]


BAD = [
    ({"身份证号码": number(seq=2)[:15] + "000"}, "身份证号码", "id_lost_digits"),
    ({"身份证号码": "5.13029E+17"}, "身份证号码", "id_scientific"),
    ({"身份证号码": number(seq=2)[:17] + ("1" if number(seq=2)[17] != "1" else "2")}, "身份证号码", "id_check"),
    ({"身份证号码": ""}, "身份证号码", "id_empty"),
    ({"身份证号码": number(birth="19400230", seq=2)}, "身份证号码", "id_birth"),
    ({"姓名": "12345"}, "姓名", "name_characters"),
    ({"姓名": ""}, "姓名", "name_empty"),
    ({"出生日期": "3/4/1940"}, "出生日期", "date_order"),
    ({"出生日期": "1940-02-30"}, "出生日期", "no_such_date"),
    ({"联系电话": "1.39E+10"}, "联系电话", "phone_scientific"),
    ({"联系电话": "1390000"}, "联系电话", "phone_length"),
    ({"村（社区）": "东管村"}, "村（社区）", "village_unknown"),
    ({"村（社区）": "河口村"}, "村（社区）", "village_ambiguous"),
    ({"村（社区）": ""}, "村（社区）", "village_empty"),
    ({"困难情形": "富裕"}, "困难情形", "not_among"),
    ({"居住方式": "城堡"}, "居住方式", "not_among"),
    ({"能力等级": "Barthel 60"}, "能力等级", "ability_level"),
    ({"性别": "不男不女"}, "性别", "not_among"),
    ({"建档日期": "2999-01-01"}, "建档日期", "date_range"),
    ({"建档日期": "2030-01-01"}, "建档日期", "date_future"),
]


@pytest.mark.parametrize(("change", "column", "code"), BAD, ids=[f"{c}-{n}" for n, (_, _, c) in enumerate(BAD)])
def test_a_bad_cell_is_named_with_row_column_and_reason(sign, roster, change, column, code):
    path = roster([row(1), row(2) | change, row(3)])
    with sign("clerk", "安县") as me:
        outcome = bring(me, path)
        assert counts(outcome) == (2, 0, 0, 1)
        error = outcome.errors[0]
        assert (error["row"], error["column"], error["code"]) == (3, plain(column), code)
        assert error["reason"]
        assert error["reason_en"]


FIXED = [
    {"身份证号码": "".join(chr(ord(c) + 0xFEE0) for c in number(seq=2))},  # full width
    {"身份证号码": f" {number(seq=2)[:6]} {number(seq=2)[6:14]} {number(seq=2)[14:]} "},
    {"身份证号码": "'" + number(seq=2)},
    {"联系电话": "１３８ ００００ １２３４"},
    {"联系电话": "+86 138-0000-1234"},
    {"姓名": "赵 玉 兰"},
    {"村（社区）": "东关"},
    {"村（社区）": "东镇东关村村委会"},
    {"村（社区）": "安县东镇东关村"},
    {"村（社区）": "990682001200"} | {},
    {"出生日期": "1940年1月1日"}, {"出生日期": "1940.1.1"}, {"出生日期": "19400101"}, {"出生日期": "14611"}, {"出生日期": "无"},
]  # fmt: skip


@pytest.mark.parametrize("change", FIXED, ids=[str(n) for n in range(len(FIXED))])
def test_a_cell_that_can_be_read_is_read(land, sign, roster, change):
    if change.get("村（社区）") == "990682001200":
        change = {"村（社区）": "", "村代码": "990682001200"}
    with sign("clerk", "安县") as me:
        outcome = bring(me, roster([row(2) | change]))
        assert outcome.errors == []
        person = Person.objects.get()
        assert (person.name, person.village) == ("赵玉兰", land["东关村"])
        assert sealing.open_field("id_number", person.id_sealed) == number(seq=2)
        assert sealing.open_field("phone", person.phone_sealed) == "13800001234"


def test_a_doubt_is_told_and_refuses_nothing(sign, roster):
    with sign("clerk", "安县") as me:
        outcome = bring(me, roster([row(2, 性别="男", 出生日期="1940-02-08", 能力等级="轻度失能")]))
        assert counts(outcome) == (1, 0, 0, 0)
        assert {w["code"] for w in outcome.warnings} == {"sex_differs", "birth_differs", "ability_undated"}


def test_doubles_inside_the_file_name_the_first_row(sign, roster):
    with sign("clerk", "安县") as me:
        outcome = bring(me, roster([row(1), row(2), row(1, 姓名="另一人"), row(2)]))
        assert counts(outcome) == (2, 0, 0, 2)
        assert [(e["row"], e["code"]) for e in outcome.errors] == [(4, "double_in_file"), (5, "double_in_file")]
        assert "第2行" in outcome.errors[0]["reason"]


def test_villages_outside_the_area_do_not_exist_for_the_importer(sign, roster):
    path = roster([row(1), row(2, **{"村（社区）": "北庄村"}), row(3, **{"村（社区）": "河口村"})])
    with sign("township_worker", "东镇") as me:
        outcome = bring(me, path)
        assert counts(outcome) == (2, 0, 0, 1)  # 河口村 is unambiguous inside the township
        assert outcome.errors[0]["code"] == "village_unknown"


def test_a_number_on_file_elsewhere_is_refused_without_showing_whose(sign, roster, new):
    new("陈桂兰", "北庄村", id_number=number(seq=2))
    path = roster([row(1), row(2)])
    with sign("clerk", "安县") as me:
        before = imports.preview(path, **me)
        assert (before.added, before.rejected) == (1, 1)
        outcome = bring(me, path)
        assert counts(outcome) == (1, 0, 0, 1)
        assert outcome.errors[0]["code"] == "taken_elsewhere"
        assert "陈桂兰" not in str(outcome.errors)


def test_a_roster_does_not_raise_the_dead(sign, roster, new):
    person = new("赵玉兰", id_number=number(seq=1))
    with sign("clerk", "安县") as me:
        actions.record_event(**me, person=person, kind="death", on=date(2026, 1, 1))
        outcome = bring(me, roster([row(1, 联系电话="13911112222")]))
        assert counts(outcome) == (0, 0, 0, 1)
        assert outcome.errors[0]["code"] == "deceased_on_file"


def test_another_village_in_the_roster_is_a_move(land, sign, roster, new):
    person = new("赵玉兰", "东关村", id_number=number(seq=1), circumstances=("living_alone",))
    with sign("clerk", "安县") as me:
        assert counts(bring(me, roster([row(1, **{"村（社区）": "西关社区"})]))) == (0, 1, 0, 0)
        person.refresh_from_db()
        assert person.village == land["西关社区"]
        assert LifeEvent.objects.get(person=person).detail["from"] == land["东关村"].pk
        assert Circumstance.objects.get(person=person).town_id == land["西镇"].pk


def test_preview_changes_nothing_and_confirm_does_what_it_said(sign, roster, new):
    new("赵玉兰", id_number=number(seq=1))
    path = roster([row(1, 居住方式="独居"), row(2), row(3, 姓名="")])
    with sign("clerk", "安县") as me:
        batch = imports.preview(path, **me, source="台账")
        assert (batch.state, batch.rows, batch.added, batch.updated, batch.rejected) == ("previewed", 3, 1, 1, 1)
        assert batch.errors[0]["row"] == 4
        assert Person.objects.count() == 1
        outcome = imports.confirm(batch, **me)
        assert counts(outcome) == (1, 1, 0, 1)
        assert ImportBatch.objects.get(pk=batch.pk).state == "done"
        with refused("already_imported"):
            imports.confirm(batch, **me)


def test_all_or_none(sign, roster):
    with sign("clerk", "安县") as me:
        bad = bring(me, roster([row(1), row(2, 姓名="")]), rows="all-or-none")
        assert (*counts(bad), bad.batch.state) == (0, 0, 0, 1, "refused")
        assert not Person.objects.exists()
        good = bring(me, roster([row(1), row(2)]), rows="all-or-none")
        assert counts(good) == (2, 0, 0, 0)


def test_an_import_that_breaks_in_the_middle_leaves_nothing(monkeypatch, sign, roster):
    path = roster([row(i) for i in range(1, 30)])
    monkeypatch.setattr("songhe.registry.people.roster.reading.CHUNK", 10)
    real, calls = intake.Writer._write, []

    def breaks(self, *args):
        calls.append(1)
        if len(calls) == 3:
            raise RuntimeError("power cut")
        return real(self, *args)

    with sign("clerk", "安县") as me:
        batch = imports.preview(path, **me)
        monkeypatch.setattr(intake.Writer, "_write", breaks)
        with pytest.raises(RuntimeError), transaction.atomic():
            imports.confirm(batch, **me)
        assert not Person.objects.exists()
        monkeypatch.setattr(intake.Writer, "_write", real)
        assert imports.confirm(batch, **me).added == 29


@pytest.mark.parametrize("fill_from", [0, 10**9])
def test_an_empty_register_is_filled_without_its_indexes_and_has_them_afterwards(monkeypatch, sign, roster, fill_from):
    """The two ways end in the same rows and the same indexes; a second roster meets the first."""
    monkeypatch.setattr("songhe.registry.people.intake.FILL_FROM", fill_from)
    monkeypatch.setattr("songhe.registry.people.roster.reading.CHUNK", 4)
    before = index_names()
    path = roster([row(i, 困难情形="独居", 紧急联系人="赵强") for i in range(1, 10)] + [row(3), row(11, 姓名="")])
    with sign("clerk", "安县") as me:
        outcome = bring(me, path)
        assert counts(outcome) == (9, 0, 0, 2)
        assert [e["code"] for e in outcome.errors] == ["double_in_file", "name_empty"]
        assert index_names() == before
        assert (Person.objects.count(), Contact.objects.count(), Circumstance.objects.count()) == (9, 9, 9)
        assert counts(bring(me, path)) == (0, 0, 9, 2)
        assert imports.undo(outcome.batch, **me)["removed"] == 9
        refusal = bring(me, path, rows="all-or-none")
        assert refusal.batch.state == "refused"
    assert index_names() == before


def index_names():
    """Each index with its columns; PostgreSQL writes a condition with a list in it differently the second time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'people_person' ORDER BY 1")
        return [(made.partition(" WHERE ")[0], " WHERE " in made) for (made,) in cursor.fetchall()]


def test_undo_takes_back_what_nobody_touched(sign, roster, new):
    old = new("赵玉兰", id_number=number(seq=1), phone="13700000000")
    with sign("clerk", "安县") as me:
        before = Person.objects.filter(pk=old.pk).values().get()
        outcome = bring(
            me,
            roster(
                [row(1, 困难情形="独居", 紧急联系人="赵强"), row(2, 困难情形="独居", 紧急联系人="赵强"), row(3), row(4)]
            ),
        )
        assert counts(outcome) == (3, 1, 0, 0)
        worked = Person.objects.get(id_blind=sealing.id_blind(number(seq=4)))
        actions.edit(**me, person=worked, changes={"living": "alone"})
        assert imports.undo(outcome.batch, **me) == {"removed": 2, "restored": 1, "kept": 1}
        after = Person.objects.filter(pk=old.pk).values().get()
        for changing in ("changed_at", "changed_by"):
            before.pop(changing), after.pop(changing)
        assert after == before
        assert set(Person.objects.values_list("pk", flat=True)) == {old.pk, worked.pk}
        assert not Contact.objects.exists()
        assert not Circumstance.objects.exists()
        with refused("not_imported"):
            imports.undo(outcome.batch, **me)


def test_undo_keeps_people_on_whom_care_has_begun(land, sign, roster):
    from songhe.registry.people.imports import _dependents

    tables = {table for table, _column, _condition in _dependents()}
    assert {"people_assessment", "people_consent", "duties_duty", "people_merge"} <= tables


def test_rights_and_areas_of_batches(land, sign, roster):
    path = roster([row(1)])
    with sign("helper", "东关村") as me, pytest.raises(Denied):
        imports.preview(path, **me)
    with sign("township_worker", "西镇") as me, refused("outside_area"):
        imports.preview(path, **me, place=land["东镇"])
    with sign("township_worker", "东镇") as me:
        batch = imports.preview(path, **me)
    with sign("township_worker", "西镇") as me:
        for verb in (imports.confirm, imports.undo, imports.returned_file):
            with refused("no_such_batch"):
                verb(batch, **me)


def test_the_original_is_kept_sealed(settings, sign, roster):
    path = roster([row(1)])
    with sign("clerk", "安县") as me:
        batch = imports.preview(path, **me)
    from django.core.files.storage import default_storage

    kept = default_storage.open(batch.stored_as).read()
    assert number(seq=1).encode() not in kept
    from songhe.registry.people import safekeeping

    with safekeeping.opened(batch.stored_as) as clear:
        assert clear.read_bytes() == path.read_bytes()
    target = default_storage.path(batch.stored_as)
    with open(target, "r+b") as file:
        file.seek(60)
        file.write(b"\0\1\2")
    with refused("original_damaged"), safekeeping.opened(batch.stored_as):
        pass


def test_the_returned_file_can_be_corrected_and_sent_again(tmp_path, sign, roster):
    path = roster([row(1), row(2, 姓名="", 联系电话="139")], title_rows=["某镇老年人名册"])
    with sign("clerk", "安县") as me:
        batch = imports.preview(path, **me)
        back = tmp_path / "返回.xlsx"
        back.write_bytes(imports.returned_file(batch, **me))
        with open_table(back, SYNONYMS) as table:
            rows = list(table)
        assert "姓名为空" in str(rows[1][1][-1])
        assert "手机号码" in str(rows[1][1][-1])
        outcome = bring(me, back)
        assert (outcome.added, outcome.rejected) == (1, 1)


def test_the_template_comes_back_as_a_roster(tmp_path, sign):
    path = tmp_path / "模板.xlsx"
    path.write_bytes(template(template_columns()))
    with open_table(path, SYNONYMS) as table:
        assert set(table.fields) == {c.field for c in COLUMNS if c.in_template}
    filled = tmp_path / "填好.xlsx"
    examples = [c.example for c in template_columns()]
    with filled.open("wb") as out:
        write_xlsx(out, [Column(c.title) for c in template_columns()], [examples])
    with sign("clerk", "安县") as me:
        outcome = bring(me, filled)
    assert [e["code"] for e in outcome.errors] == ["village_code_unknown"]  # the example is of another city


def test_excel_files_and_wild_cells(tmp_path, land, sign):
    path = tmp_path / "名册.xlsx"
    columns = [
        Column("老人姓名"),
        Column("身份证"),
        Column("出生年月日", "date"),
        Column("手机号", "number"),
        Column("村名"),
        Column("独居"),
    ]
    rows = [
        ["赵玉兰", number(seq=2), date(1940, 1, 1), 13800001234, "东关村", "是"],
        ["钱二", float(number(seq=3)[:17] + "0"), None, None, "东关村", "否"],
        ["合计", "2人", None, None, None, None],
    ]
    from songhe.core import workbook

    with path.open("wb") as out:
        import xlsxwriter

        book = xlsxwriter.Workbook(out)
        sheet = book.add_worksheet("名册")
        sheet.merge_range(0, 0, 0, 5, "安县老年人名册")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for at, column in enumerate(columns):
            sheet.write(1, at, column.title)
        for down, cells in enumerate(rows, 2):
            for at, value in enumerate(cells):
                if isinstance(value, date):
                    sheet.write_datetime(down, at, value, day)
                elif value is not None:
                    sheet.write(down, at, value)
        book.close()
    assert workbook.SHEET_ROWS
    with sign("clerk", "安县") as me:
        outcome = bring(me, path)
        assert counts(outcome) == (1, 0, 0, 1)
        assert (outcome.errors[0]["row"], outcome.errors[0]["column"], outcome.errors[0]["code"]) == (
            4,
            "身份证",
            "id_scientific",
        )
        assert Person.objects.get().tags == 1


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "file_empty"), ("姓名,电话\n王,1\n".encode(), "column_missing"), (b"PK\x03\x04 no", "file_damaged")],
)
def test_files_that_are_no_rosters_are_refused(tmp_path, sign, content, code):
    path = tmp_path / "名册.csv"
    path.write_bytes(content)
    with sign("clerk", "安县") as me:
        with refused(code):
            imports.preview(path, **me)
        assert not ImportBatch.objects.exists()


def test_one_village_needs_no_village_column(land, sign, roster):
    lines = [{k: v for k, v in row(i).items() if k != "村（社区）"} for i in (1, 2)]
    with sign("clerk", "安县") as me:
        assert counts(bring(me, roster(lines), place=land["东关村"])) == (2, 0, 0, 0)
        assert set(Person.objects.values_list("village", flat=True)) == {land["东关村"].pk}


def test_gb18030_and_tabs(land, sign, roster, tmp_path):
    with sign("clerk", "安县") as me:
        assert counts(bring(me, roster([row(1)], encoding="gb18030"))) == (1, 0, 0, 0)
        path = tmp_path / "tab.txt"
        path.write_text("姓名\t身份证号码\t村（社区）\n赵玉兰\t" + number(seq=2) + "\t东关村\n", encoding="utf-8")
        assert counts(bring(me, path)) == (1, 0, 0, 0)


def test_the_systems_own_import_sees_all_places(land, roster):
    path = roster([row(1), row(2, **{"村（社区）": "北庄村"})])
    with everywhere():
        assert counts(imports.bring_in(path, by=None, post=None)) == (2, 0, 0, 0)
    with pytest.raises(Denied):
        imports.bring_in(path, by=None, post=None)

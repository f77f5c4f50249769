"""One entry, many forms: a superior's Excel or Word file mapped, filled, exported; where two forms disagree and why."""

import io

import pytest
from django.db import IntegrityError, transaction
from docx import Document
from openpyxl import Workbook, load_workbook
from openpyxl.workbook.defined_name import DefinedName

from songhe.core import periods
from songhe.core.refusal import Refusal
from songhe.oversight.bulletins import actions, formfiles, queries
from songhe.oversight.bulletins.models import Filling, Form
from songhe.registry.accounts.access import Denied, acting_as
from tests.oversight.bulletins.bureau import MONTH


def workbook() -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.title = "月报"
    sheet["A1"], sheet["A2"], sheet["A3"] = "月探访率", "已探访人次", "说明【备注】"
    sheet["B2"] = "【已访】"
    book.defined_names["探访率"] = DefinedName("探访率", attr_text="月报!$B$1")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def letterhead() -> bytes:
    document = Document()
    paragraph = document.add_paragraph("本月探访率为【探")
    paragraph.add_run("访率】%。").bold = True
    document.add_table(rows=1, cols=1).rows[0].cells[0].text = "已访【已访】人次"
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def put(bureau, name="省月报", content=None, file_name="月报.xlsx", **more):
    more = {"by": 0, "post": None} | more
    return actions.put_form(
        place=bureau.place, name=name, asked_by="省民政厅", file_name=file_name, content=content or workbook(), **more
    )


def mapped(bureau, basis="frozen", **more):
    form = put(bureau, **more)
    cells = [
        {"cell": "探访率", "caption": "月探访率", "indicator": "weekly_visiting", "side": "value", "basis": basis},
        {"cell": "已访", "caption": "已探访人次", "indicator": "weekly_visiting", "side": "numerator", "basis": basis},
    ]
    return actions.map_cells(form=form, cells=cells, by=0, post=None)


def fill(form, **more):
    return actions.fill(form=form, period=MONTH, **({"by": 0, "post": None} | more))


def test_the_places_of_a_file_are_found():
    assert formfiles.slots(workbook(), "xlsx") == ["探访率", "已访", "备注"]
    assert formfiles.slots(letterhead(), "docx") == ["探访率", "已访"]


def test_an_excel_form_is_filled_with_numbers(bureau):
    form = mapped(bureau)
    made = fill(form, typed={"备注": "=1+1 无"})
    sheet = load_workbook(io.BytesIO(queries.filled_file(made)))["月报"]
    assert (sheet["B1"].value, sheet["B2"].value) == (12.5, 1)
    assert sheet["A3"].value == "说明=1+1 无"
    source = made.values[0]
    assert source["url"].startswith("/indicators/weekly_visiting/all/")
    assert source["version"]
    assert source["as_of"].startswith("2026-11-01T08:00")


def test_a_word_form_is_filled_where_word_has_cut_the_name_in_two(bureau):
    form = mapped(bureau, content=letterhead(), file_name="月报.docx")
    document = Document(io.BytesIO(queries.filled_file(fill(form))))
    assert document.paragraphs[0].text == "本月探访率为12.5%。"
    assert document.tables[0].rows[0].cells[0].text == "已访1人次"


def test_a_formula_typed_stays_text(bureau):
    form = mapped(bureau)
    made = fill(form, typed={"备注": "x"})
    values = {v["cell"]: v["value"] for v in made.values} | {"已访": "=HYPERLINK(1)"}
    sheet = load_workbook(io.BytesIO(formfiles.filled(workbook(), "xlsx", values)))["月报"]
    assert sheet["B2"].data_type == "s"


def test_two_forms_disagree_and_it_is_said_why(bureau):
    fill(mapped(bureau))
    bureau.late_entry()
    bureau.recount()
    assert queries.disagreements(post=bureau.clerk, period=MONTH.code) == []
    fill(mapped(bureau, name="市月报", basis="revised"))
    found = queries.disagreements(post=bureau.clerk, period=MONTH.code)
    assert {one["caption"] for one in found} == {"月探访率", "已探访人次"}
    assert all(one["why"] == ["basis"] for one in found)
    assert {entry["value"] for one in found for entry in one["entries"]} == {12.5, 25.0, 1, 2}
    assert queries.disagreements(post=None, period=MONTH.code) == []


def test_a_filling_never_changes(bureau):
    made = fill(mapped(bureau))
    with pytest.raises(IntegrityError), transaction.atomic():
        Filling.objects.filter(pk=made.pk).update(values=[])
    again = fill(Form.objects.get())
    assert (again.digest, Filling.objects.count()) == (made.digest, 2)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"cell": "没有", "indicator": "weekly_visiting"}, "unknown_cell"),
        ({"cell": "探访率", "indicator": "happiness"}, "unknown_indicator"),
        ({"cell": "探访率", "indicator": "weekly_visiting", "side": "half"}, "unknown_side"),
        ({"cell": "探访率", "indicator": "weekly_visiting", "place": "000000"}, "unknown_place"),
        ({"cell": "探访率", "indicator": "weekly_visiting", "place": "9901"}, "place_outside"),
    ],
)
def test_a_mapping_is_refused(bureau, row, code):
    form = put(bureau)
    with pytest.raises(Refusal) as no:
        actions.map_cells(form=form, cells=[row], by=0, post=None)
    assert no.value.code == code
    assert Form.objects.get().cells == []


def test_a_filling_is_refused(bureau):
    form = put(bureau)
    with pytest.raises(Refusal) as no:
        fill(form)
    assert no.value.code == "nothing_mapped"
    actions.retire_form(form=form, by=0, post=None)
    form = mapped(bureau)
    with pytest.raises(Refusal) as no:
        fill(form, typed={"已访": "100"})
    assert no.value.code == "typed_over"
    with pytest.raises(Refusal) as no:
        actions.fill(form=form, period=periods.parse("2026-09"), by=0, post=None)
    assert no.value.code == "not_frozen"
    assert not Filling.objects.exists()


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("表.pdf", b"%PDF", "form_kind"),
        ("表.xlsx", b"not a zip", "form_file"),
        ("表.docx", workbook(), "form_file"),
        ("表.xlsx", letterhead(), "form_file"),
    ],
)
def test_a_file_that_is_no_form_is_refused(bureau, name, content, code):
    with pytest.raises(Refusal) as no:
        put(bureau, content=content, file_name=name)
    assert no.value.code == code


def test_a_file_without_places_is_refused(bureau):
    out = io.BytesIO()
    Workbook().save(out)
    with pytest.raises(Refusal) as no:
        put(bureau, content=out.getvalue())
    assert no.value.code == "no_slots"


def test_who_may(bureau):
    with acting_as(bureau.leader), pytest.raises(Denied):
        put(bureau, by=bureau.leader.user, post=bureau.leader)
    with acting_as(bureau.clerk):
        put(bureau, by=bureau.clerk.user, post=bureau.clerk)
    stranger = bureau.county.post("clerk", bureau.county.towns[0])
    with acting_as(stranger):
        assert [f.name for f in queries.forms(post=stranger)] == ["省月报"]  # a township may look at its county's forms
        with pytest.raises(Refusal):
            actions.map_cells(form=Form.objects.get(), cells=[], by=stranger.user, post=stranger)

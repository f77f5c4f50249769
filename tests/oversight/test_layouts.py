"""A bureau's own Excel layout: learnt from a sample, ledgers brought in by it, the same form filled out again."""

import io
from datetime import date, timedelta
from decimal import Decimal

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from songhe.core.acting import everywhere
from songhe.oversight.ledger import actions, layouts, queries
from songhe.oversight.ledger.models import Item, Layout, Progress
from songhe.registry.accounts.access import Denied
from tests.oversight.bureau import COUNTY, TOWN
from tests.oversight.test_ledger import refused

HEADER = ["序号", "重点任务", "责任单位", "配合单位", "完成时限", "目标数", "所属乡镇", "目前进展", "存在问题", "备注"]
FIELDS = ["number", "title", "lead_unit", "cooperating_units", "due_on", "quantity", "place", "progress", "problem", ""]
ROWS = [
    ["1", "建成日间照料站", "民政局", "住建局、财政局", "10月底前", 28, "990101001镇", "已选址 20 处", "无", ""],
    ["2", "建成幸福院", "民政局", "", "2023-09-30", 42, "", "", "产权不清", "=1+1"],
    ["3", "没有期限", "民政局", "", "尽快", 1, "", "", "", ""],
    ["4", "没有单位", "", "", "年底前", 1, "", "", "", ""],
]


def book(rows, header=HEADER) -> SimpleUploadedFile:
    """The bureau's form: a merged title, the head in row 3."""
    out = openpyxl.Workbook()
    sheet = out.active
    sheet.title = "工作台账"
    sheet["A1"] = "定州市养老服务能力提升工作台账"
    sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=len(header))
    sheet["A2"] = "填报单位：民政局"
    for at, title in enumerate(header, 1):
        sheet.cell(3, at, title)
    for down, row in enumerate(rows, 4):
        for at, value in enumerate(row, 1):
            cell = sheet.cell(down, at, value)
            if isinstance(value, str) and value.startswith("="):
                cell.data_type = "s"
    stream = io.BytesIO()
    out.save(stream)
    return SimpleUploadedFile("台账.xlsx", stream.getvalue())


@pytest.fixture
def layout(office):
    with office("clerk") as who:
        return layouts.save_layout(name="民政局版", file=book([]), columns=FIELDS, place=office[COUNTY], **who)


def bring_in(office, layout, rows, year=2023):
    with office("clerk") as who:
        sheet = layouts.preview(layout=layout, file=book(rows), place=office[COUNTY], year=year, **who)
        return layouts.confirm(sheet=sheet, **who)


def test_headers_are_guessed_and_can_be_corrected(office):
    guessed = {row["title"]: row["field"] for row in layouts.headers_of(book(ROWS))}
    assert [guessed[title] for title in HEADER] == FIELDS


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        (FIELDS[:-1], "columns_count"), ([*FIELDS[:-1], "title"], "field_twice"), ([*FIELDS[:-1], "colour"], "unknown_field"),
        (["number", "title", "", "", "due_on", "", "", "", "", ""], "field_missing"),
    ],
)  # fmt: skip
def test_a_layout_that_could_not_hold_anybody_answerable_is_refused(office, columns, code):
    with office("clerk") as who, refused(code):
        layouts.save_layout(name="坏版式", file=book([]), columns=columns, place=office[COUNTY], **who)
    with everywhere():
        assert not Layout.objects.exists()


def test_a_ledger_comes_in_by_its_layout(office, layout):
    with office("clerk") as who:
        sheet = layouts.preview(layout=layout, file=book(ROWS), place=office[COUNTY], year=2023, **who)
        assert (sheet.added, sheet.rejected, Item.objects.count()) == (2, 2, 0)
        assert {error["row"] for error in sheet.errors} == {6, 7}
        layouts.confirm(sheet=sheet, **who)
        with refused("sheet_done"):
            layouts.confirm(sheet=sheet, **who)
        first, second = Item.objects.order_by("layout_number")
        assert (first.due_on, first.due_literal, first.quantity) == (date(2023, 10, 31), "10月底前", 28)
        assert (first.place.code, first.cooperating_units) == (TOWN, ["住建局", "财政局"])
        assert (second.due_on, second.place.code) == (date(2023, 9, 30), COUNTY)
        assert [p.text for p in first.progress.all()] == ["已选址 20 处"]
        assert not first.problems.exists()
        assert [p.text for p in second.problems.all()] == ["产权不清"]


def test_the_same_file_again_changes_nothing(office, layout):
    bring_in(office, layout, ROWS)
    again = bring_in(office, layout, ROWS)
    assert (again.added, again.reported, again.unchanged) == (0, 0, 2)
    with everywhere():
        assert (Item.objects.count(), Progress.objects.count()) == (2, 1)


def test_a_file_reports_but_moves_no_target(office, layout):
    bring_in(office, layout, ROWS[:2])
    moved = [list(ROWS[0]), list(ROWS[1])]
    moved[0][4] = "年底前"
    moved[1][7] = "开工 30 处"
    done = bring_in(office, layout, moved)
    assert (done.added, done.reported, done.rejected) == (0, 1, 1)
    assert "审批" in done.errors[0]["reason"]
    with everywhere():
        assert Item.objects.get(layout_number="1").due_on == date(2023, 10, 31)
        assert Item.objects.get(layout_number="2").progress.get().text == "开工 30 处"


def test_a_file_of_another_layout_is_refused(office, layout):
    other = book([["1", "事"]], header=["序号", "干什么"])
    with office("clerk") as who, pytest.raises(Exception, match=r"版式|表头|列"):
        layouts.preview(layout=layout, file=other, place=office[COUNTY], year=2023, **who)


def test_a_row_twice_in_one_file_comes_in_once(office, layout):
    done = bring_in(office, layout, [ROWS[0], ROWS[0]])
    assert (done.added, done.rejected) == (1, 1)


def test_the_bureaus_own_form_is_filled_out(office, layout):
    bring_in(office, layout, ROWS[:2])
    with office("clerk") as who:
        lines = queries.lines(queries.items(post=who["post"]), on=timezone.localdate())
        content = layouts.filled(lines=lines, layout=layout, **who)
    sheet = openpyxl.load_workbook(io.BytesIO(content))["工作台账"]
    assert sheet["A1"].value == "定州市养老服务能力提升工作台账"
    assert [cell.value for cell in sheet[3]] == HEADER
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)]
    assert [row[1] for row in rows] == ["建成幸福院", "建成日间照料站"]
    assert rows[1][3] == "住建局、财政局"
    assert rows[0][8] == "产权不清"
    with office("helper") as who, pytest.raises(Denied):
        layouts.filled(lines=[], **who)


def test_what_goes_out_comes_back_unchanged(office, layout):
    bring_in(office, layout, ROWS[:2])
    with office("clerk") as who:
        lines = queries.lines(queries.items(post=who["post"]), on=timezone.localdate())
        content = layouts.filled(lines=lines, layout=layout, **who)
        file = SimpleUploadedFile("回传.xlsx", content)
        sheet = layouts.preview(layout=layout, file=file, place=office[COUNTY], year=2023, **who)
        assert (sheet.added, sheet.reported, sheet.unchanged, sheet.rejected) == (0, 0, 2, 0)


def test_a_text_that_looks_like_a_formula_stays_a_text(office):
    item = office.item(title='=HYPERLINK("http://x","y")', quantity=Decimal(3))
    with office("clerk") as who:
        actions.record_progress(item=item, text="=1+1", on=timezone.localdate() - timedelta(days=1), **who)
        kept = layouts.save_layout(name="版", file=book([]), columns=FIELDS, place=office[COUNTY], **who)
        lines = queries.lines(queries.items(post=who["post"]), on=timezone.localdate())
        for layout in (None, kept):
            book_ = openpyxl.load_workbook(io.BytesIO(layouts.filled(lines=lines, layout=layout, **who)))
            assert not [c for sheet in book_ for row in sheet.iter_rows() for c in row if c.data_type == "f"]

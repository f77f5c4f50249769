"""Tables in and out: what comes in wrong is named, what goes out comes back the same."""

import io
import zipfile
from datetime import date, datetime

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from songhe.core.tabular import BadTable, Column, Limits, open_table, returned, template, write_csv, write_xlsx
from songhe.core.workbook import ERRORS_TITLE

SYNONYMS = {
    "name": ("姓名", "老人姓名"),
    "id_number": ("身份证号", "身份证号码", "公民身份号码"),
    "village": ("村", "村（社区）"),
    "town": ("乡镇",),
    "phone": ("联系电话",),
    "birth": ("出生日期",),
}
COLUMNS = [
    Column("姓名", required=True, hint="与身份证一致", example="王小山"),
    Column("身份证号", width=22),
    Column("村", choices=("东村", "西村")),
    Column("年龄", "number"),
    Column("出生日期", "date"),
]
ROWS = [
    ("王小山", "990682194001011233", "东村", 86, date(1940, 1, 1)),
    ("李花", "99068219400101002X", "西村", None, None),
]


def workbook(cells, merged=(), name="名册"):
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet(name)
        for first_row, first_column, last_row, last_column in merged:
            sheet.merge_range(first_row, first_column, last_row, last_column, "")
        for (row, column), value in cells.items():
            sheet.write(row, column, value)
    return stream.getvalue()


def grid(*rows):
    return {(r, c): v for r, row in enumerate(rows) for c, v in enumerate(row) if v is not None}


def exported(**kw):
    stream = io.BytesIO()
    write_xlsx(stream, COLUMNS, ROWS, **kw)
    return stream.getvalue()


# reading ---------------------------------------------------------------------------------------------------------


def test_what_is_written_reads_back_the_same():
    with open_table(exported(watermark="演示 & 测试", notes=["条件：全部"]), SYNONYMS) as table:
        assert (table.kind, table.header_row, table.problems) == ("xlsx", 1, ())
        assert table.missing(["name", "phone"]) == ("phone",)
        assert table.unknown() == ("年龄",)
        assert list(table.records(("name", "id_number", "birth", "phone"), ("id_number",))) == [
            (2, ["王小山", "990682194001011233", date(1940, 1, 1), None]),
            (3, ["李花", "99068219400101002X", None, None]),
        ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("sign", [",", "\t", ";", "，"])
def test_text_files_in_any_encoding_and_delimiter(encoding, sign):
    text = f"姓名{sign}身份证号\n王小山{sign}990682194001011233\n\n李花{sign}99068219400101002X\n"
    with open_table(text.encode(encoding), SYNONYMS) as table:
        assert list(table.records(("name", "id_number"))) == [
            (2, ["王小山", "990682194001011233"]),
            (4, ["李花", "99068219400101002X"]),
        ]


def test_quoted_line_breaks_count_as_one_row():
    with open_table('姓名,村\n"王小山","东\n村"\n李花,西村\n'.encode(), SYNONYMS) as table:
        assert list(table.records(("name", "village"))) == [(2, ["王小山", "东\n村"]), (3, ["李花", "西村"])]


def test_header_under_titles_over_two_rows_with_merged_cells():
    content = workbook(
        grid(
            ["某市老年人花名册"],
            ["序号", "姓 名", "住址", None, "身份证\n号码*"],
            [None, None, "乡镇", "村(社区)", None],
            [1, "张三", "甲镇", "东村", 990682194001011233],
            [2, "李四", "甲镇", None, "9906821940010112 33"],
            [3, "王五", "乙镇", "西村", "990682194001011233"],
            [],
            ["填表人：赵六"],
        ),
        merged=[(0, 0, 0, 4), (1, 0, 2, 0), (1, 1, 2, 1), (1, 2, 1, 3), (1, 4, 2, 4), (3, 3, 4, 3)],
    )
    with open_table(content, SYNONYMS) as table:
        assert table.header_row == 3
        rows = list(table.records(("name", "town", "village", "id_number"), ("id_number",)))
        assert [r[:1] + tuple(r[1][:3]) for r in rows] == [
            (4, "张三", "甲镇", "东村"),
            (5, "李四", "甲镇", "东村"),
            (6, "王五", "乙镇", "西村"),
        ]
        assert "e+17" in rows[0][1][3]  # the damage of a number cell stays visible
        assert table.footers == [(8, "填表人：赵六")]


def test_numbers_in_text_columns_lose_their_float_tail():
    content = workbook(grid(["姓名", "联系电话", "出生日期"], ["王小山", 13800001234, 45296]))
    with open_table(content, SYNONYMS) as table:
        assert list(table.records(("phone", "birth"), ("phone",))) == [(2, ["13800001234", 45296.0])]


def test_the_sheet_with_the_known_headers_is_taken():
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        book.add_worksheet("说明").write(0, 0, "请填写名册")
        data = book.add_worksheet("名册")
        data.write_row(0, 0, ["姓名", "村"])
        data.write_row(1, 0, ["王小山", "东村"])
        hidden = book.add_worksheet("隐藏")
        hidden.write_row(0, 0, ["姓名", "村", "乡镇"])
        hidden.hide()
    with open_table(stream.getvalue(), SYNONYMS) as table:
        assert table.sheet == "名册"
        assert [p.code for p in table.problems] == ["other_sheets"]
    with pytest.raises(BadTable) as refused:
        open_table(stream.getvalue(), SYNONYMS, sheet="隐藏")
    assert refused.value.code == "no_such_sheet"


def test_a_field_named_twice_is_said_and_the_first_counts():
    with open_table("姓名,老人姓名\n王小山,李花\n".encode(), SYNONYMS) as table:
        assert [p.code for p in table.problems] == ["header_twice"]
        assert list(table.records(("name",))) == [(2, ["王小山"])]


def test_rows_longer_or_shorter_than_the_header():
    with open_table("姓名,村\n王小山\n李花,西村,多,余\n".encode(), SYNONYMS) as table:
        assert list(table) == [(2, ["王小山", ""]), (3, ["李花", "西村"])]


def test_without_synonyms_the_first_row_of_texts_is_the_header():
    with open_table(workbook(grid(["标题"], ["甲", "乙"], ["1", "2"]))) as table:
        assert (table.header, list(table)) == (("甲", "乙"), [(3, ["1", "2"])])


def test_a_file_on_disk_and_an_open_stream(tmp_path):
    path = tmp_path / "名册.xlsx"
    path.write_bytes(exported())
    for source in (path, str(path), io.BytesIO(exported())):
        with open_table(source, SYNONYMS) as table:
            assert sum(1 for _ in table) == 2


# refusing --------------------------------------------------------------------------------------------------------


def _bomb():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (20 << 20))
    return stream.getvalue()


def _lying_zip():
    content = bytearray(exported())
    at = content.rfind(b"PK\x01\x02", 0, content.find(b"xl/worksheets/sheet1.xml", len(content) // 2))
    content[at + 24 : at + 28] = (1).to_bytes(4, "little")  # the list of parts promises one byte
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"\n\n", "file_empty"),
        (workbook({}), "file_empty"),
        (b"PK\x03\x04broken", "file_damaged"),
        (exported()[:-200], "file_damaged"),
        (_lying_zip(), "file_damaged"),
        (b"\xd0\xcf\x11\xe0" + b"1" * 2000, "file_damaged"),
        (_bomb(), "file_bomb"),
        (workbook({(0, 0): "姓名", (1_048_575, 16_383): "x"}), "file_far_corner"),
        (b"<html><table><tr><td>", "file_html"),
        (b"\x00\x01\x02\x03", "file_not_text"),
        (b"\xff\xff\xff\xff,\xff", "file_encoding"),
        ('"' + "长" * 200_000, "csv_broken"),
        ("甲,乙\n1,2\n", "no_header"),
        ("姓名" + "," * 600, "too_many_columns"),
        (workbook({(0, c): "姓名" for c in range(600)}), "too_many_columns"),
    ],
    ids=lambda v: v if isinstance(v, str) and v.isascii() and len(v) < 30 else "content",
)
def test_what_cannot_be_read_says_why(content, code):
    with (
        pytest.raises(BadTable) as refused,
        open_table(content if isinstance(content, bytes) else content.encode(), SYNONYMS) as table,
    ):
        list(table)
    assert refused.value.code == code
    assert refused.value.zh
    assert refused.value.en


def test_a_zip_that_is_no_workbook_and_a_file_too_big():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(BadTable, match="压缩包"):
        open_table(stream.getvalue())
    with pytest.raises(BadTable) as refused:
        open_table(exported(), SYNONYMS, limits=Limits(file_bytes=100))
    assert refused.value.code == "file_too_big"


def outcome(content):
    """The rows, or the refusal's text; anything else that is raised fails the test."""
    try:
        with open_table(content, SYNONYMS) as table:
            return list(table.records(("name", "village"))), ""
    except BadTable as refused:
        return [], refused.zh + refused.en


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_reading_never_crashes(content):
    for start in (b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", "姓名,村\n".encode()):
        rows, refusal = outcome(start + content)
        assert refusal or len(rows) <= 300


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=8))
def test_damaged_workbooks_never_crash(at, noise):
    content = bytearray(GOOD)
    at %= len(content)
    content[at : at + len(noise)] = noise
    rows, refusal = outcome(bytes(content))
    assert refusal or len(rows) <= 2


GOOD = exported()


# writing ---------------------------------------------------------------------------------------------------------

NASTY = [
    "=1+1",
    "+86",
    "-1",
    "@x",
    "\t=1",
    "=cmd|' /C calc'!A0",
    "http://x.cn",
    "00123",
    "990682194001011233",
    "\x00\x0b坏",
    "'=1",
]


def test_no_cell_becomes_a_formula_a_link_or_a_number():
    stream = io.BytesIO()
    write_xlsx(stream, [Column("甲")], [(v,) for v in NASTY])
    sheet = openpyxl.load_workbook(io.BytesIO(stream.getvalue())).worksheets[0]
    cells = [sheet.cell(i + 2, 1) for i in range(len(NASTY))]
    assert [c.data_type for c in cells] == ["s"] * len(NASTY)
    assert not any(c.hyperlink for c in cells)
    assert cells[8].value == "990682194001011233"


def test_csv_is_safe_to_open_and_reads_back():
    stream = io.StringIO()
    write_csv(stream, [Column("姓名"), Column("村", "number")], [(v, -1) for v in NASTY], watermark="某人 2026-11-22")
    lines = stream.getvalue().splitlines()
    assert all(line.lstrip('"')[:1] not in ("=", "+", "-", "@", "\t") for line in lines)
    assert "990682194001011233\t,-1" in lines
    with open_table(stream.getvalue().encode("utf-8-sig"), SYNONYMS) as table:
        back = [cells[0] for _, cells in table.records(("name",))]
        assert back[:4] == NASTY[:4]
        assert "990682194001011233" in back
        assert len(table.footers) == 1


def test_dates_and_numbers_keep_their_kind():
    sheet = openpyxl.load_workbook(io.BytesIO(exported())).worksheets[0]
    assert sheet["D2"].value == 86
    assert sheet["E2"].value == datetime(1940, 1, 1)
    assert sheet.freeze_panes == "A2"


def test_the_watermark_stands_on_paper_and_on_a_sheet():
    book = openpyxl.load_workbook(io.BytesIO(exported(watermark="张某 & 李某", notes=["条件：东村"])))
    assert book.worksheets[0].oddHeader.center.text == "张某 && 李某"
    assert [c.value for c in book["导出说明"]["A"]] == ["张某 & 李某", "条件：东村"]


def test_more_rows_than_a_sheet_holds(monkeypatch):
    monkeypatch.setattr("songhe.core.workbook.SHEET_ROWS", 3)
    stream = io.BytesIO()
    assert write_xlsx(stream, [Column("姓名")], [(f"王{i}",) for i in range(7)]) == 7
    book = openpyxl.load_workbook(io.BytesIO(stream.getvalue()))
    assert [[c.value for c in s["A"]] for s in book.worksheets] == [
        ["姓名", "王0", "王1", "王2"], ["姓名", "王3", "王4", "王5"], ["姓名", "王6"],
    ]  # fmt: skip


def test_an_export_of_nothing_still_has_its_header():
    stream = io.BytesIO()
    assert write_xlsx(stream, COLUMNS, []) == 0
    with open_table(stream.getvalue(), SYNONYMS) as table:
        assert list(table) == []
        assert "name" in table.fields


def test_template_is_text_typed_with_lists_and_hints():
    content = template(COLUMNS)
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book.worksheets[0]
    assert [c.value for c in sheet[1]] == ["姓名*", "身份证号", "村", "年龄", "出生日期"]
    assert sheet.column_dimensions["B"].number_format == "@" or sheet["B2"].number_format == "@"
    rules = {str(r.sqref): r for r in sheet.data_validations.dataValidation}
    assert rules["C2:C100001"].type == "list"
    assert rules["A2:A100001"].prompt == "与身份证一致"
    assert [c.value for c in book["选项"]["C"]] == ["东村", "西村"]
    assert book["选项"].sheet_state == "hidden"
    with open_table(content, SYNONYMS) as table:
        assert list(table) == []
        assert set(table.fields) == {"name", "id_number", "village", "birth"}


def test_a_returned_file_shows_the_errors_and_can_be_sent_again():
    with open_table(exported(), SYNONYMS) as table:
        content = returned(table.header, table, {3: [("身份证号", "校验码不符"), ("村", "没有这个村")]})
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    assert sheet["F1"].value == ERRORS_TITLE
    assert sheet["F2"].value is None
    assert sheet["F3"].value == "原第3行 身份证号：校验码不符；村：没有这个村"
    assert sheet["B3"].fill.fgColor.rgb == "FFFBE3E1"
    assert sheet["B2"].fill.fgColor.rgb != "FFFBE3E1"
    with open_table(content, SYNONYMS) as table:
        assert [c[:2] for _, c in table.records(("name", "id_number"))] == [list(r[:2]) for r in ROWS]

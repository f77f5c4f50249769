"""The register as a spreadsheet: out as listed, in with a preview; bad rows stay out, what is on file is left alone."""

import io
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from python_calamine import CalamineWorkbook

from songhe.core.acting import acting, everywhere
from songhe.core.models import AuditEvent
from songhe.core.refusal import Refusal
from songhe.core.workbook import Column, write_xlsx
from songhe.registry.accounts.access import Denied, acting_as
from songhe.registry.facilities import queries, sheets
from songhe.registry.facilities.models import BedLot, Facility, ImportSheet
from tests import world as w
from tests.registry.facilities.sites import DAY, TOWN, Site

TITLES = [
    "区划代码",
    "乡镇（街道）",
    "村（社区）",
    "类型",
    "名称",
    "状态",
    "状态日期",
    "建筑面积（㎡）",
    "日间照料床位",
]
GOOD = [
    [w.OWN, "", "", "社区日间照料服务站（点）", "一站", "已完工", "2021-10-20", 210, 6],
    ["", f"{TOWN}镇", f"{w.SISTER}村", "农村互助幸福院", "二院", "已选址", "2021年5月6日", "", ""],
    [TOWN, "", "", "day_care_station", "三站", "已规划", "2021-03-01", "", ""],
]
BAD = [
    (["130682001001", "", "", "老年食堂", "甲", "已完工", "2021-10-20", "", ""], "区划代码"),
    ([w.NEXT_COUNTY, "", "", "老年食堂", "乙", "已完工", "2021-10-20", "", ""], "区划代码"),
    ([TOWN, "", "", "老年食堂", "丙", "已完工", "2021-10-20", "", ""], "区划代码"),
    ([w.OWN, "", "", "城堡", "丁", "已完工", "2021-10-20", "", ""], "类型"),
    ([w.OWN, "", "", "老年食堂", "", "已完工", "2021-10-20", "", ""], "名称"),
    ([w.OWN, "", "", "老年食堂", "戊", "快好了", "2021-10-20", "", ""], "状态"),
    ([w.OWN, "", "", "老年食堂", "己", "已完工", "2999-01-01", "", ""], "状态日期"),
    ([w.OWN, "", "", "老年食堂", "庚", "已完工", "2021-02-30", "", ""], "状态日期"),
    ([w.OWN, "", "", "老年食堂", "辛", "已完工", "2021-10-20", "两百", ""], "建筑面积（㎡）"),
    ([w.OWN, "", "", "老年食堂", "壬", "已完工", "2021-10-20", "", 2.5], "日间照料床位"),
]


def book(rows):
    stream = io.BytesIO()
    write_xlsx(stream, [Column(title) for title in TITLES], rows)
    return SimpleUploadedFile("设施.xlsx", stream.getvalue())


def looked_at(world, rows, place="990101", **who):
    return sheets.preview(book(rows), place=world[place], **({"by": None, "post": None} | who))


def test_a_register_comes_in_after_a_look(world):
    seen = looked_at(world, GOOD + [row for row, _column in BAD])
    assert (seen.rows, seen.added, seen.unchanged, seen.rejected) == (13, 3, 0, 10)
    assert [error["column"] for error in seen.errors] == [column for _row, column in BAD]
    assert not Facility.objects.exists(), "a preview changes nothing"
    done = sheets.confirm(seen, by=None, post=None)
    assert (done.state, done.added) == ("done", 3)
    sites = {site.name: site for site in Facility.objects.select_related("place")}
    assert {name: site.place.code for name, site in sites.items()} == {"一站": w.OWN, "二院": w.SISTER, "三站": TOWN}
    (judged,) = [known for pk, known in queries.known_of([sites["一站"]], DAY).items()]
    assert judged.floor_area is None, "measured on 20 October, not known in April"
    lot = BedLot.objects.get()
    assert (lot.kind, lot.count, lot.on) == ("day", 6, date(2021, 10, 20))
    with pytest.raises(Refusal, match="已经导入过"):
        sheets.confirm(done, by=None, post=None)
    again = looked_at(world, GOOD)
    assert (again.added, again.unchanged) == (0, 3)
    with acting(["0"], sees_audit="yes"):
        verbs = list(AuditEvent.objects.filter(verb__startswith="facilities.import").values_list("verb", flat=True))
    assert sorted(verbs) == ["facilities.import", "facilities.import.preview", "facilities.import.preview"]


def test_the_file_goes_back_with_its_errors(world):
    seen = looked_at(world, [GOOD[0], BAD[3][0]])
    content = sheets.returned_file(seen, by=None, post=None)
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert rows[0][-1].startswith("错误说明")
    assert rows[1][-1] == ""
    assert "城堡" in rows[2][-1]
    assert "原第3行" in rows[2][-1]


def test_what_is_no_register_is_refused(world):
    stream = io.BytesIO()
    write_xlsx(stream, [Column("名称"), Column("类型"), Column("电话")], [["甲", "老年食堂", "1"]])
    with pytest.raises(Refusal, match="没有这些列"):
        sheets.preview(SimpleUploadedFile("x.xlsx", stream.getvalue()), place=world["990101"], by=None, post=None)
    with pytest.raises(Refusal):
        sheets.preview(SimpleUploadedFile("x.xlsx", b"PK nonsense"), place=world["990101"], by=None, post=None)
    assert not ImportSheet.objects.exists()


def test_who_may_and_where(world):
    town = w.post("township_worker", world[TOWN], username="t")
    stranger = w.post("clerk", world["990201"], username="s")
    leader = w.post("leader", world["990101"], username="l")
    with acting_as(leader), pytest.raises(Denied):
        looked_at(world, GOOD, by=leader.user, post=leader)
    with acting_as(town):
        with pytest.raises(Refusal, match="不在您的辖区"):
            looked_at(world, GOOD, by=town.user, post=town)
        seen = looked_at(world, [*GOOD, [w.FAR, *GOOD[0][1:]]], place=TOWN, by=town.user, post=town)
        assert (seen.added, seen.rejected) == (3, 1)
    with acting_as(stranger):
        assert not ImportSheet.objects.exists(), "row-level security alone"
        with pytest.raises(Refusal, match="没有这个导入批次"):
            sheets.confirm(seen, by=stranger.user, post=stranger)
    with acting_as(town):
        assert sheets.confirm(seen, by=town.user, post=town).state == "done"


def test_half_failed_nothing_stays(world, monkeypatch):
    seen = looked_at(world, GOOD)

    def broken(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(sheets.audit, "note", broken)
    with pytest.raises(RuntimeError):
        sheets.confirm(seen, by=None, post=None)
    assert not Facility.objects.exists()


def test_the_list_goes_out_as_it_is_filtered(world):
    Site(world, w.OWN, name="甲站")
    Site(world, w.SISTER, name="乙院", kind="mutual_aid_home")
    Site(world, w.NEXT_COUNTY, name="邻县站")
    post = w.post("leader", world["990101"], username="l")
    with acting_as(post):
        content = sheets.export(by=post.user, post=post, place=world["990101"], on=DAY, kind="mutual_aid_home")
        whole = sheets.export(by=post.user, post=post, place=world["990101"], on=DAY)
        with pytest.raises(Refusal):
            sheets.export(by=post.user, post=post, place=world["990101"], on=DAY, kind="castle")
    names = [
        [row[4] for row in CalamineWorkbook.from_filelike(io.BytesIO(file)).get_sheet_by_index(0).to_python()[1:]]
        for file in (content, whole)
    ]
    assert names == [["乙院"], ["甲站", "乙院"]]
    with everywhere():
        came_back = sheets.preview(SimpleUploadedFile("x.xlsx", whole), place=world["990101"], by=None, post=None)
    assert (came_back.unchanged, came_back.added, came_back.rejected) == (2, 0, 0), (
        "what went out is known when it comes in"
    )

"""The fast way and the slow way through a roster say the same about every cell; pure, without a database."""

from datetime import date

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from songhe.core.identity import check_character
from songhe.registry.people.roster import reading
from songhe.registry.people.roster.checking import BITS, check
from songhe.registry.people.roster.columns import CIRCUMSTANCES, FIELDS, SYNONYMS
from songhe.registry.people.roster.reading import open_roster
from songhe.registry.people.roster.staging import STAGED, Job, Preparer, new_uids, preparing
from songhe.registry.people.roster.villages import Village, Villages

TODAY = date(2026, 11, 20)
PLACES = [
    Village(1, "990682001200", "东关村民委员会", "东关村", 11, "东镇", "安县", 21, 31),
    Village(2, "990682001201", "河口村", "河口村", 11, "东镇", "安县", 21, 31),
    Village(3, "990682002201", "河口村", "河口村", 12, "西镇", "安县", 21, 31),
]
WHERE = Villages(PLACES, [Village(9, "990682001299", "老河村", "老河村", 11, "东镇", "安县", instead=("河口村",))])


def id_number(year, month, day, seq, area="990682"):
    first = f"{area}{year:04d}{month:02d}{day:02d}{seq:03d}"
    return first + check_character(first)


ids = st.one_of(
    st.builds(id_number, st.integers(1900, 2030), st.integers(1, 12), st.integers(1, 31), st.integers(0, 999), st.sampled_from(["990682", "130682", "770000", "830000"])),
    st.builds(lambda n: n[:17] + "0", st.builds(id_number, st.just(1940), st.just(1), st.just(1), st.integers(0, 99))),
    st.builds(str.lower, st.builds(id_number, st.just(1940), st.just(1), st.just(1), st.integers(0, 99))),
    st.builds(lambda n: "".join(chr(ord(c) + 0xFEE0) for c in n), st.builds(id_number, st.just(1941), st.just(2), st.just(3), st.integers(0, 99))),
    st.sampled_from(["", "无", "5.13029E+17", "513029194003010000", "130682400101123", "0" * 18, "1234", "１２３", "990682194001011233 ", "男"]),
    st.text(alphabet="0123456789X x-", max_size=20),
)  # fmt: skip
phones = st.one_of(
    st.from_regex(r"1[0-9]{10}", fullmatch=True),
    st.sampled_from(
        [
            "",
            "无",
            "0312-2551234",
            "1.39E+10",
            "13800001234/13900001234",
            "+8613800001234",
            "１３８００００１２３４",
            "2551234",
            "abc",
            "139",
        ]
    ),
)
dates = st.sampled_from(
    [
        "",
        "1940-01-01",
        "1940年1月1日",
        "1940.1.1",
        "14611",
        "3/4/1940",
        "1940-02-30",
        "2030-01-01",
        "1940年1月",
        "农历腊月",
        "无",
        "1940-01-01 00:00:00",
    ]
)
lines = st.fixed_dictionaries(
    {
        "name": st.one_of(
            st.text(alphabet="王李秀英单·12（）曾 ", max_size=5),
            st.sampled_from(["张三", "买买提·吐尔逊", "赵（已故）", "", "A"]),
        ),
        "id_number": ids,
        "sex": st.sampled_from(["", "男", "女", "1", "x"]),
        "birth": dates,
        "phone": phones,
        "village": st.sampled_from(["东关村", "东关", "河口村", "东镇河口村", "老河村", "无此村", ""]),
        "town": st.sampled_from(["", "东镇", "西镇", "东镇人民政府"]),
        "village_code": st.sampled_from(["", "990682001200", "990682001200.0", "990682001", "123", "990682001299"]),
        "address": st.one_of(
            st.sampled_from(["", "三组12号", "三组　12号\n", "字" * 201, "A座-3#"]),
            st.text(alphabet='三组１２ \t号,，"', max_size=8),
        ),
        "living": st.sampled_from(["", "独居", "城堡", "与配偶同住"]),
        "circumstances": st.sampled_from(
            ["", "独居", "独居、低保", "计划生育特殊家庭（失独）", "富裕", "正常", "独居 空巢"]
        ),
        "is_dementia": st.sampled_from(["", "是", "否", "√", "也许"]),
        "ability_level": st.sampled_from(["", "轻度失能", "3", "60分"]),
        "ability_on": dates,
        "contact_name": st.sampled_from(["", "张强", "9"]),
        "contact_phone": phones,
    }
)


def frame(rows, drop=()):
    keep = [name for name in FIELDS if name in rows[0] and name not in drop]
    texts = {name: [str(r[name]).strip() for r in rows] for name in keep}
    return pl.DataFrame(
        {"line": list(range(2, len(rows) + 2)), **texts}, schema={"line": pl.Int64, **dict.fromkeys(keep, pl.String)}
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(lines, min_size=1, max_size=25))
def test_fast_and_slow_agree(rows):
    raw = frame(rows)
    fast, slow = check(raw, WHERE, today=TODAY), check(raw, WHERE, today=TODAY, fast=False)
    assert fast.faults == slow.faults
    assert fast.notes == slow.notes
    assert fast.good.equals(slow.good)
    bad = {fault.line for fault in fast.faults}
    assert set(fast.good["line"]) == set(raw["line"]) - bad
    if fast.good.height:
        assert (
            fast.good.select("name", "id_number", "sex", "birth", "village_id", "key")
            .null_count()
            .sum_horizontal()
            .item()
            == 0
        )


@settings(max_examples=30, deadline=None)
@given(st.lists(lines, min_size=2, max_size=12), st.integers(0, 11))
def test_a_row_is_judged_alone(rows, at):
    """What is said about a row does not depend on the rows around it."""
    at %= len(rows)
    together = check(frame(rows), WHERE, today=TODAY)
    alone = check(frame(rows[at : at + 1]), WHERE, today=TODAY)
    assert [(f.field, f.problem) for f in together.faults if f.line == at + 2] == [
        (f.field, f.problem) for f in alone.faults
    ]
    assert [(f.field, f.problem) for f in together.notes if f.line == at + 2] == [
        (f.field, f.problem) for f in alone.notes
    ]


def test_many_different_faults_are_all_told():
    rows = [{"name": "张三", "id_number": f"12345{n}", "village": "东关村"} for n in range(40)]
    found = check(frame(rows), WHERE, today=TODAY)
    assert [f.line for f in found.faults] == list(range(2, 42))


# villages ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "name", "town", "found"),
    [
        ("", "东关村", "", 1), ("", "东关", "", 1), ("", "东关村委会", "", 1), ("", "东镇东关村", "", 1), ("", "安县东镇东关村", "", 1),
        ("990682001200", "", "", 1), ("990682001200", "东关村", "", 1), ("９９０６８２００１２００", "", "", 1), ("990682001200.0", "", "", 1),
        ("", "河口村", "西镇", 3), ("", "西镇河口", "", 3), ("990682002", "河口村", "", 3), ("", "河口村", "西镇人民政府", None),
    ],
)  # fmt: skip
def test_village_is_found(code, name, town, found):
    assert WHERE.find(code, name, town)[0] == found


@pytest.mark.parametrize(
    ("code", "name", "town", "problem", "hint"),
    [
        ("", "东管村", "", "village_unknown", "东关村（东镇）"),
        ("", "河口村", "", "village_ambiguous", "河口村（西镇）"),
        ("", "东关村", "西镇", "village_in_other_town", "东关村（东镇）"),
        ("", "老河村", "", "village_ended", "河口村"),
        ("990682001299", "", "", "village_ended", "河口村"),
        ("990682009999", "", "", "village_code_unknown", "990682009999"),
        ("990682001200", "河口村", "", "village_contradiction", "东关村"),
        ("", "", "东镇", "village_empty", "12"),
        ("", "月球基地", "", "village_unknown", "核对"),
    ],
)
def test_village_is_not_found_and_why(code, name, town, problem, hint):
    found, why = WHERE.find(code, name, town)
    assert found is None
    assert why.code == problem
    assert hint in why.zh


# reading -------------------------------------------------------------------------------------------------------------

TEXTS = {
    "plain": "姓名,身份证号,村\n张三,1,东\n\n李四,2,西\n",
    "bom": "\ufeff姓名,身份证号,村\n张三,1,东\n",
    "crlf": "姓名,身份证号,村\r\n张三,1,东\r\n李四,2,西\r\n",
    "title": "某镇名册,,\n姓名,身份证号,村\n张三,1,东\n",
    "footer": "姓名,身份证号,村\n张三,1,东\n合计,1,\n填表人：王,,\n",
    "quotes": '姓名,身份证号,村,住址\n张三,1,东,"三组,12号"\n李四,2,西,"一""二"\n王五,3,东,"上\n下"\n',
    "spaces": "姓名, 身份证号 ,村\n 张三 ,1 ,东\n",
    "short": "姓名,身份证号,村\n张三,1\n李四,2,西,多\n",
    "stars": "*姓名(必填),身份证号*,村（社区）\n张三,1,东\n",
    "no newline": "姓名,身份证号,村\n张三,1,东",
    "numbers": "姓名,身份证号,村\n张三,00123,东\n李四,1e5,东\n",
}


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_plain_and_careful_reading_agree(tmp_path, monkeypatch, name, encoding):
    if encoding == "gb18030" and name == "bom":
        pytest.skip("a byte-order mark belongs to UTF-8")
    monkeypatch.setattr(reading, "FAST_FROM", 0)
    path = tmp_path / "r.csv"
    path.write_bytes(TEXTS[name].encode(encoding))
    got = []
    for fast in (True, False):
        with open_roster(path, fast=fast, chunk=2) as roster:
            frames = list(roster.frames())
            got.append((pl.concat(frames), roster.titles))
    assert got[0][1] == got[1][1]
    assert got[0][0].equals(got[1][0])


def test_the_plain_reader_is_used_for_plain_files(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text(TEXTS["plain"], encoding="utf-8")
    with open_roster(path) as roster:
        assert reading._read_plain_csv(path, roster.table) is not None
    path.write_text(TEXTS["short"], encoding="utf-8")
    with open_roster(path) as roster:
        assert reading._read_plain_csv(path, roster.table) is None


# staging -------------------------------------------------------------------------------------------------------------


def clean_rows(count):
    return [
        {
            "name": "单秀英",
            "id_number": id_number(1940, 1, 1 + i % 28, i),
            "village": "东关村",
            "phone": "13800001234",
            "address": "三组",
            "circumstances": "独居",
        }
        for i in range(count)
    ]


def fields_of(copy):
    """The rows of a binary COPY as lists of bytes or None."""
    assert copy.startswith(b"PGCOPY\n\xff\r\n\0" + bytes(8))
    assert copy.endswith(b"\xff\xff")
    at, rows = 19, []
    while copy[at : at + 2] != b"\xff\xff":
        count, at = int.from_bytes(copy[at : at + 2], "big"), at + 2
        row = []
        for _ in range(count):
            size, at = int.from_bytes(copy[at : at + 4], "big", signed=True), at + 4
            row.append(None if size < 0 else copy[at : at + size])
            at += max(size, 0)
        rows.append(row)
    return rows


def test_prepared_lines_open_again_and_stand_in_order():
    job = Job("k1:" + "00" * 16, WHERE, TODAY)
    preparer = Preparer(job)
    lines = clean_rows(5)
    lines[3] |= {"phone": "", "name": "买买提·吐尔逊"}
    prepared = preparer(frame(lines))
    names = [name for name, _ in STAGED]
    rows = {int.from_bytes(cells[0], "big"): dict(zip(names, cells, strict=True)) for cells in fields_of(prepared.copy)}
    assert sorted(rows) == prepared.lines.tolist() == [2, 3, 4, 5, 6]
    for line, cells in rows.items():
        number = preparer.ring.open_sealed(cells["id_sealed"], b"person.id")
        assert number == lines[line - 2]["id_number"]
        assert preparer.ring.blind(number, "id") == cells["id_blind"]
        assert preparer.tail(number[-4:]).encode() in cells["terms"]
        assert [int.from_bytes(cells[c], "big") for c in ("village_id", "town_id", "county_id", "city_id", "tags")] == [
            1,
            11,
            21,
            31,
            1,
        ]
        assert (cells["sex"], cells["hukou"], cells["contact_sealed"]) == (
            b"m" if int(number[16]) % 2 else b"f",
            None,
            None,
        )
    assert (rows[2]["name"].decode(), rows[2]["name_sort"]) == ("单秀英", b"shan xiu ying")
    assert b"i:sxy" in rows[2]["terms"]
    assert b"i:dxy" in rows[2]["terms"]
    assert (rows[5]["name"].decode(), rows[5]["phone_sealed"], rows[5]["phone_blind"]) == ("买买提·吐尔逊", None, None)


def test_worker_processes_give_the_same_chunks_in_order():
    job = Job("k1:" + "00" * 16, WHERE, TODAY)
    frames = [frame(clean_rows(40)).slice(at, 10) for at in range(0, 40, 10)]
    with preparing(job, 0) as here, preparing(job, 2) as there:
        one, two = list(here(iter(frames))), list(there(iter(frames)))
    assert [p.lines.tolist() for p in one] == [p.lines.tolist() for p in two]
    assert [p.keys.tolist() for p in one] == [p.keys.tolist() for p in two]


def test_uids_rise_and_are_version_7():
    import uuid

    made = [uuid.UUID(bytes=bytes(row)) for row in new_uids(10_000)]
    assert made == sorted(made)
    assert {u.version for u in made} == {7}
    assert len(set(made)) == 10_000


def test_no_header_stands_for_two_fields():
    from songhe.core.tabular import normal

    seen = {}
    for field, titles in SYNONYMS.items():
        for title in titles:
            assert seen.setdefault(normal(title), field) == field, title
    assert set(BITS) == set(CIRCUMSTANCES)


@pytest.mark.parametrize(
    "name",
    [
        "王秀英",
        "王英",
        "单田芳",
        "欧阳修",
        "尉迟敬德",
        "王王",
        "乐乐天",
        "吕绿",
        "鿃三",
        "𠮷田",
        "阿·三",
        "买买提·吐尔逊",
        "A王",
        "王",
        "曾国藩",
        "长长了",
        "李二蛋儿",
    ],
)
def test_the_quick_name_keys_are_the_slow_ones(name):
    preparer = Preparer(Job("k1:" + "00" * 16, WHERE, TODAY))
    assert preparer._quick(name) in (None, preparer._slow(name))
    if name in ("王秀英", "王英", "李四喜", "曹国藩"):
        assert preparer._quick(name) is not None

"""Name keys, cleaning and likeness."""

import itertools
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songhe.core import names
from songhe.core.likeness import LIKELY, POSSIBLE, Traits, likeness
from songhe.core.names import clean, grams, keys, keys_many, read_name, split
from songhe.core.surnames import ALSO, COMPOUND, SINGLE
from tests.core.specs import cases


@pytest.mark.parametrize(("given_cells", "expected"), cases("name_keys"))
def test_name_keys(given_cells, expected):
    found = keys(given_cells[0])
    assert [found.sort, " ".join(found.initials)] == expected


def test_the_surname_table_is_large_and_sound():
    assert len(SINGLE) + len(COMPOUND) >= 200
    assert len(COMPOUND) >= 50
    for name, reading in [*SINGLE.items(), *ALSO.items()]:
        assert len(name) == 1
        assert reading.isascii()
        assert reading.isalpha()
    for name, parts in COMPOUND.items():
        assert len(name) == len(parts) == 2
    assert all(ALSO[n] != SINGLE[n] for n in ALSO if n in SINGLE)


def test_given_names_make_no_second_initials():
    for name in ("王乐", "李重", "张长行", "赵单", "陈解"):
        assert len(keys(name).initials) == 1


def test_grams_are_characters_then_neighbours():
    assert keys("张三").grams == ("张", "三", "张三")
    assert keys("王小山").grams == ("王", "小", "山", "王小", "小山")
    assert grams("李丽丽") == ("李", "丽", "李丽", "丽丽")
    assert grams("阿依·古丽") == grams("阿依古丽")


def test_a_name_found_by_any_part_of_it():
    for part in ("王", "小", "山", "王小", "小山", "王小山"):
        assert set(grams(part)) <= set(keys("王小山").grams)


@pytest.mark.parametrize(
    ("cell", "name", "code"),
    [
        ("张　三", "张三", ""),
        ("买买提•艾力", "买买提·艾力", ""),
        ("阿依．古丽", "阿依·古丽", ""),
        ("𠮷山", "𠮷山", ""),
        ("张三（小名石头）", "张三", "name_remark"),
        ("王", "王", "name_single"),
        ("张3", None, "name_characters"),
        ("13800001234", None, "name_characters"),
        ("", None, "name_empty"),
        (None, None, "name_empty"),
        ("王" * 51, None, "name_length"),
    ],
)
def test_reading_a_name(cell, name, code):
    found = read_name(cell)
    assert found.name == name
    assert " ".join(p.code for p in found.problems) == code


@given(st.none() | st.text(max_size=30) | st.floats() | st.integers())
def test_reading_never_crashes(value):
    found = read_name(value)
    assert found.ok or found.problems
    if found.name:
        assert keys(found.name).sort
        assert clean(found.name) == found.name


@given(st.text(max_size=12))
def test_keys_take_any_text(text):
    found = keys(text)
    assert found == keys_many([text])[0]
    assert all(g in text.replace("·", "").replace(" ", "") for g in found.grams)


def test_the_cache_is_bounded(monkeypatch):
    monkeypatch.setattr(names, "_CACHE", 10)
    assert len(keys_many([f"王{chr(0x4E00 + i)}" for i in range(100)])) == 100
    assert len(names._keys) <= 10


def test_split():
    assert split("尉迟敬德") == ("尉迟", "敬德")
    assert split("单于") == ("单", "于")
    assert split("阿依·古丽") == ("", "阿依·古丽")


# likeness --------------------------------------------------------------------------------------------------------


def traits(text):
    name, born, tail, phone, village = (None if part == "-" else part for part in text.split())
    return Traits(name, "", date.fromisoformat(born) if born else None, tail or "", phone, village)


@pytest.mark.parametrize(("given_cells", "expected"), cases("likeness"))
def test_likeness(given_cells, expected):
    a, b = map(traits, given_cells)
    found = likeness(a, b)
    assert found.verdict == expected[0]
    assert expected[1] in [r.code for r in found.reasons]
    assert likeness(b, a) == found


PEOPLE = st.builds(
    Traits,
    name=st.sampled_from(["张秀英", "张秀瑛", "王山", "单秀英", "丹秀英", "A", "阿依·古丽", "尉迟敬德"]),
    sex=st.sampled_from(["", "male", "female"]),
    birth=st.none() | st.dates(date(1920, 1, 1), date(1966, 12, 31)),
    id_tail=st.sampled_from(["", "1233", "1323", "123X"]),
    phone=st.sampled_from([None, b"a", b"b"]),
    village=st.sampled_from([None, 1, 2]),
    former=st.sampled_from([(), ("张秀英",)]),
)


@given(PEOPLE, PEOPLE)
def test_likeness_is_even_handed_and_bounded(a, b):
    found = likeness(a, b)
    assert found == likeness(b, a)
    assert 0 <= found.score <= 100
    assert all(r.zh and r.en for r in found.reasons)


def test_a_former_name_counts_and_a_name_alone_never_suffices():
    old, new = Traits("李石头", birth=date(1940, 2, 3), village=1), Traits("李建国", birth=date(1940, 2, 3), village=1)
    assert likeness(old, new).score < POSSIBLE
    assert (
        likeness(
            Traits("李石头", birth=date(1940, 2, 3), village=1),
            Traits("李建国", birth=date(1940, 2, 3), village=1, former=("李石头",)),
        ).score
        >= LIKELY
    )
    assert likeness(Traits("张秀英"), Traits("张秀英")).score < POSSIBLE


def test_other_sex_keeps_two_people_apart():
    same = {"birth": date(1940, 2, 3), "village": 1}
    for a, b in itertools.permutations(("male", "female")):
        assert likeness(Traits("张玉", a, **same), Traits("张玉", b, **same)).verdict != "likely"

"""A standard that is wrong is refused with file, line and what to do."""

import pytest

from songhe.core.definitions import BadDefinition
from songhe.registry.facilities import definitions
from songhe.registry.places.rules import codes_above

GOOD = """\
id: test
title: {zh: 甲, en: A}
source: {title: 甲, issuer: 甲, date: 2021-01-01, confirmed: true}
applies_to: {kinds: [canteen], places: ["130682"]}
valid_from: 2021-01-01
clauses:
  - id: beds
    title: {zh: 乙, en: B}
    clause: 一
    measure: beds
    codes: [day]
    operator: ">="
    value: 4
    unit: 张
    hard: hard
"""


def read(tmp_path, text):
    (tmp_path / "t.yaml").write_text(text, encoding="utf-8")
    return definitions.read(tmp_path)


def test_a_good_one_is_read(tmp_path):
    (standard,) = read(tmp_path, GOOD)
    assert standard.terms[0].key == "test.beds"
    assert standard.applies("canteen", codes_above("130682003001"), standard.valid_from)
    assert not standard.applies("canteen", codes_above("130681003001"), standard.valid_from)


@pytest.mark.parametrize(
    ("old", "new", "where", "said"),
    [
        ("codes: [day]", "codes: [days]", "t.yaml:11", "不认识“days”"),
        ("    codes: [day]\n", "", "t.yaml:7", "要写明数的是哪些项目"),
        ('operator: ">="', 'operator: "≈"', "t.yaml:7", "百分之几"),
        ("measure: beds", "measure: bed", "t.yaml:10", "是否想写“beds”"),
        ("value: 4", "value: -4", "t.yaml:13", "超出范围"),
        ("kinds: [canteen]", "kinds: [castle]", "t.yaml:4", "不在可选值之内"),
        ("valid_from: 2021-01-01", "valid_from: 2021-01-01\nvalid_to: 2020-12-31", "t.yaml:6", "早于"),
        ("    hard: hard\n", "", "t.yaml:7", "缺少“hard”"),
    ],
)
def test_a_wrong_one_says_where(tmp_path, old, new, where, said):
    with pytest.raises(BadDefinition) as told:
        read(tmp_path, GOOD.replace(old, new))
    assert where in str(told.value)
    assert said in str(told.value)


def test_a_clause_stands_once(tmp_path):
    clause = GOOD[GOOD.index("  - id") :]
    with pytest.raises(BadDefinition, match="重复"):
        read(tmp_path, GOOD + clause)

"""Definitions: every fault names file, line and field; nothing crashes."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songhe.core.definitions import (
    BOTH,
    BadDefinition,
    Day,
    Flag,
    Items,
    Map,
    Number,
    Table,
    Text,
    check,
    checked,
    load_all,
    loads,
)

GOOD = """\
id: weekly
title: {zh: 每周探访, en: Weekly visits}
place: 013068
on: no
at: 12:30
from: 2026-01-01
owed:
  - {what: call, least: 2}
  - {what: visit, least: 1}
live: true
share: 0.5
"""
SCHEMA = {
    "id": Text(pattern=r"[a-z_]+", shape="小写字母 small letters"),
    "title": BOTH,
    "place": Text(),
    "on": Text(),
    "at": Text(),
    "from": Day(),
    "owed": Items(Map({"what": Text(allowed=("call", "visit")), "least": Number(whole=True, least=1, most=7)})),
    "live": Flag(),
    "share": Number(least=0, most=1),
    "note": Text(required=False),
    "extra": Table(Number(), required=False),
}


def faults(text, schema=SCHEMA):
    return [(f.line, f.field, f.problem.code) for f in check(loads(text, "duties/weekly.yaml"), schema)]


def test_values_keep_the_meaning_they_have_on_paper():
    data = loads(GOOD).data
    assert (data["place"], data["on"], data["at"]) == ("013068", "no", "12:30")
    assert (data["from"], data["live"], data["share"]) == (date(2026, 1, 1), True, 0.5)
    assert faults(GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("id: weekly", "id: Weekly", (1, "id", "bad_shape")),
        ("id: weekly", "idd: weekly", (1, "idd", "unknown_key")),
        (", en: Weekly visits", "", (2, "title.en", "missing")),
        ("least: 2}", "least: 9}", (8, "owed[1].least", "out_of_range")),
        ("least: 2}", "least: 2.5}", (8, "owed[1].least", "wrong_type")),
        ("least: 2}", "least: true}", (8, "owed[1].least", "wrong_type")),
        ("what: visit", "what: visits", (9, "owed[2].what", "not_allowed")),
        ("from: 2026-01-01", "from: soon", (6, "from", "wrong_type")),
        ("live: true", "live: yes", (10, "live", "wrong_type")),
        ("share: 0.5", "share: ~", (11, "share", "missing")),
        ("share: 0.5", "share: 0.5\nextra: {a: x}", (12, "extra.a", "wrong_type")),
        ("title: {zh: 每周探访, en: Weekly visits}", "title: 每周探访", (2, "title", "wrong_type")),
    ],
)
def test_each_fault_stands_where_it_is(old, new, expected):
    assert expected in faults(GOOD.replace(old, new))


def test_an_unknown_name_gets_the_nearest_known_one():
    fault = check(loads(GOOD.replace("live:", "lives:")), SCHEMA)[-1]
    assert "live" in fault.problem.zh
    assert 'Did you mean "live"?' in fault.problem.en
    assert fault.text("en").startswith("text.yaml:10 lives: ")


@pytest.mark.parametrize(
    ("text", "line", "code"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "key_twice"),
        ("a:\n  - x: 1\n    x: 2\n", 3, "key_twice"),
        ("a: &x 1\nb: *x\n", 1, "yaml_alias"),
        ("a: [1\n", 2, "yaml_syntax"),
        ("a:\n\t- b\n", 2, "yaml_syntax"),
        ("a: 1\n---\nb: 2\n", 2, "yaml_syntax"),
        (b"\xff\xfea", 1, "yaml_encoding"),
        ("x: 2026-02-30\n", 1, "no_such_value"),
        ("x: !!int abc\n", 1, "no_such_value"),
        ("? [1]\n: 2\n", 1, "key_not_text"),
        ("[" * 3000, 1, "yaml_depth"),
    ],
)
def test_what_is_no_definition_is_refused(text, line, code):
    with pytest.raises(BadDefinition) as refused:
        loads(text)
    assert [f.problem.code for f in refused.value.faults] == [code]
    assert refused.value.faults[0].line == line
    assert refused.value.text("en")


def test_checked_reads_a_file_and_names_it(tmp_path):
    path = tmp_path / "duties" / "weekly.yaml"
    path.parent.mkdir()
    path.write_text(GOOD.replace("least: 1}", "least: 0}"), encoding="utf-8")
    with pytest.raises(BadDefinition, match=r"duties/weekly.yaml:9 owed\[2\].least"):
        checked(path, SCHEMA)
    path.write_text(GOOD, encoding="utf-8-sig")
    assert checked(path, SCHEMA).data["id"] == "weekly"
    assert [d.name for d in load_all(tmp_path)] == ["duties/weekly.yaml"]


def outcome(text):
    """The faults of any text at all against a schema that nothing invented fits."""
    try:
        return check(loads(text), SCHEMA)
    except BadDefinition as refused:
        return refused.faults


@given(st.text(max_size=200) | st.binary(max_size=200))
def test_reading_never_crashes(text):
    assert outcome(text)


@given(st.text(alphabet="ab:-[]{}#&*!|>'\"%@ \n\t0.", max_size=60))
def test_nearly_yaml_never_crashes(text):
    assert outcome(text)

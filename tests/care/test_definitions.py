"""Definitions of duties: what is shipped loads, what is wrong is refused with file, line and field."""

import pytest

from songhe.care.duties import definitions
from songhe.care.duties.models import NeedTerm, Rule, Rung
from songhe.core.acting import everywhere
from songhe.core.definitions import BadDefinition

GOOD = """\
id: local
title: {zh: 本地, en: Local}
source:
  title: 某文件
  issuer: 某局
  date: 2026-01-01
  confirmed: false
  clause: {zh: 每月一次, en: once a month}
period: month
by: helper
owed_to: [living_alone]
owes: {calls: 1, call_modes: [call]}
excuse_min_days: 16
late_after_days: 0
valid_from: 2026-01-01
"""


def _folder(tmp_path, text, name="local.yaml"):
    (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_what_is_shipped():
    rows = {row["name"]: row for row in definitions.rule_rows()}
    assert set(rows) == {"visiting", "pairing", "national-monthly"}
    weekly, monthly = rows["visiting"], rows["pairing"]
    assert (weekly["period_kind"], weekly["calls_owed"], weekly["visits_owed"]) == ("week", 2, 1)
    assert (monthly["period_kind"], monthly["by"], monthly["visit_modes"]) == ("month", "paired", ["home_service"])
    assert (weekly["commitment"], monthly["commitment"]) == ("R73", "R60")
    assert all(row["source"]["clause"]["zh"] and row["source"]["clause"]["en"] for row in rows.values())
    assert definitions.follow_up().ladder[0][0] == "again"


def test_the_version_changes_with_the_content_only(tmp_path):
    first = definitions.rule_rows(_folder(tmp_path, GOOD))[0]["version"]
    assert definitions.rule_rows(_folder(tmp_path, "# a remark\n" + GOOD))[0]["version"] == first
    assert definitions.rule_rows(_folder(tmp_path, GOOD.replace("calls: 1", "calls: 2")))[0]["version"] != first


@pytest.mark.parametrize(
    ("old", "new", "code", "field"),
    [
        ("[living_alone]", "[living_alnoe]", "not_allowed", "owed_to[1]"),
        ("[call]", "[letter]", "not_allowed", "owes.call_modes[1]"),
        ("period: month", "period: year", "not_allowed", "period"),
        ("by: helper", "by: robot", "not_allowed", "by"),
        ("calls: 1", "calls: 0", "nothing_owed", "owes"),
        (", call_modes: [call]", "", "modes_missing", "owes.call_modes"),
        ("excuse_min_days: 16", "excuse_min_days: 0", "out_of_range", "excuse_min_days"),
        ("id: local", "id: local\nkolour: red", "unknown_key", "kolour"),
        ("  issuer: 某局\n", "", "missing", "source.issuer"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, old, new, code, field):
    with pytest.raises(BadDefinition) as refused:
        definitions.rule_rows(_folder(tmp_path, GOOD.replace(old, new)))
    assert [(fault.problem.code, fault.field) for fault in refused.value.faults] == [(code, field)]
    assert refused.value.faults[0].file.endswith("local.yaml")


def test_overlapping_tiers_are_refused(tmp_path):
    tiers = """\
tiers:
  - id: alone
    title: {zh: 甲, en: A}
    all_of: [living_alone]
    calls: 2
  - id: old_alone
    title: {zh: 乙, en: B}
    all_of: [living_alone]
    age_from: 80
    calls: 4
"""
    with pytest.raises(BadDefinition, match="重叠") as refused:
        definitions.rule_rows(_folder(tmp_path, GOOD + tiers))
    assert (refused.value.faults[0].problem.code, refused.value.faults[0].field) == ("tier_overlap", "tiers[2]")


def test_one_name_stands_once(tmp_path):
    _folder(tmp_path, GOOD)
    with pytest.raises(BadDefinition, match="已用此名"):
        definitions.rule_rows(_folder(tmp_path, GOOD, "other.yaml"))


def test_a_step_stands_once(tmp_path):
    text = definitions.FOLLOW_UP.read_text(encoding="utf-8")
    path = tmp_path / "follow_up.yaml"
    path.write_text(text.replace("step: door", "step: again"), encoding="utf-8")
    with pytest.raises(BadDefinition, match="出现了两次"):
        definitions.read_follow_up(path)


@pytest.mark.django_db
def test_a_changed_definition_is_a_new_version_and_back_is_the_old_one(tmp_path):
    from songhe.care.duties.actions import sync_rules

    with everywhere():
        (first,) = sync_rules(by=0, folder=_folder(tmp_path, GOOD))
        (second,) = sync_rules(by=0, folder=_folder(tmp_path, GOOD.replace("calls: 1", "calls: 2")))
        assert (first.pk != second.pk, Rule.objects.get(retired_at=None).pk) == (True, second.pk)
        (third,) = sync_rules(by=0, folder=_folder(tmp_path, GOOD))
        assert (third.pk, Rule.objects.get(retired_at=None).pk, Rule.objects.count()) == (first.pk, first.pk, 2)
        assert list(Rung.objects.values_list("step", flat=True)) == ["again", "neighbour", "door", "family", "police"]
        assert NeedTerm.objects.get(need="doctor").days == 1


@pytest.mark.django_db
def test_one_bad_file_and_nothing_is_changed(tmp_path):
    from songhe.care.duties.actions import sync_rules

    with everywhere():
        sync_rules(by=0, folder=_folder(tmp_path, GOOD))
        _folder(tmp_path, GOOD.replace("calls: 1", "calls: 3"))
        _folder(tmp_path, GOOD.replace("local", "other").replace("month", "never"), "other.yaml")
        with pytest.raises(BadDefinition):
            sync_rules(by=0, folder=tmp_path)
        assert Rule.objects.get().calls_owed == 1

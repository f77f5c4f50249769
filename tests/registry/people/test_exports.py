"""Exports: exactly what is filtered, masked unless allowed, formula-safe, watermarked, written down."""

import csv

import pytest
from django.db import connection

from songhe.core.models import AuditEvent
from songhe.core.tabular import open_table
from songhe.registry.accounts.access import Denied
from songhe.registry.people import queries
from songhe.registry.people.exports import export
from tests.registry.people.conftest import number, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(new):
    new(
        "王秀英",
        "东关村",
        id_number=number(seq=2),
        phone="13800001234",
        address="东关村三组12号",
        circumstances=("living_alone",),
    )
    new("李建国", "东河口", id_number=number(seq=3), hukou_text="=1+1", circumstances=("destitute",))
    new("陈桂兰", "北庄村", id_number=number(seq=4))


def table(path):
    with open_table(path) as opened:
        return opened.header, [list(cells) for _, cells in opened]


def test_the_rows_are_the_rows_of_the_list(land, sign, people):
    with sign("clerk", "安县") as me:
        for filters in ({}, {"circumstance": "living_alone"}, {"q": "李"}, {"place": land["东镇"]}, {"age_from": 100}):
            listed = queries.people_list(me["post"], **filters)
            with export(**me, **filters) as made:
                header, rows = table(made.path)
                assert made.rows == len(listed.rows)
                assert [row[0] for row in rows] == [person.name for person in listed.rows]
    assert header[:2] == ("姓名", "身份证号码")


def test_masked_by_default_and_clear_only_with_right_and_reason(land, sign, people):
    with sign("clerk", "安县") as me:
        with export(**me) as made:
            assert "13800001234" not in str(table(made.path))
            assert "138****1234" in str(table(made.path))
        with export(**me, clear=True, reason="与公安比对") as made:
            assert number(seq=2) in str(table(made.path))
        with refused("reason_missing"), export(**me, clear=True) as made:
            pass
    with sign("leader", "安县") as me:
        with export(**me):
            pass
        with pytest.raises(Denied), export(**me, clear=True, reason="看看"):
            pass
    with sign("helper", "东关村") as me, pytest.raises(Denied), export(**me):
        pass


def test_outside_and_unknown_are_refused(land, sign, people):
    with sign("township_worker", "东镇") as me:
        with refused("outside_area"), export(**me, place=land["西镇"]):
            pass
        with refused("unknown_filter"), export(**me, colour="red"):
            pass
        with refused("unknown_format"), export(**me, fmt="exe"):
            pass


def test_formulas_stay_text_and_the_watermark_names_who_and_why(land, sign, people):
    with sign("clerk", "安县") as me, export(**me, fmt="csv", reason="月报") as made:
        text = made.path.read_text(encoding="utf-8-sig")
        rows = list(csv.reader(text.splitlines()))
    cell = next(cell for row in rows for cell in row if "1+1" in cell)
    assert cell == "'=1+1"
    assert "安县clerk" in rows[-1][0]
    assert "月报" in rows[-1][0]


def test_each_export_stands_in_the_audit(land, sign, people):
    with sign("clerk", "安县") as me, export(**me, circumstance="any", reason="月报"):
        pass
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.sees_audit', 'yes', true)")
    row = AuditEvent.objects.get(verb="people.export")
    assert (row.detail["rows"], row.detail["filters"], row.detail["clear"], row.detail["reason"]) == (
        2,
        {"circumstance": "any"},
        False,
        "月报",
    )
    assert row.area_id == land["安县"].pk


def test_a_clear_export_comes_back_unchanged(land, sign, people):
    from songhe.registry.people import imports

    with sign("clerk", "安县") as me, export(**me, clear=True, reason="备份") as made:
        outcome = imports.preview(made.path, **me)
    assert (outcome.added, outcome.updated, outcome.unchanged, outcome.rejected) == (0, 0, 2, 0)

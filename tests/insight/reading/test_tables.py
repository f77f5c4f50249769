"""Flattened tables put back together, and what is left uncertain."""

import pytest

from songhe.insight.reading import read

ROWS = [["东山镇", 6, 60], ["西山镇", 5, 50], ["北河乡", 4, 40]]
SHAPES = {
    "spaces": "乡镇 站点(个) 床位(张)\n东山镇 6 60\n西山镇 5 50\n北河乡 4 40\n合计 15 150\n",
    "index": "序号 乡镇 站点(个) 床位(张)\n1 东山镇 6 60\n2 西山镇 5 50\n3 北河乡 4 40\n合计 15 150\n",
    "tabs": "序号\t乡镇\t站点(个)\t床位(张)\n1\t东山镇\t6\t60\n2\t西山镇\t5\t50\n3\t北河乡\t4\t40\n\t合计\t15\t150\n",
    "bars": "| 乡镇 | 站点(个) | 床位(张) |\n| 东山镇 | 6 | 60 |\n| 西山镇 | 5 | 50 |\n| 北河乡 | 4 | 40 |\n| 合计 | 15 | 150 |\n",
    "cells": "序号\n乡镇\n站点(个)\n床位(张)\n1\n东山镇\n6\n60\n2\n西山镇\n5\n50\n3\n北河乡\n4\n40\n合计\n15\n150\n",
    "stream": "序号 乡镇 站点数 床位数 1 东山镇 6 60 2 西山镇 5 50 3 北河乡 4 40 合 计 15 150",
    "columns": "乡镇 东山镇 西山镇 北河乡 合计\n站点(个) 6 5 4 15\n床位(张) 60 50 40 150\n",
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_one_table_in_many_shapes(shape: str) -> None:
    result = read("青云县2023年站点建设方案\n现将任务分解如下。\n任务分解表\n" + shape)
    (table,) = result["tables"]
    assert [[r["name"], *r["cells"]] for r in table["rows"]] == ROWS
    assert [(c["subject"], c["unit"]) for c in table["columns"]] == [("站点", "个"), ("床位", "张")]
    found = [(i["scope"], i["value"], i["unit"]) for i in result["items"] if i["kind"] == "allocation"]
    assert found == [(name, v, u) for name, *values in ROWS for v, u in zip(values, ("个", "张"), strict=True)]
    assert {i["deadline"] for i in result["items"]} == {"2023-12-31"}


def test_ten_thousands_in_a_heading() -> None:
    result = read("资金表\n机构名称 补助资金(万元)\n东山镇敬老院 12.5\n西山镇敬老院 8\n北河乡敬老院 20\n")
    assert [i["value"] for i in result["items"]] == [125000, 80000, 200000]
    assert {i["unit"] for i in result["items"]} == {"元"}


def test_rows_fused_by_a_pdf_are_uncertain_where_they_differ() -> None:
    text = "计划表 序号 乡镇 站点数 床位数 1 东山镇 6 60 2 3 西山镇 南河镇 5 7 50 50 4 北河乡 4 40 合计 22 200"
    (table,) = read("青云县2023年方案。 " + text)["tables"]
    assert [[r["name"], *r["cells"]] for r in table["rows"]] == [
        ["东山镇", 6, 60],
        ["西山镇", 5, 50],
        ["南河镇", 7, 50],
        ["北河乡", 4, 40],
    ]
    assert [r["name"] for r in table["rows"] if r["uncertain"]] == ["西山镇", "南河镇"]
    assert table["proven"] is True


def test_a_missing_cell_is_placed_by_the_totals() -> None:
    text = "任务表\n乡镇 站点(个) 床位(张) 人员(名)\n东山镇 6 60 3\n西山镇 50 2\n北河乡 4 40 1\n南河镇 2 20 1\n合计 12 170 7\n"
    (table,) = read(text)["tables"]
    assert table["rows"][1]["cells"] == [None, 50, 2]
    assert table["rows"][1]["uncertain"] is False


def test_a_missing_cell_without_totals_stays_uncertain() -> None:
    text = "任务表\n乡镇 站点(个) 床位(张)\n东山镇 6 60\n西山镇 50\n北河乡 4 40\n南河镇 2 20\n"
    result = read(text)
    assert result["tables"][0]["rows"][1]["uncertain"] is True
    assert "uncertain_row" in {w["code"] for w in result["warnings"]}


def test_years_side_by_side() -> None:
    text = "计划表 2019 年 2020 年 序号 乡镇 站点数 床位数 站点数 床位数 1 东山镇 6 60 7 70 2 西山镇 5 50 4 40 3 北河乡 4 40 2 20 合计 15 150 13 130"
    items = read("青云县2019-2020年方案。 " + text)["items"]
    assert [(i["value"], i["deadline"]) for i in items if i["scope"] == "东山镇"] == [
        (6, "2019-12-31"),
        (60, "2019-12-31"),
        (7, "2020-12-31"),
        (70, "2020-12-31"),
    ]


def test_numbers_in_prose_are_no_table() -> None:
    assert read("青云县 2023 年 建成 站点 12 个 , 新增 床位 30 张 , 培训 人员 5 名 。")["tables"] == []

"""What a paper gets wrong or lost is said, with its place, and never guessed in silence."""

import pytest

from songhe.insight.reading import read


def codes(text: str) -> set[str]:
    return {w["code"] for w in read(text)["warnings"]}


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ("1、动员阶段(20213)", "lost_date", "20213"),
        ("2、推进阶段(20213-11)", "lost_date", "20213-11"),
        ("1110日前,项目全部收尾。", "lost_date", "1110日前"),
        ("3、验收阶段(202112月底前)", "lost_date", "202112月底前"),
        ("青云县民政局\n2021324", "lost_date", "2021324"),
        ("覆盖率分别达到80%40%。", "joined_numbers", "80%40%"),
        ("站点建筑面积一般200m左右。", "lost_square", "200m"),
        ("按照202120项工程要求推进。", "lost_digits", "202120"),
        ("改扩建服务站()选址。", "lost_words", "站()"),
    ],
)
def test_lost_characters(line: str, code: str, words: str) -> None:
    result = read(f"青云县2021年养老服务工作方案\n一、工作任务\n{line}\n")
    said = [(w["code"], w["facts"]["words"]) for w in result["warnings"]]
    assert (code, words) in said
    assert not {20213, 202112, 2021324, 8040, 202120, 1110} & {i["value"] for i in result["items"]}
    for warning in result["warnings"]:
        assert all(0 <= a < b <= len(result["text"]) for a, b in warning["spans"])
        assert warning["zh"]
        assert warning["en"]


def test_the_date_read_from_lost_characters_is_an_interpretation() -> None:
    result = read("青云县2021年养老服务工作方案\n一、工作安排\n1、动员阶段(20213)\n")
    (stage,) = [i for i in result["items"] if i["kind"] == "schedule"]
    assert (stage["start"], stage["deadline"]) == ("2021-03-01", "2021-03-31")
    assert "20213" in stage["quote"]
    assert stage["confidence"] < 0.7


def test_a_number_lost_whole_makes_no_item() -> None:
    result = read("青云县2021年养老服务工作方案\n一、工作任务\n新增张床位,改造床位60张。\n")
    assert "lost_number" in {w["code"] for w in result["warnings"]}
    assert [i["value"] for i in result["items"]] == [60]


def test_parts_that_do_not_add_up() -> None:
    text = "青云县2021年养老服务工作方案\n一、工作任务\n新建站点30个,其中东山镇20个、西山镇15个。\n"
    (warning,) = [w for w in read(text)["warnings"] if w["code"] == "parts_differ"]
    assert (warning["facts"]["whole"], warning["facts"]["parts"]) == (30, 35)


def test_parts_that_add_up_are_not_mentioned() -> None:
    assert "parts_differ" not in codes(
        "青云县2021年养老服务工作方案\n一、工作任务\n新建站点30个,其中东山镇20个、西山镇10个。\n"
    )


def test_two_numbers_for_one_thing() -> None:
    text = "青云县2021年养老服务工作方案\n一、目标\n全县新建农村幸福院30所。\n二、任务\n全县新建农村幸福院35所。\n"
    assert "contradiction" in codes(text)


def test_a_table_whose_total_is_wrong() -> None:
    text = "任务分解表\n乡镇 站点(个)\n东山镇 10\n西山镇 12\n北河乡 8\n合计 31\n"
    (warning,) = read(text)["warnings"]
    assert warning["code"] == "sum_differs"
    assert (warning["facts"]["sum"], warning["facts"]["printed"]) == (30, 31)


def test_an_annex_that_differs_from_the_text() -> None:
    text = "青云县2021年养老服务工作方案\n新建社区站点40个。\n任务分解表\n乡镇 社区站点(个)\n东山镇 10\n西山镇 12\n北河乡 8\n合计 30\n"
    assert "annex_differs" in codes(text)


def test_a_plan_that_starts_before_its_consultation_ends() -> None:
    text = "关于公开征求青云县养老方案意见的公告\n发布日期:2021-03-01\n请于2021年4月10日前将意见反馈我局。\n一、3月底前完成选址。\n"
    assert "starts_before_consultation_ends" in codes(text)


def test_a_deadline_before_its_start() -> None:
    assert "deadline_before_start" in codes("青云县2021年工作方案\n2021年9月10日至2021年3月5日组织开展摸底排查。\n")


def test_working_days_skip_the_holidays() -> None:
    text = "关于公开征求青云县养老方案意见的公告\n发布日期:2021-03-24\n请在15个工作日内提出意见和建议。\n"
    (item,) = read(text)["items"]
    assert (item["start"], item["deadline"]) == ("2021-03-24", "2021-04-15")

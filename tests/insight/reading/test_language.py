"""Single sentences: what is counted, how it is bounded, until when, and what is no count at all."""

import pytest

from songhe.insight.reading import read

HEAD = "青云县2023年养老服务工作方案\n一、工作任务\n"


def items(sentence: str, head: str = HEAD) -> list[dict]:
    return read(head + sentence)["items"]


def only(sentence: str) -> dict:
    found = items(sentence)
    assert len(found) == 1, [(i["kind"], i["quote"]) for i in found]
    return found[0]


@pytest.mark.parametrize(
    ("sentence", "value", "unit", "sign"),
    [
        ("新建社区食堂不少于15家。", 15, "家", ">="),
        ("新增床位1,200张以上。", 1200, "张", ">="),
        ("培训护理员3 600人次。", 3600, "人次", "="),
        ("新增托位5.6万个。", 56000, "个", "="),
        ("发放补贴惠及约3.2万人。", 32000, "人", "about"),
        ("改造户厕三百余户。", 300, "户", "about"),
        ("覆盖率达到百分之八十五。", 85, "%", "="),
        ("持证率达到九成以上。", 90, "%", ">="),
        ("空置率控制在5%以内。", 5, "%", "<="),
        ("评选示范单位不超过10个。", 10, "个", "<="),
        ("建设公园2—3处。", 2, "处", "="),
        ("新建公路４６公里。", 46, "公里", "="),
        ("覆盖率由70%提高到85%。", 85, "%", "="),
        ("至少打造一家示范养老机构。", 1, "家", ">="),
    ],
)
def test_a_number_and_its_bound(sentence: str, value: float, unit: str, sign: str) -> None:
    item = only(sentence)
    assert (item["value"], item["unit"], item["comparator"]) == (value, unit, sign)


@pytest.mark.parametrize(
    "sentence",
    [
        "依据《关于做好20件实事的通知》(青政发〔2022〕35号)开展工作。",
        "面向60周岁以上老年人开展服务。",
        "打造“15分钟养老服务圈”。",
        "提供24小时服务。",
        "落实“一老一小”政策,坚持四个统一。",
        "按照第336号建议、十六届一次会议精神办理。",
        "拨打12345热线咨询。",
        "坚持三个方面同步推进,分为两个阶段。",
        "公布10件民生实事。",
        "建立一人一档。",
        "进一步完善一个机制。",
    ],
)
def test_what_is_no_count(sentence: str) -> None:
    assert [i for i in items(sentence) if i["value"] is not None] == []


@pytest.mark.parametrize(
    ("sentence", "deadline"),
    [
        ("10月底前新建站点20个。", "2023-10-31"),
        ("6月上旬前新建站点20个。", "2023-06-10"),
        ("年底前新建站点20个。", "2023-12-31"),
        ("到2025年,新建站点20个。", "2025-12-31"),
        ("“十四五”末新建站点20个。", "2025-12-31"),
        ("第三季度末新建站点20个。", "2023-09-30"),
        ("新建站点20个,9月底前全部完成。", "2023-09-30"),
        ("新建站点20个(2023年7月底前)。", "2023-07-31"),
        ("上半年建成站点20个。", "2023-06-30"),
        ("二〇二四年六月底前,建成站点20个。", "2024-06-30"),
        ("新建站点20个。(责任单位:县民政局;完成时限:2023年8月底)", "2023-08-31"),
        ("明年6月底前建成站点20个。", "2024-06-30"),
    ],
)
def test_until_when(sentence: str, deadline: str) -> None:
    found = [i for i in items(sentence) if i["value"] == 20]
    assert [i["deadline"] for i in found] == [deadline]


def test_a_date_governs_the_clauses_it_closes_and_no_others() -> None:
    found = items("新建站点20个,6月底前建成,改造床位30张,9月底前完成。")
    assert [(i["value"], i["deadline"]) for i in found if i["value"]] == [(20, "2023-06-30"), (30, "2023-09-30")]


def test_ten_month_before_is_read_to_the_letter_and_warned_of() -> None:
    result = read(HEAD + "10月前打造示范机构3家。")
    assert result["items"][0]["deadline"] == "2023-09-30"
    assert result["items"][0]["alt_deadlines"] == ["2023-10-31"]
    assert [w["code"] for w in result["warnings"]] == ["month_before"]


def test_respectively_gives_each_place_its_own() -> None:
    found = items("东山镇、西山镇和北河乡分别新建站点10个、8个和6个。")
    assert [(i["kind"], i["scope"], i["value"]) for i in found] == [
        ("allocation", "东山镇", 10),
        ("allocation", "西山镇", 8),
        ("allocation", "北河乡", 6),
    ]


def test_one_each_is_one_for_every_place_named() -> None:
    found = items("新建中心3所,东山镇、西山镇、北河乡各1所。")
    assert [(i["kind"], i["scope"], i["value"]) for i in found if i["kind"] == "allocation"] == [
        ("allocation", "东山镇", 1),
        ("allocation", "西山镇", 1),
        ("allocation", "北河乡", 1),
    ]


def test_shares_name_their_whole() -> None:
    found = items("新建站点30个,其中东山镇20个、西山镇10个。")
    assert [i["parent"] for i in found] == [None, found[1]["parent"], found[1]["parent"]]
    assert found[1]["parent"] is not None


@pytest.mark.parametrize(
    ("sentence", "per"),
    [
        ("每周上门探访不少于2次。", "周"),
        ("每月至少开展一次活动。", "月"),
        ("每季度检查1次。", "季度"),
        ("每半年组织演练不少于1场。", "半年"),
        ("每年体检1次。", "年"),
        ("活动不少于2次/月。", "月"),
    ],
)
def test_a_standing_duty_has_its_period(sentence: str, per: str) -> None:
    item = only(sentence)
    assert (item["kind"], item["per"], item["deadline"]) == ("duty", per, None)


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("截至目前,全县已建成站点42个。", "achieved"),
        ("2022年,全县新建站点42个。", "achieved"),
        ("下一步,计划新建站点42个。", "target"),
        ("每个站点建筑面积不低于200平方米。", "standard"),
        ("县财政安排资金300万元。", "budget"),
        ("由1家组织负责运营。", "standard"),
    ],
)
def test_plan_done_standard_and_money(sentence: str, kind: str) -> None:
    assert only(sentence)["kind"] == kind


def test_who_leads_and_who_helps() -> None:
    item = only("新建站点20个。(牵头单位:县民政局;配合单位:县财政局、各乡镇政府)")
    assert item["responsible"] == ["县民政局"]
    assert item["cooperating"] == ["县财政局", "各乡镇政府"]


def test_traditional_script_keeps_its_offsets() -> None:
    text = (
        "環海縣2023年養老服務工作方案\n一、工作任務\n新建社區養老服務驛站１５個，改造鄉鎮敬老院４所，為老年人提供服務。"
    )
    result = read(text)
    assert result["traditional"] is True
    assert [(i["value"], i["unit"]) for i in result["items"]] == [(15, "个"), (4, "所")]
    assert all(text[a:b] == i["quote"] for i in result["items"] for a, b in [i["span"]])


def test_the_order_of_the_sentences_does_not_leak_between_headings() -> None:
    found = items("(一)新建(2023年5月底前)。新建站点20个。\n(二)改造(2023年8月底前)。改造站点30个。")
    assert [(i["value"], i["deadline"]) for i in found if i["value"]] == [(20, "2023-05-31"), (30, "2023-08-31")]

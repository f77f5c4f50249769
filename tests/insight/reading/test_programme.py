"""A person's decisions turn a reading into a draft programme."""

import pytest
import yaml

from songhe.insight.reading import ReadingError, read, to_answer_key, to_programme

TEXT = "青云县2021年养老服务工作方案\n一、工作任务\n新建站点30个,其中东山镇20个、西山镇10个。每周探访不少于2次。10月前打造示范机构3家。\n"


@pytest.fixture(scope="module")
def result() -> dict:
    return read(TEXT)


def _answered(result: dict, **more: object) -> dict:
    return {
        "id": "qingyun-2021",
        "default": "accept",
        "warnings": {w["id"]: "已核对原件" for w in result["warnings"]},
        **more,
    }


def test_an_unanswered_warning_blocks(result: dict) -> None:
    assert result["warnings"]
    with pytest.raises(ReadingError) as refusal:
        to_programme(result, {"default": "accept", "warnings": {result["warnings"][0]["id"]: "  "}})
    assert refusal.value.code == "blocked"


def test_nothing_accepted_is_no_programme(result: dict) -> None:
    with pytest.raises(ReadingError) as refusal:
        to_programme(result, _answered(result, default="reject"))
    assert refusal.value.code == "no_items"


def test_every_line_stands_on_its_words(result: dict) -> None:
    programme = yaml.safe_load(to_programme(result, _answered(result)))
    assert programme["id"] == "qingyun-2021"
    assert [r["value"] for r in programme["targets"]] == [30, 3]
    assert [(r["scope"], r["value"]) for r in programme["allocations"]] == [("东山镇", 20), ("西山镇", 10)]
    assert programme["duties"][0]["per"] == "周"
    for section in ("targets", "allocations", "duties"):
        for row in programme[section]:
            a, b = row["spans"][0]
            assert "".join(TEXT[a:b].split()) == row["quote"]
    assert programme["answered"][0]["answer"] == "已核对原件"


def test_the_file_has_no_anchors(result: dict) -> None:
    assert "&id" not in to_programme(result, _answered(result))


def test_correct_merge_reject(result: dict) -> None:
    whole, east, west, duty, show = (i["id"] for i in result["items"])
    said = {
        whole: {"do": "correct", "changes": {"value": 31}},
        east: {"do": "merge", "into": whole},
        west: {"do": "reject"},
        duty: {"do": "accept"},
        show: {"do": "reject"},
    }
    programme = yaml.safe_load(to_programme(result, _answered(result, items=said)))
    assert [(r["value"], len(r["spans"])) for r in programme["targets"]] == [(31, 2)]
    assert "allocations" not in programme


def test_a_known_name_is_proposed(result: dict) -> None:
    programme = yaml.safe_load(to_programme(result, _answered(result), {"duties": ["每周探访关爱", "助餐服务"]}))
    assert programme["duties"][0]["existing"] == "每周探访关爱"


@pytest.mark.parametrize(
    "decision", [{"do": "guess"}, {"do": "merge", "into": "i99"}, {"do": "correct", "changes": {"span": [0, 1]}}]
)
def test_an_unknown_decision_is_refused(result: dict, decision: dict) -> None:
    with pytest.raises(ReadingError) as refusal:
        to_programme(result, _answered(result, items={"i1": decision}))
    assert refusal.value.code == "bad_decision"


def test_what_was_confirmed_becomes_a_key(result: dict) -> None:
    rows = to_answer_key(
        result, _answered(result, items={"i1": {"do": "correct", "changes": {"value": 31}}}), "qingyun-2021"
    )
    assert rows[0]["value"] == 31
    assert rows[0]["note"] == "人工更正"
    assert {r["notice"] for r in rows} == {"qingyun-2021"}

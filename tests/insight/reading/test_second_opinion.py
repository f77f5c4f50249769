"""The other reader is asked only when a way to ask is passed, and is never simply believed."""

import json

import pytest

from songhe.insight.reading import read, second_opinion

TEXT = "青云县2021年养老服务工作方案\n一、工作任务\n新建站点30个。每周探访不少于2次。\n"


def _saying(rows: object) -> object:
    def ask(body: dict) -> dict:
        assert body["messages"][1]["content"] in TEXT
        return {"choices": [{"message": {"content": json.dumps({"items": rows}, ensure_ascii=False)}}]}

    return ask


def test_agreement_and_what_only_one_saw() -> None:
    result = read(TEXT)
    seen = [
        {"kind": "target", "quote": "新建站点30个", "value": 30, "unit": "个"},
        {"kind": "target", "quote": "养老服务", "value": 7},
        {"kind": "target", "quote": "改造站点8个", "value": 8},
        {"kind": "dream", "quote": "新建站点30个", "value": 30},
        "nonsense",
    ]
    opinion = second_opinion(result, _saying(seen))
    assert opinion["agrees"] == [result["items"][0]["id"]]
    assert opinion["missing"] == [result["items"][1]["id"]]
    assert [(i["value"], i["origin"], i["status"]) for i in opinion["items"]] == []
    assert sorted(opinion["problems"]) == ["malformed", "malformed", "quote_not_in_text", "value_not_in_quote"]


def test_a_new_item_comes_back_marked() -> None:
    result = read(TEXT)
    opinion = second_opinion(
        result, _saying([{"kind": "standard", "quote": "探访不少于2次", "value": 2, "unit": "次"}])
    )
    assert [(i["kind"], i["origin"], i["status"]) for i in opinion["items"]] == [
        ("standard", "second_opinion", "unconfirmed")
    ]
    assert len(read(TEXT)["items"]) == len(result["items"])


@pytest.mark.parametrize(
    "response",
    [
        {},
        {"choices": []},
        {"choices": [{"message": {"content": "不知道"}}]},
        {"choices": [{"message": {"content": None}}]},
    ],
)
def test_an_answer_that_cannot_be_read(response: dict) -> None:
    opinion = second_opinion(read(TEXT), lambda _: response)
    assert opinion["items"] == []
    assert opinion["problems"] == ["unreadable"]

"""Readings of whole notices marked against their keys: the invented ones here, the five public ones where they are at hand."""

import json
from pathlib import Path

import pytest

from songhe.insight.reading import read
from tests.insight.reading.scorer import SPECS, Mark, load_spec, mark

FILES = sorted(SPECS.glob("*.yaml"))
SHARED = Path(__file__).resolve().parents[4] / "shared" / "notices"


def _mark(path: Path) -> Mark:
    text, key = load_spec(path)
    return mark(text, key, read(text)["items"])


def test_there_are_twenty_and_more() -> None:
    assert len(FILES) >= 20


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_an_invented_notice(path: Path) -> None:
    got = _mark(path)
    assert got.found_f1 >= 0.9, (got.missed, got.extra)
    assert got.right_f1 >= 0.8, got.wrong


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_every_quote_and_span_is_of_the_text(path: Path) -> None:
    text, key = load_spec(path)
    squeezed = "".join(text.split())
    assert all("".join(str(row["quote"]).split()) in squeezed for row in key)
    result = read(text)
    for item in result["items"]:
        start, end = item["span"]
        assert 0 <= start < end <= len(result["text"])
        assert result["text"][start:end] == item["quote"]
        assert len("".join(item["quote"].split())) <= 40


def test_all_invented_notices_together() -> None:
    total = sum((_mark(path) for path in FILES), Mark())
    assert total.found_f1 >= 0.97
    assert total.right_f1 >= 0.95


@pytest.mark.skipif(not (SHARED / "answers.json").exists(), reason="the five public notices are not at hand")
def test_the_five_public_notices() -> None:
    key: dict[str, list[dict]] = {}
    for row in json.loads((SHARED / "answers.json").read_text(encoding="utf-8"))["items"]:
        flag = (
            "amb" if row.get("ambiguous") else "dup" if row.get("dup_of") else "total" if row.get("is_total") else None
        )
        deadlines = [row.get("deadline"), *(row.get("alt_deadlines") or [])]
        full = {name: row.get(name) for name in ("kind", "quote", "value", "unit", "comparator", "scope", "per")}
        key.setdefault(row["notice"], []).append({**full, "deadline": deadlines, "flag": flag or row.get("value_max")})
    total = Mark()
    for name, rows in key.items():
        data = (SHARED / f"{name}.txt").read_bytes()
        total += mark(data.decode(), rows, read(data, name=f"{name}.txt")["items"])
    assert total.found_f1 >= 0.98
    assert total.right_f1 >= 0.95


def _shared(name: str) -> dict:
    path = SHARED / f"{name}.txt"
    if not path.exists():
        pytest.skip("the five public notices are not at hand")
    return read(path.read_bytes(), name=path.name)


def test_the_annex_of_laixi_is_rebuilt_and_proven() -> None:
    result = _shared("laixi-2020")
    (table,) = result["tables"]
    key = json.loads((SHARED / "answers.json").read_text(encoding="utf-8"))["laixi_table"]
    assert [[r["name"], r["year"], *r["cells"]] for r in table["rows"]] == [row[:6] for row in key["rows"]]
    assert {str(s["year"]): s["cells"] for s in table["sums"]} == {y: key["totals"][y] for y in ("2020", "2021")}
    assert table["proven"] is True
    assert table["problems"] == []
    assert [r["name"] for r in table["rows"] if r["uncertain"]] == ["店埠镇", "夏格庄镇"]


def test_tangshan_keeps_plan_and_done_apart_and_its_tail_is_cut() -> None:
    result = _shared("tangshan-2023")
    assert sorted(i["value"] for i in result["items"] if i["kind"] == "target") == [3626, 7253]
    done = {(i["value"], i["unit"]) for i in result["items"] if i["kind"] == "achieved"}
    assert {(54, "家"), (755, "个"), (106, "个"), (60, "%"), (24, "个"), (29, "个"), (5, "个"), (100, "%")} <= done
    assert result["traditional"] is True
    last = result["cuts"][-1]
    assert last["span"][1] == len(result["text"])
    assert result["text"][last["span"][0] :].startswith("責任編輯")


def test_lost_characters_of_the_public_notices_are_warned_of() -> None:
    said = {w["facts"].get("words") for w in _shared("dingzhou-2021")["warnings"]}
    assert {"20213", "20213-11", "1110日前", "202112月底前", "2021324", "200m"} <= said
    assert "80%40%" in {w["facts"].get("words") for w in _shared("xuzhou-2017")["warnings"]}
    for name in ("dingzhou-2021", "xuzhou-2017"):
        assert not {20213, 2021324, 8040, 202120} & {i["value"] for i in _shared(name)["items"]}


def test_the_plan_of_dingzhou_starts_before_its_consultation_ends() -> None:
    assert "starts_before_consultation_ends" in {w["code"] for w in _shared("dingzhou-2021")["warnings"]}

"""The five notices: all 73 commitments carried, sums reconciled both ways; a wrong definition is refused by line and field."""

from datetime import date

import pytest

from songhe.core.yamldoc import BadDefinition
from songhe.insight.reading import read as read_notice
from songhe.insight.reading.programme import to_programme
from songhe.oversight.programmes import actions, definitions, queries


def source(name: str) -> str:
    return (definitions.folder() / "programmes" / f"{name}.yaml").read_text(encoding="utf-8")


def test_every_commitment_is_carried_by_its_own_notice():
    found = definitions.commitments()
    assert list(found) == [f"R{n:02d}" for n in range(1, 74)]
    assert [name for name, carriers in found.items() if not carriers] == []
    notices = {"dingzhou-2021": (1, 15), "laixi-2020": (16, 33), "tangshan-2023": (34, 45), "xuzhou-2017": (46, 50), "dingzhou-2023": (51, 73)}  # fmt: skip
    for name, (first, last) in notices.items():
        own = {c.commitment for c in definitions.carriers(definitions.named(name))}
        assert own == {f"R{n:02d}" for n in range(first, last + 1)}
    for carriers in found.values():
        for carrier in carriers:
            assert carrier.literal["zh"], carrier
            assert carrier.literal["en"], carrier
            assert carrier.title["zh"], carrier


def test_every_oddity_is_told_and_read():
    told = {note["id"] for p in definitions.shipped().values() for note in p.data.get("notes") or []}
    assert told == {f"O{n}" for n in range(1, 13)}


def test_the_annex_of_laixi_agrees_by_year_and_by_kind():
    found = queries.allocation(definitions.named("laixi-2020"))
    assert {name: one["total"] for name, one in found.items()} == {
        "centres": 12, "stations": 144, "community_beds": 280, "home_beds": 1400
    }  # fmt: skip
    assert [found[c]["by_year"]["2020"] for c in found] == [5, 83, 140, 700]
    assert [found[c]["by_year"]["2021"] for c in found] == [7, 61, 140, 700]
    assert found["home_beds"]["by_type"] == {"street": 600, "town": 800}


@pytest.mark.parametrize(
    ("name", "old", "new", "field", "code"),
    [
        ("laixi-2020", "stations: 33,", "stations: 34,", "annex.sums[2].is", "sum_disagrees"),
        ("laixi-2020", "year: 2020, type: town,", "year: 2021, type: town,", "annex.sums[1].is", "sum_disagrees"),
        ("laixi-2020", "home_beds: 150}}", "home_beds: -150}}", "annex.rows[1].shares.home_beds", "out_of_range"),
        ("laixi-2020", "value: 1400", "value: 1300", "targets[4].value", "sum_disagrees"),
        ("laixi-2020", "date: 2021-12-31}", "date: 2019-12-31}", "targets[1].deadline.date", "deadline_before_start"),
        ("laixi-2020", "date: 2021-12-31}", "date: 2021-12-30}", "targets[1].deadline.date", "deadline_read_otherwise"),
        ("laixi-2020", "kinds: [street_centre]", "kinds: [street_center]", "targets[1].figure.kinds[1]", "unknown_name"),
        ("laixi-2020", "lead: [towns]", "lead: [town]", "targets[1].lead[1]", "unknown_name"),
        ("laixi-2020", '"370285001", name', '"370285099", name', "annex.rows[1].place", "unknown_place"),
        ("laixi-2020", "id: stations", "id: centres", "targets[2].id", "twice"),
        ("dingzhou-2023", "duty: visiting", "duty: visitng", "duties[1].duty", "unknown_name"),
        ("dingzhou-2023", "indicator: case_file_complete", "indicator: case_files", "targets[6].figure.indicator", "unknown_name"),
        ("dingzhou-2021", "closes: 2021-04-15", "closes: 2021-04-14", "", ""),
        ("dingzhou-2021", "standard: dingzhou-2021-station", "standard: dingzhou-2021", "standards[1].standard", "unknown_name"),
        ("dingzhou-2021", "to: 2021-12-31", "to: 2020-12-31", "to", "ends_before_start"),
        ("xuzhou-2017", "oddities: [O8]", "oddities: [O9]", "targets[3].oddities[1]", "unknown_name"),
    ],
)  # fmt: skip
def test_a_wrong_definition_is_refused_by_line_and_field(name, old, new, field, code):
    text = source(name)
    assert old in text
    changed = text.replace(old, new, 1)
    draft = actions.load_draft(changed, f"{name}.yaml")
    if not field:  # the note beside it explains the difference
        assert draft.sound
        return
    problem = next((p for p in draft.problems if (p.field, p.problem.code) == (field, code)), None)
    assert problem, [(p.field, p.problem.code, p.line) for p in draft.problems]
    lines = changed.splitlines()
    assert field.rsplit(".", 1)[-1].split("[")[0] in lines[problem.line - 1] or "{" in lines[problem.line - 1]
    assert problem.text("zh") != problem.text("en")
    assert draft.rows("en")[0]["line"] > 0


def test_bands_with_a_gap_are_refused():
    bands = """
bands:
  - id: score
    title: {zh: 考核分档, en: Bands}
    least: 0
    most: 100
    rows:
      - {range: "[80,100]", verdict: {zh: 续签, en: renewed}}
      - {range: "(70,80)", verdict: {zh: 扣减, en: reduced}}
      - {range: "[0,70)", verdict: {zh: 终止, en: ended}}
"""
    text = source("xuzhou-2017") + bands
    draft = actions.load_draft(text)
    assert [(p.field, p.problem.code) for p in draft.problems] == [("bands[1].rows[2].range", "band_gap")]
    assert actions.load_draft(text.replace("[0,70)", "[0,70]")).sound


def test_all_faults_of_all_files_come_at_once(tmp_path):
    (tmp_path / "a.yaml").write_text(source("xuzhou-2017").replace("help: [counties]", "help: [county]"), encoding="utf-8")
    (tmp_path / "b.yaml").write_text(source("xuzhou-2017").replace("value: 80", "valu: 80"), encoding="utf-8")
    with pytest.raises(BadDefinition) as bad:
        definitions.read(tmp_path)
    assert len(bad.value.faults) >= 4
    assert {fault.file.rsplit("/", 1)[-1] for fault in bad.value.faults} == {"a.yaml", "b.yaml"}


def test_two_programmes_with_one_id_are_refused(tmp_path):
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(source("xuzhou-2017"), encoding="utf-8")
    with pytest.raises(BadDefinition, match="已用此名"):
        definitions.read(tmp_path)


def test_what_is_no_yaml_and_no_programme_is_said_never_raised():
    for text in ("", "a: [", "- 1\n- 2\n", "x" * 20, "id: x\nid: y\n", "\ufeff", "status: draft\n"):
        draft = actions.load_draft(text)
        assert draft.problems
        assert all(p.line >= 1 and p.problem.zh and p.problem.en for p in draft.problems)


NOTICE = """青源县人民政府办公室
关于印发青源县养老服务提升行动方案的通知
青政办发〔2022〕8号
一、工作目标
到2022年年底前，全县新建社区日间照料站12个。10月底前完成选址。
青源县人民政府办公室
2022年3月1日
"""


def test_a_readers_draft_is_checked_too():
    result = read_notice(NOTICE.encode(), name="a.txt")
    decisions = {"default": "accept", "id": "qingyuan-2022", "warnings": {w["id"]: "核对过" for w in result["warnings"]}}
    text = to_programme(result, decisions)
    assert actions.load_draft(text).problems == ()
    wrong = text.replace("id: t1", "id: t1\n  from: '2023-05-01'", 1)
    found = actions.load_draft(wrong).problems
    assert [p.problem.code for p in found] == ["deadline_before_start"]
    assert wrong.splitlines()[found[0].line - 1].strip().startswith("deadline:")


def test_states_in_force_follow_the_day():
    assert definitions.states_on(date(2021, 5, 1))["soon_days"] == 15
    assert definitions.states_on(date(1990, 1, 1))["rows"]

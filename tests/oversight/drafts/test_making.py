"""A confirmed draft becomes a definition: shares by place and year stand in one annex, 各乡镇 becomes each, English is honest."""

from pathlib import Path

from songhe.core.definitions import check
from songhe.core.yamldoc import Doc
from songhe.oversight.drafts import english, making
from songhe.oversight.drafts.queries import _days
from songhe.oversight.drafts.sharing import share_out
from songhe.oversight.programmes import checks, schema

PLACES = {"东坪镇": "370285101", "江北镇": "370285102", "滨河街道": "370285001"}


def share(number: int, place: str, value: float, deadline: str | None = "2022-12-31", **more) -> dict:
    row = {"id": f"a{number}", "subject": "家庭养老床位", "value": value, "unit": "张", "op": "=", "scope": place,
           "quote": f"{place}{value}", "parent": "家庭养老床位 90张"}  # fmt: skip
    return row | ({"deadline": deadline} if deadline else {}) | more


def target(**more) -> dict:
    return {"id": "t1", "subject": "家庭养老床位", "value": 90, "unit": "张", "op": "=", "quote": "建设家庭养老床位90张",
            "deadline": "2022-12-31"} | more  # fmt: skip


def made(**sections) -> dict:
    draft = {
        "id": "made-up",
        "title": {"zh": "虚构市方案"},
        "source": {"title": "虚构市方案", "issuer": "市民政局", "date": "2022-01-10"},
    }
    known = making.Known(places=PLACES, facility_kinds={"老年食堂": "canteen"})
    return making.programme_of(draft | sections, place="370285", on="2022-01-10", known=known)


def sound(definition: dict) -> None:
    doc = Doc(Path("made-up.yaml"), _days(definition))
    assert list(check(doc, schema.SCHEMA)) == []
    assert checks.beyond_schema(doc, checks.Known()) == []


def test_shares_that_add_up_to_a_target_are_its_column():
    found = made(targets=[target()], allocations=[share(1, "东坪镇", 40), share(2, "江北镇", 50)])
    assert [goal["id"] for goal in found["targets"]] == ["t1"]
    assert found["annex"]["rows"] == [
        {"place": "370285101", "name": "东坪镇", "year": 2022, "shares": {"t1": 40}},
        {"place": "370285102", "name": "江北镇", "year": 2022, "shares": {"t1": 50}},
    ]
    assert found["annex"]["sums"] == [{"of": "t1", "is": 90, "where": "正文目标"}]


def test_shares_without_a_target_make_one_goal_of_their_sum():
    found = made(allocations=[share(1, "东坪镇", 40), share(2, "江北镇", 30, "2023-06-30")])
    (goal,) = found["targets"]
    assert (goal["id"], goal["value"], goal["deadline"]["date"]) == ("a1", 70, "2023-06-30")
    assert [(row["year"], row["shares"]) for row in found["annex"]["rows"]] == [(2022, {"a1": 40}), (2023, {"a1": 30})]
    assert "2 个地方" in goal["note"]["zh"]


def test_one_place_in_two_years_and_two_things_stand_in_rows_of_a_year():
    meals = [
        share(n, place, 2, subject="老年食堂", unit="家", parent=None) for n, place in ((3, "东坪镇"), (4, "江北镇"))
    ]
    beds = [share(1, "东坪镇", 40), share(2, "东坪镇", 30, "2023-12-31"), share(5, "江北镇", 20)]
    found = made(targets=[target()], allocations=[*beds, *meals])
    assert [(r["name"], r["year"], r["shares"]) for r in found["annex"]["rows"]] == [
        ("东坪镇", 2022, {"t1": 40, "a3": 2}), ("江北镇", 2022, {"t1": 20, "a3": 2}), ("东坪镇", 2023, {"t1": 30}),
    ]  # fmt: skip
    assert next(goal for goal in found["targets"] if goal["id"] == "a3")["figure"]["kinds"] == ["canteen"]


def test_what_is_no_share_of_known_places_stays_a_goal():
    unknown = [share(1, "东坪镇", 40), share(2, "某某养老院", 50)]
    assert share_out([target()], unknown, PLACES.get).annex == []
    assert len(made(targets=[target()], allocations=unknown)["targets"]) == 3
    half = [share(1, "东坪镇", 40.5), share(2, "江北镇", 49.5)]
    twice = [share(1, "东坪镇", 40), share(2, "东坪镇", 20), share(3, "江北镇", 30)]
    lone = [share(1, "东坪镇", 40)]
    for rows in (half, twice, lone):
        assert share_out([target()], rows, PLACES.get).alone == rows


def test_shares_that_disagree_with_the_text_do_not_bend_its_target():
    found = made(targets=[target(value=100)], allocations=[share(1, "东坪镇", 40), share(2, "江北镇", 50)])
    assert {goal["id"]: goal["value"] for goal in found["targets"]} == {"t1": 100, "a1": 90}


def test_short_names_lead_to_their_one_place():
    found = made(targets=[target()], allocations=[share(1, "东坪", 40), share(2, "滨河", 50)])
    assert [row["place"] for row in found["annex"]["rows"]] == ["370285101", "370285001"]


def test_each_town_is_each():
    for scope, level in (
        ("各乡镇", "town"),
        ("每个镇（街道）", "township"),
        ("每个村街(社区)", "village"),
        ("每个社区", "community"),
    ):
        assert making.level_of(scope) == level
    assert making.level_of("定州市") is None
    found = made(targets=[target(subject="互助幸福院", value=2, unit="个", scope="各乡镇", op=">=")])
    (goal,) = found["targets"]
    assert goal["each"] == {"level": "town", "value": 2}
    assert "value" not in goal
    share_of_all = made(targets=[target(value=100, unit="%", scope="每个社区")])
    assert share_of_all["targets"][0]["value"] == 100


def test_english_is_proposed_from_known_words_or_left_in_chinese():
    assert english.subject("社区日间照料服务站") == "Community day-care service stations"
    assert english.subject("农村互助幸福院") == "Rural mutual-aid homes"
    assert english.subject("锦绣前程工程") is None
    assert english.office("市民政局") == "Civil affairs bureau (city)"
    assert english.office("某某办") is None
    found = made(targets=[target(lead=["市民政局"])])
    (goal,) = found["targets"]
    assert goal["subject"]["en"] == "Home-based care beds"
    assert goal["unit"]["en"] == "beds"
    assert goal["literal"]["en"].startswith("In the notice")
    assert found["language"] == "zh"
    assert found["title"]["en"].startswith("Notice of 2022-01-10")


def test_what_is_made_passes_the_checks_of_programmes():
    beds = [share(1, "东坪镇", 40), share(2, "江北镇", 50)]
    sound(
        made(
            targets=[target(), target(id="t2", subject="老年食堂", unit="家", value=1, scope="每个乡镇")],
            allocations=beds,
        )
    )


def test_an_exemplary_institution_is_not_counted_from_the_register():
    plain, exemplary = (target(subject=s, unit="家", value=1) for s in ("老年食堂", "示范老年食堂"))
    assert made(targets=[plain])["targets"][0]["figure"]["from"] == "facilities"
    assert made(targets=[exemplary])["targets"][0]["figure"] == {"from": "evidence"}

"""A notice is dropped in, ruled on, confirmed; refusals leave nothing; nobody sees another area's draft."""

from datetime import date
from pathlib import Path

import pytest
import yaml

from songhe.core.acting import everywhere
from songhe.core.models import AuditEvent
from songhe.core.refusal import Refusal
from songhe.oversight.drafts import actions, queries
from songhe.oversight.drafts.models import NoticeDraft, Ruling
from songhe.oversight.programmes import queries as programmes
from songhe.registry.accounts.access import Denied, acting_as
from songhe.registry.places.models import Place
from tests import world
from tests.oversight.drafts.notice import NOTICE

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    made = world.World()
    with everywhere():
        clerk = world.post("clerk", made.places["990101"])
        other = world.post("clerk", made.places["990201"])
        helper = world.post("helper", made.places[world.OWN])
    return clerk, other, helper


def dropped(post) -> NoticeDraft:
    return actions.drop_in(content=NOTICE.encode(), name="通知.txt", by=post.user, post=post)


def ruled(draft, post):
    """Everything accepted, every warning answered."""
    for item in draft.reading["items"]:
        actions.rule_on(draft=draft, about=item["id"], what="accept", by=post.user, post=post)
    for warning in draft.reading["warnings"]:
        actions.answer(draft=draft, about=warning["id"], words="按字面", by=post.user, post=post)


def test_it_is_read_and_kept(desk):
    clerk, _other, _helper = desk
    with acting_as(clerk):
        draft = dropped(clerk)
        assert (draft.state, draft.county_id, draft.title[:4]) == ("open", clerk.place_id, "虚构县人")
        values = {(item["kind"], item["value"]) for item in draft.reading["items"]}
        assert {("target", 12), ("allocation", 5), ("allocation", 7), ("target", 60), ("duty", 2)} <= values
        assert queries.open_questions(draft, {}) == (len(draft.reading["items"]), len(draft.reading["warnings"]))
        assert draft.reading["warnings"]


def test_what_cannot_be_read_leaves_nothing(desk, tmp_path):
    clerk, _other, _helper = desk
    with acting_as(clerk):
        for content in (b"", b"\x89PNG\r\n\x1a\n" + bytes(200), b"just english words"):
            with pytest.raises(Refusal) as caught:
                actions.drop_in(content=content, name="x", by=clerk.user, post=clerk)
            assert caught.value.zh
            assert caught.value.en
        assert not NoticeDraft.objects.exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_the_last_ruling_counts_and_none_is_changed(desk):
    clerk, _other, _helper = desk
    with acting_as(clerk):
        draft = dropped(clerk)
        about = draft.reading["items"][0]["id"]
        actions.rule_on(draft=draft, about=about, what="reject", by=clerk.user, post=clerk)
        actions.rule_on(draft=draft, about=about, what="correct", said={"value": "13"}, by=clerk.user, post=clerk)
        line = queries.lines_of(draft)[0]
        assert (line.state, line.now["value"], line.item["value"]) == ("correct", 13, 12)
        assert [r.what for r in draft.rulings.order_by("pk")] == ["reject", "correct"]


def test_a_correction_that_changes_nothing_is_an_acceptance(desk):
    clerk, _other, _helper = desk
    with acting_as(clerk):
        draft = dropped(clerk)
        item = draft.reading["items"][0]
        made = actions.rule_on(
            draft=draft, about=item["id"], what="correct", said={"value": "12"}, by=clerk.user, post=clerk
        )
        assert made.what == "accept"


def test_refused_rulings(desk):
    clerk, _other, _helper = desk
    with acting_as(clerk):
        draft = dropped(clerk)
        about = draft.reading["items"][0]["id"]
        wrong = [
            {"about": "i999", "what": "accept"}, {"about": about, "what": "maybe"},
            {"about": about, "what": "merge", "into": about}, {"about": about, "what": "merge", "into": "i999"},
            {"about": about, "what": "correct", "said": {"value": "十二"}},
        ]  # fmt: skip
        for each in wrong:
            with pytest.raises(Refusal):
                actions.rule_on(draft=draft, by=clerk.user, post=clerk, **each)
        with pytest.raises(Refusal):
            actions.answer(draft=draft, about=draft.reading["warnings"][0]["id"], words="  ", by=clerk.user, post=clerk)
        assert not Ruling.objects.exists()


def test_open_warnings_and_lines_block(desk):
    clerk, _other, _helper = desk
    with acting_as(clerk):
        draft = dropped(clerk)
        with pytest.raises(Refusal) as caught:
            actions.confirm(draft=draft, programme="xuxian-2023", by=clerk.user, post=clerk)
        assert caught.value.code == "draft_still_open"
        for item in draft.reading["items"]:
            actions.rule_on(draft=draft, about=item["id"], what="accept", by=clerk.user, post=clerk)
        with pytest.raises(Refusal) as caught:
            actions.confirm(draft=draft, programme="xuxian-2023", by=clerk.user, post=clerk)
        assert caught.value.code == "draft_still_open"


def test_confirmed_with_every_line_linked_to_its_words(desk):
    clerk, _other, _helper = desk
    with acting_as(clerk):
        draft = dropped(clerk)
        ruled(draft, clerk)
        for bad in ("Xuxian 2023", "", "-x", "x" * 61):
            with pytest.raises(Refusal) as caught:
                actions.confirm(draft=draft, programme=bad, by=clerk.user, post=clerk)
            assert caught.value.field == "programme"
        made = actions.confirm(draft=draft, programme="xuxian-2023", by=clerk.user, post=clerk)
        definition = yaml.safe_load(made.definition)
        assert definition["id"] == "xuxian-2023"
        assert definition["answered"]
        text = draft.reading["text"]
        for target in definition["targets"]:
            assert any(str(target["value"]) in text[a:b] for a, b in target["spans"])
        assert len(queries.as_answer_key(made)) == len(draft.reading["items"])
        with pytest.raises(Refusal) as caught:
            actions.rule_on(draft=made, about="i1", what="reject", by=clerk.user, post=clerk)
        assert caught.value.code == "draft_closed"
        again = dropped(clerk)
        ruled(again, clerk)
        with pytest.raises(Refusal) as caught:
            actions.confirm(draft=again, programme="xuxian-2023", by=clerk.user, post=clerk)
        assert caught.value.code == "programme_id_taken"


def test_nothing_accepted_is_no_programme(desk):
    clerk, _other, _helper = desk
    with acting_as(clerk):
        draft = dropped(clerk)
        for item in draft.reading["items"]:
            actions.rule_on(draft=draft, about=item["id"], what="reject", by=clerk.user, post=clerk)
        for warning in draft.reading["warnings"]:
            actions.answer(draft=draft, about=warning["id"], words="不采用", by=clerk.user, post=clerk)
        with pytest.raises(Refusal) as caught:
            actions.confirm(draft=draft, programme="xuxian-2023", by=clerk.user, post=clerk)
        assert caught.value.code == "nothing_accepted"
        assert actions.give_up(draft=draft, by=clerk.user, post=clerk).state == "dropped"


def test_the_sure_ones_in_one_go_leave_the_doubtful(desk):
    clerk, _other, _helper = desk
    with acting_as(clerk):
        draft = dropped(clerk)
        first = draft.reading["items"][0]["id"]
        actions.rule_on(draft=draft, about=first, what="reject", by=clerk.user, post=clerk)
        taken = actions.accept_sure(draft=draft, by=clerk.user, post=clerk)
        rulings = queries.rulings_of(draft)
        assert taken == len(rulings) - 1
        assert rulings[first].what == "reject"
        assert actions.accept_sure(draft=draft, by=clerk.user, post=clerk) == 0
        left = [item for item in draft.reading["items"] if item["id"] not in rulings]
        assert all(item["confidence"] < 0.9 or item["uncertain"] or item["implied"] for item in left)


def test_nobody_reads_or_rules_on_another_areas_draft(desk):
    clerk, other, helper = desk
    with acting_as(clerk):
        draft = dropped(clerk)
        actions.rule_on(draft=draft, about=draft.reading["items"][0]["id"], what="accept", by=clerk.user, post=clerk)
    with acting_as(other):
        assert not NoticeDraft.objects.exists()  # row-level security, without any filter
        assert not Ruling.objects.exists()
        with pytest.raises(Refusal):
            actions.rule_on(draft=draft, about="i1", what="accept", by=other.user, post=other)
    with acting_as(helper):
        with pytest.raises(Denied):
            dropped(helper)
        assert not NoticeDraft.objects.visible_to(helper).exists()


def test_each_verb_leaves_one_audit_row(desk):
    clerk, _other, _helper = desk
    with acting_as(clerk):
        draft = dropped(clerk)
        ruled(draft, clerk)
        actions.accept_sure(draft=draft, by=clerk.user, post=clerk)
        actions.confirm(draft=draft, programme="xuxian-2023", by=clerk.user, post=clerk)
    from songhe.core import acting

    with acting.acting([], sees_audit="yes"):
        verbs = list(AuditEvent.objects.filter(subject="notice_draft").values_list("verb", flat=True))
    questions = len(draft.reading["items"]) + len(draft.reading["warnings"])
    assert verbs.count("drafts.rule") == questions
    assert [verbs.count(v) for v in ("drafts.drop_in", "drafts.accept_sure", "drafts.confirm")] == [1, 1, 1]


def test_the_confirmed_programme_runs(desk):
    clerk, other, _helper = desk
    with acting_as(clerk):
        draft = dropped(clerk)
        ruled(draft, clerk)
        actions.confirm(draft=draft, programme="xuxian-2023", by=clerk.user, post=clerk)
        programme = programmes.programme_for(clerk, "xuxian-2023")
        assert programme in programmes.programmes_for(clerk)
        lines = {line.goal.id: line for line in programmes.status(programme=programme, on=date(2023, 12, 1))}
        canteens = next(line for line in lines.values() if line.goal.definition.get("value") == 12)
        assert canteens.goal.definition["figure"] == {"from": "facilities", "kinds": ["canteen"], "reached": "in_use"}
        assert canteens.goal.deadline == date(2023, 11, 30)
        assert {
            line.goal.definition["scope"]["zh"] for line in lines.values() if line.goal.definition.get("scope")
        } >= {
            "甲镇",
            "乙镇",
        }
    with acting_as(other):
        assert "xuxian-2023" not in {each.name for each in programmes.programmes_for(other)}


def test_a_shipped_name_is_taken(desk):
    clerk, _other, _helper = desk
    with acting_as(clerk):
        draft = dropped(clerk)
        ruled(draft, clerk)
        with pytest.raises(Refusal) as caught:
            actions.confirm(draft=draft, programme="laixi-2020", by=clerk.user, post=clerk)
        assert caught.value.code == "programme_id_taken"


NOTICES = Path(__file__).resolve().parents[3].parent / "shared" / "notices"


@pytest.mark.parametrize("name", ["dingzhou-2021", "dingzhou-2023", "laixi-2020", "tangshan-2023", "xuzhou-2017"])
def test_the_founding_notices_become_sound_programmes(desk, name):
    file = NOTICES / f"{name}.txt"
    if not file.exists():
        pytest.skip("the founding notices are not on this machine")
    clerk, _other, _helper = desk
    with acting_as(clerk):
        draft = actions.drop_in(content=file.read_bytes(), name=file.name, by=clerk.user, post=clerk)
        ruled(draft, clerk)
        actions.confirm(draft=draft, programme=f"read-{name}", by=clerk.user, post=clerk)
        programme = programmes.programme_for(clerk, f"read-{name}")
        assert len(programmes.status(programme=programme, on=programme.end)) == len(programme.goals)


SHARED_OUT = """虚构县人民政府办公室关于印发《虚构县助餐服务两年行动方案》的通知
虚政办字〔2022〕9号
2022年3月1日
一、目标任务
到2023年底，全县新建老年食堂18家，各镇任务见附表。
附表：老年食堂建设任务表
镇 2022年老年食堂（家） 2023年老年食堂（家）
990101001镇 4 5
990101002镇 3 6
合计 7 11
"""


def test_the_shares_of_two_years_stand_in_one_annex_and_run(desk):
    clerk, _other, _helper = desk
    places = {"甲河镇": "990101001", "乙山镇": "990101002"}
    with everywhere():
        for name, code in places.items():
            Place.objects.filter(code=code).update(name=name)
    text = SHARED_OUT
    for name, code in places.items():
        text = text.replace(f"{code}镇", name)
    with acting_as(clerk):
        draft = actions.drop_in(content=text.encode(), name="通知.txt", by=clerk.user, post=clerk)
        ruled(draft, clerk)
        actions.confirm(draft=draft, programme="shared-out", by=clerk.user, post=clerk)
        programme = programmes.programme_for(clerk, "shared-out")
        assert [(row["place"], row["year"]) for row in programme.rows] == [
            ("990101001", 2022), ("990101002", 2022), ("990101001", 2023), ("990101002", 2023),
        ]  # fmt: skip
        (goal,) = programme.goals
        assert goal.value == 18
        (line,) = programmes.status(programme=programme, on=date(2023, 12, 1))
        assert {(part.place.code, part.target) for part in line.places} == {("990101001", 9), ("990101002", 9)}
        assert programmes.allocation(programme)[goal.id]["by_year"] == {"2022": 7, "2023": 11}


def test_a_share_of_one_place_alone_runs_too(desk):
    clerk, _other, _helper = desk
    with everywhere():
        Place.objects.filter(code="990101001").update(name="甲河镇")
    text = (
        SHARED_OUT.split("附表")[0]
        + "其中甲河镇4家。\n二、2023年底前，依托乙山镇中心敬老院新建助餐点1个、甲河镇5个。\n"
    )
    with acting_as(clerk):
        draft = actions.drop_in(content=text.encode(), name="通知.txt", by=clerk.user, post=clerk)
        ruled(draft, clerk)
        actions.confirm(draft=draft, programme="lone-share", by=clerk.user, post=clerk)
        programme = programmes.programme_for(clerk, "lone-share")
        assert {tuple(goal.definition.get("only", {}).get("places", [])) for goal in programme.goals} >= {
            ("990101001",)
        }
        assert len(programmes.status(programme=programme, on=date(2023, 12, 1))) == len(programme.goals)

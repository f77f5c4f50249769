"""Figures with evidence: entered, corrected by a new row, refused; a ceiling holds and says why; half failed, nothing stays."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.utils import timezone

from songhe.core import acting
from songhe.core.refusal import Refusal
from songhe.oversight.programmes import actions
from songhe.oversight.programmes.models import Entry
from songhe.registry.accounts.access import Denied, acting_as
from tests import world as w

TOWN, OTHER = "990101001", "990101002"
DAY = date(2023, 8, 20)


@pytest.fixture
def clerk(world):
    with acting.everywhere():
        return w.post("clerk", world["990101"])


@pytest.fixture
def town(world):
    with acting.everywhere():
        return w.post("township_worker", world[TOWN])


def enter(post, place, **more):
    given = {
        "programme": "test-2023",
        "goal": "schools",
        "value": 3,
        "base": 4,
        "as_of": DAY,
        "evidence": "学校报表",
    } | more
    with acting_as(post):
        return actions.enter_figure(place=place, by=post.user, post=post, **given)


def rows():
    with acting.everywhere():
        return list(Entry.objects.order_by("pk"))


def audit_verbs():
    with acting.acting([], sees_audit="yes"), connection.cursor() as cursor:
        cursor.execute("SELECT verb FROM core_audit WHERE verb LIKE 'programmes.%' ORDER BY id")
        return [verb for (verb,) in cursor.fetchall()]


def test_a_figure_is_entered_with_its_evidence(world, town):
    made = enter(town, world[TOWN], file=SimpleUploadedFile("报表.PDF", b"%PDF-1.4 x"), note="八月")
    kept = rows()[0]
    assert (kept.value, kept.base, kept.by, kept.town_id, kept.village_id) == (3, 4, town.user_id, world[TOWN].pk, None)
    assert len(kept.file_hash) == 64
    assert kept.file.name.endswith(".pdf")
    assert made.pk == kept.pk
    assert audit_verbs() == ["programmes.enter_figure"]


@pytest.mark.parametrize(
    ("code", "more"),
    [
        ("counted_goal", {"goal": "stations"}),
        ("no_evidence", {"evidence": " "}),
        ("no_base", {"base": None}),
        ("base", {"value": 5}),
        ("negative", {"value": -1}),
        ("in_the_future", {"as_of": timezone.localdate() + timedelta(days=1)}),
        ("evidence_file", {"file": SimpleUploadedFile("a.exe", b"x")}),
        ("unknown_goal", {"goal": "school"}),
        ("unknown_programme", {"programme": "test-2024"}),
    ],
)
def test_what_cannot_stand_is_refused(world, town, code, more):
    with pytest.raises(Refusal) as refusal:
        enter(town, world[TOWN], **more)
    assert refusal.value.code == code
    assert refusal.value.zh
    assert refusal.value.en
    assert rows() == []


def test_the_total_is_never_typed(world, clerk):
    with pytest.raises(Refusal, match="不填报这个目标"):
        enter(clerk, world["990101"])


def test_nobody_reports_for_others(world, town):
    with pytest.raises(Refusal, match="不在您的辖区内"):
        enter(town, world[OTHER])
    with acting.everywhere():
        leader = w.post("leader", world["990101"])
    with pytest.raises(Denied):
        enter(leader, world[TOWN])
    assert rows() == []


def test_the_wall_stands_without_the_queryset(world, town):
    """Row-level security alone: another town's entries are not there, and none can be written."""
    with acting.everywhere():
        actions.enter_figure(
            programme="test-2023",
            goal="schools",
            place=world[OTHER],
            value=1,
            base=2,
            as_of=DAY,
            evidence="报表",
            by=None,
            post=None,
        )
    with acting_as(town):
        assert Entry.objects.count() == 0
    with acting_as(town), pytest.raises(Exception, match="row-level security"), transaction.atomic():
        actions._entry(
            actions.definitions.named("test-2023").goal("schools"), world[OTHER], 1, 2, DAY, "报表", ""
        ).save()


def test_a_correction_stands_beside_the_wrong_row(world, town):
    wrong = enter(town, world[TOWN])
    with acting_as(town):
        right = actions.correct_figure(entry=wrong, value=4, reason="漏了一所学校", by=town.user, post=town)
    assert [(row.value, row.corrects_id) for row in rows()] == [(3, None), (4, wrong.pk)]
    assert right.base == 4
    for reason, code in (("", "写明理由"), ("再改", "已经更正过")):
        with pytest.raises(Refusal, match=code), acting_as(town):
            actions.correct_figure(entry=wrong, value=2, reason=reason, by=town.user, post=town)
    assert len(rows()) == 2
    assert audit_verbs() == ["programmes.enter_figure", "programmes.correct_figure"]


def test_half_failed_nothing_stays(world, town, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(actions.audit, "note", broken)
    with pytest.raises(RuntimeError):
        enter(town, world[TOWN])
    assert rows() == []


def test_the_sixth_exemplar_is_refused_with_the_clause(world, town):
    place = world[TOWN]
    actions.check_ceiling(programme="test-2023", goal="exemplars", place=place, on=DAY, already=4)
    with pytest.raises(Refusal) as refusal:
        actions.check_ceiling(programme="test-2023", goal="exemplars", place=place, on=DAY, already=5)
    said = refusal.value
    assert said.code == "ceiling"
    assert "R65" in said.zh
    assert "不超过 5 名" in said.zh
    assert "虚构通知" in said.zh
    assert "No more than five" in said.en
    with pytest.raises(Refusal, match="超过上限"):
        enter(town, place, goal="exemplars", value=6, base=None)
    enter(town, place, goal="exemplars", value=5, base=None)
    assert [row.value for row in rows()] == [5]


def test_the_shipped_ceiling_holds_in_the_campaign_only(db):
    from songhe.core.acting import everywhere

    with everywhere():
        made = w.World()
        place = made[TOWN]
    with pytest.raises(Refusal, match="超过上限"):
        actions.check_ceiling(programme="dingzhou-2023", goal="exemplars", place=place, on=date(2023, 9, 1), already=5)
    actions.check_ceiling(programme="dingzhou-2023", goal="exemplars", place=place, on=date(2024, 3, 1), already=5)
    with pytest.raises(ValueError, match="no ceiling"):
        actions.check_ceiling(programme="dingzhou-2023", goal="stations", place=place, on=date(2023, 9, 1), already=5)


def test_who_reports_is_answered_alike_for_one_place_and_for_the_list(db):
    from songhe.core.acting import everywhere
    from songhe.oversight.programmes import definitions, division, queries
    from songhe.oversight.programmes.actions import reporters
    from songhe.registry.places.actions import load_shipped
    from songhe.registry.places.models import Place
    from songhe.registry.places.queries import by_code

    asked = 0
    with everywhere():
        load_shipped("370285", "130682")
        for name in ("laixi-2020", "dingzhou-2021", "dingzhou-2023"):
            programme = definitions.named(name)
            whole = Place.objects.under(by_code(programme.place)).defer("outline").order_by("level", "code")
            below = [place for at, place in enumerate(whole) if place.level != "village" or not at % 40]
            ways = {
                str((division._codes(programme, goal), goal.each, goal.figure.get("by"))): goal
                for goal in programme.goals
            }
            for goal in ways.values():  # one goal of each way of being divided
                listed = {place.pk for place in reporters(programme, goal)}
                asked_of = {p.pk for p in below}
                assert {p.pk for p in below if queries.reports(programme, goal, p)} == listed & asked_of, (
                    name,
                    goal.id,
                )
                asked += 1
    assert asked >= 9

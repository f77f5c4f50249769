"""`songhe plan week`: all townships of a county, limited, cut off, gone on with; a dry run writes nothing."""

import json
from itertools import count

import pytest
from typer.testing import CliRunner

from songhe.care.duties.access import SYSTEM
from songhe.core.acting import everywhere
from songhe.core.refusal import Refusal
from songhe.insight.rounds import county
from songhe.insight.rounds.models import Plan
from tests import world as w


@pytest.fixture
def songhe(monkeypatch):
    from songhe.doors.cli import plan, plan_week, stopping

    monkeypatch.setattr(plan_week, "django_ready", lambda: None)
    monkeypatch.setattr(stopping.signal, "signal", lambda *_: None)

    def run(*words):
        done = CliRunner().invoke(plan.app, ["week", *words], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output

    return run


def asked(town, *words):
    return (
        "--place",
        "990101",
        "--week",
        town.week.code,
        "--effort",
        "300",
        "--on",
        town.monday.isoformat(),
        "--threads",
        "1",
        "--json",
        *words,
    )


def plans() -> list[Plan]:
    with everywhere():
        return list(Plan.objects.order_by("pk"))


def test_a_dry_run_writes_nothing(town, songhe):
    said = json.loads(songhe(*asked(town, "--dry-run")))
    assert plans() == []
    assert (said["dry_run"], said["cancelled"]) == (True, False)
    by_code = {one["code"]: one for one in said["towns"]}
    assert by_code["990101001"]["people"] == 12
    assert by_code["990101001"]["plan"] is None
    assert by_code["990101002"]["refused"] == "no_helper"  # the far town has people and nobody to go
    assert (said["visits"], said["calls"], said["undone"]) == (12, 24, [])
    assert "直线" in said["basis"]["zh"]


def test_plans_are_kept_as_drafts_or_told(town, songhe):
    said = json.loads(songhe(*asked(town)))
    (plan,) = plans()
    assert said["towns"][0]["plan"] == plan.pk
    assert plan.told_at is None
    songhe(*asked(town, "--tell"))
    assert plans()[-1].told_at is not None


def test_a_finished_township_is_not_planned_again_on_resume(town, songhe):
    songhe(*asked(town))
    said = json.loads(songhe(*asked(town, "--resume")))
    assert [one["code"] for one in said["towns"]] == ["990101002"]
    assert len(plans()) == 1


def test_cut_off_it_keeps_the_best_so_far_and_goes_on_from_there(town):
    stop = [False]
    limits = county.Limits(effort=2000, cancelled=lambda: stop[0], seed=3)
    with everywhere():
        places = county.townships(post=SYSTEM, place=town.county, period=town.week)
    run = county.plan_townships(places, post=SYSTEM, period=town.week, by=0, limits=limits, today=town.monday)
    stop[0] = True
    assert list(run) == []  # cancelled before it began: nobody is planned, nothing is written
    assert plans() == []
    ticks = count()
    limits = county.Limits(effort=2000, seconds=2, now=lambda: next(ticks) * 0.5)
    first = list(
        county.plan_townships([town.place], post=SYSTEM, period=town.week, by=0, limits=limits, today=town.monday)
    )
    assert first[0].plan.cut
    assert first[0].plan.visits + first[0].plan.left == 12
    with everywhere():
        assert town.place in county.townships(post=SYSTEM, place=town.county, period=town.week, resume="resume")
    limits = county.Limits(effort=2000)
    again = list(
        county.plan_townships(
            [town.place], post=SYSTEM, period=town.week, by=0, limits=limits, resume="resume", today=town.monday
        )
    )
    assert not again[0].plan.cut
    assert again[0].plan.price <= first[0].plan.price + 1e-6
    assert [plan.ended_at is None for plan in plans()] == [False, True]


def test_a_village_or_an_empty_week_is_refused(town):
    with everywhere():
        with pytest.raises(Refusal) as village:
            county.townships(post=SYSTEM, place=town.world[w.OWN], period=town.week)
        assert village.value.code == "not_a_township"
        with pytest.raises(Refusal) as empty:
            county.townships(post=SYSTEM, place=town.world["990102"], period=town.week.previous())
        assert empty.value.code == "nothing_owed"

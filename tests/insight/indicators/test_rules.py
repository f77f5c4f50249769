"""Value and light of a figure, and month-end freezing."""

from datetime import date, datetime

import pytest

from songhe.core import periods
from songhe.core.refusal import Refusal
from songhe.insight.indicators import definitions, rules


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [(0, 0, None), (38, 50, 76.0), (9999, 10000, 99.9), (1, 10000, 0.1), (50, 50, 100.0), (0, 7, 0.0), (2, 3, 66.7)],
)
def test_value(numerator, denominator, expected):
    assert rules.value(numerator, denominator) == expected


def _light(numerator, denominator, on, direction="up", green=100, yellow=95):
    return rules.light(
        numerator, denominator, green=green, yellow=yellow, direction=direction, period_end=date(2026, 11, 22), on=on,
        judged_from=date(2026, 11, 19),
    )  # fmt: skip


def test_light_of_an_open_week_is_not_red_before_its_missing_list():
    assert _light(1, 10, date(2026, 11, 17)) == rules.Light("yellow", "too_early")
    assert _light(1, 10, date(2026, 11, 19)) == rules.Light("red", "far")
    assert _light(1, 10, date(2026, 12, 1)) == rules.Light("red", "far")
    assert _light(10, 10, date(2026, 11, 17)) == rules.Light("green", "met")
    assert _light(999, 1000, date(2026, 11, 20)) == rules.Light("yellow", "near")
    assert _light(0, 0, date(2026, 11, 20)) == rules.Light("none", "nobody")


def test_light_of_a_share_that_should_be_low():
    low = {"direction": "down", "green": 0, "yellow": 10}
    assert _light(0, 20, date(2026, 11, 20), **low).colour == "green"
    assert _light(2, 20, date(2026, 11, 20), **low).colour == "yellow"
    assert _light(3, 20, date(2026, 11, 17), **low).colour == "red"


def test_shipped_definitions_name_their_source_and_reason():
    shipped = definitions.shipped()
    assert {"weekly_visiting", "pairing", "helper_named", "case_file_complete", "stale_facts", "overdue_escalations",
            "assessment_due"} <= set(shipped)  # fmt: skip
    assert all(i.source["title"] and i.why["zh"] and i.why["en"] and i.acts["zh"] for i in shipped.values())


def test_a_wrong_definition_is_refused_with_file_and_line(tmp_path):
    text = (definitions._folder() / "weekly_visiting.yaml").read_text(encoding="utf-8")
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "b.yaml").write_text(text.replace("query: duties_kept", "query: duties_kpt"), encoding="utf-8")
    with pytest.raises(definitions.BadDefinition) as wrong:
        definitions.read(tmp_path)
    said = str(wrong.value)
    assert "b.yaml:" in said
    assert "duties_kept" in said


def test_swapped_lights_and_a_name_taken_are_refused(tmp_path):
    text = (definitions._folder() / "weekly_visiting.yaml").read_text(encoding="utf-8")
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "b.yaml").write_text(
        text.replace("{green: 100, yellow: 95}", "{green: 90, yellow: 95}"), encoding="utf-8"
    )
    with pytest.raises(definitions.BadDefinition) as wrong:
        definitions.read(tmp_path)
    assert {fault.problem.code for fault in wrong.value.faults} == {"twice", "lights"}


def test_unknown_indicator_is_refused():
    with pytest.raises(Refusal) as refused:
        definitions.named("everything")
    assert "weekly_visiting" in refused.value.zh


@pytest.mark.django_db
def test_freeze_keeps_the_figure_and_a_revision_stands_beside_it():
    from songhe.care.duties import actions as duties
    from songhe.care.visits import actions as visits
    from songhe.care.visits.rules import ZONE
    from songhe.core.acting import everywhere
    from songhe.insight.indicators import actions, queries
    from songhe.insight.indicators.models import Frozen
    from tests.care.county import County, row

    now = datetime(2026, 11, 1, 8, 0, tzinfo=ZONE)
    month = periods.parse("2026-10")
    with everywhere():
        county = County()
        duties.sync_rules(by=0)
        for week in ("2026-W41", "2026-W43"):
            duties.open_period(place=county.place, rule="visiting", period=week, by=0)
        with pytest.raises(Refusal):
            actions.freeze(place=county.place, period=month, by=None, now=datetime(2026, 10, 30, tzinfo=ZONE))
        added = actions.freeze(place=county.place, period=month, by=None, now=now)
        assert added > 0
        assert actions.freeze(place=county.place, period=month, by=None, now=now) == 0
        person = county.people[0]
        when = datetime(2026, 10, 8, 9, 0, tzinfo=ZONE)
        rows = [row(person, mode, "well", when) for mode in ("call", "call", "home_visit")]
        visits.record(rows, by=0, post=None, channel="import", now=now)
        kept = Frozen.objects.get(indicator="weekly_visiting", place=county.place, period="2026-10", revises=None)
        assert (kept.numerator, kept.denominator) == (0, 16)
        with pytest.raises(Refusal):
            actions.revise(frozen=kept, reason=" ", by=None, now=now)
        revision = actions.revise(frozen=kept, reason="纸单补录", by=None, now=now)
        assert (revision.numerator, revision.denominator) == (1, 16)
        assert Frozen.objects.get(pk=kept.pk).numerator == 0
        with pytest.raises(Refusal):
            actions.revise(frozen=kept, reason="再算一次", by=None, now=now)
        figure = queries.figures(definitions.named("weekly_visiting"), county.place, month, now=now)[0]
        assert (figure.numerator, figure.frozen.numerator) == (1, 0)

from datetime import UTC, date, datetime, timedelta

import pytest

from songhe.care.agreements import definitions, rules


@pytest.mark.parametrize(
    ("facts", "left_out"),
    [
        (rules.Facts(), "not_poor"),
        (rules.Facts(circumstances=frozenset({"subsistence_allowance"}), level=2), ""),
        (rules.Facts(circumstances=frozenset({"destitute"}), living="institution"), "destitute_in_institution"),
        (
            rules.Facts(circumstances=frozenset({"destitute"}), destitute_support="institution"),
            "destitute_in_institution",
        ),
        (rules.Facts(circumstances=frozenset({"near_threshold"}), status="institution"), "resident"),
        (
            rules.Facts(circumstances=frozenset({"destitute"}), benefits=("长期护理保险居家护理",)),
            "overlapping_benefit",
        ),
        (rules.Facts(circumstances=frozenset({"destitute"}), level=0), "not_dependent"),
        (rules.Facts(circumstances=frozenset({"destitute"}), level=None), ""),
    ],
)
def test_who_is_left_out(facts, left_out):
    found = definitions.named("tangshan-2023").leaves_out(facts)
    assert (found.test if found else "") == left_out


def test_the_nearest_scheme_of_the_day_holds():
    assert definitions.scheme("370285101201", date(2021, 3, 1)).name == "laixi-2020"
    assert definitions.scheme("370285101201", date(2020, 5, 21)).name == "national"
    assert definitions.scheme("130203001", date(2023, 6, 1)).name == "tangshan-2023"
    assert definitions.scheme("990101001", date(2023, 6, 1)).name == "national"


def test_every_scheme_says_where_it_comes_from():
    for each in definitions.schemes():
        assert each.source["title"]
        assert each.exclusions, each.name
        assert all(row.number and row.clause["en"] for row in each.exclusions)


def test_a_walk_has_one_next_step():
    walked = [rules.next_step("")]
    while walked[-1]:
        walked.append(rules.next_step(walked[-1]))
    assert tuple(walked[:-1]) == rules.WALK
    assert rules.next_step("renewed") == rules.next_step("ended") == ""


NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "hours_ago", "installed_ago", "asleep"),
    [("button", 167, 100, False), ("button", 169, 100, True), ("door", 49, 100, True), ("bed", None, 6, False), ("bed", None, 7, True)],
)  # fmt: skip
def test_silence_is_dormancy(kind, hours_ago, installed_ago, asleep):
    terms = definitions.devices(NOW.date())
    last = None if hours_ago is None else NOW - timedelta(hours=hours_ago)
    assert asleep == rules.dormant(
        kind=kind, installed_on=NOW.date() - timedelta(days=installed_ago), last_signal=last, now=NOW, today=NOW.date(),
        hours=terms.dormant_hours, never_days=terms.never_days,
    )  # fmt: skip


def test_minutes_owed_are_never_negative():
    assert (rules.short_of(600, 480), rules.short_of(600, 700)) == (120, 0)

"""Rounds, ceilings, votes, publicity, appraisal: it happened, it was refused with its clause, nothing half done stayed."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from songhe.core import periods, scores, workdays
from songhe.core.acting import everywhere
from songhe.core.definitions import BadDefinition
from songhe.oversight.awards import actions, definitions, figures, queries, rules
from songhe.oversight.awards.models import Appraisal, Ballot, Nomination, Round
from songhe.oversight.programmes import definitions as programmes
from songhe.oversight.programmes.figures import Book
from songhe.registry.accounts.access import Denied
from tests.oversight.bureau import COUNTY, OTHER_TOWN, TOWN
from tests.oversight.test_ledger import refused

TODAY = timezone.localdate


def opened(office, award="township-exemplar", place=TOWN, **values):
    with office("clerk") as who:
        return actions.open_round(award=award, place=office[place], **values, **who)


def name(office, row, count, who="town", start=0, on=None):
    with office(who) as actor:
        return [
            actions.nominate(round=row, name=f"演示模范{start + n}", unit="村", deeds="照料邻居十年", on=on, **actor)
            for n in range(count)
        ]


def counted(row, *places, on=None):
    """What the goal of a round's award counts at these places in the round's period."""
    award = definitions.award(row.award)
    programme = programmes.named(award.programme)
    book, period = Book(programme, places[0]), periods.parse(row.period)
    found = figures.chosen(book, programme.goal(award.goal), places, on or TODAY(), period)
    return {pk: one.value for pk, one in found.items()}


def test_the_sixth_exemplar_of_a_month_is_refused_with_its_clause(office):
    row = opened(office)
    five = name(office, row, 5)
    with office("town") as who:
        with refused("ceiling") as caught:
            actions.nominate(round=row, name="第六名", deeds="也很好", **who)
        assert "不超过 5 名" in caught.value.zh
        assert "R65" in caught.value.zh
        assert "2023-08-22" in caught.value.en
        assert counted(row, office[TOWN], office[COUNTY]) == {office[TOWN].pk: 5, office[COUNTY].pk: 5}
        with refused("reason_missing"):
            actions.withdraw(nomination=five[0], reason="", **who)
        actions.withdraw(nomination=five[0], reason="本人谢绝", **who)
        actions.nominate(round=row, name="第六名", deeds="也很好", **who)
        assert counted(row, office[TOWN], office[COUNTY]) == {office[TOWN].pk: 5, office[COUNTY].pk: 5}
    other = opened(office, place=OTHER_TOWN)
    name(office, other, 1, who="other")


def test_a_nomination_of_an_older_round_keeps_its_own_day(office):
    row = opened(office, period=periods.parse("2023-09"))
    with office("town") as who:
        with refused("naming_day"):
            actions.nominate(round=row, name="某人", deeds="x", on=date(2023, 8, 31), **who)
        actions.nominate(round=row, name="某人", deeds="x", on=date(2023, 9, 12), **who)
        assert counted(row, office[TOWN], on=date(2023, 9, 11)) == {office[TOWN].pk: 0}
        assert counted(row, office[TOWN], on=date(2023, 9, 12)) == {office[TOWN].pk: 1}


def test_who_may_not_name(office):
    row = opened(office)
    with office("other") as who, refused("no_such_round"):
        actions.nominate(round=row, name="某人", deeds="x", **who)
    with office("helper") as who, pytest.raises(Denied):
        actions.nominate(round=row, name="某人", deeds="x", **who)
    name(office, row, 1)
    with office("town") as who:
        with refused("named_before"):
            actions.nominate(round=row, name="演示模范0", unit="村", deeds="x", **who)
        with refused("deeds_missing"):
            actions.nominate(round=row, name="某人", deeds=" ", **who)
    with everywhere():
        assert Nomination.objects.count() == 1


def test_a_round_is_opened_once_where_and_when_its_paper_says(office):
    opened(office)
    with refused("round_twice"):
        opened(office)
    with refused("award_level"):
        opened(office, place=COUNTY)
    with refused("award_period"):
        opened(office, place=OTHER_TOWN, period=periods.parse("2023-07"))
    with refused("award_period"):
        opened(office, place=OTHER_TOWN, period=periods.parse("2024-H1"))
    with refused("unknown_award"):
        opened(office, award="nobel")
    with everywhere():
        assert Round.objects.get().source["clause"]["zh"].startswith("每月各乡镇")


def test_naming_goes_to_publicity_for_working_days(office):
    row = opened(office, period=periods.parse("2025-09"))
    name(office, row, 2, on=date(2025, 9, 24))
    with office("clerk") as who:
        with refused("no_vote"):
            actions.open_voting(round=row, **who)
        with refused("where_missing"):
            actions.choose(round=row, where=" ", **who)
        row = actions.choose(round=row, where="公众号、村喇叭", on=date(2025, 9, 26), **who)
        assert (row.publicity_to, row.publicity_calendar) == (date(2025, 10, 10), "known"), "over the National Day week"
        with refused("publicity_runs"):
            actions.confirm(round=row, on=date(2025, 10, 10), **who)
        first = row.nominations.first()
        said = actions.object_to(nomination=first, text="事迹不实", **who)
        with refused("objections_open"):
            actions.confirm(round=row, on=date(2025, 10, 13), **who)
        with refused("answer"):
            actions.answer_objection(objection=said, verdict="upheld", answer=" ", **who)
        actions.answer_objection(objection=said, verdict="upheld", answer="经核实属实", **who)
        assert actions.confirm(round=row, on=date(2025, 10, 13), **who).stage == "confirmed"
        assert counted(row, office[TOWN], on=date(2025, 10, 13)) == {office[TOWN].pk: 1}, "the struck one is out"
    with office("town") as who, refused("naming_over"):
        actions.nominate(round=row, name="晚到", deeds="x", **who)


def test_ten_of_the_city_are_chosen_by_votes(office):
    row = opened(office, award="city-exemplar", place=COUNTY)
    standing = name(office, row, 12, who="clerk")
    with office("clerk") as who:
        with refused("other_stage"):
            actions.cast_ballot(round=row, nominations=standing[:1], **who)
        actions.open_voting(round=row, **who)
        with refused("no_ballots"):
            actions.choose(round=row, where="公众号", **who)
        with refused("too_many_votes"):
            actions.cast_ballot(round=row, nominations=standing[:11], **who)
        actions.cast_ballot(round=row, nominations=standing[:10], **who)
        with refused("voted_before"):
            actions.cast_ballot(round=row, nominations=standing[:1], **who)
    with office("leader") as who:
        actions.cast_ballot(round=row, nominations=standing[2:12], **who)
    with office("town") as who, pytest.raises(Denied):
        actions.cast_ballot(round=row, nominations=[], **who)
    with office("clerk") as who:
        with refused("tied") as caught:
            actions.choose(round=row, where="公众号", **who)
        assert "演示模范0" in caught.value.zh
        with refused("tied"):
            actions.choose(round=row, where="公众号", tie=standing[:2], **who)
        row = actions.choose(round=row, where="公众号", tie=standing[:2], reason="评委会合议", **who)
        assert row.nominations.filter(result="elected").count() == 10
        assert counted(row, office[COUNTY]) == {office[COUNTY].pk: 0}, "nobody is chosen before it is confirmed"
        assert row.publicity_to == workdays.after(TODAY(), 5)[0]


def test_fewer_than_a_fixed_number_needs_a_reason(office):
    row = opened(office, award="demonstration-town", place=COUNTY)
    one = name(office, row, 1, who="clerk")
    with office("clerk") as who:
        actions.open_voting(round=row, **who)
        actions.cast_ballot(round=row, nominations=one, **who)
        with refused("too_few"):
            actions.choose(round=row, where="网站", **who)
        row.refresh_from_db()
        assert row.stage == "voting"
        assert actions.choose(round=row, where="网站", reason="只有一个镇达标", **who).stage == "publicity"
        assert Ballot.objects.count() == 1


def test_votes_for_somebody_of_another_round_do_not_count(office):
    row, other = (
        opened(office, award="city-exemplar", place=COUNTY),
        opened(office, award="demonstration-town", place=COUNTY),
    )
    name(office, row, 1, who="clerk")
    (foreign,) = name(office, other, 1, who="clerk", start=9)
    with office("clerk") as who:
        actions.open_voting(round=row, **who)
        with refused("not_standing"):
            actions.cast_ballot(round=row, nominations=[foreign], **who)
        assert not Ballot.objects.exists()


# arithmetic ----------------------------------------------------------------------------------------------------------

BANDS = definitions.formulas()["township-visiting"].bands


@pytest.mark.parametrize(
    ("value", "points", "shown"),
    [
        (96.0, "45.0", "50 ×（96 − 60）÷（100 − 60） ＝ 45.0"), (100, "50.0", "＝ 50.0"), (60, "0.0", "＝ 0.0"),
        (12.5, "0.0", "＜ 0"), (120, "50.0", "＞ 50"),
    ],
)  # fmt: skip
def test_points_and_their_formula(value, points, shown):
    won, words = scores.scored(scores.Part("x", 50, full=100, zero=60), value)
    assert won == Decimal(points)
    assert shown in words


def test_a_part_without_a_base_is_left_out():
    one, two = scores.Part("a", 50, 100, 60), scores.Part("b", 30, 100, 60)
    assert scores.total([(one, Decimal(45))]) == Decimal("90.0")
    assert scores.total([(one, Decimal(45)), (two, Decimal(15))]) == Decimal("75.0")
    assert scores.total([]) is None


@given(st.decimals(0, 100, places=1))
def test_every_score_has_one_grade(score):
    grade = rules.grade(score, BANDS)["zh"]
    assert grade == ("优秀" if score >= 90 else "良好" if score >= 80 else "合格" if score >= 60 else "不合格")


def band(start, end):
    return rules.Band({"zh": "x", "en": "x"}, start, end)


@pytest.mark.parametrize(
    ("bands", "codes"),
    [
        ([band(80, 100), band(0, 80)], []),
        ([band(80, 100), band(0, 79)], ["gap"]),
        ([band(70, 100), band(0, 80)], ["overlap"]),
        ([band(80, 95), band(0, 80)], ["top"]),
        ([band(80, 100), band(10, 80)], ["bottom"]),
        ([band(100, 80), band(0, 100)], ["order", "top"]),
    ],
)
def test_gaps_and_overlaps_are_found(bands, codes):
    assert [code for _at, code, _low, _high in rules.band_faults(bands)] == codes


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("to: 90}", "to: 89}", "没有等次"), ("to: 90}", "to: 91}", "两个等次"), ("points: 50", "points: 51", "合计 101"),
        ("indicator: pairing", "indicator: nothing", "没有指标"), ("full: 100, zero: 80", "full: 80, zero: 80", "不能相同"),
    ],
)  # fmt: skip
def test_a_formula_with_a_fault_names_file_line_and_field(tmp_path, old, new, said):
    source = (definitions.FOLDER / "appraisal" / "township-visiting.yaml").read_text(encoding="utf-8")
    (tmp_path / "x.yaml").write_text(source.replace(old, new), encoding="utf-8")
    with pytest.raises(BadDefinition, match=r"x\.yaml:\d+ \w+") as caught:
        definitions.read_formulas(tmp_path)
    assert said in str(caught.value)


@given(st.dictionaries(st.integers(1, 30), st.integers(0, 6), max_size=20), st.integers(1, 10))
def test_the_chosen_are_never_more_than_the_limit_and_nobody_is_passed_over(votes, limit):
    choice = rules.chosen(votes, limit)
    assert len(choice.elected) + choice.places <= limit
    left = set(votes) - set(choice.elected)
    if choice.elected:
        least = min(votes[pk] for pk in choice.elected)
        assert all(votes[pk] < least or pk in choice.tied for pk in left) or len(choice.elected) < limit
        assert all(votes[pk] <= least for pk in left)


def test_units_are_scored_with_the_formula_shown(office):
    month = periods.containing("month", TODAY())
    with office("clerk") as who:
        made = actions.appraise(definition="township-visiting", place=office[COUNTY], period=month, **who)
        scores = queries.scores(made)
        assert [score.place.code for score in scores] == [TOWN, OTHER_TOWN]
        assert all(len(score.parts) == 3 for score in scores)
        helpers = scores[0].parts[2]
        assert (helpers["numerator"], helpers["denominator"], helpers["score"]) == (0, 6, 0.0)
        assert "20 ×" in helpers["shown"]
        assert (scores[0].score, scores[0].grade) == (Decimal("0.0"), "不合格")
        with refused("reason_missing"):
            actions.appraise(definition="township-visiting", place=office[COUNTY], period=month, **who)
        again = actions.appraise(
            definition="township-visiting", place=office[COUNTY], period=month, reason="补录", **who
        )
        assert (again.revision, Appraisal.objects.count()) == (2, 2)
        with refused("appraisal_period"):
            actions.appraise(
                definition="township-visiting", place=office[COUNTY], period=month.previous().within("week")[0], **who
            )
        with refused("appraisal_place"):
            actions.appraise(definition="township-visiting", place=office[TOWN], period=month, **who)
    with office("town") as who, pytest.raises(Denied):
        actions.appraise(definition="township-visiting", place=office[TOWN], period=month, **who)


def test_terms_of_publicity_are_read_from_the_paper():
    assert definitions.award("township-exemplar").publicity_working_days == 5
    assert workdays.after(date(2021, 3, 24), 15) == (date(2021, 4, 15), False)
    assert workdays.after(TODAY() + timedelta(days=4000), 3)[1]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("goal: exemplars", "goal: nothing", "没有定名额的目标"), ("goal: exemplars", "goal: stations", "没有定名额的目标"),
        ("programme: dingzhou-2023", "programme: nowhere", "没有定名额的目标"),
    ],
)  # fmt: skip
def test_an_award_takes_its_number_from_a_goal_that_sets_one(tmp_path, old, new, said):
    source = (definitions.FOLDER / "awards" / "dingzhou-2023.yaml").read_text(encoding="utf-8")
    (tmp_path / "x.yaml").write_text(source.replace(old, new), encoding="utf-8")
    with pytest.raises(BadDefinition, match=r"x\.yaml:\d+ awards\[\d\]\.goal") as caught:
        definitions.read_awards(tmp_path)
    assert said in str(caught.value)


def test_the_number_stands_once_in_the_programme():
    """R65, R66, R58, R32: what the goal says is what the award allows."""
    found = {name: (one.commitment, one.limit.operator, one.limit.count) for name, one in definitions.awards().items()}
    assert found == {
        "township-exemplar": ("R65", "<=", 5), "city-exemplar": ("R66", "=", 10),
        "demonstration-institution": ("R58", "=", 1), "demonstration-town": ("R32", "=", 2),
    }  # fmt: skip

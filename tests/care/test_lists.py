"""Due lists page by page, missing lists as of a day, what was missed, sums of places: always inside the post's area."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from songhe.care.duties import actions as duties
from songhe.care.duties import queries
from songhe.care.duties.access import SYSTEM
from songhe.care.duties.models import Duty
from songhe.care.visits import actions as visits
from songhe.core.acting import acting, everywhere
from songhe.core.periods import containing, parse
from songhe.core.refusal import Refusal
from songhe.registry.accounts.access import acting_as
from songhe.registry.places.actions import assign_functional_area
from songhe.registry.places.models import Place
from tests.care.county import SINCE, at, row

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened(county, week):
    with everywhere():
        for period in (week.previous(), week):
            duties.open_period(place=county.place, rule="visiting", period=period, by=0)
    return county


def _visit(county, person, mode, when=None):
    with everywhere():
        visits.record([row(person, mode, when=when)], by=0, post=None, channel="import")


def _pages(limit, **asked):
    seen, after = [], ""
    while True:
        page = queries.due_list(limit=limit, after=after, **asked)
        seen += [duty.person_id for duty in page.rows]
        after = page.next
        if not after:
            return seen


@pytest.mark.parametrize("limit", [1, 3, 8, 50])
def test_by_need_page_by_page(opened, week, limit):
    people = opened.people
    with everywhere():
        Duty.objects.filter(person=people[6], period_start=week.start).update(tier_rank=1)
        Duty.objects.filter(person=people[7], period_start=week.start).update(tier_rank=1)
    _visit(opened, people[0], "call")
    _visit(opened, people[6], "call")
    for mode in ("call", "video", "home_visit"):
        _visit(opened, people[1], mode)
    with acting_as(opened.clerk):
        seen = _pages(limit, post=opened.clerk, period=week)
    order = [7, 4, 5, 2, 3, 6, 0]  # urgent tier, village by village; then those with something done, urgent first
    assert seen == [people[n].pk for n in order]


def test_a_false_cursor_is_refused(opened, week):
    for after in ("!!", "bnVsbA==", "WzEsMiwzLDRd"):
        with acting_as(opened.clerk), pytest.raises(Refusal, match="翻页"):
            queries.due_list(post=opened.clerk, period=week, after=after)


def test_untouched_only(opened, week):
    _visit(opened, opened.people[0], "call")
    with acting_as(opened.clerk):
        assert len(queries.due_list(post=opened.clerk, period=week, untouched="only").rows) == 7


@pytest.mark.parametrize(
    ("period", "day"),
    [("2026-W46", date(2026, 11, 12)), ("2026-11", date(2026, 11, 26)), ("2026-12", date(2026, 12, 31))],
)
def test_the_day_of_the_missing_list(period, day, settings):
    settings.MISSING_LIST_WEEKDAY = 4
    assert queries.missing_day(period) == day


def test_the_missing_list_of_a_past_thursday_stays_what_it_was(opened, week):
    last, person = week.previous(), opened.people[0]
    thursday = last.start + timedelta(days=3)
    for mode, day in (("call", 0), ("call", 3), ("home_visit", 4)):
        _visit(opened, person, mode, at(last.start + timedelta(days=day)))
    ask = {"post": opened.clerk, "period": last}
    with acting_as(opened.clerk):
        then = {duty.person_id for duty in queries.missing_list(**ask, as_of=thursday).rows}
        later = {duty.person_id for duty in queries.missing_list(**ask, as_of=thursday + timedelta(days=1)).rows}
        pages = queries.missing_list(**ask, as_of=thursday, limit=3)
        rest = queries.missing_list(**ask, as_of=thursday, limit=50, after=pages.next)
    assert (person.pk in then, person.pk in later, len(then), len(later)) == (True, False, 8, 7)
    assert {duty.person_id for duty in pages.rows + rest.rows} == then


def test_the_missing_list_of_today_is_live(opened, week):
    for mode in ("call", "call", "home_visit"):
        _visit(opened, opened.people[0], mode)
    with acting_as(opened.clerk):
        rows = queries.missing_list(post=opened.clerk, period=week, as_of=week.end).rows
    assert len(rows) == 7


def test_missed_is_denominator_less_numerator_everywhere(opened, week):
    with everywhere():
        duties.excuse(person=opened.people[2], reason="hospital", starts_on=week.start, by=0)
    for mode in ("call", "call", "home_visit"):
        _visit(opened, opened.people[1], mode)
    with everywhere():
        levels = ("city", "county", "township", "village")
        sums = queries.tally(post=SYSTEM, name="visiting", periods=week, place=opened.city, levels=levels)
        for each in sums:
            place = Place.objects.get(pk=each.place_id)
            listed = queries.missed(post=SYSTEM, place=place, period=week)
            assert len(listed) == each.missed, place
    assert {(s.level, s.owed, s.kept, s.excused) for s in sums if s.level == "city"} == {("city", 7, 1, 1)}
    assert len(sums) == 1 + 1 + 2 + 4


def test_sums_of_several_periods_together_and_apart(opened, week):
    both = [week.previous(), week.code]
    with everywhere():
        ask = {"post": SYSTEM, "name": "visiting", "periods": both, "place": opened.place}
        together = queries.tally(**ask)
        apart = queries.tally(**ask, by_period="apart")
    assert [(s.owed, s.period_start) for s in together] == [(16, None)]
    assert sorted((s.period_start, s.owed) for s in apart) == [(week.previous().start, 8), (week.start, 8)]


def test_a_functional_area_is_its_villages(opened, week):
    with everywhere():
        area = Place.objects.create(
            code="990101900", name="虚构开发区", short_name="虚构开发区", level="township", kind="functional",
            parent=opened.place, province=opened.place.province, city=opened.city, county=opened.place, valid_from=SINCE,
            source="test",
        )  # fmt: skip
        assign_functional_area(area=area, villages=[opened.villages[1], opened.villages[2]], by=0)
        (sums,) = queries.tally(post=SYSTEM, name="visiting", periods=week, place=area)
        assert (sums.place_id, sums.owed) == (area.pk, 4)
        assert queries.missed(post=SYSTEM, place=area, period=week).count() == 4


def test_every_question_stays_inside_the_area(opened, week):
    helper, inside = opened.helpers[0], {opened.people[0].pk, opened.people[4].pk}
    with acting_as(helper):
        ask = {"post": helper, "period": week}
        assert {duty.person_id for duty in queries.missed(**ask)} == inside
        assert {duty.person_id for duty in queries.due_list(**ask).rows} == inside
        assert {duty.person_id for duty in queries.missing_list(**ask, as_of=week.start).rows} == inside
        assert {duty.person_id for duty in queries.missed(**ask, place=opened.villages[1])} == set()
        assert [s.owed for s in queries.tally(post=helper, name="visiting", periods=week, place=opened.place)] == [2]
        assert queries.of_person(post=helper, person=opened.people[1].pk) == []
        assert len(queries.of_person(post=helper, person=opened.people[0].pk)) == 2


def test_row_level_security_says_it_again(opened, week):
    """Even a query that forgets the post sees its own village only, and nothing without a post."""
    with acting_as(opened.helpers[0]):
        assert len(queries.missed(post=SYSTEM, period=week)) == 2
        assert sum(s.owed for s in queries.tally(post=SYSTEM, name="visiting", periods=week, place=opened.city)) == 2
    with acting([]):
        assert len(queries.missed(post=SYSTEM, period=week)) == 0
        assert queries.tally(post=SYSTEM, name="visiting", periods=week, place=opened.city) == []
    with everywhere():
        assert len(queries.missed(post=None, period=week)) == 0


def test_few_statements(opened, week, django_assert_num_queries):
    with acting_as(opened.clerk):
        with django_assert_num_queries(3):  # keys of those with nothing done, keys of the others, the rows
            rows = queries.due_list(post=opened.clerk, period=week, place=opened.place).rows
            assert {(bool(duty.person.name), bool(str(duty.village)), duty.helper) for duty in rows} == {
                (True, True, None)
            }
        with django_assert_num_queries(1):
            queries.tally(post=opened.clerk, name="visiting", periods=week, place=opened.place, levels=("village",))


def test_what_runs_today():
    today = timezone.localdate()
    assert queries.running("week") == containing("week", today)
    assert queries.running("month", date(2026, 2, 3)) == parse("2026-02")


def test_the_functions_of_the_database_say_the_area_too(opened, week):
    """As the app's role, with a village's areas, by plain SQL: nothing is told or written about another village."""
    from django.db import connection

    from songhe.care.duties.models import Opening

    with everywhere():
        Duty.objects.all().delete()
        opening = Opening.objects.get(period_start=week.start)
    with acting_as(opened.helpers[0]), connection.cursor() as cursor:
        cursor.execute("SELECT duties_fill(%s, NULL)", [opening.pk])
        assert cursor.fetchone() == (2,)
    with everywhere():
        duties.add_latecomers(opening=opening, by=0, on=week.start)
        ids = list(Duty.objects.values_list("pk", flat=True))
        assert len(ids) == 8
    with acting_as(opened.helpers[0]), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM visits_short_on(%s::bigint[], %s)", [ids, week.start])
        assert cursor.fetchone() == (2,)

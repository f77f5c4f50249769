"""Opening periods: who is in, frozen, idempotent, refused, latecomers, the nightly round."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from songhe.care.duties import actions as duties
from songhe.care.duties import boards
from songhe.care.duties.models import Adoption, Duty, Opening, Rule, Tally
from songhe.care.visits import actions as visits
from songhe.core.acting import everywhere
from songhe.core.models import AuditEvent
from songhe.core.periods import BadPeriod, containing
from songhe.core.refusal import Refusal
from songhe.registry.accounts.access import Denied, acting_as
from songhe.registry.people.models import Person
from tests.care.county import County, row

pytestmark = pytest.mark.django_db


def _open(county, period, rule="visiting", place=None):
    return duties.open_period(place=place or county.place, rule=rule, period=period, by=0)


def test_who_is_owed(county, week):
    before, during = week.start, week.start + timedelta(days=2)
    with everywhere():
        Person.objects.all().update(tags=0)
        here = county.villages[0]
        owed = [
            county.person(here, ("destitute",)),
            county.person(here, ("in_difficulty", "dementia")),
            county.person(here, status="deceased", status_from=during),
        ]
        county.person(here, ("subsistence_allowance",))
        county.person(here, status="deceased", status_from=before)
        county.person(here, status="institution", status_from=before - timedelta(days=90))
        county.person(here, merged_into=owed[0])
        opening = _open(county, week)
        assert set(Duty.objects.values_list("person", flat=True)) == {person.pk for person in owed}
    assert opening.owed == 3


def test_a_duty_carries_the_rule_and_the_place_as_they_were(county, week):
    with everywhere():
        opening = _open(county, week)
        person = county.people[0]
        Person.objects.filter(pk=person.pk).update(**county.villages[3].areas())
        duty = Duty.objects.get(person=person)
    assert (duty.village_id, duty.rule_id, duty.period_end) == (county.villages[0].pk, opening.rule_id, week.end)
    assert (duty.calls_owed, duty.visits_owed, duty.kept) == (2, 1, False)


def test_a_new_version_does_not_touch_an_open_period(county, week):
    with everywhere():
        opening = _open(county, week)
        Rule.objects.filter(pk=opening.rule_id).update(retired_at=timezone.now())
        newer = Rule.objects.get(pk=opening.rule_id)
        newer.pk, newer.version, newer.calls_owed, newer.retired_at = None, "newer", 9, None
        newer.save()
        assert _open(county, week).rule_id == opening.rule_id
        assert _open(county, week.next()).rule_id == newer.pk
        assert set(Duty.objects.filter(period_start=week.start).values_list("calls_owed", flat=True)) == {2}


def test_a_wider_place_adds_only_those_not_yet_in(county, week):
    with everywhere():
        assert _open(county, week, place=county.towns[0]).owed == 4
        assert _open(county, week).owed == 4
        assert Duty.objects.count() == 8


def test_tiers_by_circumstance_and_age(county):
    month = containing("month", timezone.localdate())
    born = month.start.replace(year=month.start.year - 80)
    with everywhere():
        Person.objects.all().update(tags=0)
        here = county.villages[0]
        made = [
            county.person(here, birth=born),
            county.person(here, birth=born + timedelta(days=1)),
            county.person(here, ("care_dependent",)),
        ]
        _open(county, month, "national-monthly")
        found = {duty.person_id: (duty.tier, duty.calls_owed) for duty in Duty.objects.all()}
    assert [found[person.pk] for person in made] == [("high_risk", 4), ("", 1), ("key", 1)]


def test_visits_made_before_the_opening_are_counted(county, week):
    helper, person = county.helpers[0], county.people[0]
    with acting_as(helper):
        for mode in ("call", "call", "home_visit"):
            visits.record([row(person, mode)], by=helper.user, post=helper, channel="desk")
    with everywhere():
        _open(county, week)
        duty = Duty.objects.get(person=person)
        assert (duty.calls_done, duty.visits_done, duty.kept) == (2, 1, True)
        assert Tally.objects.get(village=person.village_id).kept == 1


def test_the_weekly_and_the_monthly_duty_are_two(county, week):
    helper, person = county.helpers[0], county.people[0]
    with everywhere():
        _open(county, week)
        _open(county, containing("month", timezone.localdate()), "pairing")
    with acting_as(helper):
        visits.record([row(person, "home_service")], by=helper.user, post=helper, channel="desk")
    with everywhere():
        found = {duty.name: (duty.visits_done, duty.kept) for duty in Duty.objects.filter(person=person)}
    assert found == {"visiting": (0, False), "pairing": (1, True)}


@pytest.mark.parametrize(
    ("rule", "period", "code"),
    [
        ("visiting", "2026-11", "period_wrong_kind"),
        ("pairing", "2026-W46", "period_wrong_kind"),
        ("none", "2026-W46", "no_rule_in_force"),
        ("visiting", "2023-W01", "no_rule_in_force"),
    ],
)
def test_refused_and_nothing_stays(county, rule, period, code):
    with everywhere(), pytest.raises(Refusal) as refused:
        _open(county, period, rule)
    assert (refused.value.code, bool(refused.value.zh), bool(refused.value.en)) == (code, True, True)
    with everywhere():
        assert not Opening.objects.exists()


def test_an_unreadable_period_is_refused(county):
    with everywhere(), pytest.raises(BadPeriod):
        _open(county, "2026-W54")


def test_half_of_it_fails_and_nothing_stays(county, week, monkeypatch):
    from songhe.care.duties.actions import periods

    monkeypatch.setattr(periods.audit, "note", lambda *a, **k: 1 / 0)
    with everywhere():
        with pytest.raises(ZeroDivisionError):
            _open(county, week)
        assert not Opening.objects.exists()
        assert not Duty.objects.exists()
        assert not Tally.objects.exists()


def test_one_audit_row(county, week):
    with everywhere():
        _open(county, week)
        _open(county, week)
    with acting_as(None):
        assert not Duty.objects.exists()
    from songhe.core.acting import acting

    with acting([], sees_audit="yes"):
        assert AuditEvent.objects.filter(verb="duties.open").count() == 1


def test_only_who_manages_duties_and_only_in_their_area(county, week):
    helper, clerk = county.helpers[0], county.clerk
    with acting_as(helper), pytest.raises(Denied):
        duties.open_period(place=county.villages[0], rule="visiting", period=week, by=helper.user, post=helper)
    with acting_as(clerk), pytest.raises(Refusal, match="辖区"):
        duties.open_period(place=county.city, rule="visiting", period=week, by=clerk.user, post=clerk)
    with acting_as(helper), pytest.raises(Denied):  # no post is not the system
        duties.open_period(place=county.place, rule="visiting", period=week, by=0, post=None)
    with acting_as(clerk):
        assert duties.open_period(place=county.place, rule="visiting", period=week, by=clerk.user, post=clerk).owed == 8


def test_latecomers_join_marked_and_only_while_enough_is_left(county, week):
    with everywhere():
        opening = _open(county, week)
        late = county.person(county.villages[0])
        too_late = week.end - timedelta(days=2)
        assert duties.add_latecomers(opening=opening, by=0, on=too_late) == 0
        joined = week.end - timedelta(days=3)
        assert duties.add_latecomers(opening=opening, by=0, on=joined) == 1
        assert duties.add_latecomers(opening=opening, by=0, on=joined) == 0
        assert Duty.objects.get(person=late).joined_on == joined
        opening.refresh_from_db()
        assert (opening.owed, opening.joined) == (8, 1)
        with pytest.raises(Refusal, match="不在进行中"):
            duties.add_latecomers(opening=opening, by=0, on=week.end + timedelta(days=1))


def test_the_nightly_round_opens_what_is_followed(county, week):
    on = week.start + timedelta(days=1)
    with everywhere():
        for rule in ("visiting", "pairing"):
            duties.adopt(rule=rule, place=county.place, valid_from=date(2024, 1, 1), by=0)
        asked = {"post": county.post("clerk", county.place), "place": county.place, "on": on}
        waiting = [(a.name, period.start) for a, _rule, period in boards.not_opened(**asked)]
        assert sorted(waiting) == [("pairing", on.replace(day=1)), ("visiting", week.start)]
        assert boards.not_opened_count(**asked) == 2
        first = duties.daily(by=0, on=on)
        assert boards.not_opened(**asked) == []
        assert boards.not_opened_count(**asked) == 0
        again = duties.daily(by=0, on=on)
        assert (first["opened"], first["owed"], again["opened"]) == (2, 16, 0)
        assert set(Opening.objects.values_list("name", "period_start")) == {
            ("visiting", week.start),
            ("pairing", on.replace(day=1)),
        }


def test_following_a_rule_again_changes_nothing_and_ending_it_stops_it(county, week):
    with everywhere():
        first = duties.adopt(rule="visiting", place=county.place, valid_from=date(2024, 1, 1), by=0)
        assert duties.adopt(rule="visiting", place=county.place, valid_from=date(2025, 1, 1), by=0).pk == first.pk
        with pytest.raises(Refusal, match="没有名为"):
            duties.adopt(rule="nothing", place=county.place, valid_from=date(2024, 1, 1), by=0)
        duties.end_adoption(adoption=first, on=week.start, by=0)
        assert duties.daily(by=0, on=week.start)["opened"] == 0
        assert Adoption.objects.count() == 1


def test_a_city_above_can_open_for_two_counties_at_once(county, week):
    with everywhere():
        assert isinstance(county, County)
        assert _open(county, week, place=county.city).owed == 8

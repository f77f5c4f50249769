"""Each indicator again, slow and plain: loops over every row, no SQL beyond reading whole tables."""

from datetime import date, datetime, timedelta

from songhe.care.duties.models import Duty
from songhe.care.visits.models import Escalation, Visit
from songhe.core.periods import Period
from songhe.registry.people.models import Contact, Person
from tests.insight.indicators import brute_care


def _inside(row, place) -> bool:
    return place.pk in (row.village_id, row.town_id, row.county_id, row.city_id)


def _kept(duty: Duty, visits: list[Visit], until: date) -> bool:
    amended = {v.amends for v in visits if v.amends}
    mine = [
        v
        for v in visits
        if v.person_id == duty.person_id
        and duty.period_start <= v.occurred_on <= min(duty.period_end, until)
        and v.outcome in ("well", "needs", "unwell")
        and v.id not in amended
    ]
    calls = sum(v.mode in duty.rule.call_modes for v in mine)
    homes = sum(v.mode in duty.rule.visit_modes for v in mine)
    return calls >= duty.calls_owed and homes >= duty.visits_owed


def duties_kept(name: str, place, period: Period) -> tuple[int, int]:
    visits, hit, owed = list(Visit.objects.all()), 0, 0
    for duty in Duty.objects.select_related("rule"):
        if duty.name != name or duty.excused or not _inside(duty, place):
            continue
        if period.kind == "day":
            belongs = duty.period_start <= period.end <= duty.period_end
        else:
            belongs = period.start <= duty.period_end <= period.end
        if belongs:
            owed += 1
            hit += _kept(duty, visits, period.end)
    return hit, owed


def people_now(test: str, place, on: date, days: int = 0) -> tuple[int, int]:
    hit = owed = 0
    for person in Person.objects.all():
        if person.status != "living" or person.merged_into_id or not _inside(person, place):
            continue
        if test == "assessment_due":
            if person.ability_level is None:
                continue
            good = person.ability_due is not None and person.ability_due < on
        else:
            if person.tags == 0:
                continue
            if test == "helper_named":
                good = person.helper_named
            elif test == "stale":
                good = person.verified_on is None or (on - person.verified_on).days > days
            else:
                phones = person.phone_sealed is not None or any(
                    c.phone_sealed is not None for c in Contact.objects.filter(person=person)
                )
                filled = (person.case_file_on, person.id_sealed, person.address_sealed, person.verified_on)
                good = all(value is not None for value in filled) and person.living != "" and phones
        owed += 1
        hit += bool(good)
    return hit, owed


def escalations_now(place, now: datetime) -> tuple[int, int]:
    open_ones = [e for e in Escalation.objects.all() if e.closed_at is None and _inside(e, place)]
    return sum(e.due_at < now for e in open_ones), len(open_ones)


def every(name: str, indicator, place, period: Period, on: date, now: datetime) -> tuple[int, int]:
    """The figure of any shipped indicator."""
    if indicator.query == "duties_kept":
        return duties_kept(indicator.parameters["duty"], place, period)
    if indicator.query == "escalations_now":
        return escalations_now(place, now)
    if indicator.query in brute_care.COUNTS:
        return brute_care.COUNTS[indicator.query](indicator.parameters, place, period, min(period.end, on))
    return people_now(indicator.parameters["test"], place, min(period.end, on), indicator.parameters.get("days", 0))


def fortnight(today: date) -> list[date]:
    return [today - timedelta(days=n) for n in range(14)]

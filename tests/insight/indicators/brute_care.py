"""Indicators of beds, meals and volunteers again, slow and plain: loops over whole tables, no SQL of the product."""

from datetime import date, timedelta

from songhe.care.agreements.models import Agreement, Bed, Care
from songhe.care.meals.models import Book, Diner, Meal, Service
from songhe.care.volunteering.models import Activity as Doing
from songhe.care.volunteering.models import Group
from songhe.registry.facilities.models import Activity, Facility, Schedule, StatusChange
from songhe.registry.people.models import Circumstance, Person
from songhe.registry.places.models import Place


def _inside(row, place) -> bool:
    return place.pk in (row.village_id, row.town_id, row.county_id, row.city_id)


def _villages(place, on: date) -> list[Place]:
    return [
        p
        for p in Place.objects.all()
        if p.level == "village"
        and p.kind == "division"
        and place.pk in (p.pk, p.town_id, p.county_id, p.city_id)
        and p.valid_from <= on
        and (p.valid_to is None or p.valid_to > on)
    ]


def _running(row, on: date) -> bool:
    return row.valid_from <= on and (row.valid_to is None or row.valid_to > on)


def _standing(rows: list) -> list:
    voided = {row.voids_id for row in rows if row.voids_id}
    return [row for row in rows if row.voids_id is None and row.pk not in voided]


def _status(facility: Facility, on: date):
    rows = sorted((s for s in StatusChange.objects.filter(facility=facility) if s.on <= on), key=lambda s: (s.on, s.pk))
    return rows[-1] if rows else None


def _works(facility: Facility, on: date) -> bool:
    latest = _status(facility, on)
    done = [a for a in _standing(list(Activity.objects.filter(facility=facility))) if a.on <= on]
    fed = [m for m in Meal.objects.filter(facility=facility) if m.on <= on and m.state == "counted"]
    return latest is not None and latest.status == "in_use" and bool(done or fed)


def _months(period, on: date) -> list[tuple[date, date]]:
    out, first = [], period.start
    while first <= min(period.end, on):
        following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
        out.append((first, following - timedelta(days=1)))
        first = following
    return out


def _share(hits: list[bool]) -> tuple[int, int]:
    return sum(hits), len(hits)


def meal_coverage(given, place, period, on):
    def has(village) -> bool:
        inside = [f for f in Facility.objects.all() if f.village_id == village.pk and f.kind in given["kinds"]]
        served = [s.facility for s in Service.objects.all() if s.village_id == village.pk and _running(s, on)]
        return any(_works(f, on) for f in [*inside, *served])

    return _share([has(v) for v in _villages(place, on) if v.urban_rural == "urban"])


def volunteer_groups(given, place, period, on):
    groups = [(g.village_id, g.kind) for g in Group.objects.all() if _running(g, on)]
    return _share([(v.pk, kind) in groups for v in _villages(place, on) for kind in given["kinds"]])


def village_weeks(given, place, period, on):
    doings, groups, hits = _standing(list(Doing.objects.all())), list(Group.objects.all()), []
    sundays = [period.start + timedelta(days=n) for n in range((period.end - period.start).days + 1)]
    for sunday in (d for d in sundays if d.isoweekday() == 7 and d - timedelta(days=6) <= on):
        monday = sunday - timedelta(days=6)
        for v in _villages(place, on):
            alive = [
                g for g in groups
                if g.village_id == v.pk and g.valid_from <= sunday and (g.valid_to is None or g.valid_to > monday)
            ]  # fmt: skip
            if alive:
                done = [d for d in doings if d.village_id == v.pk and monday <= d.on <= sunday]
                hits.append(len(done) >= given["least"])
    return _share(hits)


def facility_months(given, place, period, on):
    hits = []
    for first, last in _months(period, on):
        for f in Facility.objects.all():
            latest = _status(f, min(last, on))
            if f.kind in given["kinds"] and f.village_id and _inside(f, place) and latest and latest.status == "in_use":
                done = _standing(list(Activity.objects.filter(facility=f)))
                good = [a for a in done if first <= a.on <= last and a.kind in given["activities"]]
                hits.append(len(good) >= given["least"])
    return _share(hits)


def point_days(given, place, period, on):
    hits = []
    for f in Facility.objects.all():
        latest = _status(f, on)
        if (
            f.kind not in given["kinds"]
            or not f.village_id
            or not _inside(f, place)
            or not latest
            or latest.status != "in_use"
        ):
            continue
        day = max(period.start, latest.on)
        while day <= on:
            plans = sorted(
                (s for s in Schedule.objects.filter(facility=f) if s.valid_from <= day),
                key=lambda s: (s.valid_from, s.pk),
            )
            if day.isoweekday() in (plans[-1].weekdays if plans else given["weekdays"]):
                hits.append(any(m.on == day and m.state == "counted" for m in Meal.objects.filter(facility=f)))
            day += timedelta(days=1)
    return _share(hits)


def diners(given, place, period, on):
    meals = [m for m in Meal.objects.all() if m.state == "counted" and period.start <= m.on <= on]
    rows = [d for d in Diner.objects.all() if _running(d, on) and _inside(d, place)]
    return _share([any(m.person_id == d.person_id for m in meals) for d in rows])


def point_books(given, place, period, on):
    latest: dict = {}
    for b in Book.objects.order_by("pk"):
        if period.start <= b.month <= period.end:
            latest[b.facility_id, b.month] = b
    hits = []
    for b in latest.values():
        if b.facility.village_id and _inside(b.facility, place):
            meals = [
                m
                for m in Meal.objects.filter(facility=b.facility)
                if m.state == "counted" and (m.on.year, m.on.month) == (b.month.year, b.month.month)
            ]
            hits.append(b.costs > b.other + sum(m.price for m in meals))
    return _share(hits)


def bed_months(given, place, period, on):
    cares, hits = _standing(list(Care.objects.all())), []
    for first, last in _months(period, on):
        for bed in Bed.objects.all():
            if not _inside(bed, place) or (bed.ended_on and bed.ended_on <= last):
                continue
            whole = [a for a in Agreement.objects.filter(bed=bed) if a.starts_on <= first and a.ends_on >= last]
            if whole:
                given_minutes = sum(c.minutes for c in cares if c.bed_id == bed.pk and first <= c.on <= last)
                hits.append(given_minutes >= max(whole, key=lambda a: a.starts_on).minutes)
    return _share(hits)


def poor_dependent(given, place, period, on):
    held = [(c.person_id, c.kind) for c in Circumstance.objects.all() if _running(c, on)]
    hits = []
    for p in Person.objects.all():
        if p.status != "living" or p.merged_into_id or p.tags == 0 or not _inside(p, place):
            continue
        if any((p.pk, k) in held for k in given["poor"]) and any((p.pk, k) in held for k in given["dependent"]):
            beds = list(Bed.objects.filter(person=p, ended_on=None))
            hits.append(any(a.signed_on <= on for b in beds for a in b.agreements.all()))
    return _share(hits)


COUNTS = {
    "meal_coverage": meal_coverage, "volunteer_groups": volunteer_groups, "village_weeks": village_weeks,
    "facility_months": facility_months, "point_days": point_days, "diners": diners, "point_books": point_books,
    "bed_months": bed_months, "poor_dependent": poor_dependent,
}  # fmt: skip

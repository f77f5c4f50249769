"""Sources of indicators that count beds, meals and volunteers: one SELECT each, as `sources` says; facts are dated, so a past
day is counted as it was. Where the subject is no person, `READ` says what a subject's number stands for.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

# A village-level division that exists on the day, with the four columns of scope; `{extra}` narrows it down.
_VILLAGES = """
FROM places_place p {join}
WHERE p.level = 'village' AND p.kind = 'division' AND p.valid_from <= %(on)s AND (p.valid_to IS NULL OR p.valid_to > %(on)s) {extra}
"""
_OF_VILLAGE = "NULL::bigint AS person_id, p.id AS village_id, p.town_id, p.county_id, p.city_id"
_OF_FACILITY = "NULL::bigint AS person_id, f.village_id, f.town_id, f.county_id, f.city_id"

# Urban communities ÷ those with a point at work inside, or one that declared to serve them.
MEAL_COVERAGE = f"""
SELECT p.id::bigint AS subject_id, {_OF_VILLAGE}, %(on)s::date AS period_start,
       EXISTS (SELECT 1 FROM facilities_facility f
               WHERE f.village_id = p.id AND f.kind = ANY(%(kinds)s) AND meals_point_works(f.id, %(on)s))
       OR EXISTS (SELECT 1 FROM meals_service s
                  WHERE s.village_id = p.id AND s.valid_from <= %(on)s AND (s.valid_to IS NULL OR s.valid_to > %(on)s)
                    AND meals_point_works(s.facility_id, %(on)s)) AS hit
{_VILLAGES.format(join="", extra="AND p.urban_rural = 'urban'")}
"""

# Every village times every kind of group it should have. The groups are read once (a hashed list), not once a village.
VOLUNTEER_GROUPS = f"""
SELECT p.id::bigint * 16 + k.n AS subject_id, {_OF_VILLAGE}, %(on)s::date AS period_start,
       (p.id, k.kind) IN (SELECT g.village_id, g.kind::text FROM volunteering_group g
                          WHERE g.valid_from <= %(on)s AND (g.valid_to IS NULL OR g.valid_to > %(on)s)) AS hit
{_VILLAGES.format(join="CROSS JOIN unnest(%(kinds)s::text[]) WITH ORDINALITY AS k(kind, n)", extra="")}
"""

# Villages that have a group, week by week (a week belongs to the period in which it ends): at least so many activities.
VILLAGE_WEEKS = f"""
SELECT p.id::bigint * 100000 + (w.sunday - date '2000-01-02') / 7 AS subject_id, {
    _OF_VILLAGE
}, w.sunday - 6 AS period_start,
       (SELECT count(*) FROM volunteering_activity a
        WHERE a.village_id = p.id AND a."on" BETWEEN w.sunday - 6 AND w.sunday AND a.voids_id IS NULL
          AND NOT EXISTS (SELECT 1 FROM volunteering_activity v WHERE v.voids_id = a.id)) >= %(least)s AS hit
{
    _VILLAGES.format(
        join='''CROSS JOIN (SELECT d::date AS sunday FROM generate_series(
    (date_trunc('week', %(start)s::date) + interval '6 days')::date, %(end)s::date, interval '7 days') AS d
    WHERE d::date - 6 <= %(on)s) w''',
        extra='''AND EXISTS (
    SELECT 1 FROM volunteering_group g WHERE g.village_id = p.id AND g.valid_from <= w.sunday
       AND (g.valid_to IS NULL OR g.valid_to > w.sunday - 6))''',
    )
}
"""

_LATEST = """
CROSS JOIN LATERAL (SELECT s.status, s."on" FROM facilities_statuschange s WHERE s.facility_id = f.id AND s."on" <= {day}
                    ORDER BY s."on" DESC, s.id DESC LIMIT 1) st
"""
# Stations and homes that stand in use, month by month: at least so many activities of these kinds.
FACILITY_MONTHS = f"""
SELECT f.id * 10000 + m.number AS subject_id, {_OF_FACILITY}, m.first AS period_start,
       (SELECT count(*) FROM facilities_activity a
        WHERE a.facility_id = f.id AND a."on" BETWEEN m.first AND m.last AND a.kind = ANY(%(activities)s) AND a.voids_id IS NULL
          AND NOT EXISTS (SELECT 1 FROM facilities_activity v WHERE v.voids_id = a.id)) >= %(least)s AS hit
FROM facilities_facility f
CROSS JOIN (SELECT d::date AS first, (d + interval '1 month')::date - 1 AS last,
                   (extract(year FROM d)::int - 2000) * 12 + extract(month FROM d)::int AS number
            FROM generate_series(%(start)s::date, %(end)s::date, interval '1 month') AS d WHERE d::date <= %(on)s) m
{_LATEST.format(day="least(m.last, %(on)s)")}
WHERE f.kind = ANY(%(kinds)s) AND st.status = 'in_use' AND f.village_id IS NOT NULL
"""

# Points in use, day by day since they opened, on the weekdays of their schedule: was anybody served?
POINT_DAYS = f"""
SELECT f.id * 100000 + (d.day - date '2000-01-01') AS subject_id, {_OF_FACILITY}, d.day AS period_start,
       EXISTS (SELECT 1 FROM meals_meal m WHERE m.facility_id = f.id AND m."on" = d.day AND m.state = 'counted') AS hit
FROM facilities_facility f
{_LATEST.format(day="%(on)s")}
CROSS JOIN (SELECT d::date AS day FROM generate_series(%(start)s::date, %(on)s::date, interval '1 day') AS d) d
WHERE f.kind = ANY(%(kinds)s) AND st.status = 'in_use' AND st."on" <= d.day AND f.village_id IS NOT NULL
  AND extract(isodow FROM d.day)::int = ANY(coalesce(
      (SELECT h.weekdays::int[] FROM facilities_schedule h WHERE h.facility_id = f.id AND h.valid_from <= d.day
       ORDER BY h.valid_from DESC, h.id DESC LIMIT 1), %(weekdays)s::int[]))
"""

# Those who are registered at a point on the day: did they eat at all in the period, with this file or one merged into it?
DINERS = """
SELECT r.id AS subject_id, r.person_id, r.village_id, r.town_id, r.county_id, r.city_id, %(on)s::date AS period_start,
       EXISTS (SELECT 1 FROM meals_meal m
               WHERE m.person_id = r.person_id AND m."on" BETWEEN %(start)s AND %(on)s AND m.state = 'counted')
       OR r.person_id IN (SELECT people_file_kept(o.id) FROM people_person o JOIN meals_meal m ON m.person_id = o.id
                          WHERE o.merged_into_id IS NOT NULL AND m."on" BETWEEN %(start)s AND %(on)s
                            AND m.state = 'counted') AS hit
FROM meals_diner r
WHERE r.valid_from <= %(on)s AND (r.valid_to IS NULL OR r.valid_to > %(on)s)
"""

# Points with a book, month by month (the latest book of a month holds): did it cost more than it brought in?
POINT_BOOKS = f"""
SELECT f.id * 10000 + (extract(year FROM b.month)::int - 2000) * 12 + extract(month FROM b.month)::int AS subject_id,
       {_OF_FACILITY}, b.month AS period_start,
       b.costs > b.other + coalesce((SELECT sum(m.price) FROM meals_meal m
           WHERE m.facility_id = f.id AND m.state = 'counted'
             AND m."on" BETWEEN b.month AND (b.month + interval '1 month')::date - 1), 0) AS hit
FROM meals_book b JOIN facilities_facility f ON f.id = b.facility_id
WHERE b.month BETWEEN %(start)s AND %(end)s AND f.village_id IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM meals_book l WHERE l.facility_id = b.facility_id AND l.month = b.month AND l.id > b.id)
"""

# Beds month by month, where an agreement runs in the month: were the minutes given that it promises?
BED_MONTHS = """
SELECT b.id * 10000 + m.number AS subject_id, b.person_id, b.village_id, b.town_id, b.county_id, b.city_id,
       m.first AS period_start,
       coalesce((SELECT sum(c.minutes) FROM agreements_care c
                 WHERE c.bed_id = b.id AND c."on" BETWEEN m.first AND m.last AND c.voids_id IS NULL
                   AND NOT EXISTS (SELECT 1 FROM agreements_care v WHERE v.voids_id = c.id)), 0) >= g.minutes AS hit
FROM agreements_bed b
CROSS JOIN (SELECT d::date AS first, (d + interval '1 month')::date - 1 AS last,
                   (extract(year FROM d)::int - 2000) * 12 + extract(month FROM d)::int AS number
            FROM generate_series(%(start)s::date, %(end)s::date, interval '1 month') AS d WHERE d::date <= %(on)s) m
CROSS JOIN LATERAL (SELECT a.minutes FROM agreements_agreement a
                    WHERE a.bed_id = b.id AND a.starts_on <= m.first AND a.ends_on >= m.last
                    ORDER BY a.starts_on DESC LIMIT 1) g
WHERE b.ended_on IS NULL OR b.ended_on > m.last
"""

# Poor people with dependency or dementia on file today: has each a signed home-based care bed that runs?
POOR_DEPENDENT = """
SELECT p.id AS subject_id, p.id AS person_id, p.village_id, p.town_id, p.county_id, p.city_id, %(on)s::date AS period_start,
       EXISTS (SELECT 1 FROM agreements_bed b JOIN agreements_agreement a ON a.bed_id = b.id
               WHERE b.person_id = p.id AND b.ended_on IS NULL AND a.signed_on <= %(on)s) AS hit
FROM people_person p
WHERE p.tags <> 0 AND p.status = 'living' AND p.merged_into_id IS NULL
  AND EXISTS (SELECT 1 FROM people_circumstance c WHERE c.person_id = p.id AND c.kind = ANY(%(poor)s)
              AND c.valid_from <= %(on)s AND (c.valid_to IS NULL OR c.valid_to > %(on)s))
  AND EXISTS (SELECT 1 FROM people_circumstance c WHERE c.person_id = p.id AND c.kind = ANY(%(dependent)s)
              AND c.valid_from <= %(on)s AND (c.valid_to IS NULL OR c.valid_to > %(on)s))
"""

Source = Callable[[dict, str], str]
SOURCES: dict[str, Source] = {
    name: (lambda parameters, kind, sql=sql: sql)  # type: ignore[misc]
    for name, sql in {
        "meal_coverage": MEAL_COVERAGE, "volunteer_groups": VOLUNTEER_GROUPS, "village_weeks": VILLAGE_WEEKS,
        "facility_months": FACILITY_MONTHS, "point_days": POINT_DAYS, "diners": DINERS, "point_books": POINT_BOOKS,
        "bed_months": BED_MONTHS, "poor_dependent": POOR_DEPENDENT,
    }.items()
}  # fmt: skip
LIVE_ONLY = {"poor_dependent"}


@dataclass(frozen=True)
class Subject:
    """What a subject's number stands for: the id of a `place` or `facility`, and which of its kinds, weeks, months or days."""

    what: str
    id: int
    part: str = ""


def _month(number: int) -> str:
    year, month = divmod(number - 1, 12)
    return f"{2000 + year}-{month + 1:02d}"


def _monday(number: int) -> str:
    return (date(2000, 1, 2) + timedelta(days=7 * number - 6)).isoformat()


# {query: (what it is, the divisor of its number, what the remainder says)}
READ: dict[str, tuple[str, int, Callable[[int, dict], str]]] = {
    "meal_coverage": ("place", 1, lambda rest, given: ""),
    "volunteer_groups": ("place", 16, lambda rest, given: given["kinds"][rest - 1]),
    "village_weeks": ("place", 100000, lambda rest, given: _monday(rest)),
    "facility_months": ("facility", 10000, lambda rest, given: _month(rest)),
    "point_days": ("facility", 100000, lambda rest, given: (date(2000, 1, 1) + timedelta(days=rest)).isoformat()),
    "point_books": ("facility", 10000, lambda rest, given: _month(rest)),
}


def read_subject(query: str, parameters: dict, number: int) -> Subject | None:
    """The place or facility behind a subject's number; None where the subject is a person's row."""
    if query not in READ:
        return None
    what, divisor, part = READ[query]
    pk, rest = divmod(number, divisor)
    return Subject(what, pk, part(rest, parameters))

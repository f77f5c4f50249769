"""A year of weekly duties and what was done for them, made by the database from person and week numbers alone."""

from datetime import date, timedelta

import psycopg

from bench.ground import say

VERSION = 1

# Draws in [0, 1000) that follow from person and week: what was done, and how.
_DRAW = "abs(hashint8extended(p.id * 64 + {salt}, {week}::bigint)) %% 1000"

# One week's duties. Of a thousand, 955 are kept (15 of a hundred with a call more), the rest miss a visit, a call or both.
_DUTIES = f"""
INSERT INTO duties_duty (person_id, rule_id, name, period_start, period_end, tier, tier_rank, base_calls, base_visits,
                         calls_owed, visits_owed, calls_done, visits_done, late, excused, helper_id,
                         village_id, town_id, county_id, city_id)
SELECT p.id, %(rule)s, 'visiting', %(start)s::date, %(start)s::date + 6, '', 99, 2, 1, 2, 1,
       CASE WHEN %(done)s = 0 THEN 0 WHEN k >= 955 AND k < 975 THEN 1 WHEN k >= 990 THEN 0 WHEN c < 30 THEN 3 ELSE 2 END,
       CASE WHEN %(done)s = 0 THEN 0 WHEN k >= 975 THEN 0 ELSE 1 END,
       k < 20 AND %(done)s = 1, CASE WHEN c >= 993 THEN 'hospital' ELSE '' END, p.village_id,
       p.village_id, p.town_id, p.county_id, p.city_id
FROM (SELECT p.*, {_DRAW.format(salt=1, week="%(week)s")} AS k, {_DRAW.format(salt=2, week="%(week)s")} AS c
      FROM people_person p WHERE p.helper_named) p
ORDER BY p.county_id, p.town_id, p.village_id, p.id
"""

# The facts behind one week's tallies, in the order of the day on which they arrive.
_FACTS = """
INSERT INTO visits_visit (client_uuid, person_id, mode, outcome, counts, occurred_on, occurred_at, made_by, entered_by,
                          channel, late, recorded_at, village_id, town_id, county_id, city_id)
SELECT md5(f.person_id::text || '/' || f.at::text || '/' || n)::uuid, f.person_id, f.mode, 'well', true, f.at::date, f.at,
       f.helper_id, f.helper_id, 'phone', f.late, f.at + interval '20 minutes', f.village_id, f.town_id, f.county_id, f.city_id
FROM (SELECT d.*, n, CASE WHEN n = 0 THEN 'home_visit' WHEN d.id %% 14 = 0 THEN 'video' ELSE 'call' END AS mode,
             (%(start)s::date + (abs(hashint8extended(d.person_id * 8 + n, %(week)s::bigint)) %% 7)::int) + time '08:00'
             + make_interval(mins => (abs(hashint8extended(d.person_id * 8 + n, 5)) %% 600)::int) AS at
      FROM duties_duty d CROSS JOIN LATERAL generate_series(1 - d.visits_done, d.calls_done) AS n
      WHERE d.period_start = %(start)s AND d.name = 'visiting') f
ORDER BY f.at
"""
# As wide as a real digest; nothing here is sent twice.
_RECEIPTS = """
INSERT INTO visits_receipt (client_uuid, visit_id, occurred_on, person_id, digest)
SELECT client_uuid, id, occurred_on, person_id, sha256('bench') FROM visits_visit ORDER BY client_uuid
ON CONFLICT DO NOTHING
"""


def fill(link: psycopg.Connection, running: date, count: int) -> None:
    """`count` weeks that end with the running one, in which nothing is done yet but what the bench will record.

    Each week is kept as soon as it is made; those that are there already are left.
    """
    rule = link.execute("SELECT id FROM duties_rule WHERE name = 'visiting' AND retired_at IS NULL").fetchone()
    city = link.execute("SELECT id FROM places_place WHERE level = 'city'").fetchone()
    assert rule is not None
    assert city is not None
    there = {start for (start,) in link.execute("SELECT period_start FROM duties_opening").fetchall()}
    for number in range(count):
        start = running - timedelta(weeks=count - 1 - number)
        if start in there:
            continue
        values = {"rule": rule[0], "start": start, "week": number, "done": 0 if start == running else 1}
        for day in (start, start + timedelta(days=6)):
            link.execute("SELECT visits_ensure_month(%s)", [day])
        owed = link.execute(_DUTIES, values).rowcount
        link.execute(
            "INSERT INTO duties_opening (rule_id, name, place_id, period_start, period_end, owed, joined, opened_at, opened_by) "
            "VALUES (%s, 'visiting', %s, %s, %s, %s, 0, now(), 0)",
            [rule[0], city[0], start, start + timedelta(days=6), owed],
        )
        facts = link.execute(_FACTS, values).rowcount
        link.commit()
        if number % 13 == 12:
            say(f"  week {number + 1} of {count}: {owed:,} duties, {facts:,} contacts")
    link.execute(_RECEIPTS)
    link.commit()

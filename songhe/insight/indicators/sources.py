"""Where indicators count: each source is one SELECT giving a row for every subject of the denominator.

Columns: subject_id, person_id, village_id, town_id, county_id, city_id, period_start, hit (in the numerator).
Parameters are bound, never pasted; row-level security applies to every table named here.
"""

from collections.abc import Callable

from songhe.insight.indicators import care_sources

AREAS = "village_id, town_id, county_id, city_id"

# Duties of the periods that end inside the span (an ISO week belongs to the month in which it ends).
DUTIES_KEPT = f"""
SELECT d.id AS subject_id, d.person_id, {", ".join("d." + a for a in AREAS.split(", "))}, d.period_start, d.kept AS hit
FROM duties_duty d
WHERE d.name = %(duty)s AND d.excused = '' AND d.period_start > %(start)s::date - 32
  AND d.period_end BETWEEN %(start)s AND %(end)s
"""

# The same duties already added up by village and period, in the transaction that changed them (care.duties, `duties_sum`).
DUTIES_SUMS = f"""
SELECT {AREAS}, period_end, kept AS hits, owed
FROM duties_tally
WHERE name = %(duty)s AND owed > 0 AND period_start > %(start)s::date - 32 AND period_start <= %(end)s
  AND period_end BETWEEN %(start)s AND %(end)s
"""

# As of the end of one day: the running period's duties, kept by what had happened until then.
DUTIES_KEPT_ON_A_DAY = f"""
SELECT d.id AS subject_id, d.person_id, {", ".join("d." + a for a in AREAS.split(", "))}, d.period_start,
       count(v.id) FILTER (WHERE u.call_modes ? v.mode) >= d.calls_owed
       AND count(v.id) FILTER (WHERE u.visit_modes ? v.mode) >= d.visits_owed AS hit
FROM duties_duty d JOIN duties_rule u ON u.id = d.rule_id
LEFT JOIN visits_visit v ON v.person_id = d.person_id AND v.counts AND v.occurred_on BETWEEN d.period_start AND %(end)s
     AND v.occurred_on > %(end)s::date - 32
     AND NOT EXISTS (SELECT 1 FROM visits_visit a WHERE a.amends = v.id)
WHERE d.name = %(duty)s AND d.excused = '' AND d.period_start > %(end)s::date - 32
  AND %(end)s BETWEEN d.period_start AND d.period_end
GROUP BY d.id
"""

_TESTS = {
    "helper_named": ("p.tags <> 0", "p.helper_named"),
    "case_file_complete": (
        "p.tags <> 0",
        "(p.case_file_on IS NOT NULL AND p.id_sealed IS NOT NULL AND p.address_sealed IS NOT NULL AND p.living <> ''"
        " AND p.verified_on IS NOT NULL AND (p.phone_sealed IS NOT NULL OR EXISTS ("
        "SELECT 1 FROM people_contact c WHERE c.person_id = p.id AND c.phone_sealed IS NOT NULL)))",
    ),
    "stale": ("p.tags <> 0", "(p.verified_on IS NULL OR p.verified_on < %(on)s::date - %(days)s::int)"),
    "assessment_due": ("p.ability_level IS NOT NULL", "coalesce(p.ability_due < %(on)s, false)"),
}


def _people_now(parameters: dict) -> str:
    denominator, hit = _TESTS[parameters["test"]]
    return f"""
SELECT p.id AS subject_id, p.id AS person_id, {", ".join("p." + a for a in AREAS.split(", "))},
       %(on)s::date AS period_start, {hit} AS hit
FROM people_person p WHERE {denominator} AND p.status = 'living' AND p.merged_into_id IS NULL
"""


ESCALATIONS_NOW = f"""
SELECT e.id AS subject_id, e.person_id, {", ".join("e." + a for a in AREAS.split(", "))}, %(on)s::date AS period_start,
       e.due_at < %(now)s AS hit
FROM visits_escalation e WHERE e.closed_at IS NULL
"""

Source = Callable[[dict, str], str]
SOURCES: dict[str, Source] = {
    "duties_kept": lambda parameters, kind: DUTIES_KEPT_ON_A_DAY if kind == "day" else DUTIES_KEPT,
    "people_now": lambda parameters, kind: _people_now(parameters),
    "escalations_now": lambda parameters, kind: ESCALATIONS_NOW,
} | care_sources.SOURCES
# {source: {kind of period: SELECT of village_id … city_id, period_end, hits, owed}}: counts the very rows of SOURCES.
SUMS = {"duties_kept": dict.fromkeys(("week", "month", "half"), DUTIES_SUMS)}
LIVE_ONLY = {
    "people_now",
    "escalations_now",
} | care_sources.LIVE_ONLY  # a state: known today, and frozen at month-ends, not in between

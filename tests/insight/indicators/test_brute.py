"""The product's one-statement roll-up against the slow recount, on random small cities."""

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from songhe.care.duties import actions as duties
from songhe.care.visits import actions as visits
from songhe.care.visits.rules import ZONE
from songhe.core import periods
from songhe.core.acting import everywhere
from songhe.insight.indicators import definitions, queries
from songhe.registry.people import sealing
from songhe.registry.people.models import Person
from tests.care.county import County, row
from tests.insight.indicators import brute

pytestmark = pytest.mark.django_db
SYSTEM = 0
TODAY = datetime(2026, 11, 19, 18, 0, tzinfo=ZONE)  # a Thursday

PEOPLE = st.lists(
    st.tuples(
        st.integers(0, 3),  # village
        st.sets(st.sampled_from(["living_alone", "empty_nest", "destitute", "care_dependent", "dementia"]), max_size=2),
        st.sampled_from(["living", "living", "living", "deceased"]),
        st.integers(-1, 400),  # days since the last check; -1 never
        st.booleans(),
        st.booleans(),
        st.sampled_from([None, -30, 0, 30]),  # re-assessment due in … days
    ),
    min_size=1,
    max_size=7,
)
EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["record", "record", "record", "void", "excuse"]),
        st.integers(0, 6),
        st.sampled_from(["call", "video", "home_visit", "home_service"]),
        st.sampled_from(["well", "needs", "no_answer", "refused"]),
        st.integers(0, 13),  # days ago
    ),
    max_size=16,
)


def _people(county, drawn):
    today = TODAY.date()
    made = []
    for village, tags, status, checked, has_phone, named, due in drawn:
        person = county.person(
            county.villages[village],
            tags=tuple(tags),
            status=status,
            status_from=today - timedelta(days=40) if status != "living" else None,
            verified_on=None if checked < 0 else today - timedelta(days=checked),
            case_file_on=today if checked % 2 else None,
            living="alone" if checked % 3 else "",
            id_sealed=b"x" if has_phone or named else None,
            address_sealed=b"x",
            phone_sealed=sealing.seal("phone", "15400000000") if has_phone else None,
            helper_named=named,
            ability_level=None if due is None else 2,
            ability_due=None if due is None else today + timedelta(days=due),
        )
        made.append(person)
    return made


def _happen(county, people, events):
    recorded = []
    for what, who, mode, outcome, ago in events:
        person = people[who % len(people)]
        if what == "record":
            when = TODAY - timedelta(days=ago, hours=3)
            answers = visits.record(
                [row(person, mode, outcome, when)], by=SYSTEM, post=None, channel="import", now=TODAY
            )
            recorded += [(answer.visit_id, when.date()) for answer in answers]
        elif what == "void" and recorded:
            number, day = recorded.pop()
            from songhe.care.duties.access import SYSTEM as everybody
            from songhe.care.visits.queries import visit

            visits.void(
                visit=visit(post=everybody, occurred_on=day, id=number),
                by=SYSTEM,
                post=None,
                reason="登记有误",
                now=TODAY,
            )
        elif what == "excuse" and person.status == "living":
            start = TODAY.date() - timedelta(days=ago)
            if not person.excuses.exists():
                duties.excuse(
                    person=person, reason="away", starts_on=start, ends_on=start + timedelta(days=5), by=SYSTEM
                )


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(people=PEOPLE, before=EVENTS, after=EVENTS)
def test_every_figure_equals_the_slow_recount(people, before, after):
    from django.db import transaction

    with transaction.atomic(), everywhere():
        county = County()
        Person.objects.all().delete()
        duties.sync_rules(by=SYSTEM)
        made = _people(county, people)
        _happen(county, made, before)
        weeks = [periods.parse("2026-W46"), periods.parse("2026-W47")]
        for week in weeks:
            duties.open_period(place=county.place, rule="visiting", period=week, by=SYSTEM)
        duties.open_period(place=county.place, rule="pairing", period="2026-11", by=SYSTEM)
        _happen(county, made, after)
        asked = [*weeks, periods.parse("2026-11"), periods.parse("2026-H2"), periods.parse("2026-11-12")]
        for name, indicator in definitions.shipped().items():
            for period in asked:
                if period.kind not in indicator.periods or not queries.is_live(indicator, period, TODAY.date()):
                    continue
                for level in ("township", "village"):
                    for figure in queries.figures(indicator, county.place, period, level=level, now=TODAY):
                        slow = brute.every(name, indicator, figure.place, period, TODAY.date(), TODAY)
                        assert (figure.numerator, figure.denominator) == slow, (name, period.code, figure.place.code)
        _lists_hold_what_the_number_counts(county, asked)
        transaction.set_rollback(True)


def _lists_hold_what_the_number_counts(county, asked):
    for indicator in definitions.shipped().values():
        for period in asked:
            if period.kind not in indicator.periods or not queries.is_live(indicator, period, TODAY.date()):
                continue
            figure = queries.figures(indicator, county.place, period, now=TODAY)[0]
            lengths = {
                side: len(queries.subjects(indicator, county.place, period, side=side, size=1000, now=TODAY))
                for side in ("numerator", "rest", "all")
            }
            rest = figure.denominator - figure.numerator
            assert lengths == {"numerator": figure.numerator, "rest": rest, "all": figure.denominator}

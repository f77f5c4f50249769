"""Whatever happens in whatever order: the tallies and the sums are what a slow walk over the facts says."""

from collections import Counter, defaultdict
from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from songhe.care.duties import actions as duties
from songhe.care.duties import queries, rules
from songhe.care.duties.access import SYSTEM
from songhe.care.duties.models import Duty, Emergency, Excuse, Opening
from songhe.care.visits import actions as visits
from songhe.care.visits.models import Visit
from songhe.core.acting import everywhere
from songhe.core.periods import containing
from songhe.core.refusal import Refusal
from songhe.registry.people.models import Person
from tests.care.county import at, row

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
PEOPLE, WEEKS = 3, 2
SOMEBODY, A_DAY = st.integers(0, PEOPLE - 1), st.integers(0, 7 * WEEKS - 1)
MODE = st.sampled_from(["call", "video", "home_visit", "home_service"])
OUTCOME = st.sampled_from(["well", "unwell", "no_answer", "away"])
STEP = st.one_of(
    st.tuples(st.just("open"), st.integers(0, WEEKS - 1)),
    st.tuples(st.just("record"), SOMEBODY, A_DAY, MODE, OUTCOME),
    st.tuples(st.just("record"), SOMEBODY, A_DAY, MODE, OUTCOME),
    st.tuples(st.just("amend"), st.integers(0, 9), MODE, OUTCOME, A_DAY),
    st.tuples(st.just("void"), st.integers(0, 9)),
    st.tuples(st.just("excuse"), SOMEBODY, A_DAY, st.integers(0, 9)),
    st.tuples(st.just("withdraw"), st.integers(0, 3)),
    st.tuples(st.just("emergency"), A_DAY, st.integers(0, 9), st.integers(1, 4), st.integers(0, 2)),
    st.tuples(st.just("lift"), st.integers(0, 2)),
    st.tuples(st.just("recount")),
)


class Story:
    """Two weeks that end today's week, three people of one village."""

    def __init__(self, county):
        self.county, self.people = county, [county.people[0], county.people[4], county.people[1]]
        this = containing("week", timezone.localdate())
        self.weeks = [this.previous(), this]
        self.first = self.weeks[0].start

    def tell(self, steps):
        for name, *given_ in steps:
            getattr(self, name)(*given_)

    def open(self, week):
        duties.open_period(place=self.county.place, rule="visiting", period=self.weeks[week], by=0)

    def record(self, who, day, mode, outcome):
        moment = min(at(self.first + day * DAY), timezone.now())
        visits.record([row(self.people[who], mode, outcome, when=moment)], by=0, post=None, channel="import")

    def _visit(self, number):
        found = list(Visit.objects.order_by("id"))
        return found[number % len(found)] if found else None

    def amend(self, number, mode, outcome, day):
        visit = self._visit(number)
        if visit:
            moment = min(at(self.first + day * DAY, 10), timezone.now())
            change = {"mode": mode, "outcome": outcome, "occurred_at": moment.isoformat()}
            self._try(lambda: visits.amend(visit=visit, changes=change, reason="更正", by=0, post=None))

    def void(self, number):
        visit = self._visit(number)
        if visit:
            self._try(lambda: visits.void(visit=visit, reason="登错", by=0, post=None))

    def _try(self, verb):
        try:
            verb()
        except Refusal as refused:
            if refused.code not in ("already_amended", "already_void"):
                raise

    def excuse(self, who, day, days):
        start = self.first + day * DAY
        duties.excuse(person=self.people[who], reason="hospital", starts_on=start, ends_on=start + days * DAY, by=0)

    def withdraw(self, number):
        found = list(Excuse.objects.order_by("pk"))
        if found:
            duties.withdraw_excuse(excuse=found[number % len(found)], by=0)

    def emergency(self, day, days, calls, home):
        start = self.first + day * DAY
        duties.start_emergency(
            rule="visiting", place=self.county.towns[0], starts_on=start, ends_on=start + days * DAY, calls=calls,
            visits=home, reason="虚构", by=0,
        )  # fmt: skip

    def lift(self, number):
        found = list(Emergency.objects.order_by("pk"))
        if found:
            duties.end_emergency(emergency=found[number % len(found)], by=0)

    def recount(self):
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT visits_recount(array(SELECT id FROM duties_duty)::bigint[])")
            assert cursor.fetchone()[0] == 0  # it was right already

    # the same once more, slow and plain

    def check(self):
        amended = set(Visit.objects.exclude(amends=None).values_list("amends", flat=True))
        facts = [v for v in Visit.objects.all() if v.counts and v.id not in amended]
        sums = defaultdict(Counter)
        for duty in Duty.objects.select_related("rule"):
            mine = [
                v
                for v in facts
                if v.person_id == duty.person_id and duty.period_start <= v.occurred_on <= duty.period_end
            ]
            calls = sum(v.mode in ("call", "video") for v in mine)
            home = sum(v.mode == "home_visit" for v in mine)
            late = any(
                rules.is_late(timezone.localdate(v.recorded_at), duty.period_end, 0)
                for v in mine if v.mode != "home_service"
            )  # fmt: skip
            assert (duty.calls_done, duty.visits_done, duty.late) == (calls, home, late)
            spans = [
                rules.Span(e.reason, e.starts_on, e.ends_on)
                for e in Excuse.objects.filter(person=duty.person_id, withdrawn_at=None)
            ]
            assert duty.excused == rules.excused(duty.period_start, duty.period_end, spans, 4)
            owed = (duty.calls_owed, duty.visits_owed)
            if duty.period_end >= timezone.localdate():
                raised = [
                    (e.calls_owed, e.visits_owed)
                    for e in Emergency.objects.filter(ended_at=None, place=duty.town_id)
                    if e.starts_on <= duty.period_end and e.ends_on >= duty.period_start
                ]
                assert owed == rules.frequency(2, 1, raised)
            assert duty.kept == rules.is_kept((calls, home), owed)
            self._add(sums[duty.village_id, duty.period_start], duty)
        told = queries.tally(
            post=SYSTEM,
            name="visiting",
            periods=self.weeks,
            place=self.county.place,
            levels=("village",),
            by_period="apart",
        )
        assert {(s.place_id, s.period_start): (s.owed, s.kept, s.excused, s.late) for s in told} == {
            key: (c["owed"], c["kept"], c["excused"], c["late"]) for key, c in sums.items()
        }
        assert Duty.objects.count() == 8 * Opening.objects.count()
        assert Person.objects.count() == 8

    def _add(self, counter, duty):
        if duty.excused:
            counter["excused"] += 1
        else:
            counter.update(owed=1, kept=int(duty.kept), late=int(duty.late))


class _Undo(Exception):
    pass


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(STEP, min_size=4, max_size=14))
def test_any_order(county, steps):
    try:
        with everywhere():
            story = Story(county)
            story.tell(steps)
            story.open(0)
            story.open(1)
            story.check()
            story.recount()
            raise _Undo
    except _Undo:
        pass

"""A county whose October is over: eight people owed, one visited in time, the month frozen on 1 November."""

from datetime import datetime

from songhe.care.duties import actions as duties
from songhe.care.visits import actions as visits
from songhe.care.visits.rules import ZONE
from songhe.core import periods
from songhe.oversight.bulletins import actions
from tests.care.county import County, row

MONTH = periods.parse("2026-10")
CLOSED = datetime(2026, 11, 1, 8, 0, tzinfo=ZONE)
PROGRAMME = "dingzhou-2023"


class Bureau:
    """`county`, its `clerk` and `leader`; the week 2026-W41 open, everybody owed two calls and one visit."""

    def __init__(self):
        self.county = County()
        self.place = self.county.place
        self.clerk, self.leader = self.county.clerk, self.county.post("leader", self.place)
        self.town = self.county.post("township_worker", self.county.towns[0])
        duties.sync_rules(by=0)
        duties.open_period(place=self.place, rule="visiting", period="2026-W41", by=0)
        self.keep(self.county.people[0], datetime(2026, 10, 8, 18, 0, tzinfo=ZONE))

    def keep(self, person, now):
        """A whole week's contacts of a person, made on 8 October and entered at `now`."""
        when = datetime(2026, 10, 8, 9, 0, tzinfo=ZONE)
        rows = [row(person, mode, "well", when) for mode in ("call", "call", "home_visit")]
        visits.record(rows, by=0, post=None, channel="import", now=now)

    def freeze(self):
        return actions.close_month(place=self.place, period=MONTH, by=0, post=None, now=CLOSED)

    def late_entry(self):
        """Somebody's October visits, entered in November."""
        self.keep(self.county.people[1], datetime(2026, 11, 5, 9, 0, tzinfo=ZONE))

    def recount(self, reason="纸单补录"):
        now = datetime(2026, 11, 5, 10, 0, tzinfo=ZONE)
        return actions.recount(place=self.place, period=MONTH, reason=reason, by=0, post=None, now=now)

    def draft(self, **more):
        more = {"by": 0, "post": None, "place": self.place, "now": CLOSED} | more
        return actions.draft(programme=PROGRAMME, period=MONTH, **more)

    def issue(self, made, **more):
        more = {"by": 0, "post": None, "on": CLOSED.date(), "now": CLOSED} | more
        return actions.issue(bulletin=made, **more)

"""The demo city: Dingzhou's real towns and villages, invented people, thirteen weeks of visits, all through the product's own doors.

Loading again adds only the days that have passed since. Every row it makes is marked 演示 (origin "demo").
"""

import csv
import tempfile
from collections import Counter, deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path

from django.db import connections, transaction
from django.db.models import Max
from django.db.utils import ProgrammingError
from django.utils import timezone

from songhe.care.duties import actions as duties
from songhe.care.duties.models import Assignment, Duty, Opening
from songhe.care.visits import actions as visits
from songhe.core import periods
from songhe.core.acting import everywhere
from songhe.core.trouble import Trouble
from songhe.demo import (
    care,
    followup,
    network,
    notices,
    ordering,
    oversight,
    papers,
    population,
    settling,
    staff,
    weeks,
)
from songhe.demo.progress import Report
from songhe.insight.indicators import actions as indicators
from songhe.insight.indicators.models import Frozen
from songhe.registry.people import imports
from songhe.registry.people.models import Person
from songhe.registry.places.actions import load_shipped
from songhe.registry.places.models import Place
from songhe.registry.places.queries import by_code

CITY = "130682"
TOWN = "130682003"  # 西城区街道
WEEKS = 13
SYSTEM = 0
BATCH = 2500
HANDS = 2


def load(*, people: int, special: int, today: date, report: Report, promised: Iterable[str] = ()) -> dict:
    """Load or bring up to `today`; returns counts of what is there. `promised`: programmes to load with their sites and entries."""
    with report.step("区划 places"), everywhere():
        load_shipped(CITY)
    if not _loaded():
        _people(people=people, special=special, today=today, report=report)
    with everywhere():
        facilities = network.load(today, report)
    helpers = _staff(report)
    _rules(today)
    _helpers_named(helpers, report)
    with everywhere():
        followup.assess_people(today, report)
        care.load(city=by_code(CITY), today=today, report=report)
    _weeks(today, report)
    with report.step("台账和会议 ledger"), everywhere():
        oversight.load(city=by_code(CITY), town=by_code(TOWN), users=staff.logins(), today=today)
    with everywhere():
        followup.settle_needs(today, report)
    with everywhere():
        ordering.load(city=by_code(CITY), users=staff.logins(), today=today, report=report)
        settling.load(city=by_code(CITY), today=today)
    rows = notices.load(report, only=promised) if promised else {}
    if rows:
        with report.step("公文和考评 papers"), everywhere():
            papers.load(city=by_code(CITY), users=staff.logins(), today=today)
    with everywhere():
        return {
            "programmes": len(rows),
            "people": Person.objects.filter(origin="demo").count(),
            "special": Person.objects.filter(origin="demo").exclude(tags=0).count(),
            "helpers": Assignment.objects.filter(kind="helper", valid_to=None).values("helper").distinct().count(),
            "facilities": facilities,
            "weeks": Opening.objects.filter(name="visiting").count(),
        }


def _loaded() -> bool:
    with everywhere():
        return Person.objects.filter(origin="demo").exists()


def _villages() -> list[Place]:
    return list(Place.objects.filter(county__code=CITY, level="village").order_by("code"))


def _people(*, people: int, special: int, today: date, report: Report) -> None:
    """The roster is written to a file and comes in through the same door as a township's."""
    with everywhere():
        city = by_code(CITY)
        spots = [population.Spot(v.code, str(v), v.urban_rural) for v in _villages()]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "dingzhou-demo.csv"
        rows = population.roster(spots, people=people, special=special, today=today)
        with file.open("w", encoding="utf-8-sig", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(population.HEADER)
            writer.writerows(report.each("编造名册 invent", rows, people))
        with report.step("导入名册 import", people) as advance, everywhere():
            outcome = imports.bring_in(
                file, by=None, post=None, place=city, source="演示", rows="all-or-none", origin="demo"
            )
            advance(people)
    if outcome.rejected:
        raise Trouble(
            f"演示名册有 {outcome.rejected} 行未通过检查，没有载入：{outcome.errors[:3]}",
            f"{outcome.rejected} rows of the demo roster were refused, nothing was loaded: {outcome.errors[:3]}",
        )


def _staff(report: Report) -> dict[int, list[int]]:
    """Helpers by village number."""
    with report.step("账号 accounts"), everywhere():
        need = Counter(Person.objects.filter(origin="demo").exclude(tags=0).values_list("village", flat=True))
        villages = _villages()
        show = max((v for v in villages if v.town.code == TOWN), key=lambda v: (need[v.pk], v.code))
        logins = staff.make_logins({"city": by_code(CITY), "town": by_code(TOWN), "village": show})
        found = staff.make_helpers([(v, need[v.pk]) for v in villages if need[v.pk]])
    found[show.pk] = [logins["bangfu"].pk, *found.get(show.pk, [])][:2]
    return found


def _rules(today: date) -> None:
    with everywhere():
        duties.sync_rules(by=SYSTEM)
        city = by_code(CITY)
        for rule in ("visiting", "pairing"):
            duties.adopt(rule=rule, place=city, valid_from=staff.SINCE, by=SYSTEM)


def _helpers_named(helpers: dict[int, list[int]], report: Report) -> None:
    """Everybody in difficulty gets a helper and a paired volunteer; a few in a hundred nobody has thought of yet."""
    with report.step("帮扶人员 helpers"), everywhere():
        taken = set(Assignment.objects.filter(kind="helper").values_list("person", flat=True))
        people = Person.objects.filter(origin="demo").exclude(tags=0).order_by("pk").values_list("pk", "village")
        fresh = [(pk, village) for pk, village in people if pk not in taken]
        if not fresh or taken:
            return
        named, paired = [], []
        for turn, (pk, village) in enumerate(fresh):
            team = helpers[village]
            if turn % 67:
                named.append((pk, team[turn % len(team)]))
            paired.append((pk, team[-1]))
        duties.name_helpers(pairs=named, by=SYSTEM, on=staff.SINCE)
        duties.name_helpers(pairs=paired, by=SYSTEM, on=staff.SINCE, kind="paired")


def _first_monday(today: date) -> date:
    return today - timedelta(days=today.weekday() + 7 * (WEEKS - 1))


def _weeks(today: date, report: Report) -> None:
    """Open each period, record what happened in it, freeze months that are over: in the order in which it happened."""
    until = min(datetime.combine(today, time(23, 59), weeks.ZONE), timezone.now())
    with everywhere():
        city = by_code(CITY)
        first = (
            Opening.objects.filter(name="visiting")
            .order_by("period_start")
            .values_list("period_start", flat=True)
            .first()
        )
        last = Opening.objects.filter(name="visiting").aggregate(Max("period_start"))["period_start__max"]
    monday = first or _first_monday(today)
    start = max(monday, (last or monday))  # the last week may have been loaded in its middle
    mondays = [start + timedelta(days=7 * n) for n in range((today - start).days // 7 + 1)]
    months: set[str] = set()
    for monday in report.each("各周探访 weeks", mondays, len(mondays)):
        week = periods.containing("week", monday)
        _open_months(city, week, done=months, until=until)
        _excuses(city, week)
        _record_week(city, week, today, until)
    _freeze(city, today)


def _open_months(city: Place, week, *, done: set[str], until: datetime) -> None:
    """The months a week touches, each once."""
    for month in (periods.containing("month", week.start), periods.containing("month", min(week.end, until.date()))):
        if month.code in done:
            continue
        done.add(month.code)
        with everywhere():
            opening = duties.open_period(place=city, rule="pairing", period=month, by=SYSTEM)
            owed = _owed(opening)
        days = (month.end - month.start).days + 1
        _record(weeks.service_rows(owed, first=month.start, days=days, until=until))


def _excuses(city: Place, week) -> None:
    """One person in a hundred and forty is away or in hospital in a week."""
    reasons = ("hospital", "away", "away", "hospital", "refused")
    with everywhere():
        people = Person.objects.filter(origin="demo", status="living").exclude(tags=0).order_by("pk")
        turn = week.start.toordinal() // 7
        chosen = list(people.values_list("pk", flat=True))[turn % 140 :: 140]
        for person in Person.objects.filter(pk__in=chosen).exclude(excuses__starts_on=week.start).order_by("pk"):
            reason = reasons[(person.pk + turn) % len(reasons)]
            duties.excuse(person=person, reason=reason, starts_on=week.start, ends_on=week.end, by=SYSTEM)


def _owed(opening: Opening) -> list[weeks.Owed]:
    rows = Duty.objects.filter(name=opening.name, period_start=opening.period_start).order_by("person_id")
    return [
        weeks.Owed(person, village, helper or 0, calls, home)
        for person, village, helper, calls, home in rows.filter(excused="").values_list(
            "person_id", "village_id", "helper_id", "calls_owed", "visits_owed"
        )
    ]


def _record_week(city: Place, week, today: date, until: datetime) -> None:
    with everywhere():
        opening = duties.open_period(place=city, rule="visiting", period=week, by=SYSTEM)
        owed = _owed(opening)
    age = (today - week.start).days // 7
    _record(weeks.week_rows(owed, monday=week.start, until=until, age_in_weeks=age))


def _record(rows) -> None:
    """In two hands: while the database writes one batch, the next is made ready."""
    rows = iter(rows)
    with ThreadPoolExecutor(HANDS) as hands:
        running: deque[Future] = deque()
        while chunk := list(islice(rows, BATCH)):
            running.append(hands.submit(_record_batch, chunk))
            if len(running) > HANDS:
                running.popleft().result()
        for one in running:
            one.result()


def _record_batch(rows: list[dict]) -> None:
    try:
        with everywhere():
            visits.record(rows, by=SYSTEM, post=None, channel="import")
    finally:
        connections["default"].close()  # each hand has a connection of its own


def _freeze(city: Place, today: date) -> None:
    """Months that ended inside the thirteen weeks are closed, as on their last evening."""
    with everywhere():
        months = {
            periods.containing("month", start)
            for start in Opening.objects.filter(name="visiting").values_list("period_start", flat=True)
        }
        for month in sorted(months, key=lambda m: m.start):
            if month.end < today and not Frozen.objects.filter(period=month.code, place=city).exists():
                evening = datetime.combine(month.end, time(23, 59), weeks.ZONE)
                indicators.freeze(place=city, period=month, by=None, now=evening)


def reset() -> None:
    """Empty the database, only where nobody but demo people is on file: real data is never taken out by a command."""
    try:
        with transaction.atomic(), everywhere():
            real = Person.objects.exclude(origin="demo").count()
    except ProgrammingError:  # no tables yet: nothing to take out
        return
    if real:
        raise Trouble(
            f"数据库里有 {real} 份不是演示的档案，--reset 不会删除真实数据。请换一个数据库（SONGHE_VAR 或 DATABASE_URL）。",
            f"{real} files here are not demo data; --reset never deletes real data. Use another database (SONGHE_VAR or DATABASE_URL).",
        )
    connections["default"].close()
    with connections["owner"].cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public; CREATE EXTENSION IF NOT EXISTS btree_gist")
    connections["owner"].close()

"""What a township's week is made of, as plain data for the planner: who is owed what, who can go, from where, how long."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

from django.db.models import Count, Max
from django.utils import timezone

from songhe.care.duties.models import Duty as OwedDuty
from songhe.care.duties.queries import duties
from songhe.care.visits.models import Visit
from songhe.core.acting import everywhere
from songhe.core.periods import Period, containing
from songhe.core.refusal import Refusal
from songhe.insight.planning.weekly.model import Duty, Helper, Person
from songhe.insight.rounds.definitions import WeekTerms, week_terms
from songhe.insight.rounds.positions import Point, Spots, spots_of, way_for
from songhe.registry.accounts.models import Post
from songhe.registry.places.models import Level, Place

LOOK_BACK = 21  # days in which a last visit is looked for, so that visits are spaced over the weeks


@dataclass(frozen=True)
class Owed:
    """One duty as read: what is owed and done, who is named, where the person lives."""

    person: int
    name: str
    village: int
    helper: int | None
    calls: int
    visits: int
    calls_done: int
    visits_done: int
    excused: str
    tier: int
    point: Point | None

    @property
    def left(self) -> tuple[int, int]:
        return max(self.calls - self.calls_done, 0), max(self.visits - self.visits_done, 0)


@dataclass
class TownWeek:
    """Everything a plan of `town` in `period` needs. `names` and `helper_names` by number, for words only."""

    town: Place
    period: Period
    rule: str
    first_day: int
    terms: WeekTerms
    owed: list[Owed]
    people: list[Person]
    helpers: list[Helper]
    duties: list[Duty]
    way: Callable
    names: dict[str, str]
    helper_names: dict[str, str]
    covers: dict[str, frozenset[int]]
    notes: list[dict] = field(default_factory=list)

    def day(self, on: date) -> int:
        return (on - self.period.start).days

    def on(self, day: int) -> date:
        return self.period.start + timedelta(days=day)


def town_week(
    *, post, place: Place, period: Period, rule: str = "visiting", today: date | None = None, roads: Path | None = None
) -> TownWeek:
    """Read a township's week. Refused: not a township, not a week, a week that is over, nobody owed, nobody to go."""
    today = today or timezone.localdate()
    _refuse(place, period, today)
    owed_in = owed_period(post=post, place=place, period=period, rule=rule, today=today)
    owed = _owed(post, place, owed_in, rule, today)
    if owed_in != period:
        owed = [replace(o, calls_done=0, visits_done=0) for o in owed]
    if not owed:
        raise Refusal(
            "nothing_owed",
            zh=f"“{place}”{period.label('zh')}没有应访名单。请先开启这一周（应访名单由每晚任务开启）。",
            en=f'"{place}" has no duties in {period.label("en")}. Open the week first (the nightly round opens it).',
            field="period",
        )
    terms, spots = week_terms(), spots_of(place, today)
    staff = _staff(place, owed, period, today)
    if not staff:
        raise Refusal(
            "no_helper",
            zh=f"“{place}”没有帮扶人员，无法排班。请先指定帮扶人员。",
            en=f'"{place}" has no helpers, so nothing can be planned. Name helpers first.',
        )
    helpers = _helpers(place, owed, staff, spots, terms, owed_in, rule)
    first_day = max(0, min(6, (today - period.start).days))
    _refuse_no_hours(place, period, helpers, first_day)
    last = _last_visits(post, place, period)
    people = [_person(o, spots) for o in owed]
    return TownWeek(
        town=place,
        period=period,
        rule=rule,
        first_day=first_day,
        terms=terms,
        owed=owed,
        people=people,
        helpers=helpers,
        duties=[duty_of(o, last.get(o.person)) for o in owed],
        way=way_for(place, terms.door, roads),
        names={str(o.person): o.name for o in owed},
        helper_names={str(pk): one.name for pk, one in staff.items()},
        covers={str(pk): one.villages for pk, one in staff.items()},
        notes=_notes(owed, spots, terms, staff) + ([FORECAST] if owed_in != period else []),
    )


FORECAST = {
    "zh": "这一周还没有开启，名单和次数按本周推算；开启后请再试排一次。",
    "en": "This week is not open yet: the list follows the running week. Try the plan again once it is open.",
}


def owed_period(*, post, place: Place, period: Period, rule: str, today: date) -> Period:
    """The week whose duties say what is owed: the week itself, or, for one to come that is not open yet, the running one."""
    found = OwedDuty.objects.visible_to(post).inside(place).filter(name=rule, period_start=period.start)
    if period.start <= today or found.exists():
        return period
    return containing("week", today)


def _refuse_no_hours(place: Place, period: Period, helpers: list[Helper], first_day: int) -> None:
    if not any(minutes for h in helpers for minutes in h.minutes[first_day:]):
        raise Refusal(
            "no_hours_left",
            zh=f"{period.label('zh')}剩下的日子里，“{place}”的帮扶人员都没有工时，排不了。请排下一周；未完成的按漏访名单补。",
            en=f'In the days left of {period.label("en")} no helper of "{place}" has hours. Plan the next week; what is still due is on the missing list.',
            field="period",
        )


def duty_of(owed: Owed, rested: int | None, *, calls_before: int = 0, visits_before: int = 0) -> Duty:
    """What is still owed, plus what an earlier plan counts as past (so that the planner's own subtraction leaves the rest)."""
    calls, visits = owed.left
    return Duty(str(owed.person), calls + calls_before, visits + visits_before, owed.tier, owed.excused, rested)


def _refuse(place: Place, period: Period, today: date) -> None:
    if place.level != Level.TOWNSHIP or place.kind != "division":
        raise Refusal(
            "not_a_township",
            zh=f"排班按乡镇（街道）做，“{place}”不是。请选一个乡镇。",
            en=f'Plans are made for a township; "{place}" is none. Choose a township.',
            field="place",
        )
    if period.kind != "week":
        raise Refusal(
            "not_a_week",
            zh=f"排班按周做，“{period.code}”不是周。请写成 2026-W47。",
            en=f'Plans are made for a week; "{period.code}" is none. Write it like 2026-W47.',
            field="period",
        )
    if period.end < today:
        raise Refusal(
            "week_over",
            zh=f"{period.label('zh')}已经过去，不能再排。请选本周或下周。",
            en=f"{period.label('en')} is over and cannot be planned. Choose this week or the next.",
            field="period",
        )


def _owed(post, place: Place, period: Period, rule: str, today: date) -> list[Owed]:
    terms = week_terms()
    rows = []
    found = duties(post=post, name=rule, period=period, place=place).order_by("village_id", "person_id")
    for duty in found:
        person = duty.person
        point = (person.longitude, person.latitude) if None not in (person.longitude, person.latitude) else None
        rows.append(
            Owed(
                person=person.pk,
                name=person.name,
                village=duty.village_id,
                helper=duty.helper_id,
                calls=duty.calls_owed,
                visits=duty.visits_owed,
                calls_done=duty.calls_done,
                visits_done=duty.visits_done,
                excused=str(duty.get_excused_display()) if duty.excused else "",
                tier=_tier(duty, person, terms, today),
                point=point,
            )
        )
    return rows


def _tier(duty: OwedDuty, person, terms: WeekTerms, today: date) -> int:
    if duty.tier:
        return min(3, 1 + duty.tier_rank)
    if person.tags & terms.first:
        return 1
    return 2 if person.tags & terms.then and person.age(today) >= terms.then_age_from else 3


@dataclass(frozen=True)
class _Staff:
    """A helper: name, villages that their posts cover, the village the day begins in (None: nowhere in particular)."""

    name: str
    villages: frozenset[int]
    home: int | None


def _staff(place: Place, owed: Iterable[Owed], period: Period, today: date) -> dict[int, _Staff]:
    """Whoever is named for somebody here, and whoever holds a helper's post here."""
    named = {o.helper for o in owed if o.helper}
    first, last = max(period.start, today), period.end + timedelta(days=1)
    held = Post.objects.filter(user__is_active=True).held_between(first, last).select_related("user", "place")
    here = held.filter(place__in=Place.objects.under(place).values("pk"), role="helper")
    posts: dict[int, list[Post]] = defaultdict(list)
    for post in [*here, *held.filter(user__in=named).exclude(pk__in=here.values("pk"))]:
        if post.may("visits.record"):
            posts[post.user_id].append(post)
    below = set(Place.objects.filter(town=place, level=Level.VILLAGE).values_list("pk", flat=True))
    above = {place.pk, place.county_id, place.city_id, place.province_id}
    return {pk: _one(held, below, above) for pk, held in sorted(posts.items())}


def _one(held: list[Post], below: set[int], above: set) -> _Staff:
    covered: set[int] = set()
    for post in held:
        covered |= below if post.place_id in above else {post.place_id} & below
    homes = sorted((post.place.code, post.place_id) for post in held if post.place_id in below)
    return _Staff(str(held[0].user), frozenset(covered), homes[0][1] if homes else None)


def _helpers(place, owed, staff, spots: Spots, terms: WeekTerms, period: Period, rule: str) -> list[Helper]:
    mine = defaultdict(list)
    for o in owed:
        if o.helper:
            mine[o.helper].append(o.point or spots.villages.get(o.village, spots.middle))
    share = _shares(place, set(staff), period, rule)
    found = []
    for pk, one in staff.items():
        points = mine.get(pk, [])
        home = spots.villages.get(one.home) if one.home else None
        if home is None:
            home = (sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)) if points else spots.middle  # fmt: skip
        minutes = tuple(int(m * share.get(pk, 1.0)) for m in terms.hours)
        found.append(Helper(str(pk), *home, minutes=minutes, area=str(place.pk)))
    return found


def _shares(place: Place, helpers: set[int], period: Period, rule: str) -> dict[int, float]:
    """Somebody named in several townships gives each its share of the hours, by people. A count, of no person."""
    with everywhere():
        rows = (
            OwedDuty.objects.filter(name=rule, period_start=period.start, helper__in=helpers, excused="")
            .values("helper_id", "town_id")
            .annotate(people=Count("pk"))
        )
        total, here = Counter(), Counter()
        for row in rows:
            total[row["helper_id"]] += row["people"]
            here[row["helper_id"]] += row["people"] * (row["town_id"] == place.pk)
    return {pk: here[pk] / total[pk] for pk in total if here[pk] < total[pk]}


def _last_visits(post, place: Place, period: Period) -> dict[int, int]:
    """Days from each person's last home visit to this week's Monday."""
    since = period.start - timedelta(days=LOOK_BACK)
    rows = (
        Visit.objects.visible_to(post)
        .filter(town=place, mode="home_visit", counts=True, occurred_on__gte=since, occurred_on__lt=period.start)
        .values("person_id")
        .annotate(last=Max("occurred_on"))
    )
    return {row["person_id"]: (period.start - row["last"]).days for row in rows}


def _person(owed: Owed, spots: Spots) -> Person:
    x, y = owed.point or spots.villages.get(owed.village, spots.middle)
    return Person(str(owed.person), x, y, own=str(owed.helper) if owed.helper else None)


def _notes(owed: list[Owed], spots: Spots, terms: WeekTerms, staff: dict) -> list[dict]:
    own = sum(o.point is not None for o in owed)
    drawn = sum(o.point is None and o.village in spots.drawn for o in owed)
    village = len(owed) - own - drawn
    notes = [
        {
            "zh": f"位置：{own} 人用本人住址坐标，{village} 人用所在村坐标，{drawn} 人的村没有坐标、按示意图位置。",
            "en": f"Positions: {own} people by their own, {village} by their village's, {drawn} by the schematic map because their village has none.",
        },
        {
            "zh": f"时长与工时：{terms.source}（上门 {terms.rules.visit_minutes} 分钟，通话 {terms.rules.call_minutes} 分钟）。",
            "en": f"Lengths and hours are the product's defaults unless the bureau changed them (a visit {terms.rules.visit_minutes} minutes, a call {terms.rules.call_minutes}).",
        },
    ]
    away = sum(not one.villages for one in staff.values())
    if away:
        notes.append(
            {
                "zh": f"{away} 名帮扶人员在本乡镇没有可登记探访的岗位。",
                "en": f"{away} helpers hold no post here that may record visits.",
            }
        )
    return notes

"""Questions about plans: the one in force, drafts, a helper's day, what differs between two. Each starts from `visible_to`."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import zip_longest

from django.db.models import Q, QuerySet
from django.utils import timezone

from songhe.care.duties.queries import tally
from songhe.care.services.queries import Workload
from songhe.core.periods import Period
from songhe.core.refusal import Refusal
from songhe.insight.planning.weekly.model import CALL, Item, WeekPlan
from songhe.insight.rounds.definitions import week_terms
from songhe.insight.rounds.gathering import TownWeek, owed_period
from songhe.insight.rounds.models import Plan, PlanChange, PlanItem, PlanLeft
from songhe.registry.accounts.models import Post, User
from songhe.registry.people.models import Person
from songhe.registry.places.models import Level, Place

WHYS = ("own", "own_off", "own_full", "no_own_helper", "balance_or_travel", "pinned", "urgent")


def plan(*, post, pk: int) -> Plan:
    """One plan of the area; Refusal when there is none."""
    found = _plans(post).filter(pk=pk).first()
    if found is None:
        raise Refusal(
            "no_such_plan",
            zh="您的辖区内没有这份排班，或它已过期被清理。请从排班页重新打开。",
            en="There is no such plan in your area, or it was cleared away. Open it again from the plan page.",
        )
    return found


def _plans(post) -> QuerySet[Plan]:
    return Plan.objects.visible_to(post).select_related("place", "parent", "place__county", "place__city")


def in_force(*, post, place: Place, period: Period, rule: str = "visiting") -> Plan | None:
    """What a township's helpers are told this week."""
    found = _plans(post).filter(place=place, period=period.code, rule=rule, ended_at=None, told_at__isnull=False)
    return found.first()


def plans_of(*, post, place: Place, period: Period, rule: str = "visiting", limit: int = 12) -> list[Plan]:
    """All plans of a township's week, the newest first."""
    return list(_plans(post).filter(place=place, period=period.code, rule=rule).order_by("-pk")[:limit])


@dataclass(frozen=True)
class TownLine:
    """A township's week: how many are owed, the plan in force and the newest draft."""

    place: Place
    owed: int
    in_force: Plan | None
    draft: Plan | None


def towns(*, post, place: Place, period: Period, rule: str = "visiting") -> list[TownLine]:
    """The townships of a county or city that owe anything this week, in code order."""
    owed_in = owed_period(post=post, place=place, period=period, rule=rule, today=timezone.localdate())
    sums = {s.place_id: s.owed for s in tally(post=post, name=rule, periods=owed_in, place=place, levels=("township",))}
    found = Place.objects.within(post).filter(pk__in=sums, level=Level.TOWNSHIP).defer("outline").order_by("code")
    standing, drafts = {}, {}
    for each in _plans(post).filter(place__in=sums, period=period.code, rule=rule, ended_at=None).order_by("pk"):
        (standing if each.told_at else drafts)[each.place_id] = each
    return [TownLine(town, sums[town.pk], standing.get(town.pk), drafts.get(town.pk)) for town in found]


def unplanned(*, post, place: Place, period: Period, rule: str = "visiting") -> list[Place]:
    """Townships that owe something this week and have neither draft nor plan: where a run that was cut off goes on."""
    return [line.place for line in towns(post=post, place=place, period=period, rule=rule) if not (line.in_force or line.draft)]  # fmt: skip


def items(*, post, plan: Plan, helper: int | None = None, on: date | None = None) -> list[PlanItem]:
    """Contacts in the order of the sheets, with person, helper and village."""
    found = PlanItem.objects.visible_to(post).filter(plan=plan)
    if helper is not None:
        found = found.filter(helper=helper)
    if on is not None:
        found = found.filter(on=on)
    found = found.select_related("person", "helper", "village").defer("person__search", "village__outline")
    return list(found.order_by("helper__name", "helper_id", "on", "position"))


def told(*, post, helper: int, first: date, last: date) -> list[PlanItem]:
    """What a helper is told for these days, day by day in order: for the phone. Only people inside the post's area."""
    found = PlanItem.objects.visible_to(post).filter(helper=helper, on__range=(first, last), in_force=True)
    found = found.select_related("person", "village").defer("person__search", "village__outline")
    return list(found.order_by("on", "position"))


def workload(post) -> Workload:
    """What dispatch asks of each care worker's day beside the orders: minutes of the plan in force for the same account.

    A planned contact counts its length and the way to it; a plan nobody was told counts nothing.
    """

    def minutes(workers: Sequence[int], on: date) -> dict[int, float]:
        load: dict[int, float] = {}
        rules = week_terms().rules
        told_of = PlanItem.objects.visible_to(post).filter(helper__worker__in=workers, on=on, in_force=True)
        for worker, kind, way in told_of.values_list("helper__worker", "kind", "way"):
            length = rules.call_minutes if kind == CALL else rules.visit_minutes
            load[worker] = load.get(worker, 0.0) + length + way
        return load

    return minutes


def left(*, post, plan: Plan, excused: str = "") -> list[PlanLeft]:
    """Who was left undone and why; `excused="only"`: those who need no visit this week."""
    found = PlanLeft.objects.visible_to(post).filter(plan=plan).select_related("person", "village")
    found = found.filter(code="excused") if excused == "only" else found.exclude(code="excused")
    return list(found.defer("person__search", "village__outline").order_by("village_id", "person_id", "pk"))


def changes(*, post, plan: Plan) -> list[PlanChange]:
    """What is otherwise than in the parent: people who change hands first."""
    found = PlanChange.objects.visible_to(post).filter(plan=plan).select_related("person", "from_helper", "to_helper")
    rows = list(found.defer("person__search"))
    return sorted(rows, key=lambda c: (c.from_helper_id == c.to_helper_id, c.person_id, c.kind, c.from_on or c.to_on))


def hands(rows: Iterable[PlanChange]) -> list[PlanChange]:
    """One row for each person to whom somebody else comes or calls; the visit before the calls."""
    found: dict[int, PlanChange] = {}
    for row in sorted(rows, key=lambda c: (c.person_id, c.kind == CALL)):
        if row.from_helper_id and row.to_helper_id and row.from_helper_id != row.to_helper_id:
            found.setdefault(row.person_id, row)
    return list(found.values())


@dataclass
class HelperWeek:
    """A helper's week: contacts by day, ways and minutes of work (ways home not counted)."""

    helper: User
    days: dict[date, list[PlanItem]] = field(default_factory=lambda: defaultdict(list))

    @property
    def items(self) -> list[PlanItem]:
        return [item for on in sorted(self.days) for item in self.days[on]]

    @property
    def people(self) -> int:
        return len({item.person_id for item in self.items})


def by_helper(rows: list[PlanItem]) -> list[HelperWeek]:
    """The sheets of a plan's contacts, one a helper."""
    found: dict[int, HelperWeek] = {}
    for row in rows:
        found.setdefault(row.helper_id, HelperWeek(row.helper)).days[row.on].append(row)
    return list(found.values())


def week_plan(kept: Plan, week: TownWeek) -> WeekPlan:
    """A kept plan as the planner reads it; people and helpers who are no longer in the week are left out."""
    people, helpers = {p.id for p in week.people}, {h.id for h in week.helpers}
    rows = PlanItem.objects.filter(plan=kept).order_by("on", "position")
    found = [
        Item(str(r.person_id), str(r.helper_id), week.day(r.on), r.kind, r.position, r.start, r.way, r.why)
        for r in rows
        if str(r.person_id) in people and str(r.helper_id) in helpers
    ]
    return WeekPlan(found, [], [], kept.way, {h.id: 0.0 for h in week.helpers})


@dataclass(frozen=True)
class Difference:
    """Figures of one plan less those of another."""

    way: float
    spread: float
    price: float
    left: int
    contacts: int


def difference(one: Plan, other: Plan) -> Difference:
    """`one` less `other`."""
    return Difference(
        round(one.way - other.way, 1),
        round(one.spread - other.spread, 1),
        round(one.price - other.price, 1),
        one.left - other.left,
        one.calls + one.visits - other.calls - other.visits,
    )


def village_week(*, post, place: Place, period: Period) -> list[PlanItem]:
    """What is told for the people of one village in a week."""
    found = PlanItem.objects.visible_to(post).filter(
        village=place, in_force=True, on__gte=period.start, on__lte=period.end
    )
    found = found.select_related("person", "helper", "village").defer("person__search", "village__outline")
    return list(found.order_by("helper__name", "helper_id", "on", "position"))


def helpers_of(*, post, plan: Plan) -> list[User]:
    """Whoever may be asked to go: everybody in the plan, and everybody who holds a helper's post in the township."""
    inside = Place.objects.within(post).filter(pk__in=Place.objects.under(plan.place).values("pk"))
    posts = Post.objects.filter(place__in=inside, role="helper", user__is_active=True).held_on(timezone.localdate())
    planned = PlanItem.objects.visible_to(post).filter(plan=plan).values("helper_id")
    return list(User.objects.filter(Q(pk__in=posts.values("user_id")) | Q(pk__in=planned)).order_by("name", "pk"))


@dataclass(frozen=True)
class Moved:
    """One contact in two plans; None where it is not in one of them."""

    person: Person
    kind: str
    before: PlanItem | None
    after: PlanItem | None


def between(*, post, one: Plan, other: Plan) -> list[Moved]:
    """Contacts that differ between two plans: whoever changes hands first."""
    rows = {plan.pk: items(post=post, plan=plan) for plan in (one, other)}
    held: dict[tuple[int, str], list[list[PlanItem]]] = defaultdict(lambda: [[], []])
    for side, plan in enumerate((one, other)):
        for row in sorted(rows[plan.pk], key=lambda r: (r.on, r.position)):
            held[row.person_id, row.kind][side].append(row)
    found = []
    for (_person, kind), (before, after) in held.items():
        same = {(r.helper_id, r.on) for r in before} & {(r.helper_id, r.on) for r in after}
        gone, come = ([r for r in rows if (r.helper_id, r.on) not in same] for rows in (before, after))
        for b, a in zip_longest(gone, come):
            found.append(Moved((a or b).person, kind, b, a))
    return sorted(
        found,
        key=lambda m: (bool(m.before and m.after and m.before.helper_id == m.after.helper_id), m.person.pk, m.kind),
    )

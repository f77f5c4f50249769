"""Making a township's week, changing it, telling it, leaving it. Computing stands apart from writing: a plan may take a minute."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date

from django.db import transaction
from django.utils import timezone

from songhe.care.duties.access import allowed, user_id
from songhe.core import audit
from songhe.core.periods import parse
from songhe.core.refusal import Refusal
from songhe.insight.planning.budget import Budget
from songhe.insight.planning.reasons import ImpossibleInputError
from songhe.insight.planning.weekly.changes import Change, explained
from songhe.insight.planning.weekly.model import CALL, EFFORT, EFFORT_AGAIN, VISIT, Item, Pin, WeekPlan
from songhe.insight.rounds import queries
from songhe.insight.rounds.gathering import TownWeek, duty_of, town_week
from songhe.insight.rounds.models import Plan, PlanChange, PlanItem, PlanLeft
from songhe.insight.rounds.planners import planner
from songhe.insight.rounds.wishes import Wishes, from_json, refused

MANAGE = "plans.make"


@dataclass
class Made:
    """A plan that stands nowhere yet: the week it was made from, the plan, the naive figures, what differs from `parent`."""

    week: TownWeek
    plan: WeekPlan
    wishes: Wishes
    naive: tuple[float, float]
    naive_work: dict[str, float]
    seed: int
    effort: int
    cut: bool
    parent: Plan | None = None
    changes: list[Change] = field(default_factory=list)


def compute(
    week: TownWeek, *, wishes: Wishes | None = None, budget: Budget | None = None, seed: int = 1,
    effort: int = EFFORT, start: WeekPlan | None = None,
) -> Made:  # fmt: skip
    """The week's plan from nothing, or going on from `start` (a draft of the same week, told to nobody); writes nothing.

    Repeats for a seed and an effort unless the budget's clock or a cancelling cuts it short (`cut`).
    """
    wishes = wishes or Wishes()
    wishes.refuse_unknown(week)
    weekly = planner("weekly.plan")
    if budget:
        budget.begin()
    rules = replace(week.terms.rules, keep=0.0) if start else week.terms.rules
    naive = weekly.naive(week.people, week.helpers, week.duties, travel=week.way, rules=rules)
    try:
        found = weekly.plan(
            week.people, wishes.team(week.helpers), week.duties, travel=week.way, pins=wishes.pins,
            forbids=wishes.forbids, urgent=wishes.urgent, rules=rules, start=start,
            first_day=week.first_day, budget=budget, effort=effort, seed=seed,
        )  # fmt: skip
    except ImpossibleInputError as error:
        raise refused(error, week) from error
    cut = budget is not None and budget.spent() >= 1.0
    return Made(week, found, wishes, (naive.travel, naive.spread), naive.work, seed, effort, cut)


def rework(
    week: TownWeek, *, parent: Plan, wishes: Wishes, budget: Budget | None = None, seed: int = 1,
    effort: int = EFFORT_AGAIN, swap: tuple[str, str] | None = None,
) -> Made:  # fmt: skip
    """The rest of the week again, as close to `parent` as it can stay: what it would cost, who changes hands and why."""
    old = queries.week_plan(parent, week)
    if swap:
        wishes = wishes | Wishes(pins=_swapped(old, week, *swap))
    wishes.refuse_unknown(week)
    every = (from_json(parent.wishes).known_in(week) | wishes).from_day(week.first_day)
    gone = Counter((it.person, it.kind) for it in old.items if it.day < week.first_day)
    rested = {d.person: d.rested for d in week.duties}
    duties = [
        duty_of(o, rested[str(o.person)], calls_before=gone[str(o.person), CALL], visits_before=gone[str(o.person), VISIT])
        for o in week.owed
    ]  # fmt: skip
    start = _without_done(old, week)
    weekly = planner("weekly.plan")
    if budget:
        budget.begin()
    try:
        found = weekly.plan(
            week.people, every.team(week.helpers), duties, travel=week.way, pins=every.pins, forbids=every.forbids,
            urgent=every.urgent, rules=week.terms.rules, start=start, first_day=week.first_day, budget=budget,
            effort=effort, seed=seed,
        )  # fmt: skip
    except ImpossibleInputError as error:
        raise refused(error, week) from error
    changes = explained(
        start, found, off=every.off(), pins=wishes.pins, forbids=wishes.forbids, first_day=week.first_day
    )
    cut = budget is not None and budget.spent() >= 1.0
    naive = (parent.naive_way, parent.naive_spread)
    return Made(week, found, every, naive, {}, seed, effort, cut, parent, changes)


def _swapped(old: WeekPlan, week: TownWeek, one: str, other: str) -> tuple[Pin, ...]:
    goes = {it.person: it.helper for it in old.items if it.kind == VISIT and it.day >= week.first_day}
    for person in (one, other):
        if person not in goes:
            name = week.names.get(person, person)
            raise Refusal(
                "nothing_to_swap",
                zh=f"{name} 在剩下的日子里没有上门安排，无法对调。",
                en=f"No visit to {name} is planned in the days left, so there is nothing to swap.",
            )
    return (Pin(one, goes[other]), Pin(other, goes[one]))


def _without_done(old: WeekPlan, week: TownWeek) -> WeekPlan:
    """The plan before, without contacts of today and later that have been made already: the earliest are taken as made."""
    left = {(str(o.person), kind): n for o in week.owed for kind, n in zip((CALL, VISIT), o.left, strict=True)}
    kept, seen = [], Counter()
    for it in sorted(old.items, key=lambda it: (it.day, it.order), reverse=True):
        key = (it.person, it.kind)
        if it.day >= week.first_day and it.why != "urgent":
            seen[key] += 1
            if seen[key] > left.get(key, 0):
                continue
        kept.append(it)
    return WeekPlan(kept[::-1], old.undone, old.excused, old.travel, old.work)


@transaction.atomic
def keep(made: Made, *, by, post=None) -> Plan:
    """Write a computed plan down as a draft; it binds nobody until it is told."""
    week, found = made.week, made.plan
    allowed(post, MANAGE, week.town)
    _forget_drafts(week, but=made.parent)
    kinds = Counter(it.kind for it in found.items)
    plan = Plan.objects.create(
        **_areas(week.town), place=week.town, rule=week.rule, period=week.period.code, week_start=week.period.start,
        first_day=week.first_day, parent=made.parent, made_by=user_id(by), terms=week.terms.version,
        wishes=made.wishes.as_json(), basis=found.basis[0] or _ways(week)[0], basis_en=found.basis[1] or _ways(week)[1],
        notes=[*week.notes, *_outside(made)], price=round(found.price, 3), bound_note=found.bound_note,
        way=round(found.travel, 2), spread=round(found.spread, 3), naive_way=round(made.naive[0], 2),
        naive_spread=round(made.naive[1], 3), people=len(week.people), helpers=len(week.helpers), calls=kinds[CALL],
        visits=kinds[VISIT], left=len(found.undone), excused=len(found.excused), seed=made.seed, effort=made.effort,
        cut=made.cut,
    )  # fmt: skip
    _keep_rows(plan, made)
    detail = {"period": plan.period, "items": len(found.items), "left": plan.left, "by": user_id(by)}
    if made.parent:
        detail |= {"parent": made.parent.pk, "changes": len(made.changes)}
    audit.note("plans.keep", "plan", plan.pk, area_id=week.town.pk, **detail)
    return plan


def _ways(week: TownWeek) -> tuple[str, str]:
    return week.way([(0.0, 0.0), (1.0, 1.0)]).basis


def _areas(place) -> dict:
    return {"village_id": None, "town_id": place.pk, "county_id": place.county_id, "city_id": place.city_id}


def _outside(made: Made) -> list[dict]:
    """People to whom somebody would come whose post does not cover their village: they cannot record it themselves."""
    lives = {str(o.person): o.village for o in made.week.owed}
    covers = made.week.covers
    people = {
        it.person
        for it in made.plan.items
        if it.day >= made.week.first_day and lives[it.person] not in covers.get(it.helper, ())
    }
    if not people:
        return []
    return [
        {
            "zh": f"{len(people)} 位老人由岗位不在其村的人员联系：请打印路线单、由村里代录，或先给他们加上该村的岗位。",
            "en": f"{len(people)} people are looked after by somebody whose post does not cover their village: print the sheet and have the village enter it, or give them a post there.",
        }
    ]


def _keep_rows(plan: Plan, made: Made) -> None:
    week = made.week
    lives = {str(o.person): o.village for o in week.owed}
    shared = {name: value for name, value in _areas(week.town).items() if name != "village_id"}

    def areas(person: str) -> dict:
        return shared | {"village_id": lives[person], "person_id": int(person)}

    PlanItem.objects.bulk_create(
        [
            PlanItem(
                plan=plan, helper_id=int(it.helper), on=week.on(it.day), kind=it.kind, position=at, start=it.start,
                way=it.travel, why=it.why, **areas(it.person),
            )
            for at, it in _numbered(made.plan.items)
        ],
        batch_size=2000,
    )  # fmt: skip
    PlanLeft.objects.bulk_create(
        [
            PlanLeft(plan=plan, code=r.code, zh=r.zh[:200], en=r.en[:240], **areas(r.subject))
            for r in [*made.plan.undone, *made.plan.excused]
        ],
        batch_size=2000,
    )
    PlanChange.objects.bulk_create(
        [
            PlanChange(
                plan=plan, kind=c.kind, reason=c.reason,
                from_helper_id=int(c.before.helper) if c.before else None,
                from_on=week.on(c.before.day) if c.before else None,
                to_helper_id=int(c.after.helper) if c.after else None,
                to_on=week.on(c.after.day) if c.after else None, **areas(c.person),
            )
            for c in made.changes
        ],
        batch_size=2000,
    )  # fmt: skip


def _numbered(items: list[Item]):
    """Each contact with its place in the helper's day, from 0."""
    at: Counter = Counter()
    for it in sorted(items, key=lambda it: (it.helper, it.day, it.order, it.kind != CALL, it.person)):
        yield at[it.helper, it.day], it
        at[it.helper, it.day] += 1


def _forget_drafts(week: TownWeek, but: Plan | None) -> None:
    """Drafts of weeks gone by are of no use to anybody; what was told stays."""
    old = Plan.objects.filter(place=week.town, told_at=None, week_start__lt=week.period.start, children=None)
    old.exclude(pk=but.pk if but else 0).delete()


@transaction.atomic
def tell(*, plan: Plan, by, post=None) -> Plan:
    """Put a draft in force: from now on it is what the helpers are told; the one before ends. Telling twice changes nothing.

    Refused: a plan that was left or replaced; a re-plan whose parent is no longer the one in force.
    """
    allowed(post, MANAGE, plan.place)
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    standing = Plan.objects.select_for_update().filter(
        place=plan.place, rule=plan.rule, period=plan.period, ended_at=None, told_at__isnull=False
    ).first()  # fmt: skip
    if standing and standing.pk == plan.pk:
        return plan
    if plan.ended_at is not None:
        raise Refusal(
            "plan_ended",
            zh="这份排班已被替代或放弃，不能再下达。请打开正在执行的排班，需要时重新试排。",
            en="This plan was replaced or left and cannot be told any more. Open the one in force and try again from there.",
        )
    if standing and plan.parent and plan.parent.told_at and plan.parent_id != standing.pk:
        raise Refusal(
            "plan_outdated",
            zh="您试排期间，另一份排班已经下达。请打开它，在它的基础上重新试排，以免覆盖同事的安排。",
            en="While you were trying, another plan was told. Open it and try again from there, so that no colleague's work is lost.",
        )
    now = timezone.now()
    if standing:
        Plan.objects.filter(pk=standing.pk).update(ended_at=now)
        PlanItem.objects.filter(plan=standing, in_force=True).update(in_force=False)
    Plan.objects.filter(pk=plan.pk).update(told_at=now, told_by=user_id(by))
    PlanItem.objects.filter(plan=plan).update(in_force=True)
    detail = {"period": plan.period, "replaces": standing.pk if standing else None, "by": user_id(by)}
    audit.note("plans.tell", "plan", plan.pk, area_id=plan.place_id, **detail)
    plan.refresh_from_db()
    return plan


@transaction.atomic
def leave(*, plan: Plan, by, post=None) -> Plan:
    """Put a draft aside. A plan in force cannot be left, only replaced."""
    allowed(post, MANAGE, plan.place)
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    if plan.told_at is not None:
        raise Refusal(
            "plan_in_force",
            zh="已经下达的排班不能放弃，只能用新的排班替代。",
            en="A plan that was told cannot be left, only replaced by a new one.",
        )
    if plan.ended_at is None:
        Plan.objects.filter(pk=plan.pk).update(ended_at=timezone.now())
        audit.note("plans.leave", "plan", plan.pk, area_id=plan.place_id, by=user_id(by))
        plan.refresh_from_db()
    return plan


def make_week(
    *, place, period, by, post=None, rule: str = "visiting", wishes: Wishes | None = None, budget: Budget | None = None,
    seed: int = 1, effort: int = EFFORT, today: date | None = None,
) -> Plan:  # fmt: skip
    """Read, compute and keep a township's week as a draft (the desk's one call)."""
    allowed(post, MANAGE, place)
    week = town_week(post=post, place=place, period=period, rule=rule, today=today)
    return keep(compute(week, wishes=wishes, budget=budget, seed=seed, effort=effort), by=by, post=post)


def try_out(
    *, plan: Plan, wishes: Wishes, by, post=None, swap: tuple[str, str] | None = None, budget: Budget | None = None,
    today: date | None = None, seed: int = 1,
) -> Plan:  # fmt: skip
    """What if: the plan again with these wishes, kept as a draft beside it, so that its price is seen before it is told.

    Wishes added to a draft are tried with its own on the plan that draft began from, so that changes always say what is
    otherwise than people were told.
    """
    allowed(post, MANAGE, plan.place)
    week = town_week(post=post, place=plan.place, period=parse(plan.period), rule=plan.rule, today=today)
    base = plan
    if plan.told_at is None and plan.parent is not None:
        base, wishes = plan.parent, from_json(plan.wishes).known_in(week).from_day(week.first_day) | wishes
    made = rework(week, parent=base, wishes=wishes, swap=swap, budget=budget, seed=seed)
    return keep(made, by=by, post=post)

"""The weekly duty plan of a county or prefecture: area by area, explained, compared with the naive plan, re-planned."""

from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache

from songhe.insight.planning.budget import Budget
from songhe.insight.planning.reasons import ImpossibleInputError, Reason
from songhe.insight.planning.travel import straight
from songhe.insight.planning.weekly import township
from songhe.insight.planning.weekly.areas import areas
from songhe.insight.planning.weekly.calls import call_items
from songhe.insight.planning.weekly.model import (
    CALL,
    DAYS,
    EFFORT,
    EFFORT_AGAIN,
    VISIT,
    Duty,
    Forbid,
    Helper,
    Item,
    Person,
    Pin,
    Rules,
    Urgent,
    WeekPlan,
)
from songhe.insight.planning.weekly.refuse import refusals


@cache
def warm_up() -> None:
    """Compile the kernel (or load it from the cache) on the smallest possible week, before any clock runs."""
    plan([Person("p", 0.0, 0.0, own="h")], [Helper("h", 0.0, 0.0)], [Duty("p")], effort=1)


def _before(start: WeekPlan | None, first_day: int):
    """From an earlier plan: visits told (by person and rank), calls told, and what is already done."""
    told, calls, done_visits, done_calls = {}, defaultdict(list), Counter(), defaultdict(list)
    if start is None:
        return told, calls, done_visits, done_calls
    rank = Counter()
    for it in sorted(start.items, key=lambda it: (it.day, it.order)):
        if it.day < first_day:
            if it.kind == VISIT:
                done_visits[it.person] += 1
            else:
                done_calls[it.person].append(it.day)
        elif it.kind == CALL:
            calls[it.person].append((it.helper, it.day))
        elif it.why != "urgent":
            told[it.person, rank[it.person]] = (it.helper, it.day, it.order)
            rank[it.person] += 1
    return told, calls, done_visits, done_calls


def _owed(duties, done_visits, done_calls):
    return {
        d.person: replace(
            d,
            visits=max(0, d.visits - done_visits[d.person]),
            calls=max(0, d.calls - len(done_calls.get(d.person, ()))),
        )
        for d in duties
    }


def _sheet(t, visits, calls):
    """Calls first, then the round: final order and start minutes of every helper's day."""
    items = []
    load = Counter((c.helper, c.day) for c in calls)
    items += [replace(c, start=c.order * t.rules.call_minutes) for c in calls]
    for v in visits:
        k = load[v.helper, v.day]
        items.append(
            replace(v, order=v.order + k, start=round(v.start + k * t.rules.call_minutes, 1), travel=round(v.travel, 2))
        )
    return items


def _area(job):
    (
        people,
        helpers,
        owed,
        travel,
        rules,
        pins,
        forbids,
        urgent,
        told,
        calls_told,
        done_calls,
        first_day,
        effort,
        seed,
        spent,
    ) = job
    t = township.Township(
        people, helpers, owed, travel, rules, pins=pins, forbids=forbids, urgent=urgent, was=told, first_day=first_day
    )
    resumed = bool(told)
    routes, price = township.solve(t, steps=max(2000, effort * t.n), seed=seed, spent=spent, resumed=resumed)
    visits, left = township.visit_items(t, routes)
    calls, missing = call_items(t, visits, done_calls, calls_told)
    home = 0.0
    last = {}
    for v in visits:
        if (v.helper, v.day) not in last or last[v.helper, v.day].order < v.order:
            last[v.helper, v.day] = v
    for (h, _), v in last.items():
        home += float(t.dist[t.index[v.person], len(people) + t.number[h]])
    work = Counter({h.id: 0.0 for h in helpers})
    for v in visits:
        work[v.helper] += v.travel + rules.visit_minutes
    for (h, _), v in last.items():
        work[h] += float(t.dist[t.index[v.person], len(people) + t.number[h]])
    for c in calls:
        work[c.helper] += rules.call_minutes
    travel_minutes = sum(v.travel for v in visits) + home
    return _sheet(t, visits, calls), left + missing, travel_minutes, dict(work), t.way.basis, price


def _groups(pins, forbids):
    banned = defaultdict(set)
    for f in forbids:
        banned[f.person].add(f.helper)
    merged = {}
    for p in pins:
        old = merged.get(p.person, Pin(p.person))
        merged[p.person] = Pin(p.person, p.helper or old.helper, p.day if p.day is not None else old.day)
    return merged, {k: frozenset(v) for k, v in banned.items()}


def _pinned_areas(parts, people, helpers, pins):
    """A person pinned to a helper of another area moves into that helper's area."""
    area_of = {helpers[j].id: a for a, (_, mine) in enumerate(parts) for j in mine}
    moved = {}
    for i, p in enumerate(people):
        pin = pins.get(p.id)
        if pin and pin.helper in area_of:
            moved[i] = area_of[pin.helper]
    out = []
    for a, (mine, staff) in enumerate(parts):
        kept = [i for i in mine if moved.get(i, a) == a] + [
            i for i, b in moved.items() if b == a and i not in set(mine)
        ]
        out.append((kept, staff))
    return out


def plan(
    people: list[Person], helpers: list[Helper], duties: list[Duty], *, travel=straight, pins: tuple[Pin, ...] = (),
    forbids: tuple[Forbid, ...] = (), urgent: tuple[Urgent, ...] = (), rules: Rules | None = None,
    start: WeekPlan | None = None, first_day: int = 0, touched: set[str] | None = None, budget: Budget | None = None,
    effort: int = EFFORT, seed: int = 1, threads: int = 1,
) -> WeekPlan:  # fmt: skip
    """The week's plan. ``travel(points)`` gives minutes between points. ``start`` with ``first_day`` re-plans from that day on:
    earlier days count as done, later ones are kept where they can be (``Rules.keep``); areas in which nobody of ``touched``
    (ids of people and helpers) lives stay as they are. Repeats exactly for a seed unless the budget's clock cuts it short.

    Raises ImpossibleInputError with every reason before planning.
    """
    reasons = refusals(people, helpers, duties, pins, forbids, urgent)
    if reasons:
        raise ImpossibleInputError(reasons)
    rules = rules or Rules()
    told, calls_told, done_visits, done_calls = _before(start, first_day)
    owed = _owed(duties, done_visits, done_calls)
    pin_of, banned = _groups(pins, forbids)
    parts = _pinned_areas(areas(people, helpers), people, helpers, pin_of)
    spent = budget.spent if budget else (lambda: 0.0)
    jobs, items, undone = [], [], []
    for a, (mine, staff) in enumerate(parts):
        crowd, team = [people[i] for i in mine], [helpers[j] for j in staff]
        ids = {p.id for p in crowd} | {h.id for h in team}
        if start is not None and touched is not None and not ids & touched:
            items += [it for it in start.items if it.helper in ids and it.day >= first_day]
            undone += [r for r in start.undone if r.subject in ids]
            continue
        jobs.append(
            (
                crowd,
                team,
                owed,
                travel,
                rules,
                pin_of,
                banned,
                [u for u in urgent if u.person in ids],
                {k: v for k, v in told.items() if k[0] in ids},
                calls_told,
                done_calls,
                first_day,
                effort,
                seed + a,
                spent,
            )
        )
    travel_total, work, basis, price = 0.0, Counter(), ("", ""), 0.0
    with ThreadPoolExecutor(max_workers=max(1, threads)) as pool:
        for n, (found, left, minutes, load, how, cost) in enumerate(pool.map(_area, jobs)):
            items += found
            undone += left
            travel_total += minutes
            work.update(load)
            basis, price = how, price + cost
            if budget:
                budget.tell((n + 1) / len(jobs), price)
    if start is not None:
        items += [it for it in start.items if it.day < first_day]
    result = WeekPlan(
        items=sorted(items, key=lambda it: (it.helper, it.day, it.order)),
        undone=undone,
        excused=[
            Reason("excused", d.person, f"本周免访:{d.excused}", f"Excused this week: {d.excused}")
            for d in duties
            if d.excused
        ],
        travel=travel_total,
        work=dict(work),
        basis=basis,
        price=price,
        bound_note="启发式结果,与朴素排法对比 / heuristic, compared with the naive plan",
    )
    if start is not None:
        _reprice(result, people, helpers, rules, travel)
    return result


def _reprice(found: WeekPlan, people, helpers, rules, travel) -> None:
    """Travel and work of the whole week from its items (after parts of it were taken over from an earlier plan)."""
    where = {p.id: (p.x, p.y) for p in people}
    routes = defaultdict(list)
    for it in found.items:
        routes[it.helper].append(it)
    found.travel, found.work = 0.0, {h.id: 0.0 for h in helpers}
    for h in helpers:
        mine = sorted((it for it in routes[h.id] if it.kind == VISIT), key=lambda it: (it.day, it.order))
        calls = sum(it.kind == CALL for it in routes[h.id])
        found.work[h.id] = len(mine) * rules.visit_minutes + calls * rules.call_minutes
        if not mine:
            continue
        way = travel([where[it.person] for it in mine] + [(h.x, h.y)]).minutes
        total, at, day = 0.0, len(mine), None
        for k, it in enumerate(mine):
            if it.day != day:
                if day is not None:
                    total += way[at, len(mine)]
                at, day = len(mine), it.day
            total += way[at, k]
            at = k
        total += way[at, len(mine)]
        found.travel += float(total)
        found.work[h.id] += float(total)


def naive(people, helpers, duties, *, travel=straight, rules: Rules | None = None) -> WeekPlan:
    """What is done without a planner: each helper's own people in list order, dealt evenly over the working days."""
    rules = rules or Rules()
    owed = {d.person: d for d in duties if not d.excused}
    staff = {h.id: h for h in helpers}
    own = defaultdict(list)
    for mine, team in areas(people, helpers):
        for i in mine:
            p = people[i]
            if p.own in staff:
                own[p.own].append(p)
            elif team:
                near = min(team, key=lambda j: (helpers[j].x - p.x) ** 2 + (helpers[j].y - p.y) ** 2)
                own[helpers[near].id].append(p)
    items, basis = [], ("", "")
    for h in helpers:
        mine = [p for p in own[h.id] if p.id in owed]
        days = [d for d in range(DAYS) if h.minutes[d] > 0]
        if not mine or not days:
            continue
        visits = [p for p in mine for _ in range(owed[p.id].visits)]
        for k, p in enumerate(visits):
            items.append(Item(p.id, h.id, days[k * len(days) // len(visits)], VISIT, k, 0.0, 0.0, "own"))
        calls = [p for p in mine for _ in range(owed[p.id].calls)]
        items += [Item(p.id, h.id, days[k % len(days)], CALL, -1, 0.0, 0.0, "own") for k, p in enumerate(calls)]
    found = WeekPlan(items, [], [], 0.0, {}, basis)
    _reprice(found, people, helpers, rules, travel)
    return found


def compare(old: WeekPlan, new: WeekPlan) -> dict:
    """What changes for whom between two plans, and the difference in the figures."""
    before = {(it.person, it.kind, k): (it.helper, it.day) for k, it in _ranked(old)}
    after = {(it.person, it.kind, k): (it.helper, it.day) for k, it in _ranked(new)}
    moved = [
        {"person": key[0], "kind": key[1], "from": before.get(key), "to": after.get(key)}
        for key in sorted(before.keys() | after.keys())
        if before.get(key) != after.get(key)
    ]
    return {
        "travel_minutes": round(new.travel - old.travel, 1),
        "spread_minutes": round(new.spread - old.spread, 2),
        "undone": len(new.undone) - len(old.undone),
        "contacts": len(new.items) - len(old.items),
        "changed": moved,
        "people_who_change_hands": len(
            {m["person"] for m in moved if m["from"] and m["to"] and m["from"][0] != m["to"][0]}
        ),
    }


def _ranked(plan):
    seen = Counter()
    for it in sorted(plan.items, key=lambda it: (it.day, it.order)):
        yield seen[it.person, it.kind], it
        seen[it.person, it.kind] += 1


def replan(
    start: WeekPlan, people, helpers, duties, *, first_day: int = 0, ill: dict[str, tuple[int, ...]] | None = None,
    pins=(), forbids=(), urgent=(), rules: Rules | None = None, travel=straight, seed: int = 1, threads: int = 1,
    effort: int = EFFORT_AGAIN, budget: Budget | None = None,
) -> tuple[WeekPlan, dict]:  # fmt: skip
    """Changes of the day with as little disturbance as possible: helpers ``ill`` on days, new needs, pins, forbids.

    -> (new plan, compare(start, new)), so that a planner sees the price of every wish at once.
    """
    ill = ill or {}
    unknown = [h for h in ill if h not in {x.id for x in helpers}]
    if unknown:
        raise ImpossibleInputError(
            [Reason("unknown_helper", h, "没有这名帮扶人员。", "No such helper.") for h in unknown]
        )
    team = [
        replace(h, minutes=tuple(0 if d in ill.get(h.id, ()) else m for d, m in enumerate(h.minutes))) for h in helpers
    ]
    touched = set(ill) | {u.person for u in urgent} | {p.person for p in pins} | {f.person for f in forbids}
    touched |= {p.helper for p in pins if p.helper} | {f.helper for f in forbids}
    new = plan(
        people, team, duties, travel=travel, pins=tuple(pins), forbids=tuple(forbids), urgent=tuple(urgent), rules=rules,
        start=start, first_day=first_day, touched=touched, budget=budget, effort=effort, seed=seed, threads=threads,
    )  # fmt: skip
    return new, compare(start, new)


def swap(start: WeekPlan, people, helpers, duties, one: str, other: str, **kwargs) -> tuple[WeekPlan, dict]:
    """Two people exchange their helpers; the rest of the week stays as it is where it can."""
    serves = {it.person: it.helper for it in start.items if it.kind == VISIT}
    missing = [p for p in (one, other) if p not in serves]
    if missing:
        raise ImpossibleInputError(
            [Reason("not_planned", p, "本周没有安排此人的探访。", "No visit is planned.") for p in missing]
        )
    pins = (Pin(one, serves[other]), Pin(other, serves[one]))
    return replan(start, people, helpers, duties, pins=pins, **kwargs)


def route_list(found: WeekPlan, helper: str) -> list[dict]:
    """A helper's week for phone and sheet: each day in order."""
    return [
        {
            "day": it.day,
            "order": it.order,
            "kind": it.kind,
            "person": it.person,
            "start_minute": it.start,
            "why": it.why,
        }
        for it in sorted((i for i in found.items if i.helper == helper), key=lambda i: (i.day, i.order))
    ]

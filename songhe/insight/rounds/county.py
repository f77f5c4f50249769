"""All townships of a county or prefecture, one after the other or side by side: limited, cancelled, gone on with later.

Each township is kept as soon as it is planned. Cut off (time, cancelling, a power cut), the next run with `resume` plans the
townships that have nothing yet and goes on from the best of those that were cut short.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from songhe.core.acting import everywhere
from songhe.core.periods import Period
from songhe.core.refusal import Refusal
from songhe.insight.planning.budget import Budget
from songhe.insight.planning.weekly.model import EFFORT
from songhe.insight.rounds import actions, queries
from songhe.insight.rounds.actions import Made
from songhe.insight.rounds.gathering import TownWeek, town_week
from songhe.insight.rounds.models import Plan
from songhe.insight.rounds.planners import planner
from songhe.insight.rounds.wishes import from_json
from songhe.registry.places.models import Level, Place


@dataclass
class Limits:
    """`seconds` for all townships together on the clock `now`, or so many steps a visit (`effort`) and no clock."""

    seconds: float | None = None
    now: Callable[[], float] | None = None
    effort: int = EFFORT
    seed: int = 1
    threads: int = 1
    cancelled: Callable[[], bool] = lambda: False
    report: Callable[[int, int, str], None] | None = None


@dataclass
class TownDone:
    """One township: what was made and, unless it was a dry run, the plan kept; or why it could not be planned."""

    place: Place
    made: Made | None = None
    plan: Plan | None = None
    refusal: Refusal | None = None


def townships(*, post, place: Place, period: Period, rule: str = "visiting", resume: str = "") -> list[Place]:
    """Those that owe something this week; with `resume="resume"` those without a finished plan."""
    if place.level == Level.VILLAGE:
        raise Refusal(
            "not_a_township",
            zh=f"排班按乡镇（街道）做，“{place}”是村级。请写乡镇、县或市的代码。",
            en=f'Plans are made for townships; "{place}" is a village. Give the code of a township, county or city.',
            field="place",
        )
    lines = queries.towns(post=post, place=place, period=period, rule=rule)
    if not lines:
        raise Refusal(
            "nothing_owed",
            zh=f"“{place}”{period.label('zh')}没有应访名单。请先开启这一周（songhe duties open，或等每晚任务）。",
            en=f'"{place}" has no duties in {period.label("en")}. Open the week first (songhe duties open, or the nightly round).',
            field="period",
        )
    if resume:
        lines = [line for line in lines if not line.in_force and (line.draft is None or line.draft.cut)]
    return [line.place for line in lines]


def plan_townships(
    places: list[Place], *, post, period: Period, by, rule: str = "visiting", limits: Limits, dry: str = "",
    resume: str = "", today: date | None = None, roads: Path | None = None,
) -> Iterator[TownDone]:  # fmt: skip
    """Plan each and keep it as a draft (`dry="dry"`: keep nothing), yielding them as they are ready. Runs as the system.

    Reading and writing happen here, in short transactions; only the computing runs in threads.
    """
    planner("weekly.plan")
    clock = _Clock(limits, len(places))
    with ThreadPoolExecutor(max_workers=max(1, limits.threads)) as pool:
        running: dict[Future, tuple[TownWeek, Plan | None]] = {}
        waiting = list(places)
        while waiting or running:
            while waiting and len(running) < limits.threads and not clock.over():
                place = waiting.pop(0)
                try:
                    with everywhere():
                        week = town_week(post=post, place=place, period=period, rule=rule, today=today, roads=roads)
                        old = _cut_draft(post, place, period, rule) if resume else None
                        start = queries.week_plan(old, week) if old else None
                except Refusal as refusal:
                    clock.done += 1
                    yield TownDone(place, refusal=refusal)
                    continue
                budget = clock.budget()
                wishes = from_json(old.wishes).known_in(week).from_day(week.first_day) if old else None
                job = pool.submit(
                    actions.compute, week, wishes=wishes, budget=budget, seed=limits.seed, effort=limits.effort, start=start
                )  # fmt: skip
                running[job] = (week, old)
            if not running:
                return  # cancelled or out of time: those waiting stay unplanned
            for job in wait(running, return_when=FIRST_COMPLETED).done:
                week, old = running.pop(job)
                clock.done += 1
                yield _finished(job, week, old, by=by, post=post, dry=dry)
                if limits.report:
                    limits.report(clock.done, len(places), str(week.town))


class _Clock:
    """Shares the seconds among the townships that are still to come."""

    def __init__(self, limits: Limits, places: int):
        self.limits, self.places, self.done, self.begun_towns = limits, places, 0, 0
        self.begun = limits.now() if limits.now else 0.0

    def left(self) -> float:
        if self.limits.seconds is None or self.limits.now is None:
            return float("inf")
        return self.limits.seconds - (self.limits.now() - self.begun)

    def over(self) -> bool:
        return self.limits.cancelled() or self.left() <= 0

    def budget(self) -> Budget:
        self.begun_towns += 1
        if self.limits.seconds is None:
            return Budget(steps=1, cancelled=self.limits.cancelled)
        to_come = self.places - self.begun_towns + 1
        rounds = -(-to_come // max(1, self.limits.threads))
        return Budget(seconds=max(0.05, self.left() / rounds), now=self.limits.now, cancelled=self.limits.cancelled)


def _cut_draft(post, place: Place, period: Period, rule: str) -> Plan | None:
    found = queries.plans_of(post=post, place=place, period=period, rule=rule, limit=1)
    return found[0] if found and found[0].cut and found[0].told_at is None and found[0].ended_at is None else None


def _finished(job: Future, week: TownWeek, old: Plan | None, *, by, post, dry: str) -> TownDone:
    try:
        made = job.result()
    except Refusal as refusal:
        return TownDone(week.town, refusal=refusal)
    if dry:
        return TownDone(week.town, made)
    with everywhere():
        plan = actions.keep(made, by=by, post=post)
        if old:
            actions.leave(plan=old, by=by, post=post)
    return TownDone(week.town, made, plan)

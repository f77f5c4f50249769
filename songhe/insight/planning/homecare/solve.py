"""Home service rounds with synchronised carers: the best plan found within a budget.

Method: simulated annealing on one global order (see anneal.py); several starts from hot for small days, then two
reheats from the best. With a count of steps the run repeats exactly for a seed; with seconds it uses the clock handed in.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from songhe.insight.planning.budget import Budget
from songhe.insight.planning.homecare import arrays
from songhe.insight.planning.homecare.instance import Rounds
from songhe.insight.planning.homecare.refuse import refusals
from songhe.insight.planning.homecare.routes import Plan, plan_of
from songhe.insight.planning.keeping import EVERY, Keeper
from songhe.insight.planning.reasons import ImpossibleInputError

STEPS_A_SECOND = 1.2e6  # only to choose how many starts fit; measured on one core of an ordinary server
STEPS_A_START = 150_000  # for each visit: what one run from hot to cold needs to be worth more than a longer first one
CHUNK = 20_000
COOLING = 40  # chunks of cooling after a cancelled run


@dataclass(frozen=True)
class Leg:
    """A stretch of the run: until this share of the budget, from hot to cold, perhaps starting from the best so far."""

    until: float
    hot: float
    cold: float
    from_best: bool


def _legs(t, budget: Budget, resumed: bool) -> list[Leg]:
    unit = max(1.0, float(t.dist.mean()))
    hot, warm, cold = 2.0 * unit, 0.3 * unit, 0.02 * unit
    if resumed:
        return [Leg(f, warm, cold, True) for f in (0.34, 0.67, 1.0)]
    steps = budget.steps if budget.steps is not None else budget.seconds * STEPS_A_SECOND
    starts = int(min(8, max(1, round(0.75 * steps / (STEPS_A_START * t.m)))))
    legs = [Leg(0.76 * (i + 1) / starts, hot, cold, False) for i in range(starts)]
    return [*legs, Leg(0.88, warm, cold, True), Leg(1.0, warm, cold, True)]


def _chain(t, budget: Budget, seed: int, start, weight, keep=None) -> arrays.State:
    order, car = start or arrays.greedy(t)
    state = arrays.State(t, seed, order, car, weight)
    chunk = CHUNK if budget.steps is None else max(1, min(CHUNK, budget.steps // 50))
    begun, mark = 0.0, EVERY
    for leg in _legs(t, budget, start is not None):
        if leg.from_best:
            state.back_to_best()
        while (spent := budget.spent()) < leg.until:
            share = max(0.0, (spent - begun) / (leg.until - begun))
            heat = leg.hot * (leg.cold / leg.hot) ** share
            state.anneal(chunk, heat, heat)
            budget.done += chunk
            budget.tell(spent, state.best / (3 * t.scale))
            if keep and spent >= mark:
                keep(state)
                mark = spent + EVERY
        begun = leg.until
    if budget.cancelled and budget.cancelled():
        _cool(t, state, chunk)
    return state


def _cool(t, state: arrays.State, chunk: int) -> None:
    """Cancelled in the heat, a plan is far from settled: a second of cooling from the best makes it fit to use."""
    unit = max(1.0, float(t.dist.mean()))
    state.back_to_best()
    for part in range(COOLING):
        heat = unit * 0.3 * (0.02 / 0.3) ** (part / COOLING)
        state.anneal(chunk, heat, heat)


def _keeper(rounds: Rounds, keep: Callable[[Plan], None]):
    """Hands out each chain's best when it is better than what any chain handed out before."""
    keeper = Keeper(keep)

    def found(state: arrays.State) -> None:
        keeper.offer(state.best, lambda: plan_of(rounds, np.argsort(state.best_slot, kind="stable"), state.best_car))

    return found


def warm_up() -> None:
    """Compile the kernel (or load it from the cache) on the smallest possible day, before any clock runs."""
    from songhe.insight.planning.homecare.instance import Recipient, Service

    people = tuple(Recipient(str(i), i + 1, (0.0, 9.0), (Service("a", 1.0),)) for i in range(2))
    from songhe.insight.planning.homecare.instance import Carer

    tiny = Rounds("warm-up", people, (Carer("c", frozenset("a")),), np.ones((3, 3)))
    solve(tiny, budget=Budget(steps=10), seed=1)


def solve(
    rounds: Rounds, *, budget: Budget, seed: int = 1, threads: int = 1, start: Plan | None = None, weights=(1, 1, 1),
    keep: Callable[[Plan], None] | None = None,
) -> Plan:  # fmt: skip
    """The best plan found. ``start`` resumes from an earlier plan of the same day; ``weights`` are for distance, total and
    largest tardiness; ``keep`` is given each better plan now and then, so that a run cut off loses little. Raises ImpossibleInputError with every reason before the solver starts."""
    reasons = refusals(rounds)
    if reasons:
        raise ImpossibleInputError(reasons)
    t = arrays.tables(rounds)
    weight = np.array([*weights, arrays.OVERTIME_WEIGHT], np.int64)
    begin = (np.array(start.order), np.array(start.carer_of)) if start is not None else None
    budgets = [budget, *(budget.fork() for _ in range(threads - 1))]
    found = _keeper(rounds, keep) if keep else None
    with ThreadPoolExecutor(max_workers=threads) as pool:
        runs = [pool.submit(_chain, t, b, seed + 7919 * i, begin, weight, found) for i, b in enumerate(budgets)]
        states = [r.result() for r in runs]
    best = min(states, key=lambda s: s.best)
    return plan_of(rounds, np.argsort(best.best_slot, kind="stable"), best.best_car)

"""p-median as a siting plan: existing sites kept, the worst-off named, reach before and after."""

from collections.abc import Callable

import numpy as np

from songhe.insight.planning.budget import Budget
from songhe.insight.planning.siting import median
from songhe.insight.planning.siting.model import Demand, Site, SitingPlan, access_map, reach, refuse_impossible
from songhe.insight.planning.siting.reasons_left import unreached


def shortest(
    demand: list[Demand], sites: list[Site], minutes: np.ndarray, *, count: int, within: float, budget: Budget, seed: int = 1,
    start: list[int] | None = None, keep: Callable[[list[str]], None] | None = None,
) -> SitingPlan:  # fmt: skip
    """`count` new sites so that the sum of people × minutes to the nearest open site is least; `within` only reports reach.
    `start` and `keep` as in coverage.solve."""
    minutes = np.asarray(minutes, dtype=float)
    refuse_impossible(demand, sites, count, minutes)
    kept = np.array([s.existing for s in sites])
    weight = np.array([d.weight for d in demand])
    found = median.solve(
        weight[:, None] * minutes, count + int(kept.sum()), budget=budget, must=kept, seed=seed, start=start,
        keep=keep and (lambda chosen: keep([sites[j].id for j in chosen])),
    )  # fmt: skip
    limits = np.array([within if d.within is None else d.within for d in demand])
    reachable = minutes <= limits[:, None]
    chosen, before = np.array(found.sites), np.flatnonzero(kept)
    plan = SitingPlan(
        sites=[sites[j].id for j in found.sites],
        objective=found.cost,
        bound=found.bound,
        gap=found.gap,
        proven=found.proven,
        serves={d.id: sites[found.serves[i]].id for i, d in enumerate(demand)},
        before=reach(demand, minutes, before, limits),
        after=reach(demand, minutes, chosen, limits),
        left=unreached(demand, sites, reachable, reachable[:, chosen].any(axis=1), chosen),
        notes=found.notes,
    )
    plan.after["map"] = access_map(demand, minutes, before, chosen)
    return plan

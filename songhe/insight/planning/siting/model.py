"""Where the next stations, canteens or beds go: plain demand and candidate sites, and a plan that explains itself."""

from dataclasses import dataclass, field

import numpy as np

from songhe.insight.planning.reasons import ImpossibleInputError, Reason


@dataclass(frozen=True)
class Demand:
    """People at a place: ``weight`` how many; ``within`` minutes that count as reached; ``group`` (urban community,
    village cluster, township) for equity."""

    id: str
    weight: float
    x: float
    y: float
    within: float | None = None
    group: str = ""


@dataclass(frozen=True)
class Site:
    """A place where a station could stand, or stands already (``existing``)."""

    id: str
    x: float
    y: float
    capacity: float | None = None
    cost: float = 1.0
    existing: bool = False


@dataclass
class SitingPlan:
    """Chosen sites with everything a planner asks: value, bound, gap, reach before and after, what was left and why."""

    sites: list[str]
    objective: float
    bound: float
    gap: float
    proven: bool
    serves: dict[str, str | None]
    before: dict
    after: dict
    left: list[Reason] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def refuse_impossible(demand: list[Demand], sites: list[Site], count: int, minutes: np.ndarray) -> None:
    """Raise ImpossibleInputError with every reason before anything is computed."""
    found = []
    new = sum(not s.existing for s in sites)
    if not demand:
        found.append(Reason("no_demand", "", "没有需求点。", "There is no demand."))
    if not sites:
        found.append(Reason("no_sites", "", "没有候选地点。", "There are no candidate sites."))
    if count < 0 or count > new:
        found.append(
            Reason(
                "too_many_sites",
                str(count),
                f"要建 {count} 处,而候选地点只有 {new} 处。",
                f"{count} new sites are wanted and there are only {new} candidates.",
            )
        )
    found += [
        Reason("weight", d.id, "人数为负或缺失。", "The weight is negative or missing.")
        for d in demand
        if not d.weight >= 0
    ]
    if minutes.shape != (len(demand), len(sites)):
        found.append(
            Reason("matrix_shape", "", "时间矩阵的行列数不符。", "The travel matrix does not fit the demand and sites.")
        )
    elif not np.isfinite(minutes).all() or (minutes < 0).any():
        found.append(Reason("matrix_value", "", "时间矩阵有负数或空值。", "The travel matrix holds a bad value."))
    if found:
        raise ImpossibleInputError(found)


def reach(demand, minutes, open_sites, within) -> dict:
    """Accessibility of a set of open sites: share of people reached, mean and 95th percentile minutes, worst-off group."""
    weight = np.array([d.weight for d in demand])
    total = max(weight.sum(), 1e-9)
    if not len(open_sites):
        return {"share": 0.0, "mean_minutes": None, "p95_minutes": None, "worst_group": None, "groups": {}}
    way = minutes[:, open_sites].min(axis=1)
    ok = way <= within
    order = np.argsort(way, kind="stable")
    p95 = way[order][np.searchsorted(np.cumsum(weight[order]), 0.95 * weight.sum())] if weight.sum() > 0 else way.max()
    groups = {}
    for g in sorted({d.group for d in demand if d.group}):
        mine = np.array([d.group == g for d in demand])
        if weight[mine].sum() > 0:
            groups[g] = float((weight * ok)[mine].sum() / weight[mine].sum())
    worst = min(groups, key=groups.get) if groups else None
    return {
        "share": float((weight * ok).sum() / total),
        "mean_minutes": float((weight * way).sum() / total),
        "p95_minutes": float(p95),
        "worst_group": {"group": worst, "share": groups[worst]} if worst else None,
        "groups": groups,
    }


def access_map(demand, minutes, before, after) -> list[dict]:
    """For the map: each place's minutes to the nearest open site before and after."""
    old = minutes[:, before].min(axis=1) if len(before) else np.full(len(demand), np.inf)
    new = minutes[:, after].min(axis=1) if len(after) else np.full(len(demand), np.inf)
    return [
        {"id": d.id, "before": round(float(b), 1) if np.isfinite(b) else None, "after": round(float(a), 1)}
        for d, b, a in zip(demand, old, new, strict=True)
    ]

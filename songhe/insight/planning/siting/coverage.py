"""Maximal coverage: reach as many people as possible within their minutes with so many new sites, a budget, capacities.

HiGHS proves it; a greedy start improved by interchange gives it something to beat. ``fair`` first lifts the share reached
in the worst-off group as high as it goes, then everybody's.
"""

import numpy as np

from songhe.insight.planning.budget import Budget
from songhe.insight.planning.siting.exact import Model
from songhe.insight.planning.siting.model import Demand, Site, SitingPlan, access_map, reach, refuse_impossible
from songhe.insight.planning.siting.reasons_left import unreached


def _greedy(cover, weight, kept, cost, count, money):
    """Open the site that newly reaches most people for each yuan, then exchange one for one while it helps."""
    chosen = list(np.flatnonzero(kept))
    times = cover[:, chosen].sum(axis=1) if chosen else np.zeros(len(weight))
    allowed = ~kept
    left, opened = money, 0
    while opened < count:
        gain = (weight * (times == 0)) @ cover
        gain = np.where(allowed & (cost <= left + 1e-9), gain / (cost if np.isfinite(money) else 1.0), -1.0)
        j = int(np.argmax(gain))
        if gain[j] <= 0:
            break
        chosen.append(j)
        times = times + cover[:, j]
        allowed[j] = False
        left -= cost[j]
        opened += 1
    for _ in range(400):
        best = (1e-9, None, None)
        mine = [j for j in chosen if not kept[j]]
        alone = (weight * (times == 1)) @ cover
        gain = (weight * (times == 0)) @ cover
        rank = np.argsort(-gain)[:60]
        for r in sorted(mine, key=alone.__getitem__)[:40]:
            only = weight * ((times == 1) & (cover[:, r] > 0))
            back = only @ cover[:, rank]
            fits = allowed[rank] & (cost[rank] <= left + cost[r] + 1e-9)
            net = np.where(fits, gain[rank] + back - alone[r], -1.0)
            k = int(np.argmax(net))
            if net[k] > best[0]:
                best = (net[k], r, int(rank[k]))
        if best[1] is None:
            break
        _, r, j = best
        chosen[chosen.index(r)] = j
        times = times - cover[:, r] + cover[:, j]
        allowed[r], allowed[j] = True, False
        left += cost[r] - cost[j]
    return np.array(sorted(chosen), dtype=int)


def _merge(cover_sets, weight, groups):
    """Demands that the same sites reach (and in the same group) count as one."""
    merged, where = {}, np.zeros(len(weight), int)
    for i, key in enumerate(cover_sets):
        k = (groups[i], key)
        where[i] = merged.setdefault(k, len(merged))
    total = np.zeros(len(merged))
    np.add.at(total, where, weight)
    return list(merged), total


class _Cover:
    """The integer program: x_j open, y_i reached (or z_ij served, where sites hold only so many)."""

    def __init__(self, demand, sites, reachable, count, money):
        self.sites, self.demand = sites, demand
        self.kept = np.array([s.existing for s in sites])
        self.capped = any(s.capacity is not None for s in sites)
        sets = [tuple(np.flatnonzero(row)) for row in reachable]
        weight = np.array([d.weight for d in demand])
        groups = [d.group for d in demand]
        useful = [i for i, s in enumerate(sets) if s and weight[i] > 0]
        self.keys, self.total = _merge([sets[i] for i in useful], weight[useful], [groups[i] for i in useful])
        self.group_total = {}
        for g, w in zip(groups, weight, strict=True):
            self.group_total[g] = self.group_total.get(g, 0.0) + w
        self.count, self.money = count, money

    def build(self, fair, floor):
        m = Model()
        n = len(self.sites)
        m.columns(np.zeros(n), low=self.kept.astype(float), whole=True)
        new = [j for j in range(n) if not self.kept[j]]
        m.row(new, [1.0] * len(new), 0.0, float(self.count))
        if np.isfinite(self.money):
            m.row(new, [self.sites[j].cost for j in new], 0.0, self.money)
        self.y = m.columns(np.zeros(len(self.keys)) if fair else self.total)
        served = [[] for _ in range(n)]
        for i, (_, key) in enumerate(self.keys):
            if not self.capped:
                m.row([self.y + i, *key], [1.0, *([-1.0] * len(key))], -np.inf, 0.0)
                continue
            z = m.columns(np.zeros(len(key)))
            m.row([self.y + i, *range(z, z + len(key))], [1.0, *([-1.0] * len(key))], -np.inf, 0.0)
            for c, j in enumerate(key):
                m.row([z + c, j], [1.0, -1.0], -np.inf, 0.0)
                served[j].append((z + c, self.total[i]))
        if self.capped:
            for j, s in enumerate(self.sites):
                if s.capacity is not None and served[j]:
                    m.row([*(z for z, _ in served[j]), j], [*(w for _, w in served[j]), -float(s.capacity)], -np.inf, 0.0)
        if fair or floor is not None:
            t = m.columns([1.0 if fair else 0.0], low=0.0 if floor is None else floor)
            for g, total in self.group_total.items():
                if total > 0:
                    mine = [i for i, (h, _) in enumerate(self.keys) if h == g]
                    m.row([t, *(self.y + i for i in mine)], [-total, *self.total[mine]], 0.0, np.inf)
        return m

    def values_of(self, m, chosen):
        """A start for HiGHS from a set of open sites (only without capacities and fairness)."""
        x = np.zeros(len(m.cost))
        x[chosen] = 1.0
        for i, (_, key) in enumerate(self.keys):
            x[self.y + i] = float(any(x[j] for j in key))
        return x


def solve(
    demand: list[Demand], sites: list[Site], minutes: np.ndarray, *, count: int, within: float, budget: Budget,
    money: float = np.inf, fair: bool = False, threads: int = 1,
) -> SitingPlan:  # fmt: skip
    """`minutes[i, j]` demand i to site j; `within` holds where a demand has no own limit; `count` new sites at most."""
    minutes = np.asarray(minutes, dtype=float)
    refuse_impossible(demand, sites, count, minutes)
    limits = np.array([within if d.within is None else d.within for d in demand])
    reachable = minutes <= limits[:, None]
    weight = np.array([d.weight for d in demand])
    program = _Cover(demand, sites, reachable, count, money)
    cost = np.array([s.cost for s in sites])
    start = _greedy(reachable.astype(float), weight, program.kept.copy(), cost, count, money)
    floor, notes = None, []
    if fair:
        found = program.build(True, None).solve(seconds=budget.left() * 0.4, threads=threads, largest=True)
        floor = None if found is None else max(0.0, found[2] - 1e-6)
        notes.append(f"worst-off share lifted to {0 if floor is None else floor:.4f}")
    model = program.build(False, floor)
    plain = not program.capped and floor is None
    found = model.solve(
        seconds=budget.left(), threads=threads, largest=True, start=program.values_of(model, start) if plain else None
    )
    if found is None:
        chosen, bound = start, float(weight[reachable.any(axis=1)].sum())
        value = float(weight[reachable[:, start].any(axis=1)].sum()) if len(start) else 0.0
        notes.append("exact model found nothing in time; greedy plan shown")
    else:
        x, bound, value = found
        chosen = np.flatnonzero(x[: len(sites)] > 0.5)
    before = np.flatnonzero(program.kept)
    way = minutes[:, chosen] if len(chosen) else np.full((len(demand), 1), np.inf)
    nearest = way.argmin(axis=1)
    reached = way.min(axis=1) <= limits
    bound = max(bound, value)
    plan = SitingPlan(
        sites=[sites[j].id for j in chosen],
        objective=value,
        bound=bound,
        gap=(bound - value) / bound if bound > 0 else 0.0,
        proven=bool(bound - value <= 1e-6 * max(1.0, bound)),
        serves={d.id: sites[chosen[nearest[i]]].id if reached[i] else None for i, d in enumerate(demand)},
        before=reach(demand, minutes, before, limits),
        after=reach(demand, minutes, chosen, limits),
        left=unreached(demand, sites, reachable, reached),
        notes=notes,
    )
    plan.after["map"] = access_map(demand, minutes, before, chosen)
    return plan

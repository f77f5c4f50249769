"""Maximal coverage: reach as many people as possible within their minutes with so many new sites, a budget, capacities.

An annealed exchange of sites gives the plan (cover_search.py); HiGHS proves it, and where the instance is too large for
HiGHS a Lagrangian bound says how far it can be from the best. ``fair`` first lifts the share reached in the worst-off
group as high as it goes, then everybody's.
"""

from collections.abc import Callable

import numpy as np

from songhe.insight.planning.budget import Budget
from songhe.insight.planning.keeping import Keeper
from songhe.insight.planning.siting import cover_search, room
from songhe.insight.planning.siting.exact import Model
from songhe.insight.planning.siting.model import Demand, Site, SitingPlan, access_map, reach, refuse_impossible
from songhe.insight.planning.siting.reasons_left import unreached


def _merge(cover_sets, weight, groups):
    """Demands that the same sites reach (and in the same group) count as one."""
    merged, where = {}, np.zeros(len(weight), int)
    for i, key in enumerate(cover_sets):
        k = (groups[i], key)
        where[i] = merged.setdefault(k, len(merged))
    total = np.zeros(len(merged))
    np.add.at(total, where, weight)
    return list(merged), total


LARGE = 60_000  # pairs of demand and site within reach: beyond this a bound is computed apart
TOO_LARGE = 160_000  # and beyond this HiGHS does not get through its first relaxation in two minutes


class _Cover:
    """The integer program: x_j open, y_i reached (or z_ij served, where sites hold only so many)."""

    def __init__(self, demand, sites, reachable, count, money):
        self.sites, self.demand = sites, demand
        self.kept = np.array([s.existing for s in sites])
        self.capacity = room.capacities(sites)
        self.capped = bool(np.isfinite(self.capacity).any())
        sets = [tuple(np.flatnonzero(row)) for row in reachable]
        weight = np.array([d.weight for d in demand])
        groups = [d.group for d in demand]
        useful = [i for i, s in enumerate(sets) if s and weight[i] > 0]
        self.keys, self.total = _merge([sets[i] for i in useful], weight[useful], [groups[i] for i in useful])
        self.group_total = {}
        for g, w in zip(groups, weight, strict=True):
            self.group_total[g] = self.group_total.get(g, 0.0) + w
        self.count, self.money = count, money

    def size(self):
        return sum(len(key) for _, key in self.keys)

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
            for j, held in enumerate(self.capacity):
                if np.isfinite(held) and served[j]:
                    m.row([*(z for z, _ in served[j]), j], [*(w for _, w in served[j]), -held], -np.inf, 0.0)
        if fair or floor is not None:
            t = m.columns([1.0 if fair else 0.0], low=0.0 if floor is None else floor)
            for g, total in self.group_total.items():
                if total > 0:
                    mine = [i for i, (h, _) in enumerate(self.keys) if h == g]
                    m.row([t, *(self.y + i for i in mine)], [-total, *self.total[mine]], 0.0, np.inf)
        return m

    def opened(self, chosen):
        """A start by its sites alone, which HiGHS completes."""
        return None if chosen is None else np.isin(np.arange(len(self.sites)), chosen).astype(float)

    def values_of(self, m, chosen):
        """A start for HiGHS from a set of open sites (only without capacities and fairness)."""
        x = np.zeros(len(m.cost))
        x[chosen] = 1.0
        for i, (_, key) in enumerate(self.keys):
            x[self.y + i] = float(any(x[j] for j in key))
        return x


class _People:
    """Who is reached, and where there is room for them, by a set of open sites."""

    def __init__(self, reachable, minutes, weight, program):
        self.reachable, self.minutes, self.weight = reachable, minutes, weight
        self.capacity, self.capped, self.kept = program.capacity, program.capped, program.kept

    def _shares(self, chosen):
        return room.serve(self.reachable, self.minutes, self.weight, self.capacity, chosen)

    def count(self, chosen) -> float:
        if self.capped:
            return float(self._shares(chosen).sum())
        return float(self.weight[self.reachable[:, chosen].any(axis=1)].sum())

    def served(self, chosen):
        """-> (by demand, the site that serves most of it or -1; whether it is served whole)"""
        if not len(chosen):
            return np.full(len(self.weight), -1), np.zeros(len(self.weight), bool)
        chosen = np.asarray(chosen)
        if self.capped:
            shares = self._shares(chosen)
            some = shares.max(axis=1) > 1e-6
            return np.where(some, chosen[shares.argmax(axis=1)], -1), shares.sum(axis=1) >= self.weight - 1e-6
        way = np.where(self.reachable[:, chosen], self.minutes[:, chosen], np.inf)
        some = np.isfinite(way.min(axis=1))
        return np.where(some, chosen[way.argmin(axis=1)], -1), some

    def roomiest(self, start, count, money):
        """The better of a start that knows of full houses and one that does not (the only one where money is counted)."""
        if np.isfinite(money):
            return start
        other = np.array(
            sorted(room.spread(self.reachable, self.weight, self.capacity, self.kept, count)), dtype=np.int64
        )
        return max(start, other, key=self.count)


def _search_share(program, plain):
    """How much of the budget the annealed search gets: most of it where HiGHS would not come to an answer."""
    if plain and program.size() > TOO_LARGE:
        return 0.75
    return 0.3 if plain and program.size() > LARGE else 0.08


def solve(
    demand: list[Demand], sites: list[Site], minutes: np.ndarray, *, count: int, within: float, budget: Budget,
    money: float = np.inf, fair: bool = False, threads: int = 1, seed: int = 1, start: list[int] | None = None,
    keep: Callable[[list[str]], None] | None = None,
) -> SitingPlan:  # fmt: skip
    """`minutes[i, j]` demand i to site j; `within` holds where a demand has no own limit; `count` new sites at most.

    `start` (site numbers, those that stand among them) is where an earlier run was cut off; `keep` is given the ids of each
    better choice.
    """
    minutes = np.asarray(minutes, dtype=float)
    refuse_impossible(demand, sites, count, minutes)
    limits = np.array([within if d.within is None else d.within for d in demand])
    reachable = minutes <= limits[:, None]
    weight = np.array([d.weight for d in demand])
    program = _Cover(demand, sites, reachable, count, money)
    cost = np.array([s.cost for s in sites])
    plain = not program.capped and not fair
    keeper = Keeper(keep and (lambda chosen: keep([sites[j].id for j in chosen])))
    known = 0.0

    def better(value, chosen):
        nonlocal known
        known = max(known, value)
        keeper.offer(-value, lambda: chosen)

    start = cover_search.search(
        reachable,
        weight,
        program.kept,
        cost,
        count,
        money,
        budget=budget,
        share=_search_share(program, plain),
        seed=seed,
        begin=start,
        found=better if plain else None,
    )
    notes, ceiling = [], float(weight[reachable.any(axis=1)].sum())
    people = _People(reachable, minutes, weight, program)
    if program.capped:
        start = people.roomiest(start, count, money)
        ceiling = min(ceiling, room.most(program.capacity, program.kept, count))
    if plain and program.size() > LARGE and not np.isfinite(money):
        ceiling = min(ceiling, cover_search.ceiling(reachable, weight, program.kept, count, start, budget))
        notes.append("Lagrangian bound")
    found, floor = None, None
    if fair:
        lifted = program.build(True, None).solve(
            seconds=budget.left() * 0.4,
            threads=threads,
            largest=True,
            start=program.opened(start),
            spent=lambda: budget.look(known),
        )
        floor = None if lifted is None else max(0.0, lifted[2] - 1e-6)
        if lifted is not None:
            start = np.flatnonzero(lifted[0][: len(sites)] > 0.5)  # keeps the floor; the annealed plan may not
        notes.append(f"worst-off share lifted to {0 if floor is None else floor:.4f}")
    if program.size() <= TOO_LARGE or not plain:
        model = program.build(False, floor)
        found = model.solve(
            seconds=budget.left(),
            threads=threads,
            largest=True,
            start=program.values_of(model, start) if plain else program.opened(start),
            spent=lambda: budget.look(known),
            found=lambda x, value: better(value, np.flatnonzero(x[: len(sites)] > 0.5)),
        )
    if found is None:
        chosen, bound, value = start, ceiling, people.count(start)
        notes.append("annealed plan; the exact model was too large or found nothing in time")
    else:
        x, bound, value = found
        bound = min(bound, ceiling)
        chosen = np.flatnonzero(x[: len(sites)] > 0.5)
        if not fair:
            value = people.count(chosen)
        if plain and (weight == np.rint(weight)).all():
            bound = float(np.floor(bound + 1e-6))
    before = np.flatnonzero(program.kept)
    bound = max(bound, value)
    at, whole = people.served(chosen)
    plan = SitingPlan(
        sites=[sites[j].id for j in chosen],
        objective=value,
        bound=bound,
        gap=(bound - value) / bound if bound > 0 else 0.0,
        proven=bool(bound - value <= 1e-6 * max(1.0, bound)),
        serves={d.id: None if at[i] < 0 else sites[at[i]].id for i, d in enumerate(demand)},
        before=reach(demand, minutes, before, limits),
        after=reach(demand, minutes, chosen, limits),
        left=unreached(demand, sites, reachable, whole, chosen),
        notes=notes,
    )
    plan.after["map"] = access_map(demand, minutes, before, chosen)
    return plan

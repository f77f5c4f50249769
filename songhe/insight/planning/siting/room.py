"""Sites that hold only so many: who is served where, and how many at most."""

import numpy as np
from scipy import sparse
from scipy.optimize import linprog


def capacities(sites) -> np.ndarray:
    """People a site holds; infinite where nothing is said."""
    return np.array([np.inf if s.capacity is None else float(s.capacity) for s in sites])


def most(capacity, kept, count) -> float:
    """People who could be served at most, wherever they live: those standing, and the `count` largest others."""
    others = np.sort(capacity[~kept])[::-1][:count]
    return float(capacity[kept].sum() + others.sum())


def serve(reachable, minutes, weight, capacity, chosen) -> np.ndarray:
    """People of each demand (rows) served at each chosen site (columns): as many as there is room for within reach, and of
    all such ways to serve them one of the shortest in minutes.

    A transport problem, solved by HiGHS as a linear program; people of one place may go to several sites.
    """
    served = np.zeros((len(weight), len(chosen)))
    rows, columns = np.nonzero(reachable[:, chosen] & (weight > 0)[:, None])
    if not len(rows):
        return served
    way = minutes[:, chosen][rows, columns]
    # a minute less never outweighs one person more
    prices = -1.0 + way / (1.0 + way.max()) / (1.0 + float(weight.sum()))
    pairs = np.arange(len(rows))
    ones = np.ones(len(rows))
    full = np.flatnonzero(np.isfinite(capacity[chosen]))
    leave = sparse.csr_matrix((ones, (rows, pairs)), (len(weight), len(rows)))
    enter = sparse.csr_matrix((ones, (columns, pairs)), (len(chosen), len(rows)))[full]
    found = linprog(prices, A_ub=sparse.vstack([leave, enter]), b_ub=np.concatenate([weight, capacity[chosen][full]]))
    served[rows, columns] = found.x
    return served


def spread(reachable, weight, capacity, kept, count) -> list[int]:
    """Sites opened one by one, each where most people find room who had none: a start that knows of full houses."""
    free = weight.astype(float).copy()
    chosen = []

    def fill(j):
        # those with the fewest other ways first
        near = np.flatnonzero(reachable[:, j] & (free > 0))
        room = capacity[j]
        for i in near[np.argsort(choices[near], kind="stable")]:
            taken = min(free[i], room)
            free[i] -= taken
            room -= taken
            if room <= 0:
                break

    choices = reachable.sum(axis=1)
    for j in np.flatnonzero(kept):
        fill(j)
    allowed = ~kept
    for _ in range(count):
        gain = np.where(allowed, np.minimum(capacity, free @ reachable), -1.0)
        j = int(np.argmax(gain))
        if gain[j] <= 0:
            break
        allowed[j] = False
        chosen.append(j)
        fill(j)
    return [*(int(j) for j in np.flatnonzero(kept)), *chosen]

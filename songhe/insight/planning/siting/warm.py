"""Compile the siting kernels on a tiny instance, before any clock runs."""

import numpy as np

from songhe.insight.planning.budget import Budget
from songhe.insight.planning.siting import cover_search, median


def warm_up() -> None:
    xy = np.random.default_rng(1).uniform(0, 9, (24, 2))
    ways = np.rint(np.sqrt(((xy[:, None] - xy[None]) ** 2).sum(axis=2)) * 10)
    median.solve(ways, 3, budget=Budget(steps=60))
    cover_search.search(
        ways < 20,
        np.ones(24),
        np.zeros(24, np.bool_),
        np.ones(24),
        3,
        np.inf,
        budget=Budget(steps=100),
        share=0.5,
        seed=1,
    )

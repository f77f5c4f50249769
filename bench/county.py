"""A county day for the routing bench: the shared generator where it is at hand, else a plain one of our own."""

import importlib.util
from pathlib import Path

import numpy as np

from songhe.insight.planning.routing.model import Day, Vehicle, Visit

SKILLS = ("visit", "clean", "meal", "bath", "nurse")
DAY = 36_000


def day(visits: int, seed: int, shared: Path) -> Day:
    source = shared / "county.py"
    return _from_file(source, visits, seed) if source.is_file() else _own(visits, seed)


def _from_file(source, visits, seed):
    spec = importlib.util.spec_from_file_location("county_of_the_bench", source)
    county = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(county)
    g = county.gen(visits, seed)
    calls = tuple(
        Visit(str(i), g["nd"] + i, int(g["dur"][i]), (int(g["tw"][i, 0]), int(g["tw"][i, 1])), SKILLS[g["serv"][i]])
        for i in range(g["n"])
    )
    staff = tuple(
        Vehicle(
            str(k),
            int(g["dep"][k]),
            (int(g["shift"][k][0]), int(g["shift"][k][1])),
            frozenset(SKILLS[s] for s in county.WORKER[g["wtype"][k]][0]),
        )
        for k in range(g["h"])
    )
    return Day(calls, staff, g["T"])


def _own(visits, seed):
    """Clustered villages, five services, half-day and two-hour windows, eight visits a helper."""
    rng = np.random.default_rng(seed)
    helpers = -(-visits // 8)
    towns = rng.uniform(0, 40_000, (max(2, visits // 250), 2))
    spots = towns[rng.integers(0, len(towns), helpers + visits)] + rng.normal(0, 3_000, (helpers + visits, 2))
    metres = np.sqrt(((spots[:, None] - spots[None]) ** 2).sum(axis=2)) * 1.35
    travel = np.rint(metres / 8.0 + 60).astype(np.int64)
    np.fill_diagonal(travel, 0)
    calls = []
    for i in range(visits):
        length = int(rng.integers(20, 50)) * 60
        opens, width = (
            (int(rng.choice([0, 18_000])), 18_000) if rng.random() < 0.6 else (int(rng.integers(0, 15)) * 1800, 9_000)
        )
        window = (opens, max(opens, min(opens + width, DAY) - length))
        calls.append(
            Visit(str(i), helpers + i, length, window, str(rng.choice(SKILLS, p=[0.4, 0.2, 0.12, 0.13, 0.15])))
        )
    sets = [SKILLS[:3], SKILLS[:4], (SKILLS[0], SKILLS[2], SKILLS[4]), SKILLS]
    staff = tuple(
        Vehicle(str(k), k, (7_200, DAY) if rng.random() < 0.3 else (0, 28_800), frozenset(sets[int(rng.integers(4))]))
        for k in range(helpers)
    )
    return Day(tuple(calls), staff, travel)

"""`python -m bench.planning` (`make bench plan`): plans beside the published best and beside other solvers, at equal time.

Rounds with two carers against published best values; county days against OR-Tools, VROOM and PyVRP; p-medians against
published optima, coverage and p-median beside spopt where it is installed; the weekly plan against the naive plan.
Instances of `--shared` are used where they are; what is missing is said and left out.
"""

import argparse
import csv
import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np

from bench import county, results, routers
from bench.results import Result
from songhe.insight.planning.budget import Budget

PARTS = ("hhcrsp", "route", "files", "sites", "week")
SHARED = Path(__file__).resolve().parent.parent.parent / "shared" / "bench"
# best known values by distance, in the convention of each file kind (see routing.vrplib_files)
SOLOMON = {"c101": 827.3, "c201": 589.1, "r101": 1637.7, "r112": 948.6, "r201": 1143.2, "rc101": 1619.8, "rc108": 1114.2, "rc201": 1261.8}  # fmt: skip


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


CLOCKS = {"wall": time.monotonic, "cpu": time.process_time}


def _budget(seconds, clock="wall"):
    return Budget(seconds=seconds, now=CLOCKS[clock])


def hhcrsp(asked) -> list[Result]:
    """Mean cost over each size against the published best, both from the independent checker's figures."""
    from songhe.insight.planning.homecare.check import check
    from songhe.insight.planning.homecare.instance import read_rounds
    from songhe.insight.planning.homecare.solve import solve, warm_up

    folder = asked.shared / "hhcrsp"
    if not folder.is_dir():
        say(f"hhcrsp left out: {folder} is not there")
        return []
    warm_up()
    with (folder / "published_best.csv").open(encoding="utf-8") as f:
        rows = [r for r in csv.DictReader(f) if r["cost"] and asked.set in ("all", r["set"].lower())]
    sizes = {}
    for r in rows:
        document = json.loads((folder / f"{r['instance']}.json").read_text(encoding="utf-8"))
        rounds = read_rounds(document)
        verdict = check(
            document, solve(rounds, budget=_budget(asked.seconds, asked.clock), seed=asked.seed).document(rounds)
        )
        gap = verdict["cost"] / float(r["cost"])
        say(
            f"  {r['instance'][:34]:34} {verdict['cost']:10.3f} {float(r['cost']):10.3f} {100 * (gap - 1):+6.2f} % {'' if verdict['feasible'] else 'BROKEN'}"
        )
        key = f"{r['set']}.{r['patients']}" if r["set"] == "mankowska" else r["set"]
        sizes.setdefault(key, []).append((verdict["cost"], float(r["cost"]), gap, verdict["feasible"]))
    out = []
    for key, found in sizes.items():
        large = key.endswith((".200", ".300"))
        target = 1.03 if asked.seconds <= 10 else 1.0 if large else 1.003
        bad = sum(not f[3] for f in found)
        gap = 100 * (statistics.mean(f[2] for f in found) - 1)
        out.append(
            Result(
                f"plan.hhcrsp.{key}", statistics.mean(f[0] for f in found), statistics.mean(f[1] for f in found), "cost",
                len(found), "published best", "at most", target,
                note=f"mean gap {gap:+.2f} %, worst {100 * (max(f[2] for f in found) - 1):+.2f} %" + (f", {bad} BROKEN" if bad else ""),
            )
        )  # fmt: skip
    return out


def route(asked) -> list[Result]:
    """County days: travel hours + 3 h for each visit left out, at equal seconds on one core."""
    from songhe.insight.planning.routing.solve import routes_of, solve, violations, warm_up

    warm_up()
    out = []
    for size in asked.visits:
        costs = {}
        for seed in asked.seeds:
            day = county.day(size, seed, asked.shared)
            begun = time.perf_counter()
            plans = {"songhe": solve(day, budget=_budget(asked.seconds, asked.clock), seed=asked.seed).chosen}
            took = {"songhe": time.perf_counter() - begun}
            for name, other in routers.OTHERS.items():
                if size > 2_000 and name in asked.skip_large:
                    continue
                begun = time.perf_counter()
                try:
                    plans[name] = other(day, asked.seconds)
                    took[name] = time.perf_counter() - begun
                except ImportError as error:
                    say(f"  {name} left out: {error}")
            for name, chosen in plans.items():
                found = routes_of(day, chosen)
                bad = len(violations(day, chosen))
                costs.setdefault(name, []).append((found.cost / 3600, len(found.left), bad))
                say(
                    f"  {size} seed {seed} {name:8} {found.travel / 3600:8.2f} h, {len(found.left)} left out, {bad} rules broken, {took[name]:.0f} s"
                )
        mine = costs.pop("songhe")
        for name, theirs in costs.items():
            left = f"left out {sum(x[1] for x in mine)} and {sum(x[1] for x in theirs)}"
            out.append(
                Result(
                    f"plan.route.{size}.{name}", statistics.mean(x[0] for x in mine), statistics.mean(x[0] for x in theirs),
                    "h", len(mine), f"{name}, {asked.seconds:g} s each", "at most", 1.0, note=left,
                )
            )  # fmt: skip
    return out


def _best_of(file):
    text = file.with_suffix(".sol").read_text(encoding="utf-8").split()
    return float(text[-1])


def files(asked) -> list[Result]:
    """Solomon, Gehring–Homberger, MDVRPTW and PCVRPTW files against their best known values."""
    from songhe.insight.planning.routing import polish, vrplib_files
    from songhe.insight.planning.routing.solve import warm_up

    folder = asked.shared / "vrp"
    if not folder.is_dir():
        say(f"files left out: {folder} is not there")
        return []
    warm_up()
    out = []
    for file in sorted([*folder.glob("*/*.vrp"), *folder.glob("solomon/*.txt")]):
        if file.parent.name not in asked.folders.split(","):
            continue
        bench = vrplib_files.read(str(file))
        plan = polish.solve(bench.day, budget=_budget(asked.seconds, asked.clock), seed=asked.seed)
        best = SOLOMON[file.stem] if file.suffix == ".txt" else _best_of(file)
        target = 1.01 if len(bench.day.visits) <= 100 else 1.03
        out.append(
            Result(f"plan.file.{file.stem}", plan.cost / bench.show, best, "cost", 1, "best known", "at most", target)
        )
        say(f"  {file.stem:10} {plan.cost / bench.show:12.1f} {best:12.1f} {100 * (out[-1].ratio - 1):+6.2f} %")
    return out


def _median(cost, count, seconds):
    from songhe.insight.planning.siting import median

    begun = time.perf_counter()
    found = median.solve(cost, count, budget=_budget(seconds))
    return found, time.perf_counter() - begun


def _beside_spopt(name, cost, count, mine, seconds):
    try:
        import pulp
        from spopt.locate import PMedian
    except ImportError:
        say(f"  {name}: spopt is not installed, so there is nothing to compare with")
        return []
    begun = time.perf_counter()
    model = PMedian.from_cost_matrix(cost, np.ones(len(cost)), p_facilities=count)
    built = time.perf_counter() - begun
    solver = pulp.HiGHS if "HiGHS" in pulp.listSolvers(onlyAvailable=True) else pulp.PULP_CBC_CMD
    try:
        model.solve(solver(msg=False, timeLimit=seconds))
        end = ""
    except RuntimeError as error:
        end = f", then gave up: {error}"
    used = time.perf_counter() - begun
    say(f"  {name}: {built:.1f} s to build, {used:.1f} s in all with {solver.__name__}{end}")
    return [Result(name, mine, used, "s", 1, "spopt", "at most", 1.0, note="spopt found none" if end else "")]


def _pmed(folder, seconds) -> list[Result]:
    """OR-Library pmed1-40: cost against the published optimum, the gap each run proved itself, and the slowest."""
    from songhe.insight.planning.siting.files import read_pmed

    best = dict(line.split() for line in (folder / "pmedopt.txt").read_text().splitlines()[1:] if line.strip())
    runs = []
    for number in range(1, 41):
        cost, p = read_pmed((folder / f"pmed{number}.txt").read_text())
        found, used = _median(cost, p, seconds)
        gap = 0.0 if found.proven else 100 * (found.cost / found.bound - 1)
        runs.append((found.cost / float(best[f"pmed{number}"]), gap, used))
        say(
            f"  pmed{number:<3} {found.cost:8.0f} optimum {best[f'pmed{number}']:>6}, proven gap {gap:.3f} %, {used:.1f} s"
        )
    ratios, gaps, seconds_used = zip(*runs, strict=True)
    found = f"{sum(r <= 1 for r in ratios)} of 40 optimal"
    proven = f"proven {sum(g == 0 for g in gaps)} of 40, {sum(g == 0 for g in gaps[:15])} of the first 15"
    slow = f"slowest {max(seconds_used):.1f} s"
    return [
        Result("plan.sites.pmed", statistics.mean(ratios), 1.0, "of optimum", 40, "published optimum", "at most", 1.0, note=f"{found}, {proven}, {slow}"),
        Result("plan.sites.pmed.gap", 1 + max(gaps) / 100, 1.0, "of bound", 40, "proven bound", "at most", 1.005, note="worst of 40"),
        Result("plan.sites.pmed.gap15", 1 + max(gaps[:15]) / 100, 1.0, "of bound", 15, "proven bound", "at most", 1.0, note="worst of pmed1-15"),
    ]  # fmt: skip


def sites(asked) -> list[Result]:
    from songhe.insight.planning.siting import warm

    warm.warm_up()
    out = []
    folder = asked.shared / "pmed"
    if folder.is_dir():
        out += _pmed(folder, asked.seconds)
    else:
        say(f"pmed left out: {folder} is not there")
    large = asked.points
    for n, sparse, dense, seconds in (
        (500, 33, 33, 5),
        (large, max(10, large // 15), max(10, large // 50), 2 * asked.seconds),
    ):
        for ground, spread, count in (("county", _county_points, sparse), ("city", _city_points, dense)):
            weight, spots = spread(n)
            out += _sited(f"{n}.{ground}", weight, spots, count, seconds, asked)
    return out


def _county_points(n):
    """Villages as in the county days: townships of 25, 500 villages on 60 x 50 km, more villages on more land."""
    rng = np.random.default_rng(1)
    towns = max(1, n // 25)
    middle = rng.uniform(0, 1, (towns, 2)) * np.array([60, 50]) * (n / 500) ** 0.5
    spots = middle[rng.integers(0, towns, n)] + rng.normal(0, 3.2, (n, 2))
    return np.rint(rng.lognormal(3, 0.6, n)), spots


def _city_points(n):
    """As many points as asked for on 60 x 60 km, however dense: everything lies within reach of everything near."""
    rng = np.random.default_rng(1)
    spots = rng.uniform(0, 60, (max(8, n // 125), 2))[rng.integers(0, max(8, n // 125), n)] + rng.normal(0, 3, (n, 2))
    return np.rint(rng.lognormal(3, 0.6, n)), spots


def _sited(name, weight, spots, count, seconds, asked) -> list[Result]:
    """Coverage within ten minutes and p-median of the same points, each against the bound it proves itself."""
    from songhe.insight.planning.siting import coverage
    from songhe.insight.planning.siting.model import Demand, Site
    from songhe.insight.planning.travel import straight

    n = len(weight)
    minutes = straight(spots).minutes
    people = [Demand(str(i), weight[i], *spots[i]) for i in range(n)]
    places = [Site(str(i), *spots[i]) for i in range(n)]
    begun = time.perf_counter()
    plan = coverage.solve(people, places, minutes, count=count, within=10, budget=_budget(seconds))
    used = time.perf_counter() - begun
    say(f"  coverage {name}: {plan.objective:.0f} of {plan.bound:.0f}, gap {plan.gap:.3%}, {used:.1f} s")
    cost = weight[:, None] * minutes
    found, took = _median(cost, count, seconds if n > 500 else asked.seconds)
    say(f"  median {name}: {found.cost:.0f}, bound {found.bound:.0f}, gap {found.gap:.3%}, {took:.1f} s")
    out = [
        Result(f"plan.sites.coverage.{name}", plan.objective, plan.bound, "people", 1, "proven bound", "at least", 1.0 if n <= 500 else 0.998, note=f"{used:.1f} s"),
        Result(f"plan.sites.median.{name}", found.cost, found.bound, "person-minutes", 1, "proven bound", "at most", 1.002, note=f"{took:.1f} s"),
    ]  # fmt: skip
    return out + (
        _beside_spopt(f"plan.sites.median.{name}.spopt", cost, count, took, asked.seconds) if n <= 500 else []
    )


def _city(people, seed):
    """Townships of 500 people in 25 villages; most have a helper of their own village, some of anywhere."""
    from songhe.insight.planning.weekly.model import Duty, Helper, Person

    rng = np.random.default_rng(seed)
    towns = max(1, people // 500)
    # far to the east, where no kilometre can be taken for a degree
    middle = rng.uniform(0, 60 * max(1.0, people / 5000) ** 0.5, (towns, 2)) + np.array([1000, 0])
    crowd, staff, duties = [], [], []
    for t in range(towns):
        villages = middle[t] + rng.normal(0, 3.2, (25, 2))
        lives = rng.integers(0, 25, people // towns)
        works = rng.integers(0, 25, max(1, len(lives) // 8))
        for j, v in enumerate(works):
            off = int(rng.integers(0, 40))
            staff.append(
                Helper(
                    f"h{t}.{j}",
                    *villages[v],
                    minutes=tuple(240 if d < 5 and d != off else 0 for d in range(7)),
                    area=str(t),
                )
            )
        for i, v in enumerate(lives):
            away = ((villages[works] - villages[v]) ** 2).sum(axis=1)
            own = int(rng.choice(np.argsort(away)[:6])) if rng.random() < 0.8 else int(rng.integers(len(works)))
            crowd.append(Person(f"p{t}.{i}", *(villages[v] + rng.normal(0, 0.35, 2)), own=f"h{t}.{own}", area=str(t)))
            duties.append(Duty(f"p{t}.{i}", tier=int(rng.integers(1, 4))))
    return crowd, staff, duties


def week(asked) -> list[Result]:
    """Travel and spread of work of the weekly plan against each helper's own people in list order; and the seconds."""
    from songhe.insight.planning.weekly import plan as weekly

    out = []
    weekly.plan(*_city(500, 1), effort=10)
    for people, limit in ((5_000, 120), (60_000, 1_200)):
        if people > asked.people:
            continue
        city = _city(people, asked.seed)
        plain = weekly.naive(*city)
        begun = time.perf_counter()
        plan = weekly.plan(*city, seed=asked.seed, threads=2)
        used = time.perf_counter() - begun
        owed = len({d.person for d in city[2]}) * 3
        note = f"{len(plan.items)} of {owed} contacts planned, {len(plan.undone)} explained"
        out += [
            Result(
                f"plan.week.{people}.travel",
                plan.travel / 60,
                plain.travel / 60,
                "h",
                1,
                "naive plan",
                "at most",
                0.7,
                note=note,
            ),
            Result(f"plan.week.{people}.spread", plan.spread, plain.spread, "min", 1, "naive plan", "at most", 1.0),
            Result(f"plan.week.{people}.seconds", used, limit, "s", 1, "time allowed", "at most", 1.0),
        ]
        say(f"  {people}: {used:.1f} s, travel {plan.travel / plain.travel - 1:+.0%}, {note}")
    return out


def measured(asked) -> list[Result]:
    answers = []
    for name, part in (("hhcrsp", hhcrsp), ("route", route), ("files", files), ("sites", sites), ("week", week)):
        if name in asked.only:
            say(f"{name} …")
            answers += part(asked)
    return answers


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.planning", description=__doc__)
    parser.add_argument("--only", default=",".join(PARTS), help=f"some of {', '.join(PARTS)}, with commas")
    parser.add_argument("--seconds", type=float, default=60.0, help="seconds for each plan and each other solver (60)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seeds", default="0,1,2", help="county days (0,1,2)")
    parser.add_argument("--visits", default="1000,5000", help="sizes of county days (1000,5000)")
    parser.add_argument("--skip-large", default="ortools", help="solvers left out beyond 2,000 visits (ortools)")
    parser.add_argument(
        "--clock",
        choices=CLOCKS,
        default="wall",
        help="cpu: processor seconds of our own solver, on a busy machine (wall)",
    )
    parser.add_argument("--set", choices=("all", "mankowska", "italian"), default="all", help="rounds of one set (all)")
    parser.add_argument(
        "--folders", default="solomon,vrptw,mdvrptw,pcvrptw", help="folders of files, with commas (all)"
    )
    parser.add_argument("--points", type=int, default=5_000, help="points of the large siting instance (5000)")
    parser.add_argument("--people", type=int, default=60_000, help="largest weekly plan (60000)")
    parser.add_argument("--shared", type=Path, default=SHARED, help="folder of benchmark files")
    parser.add_argument("--json", action="store_true", help="the JSON alone, no table")
    asked = parser.parse_args(words)
    asked.only = set(asked.only.split(","))
    if unknown := asked.only - set(PARTS):
        parser.error(f"no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    asked.seeds = [int(x) for x in asked.seeds.split(",")]
    asked.visits = [int(x) for x in asked.visits.split(",")]
    asked.skip_large = set(asked.skip_large.split(","))
    answers = measured(asked)
    print(results.as_json(answers))
    if not asked.json:
        say("\n" + results.table(answers))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""`songhe plan …`: rounds, routes, sites. None of these needs Django or the database; `week` does and stands in plan_week."""

import csv
import json
import re
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from songhe.doors.cli import plan_week
from songhe.doors.cli.stopping import stop_on_signal

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="路线、派单、选址的排程计算 / Plan rounds, routes and sites"
)

app.command("week")(plan_week.week)

Json = Annotated[bool, typer.Option("--json", help="只输出一个 JSON 对象 / print one JSON object")]
Seconds = Annotated[float, typer.Option("--seconds", min=0.1, help="计算时限(秒) / time limit")]
Steps = Annotated[
    int | None, typer.Option("--steps", min=1, help="按步数而不按秒数计,结果可重复 / count steps, repeats exactly")
]
Resume = Annotated[Path | None, typer.Option("--resume", help="从已有的解继续 / go on from an earlier solution")]
Seed = Annotated[int, typer.Option("--seed", help="随机种子 / seed")]
Threads = Annotated[int, typer.Option("--threads", min=1, max=64, help="并行线程数 / threads")]


def _zh() -> bool:
    from songhe.doors.cli.setup import lang

    return lang() == "zh"


def _fail(reasons) -> None:
    """Print every reason and stop with code 2; nothing was computed."""
    body = {"ok": False, "reasons": [r.as_dict() for r in reasons]}
    typer.echo(json.dumps(body, ensure_ascii=False))
    for r in reasons:
        typer.echo(f"{r.subject}: {r.zh if _zh() else r.en}", err=True)
    raise typer.Exit(2)


def _load(path: Path):
    from songhe.insight.planning.reasons import Reason

    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError:
        _fail([Reason("no_file", str(path), "读不到文件,请检查路径。", "The file cannot be read; check the path.")])
    except ValueError as error:
        _fail([Reason("not_json", str(path), f"不是有效的 JSON:{error}", f"Not valid JSON: {error}")])


def _budget(seconds: float, steps: int | None):
    from songhe.insight.planning.budget import Budget

    stopped = stop_on_signal().is_set
    if steps is not None:
        return Budget(steps=steps, report=_progress(), cancelled=stopped)
    return Budget(seconds=seconds, now=time.monotonic, report=_progress(), cancelled=stopped)


def _progress():
    """A line on the terminal now and then; nothing when the output is piped."""
    if not sys.stderr.isatty():
        return None
    last = [0.0]

    def report(fraction, cost):
        if time.monotonic() - last[0] > 1.0:
            last[0] = time.monotonic()
            typer.echo(f"\r{fraction:4.0%}  {cost:,.2f} ", err=True, nl=False)

    return report


def _document(found) -> str:
    return json.dumps(found, ensure_ascii=False, indent=1)


def _keeping(out: Path | None, text):
    """Writes each better plan to `out` as it is found, whole or not at all: a run cut off goes on with --resume."""
    if out is None:
        return lambda plan: None

    def keep(plan) -> None:
        half = out.with_name(out.name + ".part")
        half.write_text(text(plan), encoding="utf-8")
        half.replace(out)

    return keep


def _show(body: dict, as_json: bool, lines: list[str]) -> None:
    if as_json:
        typer.echo(json.dumps(body, ensure_ascii=False))
        return
    for line in lines:
        typer.echo(line)


@app.command()
def hhcrsp(
    instance: Annotated[Path, typer.Argument(help="算例 JSON / instance")],
    seconds: Seconds = 60.0,
    seed: Seed = 1,
    threads: Threads = 1,
    steps: Steps = None,
    out: Annotated[Path | None, typer.Option("--out", help="解的 JSON / where the solution goes")] = None,
    resume: Resume = None,
    as_json: Json = False,
) -> None:
    """双人协同居家服务排班(HHCRSP 标准格式) / home service rounds with synchronised carers."""
    from songhe.insight.planning.homecare import check as checker
    from songhe.insight.planning.homecare import solve as rounds_solver
    from songhe.insight.planning.homecare.instance import read_rounds
    from songhe.insight.planning.homecare.routes import plan_from
    from songhe.insight.planning.reasons import ImpossibleInputError, Reason

    data = _load(instance)
    loaded = time.monotonic()
    try:
        rounds = read_rounds(data, instance.stem)
        rounds_solver.warm_up()  # compiling (once) or loading the kernel is not part of the time asked for
        ready = time.monotonic()
        start = plan_from(rounds, _load(resume)) if resume else None
        budget = _budget(seconds, steps)
        keep = _keeping(out, lambda found: _document(found.document(rounds)))
        plan = rounds_solver.solve(rounds, budget=budget, seed=seed, threads=threads, start=start, keep=keep)
        keep(plan)
    except ImpossibleInputError as error:
        _fail(error.reasons)
    except (KeyError, TypeError, IndexError) as error:
        _fail(
            [
                Reason(
                    "field",
                    str(instance),
                    f"算例缺少字段或格式不对:{error}",
                    f"A field is missing or malformed: {error}",
                )
            ]
        )
    used = time.monotonic() - ready
    verdict = checker.check(data, plan.document(rounds))
    body = {
        "cost": round(verdict["cost"], 6),
        "distance": round(verdict["distance"], 6),
        "total_tardiness": round(verdict["total_tardiness"], 6),
        "max_tardiness": round(verdict["max_tardiness"], 6),
        "feasible": verdict["feasible"],
        "seconds": round(used, 3),
        "warm_up_seconds": round(ready - loaded, 3),
        "cancelled": budget.stopped(),
        "rests": plan.rests,
        "broken": [r.as_dict() for r in plan.broken],
    }
    lines = [
        f"费用 cost {body['cost']:.3f} = (路程 distance {body['distance']:.3f} + 迟到合计 tardiness {body['total_tardiness']:.3f}"
        f" + 最大迟到 max {body['max_tardiness']:.3f}) / 3",
        f"可行 feasible {body['feasible']} · {body['seconds']:.1f} s",
        *(f"{r.subject}: {r.zh if _zh() else r.en}" for r in plan.broken),
    ]
    _show(body, as_json, lines)


@app.command()
def check(
    instance: Annotated[Path, typer.Argument(help="算例 JSON / instance")],
    solution: Annotated[Path, typer.Argument(help="解的 JSON / solution")],
    as_json: Json = False,
) -> None:
    """独立核验一份排班解,与求解程序无共用代码 / validate a solution independently of the solver."""
    from songhe.insight.planning.homecare import check as checker
    from songhe.insight.planning.reasons import Reason

    try:
        verdict = checker.check(_load(instance), _load(solution))
    except (KeyError, TypeError) as error:
        _fail([Reason("field", str(solution), f"缺少字段:{error}", f"A field is missing: {error}")])
    lines = [f"feasible {verdict['feasible']} · cost {verdict['cost']:.6f}"]
    lines += [f"{v['where']}: {v['zh'] if _zh() else v['en']}" for v in verdict["violations"]]
    _show(verdict, as_json, lines)
    if not verdict["feasible"]:
        raise typer.Exit(1)


@app.command()
def route(
    file: Annotated[Path, typer.Argument(help="VRPLIB 或 Solomon 文件 / VRPLIB or Solomon file")],
    seconds: Seconds = 60.0,
    seed: Seed = 1,
    threads: Threads = 1,
    steps: Steps = None,
    out: Annotated[Path | None, typer.Option("--out", help="路线 .sol / where the routes go")] = None,
    resume: Resume = None,
    as_json: Json = False,
) -> None:
    """路线(VRPTW、MDVRPTW、PCVRPTW) / routes of a VRPLIB file."""
    from songhe.insight.planning.reasons import ImpossibleInputError, Reason
    from songhe.insight.planning.routing import polish, vrplib_files
    from songhe.insight.planning.routing import solve as annealing

    try:
        bench = vrplib_files.read(str(file))
        annealing.warm_up()
        begun = time.monotonic()
        start = vrplib_files.read_routes(bench, resume.read_text(encoding="utf-8-sig")) if resume else None
        keep = _keeping(out, lambda found: vrplib_files.write_routes(bench, found))
        budget = _budget(seconds, steps)
        plan = polish.solve(
            bench.day, budget=budget, seed=seed, threads=threads, keep=keep,
            start=None if start is None else annealing.routes_of(bench.day, start),
        )  # fmt: skip
        keep(plan)
    except ImpossibleInputError as error:
        _fail(error.reasons)
    except (OSError, ValueError, KeyError, TypeError) as error:
        _fail([Reason("file", str(file), f"读不了这个文件:{error}", f"The file cannot be read: {error}")])
    broken = annealing.violations(bench.day, plan.chosen)
    routes = [[int(bench.day.visits[i].id) for i in r] for r in plan.chosen.values() if r]
    cost = plan.cost / bench.show
    body = {
        "name": bench.name,
        "type": bench.kind,
        "cost": cost if bench.show > 1 else int(cost),
        "distance": round(vrplib_files.exact_distance(bench, plan.chosen), 4),
        "routes": routes,
        "vehicles": len(routes),
        "left_out": [r.subject for r in plan.left],
        "feasible": not broken,
        "broken": [r.as_dict() for r in broken],
        "seconds": round(time.monotonic() - begun, 3),
        "cancelled": budget.stopped(),
    }
    _show(
        body,
        as_json,
        [f"{bench.name} {bench.kind}: cost {cost:,.1f} · {len(routes)} routes · {len(plan.left)} left out"],
    )


def _minutes(text: str) -> float:
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(min|分钟|m|)\s*", text)
    if not found:
        raise typer.BadParameter("写成 15min / write it as 15min")
    return float(found.group(1))


def _travel_between(demand, spots, matrix: Path | None, roads: Path | None):
    import numpy as np

    from songhe.insight.planning import travel

    if matrix:
        rows = [
            [float(x) for x in row] for row in csv.reader(matrix.read_text(encoding="utf-8-sig").splitlines()) if row
        ]
        return travel.given(rows)
    here, there = np.array([(d.x, d.y) for d in demand]), np.array([(s.x, s.y) for s in spots])
    if roads:
        both = travel.by_road(np.vstack([here, there]), json.loads(roads.read_text(encoding="utf-8-sig")))
        return travel.Travel(both.minutes[: len(here), len(here) :], both.km[: len(here), len(here) :], both.basis)
    return travel.straight(here, there)


def _keeping_sites(out: Path | None):
    return _keeping(out, lambda chosen: _document({"sites": chosen}))


def _pmed(path: Path, seconds, steps, seed, out, resume, as_json) -> None:
    from songhe.insight.planning.reasons import ImpossibleInputError
    from songhe.insight.planning.siting import files
    from songhe.insight.planning.siting import median as p_median

    try:
        cost, count = files.read_pmed(path.read_text(encoding="utf-8"))
        names = [str(j + 1) for j in range(len(cost))]
        start = files.read_kept(_load(resume), names, set(), count, exactly=True) if resume else None
    except ImpossibleInputError as error:
        _fail(error.reasons)
    begun = time.monotonic()
    keep, budget = _keeping_sites(out), _budget(seconds, steps)
    found = p_median.solve(
        cost, count, budget=budget, seed=seed, start=start, keep=lambda chosen: keep([j + 1 for j in chosen])
    )
    body = {
        "objective": found.cost, "bound": found.bound, "gap": found.gap, "proven": found.proven,
        "sites": [j + 1 for j in found.sites], "notes": found.notes, "seconds": round(time.monotonic() - begun, 3),
        "cancelled": budget.stopped(),
    }  # fmt: skip
    _keeping(out, _document)(body)
    _show(body, as_json, [f"p={count}: {found.cost:g} (下界 bound {found.bound:g}, gap {found.gap:.3%})"])


@app.command()
def sites(
    demand: Annotated[Path, typer.Argument(help="DEMAND.csv 或 pmed 文件 / or an OR-Library pmed file")],
    candidates: Annotated[Path | None, typer.Argument(metavar="[SITES.csv]")] = None,
    count: Annotated[int, typer.Option("--count", min=0, help="新建几处 / how many new sites")] = 1,
    within: Annotated[str, typer.Option("--within", help="多少分钟内算覆盖,如 15min / minutes that count")] = "15min",
    median: Annotated[bool, typer.Option("--median", help="使总路程最短 / shortest ways in sum")] = False,
    money: Annotated[float | None, typer.Option("--budget", help="经费上限 / money limit")] = None,
    fair: Annotated[bool, typer.Option("--fair", help="先照顾覆盖最差的组 / worst-off group first")] = False,
    matrix: Annotated[Path | None, typer.Option("--matrix", help="分钟矩阵 CSV / matrix of minutes")] = None,
    roads: Annotated[Path | None, typer.Option("--roads", help="道路 GeoJSON / roads")] = None,
    seconds: Seconds = 60.0,
    seed: Seed = 1,
    threads: Threads = 1,
    steps: Steps = None,
    out: Annotated[Path | None, typer.Option("--out", help="方案 JSON / where the plan goes")] = None,
    resume: Resume = None,
    as_json: Json = False,
) -> None:
    """站点、食堂、床位选址 / where the next stations, canteens or beds go."""
    if candidates is None:
        _pmed(demand, seconds, steps, seed, out, resume, as_json)
        return
    import numpy as np

    from songhe.insight.planning.reasons import ImpossibleInputError
    from songhe.insight.planning.siting import choose, coverage, files

    begun = time.monotonic()
    try:
        people = files.read_demand(demand.read_text(encoding="utf-8-sig"))
        spots = files.read_sites(candidates.read_text(encoding="utf-8-sig"))
        travel = _travel_between(people, spots, matrix, roads) if people and spots else None
        minutes = travel.minutes if travel else np.zeros((len(people), len(spots)))
        stand = {j for j, s in enumerate(spots) if s.existing}
        start = files.read_kept(_load(resume), [s.id for s in spots], stand, count, exactly=median) if resume else None
        asked = {
            "count": count, "within": _minutes(within), "budget": _budget(seconds, steps), "seed": seed, "start": start,
            "keep": _keeping_sites(out),
        }  # fmt: skip
        if median:
            plan = choose.shortest(people, spots, minutes, **asked)
        else:
            limit = np.inf if money is None else money
            plan = coverage.solve(people, spots, minutes, money=limit, fair=fair, threads=threads, **asked)
    except ImpossibleInputError as error:
        _fail(error.reasons)
    body = {
        "objective": plan.objective, "bound": plan.bound, "gap": plan.gap, "proven": plan.proven, "sites": plan.sites,
        "serves": plan.serves, "before": plan.before, "after": plan.after, "left": [r.as_dict() for r in plan.left],
        "travel": travel.basis[1], "travel_zh": travel.basis[0], "notes": plan.notes,
        "seconds": round(time.monotonic() - begun, 3), "cancelled": asked["budget"].stopped(),
    }  # fmt: skip
    _keeping(out, _document)(body)
    lines = [
        f"选址 sites: {', '.join(plan.sites)}",
        f"目标 objective {plan.objective:g} · 界 bound {plan.bound:g} · gap {plan.gap:.3%}",
        f"覆盖 reach {plan.before['share']:.1%} → {plan.after['share']:.1%} · {travel.basis[0 if _zh() else 1]}",
        *(f"{r.subject}: {r.zh if _zh() else r.en}" for r in plan.left[:20]),
    ]
    _show(body, as_json, lines)


@app.command()
def warm() -> None:
    """预先编译计算内核,使第一次计算不再等待 / compile the kernels ahead of the first plan."""
    from songhe.insight.planning.homecare import solve as rounds_solver
    from songhe.insight.planning.routing import solve as annealing
    from songhe.insight.planning.siting import warm as siting_warm
    from songhe.insight.planning.weekly import plan as weekly

    begun = time.monotonic()
    weekly.warm_up()
    rounds_solver.warm_up()
    annealing.warm_up()
    siting_warm.warm_up()
    typer.echo(f"{time.monotonic() - begun:.1f} s")


if __name__ == "__main__":
    app()

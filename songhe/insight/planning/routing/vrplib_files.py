"""VRPLIB and Solomon files: VRPTW, MDVRPTW and PCVRPTW as a Day, in the integer convention their best values use.

VRPTW and PCVRPTW: ways and times × 10, cut off (DIMACS). MDVRPTW: × 1000, rounded. Costs of VRPTW are given / 10.
"""

import re
from dataclasses import dataclass

import numpy as np
import vrplib

from songhe.insight.planning.reasons import ImpossibleInputError, Reason
from songhe.insight.planning.routing.model import Day, Routes, Vehicle, Visit
from songhe.insight.planning.routing.solve import violations

FOREVER = 1 << 40


@dataclass(frozen=True)
class Benchmark:
    """A file as a Day. ``scale`` divides travel into the file's unit; ``show`` divides cost into the published one."""

    name: str
    kind: str
    day: Day
    scale: int
    show: int
    ways: np.ndarray  # exact straight lines, in the file's unit


def _ways(xy):
    return np.sqrt(((xy[:, None, :] - xy[None, :, :]) ** 2).sum(axis=2))


def _number(data, *names, otherwise=None):
    for n in names:
        if n in data:
            return data[n]
    return otherwise


def _kind(data, windows):
    said = str(_number(data, "type", otherwise="")).upper()
    if said in ("VRPTW", "MDVRPTW", "PCVRPTW"):
        return said
    if windows is None and said not in ("", "CVRP"):
        raise ImpossibleInputError(
            [Reason("file_type", said, "只支持 VRPTW、MDVRPTW、PCVRPTW。", "Only VRPTW, MDVRPTW and PCVRPTW are read.")]
        )
    return "VRPTW"


def _depots(data):
    return np.atleast_1d(np.asarray(_number(data, "depot", otherwise=[0]), dtype=int))


def _per_node(value, size):
    return np.broadcast_to(np.asarray(0 if value is None else value, dtype=float), (size,)).copy()


def read(path: str) -> Benchmark:
    """Read a file; raises ImpossibleInputError when it is none of the three kinds or lacks coordinates."""
    with open(path, encoding="utf-8") as f:
        head = f.read(400)
    solomon = "CUST NO" in head or "VEHICLE\n" in head.replace("\r", "")
    data = vrplib.read_instance(path, instance_format="solomon" if solomon else "vrplib")
    if "node_coord" not in data:
        raise ImpossibleInputError([Reason("coordinates", path, "文件缺少坐标。", "The file has no coordinates.")])
    ways = _ways(np.asarray(data["node_coord"], dtype=float))
    size = len(ways)
    windows = _number(data, "time_window")
    kind = _kind(data, windows)
    scale = 1000 if kind == "MDVRPTW" else 10
    whole = (lambda x: np.rint(np.asarray(x, dtype=float) * scale)) if kind == "MDVRPTW" else (
        lambda x: np.floor(np.asarray(x, dtype=float) * scale + 1e-9)
    )  # fmt: skip
    travel = whole(ways).astype(np.int64)
    window = whole(windows).astype(np.int64) if windows is not None else np.tile([0, FOREVER], (size, 1))
    serve = whole(_per_node(data.get("service_time"), size)).astype(np.int64)
    demand = np.rint(_per_node(data.get("demand"), size)).astype(np.int64)
    prize = data.get("prize")
    depots = _depots(data)
    dear = int(travel.max()) * 50 + 1
    prices = whole(prize).astype(np.int64) if prize is not None else np.full(size, dear)
    visits = tuple(
        Visit(str(i), i, int(serve[i]), (int(window[i, 0]), int(window[i, 1])), "", int(demand[i]), int(prices[i]))
        for i in range(size)
        if i not in set(depots)
    )
    count = int(_number(data, "vehicles", otherwise=len(visits)))
    bases = data.get("vehicles_depot")
    homes = [int(b) - 1 for b in np.atleast_1d(bases)] if bases is not None else [int(depots[0])] * count
    limit = data.get("vehicles_max_duration")
    limits = np.full(count, -1) if limit is None else whole(np.broadcast_to(limit, (count,))).astype(np.int64)
    capacity = np.broadcast_to(_number(data, "capacity", otherwise=1 << 30), (count,))
    vehicles = tuple(
        Vehicle(
            str(k),
            homes[k],
            (int(window[homes[k], 0]), int(window[homes[k], 1])),
            capacity=int(capacity[k]),
            longest=int(limits[k]),
        )
        for k in range(count)
    )
    name = str(data.get("name", path))
    return Benchmark(name, kind, Day(visits, vehicles, travel), scale, 10 if kind == "VRPTW" else 1, ways)


def write_routes(b: Benchmark, plan: Routes) -> str:
    """The routes as a .sol file. With several depots a route's number is its vehicle's, so idle vehicles have empty ones."""
    rows = [[b.day.visits[i].id for i in plan.chosen.get(k.id, [])] for k in b.day.vehicles]
    if b.kind != "MDVRPTW":
        rows = [row for row in rows if row]
    text = "".join(f"{f'Route #{i}: ' + ' '.join(row)}".rstrip() + "\n" for i, row in enumerate(rows, 1))
    return f"{text}Cost {plan.cost / b.show:.10g}\n" if b.show > 1 else f"{text}Cost: {plan.cost}\n"


def read_routes(b: Benchmark, text: str) -> dict[str, list[int]]:
    """A .sol file as visit numbers by vehicle id; raises ImpossibleInputError when it is not one of this file's."""
    number = {v.id: i for i, v in enumerate(b.day.visits)}
    rows = [(int(n), names.split()) for n, names in re.findall(r"(?im)^route\s*#\s*(\d+):(.*)$", text)]
    strange = sorted({name for _, names in rows for name in names} - number.keys())
    if not rows or strange or any(not 1 <= n <= len(b.day.vehicles) for n, _ in rows):
        said = " ".join(strange[:5])
        raise ImpossibleInputError(
            [Reason("other_file", said, "这不是本算例的路线。", "These are not routes of this file.")]
        )
    chosen = {b.day.vehicles[n - 1].id: [number[name] for name in names] for n, names in rows}
    if broken := violations(b.day, chosen):
        raise ImpossibleInputError(broken)
    return chosen


def exact_distance(b: Benchmark, chosen: dict[str, list[int]]) -> float:
    """The sum of straight lines in double precision, in the file's unit."""
    total = 0.0
    for k in b.day.vehicles:
        at = k.base
        for i in chosen.get(k.id, []):
            total += b.ways[at, b.day.visits[i].place]
            at = b.day.visits[i].place
        total += b.ways[at, k.base]
    return float(total)

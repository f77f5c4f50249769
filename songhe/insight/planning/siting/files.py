"""Siting inputs as text: DEMAND.csv, SITES.csv and OR-Library's pmed networks."""

import csv
import io

import numpy as np

from songhe.insight.planning.reasons import ImpossibleInputError, Reason
from songhe.insight.planning.siting.median_kernels import shortest_paths
from songhe.insight.planning.siting.model import Demand, Site

NAMES = {
    "id": ("id", "code", "编号", "代码"),
    "x": ("x", "lon", "lng", "经度"),
    "y": ("y", "lat", "纬度"),
    "weight": ("weight", "people", "demand", "人数", "老年人数"),
    "within": ("within", "minutes", "限时"),
    "group": ("group", "kind", "类别", "分组"),
    "capacity": ("capacity", "容量", "床位"),
    "cost": ("cost", "费用", "造价"),
    "existing": ("existing", "已建"),
}
YES = {"1", "true", "yes", "y", "是", "已建"}


def _rows(text, needed):
    rows = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))
    if not rows:
        return []
    heads = {h.strip().lower(): h for h in rows[0] if h}
    found = {k: next((heads[n] for n in names if n in heads), None) for k, names in NAMES.items()}
    missing = [k for k in needed if found[k] is None]
    if missing:
        raise ImpossibleInputError(
            [
                Reason("column", k, f"缺少列 {'/'.join(NAMES[k])}。", f"Column missing: one of {', '.join(NAMES[k])}.")
                for k in missing
            ]
        )
    return [{k: (row[h] or "").strip() if h else "" for k, h in found.items()} for row in rows]


def _number(value, otherwise, where, reasons):
    if value == "":
        return otherwise
    try:
        return float(value)
    except ValueError:
        reasons.append(Reason("number", where, f"“{value}”不是数字。", f"“{value}” is not a number."))
        return otherwise


def read_demand(text: str) -> list[Demand]:
    reasons, out = [], []
    for i, r in enumerate(_rows(text, ("x", "y")), 2):
        n = {
            k: _number(r[k], d, f"DEMAND:{i}", reasons)
            for k, d in (("x", 0.0), ("y", 0.0), ("weight", 1.0), ("within", None))
        }
        out.append(Demand(r["id"] or str(i - 1), n["weight"], n["x"], n["y"], n["within"], r["group"]))
    if reasons:
        raise ImpossibleInputError(reasons)
    return out


def read_sites(text: str) -> list[Site]:
    reasons, out = [], []
    for i, r in enumerate(_rows(text, ("x", "y")), 2):
        n = {
            k: _number(r[k], d, f"SITES:{i}", reasons)
            for k, d in (("x", 0.0), ("y", 0.0), ("capacity", None), ("cost", 1.0))
        }
        out.append(Site(r["id"] or str(i - 1), n["x"], n["y"], n["capacity"], n["cost"], r["existing"].lower() in YES))
    if reasons:
        raise ImpossibleInputError(reasons)
    return out


def read_kept(document, names: list[str], existing: set[int], count: int, exactly: bool = False) -> list[int]:
    """Site numbers of a plan kept by an earlier run, those that stand among them. ``exactly``: `count` new ones, not fewer."""
    said = document.get("sites") if isinstance(document, dict) else None
    number = {name: j for j, name in enumerate(names)}
    strange = [str(name) for name in said or [] if str(name) not in number]
    if not isinstance(said, list) or strange:
        raise ImpossibleInputError(
            [
                Reason("other_file", s, "保留的方案与这份数据不符。", "The kept plan is not one of these sites.")
                for s in strange[:5] or [""]
            ]
        )
    chosen = {number[str(name)] for name in said} | existing
    new = len(chosen) - len(existing)
    if new > count or (exactly and new != count):
        raise ImpossibleInputError(
            [Reason("other_count", "", f"保留的方案新建 {new} 处,不是 {count} 处。", f"The kept plan has {new} new sites, not {count}.")]
        )  # fmt: skip
    return sorted(chosen)


def read_pmed(text: str) -> tuple[np.ndarray, int]:
    """OR-Library network -> (all shortest ways, p). Of an edge given twice the last line holds, as in the source."""
    numbers = np.array(text.split(), dtype=np.int64)
    n, edges, p = (int(x) for x in numbers[:3])
    cost = np.full((n, n), 1e18)
    np.fill_diagonal(cost, 0.0)
    for a, b, length in numbers[3 : 3 + 3 * edges].reshape(-1, 3):
        cost[a - 1, b - 1] = cost[b - 1, a - 1] = length
    shortest_paths(cost)
    if (cost >= 1e17).any():
        raise ImpossibleInputError([Reason("network", "", "路网不连通。", "The network is not connected.")])
    return cost, p

"""Integer programs for HiGHS, put together row by row."""

import numpy as np

from songhe.insight.planning.siting import apart

# The annealed start is all but always the best there is: searching for better ones, HiGHS would only lose time.
GOOD_START = {
    "mip_heuristic_effort": 0.0,
    "mip_heuristic_run_feasibility_jump": False,
    "mip_heuristic_run_rins": False,
    "mip_heuristic_run_rens": False,
    "mip_heuristic_run_root_reduced_cost": False,
    "mip_allow_restart": False,
}


class Model:
    """A mixed integer program put together column by column and row by row, passed to HiGHS in one piece."""

    def __init__(self):
        self.cost, self.low, self.high, self.whole = [], [], [], []
        self.row_low, self.row_high, self.starts, self.index, self.value = [], [], [0], [], []

    def columns(self, cost, low=0.0, high=1.0, whole=False) -> int:
        """Add len(cost) columns; returns the number of the first."""
        at = len(self.cost)
        size = len(cost)
        self.cost.extend(cost)
        self.low.extend(np.broadcast_to(low, size))
        self.high.extend(np.broadcast_to(high, size))
        self.whole.extend([whole] * size)
        return at

    def row(self, index, value, low, high):
        self.index.extend(index)
        self.value.extend(value)
        self.starts.append(len(self.index))
        self.row_low.append(low)
        self.row_high.append(high)

    def solve(self, *, seconds, threads=1, start=None, gap=0.0, largest=False, spent=None, found=None):
        """-> (values, bound, objective) or None when nothing was found in time. ``start`` may be the first columns only, the
        rest is completed; ``spent() >= 1`` ends the run early; ``found(values, objective)`` is called for each better plan."""
        whole_start = start is not None and len(start) == len(self.cost)
        options = {
            "output_flag": False, "threads": int(max(1, threads)), "mip_rel_gap": gap, "mip_abs_gap": 1e-6, "random_seed": 1,
        } | (GOOD_START if whole_start else {})  # fmt: skip
        if np.isfinite(seconds):
            options["time_limit"] = float(max(0.1, seconds))
        problem = {
            "cost": np.array(self.cost, dtype=float),
            "low": np.array(self.low, dtype=float),
            "high": np.array(self.high, dtype=float),
            "whole": np.array(self.whole, dtype=bool),
            "row_low": np.array(self.row_low, dtype=float),
            "row_high": np.array(self.row_high, dtype=float),
            "starts": np.array(self.starts, dtype=np.int32),
            "index": np.array(self.index, dtype=np.int32),
            "value": np.array(self.value, dtype=float),
            "largest": largest,
            "options": options,
            "start": start,
        }
        return apart.solve(problem, spent=spent, found=found)

"""Siting models for HiGHS: p-median on undecided sites, maximal coverage, and the capacitated forms."""

import numpy as np


def _highs(seconds, threads, gap=0.0):
    import highspy

    h = highspy.Highs()
    h.setOptionValue("output_flag", False)
    h.setOptionValue("threads", int(max(1, threads)))
    h.setOptionValue("mip_rel_gap", gap)
    h.setOptionValue("mip_abs_gap", 1e-6)
    h.setOptionValue("random_seed", 1)
    if np.isfinite(seconds):
        h.setOptionValue("time_limit", float(max(0.1, seconds)))
    return h


# The annealed start is all but always the best there is: searching for better ones, HiGHS would only lose time.
GOOD_START = {
    "mip_heuristic_effort": 0.0,
    "mip_heuristic_run_feasibility_jump": False,
    "mip_heuristic_run_rins": False,
    "mip_heuristic_run_rens": False,
    "mip_heuristic_run_root_reduced_cost": False,
    "mip_allow_restart": False,
}


def _listen(h, spent, found):
    def better(event):
        found(np.array(event.data_out.mip_solution), float(event.data_out.objective_function_value))

    def ask(event):
        if spent() >= 1.0:
            event.interrupt()

    if found:
        h.cbMipImprovingSolution += better
    if spent:
        h.cbMipInterrupt += ask
        h.cbSimplexInterrupt += ask


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
        import highspy

        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(self.cost), len(self.row_low)
        lp.col_cost_ = np.array(self.cost, dtype=float)
        lp.col_lower_ = np.array(self.low, dtype=float)
        lp.col_upper_ = np.array(self.high, dtype=float)
        lp.row_lower_ = np.array(self.row_low, dtype=float)
        lp.row_upper_ = np.array(self.row_high, dtype=float)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.num_col_, lp.a_matrix_.num_row_ = lp.num_col_, lp.num_row_
        lp.a_matrix_.start_ = np.array(self.starts, dtype=np.int32)
        lp.a_matrix_.index_ = np.array(self.index, dtype=np.int32)
        lp.a_matrix_.value_ = np.array(self.value, dtype=float)
        kinds = highspy.HighsVarType
        lp.integrality_ = [kinds.kInteger if w else kinds.kContinuous for w in self.whole]
        if largest:
            lp.sense_ = highspy.ObjSense.kMaximize
        h = _highs(seconds, threads, gap)
        h.passModel(lp)
        if start is not None and len(start) == lp.num_col_:
            for name, value in GOOD_START.items():
                h.setOptionValue(name, value)
            solution = highspy.HighsSolution()
            solution.col_value = [float(x) for x in start]
            h.setSolution(solution)
        elif start is not None:
            h.setSolution(len(start), np.arange(len(start), dtype=np.int32), np.asarray(start, dtype=float))
        _listen(h, spent, found)
        h.run()
        info = h.getInfo()
        if info.primal_solution_status != 2:
            return None
        return np.array(h.getSolution().col_value), float(info.mip_dual_bound), float(info.objective_function_value)


def median(cost, count, *, closed, fixed, start, seconds, threads=1):
    """Finish a p-median on the sites that are not closed. -> (sites, bound on that part, cost) or None.

    A demand only needs the sites up to its nearest one that is open for sure.
    """
    if seconds < 0.5:
        return None
    part = np.flatnonzero(~closed)
    if len(part) * cost.shape[0] > 1_500_000:
        return None
    small, sure = cost[:, part], fixed[part]
    model = Model()
    model.columns(np.zeros(len(part)), low=sure.astype(float), whole=True)
    model.row(range(len(part)), [1.0] * len(part), count, count)
    first = np.where(sure.any(), np.where(sure[None, :], small, np.inf).min(axis=1), np.inf)
    begin = np.isin(part, start)
    values = [begin.astype(float)]
    for i in range(len(small)):
        near = np.flatnonzero(small[i] <= first[i])
        if np.isfinite(first[i]):
            # the nearest sure site closes the list; others at the same cost add nothing
            near = np.concatenate(
                [near[small[i, near] < first[i]], near[(small[i, near] == first[i]) & sure[near]][:1]]
            )
        at = model.columns(small[i, near])
        model.row(range(at, at + len(near)), [1.0] * len(near), 1.0, 1.0)
        for c, j in enumerate(near):
            if not sure[j]:
                model.row([at + c, j], [1.0, -1.0], -1.0, 0.0)
        here = np.zeros(len(near))
        opened = np.flatnonzero(begin[near])
        if len(opened):
            here[opened[np.argmin(small[i, near[opened]])]] = 1.0
        values.append(here)
    found = model.solve(seconds=seconds, threads=threads, start=np.concatenate(values))
    if found is None:
        return None
    x, low, _ = found
    chosen = part[x[: len(part)] > 0.5]
    return chosen, low, float(cost[:, chosen].min(axis=1).sum())

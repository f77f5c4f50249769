"""HiGHS in a process of its own, so that a plan can be called off at any moment: some of its phases neither look at the time
nor ask whether to go on. What it has found until then is kept.

Run by its path as a child, this file reads one problem from standard input and writes what it finds to standard output; it
imports nothing of Songhe.
"""

import contextlib
import os
import pickle
import queue
import subprocess
import sys
import threading

import numpy as np

LOOK = 0.1  # seconds between two looks whether to go on
LAST = 10  # looks for which HiGHS may still end by itself when the time is up


def solve(problem: dict, *, spent=None, found=None):
    """-> (values, bound, objective), or None where no plan was found. ``problem``: see _load. ``spent() >= 1`` ends the run;
    ``found(values, objective)`` is called for each better plan."""
    child = subprocess.Popen(
        [sys.executable, "-P", __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    )
    try:
        with contextlib.suppress(BrokenPipeError), child.stdin:
            pickle.dump({**problem, "parent": os.getpid()}, child.stdin)
        heard = queue.SimpleQueue()
        threading.Thread(target=_hear, args=(child.stdout, heard), daemon=True).start()
        return _follow(heard, spent, found)
    finally:
        child.kill()
        child.wait()


def _hear(pipe, heard) -> None:
    """Passes on what the child says until it ends, by itself or not."""
    with pipe, contextlib.suppress(EOFError, pickle.UnpicklingError, OSError, ValueError):
        while True:
            heard.put(pickle.load(pipe))  # noqa: S301  written by our own child
    heard.put(("end", None))


def _follow(heard, spent, found):
    values, bound, objective, left = None, None, None, LAST
    while left:
        if spent and spent() >= 1.0:
            left -= 1
        try:
            kind, told = heard.get(timeout=LOOK)
        except queue.Empty:
            continue
        if kind == "bound":
            bound = told
        elif kind == "better":
            values, objective = told
            if found:
                found(values, objective)
        else:
            if told is not None:
                return told
            break
    return None if values is None or bound is None else (values, bound, objective)


def _load(problem: dict):
    """Columns: ``cost``, ``low``, ``high``, ``whole``; rows: ``row_low``, ``row_high``, row-wise ``starts``, ``index``,
    ``value``; ``largest``, ``options`` by name, ``start``: values of all or of the first columns, or None."""
    import highspy

    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(problem["cost"]), len(problem["row_low"])
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = problem["cost"], problem["low"], problem["high"]
    lp.row_lower_, lp.row_upper_ = problem["row_low"], problem["row_high"]
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.num_col_, lp.a_matrix_.num_row_ = lp.num_col_, lp.num_row_
    lp.a_matrix_.start_, lp.a_matrix_.index_ = problem["starts"], problem["index"]
    lp.a_matrix_.value_ = problem["value"]
    kinds = highspy.HighsVarType
    lp.integrality_ = [kinds.kInteger if w else kinds.kContinuous for w in problem["whole"]]
    if problem["largest"]:
        lp.sense_ = highspy.ObjSense.kMaximize
    h = highspy.Highs()
    for name, value in problem["options"].items():
        h.setOptionValue(name, value)
    h.passModel(lp)
    start = problem["start"]
    if start is not None and len(start) == lp.num_col_:
        solution = highspy.HighsSolution()
        solution.col_value = [float(x) for x in start]
        h.setSolution(solution)
    elif start is not None:
        h.setSolution(len(start), np.arange(len(start), dtype=np.int32), np.asarray(start, dtype=float))
    return h


def _end_with(parent: int) -> None:
    """Ends this process soon after the one that asked is gone."""
    waiting = threading.Event()
    while os.getppid() == parent:
        waiting.wait(1.0)
    os._exit(1)


def _child() -> None:
    problem = pickle.load(sys.stdin.buffer)  # noqa: S301  written by our own parent
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing else may write between our words
    last = [None]

    def say(kind, told):
        pickle.dump((kind, told), out)
        out.flush()

    def better(event):
        data = event.data_out
        say("better", (np.array(data.mip_solution), float(data.objective_function_value)))

    def ask(event):
        bound = float(event.data_out.mip_dual_bound)
        if np.isfinite(bound) and bound != last[0]:
            last[0] = bound
            say("bound", bound)

    threading.Thread(target=_end_with, args=(problem["parent"],), daemon=True).start()
    h = _load(problem)
    h.cbMipImprovingSolution += better
    h.cbMipInterrupt += ask
    h.run()
    info = h.getInfo()
    if info.primal_solution_status == 2:
        values = np.array(h.getSolution().col_value)
        say("end", (values, float(info.mip_dual_bound), float(info.objective_function_value)))


if __name__ == "__main__":
    _child()

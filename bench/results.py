"""What a measure answers: two medians, their ratio, and whether the target is reached."""

import json
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """One line. `songhe` and `other` are medians of `n` rounds in `unit`; `reach` is "at least" or "at most" `target`."""

    name: str
    songhe: float
    other: float
    unit: str
    n: int
    against: str
    reach: str = ""
    target: float | None = None
    bound: float | None = None  # besides the ratio, an upper bound on `songhe` itself
    note: str = ""

    @property
    def ratio(self) -> float:
        return self.songhe / self.other if self.other else float("nan")

    @property
    def met(self) -> bool | None:
        """None where nothing is promised."""
        if self.target is None:
            return None
        good = self.ratio >= self.target if self.reach == "at least" else self.ratio <= self.target
        return good and (self.bound is None or self.songhe <= self.bound)


def as_json(results: Iterable[Result]) -> str:
    """`{name: {songhe, other, ratio, unit, n}}`."""
    rows = {
        r.name: {
            "songhe": _rounded(r.songhe), "other": _rounded(r.other), "ratio": _rounded(r.ratio), "unit": r.unit, "n": r.n,
        }
        for r in results
    }  # fmt: skip
    return json.dumps(rows, indent=1)


def _rounded(value: float) -> float:
    """Four significant figures: more would claim what a busy machine cannot know."""
    return float(f"{value:.4g}")


def table(results: Iterable[Result]) -> str:
    """Aligned lines for people, each with its target and whether it was reached."""
    rows = [("measure", "songhe", "other", "unit", "ratio", "target", "", "n", "against")]
    for r in results:
        sign = {"at least": "≥", "at most": "≤"}.get(r.reach, "")
        target = "" if r.target is None else f"{sign} {r.target:g}" + (f", ≤ {r.bound:g} {r.unit}" if r.bound else "")
        verdict = {None: "", True: "met", False: "MISSED"}[r.met]
        note = f" ({r.note})" if r.note else ""
        rows.append((r.name, f"{r.songhe:.4g}", f"{r.other:.4g}", r.unit, f"{r.ratio:.3g}", target, verdict, str(r.n), r.against + note))  # fmt: skip
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def seconds(work: Callable[[], object]) -> float:
    """How long one call takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def side_by_side(first: Callable[[], float], second: Callable[[], float], rounds: int) -> tuple[float, float]:
    """Medians of two measurements taken in turn, so that a neighbour's load falls on both."""
    pairs = [(first(), second()) for _ in range(rounds)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)

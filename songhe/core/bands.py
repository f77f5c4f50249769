"""Ranges of scores, each with its open or closed ends, and what is wrong with a table of them: gaps and overlaps.

A real tender left exactly 70 undefined ("70(不含)-79" beside "70以下"): a table that decides money is checked here first.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from songhe.core.yamldoc import Doc, Fault, Where

_BAND = re.compile(r"([\[(])\s*(-?\d+(?:\.\d+)?)\s*,\s*(-?\d+(?:\.\d+)?)\s*([\])])")


@dataclass(frozen=True)
class Band:
    """A range of scores: "[80,100]" both ends in, "(70,80)" both out."""

    low: float
    high: float
    low_in: bool
    high_in: bool


def read_band(text: str) -> Band | None:
    """None where the text is no range."""
    match = _BAND.fullmatch(text.strip())
    if match is None:
        return None
    return Band(float(match[2]), float(match[3]), match[1] == "[", match[4] == "]")


def band_faults(bands: Sequence[Band], least: float, most: float) -> Iterator[tuple[int, str, float, float]]:
    """(band, "gap" or "overlap" or "empty" or "outside", from, to) for every score that no band or two bands hold."""
    order = sorted(range(len(bands)), key=lambda i: (bands[i].low, not bands[i].low_in, bands[i].high))
    for i in order:
        if bands[i].high < bands[i].low or (
            bands[i].high == bands[i].low and not (bands[i].low_in and bands[i].high_in)
        ):
            yield i, "empty", bands[i].low, bands[i].high
    if not order:
        return
    first, last = bands[order[0]], bands[order[-1]]
    if first.low > least or (first.low == least and not first.low_in):
        yield order[0], "gap", least, first.low
    if first.low < least or last.high > most:
        yield order[0] if first.low < least else order[-1], "outside", least, most
    for before, after in pairwise(order):
        a, b = bands[before], bands[after]
        if a.high > b.low or (a.high == b.low and a.high_in and b.low_in):
            yield after, "overlap", b.low, a.high
        elif a.high < b.low or not (a.high_in or b.low_in):
            yield after, "gap", a.high, b.low
    if last.high < most or (last.high == most and not last.high_in):
        yield order[-1], "gap", last.high, most


def holds(band: Band, score: float) -> bool:
    """Whether a score lies in a band.

    >>> holds(Band(70, 80, True, False), 80)
    False
    """
    above = score >= band.low if band.low_in else score > band.low
    return above and (score <= band.high if band.high_in else score < band.high)


_SAID = {
    "gap": ("{low:g} 到 {high:g} 之间没有归入任何一档（注意端点的开闭）。", "Nothing holds the scores from {low:g} to {high:g} (mind whether the ends are in)."),
    "overlap": ("{low:g} 到 {high:g} 同时归入两档。", "Two bands hold the scores from {low:g} to {high:g}."),
    "empty": ("这一档是空的：下限不低于上限。", "This band is empty: its lower end is not below its upper end."),
    "outside": ("超出了 {low:g} 到 {high:g} 的分值范围。", "It reaches beyond the scores {low:g} to {high:g}."),
}  # fmt: skip


def table_faults(doc: Doc, where: Where, ranges: Sequence[str], least: float, most: float) -> Iterator[Fault]:
    """Faults of the ranges in a definition's list of rows at `where`, each row with its field `range`."""
    read = [read_band(text) for text in ranges]
    for n, text in enumerate(ranges):
        if read[n] is None:
            yield doc.fault(
                (*where, n, "range"), "bad_range", f"看不懂区间“{text}”。请写成 [80,100]、(70,80) 等，方括号含端点，圆括号不含。",
                f'"{text}" is no range. Write [80,100] or (70,80): a square bracket includes the end, a round one does not.',
            )  # fmt: skip
    known = [band for band in read if band]
    if len(known) < len(read):
        return
    for n, kind, low, high in band_faults(known, least, most):
        zh, en = _SAID[kind]
        yield doc.fault(
            (*where, n, "range"), f"band_{kind}", zh.format(low=low, high=high), en.format(low=low, high=high)
        )

"""A roster under examination: its columns by field, and what was found in which cell."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from songhe.core.problem import Problem

NOTHING = [
    "无",
    "-",
    "--",
    "—",
    "——",
    "/",
    "、",
    "不详",
    "未知",
    "暂无",
    "没有",
    "无。",
    "null",
    "NULL",
    "none",
    "None",
    "n/a",
    "N/A",
    "#N/A",
]


class Fault(NamedTuple):
    """What is wrong in one cell; `line` is the row number seen in the spreadsheet."""

    line: int
    field: str
    problem: Problem


class Sheet:
    """A frame under examination: columns by field, and what was found."""

    def __init__(self, frame: pl.DataFrame, fast: bool):
        self.frame, self.fast = frame, fast
        self.lines = frame["line"]
        self.bad = np.zeros(frame.height, dtype=bool)
        self.faults: list[Fault] = []
        self.notes: list[Fault] = []

    def text(self, name: str) -> pl.Series:
        """A column's text with the words for "nothing" taken as empty; absent columns are empty."""
        if name not in self.frame.columns:
            return pl.repeat("", self.frame.height, dtype=pl.String, eager=True).alias(name)
        column = self.frame[name]
        return pl.select(pl.when(column.is_in(NOTHING)).then(pl.lit("")).otherwise(column).alias(name)).to_series()

    def say(self, name: str, at: Iterable[int], problem: Problem) -> None:
        """The same finding for rows by position; an error takes them out."""
        where = np.asarray(at, dtype=np.int64)
        found = [Fault(line, name, problem) for line in self.lines.gather(where).to_list()]
        if problem.level == "error":
            self.bad[where] = True
            self.faults += found
        else:
            self.notes += found

    def say_where(self, name: str, mask: pl.Series, problem: Problem) -> None:
        where = mask.fill_null(False).arg_true()
        if len(where):
            self.say(name, where.to_numpy(), problem)

    def distinct(
        self,
        name: str,
        column: pl.Series,
        read: Callable[[str], tuple[Any, tuple[Problem, ...]]],
        dtype: Any,
        skip: pl.Series | None = None,
    ) -> pl.Series:
        """read() over the distinct values of a column: value (None = none) and findings; `skip` marks rows already clean."""
        todo = column if skip is None else pl.select(pl.when(~skip).then(column)).to_series()
        seen = todo.drop_nulls().unique().to_list()
        values: dict[str, Any] = {}
        findings: dict[str, tuple[Problem, ...]] = {}
        for text in seen:
            value, problems = read(text)
            values[text] = value
            if problems:
                findings[text] = problems
        for text, problems in findings.items():
            where = (todo == text).fill_null(False).arg_true().to_numpy() if len(findings) < 20 else None
            if where is None:
                break
            for problem in problems:
                self.say(name, where, problem)
        else:
            findings = {}
        if findings:  # many different faults: one pass over the rows instead of one for each
            self._say_each(name, todo, findings)
        if not values:
            return pl.repeat(None, len(column), dtype=dtype, eager=True)
        return todo.replace_strict(list(values), list(values.values()), default=None, return_dtype=dtype)

    def _say_each(self, name: str, todo: pl.Series, findings: dict[str, tuple[Problem, ...]]) -> None:
        where = todo.is_in(list(findings)).fill_null(False).arg_true()
        for at, text in zip(where.to_list(), todo.gather(where).to_list(), strict=True):
            for problem in findings[text]:
                self.say(name, [at], problem)

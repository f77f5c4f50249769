"""One shape for everything that can be wrong with a piece of text or a file, with no framework in it.

    Problem("id_check", "校验码不符……", "The check digit does not fit…")
    Refused(problem)   -> an exception whose str() is the Chinese text and whose .problem is kept

`level`: "error" the value cannot be used; "warning" it can, but somebody should look; "fixed" it was repaired, and how.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["error", "warning", "fixed"]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, why, and what to do, in Chinese and English, under a stable code."""

    code: str
    zh: str
    en: str
    level: Level = "error"

    def text(self, lang: str = "zh") -> str:
        """The sentence in the language asked for ("zh…" or anything else for English)."""
        return self.zh if lang.startswith("zh") else self.en


class Refused(ValueError):
    """A value that cannot be read. Subclasses name the kind of value."""

    def __init__(self, problem: Problem):
        super().__init__(problem.zh)
        self.problem = problem
        self.code, self.zh, self.en = problem.code, problem.zh, problem.en

    def text(self, lang: str = "zh") -> str:
        return self.problem.text(lang)


def errors(problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """Only the problems that refuse the value."""
    return tuple(p for p in problems if p.level == "error")

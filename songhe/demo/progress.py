"""Progress of a load, on standard error: a bar where somebody watches, plain lines otherwise."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


class Report:
    """`step("导入名册", total)` gives a function to call with how much was done."""

    def __init__(self, quiet: str = ""):
        self.console = Console(stderr=True, quiet=quiet == "quiet")

    @contextmanager
    def step(self, title: str, total: int | None = None) -> Iterator:
        columns = (TextColumn("{task.description:<16}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self.console) as progress:
            task = progress.add_task(title, total=total)
            yield lambda done=1: progress.advance(task, done)
            progress.update(task, total=total or progress.tasks[0].completed, completed=progress.tasks[0].completed)

    def each(self, title: str, things: Iterable, total: int) -> Iterator:
        """Iterate while the bar moves."""
        with self.step(title, total) as advance:
            for thing in things:
                yield thing
                advance()

"""Plans handed out while a solver runs, so that a run cut off loses little: each better than all before."""

from collections.abc import Callable
from threading import Lock

EVERY = 0.05  # of the budget: how often a solver offers what it has


class Keeper:
    """``keep(plan)`` is called for a plan that costs less than every one before it; threads may offer at once.

    ``below`` is what the plan costs that the run went on from: nothing dearer is handed out.
    """

    def __init__(self, keep: Callable | None, below: float = float("inf")):
        self.keep, self.best = keep, below
        self.lock = Lock()

    def offer(self, cost: float, plan: Callable[[], object]) -> None:
        """``plan()`` is built only when it is wanted."""
        if self.keep is None:
            return
        with self.lock:
            if cost < self.best:
                self.best = cost
                self.keep(plan())

"""How long a solver may run: so many steps (repeats exactly) or so many seconds of a clock that the caller hands in.

The floor below knows no clock: ``now`` is any function that returns seconds and grows (time.monotonic at the door).
"""

from collections.abc import Callable


class Budget:
    """``spent()`` goes from 0 to 1. ``report(fraction, cost)`` is called now and then; ``cancelled()`` ends the run early."""

    def __init__(
        self,
        *,
        seconds: float | None = None,
        steps: int | None = None,
        now: Callable[[], float] | None = None,
        report: Callable[[float, float], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ):
        if (seconds is None) == (steps is None):
            raise ValueError("give either seconds (with now) or steps")
        if seconds is not None and now is None:
            raise ValueError("seconds need a clock: pass now=")
        self.seconds, self.steps, self.now = seconds, steps, now
        self.report, self.cancelled = report, cancelled
        self.begin()
        self.done = 0

    def begin(self) -> None:
        """The clock starts now: what went before (reading, compiling) does not count."""
        self.begun = self.now() if self.now else 0.0

    def spent(self) -> float:
        if self.cancelled and self.cancelled():
            return 1.0
        if self.steps is not None:
            return min(1.0, self.done / max(1, self.steps))
        return min(1.0, (self.now() - self.begun) / max(1e-9, self.seconds))

    def stopped(self) -> bool:
        """Somebody asked the run to end early."""
        return bool(self.cancelled and self.cancelled())

    def left(self) -> float:
        """Seconds left; infinite when only steps are counted."""
        return float("inf") if self.steps is not None else max(0.0, self.seconds - (self.now() - self.begun))

    def tell(self, fraction: float, cost: float) -> None:
        if self.report:
            self.report(fraction, cost)

    def look(self, cost: float) -> float:
        """spent(), told with the cost of the plan at hand."""
        fraction = self.spent()
        self.tell(fraction, cost)
        return fraction

    def fork(self) -> "Budget":
        """The same limits for another thread: its own count of steps, the same clock and start."""
        twin = Budget(
            seconds=self.seconds, steps=self.steps, now=self.now, report=self.report, cancelled=self.cancelled
        )
        twin.begun = self.begun
        return twin

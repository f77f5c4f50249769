"""Work that nobody waits for: rounds by the clock, kept in the database, done by `songhe work`, tried again when they fail.

A round is a function in an app's `jobs.py` (found by itself). It runs as the system, everywhere, in one transaction, and
must add nothing when it runs again: a worker that was switched off for a week catches up with the first round.
"""

import logging
from collections.abc import Callable

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from songhe.core.acting import everywhere

log = logging.getLogger("songhe.jobs")
AGAIN = RetryStrategy(max_attempts=5, exponential_wait=10)  # 10 s, 100 s … then the next round by the clock
Work = Callable[[], dict[str, int]]
ROUNDS: dict[str, Work] = {}


def round_(name: str, *, every: str) -> Callable[[Work], Work]:
    """Registers a round. `every`: five fields of cron, in UTC. The work answers with what it did, {name: count}.

    Two of the same never run side by side, and one that is waiting is not queued again.
    """

    def decorate(work: Work) -> Work:
        def run(timestamp: int) -> dict[str, int]:
            return done(name)

        app.periodic(cron=every)(app.task(run, name=name, lock=name, queueing_lock=name, retry=AGAIN))
        ROUNDS[name] = work
        return work

    return decorate


def done(name: str) -> dict[str, int]:
    """Run one round now. Raises KeyError for a name that no app has registered."""
    work = ROUNDS[name]
    with everywhere():
        did = work()
    log.info("round %s: %s", name, did)
    return did


def work_on(*, once: bool = False) -> None:
    """Be the worker: until stopped, or (`once`) until nothing is left to do."""
    with app.replace_connector(app.connector.get_worker_connector()) as working:
        working.run_worker(concurrency=1, wait=not once, delete_jobs="successful", install_signal_handlers=True)

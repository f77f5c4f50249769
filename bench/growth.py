"""How cost grows with people: P2 and P3 on the prefecture and on a tenth of it (or ten of them), in turn."""

import statistics
from datetime import date, timedelta

from bench import live, load, pages, staff
from bench.ground import Ground, say
from bench.prefecture import Size, monday, prepared
from bench.results import Result, seconds
from bench.site import serving


def measure(ground: Ground, size: Size, today: date, *, rounds: int, span: float, ten: str = "") -> list[Result]:
    """P2.growth and P3.*.growth: the larger's time ÷ the smaller's. `ten="ten"` also sets ten prefectures against one."""
    found = _between(ground, Size(max(1_000, size.people // 10)), size, today, rounds, span, "")
    if ten:
        found += _between(ground, size, Size(size.people * 10), today, rounds, span, "10x")
    ground.use(size.database)
    return found


def _between(
    ground: Ground, small: Size, large: Size, today: date, rounds: int, span: float, mark: str
) -> list[Result]:
    say(f"growth: {small.people:,} and {large.people:,} people …")
    for size in (small, large):
        prepared(ground, size, today)
    times = large.people / small.people
    against = f"the same with {small.people:,} people"
    p2 = _weeks(ground, small, large, today, rounds)
    found = [Result(f"P2.growth{mark}", *p2, "ms", rounds, against, "at most", times)]
    for name, p95 in _pages(ground, small, large, rounds, span).items():
        found.append(Result(f"P3.{name}.growth{mark}", *p95, "ms", rounds, against, "at most", 1.3))
    return found


def _weeks(ground: Ground, small: Size, large: Size, today: date, rounds: int) -> tuple[float, float]:
    last = monday(today) - timedelta(days=1)
    times: dict[Size, list[float]] = {large: [], small: []}
    for _ in range(rounds):
        for size, seen in times.items():
            ground.use(size.database)
            ask = live.songhe(last - timedelta(days=6), last)
            ask()  # the new connection's first question is not counted
            seen.append(1000 * statistics.median(seconds(ask) for _ in range(5)))
    return statistics.median(times[large]), statistics.median(times[small])


def _pages(ground: Ground, small: Size, large: Size, rounds: int, span: float) -> dict[str, tuple[float, float]]:
    """p95 of each page on two sites at once, each on its own database, loaded in turn."""
    headers = {}
    for size in (small, large):
        ground.use(size.database)
        headers[size] = staff.sessions(pages.CLIENTS)
    with serving(ground) as second:
        ground.use(small.database)
        with serving(ground) as first:
            ports = {large: second, small: first}
            found = {}
            for name, (view, query) in pages.PAGES.items():
                path = pages.path_of(view, query)
                if path is None:
                    continue
                jobs = {size: load.Job(port, path, headers[size]) for size, port in ports.items()}
                seen = {size: [load.run(job, clients=pages.CLIENTS, seconds=1).p95] for size, job in jobs.items()}
                for _ in range(rounds):
                    for size, job in jobs.items():
                        seen[size].append(load.run(job, clients=pages.CLIENTS, seconds=span).p95)
                found[name] = (statistics.median(seen[large][1:]), statistics.median(seen[small][1:]))
    return found

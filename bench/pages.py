"""P3: pages of the desk that a bureau opens all day, signed in at 8 browsers, against an empty page of the same server."""

import statistics

from bench import load, staff
from bench.ground import Ground, say
from bench.prefecture import CITY, Size
from bench.results import Result
from bench.site import serving

CLIENTS = 8
EMPTY = "/healthz"  # the same server and middleware, the same signed-in session, no content
# what MEASURES names → the page's name among the desk's addresses, and its parameters
PAGES = {
    "people": ("people", "area={city}&circumstance=empty_nest&age_from=70&sort=name"),
    "due": ("duties", "area={city}"),
    "map": ("map", "area={city}"),
    "workbench": ("workbench", ""),
}
TARGET, BOUND = 6.0, 100.0


def measure(ground: Ground, size: Size, *, seconds: float, rounds: int) -> list[Result]:
    """P3.people, P3.due, P3.map, P3.workbench, and P3: the slowest of them. Medians of p95 in milliseconds."""
    found = []
    headers = staff.sessions(CLIENTS)
    with serving(ground) as port:
        load.run(load.Job(port, EMPTY, headers), clients=CLIENTS, seconds=1)
        for name, (view, query) in PAGES.items():
            path = path_of(view, query)
            if path is None:
                say(f"  P3.{name}: the desk has no page “{view}”")
                continue
            _refuse_stranger(port, path, headers[0])
            page, empty = _rounds(load.Job(port, path, headers), load.Job(port, EMPTY, headers), seconds, rounds)
            found.append(_result(f"P3.{name}", page, empty, rounds))
    if found:
        worst = max(found, key=lambda r: r.songhe)
        found.append(_result("P3", worst.songhe, worst.other, rounds, f"the slowest: {worst.name[3:]}"))
    return found


def _rounds(page: load.Job, empty: load.Job, seconds: float, rounds: int) -> tuple[float, float]:
    load.run(page, clients=CLIENTS, seconds=1)
    pairs = [
        (load.run(page, clients=CLIENTS, seconds=seconds).p95, load.run(empty, clients=CLIENTS, seconds=seconds).p95)
        for _ in range(rounds)
    ]
    return statistics.median(p for p, _ in pairs), statistics.median(e for _, e in pairs)


def _result(name: str, page: float, empty: float, rounds: int, note: str = "") -> Result:
    against = f"p95 of an empty page, {CLIENTS} clients"
    return Result(name, page, empty, "ms", rounds, against, "at most", TARGET, BOUND, note)


def path_of(view: str, query: str) -> str | None:
    from django.urls import NoReverseMatch, reverse

    try:
        path = reverse(view)
    except NoReverseMatch:
        return None
    return f"{path}?{query.format(city=CITY)}" if query else path


def _refuse_stranger(port: int, path: str, headers: dict[str, str]) -> None:
    """The page must be the page: a redirect to the sign-in is fast as well."""
    import http.client

    link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    link.request("GET", path, headers=headers)
    answer = link.getresponse()
    text = answer.read().decode()
    if answer.status != 200 or "测速" not in text:
        raise RuntimeError(f"{path}: {answer.status} {answer.headers.get('Location', '')} {text[:300]}")

"""`python -m bench [--people N] [--only P1a,P2] [--json]`: JSON on stdout, progress and a table on stderr. See docs/bench.md."""

import argparse
import sys
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bench import contacts, field, ground, growth, live, orders, pages, prefecture, results, rosters
from bench.ground import ROOT, Ground, say
from bench.prefecture import Size
from bench.results import Result

MEASURES = ("P1a", "P1b", "P2", "P2b", "P3", "P4", "P4.library", "P4b", "growth", "field", "orders")
ORDERS_S = 60.0  # the promise is a minute of everybody at once; `--seconds` scales it as it scales the other measures


def main(words: list[str] | None = None) -> int:
    """Run the measures asked for; 0 when each one gave an answer, whether or not its target was reached."""
    asked = _asked(words)
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
    with ground.ground(asked.var) as found:
        answers = measured(found, asked, today)
    print(results.as_json(answers))
    if not asked.json:
        say("\n" + results.table(answers))
    return 0


def _asked(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--people", type=int, default=prefecture.FULL, help="older people in the prefecture (2,000,000)"
    )
    parser.add_argument("--only", default="", help=f"some of {', '.join(MEASURES)}, with commas")
    parser.add_argument("--json", action="store_true", help="the JSON alone, no table")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each measure; the median counts (5)")
    parser.add_argument("--seconds", type=float, default=3.0, help="load in each round of P1 and P3 (3)")
    parser.add_argument(
        "--ten", action="store_true", help="growth up to ten times the people as well: a province, hours"
    )
    parser.add_argument("--fresh", action="store_true", help="fill the prefecture again although one is ready")
    parser.add_argument("--var", type=Path, default=ROOT / "var" / "bench", help="where the cluster stands (var/bench)")
    asked = parser.parse_args(words)
    asked.only = {name for name in asked.only.split(",") if name} or set(MEASURES)
    if unknown := asked.only - set(MEASURES):
        parser.error(f"no measure {', '.join(sorted(unknown))}; there are {', '.join(MEASURES)}")
    if asked.people < 1_000:
        parser.error("--people: at least 1000")
    return asked


def measured(found: Ground, asked: argparse.Namespace, today: date) -> list[Result]:
    size, only = Size(asked.people), asked.only
    running = prefecture.monday(today)
    answers: list[Result] = []
    if only - {"P4", "P4.library", "P4b", "field", "orders"}:
        prefecture.prepared(found, size, today, fresh=asked.fresh)
    if only & {"P2", "P2b"}:
        say("P2, P2b: weeks of all villages …")
        answers += live.measure(found, size, running, rounds=asked.rounds, only=only)
    if "P3" in only:
        say("P3: pages …")
        answers += pages.measure(found, size, seconds=asked.seconds, rounds=asked.rounds)
    if only & {"P1a", "P1b"} and contacts.program() is None:
        say(
            "P1a, P1b left out: pgbench is not installed (apt-get install postgresql), so there is nothing to compare with"
        )
    elif only & {"P1a", "P1b"}:
        say("P1a, P1b: contacts over HTTP …")
        answers += contacts.measure(found, size, seconds=asked.seconds, rounds=asked.rounds, only=only)
    if "growth" in only:
        ten = "ten" if asked.ten else ""
        answers += growth.measure(found, size, today, rounds=asked.rounds, span=asked.seconds, ten=ten)
    if only & {"P4", "P4.library", "P4b"}:
        say("P4: rosters …")
        answers += rosters.measure(found, size, today, rounds=asked.rounds, only=only)
    if "field" in only:
        say("field: the telephone page …")
        answers += field.measure(found, rounds=asked.rounds)
    if "orders" in only and contacts.program() is None:
        say(
            "orders left out: pgbench is not installed (apt-get install postgresql), so there is nothing to compare with"
        )
    elif "orders" in only:
        answers += orders.measure(found, seconds=ORDERS_S * asked.seconds / 3)
    order = {name: at for at, name in enumerate(("P1", "P2", "P3", "P4"))}
    return sorted(answers, key=lambda r: (order.get(r.name[:2], len(order)), r.name))


if __name__ == "__main__":
    sys.exit(main())

"""`python -m bench [--people N] [--only P1a,P2] [--json]`: JSON on stdout, progress and a table on stderr. See docs/bench.md."""

import argparse
import sys
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bench import contacts, ground, live, pages, prefecture, results, rosters
from bench.ground import ROOT, Ground, say
from bench.prefecture import Size
from bench.results import Result

MEASURES = ("P1a", "P1b", "P2", "P2b", "P3", "P4", "P4.library", "P4b", "growth")


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
    if only - {"P4", "P4.library", "P4b"}:
        prefecture.prepared(found, size, today, fresh=asked.fresh)
    if only & {"P2", "P2b", "growth"}:
        say("P2, P2b: weeks of all villages …")
        answers += live.measure(
            found, size, running, rounds=asked.rounds, only=only | ({"P2"} if "growth" in only else set())
        )
    if only & {"P3", "growth"}:
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
        answers += growth(found, asked, today, answers)
    if only & {"P4", "P4.library", "P4b"}:
        say("P4: rosters …")
        answers += rosters.measure(found, size, today, rounds=asked.rounds, only=only)
    order = {name: at for at, name in enumerate(("P1", "P2", "P3", "P4"))}
    return sorted(answers, key=lambda r: (order[r.name[:2]], r.name))


def growth(found: Ground, asked: argparse.Namespace, today: date, full: list[Result]) -> list[Result]:
    """P2 and P3 again at a tenth of the people (and at ten times with --ten), as ratios of the times."""
    answers = []
    for factor in (0.1, 10) if asked.ten else (0.1,):
        size = Size(max(1_000, round(asked.people * factor)))
        say(f"growth: {size.people:,} people …")
        prefecture.prepared(found, size, today)
        other = live.measure(found, size, prefecture.monday(today), rounds=asked.rounds, only={"P2"})
        other += pages.measure(found, size, seconds=asked.seconds, rounds=asked.rounds)
        answers += _compared(full, other, factor, asked.people / size.people)
    found.use(Size(asked.people).database)
    return answers


def _compared(full: list[Result], other: list[Result], factor: float, times: float) -> list[Result]:
    """The larger against the smaller: P2 no worse than linear, P3 flat within 30 %."""
    by_name = {r.name: r for r in other}
    out = []
    for here in full:
        there = by_name.get(here.name)
        if there is None or here.name == "P3" or here.name[:2] not in ("P2", "P3"):
            continue
        large, small, most = (here, there, times) if factor < 1 else (there, here, 1 / times)
        target = most if here.name == "P2" else 1.3
        name = f"{here.name}.growth" + ("" if factor < 1 else f"{factor}x")
        against = f"the same at {factor:g}× people" if factor < 1 else "the same at 1× people"
        out.append(Result(name, large.songhe, small.songhe, here.unit, here.n, against, "at most", target))
    return out


if __name__ == "__main__":
    sys.exit(main())

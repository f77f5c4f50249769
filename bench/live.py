"""P2: a week, and a year, of all villages as the product counts them, against DuckDB over the raw facts in Parquet.

Both answer the same: for each village how many were owed contact and how many of them got it. They are compared before
anything is timed. The Parquet file is in day order with small row groups, so that DuckDB reads only the days it needs.
"""

from datetime import date, timedelta
from pathlib import Path

from bench import staff
from bench.ground import Ground
from bench.prefecture import CITY, Size
from bench.results import Result, seconds, side_by_side

# Calls and visits of each person and week from the facts, against what was owed then; the same counting as the rule's.
DUCK = """
SELECT o.village_id, count(*) FILTER (WHERE coalesce(f.calls, 0) >= o.calls_owed AND coalesce(f.visits, 0) >= o.visits_owed), count(*)
FROM '{folder}/owed.parquet' o LEFT JOIN (
    SELECT person_id, date_trunc('week', occurred_on)::date AS week, count(*) FILTER (WHERE mode IN ('call', 'video')) AS calls,
           count(*) FILTER (WHERE mode = 'home_visit') AS visits
    FROM '{folder}/facts.parquet' WHERE counts AND occurred_on BETWEEN ? AND ? GROUP BY ALL) f
  ON f.person_id = o.person_id AND f.week = o.period_start
WHERE o.period_start BETWEEN ? AND ? GROUP BY o.village_id
"""


def measure(ground: Ground, size: Size, running: date, *, rounds: int, only: set[str]) -> list[Result]:
    """P2: the last full week. P2b: the 52 full weeks before the running one. Raises when the answers differ."""
    import duckdb

    folder = export(ground, size, running)
    link = duckdb.connect()
    found = []
    for name, first, target in (("P2", running - timedelta(weeks=1), 1.0), ("P2b", running - timedelta(weeks=52), 0.5)):
        if name not in only:
            continue
        last = running - timedelta(days=1)
        ours, theirs = songhe(first, last), _duck(link, folder, first, last)
        _same(ours(), theirs())
        mine, other = side_by_side(lambda o=ours: 1000 * seconds(o), lambda t=theirs: 1000 * seconds(t), rounds)
        weeks = (last - first).days // 7 + 1
        note = f"{weeks} week{'s' if weeks > 1 else ''}, {size.villages:,} villages"
        found.append(Result(name, mine, other, "ms", rounds, "DuckDB over the raw facts in Parquet", "at most", target, note=note))  # fmt: skip
    return found


def songhe(first: date, last: date):
    """A function that asks the product, as the city's clerk: {village id: (kept, owed)} over the weeks of the span."""
    from django.utils import timezone

    from songhe.core.periods import Period
    from songhe.insight.indicators import definitions, queries
    from songhe.registry.accounts.access import acting_as
    from songhe.registry.places.queries import by_code

    post, city, indicator = staff.clerk(), by_code(CITY), definitions.named("weekly_visiting")
    period = Period(first, last, "week")

    def ask() -> dict[int, tuple[int, int]]:
        with acting_as(post):
            return queries.tally(indicator, city, period, ["village"], timezone.now())

    def villages() -> dict[int, tuple[int, int]]:
        found = ask()
        found.pop(city.pk)
        return found

    return villages


def _duck(link, folder: Path, first: date, last: date):
    text = DUCK.format(folder=folder)
    return lambda: {pk: (hit, owed) for pk, hit, owed in link.execute(text, [first, last, first, last]).fetchall()}


def _same(ours: dict, theirs: dict) -> None:
    if ours != theirs:
        differ = [pk for pk in ours.keys() | theirs.keys() if ours.get(pk) != theirs.get(pk)]
        raise RuntimeError(f"{len(differ)} of {len(theirs)} villages differ, e.g. {differ[0]}: {ours.get(differ[0])} and {theirs.get(differ[0])}")  # fmt: skip


def export(ground: Ground, size: Size, running: date) -> Path:
    """Facts and what was owed as Parquet under var/bench; made again when the database was filled again."""
    import polars as pl

    folder = ground.var / f"parquet-{size.people}"
    stamp, mark = folder / "stamp", ground.stamp(size.database)
    if stamp.exists() and stamp.read_text() == mark:
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    stamp.unlink(missing_ok=True)
    import duckdb

    parts = folder / "parts"
    parts.mkdir(exist_ok=True)
    with ground.owner(size.database) as link:
        for name, sql in _EXPORTS.items():
            csv = parts / f"{name}.csv"
            with open(csv, "wb") as out, link.cursor().copy(f"COPY ({sql}) TO STDOUT (FORMAT csv, HEADER)") as rows:
                for block in rows:
                    out.write(block)
            frame = pl.scan_csv(csv, try_parse_dates=True).with_columns(**_TYPES[name])
            frame.sink_parquet(folder / f"{name}.parquet", row_group_size=122_880)
            csv.unlink()
    duckdb.connect().execute(f"SELECT count(*) FROM '{folder}/facts.parquet'")
    stamp.write_text(mark)
    return folder


_EXPORTS = {
    "facts": "SELECT occurred_on, person_id, mode, counts::int AS counts FROM visits_visit ORDER BY occurred_on, id",
    "owed": "SELECT period_start, person_id, village_id, calls_owed, visits_owed FROM duties_duty "
    "WHERE name = 'visiting' AND excused = '' ORDER BY period_start, village_id, person_id",
}
_TYPES: dict[str, dict] = {"facts": {}, "owed": {}}

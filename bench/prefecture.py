"""A synthetic prefecture: 6,000 villages, 2,000,000 older people, 60,000 owed weekly contact, 52 weeks of it and the running one.

Everything follows from the numbers alone (the same size gives the same rows; weeks end with the running one). Filled past
the product's actions, as the cluster's administrator, because it is the ground of measurements and not data: the tallies are made by the
product's own triggers. Sealed cells are sealed once and repeated; search keys are real.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

import psycopg

from bench import people, weeks
from bench.ground import EMPTY, Ground, say, tables_mark

FULL = 2_000_000
COUNTIES, TOWNS, VILLAGES = 15, 8, 50  # towns in a county, villages in a town
WEEKS = 53  # 52 full ones and the running one
CITY = "990100"
SINCE = date(2020, 1, 1)


@dataclass(frozen=True)
class Size:
    """How large. A smaller prefecture has fewer villages too, so that a village stays a village."""

    people: int
    villages: int = field(init=False)

    def __post_init__(self):
        wanted = round(COUNTIES * TOWNS * VILLAGES * self.people / FULL)
        object.__setattr__(self, "villages", max(TOWNS * COUNTIES, wanted))

    @property
    def step(self) -> int:
        """Every so manyth person is owed weekly contact: 60,000 of 2,000,000."""
        return 33

    @property
    def owed(self) -> int:
        return len(range(1, self.people + 1, self.step))

    @property
    def database(self) -> str:
        return f"bench_{self.people}"


def monday(today: date) -> date:
    return today - timedelta(days=today.weekday())


def prepared(ground: Ground, size: Size, today: date, *, fresh: bool = False) -> str:
    """The name of a database that holds this prefecture up to the running week; filled unless one is ready.

    Killed while it fills, it goes on the next time where it stood.
    """
    mark = f"{tables_mark()} {monday(today)} {people.VERSION}.{weeks.VERSION}"
    stamp = ground.stamp(size.database)
    if fresh or stamp not in (mark, f"{mark} people"):
        say(f"filling {size.people:,} people, {size.villages:,} villages, {WEEKS} weeks of {size.owed:,} duties …")
        ground.copy(size.database)
        _fill_people(ground, size, today)
        stamp = f"{mark} people"
        ground.finish(size.database, stamp)
    if stamp != mark:
        _fill_weeks(ground, size, today)
        ground.finish(size.database, mark)
    ground.use(size.database)
    return size.database


def _fill_people(ground: Ground, size: Size, today: date) -> None:
    with ground.filler(size.database) as link:
        _without_indexes(link, "people_person", "duties_assignment")
        places(link, size)
        people.fill(link, size, today)
        _with_indexes(link, ground)
    _rules(ground, size)


def _fill_weeks(ground: Ground, size: Size, today: date) -> None:
    with ground.filler(size.database) as link:
        _without_indexes(link, "duties_duty", "visits_visit", "visits_receipt")
        link.execute("ALTER TABLE duties_duty ENABLE ALWAYS TRIGGER duty_sum_insert")
        weeks.fill(link, monday(today), WEEKS)
        link.execute("ALTER TABLE duties_duty ENABLE TRIGGER duty_sum_insert")
        _with_indexes(link, ground)
    with ground.owner(size.database, autocommit=True) as link:
        link.execute("VACUUM ANALYZE")


def places(link: psycopg.Connection, size: Size) -> None:
    """Province 990000, city 990100, its counties, towns and villages: ids in that order from 1."""
    rows: list[tuple] = [(1, "990000", "虚构省", "province", None, None, None, None, None)]
    rows.append((2, CITY, "虚构市", "city", 1, 1, None, None, None))
    codes = [f"9901{county + 1:02d}" for county in range(COUNTIES)]
    rows += [(3 + at, code, f"第{at + 1}县", "county", 2, 1, 2, None, None) for at, code in enumerate(codes)]
    towns = [(code + f"{town + 1:03d}", 3 + at) for at, code in enumerate(codes) for town in range(TOWNS)]
    first_town, first_village = 3 + COUNTIES, 3 + COUNTIES + len(towns)
    for at, (code, county) in enumerate(towns):
        rows.append((first_town + at, code, f"{code[4:]}镇", "township", county, 1, 2, county, None))
    numbers = {code: (first_town + at, county) for at, (code, county) in enumerate(towns)}
    for at, (code, name) in enumerate(village_codes(size)):
        town, county = numbers[code[:9]]
        rows.append((first_village + at, code, name, "village", town, 1, 2, county, town))
    with link.cursor().copy(
        "COPY places_place (id, code, name, level, parent_id, province_id, city_id, county_id, town_id, short_name, kind, "
        "urban_rural, urban_rural_basis, outline_source, map_approval, longitude, latitude, valid_from, source) FROM STDIN"
    ) as out:
        for at, row in enumerate(rows):
            out.write_row(
                (*row, row[2], "division", "rural", "", "", "", 114 + at % 83 / 100, 38 + at % 71 / 100, SINCE, "bench")
            )
    link.execute("SELECT setval(pg_get_serial_sequence('places_place', 'id'), (SELECT max(id) FROM places_place))")


def village_codes(size: Size) -> list[tuple[str, str]]:
    """(code, name) of every village, in code order; towns are filled evenly."""
    towns = [f"9901{county + 1:02d}{town + 1:03d}" for county in range(COUNTIES) for town in range(TOWNS)]
    found = []
    for at, town in enumerate(towns):
        here = size.villages * (at + 1) // len(towns) - size.villages * at // len(towns)
        found += [(f"{town}{n + 1:03d}", f"{town[4:]}第{n + 1}村") for n in range(here)]
    return found


def _rules(ground: Ground, size: Size) -> None:
    from songhe.care.duties import actions
    from songhe.care.duties.models import Adoption
    from songhe.core.acting import everywhere
    from songhe.registry.places.queries import by_code

    ground.use(size.database)
    with everywhere():
        actions.sync_rules(by=0)
        Adoption.objects.get_or_create(name="visiting", place=by_code(CITY), valid_from=SINCE)
    ground.let_go()


_PLAIN = """
SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
WHERE c.relnamespace = 'public'::regnamespace AND NOT i.indisunique AND NOT i.indisexclusion AND NOT c.relispartition
"""


def _without_indexes(link: psycopg.Connection, *tables: str) -> None:
    """Set the plain indexes of tables aside while they are filled."""
    for (name,) in link.execute(f"SELECT indexrelid FROM ({_PLAIN}) i (indexrelid, made) WHERE made ~ %s", [f" ON (ONLY )?public.({'|'.join(tables)}) "]).fetchall():  # fmt: skip
        link.execute(f"DROP INDEX {name}")  # type: ignore[arg-type]


def _with_indexes(link: psycopg.Connection, ground: Ground) -> None:
    """Make every plain index that the empty database has and this one has not."""
    here = {name for name, _ in link.execute(_PLAIN).fetchall()}
    with ground.owner(EMPTY) as empty:
        wanted = [made for name, made in empty.execute(_PLAIN).fetchall() if name not in here]
    link.execute("SET maintenance_work_mem = '512MB'")
    for made in wanted:
        link.execute(made.replace(" ON ONLY ", " ON "))
    link.commit()

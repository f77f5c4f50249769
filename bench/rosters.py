"""P4: a roster of half the prefecture from file to people on file, against bare COPY, django-import-export and calamine.

The import is the product's (`songhe people import`): the file kept sealed, each cell checked, ID numbers and circumstances
read, villages found, duplicates met, cells encrypted and blinded, search keys made, people, circumstances and contacts
written with row-level security on, one audit row. It goes into a register that is empty but for its places.
"""

import csv
import gc
import statistics
from datetime import date
from pathlib import Path

import psycopg

from bench.ground import Ground, say, tables_mark
from bench.prefecture import Size, places
from bench.results import Result, seconds

DATABASE = "bench_roster"
BARE = "bench_bare_copy"
LIBRARY_ROWS = 20_000


def measure(ground: Ground, size: Size, today: date, *, rounds: int, only: set[str]) -> list[Result]:
    """P4 and P4.preview against COPY, P4.library against django-import-export, P4b against calamine."""
    rows, sheet = max(2_000, size.people // 2), max(1_000, size.people // 10)
    folder = ground.var / "rosters"
    folder.mkdir(exist_ok=True)
    found: list[Result] = []
    try:
        if only & {"P4", "P4.library", "P4.preview"}:
            found += _from_csv(ground, size, _csv(folder, size, rows, today), rows, today, rounds, only)
        if "P4b" in only:
            found.append(_from_xlsx(ground, size, _xlsx(folder, size, sheet, today), sheet, rounds))
    finally:
        ground.drop(DATABASE)
        ground.use(size.database)
    return found


def _from_csv(
    ground: Ground, size: Size, file: Path, rows: int, today: date, rounds: int, only: set[str]
) -> list[Result]:
    imported, previewed, copied = [], [], []
    for _ in range(rounds):
        _empty_register(ground, size)
        copied.append(_bare_copy(ground, file, rows))
        previewed.append(seconds(lambda: _preview(file, rows)))
        imported.append(seconds(lambda: _bring_in(file, rows)))
        gc.collect()
        say(f"  P4: {rows / imported[-1]:,.0f} rows/s, COPY {rows / copied[-1]:,.0f} rows/s")
    ours, copy = statistics.median(imported), statistics.median(copied)
    note = f"{rows:,} rows, {rows / ours:,.0f} rows/s"
    found = [
        Result("P4", ours, copy, "s", rounds, "bare COPY of the same columns", "at most", 33, note=note),
        Result("P4.preview", statistics.median(previewed), copy, "s", rounds, "bare COPY of the same columns", note="nothing written"),
    ]  # fmt: skip
    if "P4.library" in only:
        _empty_register(ground, size)
        some = min(LIBRARY_ROWS, rows)
        rates = _library(file, some, today, rounds)
        found.append(Result("P4.library", rows / ours, statistics.median(rates), "rows/s", rounds, "django-import-export", "at least", 30, note=f"{some:,} rows in {rounds} parts"))  # fmt: skip
    return found


def _from_xlsx(ground: Ground, size: Size, file: Path, rows: int, rounds: int) -> Result:
    from python_calamine import CalamineWorkbook

    imported, read = [], []
    for _ in range(rounds):
        _empty_register(ground, size)
        read.append(seconds(lambda: CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python()))
        imported.append(seconds(lambda: _bring_in(file, rows)))
    ours, other = statistics.median(imported), statistics.median(read)
    return Result("P4b", ours, other, "s", rounds, "calamine merely reading it", "at most", 8, note=f"{rows:,} rows of .xlsx, {rows / ours:,.0f} rows/s")  # fmt: skip


# the product ---------------------------------------------------------------------------------------------------------


def _empty_register(ground: Ground, size: Size) -> None:
    """The places, and nobody."""
    ground.copy(DATABASE)
    with ground.filler(DATABASE) as link:
        places(link, size)
    with ground.owner(DATABASE, autocommit=True) as link:
        link.execute("ANALYZE")
    ground.use(DATABASE)


def _bring_in(file: Path, rows: int) -> None:
    from songhe.core.acting import everywhere
    from songhe.registry.people import imports

    with everywhere():
        done = imports.bring_in(file, by=None, post=None, source="bench")
    if (done.added, done.rejected) != (rows, 0):
        raise RuntimeError(f"{file.name}: {done.counts()} {done.errors[:3]}")


def _preview(file: Path, rows: int) -> None:
    from songhe.core.acting import everywhere
    from songhe.registry.people import imports

    with everywhere():
        batch = imports.preview(file, by=None, post=None, source="bench")
    if (batch.added, batch.rejected) != (rows, 0):
        raise RuntimeError(f"{file.name}: preview {batch.added} added, {batch.rejected} rejected")


# the others ----------------------------------------------------------------------------------------------------------


def _bare_copy(ground: Ground, file: Path, rows: int) -> float:
    """The file as it is into a plain table of as many columns: no key, no index, no check."""
    with open(file, encoding="utf-8-sig") as source:
        columns = ", ".join(f"c{n} text" for n, _ in enumerate(next(csv.reader(source))))
    with ground.owner(DATABASE) as link:
        link.execute(f"DROP TABLE IF EXISTS {BARE}")  # type: ignore[arg-type]
        link.execute(f"CREATE TABLE {BARE} ({columns})")  # type: ignore[arg-type]
        link.commit()
        took = seconds(lambda: _copy(link, file))
        if link.execute(f"SELECT count(*) FROM {BARE}").fetchone() != (rows,):  # type: ignore[arg-type]
            raise RuntimeError("COPY lost rows")
        link.execute(f"DROP TABLE {BARE}")  # type: ignore[arg-type]
    return took


def _copy(link: psycopg.Connection, file: Path) -> None:
    with open(file, "rb") as source, link.cursor().copy(f"COPY {BARE} FROM STDIN (FORMAT csv, HEADER)") as out:  # type: ignore[arg-type]
        while block := source.read(1 << 20):
            out.write(block)
    link.commit()


def _library(file: Path, rows: int, today: date, rounds: int) -> list[float]:
    """Rows a second of django-import-export doing the same for a person alone, in `rounds` parts of the first rows.

    One pass (its usual dry run left out), one transaction, no circumstances, contacts or audit: its task is the lighter.
    """
    import tablib

    from songhe.core.acting import everywhere

    resource = _resource()
    with open(file, encoding="utf-8-sig") as source:
        header, *body = [row for row, _ in zip(csv.reader(source), range(rows + 1), strict=False)]
    header += _FILLED  # the library wants its columns in the file; each row fills them in
    body = [[*row, *("" for _ in _FILLED)] for row in body]
    part = -(-len(body) // rounds)
    rates = []
    for first in range(0, len(body), part):
        data = tablib.Dataset(*body[first : first + part], headers=header)

        def bring_in(data=data) -> None:
            with everywhere():
                found = resource.import_data(data, dry_run=False, use_transactions=True, raise_errors=True)
            if found.totals["new"] != len(data):
                raise RuntimeError(f"django-import-export: {found.totals}")

        rates.append(len(data) / seconds(bring_in))
    return rates


_FILLED = ["name", "sex", "birth"]


def _resource():
    from import_export import resources

    from songhe.core import identity
    from songhe.registry.people import sealing
    from songhe.registry.people.models import Person
    from songhe.registry.places.models import Place

    villages = {place.code: place for place in Place.objects.filter(level="village")}

    class Roster(resources.ModelResource):
        class Meta:
            model = Person
            import_id_fields = ("name",)  # asked for by the library; who it is, `get_instance` says
            fields = _FILLED

        def before_import_row(self, row, **_kwargs):
            number = identity.read_id(row["身份证号"])
            row["blind"] = sealing.id_blind(number.number)
            row["name"], row["sex"] = row["姓名"], "f" if row["性别"] == "女" else "m"
            row["birth"] = number.birth

        def get_instance(self, _loader, row):
            return Person.objects.filter(id_blind=row["blind"], merged_into=None).first()

        def before_save_instance(self, instance, row, **_kwargs):
            number = row["身份证号"]
            for name, pk in villages[row["村（社区）代码"]].areas().items():
                setattr(instance, name, pk)
            instance.id_blind = row["blind"]
            instance.id_sealed = sealing.seal("id_number", number)
            instance.phone_sealed = sealing.seal("phone", row["联系电话"])
            instance.phone_blind = sealing.phone_blind(row["联系电话"])
            instance.address_sealed = sealing.seal("address", row["居住地址"])
            instance.name_sort = sealing.sort_key(instance.name)
            instance.search = sealing.search_value(sealing.search_terms(instance.name, number))

        def after_import(self, *_args, **_kwargs):
            """It would set the sequence, which the app's role may not."""

    return Roster()


# the files -----------------------------------------------------------------------------------------------------------


def _csv(folder: Path, size: Size, rows: int, today: date) -> Path:
    """A roster of invented people on the prefecture's villages; made once."""
    file = folder / f"{size.people}-{rows}-{today}-{tables_mark()}.csv"
    if not file.exists():
        for old in folder.glob(f"{size.people}-{rows}-*.csv"):
            old.unlink()
        say(f"  writing a roster of {rows:,} rows …")
        half = file.with_suffix(".part")
        with open(half, "w", encoding="utf-8-sig", newline="") as out:
            csv.writer(out).writerows(_rows(size, rows, today))
        half.rename(file)
    return file


def _xlsx(folder: Path, size: Size, rows: int, today: date) -> Path:
    import xlsxwriter

    file = folder / f"{size.people}-{rows}-{today}-{tables_mark()}.xlsx"
    if not file.exists():
        for old in folder.glob(f"{size.people}-{rows}-*.xlsx"):
            old.unlink()
        say(f"  writing a workbook of {rows:,} rows …")
        half = file.with_suffix(".part")
        book = xlsxwriter.Workbook(str(half), {"constant_memory": True, "strings_to_formulas": False})
        sheet = book.add_worksheet("名册")
        for at, row in enumerate(_rows(size, rows, today)):
            sheet.write_row(at, 0, row)
        book.close()
        half.rename(file)
    return file


def _rows(size: Size, rows: int, today: date):
    from bench.prefecture import village_codes
    from songhe.demo import population

    spots = [population.Spot(code, name, "rural") for code, name in village_codes(size)]
    yield population.HEADER
    yield from population.roster(spots, people=rows, special=rows * 3 // 100, today=today)

"""Rosters in: preview, confirm, undo, and the file returned with its errors.

    batch = preview(path, by=user, post=post)          # counts and errors; nothing changes
    outcome = confirm(batch, by=user, post=post)       # rows="good" (the default) or "all-or-none"
    undo(batch, by=user, post=post)
    outcome = bring_in(path, by=…, post=…)             # both steps in one pass: command line and demo

A preview and a confirmation run the same pass over the file; the preview leaves out the writing. A confirmation is one
transaction: killed in the middle it leaves nothing, and the batch can be confirmed again. Run inside `access.acting_as(post)`
(or `core.acting.everywhere()` for the system's own jobs).
"""

import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

from django.conf import settings
from django.db import connection, connections, transaction
from django.utils import timezone

from songhe.core import audit, tabular
from songhe.core.problem import Problem
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post, User
from songhe.registry.people import safekeeping, sealing
from songhe.registry.people.models import ImportBatch, ImportChange, Person
from songhe.registry.people.roster import statements as sql
from songhe.registry.people.roster import words
from songhe.registry.people.roster.checking import Fault
from songhe.registry.people.roster.columns import TITLES
from songhe.registry.people.roster.reading import Roster, open_roster
from songhe.registry.people.roster.staging import Job, Prepared, preparing
from songhe.registry.people.roster.villages import Village, Villages
from songhe.registry.people.standing import allow, everywhere_now, inside, outside_area, scope_of
from songhe.registry.places.models import Level, Place

Rows = Literal["good", "all-or-none"]
ERRORS_KEPT = 2_000  # in the batch; the returned file holds all
ERRORS_TOLD = 100_000  # in an Outcome
FILL_FROM = 1_000_000  # bytes of a file from which an empty register is filled without its indexes
PARALLEL_FROM = 4_000_000  # bytes of a file from which workers are worth their start
WHOLE_FILE = 20_000  # rows up to which the returned file holds the good ones too


@dataclass
class Outcome:
    """What a pass over a file found and did; `errors`: [{row, column, reason, reason_en}] with row as seen in the spreadsheet."""

    batch: ImportBatch | None = None
    rows: int = 0
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    errors: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[dict[str, Any]] = field(default_factory=list)
    warnings_total: int = 0
    unread: tuple[str, ...] = ()
    faults: list[Fault] = field(default_factory=list, repr=False)

    def counts(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in ("rows", "added", "updated", "unchanged", "rejected")}


class _Stop(Exception):
    """Leave the transaction without keeping anything."""


# the verbs -----------------------------------------------------------------------------------------------------------


def preview(
    file: Any, *, by: User | None, post: Post | None, place: Place | None = None, source: str = "", name: str = ""
) -> ImportBatch:
    """Read a roster and say what would happen. `file`: a path or an uploaded file; `place` narrows the importer's area.

    The original is kept, sealed. Raises Refusal (also for a file that cannot be read) or Denied.
    """
    with transaction.atomic(), _on_disk(file) as path:
        batch = _take_in(path, by=by, post=post, place=place, source=source, name=name or _name_of(file))
        _pass(batch, path, post=post, place=place, write=False)
        batch.save()
        audit.note("people.import.preview", "import_batch", batch.pk, area_id=_area(batch), **_told(batch))
    return batch


def take_in(
    file: Any, *, by: User | None, post: Post | None, place: Place | None = None, source: str = "", name: str = ""
) -> ImportBatch:
    """Keep a roster without looking at its rows: the first half of an import whose second is `confirm`. Raises Refusal."""
    with transaction.atomic(), _on_disk(file) as path:
        return _take_in(path, by=by, post=post, place=place, source=source, name=name or _name_of(file))


def confirm(batch: ImportBatch, *, by: User | None, post: Post | None, rows: Rows = "good") -> Outcome:
    """Write a roster that was previewed or taken in: its good rows, or nothing if any row is bad. Raises Refusal."""
    user = allow(by, post, "people.import")
    batch = _mine(batch)
    if batch.state not in ("previewed", "running", "refused"):
        raise Refusal(
            "already_imported",
            zh=f"这个批次已处理过（{batch.get_state_display()}），不能再次导入。",
            en=f"This batch was dealt with already ({batch.state}); it cannot be imported again.",
        )
    place = Place.objects.filter(pk=batch.mapping.get("place")).first()
    with safekeeping.opened(batch.stored_as) as path:
        return _carry_out(batch, path, user=user, post=post, place=place, rows=rows)


def bring_in(
    file: Any,
    *,
    by: User | None,
    post: Post | None,
    place: Place | None = None,
    source: str = "",
    name: str = "",
    rows: Rows = "good",
    origin: str = "import",
    fast: bool = True,
) -> Outcome:
    """Preview and confirm in one pass: what the command line and the demo use. Raises Refusal or Denied."""
    with _on_disk(file) as path:
        with transaction.atomic():
            batch = _take_in(path, by=by, post=post, place=place, source=source, name=name or _name_of(file))
            batch.origin = origin
            batch.save()
        user = by.pk if by else 0
        return _carry_out(batch, path, user=user, post=post, place=place, rows=rows, fast=fast)


def _carry_out(
    batch: ImportBatch, path: Path, *, user: int, post: Post | None, place: Place | None, rows: Rows, fast: bool = True
) -> Outcome:
    outcome = Outcome(batch)
    now = timezone.now()
    try:
        with transaction.atomic():
            _only_one(batch)
            outcome = _pass(batch, path, post=post, place=place, write=True, stamp=now, user=user, fast=fast)
            if rows == "all-or-none" and outcome.rejected:
                raise _Stop
            batch.state, batch.finished_at = "done", now
            batch.mapping = batch.mapping | {"stamp": now.isoformat()}
            batch.save()
            audit.note("people.import", "import_batch", batch.pk, area_id=_area(batch), mode=rows, **_told(batch))
    except _Stop:
        outcome.added = outcome.updated = outcome.unchanged = 0
        batch.added = batch.updated = batch.unchanged = 0
        with transaction.atomic():
            batch.state, batch.finished_at = "refused", now
            batch.save()
            audit.note("people.import.refused", "import_batch", batch.pk, area_id=_area(batch), rejected=batch.rejected)
    return outcome


@transaction.atomic
def undo(batch: ImportBatch, *, by: User | None, post: Post | None) -> dict[str, int]:
    """Take a batch back: new files go, changed ones become what they were. What was worked on since stays.

    Returns {"removed", "restored", "kept"}. Raises Refusal.
    """
    user = allow(by, post, "people.import")
    batch = _mine(batch)
    if batch.state != "done":
        raise Refusal("not_imported", zh="这个批次没有导入或已撤销。", en="This batch was not imported, or was undone already.")
    values = {
        "batch": batch.pk,
        "stamp": datetime.fromisoformat(batch.mapping["stamp"]),
        "now": timezone.now(),
        "user": user,
    }
    with connection.cursor() as cursor:
        untouched = _untouched(cursor, values)
        cursor.execute(sql.RESTORE, values)
        restored = [row[0] for row in cursor.fetchall()]
        values |= {"restored": restored, "people": restored}
        for statement in (sql.RESTORE_CONTACTS, sql.DROP_CONTACTS, sql.DROP_CIRCUMSTANCES, sql.UNDO_MOVES):
            cursor.execute(statement, values)
        _remove(cursor, untouched)
    changed = ImportChange.objects.filter(batch=batch).count()
    created = Person.objects.filter(batch=batch).count()
    done = {"removed": len(untouched), "restored": len(restored), "kept": changed - len(restored) + created}
    batch.state = "undone"
    batch.save(update_fields=["state"])
    audit.note("people.import.undo", "import_batch", batch.pk, area_id=_area(batch), **done)
    return done


def returned_file(batch: ImportBatch, *, by: User | None, post: Post | None) -> bytes:
    """The roster as .xlsx with what is wrong written into its rows (of a long one only the bad rows). Raises Refusal."""
    allow(by, post, "people.import")
    batch = _mine(batch)
    place = Place.objects.filter(pk=batch.mapping.get("place")).first()
    with transaction.atomic(), safekeeping.opened(batch.stored_as) as path:
        outcome = _pass(_copy_of(batch), path, post=post, place=place, write=False)
        faults: dict[int, list[tuple[str, str]]] = {}
        with _roster(path, place) as roster:
            for fault in outcome.faults:
                faults.setdefault(fault.line, []).append((_title(roster, fault.field), fault.problem.zh))
            keep_all = outcome.rows <= WHOLE_FILE
            rows = ((number, cells) for number, cells in roster.table if keep_all or number in faults)
            made = tabular.returned(roster.table.header, rows, faults, watermark=f"{batch.file_name} 批次{batch.pk}")
        audit.note("people.import.returned", "import_batch", batch.pk, area_id=_area(batch), rows=len(faults))
    return made


# one pass over a file ------------------------------------------------------------------------------------------------


def _pass(
    batch: ImportBatch,
    path: Path,
    *,
    post: Post | None,
    place: Place | None,
    write: bool,
    stamp: datetime | None = None,
    user: int = 0,
    fast: bool = True,
) -> Outcome:
    """Check every row and count what is new, changed, unchanged and wrong; with `write` also do it."""
    outcome = Outcome(batch)
    today = timezone.localdate()
    job = Job(settings.DATA_KEY, villages_of(post, place, today), today, fast)
    values = {"today": today, "now": stamp or timezone.now(), "user": user, "batch": batch.pk, "source": batch.source[:60]}
    values["origin"] = batch.origin
    workers = _workers(path) if fast else 0
    with _roster(path, place, fast) as roster, preparing(job, workers) as prepare, _Progress(batch) as progress:
        outcome.unread = roster.unread
        writer = _Writer(values, write, fill=path.stat().st_size >= FILL_FROM)
        with writer:
            for prepared in prepare(roster.frames()):
                writer.take(prepared, outcome)
                progress.at(outcome.rows)
        _tell(outcome, roster)
    for name, value in outcome.counts().items():
        setattr(batch, name, value)
    batch.progress = outcome.rows
    batch.errors, batch.warnings = outcome.errors[:ERRORS_KEPT], outcome.warnings[:ERRORS_KEPT]
    batch.mapping = batch.mapping | {"titles": roster.titles, "unread": list(roster.unread)}
    return outcome


class _Writer:
    """Puts prepared chunks through the statements, one chunk after the other, inside the running transaction."""

    def __init__(self, values: dict[str, Any], write: bool, fill: bool = False):
        self.values, self.write, self.filling = values, write, fill and write
        self.seen: dict[int, int] = {}  # 17 digits -> line
        self.everywhere = everywhere_now()
        self.cursor = connection.cursor()
        self.added, self.measure_at = 0, 2_000

    def __enter__(self) -> "_Writer":
        self.cursor.execute("DROP TABLE IF EXISTS pg_temp.roster_stage, pg_temp.roster_hit")
        self.cursor.execute(sql.STAGE)
        if self.filling:
            self.cursor.execute(sql.FILL_BEGIN)
            self.filling = self.cursor.fetchone()[0]
        if self.filling:
            self.cursor.execute(sql.NO_HITS)
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self.cursor.execute("DROP TABLE roster_stage")
            if self.filling:
                self.cursor.execute(sql.FILL_END)
            if self.added >= 2_000:
                self.cursor.execute(sql.MEASURE)
        self.cursor.close()

    def take(self, prepared: Prepared, outcome: Outcome) -> None:
        faults = list(prepared.faults)
        self._stage(prepared)
        faults += self._doubles(prepared)
        hits = self._hits()
        faults += self._gone(hits)
        bad = {fault.line for fault in faults}
        usable = prepared.rows - len(bad)
        changed = self._changed() if hits else 0
        unchanged = self._hit_count() - changed if hits else 0
        if self.write:
            added, taken = self._write(prepared, changed, usable - changed - unchanged)
        else:
            taken = [] if self.everywhere else self._lines(sql.TAKEN_BEFORE)
            added = usable - changed - unchanged - len(taken)
        faults += [Fault(line, "id_number", words.taken()) for line in taken]
        self._empty()
        self._measure(added)
        outcome.rows += prepared.rows
        outcome.added += added
        outcome.updated += changed
        outcome.unchanged += unchanged
        outcome.rejected += len(bad) + len(taken)
        faults.sort(key=lambda f: f.line)
        outcome.faults += faults
        outcome.warnings_total += prepared.notes_total
        if len(outcome.warnings) < ERRORS_KEPT:
            outcome.warnings += [{"fault": f} for f in prepared.notes]

    def _measure(self, added: int) -> None:
        """New statistics whenever the rows added have grown tenfold: the planner must know a register that fills up."""
        self.added += added if self.write else 0
        if self.added >= self.measure_at and not self.filling:
            self.cursor.execute(sql.MEASURE)
            self.measure_at = self.added * 10

    def _stage(self, prepared: Prepared) -> None:
        if prepared.copy:
            with self.cursor.copy(sql.COPY) as copy:
                copy.write(prepared.copy)

    def _lines(self, statement: str) -> list[int]:
        self.cursor.execute(statement, self.values)
        return [row[0] for row in self.cursor.fetchall()]

    def _doubles(self, prepared: Prepared) -> list[Fault]:
        """The first usable row of an ID number counts; later ones are refused with its row number."""
        found = []
        for key, line in zip(prepared.keys.tolist(), prepared.lines.tolist(), strict=True):
            first = self.seen.setdefault(key, line)
            if first != line:
                found.append(Fault(line, "id_number", words.double(first)))
        self._leave_out([fault.line for fault in found])
        return found

    def _leave_out(self, lines: list[int]) -> None:
        if lines:
            self.cursor.execute("DELETE FROM roster_stage WHERE line = ANY(%s)", [lines])

    def _hits(self) -> int:
        """Meet the register through its index, row by row: the planner has no statistics of rows added in this very
        transaction and would read the whole register for each chunk."""
        if self.filling:
            return 0
        self.cursor.execute("SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off")
        self.cursor.execute(sql.HITS, self.values)
        found = self.cursor.rowcount
        self.cursor.execute("SET LOCAL enable_hashjoin = on; SET LOCAL enable_mergejoin = on")
        if found:
            self.cursor.execute("CREATE INDEX ON roster_hit (line); ANALYZE roster_hit")
        return found

    def _hit_count(self) -> int:
        self.cursor.execute("SELECT count(*) FROM roster_hit")
        return self.cursor.fetchone()[0]

    def _gone(self, hits: int) -> list[Fault]:
        """Rows about people whose file says deceased or moved away: never brought back by a roster."""
        if not hits:
            return []
        lines = self._lines("DELETE FROM roster_hit WHERE status IN ('deceased', 'moved_out') RETURNING line")
        self._leave_out(lines)
        return [Fault(line, "id_number", words.deceased()) for line in lines]

    def _changed(self) -> int:
        for field_name, compare, mark in (
            ("address", sql.COMPARE, sql.NEW_ADDRESS),
            ("contact", sql.COMPARE_CONTACT, sql.NEW_NUMBER),
        ):
            self.cursor.execute(compare)
            rows = self.cursor.fetchall()
            if rows:
                old = sealing.open_column(field_name, [row[1] for row in rows])
                new = sealing.open_column(field_name, [row[2] for row in rows])
                lines = [row[0] for row, a, b in zip(rows, old, new, strict=True) if a != b]
                self.cursor.execute(mark, [lines])
        if self._has_empty_number():
            self.cursor.execute(
                "UPDATE roster_hit SET new_number = true WHERE contact IS NOT NULL AND old_contact IS NULL AND contact_sealed IS NOT NULL"
            )
        self.cursor.execute(sql.CHANGED)
        self.cursor.execute("SELECT count(*) FROM roster_hit WHERE changed")
        return self.cursor.fetchone()[0]

    def _has_empty_number(self) -> bool:
        self.cursor.execute("SELECT 1 FROM roster_hit WHERE contact IS NOT NULL AND old_contact IS NULL LIMIT 1")
        return self.cursor.fetchone() is not None

    def _write(self, prepared: Prepared, changed: int, expected: int) -> tuple[int, list[int]]:
        """Insert and update one chunk; returns how many were added and the lines whose number is taken elsewhere."""
        run = self.cursor.execute
        if changed:
            run(sql.KEEP, self.values)
            run(sql.UPDATE, self.values)
            for statement in (sql.MOVED, sql.MOVED_CIRCUMSTANCES, sql.NUMBERS, sql.MORE_CONTACTS):
                run(statement, self.values)
        added, taken = 0, []
        if expected:
            run(sql.FILL if self.filling else sql.NEW, self.values)
            added = self.cursor.rowcount
            if added < expected:
                taken = self._lines(sql.TAKEN_AFTER)
                self._leave_out(taken)
        if prepared.contacts and added:
            run(sql.CONTACTS, self.values)
        if prepared.tagged:
            run(sql.CIRCUMSTANCES, self.values)
        return added, taken

    def _empty(self) -> None:
        if not self.filling:
            self.cursor.execute("DROP TABLE roster_hit")
        self.cursor.execute("TRUNCATE roster_stage")


class _Progress:
    """How far a pass is, told through a connection of its own: others see it while the import's transaction is open."""

    def __init__(self, batch: ImportBatch):
        self.batch, self.last = batch, time.monotonic()
        self.side: Any = None

    def __enter__(self) -> "_Progress":
        return self

    def at(self, rows: int) -> None:
        if time.monotonic() - self.last < 2:
            return
        self.last = time.monotonic()
        if self.side is None:
            self.side = connections.create_connection("default")
        with suppress(Exception), self.side.cursor() as cursor:  # progress is a courtesy: it never stops the import
            cursor.execute("SELECT set_config('app.areas', '{0}', false)")
            cursor.execute(
                "UPDATE people_importbatch SET progress = %s, state = 'running' WHERE id = %s AND state <> 'done'",
                [rows, self.batch.pk],
            )

    def __exit__(self, *_: object) -> None:
        if self.side is not None:
            self.side.close()


# parts ---------------------------------------------------------------------------------------------------------------


def villages_of(post: Post | None, place: Place | None, on) -> Villages:
    """The villages an import may write to, and the ended ones with what they became."""
    area = place or (post.place if post else None)
    places = Place.objects.filter(level=Level.VILLAGE, kind="division")
    if area is not None:
        places = places.filter(pk=area.pk) if area.level == Level.VILLAGE and area.kind == "division" else places.under(area)
    now = [Village(*row) for row in places.current(on).values_list(*_VILLAGE)]
    gone = places.exclude(valid_to=None).filter(valid_to__lte=on)
    instead: dict[int, tuple[str, ...]] = {}
    for pk, name in gone.filter(changed_into__after__isnull=False).values_list("pk", "changed_into__after__short_name"):
        instead[pk] = (*instead.get(pk, ()), name)
    ended = [Village(*row, instead.get(row[0], ())) for row in gone.values_list(*_VILLAGE)]
    only = now[0] if len(now) == 1 and area is not None and area.level == Level.VILLAGE else None
    return Villages(now, ended, only)


_VILLAGE = ("pk", "code", "name", "short_name", "town_id", "town__name", "county__name", "county_id", "city_id")


def _roster(path: Path, place: Place | None, fast: bool = True) -> Roster:
    try:
        return open_roster(path, fast=fast, place_given=place is not None and place.level == Level.VILLAGE)
    except tabular.BadTable as bad:
        raise Refusal(bad.code, zh=bad.problem.zh, en=bad.problem.en, field="file") from None


def _title(roster: Roster, name: str) -> str:
    return roster.titles.get(name) or TITLES.get(name, name)


def _tell(outcome: Outcome, roster: Roster) -> None:
    """Faults as rows for people and programs."""

    def told(fault: Fault) -> dict[str, Any]:
        problem: Problem = fault.problem
        return {"row": fault.line, "column": _title(roster, fault.field), "reason": problem.zh, "reason_en": problem.en, "code": problem.code}

    outcome.errors = [told(fault) for fault in outcome.faults[:ERRORS_TOLD]]
    outcome.warnings = [told(note["fault"]) for note in outcome.warnings]


def _take_in(path: Path, *, by: User | None, post: Post | None, place: Place | None, source: str, name: str) -> ImportBatch:
    """A batch row, and the original kept."""
    user = allow(by, post, "people.import")
    if place is not None and not inside(post, place):
        raise outside_area(place)
    with _roster(path, place):
        pass  # unreadable files are refused before anything is kept
    area = place or (post.place if post else None)
    batch = ImportBatch(file_name=name[:200], source=source[:120], made_by=user, post_id_made=post.pk if post else 0)
    for column, value in (scope_of(area) if area else {}).items():
        setattr(batch, column, value)
    batch.mapping = {"place": place.pk if place else None}
    batch.sha256 = _digest(path)
    batch.stored_as = safekeeping.keep(path, f"rosters/{timezone.localdate():%Y/%m}/{uuid4().hex}.sealed")
    batch.save()
    return batch


def _copy_of(batch: ImportBatch) -> ImportBatch:
    """For a pass whose counts must not be kept."""
    return ImportBatch(pk=batch.pk, source=batch.source, mapping=dict(batch.mapping), origin=batch.origin)


def _mine(batch: ImportBatch) -> ImportBatch:
    """The batch as it is now, when row-level security lets it through."""
    row = ImportBatch.objects.filter(pk=batch.pk).first()
    if row is None:
        raise Refusal("no_such_batch", zh="没有这个导入批次，或不在您的辖区内。", en="There is no such batch, or it is outside your area.")
    return row


def _only_one(batch: ImportBatch) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('people.import'), %s)", [batch.pk % 2**31])
        if not cursor.fetchone()[0]:
            raise Refusal("import_running", zh="这个批次正在导入。请稍候。", en="This batch is being imported. Wait for it.")


def _area(batch: ImportBatch) -> int | None:
    return batch.village_id or batch.town_id or batch.county_id or batch.city_id


def _told(batch: ImportBatch) -> dict[str, Any]:
    counts = {name: getattr(batch, name) for name in ("rows", "added", "updated", "unchanged", "rejected")}
    return counts | {"sha256": batch.sha256[:16], "source": batch.source}


def _workers(path: Path) -> int:
    if path.stat().st_size < PARALLEL_FROM or os.environ.get("SONGHE_IMPORT_WORKERS") == "0":
        return 0
    return max(1, min(4, (os.cpu_count() or 2) - 1)) + (1 if (os.cpu_count() or 1) <= 2 else 0)


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _name_of(file: Any) -> str:
    return Path(str(getattr(file, "name", file))).name


@contextmanager
def _on_disk(file: Any) -> Iterator[Path]:
    """A path to the file's bytes, whether it came as a path or as an upload."""
    if isinstance(file, (str, Path)):
        if not Path(file).is_file():
            raise Refusal("no_file", zh=f"找不到文件 {file}。", en=f"There is no file {file}.", field="file")
        yield Path(file)
        return
    with tempfile.NamedTemporaryFile(suffix=".roster") as copy:
        for part in file.chunks() if hasattr(file, "chunks") else iter(lambda: file.read(1 << 20), b""):
            copy.write(part)
        copy.flush()
        yield Path(copy.name)


# undoing -------------------------------------------------------------------------------------------------------------


def _dependents() -> list[tuple[str, str, str]]:
    """(table, column, condition) of rows that show a new file was worked on, here and on the floors above."""
    own = {"people_circumstance": "x.batch_id IS DISTINCT FROM %(batch)s", "people_lifeevent": "x.by <> 0"}
    harmless = {"people_contact", "people_importchange"}
    out = []
    for relation in Person._meta.related_objects:
        table = relation.related_model._meta.db_table
        if table not in harmless and relation.field.concrete:
            out.append((table, relation.field.column, own.get(table, "true")))
    return out


def _untouched(cursor, values: dict[str, Any]) -> list[int]:
    """New files of the batch that nobody has worked on since."""
    checks = " ".join(
        f"AND NOT EXISTS (SELECT 1 FROM {table} x WHERE x.{column} = p.id AND {condition})"
        for table, column, condition in _dependents()
    )
    more = "AND (SELECT count(*) FROM people_contact c WHERE c.person_id = p.id) <= 1"
    cursor.execute(
        f"SELECT p.id FROM people_person p WHERE p.batch_id = %(batch)s AND p.changed_at = %(stamp)s {checks} {more}",
        values,
    )
    return [row[0] for row in cursor.fetchall()]


def _remove(cursor, ids: list[int]) -> None:
    for table in ("people_circumstance", "people_contact", "people_lifeevent"):
        cursor.execute(f"DELETE FROM {table} WHERE person_id = ANY(%s)", [ids])
    cursor.execute("DELETE FROM people_person WHERE id = ANY(%s)", [ids])



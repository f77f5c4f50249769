"""One pass over a roster: every row new, changed, unchanged or wrong with its reason; with `write` it is done as well.

Chunks come prepared from the workers (roster.staging) and go through the statements (roster.statements) one after the other,
inside the running transaction and its row-level security. An empty register is filled without its indexes.
"""

import os
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, connections
from django.utils import timezone

from songhe.core import tabular
from songhe.core.problem import Problem
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post
from songhe.registry.people import sealing
from songhe.registry.people.models import ImportBatch
from songhe.registry.people.roster import statements as sql
from songhe.registry.people.roster import words
from songhe.registry.people.roster.columns import TITLES
from songhe.registry.people.roster.examining import Fault
from songhe.registry.people.roster.reading import Roster, open_roster
from songhe.registry.people.roster.staging import Job, Prepared, preparing
from songhe.registry.people.roster.villages import Village, Villages
from songhe.registry.people.standing import everywhere_now
from songhe.registry.places.models import Level, Place

ERRORS_KEPT = 2_000  # in the batch; the returned file holds all
ERRORS_TOLD = 100_000  # in an Outcome
FILL_FROM = 1_000_000  # bytes of a file from which an empty register is filled without its indexes
PARALLEL_FROM = 4_000_000  # bytes of a file from which workers are worth their start


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


def run_pass(
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
    values = {
        "today": today,
        "now": stamp or timezone.now(),
        "user": user,
        "batch": batch.pk,
        "source": batch.source[:60],
    }
    values["origin"] = batch.origin
    workers = _workers(path) if fast else 0
    with opened_roster(path, place, fast) as roster, preparing(job, workers) as prepare, Progress(batch) as progress:
        outcome.unread = roster.unread
        writer = Writer(values, write, fill=path.stat().st_size >= FILL_FROM)
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


class Writer:
    """Puts prepared chunks through the statements, one chunk after the other, inside the running transaction."""

    def __init__(self, values: dict[str, Any], write: bool, fill: bool = False):
        self.values, self.write, self.filling = values, write, fill and write
        self.seen: dict[int, int] = {}  # 17 digits -> line
        self.everywhere = everywhere_now()
        self.cursor = connection.cursor()
        self.added, self.measure_at = 0, 2_000

    def __enter__(self) -> "Writer":
        self.cursor.execute("DROP TABLE IF EXISTS pg_temp.roster_stage, pg_temp.roster_hit")
        self.cursor.execute(sql.STAGE)
        if self.filling:
            self.cursor.execute(sql.SETTLE)
            self.cursor.execute(sql.FILL_BEGIN)
            self.filling = self.cursor.fetchone()[0]
        if self.filling:
            self.cursor.execute(sql.NO_HITS, self.values)
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self.cursor.execute("DROP TABLE roster_stage")
            if self.filling:
                self.cursor.execute(sql.SETTLE)
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


class Progress:
    """How far a pass is, told through a connection of its own: others see it while the import's transaction is open."""

    def __init__(self, batch: ImportBatch):
        self.batch, self.last = batch, time.monotonic()
        self.side: Any = None

    def __enter__(self) -> "Progress":
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


def villages_of(post: Post | None, place: Place | None, on) -> Villages:
    """The villages an import may write to, and the ended ones with what they became."""
    area = place or (post.place if post else None)
    places = Place.objects.filter(level=Level.VILLAGE, kind="division")
    if area is not None:
        places = (
            places.filter(pk=area.pk) if area.level == Level.VILLAGE and area.kind == "division" else places.under(area)
        )
    now = [Village(*row) for row in places.current(on).values_list(*_VILLAGE)]
    gone = places.exclude(valid_to=None).filter(valid_to__lte=on)
    instead: dict[int, tuple[str, ...]] = {}
    for pk, name in gone.filter(changed_into__after__isnull=False).values_list("pk", "changed_into__after__short_name"):
        instead[pk] = (*instead.get(pk, ()), name)
    ended = [Village(*row, instead.get(row[0], ())) for row in gone.values_list(*_VILLAGE)]
    only = now[0] if len(now) == 1 and area is not None and area.level == Level.VILLAGE else None
    return Villages(now, ended, only)


_VILLAGE = ("pk", "code", "name", "short_name", "town_id", "town__name", "county__name", "county_id", "city_id")


def opened_roster(path: Path, place: Place | None, fast: bool = True) -> Roster:
    try:
        return open_roster(path, fast=fast, place_given=place is not None and place.level == Level.VILLAGE)
    except tabular.BadTable as bad:
        raise Refusal(bad.code, zh=bad.problem.zh, en=bad.problem.en, field="file") from None


def title_of(roster: Roster, name: str) -> str:
    return roster.titles.get(name) or TITLES.get(name, name)


def _tell(outcome: Outcome, roster: Roster) -> None:
    """Faults as rows for people and programs."""

    def told(fault: Fault) -> dict[str, Any]:
        problem: Problem = fault.problem
        return {
            "row": fault.line,
            "column": title_of(roster, fault.field),
            "reason": problem.zh,
            "reason_en": problem.en,
            "code": problem.code,
        }

    outcome.errors = [told(fault) for fault in outcome.faults[:ERRORS_TOLD]]
    outcome.warnings = [told(note["fault"]) for note in outcome.warnings]


def _workers(path: Path) -> int:
    if path.stat().st_size < PARALLEL_FROM or os.environ.get("SONGHE_IMPORT_WORKERS") == "0":
        return 0
    return max(1, min(4, (os.cpu_count() or 2) - 1)) + (1 if (os.cpu_count() or 1) <= 2 else 0)

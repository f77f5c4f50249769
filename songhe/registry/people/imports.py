"""Rosters in: preview, confirm, undo, and the file returned with its errors.

    batch = preview(path, by=user, post=post)          # counts and errors; nothing changes
    outcome = confirm(batch, by=user, post=post)       # rows="good" (the default) or "all-or-none"
    undo(batch, by=user, post=post)
    outcome = bring_in(path, by=…, post=…)             # both steps in one pass: command line and demo

A preview and a confirmation run the same pass over the file; the preview leaves out the writing. A confirmation is one
transaction: killed in the middle it leaves nothing, and the batch can be confirmed again. Run inside `access.acting_as(post)`
(or `core.acting.everywhere()` for the system's own jobs).
"""

from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

from django.db import connection, transaction
from django.utils import timezone

from songhe.core import audit, tabular
from songhe.core.incoming import digest, name_of, on_disk
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post, User
from songhe.registry.people import safekeeping
from songhe.registry.people.intake import Outcome, opened_roster, run_pass, title_of
from songhe.registry.people.models import ImportBatch, ImportChange, Person
from songhe.registry.people.roster import statements as sql
from songhe.registry.people.standing import allow, inside, outside_area, scope_of
from songhe.registry.places.models import Place

__all__ = ["Outcome", "bring_in", "confirm", "preview", "returned_file", "take_in", "undo"]

Rows = Literal["good", "all-or-none"]
WHOLE_FILE = 20_000  # rows up to which the returned file holds the good ones too


class _Stop(Exception):
    """Leave the transaction without keeping anything."""


# the verbs -----------------------------------------------------------------------------------------------------------


def preview(
    file: Any, *, by: User | None, post: Post | None, place: Place | None = None, source: str = "", name: str = ""
) -> ImportBatch:
    """Read a roster and say what would happen. `file`: a path or an uploaded file; `place` narrows the importer's area.

    The original is kept, sealed. Raises Refusal (also for a file that cannot be read) or Denied.
    """
    with transaction.atomic(), on_disk(file) as path:
        batch = _take_in(path, by=by, post=post, place=place, source=source, name=name or name_of(file))
        run_pass(batch, path, post=post, place=place, write=False)
        batch.save()
        audit.note("people.import.preview", "import_batch", batch.pk, area_id=_area(batch), **_told(batch))
    return batch


def take_in(
    file: Any, *, by: User | None, post: Post | None, place: Place | None = None, source: str = "", name: str = ""
) -> ImportBatch:
    """Keep a roster without looking at its rows: the first half of an import whose second is `confirm`. Raises Refusal."""
    with transaction.atomic(), on_disk(file) as path:
        return _take_in(path, by=by, post=post, place=place, source=source, name=name or name_of(file))


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
    with on_disk(file) as path:
        with transaction.atomic():
            batch = _take_in(path, by=by, post=post, place=place, source=source, name=name or name_of(file))
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
            outcome = run_pass(batch, path, post=post, place=place, write=True, stamp=now, user=user, fast=fast)
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
        raise Refusal(
            "not_imported", zh="这个批次没有导入或已撤销。", en="This batch was not imported, or was undone already."
        )
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
        outcome = run_pass(_copy_of(batch), path, post=post, place=place, write=False)
        faults: dict[int, list[tuple[str, str]]] = {}
        with opened_roster(path, place) as roster:
            for fault in outcome.faults:
                faults.setdefault(fault.line, []).append((title_of(roster, fault.field), fault.problem.zh))
            keep_all = outcome.rows <= WHOLE_FILE
            rows = ((number, cells) for number, cells in roster.table if keep_all or number in faults)
            made = tabular.returned(roster.table.header, rows, faults, watermark=f"{batch.file_name} 批次{batch.pk}")
        audit.note("people.import.returned", "import_batch", batch.pk, area_id=_area(batch), rows=len(faults))
    return made


# parts ---------------------------------------------------------------------------------------------------------------


def _take_in(
    path: Path, *, by: User | None, post: Post | None, place: Place | None, source: str, name: str
) -> ImportBatch:
    """A batch row, and the original kept."""
    user = allow(by, post, "people.import")
    if place is not None and not inside(post, place):
        raise outside_area(place)
    with opened_roster(path, place):
        pass  # unreadable files are refused before anything is kept
    area = place or (post.place if post else None)
    batch = ImportBatch(file_name=name[:200], source=source[:120], made_by=user, post_id_made=post.pk if post else 0)
    for column, value in (scope_of(area) if area else {}).items():
        setattr(batch, column, value)
    batch.mapping = {"place": place.pk if place else None}
    batch.sha256 = digest(path)
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
        raise Refusal(
            "no_such_batch",
            zh="没有这个导入批次，或不在您的辖区内。",
            en="There is no such batch, or it is outside your area.",
        )
    return row


def _only_one(batch: ImportBatch) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('people.import'), %s)", [batch.pk % 2**31])
        if not cursor.fetchone()[0]:
            raise Refusal(
                "import_running", zh="这个批次正在导入。请稍候。", en="This batch is being imported. Wait for it."
            )


def _area(batch: ImportBatch) -> int | None:
    return batch.village_id or batch.town_id or batch.county_id or batch.city_id


def _told(batch: ImportBatch) -> dict[str, Any]:
    counts = {name: getattr(batch, name) for name in ("rows", "added", "updated", "unchanged", "rejected")}
    return counts | {"sha256": batch.sha256[:16], "source": batch.source}


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

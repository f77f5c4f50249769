"""Verbs: two files found to be one person become one, and can become two again.

The absorbed file stays, closed and pointing at the kept one; what care recorded about it stays where it was recorded
(`queries.files_of` gives all files of one person). Only what belongs to the file itself moves (circumstances, contacts,
benefits, consents, assessments, events), and what apps above have running for the person (`hanging`).
"""

from django.db import IntegrityError, transaction
from django.utils import timezone

from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post, User
from songhe.registry.people import hanging, sealing
from songhe.registry.people.circumstances import retag
from songhe.registry.people.models import (
    Assessment,
    Benefit,
    Circumstance,
    Consent,
    Contact,
    LifeEvent,
    Merge,
    Person,
)
from songhe.registry.people.searchkeys import sort_key
from songhe.registry.people.standing import allow, areas_of, locked

_MOVING = {
    "circumstances": Circumstance,
    "contacts": Contact,
    "benefits": Benefit,
    "consents": Consent,
    "assessments": Assessment,
    "events": LifeEvent,
}
# a blank in the kept file is filled from the absorbed one; sealed columns travel with their blind index
_FILL = ("former_name", "phone_sealed", "phone_blind", "address_sealed", "longitude", "latitude", "hukou_place_id", "hukou_text",
         "living", "marital", "ethnicity", "case_file_on", "ability_level", "ability_on", "ability_due", "household_id")  # fmt: skip
_BINARY = ("phone_sealed", "phone_blind", "address_sealed", "id_sealed", "id_blind")


@transaction.atomic
def merge(*, by: User | None, post: Post | None, kept: Person, absorbed: Person, reason: str) -> Merge:
    """Make one file of two. The kept file's own facts win; blanks are filled. Raises Refusal."""
    user = allow(by, post, "people.merge")
    if kept.pk == absorbed.pk:
        raise Refusal("same_file", zh="不能把一份档案合并到自己。", en="A file cannot be merged into itself.")
    if len(reason.strip()) < 2:
        raise Refusal(
            "reason_missing", zh="请写明合并理由。", en="Say why the two files are one person.", field="reason"
        )
    into, out = sorted(
        (kept, absorbed), key=lambda p: p.pk
    )  # locked in one order, so that two merges cannot block each other
    rows = {p.pk: locked(post, p) for p in (into, out)}
    into, out = rows[kept.pk], rows[absorbed.pk]
    if (
        into.id_blind
        and out.id_blind
        and bytes(into.id_blind) != bytes(out.id_blind)
        and not _same_number_kind(into, out)
    ):
        raise Refusal(
            "two_numbers",
            zh="两份档案有不同的有效身份证号码，不能合并。请先核对并改正号码。",
            en="The two files have different valid ID numbers. Check and correct the numbers first.",
        )
    moved = {name: _move_rows(model, out, into) for name, model in _MOVING.items()}
    out.merged_into, out.changed_by = into, user
    out.save(update_fields=["merged_into", "changed_by", "changed_at"])
    moved |= {kind.name: kind.follow(out, into) for kind in hanging.known()}
    moved["filled"] = _fill(into, out, user)
    retag(into, user)
    retag(out, user)
    record = Merge.objects.create(
        kept=into, absorbed=out, moved=moved, reason=reason.strip()[:200], by=user, **areas_of(into)
    )
    counts = {name: len(ids) for name, ids in moved.items() if ids}
    audit.note("people.merge", "person", into.pk, area_id=into.village_id, absorbed=out.pk, moved=counts)
    return record


def _same_number_kind(a: Person, b: Person) -> bool:
    """Two numbers of one birth date and sex: an old and a corrected number of the same person, left to the reader."""
    first, second = (sealing.open_field("id_number", p.id_sealed) for p in (a, b))
    return first[6:14] == second[6:14] and int(first[16]) % 2 == int(second[16]) % 2


def _move_rows(model, out: Person, into: Person) -> list[int]:
    """Rows that the kept file can take; one that would overlap or stand twice stays with the absorbed file."""
    ids = []
    for row in model.objects.filter(person=out).order_by("pk"):
        try:
            with transaction.atomic():
                row.person = into
                row.save(update_fields=["person"])
                _follow(row, into)
            ids.append(row.pk)
        except IntegrityError:
            continue
    return ids


def _follow(row, person: Person) -> None:
    """An open circumstance lives where the person lives."""
    if isinstance(row, Circumstance) and row.valid_to is None:
        Circumstance.objects.filter(pk=row.pk).update(**areas_of(person))


def _fill(into: Person, out: Person, user: int) -> dict:
    """Blank columns of the kept file from the absorbed one; returns what they were, for undo (bytes as hex)."""
    filled = {}
    for column in (*_FILL, *(("id_sealed", "id_blind") if not into.id_blind and out.id_blind else ())):
        old, new = getattr(into, column), getattr(out, column)
        if old in (None, "") and new not in (None, ""):
            filled[column] = old
            setattr(into, column, new)
    if out.name != into.name and out.name not in into.former_name:
        filled.setdefault("former_name", into.former_name)
        into.former_name = "、".join(filter(None, (into.former_name, out.name)))[:40]
    if filled:
        into.changed_by = user
        _rekey(into)
        into.save()
    return filled


def _rekey(person: Person) -> None:
    number = sealing.open_field("id_number", person.id_sealed)
    person.name_sort = sort_key(person.name)
    person.search = sealing.search_value(sealing.search_terms(person.name, number, person.former_name))


@transaction.atomic
def undo_merge(*, by: User | None, post: Post | None, record: Merge) -> Merge:
    """Two files again: what moved goes back, what was filled is emptied unless it was changed since. Raises Refusal."""
    user = allow(by, post, "people.merge")
    row = Merge.objects.select_for_update(of=("self",)).filter(pk=record.pk).first()
    if row is None or row.undone_at is not None:
        raise Refusal(
            "no_such_merge", zh="这次合并不存在或已撤销。", en="There is no such merge, or it was undone already."
        )
    into, out = locked(post, row.kept), locked(post, row.absorbed, merged_too=True)
    for column, old in row.moved.get("filled", {}).items():
        if column == "former_name" or getattr(into, column) == getattr(out, column):
            setattr(into, column, old)
    _rekey(into)
    into.changed_by = user
    into.save()
    for name, model in _MOVING.items():
        back = model.objects.filter(pk__in=row.moved.get(name, []), person=into)
        if model is Circumstance:
            back.filter(valid_to=None).update(**areas_of(out))
        back.update(person=out)
    out.merged_into, out.changed_by = None, user
    _rekey(out)
    try:
        with transaction.atomic():
            out.save()
    except IntegrityError:
        raise Refusal(
            "number_taken",
            zh="被合并档案的证件号现已用于另一份档案，不能撤销合并。请先处理那份档案。",
            en="The absorbed file's ID number is now used by another file. Deal with that one first.",
        ) from None
    for kind in hanging.known():
        kind.back(row.moved.get(kind.name, []), into, out)
    retag(into, user)
    retag(out, user)
    row.undone_at = timezone.now()
    row.save(update_fields=["undone_at"])
    audit.note("people.undo_merge", "person", into.pk, area_id=into.village_id, absorbed=out.pk)
    return row

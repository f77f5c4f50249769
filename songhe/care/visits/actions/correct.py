"""Correcting what the list says about a person: telephone, door, best time to call. Two hands never overwrite each other.

Each write carries the value it was based on. While that value stands the write applies; otherwise both are kept and the
township decides (`decide`).
"""

import hashlib
import json
import uuid
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from songhe.care.duties.access import allowed, user_id
from songhe.care.visits.models import FACTS, Correction
from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post, User
from songhe.registry.people import actions as people
from songhe.registry.people import sealing
from songhe.registry.people.entry import clean
from songhe.registry.people.models import Person
from songhe.registry.people.queries import kept_files
from songhe.registry.people.standing import areas_of, locked

LONGEST = 120  # characters of a note


@transaction.atomic
def correct(
    *, number: uuid.UUID, person: int, fact: str, value: str, based_on: str, by: User, post: Post,
    client_at: datetime | None = None,
) -> Correction:  # fmt: skip
    """What was heard, on top of what was shown (`based_on`). Its `state` tells whether it applied or waits for a decision.

    The same number with the same words gives the row made before. Raises Refusal (unknown person, unreadable telephone
    number, too long, the number used for something else) or Denied.
    """
    allowed(post, "people.correct")
    value, based_on = _fit(fact, value), (based_on or "").strip()
    digest = _digest(person, fact, value, based_on)
    if (before := _made(number)) is not None:  # whatever became of the person since: it was kept
        return _again(before, digest)
    row = _file(post, person)
    if (before := _made(number)) is not None:  # sent twice at the same moment: the other one held the lock
        return _again(before, digest)
    now_stands = standing(row, fact)
    free = now_stands in (based_on, value)
    made = Correction.objects.create(
        client_uuid=number, digest=digest, person=row, fact=fact, value_sealed=sealing.seal("correction", value),
        based_on_sealed=sealing.seal("correction", based_on), found_sealed=sealing.seal("correction", now_stands),
        state="applied" if free else "clash", made_by=user_id(by), client_at=client_at, **areas_of(row),
    )  # fmt: skip
    if free:
        _apply(made, row, value, by=by, post=post)
    audit.note("visits.correct", "person", row.pk, area_id=row.village_id, fact=fact, state=made.state)
    return made


@transaction.atomic
def decide(*, correction: Correction, take: str, seen: str, by: User, post: Post) -> Correction:
    """The township settles a clash: `take` is "proposed" or "standing"; `seen` is what the page showed as standing.

    Raises Refusal when it is settled already, or when the standing value has changed since the page was opened.
    """
    allowed(post, "people.edit")
    row = locked(post, correction.person)
    fresh = Correction.objects.visible_to(post).select_for_update().filter(pk=correction.pk, state="clash").first()
    if fresh is None or take not in ("proposed", "standing"):
        raise Refusal(
            "correction_settled",
            zh="这一条已经核定过，或选项无效。请刷新名单。",
            en="This one is settled already, or the choice is not valid. Reload the list.",
        )
    if standing(row, fresh.fact) != seen:
        raise Refusal(
            "changed_meanwhile",
            zh="您打开页面后，档案里的内容又变了。请刷新，看清两边再核定。",
            en="The value on file changed after you opened the page. Reload, look at both and decide.",
        )
    fresh.state = "chosen" if take == "proposed" else "declined"
    fresh.decided_by, fresh.decided_at = user_id(by), timezone.now()
    fresh.save(update_fields=["state", "decided_by", "decided_at"])
    if take == "proposed":
        _apply(fresh, row, opened(fresh.value_sealed), by=by, post=post)
    audit.note("visits.decide", "person", row.pk, area_id=row.village_id, fact=fresh.fact, state=fresh.state)
    return fresh


def standing(person: Person, fact: str) -> str:
    """The value that holds now: the file's own telephone, or the note that stands."""
    if fact == "phone":
        return sealing.open_field("phone", person.phone_sealed)
    row = Correction.objects.filter(person=person, fact=fact, standing=True).first()
    return opened(row.value_sealed) if row else ""


def opened(cell) -> str:
    """The clear words of a sealed cell of a correction."""
    return sealing.open_field("correction", cell)


def _apply(made: Correction, row: Person, value: str, *, by: User, post: Post) -> None:
    Correction.objects.filter(person=row, fact=made.fact, standing=True).update(standing=False)
    made.standing = True
    made.save(update_fields=["standing"])
    if made.fact == "phone":
        people.correct_phone(by=by, post=post, person=row, number=value, source="上门更正")


def _file(post: Post, person: int) -> Person:
    """The file, locked; of one merged since, the file it was merged into."""
    if isinstance(person, bool) or not isinstance(person, int) or not 0 < person < 2**63:
        raise _unknown()
    found = Person.objects.visible_to(post).filter(pk=person).first()
    if found is None:
        raise _unknown()
    kept = Person.objects.visible_to(post).filter(pk=kept_files([found.pk]).get(found.pk, found.pk)).first()
    if kept is None:
        raise _unknown()
    return locked(post, kept)


def _unknown() -> Refusal:
    return Refusal(
        "person_unknown",
        zh="您的辖区内没有这位老人的档案（可能已迁出）。请核对，或报乡镇处理。",
        en="No such person in your area (perhaps moved away). Check, or tell the township.",
        field="person",
    )


def _fit(fact: str, value: str) -> str:
    if fact not in dict(FACTS):
        raise Refusal("fact_unknown", zh=f"不能更正“{str(fact)[:20]}”。", en=f'"{str(fact)[:20]}" cannot be corrected here.', field="fact")  # fmt: skip
    value = str(value or "").strip()
    if len(value) > LONGEST or "\x00" in value:
        raise Refusal(
            "fact_too_long",
            zh=f"写了 {len(value)} 字，最多 {LONGEST} 字。请缩短。",
            en=f"{len(value)} characters; at most {LONGEST}. Shorten it.",
            field="value",
        )
    if fact != "phone":
        return value
    return clean({"phone": value}, on=timezone.localdate())["phone"]


def _digest(person: int, fact: str, value: str, based_on: str) -> bytes:
    return hashlib.sha256(json.dumps([person, fact, value, based_on], ensure_ascii=False).encode()).digest()


def _made(number: uuid.UUID) -> Correction | None:
    return Correction.objects.filter(client_uuid=number).first()


def _again(before: Correction, digest: bytes) -> Correction:
    if bytes(before.digest) != digest:
        raise number_taken()
    return before


def number_taken() -> Refusal:
    """The number of a record is already used for another one."""
    return Refusal(
        "record_clash",
        zh="这个记录编号已用于另一条不同的记录。请重新打开页面再填，不要改旧记录。",
        en="This record number already holds a different record. Open the page again; do not change the old one.",
        field="uuid",
    )

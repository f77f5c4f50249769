"""The person's own code (服务码): six digits on the card at their wall. Whoever was served says them; that proves somebody was there.

It is worked out from the data key and the number of the file, never from anything about the person, and kept nowhere: a stolen
table shows no code. A lost card is replaced: one more `CodeChange`, and another code holds from that moment.

code_of(person)                        -> "407193"
code_of(person, at=yesterday_noon)     -> the code that held then: a telephone may tell late
matches(person, "407193", at=…)        -> True       also the card of a file that was merged into this one
renew(by=…, post=…, person=person, reason="卡片丢失")
"""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post, User
from songhe.registry.people import sealing
from songhe.registry.people.dossier import files_of
from songhe.registry.people.models import CodeChange, Person
from songhe.registry.people.standing import allow, locked

DIGITS = 6
MARK = "SH"  # stands before the digits in the square code, so that a telephone knows it from any other


def code_of(person: Person | int, at: datetime | None = None) -> str:
    """The digits of a file as of a moment (now)."""
    number = getattr(person, "pk", person)
    changes = CodeChange.objects.filter(person=number, at__lte=at or timezone.now()).count()
    return _digits(number, changes)


def _digits(number: int, changes: int) -> str:
    said = f"person {number}" + (f" card {changes}" if changes else "")
    digest = sealing.ring().blind(said, "service.code")
    return f"{int.from_bytes(digest[:8], 'big') % 10**DIGITS:0{DIGITS}d}"


def matches(person: Person | int, typed: str, at: datetime | None = None) -> bool:
    """Whether these digits are the person's own, as of a moment."""
    return any(code_of(file, at) == typed for file in files_of(person))


@transaction.atomic
def renew(*, by: User | None, post: Post | None, person: Person, reason: str) -> CodeChange:
    """Another code from now on: the card was lost, or others know it. The old one proves nothing any more. Raises Refusal."""
    user = allow(by, post, "people.edit")
    row = locked(post, person)
    why = reason.strip()[:60]
    if not why:
        raise Refusal("reason_missing", zh="请写明换码的原因，例如“卡片丢失”。", en="Say why the code is changed, for example “the card was lost”.", field="reason")  # fmt: skip
    made = CodeChange.objects.create(person=row, reason=why, by=user, at=timezone.now())
    audit.note("people.renew_code", "person", row.pk, area_id=row.village_id)
    return made

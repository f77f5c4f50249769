"""An ability assessment held at the doorstep without a network: recorded once, however often it is sent."""

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from songhe.care.visits.actions.correct import number_taken
from songhe.care.visits.models import Doorstep
from songhe.core.refusal import Refusal
from songhe.registry.accounts.access import require
from songhe.registry.accounts.models import Post, User
from songhe.registry.people import sealing
from songhe.registry.people.actions import record_assessment
from songhe.registry.people.assessment import Assessor, Findings
from songhe.registry.people.models import Person
from songhe.registry.people.standing import areas_of, locked

SIGNERS = ("assessor_1", "assessor_2", "informant")
MOST_POINTS = 6000  # of one signature: strokes as whole numbers 0–1000 across and down


@transaction.atomic
def assess_at_door(
    *, number: uuid.UUID, person: int, on: date, answers: Mapping[str, Any], findings: Findings,
    assessors: Sequence[Assessor], names: Sequence[str], informant: str, signatures: Mapping[str, Any], by: User,
    post: Post, informant_relation: str = "", reason: str = "first", agency: str = "", client_at: datetime | None = None,
) -> Doorstep:  # fmt: skip
    """Record an assessment with its signatures. The same number with the same content gives the one made before.

    `signatures`: {"assessor_1": [[x, y, x, y …], …strokes], "assessor_2": …, "informant": …}, each drawn. Raises Refusal
    (missing signature, unanswered items, unknown person, number used for something else) or Denied.
    """
    require(post, "assessment.record")
    strokes = {name: _stroked(name, signatures.get(name)) for name in SIGNERS}
    row = _file(post, person)
    digest = hashlib.sha256(
        json.dumps([person, on.isoformat(), dict(answers), list(names), informant, strokes], sort_keys=True).encode()
    ).digest()
    before = Doorstep.objects.filter(client_uuid=number).select_related("assessment").first()
    if before is not None:
        if bytes(before.digest) != digest:
            raise number_taken()
        return before
    made = record_assessment(
        by=by, post=post, person=row, on=on, answers=answers, findings=findings, assessors=assessors, assessor_names=names,
        informant=informant, informant_relation=informant_relation, reason=reason, agency=agency,
    )  # fmt: skip
    sealed = sealing.seal("signature", json.dumps(strokes, separators=(",", ":")))
    return Doorstep.objects.create(
        client_uuid=number, digest=digest, person=row, assessment=made, signatures_sealed=sealed, client_at=client_at,
        **areas_of(row),
    )  # fmt: skip


def signatures_of(doorstep: Doorstep) -> dict[str, list[list[int]]]:
    """The strokes of the three signatures."""
    return json.loads(sealing.open_field("signature", doorstep.signatures_sealed))


def _file(post: Post, person: int) -> Person:
    fit = isinstance(person, int) and not isinstance(person, bool) and 0 < person < 2**63
    found = Person.objects.visible_to(post).filter(pk=person).first() if fit else None
    if found is None:
        raise Refusal(
            "person_unknown",
            zh="您的辖区内没有这位老人的档案（可能已迁出）。请核对，或报乡镇处理。",
            en="No such person in your area (perhaps moved away). Check, or tell the township.",
            field="person",
        )
    return locked(post, found)


_WHO = {
    "assessor_1": ("第一名评估员", "the first assessor"),
    "assessor_2": ("第二名评估员", "the second assessor"),
    "informant": ("信息提供者", "the informant"),
}


def _stroked(name: str, drawn: Any) -> list[list[int]]:
    """Strokes as drawn, or a refusal: no signature, or something that is none."""
    zh, en = _WHO[name]
    fit = isinstance(drawn, list) and all(
        isinstance(stroke, list) and len(stroke) >= 2 and all(type(at) is int and 0 <= at <= 1000 for at in stroke)
        for stroke in drawn
    )
    if not fit or not 4 <= sum(len(stroke) for stroke in drawn) <= MOST_POINTS:
        raise Refusal(
            "signature_missing",
            zh=f"{zh}还没有签名，或签名没有存好。请重新签名。",
            en=f"The signature of {en} is missing or was not kept. Sign again.",
            field=name,
        )
    return drawn

"""Looking at a site, from the kit to the signature: open, record each line, photographs, verdict, 整改单, again, sign.

open_inspection → record_line / add_photo → conclude → (repair → reinspect → …) → sign_off
"""

import hashlib
import tempfile
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.db import connection, transaction
from django.utils import timezone

from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post, User
from songhe.registry.facilities import definitions, photos, rules
from songhe.registry.facilities.actions.sites import walk
from songhe.registry.facilities.definitions import Term
from songhe.registry.facilities.models import (
    Draw,
    Facility,
    Inspection,
    Line,
    Measure,
    Photo,
    Rectification,
    Repair,
)
from songhe.registry.facilities.queries.judging import site_judged
from songhe.registry.facilities.standing import allow, kept, not_ahead, site
from songhe.registry.people import safekeeping

INSPECT, SIGN = "facilities.inspect", "facilities.sign"


@transaction.atomic
def open_inspection(
    *,
    by: User | None,
    post: Post | None,
    facility: Facility,
    kind: str,
    on: date,
    team: Iterable[str],
    draw: Draw | None = None,
) -> Inspection:
    """A visit begins: its checklist is frozen from the standards of that day, with what the register says beside each line.

    Refused: an acceptance before the work is done or after it is accepted, a team too small, no standard for this site.
    """
    user = allow(by, post, INSPECT)
    row = site(post, facility)
    names = _team(team)
    if kind == "acceptance":
        _refuse_stage(row)
    judged = [(term, found) for term, found in site_judged(row, not_ahead(on)) if found.result != "not_applicable"]
    if kind == "acceptance":  # what only time can show is not asked of a building that is not in use yet
        judged = [(term, found) for term, found in judged if term.clause.measure != "activity"]
    if not judged:
        raise Refusal(
            "no_standard",
            zh=f"{on} 没有适用于这类设施、这个地点的标准，生成不了检查表。请先在标准定义里补充。",
            en=f"No standard applies to this kind of facility here on {on}, so there is no checklist. Add one to the definitions.",
        )
    made = Inspection(facility=row, kind=kind, on=on, team=names, draw=draw, by=user)
    kept(made)
    for position, (term, found) in enumerate(judged, 1):
        _line(
            made, position, term.key, definition_of(term), {"value": found.actual, "rows": [r.says for r in found.rows]}
        )
    audit.note(
        "facilities.inspect", "facility", row.pk, area_id=row.place_id, inspection=made.pk, kind=kind, lines=len(judged)
    )
    return made


def _line(inspection: Inspection, position: int, clause: str, definition: dict, registered: dict | None) -> Line:
    line = Line(inspection=inspection, position=position, clause=clause, definition=definition, registered=registered)
    line.save()
    return line


def definition_of(term: Term) -> dict[str, Any]:
    """A clause as it is frozen into a checklist."""
    clause = term.clause
    return {
        "id": clause.id, "standard": term.standard, "title": term.title, "operator": clause.operator, "value": clause.value,
        "tolerance": clause.tolerance, "unit": term.unit, "measure": clause.measure, "codes": list(clause.codes),
        "hard": clause.hard, "photo": term.photo, "where": term.where, "commitment": term.commitment, "note": term.note,
        "within_days": clause.within_days,
    }  # fmt: skip


def clause_of(definition: dict[str, Any]) -> rules.Clause:
    """The arithmetic of a frozen clause."""
    return rules.Clause(
        id=definition["id"], measure=definition["measure"], operator=definition["operator"], value=definition["value"],
        codes=tuple(definition["codes"]), tolerance=definition["tolerance"], hard=definition["hard"],
        within_days=definition["within_days"],
    )  # fmt: skip


@transaction.atomic
def record_line(
    *, by: User | None, post: Post | None, line: Line, measured: dict[str, Any] | None, remark: str = ""
) -> Line:
    """What was measured or seen: {"value": 203.5} or {"codes": ["kitchen"]}; None takes it back. The result follows by rule."""
    allow(by, post, INSPECT)
    inspection = _open(post, line.inspection)
    clause = clause_of(line.definition)
    line.measured, line.remark = _clean(clause, measured), remark.strip()
    line.result = rules.judge(clause, rules.measured_number(clause, line.measured))
    line.save(update_fields=["measured", "remark", "result"])
    audit.note(
        "facilities.inspect_line",
        "facility",
        inspection.facility_id,
        inspection=inspection.pk,
        clause=line.clause,
        result=line.result,
    )
    return line


def _clean(clause: rules.Clause, measured: dict[str, Any] | None) -> dict[str, Any] | None:
    if measured is None:
        return None
    if clause.measure in rules.COUNTED_BY_CODE:
        return {"codes": [code for code in clause.codes if code in measured["codes"]]}
    value = Decimal(str(measured["value"]))
    if not value.is_finite() or value < 0 or value > 10**7:
        raise Refusal(
            "measured", zh="实测值应为不小于 0 的数字。", en="A measured value is a number from 0.", field="value"
        )
    return {"value": float(value)}


@transaction.atomic
def add_photo(
    *,
    by: User | None,
    post: Post | None,
    inspection: Inspection,
    data: bytes,
    line: Line | None = None,
    caption: str = "",
) -> Photo:
    """A photograph of a line. Refused when it, or one that looks like it, stands at another site; nothing is kept of position.

    The picture is kept sealed, without what the telephone wrote into it. Raises photos.BadPhoto for no photograph.
    """
    user = allow(by, post, INSPECT)
    row = _open(post, inspection)
    if line is not None and line.inspection_id != row.pk:
        raise Refusal("line_elsewhere", zh="这个检查项不属于本次检查。", en="This line belongs to another inspection.")
    picture = photos.read(data)
    found = {"dhash": photos.dhash(picture), "phash": photos.phash(picture)}
    if _stands_elsewhere(row.facility_id, **found):
        raise Refusal(
            "photo_one_site",
            zh="这张照片（或与它几乎相同的）已用于另一处设施，不能再用。请到现场重新拍摄。",
            en="This photograph, or one almost like it, was used for another site. Take a new one on the spot.",
            field="photo",
        )
    made = Photo(
        facility_id=row.facility_id, inspection=row, line=line, stored_as=_store(photos.stripped(picture)),
        sha256=hashlib.sha256(data).hexdigest(), caption=caption.strip(), by=user, **found,
    )  # fmt: skip
    kept(made)
    audit.note("facilities.photo", "facility", row.facility_id, inspection=row.pk, photo=made.pk)
    return made


def _stands_elsewhere(facility: int, *, dhash: int, phash: int) -> bool:
    terms = definitions.inspecting()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT facilities_photo_elsewhere(%s, %s, %s, %s, %s)",
            [facility, dhash, phash, terms.dhash_bits, terms.phash_bits],
        )
        return cursor.fetchone()[0]


def _store(data: bytes) -> str:
    with tempfile.NamedTemporaryFile() as clear:
        clear.write(data)
        clear.flush()
        name = f"photos/{timezone.localdate():%Y/%m}/{uuid4().hex}.sealed"
        return safekeeping.keep(Path(clear.name), name)


@transaction.atomic
def conclude(
    *, by: User | None, post: Post | None, inspection: Inspection, opinion: str = "", due_on: date | None = None,
    addressed_to: str = "",
) -> Inspection:  # fmt: skip
    """The verdict, by rule: every hard line met → 合格; one not met → 不合格 and a 整改单 with a deadline.

    Refused while a hard line is unknown or a photograph that a clause asks for is missing.
    """
    user = allow(by, post, INSPECT)
    row = _open(post, inspection)
    lines = list(row.lines.prefetch_related("photos"))
    said, _why = rules.verdict((line.definition["hard"], line.result) for line in lines)
    if not said:
        missing = [
            line.definition["title"] for line in lines if (line.definition["hard"], line.result) == ("hard", "unknown")
        ]
        raise Refusal(
            "lines_unknown",
            zh=f"还有 {len(missing)} 项没有查明：{'；'.join(t['zh'] for t in missing)}。请逐项填写后再下结论。",
            en=f"{len(missing)} lines are not settled: {'; '.join(t['en'] for t in missing)}. Fill them in first.",
        )
    _refuse_missing_photos(row, lines)
    row.verdict, row.opinion = said, opinion.strip()
    row.concluded_at, row.concluded_by = timezone.now(), user
    row.save(update_fields=["verdict", "opinion", "concluded_at", "concluded_by"])
    if said == "fail":
        _order(row, user, due_on, addressed_to)
    audit.note(
        "facilities.conclude",
        "facility",
        row.facility_id,
        area_id=row.facility.place_id,
        inspection=row.pk,
        verdict=said,
    )
    return row


def _refuse_missing_photos(row: Inspection, lines: list[Line]) -> None:
    lacking = [line for line in lines if line.definition["photo"] and line.result == "met" and not line.photos.all()]
    if lacking:
        raise Refusal(
            "photo_missing",
            zh=f"以下检查项要有现场照片：{'；'.join(line.definition['title']['zh'] for line in lacking)}。",
            en=f"These lines need a photograph from the spot: {'; '.join(line.definition['title']['en'] for line in lacking)}.",
        )


def _order(row: Inspection, user: int, due_on: date | None, addressed_to: str) -> Rectification:
    today = timezone.localdate() if user else row.on
    issued = max(row.on, today)
    order = Rectification(
        inspection=row, issued_on=issued, number=f"整改〔{issued.year}〕{row.pk}号", by=user,
        due_on=due_on or issued + timedelta(days=definitions.inspecting().rectification_days),
        addressed_to=addressed_to.strip() or row.facility.name,
    )  # fmt: skip
    return kept(order)


@transaction.atomic
def repair(*, by: User | None, post: Post | None, line: Line, on: date, done: str) -> Repair:
    """What was done about a failed line. It stays failed until a re-inspection has looked."""
    user = allow(by, post, "facilities.report")
    row = site(post, line.inspection.facility)
    line = Line.objects.select_related("inspection").get(pk=line.pk)
    if line.result != "not_met" or line.inspection.verdict != "fail":
        raise Refusal(
            "nothing_to_repair",
            zh="这一项不在整改单上，不用登记整改。",
            en="This line is not on a rectification order; there is nothing to put right.",
        )
    made = Repair(line=line, on=not_ahead(on), done=done.strip(), by=user)
    kept(made)
    audit.note("facilities.repair", "facility", row.pk, area_id=row.place_id, clause=line.clause, on=on.isoformat())
    return made


@transaction.atomic
def reinspect(
    *, by: User | None, post: Post | None, inspection: Inspection, on: date, team: Iterable[str]
) -> Inspection:
    """Look again at the lines that failed; only after every hard one has been put right on paper."""
    user = allow(by, post, INSPECT)
    site(post, inspection.facility)
    inspection = Inspection.objects.select_related("facility").get(pk=inspection.pk)
    if inspection.verdict != "fail" or Inspection.objects.filter(again_of=inspection).exists():
        raise Refusal(
            "not_to_repeat",
            zh="只有结论为不合格、还没有复查过的检查才能复查。",
            en="Only an inspection that failed and was not looked at again can be repeated.",
        )
    failed = list(inspection.lines.exclude(result="met").prefetch_related("repairs"))
    waiting = [line for line in failed if line.definition["hard"] == "hard" and not line.repairs.all()]
    if waiting:
        raise Refusal(
            "repairs_missing",
            zh=f"还有 {len(waiting)} 项没有登记整改情况。请先登记，再复查。",
            en=f"{len(waiting)} lines have no repair on record. Record them first.",
        )
    again = Inspection(
        facility=inspection.facility, kind=inspection.kind, on=not_ahead(on), team=_team(team), again_of=inspection,
        draw=inspection.draw, by=user,
    )  # fmt: skip
    kept(again)
    for position, line in enumerate(failed, 1):
        _line(
            again,
            position,
            line.clause,
            line.definition,
            {"value": _number(line), "rows": [r.done for r in line.repairs.all()]},
        )
    audit.note(
        "facilities.reinspect",
        "facility",
        inspection.facility_id,
        inspection=again.pk,
        again_of=inspection.pk,
        lines=len(failed),
    )
    return again


@transaction.atomic
def sign_off(*, by: User | None, post: Post | None, inspection: Inspection, on: date) -> Inspection:
    """Somebody else than whoever gave the verdict signs. An acceptance makes the site 已验收 and its measured area a fact."""
    user = allow(by, post, SIGN)
    facility = site(post, inspection.facility)
    row = Inspection.objects.select_for_update().get(pk=inspection.pk)
    if row.verdict != "pass":
        raise Refusal("not_passed", zh="结论为合格后才能签字。", en="Only an inspection that passed can be signed.")
    if row.signed_on:
        raise Refusal("signed", zh="这次检查已经签字。", en="This inspection is signed already.")
    if user and user == row.concluded_by:
        raise Refusal(
            "signed_by_another",
            zh="下结论的人不能给自己签字。请另一位有验收签字权限的同事办理。",
            en="Whoever gave the verdict cannot sign it. Ask a colleague who may sign.",
        )
    row.signed_on, row.signed_by = max(not_ahead(on), row.on), user
    row.save(update_fields=["signed_on", "signed_by"])
    if row.kind == "acceptance":
        _measured_area(row, user)
        walk(facility, [("accepted", row.signed_on, "")], user)
    audit.note(
        "facilities.sign_off",
        "facility",
        facility.pk,
        area_id=facility.place_id,
        inspection=row.pk,
        on=row.signed_on.isoformat(),
    )
    return row


def _measured_area(row: Inspection, user: int) -> None:
    """The area that was measured, in this look or in the ones it repeats, becomes a fact of the register."""
    at: Inspection | None = row
    while at is not None:
        for line in at.lines.all():
            if line.definition["measure"] == "floor_area" and line.measured:
                value = Decimal(str(line.measured["value"]))
                area = Measure(
                    facility_id=at.facility_id, what="floor_area", value=value, on=at.on, source="验收实测", by=user
                )
                kept(area)
                return
        at = at.again_of


def _number(line: Line) -> float | None:
    return rules.measured_number(clause_of(line.definition), line.measured)


def _team(team: Iterable[str]) -> list[str]:
    names = [name.strip() for name in team if name.strip()]
    least = definitions.inspecting().team_least
    if len(set(names)) < least:
        raise Refusal(
            "team_small",
            zh=f"检查组至少 {least} 人，请写全姓名。",
            en=f"A team has at least {least} members; give their names.",
            field="team",
        )
    return names


def _refuse_stage(facility: Facility) -> None:
    latest = facility.statuses.order_by("-on", "-pk").first()
    if latest is None or latest.status != "done":
        raise Refusal(
            "not_done",
            zh="只有“已完工”的设施才能验收。请先登记完工日期。",
            en="Only a site that is done can be accepted. Record when the work was done.",
        )


def _open(post: Post | None, inspection: Inspection) -> Inspection:
    """The inspection's row, locked, while it has no verdict and lies in the post's area."""
    site(post, inspection.facility)
    row = Inspection.objects.select_for_update(of=("self",)).select_related("facility").get(pk=inspection.pk)
    if row.verdict:
        raise Refusal(
            "concluded",
            zh="这次检查已下结论，不能再改。需要时请复查。",
            en="This inspection is concluded and cannot be changed. Look again if need be.",
        )
    return row

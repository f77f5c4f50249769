"""Verbs: put somebody forward, take a nomination back. Where naming is choosing, the paper's limit is kept here."""

import tempfile
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from songhe.core import audit, periods
from songhe.core.refusal import Refusal
from songhe.oversight.awards.access import allow, area_of, fresh
from songhe.oversight.awards.definitions import award as award_named
from songhe.oversight.awards.models import Nomination, Round
from songhe.oversight.programmes.actions import check_ceiling
from songhe.registry.accounts.models import Post, User
from songhe.registry.people import safekeeping

MOST_BYTES = 30 * 1024 * 1024
PAPERS = (".pdf", ".jpg", ".jpeg", ".png", ".doc", ".docx")


def within_limit(row: Round, *, already: int, adding: int = 1) -> None:
    """Refuses more than the award's paper allows in a round: the programme keeps the number and the clause."""
    award = award_named(row.award)
    check_ceiling(
        programme=award.programme, goal=award.goal, place=row.place, on=None, already=already, adding=adding,
        field="name",
    )  # fmt: skip


@transaction.atomic
def nominate(
    *, round: Round, name: str, deeds: str, by: User | None, post: Post | None, unit: str = "", paper: Any = None,
    on: date | None = None,
) -> Nomination:  # fmt: skip
    """Put somebody forward, with deeds. One more than a limit on naming allows is refused with its clause. Raises Refusal.

    `on` is today unless an older round is carried over: the audit row tells when that was done.
    """
    user = allow(by, post, "awards.nominate")
    row = fresh(post, round)
    if row.stage != "naming":
        raise Refusal("naming_over", zh="这一轮的推荐已经结束。", en="Nominations of this round are closed.")
    name, unit = name.strip(), unit.strip()
    if not name:
        raise Refusal("name_missing", zh="请写明推荐对象。", en="Say who is put forward.", field="name")
    if not deeds.strip():
        raise Refusal("deeds_missing", zh="请写明事迹。", en="Say for what.", field="deeds")
    standing = row.nominations.filter(withdrawn_on=None)
    if standing.filter(name=name, unit=unit).exists():
        raise Refusal("named_before", zh=f"已经推荐过“{name}”。", en=f"“{name}” was put forward already.", field="name")
    if row.counts == "named":
        within_limit(row, already=standing.count())
    paper_name, stored = _kept(paper)
    made = Nomination.objects.create(
        round=row, name=name, unit=unit, deeds=deeds.strip(), by=user, paper_name=paper_name, paper_stored=stored,
        on=_day(row, on),
    )  # fmt: skip
    audit.note("awards.nominate", "award_round", row.pk, area_id=area_of(row), nomination=made.pk)
    return made


def _day(row: Round, on: date | None) -> date:
    today = timezone.localdate()
    if on is not None and not periods.parse(row.period).start <= on <= today:
        raise Refusal("naming_day", zh="推荐日期须在本期之内，且不晚于今天。", en="The day must lie in the round's period and not after today.", field="on")  # fmt: skip
    return on or today


def _kept(paper: Any) -> tuple[str, str]:
    if not paper:
        return "", ""
    name = Path(str(paper.name)).name[-200:]
    if Path(name).suffix.lower() not in PAPERS or not 0 < paper.size <= MOST_BYTES:
        raise Refusal("paper_kind", zh="附件请用 PDF、Word 或图片，不超过 30 MB。", en="Attach a PDF, a Word file or a picture of at most 30 MB.", field="paper")  # fmt: skip
    with tempfile.NamedTemporaryFile() as copy:
        for part in paper.chunks():
            copy.write(part)
        copy.flush()
        return name, safekeeping.keep(Path(copy.name), f"awards/{timezone.localdate():%Y/%m}/{uuid4().hex}.sealed")


@transaction.atomic
def withdraw(*, nomination: Nomination, reason: str, by: User | None, post: Post | None) -> Nomination:
    """Take a nomination back with a reason while names are still taken; it stays in the history. Raises Refusal."""
    allow(by, post, "awards.nominate")
    row = fresh(post, nomination.round)
    nomination = Nomination.objects.select_for_update().get(pk=nomination.pk)
    if row.stage != "naming" or nomination.withdrawn_on:
        raise Refusal("cannot_withdraw", zh="推荐已结束，或已经撤回。", en="Nominations are closed, or this one was withdrawn.")  # fmt: skip
    if not reason.strip():
        raise Refusal("reason_missing", zh="撤回须写明理由。", en="Say why it is withdrawn.", field="reason")
    nomination.withdrawn_on, nomination.withdraw_reason = timezone.localdate(), reason.strip()[:200]
    nomination.save(update_fields=["withdrawn_on", "withdraw_reason"])
    audit.note("awards.withdraw", "award_round", row.pk, area_id=area_of(row), nomination=nomination.pk)
    return nomination

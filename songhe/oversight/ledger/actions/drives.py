"""Verbs: a round of looking again (回头看, 督导月) over chosen items, with a result for each."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.utils import timezone

from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.oversight.ledger.access import allow, items_of, place_scope, within
from songhe.oversight.ledger.evidence import area_of
from songhe.oversight.ledger.models import DRIVES, FINDINGS, Drive, DriveItem, Finding, Item
from songhe.registry.accounts.models import Post, User
from songhe.registry.places.models import Place


@transaction.atomic
def start_drive(
    *,
    kind: str,
    title: str,
    place: Place,
    starts_on: date,
    ends_on: date,
    items: Sequence[Item],
    by: User | None,
    post: Post | None,
    source_document: str = "",
    origin: str = "entered",
) -> Drive:
    """Begin a round over chosen items of a place. Raises Refusal."""
    user = allow(by, post, "ledger.manage")
    within(post, place)
    if kind not in dict(DRIVES):
        raise Refusal("unknown_drive", zh="请选择回头看或督导月。", en="Choose the kind of round.", field="kind")
    if not title.strip():
        raise Refusal("title_missing", zh="请写明名称。", en="Give the round a name.", field="title")
    if ends_on < starts_on:
        raise Refusal("dates_order", zh="结束日期不能早于开始日期。", en="The end cannot be before the start.", field="ends_on")  # fmt: skip
    chosen = list(items_of(post).inside(place).filter(pk__in=[item.pk for item in items], withdrawn_on=None))
    if not chosen or len(chosen) != len({item.pk for item in items}):
        raise Refusal(
            "items_chosen",
            zh="请至少选一个事项；所选事项须在本地区内且没有撤销。",
            en="Choose at least one item; all must lie in the place and not be withdrawn.",
            field="items",
        )
    made = Drive.objects.create(
        kind=kind, title=title.strip(), place=place, starts_on=starts_on, ends_on=ends_on, by=user, origin=origin,
        source_document=source_document.strip(), **place_scope(place),
    )  # fmt: skip
    DriveItem.objects.bulk_create(DriveItem(drive=made, item=item) for item in chosen)
    audit.note("ledger.drive", "ledger_drive", made.pk, area_id=area_of(made), kind=kind, items=len(chosen))
    return made


@transaction.atomic
def find(
    *, chosen: DriveItem, verdict: str, text: str, by: User | None, post: Post | None, on: date | None = None
) -> Finding:  # fmt: skip
    """What the round found about one item; a later finding takes its place, both stay. Raises Refusal."""
    user = allow(by, post, "ledger.progress")
    row = items_of(post).filter(pk=chosen.item_id).first()
    if row is None:
        raise Refusal("no_such_item", zh="这个事项不在您的辖区内。", en="This item is outside your area.")
    if verdict not in dict(FINDINGS) or not text.strip():
        raise Refusal(
            "finding", zh="请选择结果并写明情况。", en="Choose a result and say what was found.", field="text"
        )
    on = on or timezone.localdate()
    if not chosen.drive.starts_on <= on <= timezone.localdate():
        raise Refusal("finding_day", zh="日期须在本轮开始之后，且不晚于今天。", en="The day must lie between the round's start and today.", field="on")  # fmt: skip
    made = Finding.objects.create(chosen=chosen, on=on, verdict=verdict, text=text.strip(), by=user)
    DriveItem.objects.filter(pk=chosen.pk).update(verdict=verdict)
    audit.note("ledger.drive.find", "ledger_item", row.pk, area_id=area_of(row), drive=chosen.drive_id, verdict=verdict)
    return made

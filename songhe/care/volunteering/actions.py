"""Volunteer groups and their activities; offers of friendly merchants (complaints about them are care.evidence's)."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from songhe.care.volunteering import terms
from songhe.care.volunteering.models import Activity, Group, Offer
from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post, User
from songhe.registry.facilities import definitions as sites
from songhe.registry.facilities.models import Facility
from songhe.registry.facilities.standing import kept, not_ahead, site
from songhe.registry.people.standing import allow, check_village
from songhe.registry.places.models import Place

EDIT, RECORD, MERCHANTS = "volunteering.edit", "volunteering.record", "merchants.edit"


@transaction.atomic
def found(
    *, by: User | None, post: Post | None, village: Place, kind: str, name: str, leader: str, members: int, on: date,
    paper: str = "", origin: str = "entered",
) -> Group:  # fmt: skip
    """A volunteer group of a village is registered from a day on. Refused: outside the area, twice, without members."""
    user = allow(by, post, EDIT)
    check_village(post, village, not_ahead(on))
    made = kept(
        Group(
            kind=kind, name=name.strip(), leader=leader.strip(), members=members, paper=paper.strip(), valid_from=on, by=user,
            origin=origin, **village.areas(),
        )
    )  # fmt: skip
    audit.note("volunteering.found", "group", made.pk, area_id=village.pk, kind=kind, on=on.isoformat())
    return made


def _group(post: Post | None, group: Group) -> Group:
    seen = Group.objects.visible_to(post) if post else Group.objects.all()
    row = seen.select_for_update(of=("self",)).filter(pk=group.pk).first()
    if row is None:
        raise Refusal(
            "no_such_group", zh="没有这个志愿组织，或不在您的辖区内。", en="There is no such group in your area.", field="group"
        )  # fmt: skip
    return row


@transaction.atomic
def dissolve(*, by: User | None, post: Post | None, group: Group, on: date) -> Group:
    """A group is no more from a day on; what it did stays."""
    allow(by, post, EDIT)
    row = _group(post, group)
    row.valid_to = max(not_ahead(on), row.valid_from)
    kept(row)
    audit.note("volunteering.dissolve", "group", row.pk, area_id=row.village_id, on=on.isoformat())
    return row


@transaction.atomic
def record_activity(
    *, by: User | None, post: Post | None, group: Group, on: date, kind: str, volunteers: int, hours: Decimal | float,
    evidence: str, recipients: int = 0,
) -> Activity:  # fmt: skip
    """A group did something. Refused: in the future, too long ago, before it was founded, without evidence."""
    user = allow(by, post, RECORD)
    row = _group(post, group)
    days = (timezone.localdate() - not_ahead(on)).days
    if user and days > sites.inspecting().age_limit_days:
        raise Refusal(
            "too_long_ago",
            zh=f"{on} 已过去 {days} 天，超过可补登的期限。请写成书面说明交上级核定。",
            en=f"{on} is {days} days ago, beyond what may be entered late. Hand in a written statement instead.",
            field="on",
        )
    if on < row.valid_from or (row.valid_to and on >= row.valid_to):
        raise Refusal(
            "group_not_there", zh=f"{on} 这个组织还没有成立或已停止。", en=f"The group did not exist on {on}.", field="on"
        )  # fmt: skip
    if not evidence.strip():
        raise Refusal("no_evidence", zh="请填写凭据（签到表、照片编号）。", en="Name the evidence.", field="evidence")
    made = kept(
        Activity(
            group=row, on=on, kind=kind, volunteers=volunteers, hours=Decimal(str(hours)), recipients=recipients,
            evidence=evidence.strip(), by=user, village_id=row.village_id, town_id=row.town_id, county_id=row.county_id,
            city_id=row.city_id,
        )
    )  # fmt: skip
    audit.note("volunteering.activity", "group", row.pk, area_id=row.village_id, kind=kind, on=on.isoformat())
    return made


@transaction.atomic
def void_activity(*, by: User | None, post: Post | None, activity: Activity, reason: str) -> Activity:
    """A wrong activity no longer counts: a new row says so and why; the old one stays to be read."""
    user = allow(by, post, RECORD)
    row = _group(post, activity.group)
    if activity.voids_id or Activity.objects.filter(voids=activity).exists():
        raise Refusal("voided", zh="这条活动记录已经作废。", en="This activity is voided already.")
    if not reason.strip():
        raise Refusal("reason_missing", zh="作废必须写明理由。", en="Say why it is voided.", field="reason")
    made = kept(
        Activity(
            group=row, on=activity.on, kind=activity.kind, volunteers=0, hours=0, evidence=activity.evidence, voids=activity,
            reason=reason.strip(), by=user, village_id=row.village_id, town_id=row.town_id, county_id=row.county_id,
            city_id=row.city_id,
        )
    )  # fmt: skip
    audit.note("volunteering.void_activity", "group", row.pk, area_id=row.village_id, activity=activity.pk)
    return made


def _merchant(post: Post | None, facility: Facility) -> Facility:
    row = site(post, facility)
    if row.kind not in terms.MERCHANTS:
        raise Refusal(
            "not_a_merchant", zh="这处设施不是爱心商家。", en="This site is no friendly merchant.", field="facility"
        )
    return row


@transaction.atomic
def offer(
    *, by: User | None, post: Post | None, facility: Facility, kind: str, text: str, valid_from: date, valid_to: date
) -> Offer:  # fmt: skip
    """What a merchant offers older people, until a day. Nothing is bought or sold here."""
    user = allow(by, post, MERCHANTS)
    row = _merchant(post, facility)
    made = kept(Offer(facility=row, kind=kind, text=text.strip(), valid_from=valid_from, valid_to=valid_to, by=user))
    audit.note("merchants.offer", "facility", row.pk, area_id=row.place_id, kind=kind, until=valid_to.isoformat())
    return made


@transaction.atomic
def found_many(
    *, by: User | None, post: Post | None, rows: Sequence[dict[str, Any]], origin: str = "entered"
) -> list[Group]:
    """Many groups at once (a township's list): {"village", "kind", "name", "leader", "members", "on", "paper"?}.

    All or none: a wrong row refuses with its number. A group that is there already is passed over. Returns those added.
    """
    user = allow(by, post, EDIT)
    villages = {row["village"].pk: row["village"] for row in rows}
    for village in villages.values():
        check_village(post, village, timezone.localdate())
    there = set(Group.objects.filter(village__in=villages, valid_to=None).values_list("village_id", "kind", "name"))
    made = []
    for at, row in enumerate(rows, 1):
        if row["kind"] not in dict(terms.GROUPS) or not row["name"].strip() or row["members"] < 1:
            raise Refusal(
                "wrong_row",
                zh=f"第 {at} 行：类别、名称或人数不对，全部未登记。类别可用：{'、'.join(dict(terms.GROUPS))}。",
                en=f"Row {at}: kind, name or number of members is wrong; nothing was entered.",
            )
        if (row["village"].pk, row["kind"], row["name"].strip()) not in there:
            made.append(
                Group(
                    kind=row["kind"], name=row["name"].strip(), leader=row["leader"].strip(), members=row["members"], by=user,
                    paper=row.get("paper", ""), valid_from=not_ahead(row["on"]), origin=origin, **row["village"].areas(),
                )
            )  # fmt: skip
    Group.objects.bulk_create(made, batch_size=1000)
    audit.note("volunteering.found_many", "group", area_id=post.place_id if post else None, rows=len(made))
    return made


@transaction.atomic
def record_many(*, by: User | None, post: Post | None, rows: Sequence[dict[str, Any]]) -> list[Activity]:
    """Many activities at once: {"group", "on", "kind", "volunteers", "hours", "evidence", "recipients"?}. All or none."""
    user = allow(by, post, RECORD)
    seen = set((Group.objects.visible_to(post) if post else Group.objects.all()).filter(pk__in=[r["group"].pk for r in rows]).values_list("pk", flat=True))  # fmt: skip
    made = []
    for at, row in enumerate(rows, 1):
        group = row["group"]
        fits = group.pk in seen and row["kind"] in dict(terms.ACTIVITIES) and row["volunteers"] > 0 and row["hours"] > 0
        if not fits or row["on"] < group.valid_from or not row["evidence"].strip():
            raise Refusal(
                "wrong_row",
                zh=f"第 {at} 行：组织、日期、活动、人数、时长或凭据不对，全部未登记。",
                en=f"Row {at}: group, day, kind, numbers or evidence is wrong; nothing was entered.",
            )
        made.append(
            Activity(
                group=group, on=not_ahead(row["on"]), kind=row["kind"], volunteers=row["volunteers"], by=user,
                hours=Decimal(str(row["hours"])), recipients=row.get("recipients", 0), evidence=row["evidence"].strip(),
                village_id=group.village_id, town_id=group.town_id, county_id=group.county_id, city_id=group.city_id,
            )
        )  # fmt: skip
    Activity.objects.bulk_create(made, batch_size=1000)
    audit.note("volunteering.record_many", "group", area_id=post.place_id if post else None, rows=len(made))
    return made

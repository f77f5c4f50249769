"""Verbs: set a body up (from a shipped definition or by hand), give a unit a seat, end one."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.utils import timezone

from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.oversight.ledger.access import allow, place_scope, within
from songhe.oversight.ledger.evidence import area_of
from songhe.oversight.participation.access import fresh, words
from songhe.oversight.participation.definitions import named
from songhe.oversight.participation.models import KINDS, ROLES, Body, Membership
from songhe.registry.accounts.models import Post, User
from songhe.registry.places.models import Place


@transaction.atomic
def found_body(
    *,
    place: Place,
    by: User | None,
    post: Post | None,
    definition: str = "",
    kind: str = "joint_meeting",
    name: str = "",
    groups: Iterable[str] = (),
    valid_from: date | None = None,
) -> Body:
    """A body of a place. With `definition` its name, groups and seats come from there (asked twice, the same body).
    Raises Refusal.
    """
    user = allow(by, post, "meetings.manage")
    within(post, place)
    source: dict = {}
    seats: tuple[dict, ...] = ()
    if definition:
        shipped = named(definition)
        known = Body.objects.filter(place=place, definition=definition).first()
        if known:
            return known
        kind, name, groups, seats = shipped.kind, name or shipped.title["zh"], shipped.groups, shipped.members
        valid_from = valid_from or shipped.valid_from
        source = {key: str(value) for key, value in shipped.source.items()} | {"convener": shipped.convener["zh"]}
    if kind not in dict(KINDS):
        raise Refusal("unknown_kind", zh=f"没有“{kind}”这种机构。", en=f"There is no kind “{kind}”.", field="kind")
    title = words(name, "name", "请写明机构名称。", "Give the body a name.")
    since = valid_from or timezone.localdate()
    if Body.objects.filter(place=place, name=title, valid_to=None).exists():
        raise Refusal("body_twice", zh=f"“{title}”已经设立。", en=f"“{title}” is there already.", field="name")
    made = Body.objects.create(
        place=place, kind=kind, name=title, definition=definition, groups=list(groups), source=source, valid_from=since,
        by=user, **place_scope(place),
    )  # fmt: skip
    Membership.objects.bulk_create(
        Membership(
            body=made, unit=seat["unit"], role=seat["role"], group=seat.get("group") or "", certainty=seat["certainty"],
            valid_from=since, by=user,
        )
        for seat in seats
    )  # fmt: skip
    audit.note("meetings.body", "body", made.pk, area_id=area_of(made), definition=definition, seats=len(seats))
    return made


@transaction.atomic
def give_seat(
    *,
    body: Body,
    unit: str,
    by: User | None,
    post: Post | None,
    role: str = "member",
    group: str = "",
    contact: str = "",
    valid_from: date | None = None,
) -> Membership:
    """A unit joins a body on a day. Raises Refusal when it holds a seat already."""
    user = allow(by, post, "meetings.manage")
    row = fresh(post, body)
    unit = words(unit, "unit", "请写明单位。", "Name the unit.")
    if role not in dict(ROLES):
        raise Refusal("unknown_role", zh=f"没有“{role}”这种身份。", en=f"There is no role “{role}”.", field="role")
    if group and group not in row.groups:
        raise Refusal(
            "unknown_group", zh=f"“{row}”没有下设“{group}”。", en=f"“{row}” has no group “{group}”.", field="group"
        )
    since = valid_from or timezone.localdate()
    if row.memberships.filter(unit=unit).exclude(valid_to__lte=since).exists():
        raise Refusal("seat_twice", zh=f"“{unit}”在这段时间已是成员。请先结束原来的席位。", en=f"“{unit}” holds a seat in that time. End it first.", field="unit")  # fmt: skip
    made = Membership.objects.create(
        body=row, unit=unit, role=role, group=group, contact=contact.strip(), valid_from=since, by=user
    )
    audit.note("meetings.seat", "body", row.pk, area_id=area_of(row), membership=made.pk)
    return made


@transaction.atomic
def end_membership(*, membership: Membership, on: date, by: User | None, post: Post | None) -> Membership:
    """A unit leaves; its earlier attendance stays. Raises Refusal."""
    allow(by, post, "meetings.manage")
    row = fresh(post, membership.body)
    membership = Membership.objects.select_for_update().get(pk=membership.pk)
    if membership.valid_to or on <= membership.valid_from:
        raise Refusal("seat_dates", zh="这个席位已经结束，或结束日期不晚于开始日期。", en="This seat ended already, or would end before it began.", field="on")  # fmt: skip
    membership.valid_to = on
    membership.save(update_fields=["valid_to"])
    audit.note("meetings.seat.end", "body", row.pk, area_id=area_of(row), membership=membership.pk)
    return membership

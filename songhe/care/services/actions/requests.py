"""A request comes in and is an order at once: what was asked, on whose right, at whose cost, by when."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from songhe.care.services import definitions, rules, terms
from songhe.care.services.models import Item, Order
from songhe.care.services.queries.eligibility import Right, catalogue_for, rights
from songhe.care.services.standing import allow, in_words, move
from songhe.care.visits.models import Referral
from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post, User
from songhe.registry.people.models import Person
from songhe.registry.people.standing import areas_of


@transaction.atomic
def request(
    *, by: User | None, post: Post | None, person: Person, item: Item | str, wanted_from: datetime,
    wanted_to: datetime | None = None, channel: str = "phone", quantity: int = 1, funding: str = "", urgency: str = "",
    caller: str = "", note: str = "", referral: Referral | None = None, now: datetime | None = None,
    origin: str = "entered",
) -> Order:  # fmt: skip
    """A service for somebody in a window of time. `item`: a row, or a code of the catalogue in force that day.

    `funding`: "entitled", "self", or "" for entitled where a rule covers it, else self-paid. Beyond the quota it is refused
    with the clause; a service of a superseded catalogue is refused; so is a channel that may not order it.
    """
    user = allow(by, post, "services.take")
    now = now or timezone.now()
    wanted_to = wanted_to or wanted_from + timedelta(minutes=definitions.terms().window_minutes)
    known = _person(post, person)
    on = timezone.localdate(wanted_from)
    _refuse_dates(wanted_from, wanted_to, now)
    row = _item(known, item, on, channel)
    if quantity < 1 or quantity > 31:
        raise Refusal("quantity", zh="数量应为 1 至 31。", en="The quantity is 1 to 31.", field="quantity")
    right = rights(known, [row], on)[row.code]
    funding = _funding(right, row, funding, quantity)
    share = right.rule.government_share if funding == "entitled" and right.rule else 0
    government, own = rules.shares(row.price, quantity, share)
    urgency = urgency or row.urgency
    due = _due(row, urgency, now, wanted_to)
    made = Order(
        person=known, item=row, quantity=quantity, service_on=on, wanted_from=wanted_from, wanted_to=wanted_to,
        urgency=urgency, channel=channel, caller=caller.strip()[:40], note=note.strip()[:300],
        referral_id=referral.pk if referral else None, carers=row.carers, minutes=row.minutes * quantity,
        unit_price=row.price, funding=funding, government_pays=government, person_pays=own,
        entitlement=right.rule.code if share or funding == "entitled" else "",
        clause=right.rule.clause if funding == "entitled" else {},
        quota_granted=right.rule.quota if funding == "entitled" else 0,
        ability_level=right.standing.level, tags=right.standing.tags, age=right.standing.age, asked_at=now, asked_by=user,
        dispatch_due_at=due[0], arrive_due_at=due[1], origin=origin, **areas_of(known),
    )  # fmt: skip
    with in_words():
        made.save(force_insert=True)
    made.state = ""
    move(made, "waiting", user=user, at=now)
    audit.note(
        "services.request", "order", made.pk, area_id=made.village_id, person=known.pk, item=row.code, funding=funding,
        channel=channel, state="waiting",
    )  # fmt: skip
    return made


def _person(post: Post | None, person: Person) -> Person:
    people = Person.objects.visible_to(post) if post else Person.objects.all()
    row = people.filter(pk=person.pk, merged_into=None).select_related("village").first()
    if row is None:
        raise Refusal(
            "person_outside_area",
            zh="没有这位老人的档案，或不在您的辖区内。请重新查找。",
            en="There is no such file, or the person is outside your area. Look again.",
            field="person",
        )
    if row.status in ("deceased", "moved_out", "institution"):
        raise Refusal(
            "person_not_at_home",
            zh=f"档案状态为“{row.get_status_display()}”，不能下上门服务单。情况有变的，请先更正档案。",
            en="According to the file this person does not live at home here; correct the file first if that is wrong.",
            field="person",
        )
    return row


def _refuse_dates(wanted_from: datetime, wanted_to: datetime, now: datetime) -> None:
    ahead = definitions.terms().book_ahead_days
    if wanted_to <= now:
        raise Refusal(
            "window_past",
            zh="希望的时间已经过去，不能补下订单。请改为今后的时间。",
            en="The time wanted has passed; no order is made after the fact. Choose a later time.",
            field="wanted_from",
        )
    if wanted_from > now + timedelta(days=ahead):
        raise Refusal(
            "window_far",
            zh=f"最多提前 {ahead} 天预约。请改为近一些的日期。",
            en=f"Services are booked at most {ahead} days ahead. Choose an earlier day.",
            field="wanted_from",
        )
    if wanted_to <= wanted_from:
        raise Refusal(
            "order_window_in_order",
            zh="最晚时间须晚于最早时间。请核对时间。",
            en="The latest time must be after the earliest. Check the times.",
            field="wanted_to",
        )


def _item(person: Person, item: Item | str, on, channel: str) -> Item:
    in_force = catalogue_for(person.village, on)
    code = item if isinstance(item, str) else item.code
    row = Item.objects.filter(catalogue=in_force, code=code).select_related("catalogue").first()
    if row is None or (isinstance(item, Item) and item.catalogue_id != in_force.pk):
        clause = in_force.source["clause"]
        raise Refusal(
            "catalogue_in_force",
            zh=f"这个项目不在 {on} 有效的“{in_force}”里，旧目录的价格不再使用（{clause['zh']}）。请重新选择服务项目。",
            en=f"On {on} “{in_force.title_en}” is in force and has no such service at that price ({clause['en']}). Choose again.",
            field="item",
        )
    if channel not in row.may_order:
        labels = dict(terms.CHANNELS)
        who = "、".join(str(labels[each]) for each in row.may_order)
        raise Refusal(
            "channel_may_not_order",
            zh=f"“{row}”只受理：{who}。请改用其中的渠道。",
            en=f"“{row.name_en}” may only be ordered by: {', '.join(row.may_order)}.",
            field="channel",
        )
    return row


def _funding(right: Right, item: Item, wanted: str, quantity: int) -> str:
    if wanted == "self" or (not wanted and right.rule is None):
        return "self"
    if right.rule is None:
        raise Refusal(
            "not_entitled",
            zh=f"按“{item.catalogue}”，这位老人在服务当天没有“{item}”的政府购买额度。可改为自费。",
            en=f"Under “{item.catalogue.title_en}” nothing is paid of “{item.name_en}” for this person on that day. Self-paid is possible.",
            field="funding",
        )
    if right.left < quantity:
        clause = right.rule.clause
        raise Refusal(
            "quota_exceeded",
            zh=f"本月额度 {right.rule.quota} 已用 {right.used}，不够再下 {quantity}：{clause['zh']}（{clause['where']}）。需要服务的请选“自费”。",
            en=f"{right.used} of {right.rule.quota} units are used this month, {quantity} more do not fit: {clause['en']} ({clause['where']}). Choose self-paid if it is wanted.",
            field="funding",
        )
    return "entitled"


def _due(item: Item, urgency: str, now: datetime, wanted_to: datetime) -> tuple[datetime, datetime]:
    """By when it must be dispatched and by when somebody must be there."""
    if urgency not in dict(terms.URGENCIES):
        raise Refusal(
            "urgency", zh=f"没有“{urgency}”这种缓急。", en=f"There is no urgency “{urgency}”.", field="urgency"
        )
    clock = item.catalogue.urgencies[urgency]
    dispatch = now + timedelta(minutes=clock["dispatch_minutes"])
    within = clock.get("arrive_minutes")
    return dispatch, min(wanted_to, now + timedelta(minutes=within)) if within else wanted_to

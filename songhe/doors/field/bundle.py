"""What a telephone takes along for today: one's own people with what is owed, and nothing it does not need."""

import base64
from datetime import date, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from songhe.care.duties.models import Duty
from songhe.care.duties.queries import running
from songhe.care.evidence import phone as delivery
from songhe.care.meals import phone as meals
from songhe.care.visits import phone, queries
from songhe.care.visits.actions.correct import opened
from songhe.care.visits.models import Escalation
from songhe.core import audit
from songhe.insight.rounds import queries as rounds
from songhe.insight.rounds.models import PlanItem
from songhe.registry.accounts import access
from songhe.registry.accounts.models import Post, User
from songhe.registry.people import actions as people
from songhe.registry.people.models import Person
from songhe.registry.people.queries import assessments_due


def bundle(user: User, posts: list[Post], till: str = "") -> dict:
    """The whole list of one user over all their posts; `key` seals it, and their waiting records, on the phone.

    `till`: the uid of the meal point whose till is wanted; only its diners come along (the only point there is needs no asking).
    """
    on = timezone.localdate()
    terms, week = phone.in_force(on), running("week", on)
    visiting, assessing, serving, counting = [], [], [], []
    for post in posts:
        with access.acting_as(post):
            if post.may("visits.record"):
                visiting += _visiting(user, post, week, on, terms.most_people - len(visiting))
            if post.may("assessment.record"):
                assessing += _assessing(post, on, terms)
            if post.may("services.serve"):
                serving += _serving(user, post, on)
            if post.may("meals.count"):
                counting += [(post, point) for point in meals.points_of(post=post, on=on)]
    return {
        "user": {"id": user.pk, "name": str(user)},
        "key": base64.b64encode(phone.owner_key(user.pk)).decode(),
        "day": on.isoformat(),
        "week": {"code": week.code, "start": week.start.isoformat(), "end": week.end.isoformat()},
        "terms": {
            "keep_days": terms.keep_days, "sent_days": terms.sent_days, "clock_minutes": terms.clock_minutes,
            "parcel_rows": terms.parcel_rows, "space_percent": terms.space_percent,
        },
        "people": visiting,
        "assess": assessing,
        "orders": serving,
        "carer": any(post.may("services.serve") for post in posts) and not any(post.may("visits.record") for post in posts),
        "points": [{"uid": str(point.uid), "name": point.name} for _post, point in counting],
        "till": _till(counting, till, on, terms.most_people),
    }  # fmt: skip


def _till(counting: list, wanted: str, on: date, most: int) -> dict | None:
    """The chosen point's till, or that of the only point."""
    found = [pair for pair in counting if str(pair[1].uid) == wanted] or (counting if len(counting) == 1 else [])
    if not found:
        return None
    post, point = found[0]
    with access.acting_as(post):
        told = meals.till_of(post=post, point=point, on=on, most=most)
        audit.note("meals.till", "facility", point.pk, area_id=point.place_id, rows=len(told.diners), page="field")
    return {
        "uid": str(point.uid), "post": post.pk, "name": point.name, "until": told.until, "on": on.isoformat(),
        "diners": [{"person": d.person, "name": d.name, "village": d.village, "way": d.way, "card": d.card} for d in told.diners],
        "counted": [list(row) for row in told.counted],
    } | ({"demo": _("演示")} if point.origin == "demo" else {})  # fmt: skip


def _visiting(user: User, post: Post, week, on: date, room: int) -> list[dict]:
    planned = rounds.told(post=post, helper=user.pk, first=on, last=week.end)
    rows = queries.of_helper(post=post, helper=user.pk, period=week, on=on, also=planned)[: max(room, 0)]
    ids = [held.person_id for held, _duty, _ladder in rows]
    numbers = _numbers(user, post, ids)
    notes = {(row.person_id, row.fact): opened(row.value_sealed) for row in queries.notes_of(post=post, people=ids)}
    audit.note("people.list", "field", area_id=post.place_id, rows=len(rows))
    listed = [
        _row(held.person, str(held.village), duty, ladder, numbers, notes, post, on) for held, duty, ladder in rows
    ]
    stops = _stops(planned)
    return [row | ({"route": stops[row["id"]]} if row["id"] in stops else {}) for row in listed]


def _stops(planned: list[PlanItem]) -> dict[int, list[list]]:
    """{person: [[day, call | visit, number on that day's way, from 1], …]} of the plan that is in force."""
    found: dict[int, list[list]] = {}
    for item in planned:
        found.setdefault(item.person_id, []).append([item.on.isoformat(), item.kind, item.position + 1])
    return found


def _numbers(user: User, post: Post, ids: list[int]) -> dict[int, str]:
    if not ids or not post.may("people.unmask"):
        return {}
    files = list(Person.objects.visible_to(post).filter(pk__in=ids).only("pk", "phone_sealed"))
    return people.numbers(by=user, post=post, people=files, reason="手机页今日名单，供拨打")


def _row(
    person: Person, village: str, duty: Duty | None, ladder: Escalation | None, numbers: dict, notes: dict, post: Post,
    on: date,
) -> dict:  # fmt: skip
    row = {
        "id": person.pk, "post": post.pk, "name": person.name, "age": person.age(on), "village": village,
        "phone": numbers.get(person.pk, ""), "door_note": notes.get((person.pk, "door_note"), ""),
        "call_time": notes.get((person.pk, "call_time"), ""),
    }  # fmt: skip
    if duty is not None:
        row["calls"], row["visits"] = [duty.calls_done, duty.calls_owed], [duty.visits_done, duty.visits_owed]
        row["rank"], row["excused"] = duty.tier_rank, duty.get_excused_display() if duty.excused else ""
    if ladder is not None:
        row["ladder"] = {"step": ladder.step, "due": ladder.due_at.isoformat()}
    if person.origin == "demo":
        row["demo"] = _("演示")
    return row


def _serving(user: User, post: Post, on: date) -> list[dict]:
    """A care worker's own orders, with the way to those of these days; `stamps` are one's own starts and finishes the server has."""
    rows = delivery.going(post=post, user=user, on=on)
    if rows:
        audit.note("people.list", "field", area_id=post.place_id, rows=len(rows), page="orders")
    return [_order(each, post) for each in rows]


def _order(each: delivery.Going, post: Post) -> dict:
    order = each.order
    row = {
        "id": order.pk, "post": post.pk, "number": order.number, "name": order.person.name, "item": order.item.name,
        "item_en": order.item.name_en, "minutes": order.minutes, "village": str(order.village), "note": order.note,
        "on": order.service_on.isoformat(), "from": order.wanted_from.isoformat(), "to": order.wanted_to.isoformat(),
        "proofs": order.item.proofs, "stamps": sorted(each.stamps), "beside": list(each.beside),
    }  # fmt: skip
    if each.address or each.phone:
        row |= {"address": each.address, "phone": each.phone}
    return row | ({"demo": _("演示")} if order.origin == "demo" else {})


def _assessing(post: Post, on: date, terms: phone.Terms) -> list[dict]:
    """Those whose result stops holding soon, then those in difficulty who have none."""
    due = list(assessments_due(post, by=on + timedelta(days=terms.assess_days))[: terms.most_people])
    fresh = Person.objects.visible_to(post).filter(ability_on=None, merged_into=None, status="living").exclude(tags=0)
    files = due + list(fresh.order_by("village_id", "name_sort", "id")[: terms.most_people - len(due)])
    villages = dict(Person.objects.visible_to(post).filter(pk__in=[p.pk for p in files]).values_list("pk", "village__name"))  # fmt: skip
    audit.note("people.list", "field", area_id=post.place_id, rows=len(files), page="assess")
    return [
        {"id": p.pk, "post": post.pk, "name": p.name, "age": p.age(on), "village": villages.get(p.pk, ""),
         "due": p.ability_due.isoformat() if p.ability_due else ""} | ({"demo": _("演示")} if p.origin == "demo" else {})
        for p in files
    ]  # fmt: skip

"""Counting meals: one tap at the till, a card, or a telephone's hundred that waited for a network."""

import hashlib
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from songhe.care.meals import definitions, rules, terms
from songhe.care.meals.models import Diner, Meal
from songhe.care.meals.standing import COUNT, EDIT, allow, found_in, point, tier
from songhe.core import audit
from songhe.core.problem import Problem
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post, User
from songhe.registry.facilities.models import Facility
from songhe.registry.facilities.queries.counting import with_status
from songhe.registry.people.models import Person
from songhe.registry.people.queries import files_of, kept_files
from songhe.registry.people.standing import scope_of


@dataclass(frozen=True)
class Answer:
    """What became of one row, in the order sent.

    `result`: new | same (sent before) | duplicate (this meal was counted before; kept, not paid for) | clash (the number holds
    another record) | refused (see `problem`).
    """

    uuid: uuid.UUID
    result: str
    meal: Meal | None = None
    problem: Problem | None = None

    @property
    def stands(self) -> bool:
        """The meal is counted, from now or from before."""
        return self.result in ("new", "same")


def count(
    *, by: User | None, post: Post | None, facility: Facility, rows: Iterable[Mapping[str, Any]], channel: str = "till",
    now: datetime | None = None,
) -> list[Answer]:  # fmt: skip
    """Count meals at one point. A row: {"uuid", "person" (id) or "card", "at", "meal"?, "way"?, "client_at"?}.

    Each row is answered by itself; a wrong one stops no other. The same number never makes a second row; the same person,
    meal and day is counted once over all points: the second is kept as `duplicate`.
    """
    user = allow(by, post, COUNT)
    row = point(post, facility)
    now = now or timezone.now()
    answers = []
    with transaction.atomic():
        for sent in rows:
            answers.append(_one(post, row, sent, channel, user, now))
        ids = [answer.meal.pk for answer in answers if answer.result == "new" and answer.meal]
        again = sum(answer.result == "duplicate" for answer in answers)
        audit.note("meals.count", "facility", row.pk, area_id=row.place_id, meals=ids, duplicates=again)
    return answers


def _one(
    post: Post | None, facility: Facility, sent: Mapping[str, Any], channel: str, user: int, now: datetime
) -> Answer:
    number = uuid.UUID(str(sent["uuid"]))
    at: datetime = sent["at"]
    on = timezone.localdate(at)
    person = _who(post, sent)
    if person is None:
        return Answer(number, "refused", problem=_UNKNOWN)
    scheme = definitions.scheme(facility.place.code, on)
    meal = sent.get("meal") or rules.meal_at(timezone.localtime(at).hour, scheme.until)
    digest = hashlib.sha256(f"{person.pk}|{facility.pk}|{on}|{meal}".encode()).digest()
    before = Meal.objects.filter(client_uuid=number).first()
    if before is not None:
        return _again(before, digest, number)
    problem = _wrong(facility, person, sent, meal, scheme, at, now)
    if problem is not None:
        return Answer(number, "refused", problem=problem)
    group = tier(person, scheme, on)
    price = scheme.prices[meal]
    parts = rules.split(price, group.shares) if group else rules.split(price, {"person": 100})
    made = Meal(
        client_uuid=number, digest=digest, person=person, facility=facility, on=on, meal=meal, way=sent.get("way") or "dine_in",
        tier=group.name if group else "", scheme_version=scheme.version, channel=channel, at=at,
        client_at=sent.get("client_at"), by=user, price=price, **_paid(parts), **scope_of(facility.place),
    )  # fmt: skip
    return _kept(made, number)


def _kept(made: Meal, number: uuid.UUID) -> Answer:
    """The row, counted; or, when this meal was counted before, the same row marked and unpaid; or what took its number."""
    if _counted_elsewhere(made):
        return _second(made, number)
    try:
        with transaction.atomic():
            made.save()
        return Answer(number, "new", made)
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
        if "client_uuid" in name:  # sent twice at the same moment
            before = Meal.objects.filter(client_uuid=number).first()
            return _again(before, made.digest, number) if before else Answer(number, "clash", problem=_CLASH)
        if name != "one_meal_once":
            raise
    return _second(made, number)


def _counted_elsewhere(made: Meal) -> bool:
    """Whether a file that has become this person's had the meal: what the database cannot see, a person being one row there."""
    files = files_of(made.person_id)[1:]
    return bool(files) and Meal.objects.filter(person__in=files, on=made.on, meal=made.meal, state="counted").exists()


def _second(made: Meal, number: uuid.UUID) -> Answer:
    made.pk, made.state = None, "duplicate"
    for part, paid in _paid(rules.split(made.price, {"person": 100})).items():
        setattr(made, part, paid)
    made.save()
    return Answer(number, "duplicate", made, _twice(made))


def _again(before: Meal, digest: bytes, number: uuid.UUID) -> Answer:
    if bytes(before.digest) != digest:
        return Answer(number, "clash", problem=_CLASH)
    if before.state == "duplicate":
        return Answer(number, "duplicate", before, _twice(before))
    return Answer(number, "same", before)


def _paid(parts: dict[str, int]) -> dict[str, int]:
    return {"person_pays" if payer == "person" else payer: amount for payer, amount in parts.items()}


def _who(post: Post | None, sent: Mapping[str, Any]) -> Person | None:
    """The person of a row: by id, or by the card of somebody who dines now; inside the post's area only."""
    people = (Person.objects.visible_to(post) if post else Person.objects.all()).select_related("village")
    if sent.get("card"):
        area = (
            Diner.objects.filter(post.rows_q()) if post else Diner.objects.all()
        )  # a card opens every till of the area
        diner = area.filter(tag=sent["card"], valid_to=None)
        found = people.filter(pk__in=diner.values("person")).first()
    else:
        found = people.filter(pk=sent.get("person")).first()
    if found is not None and found.merged_into_id:
        found = people.filter(pk=kept_files([found.pk])[found.pk]).first()
    return found


def _wrong(
    facility: Facility, person: Person, sent: Mapping[str, Any], meal: str, scheme: definitions.Scheme, at: datetime,
    now: datetime,
) -> Problem | None:  # fmt: skip
    """Why a meal cannot be counted, or None."""
    on = timezone.localdate(at)
    if meal not in dict(terms.MEALS) or (sent.get("way") or "dine_in") not in dict(terms.WAYS):
        return Problem("meal_unknown", f"不认识的餐次或方式：{meal}。", f"Unknown meal or way: {meal}.")
    if at > now + timedelta(minutes=5):
        return Problem(
            "meal_future", "用餐时间在未来。请核对设备时间。", "The meal lies in the future. Check the clock."
        )
    if (timezone.localdate(now) - on).days > scheme.late_days:
        return Problem(
            "meal_too_late",
            f"{on} 已超过可补传的 {scheme.late_days} 天。请写成书面说明交乡镇核定。",
            f"{on} is beyond the {scheme.late_days} days for late meals. Hand in a written statement.",
        )
    if person.status != "living" and not (person.status_from and on < person.status_from):
        return Problem(
            "diner_gone",
            f"档案状态为“{person.get_status_display()}”，不能计餐。状态有误的，请先更正档案。",
            "The file says this person died, moved away or lives in an institution. Correct the file first if that is wrong.",
        )
    if person.age(on) < scheme.least_age:
        return Problem(
            "diner_too_young",
            f"未满 {scheme.least_age} 岁，不在补助范围。",
            f"Below {scheme.least_age} years: not within the scheme.",
        )
    status = with_status(Facility.objects.filter(pk=facility.pk), on).values_list("status", flat=True).first()
    if status == "closed":
        return Problem(
            "point_closed",
            f"{on} 这处助餐点已关停，不能计餐。",
            f"This point was closed on {on}; no meal can be counted.",
        )
    return None


def _twice(meal: Meal) -> Problem:
    """Says where the first one was, when the asker may know it."""
    first = Meal.objects.filter(
        person__in=files_of(meal.person_id), on=meal.on, meal=meal.meal, state="counted"
    ).first()
    seen = Facility.objects.filter(pk=first.facility_id).values_list("name", flat=True).first() if first else None
    zh = "本点" if first and first.facility_id == meal.facility_id else f"“{seen}”" if seen else "另一处助餐点"
    en = "here" if first and first.facility_id == meal.facility_id else f"at {seen}" if seen else "at another point"
    when = f"{timezone.localtime(first.at):%H:%M}" if first else ""
    return Problem(
        "meal_twice",
        f"今天这一餐已在{zh}计过（{when}），同一餐只计一次补助。本次已留痕，不计补助，餐费由个人支付。",
        f"This meal was counted {en} already ({when}); one meal is subsidised once. Kept as a second meal, paid by the person.",
    )


_UNKNOWN = Problem(
    "diner_unknown",
    "辖区内没有这位老人或这张卡。请核对卡号，或按姓名查找；没有建档的请村（社区）登记。",
    "No such person or card in your area. Check the card or look up the name; whoever has no file is entered by the village.",
)
_CLASH = Problem(
    "meal_clash",
    "这个记录编号已用于另一条不同的记录。请刷新页面后再点。",
    "This record number already holds a different record. Reload the page and tap again.",
)


@transaction.atomic
def void(*, by: User | None, post: Post | None, meal: Meal, reason: str) -> Meal:
    """A meal counted by mistake no longer counts; the row and its reason stay to be read."""
    allow(by, post, EDIT)
    row = found_in(Meal, post, meal.pk, "没有这条就餐记录，或不在您的辖区内。", "There is no such meal in your area.")
    if row.state != "counted":
        raise Refusal("voided", zh="这一餐本来就不计次。", en="This meal does not count anyway.")
    if not reason.strip():
        raise Refusal("reason_missing", zh="作废必须写明理由。", en="Say why it is voided.", field="reason")
    row.state, row.void_reason = "void", reason.strip()[:120]
    row.save(update_fields=["state", "void_reason"])
    audit.note("meals.void", "meal", row.pk, area_id=row.village_id)
    return row

"""Who looks in on whom: naming a helper or a paired volunteer, dated; handing over; ending."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from songhe.care.duties.access import allowed, covers, user_id
from songhe.care.duties.models import Assignment, Duty
from songhe.core import audit
from songhe.core.acting import everywhere
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post, User
from songhe.registry.people.models import Person


def name_helper(
    *, person: Person | int, helper: User | int, by, post=None, kind: str = "helper", on: date | None = None,
    reason: str = "",
) -> Assignment:  # fmt: skip
    """Name one person's helper from a day on; the one before ends that day. See `name_helpers`."""
    pair = (person if isinstance(person, int) else person.pk, user_id(helper))
    return name_helpers(pairs=[pair], by=by, post=post, kind=kind, on=on, reason=reason)[0]


@transaction.atomic
def name_helpers(
    *, pairs: Iterable[tuple[int, int]], by, post=None, kind: str = "helper", on: date | None = None, reason: str = ""
) -> list[Assignment]:
    """Name helpers for many people at once: [(person id, user id)], from `on` (today). All or none.

    Refused: a person outside the area, a helper who holds no post there that may record visits, a later naming that
    already stands. Duties of periods that still run pass to the new helper.
    """
    allowed(post, "helpers.manage")
    pairs = list(dict(pairs).items())
    on = on or timezone.localdate()
    people = _people([person for person, _ in pairs], post)
    _refuse_helpers(pairs, people)
    _refuse_later(people, kind, on)
    _end(people, kind, on)
    rows = [
        Assignment(
            person_id=pk, helper_id=helper, kind=kind, valid_from=on, by=user_id(by), reason=reason,
            village_id=people[pk].village_id, town_id=people[pk].town_id,
            county_id=people[pk].county_id, city_id=people[pk].city_id,
        )
        for pk, helper in pairs
    ]  # fmt: skip
    Assignment.objects.bulk_create(rows, batch_size=5000)
    _pass_duties(pairs, kind, on)
    if kind == "helper":
        _mark(list(people), True, on)
    area = people[pairs[0][0]].village_id if len(pairs) == 1 else None
    detail = {"kind": kind, "on": on.isoformat(), "pairs": [list(pair) for pair in pairs[:300]], "rows": len(pairs)}
    audit.note("helpers.name", "person", pairs[0][0] if len(pairs) == 1 else None, area_id=area, **detail)
    return rows


@transaction.atomic
def hand_over(
    *, from_helper: User | int, to_helper: User | int, by, post=None, people: Iterable[int] | None = None,
    kind: str = "helper", on: date | None = None, reason: str = "",
) -> list[Assignment]:  # fmt: skip
    """One helper's people, all or those given, pass to another from a day on: when somebody leaves or is ill."""
    allowed(post, "helpers.manage")
    on = on or timezone.localdate()
    held = _held_on(on).filter(helper=user_id(from_helper), kind=kind)
    held = held.visible_to(post) if post else held
    if people is not None:
        wanted = set(people)
        held = held.filter(person__in=wanted)
        if missing := wanted - set(held.values_list("person_id", flat=True)):
            raise Refusal(
                "not_this_helpers",
                zh=f"有 {len(missing)} 位老人在 {on} 不归这名帮扶人员，或不在您的辖区。请刷新名单后再选。",
                en=f"{len(missing)} of these people are not this helper's on {on}, or are outside your area. Reload the list.",
                field="people",
            )
    pairs = [(person, user_id(to_helper)) for person in held.values_list("person_id", flat=True)]
    return name_helpers(pairs=pairs, by=by, post=post, kind=kind, on=on, reason=reason) if pairs else []


@transaction.atomic
def end_helper(
    *, person: Person | int, by, post=None, kind: str = "helper", on: date | None = None, reason: str = ""
) -> int:
    """Nobody is named from this day on, until somebody is; returns how many assignments ended (0 or 1)."""
    allowed(post, "helpers.manage")
    on = on or timezone.localdate()
    people = _people([person if isinstance(person, int) else person.pk], post)
    ended = _end(people, kind, on)
    if ended:
        (pk,) = people
        _pass_duties([(pk, None)], kind, on)
        if kind == "helper":
            _mark([pk], False, on)
        audit.note("helpers.end", "person", pk, area_id=people[pk].village_id, on=on.isoformat(), reason=reason)
    return ended


def refresh_named(*, on: date | None = None) -> int:
    """Bring `Person.helper_named` in step with assignments that begin or end by date; nightly, inside `everywhere()`."""
    on = on or timezone.localdate()
    week = (on - timedelta(days=7), on)
    moved = Assignment.objects.filter(kind="helper").filter(Q(valid_from__range=week) | Q(valid_to__range=week))
    named = _held_on(on).filter(kind="helper", person__in=moved.values("person")).values("person")
    people = Person.objects.filter(pk__in=moved.values("person"))
    with transaction.atomic(), everywhere():
        return people.filter(helper_named=False, pk__in=named).update(helper_named=True) + people.filter(
            helper_named=True
        ).exclude(pk__in=named).update(helper_named=False)


def _held_on(on: date):
    return Assignment.objects.filter(Q(valid_to=None) | Q(valid_to__gt=on), valid_from__lte=on)


def _people(ids: list[int], post) -> dict[int, Person]:
    seen = Person.objects.visible_to(post) if post else Person.objects.all()
    found = seen.select_related("village").only(
        "village__functional_area", "village__province", "village__city", "village__county", "village__town",
        "town", "county", "city",
    ).in_bulk(ids)  # fmt: skip
    if missing := set(ids) - set(found):
        raise Refusal(
            "person_outside_area",
            zh=f"有 {len(missing)} 位老人不在您的辖区内或没有档案，未作任何改动。",
            en=f"{len(missing)} of these people are outside your area or not on file; nothing was changed.",
            field="person",
        )
    return found


def _refuse_helpers(pairs: list[tuple[int, int]], people: dict[int, Person]) -> None:
    today = timezone.localdate()
    posts: dict[int, list[Post]] = {}
    held = Post.objects.filter(user__in={helper for _, helper in pairs}, user__is_active=True).select_related("place")
    for each in held.filter(Q(valid_to=None) | Q(valid_to__gt=today)):
        posts.setdefault(each.user_id, []).append(each)
    for person, helper in pairs:
        mine = [each for each in posts.get(helper, []) if each.may("visits.record")]
        if not any(covers(each, people[person].village) for each in mine):
            raise Refusal(
                "helper_without_post",
                zh=f"账号 {helper} 在“{people[person].village}”没有可登记探访的岗位。请先在账号管理里设岗位，或换一名帮扶人员。",
                en=f'Account {helper} holds no post that may record visits in "{people[person].village}". Give it one first, or choose somebody else.',
                field="helper",
            )


def _refuse_later(people: dict[int, Person], kind: str, on: date) -> None:
    later = Assignment.objects.filter(person__in=list(people), kind=kind, valid_from__gt=on).exclude(valid_to__lte=on)
    if later.filter(Q(valid_to=None) | Q(valid_to__gt=on)).exists():
        raise Refusal(
            "later_helper_stands",
            zh="已经定好了以后的帮扶人员，不能插到它前面。请先结束那一条，或把开始日期改到它之后。",
            en="A later helper is already named. End that one first, or begin after it.",
            field="on",
        )


def _end(people: dict[int, Person], kind: str, on: date) -> int:
    with everywhere():  # the row may carry the village the person lived in before
        return _held_on(on).filter(person__in=list(people), kind=kind).update(valid_to=on)


def _pass_duties(pairs: list[tuple[int, int | None]], kind: str, on: date) -> None:
    """Duties of periods that end on or after the day belong to whoever is named now."""
    with everywhere(), connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE {Duty._meta.db_table} d SET helper_id = n.helper
            FROM unnest(%s::bigint[], %s::bigint[]) AS n(person, helper), duties_rule u
            WHERE d.person_id = n.person AND d.period_end >= %s AND u.id = d.rule_id AND u.by = %s
              AND d.helper_id IS DISTINCT FROM n.helper""",
            [[person for person, _ in pairs], [helper for _, helper in pairs], on, kind],
        )


def _mark(people: list[int], named: bool, on: date) -> None:
    if on <= timezone.localdate():
        with everywhere():
            Person.objects.filter(pk__in=people, helper_named=not named).update(helper_named=named)

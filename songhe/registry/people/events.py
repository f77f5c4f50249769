"""Verbs: what happened to a person — death, moves, institution, hospital, birthdays — and what changes with it.

Duties stand on the floor above and read `queries.closing_events`; nothing here knows of them.
"""

from datetime import date, timedelta

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from songhe.core import audit
from songhe.core.acting import everywhere
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post, User
from songhe.registry.people import rules, terms
from songhe.registry.people.models import Circumstance, LifeEvent, Person
from songhe.registry.people.standing import allow, areas_of, check_village, locked
from songhe.registry.places.models import Place, PlaceChange

MOVES = ("move_within", "move_in")


@transaction.atomic
def record_event(
    *,
    by: User | None,
    post: Post | None,
    person: Person,
    kind: str,
    on: date,
    village: Place | None = None,
    note: str = "",
    source: str = "",
) -> LifeEvent:
    """A life event; the person's status follows. `village`: where somebody moves to (needed for move_within).

    Moving reaches every village of the post's own county, so that a village office can report who left for another one;
    further away is a move out there and a move in here, done by an office whose area holds both. Raises Refusal.
    """
    user = allow(by, post, "people.edit")
    row = locked(post, person)
    _check(row, kind, on, village)
    made = _store(row, kind, on, note, source, user, {})
    if kind in MOVES and village is not None:
        _move(post, row, village, made, on, user)
    _restate(row, user, post)
    audit.note("people.event", "person", row.pk, area_id=made.village_id, kind=kind, on=str(on))
    person.refresh_from_db() if _visible(row) else None
    return made


def _check(person: Person, kind: str, on: date, village: Place | None) -> None:
    if kind not in rules.EFFECTS:
        known = "、".join(str(label) for code, label in terms.EVENTS if code in rules.EFFECTS)
        raise Refusal(
            "unknown_event",
            zh=f"没有“{kind}”这种事件。可登记：{known}。",
            en=f"There is no event “{kind}”.",
            field="kind",
        )
    if on > timezone.localdate():
        raise Refusal(
            "event_future",
            zh="事件日期在今天之后。请核对。",
            en="The event lies in the future. Check the date.",
            field="on",
        )
    if on < person.birth:
        raise Refusal(
            "event_before_birth",
            zh="事件日期早于出生日期。请核对。",
            en="The event lies before the birth. Check the date.",
            field="on",
        )
    if person.status == "deceased":
        raise Refusal(
            "deceased",
            zh="该老人已登记去世，不能再登记其他事件。登记有误的，请先撤销去世登记。",
            en="The file says deceased, so nothing else can be recorded. If that is wrong, undo it first.",
        )
    if kind == "move_within" and village is None:
        raise Refusal(
            "village_missing", zh="请选择迁入的村（社区）。", en="Choose the village of the move.", field="village"
        )
    if kind == "move_within" and village is not None and village.pk == person.village_id:
        raise Refusal(
            "same_village", zh="迁入的村就是现在的村。", en="That is where the person lives already.", field="village"
        )


def _store(person: Person, kind: str, on: date, note: str, source: str, user: int, detail: dict) -> LifeEvent:
    try:
        with transaction.atomic():
            return LifeEvent.objects.create(
                person=person,
                kind=kind,
                on=on,
                note=note[:200],
                source=source[:60],
                by=user,
                detail=detail,
                **areas_of(person),
            )
    except IntegrityError as error:
        if "life_event_once" not in str(error):
            raise
        raise Refusal(
            "event_twice",
            zh="这一天已登记过同一事件。",
            en="The same event is already on file for that day.",
            field="on",
        ) from None


def _move(post: Post | None, person: Person, village: Place, event: LifeEvent, on: date, user: int) -> None:
    """Put the person, and what is now open about them, into another village; what is past stays where it was."""
    near = post is not None and village.county_id is not None and village.county_id == person.county_id
    check_village(None if near else post, village, on)
    detail = {"from": person.village_id, "to": village.pk}
    areas = village.areas()
    with everywhere(
        user_id=user, post_id=post.pk if post else 0
    ):  # the row leaves the post's area within this statement
        LifeEvent.objects.filter(pk=event.pk).update(detail=detail)
        Person.objects.filter(pk=person.pk).update(**areas, changed_at=timezone.now(), changed_by=user)
        Circumstance.objects.filter(person=person, valid_to=None).update(**areas)
    event.detail = detail
    for column, value in areas.items():
        setattr(person, column, value)


def _restate(person: Person, user: int, post: Post | None) -> None:
    """Write status and its first day from the events that stand."""
    with everywhere(user_id=user, post_id=post.pk if post else 0):
        standing = LifeEvent.objects.filter(person_id=person.pk, undone_at=None)
        status, since = rules.status_after(standing.values_list("on", "pk", "kind"))
        if (status, since) != (person.status, person.status_from):
            now = timezone.now()
            Person.objects.filter(pk=person.pk).update(
                status=status, status_from=since, changed_at=now, changed_by=user
            )
            person.status, person.status_from = status, since


def _visible(person: Person) -> bool:
    return Person.objects.filter(pk=person.pk).exists()


@transaction.atomic
def undo_event(*, by: User | None, post: Post | None, event: LifeEvent, reason: str = "") -> LifeEvent:
    """An event was recorded by mistake: it stays with the date of its undoing, and the status goes back.

    Only the latest move can be undone. Raises Refusal.
    """
    user = allow(by, post, "people.edit")
    row = LifeEvent.objects.select_for_update(of=("self",)).filter(pk=event.pk).first()
    if row is None or row.undone_at is not None:
        raise Refusal(
            "no_such_event", zh="这条事件不存在或已撤销。", en="There is no such event, or it was undone already."
        )
    person = locked(post, row.person)
    moved = row.detail.get("from")
    if moved and LifeEvent.objects.filter(person=person, undone_at=None, pk__gt=row.pk, kind__in=MOVES).exists():
        raise Refusal(
            "later_move", zh="之后还有一次迁居，请先撤销后一次。", en="There is a later move; undo that one first."
        )
    row.undone_at = timezone.now()
    row.save(update_fields=["undone_at"])
    if moved:
        back = Place.objects.get(pk=moved)
        with everywhere(user_id=user, post_id=post.pk if post else 0):
            Person.objects.filter(pk=person.pk).update(**back.areas(), changed_at=timezone.now(), changed_by=user)
            Circumstance.objects.filter(person=person, valid_to=None).update(**back.areas())
    _restate(person, user, post)
    audit.note("people.undo_event", "person", person.pk, area_id=row.village_id, kind=row.kind, reason=reason[:120])
    return row


# what happens by itself ----------------------------------------------------------------------------------------------

_TURNED = """
INSERT INTO people_lifeevent (person_id, kind, "on", note, detail, source, by, recorded_at, village_id, town_id, county_id, city_id)
SELECT p.id, %s, %s, '', '{}', '系统', 0, now(), p.village_id, p.town_id, p.county_id, p.city_id
FROM people_person p
WHERE p.birth = ANY(%s) AND p.merged_into_id IS NULL AND p.status IN ('living', 'institution')
ON CONFLICT (person_id, kind, "on") WHERE undone_at IS NULL DO NOTHING
"""


@transaction.atomic
def note_birthdays(*, on: date, since: date | None = None) -> int:
    """The daily job: who turned 60, 65, 80, 90 or 100 on a day (or since one, inclusive). Run everywhere(); again adds nothing.

    Returns how many events were added.
    """
    added, day = 0, since or on
    with connection.cursor() as cursor:
        while day <= on:
            for age in rules.BIRTHDAYS:
                births = rules.born_to_turn(age, day)
                if births:
                    cursor.execute(_TURNED, [f"turned_{age}", day, births])
                    added += cursor.rowcount
            day += timedelta(days=1)
    audit.note("people.note_birthdays", "person", on=str(on), since=str(since or on), added=added)
    return added


@transaction.atomic
def follow_change(
    *, by: User | None, post: Post | None, change: PlaceChange, to: dict[int, Place] | None = None
) -> int:
    """After villages merged or split, their people belong to the new ones; history keeps the old. Returns how many moved.

    A merge, renaming or new code has one village after it; a split needs `to` (person id -> village). Raises Refusal.
    """
    user = allow(by, post, "people.edit")
    before, after = list(change.before.all()), list(change.after.all())
    if to is None and len(after) != 1:
        raise Refusal(
            "split_needs_assignment",
            zh="村（社区）拆分后须逐人指定新村。请在名单中选择后再办。",
            en="After a split each person's new village must be chosen.",
        )
    targets = _targets(after, to)
    now, moved = timezone.now(), 0
    seen = Person.objects.visible_to(post) if post else Person.objects.all()
    these = [
        (village, list((seen if chosen is None else seen.filter(pk__in=chosen)).filter(village__in=before).values_list("pk", flat=True)))
        for village, chosen in targets
    ]  # fmt: skip
    with everywhere(user_id=user, post_id=post.pk if post else 0):
        for village, ids in these:
            check_village(post, village, change.on)
            moved += Person.objects.filter(pk__in=ids).update(**village.areas(), changed_at=now, changed_by=user)
            Circumstance.objects.filter(person_id__in=ids, valid_to=None).update(**village.areas())
    audit.note("people.follow_change", "place_change", change.pk, moved=moved)
    return moved


def _targets(after: list[Place], to: dict[int, Place] | None) -> list[tuple[Place, list[int] | None]]:
    """[(village, person ids; None for everybody)]; refuses a village that did not come of the change."""
    if to is None:
        return [(after[0], None)]
    strange = set(to.values()) - set(after)
    if strange or not to:
        raise Refusal(
            "not_of_this_change",
            zh=f"“{'、'.join(str(v) for v in strange) or '（没有选人）'}”不能选。请为名单中的人选择这次变更后的村（社区）：{'、'.join(str(v) for v in after)}。",
            en=f"Choose, for people of the list, among the villages that came of this change: {', '.join(str(v) for v in after)}.",
            field="village",
        )
    by_village: dict[Place, list[int]] = {}
    for person, village in to.items():
        by_village.setdefault(village, []).append(person)
    return list(by_village.items())

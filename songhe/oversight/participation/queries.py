"""Questions: bodies with their seats as of a day, meetings and what became of their decisions, data requests and answers."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Q, QuerySet

from songhe.oversight.ledger import queries as ledger
from songhe.oversight.ledger.access import items_of
from songhe.oversight.ledger.models import Item
from songhe.oversight.ledger.rules import State
from songhe.oversight.participation import rules
from songhe.oversight.participation.models import Body, DataRequest, Decision, Meeting, Membership
from songhe.registry.accounts.models import Post
from songhe.registry.places.models import Place


@dataclass(frozen=True)
class Followed:
    """A decision with the line it became and that line's state on the day; None while it is not in the ledger."""

    decision: Decision
    item: Item | None
    state: State | None


def _seen(model, post: Post | None, place: Place | None) -> QuerySet:
    found = model.objects.visible_to(post) if post else model.objects.all()
    if place is not None:
        found = found.inside(place)
    return found.select_related("place")


def bodies(*, post: Post | None, place: Place | None = None, on: date) -> QuerySet[Body]:
    """Bodies that exist on a day, with `seats` and `held` (meetings)."""
    standing = Q(memberships__valid_from__lte=on) & (Q(memberships__valid_to=None) | Q(memberships__valid_to__gt=on))
    found = _seen(Body, post, place).filter(Q(valid_to=None) | Q(valid_to__gt=on), valid_from__lte=on)
    return found.order_by("name").annotate(
        seats=Count("memberships", filter=standing, distinct=True), held=Count("meetings", distinct=True)
    )


def body(*, post: Post | None, pk: int) -> Body | None:
    return _seen(Body, post, None).filter(pk=pk).first()


def seats(row: Body, on: date) -> list[Membership]:
    """Who sits in a body on a day: convener and office first, then as listed."""
    held = row.memberships.filter(valid_from__lte=on).exclude(valid_to__lte=on)
    order = {"convener": 0, "office": 1, "member": 2}
    return sorted(held, key=lambda seat: (order[seat.role], seat.pk))


def meetings(*, post: Post | None, place: Place | None = None) -> QuerySet[Meeting]:
    """Meetings, newest first, with how many minutes and decisions each has and how many are not in the ledger yet."""
    return _seen(Meeting, post, place).select_related("body").order_by("-on", "-pk").annotate(
        kept=Count("minutes", distinct=True), decided=Count("decisions", distinct=True),
        loose=Count("decisions", filter=Q(decisions__item=None), distinct=True),
    )  # fmt: skip


def meeting(*, post: Post | None, pk: int) -> Meeting | None:
    return meetings(post=post).filter(pk=pk).first()


def state_of(row: Meeting, on: date) -> str:
    """planned, due, held, called_off; `row` comes from `meetings`."""
    return rules.meeting_state(held_on=row.on, minutes=row.kept, called_off=row.called_off, on=on)  # type: ignore[attr-defined]


def attendance(row: Meeting) -> list[tuple[Membership, str]]:
    """Every member of that day with the newest mark ("" where none)."""
    marks = {each.membership_id: each.mark for each in row.attendance.order_by("pk")}
    return [(seat, marks.get(seat.pk, "")) for seat in seats(row.body, row.on)]


def followed(
    *, post: Post | None, on: date, meeting: Meeting | None = None, place: Place | None = None
) -> list[Followed]:
    """Decisions (of one meeting, or of an area) with the state of the lines they became."""
    found = Decision.objects.filter(meeting__in=_seen(Meeting, post, place).values("pk")).select_related("meeting")
    if meeting is not None:
        found = found.filter(meeting=meeting)
    rows = list(found.order_by("-meeting__on", "meeting", "order"))
    items = {item.pk: item for item in items_of(post).select_related("place").filter(pk__in=[r.item_id for r in rows])}
    states = ledger.states(list(items.values()), on=on)
    return [Followed(row, items.get(row.item_id), states.get(row.item_id)) for row in rows]


def requests(*, post: Post | None, place: Place | None = None) -> QuerySet[DataRequest]:
    """Data requests, unanswered ones first, by deadline."""
    return _seen(DataRequest, post, place).order_by(F("answered_on").asc(nulls_first=True), "due_on", "pk")


def request(*, post: Post | None, pk: int) -> DataRequest | None:
    return _seen(DataRequest, post, None).filter(pk=pk).first()


def request_state(row: DataRequest, on: date) -> str:
    return rules.request_state(due_on=row.due_on, answered_on=row.answered_on, on=on)

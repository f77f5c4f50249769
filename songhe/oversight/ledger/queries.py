"""Questions of the ledger: lines with their state as of a day, counts by state, one line with its whole history."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Max, Min, Q, QuerySet
from django.utils import timezone

from songhe.core.refusal import Refusal
from songhe.oversight.ledger import rules
from songhe.oversight.ledger.access import items_of
from songhe.oversight.ledger.definitions import terms
from songhe.oversight.ledger.models import Change, CloseOut, Drive, Item, Layout, Problem, Progress, Reminder, Sheet
from songhe.registry.accounts.models import Post, User
from songhe.registry.accounts.rules import MATRIX
from songhe.registry.places.models import Place


@dataclass(frozen=True)
class Line:
    """An item with its state on the day asked about, what is done so far, and the newest words."""

    item: Item
    state: rules.State
    due_on: date
    progress: Progress | None

    @property
    def days_left(self) -> int:
        return (self.due_on - timezone.localdate()).days


# states --------------------------------------------------------------------------------------------------------------


def states(items: Sequence[Item], *, on: date) -> dict[int, rules.State]:
    """{item id: state} as of a day: what was recorded later does not count, and a later change of deadline is taken back."""
    known = {item.pk: item for item in items}
    facts = _facts(known, on)
    late = _late_below(list(known), on)
    limits = {"due_within_days": terms().due_within_days, "quiet_days": terms().quiet_days}
    return {
        pk: rules.state(rules.Facts(**(fact | {"late_below": late.get(pk, 0)})), on=on, **limits)
        for pk, fact in facts.items()
    }


def _facts(items: dict[int, Item], on: date) -> dict[int, dict]:
    pks = list(items)
    problems = dict(
        Problem.objects.filter(item__in=pks, raised_on__lte=on)
        .filter(Q(settled_on=None) | Q(settled_on__gt=on))
        .values_list("item").annotate(Min("due_on"))
    )  # fmt: skip
    progress = dict(Progress.objects.filter(item__in=pks, on__lte=on).values_list("item").annotate(Max("on")))
    closings = _closings(pks, on)
    dues, starts = dates_then(items, on)
    return {
        pk: {
            "starts_on": starts[pk], "due_on": dues[pk], "problem_due": problems.get(pk), "progress_on": progress.get(pk),
            "withdrawn_on": item.withdrawn_on if item.withdrawn_on and item.withdrawn_on <= on else None,
            **closings.get(pk, {}),
        }
        for pk, item in items.items()
    }  # fmt: skip


def _closings(pks: list[int], on: date) -> dict[int, dict]:
    """{item: {asked_on, closed_on?}} of the request that stood on the day."""
    found = {}
    for row in CloseOut.objects.filter(item__in=pks, asked_on__lte=on).order_by("pk"):
        ended = row.ended_on and row.ended_on <= on
        reopened = row.reopened_on and row.reopened_on <= on
        if reopened or (row.state == "returned" and ended):
            found.pop(row.item_id, None)
        elif ended:
            found[row.item_id] = {"asked_on": row.asked_on, "closed_on": row.ended_on}
        else:
            found[row.item_id] = {"asked_on": row.asked_on}
    return found


def dates_then(items: dict[int, Item], on: date) -> tuple[dict[int, date], dict[int, date]]:
    """(deadlines, starts) as they stood at the end of a day: changes approved later are taken back."""
    dues = {pk: item.due_on for pk, item in items.items()}
    starts = {pk: item.starts_on for pk, item in items.items()}
    later = Change.objects.filter(item__in=list(items), verdict="approved", decided_at__date__gt=on)
    for change in later.order_by("-decided_at"):
        for column, kept in (("due_on", dues), ("starts_on", starts)):
            if change.before.get(column):
                kept[change.item_id] = date.fromisoformat(change.before[column])
    return dues, starts


def _late_below(pks: list[int], on: date) -> dict[int, int]:
    """How many sub-items are past their deadline and neither closed nor waiting."""
    rows = Item.objects.filter(parent__in=pks, due_on__lt=on, withdrawn_on=None)
    rows = rows.filter(Q(closed_on=None) | Q(closed_on__gt=on)).filter(Q(asked_on=None) | Q(asked_on__gt=on))
    return dict(rows.values_list("parent").annotate(Count("pk")))


# lists ---------------------------------------------------------------------------------------------------------------

FILTERS = ("programme", "target", "unit", "q", "kind", "person")


def items(*, post: Post | None, place: Place | None = None, **filters: str) -> QuerySet[Item]:
    """Lines of a post's area, or of a place inside it, by deadline. Unknown filters are refused, never ignored."""
    unknown = set(filters) - set(FILTERS)
    if unknown:
        raise Refusal("unknown_filter", zh=f"没有这种筛选：{'、'.join(sorted(unknown))}。", en=f"No such filter: {', '.join(sorted(unknown))}.")  # fmt: skip
    found = items_of(post)
    if place is not None:
        found = found.inside(place)
    for name in ("programme", "target", "kind", "person"):
        if filters.get(name):
            found = found.filter(**{name: filters[name]})
    if filters.get("unit"):
        found = found.filter(Q(lead_unit=filters["unit"]) | Q(cooperating_units__contains=[filters["unit"]]))
    if filters.get("q"):
        found = found.filter(Q(title__icontains=filters["q"]) | Q(detail__icontains=filters["q"]))
    return found.select_related("place", "parent").order_by("due_on", "pk")


def lines(found: Iterable[Item], *, on: date, states_wanted: Iterable[str] = ()) -> list[Line]:
    """Items with their states on a day, those of the wanted states only (all but withdrawn ones by default)."""
    rows = [item for item in found if item.opened_at.date() <= on or item.starts_on <= on]
    if not rows:
        return []
    known = states(rows, on=on)
    wanted = set(states_wanted) or set(rules.STATES) - {"withdrawn"}
    dues, _starts = dates_then({item.pk: item for item in rows}, on)
    newest = _newest([item.pk for item in rows], on)
    return [
        Line(item, known[item.pk], dues[item.pk], newest.get(item.pk)) for item in rows if known[item.pk].name in wanted
    ]


def late_count(*, post: Post | None, place: Place | None, on: date) -> int:
    """How many lines are late on a day, as `lines(…, states_wanted=["late"])` counts them; only what could be late is read."""
    found = items_of(post)
    if place is not None:
        found = found.inside(place)
    could = Q(due_on__lt=on)
    if on < timezone.localdate():  # a deadline that was moved since may have passed then
        could |= Q(changes__verdict="approved", changes__decided_at__date__gt=on)
    rows = found.filter(could).filter(Q(closed_on=None) | Q(closed_on__gt=on)).distinct()
    return len(lines(rows, on=on, states_wanted=["late"]))


def _newest(pks: list[int], on: date) -> dict[int, Progress]:
    rows = Progress.objects.filter(item__in=pks, on__lte=on, amended_by=None).order_by("on", "pk")
    return {row.item_id: row for row in rows}


def counts(found: Sequence[Line]) -> dict[str, int]:
    """How many lines are in each state; all states are named, withdrawn ones last."""
    by = Counter(line.state.name for line in found)
    return {name: by.get(name, 0) for name in rules.STATES}


def units(*, post: Post | None, place: Place | None = None) -> list[str]:
    """Units that lead something here, for the filter."""
    return list(items(post=post, place=place).order_by("lead_unit").values_list("lead_unit", flat=True).distinct())


def problems(*, post: Post | None, programme: str, on: date) -> list[Problem]:
    """What is in the way of a programme's lines on a day and not settled yet, by its own deadline."""
    found = Problem.objects.filter(item__in=items(post=post, programme=programme).values("pk"), raised_on__lte=on)
    found = found.filter(Q(settled_on=None) | Q(settled_on__gt=on))
    return list(found.select_related("item", "item__place").order_by("due_on", "pk")[:100])


def programmes(*, post: Post | None, place: Place | None = None) -> list[str]:
    found = items(post=post, place=place).exclude(programme="").order_by("programme")
    return list(found.values_list("programme", flat=True).distinct())


def closed_counts(
    *, programme: str, target: str, places: Sequence[Place], on: date, since: date | None = None
) -> dict[int, tuple[int, int]]:
    """{place id: (lines closed, lines taken on)} of a programme's target by the end of a day; closed late counts as closed.

    A place without a line is absent. Only lines without sub-items count, so that a total and its parts are not counted
    twice. A line opened again after the day counts as closed on it; with `since`, only what was closed from that day on.
    Runs as whoever asks: rows outside the transaction's area are not seen.
    """
    asked, sums = {place.pk for place in places}, {}
    for line in counted_lines(programme=programme, target=target, on=on, since=since):
        for place in asked.intersection(line.held):
            done, all_of_it = sums.get(place, (0, 0))
            sums[place] = (done + (line.closed_on is not None), all_of_it + 1)
    return sums


@dataclass(frozen=True)
class Counted:
    """A line that a goal counts: `held` the ids of its place and those above, `closed_on` None while it is open."""

    id: int
    held: tuple[int | None, ...]
    closed_on: date | None


def counted_lines(*, programme: str, target: str, on: date, since: date | None = None) -> list[Counted]:
    """The lines behind `closed_counts`."""
    ended = CloseOut.objects.filter(state__in=("closed", "reopened"), ended_on__lte=on)
    ended = ended.filter(Q(reopened_on=None) | Q(reopened_on__gt=on))
    closed = dict((ended.filter(ended_on__gte=since) if since else ended).values_list("item", "ended_on"))
    found = Item.objects.filter(programme=programme, target=target, sub_items=None, starts_on__lte=on)
    found = found.filter(Q(withdrawn_on=None) | Q(withdrawn_on__gt=on)).order_by("pk")
    areas = ("place_id", "village_id", "town_id", "county_id", "city_id")
    return [Counted(pk, tuple(held), closed.get(pk)) for pk, *held in found.values_list("pk", *areas)]


def closed_count(*, programme: str, target: str, place: Place, on: date) -> int:
    """How many lines of a programme's target were closed in a place by the end of a day (see `closed_counts`)."""
    return closed_counts(programme=programme, target=target, places=[place], on=on).get(place.pk, (0, 0))[0]


# one line ------------------------------------------------------------------------------------------------------------


def item(*, post: Post | None, pk: int) -> Item | None:
    """A line that a post may see, with its place and the line above (None where that is outside the area)."""
    return items_of(post).select_related("place", "parent", "layout").filter(pk=pk).first()


def signers_for(row: Item) -> list[tuple[User, Post]]:
    """Accounts that may sign for an item's area today, widest area first."""
    roles = [role for role, held in MATRIX.items() if "ledger.sign" in held]
    above = [pk for pk in (row.village_id, row.town_id, row.county_id, row.city_id) if pk]
    posts = Post.objects.filter(role__in=roles, place__in=above, user__is_active=True)
    found = posts.held_on(timezone.localdate()).select_related("user", "place").order_by("role", "pk")
    return list({post.user_id: (post.user, post) for post in found}.values())


def events(row: Item) -> list[dict]:
    """Everything that happened to an item, newest first: [{when, kind, by, ...the row}]."""
    out: list[dict] = [{"when": row.opened_at, "day": row.opened_at.date(), "kind": "opened", "by": row.opened_by, "row": row}]  # fmt: skip
    out += [{"when": p.at, "day": p.on, "kind": "progress", "by": p.by, "row": p}
            for p in row.progress.select_related("amended_by").prefetch_related("evidence")]  # fmt: skip
    for problem in row.problems.prefetch_related("steps"):
        out.append({"when": problem.at, "day": problem.raised_on, "kind": "problem", "by": problem.by, "row": problem})
        out += [{"when": s.at, "day": s.on, "kind": "coordination", "by": s.by, "row": s} for s in problem.steps.all()]
    for change in row.changes.all():
        out.append({"when": change.at, "day": change.at.date(), "kind": "change", "by": change.by, "row": change})
        if change.decided_at:
            out.append({"when": change.decided_at, "day": change.decided_at.date(), "kind": "decided",
                        "by": change.decided_by, "row": change})  # fmt: skip
    for close_out in row.close_outs.prefetch_related("signers__user"):
        out.append({"when": close_out.at, "day": close_out.asked_on, "kind": "asked", "by": close_out.asked_by, "row": close_out})  # fmt: skip
        out += [{"when": s.at, "day": s.at.date(), "kind": "signed", "by": s.user_id, "row": s}
                for s in close_out.signers.all() if s.at]  # fmt: skip
    out += [{"when": r.at, "day": r.at.date(), "kind": "reminder", "by": r.by, "row": r} for r in row.reminders.all()]
    for chosen in row.looked_at.select_related("drive").prefetch_related("findings"):
        out += [{"when": f.at, "day": f.on, "kind": "finding", "by": f.by, "row": f, "drive": chosen.drive}
                for f in chosen.findings.all()]  # fmt: skip
    return sorted(out, key=lambda event: event["when"], reverse=True)


def reminder(*, post: Post | None, pk: int) -> Reminder | None:
    found = Reminder.objects.filter(item__in=items_of(post).values("pk")).select_related("item", "item__place")
    return found.filter(pk=pk).first()


# rounds, layouts, waiting --------------------------------------------------------------------------------------------


def drives(*, post: Post | None, place: Place | None = None) -> QuerySet[Drive]:
    """Rounds of an area, newest first, with how many items were looked at and how many slipped."""
    found = Drive.objects.visible_to(post) if post else Drive.objects.all()
    if place is not None:
        found = found.inside(place)
    return found.select_related("place").order_by("-starts_on", "-pk").annotate(
        total=Count("chosen"), seen=Count("chosen", filter=~Q(chosen__verdict="")),
        slipped=Count("chosen", filter=Q(chosen__verdict="slipped")),
    )  # fmt: skip


def layouts(*, post: Post | None) -> QuerySet[Layout]:
    """Layouts of the area and (for reading) nothing else, by name."""
    return (Layout.objects.visible_to(post) if post else Layout.objects.all()).order_by("name")


def sheets(*, post: Post | None) -> QuerySet[Sheet]:
    found = Sheet.objects.visible_to(post) if post else Sheet.objects.all()
    return found.select_related("layout", "place").order_by("-pk")


def waiting_for(*, post: Post) -> dict[str, list]:
    """What an account has to do: close-outs to sign, changes to decide."""
    return {name: list(rows.select_related("item")[:50]) for name, rows in _waiting(post).items()}


def waiting_count(*, post: Post) -> int:
    """How many close-outs and changes wait for an account."""
    return sum(rows.order_by().count() for rows in _waiting(post).values())


def _waiting(post: Post) -> dict[str, QuerySet]:
    seen = items_of(post).values("pk")
    sign = CloseOut.objects.filter(state="waiting", item__in=seen, signers__user=post.user_id, signers__verdict="")
    decide = Change.objects.filter(verdict="", item__in=seen).exclude(by=post.user_id)
    return {"sign": sign, "decide": decide if post.may("ledger.approve") else decide.none()}

"""The live board, one order with its history, and the lists of workers: what the desk shows."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Case, Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, When, Window
from django.db.models.functions import RowNumber
from django.utils import timezone
from django.utils.translation import get_language

from songhe.care.services import definitions, terms
from songhe.care.services.models import Certificate, Crew, Dispatch, Order, Provider, Step, Worker, own
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import User
from songhe.registry.people.queries import files_of
from songhe.registry.places.models import Place

HIDDEN = (
    "person__search", "person__id_sealed", "person__phone_sealed", "person__address_sealed", "village__outline",
)  # fmt: skip
COLUMNS = ("waiting", "returned", "dispatched", "accepted", "serving", "done")
NEWEST = 60  # steps by which the board knows that nothing has happened; far more than are ever written at once
FILTERS = ("state", "kind", "urgency", "provider", "late", "day", "person", "funding")


def _crew() -> Prefetch:
    crew = Crew.objects.select_related("worker").order_by("pk")
    live = Dispatch.objects.filter(ended_at=None).select_related("provider__organisation")
    return Prefetch("dispatches", live.prefetch_related(Prefetch("crew", crew)), to_attr="live")


def orders(*, post, place: Place | None = None, now: datetime | None = None, **given: str) -> QuerySet[Order]:
    """Orders of a place by filter (FILTERS), without order or page. Raises Refusal for a filter that is not understood."""
    found = Order.objects.visible_to(post) if post else Order.objects.all()
    found = found.inside(place) if place is not None else found
    choices: Mapping[str, set[str]] = {
        "state": {"open", "mine", "delivered", *dict(terms.STATES)}, "kind": set(dict(terms.KINDS)),
        "urgency": set(dict(terms.URGENCIES)), "funding": set(dict(terms.FUNDING)), "late": {"only"},
    }  # fmt: skip
    for name, value in given.items():
        if not value:
            continue
        if name not in FILTERS or (name in choices and value not in choices[name]):
            raise _unknown(name, value)
        found = _narrow(found, name, value, now or timezone.now())
    return found


def _narrow(found: QuerySet[Order], name: str, value: str, now: datetime) -> QuerySet[Order]:
    match name:
        case "state" if value == "open":
            return found.filter(state__in=terms.OPEN)
        case "state" if value == "delivered":
            return found.filter(state__in=terms.DELIVERED)
        case "state":
            return found.filter(state=value)
        case "kind":
            return found.filter(item__kind=value)
        case "late":
            return found.filter(late_q(now))
        case "day":
            try:
                return found.filter(service_on=date.fromisoformat(value))
            except ValueError:
                raise _unknown(name, value) from None
        case "provider" | "person":
            if not value.isdigit():
                raise _unknown(name, value)
            if name == "person":
                return found.filter(person__in=files_of(int(value)))
            return found.filter(pk__in=Dispatch.objects.filter(provider=int(value), ended_at=None).values("order"))
    return found.filter(**{name: value})


def _unknown(name: str, value: str) -> Refusal:
    return Refusal(
        "unknown_filter",
        zh=f"筛选条件“{name} = {value[:40]}”看不懂，没有给出名单。请改用页面上的筛选项。",
        en=f"The filter “{name} = {value[:40]}” is not understood, so nothing is listed. Use the filters on the page.",
        field=name,
    )


def late_q(now: datetime) -> Q:
    """Orders whose clock has run out: not dispatched in time, or nobody there in time."""
    return Q(state__in=terms.TO_DISPATCH, dispatch_due_at__lt=now) | Q(
        state__in=("waiting", "returned", "dispatched", "accepted"), arrive_due_at__lt=now
    )


def clock_of(order: Order, now: datetime) -> tuple[datetime | None, str]:
    """(the moment that counts next, light): red past it, yellow within a quarter of the time given, else green."""
    if order.state in terms.TO_DISPATCH:
        due = order.dispatch_due_at
    elif order.state in ("dispatched", "accepted"):
        due = order.arrive_due_at
    else:
        return None, "none"
    if due < now:
        return due, "red"
    given = due - order.asked_at
    return due, "yellow" if due - now < given / 4 else "green"


@dataclass(frozen=True)
class Board:
    """`columns`: [(state, rows, how many there are)]; the most pressing first in each, at most `limit` of them."""

    columns: list[tuple[str, list[Order], int]]
    late: int


def board(*, post, place: Place | None = None, now: datetime | None = None, limit: int = 30) -> Board:
    """What is open now and what was finished today: one statement for the counts, one for the rows of all columns, two for crews."""
    now = now or timezone.now()
    base = orders(post=post, place=place)
    base = base.filter(Q(state__in=terms.OPEN) | Q(state="done", service_on=timezone.localdate(now)))
    counted = base.order_by().values("state").annotate(n=Count("pk"), late=Count("pk", filter=late_q(now)))
    counts = {row["state"]: row for row in counted}
    due = Case(
        When(state__in=terms.TO_DISPATCH, then="dispatch_due_at"),
        When(state="done", then=None),
        default="arrive_due_at",
    )
    turn = Window(RowNumber(), partition_by="state", order_by=[due.asc(), F("finished_at").desc(), F("pk").asc()])
    rows = base.select_related("person", "village", "item").defer(*HIDDEN).annotate(turn=turn).filter(turn__lte=limit)
    found: dict[str, list[Order]] = {state: [] for state in COLUMNS}
    for row in rows.order_by("turn").prefetch_related(_crew()) if counts else ():
        found[row.state].append(row)
    columns = [(state, found[state], counts[state]["n"] if state in counts else 0) for state in COLUMNS]
    return Board(columns, sum(row["late"] for row in counts.values()))


def pulse(*, post, place: Place | None = None, now: datetime | None = None) -> str:
    """Another text whenever the board would show something else: after any step in the area, and each minute (clocks run).

    The newest steps and not the newest alone: a step with a smaller number may be seen later, when its transaction ends.
    """
    now = now or timezone.now()
    newest = Step.objects.filter(order__in=orders(post=post, place=place).values("pk")).order_by("-pk")
    numbers = list(newest.values_list("pk", flat=True)[:NEWEST])
    said = f"{now:%Y%m%d%H%M} {numbers} {get_language()}"
    return hashlib.sha256(said.encode()).hexdigest()[:20]


def page(*, post, place: Place | None = None, after: str = "", limit: int = 50, now=None, **given: str):
    """(rows, cursor) of a list, the newest service day first."""
    found = orders(post=post, place=place, now=now, **given)
    if after:
        day, _, pk = after.rpartition("~")
        try:
            edge, number = date.fromisoformat(day), int(pk)
        except ValueError:
            raise _unknown("after", after) from None
        found = found.filter(Q(service_on__lt=edge) | Q(service_on=edge, pk__lt=number))
    rows = found.select_related("person", "village", "item").defer(*HIDDEN).prefetch_related(_crew())
    rows = list(rows.order_by("-service_on", "-pk")[: limit + 1])
    more, rows = len(rows) > limit, rows[:limit]
    return rows, f"{rows[-1].service_on.isoformat()}~{rows[-1].pk}" if more else ""


def counted(found: QuerySet[Order]) -> tuple[int, bool]:
    """(how many, whether there are more than are counted)."""
    total = found.order_by()[: settings.CAPPED_COUNT + 1].count()
    return min(total, settings.CAPPED_COUNT), total > settings.CAPPED_COUNT


def order(*, post, pk: int) -> Order | None:
    """One order inside the area with person, place and service."""
    found = Order.objects.visible_to(post) if post else Order.objects.all()
    found = found.select_related("person", "village", "item").defer(*HIDDEN)
    return found.filter(pk=pk).prefetch_related(_crew()).first()


@dataclass(frozen=True)
class Told:
    """A step of the history with the name of who took it and the provider it was about."""

    step: Step
    who: str
    provider: str
    reason: str


def history(found: Order) -> list[Told]:
    """Every step, the first one first."""
    steps = list(Step.objects.filter(order=found).select_related("dispatch__provider__organisation").order_by("pk"))
    names = {user.pk: str(user) for user in User.objects.filter(pk__in={step.by for step in steps})}
    return [
        Told(
            step, names.get(step.by, ""), str(step.dispatch.provider) if step.dispatch else "",
            str(terms.REASONS.get(step.reason, "")),
        )
        for step in steps
    ]  # fmt: skip


def recent_of(*, post, person: int, limit: int = 8, crew: str = "yes") -> list[Order]:
    """A person's newest orders that the post may see, with who was sent unless `crew` is "no"."""
    found = Order.objects.visible_to(post).filter(person__in=files_of(person)).select_related("item")
    found = found.select_related("person").defer(*HIDDEN[:-1]).prefetch_related(_crew()) if crew == "yes" else found
    return list(found.order_by("-service_on", "-pk")[:limit])


def sla(*, post, place: Place | None = None, first: date, last: date) -> dict[str, int]:
    """{orders, dispatched_in_time, arrived, arrived_in_time} of orders of service days first..last that were not called off."""
    from django.db.models import F, Min

    base = orders(post=post, place=place).filter(service_on__range=(first, last)).exclude(state="cancelled")
    sent = base.annotate(sent=Min("dispatches__made_at"))
    came = base.filter(started_at__isnull=False)
    return {
        "orders": base.count(),
        "dispatched": sent.filter(sent__isnull=False).count(),
        "dispatched_in_time": sent.filter(sent__lte=F("dispatch_due_at")).count(),
        "arrived": came.count(),
        "arrived_in_time": came.filter(started_at__lte=F("arrive_due_at")).count(),
    }


# who serves ------------------------------------------------------------------------------------------------------------


def workers(*, post, on: date | None = None, provider: int | None = None) -> QuerySet[Worker]:
    """Workers of the area on a day with how many certificates run out within sixty days or have run out."""
    on = on or timezone.localdate()
    seen = Worker.objects.visible_to(post) if post else Worker.objects.all()
    seen = seen.filter(provider=provider) if provider else seen
    soon = Certificate.objects.filter(worker=OuterRef("pk"), valid_to__lt=on + timedelta(days=60))
    renewed = Certificate.objects.filter(
        Q(valid_to=None) | Q(valid_to__gte=on + timedelta(days=60)), worker=OuterRef("worker"), kind=OuterRef("kind")
    )
    soon = soon.filter(~Exists(renewed))
    found = seen.on(on).annotate(running_out=Exists(soon))
    return found.select_related("provider__organisation", "place").defer("place__outline").order_by("provider", "pk")


def providers(*, post, on: date | None = None) -> QuerySet[Provider]:
    """Providers that serve somewhere in the post's area (for a manager: their own), with how many workers."""
    on = on or timezone.localdate()
    found = Provider.objects.on(on).select_related("organisation")
    if post is not None and post.role == "operator":
        found = own(found, post, "pk")
    elif post is not None and post.role == "care_worker":
        found = found.filter(workers__user=post.user_id)
    elif post is not None:
        found = found.filter(areas__in=_near(post))
    return found.distinct().order_by("organisation__name", "pk")


def _near(post) -> QuerySet[Place]:
    """Places inside a post's area and those it lies in."""
    up = [post.place.province_id, post.place.city_id, post.place.county_id, post.place.town_id, post.place_id]
    return Place.objects.filter(Q(pk__in=[pk for pk in up if pk]) | post.inside_q())


def overdue_answers(*, post, place: Place | None = None, now: datetime | None = None) -> list[Order]:
    """Dispatched orders whose provider has not answered in the time it has."""
    now = now or timezone.now()
    late = Q()
    for urgency, minutes in definitions.terms().answer_minutes.items():
        late |= Q(order__urgency=urgency, made_at__lt=now - timedelta(minutes=minutes))
    unanswered = Dispatch.objects.filter(late, ended_at=None, order__state="dispatched").values("order")
    found = orders(post=post, place=place, state="dispatched").filter(pk__in=unanswered)
    return list(found.select_related("person", "item").defer("person__search").order_by("pk").prefetch_related(_crew()))

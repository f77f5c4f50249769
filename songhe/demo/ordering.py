"""Services in the demo: five providers, sixty care workers, a month of orders, all through the product's own verbs."""

from datetime import date, datetime, time, timedelta

import numpy as np
from django.db.models import Max
from django.utils import timezone

from songhe.care.services import actions, terms
from songhe.care.services.models import Order, Provider, Worker
from songhe.care.visits.rules import ZONE
from songhe.core.refusal import Refusal
from songhe.demo import settling
from songhe.demo.progress import Report
from songhe.demo.staff import name_for
from songhe.registry.accounts.models import User
from songhe.registry.facilities.actions import register_organisation
from songhe.registry.facilities.rules import credit_code_check
from songhe.registry.people.circumstances import set_circumstance
from songhe.registry.people.models import Circumstance, Person
from songhe.registry.people.terms import BITS
from songhe.registry.places.models import Place

SYSTEM = {"by": None, "post": None}
SINCE = date(2024, 3, 1)
DAYS, A_DAY, TODAY, CLIENTS = 30, 2, 10, 60
PROVIDERS = (
    (
        "松龄居家服务有限公司",
        ["personal_care", "cleaning", "bath", "mobility", "medical", "urgent", "comfort", "rehab"],
    ),
    ("颐和助老服务中心", ["personal_care", "cleaning", "bath", "mobility", "medical", "urgent", "training"]),
    ("常青社会服务中心", ["comfort", "errand", "mobility", "cleaning", "urgent", "training"]),
    ("福寿送餐服务部", ["meal", "errand"]),
    ("安康家政维修服务部", ["cleaning", "repair", "errand", "personal_care"]),
)
PAPERS = (["care_worker", "health", "first_aid", "bath_aide"], ["care_worker", "health", "first_aid", "therapist"], ["care_worker", "health", "first_aid", "social_worker"])  # fmt: skip
WISHES = ("cleaning", "nursing", "bath-home", "meal-delivery", "outing", "cleaning", "comfort", "errand", "doctor-visit", "nursing", "urgent-help", "rehab", "repair")  # fmt: skip
WEEK = {day: (time(7, 0), time(20, 0)) for day in range(7)}


def load(*, city: Place, users: dict[str, User], today: date, report: Report) -> None:
    """Everything, or what the days since the last load bring. Called inside everywhere()."""
    actions.sync_catalogues(**SYSTEM)
    if not Provider.objects.filter(origin="demo").exists():
        _enrol(city, users, report)
        _known_for_long(_clients())
    last = Order.objects.filter(origin="demo").aggregate(last=Max("asked_at"))["last"]
    first = timezone.localdate(last) + timedelta(days=1) if last else today - timedelta(days=DAYS)
    _finish_leftovers(today, users)
    days = [first + timedelta(days=n) for n in range((today - first).days + 1)]
    team = _Team()
    for day in report.each("服务订单 orders", days, len(days)):
        _day(day, today, users, team)


def _enrol(city: Place, users: dict[str, User], report: Report) -> None:
    towns = list(Place.objects.filter(parent=city, level="township", valid_to=None).order_by("code"))
    for number, (name, kinds) in enumerate(report.each("服务机构 providers", PROVIDERS, len(PROVIDERS))):
        stem = f"99130682{number + 801:09d}"
        firm = register_organisation(
            **SYSTEM, name=f"定州市{name}", credit_code=stem + credit_code_check(stem), kind="social", origin="demo"
        )
        provider = actions.enrol_provider(
            **SYSTEM, organisation=firm, kinds=kinds, areas=[city], daily_capacity=40, valid_from=SINCE,
            phone=f"0312-25500{number:02d}", origin="demo",
        )  # fmt: skip
        if number == 0 and "jigou" in users:
            actions.seat(**SYSTEM, provider=provider, user=users["jigou"], valid_from=SINCE)
        for turn in range(12):
            _worker(provider, number, turn, towns, users)


def _worker(provider: Provider, number: int, turn: int, towns: list[Place], users: dict[str, User]) -> None:
    at = number * 12 + turn
    kinds = PAPERS[at % len(PAPERS)] if number < 3 else ["health", "care_worker"] if number == 4 else ["health"]
    soon = date(2026, 12, 20) if at % 17 == 3 else None
    worker = actions.enrol_worker(
        **SYSTEM, provider=provider, name=name_for(5000 + at), sex="m" if at % 5 == 0 else "f",
        place=towns[at % len(towns)], daily_minutes=480, valid_from=SINCE, phone=f"1540000{at:04d}",
        user=users.get("huli") if at == 0 else None, origin="demo", week=WEEK,
        papers=[
            actions.Paper(kind, SINCE, soon if kind == "health" else None, number=f"演示{at:03d}") for kind in kinds
        ],
    )  # fmt: skip
    if turn < 3:
        actions.train(**SYSTEM, worker=worker, on=date(2026, 3, 15), title="居家上门服务规范", hours=8)


class _Team:
    """The workers of a day by provider, with whom each hour has taken: the demo plans, the database would refuse."""

    def __init__(self):
        self.providers = list(Provider.objects.filter(origin="demo").order_by("pk"))
        self.workers: dict[int, list[tuple[Worker, set[str]]]] = {}
        for worker in Worker.objects.filter(origin="demo").prefetch_related("certificates").order_by("pk"):
            papers = {c.kind for c in worker.certificates.all() if c.valid_to is None or c.valid_to > SINCE}
            self.workers.setdefault(worker.provider_id, []).append((worker, papers))
        self.taken: set[tuple[int, date, int]] = set()

    def crew(self, order: Order, starts: datetime, turn: int, without: int = 0) -> tuple[Provider, list[Worker]] | None:
        """A provider and a free qualified crew, another one each turn."""
        fitting = [p for p in self.providers if order.item.kind in p.kinds and p.pk != without]
        day, hour = starts.date(), starts.hour
        hours = range(hour, hour + 1 + (order.minutes + 14) // 60)
        for step in range(len(fitting)):
            provider = fitting[(turn + step) % len(fitting)]
            free = [
                w
                for w, papers in self.workers[provider.pk]
                if papers >= set(order.item.qualifications) and not any((w.pk, day, h) in self.taken for h in hours)
            ]
            if len(free) >= order.carers:
                at = turn % (len(free) - order.carers + 1)
                chosen = free[at : at + order.carers]
                self.taken |= {(w.pk, day, h) for w in chosen for h in hours}
                return provider, chosen
        return None


def _clients() -> list[int]:
    """Whom the services know: people in difficulty, first those to whom a catalogue owes something."""
    found = Person.objects.filter(origin="demo", status="living").exclude(tags=0).order_by("pk")
    rows = found.values_list("pk", "tags", "birth")[:1500]
    poor = BITS["destitute"] | BITS["subsistence_allowance"]
    return [pk for pk, tags, birth in sorted(rows, key=lambda r: (not r[1] & poor, r[2], r[0]))][:CLIENTS]


def _known_for_long(pks: list[int]) -> None:
    """The roster says since when nothing: what holds today is on file from the day on which services began."""
    held = Circumstance.objects.filter(person__in=pks, valid_to=None, valid_from__gt=SINCE).select_related("person")
    for row in held.order_by("pk"):
        set_circumstance(
            **SYSTEM, person=row.person, kind=row.kind, valid_from=SINCE, valid_to=row.valid_from, source=row.source
        )


def _people(day: date, count: int) -> list[Person]:
    """Other clients each day; the same come again after some days, as clients do."""
    pks = _clients()
    chosen = [pks[(day.toordinal() * 5 + n * 7) % len(pks)] for n in range(count)] if pks else []
    rows = Person.objects.in_bulk(chosen)
    return [rows[pk] for pk in dict.fromkeys(chosen)]


def _day(day: date, today: date, users: dict[str, User], team: _Team) -> None:
    desk = users.get("diaodu")
    if day == today:
        held = Order.objects.filter(origin="demo", service_on__gte=today)
        team.taken |= {
            (c.worker_id, d.starts_at.astimezone(ZONE).date(), d.starts_at.astimezone(ZONE).hour)
            for o in held.prefetch_related("dispatches__crew") for d in o.dispatches.all() for c in d.crew.all()
        }  # fmt: skip
    count = TODAY if day == today else A_DAY
    for turn, person in enumerate(_people(day, count)):
        _order(person, day, turn, today, team, desk)


def _order(person: Person, day: date, turn: int, today: date, team: _Team, desk: User | None) -> None:
    """One order of a day: asked for early, served later the same day; today's stop half way, tomorrow's only wait."""
    rng = np.random.Generator(np.random.Philox(key=[20260701, day.toordinal() * 100 + turn]))
    asked = datetime.combine(day, time(7, int(rng.integers(5, 55))), ZONE)
    asked = min(asked, timezone.now() - timedelta(minutes=30)) if day == today else asked
    later = day == today and turn % 2 == 1
    starts = datetime.combine(day + timedelta(days=1) if later else day, time(8 + int(rng.integers(1, 9))), ZONE)
    starts = max(starts, asked + timedelta(minutes=40))
    item = WISHES[int(rng.integers(0, len(WISHES)))]
    channel = "phone" if item in ("urgent-help", "repair") or rng.random() < 0.7 else "family"
    made = _ask(person, item, starts, channel, asked, desk)
    act = {"by": desk, "post": None, "order": made}
    if turn % 13 == 12:
        actions.cancel(**act, reason="person_away", now=asked + timedelta(minutes=20))
        return
    if later and turn % 4 == 1:
        return  # still waits
    _serve(made, starts, turn, team, act, until=timezone.now(), stop=_stop(day, today, turn))


def _ask(person: Person, item: str, starts: datetime, channel: str, asked: datetime, desk: User | None) -> Order:
    given = {"wanted_from": starts, "wanted_to": starts + timedelta(hours=2), "channel": channel, "now": asked}
    who = {"by": desk, "post": None, "person": person, "item": item, "origin": "demo"}
    try:
        return actions.request(**who, **given)
    except Refusal:  # the month's quota is used up: they pay themselves
        return actions.request(**who, **given, funding="self")


def _stop(day: date, today: date, turn: int) -> str:
    """Where today's orders stand: some dispatched, some accepted, some begun."""
    return ("dispatched", "accepted", "serving", "done")[turn % 4] if day == today else "done"


def _serve(order: Order, starts: datetime, turn: int, team: _Team, act: dict, *, until: datetime, stop: str) -> None:
    sent = min(order.asked_at + timedelta(minutes=9 + turn % 5), until)
    first = team.crew(order, starts, turn)
    if first is None:
        return
    actions.dispatch(**act, provider=first[0], workers=first[1], starts_at=starts, now=sent)
    if turn % 9 == 4:  # the first provider has no room
        actions.refuse(**act, reason="no_capacity", now=sent + timedelta(minutes=6))
        second = team.crew(order, starts, turn + 1, without=first[0].pk)
        if second is None:
            return
        actions.dispatch(
            **act, provider=second[0], workers=second[1], starts_at=starts, now=sent + timedelta(minutes=8)
        )
    if stop == "dispatched":
        return
    actions.accept(**act, now=min(sent + timedelta(minutes=15), until))
    begun = starts + timedelta(minutes=turn % 11)
    if stop == "accepted" or begun > until:
        return
    settling.stamped(order, "start", begun)
    ended = begun + timedelta(minutes=order.minutes + turn % 7)
    if stop == "serving" or ended > until:
        return
    settling.stamped(order, "finish", ended)


def _finish_leftovers(today: date, users: dict[str, User]) -> None:
    """What stood open at the last load and whose day has passed was served after all."""
    desk = users.get("diaodu")
    for order in Order.objects.filter(origin="demo", service_on__lt=today, state__in=terms.OPEN):
        act = {"by": desk, "post": None, "order": order}
        if order.state in ("waiting", "returned"):
            actions.cancel(**act, reason="nobody_free")
            continue
        begun = order.wanted_from
        if order.state == "dispatched" and order.dispatches.filter(ended_at=None, crew__isnull=False).exists():
            actions.accept(**act, now=begun)
        if order.state in ("dispatched", "accepted"):
            order.refresh_from_db()
            actions.start(**act, at=begun, now=begun)
        ended = (order.started_at or begun) + timedelta(minutes=order.minutes)
        actions.finish(**act, at=ended, now=ended)

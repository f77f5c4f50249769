"""排一天: the orders of a day as rounds of the workers; untick, name or forbid somebody, see the price, dispatch all at once."""

import time
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.contrib import messages
from django.core import signing
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from songhe.care.services import queries
from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.doors.desk.scope import Scope
from songhe.doors.desk.service_scope import english, item_name, link, section, service_scope, when
from songhe.insight.dispatching import actions, gathering, solving
from songhe.insight.dispatching.model import Booked, Day, Found, Price, Visit, Wishes
from songhe.registry.accounts.access import door

DAYS = 7  # days ahead that have a tab
SECONDS = 4.0  # the longest a page calculates for each plan
SALT = "day-plan"


@dataclass(frozen=True)
class Kept:
    """What the page carries from one calculation to the next: proposals, wishes and the price of the plan shown."""

    proposals: tuple[actions.Proposal, ...] = ()
    wishes: Wishes = field(default_factory=Wishes)
    price: Price | None = None

    def sealed(self, on: date) -> str:
        w, p = self.wishes, self.price
        rows = [[each.order, each.state, list(each.workers), each.start] for each in self.proposals]
        price = [p.travel, p.late, p.left, p.done] if p else []
        return signing.dumps(
            [on.isoformat(), rows, list(w.pins.items()), sorted(w.forbids), sorted(w.aside), price],
            salt=SALT,
            compress=True,
        )


def _opened(text: str, on: date) -> Kept:
    """What `sealed` wrote. Refused when it was changed or is of another day."""
    try:
        day, rows, pins, forbids, aside, price = signing.loads(text, salt=SALT)
    except signing.BadSignature:
        day = None
    if day != on.isoformat():
        raise Refusal(
            "plan_not_read",
            zh="这份安排读不出来了，什么也没有派。请回到看板重新排一天。",
            en="This plan cannot be read any more; nothing was dispatched. Plan the day again from the board.",
        )
    proposals = tuple(actions.Proposal(pk, state, tuple(workers), start) for pk, state, workers, start in rows)
    wishes = Wishes(dict(pins), frozenset((a, b) for a, b in forbids), frozenset(aside))
    return Kept(proposals, wishes, Price(*price) if price else None)


def _effort(orders: int) -> solving.Effort:
    return solving.Effort(seconds=min(SECONDS, 0.5 + 0.1 * orders), clock=time.monotonic)


def _on(request, waiting: dict[date, int], today: date) -> date:
    """The day asked for, else the first of the week for which somebody waits, else today."""
    text = request.GET.get("on", "")
    try:
        return date.fromisoformat(text) if text else min(waiting, default=today)
    except ValueError:
        raise Refusal(
            "day",
            zh=f"“{text[:20]}”不是日期。请写成 2026-11-23。",
            en=f"“{text[:20]}” is no date. Write it like 2026-11-23.",
            field="on",
        ) from None


@door("services.dispatch")
def page(request):
    """The plan of a day (`?on=`, else today): calculated when opened, again with wishes, or dispatched."""
    scope = service_scope(request)
    waiting = gathering.waiting_by_day(
        post=request.post, place=scope.place, first=scope.today, last=scope.today + timedelta(days=DAYS - 1)
    )
    on = _on(request, waiting, scope.today)
    if request.method != "POST":
        return _shown(request, scope, on, waiting, Kept())
    kept = _opened(request.POST.get("plan", ""), on)
    ticked = {int(pk) for pk in request.POST.getlist("tick") if pk.isdigit()}
    if request.POST.get("do") != "confirm":
        return _shown(request, scope, on, waiting, Kept((), _wished(request, kept, ticked), kept.price))
    try:
        made = actions.confirm(
            by=request.user, post=request.post, place=scope.place, on=on,
            proposals=[each for each in kept.proposals if each.order in ticked],
        )  # fmt: skip
    except Refusal as refusal:
        return _shown(request, scope, on, waiting, Kept((), kept.wishes, kept.price), str(refusal))
    messages.success(request, _("已派出 %(n)s 张单。") % {"n": len(made)})
    return redirect(link(scope, "orders", day=on.isoformat(), state="dispatched"))


def _wished(request, kept: Kept, ticked: set[int]) -> Wishes:
    """The wishes so far with the button that was pressed; whatever is not ticked is set aside."""
    shown = {each.order for each in kept.proposals} | kept.wishes.aside
    pins, forbids = dict(kept.wishes.pins), set(kept.wishes.forbids)
    for verb in ("pin", "forbid"):
        order, worker = request.POST.get(verb, ""), request.POST.get(f"to-{request.POST.get(verb, '')}", "")
        if order.isdigit() and worker.isdigit():
            ticked = ticked | {int(order)}
            if verb == "pin":
                pins[int(order)] = int(worker)
                forbids.discard((int(order), int(worker)))
            else:
                forbids.add((int(order), int(worker)))
                pins = {pk: who for pk, who in pins.items() if (pk, who) != (int(order), int(worker))}
    free = request.POST.get("free", "")
    if free.isdigit():
        pins.pop(int(free), None)
        forbids = {pair for pair in forbids if pair[0] != int(free)}
    return Wishes(pins, frozenset(forbids), frozenset((shown - ticked) | (kept.wishes.aside - ticked)))


def _shown(request, scope: Scope, on: date, waiting: dict[date, int], before: Kept, error: str = ""):
    day = gathering.day(post=request.post, place=scope.place, on=on)
    wishes = before.wishes
    found = solving.plan(day, wishes=wishes, effort=_effort(len(day.asks)))
    crews = found.crews()
    proposals = tuple(
        actions.Proposal(pk, visits[0].ask.order.state, tuple(v.worker for v in visits), visits[0].start)
        for pk, visits in sorted(crews.items())
    )
    kept = Kept(proposals, wishes, found.price)
    audit.note("people.list", "orders", None, area_id=scope.place.pk, page="day-plan", rows=len(proposals))
    context = {
        "tabs": section(request, "services"),
        "on": on,
        "days": [_tab(scope, on, scope.today + timedelta(days=n), waiting) for n in range(DAYS)],
        "plan": kept.sealed(on),
        "rounds": [_round(day, found, worker, crews, scope, wishes) for worker in found.rounds],
        "left": [_left(day, each, scope, wishes) for each in found.left],
        "found": found,
        "asked": len(day.asks) + len(day.left),
        "difference": found.price.less(before.price) if before.price else None,
        "wishes": _said(day, wishes),
        "basis": day.basis[1 if english() else 0],
        "notes": [note[1 if english() else 0] for note in day.notes],
        "error": error,
        "back_url": link(scope, "services"),
        "here": link(scope, "day-plan", on=on.isoformat()),
        "period": None,
    }
    return render(request, "desk/day_plan.html", context, status=422 if error else 200)


def _tab(scope: Scope, on: date, day: date, waiting: dict[date, int]) -> dict:
    label = _("今天") if day == scope.today else f"{day:%m-%d}"
    return {
        "label": label,
        "url": link(scope, "day-plan", on=day.isoformat()),
        "current": day == on,
        "count": waiting.get(day, ""),
    }


def _clock(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%H:%M}"


def _round(day: Day, found: Found, worker: int, crews, scope: Scope, wishes: Wishes) -> dict:
    """A worker's day in order: what stands already and what is proposed."""
    hand, visits = day.hands[worker], found.rounds[worker]
    rows = [(b.start, _standing(day, b, scope)) for b in hand.booked]
    rows += [(v.start, _row(day, v, crews[v.ask.pk], scope, wishes)) for v in visits]
    return {
        "worker": hand.worker,
        "provider": hand.worker.provider,
        "rows": [row for _start, row in sorted(rows, key=lambda pair: pair[0])],
        "way": sum(v.way for v in visits),
        "count": len(visits),
    }


def _standing(day: Day, booked: Booked, scope: Scope) -> dict:
    """What a worker holds already; of an order outside the post's area the time alone."""
    row = {"booked": "yes", "when": f"{_clock(day.at(booked.start))}–{_clock(day.at(booked.end))}"}
    seen = queries.order(post=scope.post, pk=booked.order.pk)
    return row | (_order(seen, scope) if seen else {})


def _row(day: Day, visit: Visit, crew: list[Visit], scope: Scope, wishes: Wishes) -> dict:
    order = visit.ask.order
    return _order(order, scope) | {
        "when": f"{_clock(day.at(visit.start))}–{_clock(day.at(visit.end))}",
        "way": visit.way,
        "late": visit.late,
        "known": visit.worker in visit.ask.known,
        "others": _("、").join(day.hands[v.worker].worker.name for v in crew if v.worker != visit.worker),
        "first": visit.worker == min(v.worker for v in crew),
        "hands": _choices(day, visit.ask, visit.worker),
        "wished": order.pk in wishes.pins or any(pk == order.pk for pk, _worker in wishes.forbids),
    }


def _order(order, scope: Scope) -> dict:
    return {
        "order": order,
        "item": item_name(order.item),
        "url": link(scope, "order", order.pk),
        "window": when(order.wanted_from, order.wanted_to),
        "is_demo": "demo" in (order.origin, order.person.origin),
    }


def _choices(day: Day, ask, goes: int | None) -> list[dict]:
    hands = sorted((day.hands[pk].worker for pk in ask.allowed), key=lambda w: (w.provider_id, w.name, w.pk))
    return [{"pk": w.pk, "label": f"{w.name} · {w.provider}", "goes": w.pk == goes} for w in hands]


def _left(day: Day, left, scope: Scope, wishes: Wishes) -> dict:
    ask = next((ask for ask in day.asks if ask.pk == left.order.pk), None)
    return _order(left.order, scope) | {
        "why": left.reason.en if english() else left.reason.zh,
        "aside": left.reason.code == "aside",
        "hands": _choices(day, ask, None) if ask and left.reason.code != "aside" else [],
        "wished": left.order.pk in wishes.pins or any(pk == left.order.pk for pk, _worker in wishes.forbids),
    }


def _said(day: Day, wishes: Wishes) -> list[str]:
    """What was asked of this plan, in words."""
    names = {pk: hand.worker.name for pk, hand in day.hands.items()}
    people = {ask.pk: ask.order.person.name for ask in day.asks}
    pins = [(pk, worker, _("%(who)s 由 %(worker)s 去")) for pk, worker in wishes.pins.items()]
    bans = [(pk, worker, _("%(who)s 不由 %(worker)s 去")) for pk, worker in sorted(wishes.forbids)]
    return [text % {"who": people[pk], "worker": names.get(w, "")} for pk, w, text in pins + bans if pk in people]

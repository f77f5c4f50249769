"""服务订单: the live board, the list, one order with its history and whatever may be done to it now, the catalogue."""

from collections.abc import Callable
from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from songhe.care.services import actions, queries, terms
from songhe.care.services.definitions import terms as policy
from songhe.care.services.models import Order, Provider, Worker
from songhe.care.services.standing import moved
from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.doors.desk.duty_scope import person_url
from songhe.doors.desk.forms.orders import AcceptForm, DispatchForm, ReasonForm
from songhe.doors.desk.service_scope import (
    english,
    item_name,
    link,
    order_or_404,
    order_row,
    section,
    service_scope,
)
from songhe.insight.rounds import queries as rounds
from songhe.registry.accounts.access import door
from songhe.registry.people import terms as people_terms

EVERY_S = 10  # how often the board looks again


@door("services.view")
def board(request):
    """What is open now, by state, the most pressing first. `?live=no` stops it refreshing itself.

    A refresh says which pulse it shows (`seen`); while that still beats there is nothing to send: 204, and the page stays.
    """
    scope, now = service_scope(request), timezone.now()
    beat = queries.pulse(post=request.post, place=scope.place, now=now)
    if request.GET.get("seen") == beat:
        return HttpResponse(status=204)
    shown = queries.board(post=request.post, place=scope.place, now=now)
    labels = dict(terms.STATES)
    columns = [
        {
            "label": labels[state],
            "count": count,
            "rows": [order_row(row, scope, now) for row in rows],
            "url": link(scope, "orders", state=state, day=scope.today.isoformat() if state == "done" else None),
            "more": count - len(rows),
        }
        for state, rows, count in shown.columns
    ]
    waiting = queries.overdue_answers(post=request.post, place=scope.place, now=now)
    live = request.GET.get("live") != "no"
    context = {
        "tabs": section(request, "services"),
        "columns": columns,
        "late": shown.late,
        "late_url": link(scope, "orders", late="only"),
        "waiting": [order_row(row, scope, now) for row in waiting[:5]],
        "waiting_count": len(waiting),
        "live": live,
        "every": EVERY_S,
        "here": link(scope, "services", seen=beat),
        "pause_url": link(scope, "services", live="no" if live else None),
        "may_take": request.post.may("services.take"),
        "call_url": link(scope, "service-call"),
        "day_url": link(scope, "day-plan") if request.post.may("services.dispatch") else "",
        "now": now,
        "period": None,
    }
    audit.note("people.list", "orders", None, area_id=scope.place.pk, page="board")
    return render(request, "desk/services.html", context)


def _options() -> dict:
    every = ("", _("全部"))
    return {
        "state": [every, ("open", _("未完成")), ("delivered", _("已服务")), *terms.STATES],
        "kind": [every, *terms.KINDS],
        "urgency": [every, *terms.URGENCIES],
        "funding": [every, *terms.FUNDING],
        "late": [every, ("only", _("只看超时"))],
    }


@door("services.view")
def index(request):
    """Orders by filter, the newest day first."""
    scope, now = service_scope(request), timezone.now()
    given = {name: request.GET[name] for name in queries.FILTERS if request.GET.get(name)}
    unknown = set(request.GET) - {*queries.FILTERS, "area", "period", "after"}
    if unknown:
        queries.orders(post=request.post, **dict.fromkeys(unknown, "?"))  # says which filter is not understood
    rows, after = queries.page(
        post=request.post, place=scope.place, now=now, after=request.GET.get("after", ""), **given
    )
    count, capped = queries.counted(queries.orders(post=request.post, place=scope.place, now=now, **given))
    audit.note("people.list", "orders", None, area_id=scope.place.pk, rows=len(rows))
    options = _options()
    chips = [
        {"label": dict(options.get(name, ())).get(value, value), "url": link(scope, "orders", **(given | {name: None}))}
        for name, value in given.items()
    ]
    context = {
        "tabs": section(request, "orders"),
        "rows": [order_row(row, scope, now) for row in rows],
        "given": given,
        "options": options,
        "chips": chips,
        "count_text": _("超过 %(n)s 张") % {"n": count} if capped else _("共 %(n)s 张") % {"n": count},
        "clear_url": link(scope, "orders"),
        "next_url": link(scope, "orders", after=after, **given) if after else "",
        "period": None,
    }
    return render(request, "desk/orders.html", context)


# one order --------------------------------------------------------------------------------------------------------------


@door("services.view")
def one(request, pk):
    """One order: what was asked and on what right, its history, and the next step for whoever may take it."""
    scope = service_scope(request)
    found = order_or_404(request, pk)
    failed = None
    if request.method == "POST":
        stale = request.POST.get("expect", found.state) != found.state
        form, act = (None, None) if stale else _verb(request, found, request.POST)
        if stale or form is None or form.is_valid():
            try:
                said = _stale(found) if stale else act(form) if act else _nothing()
            except Refusal as refusal:
                failed = refusal
                found = order_or_404(request, pk)
            else:
                messages.success(request, said)
                return redirect(link(scope, "order", pk))
    audit.note("people.read", "person", found.person_id, area_id=found.village_id, page="order", order=found.pk)
    context = _facts(request, found, scope) | {"failed": failed, "period": None}
    verbs = {name: make(None) for name, make in _verbs(request, found).items()}
    bound = request.POST if request.method == "POST" and failed is None else None
    if bound is not None:
        verbs[bound["do"]] = (form, None)
    context["verbs"] = {name: form for name, (form, _act) in verbs.items()}
    return render(request, "desk/order.html", context, status=422 if failed or bound is not None else 200)


def _stale(found: Order) -> str:
    """The page that was clicked on shows an order as it no longer is."""
    raise moved(found)


def _nothing() -> str:
    raise Refusal(
        "no_such_verb",
        zh="这一步现在不能做（订单可能刚有新进展，或您的岗位不能办）。请按页面最新的情况办理。",
        en="This cannot be done now: the order may have moved on, or your post may not do it. Look at it as it is now.",
    )


def _facts(request, found: Order, scope) -> dict:
    now = timezone.now()
    person = found.person
    held = found.live[0] if found.live else None
    answer = held.made_at + timedelta(minutes=policy().answer_minutes[found.urgency]) if held else None
    return {
        "tabs": section(request, "orders"),
        "row": order_row(found, scope, now),
        "order": found,
        "person": person,
        "person_url": person_url(person) if request.post.may("people.view") else "",
        "tell": [
            (link(scope, name, order=found.number), label)
            for name, label, right in (
                ("complaint-new", _("受理投诉"), "complaints.handle"),
                ("incident-new", _("报告事故"), "incidents.report"),
            )
            if request.post.may(right)
        ],
        "item_name": item_name(found.item),
        "unit": found.item.unit,
        "tags": [str(label) for label in people_terms.labels_of(found.tags)],
        "clause": found.clause.get("en" if english() else "zh", ""),
        "where": found.clause.get("where", ""),
        "held": held,
        "answer_due": answer if found.state == "dispatched" else None,
        "history": queries.history(found),
        "proofs": [str(dict(terms.PROOFS)[code]) for code in found.item.proofs],
        "qualifications": [str(dict(terms.QUALIFICATIONS)[code]) for code in found.item.qualifications],
        "recent": [
            row for row in queries.recent_of(post=request.post, person=person.pk, crew="no") if row.pk != found.pk
        ],
        "back_url": link(scope, "services"),
        "call_url": link(scope, "service-call", person=str(person.uid)),
    }


def _verb(request, found: Order, given):
    """(form, what it does) of the verb that was clicked; (None, None) where this post may not do it now."""
    make = _verbs(request, found).get(given.get("do", ""))
    return make(given) if make else (None, None)


def _verbs(request, found: Order) -> dict[str, Callable]:
    """{verb: given -> (form or None, what it does)} that this post may do to the order as it stands; made when they are needed."""
    post, state = request.post, found.state

    def common(given) -> dict:
        expect = given.get("expect", state) if given is not None else state
        return {"by": request.user, "post": post, "order": found, "expect": expect}

    def asks_why(prefix: str, reasons, act, said: str) -> Callable:
        return lambda given: _with_reason(given, prefix, reasons, act, common(given), said)

    out: dict[str, Callable] = {}
    if post.may("services.dispatch") and state in terms.TO_DISPATCH:
        out["dispatch"] = lambda given: _dispatching(request, found, given, common(given))
    if post.may("services.answer") and state == "dispatched":
        out["accept"] = lambda given: _accepting(request, found, given, common(given))
        out["refuse"] = asks_why("refuse", terms.REFUSE_REASONS, actions.refuse, _("已登记拒单，等待改派。"))
    if post.may("services.dispatch") and state in terms.HELD:
        out["send_back"] = asks_why("send_back", terms.RETURN_REASONS, actions.send_back, _("已收回，等待改派。"))
    if post.may("services.serve") and state in ("accepted", "serving"):
        verb, act, said = (
            ("start", actions.start, _("已登记开始。"))
            if state == "accepted"
            else ("finish", actions.finish, _("已登记完成。"))
        )
        plain = {name: value for name, value in common(None).items() if name != "expect"}
        out[verb] = lambda _given: (None, lambda _form: _done(act(**plain), said))
    if post.may("services.take") and state in terms.OPEN:
        out["cancel"] = asks_why("cancel", terms.CANCEL_REASONS, actions.cancel, _("已取消。"))
    return out


def _done(_step, said: str) -> str:
    return said


def _with_reason(given, prefix: str, reasons, act, common: dict, said: str):
    form = ReasonForm(given, prefix=prefix, reasons=reasons)
    return form, lambda form: _done(act(**common, **form.cleaned_data), said)


def _dispatching(request, found: Order, given, common: dict):
    offered = queries.choices(post=request.post, order=found, workload=rounds.workload(request.post))
    by_key = {choice.key: choice for choice in offered}
    reasons = terms.REASONS
    labels = [
        (
            choice.key,
            " · ".join(
                filter(
                    None,
                    [
                        f"{choice.provider}{_('：')}{_('、').join(w.name for w in choice.workers)}",
                        f"{timezone.localtime(choice.starts_at):%m-%d %H:%M}",
                        _("路上约 %(n)s 分钟") % {"n": choice.way},
                        _("服务过这位老人") if choice.known else "",
                        _("曾退回：%(why)s") % {"why": reasons.get(choice.refused, choice.refused)}
                        if choice.refused
                        else "",
                    ],
                )
            ),
        )
        for choice in offered
    ]
    near = queries.providers(post=request.post, on=found.service_on).filter(kinds__contains=[found.item.kind])
    form = DispatchForm(
        given, prefix="dispatch", choices=labels, providers=[(str(p.pk), str(p)) for p in near],
        initial={"choice": labels[0][0] if labels else ""},
    )  # fmt: skip

    def act(form) -> str:
        choice = by_key.get(form.cleaned_data["choice"])
        if form.cleaned_data["provider"]:
            provider, workers, starts_at = _provider(request, form.cleaned_data["provider"]), [], None
        elif choice:
            provider, workers, starts_at = choice.provider, choice.workers, choice.starts_at
        else:
            return _nothing()
        actions.dispatch(**common, provider=provider, workers=workers, starts_at=starts_at)
        return _("已派给 %(name)s。") % {"name": provider}

    return form, act


def _provider(request, pk: str) -> Provider:
    return queries.providers(post=request.post).get(pk=int(pk))


def _accepting(request, found: Order, given, common: dict):
    held = found.live[0]
    chosen = [str(crew.worker_id) for crew in held.crew.all()]
    team = Worker.objects.visible_to(request.post).filter(provider=held.provider_id).on(found.service_on)
    named = {str(worker.pk): worker for worker in team[:200]} if request.post.role != "care_worker" else {}
    form = AcceptForm(
        given, prefix="accept", workers=[(pk, str(worker)) for pk, worker in named.items()], initial={"workers": chosen}
    )

    def act(form) -> str:
        actions.accept(**common, workers=[named[pk] for pk in form.cleaned_data["workers"]])
        return _("已接单。")

    return form, act


# the catalogue ----------------------------------------------------------------------------------------------------------


@door("services.view")
def catalogue(request):
    """What can be ordered here today, at what price, and what is paid for whom."""
    scope = service_scope(request)
    try:
        items = queries.items_for(scope.place, scope.today)
    except Refusal as refusal:
        items, missing = [], refusal
    else:
        missing = None
    found = items[0].catalogue if items else None
    channels, kinds = dict(terms.CHANNELS), dict(terms.QUALIFICATIONS)
    context = {
        "tabs": section(request, "service-catalogue"),
        "missing": missing,
        "catalogue": found,
        "title": (found.title_en if english() else found.title) if found else "",
        "clause": found.source["clause"]["en" if english() else "zh"] if found else "",
        "items": [
            {
                "at": at,
                "item": item,
                "name": item_name(item),
                "who": _("、").join(str(channels[c]) for c in item.may_order),
                "papers": _("、").join(str(kinds[q]) for q in item.qualifications),
            }
            for at, item in enumerate(items, 1)
        ],
        "owed": [
            {
                "rule": rule,
                "title": rule.title_en if english() else rule.title,
                "clause": rule.clause["en" if english() else "zh"],
                "items": _("、").join(item_name(item) for item in items if item.code in rule.items),
            }
            for rule in (found.entitlements.all() if found else ())
        ],
        "period": None,
    }
    return render(request, "desk/service_catalogue.html", context)

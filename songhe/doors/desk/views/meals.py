"""助餐: points with their use, one point, the till, the round list."""

import uuid
from datetime import timedelta
from decimal import Decimal

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from songhe.care.meals import actions, definitions, queries, rules, terms
from songhe.care.meals.models import Diner, Meal, Vehicle
from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.doors.desk.entering import Entry, entered
from songhe.doors.desk.facility_scope import english, facility_or_404, link, section, site_scope
from songhe.doors.desk.forms import care as f
from songhe.registry.accounts.access import door, require
from songhe.registry.facilities.terms import KINDS, STATUSES
from songhe.registry.people import queries as people
from songhe.registry.people.models import Person
from songhe.registry.places.queries import by_code, villages

ALERTS = {
    "closed": gettext_lazy("已关停"),
    "silent": gettext_lazy("多日没有开餐"),
    "never": gettext_lazy("投用后从未计餐"),
    "food_expired": gettext_lazy("食品经营许可已过期"),
    "food_ends": gettext_lazy("食品经营许可将到期"),
    "no_food": gettext_lazy("没有食品经营许可"),
}
RED = ("closed", "silent", "never", "food_expired", "no_food")
ADDS = {
    "diner": Entry(gettext_lazy("登记就餐老人"), f.DinerForm, actions.enrol_diner, "meals.edit"),
    "village": Entry(gettext_lazy("登记供餐范围"), f.ServeForm, actions.serve_village, "meals.edit"),
    "book": Entry(
        gettext_lazy("报月账"), f.BookForm, actions.keep_book, "meals.edit", gettext_lazy("四方出资由计餐记录算出，这里只报成本和其他收入。")
    ),
    "vehicle": Entry(gettext_lazy("登记送餐车"), f.VehicleForm, actions.add_vehicle, "meals.edit"),
}  # fmt: skip


def yuan(fen: int | None) -> str:
    """Fen as yuan with two digits."""
    return "—" if fen is None else f"{Decimal(fen) / 100:,.2f}"


def _said(text: dict[str, str]) -> str:
    return text["en" if english() else "zh"]


SHOWN = 200  # points on one page; the count is of all


@door("meals.view")
def index(request):
    """Meal points with days, meals, persons, who paid what, and what is wrong."""
    scope, on = site_scope(request)
    alert = request.GET.get("alert", "")
    if alert and alert not in ALERTS:
        raise Refusal("alert", zh=f"没有这个筛选值：{alert}。", en=f"Unknown filter value: {alert}.", field="alert")
    first = on.replace(day=1)
    points = queries.points(post=request.post, place=scope.place, on=on, alert=alert)
    total = queries.total(post=request.post, place=scope.place, first=first, last=on)
    context = {
        "tabs": section(request, "meals") if request.post.may("facilities.view") else [],
        "rows": [_row(scope, each) for each in points[:SHOWN]],
        "more": max(0, len(points) - SHOWN),
        "total": total,
        "paid": [{"label": label, "yuan": yuan(total[code])} for code, label in terms.SHARES],
        "month": first,
        "given": {"alert": alert},
        "options": [("", _("不限")), *ALERTS.items()],
        "count_text": _("%(count)s 处") % {"count": len(points)},
        "clear_url": link(scope, "meals"),
        "rounds_url": link(scope, "meal-rounds"),
        "vehicles": queries.vehicles(post=request.post, place=scope.place, on=on),
        "on": on,
        "period": None,
    }
    return render(request, "desk/care/meals.html", context)


def _row(scope, each: queries.Point) -> dict:
    return {
        "point": each,
        "url": link(scope, "meal-point", each.facility.uid),
        "kind": dict(KINDS)[each.facility.kind],
        "alerts": [
            {"text": ALERTS[code], "on": day, "light": "red" if code in RED else "yellow"} for code, day in each.alerts
        ],
    }


def _point(request, uid, on):
    facility = facility_or_404(request, uid, on)
    if facility.kind not in terms.POINT_KINDS and facility.kind != "meal_delivery":
        raise Http404
    return facility


@door("meals.view")
def one(request, uid):
    """One point: use of the month, who paid, diners, the villages it serves, books, the latest meals."""
    scope, on = site_scope(request)
    facility = _point(request, uid, on)
    audit.note("meals.read", "facility", facility.pk, area_id=facility.place_id)
    first = on.replace(day=1)
    used, last_month = queries.use(facility, first, on), (first - timedelta(days=1)).replace(day=1)
    book, result = queries.book(facility, last_month)
    scheme = definitions.scheme(facility.place.code, on)
    edit = request.post.may("meals.edit")
    context = {
        "facility": facility,
        "status": dict(STATUSES).get(facility.status, ""),
        "use": used,
        "paid": [{"label": label, "yuan": yuan(used.paid[code])} for code, label in terms.SHARES],
        "diners": [{"diner": d, "end": link(scope, "meal-end", uid, "diner", d.pk)} for d in queries.diners(post=request.post, facility=facility, on=on)],
        "serves": [{"row": s, "end": link(scope, "meal-end", uid, "village", s.pk)} for s in queries.serves(facility, on)],
        "vehicles": [{"row": v, "end": link(scope, "meal-end", uid, "vehicle", v.pk)} for v in facility.vehicles.filter(valid_to=None)],
        "meals": [{"meal": m, "void": link(scope, "meal-end", uid, "meal", m.pk)} for m in queries.recent(post=request.post, facility=facility)],
        "tiers": {tier.name: _said(tier.title) for tier in scheme.tiers},
        "scheme": {"title": _said(scheme.title), "source": scheme.source, "tiers": [
            {"title": _said(t.title), "shares": [f"{t.shares[code]}%" for code, _l in terms.SHARES]} for t in scheme.tiers
        ]},
        "shares": terms.SHARES,
        "book": book, "book_month": last_month, "book_costs": yuan(book.costs) if book else "", "book_result": yuan(result), "at_loss": result is not None and result < 0,
        "till_url": link(scope, "meal-till", uid) if request.post.may("meals.count") else "",
        "round_url": link(scope, "meal-round", uid),
        "add": {what: link(scope, "meal-add", uid, what) for what in ADDS} if edit else {},
        "back_url": link(scope, "meals"),
        "period": None,
    }  # fmt: skip
    return render(request, "desk/care/meal_point.html", context)


@door("meals.count")
def till(request, uid):
    """The till at a desk: one button a diner; a card is typed or scanned. Without a network the phone page counts (doors/field)."""
    scope, _on = site_scope(request)
    facility = _point(request, uid, scope.today)
    scheme = definitions.scheme(facility.place.code, scope.today)
    now = timezone.now()
    meal = request.GET.get("meal") or rules.meal_at(timezone.localtime(now).hour, scheme.until)
    if meal not in dict(terms.MEALS):
        raise Refusal("meal", zh=f"没有这个餐次：{meal}。", en=f"Unknown meal: {meal}.", field="meal")
    if request.method == "POST":
        _say(request, _counted_here(request, facility, meal))
        return redirect(link(scope, "meal-till", uid, meal=meal))
    done = queries.counted(facility=facility, on=scope.today, meal=meal)
    rows = [
        {"diner": d, "done": done.get(d.person_id), "number": uuid.uuid4()}
        for d in queries.diners(post=request.post, facility=facility, on=scope.today)
    ]
    audit.note("meals.till", "facility", facility.pk, area_id=facility.place_id, rows=len(rows))
    context = {
        "facility": facility,
        "rows": rows,
        "meal": meal,
        "meals": [{"label": label, "url": link(scope, "meal-till", uid, meal=code), "current": code == meal} for code, label in terms.MEALS],
        "number": uuid.uuid4(),
        "now": now.isoformat(),
        "counted": queries.use(facility, scope.today, scope.today),
        "phone_url": f"{reverse('field')}#till/{uid}",
        "back_url": link(scope, "meal-point", uid),
        "period": None,
    }  # fmt: skip
    return render(request, "desk/care/till.html", context)


def _counted_here(request, facility, meal: str) -> actions.Answer | Refusal:
    """What became of one button or one card."""
    card, q = request.POST.get("card", "").strip(), request.POST.get("q", "").strip()
    row = {"uuid": _number(request.POST.get("uuid")), "at": timezone.now(), "meal": meal}
    if q:
        try:
            row["person"] = _named(request, q).pk
        except Refusal as refusal:
            return refusal
    elif card:
        row["card"] = card
    else:
        text = request.POST.get("person", "")
        row["person"] = int(text) if text.isdecimal() and len(text) < 19 else 0
    return actions.count(by=request.user, post=request.post, facility=facility, rows=[row])[0]


def _number(text) -> uuid.UUID:
    try:
        return uuid.UUID(str(text))
    except ValueError:
        return uuid.uuid4()


def _say(request, answer) -> None:
    if isinstance(answer, Refusal):
        messages.error(request, str(answer))
    elif answer.stands:
        messages.success(
            request,
            _("已计 1 餐：%(name)s，个人付 %(yuan)s 元。")
            % {"name": answer.meal.person.name, "yuan": yuan(answer.meal.person_pays)},
        )
    else:
        messages.error(request, _problem(answer.problem))


def _problem(problem) -> str:
    return problem.en if english() else problem.zh


@door("meals.view")
def round_list(request, uid):
    """To whom a point delivers today, village by village, to print and take along."""
    scope, on = site_scope(request)
    facility = _point(request, uid, on)
    rows = list(queries.deliveries(post=request.post, facility=facility, on=on))
    audit.note("meals.round", "facility", facility.pk, area_id=facility.place_id, rows=len(rows))
    context = {"facility": facility, "rows": rows, "on": on, "back_url": link(scope, "meal-point", uid), "period": None}
    return render(request, "desk/care/meal_round.html", context)


@door("meals.view")
def add(request, uid, what):
    """Something is entered about a point."""
    entry = ADDS.get(what)
    if entry is None:
        raise Http404
    require(request.post, entry.permission)
    scope, on = site_scope(request)
    facility = _point(request, uid, on)
    offered = (
        {"village": [(v.code, f"{v.parent} › {v}") for v in villages(request.post.place, scope.today)]}
        if what == "village"
        else {}
    )
    return entered(
        request, entry, back=link(scope, "meal-point", uid), about={"facility": facility}, initial={"on": scope.today},
        offered=offered if issubclass(entry.form, f.Offered) else None, shaped=lambda data: _shaped(request, what, data), of=facility,
    )  # fmt: skip


def _shaped(request, what: str, data: dict) -> dict:
    if what == "diner":
        data["person"] = _named(request, data["person"])
    if what == "village":
        data["village"] = by_code(data["village"], post=request.post)
    if what == "book":
        data["costs"], data["other"] = (int(data.pop(name) * 100) for name in ("costs_yuan", "other_yuan"))
    return data


def _named(request, q: str) -> Person:
    """The one person of the area that a name or the tail of a number finds; Refusal for none or several."""
    require(request.post, "people.view")
    found = list(people.people_query(request.post, place=request.post.place, q=q)[:2])
    if len(found) != 1:
        raise Refusal(
            "which_person",
            zh="没有找到这位老人。请核对姓名。"
            if not found
            else "找到不止一位同名老人。请加上证件号后四位再找，例如“王秀英 123X”。",
            en="Nobody of this name was found."
            if not found
            else "More than one was found. Add the last four of the ID number.",
            field="person",
        )
    return found[0]


ENDS = {
    "diner": (gettext_lazy("结束就餐登记"), f.EndForm, "diners", actions.end_diner),
    "village": (gettext_lazy("停止供餐"), f.EndForm, "serves", actions.end_service),
    "vehicle": (gettext_lazy("送餐车停用"), f.EndForm, "vehicles", actions.end_vehicle),
    "meal": (gettext_lazy("作废就餐记录"), f.ReasonForm, "meals", actions.void),
}
NAMES = {"diner": "diner", "village": "service", "vehicle": "vehicle", "meal": "meal"}


@door("meals.edit")
def end(request, uid, what, pk):
    """A diner, a range, a vehicle ends; or a meal counted by mistake is voided."""
    if what not in ENDS:
        raise Http404
    title, form, rows, verb = ENDS[what]
    scope, on = site_scope(request)
    facility = _point(request, uid, on)
    row = getattr(facility, rows).filter(pk=pk).first()
    if row is None:
        raise Http404
    entry = Entry(title, form, verb, "meals.edit", _about(row))
    return entered(
        request, entry, back=link(scope, "meal-point", uid), about={NAMES[what]: row}, initial={"on": scope.today}, of=facility
    )  # fmt: skip


def _about(row) -> str:
    if isinstance(row, Meal):
        return f"{row.on:%Y-%m-%d} {row.get_meal_display()} {row.person.name}"
    if isinstance(row, Diner):
        return row.person.name
    return row.plate if isinstance(row, Vehicle) else str(row.village)

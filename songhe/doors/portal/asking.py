"""What a family member does: asks for a service, calls it off, says how it was, complains. Plain forms; what was typed comes back with a refusal.

Each write is one verb that takes the secret token and no person: `people.family.acting_for` says whose rows it may touch.
"""

from collections.abc import Callable
from datetime import date, timedelta

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from songhe.care.evidence.actions import complain_by_family, rate_by_family
from songhe.care.evidence.terms import SUBJECTS
from songhe.care.services.actions import cancel_by_family, request_by_family
from songhe.care.services.definitions import unit_in
from songhe.care.services.family import Offer, Told, offers_of, orders_of
from songhe.care.services.terms import FAMILY_CANCELS
from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.doors.portal import week as words
from songhe.doors.portal.gate import typed_before, with_code
from songhe.registry.people import family as links

STARS = [(5, lazy("很满意")), (4, lazy("满意")), (3, lazy("一般")), (2, lazy("不满意")), (1, lazy("很不满意"))]
BACK = 92  # days of orders that can still be opened


@with_code
def ask(request, token, link):
    """Ask for a service: which, on which day, in which part of it, a line of text."""
    typed = _typed(request, link)
    today = timezone.localdate()
    try:
        offers = [_offer(each) for each in offers_of(token, today)]
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("family", token=token)
    error: Refusal | None = None
    if request.method == "POST":
        try:
            made = request_by_family(
                token=token, item=typed.get("item", ""), on=_day(typed.get("on", "")), part=typed.get("part", ""),
                note=typed.get("note", ""), funding=typed.get("funding", ""),
            )  # fmt: skip
            messages.success(request, _("已收到。单号 %(number)s，安排好人后这里会写明。") % {"number": made.number})
            return redirect("family", token=token)
        except Refusal as refusal:
            error = refusal
    context = _frame(token, link, error, typed) | {
        "offers": offers,
        "quota": any(each["quota"] for each in offers),
        "days": [{"on": day.isoformat(), "label": _labelled(day, today)} for day in _days(today)],
        "parts": [
            (part.id, part.title["en" if words.english() else "zh"], part.first, part.last)
            for part in links.policy().parts
        ],
    }
    return render(request, "portal/ask.html", context, status=422 if error else 200)


@with_code
def order(request, token, link, pk):
    """One order: what became of it; calling it off before it begins; how it was, once it is done; a complaint about it."""
    told = _mine(token, pk)
    typed = _typed(request, link)
    error: Refusal | None = None
    if request.method == "POST":
        act = {"rate": _rated, "cancel": _cancelled}.get(typed.get("do", ""), _complained)
        error = act(request, token, typed, pk)
        if error is None:
            return redirect("family", token=token)
        told = _mine(token, pk)  # it may have moved on meanwhile
    else:
        audit.note("family.read", "order", pk, area_id=link.village, link=link.link)
    context = _frame(token, link, error, typed) | {
        "line": words.line(told),
        "stars": STARS,
        "subjects": SUBJECTS,
        "reasons": FAMILY_CANCELS,
    }
    return render(request, "portal/order.html", context, status=422 if error else 200)


@with_code
def complain(request, token, link):
    """A complaint about something that is no single order."""
    typed = _typed(request, link)
    error = _complained(request, token, typed, None) if request.method == "POST" else None
    if request.method == "POST" and error is None:
        return redirect("family", token=token)
    context = _frame(token, link, error, typed) | {"subjects": SUBJECTS}
    return render(request, "portal/complain.html", context, status=422 if error else 200)


def _typed(request, link: links.Opened) -> dict:
    return request.POST.dict() if request.method == "POST" else typed_before(request, link)


def _frame(token: str, link: links.Opened, error: Refusal | None, typed: dict) -> dict:
    return {
        "token": token, "name": link.name, "is_demo": link.origin == "demo", "typed": typed,
        "error": str(error) if error else "", "wrong": error.field if error else "",
    }  # fmt: skip


def _mine(token: str, pk: int) -> Told:
    today = timezone.localdate()
    rows = orders_of(token, today - timedelta(days=BACK), today + timedelta(days=BACK)) or []
    found = next((row for row in rows if row.id == pk), None)
    if found is None:
        raise Http404
    return found


def _rated(request, token: str, typed: dict, pk: int) -> Refusal | None:
    text = typed.get("stars", "")
    stars = int(text) if text.isdecimal() and len(text) == 1 else 0
    return _done(
        request,
        lambda: rate_by_family(token=token, order=pk, stars=stars, note=typed.get("note", "")),
        _("谢谢，评价已记下。"),
    )


def _cancelled(request, token: str, typed: dict, pk: int) -> Refusal | None:
    return _done(
        request,
        lambda: cancel_by_family(token=token, order=pk, reason=typed.get("reason", ""), note=typed.get("why", "")),
        _("已取消，不会再有人上门。用了政府额度的，额度已退回。"),
    )


def _complained(request, token: str, typed: dict, pk: int | None) -> Refusal | None:
    def act():
        return complain_by_family(token=token, subject=typed.get("subject", ""), text=typed.get("text", ""), order=pk)

    return _done(request, act, _("投诉已收到，会有人答复，答复写在这一页。"))


def _done(request, act: Callable, said: str) -> Refusal | None:
    try:
        act()
    except Refusal as refusal:
        return refusal
    messages.success(request, said)
    return None


def _offer(each: Offer) -> dict:
    item, rule = each.item, each.right.rule
    return {
        "code": item.code, "name": item.name_en if words.english() else item.name, "unit": unit_in(get_language() or "", item.unit), "price": item.price,
        "own": each.own, "quota": rule.quota if rule else 0, "left": each.right.left, "minutes": item.minutes,
    }  # fmt: skip


def _days(today: date) -> list[date]:
    return [today + timedelta(days=n) for n in range(links.policy().ask_days + 1)]


def _labelled(day: date, today: date) -> str:
    near = {today: _("今天"), today + timedelta(days=1): _("明天"), today + timedelta(days=2): _("后天")}.get(day, "")
    return f"{words.day(day)} {words.weekday(day).split(' ')[-1]} {near}".strip()


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refusal("day", zh="请选择日期。", en="Choose a day.", field="on") from None

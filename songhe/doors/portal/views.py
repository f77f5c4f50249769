"""家属页: a link and a code by SMS, then one person's week. No account, no script, large type.

The door has no area and no account of its own: whatever it shows comes through functions bound to the link's one person, and
whatever it does (asking.py) goes through `people.family.acting_for`, bound to the same person by the database.
"""

import time

from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from songhe.care.evidence.family import complaints_of
from songhe.care.meals.family import meals_of
from songhe.care.services.family import orders_of
from songhe.care.visits.family import week_of
from songhe.core import audit
from songhe.core.periods import containing
from songhe.core.refusal import Refusal
from songhe.doors.portal import week as words
from songhe.doors.portal.gate import KEY, TYPED, gone, is_open, quiet
from songhe.registry.accounts.access import door
from songhe.registry.people import family as links

WEEKS = 4


@door("open")
@never_cache
def family(request, token):
    """Before the code: ask for it and enter it. After: the week. A link that ended says so and nothing else."""
    link = links.opened(token)
    if link is None or link.state != "ok":
        return gone(request, link)
    if request.method == "POST":
        return quiet(_code(request, token, link))
    if not is_open(request, link):
        return quiet(render(request, "portal/code.html", _asking(request, token)))
    return quiet(_page(request, token, link))


@door("open")
@require_POST
def leave(request, token):
    """Close the page on this device."""
    request.session.pop(KEY, None)
    request.session.pop(TYPED, None)
    return redirect("family", token=token)


def _asking(request, token: str, **more) -> dict:
    waits = bool(request.session.get(TYPED))
    return {
        "token": token,
        "policy": links.policy(),
        "error": "",
        "sent": "",
        "code_sent": False,
        "typed_waits": waits,
    } | more


def _code(request, token: str, link: links.Opened):
    """`do=send`: a code goes out. `do=enter`: it is tried."""
    if request.POST.get("do") != "enter":
        try:
            sent = links.ask_code(token)
        except Refusal as refusal:
            known = refusal.code == "family_wait"
            context = _asking(request, token, error=str(refusal), code_sent=known)
            return render(request, "portal/code.html", context, status=422)
        return render(request, "portal/code.html", _asking(request, token, sent=sent, code_sent=True))
    answer = links.enter_code(token, request.POST.get("code", ""))
    if answer == "ok":
        kept = {key: until for key, until in request.session.get(KEY, {}).items() if until > time.time()}
        request.session.cycle_key()
        request.session[KEY] = kept | {str(link.link): int(time.time()) + links.policy().session_minutes * 60}
        typed = request.session.get(TYPED) or {}
        return redirect(typed["path"]) if typed.get("link") == link.link else redirect("family", token=token)
    said = {
        "wrong": _("验证码不对。请照短信再输一次，一共 6 位数字。"),
        "spent": _("输错的次数太多。请重新要一个验证码；今天错得太多的，明天再试。"),
        "old": _("验证码已过期或已用过。请重新要一个。"),
    }.get(answer, _("这个链接已停用。请向老人所在的村（社区）或乡镇要新的链接。"))
    context = _asking(request, token, error=said, code_sent=answer == "wrong")
    return render(request, "portal/code.html", context, status=422)


def _page(request, token: str, link: links.Opened):
    today = timezone.localdate()
    week = containing("week", today)
    told = week_of(token, week)
    orders = orders_of(token, *words.from_to(today, week, links.policy().ask_days))
    audit.note("family.read", "person", link.person, area_id=link.village, link=link.link)
    context = {
        "token": token,
        "name": link.name,
        "is_demo": link.origin == "demo",
        "week": week,
        "today": today,
        "said": words.said(told),
        "tone": "well" if told.seen and told.well else "plain",
        "next": words.next_visits(told, week),
        "days": words.days(told),
        "needs": words.needs(told),
        "helper": told.helper,
        "meals": words.meals(meals_of(token, week.start, week.end)),
        "complaints": words.complaints(complaints_of(token)),
        "earlier": _earlier(token, week),
        "limited": len(link.scopes) < len(links.FAMILY_SCOPES),
    } | words.sorted_lines(orders, week)
    return render(request, "portal/family.html", context)


def _earlier(token: str, week) -> list[dict]:
    found, before = [], week
    for _at in range(WEEKS - 1):
        before = before.previous()
        seen = week_of(token, before)
        if seen is not None and (seen.owed or seen.seen):
            found.append({"week": before, "said": words.said(seen), "days": words.days(seen)})
    return found

"""家属页: a link and a code by SMS, then one person's week. No account, no script, large type.

The door has no area and no account of its own: whatever it shows comes through functions bound to the link's one person.
"""

import time
from datetime import date

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from songhe.care.duties.terms import MODES, NEEDS
from songhe.care.visits.family import Week, week_of
from songhe.care.visits.models import OUTCOMES
from songhe.core import audit
from songhe.core.periods import Period, containing
from songhe.core.refusal import Refusal
from songhe.registry.accounts.access import door
from songhe.registry.people import family as links

KEY = "family"
WEEKS = 4


@door("open")
@never_cache
def family(request, token):
    """Before the code: ask for it and enter it. After: the week. A link that ended says so and nothing else."""
    link = links.opened(token)
    if link is None or link.state != "ok":
        return _quiet(render(request, "portal/gone.html", {"why": link.state if link else "unknown"}, status=404))
    if request.method == "POST":
        return _quiet(_code(request, token, link))
    if not _is_open(request, link):
        return _quiet(render(request, "portal/code.html", _asking(request, token)))
    return _quiet(_page(request, token, link))


@door("open")
@require_POST
def leave(request, token):
    """Close the page on this device."""
    request.session.pop(KEY, None)
    return redirect("family", token=token)


def _quiet(response: HttpResponse) -> HttpResponse:
    """Kept by no cache, found by no search engine. (Other sites are told nothing: SECURE_REFERRER_POLICY.)"""
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _is_open(request, link: links.Opened) -> bool:
    return request.session.get(KEY, {}).get(str(link.link), 0) > time.time()


def _asking(request, token: str, **more) -> dict:
    return {"token": token, "policy": links.policy(), "error": "", "sent": "", "code_sent": False} | more


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
        return redirect("family", token=token)
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
    earlier, before = [], week
    for _at in range(WEEKS - 1):
        before = before.previous()
        seen = week_of(token, before)
        if seen is not None and (seen.owed or seen.seen):
            earlier.append({"week": before, "said": _said(seen), "days": _days(seen)})
    audit.note("family.read", "person", link.person, area_id=link.village, link=link.link)
    context = {
        "token": token,
        "name": link.name,
        "is_demo": link.origin == "demo",
        "week": week,
        "today": today,
        "said": _said(told),
        "tone": "well" if told.seen and told.well else "plain",
        "next": _next(told, week),
        "days": _days(told),
        "needs": _needs(told),
        "helper": told.helper,
        "earlier": earlier,
        "limited": len(link.scopes) < len(links.FAMILY_SCOPES),
    }
    return render(request, "portal/family.html", context)


def _said(told: Week) -> str:
    """The one line. Who was reached but not well is 探访过 only: more is for the consent to say."""
    if told.seen:
        return _("探访过，平安") if told.well else _("探访过")
    return _("这一周暂停探访") if told.excused else _("还没有探访")


def _next(told: Week, week: Period) -> str:
    if told.excused:
        return _("这一周不安排探访。有事请打村（社区）电话。")
    if not told.owed:
        return _("这一周没有固定的探访安排。")
    calls, visits = told.left.get("calls", 0), told.left.get("visits", 0)
    if not calls and not visits:
        return _("这一周该做的都做了，下周继续。")
    parts = [_("打 %(n)s 次电话") % {"n": calls}] if calls else []
    parts += [_("上门 %(n)s 次") % {"n": visits}] if visits else []
    return _("%(day)s 前，还会%(what)s。") % {"day": _day(week.end), "what": _("、").join(parts)}


def _day(day: date) -> str:
    return _("%(month)s 月 %(day)s 日") % {"month": day.month, "day": day.day}


def _days(told: Week) -> list[dict] | None:
    if told.days is None:
        return None
    modes, outcomes = dict(MODES), dict(OUTCOMES)
    return [
        {
            "on": date.fromisoformat(row["on"]),
            "mode": modes.get(row["mode"], row["mode"]),
            "outcome": outcomes.get(row["outcome"], "") if "outcome" in row else "",
        }
        for row in told.days
    ]


def _needs(told: Week) -> list[dict] | None:
    if told.needs is None:
        return None
    words = dict(NEEDS)
    return [
        {"need": words.get(row["need"], row["need"]), "closed": row["closed"], "due": date.fromisoformat(row["due_on"])}
        for row in told.needs
    ]

"""What the pages of 服务订单 share: the tabs of the section, an order as a row, the clock in words."""

from datetime import datetime

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

from songhe.care.services import queries
from songhe.care.services.models import Order
from songhe.doors.desk.scope import Scope, scope_of

TABS: list[tuple[str, str, str]] = [
    ("services", gettext_noop("看板"), "services.view"),
    ("service-call", gettext_noop("接听来电"), "services.take"),
    ("orders", gettext_noop("订单"), "services.view"),
    ("workers", gettext_noop("护理员"), "services.view"),
    ("providers", gettext_noop("服务机构"), "services.view"),
    ("service-catalogue", gettext_noop("服务目录"), "services.view"),
    ("checks", gettext_noop("凭据核定"), "evidence.view"),
    ("callbacks", gettext_noop("抽样回访"), "callbacks.make"),
    ("complaints", gettext_noop("投诉与事故"), "complaints.view"),
    ("contracts", gettext_noop("合同与结算"), "settlement.view"),
]
"""(name of the address, label, permission); other modules of the section add theirs at the end."""


def service_scope(request) -> Scope:
    """Scope of a page of the section; it looks at now, so no period is offered."""
    request.scope = scope = scope_of(request, "day")
    return scope


def link(scope: Scope, name: str, *args, **given) -> str:
    """A page of the section with this area."""
    return scope.link(reverse(name, args=args), **({"period": None} | given))


def section(request, here: str) -> list[dict]:
    """The tabs of 服务订单 that this post may open."""
    return [
        {"label": _(label), "url": link(request.scope, name), "current": name == here, "count": ""}
        for name, label, permission in TABS
        if request.post.may(permission)
    ]


def english() -> bool:
    return (get_language() or "").startswith("en")


def item_name(item) -> str:
    return item.name_en if english() else item.name


def clock(order: Order, now: datetime) -> dict:
    """{light, text, due}: how long there is, or by how much it is too late."""
    due, light = queries.clock_of(order, now)
    if due is None:
        return {"light": "none", "text": order.get_state_display(), "due": None}
    minutes = round(abs((due - now).total_seconds()) / 60)
    amount = span(minutes)
    text = _("已超 %(span)s") % {"span": amount} if due < now else _("还有 %(span)s") % {"span": amount}
    return {"light": light, "text": text, "due": due}


def span(minutes: int) -> str:
    """90 → 1 小时 30 分"""
    if minutes < 60:
        return _("%(n)s 分") % {"n": minutes}
    if minutes < 48 * 60:
        return _("%(h)s 小时 %(m)s 分") % {"h": minutes // 60, "m": minutes % 60}
    return _("%(d)s 天") % {"d": minutes // (24 * 60)}


def when(start: datetime, end: datetime) -> str:
    a, b = timezone.localtime(start), timezone.localtime(end)
    return f"{date_format(a, 'm-d')} {a:%H:%M}–{b:%H:%M}"


def order_row(order: Order, scope: Scope, now: datetime) -> dict:
    """An order for templates."""
    held = order.live[0] if getattr(order, "live", None) else None
    return {
        "order": order,
        "number": order.number,
        "name": order.person.name,
        "is_demo": "demo" in (order.origin, order.person.origin),
        "item": item_name(order.item),
        "url": link(scope, "order", order.pk),
        "clock": clock(order, now),
        "when": when(order.wanted_from, order.wanted_to),
        "provider": str(held.provider) if held else "",
        "crew": _("、").join(crew.worker.name for crew in held.crew.all()) if held else "",
        "state": order.get_state_display(),
    }


def order_or_404(request, pk: int) -> Order:
    found = queries.order(post=request.post, pk=pk)
    if found is None:
        raise Http404
    return found

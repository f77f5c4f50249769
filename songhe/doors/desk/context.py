"""What every page of the desk knows: navigation, area, period, who is here as what."""

from functools import cache

from django.db.models import Q
from django.urls import get_resolver, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from songhe.core import periods
from songhe.doors.desk.scope import Scope
from songhe.registry.people.models import Person
from songhe.registry.places.models import Place

KINDS = ("day", "week", "month", "half")


@cache
def _pages() -> set[str]:
    return {name for name in get_resolver().reverse_dict if isinstance(name, str)}


def shell(request):
    """Context of every page; little for strangers and error pages."""
    post = getattr(request, "post", None)
    if post is None:
        return {"account_name": str(request.user) if getattr(request, "user", None) and request.user.pk else ""}
    match = request.resolver_match
    here = match.view_name if match else ""
    scope = getattr(request, "scope", None)
    context = {
        "nav": _nav(post, here, scope),
        "account_name": str(request.user),
        "post_label": f"{post.get_role_display()} · {post.place}",
        "post_choices": _posts(request),
        "demo": request.user.origin == "demo",
    }
    if post.may("people.view") and "people" in _pages():
        context |= {
            "search_url": reverse("people"),
            "search_text": request.GET.get("q", "") if here == "people" else "",
        }
    if scope:
        context |= {
            "area_trail": _trail(request, scope),
            "area_choices": _choices(request, scope),
            "period": _period(request, scope),
            "search_hidden": {"area": scope.place.code},
            "scope": scope,
        }
    return context


def _nav(post, here: str, scope: Scope | None) -> list[dict]:
    """At most eight items, by duty; only those the post may open."""
    items = [
        ("workbench", _("工作台"), "home", None),
        ("people", _("老年人"), "people", "people.view"),
        ("duties", _("巡访关爱"), "visit", "duties.view"),
        ("services", _("服务订单"), "order", "services.view"),
        ("programmes", _("工程任务"), "programme", "programmes.view"),
        ("facilities", _("机构设施"), "facility", "facilities.view"),
        ("meals", _("助餐"), "facility", "meals.view"),
        ("indicators", _("指标与通报"), "indicator", "indicators.view"),
        ("map", _("地图"), "map", "indicators.view"),
        ("ledger", _("台账"), "list", "ledger.view"),
        ("imports", _("导入导出"), "import", "people.import"),
        ("accounts", _("账号"), "account", "accounts.manage"),
        ("audit", _("审计"), "audit", "audit.view"),
    ]
    groups = {
        "people": ("person", "people", "duplicate", "assessment", "export"),
        "duties": (
            "dut",
            "missing",
            "visit",
            "helpers",
            "referral",
            "escalation",
            "correction",
            "paper",
            "sheet",
            "quick",
            "landline",
            "excuse",
            "emergency",
            "plan",
        ),
        "facilities": ("facilit", "operator", "inspection", "bed", "meal", "merchant", "volunteer"),
        "meals": ("meal",),
        "ledger": ("ledger", "drive", "meeting", "bod", "data-request", "award", "appraisal"),
        "imports": ("import",),
        "programmes": ("programme", "draft"),
        "indicators": ("indicator", "bulletin", "letter", "form", "filling"),
        "accounts": ("account", "post-", "user-"),
        "services": (
            "service",
            "order",
            "worker",
            "provider",
            "check",
            "callback",
            "complaint",
            "incident",
            "contract",
            "settle",
        ),
    }
    shown = [item for item in items if (item[3] is None or post.may(item[3])) and item[0] in _pages()]
    if post.may("facilities.view"):  # meals stand as a tab among the facilities
        shown = [item for item in shown if item[0] != "meals"]
    for spare in ("map", "imports"):  # they stand on the pages of indicators and of people as well
        if len(shown) > 8:
            shown = [item for item in shown if item[0] != spare]
    return [
        {
            "label": label,
            "url": scope.link(reverse(name))
            if scope and name in ("duties", "facilities", "indicators", "map", "meals", "services")
            else reverse(name),
            "icon": icon,
            "current": here == name or here.startswith(groups.get(name, ("\0",))),
        }
        for name, label, icon, _permission in shown
    ]


def _posts(request) -> list[dict]:
    if len(request.posts) < 2:
        return []
    return [
        {"label": str(p), "url": f"{reverse('prefs-post')}?to={p.pk}", "current": p.pk == request.post.pk}
        for p in request.posts
    ]


def _here(request, scope: Scope, **changes) -> str:
    """This page with another area or period, filters kept, the list's cursor dropped."""
    kept = {k: v for k, v in request.GET.items() if k not in ("after", "before", "area", "period")}
    return scope.link(request.path, **(kept | changes))


def _trail(request, scope: Scope) -> list[dict]:
    """City › town › village, from the post's own place down."""
    chain = scope.place.trail()
    inside = [
        p
        for p in chain
        if p.pk == scope.post.place_id or getattr(p, f"{_column(scope.post.place)}_id", None) == scope.post.place_id
    ]
    return [
        {"label": str(p), "url": _here(request, scope, area=p.code), "current": p.pk == scope.place.pk} for p in inside
    ]


def _column(place: Place) -> str:
    return "town" if place.level == "township" else place.level


def _choices(request, scope: Scope) -> list[dict]:
    below = Place.objects.within(scope.post).filter(Q(parent=scope.place), kind="division").current(scope.today)
    below = below.only("code", "name", "short_name")  # not the outlines: this stands on every page
    return [
        {"label": str(p), "url": _here(request, scope, area=p.code), "current": False} for p in below.order_by("code")
    ]


def _period(request, scope: Scope) -> dict:
    language = get_language() or "zh"
    period = scope.period
    kinds = getattr(request, "period_kinds", KINDS)
    names = {"day": _("日"), "week": _("周"), "month": _("月"), "half": _("半年")}
    anchor = min(period.end, scope.today) if period.end >= scope.today >= period.start else period.end
    following = period.next()
    return {
        "label": period.label("en" if language.startswith("en") else "zh"),
        "previous_url": _here(request, scope, period=period.previous().code),
        "next_url": _here(request, scope, period=following.code) if following.start <= scope.today else "",
        "choices": [
            {
                "label": names[kind],
                "url": _here(request, scope, period=periods.containing(kind, anchor).code),
                "current": kind == period.kind,
            }
            for kind in kinds
        ],
    }


def demo_mark(post) -> bool:
    """Whether demo people are on file where this post looks."""
    return Person.objects.visible_to(post).filter(origin="demo").exists()

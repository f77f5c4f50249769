"""What the pages of facilities share: the tabs of the section, the day looked at, words and lights of results."""

from datetime import date

from django.http import Http404
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from songhe.core.refusal import Refusal
from songhe.doors.desk.scope import Scope, scope_of
from songhe.registry.facilities import queries
from songhe.registry.facilities.models import Facility

RESULT_LIGHTS = {"met": "green", "not_met": "red", "unknown": "none", "not_applicable": "none"}


def site_scope(request) -> tuple[Scope, date]:
    """The scope of a request and the day it looks at (`?on=2021-10-20`; today by default, never later)."""
    request.scope = scope = scope_of(request)
    text = request.GET.get("on", "")
    try:
        on = date.fromisoformat(text) if text else scope.today
    except ValueError:
        raise Refusal(
            "on",
            zh=f"“{text[:20]}”不是日期。请写成 2021-10-20。",
            en=f"“{text[:20]}” is no date. Write 2021-10-20.",
            field="on",
        ) from None
    return scope, min(on, scope.today)


def link(scope: Scope, name: str, *args, **given) -> str:
    """A page of the section with this area."""
    return scope.link(reverse(name, args=args), **({"period": None} | given))


def section(request, here: str) -> list[dict]:
    """The tabs of 机构设施."""
    tabs = [
        ("facilities", _("设施名单")),
        ("facility-standards", _("对照标准")),
        ("inspections", _("检查验收")),
        ("facility-papers", _("证照到期")),
        ("operators", _("运营机构")),
        ("facility-draws", _("随机抽查")),
        ("beds", _("家庭养老床位")),
        ("meals", _("助餐")),
        ("merchants", _("爱心商家")),
        ("volunteers", _("志愿组织")),
        ("facility-siting", _("选址")),
    ]
    needs = {
        "beds": "beds.view",
        "meals": "meals.view",
        "volunteers": "volunteering.view",
        "facility-siting": "sites.plan",
    }
    tabs = [each for each in tabs if request.post.may(needs.get(each[0], "facilities.view"))]
    scope, on = request.scope, request.GET.get("on")
    return [
        {"label": label, "url": link(scope, name, on=on), "current": name == here, "count": ""} for name, label in tabs
    ]


def facility_or_404(request, uid, on: date) -> Facility:
    """The facility that the post may see, with its status of the day."""
    found = queries.one(post=request.post, uid=uid, on=on)
    if found is None:
        raise Http404
    return found


def words(text: dict[str, str]) -> str:
    """A definition's text in the reader's language."""
    return text["en" if english() else "zh"]


def english() -> bool:
    return (get_language() or "").startswith("en")


def number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"

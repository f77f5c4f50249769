"""What the pages of duties share: rule and period in the URL, the tabs of the section, the way back, who may do what."""

from dataclasses import replace
from functools import cache

from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from songhe.care.duties import boards
from songhe.care.duties.models import Duty, Rule
from songhe.core import periods
from songhe.doors.desk.scope import Scope, scope_of
from songhe.registry.people import terms

WEEKLY = "visiting"
PAGE = 50


def duty_scope(request) -> tuple[Scope, Rule]:
    """Scope and rule of a request (`?rule=visiting&area=…&period=…`); the period is of the rule's own kind."""
    rule = boards.rule_named(request.GET.get("rule") or WEEKLY)
    scope = scope_of(request, rule.period_kind)
    if scope.period.kind != rule.period_kind:
        day = min(scope.period.end, max(scope.period.start, scope.today))
        scope = replace(scope, period=periods.containing(rule.period_kind, day))
    request.scope, request.period_kinds = scope, (rule.period_kind,)
    return scope, rule


def link(scope: Scope, name: str, *args, **given) -> str:
    """A page of the section with this area and period."""
    return scope.link(reverse(name, args=args), **given)


def section(request, here: str) -> list[dict]:
    """The tabs of 巡访关爱 that this post may open."""
    post, scope = request.post, request.scope
    tabs = [
        ("duties", _("应访名单"), "duties.view"),
        ("missing", _("漏访名单"), "duties.view"),
        ("escalations", _("无应答"), "duties.view"),
        ("referrals", _("转办"), "duties.view"),
        ("corrections", _("待核定"), "people.edit"),
        ("helpers", _("帮扶人员"), "duties.view"),
        ("plans", _("排班"), "duties.view"),
        ("sheets", _("纸单"), "visits.enter_for"),
        ("quick-entry", _("键盘补录"), "visits.enter_for"),
        ("landline", _("电话代录"), "visits.enter_for"),
        ("excuses", _("暂停"), "duties.view"),
        ("emergency", _("应急加密"), "duties.view"),
        ("periods", _("周期与规则"), "duties.view"),
    ]
    weekly = scope.period.code if scope.period.kind == "week" else None
    return [
        {"label": label, "url": link(scope, name, period=weekly), "current": name == here, "count": ""}
        for name, label, permission in tabs
        if post.may(permission)
    ]


def ways_back(request, default: str) -> str:
    """Where a form leads after saving: `back`, when it is a page of this site."""
    wanted = request.POST.get("back") or request.GET.get("back") or ""
    safe = wanted.startswith("/") and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else default


def person_url(person) -> str:
    """The person's own page, where this installation has one."""
    return _person_page().replace(_NOBODY, str(person.uid))


_NOBODY = "00000000-0000-0000-0000-000000000000"


@cache
def _person_page() -> str:
    """The address of the page of nobody: a list asks for fifty of them."""
    try:
        return reverse("person", args=[_NOBODY])
    except NoReverseMatch:
        return ""


def rule_title(rule: Rule) -> str:
    return rule.title_en if (get_language() or "").startswith("en") else rule.title


def said(pair: dict | str) -> str:
    """A {zh, en} of a definition in the reader's language."""
    if not isinstance(pair, dict):
        return pair or ""
    return pair["en"] if (get_language() or "").startswith("en") else pair["zh"]


def duty_row(duty: Duty, scope: Scope) -> dict:
    """A duty for templates: the person, age and circumstances, what was done of what is owed."""
    person = duty.person
    age, tags = person.age(scope.today), terms.labels_of(person.tags)
    return {
        "duty": duty,
        "person": person,
        "uid": str(person.uid),
        "name": person.name,
        "is_demo": person.origin == "demo",
        "age": age,
        "tags": tags,
        "about": " · ".join([_("%(age)s 岁") % {"age": age}, *map(str, tags), str(duty.village)]),
        "helper_text": _("帮扶：%(name)s") % {"name": duty.helper} if duty.helper else "",
        "person_url": person_url(person),
        "calls": f"{duty.calls_done}/{duty.calls_owed}" if duty.calls_owed else "",
        "visits": f"{duty.visits_done}/{duty.visits_owed}" if duty.visits_owed else "",
        "excused": duty.excused and duty.get_excused_display(),
        "calls_kept": duty.calls_done >= duty.calls_owed,
        "visits_kept": duty.visits_done >= duty.visits_owed,
        "raised": (duty.calls_owed, duty.visits_owed) != (duty.base_calls, duty.base_visits),
    }


def in_turn(duties, scope: Scope) -> list[dict]:
    """Rows of a list; each knows whose turn is next, so that saving one leads on to the next."""
    rows = [duty_row(duty, scope) for duty in duties]
    for at, row in enumerate(rows):
        row["then"] = rows[at + 1]["person"].uid if at + 1 < len(rows) else ""
    return rows


def whose(request) -> tuple[str, int | None]:
    """The filter by helper: what was asked ("all", "me" or a number) and the account it means. A helper begins with "me"."""
    asked = request.GET.get("helper") or ("me" if request.post.role == "helper" else "all")
    if asked == "me":
        return asked, request.user.pk
    return (asked, int(asked)) if asked.isdigit() else ("all", None)

"""工作台: what I must do today, then my area's lights, then short cuts. Each number opens exactly the rows it counts."""

from dataclasses import replace
from datetime import timedelta

from django.conf import settings
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from songhe.care.duties import boards as duties
from songhe.care.duties.boards import capped
from songhe.care.duties.queries import missing_day
from songhe.care.visits import boards as visits
from songhe.care.visits.queries import clashes
from songhe.core import audit
from songhe.core.periods import Period, containing
from songhe.doors.desk.duty_scope import WEEKLY, in_turn, link, said
from songhe.doors.desk.scope import Scope, scope_of
from songhe.doors.desk.views.follow_up import ladder_row, need_row
from songhe.doors.desk.views.indicators import shown
from songhe.insight.indicators import definitions, queries
from songhe.oversight.ledger import queries as ledger
from songhe.oversight.participation import queries as meetings
from songhe.registry.accounts import queries as accounts
from songhe.registry.accounts.access import door
from songhe.registry.facilities import queries as sites
from songhe.registry.people.returned import returned

FOUR = ("weekly_visiting", "helper_named", "case_file_complete", "pairing")
WEEKS = 13
ROWS, FEW = 12, 5
OVERSEERS = ("leader", "community_clerk", "secretary", "finance")


@door("signed-in")
def index(request):
    """The page of the role: those who visit see people, those who oversee see what is late and who is stuck."""
    post = request.post
    if post.may("audit.view"):
        return redirect("audit")
    if post.may("accounts.manage"):
        return redirect("accounts")
    if post.role in ("dispatcher", "operator", "care_worker"):
        return redirect("services")
    request.scope = scope = _weekly(scope_of(request))
    request.period_kinds = ("week",)
    context = {"shortcuts": _shortcuts(request, scope), "lead": _lead(scope), "watched": watched(request, scope)}
    if post.may("duties.view"):
        context |= _duties(request, scope)
    if post.may("indicators.view"):
        context |= _overview(scope) if post.role in OVERSEERS else {"lights": _lights(scope)}
    return render(request, f"desk/{_template(post)}.html", context)


def _template(post) -> str:
    return "workbench_leader" if post.role in OVERSEERS else "workbench"


def _weekly(scope: Scope) -> Scope:
    """The workbench is about a week, whatever period the link carried."""
    if scope.period.kind == "week":
        return scope
    day = min(scope.period.end, max(scope.period.start, scope.today))
    return replace(scope, period=containing("week", day))


def _lead(scope: Scope) -> str:
    drawn = missing_day(scope.period)
    if scope.today < drawn:
        return _("%(day)s 生成本周漏访名单。") % {"day": f"{drawn:%m-%d}"}
    return ""


def number(label: str, count: int, url: str, *, light: str = "", note: str = "", unit: str = "") -> dict:
    """One thing to do: its count and the page with exactly these rows."""
    shown_count = f"{count:,}" if count <= settings.CAPPED_COUNT else f"{settings.CAPPED_COUNT:,}+"
    return {
        "label": label,
        "count": count,
        "value": shown_count,
        "url": url,
        "light": light,
        "note": note,
        "unit": unit,
    }


def _duties(request, scope: Scope) -> dict:
    """What waits for this post: by person for those who visit, by place and queue for those who see to it."""
    post = request.post
    now = timezone.now()
    counts = visits.totals(post=post, place=scope.place, now=now)
    mine = request.user.pk if post.role == "helper" else None
    sides = duties.sides(post=post, name=WEEKLY, period=scope.period, place=scope.place, helper=mine)
    context = {"numbers": _numbers(request, scope, sides, counts)}
    if post.role in ("helper", "village_worker"):
        return context | _people(request, scope, mine) | _waiting(scope, counts, now, overdue="")
    if post.role in ("township_worker", "clerk"):
        return context | _office(request, scope) | _waiting(scope, counts, now, overdue="only")
    return context


def _numbers(request, scope: Scope, sides: dict, counts: dict) -> list[dict]:
    post, place = request.post, scope.place
    helper = "me" if post.role == "helper" else "all"
    judged = scope.today >= missing_day(scope.period)
    lists = [
        number(
            _("漏访") if judged and post.role != "helper" else _("本周未完成"),
            sides["due"],
            link(scope, "missing") if judged and post.role != "helper" else link(scope, "duties", helper=helper),
            light="green" if not sides["due"] else "red" if judged else "yellow",
            unit=_("人"),
        )
    ]
    if post.role in ("township_worker", "clerk"):
        gaps = len(_gaps(request, scope))
        lists.append(
            number(
                _("有缺口的村（社区）") if place.below == "village" else _("有缺口的乡镇（街道）"),
                gaps,
                link(scope, "duties", by="place", gap="only"),
                light="green" if not gaps else "red" if judged else "yellow",
                unit=_("处"),
            )
        )
    if post.role in ("township_worker", "clerk", "village_worker"):
        lists.append(
            number(
                _("没有帮扶人员"), sides["unnamed"], link(scope, "helpers-unnamed"), unit=_("人"),
                light="red" if sides["unnamed"] else "green",
            )
        )  # fmt: skip
    lists += _queues(request, scope, counts)
    if post.may("people.import"):
        back = capped(returned(post=post, place=place, since=_month_ago()))
        lists.append(
            number(
                _("退回待改的名单"), back, link(scope, "returned"), unit=_("份"), light="yellow" if back else "green"
            )
        )
    if post.may("duties.manage"):
        waiting = duties.not_opened_count(post=post, place=place, on=scope.today)
        lists.append(
            number(
                _("该开未开的周期"), waiting, link(scope, "periods", missing="only"), unit=_("期"),
                light="red" if waiting else "green",
            )
        )  # fmt: skip
    return lists


OFFICES = ("township_worker", "clerk", "community_clerk", "secretary", "leader", "inspector")


def watched(request, scope: Scope) -> list[dict]:
    """What is overdue in the ledger and at sites: late lines, signatures, orders, papers that run out, requests for data."""
    if request.post.role not in OFFICES:
        return []
    post, place, on = request.post, scope.place, scope.today
    may = request.post.may
    return [
        *(_ledger_numbers(post, place, on, scope) if may("ledger.view") else []),
        *(_site_numbers(post, place, on, scope) if may("facilities.view") else []),
        *(_request_numbers(post, place, on, scope) if may("meetings.view") else []),
    ]


def _ledger_numbers(post, place, on, scope: Scope) -> list[dict]:
    late = ledger.late_count(post=post, place=place, on=on)
    mine = ledger.waiting_count(post=post)
    url = link(scope, "ledger", period=None)
    return [
        number(_("台账逾期"), late, link(scope, "ledger", period=None, state="late"), unit=_("项"), light="red" if late else "green"),
        number(_("等我签字或审批"), mine, url, unit=_("项"), light="yellow" if mine else "green"),
    ]  # fmt: skip


def _site_numbers(post, place, on, scope: Scope) -> list[dict]:
    orders, late = sites.orders_open(post=post, place=place, on=on)
    due, gone = sites.papers_due(post=post, place=place, on=on)
    return [
        number(
            _("没办结的整改单"), orders, link(scope, "inspections", period=None), unit=_("张"),
            light="red" if late else "yellow" if orders else "green", note=_("其中超期 %(n)s") % {"n": late} if late else "",
        ),
        number(
            _("证照要续办"), due, link(scope, "facility-papers", period=None), unit=_("证"),
            light="red" if gone else "yellow" if due else "green", note=_("其中已过期 %(n)s") % {"n": gone} if gone else "",
        ),
    ]  # fmt: skip


def _request_numbers(post, place, on, scope: Scope) -> list[dict]:
    late = meetings.requests(post=post, place=place).filter(answered_on=None, due_on__lt=on).count()
    return [
        number(
            _("数据申请超期"),
            late,
            link(scope, "data-requests", period=None, state="late"),
            unit=_("件"),
            light="red" if late else "green",
        )
    ]


def _month_ago():
    return timezone.now() - timedelta(days=30)


@door("people.import")
def returned_rosters(request):
    """Rosters whose wrong rows are still to be corrected."""
    request.scope = scope = scope_of(request)
    found = list(returned(post=request.post, place=scope.place, since=_month_ago())[:200])
    names = accounts.users_in(row.made_by for row in found)
    rows = [{"batch": row, "by": names.get(row.made_by), "url": reverse("import", args=[row.pk])} for row in found]
    return render(request, "desk/returned.html", {"rows": rows, "period": None})


def _queues(request, scope: Scope, counts: dict) -> list[dict]:
    """Ladders and needs: those who visit see all that is open, offices what is overdue."""
    visiting = request.post.role in ("helper", "village_worker")
    late, waiting = counts["escalations_overdue"], counts["escalations"]
    ladders = number(
        _("无应答待处理") if visiting else _("无应答超时"),
        waiting if visiting else late,
        link(scope, "escalations", overdue=None if visiting else "only"),
        light="red" if late else "yellow" if visiting and waiting else "green",
        note=_("其中超时 %(n)s") % {"n": late} if visiting and late else "",
        unit=_("人"),
    )
    needs = number(
        _("转办逾期"), counts["referrals_overdue"], link(scope, "referrals", overdue="only"), unit=_("件"),
        light="red" if counts["referrals_overdue"] else "green",
    )  # fmt: skip
    if not request.post.may("people.edit"):
        return [ladders, needs]
    waiting = capped(clashes(post=request.post, place=request.scope.place))
    clash = number(_("待核定的更正"), waiting, link(scope, "corrections"), light="yellow" if waiting else "green", unit=_("条"))  # fmt: skip
    return [ladders, needs, clash]


def _waiting(scope: Scope, counts: dict, now, *, overdue: str) -> dict:
    """The first ladders and the first needs past their day; a queue that was just counted empty is not asked again."""
    ladders, needs = [], []
    if counts["escalations_overdue" if overdue else "escalations"]:
        ladders = visits.escalations_open(post=scope.post, place=scope.place, overdue=overdue, now=now)[:FEW]
    if counts["referrals_overdue"]:
        needs = visits.referrals_open(post=scope.post, place=scope.place, overdue="only")[:FEW]
    return {
        "ladders": [ladder_row(row, scope, now) for row in ladders],
        "needs": [need_row(row, scope) for row in needs],
    }


def _people(request, scope: Scope, mine: int | None) -> dict:
    """Who is due this week."""
    post = request.post
    page = duties.listed(post=post, name=WEEKLY, period=scope.period, place=scope.place, helper=mine, limit=ROWS)
    audit.note("people.list", "workbench", area_id=scope.place.pk, rows=len(page.rows))
    return {
        "due": in_turn(page.rows, scope),
        "due_more": link(scope, "duties", helper="me" if mine else "all") if page.next else "",
        "back": request.get_full_path(),
        "may_record": post.may("visits.record"),
        "may_call": post.may("people.unmask"),
        "people_page": True,
    }


def _gaps(request, scope: Scope) -> list:
    """The places with a gap: asked once, for their number above and their list below."""
    if not hasattr(request, "gaps"):
        request.gaps = duties.lines(post=request.post, name=WEEKLY, period=scope.period, place=scope.place, gap="only")
    return request.gaps


def _office(request, scope: Scope) -> dict:
    """Places with gaps, the widest first, and emergencies."""
    post = request.post
    gaps = _gaps(request, scope)
    emergencies = [
        row for row in duties.emergencies(post=post, place=scope.place, since=scope.today) if row.ended_at is None
    ]
    return {
        "gaps": [
            {
                "place": line.place,
                "sums": line.sums,
                "url": link(scope, "missing", area=line.place.code),
                "light": _light(line.sums, scope),
            }
            for line in gaps[:ROWS]
        ],
        "gaps_more": link(scope, "duties", by="place", gap="only") if len(gaps) > ROWS else "",
        "emergencies": emergencies,
        "emergency_url": link(scope, "emergency"),
        "office_page": True,
    }


def _light(sums, scope: Scope) -> str:
    bounds = definitions.named("weekly_visiting").lights
    rate = 100 * sums.kept / sums.owed if sums.owed else 100
    if rate >= bounds["green"]:
        return "green"
    return "yellow" if rate >= bounds["yellow"] or scope.today < missing_day(scope.period) else "red"


def _lights(scope: Scope) -> list[dict]:
    """The area's figures, those of the four hundred per cents first."""
    found = queries.scoreboard(scope.place, scope.period, post=scope.post)
    order = {name: at for at, name in enumerate(FOUR)}
    return [shown(f, scope) for f in sorted(found, key=lambda f: order.get(f.indicator.name, len(order)))]


def _overview(scope: Scope) -> dict:
    """Where are we late, who is stuck: four lights with the places furthest behind, what does not move, thirteen weeks."""
    four = _four_hundreds(scope)
    shown_above = {row["name"] for row in four}
    monthly = [row for name in FOUR if name not in shown_above and (row := _monthly(name, scope))]
    stuck = (
        visits.stuck(post=scope.post, place=scope.place, period=scope.period) if scope.post.may("duties.view") else []
    )
    return {
        "four": four,
        "others": monthly + [row for row in _lights(scope) if row["figure"].indicator.name not in shown_above],
        "stuck": [_stuck(row, scope) for row in stuck[:ROWS]],
        "stuck_all": len(stuck),
        "curve": _curve(scope),
        "curve_target": definitions.named("weekly_visiting").target,
    }


def _four_hundreds(scope: Scope) -> list[dict]:
    """The notice's four 100 %, in its order; a rate that nobody counts here yet stands there as 未报, never as a figure."""
    rows = []
    for row in queries.board("four_hundreds", scope.place, scope.period, post=scope.post):
        name = row["figure"].indicator.name if row["figure"] else ""
        blank = {"title": said(row["title"]), "figure": None, "light": "none", "commitment": row["commitment"]}
        rows.append({"name": name} | ((name and _one(name, scope)) or blank))
    return rows


def _monthly(name: str, scope: Scope) -> dict | None:
    """A rate that is not counted by the week, for the month of the week; the others stand among the area's lights."""
    return None if scope.period.kind in definitions.named(name).periods else _one(name, scope)


def _one(name: str, scope: Scope) -> dict | None:
    """One of the four with the three places furthest behind; a monthly one for the month of the week."""
    indicator = definitions.named(name)
    if scope.period.kind in indicator.periods:
        inside = scope
    else:
        inside = replace(scope, period=containing("month", min(scope.period.end, scope.today)))
    found = queries.figures(indicator, inside.place, inside.period, post=scope.post)
    if not found:
        return None
    behind = [f for f in found[1:] if f.value is not None and f.light.colour in ("red", "yellow")]
    behind.sort(key=lambda f: (f.value, f.numerator - f.denominator))
    row = shown(found[0], inside)
    row["url"] = inside.link(reverse("indicator", args=[name]))
    row["behind"] = [shown(f, inside) for f in behind[:3]]
    row["late"] = len(behind)
    row["period_note"] = "" if inside is scope else inside.period.code
    return row


def _stuck(row: visits.Stuck, scope: Scope) -> dict:
    code = row.place.code
    return {
        "place": row.place,
        "row": row,
        "url": link(scope, "workbench", area=code),
        "missed_url": link(scope, "missing", area=code),
        "escalations_url": link(scope, "escalations", area=code, overdue="only"),
        "referrals_url": link(scope, "referrals", area=code, overdue="only"),
        "unnamed_url": link(scope, "helpers-unnamed", area=code),
    }


def _curve(scope: Scope) -> list[dict]:
    weeks: list[Period] = [scope.period]
    while len(weeks) < WEEKS:
        weeks.insert(0, weeks[0].previous())
    indicator = definitions.named("weekly_visiting")
    return [
        {
            "label": row["period"][5:],
            "value": row["value"],
            "text": f"{row['numerator']}/{row['denominator']}",
            "url": link(scope, "workbench", period=row["period"]),
        }
        for row in queries.series(indicator, scope.place, weeks)
    ]


def _shortcuts(request, scope: Scope) -> list[dict]:
    """Pages this post opens often; only those that exist here."""
    offered = [
        ("field", _("手机页"), "phone", "visits.record"),
        ("duties", _("应访名单"), "visit", "duties.view"),
        ("missing", _("漏访名单"), "list", "duties.view"),
        ("sheets", _("纸单"), "print", "visits.enter_for"),
        ("helpers", _("帮扶人员"), "users", "helpers.manage"),
        ("excuses", _("暂停登记"), "calendar", "duties.excuse"),
        ("emergency", _("应急加密"), "warning", "duties.manage"),
        ("people", _("老年人"), "people", "people.view"),
        ("imports", _("批量导入"), "import", "people.import"),
        ("programmes-leader", _("领导一页"), "programme", "programmes.view"),
        ("map", _("地图"), "map", "indicators.view"),
        ("indicators", _("全部指标"), "indicator", "indicators.view"),
    ]
    found = []
    for name, label, icon, permission in offered:
        if request.post.may(permission):
            try:
                found.append({"label": label, "icon": icon, "url": link(scope, name)})
            except NoReverseMatch:
                continue
    return found

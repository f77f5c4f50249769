"""应访名单、漏访名单: who is owed what this week, how far it has come, and who has been missed."""

from io import BytesIO

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from songhe.care.duties import boards, queries
from songhe.core import audit
from songhe.core.workbook import Column, write_xlsx
from songhe.doors.desk.duty_scope import PAGE, duty_scope, in_turn, link, rule_title, section, whose
from songhe.doors.desk.forms.visits import ExportForm
from songhe.registry.accounts.access import door

PRINTED = 2000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@door("duties.view")
def index(request):
    """The due list: not yet kept, kept, excused or without a helper; or the same by place (`?by=place`)."""
    scope, rule = duty_scope(request)
    if request.GET.get("by") == "place":
        return _by_place(request, scope, rule)
    asked, helper = whose(request)
    side = request.GET.get("side") or "due"
    untouched = "only" if request.GET.get("untouched") == "only" and side == "due" else ""
    page = boards.listed(
        post=request.post, name=rule.name, period=scope.period, place=scope.place, side=side, helper=helper,
        untouched=untouched, after=request.GET.get("after", ""), limit=PAGE,
    )  # fmt: skip
    audit.note("people.list", "duty", area_id=scope.place.pk, rule=rule.name, side=side, rows=len(page.rows))
    kept = {"rule": rule.name, "helper": asked}
    counts = boards.sides(post=request.post, name=rule.name, period=scope.period, place=scope.place, helper=helper)
    context = {
        "tabs": section(request, "duties"),
        "sides": _sides(scope, counts, side, helper, kept),
        "side": side,
        "rule": rule,
        "rule_title": rule_title(rule),
        "rows": in_turn(page.rows, scope),
        "next_url": link(scope, "duties", **kept, side=side, untouched=untouched, after=page.next) if page.next else "",
        "first_url": link(scope, "duties", **kept, side=side, untouched=untouched) if request.GET.get("after") else "",
        "filters": _filters(request, scope, rule, asked),
        "untouched": untouched,
        "back": request.get_full_path(),
        "by_place": link(scope, "duties", rule=rule.name, by="place"),
        "may_record": request.post.may("visits.record"),
        "may_call": request.post.may("people.unmask") and request.post.may("visits.record"),
    }
    return render(request, "desk/duties.html", context)


def _sides(scope, counts: dict, side: str, helper: int | None, kept: dict) -> list[dict]:
    words = {"due": _("未完成"), "kept": _("已完成"), "excused": _("暂停"), "unnamed": _("没有帮扶人员")}
    return [
        {
            "label": words[key],
            "url": link(scope, "duties", **kept, side=key),
            "current": key == side,
            "count": f"{counts[key]:,}" if counts[key] <= settings.CAPPED_COUNT else f"{settings.CAPPED_COUNT:,}+",
        }
        for key in boards.SIDES
        if key != "unnamed" or helper is None
    ]


def _filters(request, scope, rule, asked: str) -> dict:
    rules = [(r.name, rule_title(r)) for r in boards.rules_in_force()]
    helpers = [("all", _("所有人")), ("me", _("只看我的"))]
    if scope.place.level in ("township", "village"):
        named = boards.helpers_for(post=request.post, place=scope.place)
        helpers += [(str(user.pk), f"{user} · {post.place}") for user, post in named if user.pk != request.user.pk]
    if asked not in dict(helpers):
        helpers.append((asked, _("帮扶人员 %(number)s") % {"number": asked}))
    return {"rules": rules, "rule": rule.name, "helpers": helpers, "helper": asked}


def _by_place(request, scope, rule):
    """One row a place below, the widest gap first; `gap=only` leaves out those without one."""
    gap = "only" if request.GET.get("gap") == "only" else ""
    level = "village" if request.GET.get("level") == "village" else ""
    found = boards.lines(
        post=request.post, name=rule.name, period=scope.period, place=scope.place, gap=gap, level=level
    )
    rows = [
        {
            "place": line.place,
            "sums": line.sums,
            "url": link(scope, "duties", area=line.place.code, rule=rule.name, by="place" if line.place.level not in ("village", "township") else None),
            "missed_url": link(scope, "duties", area=line.place.code, rule=rule.name, side="due", helper="all"),
            "excused_url": link(scope, "duties", area=line.place.code, rule=rule.name, side="excused", helper="all"),
        }
        for line in found
    ]  # fmt: skip
    context = {
        "tabs": section(request, "duties"),
        "rule": rule,
        "rule_title": rule_title(rule),
        "rows": rows,
        "gap": gap,
        "all_url": link(scope, "duties", rule=rule.name, by="place", level=level),
        "gap_url": link(scope, "duties", rule=rule.name, by="place", level=level, gap="only"),
        "people_url": link(scope, "duties", rule=rule.name, helper="all"),
    }
    return render(request, "desk/duties_by_place.html", context)


def _missing(request, scope, rule, limit: int):
    """The page of the missing list that the address asks for: as of now, or of the day it is drawn up."""
    drawn = queries.missing_day(scope.period)
    as_of = drawn if request.GET.get("as_of") == "list" and drawn < scope.today else None
    page = queries.missing_list(
        post=request.post, period=scope.period, name=rule.name, place=scope.place, as_of=as_of or max(scope.today, drawn),
        after=request.GET.get("after", ""), limit=limit,
    )  # fmt: skip
    return drawn, as_of, page


@door("duties.view")
def missing(request):
    """漏访名单: whoever is short, as of now or as of the day the list is drawn up; to work off, print or export."""
    scope, rule = duty_scope(request)
    printed = request.GET.get("print") == "yes"
    drawn, as_of, page = _missing(request, scope, rule, PRINTED if printed else PAGE)
    audit.note("people.list", "missing", area_id=scope.place.pk, rule=rule.name, rows=len(page.rows))
    counts = boards.sides(post=request.post, name=rule.name, period=scope.period, place=scope.place)
    given = {"rule": rule.name, "as_of": "list" if as_of else None}
    context = {
        "tabs": section(request, "missing"),
        "views": [
            {"label": _("现在"), "url": link(scope, "missing", rule=rule.name), "current": not as_of, "count": counts["due"]},
            {"label": _("名单日 %(day)s") % {"day": f"{drawn:%m-%d}"}, "url": link(scope, "missing", rule=rule.name, as_of="list"), "current": bool(as_of), "count": ""},
        ] if drawn < scope.today else [],
        "rule": rule,
        "rule_title": rule_title(rule),
        "rows": in_turn(page.rows, scope),
        "count": counts["due"],
        "drawn": drawn,
        "as_of": as_of,
        "early": scope.today < drawn,
        "printed": printed,
        "cut": bool(page.next) and printed,
        "next_url": link(scope, "missing", **given, after=page.next) if page.next and not printed else "",
        "first_url": link(scope, "missing", **given) if request.GET.get("after") else "",
        "print_url": link(scope, "missing", **given, print="yes"),
        "screen_url": link(scope, "missing", **given),
        "back": request.get_full_path(),
        "may_record": request.post.may("visits.record"),
        "may_call": request.post.may("people.unmask") and request.post.may("visits.record"),
        "export_form": ExportForm() if request.post.may("people.export") else None,
        "export_url": link(scope, "missing-export", **given),
        "now": timezone.now(),
    }  # fmt: skip
    return render(request, "desk/missing_print.html" if printed else "desk/missing.html", context)


@door("people.export")
@require_POST
def missing_export(request):
    """Exactly the rows of the list as a file: watermarked, text-typed, the purpose in the audit."""
    scope, rule = duty_scope(request)
    form = ExportForm(request.POST)
    if not form.is_valid():
        context = {
            "form": form,
            "back_url": link(scope, "missing", rule=rule.name),
            "tabs": section(request, "missing"),
        }
        return render(request, "desk/missing_export.html", context, status=422)
    _drawn, as_of, page = _missing(request, scope, rule, 1_000_000)
    towns = boards.towns_of(post=request.post, duties=page.rows)
    who = f"{request.user} {timezone.localtime():%Y-%m-%d %H:%M} {form.cleaned_data['reason']}"
    columns = [
        Column("序号", "number", 6), Column("姓名"), Column("性别", width=6), Column("年龄", "number", 6), Column("乡镇（街道）"),
        Column("村（社区）"), Column("帮扶人员"), Column("应通话", "number", 8), Column("已通话", "number", 8),
        Column("应上门", "number", 8), Column("已上门", "number", 8),
    ]  # fmt: skip
    rows = (
        [
            at, duty.person.name, duty.person.get_sex_display(), duty.person.age(scope.today), towns.get(duty.town_id, ""),
            str(duty.village), str(duty.helper or ""), duty.calls_owed, duty.calls_done, duty.visits_owed, duty.visits_done,
        ]
        for at, duty in enumerate(page.rows, 1)
    )  # fmt: skip
    out = BytesIO()
    title = f"漏访名单 {scope.place} {scope.period.code} 截至 {as_of or scope.today}"
    count = write_xlsx(out, columns, rows, sheet="漏访名单", watermark=who, notes=[title, rule.title])
    audit.note(
        "people.export", "missing", area_id=scope.place.pk, rule=rule.name, period=scope.period.code, rows=count,
        reason=form.cleaned_data["reason"],
    )  # fmt: skip
    response = HttpResponse(out.getvalue(), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="missing-{scope.place.code}-{scope.period.code}.xlsx"'
    return response

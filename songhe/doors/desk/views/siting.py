"""选址: where the next sites of a kind go, from the registers; nothing is stored, the address holds the whole question."""

import time
from io import BytesIO
from urllib.parse import urlencode

from django.db import connection
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from songhe.core import audit
from songhe.core.memory import Memory
from songhe.core.refusal import Refusal
from songhe.core.workbook import Column, write_xlsx
from songhe.doors.desk.facility_scope import section
from songhe.doors.desk.forms.siting import SitingForm, begin
from songhe.doors.desk.scope import scope_of
from songhe.doors.desk.siting_map import drawings
from songhe.doors.desk.views.imports import XLSX, sent
from songhe.insight.planning.budget import Budget
from songhe.insight.siting.answering import Answer, answer
from songhe.insight.siting.asked import SHORTEST, Asked
from songhe.insight.siting.gathering import Ground, ground
from songhe.registry.accounts.access import door
from songhe.registry.places.models import Place

SECONDS = 6.0  # of each run: one, two with the worst-off first, twice as many with villages fixed
ROWS = 200  # of the table on one page
SHOWN = {
    "before": lambda row: row.was,
    "after": lambda row: row.now,
    "new": lambda row: row.now and not row.was,
    "left": lambda row: not row.now,
    "all": lambda row: row is not None,
}
GROUPS = {"urban": gettext_lazy("城镇"), "rural": gettext_lazy("乡村"), "unknown": gettext_lazy("城乡未定")}
# The same question on the same facts has the same answer: turning a page or printing does not compute again.
_answers: Memory[tuple, Answer] = Memory(seconds=600, most=30)


def _budget() -> Budget:
    return Budget(seconds=SECONDS, now=time.monotonic)


@door("sites.plan")
def index(request):
    """The form, and below it the plan for what the address asks."""
    request.scope = scope = scope_of(request)
    asked_now = "count" in request.GET
    form = SitingForm(request.GET if asked_now else None, initial=begin())
    context = {
        "tabs": section(request, "facility-siting"),
        "form": form,
        "period": None,
        "keep": _kept(request),
        "scope": scope,
    }
    if not asked_now or not form.is_valid():
        return render(request, "desk/siting.html", context, status=422 if asked_now else 200)
    try:
        found, made = _plan(request, form)
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return render(request, "desk/siting.html", context | {"fixed": _named(request)}, status=422)
    return render(request, "desk/siting.html", context | _shown(request, found, made))


@door("sites.plan")
def export(request):
    """The villages of the plan as .xlsx."""
    request.scope = scope = scope_of(request)
    form = SitingForm(request.GET)
    if not form.is_valid():
        return render(request, "desk/siting.html", {"tabs": section(request, "facility-siting"), "form": form, "period": None}, status=422)  # fmt: skip
    found, made = _plan(request, form)
    columns = [
        Column("乡镇（街道）"), Column("村（社区）"), Column("老人", "number", 8), Column("原来（分钟）", "number", 12), Column("之后（分钟）", "number", 12),
        Column("原来覆盖", width=10), Column("之后覆盖", width=10), Column("去哪里"), Column("说明", width=40),
    ]  # fmt: skip
    rows = (
        [
            row.spot.town, str(row.spot.place), row.spot.people, None if row.before is None else round(row.before, 1),
            round(row.after, 1), "是" if row.was else "否", "是" if row.now else "否", _place_of(row.by), _why(row),
        ]
        for row in made.rows
    )  # fmt: skip
    out = BytesIO()
    title = _("选址测算 %(place)s %(day)s") % {"place": scope.place, "day": f"{scope.today:%Y-%m-%d}"}
    who = f"{request.user} {timezone.localtime():%Y-%m-%d %H:%M}"
    chosen = "、".join(f"{c.rank} {c.spot.place}" for c in made.chosen)
    count = write_xlsx(
        out, columns, rows, sheet="选址测算", watermark=who, notes=[title, chosen, _said(found.basis), _proof(made)]
    )
    audit.note("sites.export", "facility", area_id=scope.place.pk, rows=count, asked=request.GET.urlencode()[:400])
    return sent(out.getvalue(), _("选址测算_%(place)s.xlsx") % {"place": scope.place}, XLSX)


def _kept(request) -> dict[str, list[str]]:
    """What the planner has fixed: it goes along with the form."""
    return {name: sorted({code for code in request.GET.getlist(name) if code.isdecimal() and len(code) == 12}) for name in ("must", "never")}  # fmt: skip


def _plan(request, form: SitingForm) -> tuple[Ground, Answer]:
    kept = _kept(request)
    scope = request.scope
    asked: Asked = form.asked(frozenset(kept["must"]), frozenset(kept["never"]))
    found = ground(post=request.post, place=scope.place, asked=asked, on=scope.today)
    key = (connection.settings_dict["NAME"], asked, found.print_of())
    made = _answers.get(key)
    if made is None:
        made = answer(found, asked, _budget)
        _answers.put(key, made)
    return found, made


def _url(request, name: str = "facility-siting", **changes) -> str:
    """This question with something changed; a list is several values, None drops one."""
    given = {k: request.GET.getlist(k) for k in (*SitingForm.base_fields, "show", "group") if k in request.GET}
    given |= _kept(request) | {"area": [request.scope.place.code]}
    for key, value in changes.items():
        given[key] = value if isinstance(value, list) else [] if value is None else [value]
    return f"{reverse(name)}?{urlencode(given, doseq=True)}"


def _fix(request, code: str, to: str) -> str:
    """The question with a village required, ruled out, or free again (to="")."""
    kept = {name: [c for c in codes if c != code] for name, codes in _kept(request).items()}
    if to:
        kept[to] = [*kept[to], code]
    return _url(request, show=None, group=None, **kept) + "#plan"


def _named(request) -> list[dict]:
    """The fixed villages in words, each with the way to let it go."""
    kept = _kept(request)
    codes = [*kept["must"], *kept["never"]]
    names = {p.code: str(p) for p in Place.objects.within(request.post).filter(code__in=codes, valid_to=None)}
    return [
        {"name": names.get(code, code), "must": code in kept["must"], "url": _fix(request, code, "")}
        for code in dict.fromkeys(codes)
    ]


def _shown(request, found: Ground, made: Answer) -> dict:
    show, group = request.GET.get("show", ""), request.GET.get("group", "")
    rows = [row for row in made.rows if SHOWN.get(show, SHOWN["all"])(row) and group in ("", row.spot.group)]
    start = int(request.GET.get("after", "")) if request.GET.get("after", "").isdecimal() else 0
    worst = made.worst
    return {
        "found": found,
        "made": made,
        "basis": _said(found.basis),
        "proof": _proof(made),
        "spare": len(made.chosen) < made.asked.count,
        "gained": made.after - made.before,
        "fixed": _named(request),
        "dropped": len(made.dropped),
        "chosen": [_chosen(request, each) for each in made.chosen],
        "groups": [_group(request, each, each == worst) for each in made.groups],
        "left": sum(row.spot.people for row in made.rows if not row.now),
        "reasons": _reasons(made),
        "unplaced": [(spot, _people_url(request, made.asked, spot)) for spot in found.unplaced],
        "drawn": sum(spot.drawn for spot in found.spots),
        "unplaced_people": sum(spot.people for spot in found.unplaced),
        "standing": [_standing(each) for each in found.standing],
        "by_village": sum(each.by_village for each in found.standing),
        "outside": sum(not each.inside for each in found.standing),
        "map": drawings(found, made),
        "rows": [_row(request, row, made, found) for row in rows[start : start + ROWS]],
        "row_count": len(rows),
        "row_people": sum(row.spot.people for row in rows),
        "show_tabs": [
            {"label": label, "url": _url(request, show=key, group=None) + "#villages", "current": key == (show or "all"), "count": sum(map(SHOWN[key], made.rows))}
            for key, label in (("all", _("全部")), ("new", _("新覆盖")), ("before", _("原来已覆盖")), ("after", _("之后覆盖")), ("left", _("仍未覆盖")))
        ],
        "group": _group_name(group) if group else "",
        "next_url": _url(request, after=start + ROWS) + "#villages" if len(rows) > start + ROWS else "",
        "first_url": _url(request) + "#villages" if start else "",
        "urls": {key: _url(request, show=key, group=None) + "#villages" for key in SHOWN},
        "export_url": _url(request, "facility-siting-export", show=None, group=None),
    }  # fmt: skip


def _chosen(request, each) -> dict:
    code = each.spot.place.code
    return {
        "each": each,
        "never_url": _fix(request, code, "never"),
        "must_url": "" if each.pinned else _fix(request, code, "must"),
        "free_url": _fix(request, code, "") if each.pinned else "",
    }


def _group_name(name: str) -> str:
    return str(GROUPS[name]) if name in GROUPS else name


def _group(request, each, worst: bool) -> dict:
    here = {"group": each.name}
    return {
        "each": each,
        "name": _group_name(each.name),
        "worst": worst,
        "url": _url(request, show="all", **here) + "#villages",
        "before_url": _url(request, show="before", **here) + "#villages",
        "after_url": _url(request, show="after", **here) + "#villages",
    }


def _standing(each) -> dict:
    return {"each": each, "url": reverse("facility", args=[each.facility.uid])}


def _row(request, row, made: Answer, found: Ground) -> dict:
    place = row.spot.place
    can, asked = place.code in found.codes, made.asked
    return {
        "row": row,
        "by": _place_of(row.by),
        "why": _why(row),
        "people_url": _people_url(request, asked, row.spot),
        "must_url": _fix(request, place.code, "must") if can and place.code not in asked.must else "",
        "never_url": _fix(request, place.code, "never") if can and place.code not in asked.never else "",
        "state": "must" if place.code in asked.must else "never" if place.code in asked.never else "",
        "free_url": _fix(request, place.code, ""),
    }


def _people_url(request, asked: Asked, spot) -> str:
    """The list of exactly those whom the village's figure counts."""
    given = {"area": spot.place.code, "status": "living"} | ({"circumstance": asked.whom} if asked.whom else {})
    return f"{reverse('people')}?{urlencode(given)}" if spot.people else ""


def _place_of(by) -> str:
    return by.facility.name if hasattr(by, "facility") else _("新建：%(place)s") % {"place": by.place}


def _why(row) -> str:
    if not row.why:
        return ""
    near = {"place": row.near.place if row.near else ""}
    return {
        "far": _("附近没有能按时到的村（社区），宜上门或流动服务"),
        "count": _("处数用在人更多的地方了；在“%(place)s”再建一处即可覆盖") % near,
        "never": _("能覆盖它的村被设为不选（如“%(place)s”）") % near,
    }[row.why]


def _reasons(made: Answer) -> list[tuple[str, int, int]]:
    """What keeps people out: sentence, villages, people."""
    words = {"far": _("所有可选的村都太远"), "count": _("处数用完，再增加才够得着"), "never": _("能覆盖的村被设为不选")}
    found = []
    for why, text in words.items():
        mine = [row.spot.people for row in made.rows if row.why == why]
        if mine:
            found.append((text, len(mine), sum(mine)))
    return found


def _said(pair: tuple[str, str]) -> str:
    return pair[1] if (get_language() or "").startswith("en") else pair[0]


def _proof(made: Answer) -> str:
    """The bound in plain words."""
    if made.proven and made.asked.fair:
        return _("先照顾最差的：在此前提下，已证明没有总数更多的选法。")
    if made.proven:
        return _("已证明最优：同样的条件下，没有更好的选法。")
    share = f"{100 * made.gap:.1f}"
    if made.asked.goal == SHORTEST:
        return _("到了计算时限：离最优最多 %(share)s %%。") % {"share": share}
    return _("到了计算时限：离最优最多 %(share)s %%（别的选法至多再多覆盖 %(n)s 人）。") % {
        "share": share,
        "n": made.more,
    }

"""机构设施: the list with its filters in the URL, one site with its whole history, every site against the standards."""

from datetime import date

from django.shortcuts import render
from django.utils.translation import gettext as _

from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.doors.desk.facility_scope import (
    RESULT_LIGHTS,
    english,
    facility_or_404,
    link,
    number,
    section,
    site_scope,
    words,
)
from songhe.doors.desk.forms.facilities import WEEKDAYS
from songhe.registry.accounts import queries as accounts
from songhe.registry.accounts.access import door
from songhe.registry.facilities import definitions, queries, rules, terms
from songhe.registry.facilities.queries.narrowing import NARROWINGS

STATUS_LIGHTS = {"in_use": "green", "accepted": "green", "closed": "none", "planned": "none"}
FILTERS = ("kind", "status", "q", "only", *NARROWINGS)
BEDS = dict(terms.BEDS)
RESULTS, STATUSES, KINDS, SOURCINGS = (
    dict(terms.RESULTS),
    dict(terms.STATUSES),
    dict(terms.KINDS),
    dict(terms.SOURCINGS),
)


@door("facilities.view")
def index(request):
    """One page of facilities: kind, status, words, dormant ones; the place and the day stand in the URL."""
    scope, on = site_scope(request)
    given = {name: request.GET.get(name, "") for name in FILTERS}
    page = queries.listed(post=request.post, place=scope.place, on=on, after=request.GET.get("after", ""), **given)
    day = request.GET.get("on") or None
    here = {k: v or None for k, v in given.items()} | {"on": day}
    context = {
        "tabs": section(request, "facilities"),
        "rows": [_row(scope, row, day) for row in page.rows],
        "count_text": _("%(count)s 处") % {"count": f"{page.count:,}"},
        "given": given,
        "on": on,
        "as_of": day,
        "kept": [(name, given[name]) for name in NARROWINGS if given[name]],
        "options": {
            "kind": [("", _("不限")), *terms.KINDS],
            "status": [("", _("不限")), *terms.STATUSES],
            "only": [("", _("不限")), ("dormant", _("投用后久无活动"))],
        },
        "chips": [
            {"label": _chip(name, value), "url": link(scope, "facilities", **(here | {name: None}))}
            for name, value in given.items()
            if value
        ],
        "clear_url": link(scope, "facilities", on=day),
        "next_url": link(scope, "facilities", after=page.after, **here) if page.after else "",
        "new_url": link(scope, "facility-new") if request.post.may("facilities.edit") else "",
        "import_url": link(scope, "facility-sheets") if request.post.may("facilities.edit") else "",
        "export_url": link(scope, "facilities-export", **here),
        "totals": _totals(request, scope, on),
        "period": None,
    }
    return render(request, "desk/facilities.html", context)


def _chip(name: str, value: str) -> str:
    if name == "beds":
        return _("有这类床位：%(kinds)s") % {"kinds": "、".join(str(BEDS.get(kind, kind)) for kind in value.split(","))}
    said = {
        "reached": _("至少到“%(value)s”") % {"value": STATUSES.get(value, value)},
        "since": _("%(value)s 起新达到的") % {"value": value},
        "begun": _("%(value)s 前已登记的") % {"value": value},
        "lots": _("改造床位"),
        "operated": _("已选定运营机构"),
        "apart": _("不含功能区 %(value)s") % {"value": value},
    }
    known = {"kind": KINDS, "status": STATUSES, "only": {"dormant": _("投用后久无活动")}}.get(name, {})
    return str(said.get(name) or known.get(value, value))


def _row(scope, row, day) -> dict:
    return {
        "facility": row,
        "url": link(scope, "facility", row.uid, on=day),
        "kind": KINDS[row.kind],
        "status": STATUSES.get(row.status, _("尚未登记")),
        "light": STATUS_LIGHTS.get(row.status, "yellow") if row.status else "none",
    }


def _totals(request, scope, on) -> list[dict]:
    """A table of kinds by status: the same facilities as the list without filters."""
    counted: dict[str, dict[str, int]] = {}
    for kind, status, n in queries.totals(post=request.post, place=scope.place, on=on):
        counted.setdefault(kind, {})[status] = n
    day = request.GET.get("on") or None
    return [
        {
            "kind": KINDS[kind],
            "cells": [
                {"n": by.get(status, 0), "url": link(scope, "facilities", kind=kind, status=status, on=day)}
                for status in STATUSES
            ],
            "sum": sum(by.values()),
            "url": link(scope, "facilities", kind=kind, on=day),
        }
        for kind, by in counted.items()
    ]


@door("facilities.view")
def one(request, uid):
    """One site: what it has, what its standards ask, who looked at it, everything that happened."""
    scope, on = site_scope(request)
    facility = facility_or_404(request, uid, on)
    audit.note("facilities.read", "facility", facility.pk, area_id=facility.place_id)
    tab = request.GET.get("tab") if request.GET.get("tab") in TABS else "overview"
    day = request.GET.get("on") or None
    context = {
        "facility": facility,
        "kind": KINDS[facility.kind],
        "status": STATUSES.get(facility.status, _("尚未登记")),
        "light": STATUS_LIGHTS.get(facility.status, "yellow") if facility.status else "none",
        "on": on,
        "as_of": day,
        "tab": tab,
        "tabs": [
            {"label": label, "url": link(scope, "facility", uid, tab=name, on=day), "current": name == tab, "count": ""}
            for name, label in (
                ("overview", _("概况")),
                ("standards", _("对照标准")),
                ("activity", _("活动")),
                ("history", _("经过")),
            )
        ],
        "may": {name: request.post.may(f"facilities.{name}") for name in ("edit", "report", "inspect", "sign")},
        "add": {what: link(scope, "facility-add", uid, what) for what in ADDS},
        "inspect_url": link(scope, "inspection-new", uid),
        "dormant_days": definitions.inspecting().dormant_after_days,
        "back_url": link(scope, "facilities", on=day),
        "steps": _steps(facility.status),
        "period": None,
    } | TABS[tab](request, scope, facility, on)
    return render(request, "desk/facility.html", context)


ADDS = (
    "site", "status", "beds", "rooms", "services", "staff", "hours", "measure", "licence", "operator", "premises", "sync",
    "activity", "appraisal", "rename",
)  # fmt: skip


def _steps(status: str | None) -> list[dict]:
    """The walk, for the line on top of the page."""
    at = rules.WALK.index(status) if status in rules.WALK else -1
    return [
        {"label": STATUSES[code], "state": "done" if n < at else "now" if n == at else "later"}
        for n, code in enumerate(rules.WALK)
    ]


def _overview(request, scope, facility, on) -> dict:
    held = queries.holdings(facility, on)
    beds = dict(terms.BEDS)
    return {
        "held": held,
        "beds": [
            {"kind": beds[kind], "count": n, "kind_code": kind} for kind, n in queries.beds_now(facility, on).items()
        ],
        "lots": facility.bed_lots.filter(on__lte=on).order_by("-on", "-pk"),
        "rent": terms.RENT_BASES[rules.rent_basis(held.premises.owner, held.premises.leased)] if held.premises else "",
        "papers": [
            {"paper": paper, "light": light, "days": days}
            for paper in held.licences
            for light, days in [rules.expiry(paper.valid_to, on, definitions.inspecting().licence_warn_days)]
        ],
        "weekdays": [dict(WEEKDAYS)[n] for n in held.schedule.weekdays] if held.schedule else [],
        "inspections": [_inspection(scope, row) for row in facility.inspections.order_by("-on", "-pk")],
        "operator_url": link(scope, "operator", held.operation.organisation_id) if held.operation else "",
    }


def _inspection(scope, row) -> dict:
    state = "yellow" if not row.verdict else "red" if row.verdict == "fail" else "green"
    return {"row": row, "url": link(scope, "inspection", row.pk), "light": state}


def _standards(request, scope, facility, on) -> dict:
    return {"clauses": [clause(term, found) for term, found in queries.site_judged(facility, on)]}


def clause(term, found) -> dict:
    """A clause and what was found, for a table: every result opens the rows behind it."""
    asked = term.clause
    sign = {">=": "≥", "<=": "≤"}.get(asked.operator, asked.operator)
    return {
        "title": words(term.title),
        "asked": f"{sign} {number(asked.value)} {term.unit}",
        "hard": asked.hard == "hard",
        "actual": number(found.actual),
        "result": RESULTS[found.result],
        "light": RESULT_LIGHTS[found.result],
        "rows": [row.says for row in found.rows],
        "lacking": [str(LACK.get(code, code)) for code in found.lacking],
        "where": term.where,
        "commitment": term.commitment,
        "note": words(term.note),
        "standard": term.standard,
    }


LACK = dict([*terms.ROOMS, *terms.SERVICES, *terms.LICENCES, *terms.SYNC_STEPS])


def _activity(request, scope, facility, on) -> dict:
    rows = list(facility.activities.filter(on__lte=on).select_related("voided_by").order_by("-on", "-pk")[:200])
    names = accounts.users_in([row.by for row in rows])
    return {
        "activities": [
            {
                "row": row,
                "by": names.get(row.by, _("系统")),
                "voided": getattr(row, "voided_by", None),
                "void_url": link(scope, "facility-end", facility.uid, "activity", row.pk),
            }
            for row in rows
            if row.voids_id is None
        ]
    }


def _history(request, scope, facility, on) -> dict:
    events = [event for event in queries.history(facility) if event.on <= on]
    names = accounts.users_in([event.by for event in events])
    icons = {
        "status": "place", "beds": "door", "operator": "users", "measure": "gauge", "premises": "facility", "sync": "check",
        "inspection": "audit", "signed": "check", "activity": "visit", "order": "warning", "provision": "door",
        "provision_end": "door", "staff": "users", "staff_end": "users", "licence": "audit", "hours": "clock", "appraisal": "gauge",
    }  # fmt: skip
    titles = {
        "status": _("状态"), "beds": _("床位"), "operator": _("运营机构"), "measure": _("实测值"), "premises": _("用房"),
        "sync": _("四同步"), "inspection": _("检查"), "signed": _("签字"), "activity": _("活动"), "order": _("整改单"),
        "provision": _("房间与服务"), "provision_end": _("停用房间或服务"), "staff": _("到岗"), "staff_end": _("离岗"),
        "licence": _("证照"), "hours": _("开放时间"), "appraisal": _("评价"),
    }  # fmt: skip
    return {
        "events": [
            {
                "event": event,
                "icon": icons[event.what],
                "title": f"{titles[event.what]}：{event.title}",
                "by": names.get(event.by, "") if event.by else "",
                "url": link(scope, "inspection", event.link) if event.link else "",
            }
            for event in events
        ]
    }


TABS = {"overview": _overview, "standards": _standards, "activity": _activity, "history": _history}


@door("facilities.view")
def standards(request):
    """Every facility of a place against the standards: met, not met, unknown."""
    scope, on = site_scope(request)
    shipped = {each.name: each for each in definitions.standards()}
    kind, standard = request.GET.get("kind", ""), request.GET.get("standard", "")
    chosen = kind if kind in KINDS else ""
    found = queries.table(
        post=request.post, place=scope.place, on=on, kind=chosen, standard=standard if standard in shipped else ""
    )
    day = request.GET.get("on") or None
    clause, result, reached = (request.GET.get(name, "") for name in ("clause", "result", "reached"))
    if reached and reached not in STATUSES:
        raise Refusal(
            "reached", zh=f"没有这个环节：{reached[:20]}。", en=f"Unknown stage: {reached[:20]}.", field="reached"
        )
    found = _as_far(request.post, scope.place, found, reached, on) if reached else found
    here = {"kind": kind or None, "standard": standard or None, "on": day, "reached": reached or None}
    shown = [site for site in found if _asked(site, clause, result)]
    rows = [
        {
            "facility": site.facility,
            "url": link(scope, "facility", site.facility.uid, tab="standards", on=day),
            "light": RESULT_LIGHTS[site.worst],
            "worst": RESULTS[site.worst],
            "met": site.count("met"),
            "not_met": [words(term.title) for term, judged in site.results if judged.result == "not_met"],
            "unknown": [words(term.title) for term, judged in site.results if judged.result == "unknown"],
        }
        for site in shown
    ]
    context = {
        "tabs": section(request, "facility-standards"),
        "chips": _narrowed(scope, shipped, clause, result, here),
        "clear_url": link(scope, "facility-standards", **here),
        "count_text": _("%(count)s 处") % {"count": f"{len(shown):,}"},
        "rows": rows[:100],
        "more": max(0, len(rows) - 100),
        "sums": _sums(
            found, shipped, lambda key, result: link(scope, "facility-standards", clause=key, result=result, **here)
        ),
        "given": {"kind": kind, "standard": standard},
        "as_of": day,
        "on": on,
        "options": {
            "kind": [("", _("不限")), *terms.KINDS],
            "standard": [("", _("不限")), *((name, words(each.title)) for name, each in shipped.items())],
        },
        "standards": [
            {
                "title": words(each.title),
                "source": each.source,
                "from": each.valid_from,
                "places": "、".join(each.places),
            }
            for each in shipped.values()
        ],
        "english": english(),
        "period": None,
    }
    return render(request, "desk/facility_standards.html", context)


def _as_far(post, place, found: list, reached: str, on: date) -> list:
    """Only those that have come as far as that on the day, as programmes count them."""
    kinds = sorted({site.facility.kind for site in found})
    far = queries.facilities_reached(post=post, place=place, kinds=kinds, reached=reached, on=on) if kinds else ()
    numbers = {facility.pk for facility in far}
    return [site for site in found if site.facility.pk in numbers]


def _asked(site, clause: str, result: str) -> bool:
    """Whether a site stands behind a number of the summary: this clause (or any) with this result (or any)."""
    if not clause and not result:
        return True
    return any(
        (not clause or clause in (term.key, term.clause.id)) and (judged.result == result if result else judged.result != "not_applicable")
        for term, judged in site.results
    )  # fmt: skip


def _narrowed(scope, shipped: dict, clause: str, result: str, here: dict) -> list[dict]:
    titles = {term.key: words(term.title) for each in shipped.values() for term in each.terms}
    titles |= {term.clause.id: words(term.title) for each in shipped.values() for term in each.terms}
    chips = []
    if clause:
        chips.append(
            {
                "label": titles.get(clause, clause),
                "url": link(scope, "facility-standards", result=result or None, **here),
            }
        )
    if result:
        chips.append(
            {
                "label": str(RESULTS.get(result, result)),
                "url": link(scope, "facility-standards", clause=clause or None, **here),
            }
        )
    return chips


def _sums(found, shipped: dict, url) -> list[dict]:
    """Each clause over all sites: how many met, not met, unknown; each number with the address of its sites."""
    sums: dict[str, dict] = {}
    for site in found:
        for term, judged in site.results:
            row = sums.setdefault(
                term.key, {"title": words(term.title), "commitment": term.commitment, "where": term.where, "met": 0,
                           "not_met": 0, "unknown": 0, "not_applicable": 0, "hard": term.clause.hard == "hard",
                           "standard": words(shipped[term.standard].title)},
            )  # fmt: skip
            row[judged.result] += 1
    return [
        row
        | {
            "base": row["met"] + row["not_met"] + row["unknown"],
            "cells": [
                {"n": row[result], "url": url(key, result)} for result in ("not_met", "unknown", "not_applicable")
            ],
            "met_url": url(key, "met"),
        }
        for key, row in sorted(sums.items(), key=lambda each: each[1]["standard"])
    ]

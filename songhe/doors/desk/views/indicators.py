"""Indicators, their two lists, and the map: the same numbers three ways."""

from datetime import datetime, time
from itertools import dropwhile

from django.db.models import QuerySet
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from songhe.care.volunteering.terms import GROUPS
from songhe.core import audit, periods
from songhe.core.refusal import Refusal
from songhe.doors.desk.forms.oversight import read_day
from songhe.doors.desk.scope import Scope, scope_of
from songhe.doors.desk.views.bulletins import section
from songhe.insight.indicators import definitions, queries
from songhe.insight.indicators.care_sources import read_subject
from songhe.insight.indicators.queries import Figure
from songhe.registry.accounts.access import door, require
from songhe.registry.facilities import queries as facilities
from songhe.registry.people.models import Person
from songhe.registry.places.models import Place
from songhe.registry.places.queries import map_of

PAGE = 50
KINDS_OF_GROUP = dict(GROUPS)


def why(figure: Figure, scope: Scope) -> dict:
    """What the light's 为什么 shows: rule, value, threshold, date, rows, who is to act."""
    indicator = figure.indicator
    reasons = {
        "met": _("达到标准"),
        "near": _("接近标准"),
        "far": _("低于标准") if indicator.direction == "up" else _("超过标准"),
        "nobody": _("没有应办对象"),
        "too_early": _("本期未结束，到漏访名单日起才亮红灯"),
    }
    bounds = indicator.lights
    sign = "≥" if indicator.direction == "up" else "≤"
    return {
        "rule": f"{indicator.said('numerator')} ÷ {indicator.said('denominator')}",
        "value": figure.row()["value"],
        "threshold": _("绿灯 %(sign)s%(green)s%%，黄灯 %(sign)s%(yellow)s%%；%(reason)s")
        % {"sign": sign, "green": bounds["green"], "yellow": bounds["yellow"], "reason": reasons[figure.light.reason]},
        "date": min(figure.period.end, scope.today),
        "actor": indicator.said("acts"),
        "source": " ".join(
            filter(None, [indicator.source["title"], indicator.source.get("number"), indicator.source.get("clause")])
        ),
        "reason": indicator.said("why"),
        "url": rows_url(figure, scope, "rest" if indicator.direction == "up" else "numerator"),
        "count": figure.denominator - figure.numerator if indicator.direction == "up" else figure.numerator,
    }


def rows_url(figure: Figure, scope: Scope, side: str) -> str:
    path = reverse("indicator-rows", args=[figure.indicator.name, side])
    return scope.link(path, area=figure.place.code, period=figure.period.code)


def shown(figure: Figure, scope: Scope) -> dict:
    """A figure with its links, for templates."""
    return {
        "figure": figure,
        "title": figure.indicator.said("title"),
        "light": figure.light.colour,
        "url": scope.link(reverse("indicator", args=[figure.indicator.name]), area=figure.place.code),
        "all_url": rows_url(figure, scope, "all"),
        "missed_url": rows_url(figure, scope, "rest" if figure.indicator.direction == "up" else "numerator"),
        "why": why(figure, scope),
        "revision": figure.frozen and max(figure.frozen.revisions.all(), key=lambda r: r.pk, default=None),
    }


@door("indicators.view")
def index(request):
    """Every indicator of the area, each with its light and its reason."""
    request.scope = scope = scope_of(request)
    rows = [shown(f, scope) for f in queries.scoreboard(scope.place, scope.period, post=scope.post)]
    return render(request, "desk/indicators.html", {"rows": rows, "tabs": section(request, "indicators")})


@door("indicators.view")
def one(request, name):
    """One indicator by place below, with its curve."""
    request.scope = scope = scope_of(request)
    indicator = definitions.named(name)
    found = queries.figures(indicator, scope.place, scope.period, post=scope.post)
    weeks = (
        _before(scope.period, 13) if scope.period.kind in ("week", "month") and indicator.query == "duties_kept" else []
    )
    curve = (
        list(dropwhile(lambda row: not row["denominator"], queries.series(indicator, scope.place, weeks)))
        if weeks
        else []
    )
    context = {
        "indicator": indicator,
        "title": indicator.said("title"),
        "whole": shown(found[0], scope) if found else None,
        "rows": [shown(f, scope) for f in found[1:]],
        "closed": any(f.frozen for f in found),
        "curve": [{"label": row["period"], "value": row["value"], "text": f"{row['numerator']}/{row['denominator']}",
                   "url": scope.link(request.path, period=row["period"])} for row in curve],
    }  # fmt: skip
    return render(request, "desk/indicator.html", context)


def _before(period, count: int) -> list:
    found = [period]
    while len(found) < count:
        found.append(found[-1].previous())
    return found[::-1]


@door("indicators.view")
def rows(request, name, side):
    """The rows a number counts: exactly as many as the number."""
    request.scope = scope = scope_of(request)
    indicator = definitions.named(name)
    require(scope.post, "people.view")  # the number is open to whoever sees indicators, the names behind it are not
    after = int(request.GET.get("after", "0") or 0) if request.GET.get("after", "0").isdigit() else 0
    now, on = _as_of(request), request.GET.get("on") or None
    pairs = queries.subjects(indicator, scope.place, scope.period, side=side, after=after, size=PAGE + 1, now=now)
    figure = next(iter(queries.figures(indicator, scope.place, scope.period, post=scope.post, now=now)), None)
    if figure is None:
        raise Refusal(
            "period_not_begun",
            zh=f"{scope.period.code} 在这一天还没有开始，没有可看的名单。请换一个时段或日期。",
            en=f"{scope.period.code} had not begun on that day, so there is no list. Choose another period or day.",
            field="on",
        )
    counts = {"all": figure.denominator, "numerator": figure.numerator, "rest": figure.denominator - figure.numerator}
    page = pairs[:PAGE]
    people = _people(scope, [person for _s, person in page if person])
    audit.note("people.list", "indicator", area_id=scope.place.pk, indicator=name, side=side, rows=len(page))
    context = {
        "indicator": indicator,
        "title": indicator.said("title"),
        "side": side,
        "tabs": [
            {
                "label": label,
                "url": scope.link(reverse("indicator-rows", args=[name, key]), on=on),
                "current": key == side,
                "count": counts[key],
            }
            for key, label in (("rest", _("分母中未达成的")), ("numerator", _("分子")), ("all", _("分母")))
        ],
        "rows": [people[person] for _s, person in page if person in people],
        "sites": _sites(scope, indicator, page),
        "count": counts[side],
        "next_url": scope.link(request.path, after=page[-1][0], on=on) if len(pairs) > PAGE else "",
        "why": why(figure, scope),
        "figure": figure,
    }
    return render(request, "desk/indicator_rows.html", context)


def _as_of(request) -> datetime:
    """The moment that the lists are read at: now, or the end of the day asked for (`on=2026-11-20`)."""
    on = read_day(request.GET.get("on", ""), timezone.localdate())
    return min(timezone.now(), datetime.combine(on, time.max, timezone.get_current_timezone()))


def _sites(scope: Scope, indicator, page: list) -> list[dict]:
    """Rows whose subject is a place or a facility, with which of its kinds, weeks, months or days is meant."""
    found = [read_subject(indicator.query, indicator.parameters, number) for number, _person in page]
    read = [each for each in found if each is not None]
    places = Place.objects.within(scope.post).select_related("town").in_bulk([s.id for s in read if s.what == "place"])
    sites = facilities.by_ids(post=scope.post, ids=[s.id for s in read if s.what == "facility"])
    rows = []
    for each in read:
        about = (places if each.what == "place" else sites).get(each.id)
        if about is not None:
            url = scope.link(reverse("facility", args=[about.uid]), period=None) if each.what == "facility" else ""
            rows.append(
                {"about": about, "town": about.town, "part": KINDS_OF_GROUP.get(each.part, each.part), "url": url}
            )
    return rows


def _people(scope: Scope, pks: list[int]) -> dict[int, Person]:
    people: QuerySet[Person] = (
        Person.objects.visible_to(scope.post).filter(pk__in=pks).select_related("village", "town")
    )
    return {p.pk: p for p in people}


@door("indicators.view")
def map_page(request):
    """市 → 乡镇 → 村: areas coloured by light, the same numbers in the table beside it."""
    request.scope = scope = scope_of(request)
    indicator = definitions.named(request.GET.get("indicator") or "weekly_visiting")
    if scope.period.kind not in indicator.periods:
        request.scope = scope = Scope(
            scope.post, scope.place, periods.containing(indicator.periods[0], scope.period.end), scope.today
        )
    found = queries.figures(indicator, scope.place, scope.period, post=scope.post)
    whole, below = (found[0] if found else None), found[1:]
    drawn = map_of(scope.place, scope.today)
    rows = [
        {
            "code": f.place.code,
            "name": str(f.place),
            "light": f.light.colour,
            "value": "—" if f.value is None else f"{f.value:.1f}%",
            "url": scope.link(request.path, area=f.place.code, indicator=indicator.name)
            if f.place.below
            else rows_url(f, scope, "rest" if indicator.direction == "up" else "numerator"),
        }
        for f in below
    ]
    note = _("示意图：按点位生成，不是法定边界。") if drawn["schematic"] else ""
    source = scope.place.outline_source or (scope.place.county.outline_source if scope.place.county else "")
    approval = scope.place.map_approval
    context = {
        "indicator": indicator,
        "title": indicator.said("title"),
        "choices": [
            {
                "label": i.said("title"),
                "url": scope.link(request.path, indicator=i.name),
                "current": i.name == indicator.name,
            }
            for i in definitions.shipped().values()
        ],
        "whole": shown(whole, scope) if whole else None,
        "rows": rows,
        "table": [shown(f, scope) | {"map": row} for f, row in zip(below, rows, strict=True)],
        "geo": drawn,
        "note": " ".join(filter(None, [note, source, approval])),
    }
    return render(request, "desk/map.html", context)

"""Which page opens the rows that a goal's figure counts: a list that filters to exactly these, else the page of its rows."""

from django.urls import reverse
from django.utils import timezone

from songhe.core import periods
from songhe.core.periods import Period
from songhe.doors.desk.facility_scope import link
from songhe.insight.indicators import definitions as indicators
from songhe.insight.indicators.queries import is_live
from songhe.oversight.programmes import definitions
from songhe.oversight.programmes.behind import of_areas
from songhe.oversight.programmes.definitions import Carrier, Goal
from songhe.oversight.programmes.figures import asked_of
from songhe.oversight.programmes.queries import Line
from songhe.registry.places.models import Place


def rows_url(goal: Goal, line: Line, request) -> str:
    """The page that lists what is counted at the line's place on its day; "" where nothing is known, or the post may not see it."""
    if line.actual is None or goal.figure["from"] == "evidence":
        return ""  # nobody knows; or it was typed, and the goal's own page shows the entry with its paper
    if of_areas(goal, line):
        return rows_page(goal, line, request, by="each")
    if (url := indicator_url(goal, line, request)) or goal.figure["from"] in _RATES:
        return url if not (line.places and goal.figure.get("entered")) else rows_page(goal, line, request)
    if goal.figure["from"] == "meal_vehicles":
        return _vehicles(line, request.scope) if request.post.may("meals.view") else ""
    if goal.figure["from"] in _SITES and len(goal.figure["kinds"]) == 1 and not _some_places(goal, line):
        return _sites(goal, line, request.scope) if request.post.may("facilities.view") else ""
    return rows_page(goal, line, request)


def rows_page(goal: Goal, line: Line, request, **given) -> str:
    """The page of a goal's rows at the line's place; "" where the post may not see such rows."""
    if (permission := needs(goal)) and not request.post.may(permission):
        return ""
    path = reverse("programme-goal-rows", args=[goal.programme, goal.id])
    return request.scope.link(path, area=line.place.code, period=None, on=_day(line), **given)


def entries_url(goal: Goal, request) -> str:
    """What was entered for a goal, on its own page."""
    path = reverse("programme-goal", args=[goal.programme, goal.id])
    return request.scope.link(path, period=None, on=request.GET.get("on")) + "#entries"


def indicator_url(goal: Goal, line: Line, request) -> str:
    """What an indicator counts at the line's place: its list for those who may see names, else its page. "" if none counts, or it
    was entered."""
    name = "meal_coverage" if goal.figure["from"] == "meal_points" else goal.figure.get("indicator")
    if not name or line.evidence or not request.post.may("indicators.view"):
        return ""
    indicator = indicators.named(name)
    period, today = _period_of(indicator, goal, line), timezone.localdate()
    lists = request.post.may("people.view") and is_live(indicator, period, today)
    path = reverse("indicator-rows", args=[name, "numerator"]) if lists else reverse("indicator", args=[name])
    return request.scope.link(
        path, area=line.place.code, period=period.code, on=_day(line) if lists and period.end > line.on else None
    )


def _period_of(indicator, goal: Goal, line: Line) -> Period:
    """The period that the goal's figure was counted for; a state of the past is the one frozen at the month's end."""
    on = min(line.on, line.deadline) if line.period else line.on
    if goal.figure["from"] == "meal_points":
        return line.period or Period(on, on, "day")
    period = asked_of(indicator, on, line.period)
    return period if is_live(indicator, period, timezone.localdate()) else periods.containing("month", on)


def needs(goal: Goal) -> str:
    """The permission to see a goal's rows; "" where the programme's own is enough."""
    if goal.figure["from"] == "orders":
        return "people.view" if goal.figure["count"] == "people" else "services.view"
    return NEEDS.get(goal.figure["from"], "")


NEEDS = {
    "facilities": "facilities.view", "operators": "facilities.view", "beds": "facilities.view", "standard": "facilities.view",
    "site_share": "facilities.view", "care_beds": "beds.view", "in_institution": "people.view", "awards": "awards.view",
    "ledger": "ledger.view", "group_activities": "volunteering.view", "meal_vehicles": "meals.view",
}  # fmt: skip
_RATES = ("indicator", "meal_points")
_SITES = ("facilities", "operators")


def _some_places(goal: Goal, line: Line) -> bool:
    """Whether the line is of some of the places inside its own (only these; townships without the streets)."""
    return bool(line.places) and bool(
        goal.definition.get("only") or (goal.each or {}).get("level") in ("town", "street")
    )


def _day(line: Line) -> str | None:
    return line.on.isoformat() if line.on != timezone.localdate() else None


def _since(goal: Goal) -> dict[str, str]:
    """Where a goal counts only what is new: since when its programme runs, and what was on file before it ended."""
    if not goal.figure.get("new"):
        return {}
    programme = definitions.named(goal.programme)
    return {"since": programme.start.isoformat(), "begun": programme.end.isoformat()}


def _apart(goal: Goal, line: Line, scope) -> dict[str, str]:
    """A functional area with a row of its own in the annex: its sites do not count for the township they lie in."""
    if line.place.kind == "functional" or line.place.level != "township":
        return {}
    codes = [row["place"] for row in definitions.named(goal.programme).rows]
    zone = (
        Place.objects.within(scope.post).filter(code__in=codes, kind="functional", county=line.place.county_id).first()
    )
    return {"apart": zone.code} if zone else {}


def _sites(goal: Goal, line: Line, scope) -> str:
    """Every facility of one kind that has come as far, with the filters of the list of facilities."""
    figure = goal.figure
    operated = "yes" if figure["from"] == "operators" else None
    given = {"kind": figure["kinds"][0], "reached": figure.get("reached"), "operated": operated}
    given |= _since(goal) | _apart(goal, line, scope)
    return link(scope, "facilities", area=line.place.code, on=_day(line), **given)


def _vehicles(line: Line, scope) -> str:
    return link(scope, "meals", area=line.place.code, on=_day(line)) + "#vehicles"


_BESIDE = {"service_kinds": ("services.view", "orders"), "meal_sources": ("meals.view", "meals")}


def beside_url(carrier: Carrier, place: Place, request) -> str:
    """The page of the rows that a standard or grant counts."""
    may, name = _BESIDE.get((carrier.figure or {}).get("from", ""), ("", ""))
    given = {"funding": "entitled", "state": "delivered"} if name == "orders" else {}
    return link(request.scope, name, area=place.code, **given) if name and request.post.may(may) else ""

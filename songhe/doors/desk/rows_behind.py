"""Which page opens the rows that a goal's figure counts."""

from django.urls import reverse
from django.utils import timezone

from songhe.doors.desk.facility_scope import link
from songhe.oversight.awards import definitions as awarded
from songhe.oversight.programmes import definitions
from songhe.oversight.programmes.definitions import Carrier, Goal
from songhe.oversight.programmes.queries import Line
from songhe.registry.places.models import Place


def rows_url(goal: Goal, line: Line, request) -> str:
    """The page that lists what is counted at the line's place on its day; "" where the figure has no rows of its own here."""
    if goal.definition.get("only") and line.places:
        return ""  # some places only: each of them opens its own
    if (goal.definition.get("each") or {}).get("level") == "town" and line.places:
        return ""  # townships without the streets of the city: each opens its own
    found = _PAGES.get(goal.figure["from"])
    may, make = found if found else ("", None)
    return make(goal, line, request.scope) if make and request.post.may(may) else ""


def _day(line: Line) -> str | None:
    return line.on.isoformat() if line.on != timezone.localdate() else None


def _since(goal: Goal) -> dict[str, str]:
    """Where a goal counts only what is new: since when its programme runs, and what was on file before it ended."""
    if not goal.figure.get("new"):
        return {}
    programme = definitions.named(goal.programme)
    begun = {"begun": programme.end.isoformat()} if goal.figure["from"] == "facilities" else {}
    return {"since": programme.start.isoformat()} | begun


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
    figure = goal.figure
    kinds = figure.get("kinds") or []
    if len(kinds) != 1:
        return ""
    operated = "yes" if figure["from"] == "operators" else None
    given = (
        {"kind": kinds[0], "reached": figure.get("reached"), "operated": operated}
        | _since(goal)
        | _apart(goal, line, scope)
    )
    return link(scope, "facilities", area=line.place.code, on=_day(line), **given)


def _beds(goal: Goal, line: Line, scope) -> str:
    figure = goal.figure
    given = {"beds": ",".join(figure["beds"]), "lots": "converted" if figure.get("converted") else None}
    given |= _since(goal) | _apart(goal, line, scope)
    return link(scope, "facilities", area=line.place.code, on=_day(line), **given)


def _judged(goal: Goal, line: Line, scope) -> str:
    figure = goal.figure
    given = {
        "standard": figure["standard"],
        "clause": figure.get("clause"),
        "reached": figure.get("reached") or "in_use",
    }
    return link(scope, "facility-standards", area=line.place.code, on=_day(line), **given)


def _indicator(goal: Goal, line: Line, scope) -> str:
    period = line.period.code if line.period else scope.period.code
    return scope.link(reverse("indicator", args=[goal.figure["indicator"]]), area=line.place.code, period=period)


def _ledger(goal: Goal, line: Line, scope) -> str:
    given = {"programme": goal.programme, "target": goal.figure["item"]}
    return link(scope, "ledger", area=line.place.code, on=_day(line), **given)


def _awards(goal: Goal, line: Line, scope) -> str:
    awards = awarded.awards().values()
    name = next((one.name for one in awards if (one.programme, one.goal) == (goal.programme, goal.id)), "")
    return link(scope, "awards", area=line.place.code, award=name, of=line.period.code if line.period else None)


def _meals(goal: Goal, line: Line, scope) -> str:
    day = {"period": line.on.isoformat()} if _day(line) else {}
    return scope.link(reverse("indicator", args=["meal_coverage"]), area=line.place.code, **day)


def _vehicles(goal: Goal, line: Line, scope) -> str:
    return link(scope, "meals", area=line.place.code, on=_day(line)) + "#vehicles"


def _activities(goal: Goal, line: Line, scope) -> str:
    first = line.period.start if line.period else goal.start
    last = min(line.on, line.period.end) if line.period else line.on
    given = {"first": first.isoformat(), "last": last.isoformat(), "kind": ",".join(goal.figure["groups"])}
    return link(scope, "volunteer-activities", area=line.place.code, **given)


_BESIDE = {"service_kinds": ("services.view", "orders"), "meal_sources": ("meals.view", "meals")}


def beside_url(carrier: Carrier, place: Place, request) -> str:
    """The page of the rows that a standard or grant counts."""
    may, name = _BESIDE.get((carrier.figure or {}).get("from", ""), ("", ""))
    given = {"funding": "entitled", "state": "delivered"} if name == "orders" else {}
    return link(request.scope, name, area=place.code, **given) if name and request.post.may(may) else ""


_PAGES = {
    "facilities": ("facilities.view", _sites), "operators": ("facilities.view", _sites), "beds": ("facilities.view", _beds),
    "standard": ("facilities.view", _judged), "indicator": ("indicators.view", _indicator), "ledger": ("ledger.view", _ledger),
    "awards": ("awards.view", _awards), "meal_points": ("indicators.view", _meals), "meal_vehicles": ("meals.view", _vehicles),
    "group_activities": ("volunteering.view", _activities), "site_share": ("facilities.view", _sites),
    "care_beds": ("beds.view", lambda goal, line, scope: link(scope, "beds", area=line.place.code)),
}  # fmt: skip

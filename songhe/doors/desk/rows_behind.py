"""Which page opens the rows that a goal's figure counts."""

from django.urls import reverse
from django.utils import timezone

from songhe.doors.desk.facility_scope import link
from songhe.oversight.awards import definitions as awarded
from songhe.oversight.programmes import definitions
from songhe.oversight.programmes.definitions import Goal
from songhe.oversight.programmes.queries import Line
from songhe.registry.places.models import Place


def rows_url(goal: Goal, line: Line, request) -> str:
    """The page that lists what is counted at the line's place on its day; "" where the figure has no rows of its own here."""
    if goal.definition.get("only") and line.places:
        return ""  # some places only: each of them opens its own
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
    given = {"standard": goal.figure["standard"], "clause": goal.figure.get("clause")}
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
    return scope.link(reverse("indicator", args=["meal_coverage"]), area=line.place.code)


def _vehicles(goal: Goal, line: Line, scope) -> str:
    return link(scope, "meals", area=line.place.code)


_PAGES = {
    "facilities": ("facilities.view", _sites), "operators": ("facilities.view", _sites), "beds": ("facilities.view", _beds),
    "standard": ("facilities.view", _judged), "indicator": ("indicators.view", _indicator), "ledger": ("ledger.view", _ledger),
    "awards": ("awards.view", _awards), "meal_points": ("indicators.view", _meals), "meal_vehicles": ("meals.view", _vehicles),
    "care_beds": ("beds.view", lambda goal, line, scope: link(scope, "beds", area=line.place.code)),
}  # fmt: skip

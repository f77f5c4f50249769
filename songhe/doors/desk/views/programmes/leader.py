"""The leader's one page: what is late, who is stuck, the four 100 %."""

from collections import Counter
from datetime import date

from django.urls import reverse
from django.utils.translation import get_language

from songhe.core import periods
from songhe.doors.desk.scope import Scope, scope_of
from songhe.doors.desk.views.programmes.lines import day_asked, link, page, place_for, programme_row, standing, tabs
from songhe.insight.indicators import queries as indicators
from songhe.oversight.ledger import queries as ledger
from songhe.oversight.programmes import queries
from songhe.oversight.programmes.definitions import said
from songhe.oversight.programmes.queries import Line
from songhe.registry.accounts.access import door


@door("programmes.view")
def leader(request):
    """One page: what is late, who is stuck, the four 100 %, and the money, which is not there yet."""
    request.scope = scope = scope_of(request)
    on = day_asked(request)
    late: list[dict] = []
    stuck: dict[str, dict] = {}
    heads = []
    rates: dict[str, dict] = {}
    begun = [programme for programme in queries.programmes_for(request.post) if on >= programme.start]
    for book in queries.open_books(begun):
        programme = book.programme
        lines = queries.status(programme=programme, on=on, place=place_for(request, book.place), book=book)
        if not queries.running_on(programme, on) and not any(line.state in ("late", "at_risk") for line in lines):
            continue  # over, and nothing of it is still owed
        heads.append(programme_row(request, programme, lines))
        late += [
            standing(line, request) | {"programme": programme.said("title")} for line in lines if line.state == "late"
        ]
        for line in lines:
            _stuck(stuck, line, request)
            if line.base and said(line.goal.definition.get("unit")) == queries.PERCENT:
                for name in line.goal.definition.get("commitments") or []:
                    rates.setdefault(name, standing(line, request))
    late.sort(key=lambda row: row["deadline"])
    tasks = _tasks(request, scope, on)
    worst = sorted(stuck.values(), key=lambda row: (-row["late"], -row["at_risk"], row["place"].code))
    context = {
        "heads": heads,
        "late": late,
        "tasks": tasks,
        "units": _units(tasks),
        "stuck": [row for row in worst if row["late"] or row["at_risk"]][:15],
        "four": [row | {"told": rates.get(row["commitment"])} for row in four_hundreds(scope, on)],
        "tabs": tabs(request, "programmes-leader"),
    }
    return page(request, "desk/programmes_leader.html", context)


def _tasks(request, scope: Scope, on: date) -> list[dict]:
    """The ledger's lines that are late on the day, those of the targets above left out: they stand there already."""
    if not request.post.may("ledger.view"):
        return []
    found = ledger.items(post=request.post, place=scope.place).filter(sub_items=None).exclude(kind="target")
    return [
        {"line": line, "url": reverse("ledger-item", args=[line.item.pk])}
        for line in ledger.lines(found, on=on, states_wanted=["late"])
    ]


def _units(tasks: list[dict]) -> list[tuple[str, int]]:
    """Which unit holds up how many of them, most first."""
    return Counter(row["line"].item.lead_unit for row in tasks).most_common()


def _stuck(found: dict[str, dict], line: Line, request) -> None:
    """Count a goal's late and endangered parts against the place that owes them."""
    for part in line.places:
        if part.state in ("late", "at_risk") and part.place.level in ("township", "county"):
            row = found.setdefault(
                part.place.code,
                {
                    "place": part.place,
                    "late": 0,
                    "at_risk": 0,
                    "what": [],
                    "url": link(request, "programmes-owed", area=part.place.code),
                },
            )
            row[part.state] += 1
            if part.state == "late" and len(row["what"]) < 3:
                row["what"].append(line.goal.said("subject"))


def four_hundreds(scope: Scope, on: date) -> list[dict]:
    """The board of four rates in the week of the day; a rate nobody counts yet says so."""
    week = periods.containing("week", on)
    rows = []
    for row in indicators.board("four_hundreds", scope.place, week, post=scope.post):
        figure = row["figure"]
        name = figure.indicator.name if figure else ""
        rows.append(
            {
                "title": row["title"]["en" if (get_language() or "").startswith("en") else "zh"],
                "figure": figure,
                "light": figure.light.colour if figure else "none",
                "url": scope.link(reverse("indicator", args=[name]), period=figure.period.code) if figure else "",
                "commitment": row["commitment"],
            }
        )
    return rows

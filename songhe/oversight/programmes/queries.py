"""Questions about programmes: what stands where on a day, with the reason; who owes what; the leader's page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from songhe.core import periods
from songhe.core.periods import Period
from songhe.core.refusal import Refusal
from songhe.insight.indicators.rules import value as rate
from songhe.oversight.programmes import definitions, figures, rules
from songhe.oversight.programmes.definitions import Goal, Programme
from songhe.oversight.programmes.division import allocation, annex_rows, areas, inside, reports, sub_areas
from songhe.oversight.programmes.figures import Book, Counted, Ground
from songhe.oversight.programmes.models import Entry
from songhe.registry.places.models import Place
from songhe.registry.places.queries import by_code

PERCENT = "%"


@dataclass(frozen=True)
class Line:
    """One goal at one place on a day. `actual` and `target` in the goal's unit; `base` the denominator of a rate.

    `places` are the lines of its sub-areas, `reported` how many of them have a figure. `period` is set for what recurs.
    """

    goal: Goal
    place: Place
    on: date
    target: float | int
    actual: float | int | None
    numerator: float | int | None
    base: float | int | None
    as_of: date | None
    start: date
    deadline: date
    verdict: rules.Verdict
    period: Period | None = None
    places: tuple["Line", ...] = ()
    reported: int = 0
    evidence: str = ""

    @property
    def state(self) -> str:
        return self.verdict.state

    @property
    def light(self) -> str:
        return self.verdict.light

    @property
    def days_left(self) -> int:
        return (self.deadline - self.on).days

    def row(self) -> dict:
        """The row that the command line and the API print."""
        goal = self.goal
        each = goal.each
        return {
            "id": goal.id,
            "kind": goal.kind,
            "commitments": goal.definition.get("commitments") or [],
            "subject": goal.definition["subject"],
            "scope": {"code": self.place.code, "name": self.place.name, "said": goal.definition.get("scope")},
            "operator": goal.operator,
            "hard": goal.hard,
            "target": self.target,
            "each": {"level": each["level"], "value": each["value"]} if each else None,
            "unit": (goal.definition.get("unit") or {}).get("zh", ""),
            "actual": self.actual,
            "numerator": self.numerator,
            "base": self.base,
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "period": self.period.code if self.period else None,
            "deadline": self.deadline.isoformat(),
            "written": goal.definition["deadline"]["written"],
            "state": self.state,
            "light": self.light,
            "why": self.verdict.row["why"],
            "source": goal.figure["from"],
            "reported": f"{self.reported}/{len(self.places)}" if self.places else None,
        }


def open_books(programmes: Sequence[Programme]) -> list[Book]:
    """A book for each programme, those of one place on the same ground: what is read for one is there for the other."""
    codes = {programme.place for programme in programmes}
    grounds = {code: Ground(by_code(code)) for code in sorted(codes)}
    return [Book(p, grounds[p.place].place, ground=grounds[p.place]) for p in programmes]


def status(*, programme: Programme, on: date, place: Place | None = None, book: Book | None = None) -> list[Line]:
    """Every target and milestone of a programme on a day, at its own place (or at a place inside, where it owes something)."""
    book = book or Book(programme, by_code(programme.place))
    own = book.place
    return [line for goal in programme.goals if (line := line_of(book, goal, own, place or own, on)) is not None]


def standing_of(*, programme: Programme, goal: Goal, on: date, place: Place) -> Line | None:
    """One goal on a day at a place; None where it owes nothing under it."""
    own = by_code(programme.place)
    return line_of(Book(programme, own), goal, own, place, on)


def line_of(book: Book, goal: Goal, own: Place, place: Place, on: date) -> Line | None:
    """One goal on a day; None where the place asked for owes nothing under it."""
    period = _period(goal, on)
    start = max(goal.start, period.start) if period else goal.start
    deadline = period.end if period else goal.deadline
    below = sub_areas(book.programme, goal, own, book)
    if place.pk != own.pk:
        below = [p for p in below if inside(p, place)]
        if not below:
            return None
    subject = place
    line = Line(
        goal, subject, on, _target(book.programme, goal, below, place.pk == own.pk), None, None, None, None, start,
        deadline, rules.Verdict("no_figure", "none", {}), period,
    )  # fmt: skip
    asked = below or [own]
    counted = _counted(book, goal, asked, min(on, deadline) if period else on, period) if on >= start else {}
    states = definitions.states_on(on)["rows"]
    shares: dict[str, list[dict]] = {}
    for row in annex_rows(book.programme, goal):
        shares.setdefault(row["place"], []).append(row)
    parts = tuple(_part(line, p, counted.get(p.pk), shares.get(p.code, []), states) for p in below)
    line = replace(line, places=parts, reported=len(counted))
    line = _filled(line, counted, asked)
    later = _met(line) and on > deadline and not period
    in_time = True
    if later:
        then = _counted(book, goal, asked, deadline, period)
        in_time = _met(
            _filled(
                replace(
                    line, places=tuple(_part(line, p, then.get(p.pk), shares.get(p.code, []), states) for p in below)
                ),
                then,
                asked,
            )
        )
    return replace(line, verdict=_judged(line, in_time, states))


def _period(goal: Goal, on: date) -> Period | None:
    return periods.containing(goal.recurs, min(max(on, goal.start), goal.deadline)) if goal.recurs else None  # type: ignore[arg-type]


def _counted(book: Book, goal: Goal, places: Sequence[Place], on: date, period: Period | None) -> dict[int, Counted]:
    return figures.count(book, goal, places, on, period)


def _target(programme: Programme, goal: Goal, below: Sequence[Place], whole: bool) -> float | int:
    """The value for the whole, or for the sub-areas asked about."""
    percent = (goal.definition.get("unit") or {}).get("zh") == PERCENT
    if goal.value is not None and (whole or percent):
        return goal.value
    if goal.each:
        return goal.each["value"] * len(below)
    codes = {p.code for p in below}
    shares = [row["shares"][goal.column] for row in annex_rows(programme, goal) if row["place"] in codes]
    return sum(shares) if shares else (goal.value or 0)


def _part(line: Line, place: Place, counted: Counted | None, rows: list[dict], states: Sequence[dict]) -> Line:
    """The line of one sub-area, with its rows of the annex; where it has no share of its own, only its figure is shown."""
    goal, deadline, start = line.goal, line.deadline, line.start
    if years := [row["year"] for row in rows if row.get("year")]:
        deadline, start = min(deadline, date(max(years), 12, 31)), max(start, date(min(years), 1, 1))
    actual, numerator, base, as_of, evidence = _figure(counted)
    part = Line(
        goal, place, line.on, _own_target(goal, rows), actual, numerator, base, as_of, start, deadline, line.verdict,
        line.period, evidence=evidence,
    )  # fmt: skip
    return replace(part, verdict=_judged(part, True, states))


def _own_target(goal: Goal, rows: list[dict]) -> float | int:
    """What a place owes in all: its share, or its shares of several years together."""
    if goal.each:
        return goal.each["value"]
    if rows:
        return sum(row["shares"][goal.column] for row in rows)
    return goal.value if (goal.definition.get("unit") or {}).get("zh") == PERCENT and goal.value is not None else 0


def _figure(counted: Counted | None) -> tuple:
    """(actual, numerator, base, as of, evidence): a rate in percent, else the number itself."""
    if counted is None:
        return None, None, None, None, ""
    actual = rate(int(counted.value), int(counted.base)) if counted.base else counted.value
    return actual, counted.value, counted.base, counted.as_of, counted.note


def _filled(line: Line, counted: dict[int, Counted], asked: Sequence[Place]) -> Line:
    """The figure of the whole from those of its parts: a share of sub-areas, a rate, or a sum."""
    if not counted:
        return replace(line, actual=None, numerator=None, base=None)
    goal = line.goal
    as_of = max((c.as_of for c in counted.values() if c.as_of), default=None)
    note = next((c.note for c in counted.values() if c.note), "")
    if goal.each and goal.value is not None:  # percent of sub-areas that have enough
        enough = sum(pk in counted and counted[pk].value >= goal.each["value"] for pk in (p.pk for p in asked))
        return replace(
            line, actual=rate(enough, len(asked)), numerator=enough, base=len(asked), as_of=as_of, evidence=note
        )
    total = sum(c.value for c in counted.values())
    bases = [c.base for c in counted.values() if c.base is not None]
    if bases:
        base = sum(bases)
        return replace(line, actual=rate(int(total), int(base)), numerator=total, base=base, as_of=as_of, evidence=note)
    return replace(line, actual=total, numerator=total, as_of=as_of, evidence=note)


def _met(line: Line) -> bool:
    """Whether the promise is kept by the figure: for "each", in every sub-area."""
    goal = line.goal
    if line.actual is None:
        return False
    if goal.each and goal.value is None and line.places:
        return all(
            part.actual is not None and rules.reaches(goal.operator, part.actual, part.target) for part in line.places
        )
    return rules.reaches(
        goal.operator,
        line.actual,
        line.target,
        exact=bool(goal.definition.get("exact")),
        tolerance=goal.definition.get("tolerance") or 0,
    )


def _judged(line: Line, in_time: bool, states: Sequence[dict]) -> rules.Verdict:
    ceiling = line.goal.kind == "ceiling"
    known = line.actual is not None
    past = line.on > line.deadline
    met = _met(line)
    facts = rules.Facts(
        started=line.on >= line.start,
        known=known,
        met=met and (past or not ceiling),
        in_time=in_time,
        broken=ceiling and _broken(line),
        past=past and not ceiling,
        days_left=10_000 if ceiling else line.days_left,
        done=1.0 if ceiling else _done(line),
        gone=_gone(line),
    )
    return rules.state_of(facts, states)


def _gone(line: Line) -> float:
    """The share of the time gone; where an annex shares the goal out over years, weighted by what each year owes."""
    owed = sum(part.target for part in line.places)
    if not owed or line.goal.each:
        return rules.share_of_time(line.start, line.deadline, line.on)
    return sum(p.target * rules.share_of_time(p.start, p.deadline, p.on) for p in line.places) / owed


def _broken(line: Line) -> bool:
    if line.places:
        return any(part.actual is not None and part.actual > part.target for part in line.places)
    return line.actual is not None and line.actual > line.target


def _done(line: Line) -> float:
    if line.actual is None or not line.target:
        return 0.0
    if line.goal.each and line.goal.value is None and line.places:
        shares = [min(1.0, (part.actual or 0) / part.target) if part.target else 1.0 for part in line.places]
        return sum(shares) / len(shares)
    return min(1.0, line.actual / line.target)


def programmes_for(post) -> list[Programme]:
    """The programmes of the post's own place, of places above it and of places inside it."""
    places = {p.code for p in Place.objects.visible_to(post).filter(code__in=_codes_of_all())}
    return [programme for programme in definitions.in_force().values() if programme.place in places]


def _codes_of_all() -> list[str]:
    return [programme.place for programme in definitions.in_force().values()]


def programme_for(post, name: str) -> Programme:
    """One programme the post may open; Refusal otherwise."""
    programme = definitions.named(name)
    if programme not in programmes_for(post):
        raise Refusal(
            "programme_outside_area", zh=f"“{programme.data['title']['zh']}”不在您的辖区内。请找上级办理。",
            en=f'"{programme.data["title"]["en"]}" is outside your area. Ask the level above.', field="programme",
        )  # fmt: skip
    return programme


def owed_by(*, place: Place, on: date, post=None) -> list[tuple[Programme, list[Line]]]:
    """Everything a township (or village) owes under all programmes of the places above it, with its own figures."""
    codes = {p.code for p in place.trail()}
    above = [p for p in definitions.in_force().values() if p.place in codes and p.place != place.code]
    found = [
        (book.programme, status(programme=book.programme, on=on, place=place, book=book)) for book in open_books(above)
    ]
    return [(programme, lines) for programme, lines in found if lines]


def counts(lines: Sequence[Line]) -> dict[str, int]:
    """{state: how many}."""
    found: dict[str, int] = {}
    for line in lines:
        found[line.state] = found.get(line.state, 0) + 1
    return found


def entries_of(*, post, programme: Programme, goal: Goal, place: Place | None = None, limit: int = 50) -> list[Entry]:
    """The entries of one goal that the post may see, the latest first, corrected ones too."""
    rows = Entry.objects.visible_to(post).filter(programme=programme.id, goal=goal.id)
    rows = rows.filter(place=place) if place else rows
    return list(rows.select_related("place", "corrects").order_by("-as_of", "-pk")[:limit])


def running_on(programme: Programme, on: date) -> bool:
    """Whether the programme runs, or ended less than a year before: where nothing else is asked, today's are shown first."""
    return programme.start <= on <= programme.end + timedelta(days=365)


__all__ = [
    "PERCENT",
    "Line",
    "allocation",
    "annex_rows",
    "areas",
    "counts",
    "entries_of",
    "line_of",
    "open_books",
    "owed_by",
    "programme_for",
    "programmes_for",
    "reports",
    "running_on",
    "standing_of",
    "status",
    "sub_areas",
]  # fmt: skip

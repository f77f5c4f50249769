"""What needs looking after at sites: papers that run out, rectification orders, inspections, draws, photographs."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from songhe.core.refusal import Refusal
from songhe.registry.facilities import definitions, rules
from songhe.registry.facilities.models import Draw, Facility, Inspection, Licence, Operation, Photo, Rectification
from songhe.registry.facilities.queries.counting import with_status
from songhe.registry.facilities.queries.judging import table
from songhe.registry.facilities.queries.sites import dormant, running, seen_by, with_last_activity
from songhe.registry.places.models import Place


@dataclass(frozen=True)
class Paper:
    """The newest licence of a kind, with its light and how many days it still holds."""

    licence: Licence
    light: str
    days: int | None


def papers(*, post, place: Place, on: date, due_only: str = "") -> list[Paper]:
    """The newest licence of each kind, of a place's facilities and of whoever operates them; `due_only` = "due": to renew."""
    newest: dict[tuple, Licence] = {}
    rows = _licences(post, place, on).select_related("facility", "organisation")
    for row in rows.order_by("valid_from", "pk"):
        newest[(row.facility_id, row.organisation_id, row.kind)] = row
    days = definitions.inspecting().licence_warn_days
    found = [Paper(row, *rules.expiry(row.valid_to, on, days)) for row in newest.values() if not row.absent_reason]
    found.sort(key=lambda paper: (paper.days is None, paper.days))
    return [paper for paper in found if paper.light != "green"] if due_only == "due" else found


def papers_due(*, post, place: Place, on: date) -> tuple[int, int]:
    """(to renew, of them expired): how many `papers(…, due_only="due")` lists, and how many of them are red."""
    one = ("facility_id", "organisation_id", "kind")
    newest = _licences(post, place, on).order_by(*one, "-valid_from", "-pk").distinct(*one).values("pk")
    until = on + timedelta(days=definitions.inspecting().licence_warn_days)
    rows = Licence.objects.filter(pk__in=newest, absent_reason="", valid_to__lte=until)
    found = rows.aggregate(due=Count("pk"), gone=Count("pk", filter=Q(valid_to__lt=on)))
    return found["due"], found["gone"]


def _licences(post, place: Place, on: date) -> QuerySet[Licence]:
    sites = seen_by(post).inside(place).values("pk")
    operators = Operation.objects.filter(running(on), facility__in=sites).values("organisation")
    return Licence.objects.filter(Q(facility__in=sites) | Q(organisation__in=operators), valid_from__lte=on)


def orders(*, post, place: Place, on: date) -> QuerySet[Rectification]:
    """Rectification orders that no later look has closed, the earliest deadline first."""
    return _orders(post, place, on).select_related("inspection__facility__place").order_by("due_on", "pk")


def orders_open(*, post, place: Place, on: date) -> tuple[int, int]:
    """(how many `orders` there are, how many of them are past their deadline)."""
    found = _orders(post, place, on).aggregate(all=Count("pk"), late=Count("pk", filter=Q(due_on__lt=on)))
    return found["all"], found["late"]


def _orders(post, place: Place, on: date) -> QuerySet[Rectification]:
    passed = Inspection.objects.filter(again_of=OuterRef("inspection"), verdict="pass")
    again = Inspection.objects.filter(
        again_of=OuterRef("inspection"), verdict="fail"
    )  # that one has an order of its own
    rows = Rectification.objects.filter(
        inspection__facility__in=seen_by(post).inside(place).values("pk"), issued_on__lte=on
    )
    return rows.exclude(Exists(passed)).exclude(Exists(again))


def inspections(*, post, place: Place, state: str = "") -> QuerySet[Inspection]:
    """Inspections of a place's sites, the latest first. `state`: "", "open", "to-sign", "failed"."""
    rows = Inspection.objects.filter(facility__in=seen_by(post).inside(place).values("pk"))
    match state:
        case "":
            pass
        case "open":
            rows = rows.filter(verdict="")
        case "to-sign":
            rows = rows.filter(verdict="pass", signed_on=None)
        case "failed":
            rows = rows.filter(verdict="fail", again=None)
        case _:
            raise Refusal("state", zh=f"没有这个筛选值：{state}。", en=f"Unknown filter value: {state}.", field="state")
    return rows.select_related("facility__place", "rectification", "again").order_by("-on", "-pk")


def inspection(*, post, pk: int) -> Inspection | None:
    """One inspection that a post may see."""
    rows = Inspection.objects.filter(facility__in=seen_by(post).values("pk"))
    found = rows.select_related("facility__place", "again_of", "draw")
    return found.filter(pk=pk).first()


def photo(*, post, pk: int) -> Photo | None:
    """One photograph that a post may see."""
    return Photo.objects.filter(facility__in=seen_by(post).values("pk"), pk=pk).first()


def draws(*, post, place: Place) -> QuerySet[Draw]:
    """Draws made in a place, the latest first."""
    rows = Draw.objects.visible_to(post) if post else Draw.objects.all()
    return rows.filter(place.whole_q("place__")).select_related("place").order_by("-on", "-pk")


@dataclass(frozen=True)
class Concern:
    """Something wrong at one site: `what` (dormant, clause, paper, order, operator), words, the rows behind it."""

    facility: str
    uid: str
    place_code: str
    what: str
    says: str
    rows: list[int]


def concerns(*, post, place: Place, on: date) -> list[Concern]:
    """Everything that `songhe facilities check` reports: clauses not met, dormant sites, expired papers, overdue orders."""
    out = []
    for judged in table(post=post, place=place, on=on):
        for term, found in judged.results:
            if found.result == "not_met":
                says = f"{term.title['zh']}：{'' if found.actual is None else f'{found.actual:g}'} {term.unit}（{term.clause.hard}）"
                out.append(_concern(judged.facility, "clause", says, [row.id for row in found.rows]))
    asleep = dormant(with_last_activity(with_status(seen_by(post).inside(place), on), on), on).select_related("place")
    out += [_concern(f, "dormant", f"最近一次活动：{f.last_activity or '无'}", []) for f in asleep.order_by("pk")]
    for paper in papers(post=post, place=place, on=on, due_only="due"):
        if paper.licence.facility is not None:
            says = f"{paper.licence.get_kind_display()} 至 {paper.licence.valid_to}（{paper.light}）"
            out.append(_concern(paper.licence.facility, "paper", says, [paper.licence.pk]))
    for order in orders(post=post, place=place, on=on).filter(due_on__lt=on):
        out.append(_concern(order.inspection.facility, "order", f"{order.number} 期限 {order.due_on}", [order.pk]))
    return out


def _concern(facility: Facility, what: str, says: str, rows: list[int]) -> Concern:
    return Concern(facility.name, str(facility.uid), facility.place.code, what, says, rows)

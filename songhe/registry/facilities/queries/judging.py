"""Each facility against its standards: met, not met or unknown, clause by clause, with the rows behind it.

for term, judged in site_judged(facility, on): term.title["zh"], judged.result, judged.actual, judged.rows
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from songhe.registry.facilities import definitions, rules, terms
from songhe.registry.facilities.definitions import Standard, Term
from songhe.registry.facilities.models import (
    Appraisal,
    BedLot,
    Designation,
    Facility,
    Licence,
    Measure,
    Operation,
    Premises,
    Provision,
    Staff,
    SyncCheck,
)
from songhe.registry.facilities.queries.counting import effective_activities, with_status
from songhe.registry.facilities.rules import Clause, Judged, Known, Row
from songhe.registry.places.models import Place

BEDS, ROOMS, SERVICES = dict(terms.BEDS), dict(terms.ROOMS), dict(terms.SERVICES)
LICENCES, SYNC, ACTIVITIES = dict(terms.LICENCES), dict(terms.SYNC_STEPS), dict(terms.ACTIVITIES)
Gather = Callable[[dict[int, Known], list[int], date], None]
LOOK_BACK = 366  # days of activities that any clause may ask for


@dataclass(frozen=True)
class SiteJudged:
    """One facility and every clause that applies to it."""

    facility: Facility
    results: list[tuple[Term, Judged]]

    def count(self, result: str) -> int:
        return sum(judged.result == result for _term, judged in self.results)

    @property
    def worst(self) -> str:
        """not_met before unknown before met; a soft clause that is not met does not make the whole not met."""
        hard = {judged.result for term, judged in self.results if term.clause.hard == "hard"}
        return next((each for each in ("not_met", "unknown", "met") if each in hard), "not_applicable")


def site_judged(facility: Facility, on: date) -> list[tuple[Term, Judged]]:
    """Every clause that applies to one facility on a day."""
    return judged_all([facility], on)[0].results


def judged_all(facilities: Iterable[Facility], on: date, *, standard: str = "", clause: str = "") -> list[SiteJudged]:
    """The same for many, with the same number of statements however many there are; only what the clauses ask is read."""
    rows = list(facilities)
    terms = {f.pk: _terms(f, on, standard, clause) for f in rows}
    known = known_of(rows, on, {term.clause for asked in terms.values() for term in asked})
    return [SiteJudged(f, [(t, rules.look(t.clause, known[f.pk], on)) for t in terms[f.pk]]) for f in rows]


def standards_for(facility: Facility, on: date) -> list[Standard]:
    """The standards that hold for a facility on a day."""
    return definitions.for_facility(facility.kind, facility.place, on)


def table(*, post, place: Place, on: date, kind: str = "", standard: str = "") -> list[SiteJudged]:
    """Every open facility of a place that some standard applies to, judged; in place order."""
    sites = _open_sites(post, place, on, standard)
    if kind:
        sites = sites.filter(kind=kind)
    rows = sites.select_related("place", "village", "town").order_by("place__code", "name")
    return [site for site in judged_all(rows, on, standard=standard) if site.results]


def results(*, place: Place, on: date, standard: str, clause: str = "") -> dict[int, list[str]]:
    """{facility: results} of one standard (or one of its clauses) for every open facility of a place it applies to.

    Where every clause speaks of new estates alone, only sites that came with one are read: to the others nothing applies.
    """
    rows = _open_sites(None, place, on, standard).select_related("place").only("kind", "town_id", "place__code")
    if all(
        term.clause.only == "new_estate"
        for each in definitions.standards()
        if each.name == standard
        for term in each.terms
    ):
        estates = Premises.objects.filter(_half_open(on), sourcing="new_estate")
        rows = rows.filter(pk__in=estates.values("facility"))
    found = judged_all(rows, on, standard=standard, clause=clause)
    return {site.facility.pk: [judged.result for _term, judged in site.results] for site in found if site.results}


def _open_sites(post, place: Place, on: date, standard: str) -> QuerySet[Facility]:  # type: ignore[no-untyped-def]
    """Facilities that stand on the day; of a standard, only the kinds it speaks of: the others need not be looked at."""
    sites = Facility.objects.visible_to(post) if post else Facility.objects.all()
    sites = with_status(sites.inside(place), on).exclude(status=rules.CLOSED).exclude(status=None)
    if not standard:
        return sites
    return sites.filter(kind__in=[k for each in definitions.standards() if each.name == standard for k in each.kinds])


def known_of(facilities: list[Facility], on: date, clauses: Iterable[Clause] | None = None) -> dict[int, Known]:
    """What is on record about each facility on a day, ready for `rules.look`; with `clauses`, only what these ask."""
    known = {facility.pk: Known() for facility in facilities}
    ids = list(known)
    for gather in _asked(clauses):
        gather(known, ids, on)
    if clauses is None or any(clause.measure in ("ltci_designated", "operators_in_town") for clause in clauses):
        _operators(known, facilities, on)
    return known


def _asked(clauses: Iterable[Clause] | None) -> list[Gather]:
    """The statements that clauses need, each once."""
    if clauses is None:
        return list(dict.fromkeys(each for some in GATHERS.values() for each in some))
    asked = [each for clause in clauses for each in GATHERS.get(clause.measure, ())]
    estates = GATHERS["premises"] if any(clause.only == "new_estate" for clause in clauses) else ()
    return list(dict.fromkeys([*asked, *estates]))


def _terms(facility: Facility, on: date, standard: str = "", clause: str = "") -> list[Term]:
    return [
        term
        for each in standards_for(facility, on)
        for term in each.terms
        if standard in ("", term.standard) and clause in ("", term.clause.id)
    ]


def _valid(on: date) -> Q:
    return Q(valid_from__lte=on) & (Q(valid_to=None) | Q(valid_to__gte=on))


def _status(known: dict[int, Known], ids: list[int], on: date) -> None:
    for pk, status in with_status(Facility.objects.filter(pk__in=ids), on).values_list("pk", "status"):
        known[pk].status = status or ""


def _numbers(known: dict[int, Known], ids: list[int], on: date) -> None:
    rows = Measure.objects.filter(facility__in=ids, what="floor_area", on__lte=on).order_by("on", "pk")
    for row in rows:
        says = f"{row.value:f}".rstrip("0").rstrip(".") + f" ㎡（{row.on}）"
        known[row.facility_id].floor_area = (float(row.value), Row("measure", row.pk, says))


def _beds(known: dict[int, Known], ids: list[int], on: date) -> None:
    for lot in BedLot.objects.filter(facility__in=ids, on__lte=on).order_by("on", "pk"):
        beds = known[lot.facility_id].beds
        signed = -lot.count if lot.origin == "removed" else lot.count
        says = f"{lot.on} {BEDS[lot.kind]} {signed:+d}"
        beds.setdefault(lot.kind, []).append((signed, Row("bed_lot", lot.pk, says)))
        if lot.origin == "converted":
            beds.setdefault(lot.from_kind, []).append((-lot.count, Row("bed_lot", lot.pk, says)))


def _provisions(known: dict[int, Known], ids: list[int], on: date) -> None:
    labels = {"room": {c: str(said) for c, said in ROOMS.items()}, "service": {c: str(s) for c, s in SERVICES.items()}}
    rows = Provision.objects.filter(_valid(on), facility__in=ids)
    for pk, facility, what, code, since in rows.values_list("pk", "facility", "what", "code", "valid_from"):
        there = known[facility].rooms if what == "room" else known[facility].services
        there[code] = Row("provision", pk, f"{labels[what].get(code, code)}（{since} 起）")


def _staff(known: dict[int, Known], ids: list[int], on: date) -> None:
    for row in Staff.objects.filter(_valid(on), facility__in=ids):
        says = f"{row.get_role_display()}（{row.get_dedicated_display()}）"
        known[row.facility_id].staff.append((row.dedicated, Row("staff", row.pk, says)))


def _licences(known: dict[int, Known], ids: list[int], on: date) -> None:
    """A facility's own papers, and those of whoever operates it on the day."""
    running = Operation.objects.filter(_half_open(on), facility__in=ids).values_list("organisation", "facility")
    sites = defaultdict(list)
    for organisation, facility in running:
        sites[organisation].append(facility)
    papers = Licence.objects.filter(Q(facility__in=ids) | Q(organisation__in=list(sites)), valid_from__lte=on)
    for row in papers.order_by("valid_from", "pk"):
        state = (
            "absent" if row.absent_reason else "valid" if rules.held_on(row.valid_from, row.valid_to, on) else "expired"
        )
        says = f"{LICENCES[row.kind]} {row.number or row.absent_reason}" + (
            f" 至 {row.valid_to}" if row.valid_to else ""
        )
        for pk in [row.facility_id] if row.facility_id else sites[row.organisation_id]:
            known[pk].licences.setdefault(row.kind, []).append((state, Row("licence", row.pk, says)))


def _activities(known: dict[int, Known], ids: list[int], on: date) -> None:
    since = on - timedelta(days=LOOK_BACK)
    rows = effective_activities().filter(facility__in=ids, on__gt=since, on__lte=on).order_by("-on", "-pk")
    for pk, facility, day, kind, count in rows.values_list("pk", "facility", "on", "kind", "count"):
        says = f"{day} {ACTIVITIES[kind]} {count} 人次"
        known[facility].activities.append((day, kind, Row("activity", pk, says)))


def _premises(known: dict[int, Known], ids: list[int], on: date) -> None:
    for facility, sourcing in Premises.objects.filter(_half_open(on), facility__in=ids).values_list(
        "facility", "sourcing"
    ):
        known[facility].sourcing = sourcing


def _sync(known: dict[int, Known], ids: list[int], on: date) -> None:
    for row in SyncCheck.objects.filter(facility__in=ids, on__lte=on).order_by("on", "pk"):
        says = f"{SYNC[row.step]} {row.get_result_display()}（{row.on}）"
        known[row.facility_id].sync[row.step] = (row.result, Row("sync_check", row.pk, says))


def _grades(known: dict[int, Known], ids: list[int], on: date) -> None:
    rows = Appraisal.objects.filter(Q(valid_to=None) | Q(valid_to__gte=on), facility__in=ids, on__lte=on)
    for row in rows:
        known[row.facility_id].grades.append(
            (row.grade, Row("appraisal", row.pk, f"{row.scheme} {row.grade}（{row.on}）"))
        )


GATHERS: dict[str, tuple[Gather, ...]] = {  # what each measure reads; who operates is read by `_operators`
    "floor_area": (_numbers,), "beds": (_beds,), "services": (_provisions,), "rooms": (_provisions,),
    "dedicated_staff": (_staff,), "licence": (_licences,), "activity": (_status, _activities), "four_sync": (_sync,),
    "grade": (_grades,), "premises": (_premises,),
}  # fmt: skip


def _half_open(on: date) -> Q:
    return Q(valid_from__lte=on) & (Q(valid_to=None) | Q(valid_to__gt=on))


def _operators(known: dict[int, Known], facilities: list[Facility], on: date) -> None:
    towns = {f.town_id for f in facilities if f.town_id}
    running = list(
        Operation.objects.filter(_half_open(on), facility__town__in=towns).select_related("facility", "organisation")
    )
    held = defaultdict(list)
    for row in Designation.objects.filter(organisation__in={op.organisation_id for op in running}):
        held[row.organisation_id].append((row.valid_from, row.valid_to))
    by_town = defaultdict(list)
    for op in running:
        says = f"{op.facility}：{op.organisation}（{op.valid_from} 起）"
        by_town[op.facility.town_id].append((op.facility.kind, op.organisation_id, Row("operation", op.pk, says)))
        if op.facility_id in known:
            good = any(rules.held_on(*dates, op.contract_on) for dates in held[op.organisation_id])
            said = Row("operation", op.pk, f"{op.organisation}，签约 {op.contract_on}")
            known[op.facility_id].designated = ("yes" if good else "no", said)
    for facility in facilities:
        known[facility.pk].operators_in_town = by_town[facility.town_id]

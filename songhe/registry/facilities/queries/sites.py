"""Lists of facilities, one site with its whole history, and what needs looking after: papers, dormant sites, overdue orders."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from songhe.core.refusal import Refusal
from songhe.registry.facilities import definitions, rules, terms
from songhe.registry.facilities.models import (
    Appraisal,
    Facility,
    ImportSheet,
    Licence,
    Measure,
    Operation,
    Organisation,
    Premises,
    Provision,
    Schedule,
    Staff,
    SyncCheck,
)
from songhe.registry.facilities.queries.counting import effective_activities, with_status
from songhe.registry.facilities.queries.narrowing import narrowed
from songhe.registry.places.models import Place

SIZE = 50


@dataclass(frozen=True)
class Page:
    """Rows of one page; `after` begins the next, "" at the end; `count` of all that fit."""

    rows: list[Facility]
    after: str
    count: int


def seen_by(post) -> QuerySet[Facility]:
    """The facilities a post may see; without a post (the system's own work) whatever PostgreSQL lets through."""
    return Facility.objects.visible_to(post) if post else Facility.objects.all()


def listed(
    *, post, place: Place, on: date, kind: str = "", status: str = "", q: str = "", only: str = "", after: str = "", size: int = SIZE,
    **counted: str,
) -> Page:  # fmt: skip
    """One page, in the order of places. `only`: "dormant". An unknown filter value is an error, never everything.

    `counted`: what a figure counts (see `counted.narrowed`). Each row carries `status`, `status_on`, `last_activity`,
    `operator_name`.
    """
    rows = _filtered(seen_by(post).inside(place), on, kind=kind, status=status, q=q, only=only)
    rows = narrowed(rows, on, **counted)
    count = rows.count()
    if after:
        code, _mark, pk = after.partition("~")
        if not pk.isdecimal():
            raise Refusal(
                "after", zh="翻页位置不对。请回到第一页。", en="This is no place to turn to. Go to the first page."
            )
        rows = rows.filter(Q(place__code__gt=code) | Q(place__code=code, pk__gt=int(pk)))
    found = list(_in_order(rows, on)[: size + 1])
    last = found[size - 1] if len(found) > size else None
    return Page(found[:size], f"{last.place.code}~{last.pk}" if last else "", count)


def all_listed(*, post, place: Place, on: date, **filters: str) -> list[Facility]:
    """Every facility that the same filters list, in the same order: what an export takes."""
    plain = {name: filters.pop(name, "") for name in ("kind", "status", "q", "only")}
    return list(_in_order(narrowed(_filtered(seen_by(post).inside(place), on, **plain), on, **filters), on))


def _in_order(rows: QuerySet[Facility], on: date) -> QuerySet[Facility]:
    operation = Operation.objects.filter(running(on), facility=OuterRef("pk"))
    rows = rows.annotate(operator_name=Subquery(operation.values("organisation__name")[:1]))
    return rows.select_related("place", "village", "town").order_by("place__code", "pk")


def import_sheets(*, post) -> QuerySet[ImportSheet]:
    """Files of facilities brought in before, the latest first."""
    found = ImportSheet.objects.visible_to(post) if post else ImportSheet.objects.all()
    return found.select_related("place").order_by("-pk")


def _filtered(rows: QuerySet[Facility], on: date, *, kind: str, status: str, q: str, only: str) -> QuerySet[Facility]:
    for what, given, known in (("kind", kind, terms.KINDS), ("status", status, terms.STATUSES), ("only", only, _ONLY)):
        if given and given not in dict(known):
            raise Refusal(
                what,
                zh=f"没有这个筛选值：{given}。可用：{'、'.join(dict(known))}。",
                en=f"Unknown filter value: {given}. Use {', '.join(dict(known))}.",
                field=what,
            )
    rows = with_last_activity(with_status(rows, on), on)
    if kind:
        rows = rows.filter(kind=kind)
    if status:
        rows = rows.filter(status=status)
    if q.strip():
        rows = rows.filter(Q(name__icontains=q.strip()) | Q(location__icontains=q.strip()))
    if only == "dormant":
        rows = dormant(rows, on)
    return rows


_ONLY = [("dormant", "")]


def with_last_activity(rows: QuerySet[Facility], on: date) -> QuerySet[Facility]:
    latest = effective_activities().filter(facility=OuterRef("pk"), on__lte=on).order_by()
    return rows.annotate(last_activity=Subquery(latest.values("facility").annotate(day=Max("on")).values("day")))


def dormant(rows: QuerySet[Facility], on: date) -> QuerySet[Facility]:
    """In use by name, but nothing took place there for `dormant_after_days`: rows must carry status and last_activity."""
    since = on - timedelta(days=definitions.inspecting().dormant_after_days)
    return rows.filter(Q(last_activity=None) | Q(last_activity__lte=since), status="in_use")


def running(on: date) -> Q:
    return Q(valid_from__lte=on) & (Q(valid_to=None) | Q(valid_to__gt=on))


def one(*, post, uid: UUID, on: date) -> Facility | None:
    """One facility with its status of the day, or None."""
    rows = with_last_activity(with_status(seen_by(post), on), on)
    return rows.select_related("place", "village", "town", "county").filter(uid=uid).first()


def by_ids(*, post, ids: Iterable[int]) -> dict[int, Facility]:
    """Facilities by id, those a post may see."""
    return seen_by(post).in_bulk(set(ids))


@dataclass(frozen=True)
class Holdings:
    """What a site has on a day: operator, premises, hours, rooms, services, staff, papers, floor area."""

    operation: Operation | None
    premises: Premises | None
    schedule: Schedule | None
    rooms: list[Provision]
    services: list[Provision]
    staff: list[Staff]
    licences: list[Licence]
    measures: list[Measure]
    sync: list[SyncCheck]
    appraisals: list[Appraisal]


def holdings(facility: Facility, on: date) -> Holdings:
    """Everything that holds at one site on a day."""
    valid = Q(valid_from__lte=on) & (Q(valid_to=None) | Q(valid_to__gte=on))
    provisions = list(facility.provisions.filter(valid).order_by("pk"))
    operation = facility.operations.filter(running(on)).select_related("organisation").first()
    papers = Q(facility=facility) | (Q(organisation=operation.organisation_id) if operation else Q())
    return Holdings(
        operation=operation,
        premises=facility.premises.filter(running(on)).first(),
        schedule=facility.schedules.filter(valid_from__lte=on).order_by("-valid_from", "-pk").first(),
        rooms=[row for row in provisions if row.what == "room"],
        services=[row for row in provisions if row.what == "service"],
        staff=list(facility.staff.filter(valid).order_by("pk")),
        licences=_newest(Licence.objects.filter(papers, valid_from__lte=on).order_by("valid_from", "pk"), "kind"),
        measures=_newest(facility.measures.filter(on__lte=on).order_by("on", "pk"), "what"),
        sync=_newest(facility.sync_checks.filter(on__lte=on).order_by("on", "pk"), "step"),
        appraisals=list(facility.appraisals.filter(on__lte=on).order_by("-on")),
    )


def _newest(rows: Iterable, field: str) -> list:
    """The last row of each kind, in the order in which the kinds were first heard of."""
    return list({getattr(row, field): row for row in rows}.values())


@dataclass(frozen=True)
class Event:
    """One thing that happened to a site: `what` (status, beds, operator, …), words, who wrote it."""

    on: date
    what: str
    title: str
    text: str
    by: int
    link: int = 0


def history(facility: Facility) -> list[Event]:
    """Everything known of a site, the latest first."""
    events = [
        Event(s.on, "status", s.get_status_display(), " · ".join(x for x in (s.reason, s.paper) if x), s.by)
        for s in facility.statuses.all()
    ]
    events += [
        Event(
            b.on,
            "beds",
            _("%(kind)s %(n)s 张") % {"kind": b.get_kind_display(), "n": b.count},
            f"{b.get_origin_display()} {b.evidence}".strip(),
            b.by,
        )
        for b in facility.bed_lots.all()
    ]
    events += [
        Event(
            o.valid_from,
            "operator",
            o.organisation.name,
            " · ".join(x for x in (o.get_selection_display(), o.contract, o.exception) if x),
            o.by,
        )
        for o in facility.operations.select_related("organisation")
    ]
    events += [
        Event(m.on, "measure", m.get_what_display(), f"{m.value:f} {m.source}".strip(), m.by)
        for m in facility.measures.all()
    ]
    events += [
        Event(
            p.valid_from,
            "premises",
            p.get_sourcing_display(),
            str(terms.RENT_BASES[rules.rent_basis(p.owner, p.leased)]),
            p.by,
        )
        for p in facility.premises.all()
    ]
    events += [
        Event(s.on, "sync", s.get_step_display(), f"{s.get_result_display()} {s.estate}", s.by)
        for s in facility.sync_checks.all()
    ]
    for each in facility.inspections.select_related("rectification"):
        said = each.get_verdict_display() if each.verdict else ""
        events.append(Event(each.on, "inspection", each.get_kind_display(), said, each.by, each.pk))
        if each.signed_on:
            events.append(Event(each.signed_on, "signed", each.get_kind_display(), "", each.signed_by or 0, each.pk))
        order = getattr(each, "rectification", None)
        if order:
            events.append(
                Event(
                    order.issued_on,
                    "order",
                    order.number,
                    _("整改期限 %(day)s") % {"day": order.due_on},
                    order.by,
                    each.pk,
                )
            )
    events += _held(facility)
    for day, kind, n, people in _activity_months(facility):
        events.append(Event(day, "activity", kind, _("%(n)s 次，%(people)s 人次") % {"n": n, "people": people}, 0))
    return sorted(events, key=lambda e: e.on, reverse=True)


def _held(facility: Facility) -> Iterable[Event]:
    """Rooms, services, staff, papers, hours and appraisals: each when it came, and when it went."""
    names = dict([*terms.ROOMS, *terms.SERVICES])
    for row in facility.provisions.all():
        yield from _span("provision", str(names.get(row.code, row.code)), row.detail, row)
    for row in facility.staff.all():
        yield from _span("staff", row.name, f"{row.get_role_display()} · {row.get_dedicated_display()}", row)
    for row in facility.licences.all():
        until = _("有效期至 %(day)s") % {"day": row.valid_to} if row.valid_to else ""
        said = " · ".join(filter(None, [row.number or row.absent_reason, until]))
        yield Event(row.valid_from, "licence", row.get_kind_display(), said, row.by)
    for row in facility.schedules.all():
        yield Event(row.valid_from, "hours", f"{row.opens:%H:%M}–{row.closes:%H:%M}", "", row.by)
    for row in facility.appraisals.all():
        score = "" if row.score is None else f"{row.score:f}"
        yield Event(row.on, "appraisal", row.scheme, " ".join(filter(None, [score, row.grade])), row.by)


def _span(what: str, title: str, text: str, row: Provision | Staff) -> Iterable[Event]:
    yield Event(row.valid_from, what, title, text, row.by)
    if row.valid_to:
        yield Event(row.valid_to, f"{what}_end", title, text, row.by)


def _activity_months(facility: Facility) -> Iterable[tuple[date, str, int, int]]:
    """Activities by month and kind: (last day, kind, times, person-times)."""
    found: dict[tuple, list] = {}
    for on, kind, count in effective_activities().filter(facility=facility).values_list("on", "kind", "count"):
        row = found.setdefault((on.year, on.month, kind), [on, 0, 0])
        row[0], row[1], row[2] = max(row[0], on), row[1] + 1, row[2] + count
    names = dict(terms.ACTIVITIES)
    return [(day, str(names[key[2]]), n, people) for key, (day, n, people) in found.items()]


def organisations(*, q: str = "") -> QuerySet[Organisation]:
    """Operators by name or credit code; they work across areas and are open to every reader of facilities."""
    rows = Organisation.objects.select_related("place")
    return rows.filter(Q(name__icontains=q) | Q(credit_code__istartswith=q)) if q else rows


def operated_by(*, post, organisation: Organisation, on: date) -> list[Operation]:
    """The sites that an organisation operates on a day, those a post may see."""
    rows = Operation.objects.filter(running(on), organisation=organisation, facility__in=seen_by(post).values("pk"))
    return list(rows.select_related("facility__place").order_by("facility__place__code"))


def operator_counts(*, post, place: Place, on: date) -> dict[int, int]:
    """{organisation id: how many sites of a place it operates on a day}."""
    rows = Operation.objects.filter(running(on), facility__in=seen_by(post).inside(place).values("pk"))
    found: dict[int, int] = {}
    for pk in rows.values_list("organisation", flat=True):
        found[pk] = found.get(pk, 0) + 1
    return found


def totals(*, post, place: Place, on: date) -> list[tuple[str, str, int]]:
    """(kind, status, count) of a place on a day, in one statement."""
    rows = with_status(seen_by(post).inside(place), on).exclude(status=None)
    counted = rows.order_by().values_list("kind", "status").annotate(n=Count("pk"))
    return sorted(counted, key=lambda row: (KIND_ORDER[row[0]], STATUS_ORDER[row[1]]))


KIND_ORDER = {code: at for at, (code, _label) in enumerate(terms.KINDS)}
STATUS_ORDER = {code: at for at, (code, _label) in enumerate(terms.STATUSES)}

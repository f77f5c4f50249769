"""Exactly the facilities that a figure counts: as far as a status, since a day, with beds of a kind, with an operator."""

from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from songhe.core.refusal import Refusal
from songhe.registry.facilities import rules, terms
from songhe.registry.facilities.models import BedLot, Facility, Operation, StatusChange
from songhe.registry.facilities.queries.counting import effective_activities

NARROWINGS = ("reached", "since", "begun", "beds", "lots", "operated", "apart")


def narrowed(rows: QuerySet[Facility], on: date, **given: str) -> QuerySet[Facility]:
    """Rows that carry `status`, narrowed as a goal counts them. Raises Refusal for an unknown filter or value.

    reached="done": as far as that or further, in use with its activity; since="2021-03-01": not so before that day (for beds:
    set up from then on), begun="2021-12-31": on file by that day; beds="nursing,day", lots="converted": with such beds; operated="yes": with an operator; apart: the
    code of a functional area whose sites are counted there.
    """
    unknown = set(given) - set(NARROWINGS)
    if unknown:
        raise Refusal("unknown_filter", zh=f"没有这种筛选：{'、'.join(sorted(unknown))}。", en=f"No such filter: {', '.join(sorted(unknown))}.")  # fmt: skip
    since, begun = _day(given.get("since", "")), _day(given.get("begun", ""))
    if begun:
        rows = rows.filter(Exists(StatusChange.objects.filter(facility=OuterRef("pk"), on__lte=begun)))
    if given.get("reached"):
        rows = _as_far(rows, given["reached"], on, since)
    if given.get("beds"):
        rows = rows.filter(Exists(_lots(given["beds"], given.get("lots", ""), on, since)))
    if given.get("operated"):
        running = Operation.objects.filter(Q(valid_to=None) | Q(valid_to__gt=on), facility=OuterRef("pk"))
        rows = rows.filter(Exists(running.filter(contract_on__lte=on)))
    if given.get("apart"):
        rows = rows.exclude(village__functional_area__code=given["apart"]).exclude(place__code=given["apart"])
    return rows


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Refusal("since", zh=f"“{text[:20]}”不是日期。", en=f"“{text[:20]}” is no date.", field="since") from None


def _as_far(rows: QuerySet[Facility], reached: str, on: date, since: date | None) -> QuerySet[Facility]:
    if reached not in rules.WALK:
        raise Refusal("reached", zh=f"没有这种状态：{reached}。", en=f"There is no status {reached}.", field="reached")
    far = rules.at_least(reached)
    rows = rows.filter(status__in=far)
    if reached == "in_use":
        rows = rows.filter(Exists(effective_activities().filter(facility=OuterRef("pk"), on__lte=on)))
    if since is None:
        return rows
    changes = StatusChange.objects.filter(facility=OuterRef("pk"))
    before = changes.filter(on__lte=since - timedelta(days=1)).order_by("-on", "-pk")
    back = changes.filter(on__gte=since, on__lte=on).exclude(status__in=far)  # it went back, and came there anew
    return rows.annotate(before=Subquery(before.values("status")[:1])).filter(
        Q(before=None) | ~Q(before__in=far) | Exists(back)
    )


def _lots(kinds: str, origin: str, on: date, since: date | None) -> QuerySet[BedLot]:
    asked = kinds.split(",")
    wrong = [kind for kind in asked if kind not in dict(terms.BEDS)]
    if wrong:
        raise Refusal(
            "beds", zh=f"没有这种床位：{'、'.join(wrong)}。", en=f"No such beds: {', '.join(wrong)}.", field="beds"
        )
    origins = ["converted"] if origin == "converted" else ["new", "removed"]
    found = BedLot.objects.filter(facility=OuterRef("pk"), kind__in=asked, origin__in=origins, on__lte=on)
    return found.filter(on__gte=since) if since else found

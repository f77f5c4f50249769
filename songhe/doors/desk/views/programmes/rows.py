"""The rows behind a goal's figure: what is counted, what stands in its base alone; each opens its own page."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from songhe.care.agreements.models import Bed
from songhe.care.meals import queries as meals
from songhe.care.services.models import Order
from songhe.care.volunteering.models import Activity
from songhe.core import audit
from songhe.core.identity import mask_name
from songhe.core.refusal import Refusal
from songhe.doors.desk.rows_behind import entries_url, indicator_url, needs, rows_page
from songhe.doors.desk.scope import scope_of
from songhe.doors.desk.views.programmes.lines import actual_text, day_asked, link, number, page, place_for, standing
from songhe.oversight.awards import queries as awards
from songhe.oversight.ledger import queries as ledger
from songhe.oversight.programmes import queries
from songhe.oversight.programmes.behind import behind, of_areas
from songhe.oversight.programmes.definitions import Goal
from songhe.oversight.programmes.figures import Row
from songhe.oversight.programmes.models import Entry
from songhe.oversight.programmes.queries import Line
from songhe.registry.accounts.access import door, require
from songhe.registry.facilities import queries as facilities
from songhe.registry.people.models import Person
from songhe.registry.places.models import Place

PAGE = 50
SIDES = ("counted", "rest", "all")


@dataclass(frozen=True)
class Named:
    """What a row shows: a name that opens its own page, and where it lies."""

    label: str
    where: str = ""
    url: str = ""
    origin: str = ""


@door("programmes.view")
def rows(request, name, goal):
    """Exactly as many rows as the figure says, those counted first; `side=rest` what its base holds besides."""
    request.scope = scope = scope_of(request)
    side, after = _asked(request)
    programme = queries.programme_for(request.post, name)
    wanted = programme.goal(goal)
    if permission := needs(wanted):
        require(request.post, permission)
    (book,) = queries.open_books([programme])
    line = queries.line_of(book, wanted, book.place, place_for(request, book.place), day_asked(request))
    found = behind(book, line, areas=bool(request.GET.get("by"))) if line else None
    listed = found.side(side) if found else []
    shown = listed[after : after + PAGE]
    names = _names(request, wanted, line, shown)
    audit.note("programmes.rows", "goal", area_id=scope.place.pk, goal=f"{name}/{goal}", side=side, rows=len(shown))
    here = {name: request.GET.get(name) for name in ("area", "by")}
    counts = _counts(found)
    context = {
        "programme": programme,
        "goal": wanted,
        "title": wanted.said("subject"),
        "head": standing(line, request) if line else None,
        "figure": actual_text(line) if line else "",
        "rows": [{"row": row, "named": names.get((row.what, row.id), Named(_("不在您的辖区内")))} for row in shown],
        "weighed": any(row.number != 1 for row in listed),
        "count": number(counts[side]),
        "side": side,
        "tabs": [
            {"label": label, "url": link(request, "programme-goal-rows", name, goal, side=key, **here), "current": key == side, "count": number(counts[key])}
            for key, label in (("counted", _("计入的")), ("rest", _("未计入的")), ("all", _("全部")))
        ],
        "next_url": link(request, "programme-goal-rows", name, goal, side=side, after=after + PAGE, **here) if after + PAGE < len(listed) else "",
        "back_url": link(request, "programme-goal", name, goal, area=request.GET.get("area")),
        "back_label": wanted.said("subject"),
    }  # fmt: skip
    return page(request, "desk/programme_rows.html", context)


def _asked(request) -> tuple[str, int]:
    side, after = request.GET.get("side") or "counted", request.GET.get("after", "0")
    if side not in SIDES:
        raise Refusal(
            "side", zh=f"没有这张清单：{side[:20]}。", en=f"There is no such list: {side[:20]}.", field="side"
        )
    return side, int(after) if after.isdecimal() else 0


def _counts(found) -> dict:
    numerator, base = (found.numerator, found.base) if found else (0, 0)
    return {"counted": numerator, "rest": base - numerator, "all": base}


def _names(request, goal: Goal, line: Line | None, rows: Iterable[Row]) -> dict[tuple[str, int], Named]:
    """{(kind, id): what to show} of the rows the post may see."""
    ids: dict[str, set[int]] = {}
    for row in rows:
        ids.setdefault(row.what, set()).add(row.id)
    found: dict[tuple[str, int], Named] = {}
    for what, of_kind in ids.items():
        found |= {(what, pk): named for pk, named in NAMES[what](request, goal, line, of_kind).items()}
    return found


def _site(request, goal, line, ids) -> dict[int, Named]:
    on = request.GET.get("on")
    found = facilities.by_ids(post=request.post, ids=ids)
    return {pk: Named(row.name, str(row.place), request.scope.link(reverse("facility", args=[row.uid]), period=None, on=on), row.origin) for pk, row in found.items()}  # fmt: skip


def _village(request, goal, line, ids) -> dict[int, Named]:
    found = Place.objects.within(request.post).select_related("parent").in_bulk(ids)
    may = request.post.may("facilities.view")
    url = {pk: request.scope.link(reverse("facilities"), area=row.code, period=None, on=request.GET.get("on")) if may else "" for pk, row in found.items()}  # fmt: skip
    return {pk: Named(str(row), str(row.parent or ""), url[pk]) for pk, row in found.items()}


def _area(request, goal, line, ids) -> dict[int, Named]:
    """A place that stands for what an indicator counts in it, or that is itself counted: its own rows open."""
    found = Place.objects.within(request.post).select_related("parent").in_bulk(ids)
    parts = {part.place.pk: part for part in (line.places or [line])}
    return {
        pk: Named(str(row), str(row.parent or ""), indicator_url(goal, parts[pk], request) or (rows_page(goal, parts[pk], request) if of_areas(goal, line) else ""))
        for pk, row in found.items() if pk in parts
    }  # fmt: skip


def _person(request, goal, line, ids) -> dict[int, Named]:
    """Names are masked here; the file, one step on, shows what the post may see."""
    found = Person.objects.visible_to(request.post).select_related("village").in_bulk(ids)
    return {pk: Named(mask_name(row.name), str(row.village), reverse("person", args=[row.uid]), row.origin) for pk, row in found.items()}  # fmt: skip


def _bed(request, goal, line, ids) -> dict[int, Named]:
    found = Bed.objects.visible_to(request.post).select_related("person", "village").in_bulk(ids)
    return {pk: Named(mask_name(row.person.name), str(row.village), request.scope.link(reverse("bed", args=[row.uid]), period=None), row.origin) for pk, row in found.items()}  # fmt: skip


def _order(request, goal, line, ids) -> dict[int, Named]:
    found = Order.objects.visible_to(request.post).select_related("item", "person", "village").in_bulk(ids)
    return {pk: Named(f"{row.item} {mask_name(row.person.name)}", str(row.village), reverse("order", args=[pk]), row.origin) for pk, row in found.items()}  # fmt: skip


def _activity(request, goal, line, ids) -> dict[int, Named]:
    found = Activity.objects.visible_to(request.post).select_related("group", "village").in_bulk(ids)
    return {pk: Named(f"{row.group.name} {row.get_kind_display()}", str(row.village or row.town or ""), reverse("volunteer-group", args=[row.group_id]), row.group.origin) for pk, row in found.items()}  # fmt: skip


def _vehicle(request, goal, line, ids) -> dict[int, Named]:
    found = meals.vehicles(post=request.post, place=request.scope.place, on=day_asked(request)).select_related("facility__place").in_bulk(ids)  # fmt: skip
    return {pk: Named(row.plate, str(row.facility), reverse("meals") + "#vehicles") for pk, row in found.items()}


def _nomination(request, goal, line, ids) -> dict[int, Named]:
    found = awards.put_forward(post=request.post, ids=ids)
    return {pk: Named(row.name, row.unit or str(row.round.place), reverse("award", args=[row.round_id])) for pk, row in found.items()}  # fmt: skip


def _item(request, goal, line, ids) -> dict[int, Named]:
    found = ledger.items(post=request.post).select_related("place").in_bulk(ids)
    return {pk: Named(row.title, str(row.place), reverse("ledger-item", args=[pk]), row.origin) for pk, row in found.items()}  # fmt: skip


def _entry(request, goal, line, ids) -> dict[int, Named]:
    found = Entry.objects.visible_to(request.post).select_related("place").in_bulk(ids)
    return {pk: Named(_("填报：%(paper)s") % {"paper": row.evidence}, str(row.place), entries_url(goal, request), row.origin) for pk, row in found.items()}  # fmt: skip


NAMES: dict[str, Callable[..., dict[int, Named]]] = {
    "site": _site, "village": _village, "area": _area, "person": _person, "bed": _bed, "order": _order, "activity": _activity,
    "vehicle": _vehicle, "nomination": _nomination, "item": _item, "entry": _entry,
}  # fmt: skip

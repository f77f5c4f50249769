"""Everything a township owes under all programmes."""

from datetime import date

from songhe.doors.desk.scope import Scope, scope_of
from songhe.doors.desk.views.programmes.lines import day_asked, in_order, link, page, standing, tabs
from songhe.oversight.programmes import queries
from songhe.registry.accounts.access import door
from songhe.registry.places.models import Place


@door("programmes.view")
def owed(request):
    """Everything a township owes under all programmes, with its own figures."""
    request.scope = scope = scope_of(request)
    on = day_asked(request)
    place = scope.place
    found = queries.owed_by(place=place, on=on, post=request.post)
    groups = [
        {
            "title": programme.said("title"),
            "url": link(request, "programme", programme.id, area=place.code),
            "rows": [standing(line, request) | {"share_line": line} for line in in_order(lines)],
            "row": programme.row_of(place.code),
        }
        for programme, lines in found
    ]
    below = [] if found else _townships(scope, on)
    context = {
        "groups": groups,
        "place": place,
        "tabs": tabs(request, "programmes-owed"),
        "choices": [{"name": str(p), "url": link(request, "programmes-owed", area=p.code)} for p in below],
    }
    return page(request, "desk/programmes_owed.html", context)


def _townships(scope: Scope, on: date) -> list[Place]:
    """The townships to choose from, functional areas of an annex among them."""
    inside = Place.objects.within(scope.post).filter(level="township", valid_to=None)
    return list(inside.filter(scope.place.whole_q()).defer("outline").order_by("code")[:400])

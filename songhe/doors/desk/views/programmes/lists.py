"""工程: the programmes of an area, and every commitment with what carries it."""

from songhe.doors.desk.scope import scope_of
from songhe.doors.desk.views.programmes.lines import (
    KINDS,
    day_asked,
    held_to,
    link,
    page,
    place_for,
    programme_row,
    tabs,
)
from songhe.oversight.programmes import definitions, queries
from songhe.oversight.programmes.definitions import said
from songhe.registry.accounts.access import door


@door("programmes.view")
def index(request):
    """Every programme of the area with its lights."""
    request.scope = scope_of(request)
    on = day_asked(request)
    rows = []
    for book in queries.open_books(queries.programmes_for(request.post)):
        lines = queries.status(programme=book.programme, on=on, place=place_for(request, book.place), book=book)
        rows.append(programme_row(request, book.programme, lines))
    rows.sort(key=lambda row: (not row["running"], -row["programme"].start.toordinal()))
    context = {"rows": rows, "tabs": tabs(request, "programmes"), "may_draft": request.post.may("programmes.draft")}
    return page(request, "desk/programmes.html", context)


@door("programmes.view")
def commitments(request):
    """Every commitment with what carries it, what the notice says and how it is read."""
    request.scope = scope_of(request)
    rows = [
        {
            "id": carrier.commitment,
            "programme": definitions.named(carrier.programme).said("title"),
            "kind": KINDS[carrier.kind],
            "title": said(carrier.title),
            "literal": said(carrier.literal),
            "value": held_to(carrier),
            "note": said(carrier.note),
            "url": link(request, "programme-goal", carrier.programme, carrier.object)
            if carrier.kind in ("target", "recurring", "ceiling", "achieved", "milestone")
            else link(request, "programme", carrier.programme),
        }
        for programme in queries.programmes_for(request.post)
        for carrier in definitions.carriers(programme)
    ]
    rows.sort(key=lambda row: row["id"])
    return page(
        request, "desk/programmes_commitments.html", {"rows": rows, "tabs": tabs(request, "programmes-commitments")}
    )

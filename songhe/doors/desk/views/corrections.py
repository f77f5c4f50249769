"""待核定的更正: two people corrected the same fact from different grounds; the township sees both and decides."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from songhe.care.visits import actions, queries
from songhe.care.visits.actions.correct import opened, standing
from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.doors.desk.duty_scope import link, person_url, section
from songhe.doors.desk.scope import scope_of
from songhe.registry.accounts import queries as accounts
from songhe.registry.accounts.access import door

PAGE = 50


@door("people.edit")
def index(request):
    """Every undecided clash of the area, the oldest first, both values side by side; a choice settles one."""
    request.scope = scope = scope_of(request)
    if request.method == "POST":
        _decide(request)
        return redirect(link(scope, "corrections"))
    found = queries.clashes(post=request.post, place=scope.place)
    rows = list(found[: PAGE + 1])
    audit.note("people.unmask", "person", area_id=scope.place.pk, reason="核定更正", page="corrections", people=[row.person_id for row in rows[:PAGE]])  # fmt: skip
    names = accounts.users_in(row.made_by for row in rows)
    context = {
        "tabs": section(request, "corrections"),
        "rows": [_row(row, names) for row in rows[:PAGE]],
        "more": len(rows) > PAGE,
        "period": None,
    }
    return render(request, "desk/corrections.html", context)


def _row(row, names: dict) -> dict:
    return {
        "row": row,
        "person": row.person,
        "person_url": person_url(row.person),
        "fact": row.get_fact_display(),
        "standing": standing(row.person, row.fact),
        "proposed": opened(row.value_sealed),
        "based_on": opened(row.based_on_sealed),
        "by": names.get(row.made_by, ""),
    }


def _decide(request) -> None:
    wanted = request.POST.get("correction", "")
    row = queries.clashes(post=request.post).filter(pk=int(wanted) if wanted.isdecimal() else 0).first()
    if row is None:
        raise Http404
    try:
        actions.decide(
            correction=row, take=request.POST.get("take", ""), seen=request.POST.get("seen", ""), by=request.user,
            post=request.post,
        )  # fmt: skip
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request, _("已核定：%(name)s，%(fact)s。") % {"name": row.person, "fact": row.get_fact_display()}
        )

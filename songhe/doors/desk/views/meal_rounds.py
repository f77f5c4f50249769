"""送餐路线: today's deliveries of an area as rounds, planned when asked for, to print and take along."""

import time

from django.shortcuts import render
from django.utils.translation import get_language

from songhe.core import audit
from songhe.doors.desk.facility_scope import link, section, site_scope
from songhe.doors.desk.forms.meal_rounds import RoundsForm
from songhe.insight.planning.budget import Budget
from songhe.insight.rounds import meal_rounds
from songhe.registry.accounts.access import door

SECONDS = 8.0  # the longest a page waits for rounds; what is best by then is shown


def _budget(deliveries: int) -> Budget:
    """A few doors are soon in order; hundreds get the time a page may take."""
    return Budget(seconds=min(SECONDS, 0.3 + 0.03 * deliveries), now=time.monotonic)


def _said(zh: str, en: str) -> str:
    return en if (get_language() or "").startswith("en") else zh


@door("meals.view")
def rounds(request):
    """How many deliveries there are; with the form sent, who brings them in which order."""
    scope, on = site_scope(request)
    terms = meal_rounds.meal_terms()
    asked = "couriers" in request.GET
    given = {"couriers": terms.couriers, "boxes": terms.boxes, "warm": round(terms.warm)}
    form = RoundsForm(request.GET if asked else None, initial=given)
    diners = meal_rounds.deliveries(post=request.post, place=scope.place, on=on)
    plan = None
    if diners and asked and form.is_valid():
        plan = meal_rounds.day_rounds(diners=diners, on=on, terms=form.asked(terms), budget=_budget(len(diners)))
        audit.note("meals.round", "place", scope.place.pk, area_id=scope.place.pk, rows=len(diners))
    context = {
        "tabs": section(request, "meals") if request.post.may("facilities.view") else [],
        "form": form,
        "deliveries": len(diners),
        "kitchens": len({d.facility_id for d in diners}),
        "plan": plan,
        "saved": round(100 * (1 - plan.way / plan.plain_way))
        if plan and plan.plain_way > 0 and not plan.left
        else None,
        "left": [{"diner": d, "why": _said(r.zh, r.en)} for d, r in plan.left] if plan else [],
        "basis": _said(*plan.basis) if plan else "",
        "terms": terms,
        "on": on,
        "back_url": link(scope, "meals"),
        "period": None,
    }
    return render(request, "desk/care/meal_rounds.html", context)

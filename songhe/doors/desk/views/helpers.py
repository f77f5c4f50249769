"""帮扶人员: who carries how much, naming, handing over, ending; and whom nobody looks after yet."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from songhe.care.duties import actions, boards, queries
from songhe.care.visits.queries import helper_people
from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.doors.desk.duty_scope import PAGE, duty_row, duty_scope, link, person_url, rule_title, section, ways_back
from songhe.doors.desk.forms.visits import HandOverForm
from songhe.registry.accounts import queries as accounts
from songhe.registry.accounts.access import door
from songhe.registry.people import terms
from songhe.registry.people.dossier import person_by_uid

SHOWN = 200
KIND = {"helper": "helper", "paired": "paired"}


@door("duties.view")
def index(request):
    """Workload: one row a helper, the heaviest first; people whom nobody is named for stand on top."""
    scope, rule = duty_scope(request)
    loads = queries.workload(post=request.post, period=scope.period, name=rule.name, place=scope.place)
    names = accounts.users_in(load.helper_id for load in loads[:SHOWN] if load.helper_id)
    rows = [
        {
            "load": load,
            "user": names.get(load.helper_id),
            "url": link(scope, "helpers-one", load.helper_id, rule=rule.name),
            "due_url": link(scope, "duties", rule=rule.name, helper=load.helper_id, side="due"),
            "missed": load.people - load.kept,
        }
        for load in loads[:SHOWN]
        if load.helper_id is not None
    ]
    nobody = next((load.people for load in loads if load.helper_id is None), 0)
    context = {
        "tabs": section(request, "helpers"),
        "rule": rule,
        "rule_title": rule_title(rule),
        "rows": rows,
        "unnamed": nobody,
        "unnamed_url": link(scope, "helpers-unnamed", rule=rule.name),
        "cut": len(loads) > SHOWN,
        "shown": SHOWN,
    }
    return render(request, "desk/helpers.html", context)


@door("duties.view")
def one(request, pk):
    """One helper's people with this period's progress; hand all or some over, end."""
    scope, rule = duty_scope(request)
    user = accounts.users_in([pk]).get(pk)
    kind = KIND[rule.by]
    held = list(helper_people(post=request.post, helper=pk, on=scope.today, kind=kind)[: SHOWN * 2])
    if user is None or not (held or pk in {u.pk for u, _p in boards.helpers_for(post=request.post, place=scope.place)}):
        raise Refusal("no_such_helper", zh="您的辖区内没有这名帮扶人员。", en="There is no such helper in your area.")
    audit.note("people.list", "helper", pk, area_id=scope.place.pk, rows=len(held))
    duties = {
        d.person_id: d
        for d in queries.duties(post=request.post, name=rule.name, period=scope.period, helper=pk)[: SHOWN * 2]
    }
    may = request.post.may("helpers.manage")
    form = _hand_over_form(request, scope, pk) if may else None
    if request.method == "POST" and may and form.is_valid():
        try:
            return _hand_over(request, scope, user, form, kind)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    context = {
        "tabs": section(request, "helpers"),
        "helper": user,
        "rule": rule,
        "rows": [
            {"assignment": row, "person": row.person, "person_url": person_url(row.person), "tags": terms.labels_of(row.person.tags), "age": row.person.age(scope.today),
             "row": duty_row(duties[row.person_id], scope) if row.person_id in duties else None}
            for row in held
        ],
        "chosen": set(request.POST.getlist("people")),
        "form": form,
        "may": may,
        "due_url": link(scope, "duties", rule=rule.name, helper=pk),
        "sheet_url": link(scope, "paper-sheet", helper=pk),
        "back_url": link(scope, "helpers", rule=rule.name),
        "back": request.get_full_path(),
    }  # fmt: skip
    return render(request, "desk/helper.html", context, status=422 if form and form.errors else 200)


def _candidates(request, scope, but: int = 0) -> list[tuple[int, str]]:
    found = boards.helpers_for(post=request.post, place=scope.place)
    return [(user.pk, f"{user} · {post.get_role_display()} · {post.place}") for user, post in found if user.pk != but]


def _hand_over_form(request, scope, pk: int) -> HandOverForm:
    given = request.POST if request.method == "POST" else None
    return HandOverForm(given, people=_candidates(request, scope, pk), initial={"on": scope.today})


def _hand_over(request, scope, user, form, kind: str):
    """All of a helper's people, or those ticked, from a day on."""
    ticked = [int(pk) for pk in request.POST.getlist("people") if pk.isdigit()]
    data = form.cleaned_data
    made = actions.hand_over(
        from_helper=user.pk, to_helper=data["to_helper"], people=ticked or None, kind=kind, on=data["on"],
        reason=data["reason"], by=request.user, post=request.post,
    )  # fmt: skip
    messages.success(request, _("已交接 %(rows)s 位老人。") % {"rows": len(made)})
    return redirect(link(scope, "helpers-one", user.pk))


@door("helpers.manage")
@require_POST
def end(request):
    """Nobody is named for a person from today on."""
    scope, rule = duty_scope(request)
    person = person_by_uid(request.post, request.POST.get("person", ""))
    actions.end_helper(person=person, kind=KIND[rule.by], by=request.user, post=request.post)
    messages.success(request, _("已结束：%(name)s 现在没有帮扶人员，请尽快指定。") % {"name": person.name})
    return redirect(ways_back(request, link(scope, "helpers-unnamed", rule=rule.name)))


@door("duties.view")
def unnamed(request):
    """Those owed whom nobody is named for; choose a helper at each row, save all at once."""
    scope, rule = duty_scope(request)
    may = request.post.may("helpers.manage")
    error = ""
    if request.method == "POST" and may:
        try:
            return _name(request, scope, rule)
        except Refusal as refusal:
            error = str(refusal)
    page = boards.listed(
        post=request.post, name=rule.name, period=scope.period, place=scope.place, side="unnamed",
        after=request.GET.get("after", ""), limit=PAGE,
    )  # fmt: skip
    audit.note("people.list", "unnamed", area_id=scope.place.pk, rows=len(page.rows))
    counts = boards.sides(post=request.post, name=rule.name, period=scope.period, place=scope.place)
    near = _near(request, page.rows) if may else {}
    context = {
        "tabs": section(request, "helpers"),
        "rule": rule,
        "rows": [
            duty_row(duty, scope)
            | {"choices": near.get(duty.village_id, []), "chosen": request.POST.get(f"person-{duty.person_id}", "")}
            for duty in page.rows
        ],
        "count": counts["unnamed"],
        "error": error,
        "may": may,
        "next_url": link(scope, "helpers-unnamed", rule=rule.name, after=page.next) if page.next else "",
        "back_url": link(scope, "helpers", rule=rule.name),
    }
    return render(request, "desk/helpers_unnamed.html", context, status=422 if error else 200)


def _near(request, duties) -> dict[int, list[tuple[int, str]]]:
    """Whom one might name in each village of the page."""
    villages = {duty.village_id: duty.village for duty in duties}
    near = boards.helpers_near(post=request.post, villages=villages.values())
    return {pk: [(user.pk, f"{user} · {post.place}") for user, post in found] for pk, found in near.items()}


def _name(request, scope, rule):
    pairs = [
        (int(key.removeprefix("person-")), int(value))
        for key, value in request.POST.items()
        if key.startswith("person-") and key.removeprefix("person-").isdigit() and value.isdigit()
    ]
    if not pairs:
        raise Refusal(
            "nobody_chosen",
            zh="还没有选任何人。请在各行选择帮扶人员。",
            en="Nobody is chosen yet. Choose a helper at the rows.",
        )
    made = actions.name_helpers(pairs=pairs, kind=KIND[rule.by], by=request.user, post=request.post)
    messages.success(request, _("已指定 %(rows)s 位老人的帮扶人员。") % {"rows": len(made)})
    return redirect(link(scope, "helpers-unnamed", rule=rule.name))

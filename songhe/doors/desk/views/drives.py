"""督导: rounds of 回头看 and 督导月 over chosen items, with a result for each."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from songhe.doors.desk.forms import oversight as shapes
from songhe.doors.desk.oversight import STATES, done, places_for, state_shown, tabs
from songhe.doors.desk.scope import scope_of
from songhe.oversight.ledger import actions, queries, rules
from songhe.oversight.ledger.access import items_of
from songhe.oversight.ledger.models import FINDINGS
from songhe.registry.accounts.access import door, require

TONES = {"kept": "green", "partly": "yellow", "slipped": "red", "": "none"}
MOST = 300  # items offered for choosing


@door("ledger.view")
def index(request):
    """Rounds of an area, newest first."""
    request.scope = scope = scope_of(request)
    rows = list(queries.drives(post=request.post, place=scope.place)[:100])
    context = {
        "tabs": tabs(request, "drives"), "rows": rows, "may": request.post.may("ledger.manage"),
        "new_url": scope.link(reverse("drive-new"), period=None), "period": None,
    }  # fmt: skip
    return render(request, "desk/drives.html", context)


@door("ledger.manage")
def new(request):
    """Begin a round: choose among the items of the area, closed ones too."""
    request.scope = scope = scope_of(request)
    lines = queries.lines(queries.items(post=request.post, place=scope.place)[:MOST], on=scope.today)
    offered = [
        (line.item.pk, f"{line.item.number} {line.item.title} · {line.item.place} · {STATES[line.state.name]}")
        for line in lines
    ]
    form = shapes.DriveForm(request.POST or None, places=places_for(scope), items=offered)
    made: list = []

    def verb():
        data = form.cleaned_data | {"items": list(items_of(request.post).filter(pk__in=form.cleaned_data["items"]))}
        made.append(actions.start_drive(**data, by=request.user, post=request.post))

    if request.method == "POST" and form.is_valid() and done(form, verb):
        messages.success(request, _("本轮督导已开始。"))
        return redirect("drive", pk=made[0].pk)
    context = {"form": form, "empty": not offered, "back": scope.link(reverse("drives"), period=None), "period": None}
    return render(request, "desk/drive_new.html", context, status=422 if form.errors else 200)


@door("ledger.view")
def one(request, pk):
    """A round: its items with what was found, and the form for the next finding."""
    request.scope = scope = scope_of(request)
    row = queries.drives(post=request.post).filter(pk=pk).first()
    if row is None:
        raise Http404
    chosen = list(row.chosen.select_related("item", "item__place").prefetch_related("findings").order_by("item"))
    chosen = [each for each in chosen if each.item is not None]
    form = shapes.FindingForm(
        request.POST or None, chosen=[(each.pk, f"{each.item.number} {each.item.title}") for each in chosen],
        initial={"chosen": request.GET.get("chosen", "")},
    )  # fmt: skip
    if request.method == "POST":
        require(request.post, "ledger.progress")
        if form.is_valid() and done(form, lambda: _find(request, form, chosen)):
            messages.success(request, _("结果已登记。"))
            return redirect("drive", pk=pk)
    states = queries.states([each.item for each in chosen], on=scope.today)
    context = {
        "drive": row,
        "rows": [
            {"chosen": each, "item": each.item, "state": state_shown(states[each.item_id]),
             "finding": max(each.findings.all(), key=lambda f: f.pk, default=None), "tone": TONES[each.verdict],
             "verdict": dict(FINDINGS).get(each.verdict, _("还没有看"))}
            for each in chosen
        ],
        "form": form, "may": request.post.may("ledger.progress"), "open_states": rules.OPEN_STATES,
        "back": scope.link(reverse("drives"), period=None), "period": None,
    }  # fmt: skip
    return render(request, "desk/drive.html", context, status=422 if form.errors else 200)


def _find(request, form, chosen) -> None:
    data = form.cleaned_data
    row = next(each for each in chosen if each.pk == data["chosen"])
    actions.find(chosen=row, verdict=data["verdict"], text=data["text"], by=request.user, post=request.post)

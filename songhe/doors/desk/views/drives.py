"""督导: rounds of 回头看 and 督导月 over chosen items, with a result for each."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from songhe.doors.desk.forms import ledger as shapes
from songhe.doors.desk.oversight import STATES, done, places_for, state_shown, tabs
from songhe.doors.desk.scope import scope_of
from songhe.doors.desk.views.ledger import found_lines
from songhe.oversight.ledger import actions, queries, rules
from songhe.oversight.ledger.models import FINDINGS
from songhe.registry.accounts.access import door, require

TONES = {"kept": "green", "partly": "yellow", "slipped": "red", "": "none"}
MOST = 300  # items listed for choosing one by one; more are taken whole, by the filters
PAGE = 100


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
    """Begin a round over the items of the area that the filters of the ledger leave: some of them, or all, however many."""
    request.scope = scope = scope_of(request)
    lines, given = found_lines(request, scope, scope.today)
    form = shapes.DriveForm(
        request.POST or None, places=places_for(scope), items=[_offer(line) for line in lines[:MOST]], total=len(lines)
    )
    made: list = []

    def verb():
        data = dict(form.cleaned_data)
        whole = data.pop("reach") == "all"
        data["items"] = [line.item for line in lines if whole or line.item.pk in data["items"]]
        made.append(actions.start_drive(**data, by=request.user, post=request.post))

    if request.method == "POST" and form.is_valid() and done(form, verb):
        messages.success(request, _("本轮督导已开始。"))
        return redirect("drive", pk=made[0].pk)
    context = {
        "form": form, "total": len(lines), "shown": min(len(lines), MOST), "given": given, "state": given.get("state", ""),
        "states": [("", _("全部状态")), *((name, STATES[name]) for name in rules.STATES if name != "withdrawn")],
        "programmes": [("", _("全部工程")), *((p, p) for p in queries.programmes(post=request.post, place=scope.place))],
        "units": [("", _("全部单位")), *((u, u) for u in queries.units(post=request.post, place=scope.place))],
        "back": scope.link(reverse("drives"), period=None), "period": None,
    }  # fmt: skip
    return render(request, "desk/drive_new.html", context, status=422 if form.errors else 200)


def _offer(line: queries.Line) -> tuple[int, str]:
    item = line.item
    return item.pk, f"{item.number} {item.title} · {item.place} · {STATES[line.state.name]}"


@door("ledger.view")
def one(request, pk):
    """A round: its items with what was found, and the form for the next finding."""
    request.scope = scope = scope_of(request)
    row = queries.drives(post=request.post).filter(pk=pk).first()
    if row is None:
        raise Http404
    chosen = list(row.chosen.select_related("item", "item__place").prefetch_related("findings").order_by("item"))
    chosen = [each for each in chosen if each.item is not None]
    after = int(request.GET["after"]) if request.GET.get("after", "").isdecimal() else 0
    page = chosen[after : after + PAGE]
    form = shapes.FindingForm(
        request.POST or None, chosen=[(each.pk, f"{each.item.number} {each.item.title}") for each in chosen],
        initial={"chosen": request.GET.get("chosen", "")},
    )  # fmt: skip
    if request.method == "POST":
        require(request.post, "ledger.progress")
        if form.is_valid() and done(form, lambda: _find(request, form, chosen)):
            messages.success(request, _("结果已登记。"))
            return redirect("drive", pk=pk)
    states = queries.states([each.item for each in page], on=scope.today)
    context = {
        "drive": row,
        "rows": [
            {"chosen": each, "item": each.item, "state": state_shown(states[each.item_id]),
             "finding": max(each.findings.all(), key=lambda f: f.pk, default=None), "tone": TONES[each.verdict],
             "verdict": dict(FINDINGS).get(each.verdict, _("还没有看"))}
            for each in page
        ],
        "count": len(chosen), "next_url": f"?after={after + PAGE}" if after + PAGE < len(chosen) else "",
        "previous_url": f"?after={max(0, after - PAGE)}" if after else "",
        "form": form, "may": request.post.may("ledger.progress"), "open_states": rules.OPEN_STATES,
        "back": scope.link(reverse("drives"), period=None), "period": None,
    }  # fmt: skip
    return render(request, "desk/drive.html", context, status=422 if form.errors else 200)


def _find(request, form, chosen) -> None:
    data = form.cleaned_data
    row = next(each for each in chosen if each.pk == data["chosen"])
    actions.find(chosen=row, verdict=data["verdict"], text=data["text"], by=request.user, post=request.post)

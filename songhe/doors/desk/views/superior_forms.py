"""上级报表: a superior's own file, which figure goes where, filling it, and where two forms disagree."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from songhe.core import audit
from songhe.core.problem import Refused
from songhe.core.refusal import Refusal
from songhe.doors.desk.forms.bulletins import FillForm, SuperiorForm
from songhe.doors.desk.scope import scope_of
from songhe.doors.desk.views.bulletins import attached, section
from songhe.insight.indicators import definitions as indicators
from songhe.oversight.bulletins import actions, formfiles, queries, rules
from songhe.registry.accounts.access import door


def _sides() -> dict[str, str]:
    return {"value": _("比率"), "numerator": _("分子"), "denominator": _("分母"), "rest": _("未达成数")}


def _bases() -> dict[str, str]:
    return {"frozen": _("封存数"), "revised": _("修订数（有修订时）")}


@door("bulletins.forms")
def index(request):
    """Forms in use, and the last fillings."""
    request.scope = scope_of(request, "month")
    context = {
        "tabs": section(request, "forms"),
        "rows": queries.forms(post=request.post),
        "fillings": queries.fillings(post=request.post)[:30],
        "period": None,
    }
    return render(request, "desk/bulletins/forms.html", context)


@door("bulletins.forms")
def new(request):
    """Take in a superior's blank file."""
    request.scope = scope_of(request, "month")
    form = SuperiorForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            made = actions.put_form(
                place=request.post.place, name=form.cleaned_data["name"], asked_by=form.cleaned_data["asked_by"],
                file_name=file.name, content=file.read(), by=request.user, post=request.post,
            )  # fmt: skip
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("已收下。请说明每个位置填哪个指标。"))
            return redirect("form", made.pk)
    context = {"tabs": section(request, "forms"), "form": form, "period": None}
    return render(request, "desk/bulletins/form_new.html", context, status=422 if form.errors else 200)


def _found(request, pk):
    made = queries.form(post=request.post, pk=pk)
    if made is None:
        raise Http404
    return made


@door("bulletins.forms")
def one(request, pk):
    """Which figure goes into which place of the file (POST saves it), and filling it for a month."""
    made = _found(request, pk)
    refused = None
    rows = _rows(made, made.cells)
    if request.method == "POST":
        cells = _typed(request, formfiles.slots(bytes(made.file), made.kind))
        try:
            actions.map_cells(form=made, cells=cells, by=request.user, post=request.post)
        except Refusal as refusal:
            refused, rows = str(refusal), _rows(made, cells)
        else:
            messages.success(request, _("对应关系已保存。"))
            return redirect("form", made.pk)
    return _page(request, made, rows, refused=refused, status=422 if refused else 200)


def _page(request, made, rows, *, refused=None, fill_form=None, status: int = 200):
    request.scope = scope_of(request, "month")
    unmapped = [row["cell"] for row in rows if not row["indicator"]]
    language = "en" if (get_language() or "").startswith("en") else "zh"
    context = {
        "tabs": section(request, "forms"),
        "form": made,
        "rows": rows,
        "refused": refused,
        "indicators": [
            (name, one.title[language]) for name, one in indicators.shipped().items() if "month" in one.periods
        ],
        "sides": _sides().items(),
        "bases": _bases().items(),
        "fill_form": fill_form or FillForm(names=unmapped, initial={"month": request.scope.period.previous().code}),
        "fillings": queries.fillings(post=request.post, form=made)[:12],
        "period": None,
    }
    return render(request, "desk/bulletins/form.html", context, status=status)


def _rows(made, cells: list[dict]) -> list[dict]:
    """One row for each place of the file, with what is mapped to it."""
    mapped = {row["cell"]: row for row in cells}
    blank = {"caption": "", "indicator": "", "side": "value", "place": "", "basis": "frozen"}
    return [
        blank | mapped.get(name, {}) | {"cell": name, "at": at}
        for at, name in enumerate(formfiles.slots(bytes(made.file), made.kind))
    ]


def _typed(request, slots: list[str]) -> list[dict]:
    """The rows that name an indicator, as typed."""
    names = ("caption", "indicator", "side", "place", "basis")
    rows = [
        {"cell": slot} | {name: request.POST.get(f"{name}-{at}", "") for name in names} for at, slot in enumerate(slots)
    ]
    return [row for row in rows if row["indicator"]]


@door("bulletins.forms")
@require_POST
def fill(request, pk):
    """Fill it for a month; what was filled is kept with its sources."""
    made = _found(request, pk)
    rows = _rows(made, made.cells)
    form = FillForm(request.POST, names=[row["cell"] for row in rows if not row["indicator"]])
    if form.is_valid():
        try:
            period = queries.month(form.cleaned_data["month"])
            filled = actions.fill(form=made, period=period, typed=form.typed(), by=request.user, post=request.post)
        except (Refusal, Refused) as refusal:
            form.add_error(None, refusal.text(get_language() or "zh") if isinstance(refusal, Refused) else str(refusal))
        else:
            messages.success(request, _("已填好 %(count)s 处，可以下载。") % {"count": len(filled.values)})
            return redirect(f"{reverse('form', args=[made.pk])}#fillings")
    return _page(request, made, rows, fill_form=form, status=422)


@door("bulletins.forms")
@require_POST
def retire(request, pk):
    made = _found(request, pk)
    actions.retire_form(form=made, by=request.user, post=request.post)
    messages.success(request, _("已停用：%(name)s。填过的还在。") % {"name": made.name})
    return redirect("forms")


@door("bulletins.forms")
def download(request, pk):
    """The superior's own file with the numbers in it."""
    found = next((one for one in queries.fillings(post=request.post) if one.pk == pk), None)
    if found is None:
        raise Http404
    audit.note("form.export", "form", found.form_id, area_id=found.place_id, filling=found.pk)
    return attached(queries.filled_file(found), f"{found.form.name}-{found.period}.{found.form.kind}", found.form.kind)


@door("bulletins.forms")
def disagreements(request):
    """Where the forms filled for a month say different things about one thing, and why."""
    request.scope = scope = scope_of(request, "month")
    request.period_kinds = ("month",)
    language = 1 if (get_language() or "").startswith("en") else 0
    sides = _sides()
    rows = queries.disagreements(post=request.post, period=scope.period.code)
    for row in rows:
        row["said"] = "；".join(rules.WHY[code][language] for code in row["why"])
        for entry in row["entries"]:
            entry["side_said"] = sides.get(entry["side"], _("手填"))
            entry["as_of_said"] = entry["as_of"][:16].replace("T", " ")
    context = {"tabs": section(request, "forms"), "rows": rows}
    return render(request, "desk/bulletins/disagreements.html", context)

"""台账 in and out by a bureau's own layout: learn a layout, bring a file in, look at it before anything is written."""

from pathlib import Path

from django.contrib import messages
from django.core import signing
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from songhe.core.incoming import on_disk
from songhe.core.refusal import Refusal
from songhe.doors.desk.forms import ledger as shapes
from songhe.doors.desk.oversight import done, places_for, tabs
from songhe.doors.desk.scope import scope_of
from songhe.oversight.ledger import layouts, queries
from songhe.registry.accounts.access import door
from songhe.registry.people import safekeeping

SALT = "ledger layout sample"
HOUR = 3600


@door("ledger.manage")
def index(request):
    """Bring a file in; files brought in before; layouts."""
    request.scope = scope = scope_of(request)
    known = list(queries.layouts(post=request.post))
    form = shapes.SheetForm(
        request.POST or None, request.FILES or None, layouts=known, places=places_for(scope),
        initial={"year": scope.today.year},
    )  # fmt: skip
    made: list = []

    def verb():
        made.append(layouts.preview(**form.cleaned_data, by=request.user, post=request.post))

    if request.method == "POST" and form.is_valid() and done(form, verb):
        return redirect("ledger-sheet", pk=made[0].pk)
    context = {
        "tabs": tabs(request, "ledger"), "form": form, "layouts": known,
        "sheets": list(queries.sheets(post=request.post)[:30]), "back": scope.link(reverse("ledger"), period=None),
        "period": None,
    }  # fmt: skip
    return render(request, "desk/ledger_sheets.html", context, status=422 if form.errors else 200)


@door("ledger.manage")
def layout_new(request):
    """Two steps: a sample is read, then each of its headers is matched; the sample is kept between, sealed."""
    request.scope = scope = scope_of(request)
    if "kept" in request.POST:
        return _match(request, scope)
    form = shapes.LayoutFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            headers = layouts.headers_of(form.cleaned_data["file"])
        except Refusal as refusal:
            form.add_error("file", str(refusal))
        else:
            with on_disk(form.cleaned_data["file"]) as path:
                stored = safekeeping.keep(path, f"ledger/samples/{request.user.pk}.sealed")
            initial = {"kept": signing.dumps([stored, request.user.pk], salt=SALT), "name": _stem(request)}
            return _matching(request, scope, shapes.LayoutForm(headers=headers, initial=initial))
    context = {"form": form, "back": reverse("ledger-sheets"), "period": None}
    return render(request, "desk/ledger_layout.html", context, status=422 if form.errors else 200)


def _stem(request) -> str:
    return Path(request.FILES["file"].name).stem[:80]


def _match(request, scope):
    try:
        stored, user = signing.loads(request.POST["kept"], salt=SALT, max_age=HOUR)
    except signing.BadSignature:
        raise Http404 from None
    if user != request.user.pk:
        raise Http404
    with safekeeping.opened(stored) as path:
        form = shapes.LayoutForm(request.POST, headers=layouts.headers_of(path))
        if form.is_valid():
            given = {"name": form.cleaned_data["name"], "file": path, "columns": form.columns(), "place": scope.place}
            if done(form, lambda: layouts.save_layout(**given, by=request.user, post=request.post)):
                messages.success(request, _("版式已保存，下次直接选用。"))
                return redirect("ledger-sheets")
    return _matching(request, scope, form)


def _matching(request, scope, form):
    context = {"form": form, "matching": "yes", "back": reverse("ledger-sheets"), "scope": scope, "period": None}
    return render(request, "desk/ledger_layout.html", context, status=422 if form.errors else 200)


def _sheet(request, pk):
    row = queries.sheets(post=request.post).filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


@door("ledger.manage")
def one(request, pk):
    """What a file would do or did, and every row with something wrong."""
    request.scope = scope_of(request)
    row = _sheet(request, pk)
    english = (get_language() or "").startswith("en")
    errors = [error | {"said": error["reason_en"] if english else error["reason"]} for error in row.errors[:500]]
    context = {"sheet": row, "errors": errors, "back": reverse("ledger-sheets"), "period": None}
    return render(request, "desk/ledger_sheet.html", context)


@door("ledger.manage")
@require_POST
def confirm(request, pk):
    """Carry a previewed file out."""
    row = layouts.confirm(sheet=_sheet(request, pk), by=request.user, post=request.post)
    said = _("已导入：新增 %(added)s 项，新进展 %(reported)s 项，无变化 %(unchanged)s 项，未导入 %(rejected)s 行。")
    messages.success(request, said % vars(row))
    return redirect("ledger-sheet", pk=pk)

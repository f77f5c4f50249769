"""机构设施 as a spreadsheet: the list out as it is filtered, a form, a register in with a preview."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from songhe.core.refusal import Refusal
from songhe.doors.desk.facility_scope import link, section, site_scope
from songhe.doors.desk.forms.facilities import SheetForm
from songhe.doors.desk.views.facilities import FILTERS
from songhe.doors.desk.views.imports import XLSX, sent
from songhe.registry.accounts.access import door
from songhe.registry.facilities import queries, sheets


@door("facilities.view")
def export(request):
    """Exactly what the list shows by the same filters, as .xlsx."""
    scope, on = site_scope(request)
    given = {name: request.GET.get(name, "") for name in FILTERS}
    content = sheets.export(by=request.user, post=request.post, place=scope.place, on=on, **given)
    return sent(content, _("机构设施_%(place)s_%(day)s.xlsx") % {"place": scope.place, "day": f"{on:%Y%m%d}"}, XLSX)


@door("facilities.edit")
def form(request):
    """The empty form."""
    return sent(sheets.form(), _("机构设施导入模板.xlsx"), XLSX)


@door("facilities.edit")
def index(request):
    """Bring a register in; those brought in before."""
    scope, _on = site_scope(request)
    shape = SheetForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and shape.is_valid():
        try:
            made = sheets.preview(shape.cleaned_data["file"], place=scope.place, by=request.user, post=request.post)
        except Refusal as refusal:
            shape.add_error("file", str(refusal))
        else:
            return redirect("facility-sheet", pk=made.pk)
    context = {
        "tabs": section(request, "facilities"), "form": shape, "sheets": queries.import_sheets(post=request.post)[:30],
        "back": link(scope, "facilities"), "period": None,
    }  # fmt: skip
    return render(request, "desk/facility_sheets.html", context, status=422 if shape.errors else 200)


def _sheet(request, pk):
    found = queries.import_sheets(post=request.post).filter(pk=pk).first()
    if found is None:
        raise Http404(pk)
    return found


@door("facilities.edit")
def one(request, pk):
    """What a file would do or did, and every row with something wrong."""
    scope, _on = site_scope(request)
    row = _sheet(request, pk)
    english = (get_language() or "").startswith("en")
    context = {
        "sheet": row,
        "errors": [error | {"said": error["reason_en"] if english else error["reason"]} for error in row.errors[:500]],
        "back": link(scope, "facility-sheets"), "list_url": reverse("facilities"), "period": None,
    }  # fmt: skip
    return render(request, "desk/facility_sheet.html", context)


@door("facilities.edit")
@require_POST
def confirm(request, pk):
    """Take the good rows in."""
    row = sheets.confirm(_sheet(request, pk), by=request.user, post=request.post)
    said = _("已导入：新增 %(added)s 处，已有 %(unchanged)s 处没有改动，未导入 %(rejected)s 行。")
    messages.success(request, said % vars(row))
    return redirect("facility-sheet", pk=pk)


@door("facilities.edit")
def returned(request, pk):
    """The file with its errors written in."""
    row = _sheet(request, pk)
    content = sheets.returned_file(row, by=request.user, post=request.post)
    return sent(content, _("退回-%(name)s.xlsx") % {"name": row.file_name.rsplit(".", 1)[0]}, XLSX)

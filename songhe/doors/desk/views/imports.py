"""导入: a roster is previewed, then confirmed or left; the file returned with its errors; a batch taken back."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.encoding import escape_uri_path
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from songhe.core import workbook
from songhe.core.refusal import Refusal
from songhe.doors.desk.forms.imports import RosterForm
from songhe.doors.desk.forms.people import SOURCES
from songhe.doors.desk.scope import scope_of
from songhe.registry.accounts.access import door
from songhe.registry.accounts.queries import users_in
from songhe.registry.people import imports
from songhe.registry.people.models import ImportBatch
from songhe.registry.people.roster.columns import template_columns

PAGE = 50
ERRORS = 200
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def sent(content: bytes, name: str, kind: str = XLSX) -> HttpResponse:
    """A file to keep, with a Chinese name that every browser understands."""
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{escape_uri_path(name)}"
    response["Cache-Control"] = "no-store"
    return response


def _batch(request, pk) -> ImportBatch:
    row = ImportBatch.objects.visible_to(request.post).filter(pk=pk).first()
    if row is None:
        raise Http404(pk)
    return row


@door("people.import")
def index(request):
    """Batches of the area, the newest first."""
    request.scope = scope_of(request)
    after = request.GET.get("after", "")
    found = ImportBatch.objects.visible_to(request.post).defer("errors", "warnings").order_by("-pk")
    page = list((found.filter(pk__lt=int(after)) if after.isdecimal() else found)[: PAGE + 1])
    users = users_in(row.made_by for row in page)
    context = {
        "rows": [{"batch": row, "by": users.get(row.made_by)} for row in page[:PAGE]],
        "next_url": f"{request.path}?after={page[PAGE - 1].pk}" if len(page) > PAGE else "",
        "period": None,
    }
    return render(request, "desk/imports.html", context)


@door("people.import")
def new(request):
    """Upload a roster: it is read at once, nothing is written yet."""
    request.scope = scope = scope_of(request)
    form = RosterForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        place = scope.place if scope.place.pk != request.post.place_id else None
        try:
            batch = imports.preview(
                form.cleaned_data["file"],
                by=request.user,
                post=request.post,
                place=place,
                source=form.cleaned_data["source"],
            )
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            return redirect("import", pk=batch.pk)
    context = {"form": form, "sources": SOURCES, "period": None}
    return render(request, "desk/import_new.html", context, status=422 if form.errors else 200)


@door("people.import")
@never_cache
def one(request, pk):
    """A batch: what would happen or did happen, and every row with something wrong."""
    batch = _batch(request, pk)
    english = (get_language() or "").startswith("en")
    kind = "warnings" if request.GET.get("show") == "warnings" else "errors"
    listed = batch.warnings if kind == "warnings" else batch.errors
    after = int(request.GET["after"]) if request.GET.get("after", "").isdecimal() else 0
    rows = [{**row, "said": row["reason_en"] if english else row["reason"]} for row in listed[after : after + ERRORS]]
    more = len(listed) > after + ERRORS
    context = {
        "batch": batch,
        "by": users_in([batch.made_by]).get(batch.made_by),
        "rows": rows,
        "kind": kind,
        "tabs": [
            {"label": _("有误"), "url": reverse("import", args=[pk]), "current": kind == "errors", "count": batch.rejected},
            {
                "label": _("提醒"), "url": reverse("import", args=[pk]) + "?show=warnings", "current": kind == "warnings",
                "count": len(batch.warnings),
            },
        ],
        "next_url": f"{request.path}?show={kind}&after={after + ERRORS}" if more else "",
        "cut": len(batch.errors) if kind == "errors" and not more and batch.rejected > len(batch.errors) else 0,
        "titles": sorted((batch.mapping.get("titles") or {}).items()),
        "unread": batch.mapping.get("unread") or [],
        "usable": batch.added + batch.updated,
        "waiting": batch.state in ("previewed", "running", "refused"),
    }  # fmt: skip
    return render(request, "desk/import.html", context)


@door("people.import")
@never_cache
def progress(request, pk):
    """How far a batch is; asked for every two seconds while it runs."""
    return render(request, "desk/parts/import_progress.html", {"batch": _batch(request, pk)})


@door("people.import")
@require_POST
def confirm(request, pk):
    """Write the good rows, or none at all if any row is wrong (`rows`: good, all-or-none)."""
    batch = _batch(request, pk)
    rows = request.POST.get("rows")
    if rows not in ("good", "all-or-none"):
        raise Http404(rows)
    outcome = imports.confirm(batch, by=request.user, post=request.post, rows=rows)
    if outcome.batch.state == "done":
        words = _("已导入：新增 %(added)s 人，更新 %(updated)s 人，无变化 %(unchanged)s 人，未导入 %(rejected)s 行。")
        messages.success(request, words % outcome.counts())
    else:
        messages.warning(request, _("没有写入任何一行。请改好有误的 %(rejected)s 行，再传上来。") % outcome.counts())
    return redirect("import", pk=pk)


@door("people.import")
@require_POST
def undo(request, pk):
    """Take a batch back; what was worked on since stays."""
    done = imports.undo(_batch(request, pk), by=request.user, post=request.post)
    words = _("已撤销这一批：删去新建档案 %(removed)s 份，恢复 %(restored)s 份，之后有人办理过而保留的 %(kept)s 份。")
    messages.success(request, words % done)
    return redirect("import", pk=pk)


@door("people.import")
@require_POST
def returned(request, pk):
    """The file that came in, with the errors written beside its rows."""
    batch = _batch(request, pk)
    content = imports.returned_file(batch, by=request.user, post=request.post)
    return sent(content, _("退回-%(name)s.xlsx") % {"name": batch.file_name.rsplit(".", 1)[0]})


@door("people.import")
def template(request):
    """An empty roster with text-typed ID columns and hints."""
    return sent(workbook.template(template_columns()), _("老年人名单模板.xlsx"))

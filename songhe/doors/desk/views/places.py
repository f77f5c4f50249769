"""区划: what stands where, how it changed, and places coming in from files."""

import csv
import io
import json
from datetime import date

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.doors.desk.duty_scope import person_url
from songhe.doors.desk.forms.imports import PlaceChangeForm, PlacesForm
from songhe.doors.desk.scope import scope_of
from songhe.doors.desk.views.people import options
from songhe.registry.accounts.access import door, require
from songhe.registry.people import queries as people
from songhe.registry.people import sealing
from songhe.registry.people.actions import follow_change
from songhe.registry.places import actions, queries

DIVIDE_BY = ("q", "circumstance", "living", "status", "age_from", "age_to")
DIVIDE_PAGE = 100  # people a page; the next follow when these have a village


@door("signed-in")
def index(request):
    """The places directly below, as of today, with their source."""
    request.scope = scope = scope_of(request)
    below = queries.children(scope.place, scope.today)
    context = {
        "rows": [{"place": place, "url": scope.link(request.path, period=None, area=place.code)} for place in below],
        "period": None,
        "may_manage": request.post.may("places.manage"),
    }
    return render(request, "desk/places.html", context)


@door("signed-in")
def changes(request):
    """Merges, splits and renamings: what became of what, when, by which paper."""
    form = PlaceChangeForm(request.POST or None, initial={"kind": "merge"})
    may_manage = request.post.may("places.manage")
    if request.method == "POST":
        return _change(request, form)
    context = {"rows": _changes(request), "form": form, "may_manage": may_manage}
    return render(request, "desk/places_changes.html", context)


def _changes(request) -> list[dict]:
    """Each change, and for a split how many people have no new village yet."""
    may_move = request.post.may("people.edit") and request.post.may("people.view")
    return [
        {
            "change": row,
            "left": people.left_behind(request.post, row).count() if row.kind == "split" and may_move else 0,
        }
        for row in queries.changes(request.post)
    ]


@door("people.edit")
def divide(request, pk):
    """Who is still on file in a village that was split: a new village for each, or one for all that the filters leave."""
    request.scope = scope = scope_of(request)
    change = queries.change(request.post, pk)
    if change is None:
        raise Http404
    asked = {name: request.GET[name] for name in DIVIDE_BY if request.GET.get(name)}
    found = people.left_behind(request.post, change, **asked)
    after = {place.code: place for place in change.after.all()}
    wrong = ""
    if request.method == "POST":
        try:
            moved = follow_change(by=request.user, post=request.post, change=change, to=_chosen(request, found, after))
        except Refusal as refusal:
            wrong = str(refusal)
        else:
            messages.success(request, _("%(count)s 份档案已编入新的村（社区）。") % {"count": moved})
            return redirect(request.get_full_path())
    total, page = found.count(), list(found[:DIVIDE_PAGE])
    audit.note("people.list", "place_change", change.pk, area_id=scope.post.place_id, rows=len(page))
    context = {
        "change": change, "rows": [{"person": person, "address": sealing.masked(person, "address"), "url": person_url(person)} for person in page],
        "total": total, "more": total - len(page), "after": list(after.items()), "given": request.GET, "wrong": wrong,
        "typed": {name.removeprefix("to-"): code for name, code in request.POST.items() if name.startswith("to-")},
        "options": options(), "back": scope.link(reverse("places-changes"), period=None), "period": None,
    }  # fmt: skip
    return render(request, "desk/places_divide.html", context, status=422 if wrong else 200)


def _chosen(request, found, after: dict) -> dict:
    """{person id: village} as chosen on the page: one by one, or all that the filters leave."""
    if request.POST.get("do") == "all":
        village = after.get(request.POST.get("village", ""))
        return dict.fromkeys(found.values_list("pk", flat=True), village) if village else {}
    given = {name.removeprefix("to-"): after.get(code) for name, code in request.POST.items() if name.startswith("to-")}
    return {int(pk): village for pk, village in given.items() if village is not None and pk.isdecimal()}


def _change(request, form):
    """One change and, where one village came of many, its people with it."""
    require(request.post, "places.manage")
    if form.is_valid():
        data = form.cleaned_data
        try:
            before = [queries.by_code(code, post=request.post) for code in data["before"]]
            made = actions.change(
                kind=data["kind"],
                before=before,
                after=data["after"],
                on=data["on"],
                document=data["document"],
                by=request.user.pk,
            )
            moved = follow_change(by=request.user, post=request.post, change=made) if data["kind"] == "merge" else 0
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("已登记变更，%(count)s 份档案转到新地点。") % {"count": moved})
            split = data["kind"] == "split" and request.post.may("people.edit")
            return redirect("places-divide", made.pk) if split else redirect("places-changes")
    context = {"rows": _changes(request), "form": form, "may_manage": "yes"}
    return render(request, "desk/places_changes.html", context, status=422)


@door("places.manage")
def bring_in(request):
    """Divisions from CSV, or outlines from GeoJSON with source, date and 审图号; all or nothing."""
    form = PlacesForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            said = _read(request, form.cleaned_data)
        except Refusal as refusal:
            form.add_error("file", str(refusal))
        else:
            messages.success(request, said)
            return redirect("places")
    return render(request, "desk/places_import.html", {"form": form}, status=422 if form.errors else 200)


def _read(request, data: dict) -> str:
    text = _text(data["file"].read())
    on: date | None = data["source_date"]
    if data["what"] == "outlines":
        try:
            collection = json.loads(text)
        except ValueError:
            collection = None
        count = actions.put_outlines(
            collection, source=data["source"], on=on, approval=data["approval"], by=request.user.pk
        )
        return _("已更新 %(count)s 个地点的边界。") % {"count": count}
    rows = list(csv.DictReader(io.StringIO(text)))
    if not rows or not {"code", "name"} <= set(rows[0]):
        raise Refusal(
            "place_columns",
            zh="文件里没有 code、name 两列。请把第一行写成列名再上传。",
            en="The file lacks the columns code and name. Put the column names into its first line.",
            field="file",
        )
    done = actions.put_places(rows, source=data["source"], source_date=on, by=request.user.pk)
    return _("区划：新增 %(added)s，更新 %(updated)s，无变化 %(unchanged)s。") % done


def _text(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refusal(
        "place_encoding",
        zh="文件编码看不懂。请另存为 UTF-8 编码的 CSV 再上传。",
        en="The file's encoding is not understood. Save it as CSV in UTF-8.",
        field="file",
    )

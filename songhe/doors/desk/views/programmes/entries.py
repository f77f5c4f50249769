"""What is entered with a paper where nothing else can know a figure: the form, the list, a correction, the file."""

from django.contrib import messages
from django.http import FileResponse, Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.doors.desk.forms.programmes import CorrectionForm, EntryForm
from songhe.doors.desk.scope import scope_of
from songhe.doors.desk.views.programmes.lines import number, page
from songhe.oversight.programmes import actions, definitions, queries
from songhe.oversight.programmes.definitions import Goal, Programme, entered, said
from songhe.oversight.programmes.models import Entry
from songhe.registry.accounts import queries as accounts
from songhe.registry.accounts.access import door
from songhe.registry.places.models import Place


def may_report(request, programme: Programme, wanted: Goal) -> list[Place]:
    """The places for which this post may write the figure down."""
    if not entered(wanted) or not request.post.may("programmes.enter"):
        return []
    asked = actions.reporters(programme, wanted)
    inside = set(Place.objects.within(request.post).filter(pk__in=[p.pk for p in asked]).values_list("pk", flat=True))
    return [place for place in asked if place.pk in inside]


def entry_form(request, wanted: Goal, offered: list[Place]) -> EntryForm | None:
    if not offered:
        return None
    rate = "rate" if said(wanted.definition.get("unit")) == queries.PERCENT else ""
    if request.method == "POST":
        return EntryForm(request.POST, request.FILES, places=offered, rate=rate)
    first = next((p for p in offered if p.code == request.GET.get("area")), offered[0])
    return EntryForm(places=offered, rate=rate, initial={"place": first.code})


def enter(request, programme: Programme, wanted: Goal, offered: list[Place], form: EntryForm | None):
    if form is None:
        raise Http404
    if not form.is_valid():
        return None
    given = form.cleaned_data
    place = next(p for p in offered if p.code == given.pop("place"))
    try:
        actions.enter_figure(
            programme=programme.id, goal=wanted.id, place=place, by=request.user, post=request.post,
            value=given["value"], base=given.get("base"), as_of=given["as_of"], evidence=given["evidence"], file=given["file"],
            note=given["note"],
        )  # fmt: skip
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return None
    messages.success(request, _("已登记：%(place)s %(value)s。") % {"place": place, "value": number(given["value"])})
    return redirect(request.get_full_path())


def entries(request, programme: Programme, wanted: Goal) -> list[dict]:
    found = queries.entries_of(post=request.post, programme=programme, goal=wanted)
    names = accounts.users_in(entry.by for entry in found)
    gone = {entry.corrects_id for entry in found}
    may = request.post.may("programmes.enter")
    return [
        {
            "entry": entry,
            "by": names.get(entry.by, _("系统")),
            "corrected": entry.pk in gone,
            "value": number(entry.value.normalize() if entry.value % 1 else int(entry.value)),
            "base": number(int(entry.base)) if entry.base else "",
            "correct_url": reverse("programme-correct", args=[entry.pk]) if may and entry.pk not in gone else "",
            "file_url": reverse("programme-evidence", args=[entry.pk]) if entry.file else "",
        }
        for entry in found
    ]


def _entry(request, pk: int) -> Entry:
    entry = Entry.objects.visible_to(request.post).filter(pk=pk).select_related("place").first()
    if entry is None:
        raise Http404
    return entry


@door("programmes.enter")
def correct(request, pk):
    """A wrong figure is put right by a new row; the old one stays and is shown struck out."""
    request.scope = scope_of(request)
    entry = _entry(request, pk)
    form = CorrectionForm(request.POST or None, initial={"value": entry.value, "base": entry.base})
    back = reverse("programme-goal", args=[entry.programme, entry.goal])
    if request.method == "POST" and form.is_valid():
        try:
            actions.correct_figure(entry=entry, by=request.user, post=request.post, **form.cleaned_data)
            messages.success(request, _("已更正，原来的一条仍保留备查。"))
            return redirect(back)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    wanted = definitions.named(entry.programme).goal(entry.goal)
    context = {"entry": entry, "form": form, "title": wanted.said("subject"), "back_url": back}
    return page(request, "desk/programme_correct.html", context, status=422 if form.is_bound else 200)


@door("programmes.view")
def evidence(request, pk):
    """The evidence file of an entry; every opening is written down."""
    entry = _entry(request, pk)
    if not entry.file:
        raise Http404
    audit.note("programmes.open_evidence", "entry", entry.pk, area_id=entry.place_id, hash=entry.file_hash[:16])
    return FileResponse(entry.file.open("rb"), as_attachment=True, filename=entry.file.name.rsplit("/", 1)[-1])

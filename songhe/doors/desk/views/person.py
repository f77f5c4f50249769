"""One person: everything known on one page (360°), the file as it stood on a day, and one sealed field against a reason."""

from datetime import date

from django.contrib import messages
from django.http import FileResponse, Http404
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from songhe.care.duties import boards
from songhe.care.duties import queries as duties
from songhe.care.visits import queries as visits
from songhe.care.visits.actions.enclose import photo_of, position_of
from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.doors.desk.forms.people import UnmaskForm
from songhe.doors.desk.views import person_parts as parts
from songhe.registry.accounts.access import door
from songhe.registry.accounts.queries import users_in
from songhe.registry.people import actions, queries, rules
from songhe.registry.people.models import Person

TABS = ("overview", "circumstances", "visits", "assessments", "events", "history")


def found(request, uid) -> Person:
    """The file inside the post's area; a merged one leads to the file it was merged into; 404 otherwise."""
    try:
        return queries.person_by_uid(request.post, uid)
    except Refusal as refusal:
        raise Http404(str(refusal)) from refusal


def file_url(person, tab: str = "") -> str:
    return reverse("person", args=[person.uid]) + (f"?tab={tab}" if tab else "")


def _route(name: str, **query) -> str:
    """The address of a page that another part of the desk may or may not have."""
    try:
        path = reverse(name)
    except NoReverseMatch:
        return ""
    return path + "?" + "&".join(f"{key}={value}" for key, value in query.items())


@door("people.view")
@never_cache
def one(request, uid):
    """The 360° page. `tab`: overview, circumstances, visits, assessments, events, history; `on`: as the file stood that day."""
    now = found(request, uid)
    if now.uid != uid:
        messages.info(request, _("这份档案已合并，现在看到的是合并后的档案。"))
        return redirect("person", uid=now.uid)
    post, today = request.post, timezone.localdate()
    file = queries.person_file(post, uid)  # writes the audit row of this reading
    person = file["person"]
    owed = duties.of_person(post=post, person=person.pk) if post.may("duties.view") else []
    seen = visits.timeline(post=post, person=person.pk, limit=50) if post.may("duties.view") else []
    named = boards.assignments_of(post=post, person=person.pk) if post.may("duties.view") else []
    paused = boards.excuses(post=post, person=person.pk) if post.may("duties.view") else []
    day = _day(request.GET.get("on", ""))
    tab = "history" if day else request.GET.get("tab") or TABS[0]
    if tab not in TABS:
        raise Http404(tab)
    heard = (
        visits.doorstep_notes(post=post, person=person.pk)
        if post.may("people.edit") or post.may("visits.record")
        else []
    )
    added = _enclosed(request, person, seen) if tab == "visits" and seen and post.may("visits.enclosures") else {}
    people = users_in(_accounts(file, seen) | {row.made_by for _label, _words, row in heard})
    context = {
        **file,
        "tab": tab,
        "tabs": _tabs(file, person, tab, seen),
        "today": today,
        "facts": parts.facts(file, people, today) + parts.doorstep(heard, people, today),
        "this_week": None if person.status == "deceased" else parts.this_week(owed, today),
        "owed": [parts.duty(row, today) for row in owed],
        "seen": [parts.visit(row, people, added) for row in seen],
        "named": [{"row": row, "held": row.valid_to is None or row.valid_to > today} for row in named],
        "paused": [row for row in paused if row.withdrawn_at is None],
        "held": [
            c for c in file["circumstances"] if c.valid_from <= today and not (c.valid_to and c.valid_to <= today)
        ],
        "happened": parts.happened(file, seen, people),
        "users": people,
        "circumstances": [parts.circumstance(row, people, today) for row in file["circumstances"]],
        "events": [{"row": row, "by": people.get(row.by)} for row in file["events"]],
        "assessments": [parts.assessment(row) for row in file["assessments"]],
        "versions": [parts.version(row, people) for row in file["versions"]],
        "then": parts.as_it_stood(person, day, today),
        "day": day,
        "links": _links(person, post),
        "possible": parts.possible(person),
        "may": {name: post.may(f"people.{name}") for name in ("edit", "unmask", "merge")}
        | {"assess": post.may("assessment.record")},
    }
    return render(request, "desk/person.html", context)


def _enclosed(request, person, seen) -> dict[int, dict]:
    """{visit: its position in words and the address of its photograph}; the reading is in the audit."""
    found = visits.enclosures(post=request.post, visits=[row.id for row in seen])
    if found:
        audit.note("visits.enclosures", "person", person.pk, area_id=person.village_id, rows=len(found))
    return {
        visit: {
            "position": position_of(row),
            "photo_url": reverse("visit-photo", args=[row.pk]) if row.stored_as else "",
        }
        for visit, row in found.items()
    }


@door("visits.enclosures")
@never_cache
def photo(request, pk):
    """A photograph that was added to a visit."""
    row = visits.enclosure(post=request.post, pk=pk)
    if row is None or not row.stored_as:
        raise Http404(pk)
    audit.note("visits.photo", "person", row.person_id, area_id=row.village_id, visit=row.visit_id)
    return FileResponse(photo_of(row), content_type="image/jpeg")


def _day(text: str) -> date | None:
    """The day asked for, or None without one; Refusal for a text that is no day."""
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if text and day is None:
        raise Refusal(
            "bad_day",
            zh=f"“{text[:20]}”不是日期。请写成 2026-09-30。",
            en=f"“{text[:20]}” is not a day. Write it like 2026-09-30.",
            field="on",
        )
    return day


def _accounts(file: dict, seen: list) -> set[int]:
    person = file["person"]
    ids = {person.verified_by, person.changed_by, *(s.verified_by for s in file["sources"].values())}
    ids |= {c.verified_by for c in file["circumstances"]} | {e.by for e in file["events"]} | {v.made_by for v in seen}
    ids |= {v["by"] for v in file["versions"]} | {v.entered_by for v in seen}
    return {pk for pk in ids if pk}


def _tabs(file: dict, person, tab: str, seen: list) -> list[dict]:
    words = {
        "overview": (_("概况"), None),
        "circumstances": (_("困难情形"), len(file["circumstances"])),
        "visits": (_("探访"), None if len(seen) == 50 else len(seen)),
        "assessments": (_("能力评估"), len(file["assessments"])),
        "events": (_("事件"), len(file["events"])),
        "history": (_("来源与历史"), None),
    }
    return [
        {"label": words[key][0], "count": words[key][1], "url": file_url(person, key), "current": key == tab}
        for key in TABS
    ]


def _links(person, post) -> dict[str, str]:
    """Pages of other parts of the desk that start from this person."""
    return {
        "visit": _route("visit-new", person=person.uid) if post.may("visits.record") else "",
        "helper": _route("helpers-unnamed", area=person.village.code)
        if post.may("helpers.manage") and not person.helper_named
        else "",
        "excuse": _route("excuse-new", person=person.uid) if post.may("duties.excuse") else "",
        "village": f"{reverse('people')}?area={person.village.code}",
    }


@door("people.unmask")
@never_cache
def unmask(request, uid, field):
    """One sealed field in clear, against a written reason; shown once, never kept in an address."""
    person = found(request, uid)
    if field not in rules.SEALED:
        raise Http404(field)
    form = UnmaskForm(request.POST or None)
    clear = None
    if request.method == "POST" and form.is_valid():
        try:
            clear = actions.unmask(by=request.user, post=request.post, person=person, field=field, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    context = {
        "person": person,
        "field": field,
        "label": parts.field_words()[f"{rules.SEALED[field]}"],
        "form": form,
        "clear": clear,
    }
    context["contacts"] = person.contacts.all() if field == "phone" else []
    context["links"] = _links(person, request.post)
    return render(request, "desk/person_unmask.html", context, status=422 if form.errors else 200)


@door("people.unmask")
@never_cache
def contact_phone(request, uid, pk):
    """A contact's number in clear, against a written reason."""
    person = found(request, uid)
    contact = person.contacts.filter(pk=pk).first()
    if contact is None:
        raise Http404(pk)
    form = UnmaskForm(request.POST or None)
    clear = None
    if request.method == "POST" and form.is_valid():
        try:
            clear = actions.contact_phone(by=request.user, post=request.post, contact=contact, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    label = _("%(name)s（%(relation)s）的电话") % {"name": contact.name, "relation": contact.get_relation_display()}
    context = {"person": person, "field": "contact", "label": label, "form": form, "clear": clear}
    context["links"] = _links(person, request.post)
    return render(request, "desk/person_unmask.html", context, status=422 if form.errors else 200)


@door("people.edit")
@require_POST
def verify(request, uid):
    """Somebody looked and the file is right."""
    person = found(request, uid)
    actions.verify(by=request.user, post=request.post, person=person)
    messages.success(request, _("已核实：%(name)s的档案信息从今天起重新计算核实时间。") % {"name": person.name})
    return redirect("person", uid=person.uid)

"""Forms that change a file: open it, edit it, circumstances, events, papers, merging. Each calls one verb."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from songhe.care.duties.actions import apply_events
from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.doors.desk.forms import people as forms
from songhe.doors.desk.scope import scope_of
from songhe.doors.desk.views.person import file_url, found
from songhe.doors.desk.views.person_parts import facts, possible
from songhe.registry.accounts.access import door
from songhe.registry.people import actions, queries, rules, terms
from songhe.registry.people.models import Circumstance, LifeEvent, Merge
from songhe.registry.places.queries import by_code, villages

MOST_VILLAGES = 1500  # beyond this a page of choices helps nobody: choose a county or township first


def put(form, refusal: Refusal) -> None:
    """A refusal at its field, or on top of the form."""
    form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))


def page(request, template: str, form, **context):
    """A form page: 422 when something is to be put right, so that nothing on the screen is lost."""
    context |= {"form": form, "sources": forms.SOURCES}
    return render(request, template, context, status=422 if form.errors else 200)


@door("people.edit")
@require_POST
def id_check(request):
    """What a typed ID number says, while typing: birth date, sex, age. Posted, so that the number stands in no log."""
    given = request.POST.copy()
    form = forms.IdentityForm(given)
    reading = form.read_id()
    if reading and reading.ok:
        given["birth"], given["sex"] = reading.birth.isoformat(), forms.SEX[reading.sex]
    shown = forms.IdentityForm(initial={"birth": given.get("birth"), "sex": given.get("sex")})
    return render(request, "desk/parts/born.html", {"form": shown, "said": form.said()})


@door("people.edit")
def new(request):
    """Open a file. Files that look like the same person are shown before anything is saved."""
    request.scope = scope = scope_of(request)
    choices = list(villages(scope.place, scope.today)[: MOST_VILLAGES + 1])
    if len(choices) > MOST_VILLAGES:
        return render(request, "desk/person_new.html", {"too_wide": True, "period": None})
    start = {"village": scope.place.code if scope.place.level == "village" else ""}
    form = forms.PersonForm(request.POST or None, villages=choices, initial=start)
    alike = []
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        village = by_code(data.pop("village"), post=request.post)
        try:
            typed = {name: data[name] for name in ("name", "id_number", "sex", "birth", "phone")}
            if request.POST.get("sure") != "yes":
                alike = queries.warn_duplicates(request.post, village=village, **typed)
            if not alike:
                data["circumstances"] = tuple(data["circumstances"])
                person = actions.register(by=request.user, post=request.post, village=village, **data)
        except Refusal as refusal:
            put(form, refusal)
        else:
            if not alike:
                messages.success(request, _("已为%(name)s建档。") % {"name": person.name})
                return redirect("person", uid=person.uid)
    context = {"said": form.said() if form.is_bound else {}, "alike": alike, "period": None, "today": scope.today}
    return page(request, "desk/person_new.html", form, **context)


@door("people.edit")
@never_cache
def edit(request, uid):
    """Change a file. The page carries what it showed; a field somebody else changed meanwhile is refused, not overwritten."""
    person = found(request, uid)
    now = {field: actions.shown(person, field) for field in forms.SHOWN}
    if request.method == "POST":
        seen = {field: request.POST.get(f"seen-{field}", "") for field in forms.SHOWN}
        form = forms.EditForm(request.POST)
        if form.is_valid():
            changes = form.changes(seen)
            based_on = {field: seen[field] for field in changes}
            source = form.cleaned_data["source"]
            try:
                actions.edit(
                    by=request.user, post=request.post, person=person, changes=changes, based_on=based_on, source=source
                )
            except Refusal as refusal:
                put(form, refusal)
            else:
                words = _("已保存 %(count)s 处修改。") % {"count": len(changes)} if changes else _("没有改动。")
                messages.success(request, words)
                return redirect("person", uid=person.uid)
    else:
        audit.note("people.read", "person", person.pk, area_id=person.village_id, page="edit")
        form = forms.EditForm(initial={field: now[field] for field in forms.SHOWN if field not in rules.SEALED})
    for field in rules.SEALED:
        form.fields[field].widget.attrs["placeholder"] = now[field]
    context = {"person": person, "seen": now, "said": form.said() if form.is_bound else {}}
    return page(request, "desk/person_edit.html", form, **context)


@door("people.edit")
def circumstance(request, uid):
    person = found(request, uid)
    form = forms.CircumstanceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_circumstance(by=request.user, post=request.post, person=person, **form.cleaned_data)
        except Refusal as refusal:
            put(form, refusal)
        else:
            messages.success(request, _("已登记困难情形。"))
            return redirect(file_url(person, "circumstances"))
    context = {"person": person, "title": _("登记困难情形"), "back": file_url(person, "circumstances")}
    return page(request, "desk/person_form.html", form, **context)


@door("people.edit")
def circumstance_end(request, uid, pk):
    """A circumstance no longer holds; its row stays with its dates."""
    person = found(request, uid)
    row = _mine(Circumstance.objects.visible_to(request.post), person, pk)
    form = forms.EndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.end_circumstance(by=request.user, post=request.post, circumstance=row, **form.cleaned_data)
        except Refusal as refusal:
            put(form, refusal)
        else:
            messages.success(request, _("已终止“%(kind)s”。") % {"kind": row.get_kind_display()})
            return redirect(file_url(person, "circumstances"))
    title = _("终止%(name)s的“%(kind)s”") % {"name": person.name, "kind": row.get_kind_display()}
    lead = _("自 %(from)s 起，来源：%(source)s。") % {"from": row.valid_from, "source": row.source}
    context = {"person": person, "title": title, "lead": lead, "back": file_url(person, "circumstances")}
    return page(request, "desk/person_form.html", form, action=_("终止"), kind="danger", **context)


def _mine(rows, person, pk):
    row = rows.filter(person=person, pk=pk).first()
    if row is None:
        raise Http404(pk)
    return row


@door("people.edit")
def event(request, uid, kind):
    """A life event: what will follow from it stands above the form; the grave ones name the person and need a reason."""
    person = found(request, uid)
    if kind not in dict(possible(person)):
        raise Http404(kind)
    near = (
        villages(person.county or request.post.place, timezone.localdate())
        if kind in ("move_within", "move_in")
        else ()
    )
    form = forms.EventForm(request.POST or None, kind=kind, name=person.name, villages=near)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        village = by_code(data["village"]) if data.get("village") else None
        try:
            made = actions.record_event(
                by=request.user, post=request.post, person=person, kind=kind, on=data["on"], village=village,
                note=data["note"], source=data["source"],
            )  # fmt: skip
        except Refusal as refusal:
            put(form, refusal)
        else:
            apply_events(
                by=request.user, post=request.post, people=[person.pk]
            )  # what is owed follows at once, not overnight
            undo = reverse("person-event-undo", args=[person.uid, made.pk])
            said = _("已登记%(name)s：%(event)s。") % {"name": person.name, "event": made.get_kind_display()}
            messages.success(request, format_html('{} <a href="{}">{}</a>', said, undo, _("撤销")))
            return redirect(file_url(person, "events")) if _still_here(request, uid) else redirect("people")
    words = dict(terms.EVENTS)[kind]
    context = {
        "person": person,
        "title": _("登记%(name)s：%(event)s") % {"name": person.name, "event": words},
        "back": file_url(person, "events"),
        "follows": _follows(kind),
        "action": _("登记%(event)s") % {"event": words},
        "kind": "danger" if kind in forms.FINAL else "primary",
    }
    return page(request, "desk/person_form.html", form, **context)


def _still_here(request, uid) -> bool:
    """Whoever moved to another village may have left the area of whoever recorded it."""
    try:
        return bool(queries.person_by_uid(request.post, uid))
    except Refusal:
        return False


def _follows(kind: str) -> list[str]:
    """What an event changes, in words."""
    effect = rules.EFFECTS[kind]
    out = []
    if effect.status:
        out.append(_("状态变为“%(status)s”。") % {"status": dict(terms.STATUSES)[effect.status]})
    if effect.closes:
        out.append(_("从这一天起不再计入应探访人数；已有的记录都保留。"))
    if effect.opens:
        out.append(_("从这一天起重新计入应探访人数。"))
    if kind in ("move_within", "move_in"):
        out.append(_("档案转到迁入的村（社区），由那里的工作人员接着办理。"))
    out.append(_("登记有误时可以撤销，撤销也留记录。"))
    return out


@door("people.edit")
def event_undo(request, uid, pk):
    person = found(request, uid)
    row = _mine(LifeEvent.objects.visible_to(request.post), person, pk)
    form = forms.ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.undo_event(by=request.user, post=request.post, event=row, **form.cleaned_data)
            apply_events(by=request.user, post=request.post, people=[person.pk])
        except Refusal as refusal:
            put(form, refusal)
        else:
            messages.success(request, _("已撤销“%(event)s”。") % {"event": row.get_kind_display()})
            return redirect(file_url(person, "events"))
    title = _("撤销%(name)s的“%(event)s”") % {"name": person.name, "event": row.get_kind_display()}
    context = {
        "person": person,
        "title": title,
        "back": file_url(person, "events"),
        "action": _("撤销"),
        "kind": "danger",
    }
    return page(request, "desk/person_form.html", form, lead=_("登记日期 %(on)s。") % {"on": row.on}, **context)


def _paper(request, uid, form, verb, title, done, **extra):
    """A contact, consent or benefit: one form, one verb, back to the overview."""
    person = found(request, uid)
    if request.method == "POST" and form.is_valid():
        try:
            verb(by=request.user, post=request.post, person=person, **form.cleaned_data, **extra)
        except Refusal as refusal:
            put(form, refusal)
        else:
            messages.success(request, done)
            return redirect("person", uid=person.uid)
    return page(request, "desk/person_form.html", form, person=person, title=title, back=file_url(person))


@door("people.edit")
def contact(request, uid):
    form = forms.ContactForm(request.POST or None)
    return _paper(request, uid, form, actions.add_contact, _("加联系人"), _("已加联系人。"))


@door("people.edit")
@require_POST
def contact_remove(request, uid, pk):
    person = found(request, uid)
    row = _mine(person.contacts.all(), person, pk)
    actions.remove_contact(by=request.user, post=request.post, contact=row)
    messages.success(request, _("已删去联系人%(name)s。") % {"name": row.name})
    return redirect("person", uid=person.uid)


@door("people.edit")
def consent(request, uid):
    form = forms.ConsentForm(request.POST or None)
    return _paper(request, uid, form, actions.consent, _("登记同意书"), _("已登记同意书。"))


@door("people.edit")
@require_POST
def consent_withdraw(request, uid, pk):
    person = found(request, uid)
    row = _mine(person.consents.all(), person, pk)
    actions.withdraw_consent(by=request.user, post=request.post, consent=row, on=timezone.localdate())
    messages.success(request, _("已登记撤回同意。"))
    return redirect("person", uid=person.uid)


@door("people.edit")
def benefit(request, uid):
    form = forms.BenefitForm(request.POST or None)
    return _paper(request, uid, form, actions.grant_benefit, _("登记待遇或证件"), _("已登记。"))


@door("people.edit")
def household(request, uid):
    """Put somebody else of the village under the same roof, found by ID number."""
    person = found(request, uid)
    form = forms.HouseholdForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        page_of = queries.people_list(
            request.post, place=person.village, q=form.cleaned_data["other"], size=2, count="no"
        )
        if len(page_of.rows) != 1 or page_of.rows[0].pk == person.pk:
            form.add_error("other", _("本村没有这个号码的档案。请核对号码，或先为同住人建档。"))
        else:
            try:
                actions.share_household(
                    by=request.user,
                    post=request.post,
                    people=[person, page_of.rows[0]],
                    number=form.cleaned_data["number"],
                )
            except Refusal as refusal:
                put(form, refusal)
            else:
                messages.success(request, _("已登记同住。"))
                return redirect("person", uid=person.uid)
    return page(request, "desk/person_form.html", form, person=person, title=_("登记同住人"), back=file_url(person))


@door("people.merge")
@never_cache
def merge(request, uid, other):
    """Two files side by side; choose the one that stays. It can be undone."""
    pair = [found(request, uid), found(request, other)]
    if pair[0].pk == pair[1].pk:
        messages.info(request, _("这两份档案已经合并。"))
        return redirect("person", uid=pair[0].uid)
    files = [queries.person_file(request.post, person.uid) for person in pair]
    form = forms.MergeForm(request.POST or None, pair=pair, initial={"kept": str(pair[0].uid)})
    if request.method == "POST" and form.is_valid():
        kept, absorbed = pair if form.cleaned_data["kept"] == str(pair[0].uid) else pair[::-1]
        try:
            made = actions.merge(
                by=request.user, post=request.post, kept=kept, absorbed=absorbed, reason=form.cleaned_data["reason"]
            )
        except Refusal as refusal:
            put(form, refusal)
        else:
            undo = reverse("person-merge-undo", args=[made.pk])
            said = _("已合并到%(name)s的档案。") % {"name": kept.name}
            messages.success(request, format_html('{} <a href="{}">{}</a>', said, undo, _("撤销合并")))
            return redirect("person", uid=kept.uid)
    context = {"pair": pair, "files": files, "rows": _beside(files), "today": timezone.localdate()}
    return page(request, "desk/person_merge.html", form, **context)


def _beside(files: list[dict]) -> list[dict]:
    """Both files row by row, with what differs marked."""
    sides = [facts(file, {}, timezone.localdate()) for file in files]
    rows = [
        {"label": a["label"], "values": [a["value"], b["value"]], "differs": a["value"] != b["value"]}
        for a, b in zip(*sides, strict=True)
    ]
    counted = {
        "circumstances": _("困难情形"), "contacts": _("联系人"), "assessments": _("评估"), "events": _("事件"),
        "benefits": _("待遇"), "consents": _("同意书"),
    }  # fmt: skip
    for key, label in counted.items():
        values = [len(file[key]) for file in files]
        rows.append(
            {"label": label, "values": [_("%(n)s 条") % {"n": n} for n in values], "differs": values[0] != values[1]}
        )
    return rows


@door("people.merge")
def merge_undo(request, pk):
    """Two files again."""
    row = (
        Merge.objects.visible_to(request.post).select_related("kept", "absorbed").filter(pk=pk, undone_at=None).first()
    )
    if row is None:
        raise Http404(pk)
    if request.method == "POST":
        actions.undo_merge(by=request.user, post=request.post, record=row)
        messages.success(request, _("已撤销合并，恢复为两份档案。"))
        return redirect("person", uid=row.absorbed.uid)
    return render(request, "desk/person_merge_undo.html", {"row": row})
